package pdf

import "comity/document"

// item is what is not cut by the end of a page: a line, a row of a table, a chart.
type item struct {
	height  float64
	gap     float64 // before it; none at the top of a page
	glued   bool    // it stays on the page of the next one
	notes   []*note
	rows    *rows                    // the table whose row it is
	draw    func(p *page, y float64) // y is its upper edge
	endPage bool                     // it ends the page and has no height
}

// rows is a table whose rows may go on on further pages, each with the head again.
type rows struct {
	head   *item // drawn as an artifact on further pages
	caught bool  // a row stands on a page already
}

// note is a footnote.
type note struct {
	number  int
	lines   []line
	tag     *element
	leading float64
}

func (n *note) height() float64 { return float64(len(n.lines)) * n.leading }

// noteRule is the space of the rule above a page's footnotes.
const noteRule = 12.0

// place puts items on pages, chains of glued ones together.
func (w *writer) place(items []item) {
	for len(items) > 0 {
		n := 1
		for n < len(items) && items[n-1].glued {
			n++
		}
		w.chain(items[:n])
		items = items[n:]
	}
}

// chain puts items on one page, a new one if there is no room; a chain that no page has room for is cut where it must be.
func (w *writer) chain(items []item) {
	if w.y > topMargin && !w.fits(items...) {
		w.turn()
	}
	for _, i := range items {
		if w.y > topMargin && !w.fits(i) {
			w.turn()
		}
		w.put(i)
	}
}

// fits reports whether items and the notes that they call have room below what is on the page.
func (w *writer) fits(items ...item) bool {
	need, notes := 0.0, w.notesHeight
	for _, i := range items {
		need += i.gap + i.height
		for _, n := range i.notes {
			if notes == 0 {
				notes = noteRule
			}
			notes += n.height()
		}
	}
	return w.y+need <= pageHeight-bottomMargin-notes
}

func (w *writer) put(i item) {
	if i.endPage {
		if w.y > topMargin {
			w.turn()
		}
		return
	}
	if w.y > topMargin {
		w.y += i.gap
	}
	if i.rows != nil && i.rows.caught && w.y == topMargin {
		w.page.artifact("", func() { i.rows.head.draw(w.page, w.y) })
		w.y += i.rows.head.height
	}
	if i.rows != nil {
		i.rows.caught = true
	}
	i.draw(w.page, w.y)
	w.y += i.height
	for _, n := range i.notes {
		if len(w.pageNotes) == 0 {
			w.notesHeight = noteRule
		}
		w.pageNotes = append(w.pageNotes, n)
		w.notesHeight += n.height()
	}
}

// turn ends the page, with its notes at the foot, and begins the next.
func (w *writer) turn() {
	w.endPage()
	w.beginPage()
}

func (w *writer) beginPage() {
	w.page = &page{number: w.file.reserve()}
	w.y, w.pageNotes, w.notesHeight = topMargin, nil, 0
}

func (w *writer) endPage() {
	y := pageHeight - bottomMargin - w.notesHeight + noteRule
	if len(w.pageNotes) > 0 {
		from, to := sideMargin, sideMargin+120
		if w.shape.turned {
			from, to = pageWidth-sideMargin-120, pageWidth-sideMargin
		}
		w.page.artifact("", func() { w.page.rule(from, y-6, to, y-6, 0.6, inkQuiet) })
	}
	for _, n := range w.pageNotes {
		for _, l := range n.lines {
			w.page.line(l, w.left(l, sideMargin, textWidth, start), y+n.leading*baseline, n.tag)
			y += n.leading
		}
	}
	w.page.mark(nil)
	w.finished = append(w.finished, finished{
		number: w.page.number, content: w.file.stream("", w.page.b.Bytes()), annotations: w.page.annotations,
	})
	w.tree.pages = append(w.tree.pages, w.page.marks)
}

// finished is a page whose content is in the file.
type finished struct {
	number, content int
	annotations     []int
}

// side is where a line stands in its room.
type side uint8

const (
	start side = iota // where reading begins
	end
	middle
)

// left returns where the left end of a line is, in a room that begins at x.
func (w *writer) left(l line, x, width float64, at side) float64 {
	rest := width - l.width
	switch {
	case at == middle:
		return x + rest/2
	case (at == end) != w.shape.turned:
		return x + rest
	default:
		return x
	}
}

// baseline is how far below the upper edge of a line its base is, as a share of its height.
const baseline = 0.73

// textItems returns the lines of a text as items that leave no single line behind, or before.
func (w *writer) textItems(lines []line, r room, e *element) []item {
	items := make([]item, len(lines))
	for i, l := range lines {
		items[i] = item{
			height: r.leading, notes: l.notes(), glued: len(lines) < 4 && i < len(lines)-1 || i == 0 && len(lines) > 1 || i == len(lines)-2,
			draw: func(p *page, y float64) {
				p.line(l, w.left(l, r.x, r.width, r.side), y+r.leading*baseline, e)
				w.link(p, l, r, y)
			},
		}
	}
	if len(items) > 0 {
		items[0].gap = r.gap * w.dense
	}
	return items
}

// room is where a text goes.
type room struct {
	x, width float64
	leading  float64 // height of a line
	gap      float64 // above
	side     side
}

// link lays the addresses of a line over it.
func (w *writer) link(p *page, l line, r room, y float64) {
	x := w.left(l, r.x, r.width, r.side)
	for _, s := range l.spans {
		if s.of.link == "" || len(s.glyphs) == 0 {
			continue
		}
		n := w.file.add("<</Type/Annot/Subtype/Link/F 4/Border[0 0 0]/StructParent " + num(float64(annotationKey+len(w.tree.single))) +
			"/Rect[" + num(x+s.x) + " " + num(pageHeight-y-r.leading) + " " + num(x+s.x+s.width) + " " + num(pageHeight-y) + "]/Contents" + text(s.of.link) +
			"/A<</S/URI/URI" + ascii(s.of.link) + ">>>>")
		p.annotations = append(p.annotations, n)
		w.tree.single = append(w.tree.single, s.of.tag)
		s.of.tag.kids = append(s.of.tag.kids, kid{page: p.number, annotation: n})
	}
}

// columns returns where the columns of a table begin and how wide they are, in the order of reading.
func (w *writer) columns(t document.Table) (xs, widths []float64) {
	sum := 0.0
	for _, c := range t.Columns {
		sum += max(c.Weight, 0)
		if c.Weight <= 0 {
			sum++
		}
	}
	x := sideMargin
	if w.shape.turned {
		x = pageWidth - sideMargin
	}
	for _, c := range t.Columns {
		weight := c.Weight
		if weight <= 0 {
			weight = 1
		}
		width := textWidth * weight / sum
		if w.shape.turned {
			x -= width
		}
		xs, widths = append(xs, x), append(widths, width)
		if !w.shape.turned {
			x += width
		}
	}
	return xs, widths
}
