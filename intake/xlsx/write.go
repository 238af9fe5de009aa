package xlsx

import (
	"archive/zip"
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

// The parts that are the same in every workbook. Style 1 is that of text.
const (
	header       = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	mainSpace    = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	officeSpace  = `http://schemas.openxmlformats.org/officeDocument/2006/relationships`
	packageSpace = `xmlns="http://schemas.openxmlformats.org/package/2006/relationships"`
	rootRelation = header + `<Relationships ` + packageSpace + `><Relationship Id="rId1" Type="` + officeSpace + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`
	styles       = header + `<styleSheet ` + mainSpace + `><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>` +
		`<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders>` +
		`<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>` +
		`<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" quotePrefix="1"/>` +
		`<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/></cellXfs></styleSheet>`
)

// Sheet is a sheet to be written: rows of texts, the first of which is the header.
type Sheet struct {
	Name string
	Rows [][]string
}

// Write writes a workbook. Every cell is text in a cell formatted as text, so that nothing in it is ever taken for a
// formula. A sheet has at most 26 columns.
func Write(w io.Writer, sheets []Sheet) error {
	archive := zip.NewWriter(w)
	types, relations, list := "", "", ""
	for i, s := range sheets {
		n := i + 1
		types += fmt.Sprintf(`<Override PartName="/xl/worksheets/sheet%d.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>`, n)
		relations += fmt.Sprintf(`<Relationship Id="rId%d" Type="%s/worksheet" Target="worksheets/sheet%d.xml"/>`, n, officeSpace, n)
		list += fmt.Sprintf(`<sheet name="%s" sheetId="%d" r:id="rId%d"/>`, escaped(s.Name), n, n)
	}
	for _, part := range []struct{ name, text string }{
		{"[Content_Types].xml", header + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
			`<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>` +
			`<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>` + types + `</Types>`},
		{"_rels/.rels", rootRelation},
		{"xl/workbook.xml", header + `<workbook ` + mainSpace + ` xmlns:r="` + officeSpace + `"><sheets>` + list + `</sheets></workbook>`},
		{"xl/_rels/workbook.xml.rels", header + `<Relationships ` + packageSpace + `>` + relations + fmt.Sprintf(`<Relationship Id="rId%d" Type="%s/styles" Target="styles.xml"/>`, len(sheets)+1, officeSpace) + `</Relationships>`},
		{"xl/styles.xml", styles},
	} {
		out, err := archive.Create(part.name)
		if err == nil {
			_, err = io.WriteString(out, part.text)
		}
		if err != nil {
			return err
		}
	}
	for i, s := range sheets {
		out, err := archive.Create(fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1))
		if err == nil {
			err = writeSheet(out, s.Rows)
		}
		if err != nil {
			return err
		}
	}
	return archive.Close()
}

// writeSheet writes the rows; the first stays in sight.
func writeSheet(w io.Writer, rows [][]string) error {
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, `%s<worksheet %s><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>`, header, mainSpace)
	for i, row := range rows {
		style := 1
		if i == 0 {
			style = 2
		}
		fmt.Fprintf(out, `<row r="%d">`, i+1)
		for column, value := range row {
			if value != "" {
				writeCell(out, column, i+1, style, value)
			}
		}
		out.WriteString("</row>")
	}
	out.WriteString("</sheetData></worksheet>")
	return out.Flush() // keeps the first error of all that was written
}

func writeCell(out *bufio.Writer, column, row, style int, value string) {
	fmt.Fprintf(out, `<c r="%c%d" s="%d" t="inlineStr"><is><t xml:space="preserve">%s</t></is></c>`, 'A'+column, row, style, escaped(value))
}

func escaped(value string) string {
	var text strings.Builder
	_ = xml.EscapeText(&text, []byte(value)) // a builder takes everything
	return text.String()
}
