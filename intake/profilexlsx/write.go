package profilexlsx

import (
	"archive/zip"
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"comity"
	"comity/intake/profile"
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

// names are the sheets in their order.
var names = []struct{ name, kind string }{
	{"services", profile.KindService}, {"software", profile.KindSoftware}, {"suppliers", profile.KindSupplier}, {"coverage", profile.KindCoverage},
}

// Write writes a profile as a workbook that Parse reads and profile.Apply finds equal: a sheet for each kind of row.
func Write(w io.Writer, p comity.Profile) error {
	archive := zip.NewWriter(w)
	types, relations, sheets := "", "", ""
	for i, s := range names {
		n := i + 1
		types += fmt.Sprintf(`<Override PartName="/xl/worksheets/sheet%d.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>`, n)
		relations += fmt.Sprintf(`<Relationship Id="rId%d" Type="%s/worksheet" Target="worksheets/sheet%d.xml"/>`, n, officeSpace, n)
		sheets += fmt.Sprintf(`<sheet name="%s" sheetId="%d" r:id="rId%d"/>`, s.name, n, n)
	}
	for _, part := range []struct{ name, text string }{
		{"[Content_Types].xml", header + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
			`<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>` +
			`<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>` + types + `</Types>`},
		{"_rels/.rels", rootRelation},
		{"xl/workbook.xml", header + `<workbook ` + mainSpace + ` xmlns:r="` + officeSpace + `"><sheets>` + sheets + `</sheets></workbook>`},
		{"xl/_rels/workbook.xml.rels", header + `<Relationships ` + packageSpace + `>` + relations + fmt.Sprintf(`<Relationship Id="rId%d" Type="%s/styles" Target="styles.xml"/>`, len(names)+1, officeSpace) + `</Relationships>`},
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
	rows := profile.Rows(p)
	for i, s := range names {
		out, err := archive.Create(fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1))
		if err == nil {
			err = writeSheet(out, s.kind, rows)
		}
		if err != nil {
			return err
		}
	}
	return archive.Close()
}

// writeSheet writes the rows of one kind under their header.
func writeSheet(w io.Writer, kind string, rows []profile.Row) error {
	columns := profile.ColumnsOf(kind)
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, `%s<worksheet %s><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData><row r="1">`, header, mainSpace)
	for i, column := range columns {
		writeCell(out, i, 1, 2, column)
	}
	out.WriteString("</row>")
	n := 1
	for _, row := range rows {
		if row.Kind != kind {
			continue
		}
		n++
		fmt.Fprintf(out, `<row r="%d">`, n)
		for i, column := range columns {
			if value := row.Values[column]; value != "" {
				writeCell(out, i, n, 1, value)
			}
		}
		out.WriteString("</row>")
	}
	out.WriteString("</sheetData></worksheet>")
	return out.Flush() // keeps the first error of all that was written
}

func writeCell(out *bufio.Writer, column, row, style int, value string) {
	var text strings.Builder
	_ = xml.EscapeText(&text, []byte(value)) // a builder takes everything
	fmt.Fprintf(out, `<c r="%c%d" s="%d" t="inlineStr"><is><t xml:space="preserve">%s</t></is></c>`, 'A'+column, row, style, text.String())
}
