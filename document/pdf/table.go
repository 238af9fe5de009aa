package pdf

import (
	"comity/document"
	"comity/document/typeface"
)

const (
	cellSize = 9.0
	cellPad  = 5.0
	rowPad   = 3.5
)

// cell is one cell of a row, laid out.
type cell struct {
	lines []line
	x     float64
	width float64
	side  side
	tag   *element
}

// table returns a table as rows that are not cut, each page with the head.
func (w *writer) table(t document.Table) []item {
	w.tables++
	e := w.tree.root.under("Table")
	items := w.caption(w.doc.Words.Table, w.tables, t.Caption, e.under("Caption"))
	for i := range items {
		items[i].glued = true
	}
	items[0].gap = 9
	xs, widths := w.columns(t)
	group := &rows{}
	head := w.headRow(t, xs, widths, e)
	repeated := head
	cells := w.headCells(t, xs, widths, nil)
	repeated.draw = func(p *page, y float64) { w.drawHead(p, y, head.height, cells) }
	group.head = &repeated
	items = append(items, head)
	for i, row := range t.Rows {
		r := w.bodyRow(t, row, xs, widths, e)
		for j := range r {
			r[j].rows = group
		}
		if i == len(t.Rows)-2 && len(r) == 1 {
			r[0].glued = true // the last row does not stand alone
		}
		items = append(items, r...)
	}
	return items
}

func (w *writer) headRow(t document.Table, xs, widths []float64, e *element) item {
	cells := w.headCells(t, xs, widths, e.under("TR"))
	height := rowHeight(cells, w.leading(cellSize)) + 2
	return item{height: height, glued: len(t.Rows) > 0, draw: func(p *page, y float64) { w.drawHead(p, y, height, cells) }}
}

// headCells returns the names of the columns; without an element they are the head that is only repeated.
func (w *writer) headCells(t document.Table, xs, widths []float64, row *element) []cell {
	var cells []cell
	for i, c := range t.Columns {
		n := cell{x: xs[i] + cellPad, width: widths[i] - 2*cellPad, side: sideOf(c)}
		if row != nil {
			n.tag = row.under("TH")
			n.tag.attrs = "/O/Table/Scope/Column"
		}
		n.lines = w.shape.lines([]stretch{{text: c.Name, size: cellSize, ink: inkHead, style: typeface.Style{Bold: true}}}, n.width)
		cells = append(cells, n)
	}
	return cells
}

func sideOf(c document.Column) side {
	if c.Number {
		return end
	}
	return start
}

func rowHeight(cells []cell, leading float64) float64 {
	most := 1
	for _, c := range cells {
		most = max(most, len(c.lines))
	}
	return float64(most)*leading + 2*rowPad
}

func (w *writer) drawHead(p *page, y, height float64, cells []cell) {
	ground := func() {
		p.area(sideMargin, y, pageWidth-sideMargin, y+height, inkTable)
		p.rule(sideMargin, y+height, pageWidth-sideMargin, y+height, 1, inkHead)
	}
	if cells[0].tag != nil {
		p.artifact("", ground)
	} else {
		ground()
	}
	w.drawCells(p, y+1, cells)
}

func (w *writer) drawCells(p *page, y float64, cells []cell) {
	leading := w.leading(cellSize)
	for _, c := range cells {
		for i, l := range c.lines {
			top := y + rowPad + float64(i)*leading
			p.line(l, w.left(l, c.x, c.width, c.side), top+leading*baseline, c.tag)
			w.link(p, l, room{x: c.x, width: c.width, leading: leading, side: c.side}, top)
		}
	}
}

// bodyRow returns a row; one that is higher than half a page is cut into parts, so that none is higher than a page.
func (w *writer) bodyRow(t document.Table, row [][]document.Run, xs, widths []float64, e *element) []item {
	tr := e.under("TR")
	var cells []cell
	for i, runs := range row {
		kind := "TD"
		if i == 0 && t.Headers {
			kind = "TH"
		}
		n := cell{x: xs[i] + cellPad, width: widths[i] - 2*cellPad, side: sideOf(t.Columns[i]), tag: tr.under(kind)}
		if kind == "TH" {
			n.tag.attrs = "/O/Table/Scope/Row"
		}
		n.lines = w.shape.lines(w.stretches(runs, cellSize, inkText, false, n.tag), n.width)
		cells = append(cells, n)
	}
	var items []item
	for len(cells) > 0 {
		part, rest := splitCells(cells)
		items = append(items, w.rowItem(part, rest == nil))
		cells = rest
	}
	return items
}

// mostLines is how many lines of a row stay together.
const mostLines = 24

// splitCells takes the first lines of a row; rest is nil if they were all.
func splitCells(cells []cell) (part, rest []cell) {
	more := false
	for _, c := range cells {
		a, b := c, c
		n := min(mostLines, len(c.lines))
		a.lines, b.lines = c.lines[:n], c.lines[n:]
		more = more || len(b.lines) > 0
		part, rest = append(part, a), append(rest, b)
	}
	if !more {
		return part, nil
	}
	return part, rest
}

func (w *writer) rowItem(cells []cell, last bool) item {
	height := rowHeight(cells, w.leading(cellSize))
	i := item{height: height, draw: func(p *page, y float64) {
		w.drawCells(p, y, cells)
		if last {
			p.artifact("", func() { p.rule(sideMargin, y+height, pageWidth-sideMargin, y+height, 0.5, inkGrid) })
		}
	}}
	for _, c := range cells {
		for _, l := range c.lines {
			i.notes = append(i.notes, l.notes()...)
		}
	}
	return i
}
