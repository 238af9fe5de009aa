// Package pdf writes documents as PDF 1.7: text that can be searched and copied in six languages, Arabic joined and from
// right to left, with the fonts' used parts inside; a structure of headings, lists, tables, figures with alternative texts
// and languages that readers aloud follow (what PDF/UA-1 asks for, as far as it is done: it was not certified); the marking
// in the head and foot of every page. The same document gives the same bytes. Read [Write].
package pdf

import (
	"fmt"
	"html"
	"io"
	"strconv"
	"strings"

	"comity"
	"comity/document"
	"comity/document/typeface"
)

// The inks of texts.
const (
	inkText  = "#1b2228"
	inkHead  = "#1f3a57"
	inkQuiet = "#4a545d"
	inkLink  = "#0b4f8a"
	inkTable = "#e3eaf1"
	inkGrid  = "#c9d1d8"
)

// annotationKey is above the keys of all pages in the table of parents: it is what the keys of annotations begin at.
const annotationKey = 100_000

// writer lays a document out.
type writer struct {
	doc             document.Doc
	dense           float64 // part of the usual size of type
	file            *file
	shape           *shaper
	tree            *structure
	page            *page
	y               float64 // where the next item goes
	pageNotes       []*note
	notesHeight     float64 // of the page's notes with the rule above them; 0: none
	finished        []finished
	notes           int
	figures, tables int
	outline         []outlineEntry
}

// outlineEntry is a heading in the list of contents that a viewer shows beside the pages.
type outlineEntry struct {
	title string
	page  int
	y     float64
}

// densities are how small the type of a document becomes that is to fill few pages: down to 8.6 points.
var densities = []float64{1, 0.94, 0.88, 0.82}

// Write writes a document. What is too large or not whole is refused as document.Doc.Check does. A document that is to
// fill no more than so many pages is set in the largest type that reaches that, or else as any other.
func Write(w io.Writer, d document.Doc) error {
	if err := d.Check(); err != nil {
		return err
	}
	x := layOut(d, densities[0])
	for _, dense := range densities[1:] {
		if d.Pages == 0 || len(x.finished) <= d.Pages {
			break
		}
		if smaller := layOut(d, dense); len(smaller.finished) <= d.Pages {
			x = smaller
		}
	}
	if len(x.finished) >= annotationKey {
		return comity.Errorf(comity.TooLarge, "a document of %d pages", len(x.finished))
	}
	return x.finish(w)
}

// layOut puts a document on pages, in type of a part of the usual size.
func layOut(d document.Doc, dense float64) *writer {
	x := newWriter(d)
	x.dense = dense
	x.beginPage()
	x.place(x.title())
	var items []item
	for i, b := range d.Blocks {
		items = append(items, x.block(b)...)
		if last := i == len(d.Blocks)-1; last || !items[max(len(items)-1, 0)].glued {
			x.place(items)
			items = items[:0]
		}
	}
	x.endPage()
	return x
}

func newWriter(d document.Doc) *writer {
	s := &shaper{fonts: typeface.NewSet(), language: d.Language, turned: d.RightToLeft()}
	s.engine.SetFontCacheSize(8) // all fonts of a document
	return &writer{doc: d, file: newFile(), shape: s, tree: &structure{root: &element{kind: "Document"}}}
}

// leading returns the height of a line for a size: scripts with high marks or square signs have more.
func (w *writer) leading(size float64) float64 {
	size *= w.dense
	switch w.doc.Language {
	case "ar":
		return size * 1.62
	case "zh":
		return size * 1.58
	default:
		return size * 1.4
	}
}

// title returns the head of the document.
func (w *writer) title() []item {
	items := w.banner()
	for _, line := range []struct {
		text, kind, ink string
		size, gap       float64
		bold            bool
	}{
		{w.doc.Notice, "P", inkQuiet, 9, 8, false},
		{w.doc.Issuer, "P", inkQuiet, 11, 14, false},
		{w.doc.Title, "H1", inkHead, 21, 2, true},
		{w.doc.Subtitle, "P", inkQuiet, 12, 2, false},
	} {
		if line.text == "" {
			continue
		}
		r := room{x: sideMargin, width: textWidth, leading: w.leading(line.size), gap: line.gap}
		t := stretch{text: line.text, size: line.size, ink: line.ink, style: typeface.Style{Bold: line.bold}}
		items = append(items, w.textItems(w.shape.lines([]stretch{t}, textWidth), r, w.tree.root.under(line.kind))...)
	}
	for i := range items {
		items[i].glued = true
	}
	return items
}

// banner returns the marking in its frame.
func (w *writer) banner() []item {
	e := w.tree.root.under("P")
	lines := w.shape.lines([]stretch{{text: w.doc.Marking, size: 11, ink: inkText, style: typeface.Style{Bold: true}}}, textWidth-16)
	return []item{{height: 22, draw: func(p *page, y float64) {
		p.artifact("", func() {
			p.rule(sideMargin, y, pageWidth-sideMargin, y, 1, inkText)
			p.rule(sideMargin, y+22, pageWidth-sideMargin, y+22, 1, inkText)
		})
		for _, l := range lines[:1] {
			p.line(l, w.left(l, sideMargin, textWidth, middle), y+15, e)
		}
	}}}
}

// block returns the items of a block.
func (w *writer) block(b document.Block) []item {
	switch b.Kind {
	case document.Heading:
		return w.heading(b)
	case document.Paragraph:
		return w.paragraph(b)
	case document.List:
		return w.list(b)
	case document.Tabular:
		return w.table(*b.Table)
	case document.Drawing:
		return w.figure(*b.Figure)
	default:
		return []item{{endPage: true}}
	}
}

// stretches returns runs as stretches of an element, each note with its raised number behind.
func (w *writer) stretches(runs []document.Run, size float64, ink string, bold bool, e *element) []stretch {
	var list []stretch
	size *= w.dense
	for _, r := range runs {
		t := stretch{text: r.Text, size: size, ink: ink, language: r.Language, style: typeface.Style{Bold: bold || r.Strong, Italic: r.Emphasis}}
		switch {
		case r.Link != "":
			t.link, t.ink, t.tag = r.Link, inkLink, e.under("Link")
		case r.Language != "" && r.Language != w.doc.Language:
			t.tag = e.under("Span")
			t.tag.lang = r.Language
		case hasOwn(runs):
			t.tag = e.under("Span") // in the order of reading beside those with a place of their own
		}
		list = append(list, t)
		if r.Note != "" {
			list = append(list, w.call(r.Note, size, e))
		}
	}
	return list
}

// hasOwn reports whether any of the runs has a place of its own in the structure.
func hasOwn(runs []document.Run) bool {
	for _, r := range runs {
		if r.Link != "" || r.Language != "" || r.Note != "" {
			return true
		}
	}
	return false
}

// call returns the number that calls a footnote.
func (w *writer) call(text string, size float64, e *element) stretch {
	w.notes++
	number := strconv.Itoa(w.notes)
	n := &note{number: w.notes, tag: w.tree.root.under("Note"), leading: w.leading(8.5)}
	n.lines = w.shape.lines([]stretch{{text: number + " " + text, size: 8.5, ink: inkQuiet}}, textWidth)
	apart := string(leftToRightMark) // else it would be a part of a number before it
	if w.shape.turned {
		apart = string(rightToLeftMark)
	}
	return stretch{text: apart + number, size: size * 0.62, rise: size * 0.36, ink: inkText, tag: e.under("Reference"), note: n}
}

func (w *writer) heading(b document.Block) []item {
	size := [...]float64{0, 15, 12.5, 11}[b.Level]
	e := w.tree.root.under("H" + strconv.Itoa(b.Level+1))
	runs := b.Runs
	if b.Number != "" {
		runs = append([]document.Run{{Text: b.Number + " "}}, runs...)
	}
	r := room{x: sideMargin, width: textWidth, leading: w.leading(size) * 0.92, gap: size * 1.25}
	items := w.textItems(w.shape.lines(w.stretches(runs, size, inkHead, true, e), textWidth), r, e)
	for i := range items {
		items[i].glued = true
	}
	title := ""
	for _, run := range b.Runs {
		title += run.Text
	}
	if b.Level == 1 && len(items) > 0 {
		draw := items[0].draw
		items[0].draw = func(p *page, y float64) {
			w.outline = append(w.outline, outlineEntry{title, p.number, pageHeight - y})
			draw(p, y)
		}
	}
	items = append(items, item{height: 4, glued: true, draw: func(*page, float64) {}})
	return items
}

const (
	bodySize    = 10.5
	indentWidth = 27.0
)

func (w *writer) paragraph(b document.Block) []item {
	size, ink := bodySize, inkText
	if b.Quiet {
		size, ink = 9.5, inkQuiet
	}
	e := w.tree.root.under("P")
	if b.Number == "" {
		r := room{x: sideMargin, width: textWidth, leading: w.leading(size), gap: 6}
		return w.textItems(w.shape.lines(w.stretches(b.Runs, size, ink, false, e), textWidth), r, e)
	}
	return w.labelled(b.Number, b.Runs, e.under("Span"), e, 6)
}

// labelled returns a text behind a number or bullet that stands before its first line.
func (w *writer) labelled(label string, runs []document.Run, labelTag, e *element, gap float64) []item {
	r := room{x: sideMargin + indentWidth, width: textWidth - indentWidth, leading: w.leading(bodySize), gap: gap}
	if w.shape.turned {
		r.x = sideMargin
	}
	items := w.textItems(w.shape.lines(w.stretches(runs, bodySize, inkText, false, e), r.width), r, e)
	if len(items) == 0 {
		return nil
	}
	lines := w.shape.lines([]stretch{{text: label, size: bodySize * w.dense, ink: inkText}}, indentWidth*2)
	draw := items[0].draw
	items[0].draw = func(p *page, y float64) {
		for _, l := range lines[:1] {
			p.line(l, w.left(l, sideMargin, textWidth, start), y+r.leading*baseline, labelTag)
		}
		draw(p, y)
	}
	return items
}

func (w *writer) list(b document.Block) []item {
	l := w.tree.root.under("L")
	var items []item
	for i, runs := range b.Items {
		label := "•"
		if b.Ordered {
			label = strconv.Itoa(i+1) + "."
		}
		e := l.under("LI")
		items = append(items, w.labelled(label, runs, e.under("Lbl"), e.under("LBody"), 3)...)
	}
	return items
}

func (w *writer) figure(f document.Drafted) []item {
	w.figures++
	e := w.tree.root.under("Figure")
	e.alt = f.Alt
	s := f.Draw(textWidth, w.shape.turned)
	chart := item{height: s.Height, gap: 10, glued: true, draw: func(p *page, y float64) {
		e.attrs = fmt.Sprintf("/O/Layout/Placement/Block/BBox[%s %s %s %s]", num(sideMargin), num(pageHeight-y-s.Height), num(sideMargin+s.Width), num(pageHeight-y))
		p.mark(e)
		w.sketch(p, s, sideMargin, y)
	}}
	caption := w.caption(w.doc.Words.Figure, w.figures, f.Caption, w.tree.root.under("P"))
	return append([]item{chart}, caption...)
}

// caption returns the line above a table or below a figure.
func (w *writer) caption(word string, n int, text string, e *element) []item {
	if word != "" {
		text = word + " " + strconv.Itoa(n) + ". " + text
	}
	t := stretch{text: text, size: 9.5, ink: inkText, style: typeface.Style{Bold: true}}
	r := room{x: sideMargin, width: textWidth, leading: w.leading(9.5), gap: 3}
	items := w.textItems(w.shape.lines([]stretch{t}, textWidth), r, e)
	for i := range items[:len(items)-1] {
		items[i].glued = true
	}
	return items
}

// finish writes what frames the pages.
func (w *writer) finish(out io.Writer) error {
	f := w.file
	parent := f.reserve()
	frames := make([]int, len(w.finished))
	for i := range w.finished {
		frames[i] = f.stream("", w.frame(i))
	}
	var fonts, kids strings.Builder
	for _, u := range w.shape.uses.list {
		u.object = f.reserve()
		fmt.Fprintf(&fonts, "/%s %s", u.name, ref(u.object))
	}
	resources := f.add("<</Font<<" + fonts.String() + ">>>>")
	for _, u := range w.shape.uses.list {
		u.write(f)
	}
	for i, p := range w.finished {
		annotations := ""
		for _, a := range p.annotations {
			annotations += ref(a) + " "
		}
		f.put(p.number, fmt.Sprintf("<</Type/Page/Parent %s/MediaBox[0 0 595.28 841.89]/Resources %s/Contents[%s %s]/StructParents %d/Tabs/S/Annots[%s]>>",
			ref(parent), ref(resources), ref(frames[i]), ref(p.content), i, annotations))
		kids.WriteString(ref(p.number) + " ")
	}
	f.put(parent, fmt.Sprintf("<</Type/Pages/Count %d/Kids[%s]>>", len(w.finished), kids.String()))
	tree := f.reserve()
	w.tree.write(f, tree)
	direction := ""
	if w.shape.turned {
		direction = "/Direction/R2L"
	}
	metadata := f.plainStream("/Type/Metadata/Subtype/XML", w.metadata())
	root := f.add(fmt.Sprintf("<</Type/Catalog/Pages %s/Lang%s/MarkInfo<</Marked true>>/ViewerPreferences<</DisplayDocTitle true%s>>/StructTreeRoot %s/Metadata %s%s>>",
		ref(parent), text(w.doc.Language), direction, ref(tree), ref(metadata), w.outlines()))
	at := w.doc.Made.UTC().Format("20060102150405")
	info := f.add(fmt.Sprintf("<</Title%s/Author%s/Keywords%s/Producer(Comity)/CreationDate(D:%sZ)/ModDate(D:%sZ)>>", text(w.doc.Title), text(w.doc.Issuer), text(w.doc.Marking), at, at))
	return f.finish(out, root, info)
}

// frame returns the head and foot of a page: the marking in both, the title above, the number of the page below.
func (w *writer) frame(i int) []byte {
	p := &page{}
	number := strings.NewReplacer("{page}", strconv.Itoa(i+1), "{pages}", strconv.Itoa(len(w.finished))).Replace(w.doc.Words.Page)
	put := func(s string, y float64, at side, bold bool) {
		t := stretch{text: s, size: 8.5, ink: inkQuiet, style: typeface.Style{Bold: bold}}
		for _, l := range w.shape.lines([]stretch{t}, textWidth*0.72)[:1] {
			p.line(l, w.left(l, sideMargin, textWidth, at), y, nil)
		}
	}
	p.artifact("Header", func() {
		if i > 0 {
			put(w.doc.Title, 40, start, false)
			p.rule(sideMargin, 48, pageWidth-sideMargin, 48, 0.5, inkGrid)
		}
		put(w.doc.Marking, 40, end, true)
	})
	p.artifact("Footer", func() {
		put(w.doc.Marking, pageHeight-36, start, true)
		put(number, pageHeight-36, end, false)
	})
	return p.b.Bytes()
}

// outlines returns the entry of the catalogue for the list of headings.
func (w *writer) outlines() string {
	if len(w.outline) < 2 {
		return ""
	}
	f := w.file
	root := f.reserve()
	numbers := make([]int, len(w.outline))
	for i := range numbers {
		numbers[i] = f.reserve()
	}
	for i, o := range w.outline {
		around := ""
		if i > 0 {
			around += "/Prev " + ref(numbers[i-1])
		}
		if i < len(numbers)-1 {
			around += "/Next " + ref(numbers[i+1])
		}
		f.put(numbers[i], fmt.Sprintf("<</Title%s/Parent %s%s/Dest[%s/XYZ null %s null]>>", text(o.title), ref(root), around, ref(o.page), num(o.y)))
	}
	f.put(root, fmt.Sprintf("<</Type/Outlines/First %s/Last %s/Count %d>>", ref(numbers[0]), ref(numbers[len(numbers)-1]), len(numbers)))
	return "/Outlines " + ref(root)
}

// metadata returns the description as XMP, with the claim of PDF/UA-1 that assistive programs look for.
//
// Source: ISO 14289-1 §5.
func (w *writer) metadata() string {
	at := w.doc.Made.UTC().Format("2006-01-02T15:04:05Z")
	e := func(s string) string {
		return html.EscapeString(strings.Map(func(r rune) rune {
			if r < 0x20 || r == 0xFFFE || r == 0xFFFF {
				return -1
			}
			return r
		}, s))
	}
	return `<?xpacket begin="` + "\uFEFF" + `" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">` +
		`<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">` +
		`<dc:title><rdf:Alt><rdf:li xml:lang="x-default">` + e(w.doc.Title) + `</rdf:li></rdf:Alt></dc:title><dc:creator><rdf:Seq><rdf:li>` + e(w.doc.Issuer) + `</rdf:li></rdf:Seq></dc:creator>` +
		`<dc:rights><rdf:Alt><rdf:li xml:lang="x-default">` + e(w.doc.Marking) + `</rdf:li></rdf:Alt></dc:rights><dc:language><rdf:Bag><rdf:li>` + e(w.doc.Language) + `</rdf:li></rdf:Bag></dc:language>` +
		`<xmp:CreateDate>` + at + `</xmp:CreateDate><xmp:ModifyDate>` + at + `</xmp:ModifyDate><pdfuaid:part>1</pdfuaid:part>` +
		`</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>`
}

// ascii returns an address as a string of ASCII, what is beyond it escaped as in addresses.
func ascii(s string) string {
	var b strings.Builder
	b.WriteString("(")
	for _, c := range []byte(s) {
		switch {
		case c == '(' || c == ')' || c == '\\':
			b.WriteString("\\" + string(rune(c)))
		case c <= 0x20 || c >= 0x7F:
			fmt.Fprintf(&b, "%%%02X", c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String() + ")"
}
