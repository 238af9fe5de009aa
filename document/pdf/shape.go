package pdf

import (
	"slices"
	"strings"
	"unicode"

	"github.com/go-text/typesetting/bidi"
	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"

	"comity/document/typeface"
)

// stretch is text in one style, as it goes into a line.
type stretch struct {
	text     string
	style    typeface.Style
	size     float64 // points
	rise     float64 // of a small raised number
	ink      string
	language string
	tag      *element // its own place in the structure; nil: the paragraph's
	note     *note    // that it calls
	link     string
}

// glyph is one placed sign of a line.
type glyph struct {
	code uint16
	x, y float32 // offset from where the sign would stand
	step float32 // to the next, in points
	part bool    // a part of its neighbour, such as the dots of an Arabic letter, that shows no text of its own
}

// span is a part of a line in one font.
type span struct {
	font   *fontUse
	of     *stretch
	size   float64
	width  float64
	x      float64 // from the start of the line, from the left
	glyphs []glyph // in the order in which they are seen, from the left
	turned bool    // read from right to left
}

// line is one line of a text.
type line struct {
	spans []span // in the order in which they are read
	width float64
}

// notes returns the footnotes that the line calls.
func (l line) notes() []*note {
	var list []*note
	for _, s := range l.spans {
		if s.of.note != nil {
			list = append(list, s.of.note)
		}
	}
	return list
}

// shaper turns texts into lines.
type shaper struct {
	fonts    *typeface.Set
	uses     fontUses
	engine   shaping.HarfbuzzShaper
	segments shaping.Segmenter
	wrapper  shaping.LineWrapper
	levels   bidi.Paragraph
	language string // of the document
	turned   bool   // the document is read from right to left
}

// The marks that decide the direction of a paragraph, whatever it begins with.
const (
	leftToRightMark = '\u200E'
	rightToLeftMark = '\u200F'
)

// lines breaks stretches into lines of at most a width in points. A line break in the text ends a line.
func (s *shaper) lines(stretches []stretch, width float64) []line {
	var all []line
	for _, paragraph := range hardLines(stretches) {
		all = append(all, s.paragraph(paragraph, width)...)
	}
	return all
}

// hardLines cuts stretches where their text has a line break.
func hardLines(stretches []stretch) [][]stretch {
	list := [][]stretch{nil}
	for _, t := range stretches {
		rest := strings.Map(plain, strings.ReplaceAll(t.text, "\r\n", "\n"))
		for {
			before, after, more := strings.Cut(rest, "\n")
			part := t
			part.text = before
			if more {
				part.note = nil // called at the end
			}
			list[len(list)-1] = append(list[len(list)-1], part)
			if !more {
				break
			}
			list, rest = append(list, nil), after
		}
	}
	return list
}

// plain turns what ends a paragraph by the Unicode bidirectional algorithm into a line break, since a paragraph is laid
// out as one, and other control characters, which no font draws, into spaces.
//
// Source: Unicode Standard Annex 9, rule P1 and class B.
func plain(r rune) rune {
	switch {
	case r == '\n', '\x1c' <= r && r <= '\x1e', r == '\r', r == '\u0085', r == '\u2028', r == '\u2029':
		return '\n'
	case unicode.IsControl(r):
		return ' '
	}
	return r
}

// joined is the text of a paragraph with what is known of each character.
type joined struct {
	runes  []rune
	ends   []int // after the last character of each stretch
	of     []stretch
	levels []bidi.Level
}

func (s *shaper) join(stretches []stretch) joined {
	mark, base := leftToRightMark, bidi.LeftToRight
	if s.turned {
		mark, base = rightToLeftMark, bidi.RightToLeft
	}
	j := joined{runes: []rune{mark}, of: stretches}
	for _, t := range stretches {
		j.runes = append(j.runes, []rune(t.text)...)
		j.ends = append(j.ends, len(j.runes))
	}
	j.levels = make([]bidi.Level, len(j.runes))
	runs := s.levels.Segment(j.runes, base)
	for i := range runs.NumRuns() {
		run := runs.Run(i)
		for k := run.Start; k < run.End; k++ {
			j.levels[k] = run.Level
		}
	}
	return j
}

// at returns the stretch of a character.
func (j joined) at(i int) *stretch {
	k, found := slices.BinarySearch(j.ends, i)
	if found {
		k++
	}
	return &j.of[min(k, len(j.of)-1)]
}

func (s *shaper) direction() di.Direction {
	if s.turned {
		return di.DirectionRTL
	}
	return di.DirectionLTR
}

func (s *shaper) paragraph(stretches []stretch, width float64) []line {
	j := s.join(stretches)
	if len(j.runes) == 1 {
		return []line{{}}
	}
	var shaped []shaping.Output
	for _, in := range s.inputs(j) {
		shaped = append(shaped, s.engine.Shape(in))
	}
	wrapped, _ := s.wrapper.WrapParagraphF(shaping.WrapConfig{Direction: s.direction()}, fixedOf(width), j.runes, shaping.NewSliceIterator(shaped))
	lines := make([]line, 0, len(wrapped))
	for _, w := range wrapped {
		lines = append(lines, s.line(j, w))
	}
	return lines
}

func fixedOf(x float64) fixed.Int26_6  { return fixed.Int26_6(x * 64) }
func pointsOf(x fixed.Int26_6) float64 { return float64(x) / 64 }

// inputs cuts a paragraph where direction, script, font or style change.
func (s *shaper) inputs(j joined) []shaping.Input {
	whole := shaping.Input{
		Text: j.runes, RunStart: 0, RunEnd: len(j.runes), Direction: s.direction(), Language: language.NewLanguage(s.language), Size: fixedOf(10),
	}
	var list []shaping.Input
	for _, in := range s.segments.Split(whole, chooser{s}) {
		for start := in.RunStart; start < in.RunEnd; {
			t := j.at(start)
			part := in
			part.RunStart, part.RunEnd = start, s.endOf(j, in, start)
			f := s.fonts.In(s.fonts.Of(in.Face), t.style)
			part.Face, part.Size = f.Face, fixedOf(t.size*f.Scale)
			if t.language != "" {
				part.Language = language.NewLanguage(t.language)
			}
			list = append(list, part)
			start = part.RunEnd
		}
	}
	return list
}

// endOf returns where the stretch that a character is in ends, or the part that is shaped together.
func (s *shaper) endOf(j joined, in shaping.Input, start int) int {
	for _, end := range j.ends {
		if end > start {
			return min(end, in.RunEnd)
		}
	}
	return in.RunEnd
}

// chooser gives a font for each character.
type chooser struct{ s *shaper }

// ResolveFace implements shaping.Fontmap.
func (c chooser) ResolveFace(r rune) *font.Face {
	return c.s.fonts.For(r, c.s.language, typeface.Style{}).Face
}

// line places the parts of a line: they are kept as read, each with where it is seen.
func (s *shaper) line(j joined, parts shaping.Line) line {
	l := line{}
	for _, out := range parts {
		l.spans = append(l.spans, s.span(j, out))
	}
	if n := len(l.spans); n > 0 {
		l.spans[n-1].trim()
	}
	x := 0.0
	for _, i := range visual(j, parts) {
		l.spans[i].x = x
		x += l.spans[i].width
	}
	l.width = x
	return l
}

// trim takes the width of a space at the end away, in which nothing stands: it would push the line from its margin.
func (s *span) trim() {
	if len(s.glyphs) == 0 {
		return
	}
	last := len(s.glyphs) - 1
	if s.turned {
		last = 0
	}
	if g := &s.glyphs[last]; s.font.list[g.code].text == " " {
		s.width -= float64(g.step)
		g.step = 0
	}
}

// visual returns the parts of a line in the order in which they are seen, from the left.
//
// Source: Unicode Standard Annex 9, rule L2.
func visual(j joined, parts shaping.Line) []int {
	order := make([]int, len(parts))
	level := make([]bidi.Level, len(parts))
	highest := bidi.Level(0)
	for i, out := range parts {
		order[i], level[i] = i, j.levels[min(out.Runes.Offset, len(j.levels)-1)]
		highest = max(highest, level[i])
	}
	for l := highest; l > 0; l-- {
		for from := 0; from < len(order); from++ {
			to := from
			for to < len(order) && level[order[to]] >= l {
				to++
			}
			slices.Reverse(order[from:to])
			from = max(from, to-1)
		}
	}
	return order
}

func (s *shaper) span(j joined, out shaping.Output) span {
	f := s.fonts.Of(out.Face)
	use := s.uses.of(f)
	n := span{
		font: use, of: j.at(out.Runes.Offset), size: pointsOf(out.Size), turned: out.Direction == di.DirectionRTL,
		glyphs: make([]glyph, 0, len(out.Glyphs)),
	}
	glyphs := slices.Clone(out.Glyphs)
	if n.turned {
		slices.Reverse(glyphs) // as read
	}
	for i, g := range glyphs {
		shown := shownBy(j.runes, glyphs, i)
		if ignorable(shown) && g.Advance == 0 {
			continue
		}
		n.width += pointsOf(g.Advance)
		n.glyphs = append(n.glyphs, glyph{
			code: use.code(glyphText{known(g.GlyphID, f), shown}), x: float32(pointsOf(g.XOffset)), y: float32(pointsOf(g.YOffset)), step: float32(pointsOf(g.Advance)),
			part: shown == "",
		})
	}
	if n.turned {
		slices.Reverse(n.glyphs)
	}
	return n
}

// known returns a glyph's number, 0 for one that the font has not.
func known(g font.GID, f *typeface.Font) uint16 {
	if int64(g) >= int64(f.Outlines.Glyphs) {
		return 0
	}
	return uint16(g)
}

// shownBy returns the text that a glyph shows: its cluster's, or its share where a cluster has as many glyphs as
// characters; a further glyph of a cluster shows nothing of its own.
func shownBy(runes []rune, glyphs []shaping.Glyph, i int) string {
	g := glyphs[i]
	from := g.TextIndex()
	text := runes[from : from+g.RunesCount()]
	first := i
	for first > 0 && glyphs[first-1].TextIndex() == from {
		first--
	}
	switch {
	case g.GlyphsCount() == len(text) && i-first < len(text):
		return string(text[i-first])
	case i == first:
		return string(text)
	default:
		return ""
	}
}

// ignorable reports whether a text is only marks that are not seen.
func ignorable(s string) bool {
	for _, r := range s {
		if !unicode.Is(unicode.Cf, r) {
			return false
		}
	}
	return s != ""
}
