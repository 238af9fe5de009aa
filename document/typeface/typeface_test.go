package typeface_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"

	"comity/document/typeface"
)

// The fonts write every character that the texts of the pages use, in all six languages.
func TestFontsHaveWhatTheTextsUse(t *testing.T) {
	set := typeface.NewSet()
	for _, language := range []string{"ar", "en", "es", "fr", "ru", "zh"} {
		data, err := os.ReadFile("../../web/locale/" + language + ".json")
		if err != nil {
			t.Fatal(err)
		}
		missing := map[rune]bool{}
		for _, r := range string(data) {
			if _, ok := set.For(r, language, typeface.Style{}).Face.NominalGlyph(r); !ok && unicode.IsPrint(r) && !strings.ContainsRune("★☆▲▼◆●○✓✗→←↑↓⚠", r) {
				missing[r] = true
			}
		}
		if len(missing) > 0 {
			t.Errorf("%s: no font has %q", language, slices.Collect(keys(missing)))
		}
	}
}

func keys(m map[rune]bool) func(func(rune) bool) {
	return func(yield func(rune) bool) {
		for r := range m {
			if !yield(r) {
				return
			}
		}
	}
}

func TestForChoosesByScript(t *testing.T) {
	set := typeface.NewSet()
	for _, c := range []struct {
		r        rune
		language string
		style    typeface.Style
		want     string
	}{
		{'a', "en", typeface.Style{}, "NotoSans-Regular"},
		{'a', "ar", typeface.Style{Italic: true}, "NotoSans-Italic"},
		{'Ж', "ru", typeface.Style{Bold: true}, "NotoSans-Bold"},
		{'ش', "ar", typeface.Style{}, "NotoNaskhArabic-Regular"},
		{'ش', "ar", typeface.Style{Italic: true}, "NotoNaskhArabic-Bold"},
		{'中', "en", typeface.Style{}, "NotoSansSC-Regular"},
		{'“', "zh", typeface.Style{}, "NotoSansSC-Regular"},
		{'“', "en", typeface.Style{}, "NotoSans-Regular"},
		{'≥', "en", typeface.Style{}, "NotoSansSC-Regular"},
		{'–', "en", typeface.Style{}, "NotoSans-Regular"},
	} {
		if got := set.For(c.r, c.language, c.style).Name; got != c.want {
			t.Errorf("For(%q, %s, %+v) = %s, want %s", c.r, c.language, c.style, got, c.want)
		}
	}
}

// A subset has the same shapes: composite glyphs bring their parts along.
func TestSubsetKeepsAdvances(t *testing.T) {
	f := typeface.NewSet().For('é', "fr", typeface.Style{})
	var glyphs []uint16
	glyphs = append(glyphs, 0)
	for _, r := range "éÅñЙ ff" {
		g, _ := f.Face.NominalGlyph(r)
		glyphs = append(glyphs, uint16(g))
	}
	data := f.Outlines.Subset(glyphs, nil)
	small, err := typeface.ParseOutlines(data)
	if err != nil {
		t.Fatal(err)
	}
	if len(data) > 20_000 || small.Glyphs < len(glyphs) {
		t.Errorf("%d glyphs in %d bytes", small.Glyphs, len(data))
	}
	for i, g := range glyphs {
		if got, want := small.Advance(uint16(i)), f.Outlines.Advance(g); got != want {
			t.Errorf("glyph %d: advance %d, want %d", i, got, want)
		}
	}
}

func TestLicenceNamesEveryFont(t *testing.T) {
	for _, want := range []string{"Noto Sans:", "Noto Naskh Arabic:", "Noto Sans SC:", "SIL OPEN FONT LICENSE Version 1.1"} {
		if !strings.Contains(typeface.Licence(), want) {
			t.Errorf("the licence lacks %q", want)
		}
	}
}

func FuzzParseOutlines(f *testing.F) {
	set := typeface.NewSet()
	small := set.For('a', "en", typeface.Style{}).Outlines.Subset([]uint16{0, 36, 37, 180}, nil)
	f.Add(small)
	f.Add(small[:len(small)/2])
	f.Add([]byte("\x00\x01\x00\x00\x00\x09"))
	f.Fuzz(func(t *testing.T, data []byte) {
		o, err := typeface.ParseOutlines(data)
		if err != nil {
			return
		}
		if _, err := typeface.ParseOutlines(o.Subset([]uint16{0, 1, 2}, nil)); err != nil {
			t.Errorf("a font was read, its subset was not: %v", err)
		}
	})
}
