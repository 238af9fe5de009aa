package pdf

import (
	"bytes"
	"fmt"
	"math"

	"comity/document"
)

// The page: A4, in points, with room for the head and foot.
const (
	pageWidth    = 595.28
	pageHeight   = 841.89
	sideMargin   = 56.7 // 20 mm
	topMargin    = 70.0
	bottomMargin = 66.0
	textWidth    = pageWidth - 2*sideMargin
)

// page is one page being drawn. Heights count from its upper edge.
type page struct {
	number      int // of its object
	b           bytes.Buffer
	open        *element // whose content is being drawn
	marks       []*element
	annotations []int
}

// mark begins the content of an element, unless it goes on; nil ends what is open.
func (p *page) mark(e *element) {
	if p.open == e {
		return
	}
	if p.open != nil {
		p.b.WriteString("EMC\n")
	}
	p.open = e
	if e == nil {
		return
	}
	fmt.Fprintf(&p.b, "/%s<</MCID %d>>BDC\n", e.kind, len(p.marks))
	e.kids = append(e.kids, kid{page: p.number, mark: len(p.marks)})
	p.marks = append(p.marks, e)
}

// artifact draws what readers aloud pass over, such as rules and the marking of a page, which they know from its first.
func (p *page) artifact(kind string, draw func()) {
	p.mark(nil)
	if kind == "" {
		p.b.WriteString("/Artifact BMC\n")
	} else {
		fmt.Fprintf(&p.b, "/Artifact<</Type/Pagination/Subtype/%s>>BDC\n", kind)
	}
	draw()
	p.b.WriteString("EMC\n")
}

// colour returns the operands of a colour "#rrggbb".
func colour(ink string) string {
	var r, g, b int
	if n, err := fmt.Sscanf(ink, "#%02x%02x%02x", &r, &g, &b); err != nil || n != 3 {
		return "0 0 0"
	}
	return num(float64(r)/255) + " " + num(float64(g)/255) + " " + num(float64(b)/255)
}

func (p *page) rule(x, y, x2, y2, width float64, ink string) {
	fmt.Fprintf(&p.b, "%s RG %s w %s %s m %s %s l S\n", colour(ink), num(width), num(x), num(pageHeight-y), num(x2), num(pageHeight-y2))
}

func (p *page) area(x, y, x2, y2 float64, ink string) {
	fmt.Fprintf(&p.b, "%s rg %s %s %s %s re f\n", colour(ink), num(x), num(pageHeight-y2), num(x2-x), num(y2-y))
}

// line draws a line of text whose left end is at x and whose base is at y.
func (p *page) line(l line, x, y float64, e *element) {
	for _, s := range l.spans {
		owner := s.of.tag
		if owner == nil {
			owner = e
		}
		if owner != nil {
			p.mark(owner)
		}
		p.span(s, x+s.x, y)
	}
}

// span draws a part of a line, its signs from left to right as they are seen: programs that copy or read aloud expect that
// and turn what is read from right to left. Dots of letters come after, so that they do not tear words apart, and say that
// they are no text.
func (p *page) span(s span, x, y float64) {
	if len(s.glyphs) == 0 {
		return
	}
	ink := colour(s.of.ink)
	fmt.Fprintf(&p.b, "BT %s rg /%s %s Tf ", ink, s.font.name, num(s.size))
	if s.font.Embolden {
		fmt.Fprintf(&p.b, "2 Tr %s w %s RG ", num(s.size*0.035), ink)
	}
	whole, parts := s.split()
	p.signs(s, whole, x, y-s.of.rise)
	if len(parts) > 0 {
		p.b.WriteString("/Span<</ActualText()>>BDC ")
		p.signs(s, parts, x, y-s.of.rise)
		p.b.WriteString("EMC ")
	}
	if s.font.Embolden {
		p.b.WriteString("0 Tr ")
	}
	p.b.WriteString("ET\n")
}

// placed is a sign with where it stands from the left end of its span.
type placed struct {
	code  uint16
	x     float64
	raise float32
}

// split returns the signs that show text, and those that are parts of their neighbours.
func (s span) split() (whole, parts []placed) {
	at := 0.0
	for _, g := range s.glyphs {
		n := placed{g.code, at + float64(g.x), g.y}
		if g.part {
			parts = append(parts, n)
		} else {
			whole = append(whole, n)
		}
		at += float64(g.step)
	}
	return whole, parts
}

// signs writes signs in one go, each moved from where the one before it left the pen.
func (p *page) signs(s span, list []placed, x, y float64) {
	if len(list) == 0 {
		return
	}
	pen, raised := list[0].x, float32(0)
	fmt.Fprintf(&p.b, "1 0 0 1 %s %s Tm [", num(x+pen), num(pageHeight-y))
	for _, g := range list {
		if g.raise != raised {
			fmt.Fprintf(&p.b, "]TJ %s Ts [", num(float64(g.raise)))
			raised = g.raise
		}
		if off := math.Round((pen - g.x) * 1000 / s.size); off != 0 {
			fmt.Fprintf(&p.b, "%.0f", off)
			pen -= off * s.size / 1000
		}
		fmt.Fprintf(&p.b, "<%04X>", g.code)
		pen += s.font.advance(g.code) * s.size / 1000
	}
	p.b.WriteString("]TJ ")
	if raised != 0 {
		p.b.WriteString("0 Ts ")
	}
}

// sketch draws a chart with its upper left corner at x and y.
func (w *writer) sketch(p *page, s document.Sketch, x, y float64) {
	for _, h := range s.Shapes {
		switch h.Kind {
		case document.ShapeLine:
			p.rule(x+h.X, y+h.Y, x+h.X2, y+h.Y2, h.Stroke, h.Ink)
		case document.ShapeArea:
			p.area(x+h.X, y+h.Y, x+h.X2, y+h.Y2, h.Ink)
		case document.ShapeDot:
			p.area(x+h.X-2.2, y+h.Y-2.2, x+h.X+2.2, y+h.Y+2.2, h.Ink)
		case document.ShapeLabel:
			w.label(p, h, x, y)
		}
	}
}

func (w *writer) label(p *page, h document.Shape, x, y float64) {
	for _, l := range w.shape.lines([]stretch{{text: h.Text, size: h.Size, ink: h.Ink}}, textWidth)[:1] {
		left := x + h.X
		switch h.Anchor {
		case document.AnchorMiddle:
			left -= l.width / 2
		case document.AnchorRight:
			left -= l.width
		case document.AnchorLeft:
		}
		for _, s := range l.spans {
			p.span(s, left+s.x, y+h.Y)
		}
	}
}
