// Package typeface holds the fonts that documents are written with, inside the program: Noto Sans, Noto Naskh Arabic and
// Noto Sans SC, under the SIL Open Font License. It chooses a font for a character, and makes the small font with only the
// glyphs that a document uses. It does not lay out text. See [For] first.
//
// The files are made by scripts/fonts. Noto Sans SC is cut to the characters of GB 2312 and what goes with them: 7,000 of
// 30,000; other Chinese characters are shown as a box, which is better than nothing but not right.
package typeface

import (
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"io"
	"sync"

	"github.com/go-text/typesetting/font"
)

//go:embed fonts/*.gz fonts/OFL.txt
var files embed.FS

// Licence is the text under which the fonts come.
func Licence() string {
	text, err := files.ReadFile("fonts/OFL.txt")
	if err != nil {
		panic(err) // it is part of the program
	}
	return string(text)
}

// Font is one font, for use by one goroutine at a time.
type Font struct {
	Name     string     // as PDF names it, such as "NotoSans-Bold"
	Face     *font.Face // what shapes text
	Outlines *Outlines
	Scale    float64 // how much larger it is set to look as large as its neighbours
	Embolden bool    // a bold one that is the regular one drawn fatter
	id       id
}

// id says which font it is.
type id struct {
	family family
	manner manner
}

type family uint8

const (
	sans family = iota
	naskh
	han
)

type manner uint8

const (
	regular manner = iota
	bold
	italic
)

// source is what one file holds, read once.
type source struct {
	font     *font.Font
	outlines *Outlines
}

// sources reads each file when it is first used.
var sources = map[string]func() source{}

func init() {
	for _, name := range []string{"NotoSans-Regular", "NotoSans-Bold", "NotoSans-Italic", "NotoNaskhArabic-Regular", "NotoNaskhArabic-Bold", "NotoSansSC-Regular"} {
		sources[name] = sync.OnceValue(func() source { return load(name) })
	}
}

// load reads a font of the program; that it can be read is part of the build, and a test.
func load(name string) source {
	packed, err := files.ReadFile("fonts/" + name + ".ttf.gz")
	if err != nil {
		panic(err)
	}
	data, err := unpack(packed)
	if err != nil {
		panic(fmt.Errorf("%s: %w", name, err))
	}
	face, err := font.ParseTTF(bytes.NewReader(data))
	if err != nil {
		panic(fmt.Errorf("%s: %w", name, err))
	}
	outlines, err := ParseOutlines(data)
	if err != nil {
		panic(fmt.Errorf("%s: %w", name, err))
	}
	return source{face.Font, outlines}
}

func unpack(packed []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// Set is the fonts of one document. It is for one goroutine at a time; sets share what they read.
type Set struct {
	fonts map[id]*Font
}

// NewSet returns a set.
func NewSet() *Set { return &Set{fonts: map[id]*Font{}} }

// Style is how a stretch of text stands out.
type Style struct{ Bold, Italic bool }

// For returns the font for a character in a text of a language: Arabic and Chinese have their own, in which a slant means
// nothing and becomes bold. A sign that its own font lacks, such as ≥, is looked for in the Chinese one, which has many;
// what no font has is a box.
func (s *Set) For(r rune, language string, style Style) *Font {
	family := familyOf(r, language)
	if family == sans && r > 0x2000 && !s.has(family, r) && s.has(han, r) {
		family = han
	}
	m := regular
	switch {
	case style.Bold || style.Italic && family != sans:
		m = bold
	case style.Italic:
		m = italic
	}
	return s.font(id{family, m})
}

// has reports whether a family has a sign for a character.
func (s *Set) has(f family, r rune) bool {
	_, ok := s.font(id{f, regular}).Face.NominalGlyph(r)
	return ok
}

// In returns the font of the same family in another style.
func (s *Set) In(f *Font, style Style) *Font {
	sample := [...]rune{sans: 'a', naskh: 'ا', han: '中'}[f.id.family]
	return s.For(sample, "", style)
}

// Of returns the font of the set that has this face; nil if there is none.
func (s *Set) Of(face *font.Face) *Font {
	for _, f := range s.fonts {
		if f.Face == face {
			return f
		}
	}
	return nil
}

func (s *Set) font(i id) *Font {
	if f := s.fonts[i]; f != nil {
		return f
	}
	f := &Font{id: i, Scale: 1}
	switch i.family {
	case naskh:
		f.Scale = 1.16 // its letters are small beside Latin ones of the same size
		f.Name = [...]string{regular: "NotoNaskhArabic-Regular", bold: "NotoNaskhArabic-Bold", italic: "NotoNaskhArabic-Bold"}[i.manner]
	case han:
		f.Name, f.Embolden = "NotoSansSC-Regular", i.manner == bold
	default:
		f.Name = [...]string{regular: "NotoSans-Regular", bold: "NotoSans-Bold", italic: "NotoSans-Italic"}[i.manner]
	}
	read := sources[f.Name]()
	f.Face, f.Outlines = font.NewFace(read.font), read.outlines
	s.fonts[i] = f
	return f
}

// familyOf returns which family writes a character. Marks that several scripts share are in the language's own.
func familyOf(r rune, language string) family {
	switch {
	case 0x0600 <= r && r <= 0x06FF, 0x0750 <= r && r <= 0x077F, 0x08A0 <= r && r <= 0x08FF, 0xFB50 <= r && r <= 0xFDFF, 0xFE70 <= r && r <= 0xFEFC:
		return naskh
	case 0x2E80 <= r && r <= 0x9FFF, 0xF900 <= r && r <= 0xFAFF, 0xFE30 <= r && r <= 0xFE4F, 0xFF00 <= r && r <= 0xFFEF, 0x20000 <= r && r <= 0x3FFFF:
		return han
	case language == "zh" && (r == '“' || r == '”' || r == '‘' || r == '’' || r == '…' || r == '—' || r == '·'):
		return han
	default:
		return sans
	}
}
