package profilexlsx

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"

	"comity"
	"comity/intake/profile"

	"github.com/google/go-cmp/cmp"
)

// packed returns an archive of these parts: name, text, name, text …
func packed(t testing.TB, parts ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i+1 < len(parts); i += 2 {
		out, err := w.Create(parts[i])
		if err == nil {
			_, err = io.WriteString(out, parts[i+1])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const (
	relations = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Target="worksheets/s.xml"/></Relationships>`
	book      = `<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><workbookPr date1904="1"/><sheets><sheet name="a" r:id="r1"/></sheets></workbook>`
)

func TestParseRefusesWhatIsNoWorkbook(t *testing.T) {
	sheet := func(rows string) []byte {
		return packed(t, "xl/_rels/workbook.xml.rels", relations, "xl/workbook.xml", book, "xl/worksheets/s.xml", "<worksheet><sheetData>"+rows+"</sheetData></worksheet>")
	}
	for want, data := range map[string][]byte{
		"it is no workbook":              []byte("PK\x03\x04"),
		"workbook.xml.rels\" is missing": packed(t, "a", "b"),
		"is there twice":                 packed(t, "a", "b", "A", "b"),
		"sheet":                          packed(t, "xl/_rels/workbook.xml.rels", relations, "xl/workbook.xml", book),
		"document type":                  packed(t, "xl/_rels/workbook.xml.rels", "<!DOCTYPE a>"+relations),
		"no shared text":                 sheet(`<row><c t="s"><v>0</v></c></row>`),
		"unexpected EOF":                 sheet(`<row>`)[:0],
		"the file has no rows":           sheet(``),
		"nested more than":               sheet(strings.Repeat("<a>", 200)),
	} {
		if len(data) == 0 {
			continue
		}
		_, problems, err := Parse(bytes.NewReader(data), profile.Options{})
		if err != nil || len(problems) != 1 || !strings.Contains(problems[0].String(), want) {
			t.Errorf("%s: got %v, %v", want, problems, err)
		}
	}
	got, problems, err := Parse(bytes.NewReader(sheet(`<row r="1"><c r="A1" t="inlineStr"><is><t>vendor</t></is></c><c t="str"><v>name</v></c><c t="inlineStr"><is><r><t>place</t></r><rPh><t>x</t></rPh><r><t>ment</t></r></is></c><c t="str"><v>patched_on</v></c></row>`+
		`<row r="9"><c t="str"><v>A</v></c><c t="str"><v>B</v></c><c t="str"><v>internal</v></c><c><v>44376</v></c></row>`)), profile.Options{})
	if err != nil || len(problems) > 0 || got.Software[0].PatchedOn.String() != "2025-06-30" {
		t.Errorf("days from 1904: %+v, %v, %v", got, problems, err)
	}
}

func FuzzParse(f *testing.F) {
	var b bytes.Buffer
	p := comity.Profile{Suppliers: []comity.Supplier{{ID: comity.MakeSupplierID(comity.Entropy{}), Name: "Acme", Dependence: 0.5}}}
	if err := Write(&b, p); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add(packed(f, "xl/_rels/workbook.xml.rels", relations, "xl/workbook.xml", book, "xl/worksheets/s.xml", "<worksheet><sheetData><row/></sheetData></worksheet>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, problems, err := Parse(bytes.NewReader(data), profile.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if d.Rows() > profile.MaxRows || len(problems) == 0 && d.Rows() == 0 {
			t.Fatalf("%d rows, problems %v", d.Rows(), problems)
		}
		p, _ := profile.Apply(comity.Profile{Org: "org_x"}, d, profile.Choice{})
		var b bytes.Buffer
		if err := Write(&b, p); err != nil {
			t.Fatal(err)
		}
		again, wrong, err := Parse(&b, profile.Options{})
		if err != nil || len(profile.Rows(p)) > 0 && len(wrong) > 0 {
			t.Fatalf("what was written has problems %v, %v", wrong, err)
		}
		if q, effects := profile.Apply(p, again, profile.Choice{Mode: profile.Replace}); !effects.Empty() || !cmp.Equal(p, q) {
			t.Fatalf("what was written differs: %+v", effects)
		}
	})
}
