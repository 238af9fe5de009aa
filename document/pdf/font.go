package pdf

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"

	"comity/document/typeface"
)

// fontUse is a font as the document uses it. A glyph that stands for different texts in different places, as Arabic ones
// may, has a code for each, so that what is copied or read aloud is what was written.
type fontUse struct {
	*typeface.Font
	name   string // in the resources, such as "F1"
	codes  map[glyphText]uint16
	list   []glyphText // by code
	object int
}

// glyphText is a glyph and the text that it shows.
type glyphText struct {
	glyph uint16
	text  string
}

// fontUses are the fonts of a document in the order of their first use.
type fontUses struct {
	list  []*fontUse
	fonts map[*typeface.Font]*fontUse
}

func (u *fontUses) of(f *typeface.Font) *fontUse {
	if use := u.fonts[f]; use != nil {
		return use
	}
	if u.fonts == nil {
		u.fonts = map[*typeface.Font]*fontUse{}
	}
	use := &fontUse{Font: f, name: fmt.Sprintf("F%d", len(u.list)+1), codes: map[glyphText]uint16{}, list: []glyphText{{}}}
	u.fonts[f] = use
	u.list = append(u.list, use)
	return use
}

// code returns the code of a glyph that stands for a text. Code 0 is what is missing.
func (u *fontUse) code(g glyphText) uint16 {
	if c, ok := u.codes[g]; ok {
		return c
	}
	if len(u.list) > 0xFFFE {
		return 0 // no document has so many
	}
	c := uint16(len(u.list))
	u.codes[g] = c
	u.list = append(u.list, g)
	return c
}

// advance returns how wide a code's glyph is, in thousandths of an em.
func (u *fontUse) advance(code uint16) float64 {
	return float64(u.Outlines.Advance(u.list[code].glyph)) * 1000 / float64(u.Outlines.Units)
}

// write puts the font with only its used glyphs into the file.
func (u *fontUse) write(f *file) {
	glyphs, number := []uint16{0}, map[uint16]uint16{0: 0}
	toGlyph := make([]byte, 0, 2*len(u.list))
	for _, g := range u.list {
		n, ok := number[g.glyph]
		if !ok {
			n = uint16(len(glyphs))
			number[g.glyph] = n
			glyphs = append(glyphs, g.glyph)
		}
		toGlyph = append(toGlyph, byte(n>>8), byte(n))
	}
	data := u.Outlines.Subset(glyphs, nil)
	program := f.stream(fmt.Sprintf("/Length1 %d", len(data)), data)
	name := tag(glyphs) + "+" + u.Name
	descriptor := f.add(u.descriptor(name, program))
	toCID := f.stream("", toGlyph)
	descendant := f.add(fmt.Sprintf("<</Type/Font/Subtype/CIDFontType2/BaseFont/%s/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/FontDescriptor %s/DW 1000/W[%s]/CIDToGIDMap %s>>",
		name, ref(descriptor), u.widths(), ref(toCID)))
	unicode := f.stream("", u.toUnicode())
	f.put(u.object, fmt.Sprintf("<</Type/Font/Subtype/Type0/BaseFont/%s/Encoding/Identity-H/DescendantFonts[%s]/ToUnicode %s>>", name, ref(descendant), ref(unicode)))
}

// tag returns the six letters that tell subsets of a font apart.
func tag(glyphs []uint16) string {
	h := uint32(2166136261)
	for _, g := range glyphs {
		h = (h ^ uint32(g)) * 16777619
	}
	letters := make([]byte, 6)
	for i := range letters {
		letters[i] = 'A' + byte(h%26)
		h /= 26
	}
	return string(letters)
}

func (u *fontUse) descriptor(name string, program int) string {
	head, hhea := u.Outlines.Table("head"), u.Outlines.Table("hhea")
	em := func(table []byte, at int) float64 {
		return float64(int16(uint16(table[at])<<8|uint16(table[at+1]))) * 1000 / float64(u.Outlines.Units)
	}
	angle, flags := 0, 4
	if strings.HasSuffix(u.Name, "-Italic") {
		angle, flags = -12, 4|64
	}
	weight := 80
	if strings.HasSuffix(u.Name, "-Bold") {
		weight = 140
	}
	return fmt.Sprintf("<</Type/FontDescriptor/FontName/%s/Flags %d/FontBBox[%.0f %.0f %.0f %.0f]/ItalicAngle %d/Ascent %.0f/Descent %.0f/CapHeight 714/StemV %d/FontFile2 %s>>",
		name, flags, em(head, 36), em(head, 38), em(head, 40), em(head, 42), angle, em(hhea, 4), em(hhea, 6), weight, ref(program))
}

func (u *fontUse) widths() string {
	var b strings.Builder
	b.WriteString("0[")
	for code := range u.list {
		fmt.Fprintf(&b, "%.0f ", u.advance(uint16(code)))
	}
	return strings.TrimRight(b.String(), " ") + "]"
}

// toUnicode returns the table from codes to the text that they show.
//
// Source: Adobe Technical Note 5411, ToUnicode Mapping File Tutorial.
func (u *fontUse) toUnicode() []byte {
	var b strings.Builder
	b.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo <</Registry(Adobe)/Ordering(UCS)/Supplement 0>> def\n" +
		"/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n")
	var lines []string
	for code, g := range u.list {
		if g.text == "" {
			g.text = "\u200B" // a part of its neighbour: nothing to be read
		}
		var hex strings.Builder
		for _, unit := range utf16.Encode([]rune(g.text)) {
			fmt.Fprintf(&hex, "%04X", unit)
		}
		lines = append(lines, fmt.Sprintf("<%04X> <%s>\n", code, hex.String()))
	}
	for part := range slices.Chunk(lines[1:], 100) {
		fmt.Fprintf(&b, "%d beginbfchar\n%sendbfchar\n", len(part), strings.Join(part, ""))
	}
	b.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n")
	return []byte(b.String())
}
