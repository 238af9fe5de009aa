package document

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	sheetMain  = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	sheetKind  = "application/vnd.openxmlformats-officedocument.spreadsheetml."
	headerRow  = 4 // the marking, the title and an empty line stand above
	cellRunes  = 32_000
	sheetRunes = 31
)

// WriteXLSX writes the tables of a document as a workbook with one sheet each. Cells are texts or numbers, never formulas,
// and keep what they hold as it is; the marking stands in the first line and on every printed page.
//
// Source: ECMA-376 Part 1, SpreadsheetML.
func WriteXLSX(w io.Writer, d Doc) error {
	if err := d.Check(); err != nil {
		return err
	}
	tables := d.Tables()
	if len(tables) == 0 {
		tables = []Table{{Caption: d.Title, Columns: []Column{{Name: d.Title}}}}
	}
	names := sheetNames(tables)
	parts := []part{
		{mainRelations, "", relations([]relation{
			{id: "rId1", kind: officeRels + "/officeDocument", target: "xl/workbook.xml"},
			{id: "rId2", kind: "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties", target: "docProps/core.xml"},
		})},
		coreProperties(d),
		workbook(names, tables),
		workbookRelations(len(tables)),
		{"xl/styles.xml", sheetKind + "styles+xml", sheetStyles},
	}
	for i, t := range tables {
		parts = append(parts, part{fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1), sheetKind + "worksheet+xml", sheet(d, t)})
	}
	return zipped(w, d.Made, parts)
}

const sheetStyles = xmlHead + `<styleSheet xmlns="` + sheetMain + `"><fonts count="3"><font><sz val="10"/><name val="Arial"/></font>` +
	`<font><b/><sz val="10"/><name val="Arial"/></font><font><b/><sz val="14"/><name val="Arial"/></font></fonts>` +
	`<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>` +
	`<fill><patternFill patternType="solid"><fgColor rgb="FFE3EAF1"/></patternFill></fill></fills><borders count="1"><border/></borders>` +
	`<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="4"><xf fontId="0" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>` +
	`<xf fontId="1" fillId="2" applyFont="1" applyFill="1" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>` +
	`<xf fontId="2" applyFont="1"/><xf fontId="1" applyFont="1"/></cellXfs></styleSheet>`

// sheetNames returns a name for each sheet that programs accept: short, unlike its siblings, without what is forbidden.
func sheetNames(tables []Table) []string {
	used := map[string]bool{}
	names := make([]string, len(tables))
	for i, t := range tables {
		name := t.Sheet
		if name == "" {
			name = t.Caption
		}
		name = strings.Trim(strings.Map(func(r rune) rune {
			if strings.ContainsRune(`[]:*?/\`, r) || r < 0x20 {
				return ' '
			}
			return r
		}, name), " '")
		names[i] = cut(name, sheetRunes)
		if names[i] == "" || used[strings.ToLower(names[i])] {
			names[i] = cut(name, sheetRunes-4) + " " + strconv.Itoa(i+1)
		}
		used[strings.ToLower(names[i])] = true
	}
	return names
}

// cut returns at most n characters of a text.
func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return strings.TrimSpace(string([]rune(s)[:n]))
}

func workbook(names []string, tables []Table) part {
	var b, printed strings.Builder
	b.WriteString(xmlHead + `<workbook xmlns="` + sheetMain + `" xmlns:r="` + officeRels + `"><sheets>`)
	for i, name := range names {
		n := strconv.Itoa(i + 1)
		b.WriteString(`<sheet name="` + esc(name) + `" sheetId="` + n + `" r:id="rId` + n + `"/>`)
		quoted := "'" + strings.ReplaceAll(name, "'", "''") + "'"
		fmt.Fprintf(&printed, `<definedName name="_xlnm.Print_Titles" localSheetId="%d">%s!$%d:$%d</definedName>`, i, esc(quoted), headerRow, headerRow)
		fmt.Fprintf(&printed, `<definedName name="_xlnm._FilterDatabase" localSheetId="%d" hidden="1">%s!$A$%d:$%s$%d</definedName>`,
			i, esc(quoted), headerRow, column(len(tables[i].Columns)-1), headerRow+len(tables[i].Rows))
	}
	b.WriteString(`</sheets><definedNames>` + printed.String() + `</definedNames></workbook>`)
	return part{"xl/workbook.xml", sheetKind + "sheet.main+xml", b.String()}
}

func workbookRelations(sheets int) part {
	var list []relation
	for i := range sheets {
		list = append(list, relation{id: fmt.Sprintf("rId%d", i+1), kind: officeRels + "/worksheet", target: fmt.Sprintf("worksheets/sheet%d.xml", i+1)})
	}
	list = append(list, relation{id: "rIdStyles", kind: officeRels + "/styles", target: "styles.xml"})
	return part{"xl/_rels/workbook.xml.rels", "", relations(list)}
}

// column returns the letters of a column, from 0.
func column(i int) string {
	if i < 26 {
		return string(rune('A' + i))
	}
	return column(i/26-1) + column(i%26)
}

func sheet(d Doc, t Table) string {
	var b strings.Builder
	b.WriteString(xmlHead + `<worksheet xmlns="` + sheetMain + `"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr><sheetViews><sheetView workbookViewId="0"`)
	if d.RightToLeft() {
		b.WriteString(` rightToLeft="1"`)
	}
	fmt.Fprintf(&b, `><pane ySplit="%d" topLeftCell="A%d" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>`, headerRow, headerRow+1)
	for i, c := range t.Columns {
		fmt.Fprintf(&b, `<col min="%d" max="%d" width="%.1f" customWidth="1"/>`, i+1, i+1, 14*math.Sqrt(weight(c))*1.2)
	}
	b.WriteString(`</cols><sheetData>`)
	fmt.Fprintf(&b, `<row r="1">%s</row><row r="2">%s</row>`, textCell("A1", d.Marking, 3), textCell("A2", t.Caption, 2))
	fmt.Fprintf(&b, `<row r="%d">`, headerRow)
	for i, c := range t.Columns {
		b.WriteString(textCell(column(i)+strconv.Itoa(headerRow), c.Name, 1))
	}
	b.WriteString(`</row>`)
	for i := range t.Rows {
		sheetRow(&b, t, i)
	}
	marking := strings.ReplaceAll(d.Marking, "&", "&&")
	fmt.Fprintf(&b, `</sheetData><autoFilter ref="A%d:%s%d"/><pageMargins left="0.5" right="0.5" top="0.75" bottom="0.75" header="0.3" footer="0.3"/>`,
		headerRow, column(len(t.Columns)-1), headerRow+len(t.Rows))
	b.WriteString(`<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/><headerFooter><oddHeader>&amp;C` + esc(marking) +
		`</oddHeader><oddFooter>&amp;C` + esc(marking) + `&amp;R&amp;P / &amp;N</oddFooter></headerFooter></worksheet>`)
	return b.String()
}

func sheetRow(b *strings.Builder, t Table, i int) {
	n := strconv.Itoa(headerRow + 1 + i)
	b.WriteString(`<row r="` + n + `">`)
	for j, text := range t.cells(i) {
		place := column(j) + n
		x, err := strconv.ParseFloat(text, 64)
		if t.Columns[j].Number && t.Raw != nil && err == nil && !math.IsInf(x, 0) && !math.IsNaN(x) {
			b.WriteString(`<c r="` + place + `" s="0"><v>` + strconv.FormatFloat(x, 'g', -1, 64) + `</v></c>`)
			continue
		}
		if text != "" {
			b.WriteString(textCell(place, cut(text, cellRunes), 0))
		}
	}
	b.WriteString(`</row>`)
}

// textCell returns a cell that is a text whatever it looks like.
func textCell(place, text string, style int) string {
	return `<c r="` + place + `" t="inlineStr" s="` + strconv.Itoa(style) + `"><is><t xml:space="preserve">` + esc(text) + `</t></is></c>`
}

// weight returns a column's share of the width among its siblings.
func weight(c Column) float64 {
	if c.Weight <= 0 {
		return 1
	}
	return c.Weight
}
