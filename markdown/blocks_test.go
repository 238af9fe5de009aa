package markdown

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"comity/document"

	"github.com/google/go-cmp/cmp"
)

func TestBlocks(t *testing.T) {
	const source = "# Title\n\nA *new* **rule**,\nsee [this](https://x.example/a) or [that](javascript:alert(1)).\n\n" +
		"1. First\n2. Second\n   - inner\n\n> Quoted\n\n```\ncode <b>\n```\n\n<script>alert(1)</script>\n\n![picture](https://x.example/p.png)\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
	want := []document.Block{
		{Kind: document.Heading, Level: 1, Runs: document.Text("Title")},
		{Kind: document.Paragraph, Runs: []document.Run{
			{Text: "A "},
			{Text: "new", Emphasis: true},
			{Text: " "},
			{Text: "rule", Strong: true},
			{Text: ","},
			{Text: " "},
			{Text: "see "},
			{Text: "this", Link: "https://x.example/a"},
			{Text: " or "},
			{Text: "that"},
			{Text: "."},
		}},
		{Kind: document.List, Ordered: true, Items: [][]document.Run{document.Text("First"), {{Text: "Second"}, {Text: " – "}, {Text: "inner"}}}},
		{Kind: document.Paragraph, Runs: document.Text("Quoted"), Quiet: true},
		{Kind: document.Paragraph, Runs: document.Text("code <b>")},
		document.TableOf(document.Table{
			Columns: []document.Column{{Name: "a"}, {Name: "b"}}, Rows: [][][]document.Run{{document.Text("1"), document.Text("2")}},
		}),
	}
	if diff := cmp.Diff(want, Blocks(source)); diff != "" {
		t.Error(diff)
	}
}

// FuzzBlocks asks that whatever somebody writes becomes a document that can be written.
func FuzzBlocks(f *testing.F) {
	for _, seed := range []string{"", "# a\n\n- b\n  - c\n", "| a |\n|---|\n| b | c |\n", "[x](https://)", "<b>\x00\xff", "> > > q\n", "```\n\n\n", "a\\\nb", "<https://x.example>", "###### six"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		if len(source) > 10_000 {
			return
		}
		d := document.Doc{Title: "x", Language: "en", Marking: "TLP:CLEAR", Made: time.Unix(0, 0), Blocks: Blocks(source)}
		if err := d.Check(); err != nil && !strings.Contains(err.Error(), "more than") && !strings.Contains(err.Error(), "columns") {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if d.Check() == nil {
			if err := document.WriteHTML(&b, d); err != nil {
				t.Fatal(err)
			}
		}
	})
}
