package web

import (
	"archive/zip"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

// writeXLSX answers with a workbook of one sheet. Every cell is text, so that a spreadsheet computes nothing of it.
//
// Source: ECMA-376-1:2016, SpreadsheetML with inline strings (18.3.1.53).
func (c *call) writeXLSX(name, sheet string, rows [][]string) error {
	c.attach("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", name)
	z := zip.NewWriter(c.w)
	for _, part := range []struct{ path, content string }{
		{"[Content_Types].xml", xlsxTypes},
		{"_rels/.rels", xlsxRoot},
		{"xl/workbook.xml", fmt.Sprintf(xlsxWorkbook, escapedXML(sheet))},
		{"xl/_rels/workbook.xml.rels", xlsxParts},
	} {
		if err := writePart(z, part.path, part.content); err != nil {
			return nil // who went away does not hear of it
		}
	}
	w, err := z.Create("xl/worksheets/sheet1.xml")
	if err != nil {
		return nil
	}
	if writeSheet(w, rows) == nil {
		_ = z.Close()
	}
	return nil
}

func writePart(z *zip.Writer, path, content string) error {
	w, err := z.Create(path)
	if err == nil {
		_, err = io.WriteString(w, content)
	}
	return err
}

func writeSheet(w io.Writer, rows [][]string) error {
	_, err := io.WriteString(w, xml.Header+`<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`)
	for _, row := range rows {
		var b strings.Builder
		b.WriteString("<row>")
		for _, cell := range row {
			b.WriteString(`<c t="inlineStr"><is><t xml:space="preserve">` + escapedXML(cell) + `</t></is></c>`)
		}
		b.WriteString("</row>")
		if err == nil {
			_, err = io.WriteString(w, b.String())
		}
	}
	if err == nil {
		_, err = io.WriteString(w, "</sheetData></worksheet>")
	}
	return err
}

// escapedXML writes text for XML; characters that XML can't have become U+FFFD.
func escapedXML(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // to memory, which never fails
	return b.String()
}

const (
	xlsxTypes = xml.Header + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Default Extension="xml" ContentType="application/xml"/>` +
		`<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>` +
		`<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`
	xlsxRoot = xml.Header + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
		`<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`
	xlsxWorkbook = xml.Header + `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" ` +
		`xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="%s" sheetId="1" r:id="r1"/></sheets></workbook>`
	xlsxParts = xml.Header + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
		`<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`
)
