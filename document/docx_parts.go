package document

import (
	"strconv"
	"strings"
)

// wordLanguages are the tags that word processors know their dictionaries by.
var wordLanguages = map[string]string{"ar": "ar-SA", "en": "en-GB", "es": "es-ES", "fr": "fr-FR", "ru": "ru-RU", "zh": "zh-CN"}

// wordLanguage returns the language of a run, for the script that it is written in.
func wordLanguage(language string) string {
	tag := wordLanguages[primary(language)]
	if tag == "" {
		tag = language
	}
	switch primary(language) {
	case "ar":
		return `<w:lang w:bidi="` + esc(tag) + `"/>`
	case "zh":
		return `<w:lang w:val="en-GB" w:eastAsia="` + esc(tag) + `"/>`
	default:
		return `<w:lang w:val="` + esc(tag) + `"/>`
	}
}

// wordStyle is one style of paragraphs. Sizes are in half points, spaces in twentieths of a point.
type wordStyle struct {
	id, name  string
	paragraph string // properties of the paragraph
	size      int
	bold      bool
	colour    string
	outline   int // of a heading, from 1
	next      string
}

var wordStyleList = []wordStyle{
	{id: "Title", name: "Title", paragraph: `<w:keepNext/><w:spacing w:before="120" w:after="60"/>`, size: 40, bold: true, colour: "1F3A57", next: "Normal"},
	{id: "Subtitle", name: "Subtitle", paragraph: `<w:spacing w:after="240"/>`, size: 24, colour: "4A545D", next: "Normal"},
	{id: "Issuer", name: "Issuer", paragraph: `<w:spacing w:before="240" w:after="0"/>`, size: 22, colour: "4A545D", next: "Title"},
	{id: "Marking", name: "Marking", paragraph: `<w:pBdr><w:top w:val="single" w:sz="8" w:space="3" w:color="1B2228"/><w:bottom w:val="single" w:sz="8" w:space="3" w:color="1B2228"/></w:pBdr><w:spacing w:after="120"/><w:jc w:val="center"/>`, size: 22, bold: true, next: "Normal"},
	{id: "Heading1", name: "heading 1", paragraph: `<w:keepNext/><w:keepLines/><w:spacing w:before="320" w:after="100"/>`, size: 28, bold: true, colour: "1F3A57", outline: 1, next: "Normal"},
	{id: "Heading2", name: "heading 2", paragraph: `<w:keepNext/><w:keepLines/><w:spacing w:before="240" w:after="80"/>`, size: 24, bold: true, colour: "1F3A57", outline: 2, next: "Normal"},
	{id: "Heading3", name: "heading 3", paragraph: `<w:keepNext/><w:keepLines/><w:spacing w:before="200" w:after="60"/>`, size: 21, bold: true, outline: 3, next: "Normal"},
	{id: "Caption", name: "caption", paragraph: `<w:spacing w:before="120" w:after="80"/>`, size: 19, bold: true, next: "Normal"},
	{id: "Quiet", name: "Remark", size: 19, colour: "4A545D", next: "Normal"},
	{id: "ListParagraph", name: "List Paragraph", paragraph: `<w:spacing w:after="60"/>`, size: 21},
	{id: "TableText", name: "Table Text", paragraph: `<w:spacing w:before="40" w:after="40" w:line="240" w:lineRule="auto"/>`, size: 18},
	{id: "FootnoteText", name: "footnote text", paragraph: `<w:spacing w:after="0" w:line="240" w:lineRule="auto"/>`, size: 17},
	{id: "Header", name: "header", paragraph: `<w:tabs><w:tab w:val="end" w:pos="9640"/></w:tabs><w:spacing w:after="0"/>`, size: 17, colour: "4A545D"},
	{id: "Footer", name: "footer", paragraph: `<w:tabs><w:tab w:val="end" w:pos="9640"/></w:tabs><w:spacing w:after="0"/>`, size: 17, colour: "4A545D"},
}

func (s wordStyle) xml() string {
	var b strings.Builder
	b.WriteString(`<w:style w:type="paragraph" w:styleId="` + s.id + `"><w:name w:val="` + s.name + `"/><w:basedOn w:val="Normal"/>`)
	if s.next != "" {
		b.WriteString(`<w:next w:val="` + s.next + `"/>`)
	}
	b.WriteString(`<w:qFormat/><w:pPr>` + s.paragraph)
	if s.outline > 0 {
		b.WriteString(`<w:outlineLvl w:val="` + strconv.Itoa(s.outline-1) + `"/>`)
	}
	b.WriteString(`</w:pPr><w:rPr>`)
	if s.bold {
		b.WriteString(`<w:b/><w:bCs/>`)
	}
	if s.colour != "" {
		b.WriteString(`<w:color w:val="` + s.colour + `"/>`)
	}
	size := strconv.Itoa(s.size)
	b.WriteString(`<w:sz w:val="` + size + `"/><w:szCs w:val="` + size + `"/></w:rPr></w:style>`)
	return b.String()
}

// wordStyles returns the styles, with fonts that offices have for all six languages.
func wordStyles(d Doc) string {
	bidi := ""
	if d.RightToLeft() {
		bidi = `<w:bidi/>`
	}
	tag := wordLanguages[primary(d.Language)]
	if tag == "" || d.RightToLeft() || tag == "zh-CN" {
		tag = "en-GB"
	}
	var b strings.Builder
	b.WriteString(xmlHead + `<w:styles xmlns:w="` + wordMain + `"><w:docDefaults><w:rPrDefault><w:rPr>` +
		`<w:rFonts w:ascii="Arial" w:hAnsi="Arial" w:cs="Arial" w:eastAsia="Microsoft YaHei"/><w:sz w:val="21"/><w:szCs w:val="21"/>` +
		`<w:lang w:val="` + tag + `" w:eastAsia="zh-CN" w:bidi="ar-SA"/></w:rPr></w:rPrDefault></w:docDefaults>` +
		`<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/><w:pPr><w:widowControl/>` + bidi +
		`<w:spacing w:after="140" w:line="276" w:lineRule="auto"/></w:pPr></w:style>` +
		`<w:style w:type="character" w:styleId="FootnoteReference"><w:name w:val="footnote reference"/><w:rPr><w:vertAlign w:val="superscript"/></w:rPr></w:style>` +
		`<w:style w:type="character" w:styleId="Hyperlink"><w:name w:val="Hyperlink"/><w:rPr><w:color w:val="0B4F8A"/><w:u w:val="single"/></w:rPr></w:style>`)
	for _, s := range wordStyleList {
		b.WriteString(s.xml())
	}
	b.WriteString(`<w:style w:type="table" w:styleId="Grid"><w:name w:val="Table Grid"/><w:tblPr><w:tblBorders>` +
		`<w:top w:val="single" w:sz="8" w:color="1F4E79"/><w:bottom w:val="single" w:sz="4" w:color="9AA6B1"/><w:insideH w:val="single" w:sz="4" w:color="D5DBE1"/></w:tblBorders>` +
		`<w:tblCellMar><w:left w:w="85" w:type="dxa"/><w:right w:w="85" w:type="dxa"/></w:tblCellMar></w:tblPr>` +
		`<w:tblStylePr w:type="firstRow"><w:tcPr><w:shd w:val="clear" w:color="auto" w:fill="E3EAF1"/></w:tcPr></w:tblStylePr></w:style></w:styles>`)
	return b.String()
}

// section ends the body: A4, margins of 20 mm, with the head and foot of every page.
func (x *wordWriter) section() {
	x.add(`<w:sectPr><w:headerReference w:type="default" r:id="rIdHeader"/><w:footerReference w:type="default" r:id="rIdFooter"/>`,
		`<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1304" w:right="1134" w:bottom="1247" w:left="1134" w:header="567" w:footer="567" w:gutter="0"/>`)
	if x.d.RightToLeft() {
		x.add(`<w:bidi/>`)
	}
	x.add(`</w:sectPr>`)
}

func (x *wordWriter) header() string {
	return xmlHead + `<w:hdr ` + wordSpaces + `><w:p><w:pPr><w:pStyle w:val="Header"/></w:pPr>` + wordRuns(Run{Text: x.d.Title}, x.d.Language) +
		`<w:r><w:tab/></w:r>` + wordRuns(Run{Text: x.d.Marking, Strong: true}, x.d.Language) + `</w:p></w:hdr>`
}

// footer has the marking and the number of the page, in the words of the language.
func (x *wordWriter) footer() string {
	var b strings.Builder
	b.WriteString(xmlHead + `<w:ftr ` + wordSpaces + `><w:p><w:pPr><w:pStyle w:val="Footer"/></w:pPr>` +
		wordRuns(Run{Text: x.d.Marking, Strong: true}, x.d.Language) + `<w:r><w:tab/></w:r>`)
	before, rest, _ := strings.Cut(x.d.Words.Page, "{page}")
	between, after, _ := strings.Cut(rest, "{pages}")
	for _, s := range []struct{ text, field string }{{before, "PAGE"}, {between, "NUMPAGES"}, {after, ""}} {
		b.WriteString(wordRuns(Run{Text: s.text}, x.d.Language))
		if s.field != "" {
			b.WriteString(`<w:fldSimple w:instr=" ` + s.field + ` "><w:r><w:t>1</w:t></w:r></w:fldSimple>`)
		}
	}
	b.WriteString(`</w:p></w:ftr>`)
	return b.String()
}

func (x *wordWriter) footnotes() string {
	var b strings.Builder
	b.WriteString(xmlHead + `<w:footnotes ` + wordSpaces + `><w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>` +
		`<w:footnote w:type="continuationSeparator" w:id="0"><w:p><w:r><w:continuationSeparator/></w:r></w:p></w:footnote>`)
	for i, n := range x.notes {
		b.WriteString(`<w:footnote w:id="` + strconv.Itoa(i+1) + `"><w:p><w:pPr><w:pStyle w:val="FootnoteText"/></w:pPr>` +
			`<w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr><w:footnoteRef/></w:r>` + wordRuns(Run{Text: " " + n}, x.d.Language) + `</w:p></w:footnote>`)
	}
	b.WriteString(`</w:footnotes>`)
	return b.String()
}

const chartSpace = "http://schemas.openxmlformats.org/drawingml/2006/chart"

// chartPart returns a chart that carries its own values: it is drawn by the program that shows the document, as sharp as
// that can. A missing value is a gap whose category says why.
//
// Source: ECMA-376 Part 1, DrawingML – Charts.
func chartPart(f Drafted, d Doc) string {
	kind, order := "barChart", "minMax"
	if f.Line {
		kind = "lineChart"
	}
	if d.RightToLeft() {
		order = "maxMin"
	}
	var b strings.Builder
	b.WriteString(xmlHead + `<c:chartSpace xmlns:c="` + chartSpace + `" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><c:roundedCorners val="0"/>` +
		`<c:chart><c:autoTitleDeleted val="1"/><c:plotArea><c:layout/><c:` + kind + `>`)
	if !f.Line {
		b.WriteString(`<c:barDir val="col"/>`)
	}
	grouping := "clustered"
	if f.Line {
		grouping = "standard"
	}
	b.WriteString(`<c:grouping val="` + grouping + `"/><c:varyColors val="0"/>`)
	for i := range f.Series {
		chartSeries(&b, f, i)
	}
	b.WriteString(`<c:axId val="1"/><c:axId val="2"/></c:` + kind + `>`)
	last := f.Ticks[len(f.Ticks)-1].Value
	b.WriteString(`<c:catAx><c:axId val="1"/><c:scaling><c:orientation val="` + order + `"/></c:scaling><c:delete val="0"/><c:axPos val="b"/><c:crossAx val="2"/></c:catAx>` +
		`<c:valAx><c:axId val="2"/><c:scaling><c:orientation val="minMax"/><c:max val="` + number(last) + `"/><c:min val="0"/></c:scaling><c:delete val="0"/><c:axPos val="l"/>` +
		`<c:majorGridlines><c:spPr><a:ln w="6350"><a:solidFill><a:srgbClr val="D5DBE1"/></a:solidFill></a:ln></c:spPr></c:majorGridlines>` +
		`<c:numFmt formatCode="` + format(f) + `" sourceLinked="0"/><c:crossAx val="1"/><c:majorUnit val="` + number(f.Ticks[1].Value) + `"/></c:valAx></c:plotArea>`)
	if len(f.Series) > 1 {
		b.WriteString(`<c:legend><c:legendPos val="t"/></c:legend>`)
	}
	b.WriteString(`<c:plotVisOnly val="1"/><c:dispBlanksAs val="gap"/></c:chart></c:chartSpace>`)
	return b.String()
}

func number(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

// format returns how the values of a chart are written: as the ticks are.
func format(f Drafted) string {
	if strings.Contains(f.Ticks[len(f.Ticks)-1].Text, "%") {
		return "0%"
	}
	return "General"
}

func chartSeries(b *strings.Builder, f Drafted, i int) {
	s, n := f.Series[i], strconv.Itoa(i)
	ink := `<a:solidFill><a:srgbClr val="` + strings.ToUpper(strings.TrimPrefix(Inks[i], "#")) + `"/></a:solidFill>`
	b.WriteString(`<c:ser><c:idx val="` + n + `"/><c:order val="` + n + `"/><c:tx><c:v>` + esc(s.Name) + `</c:v></c:tx>`)
	if f.Line {
		b.WriteString(`<c:spPr><a:ln w="28575">` + ink + `</a:ln></c:spPr><c:marker><c:symbol val="square"/><c:size val="6"/><c:spPr>` + ink + `</c:spPr></c:marker>`)
	} else {
		b.WriteString(`<c:spPr>` + ink + `</c:spPr><c:invertIfNegative val="0"/>`)
	}
	b.WriteString(`<c:dLbls><c:numFmt formatCode="` + format(f) + `" sourceLinked="0"/><c:showLegendKey val="0"/><c:showVal val="1"/><c:showCatName val="0"/><c:showSerName val="0"/><c:showPercent val="0"/><c:showBubbleSize val="0"/></c:dLbls>`)
	count := strconv.Itoa(len(f.Categories))
	b.WriteString(`<c:cat><c:strLit><c:ptCount val="` + count + `"/>`)
	for j, name := range f.Categories {
		if s.Points[j].Missing && s.Points[j].Text != "" {
			name += " – " + s.Points[j].Text
		}
		b.WriteString(`<c:pt idx="` + strconv.Itoa(j) + `"><c:v>` + esc(name) + `</c:v></c:pt>`)
	}
	b.WriteString(`</c:strLit></c:cat><c:val><c:numLit><c:formatCode>` + format(f) + `</c:formatCode><c:ptCount val="` + count + `"/>`)
	for j, p := range s.Points {
		if !p.Missing {
			b.WriteString(`<c:pt idx="` + strconv.Itoa(j) + `"><c:v>` + number(p.Value) + `</c:v></c:pt>`)
		}
	}
	b.WriteString(`</c:numLit></c:val>`)
	if f.Line {
		b.WriteString(`<c:smooth val="0"/>`)
	}
	b.WriteString(`</c:ser>`)
}
