package document

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
)

const (
	wordMain    = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
	wordKind    = "application/vnd.openxmlformats-officedocument.wordprocessingml."
	wordSpaces  = `xmlns:w="` + wordMain + `" xmlns:r="` + officeRels + `"`
	drawing     = `xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"`
	textTwips   = 9640 // width of the text on A4 between margins of 20 mm, in twentieths of a point
	emuPerPoint = 12700
)

// WriteDOCX writes a document as DOCX with styles, headings, header rows of tables, footnotes, languages, alternative texts
// and directions, the marking in the head and foot of every page, and charts as charts.
//
// Source: ECMA-376 Part 1, WordprocessingML.
func WriteDOCX(w io.Writer, d Doc) error {
	if err := d.Check(); err != nil {
		return err
	}
	x := wordWriter{d: d}
	x.title()
	for _, b := range d.Blocks {
		x.block(b)
	}
	x.section()
	return zipped(w, d.Made, x.parts())
}

// wordWriter writes the body of a document and remembers what its other parts need.
type wordWriter struct {
	d               Doc
	b               strings.Builder
	notes           []string
	links           []string
	charts          []Drafted
	tables, ordered int // so far
}

func (x *wordWriter) add(parts ...string) {
	for _, s := range parts {
		x.b.WriteString(s)
	}
}

func (x *wordWriter) parts() []part {
	list := []relation{
		{id: "rIdStyles", kind: officeRels + "/styles", target: "styles.xml"},
		{id: "rIdNumbering", kind: officeRels + "/numbering", target: "numbering.xml"},
		{id: "rIdSettings", kind: officeRels + "/settings", target: "settings.xml"},
		{id: "rIdNotes", kind: officeRels + "/footnotes", target: "footnotes.xml"},
		{id: "rIdHeader", kind: officeRels + "/header", target: "header1.xml"},
		{id: "rIdFooter", kind: officeRels + "/footer", target: "footer1.xml"},
	}
	parts := []part{
		{mainRelations, "", relations([]relation{
			{id: "rId1", kind: officeRels + "/officeDocument", target: "word/document.xml"},
			{id: "rId2", kind: "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties", target: "docProps/core.xml"},
		})},
		coreProperties(x.d),
		{"word/document.xml", wordKind + "document.main+xml", xmlHead + `<w:document ` + wordSpaces + ` ` + drawing + `><w:body>` + x.b.String() + `</w:body></w:document>`},
		{"word/styles.xml", wordKind + "styles+xml", wordStyles(x.d)},
		{"word/numbering.xml", wordKind + "numbering+xml", x.numbering()},
		{"word/settings.xml", wordKind + "settings+xml", wordSettings},
		{"word/footnotes.xml", wordKind + "footnotes+xml", x.footnotes()},
		{"word/header1.xml", wordKind + "header+xml", x.header()},
		{"word/footer1.xml", wordKind + "footer+xml", x.footer()},
	}
	for i, f := range x.charts {
		name := fmt.Sprintf("charts/chart%d.xml", i+1)
		list = append(list, relation{id: fmt.Sprintf("rIdChart%d", i+1), kind: officeRels + "/chart", target: name})
		parts = append(parts, part{"word/" + name, "application/vnd.openxmlformats-officedocument.drawingml.chart+xml", chartPart(f, x.d)})
	}
	for i, link := range x.links {
		list = append(list, relation{id: fmt.Sprintf("rIdLink%d", i+1), kind: officeRels + "/hyperlink", target: link, external: true})
	}
	return append(parts, part{"word/_rels/document.xml.rels", "", relations(list)})
}

const wordSettings = xmlHead + `<w:settings xmlns:w="` + wordMain + `"><w:footnotePr><w:footnote w:id="-1"/><w:footnote w:id="0"/></w:footnotePr>` +
	`<w:compat><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat></w:settings>`

// paragraph begins a paragraph in a style; properties come in the order that the schema asks for.
func (x *wordWriter) paragraph(style, properties string) {
	x.add(`<w:p><w:pPr><w:pStyle w:val="`, style, `"/>`, properties, `</w:pPr>`)
}

func (x *wordWriter) end() { x.add("</w:p>") }

func (x *wordWriter) title() {
	for _, line := range []struct{ style, text string }{
		{"Marking", x.d.Marking}, {"Quiet", x.d.Notice}, {"Issuer", x.d.Issuer}, {"Title", x.d.Title}, {"Subtitle", x.d.Subtitle},
	} {
		if line.text != "" {
			x.paragraph(line.style, "")
			x.runs(Text(line.text))
			x.end()
		}
	}
}

func (x *wordWriter) block(b Block) {
	switch b.Kind {
	case Heading:
		x.paragraph("Heading"+strconv.Itoa(b.Level), "")
		if b.Number != "" {
			x.runs(Text(b.Number + " "))
		}
		x.runs(b.Runs)
		x.end()
	case Paragraph:
		x.text(b)
	case List:
		x.list(b)
	case Tabular:
		x.table(*b.Table)
	case Drawing:
		x.figure(*b.Figure)
	case PageBreak:
		x.add(`<w:p><w:r><w:br w:type="page"/></w:r></w:p>`)
	}
}

func (x *wordWriter) text(b Block) {
	style := "Normal"
	if b.Quiet {
		style = "Quiet"
	}
	if b.Number == "" {
		x.paragraph(style, "")
	} else {
		x.paragraph(style, `<w:tabs><w:tab w:val="left" w:pos="567"/></w:tabs><w:ind w:left="567" w:hanging="567"/>`)
		x.runs(Text(b.Number))
		x.add(`<w:r><w:tab/></w:r>`)
	}
	x.runs(b.Runs)
	x.end()
}

// list writes items with automatic numbers or bullets; each ordered list begins from 1.
func (x *wordWriter) list(b Block) {
	id := 1
	if b.Ordered {
		x.ordered++
		id = x.ordered + 1
	}
	for _, item := range b.Items {
		x.paragraph("ListParagraph", `<w:numPr><w:ilvl w:val="0"/><w:numId w:val="`+strconv.Itoa(id)+`"/></w:numPr>`)
		x.runs(item)
		x.end()
	}
}

func (x *wordWriter) numbering() string {
	var b strings.Builder
	b.WriteString(xmlHead + `<w:numbering xmlns:w="` + wordMain + `">`)
	level := `<w:abstractNum w:abstractNumId="%d"><w:multiLevelType w:val="singleLevel"/><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="%s"/><w:lvlText w:val="%s"/><w:lvlJc w:val="start"/><w:pPr><w:ind w:left="567" w:hanging="397"/></w:pPr></w:lvl></w:abstractNum>`
	fmt.Fprintf(&b, level, 0, "bullet", "•")
	fmt.Fprintf(&b, level, 1, "decimal", "%1.")
	b.WriteString(`<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>`)
	for i := range x.ordered {
		fmt.Fprintf(&b, `<w:num w:numId="%d"><w:abstractNumId w:val="1"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>`, i+2)
	}
	b.WriteString(`</w:numbering>`)
	return b.String()
}

func (x *wordWriter) runs(runs []Run) {
	for _, r := range runs {
		x.run(r)
	}
}

func (x *wordWriter) run(r Run) {
	if r.Link != "" {
		x.links = append(x.links, r.Link)
		x.add(`<w:hyperlink r:id="rIdLink`, strconv.Itoa(len(x.links)), `">`)
	}
	x.add(wordRuns(r, x.d.Language))
	if r.Link != "" {
		x.add(`</w:hyperlink>`)
	}
	if r.Note != "" {
		x.notes = append(x.notes, r.Note)
		x.add(`<w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr><w:footnoteReference w:id="`, strconv.Itoa(len(x.notes)), `"/></w:r>`)
	}
}

// wordRuns writes a run, cut where the direction of its script changes: the program that reads it chooses fonts and
// weights by that.
func wordRuns(r Run, language string) string {
	if r.Language != "" {
		language = r.Language
	}
	var b strings.Builder
	for _, piece := range pieces(r.Text, rightToLeft(language)) {
		b.WriteString(`<w:r><w:rPr>`)
		if r.Link != "" {
			b.WriteString(`<w:rStyle w:val="Hyperlink"/>`)
		}
		if r.Strong {
			b.WriteString(`<w:b/><w:bCs/>`)
		}
		if r.Emphasis {
			b.WriteString(`<w:i/><w:iCs/>`)
		}
		if piece.rightToLeft {
			b.WriteString(`<w:rtl/>`)
		}
		if r.Language != "" {
			b.WriteString(wordLanguage(language))
		}
		b.WriteString(`</w:rPr>` + wordText(piece.text) + `</w:r>`)
	}
	return b.String()
}

// wordText writes a text with its line breaks and tabs.
func wordText(s string) string {
	var b strings.Builder
	for i, line := range strings.Split(legible(s), "\n") {
		if i > 0 {
			b.WriteString(`<w:br/>`)
		}
		for j, cell := range strings.Split(line, "\t") {
			if j > 0 {
				b.WriteString(`<w:tab/>`)
			}
			if cell != "" {
				b.WriteString(`<w:t xml:space="preserve">` + esc(cell) + `</w:t>`)
			}
		}
	}
	return b.String()
}

// piece is a stretch of a text in one direction.
type piece struct {
	text        string
	rightToLeft bool
}

// pieces cuts a text of a right-to-left language into stretches: words with Latin or other left-to-right letters, with the
// spaces between two of them, are from left to right, everything else is not.
func pieces(text string, inRightToLeft bool) []piece {
	if !inRightToLeft {
		return []piece{{text, false}}
	}
	var list []piece
	for _, word := range words(text) {
		p := piece{word, !latin(word)}
		n := len(list)
		switch {
		case n > 0 && list[n-1].rightToLeft == p.rightToLeft:
			list[n-1].text += p.text
		case n > 1 && !p.rightToLeft && strings.TrimSpace(list[n-1].text) == "": // a space between two
			list[n-2].text += list[n-1].text + p.text
			list = list[:n-1]
		default:
			list = append(list, p)
		}
	}
	return list
}

// words cuts a text into words and the spaces between them.
func words(s string) []string {
	var list []string
	start, space := 0, false
	for i, r := range s {
		if is := unicode.IsSpace(r); i > start && is != space {
			list, start = append(list, s[start:i]), i
			space = is
		} else if i == start {
			space = is
		}
	}
	if start < len(s) {
		list = append(list, s[start:])
	}
	return list
}

// latin reports whether a word has letters of a left-to-right script and none of Arabic.
func latin(word string) bool {
	found := false
	for _, r := range word {
		if unicode.Is(unicode.Arabic, r) {
			return false
		}
		found = found || unicode.IsLetter(r)
	}
	return found
}

func (x *wordWriter) table(t Table) {
	x.tables++
	x.paragraph("Caption", `<w:keepNext/>`)
	x.runs(Text(numbered(x.d.Words.Table, x.tables, t.Caption)))
	x.end()
	x.add(`<w:tbl><w:tblPr><w:tblStyle w:val="Grid"/>`)
	if x.d.RightToLeft() {
		x.add(`<w:bidiVisual/>`)
	}
	x.add(`<w:tblW w:w="`, strconv.Itoa(textTwips), `" w:type="dxa"/><w:tblLayout w:type="fixed"/><w:tblLook w:val="0020" w:firstRow="1" w:firstColumn="0"/><w:tblCaption w:val="`,
		esc(t.Caption), `"/></w:tblPr><w:tblGrid>`)
	widths := columnWidths(t.Columns, textTwips)
	for _, width := range widths {
		x.add(`<w:gridCol w:w="`, strconv.Itoa(int(width)), `"/>`)
	}
	x.add(`</w:tblGrid><w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>`)
	for i, c := range t.Columns {
		x.cell(Strong(c.Name), c, widths[i])
	}
	x.add(`</w:tr>`)
	for _, row := range t.Rows {
		x.add(`<w:tr><w:trPr><w:cantSplit/></w:trPr>`)
		for i, cell := range row {
			x.cell(cell, t.Columns[i], widths[i])
		}
		x.add(`</w:tr>`)
	}
	x.add(`</w:tbl>`)
	x.paragraph("Normal", "")
	x.end()
}

func (x *wordWriter) cell(runs []Run, c Column, width float64) {
	x.add(`<w:tc><w:tcPr><w:tcW w:w="`, strconv.Itoa(int(width)), `" w:type="dxa"/></w:tcPr>`)
	align := ""
	if c.Number {
		align = `<w:jc w:val="end"/>`
	}
	x.paragraph("TableText", align)
	x.runs(runs)
	x.end()
	x.add(`</w:tc>`)
}

// columnWidths shares a width among columns by their weights.
func columnWidths(columns []Column, width float64) []float64 {
	sum := 0.0
	for _, c := range columns {
		sum += weight(c)
	}
	widths := make([]float64, len(columns))
	for i, c := range columns {
		widths[i] = width * weight(c) / sum
	}
	return widths
}

func (x *wordWriter) figure(f Drafted) {
	x.charts = append(x.charts, f)
	n := strconv.Itoa(len(x.charts))
	x.paragraph("Normal", `<w:keepNext/>`)
	x.add(`<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="`, strconv.Itoa(480*emuPerPoint), `" cy="`, strconv.Itoa(200*emuPerPoint),
		`"/><wp:docPr id="`, n, `" name="`, esc(numbered(x.d.Words.Figure, len(x.charts), "")), `" descr="`, esc(f.Alt), `"/><a:graphic><a:graphicData uri="`, chartSpace,
		`"><c:chart xmlns:c="`, chartSpace, `" r:id="rIdChart`, n, `"/></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>`)
	x.end()
	x.paragraph("Caption", "")
	x.runs(Text(numbered(x.d.Words.Figure, len(x.charts), f.Caption)))
	x.end()
}
