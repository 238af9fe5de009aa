package document_test

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"comity/document"
	"comity/document/documenttest"
)

// unzip returns the parts of a package by name, each well-formed.
func unzip(t *testing.T, data []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		parts[f.Name] = string(body)
		wellFormed(t, f.Name, body)
	}
	return parts
}

func wellFormed(t *testing.T, name string, body []byte) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(body))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
}

// checkPackage checks that every relation leads to a part, and that every part has a type.
func checkPackage(t *testing.T, parts map[string]string) {
	t.Helper()
	for name, body := range parts {
		if !strings.HasSuffix(name, ".rels") {
			continue
		}
		base := path.Dir(path.Dir(name))
		var list struct {
			Relationship []struct {
				Target string `xml:"Target,attr"`
				Mode   string `xml:"TargetMode,attr"`
			} `xml:"Relationship"`
		}
		if err := xml.Unmarshal([]byte(body), &list); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, r := range list.Relationship {
			if _, ok := parts[path.Join(base, r.Target)]; !ok && r.Mode != "External" {
				t.Errorf("%s leads to %s, which is not there", name, r.Target)
			}
		}
	}
	for name := range parts {
		if !strings.HasSuffix(name, ".rels") && name != "[Content_Types].xml" && !strings.Contains(parts["[Content_Types].xml"], `PartName="/`+name+`"`) {
			t.Errorf("%s has no type", name)
		}
	}
}

func docx(t *testing.T, d document.Doc) map[string]string {
	t.Helper()
	var one, two bytes.Buffer
	if err := document.WriteDOCX(&one, d); err != nil {
		t.Fatal(err)
	}
	if err := document.WriteDOCX(&two, d); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(one.Bytes(), two.Bytes()) {
		t.Error("the same document gave different bytes")
	}
	parts := unzip(t, one.Bytes())
	checkPackage(t, parts)
	return parts
}

func TestDOCXHasWhatADocumentNeeds(t *testing.T) {
	for _, language := range documenttest.Languages {
		d := documenttest.Brief(language)
		parts := docx(t, d)
		body := parts["word/document.xml"]
		for _, want := range []string{
			`<w:pStyle w:val="Heading1"/>`, `<w:tblHeader/>`, `<w:cantSplit/>`, `<w:footnoteReference w:id="1"/>`, `descr="` + figure(&d).Alt + `"`, `r:id="rIdChart1"`,
		} {
			if !strings.Contains(body, want) {
				t.Errorf("%s: the body lacks %s", language, want)
			}
		}
		for _, name := range []string{"word/header1.xml", "word/footer1.xml"} {
			if !strings.Contains(parts[name], "TLP:GREEN") {
				t.Errorf("%s: %s lacks the marking", language, name)
			}
		}
		wantBidi := language == "ar"
		for name, mark := range map[string]string{"word/document.xml": "<w:bidiVisual/>", "word/styles.xml": "<w:bidi/>"} {
			if got := strings.Contains(parts[name], mark); got != wantBidi {
				t.Errorf("%s: %s in %s is %v, want %v", language, mark, name, got, wantBidi)
			}
		}
	}
}

// Words in Latin letters keep their own direction within Arabic, with the spaces between two of them.
func TestDOCXCutsRunsWhereTheDirectionChanges(t *testing.T) {
	d := documenttest.Brief("ar")
	d.Blocks = []document.Block{document.ParagraphOf(document.Run{Text: "بلغت التكلفة TLP:CLEAR X-OCO في 12 يوما"})}
	body := docx(t, d)["word/document.xml"]
	for _, want := range []string{
		`<w:rPr><w:rtl/></w:rPr><w:t xml:space="preserve">بلغت التكلفة </w:t>`,
		`<w:rPr></w:rPr><w:t xml:space="preserve">TLP:CLEAR X-OCO</w:t>`,
		`<w:rPr><w:rtl/></w:rPr><w:t xml:space="preserve"> في 12 يوما</w:t>`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("lacks %s in\n%s", want, body)
		}
	}
}

func TestOfficePartsEscape(t *testing.T) {
	d := documenttest.Brief("en")
	hostile := "</w:t><x/>&\"'\x00\x0b\ufffe"
	d.Title, d.Issuer, d.Marking = hostile, hostile, hostile
	d.Blocks[1].Runs = []document.Run{{Text: hostile, Note: hostile, Link: `https://x.example/?a="&b`}}
	table(&d).Rows[0][0] = document.Text(hostile)
	figure(&d).Alt, figure(&d).Series[0].Name = hostile, hostile
	docx(t, d)
	var b bytes.Buffer
	if err := document.WriteXLSX(&b, d); err != nil {
		t.Fatal(err)
	}
	checkPackage(t, unzip(t, b.Bytes()))
}

func TestXLSXHoldsTextsAndNumbersAndNoFormulas(t *testing.T) {
	d := documenttest.Brief("ar")
	d.Blocks = append(d.Blocks, document.TableOf(document.Table{
		Caption: "Sheet [2]: a/b", Columns: []document.Column{{Name: "=1+1"}, {Name: "n", Number: true}},
		Rows: [][][]document.Run{{document.Text("@SUM(A1)"), document.Text("60 %")}, {document.Text("x"), document.Text("–")}},
		Raw:  [][]string{{"@SUM(A1)", "60"}, {"x", "NaN"}},
	}))
	var b bytes.Buffer
	if err := document.WriteXLSX(&b, d); err != nil {
		t.Fatal(err)
	}
	parts := unzip(t, b.Bytes())
	checkPackage(t, parts)
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sheets := f.GetSheetList()
	if len(sheets) != 2 || sheets[1] != "Sheet  2   a b" {
		t.Fatalf("sheets %q", sheets)
	}
	for _, c := range []struct{ sheet, cell, want string }{
		{sheets[0], "A1", "TLP:GREEN"},
		{sheets[0], "A4", "بند العمل"},
		{sheets[1], "A4", "=1+1"},
		{sheets[1], "A5", "@SUM(A1)"},
		{sheets[1], "B5", "60"},
		{sheets[1], "B6", "NaN"},
	} {
		if got, err := f.GetCellValue(c.sheet, c.cell); err != nil || got != c.want {
			t.Errorf("%s!%s = %q, %v, want %q", c.sheet, c.cell, got, err, c.want)
		}
		if formula, _ := f.GetCellFormula(c.sheet, c.cell); formula != "" {
			t.Errorf("%s!%s is the formula %q", c.sheet, c.cell, formula)
		}
	}
	if kind, _ := f.GetCellType(sheets[1], "B5"); kind == excelize.CellTypeInlineString {
		t.Error("a number became a text")
	}
	if body := parts["xl/worksheets/sheet2.xml"]; strings.Contains(body, "<f>") || !strings.Contains(body, `rightToLeft="1"`) {
		t.Errorf("sheet: %s", body)
	}
}
