package document

import (
	"fmt"
	"html"
	"io"
	"strconv"
	"strings"
)

// WriteHTML writes a document as one page that needs nothing else: it reads in any browser, by a screen reader and on
// paper, with the marking above and below.
func WriteHTML(w io.Writer, d Doc) error {
	if err := d.Check(); err != nil {
		return err
	}
	p := pageWriter{d: d}
	p.head()
	for _, b := range d.Blocks {
		p.block(b)
	}
	p.foot()
	_, err := io.WriteString(w, p.b.String())
	return err
}

// pageWriter writes the page of a document.
type pageWriter struct {
	d               Doc
	b               strings.Builder
	notes           []string
	figures, tables int
}

func (p *pageWriter) add(parts ...string) {
	for _, s := range parts {
		p.b.WriteString(s)
	}
}

func esc(s string) string { return html.EscapeString(legible(s)) }

func direction(language string) string {
	if rightToLeft(language) {
		return "rtl"
	}
	return "ltr"
}

const pageStyle = `:root{color-scheme:light}
body{font:16px/1.5 "Noto Sans","Noto Naskh Arabic","Noto Sans SC",system-ui,sans-serif;color:#1b2228;background:#fff;max-width:46rem;margin:0 auto;padding:1rem}
h1{font-size:1.9rem;line-height:1.2;margin:.2em 0}h2{font-size:1.3rem;margin:1.6em 0 .4em;border-block-end:1px solid #d5dbe1}h3{font-size:1.05rem;margin:1.2em 0 .3em}
h2,h3{break-after:avoid}p,li{orphans:3;widows:3}
.marking{font-weight:700;border:1px solid #1b2228;padding:.2em .7em;display:inline-block}.issuer,.subtitle,.quiet{color:#4a545d}.issuer,.subtitle{margin:0}
.numbered{display:grid;grid-template-columns:2.6em 1fr}.numbered>span{font-variant-numeric:tabular-nums}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.9rem;margin:.8em 0}caption{text-align:start;font-weight:700;padding-block:.3em}
th,td{text-align:start;vertical-align:top;padding:.35em .6em;border-block-end:1px solid #d5dbe1;overflow-wrap:break-word}thead th{border-block-end:2px solid #1f4e79}.num{text-align:end;font-variant-numeric:tabular-nums}
figure{margin:1.2em 0;break-inside:avoid}figcaption{font-weight:700}svg{max-width:100%;height:auto}
footer{margin-block-start:3em;border-block-start:1px solid #d5dbe1;padding-block-start:.8em}a{color:#0b4f8a}
@page{size:A4;margin:20mm}@media print{body{max-width:none;padding:0;font-size:10.5pt}tr{break-inside:avoid}thead{display:table-header-group}.break{break-before:page}.scroll{overflow:visible}}`

func (p *pageWriter) head() {
	d := p.d
	p.add("<!doctype html>\n<html lang=\"", esc(d.Language), "\" dir=\"", direction(d.Language), "\">\n<head>\n<meta charset=\"utf-8\">\n",
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"dcterms.created\" content=\"", d.Made.UTC().Format("2006-01-02T15:04:05Z"),
		"\">\n<title>", esc(d.Marking), " · ", esc(d.Title), "</title>\n<style>\n", pageStyle, "\n</style>\n</head>\n<body>\n<header>\n<p><span class=\"marking\" dir=\"ltr\">", esc(d.Marking), "</span></p>\n")
	if d.Notice != "" {
		p.add("<p class=\"quiet\">", esc(d.Notice), "</p>\n")
	}
	if d.Issuer != "" {
		p.add("<p class=\"issuer\">", esc(d.Issuer), "</p>\n")
	}
	p.add("<h1>", esc(d.Title), "</h1>\n")
	if d.Subtitle != "" {
		p.add("<p class=\"subtitle\">", esc(d.Subtitle), "</p>\n")
	}
	p.add("</header>\n<main>\n")
}

func (p *pageWriter) foot() {
	p.footnotes()
	p.add("</main>\n<footer><p><span class=\"marking\" dir=\"ltr\">", esc(p.d.Marking), "</span></p></footer>\n</body>\n</html>\n")
}

func (p *pageWriter) footnotes() {
	if len(p.notes) == 0 {
		return
	}
	p.add("<section><h2>", esc(p.d.Words.Notes), "</h2>\n<ol>\n")
	for i, n := range p.notes {
		id := strconv.Itoa(i + 1)
		p.add("<li id=\"note-", id, "\">", esc(n), " <a href=\"#call-", id, "\" aria-label=\"", id, "\">↩</a></li>\n")
	}
	p.add("</ol></section>\n")
}

func (p *pageWriter) block(b Block) {
	switch b.Kind {
	case Heading:
		tag := "h" + strconv.Itoa(b.Level+1)
		p.add("<", tag, ">")
		if b.Number != "" {
			p.add(esc(b.Number), " ")
		}
		p.runs(b.Runs)
		p.add("</", tag, ">\n")
	case Paragraph:
		p.paragraph(b)
	case List:
		p.list(b)
	case Tabular:
		p.table(*b.Table)
	case Drawing:
		p.figure(*b.Figure)
	case PageBreak:
		p.add("<div class=\"break\"></div>\n")
	}
}

func (p *pageWriter) paragraph(b Block) {
	class := ""
	if b.Quiet {
		class = " class=\"quiet\""
	}
	if b.Number == "" {
		p.add("<p", class, ">")
		p.runs(b.Runs)
		p.add("</p>\n")
		return
	}
	p.add("<p class=\"numbered\"><span>", esc(b.Number), "</span><span>")
	p.runs(b.Runs)
	p.add("</span></p>\n")
}

func (p *pageWriter) list(b Block) {
	tag := "ul"
	if b.Ordered {
		tag = "ol"
	}
	p.add("<", tag, ">\n")
	for _, item := range b.Items {
		p.add("<li>")
		p.runs(item)
		p.add("</li>\n")
	}
	p.add("</", tag, ">\n")
}

func (p *pageWriter) runs(runs []Run) {
	for _, r := range runs {
		p.run(r)
	}
}

func (p *pageWriter) run(r Run) {
	text := strings.ReplaceAll(esc(r.Text), "\n", "<br>")
	if r.Link != "" {
		text = "<a href=\"" + esc(r.Link) + "\">" + text + "</a>"
	}
	if r.Strong {
		text = "<strong>" + text + "</strong>"
	}
	if r.Emphasis {
		text = "<em>" + text + "</em>"
	}
	if r.Language != "" && r.Language != p.d.Language {
		text = "<span lang=\"" + esc(r.Language) + "\" dir=\"" + direction(r.Language) + "\">" + text + "</span>"
	}
	p.add(text)
	if r.Note != "" {
		p.notes = append(p.notes, r.Note)
		id := strconv.Itoa(len(p.notes))
		p.add("<sup><a id=\"call-", id, "\" href=\"#note-", id, "\">", id, "</a></sup>")
	}
}

// numbered returns a caption behind the number that it gets in the document.
func numbered(word string, n int, caption string) string {
	if word == "" {
		return caption
	}
	return word + " " + strconv.Itoa(n) + ". " + caption
}

func (p *pageWriter) table(t Table) {
	p.tables++
	caption := esc(numbered(p.d.Words.Table, p.tables, t.Caption))
	p.add("<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"", caption, "\"><table>\n<caption>", caption, "</caption>\n<thead><tr>")
	for _, c := range t.Columns {
		p.add("<th scope=\"col\"", numClass(c), ">", esc(c.Name), "</th>")
	}
	p.add("</tr></thead>\n<tbody>\n")
	for _, row := range t.Rows {
		p.add("<tr>")
		for i, cell := range row {
			tag, scope := "td", ""
			if i == 0 && t.Headers {
				tag, scope = "th", " scope=\"row\""
			}
			p.add("<", tag, scope, numClass(t.Columns[i]), ">")
			p.runs(cell)
			p.add("</", tag, ">")
		}
		p.add("</tr>\n")
	}
	p.add("</tbody></table></div>\n")
}

func numClass(c Column) string {
	if c.Number {
		return " class=\"num\""
	}
	return ""
}

func (p *pageWriter) figure(f Drafted) {
	p.figures++
	s := f.Draw(480, p.d.RightToLeft())
	p.add("<figure>\n<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" dir=\"ltr\" aria-label=\"", esc(f.Alt), "\" viewBox=\"0 0 ",
		measure(s.Width), " ", measure(s.Height), "\" width=\"", measure(s.Width*1.5), "\">\n")
	for _, h := range s.Shapes {
		p.add(h.svg())
	}
	p.add("</svg>\n<figcaption>", esc(numbered(p.d.Words.Figure, p.figures, f.Caption)), "</figcaption>\n</figure>\n")
}

func measure(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

var anchors = [...]string{"start", "middle", "end"}

func (h Shape) svg() string {
	switch h.Kind {
	case ShapeLine:
		return fmt.Sprintf("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\" stroke-width=\"%.1f\"/>\n", h.X, h.Y, h.X2, h.Y2, h.Ink, h.Stroke)
	case ShapeArea:
		return fmt.Sprintf("<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"/>\n", h.X, h.Y, h.X2-h.X, h.Y2-h.Y, h.Ink)
	case ShapeDot:
		return fmt.Sprintf("<rect x=\"%.1f\" y=\"%.1f\" width=\"4.4\" height=\"4.4\" fill=\"%s\"/>\n", h.X-2.2, h.Y-2.2, h.Ink)
	default:
		return fmt.Sprintf("<text x=\"%.1f\" y=\"%.1f\" font-size=\"%.1f\" text-anchor=\"%s\" fill=\"%s\">%s</text>\n", h.X, h.Y, h.Size, anchors[h.Anchor], h.Ink, esc(h.Text))
	}
}

// Fragment returns what stands between the head and foot of WriteHTML, for a page that shows a document within its own
// frame. All texts in it are escaped.
func Fragment(d Doc) (string, error) {
	if err := d.Check(); err != nil {
		return "", err
	}
	p := pageWriter{d: d}
	for _, b := range d.Blocks {
		p.block(b)
	}
	p.footnotes()
	return p.b.String(), nil
}
