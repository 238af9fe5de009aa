//go:build !race

package intake_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"comity"
	"comity/intake/profile"
	"comity/intake/profilefile"
)

// profileTarget is the parser of a form of profile; a file of which nothing can be taken is its error.
func profileTarget(format profilefile.Format, head, list string, item func(i int) string) target {
	return target{string(format), profilefile.MaxBytes + 1, func(r io.Reader) error {
		f, err := profilefile.Read(r, format, profile.Options{})
		if err != nil {
			return err
		}
		for _, p := range f.Problems {
			if p.Fatal() {
				return comity.Errorf(comity.Invalid, "%s", p)
			}
		}
		return nil
	}, head, list, item}
}

var profileTargets = []target{
	profileTarget(profilefile.CycloneDX, `{"bomFormat":"CycloneDX","specVersion":"1.6",`, `"components":[`, func(i int) string {
		return fmt.Sprintf(`{"type":"library","group":"g","name":"n%07d","purl":"pkg:npm/n@1"}`, i)
	}),
	profileTarget(profilefile.JSON, `{"organization":"x",`, `"software":[`, func(i int) string {
		return fmt.Sprintf(`{"vendor":"g","name":"n%07d","placement":"internal"}`, i)
	}),
}

const bomHead = `<bom xmlns="http://cyclonedx.org/schema/bom/1.5">`

// markupBombs are made to hurt a reader of XML.
func markupBombs() []bomb {
	laughs := `<!DOCTYPE bom [<!ENTITY a0 "ha">`
	for i := range 30 {
		laughs += fmt.Sprintf(`<!ENTITY a%d "&a%d;&a%d;&a%d;&a%d;&a%d;&a%d;&a%d;&a%d;&a%d;&a%d;">`, i+1, i, i, i, i, i, i, i, i, i, i)
	}
	text := func(s string) bomb {
		return bomb{s[:min(len(s), 40)], func(*testing.T) io.Reader { return strings.NewReader(s) }}
	}
	component := func(i int) string {
		return fmt.Sprintf(`<component type="library"><group>g</group><name>n%07d</name></component>`, i)
	}
	return []bomb{
		{"a billion laughs", func(*testing.T) io.Reader { return strings.NewReader(laughs + "]>" + bomHead + "&a30;</bom>") }},
		{"quadratic", func(*testing.T) io.Reader {
			return join(`<!DOCTYPE bom [<!ENTITY a "`, repeat("x", 4<<20), `">]>`+bomHead, repeat("&a;", 100_000), "</bom>")
		}},
		text(`<!DOCTYPE bom SYSTEM "file:///etc/passwd">` + bomHead + "</bom>"),
		text(bomHead + "&a;</bom>"),
		text(`<?xml version="1.0" encoding="UTF-7"?>` + bomHead + "</bom>"),
		{"1 GB of blanks, packed", func(t *testing.T) io.Reader { return gzipOf(t, bomHead, " ", 256) }},
		{"elements 10 million deep", func(*testing.T) io.Reader { return join(bomHead, repeat("<a>", 10_000_000)) }},
		{"components 10,000 deep", func(*testing.T) io.Reader { return join(bomHead, repeat("<components><component>", 10_000)) }},
		{"an element of 10 million attributes", func(*testing.T) io.Reader { return join(bomHead+"<a", repeat(` b=""`, 10_000_000)) }},
		{"an attribute of 100 MB", func(*testing.T) io.Reader { return join(bomHead+`<a b="`, repeat("x", 100<<20)) }},
		{"a comment of 100 MB", func(*testing.T) io.Reader { return join(bomHead+`<!--`, repeat("x", 100<<20)) }},
		{"a text of 9 MB", func(*testing.T) io.Reader { return join(bomHead+`<components>`, repeat("x", 9<<20)) }},
		{"references of 9 MB", func(*testing.T) io.Reader { return join(bomHead+`<components>`, repeat("&amp;", 9<<20/5)) }},
		{"a name of 9 MB", func(*testing.T) io.Reader { return join(bomHead+`<`, repeat("x", 9<<20)) }},
		{"empty elements of 9 MB", func(*testing.T) io.Reader { return join(bomHead, repeat("<a/>", 9<<20/4)) }},
		{"empty components of 9 MB", func(*testing.T) io.Reader { return join(bomHead+"<components>", repeat("<component/>", 9<<20/12)) }},
		{"100,000 components that are right", func(*testing.T) io.Reader {
			return join(bomHead+"<components>", each(100_000, component), "</components></bom>")
		}},
	}
}

// book is an archive of parts, each a name and its readers.
func book(t *testing.T, parts map[string]io.Reader) io.Reader {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, content := range parts {
		out, err := w.Create(name)
		if err == nil {
			_, err = io.Copy(out, content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return &b
}

// sheetOf is a workbook with one sheet and shared texts.
func sheetOf(t *testing.T, sheet, shared io.Reader) io.Reader {
	const relations = `<Relationships><Relationship Id="r1" Target="worksheets/s.xml"/></Relationships>`
	const sheets = `<workbook xmlns:r="x"><sheets><sheet name="a" r:id="r1"/></sheets></workbook>`
	return book(t, map[string]io.Reader{
		"xl/_rels/workbook.xml.rels": strings.NewReader(relations), "xl/workbook.xml": strings.NewReader(sheets),
		"xl/worksheets/s.xml": sheet, "xl/sharedStrings.xml": shared,
	})
}

// bookBombs are made to hurt the reader of workbooks.
func bookBombs() []bomb {
	none := func() io.Reader { return strings.NewReader("<sst/>") }
	const data = "<worksheet><sheetData>"
	const header = `<row><c t="str"><v>vendor</v></c><c t="str"><v>name</v></c><c t="str"><v>placement</v></c></row>`
	sheet := func(name string, parts ...any) bomb {
		return bomb{name, func(t *testing.T) io.Reader { return sheetOf(t, join(parts...), none()) }}
	}
	return []bomb{
		{"no archive", func(*testing.T) io.Reader { return join("PK\x03\x04", repeat("x", 1<<20)) }},
		{"100 MB", func(*testing.T) io.Reader { return join("PK\x03\x04", repeat("x", 100<<20)) }},
		{"200,000 entries", func(*testing.T) io.Reader {
			entry := "PK\x01\x02" + strings.Repeat("\x00", 42)
			end := "PK\x05\x06" + strings.Repeat("\x00", 4) + "\x40\x0d\x40\x0d" + strings.Repeat("\x00", 10)
			return join(repeat(entry, 200_000), end)
		}},
		{"1,500 parts", func(t *testing.T) io.Reader {
			parts := map[string]io.Reader{}
			for i := range 1500 {
				parts[fmt.Sprint(i)] = strings.NewReader("")
			}
			return book(t, parts)
		}},
		sheet("a sheet of 1 GB of blanks", data, repeat(strings.Repeat(" ", 1<<20), 1<<10)),
		sheet("a sheet of 1 GB of empty rows", data, repeat(strings.Repeat("<row/>", 1<<17), 1<<10)),
		sheet("a sheet of 10 million cells", data+"<row>", repeat(strings.Repeat("<c/>", 1000), 10_000)),
		sheet("a cell of 100 MB", data+`<row><c t="str"><v>`, repeat("x", 100<<20)),
		sheet("a sheet 10,000 deep", data, repeat("<a>", 10_000)),
		sheet("20,000 rows that are right", data+header, each(20_000, func(i int) string {
			return fmt.Sprintf(`<row><c t="str"><v>A</v></c><c t="str"><v>n%d</v></c><c t="str"><v>internal</v></c></row>`, i)
		}), "</sheetData></worksheet>"),
		{"shared texts of 1 GB", func(t *testing.T) io.Reader {
			return sheetOf(t, strings.NewReader(data), join("<sst>", repeat(strings.Repeat("<si><t>xxxxxxxx</t></si>", 1<<15), 1<<10)))
		}},
		{"10 million empty shared texts", func(t *testing.T) io.Reader {
			return sheetOf(t, strings.NewReader(data), join("<sst>", repeat(strings.Repeat("<si/>", 1000), 10_000)))
		}},
		{"a shared text of 100 MB", func(t *testing.T) io.Reader {
			return sheetOf(t, strings.NewReader(data), join("<sst><si><t>", repeat("x", 100<<20)))
		}},
		{"a shared text of 10 million runs", func(t *testing.T) io.Reader {
			return sheetOf(t, strings.NewReader(data), join("<sst><si>", repeat(strings.Repeat("<r><t>xx</t></r>", 1000), 10_000)))
		}},
		{"entities", func(t *testing.T) io.Reader {
			return sheetOf(t, strings.NewReader(data), strings.NewReader(`<!DOCTYPE a [<!ENTITY b "c">]><sst><si><t>&b;</t></si></sst>`))
		}},
	}
}

// tableBombs are made to hurt the reader of CSV.
func tableBombs() []bomb {
	const head = "vendor,name,placement\n"
	return []bomb{
		{"1 GB of zeros, packed", func(t *testing.T) io.Reader { return gzipOf(t, "", "\x00", 256) }},
		{"lines without an end", func(*testing.T) io.Reader { return repeat("\n", 1<<40) }},
		{"a quote of 100 MB", func(*testing.T) io.Reader { return join(`"`, repeat("x", 100<<20)) }},
		{"20,000 rows that are right", func(*testing.T) io.Reader {
			return join(head, each(20_000, func(i int) string { return fmt.Sprintf("A,n%d,internal\n", i) }))
		}},
		{"a million columns", func(*testing.T) io.Reader { return join(repeat("a,", 1_000_000), "\n") }},
		{"a million quotes that are wrong", func(*testing.T) io.Reader { return join(head, repeat("a\"b\n", 800_000)) }},
	}
}
