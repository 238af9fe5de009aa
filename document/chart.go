package document

// Sketch is a chart as lines, areas and texts, in points of 1/72 inch from the upper left corner, for the writers that
// draw. A chart of a right-to-left language runs from right to left.
type Sketch struct {
	Width, Height float64
	Shapes        []Shape
}

// ShapeKind is what a shape is.
type ShapeKind uint8

// The kinds of shape.
const (
	ShapeLine  ShapeKind = iota // from X, Y to X2, Y2
	ShapeArea                   // a rectangle with its corners at X, Y and X2, Y2
	ShapeLabel                  // a text at X, Y on its baseline
	ShapeDot                    // a small square around X, Y
)

// Anchor is which part of a label stands at its place, as seen, not as read.
type Anchor uint8

// The anchors.
const (
	AnchorLeft Anchor = iota
	AnchorMiddle
	AnchorRight
)

// Shape is one part of a sketch.
type Shape struct {
	Kind         ShapeKind
	X, Y, X2, Y2 float64
	Stroke       float64 // width of a line
	Ink          string  // "#rrggbb"
	Text         string
	Size         float64
	Anchor       Anchor
}

// Inks are the colours of the series, told apart in grey and by who sees few colours.
var Inks = [...]string{"#1f4e79", "#c55a11", "#4f8a8b", "#7a3b69", "#8a7a1f", "#5a5a5a"}

const (
	inkAxis  = "#5f6b76"
	inkGrid  = "#d5dbe1"
	inkLabel = "#2b333b"

	chartHeight = 170.0
	labelSize   = 8.0
)

// Draw returns the chart at a width.
func (f Drafted) Draw(width float64, rightToLeft bool) Sketch {
	p := plot{f: f, left: 44, right: width - 8, top: 16, bottom: chartHeight - 20}
	p.s = Sketch{Width: width, Height: chartHeight}
	if len(f.Series) > 1 {
		p.top += 14
		p.legend()
	}
	p.grid()
	p.categories()
	for i := range f.Series {
		if f.Line {
			p.line(i)
		} else {
			p.bars(i)
		}
	}
	if rightToLeft {
		p.s.mirror()
	}
	return p.s
}

// plot is a chart being drawn: the frame of its values.
type plot struct {
	f                        Drafted
	left, right, top, bottom float64
	s                        Sketch
}

func (p *plot) add(s Shape) { p.s.Shapes = append(p.s.Shapes, s) }

func (p *plot) label(x, y float64, text string, a Anchor) {
	p.add(Shape{Kind: ShapeLabel, X: x, Y: y, Text: text, Size: labelSize, Anchor: a, Ink: inkLabel})
}

// y returns the height of a value.
func (p *plot) y(value float64) float64 {
	top := p.f.Ticks[len(p.f.Ticks)-1].Value
	return p.bottom - min(max(value/top, 0), 1)*(p.bottom-p.top)
}

// step is the width of a category.
func (p *plot) step() float64 { return (p.right - p.left) / float64(len(p.f.Categories)) }

func (p *plot) middle(i int) float64 { return p.left + (float64(i)+0.5)*p.step() }

func (p *plot) grid() {
	for i, t := range p.f.Ticks {
		ink := inkGrid
		if i == 0 {
			ink = inkAxis
		}
		y := p.y(t.Value)
		p.add(Shape{Kind: ShapeLine, X: p.left, Y: y, X2: p.right, Y2: y, Stroke: 0.6, Ink: ink})
		p.label(p.left-5, y+3, t.Text, AnchorRight)
	}
}

// categories writes their names, as many as there is room for, the last one always.
func (p *plot) categories() {
	n := len(p.f.Categories)
	every := max(1, int(58/p.step()+0.99))
	for i, name := range p.f.Categories {
		if (n-1-i)%every == 0 {
			p.label(p.middle(i), p.bottom+13, name, AnchorMiddle)
		}
	}
}

func (p *plot) legend() {
	x := p.left
	for i, s := range p.f.Series {
		p.add(Shape{Kind: ShapeArea, X: x, Y: 6, X2: x + 9, Y2: 15, Ink: Inks[i]})
		p.label(x+13, 13.5, s.Name, AnchorLeft)
		x += 13 + labelSize*0.62*float64(len([]rune(s.Name))) + 14
	}
}

func (p *plot) bars(series int) {
	n := float64(len(p.f.Series))
	width := min(p.step()*0.72/n, 46)
	for i, point := range p.f.Series[series].Points {
		x := p.middle(i) + (float64(series)-n/2)*width
		if point.Missing {
			p.label(x+width/2, p.bottom-4, point.Text, AnchorMiddle)
			continue
		}
		p.add(Shape{Kind: ShapeArea, X: x + 1, Y: p.y(point.Value), X2: x + width - 1, Y2: p.bottom, Ink: Inks[series]})
		if p.step()/n >= 26 {
			p.label(x+width/2, p.y(point.Value)-4, point.Text, AnchorMiddle)
		}
	}
}

func (p *plot) line(series int) {
	points := p.f.Series[series].Points
	for i, point := range points {
		x, y := p.middle(i), p.y(point.Value)
		if point.Missing {
			p.label(x, p.bottom-4, point.Text, AnchorMiddle)
			continue
		}
		if i > 0 && !points[i-1].Missing {
			p.add(Shape{Kind: ShapeLine, X: p.middle(i - 1), Y: p.y(points[i-1].Value), X2: x, Y2: y, Stroke: 1.8, Ink: Inks[series]})
		}
		p.add(Shape{Kind: ShapeDot, X: x, Y: y, Ink: Inks[series]})
		if len(p.f.Series) == 1 && p.step() >= 34 {
			p.label(x, y-6, point.Text, AnchorMiddle)
		}
	}
}

// mirror turns the sketch around its vertical middle.
func (s *Sketch) mirror() {
	for i := range s.Shapes {
		h := &s.Shapes[i]
		h.X = s.Width - h.X
		switch h.Kind {
		case ShapeLine:
			h.X2 = s.Width - h.X2
		case ShapeArea:
			h.X, h.X2 = s.Width-h.X2, h.X
		case ShapeLabel:
			h.Anchor = AnchorRight - h.Anchor
		case ShapeDot:
		}
	}
}
