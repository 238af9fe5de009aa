package markdown

import (
	"net/url"
	"strings"

	"comity/document"

	"github.com/yuin/goldmark/ast"
	extension "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
)

// Blocks returns a text as blocks of a document that is written as PDF, DOCX or HTML. What a document has no block for
// becomes paragraphs, such as quotations and code. Raw HTML and pictures are left out. It never fails.
func Blocks(source string) []document.Block {
	source = strings.ToValidUTF8(source[:min(len(source), MaxBytes)], "\uFFFD")
	w := blockWriter{source: []byte(source)}
	root := writer.Parser().Parse(text.NewReader(w.source))
	for n := root.FirstChild(); n != nil; n = n.NextSibling() {
		w.block(n, false)
	}
	return w.blocks
}

type blockWriter struct {
	source []byte
	blocks []document.Block
}

func (w *blockWriter) add(b document.Block) {
	if len(b.Runs) > 0 || len(b.Items) > 0 || b.Table != nil {
		w.blocks = append(w.blocks, b)
	}
}

// block adds what a node of the text comes to; quiet in a quotation.
func (w *blockWriter) block(n ast.Node, quiet bool) {
	switch n := n.(type) {
	case *ast.Heading:
		w.add(document.Block{Kind: document.Heading, Level: min(n.Level-2, 3), Runs: w.runs(n)}) // the parser put it below the page's own
	case *ast.List:
		w.add(document.Block{Kind: document.List, Ordered: n.IsOrdered(), Items: w.items(n)})
	case *extension.Table:
		w.table(n)
	case *ast.Blockquote:
		for child := n.FirstChild(); child != nil; child = child.NextSibling() {
			w.block(child, true)
		}
	case *ast.CodeBlock, *ast.FencedCodeBlock:
		for _, line := range strings.Split(strings.TrimRight(string(n.Lines().Value(w.source)), "\n"), "\n") {
			w.add(document.Block{Kind: document.Paragraph, Runs: nonEmpty(document.Text(printable(line))), Quiet: quiet})
		}
	case *ast.Paragraph, *ast.TextBlock:
		w.add(document.Block{Kind: document.Paragraph, Runs: w.runs(n), Quiet: quiet})
	}
}

// items returns the items of a list. What stands in a list within an item goes on in its line, after a dash: only then do
// the numbers stay those of the text.
func (w *blockWriter) items(list *ast.List) [][]document.Run {
	var items [][]document.Run
	for item := list.FirstChild(); item != nil; item = item.NextSibling() {
		var runs []document.Run
		join := func(mark string, more []document.Run) {
			if len(runs) > 0 && len(more) > 0 {
				runs = append(runs, document.Run{Text: mark})
			}
			runs = append(runs, more...)
		}
		for child := item.FirstChild(); child != nil; child = child.NextSibling() {
			inner, ok := child.(*ast.List)
			if !ok {
				join(" ", w.runs(child))
				continue
			}
			for _, one := range w.items(inner) {
				join(" – ", one)
			}
		}
		if len(runs) > 0 {
			items = append(items, runs)
		}
	}
	return items
}

// table adds a table; its first row names the columns.
func (w *blockWriter) table(n *extension.Table) {
	t := document.Table{}
	for row := n.FirstChild(); row != nil; row = row.NextSibling() {
		var cells [][]document.Run
		for cell := row.FirstChild(); cell != nil; cell = cell.NextSibling() {
			cells = append(cells, w.runs(cell))
		}
		if row.Kind() == extension.KindTableHeader {
			for _, c := range cells {
				t.Columns = append(t.Columns, document.Column{Name: plain(c)})
			}
			continue
		}
		for len(cells) < len(t.Columns) {
			cells = append(cells, nil)
		}
		t.Rows = append(t.Rows, cells[:len(t.Columns)])
	}
	if len(t.Columns) > 0 && len(t.Rows) > 0 {
		w.add(document.TableOf(t))
	}
}

// runs returns the text within a node, in its manners.
func (w *blockWriter) runs(n ast.Node) []document.Run {
	var runs []document.Run
	w.inline(n, document.Run{}, &runs)
	return nonEmpty(runs)
}

func (w *blockWriter) inline(n ast.Node, manner document.Run, runs *[]document.Run) {
	say := func(s string) {
		if s = printable(s); s != "" {
			one := manner
			one.Text = s
			*runs = append(*runs, one)
		}
	}
	for child := n.FirstChild(); child != nil; child = child.NextSibling() {
		inner := manner
		switch c := child.(type) {
		case *ast.Text:
			say(string(c.Segment.Value(w.source)))
			if c.SoftLineBreak() || c.HardLineBreak() {
				say(" ")
			}
			continue
		case *ast.String:
			say(string(c.Value))
			continue
		case *ast.AutoLink:
			say(string(c.Label(w.source)))
			continue
		case *ast.RawHTML:
			continue
		case *ast.Emphasis:
			inner.Strong, inner.Emphasis = manner.Strong || c.Level > 1, manner.Emphasis || c.Level == 1
		case *ast.Link:
			if u, err := url.Parse(string(c.Destination)); err == nil && u.Scheme == "https" && u.Host != "" {
				inner.Link = u.String()
			}
		}
		w.inline(child, inner, runs)
	}
}

// nonEmpty returns runs, or none if they say nothing.
func nonEmpty(runs []document.Run) []document.Run {
	if strings.TrimSpace(plain(runs)) == "" {
		return nil
	}
	return runs
}

func plain(runs []document.Run) string {
	var b strings.Builder
	for _, r := range runs {
		b.WriteString(r.Text)
	}
	return b.String()
}

// printable leaves control characters out.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' {
			return ' '
		}
		if r < ' ' || 0x7f <= r && r < 0xa0 {
			return -1
		}
		return r
	}, s)
}
