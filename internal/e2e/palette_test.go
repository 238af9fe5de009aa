package e2e

import (
	"bytes"
	"cmp"
	"image"
	"image/color"
	"image/png"
	"maps"
	"slices"
)

// slim returns a screenshot in 256 of its colours, every other one as the nearest of those: pages have few
// colours, most of them the shades at the edges of letters, and a repository keeps every picture for good.
func slim(data []byte) ([]byte, error) {
	full, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	palette, bounds := commonest(full), full.Bounds()
	out := image.NewPaletted(bounds, palette)
	index := map[color.RGBA]uint8{}
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			c := rgba(full, x, y)
			i, ok := index[c]
			if !ok {
				i = uint8(palette.Index(c))
				index[c] = i
			}
			out.SetColorIndex(x, y, i)
		}
	}
	var b bytes.Buffer
	err = (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, out)
	return b.Bytes(), err
}

// commonest returns 256 colours of an image: the commonest of each kind first, so that the few pixels of an accent keep
// theirs, then the commonest of all.
func commonest(m image.Image) color.Palette {
	counts := map[color.RGBA]int{}
	for y := m.Bounds().Min.Y; y < m.Bounds().Max.Y; y++ {
		for x := m.Bounds().Min.X; x < m.Bounds().Max.X; x++ {
			counts[rgba(m, x, y)]++
		}
	}
	order := slices.SortedFunc(maps.Keys(counts), func(a, b color.RGBA) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a.R, b.R), cmp.Compare(a.G, b.G), cmp.Compare(a.B, b.B))
	})
	kinds := map[color.RGBA]bool{}
	var palette, rest color.Palette
	for _, c := range order {
		if k := kind(c); kinds[k] {
			rest = append(rest, c)
		} else {
			kinds[k] = true
			palette = append(palette, c)
		}
	}
	palette = append(palette, rest...)
	return palette[:min(256, len(palette))]
}

// kind is a colour without what the eye tells apart only side by side.
func kind(c color.RGBA) color.RGBA { return color.RGBA{c.R &^ 0x1f, c.G &^ 0x1f, c.B &^ 0x1f, 0} }

func rgba(m image.Image, x, y int) color.RGBA {
	c, _ := color.RGBAModel.Convert(m.At(x, y)).(color.RGBA)
	return c
}
