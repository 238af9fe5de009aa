package typeface

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// Outlines are the shapes of a TrueType font, from which a smaller font can be made.
//
// Source: OpenType 1.9, https://learn.microsoft.com/typography/opentype/spec/.
type Outlines struct {
	tables map[string][]byte
	long   bool // offsets of glyphs are of four bytes
	wide   int  // glyphs with an advance of their own
	Glyphs int  // how many there are
	Units  int  // an em, in units of the font
}

var be = binary.BigEndian

// ParseOutlines reads a TrueType font. It checks what Subset relies on and nothing else.
func ParseOutlines(data []byte) (*Outlines, error) {
	if len(data) < 12 {
		return nil, fmt.Errorf("font: %d bytes are too short", len(data))
	}
	o := &Outlines{tables: map[string][]byte{}}
	for i := range int(be.Uint16(data[4:])) {
		at := 12 + 16*i
		if at+16 > len(data) {
			return nil, fmt.Errorf("font: its directory ends at table %d", i)
		}
		start, length := uint64(be.Uint32(data[at+8:])), uint64(be.Uint32(data[at+12:]))
		if start+length > uint64(len(data)) {
			return nil, fmt.Errorf("font: table %q is not all there", data[at:at+4])
		}
		o.tables[string(data[at:at+4])] = data[start : start+length]
	}
	for name, least := range map[string]int{"head": 54, "hhea": 36, "maxp": 6, "hmtx": 4, "loca": 4, "glyf": 1} {
		if len(o.tables[name]) < least {
			return nil, fmt.Errorf("font: table %q is missing or too short", name)
		}
	}
	o.long = be.Uint16(o.tables["head"][50:]) == 1
	o.Units = int(be.Uint16(o.tables["head"][18:]))
	o.Glyphs = int(be.Uint16(o.tables["maxp"][4:]))
	o.wide = int(be.Uint16(o.tables["hhea"][34:]))
	size := map[bool]int{true: 4, false: 2}[o.long]
	if o.Glyphs == 0 || o.wide == 0 || o.wide > o.Glyphs || o.Units == 0 || len(o.tables["loca"]) < (o.Glyphs+1)*size || len(o.tables["hmtx"]) < 4*o.wide+2*(o.Glyphs-o.wide) {
		return nil, fmt.Errorf("font: its tables do not fit %d glyphs", o.Glyphs)
	}
	return o, nil
}

// Table returns a table as it is; nil if there is none.
func (o *Outlines) Table(name string) []byte { return o.tables[name] }

// Advance returns how wide a glyph is, in units of the font.
func (o *Outlines) Advance(glyph uint16) int {
	i := min(int(glyph), o.wide-1)
	return int(be.Uint16(o.tables["hmtx"][4*i:]))
}

// bearing returns the space before a glyph; 0 for one that is not there, which a composite glyph may name.
func (o *Outlines) bearing(glyph uint16) uint16 {
	i, m := int(glyph), o.tables["hmtx"]
	switch {
	case i < o.wide:
		return be.Uint16(m[4*i+2:])
	case i < o.Glyphs:
		return be.Uint16(m[4*o.wide+2*(i-o.wide):])
	default:
		return 0
	}
}

// outline returns the shape of a glyph; empty for a space, and for a glyph that is not there.
func (o *Outlines) outline(glyph uint16) []byte {
	if int(glyph) >= o.Glyphs {
		return nil
	}
	loca, i := o.tables["loca"], int(glyph)
	var from, to int
	if o.long {
		from, to = int(be.Uint32(loca[4*i:])), int(be.Uint32(loca[4*i+4:]))
	} else {
		from, to = 2*int(be.Uint16(loca[2*i:])), 2*int(be.Uint16(loca[2*i+2:]))
	}
	if from < 0 || from >= to || to > len(o.tables["glyf"]) {
		return nil
	}
	return o.tables["glyf"][from:to]
}

// Flags of the parts of a composite glyph.
const (
	argsAreWords    = 0x0001
	hasScale        = 0x0008
	moreParts       = 0x0020
	hasTwoScales    = 0x0040
	hasMatrix       = 0x0080
	hasInstructions = 0x0100
)

// contours returns the number of contours of a simple glyph, negative for a composite one.
func contours(outline []byte) int { return int(int16(be.Uint16(outline))) }

// parts calls f with each place where a composite glyph names another, and returns where its parts end; 0 if it is simple.
func parts(outline []byte, f func(at int)) (end int) {
	if len(outline) < 10 || contours(outline) >= 0 {
		return 0
	}
	for at := 10; at+4 <= len(outline); {
		flags := be.Uint16(outline[at:])
		f(at)
		at += 6
		if flags&argsAreWords != 0 {
			at += 2
		}
		switch {
		case flags&hasScale != 0:
			at += 2
		case flags&hasTwoScales != 0:
			at += 4
		case flags&hasMatrix != 0:
			at += 8
		}
		if flags&moreParts == 0 {
			return min(at, len(outline))
		}
	}
	return len(outline)
}

// withParts returns the glyphs and all that composite ones among them are made of, those after these.
func (o *Outlines) withParts(glyphs []uint16) []uint16 {
	all := slices.Clone(glyphs)
	has := map[uint16]bool{}
	for _, g := range all {
		has[g] = true
	}
	for i := 0; i < len(all); i++ { // grows while it runs
		outline := o.outline(all[i])
		parts(outline, func(at int) {
			if g := be.Uint16(outline[at+2:]); !has[g] {
				has[g] = true
				all = append(all, g)
			}
		})
	}
	return all
}

// unhinted returns an outline without its instructions for coarse screens, and with its parts' numbers translated.
func unhinted(outline []byte, number map[uint16]uint16) []byte {
	if len(outline) < 10 {
		return nil
	}
	end := parts(outline, func(int) {})
	if end > 0 {
		out := slices.Clone(outline[:end])
		parts(out, func(at int) {
			be.PutUint16(out[at:], be.Uint16(out[at:])&^hasInstructions)
			be.PutUint16(out[at+2:], number[be.Uint16(out[at+2:])])
		})
		return out
	}
	at := 10 + 2*contours(outline)
	if at+2 > len(outline) {
		return nil
	}
	length := int(be.Uint16(outline[at:]))
	if at+2+length > len(outline) {
		return nil
	}
	out := append(slices.Clone(outline[:at]), 0, 0)
	return append(out, outline[at+2+length:]...)
}

// Subset returns a font with these glyphs, numbered in this order from 0, and behind them what they are made of. The first
// should be 0, which stands for what is missing. Instructions for coarse screens stay behind, as do all tables that a
// reader of PDF does not need; extra are kept beside.
func (o *Outlines) Subset(glyphs []uint16, extra map[string][]byte) []byte {
	all := o.withParts(glyphs)
	number := make(map[uint16]uint16, len(all))
	for i, g := range slices.Backward(all) {
		number[g] = uint16(i)
	}
	var glyf, hmtx []byte
	loca := be.AppendUint32(nil, 0)
	for _, g := range all {
		glyf = append(glyf, unhinted(o.outline(g), number)...)
		for len(glyf)%4 != 0 {
			glyf = append(glyf, 0)
		}
		loca = be.AppendUint32(loca, uint32(len(glyf)))
		hmtx = be.AppendUint16(hmtx, uint16(o.Advance(g)))
		hmtx = be.AppendUint16(hmtx, o.bearing(g))
	}
	if len(glyf) == 0 {
		glyf = make([]byte, 4)
	}
	tables := map[string][]byte{"glyf": glyf, "loca": loca, "hmtx": hmtx}
	for _, name := range []string{"head", "hhea", "maxp"} {
		tables[name] = slices.Clone(o.tables[name])
	}
	be.PutUint16(tables["head"][50:], 1)
	be.PutUint16(tables["hhea"][34:], uint16(len(all)))
	be.PutUint16(tables["maxp"][4:], uint16(len(all)))
	if len(tables["maxp"]) >= 32 {
		be.PutUint16(tables["maxp"][26:], 0) // the size of instructions
	}
	for name, data := range extra {
		tables[name] = data
	}
	return assemble(tables)
}

// Unhinted returns the font with all its glyphs and tables, without instructions for coarse screens and the tables in
// dropped.
func (o *Outlines) Unhinted(dropped ...string) []byte {
	all := make([]uint16, o.Glyphs)
	for i := range all {
		all[i] = uint16(i)
	}
	extra := map[string][]byte{}
	for name, data := range o.tables {
		switch name {
		case "glyf", "loca", "hmtx", "head", "hhea", "maxp", "fpgm", "prep", "cvt ", "gasp", "hdmx", "VDMX", "LTSH", "DSIG":
		default:
			if !slices.Contains(dropped, name) {
				extra[name] = data
			}
		}
	}
	return o.Subset(all, extra)
}

// assemble writes tables as a font file.
func assemble(tables map[string][]byte) []byte {
	var names []string
	for name := range tables {
		names = append(names, name)
	}
	slices.Sort(names)
	n := len(names)
	power, log := 1, 0
	for power*2 <= n {
		power, log = power*2, log+1
	}
	head := be.AppendUint32(nil, 0x00010000)
	for _, x := range []int{n, power * 16, log, (n - power) * 16} {
		head = be.AppendUint16(head, uint16(x))
	}
	var body []byte
	at := 12 + 16*n
	for _, name := range names {
		data := tables[name]
		if name == "head" {
			be.PutUint32(data[8:], 0) // its sum is not checked by anybody who reads PDF
		}
		head = append(head, name...)
		for _, x := range []uint32{checksum(data), uint32(at + len(body)), uint32(len(data))} {
			head = be.AppendUint32(head, x)
		}
		body = append(body, data...)
		for len(body)%4 != 0 {
			body = append(body, 0)
		}
	}
	return append(head, body...)
}

func checksum(data []byte) uint32 {
	var sum uint32
	for i := 0; i < len(data); i += 4 {
		var word [4]byte
		copy(word[:], data[i:])
		sum += be.Uint32(word[:])
	}
	return sum
}

// CharacterMap returns a table "cmap" that gives each character its glyph. Characters ascend.
func CharacterMap(characters []rune, glyphs []uint16) []byte {
	t := be.AppendUint16(nil, 0)
	for _, x := range []uint16{1, 3, 10} { // one table: Windows, all of Unicode
		t = be.AppendUint16(t, x)
	}
	t = be.AppendUint32(t, 12)
	t = be.AppendUint16(t, 12)
	t = be.AppendUint16(t, 0)
	for _, x := range []uint32{uint32(16 + 12*len(characters)), 0, uint32(len(characters))} {
		t = be.AppendUint32(t, x)
	}
	for i, r := range characters {
		for _, x := range []uint32{uint32(r), uint32(r), uint32(glyphs[i])} {
			t = be.AppendUint32(t, x)
		}
	}
	return t
}
