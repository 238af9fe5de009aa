// Command fonts makes the files in document/typeface/fonts from the static TrueType files of Noto Sans, Noto Naskh Arabic and
// Noto Sans SC: without instructions for coarse screens, and Noto Sans SC with the characters of GB 2312 only.
//
//	go run ./scripts/fonts FOLDER-OF-TTF document/typeface/fonts
package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/go-text/typesetting/font"
	"golang.org/x/text/encoding/simplifiedchinese"

	"comity/document/typeface"
)

// files are the names of the sources, and what they become.
var files = []struct{ from, to string }{
	{"NotoSans_400Regular.ttf", "NotoSans-Regular"},
	{"NotoSans_700Bold.ttf", "NotoSans-Bold"},
	{"NotoSans_400Regular_Italic.ttf", "NotoSans-Italic"},
	{"NotoNaskhArabic_400Regular.ttf", "NotoNaskhArabic-Regular"},
	{"NotoNaskhArabic_700Bold.ttf", "NotoNaskhArabic-Bold"},
	{"NotoSansSC_400Regular.ttf", "NotoSansSC-Regular"},
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: fonts FOLDER-OF-TTF FOLDER")
		os.Exit(2)
	}
	for _, f := range files {
		if err := derive(filepath.Join(os.Args[1], f.from), filepath.Join(os.Args[2], f.to+".ttf.gz")); err != nil {
			fmt.Fprintln(os.Stderr, "fonts:", err)
			os.Exit(1)
		}
	}
}

func derive(from, to string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	outlines, err := typeface.ParseOutlines(data)
	if err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	var out []byte
	if filepath.Base(to) == "NotoSansSC-Regular.ttf.gz" {
		out, err = chinese(data, outlines)
	} else {
		out = outlines.Unhinted("name", "post", "STAT", "meta")
	}
	if err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	packed, err := pack(out)
	if err != nil {
		return err
	}
	fmt.Printf("%-40s %8d → %8d → %8d bytes\n", filepath.Base(to), len(data), len(out), len(packed))
	return os.WriteFile(to, packed, 0o644)
}

func pack(data []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	err = w.Close()
	return b.Bytes(), err
}

// chinese cuts a font to the characters that are wanted. Substitutions and positions stay behind: the numbers of the
// glyphs change, and Chinese from left to right needs none.
func chinese(data []byte, outlines *typeface.Outlines) ([]byte, error) {
	face, err := font.ParseTTF(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	glyphs := []uint16{0}
	var characters []rune
	var numbers []uint16
	for _, r := range wanted() {
		if g, ok := face.NominalGlyph(r); ok && g != 0 {
			characters, numbers = append(characters, r), append(numbers, uint16(len(glyphs)))
			glyphs = append(glyphs, uint16(g))
		}
	}
	fmt.Printf("%d characters\n", len(characters))
	return outlines.Subset(glyphs, map[string][]byte{
		"cmap": typeface.CharacterMap(characters, numbers), "OS/2": outlines.Table("OS/2"),
	}), nil
}

// wanted returns the characters of GB 2312, and the punctuation and wide forms that go with them, in order. ASCII is among
// them because a space keeps the font of what it follows.
//
// Source: GB 2312-80, by its bytes in the encoding EUC-CN.
func wanted() []rune {
	set := map[rune]bool{}
	decoder := simplifiedchinese.GBK.NewDecoder()
	for high := 0xA1; high <= 0xF7; high++ {
		for low := 0xA1; low <= 0xFE; low++ {
			text, err := decoder.Bytes([]byte{byte(high), byte(low)})
			for _, r := range string(text) {
				if err == nil && r != 0xFFFD && r > 0x7F {
					set[r] = true
				}
			}
		}
	}
	for _, span := range [][2]rune{{0x20, 0x7E}, {0xA0, 0xA0}, {0x2010, 0x2027}, {0x3000, 0x303F}, {0xFF00, 0xFFEF}} {
		for r := span[0]; r <= span[1]; r++ {
			set[r] = true
		}
	}
	var list []rune
	for r := range set {
		list = append(list, r)
	}
	slices.Sort(list)
	return list
}
