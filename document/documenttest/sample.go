// Package documenttest makes the documents that tests of writers write: a brief of the fictional group in several
// languages with everything that a document may have, and a long work-plan.
package documenttest

import (
	"fmt"
	"time"

	"comity/document"
)

// Languages are those that Brief is in.
var Languages = []string{"en", "ar", "zh", "ru"}

// texts are the words of the sample in one language.
type texts struct {
	title, subtitle, issuer           string
	words                             document.Words
	summary, decisions, plan, figures string
	paragraphs                        []string
	decision, verb                    string
	columns                           [4]string
	rows                              [][4]string
	caption, alt, withheld, note      string
}

// Made is when the samples were made.
var Made = time.Date(2026, 10, 5, 9, 30, 0, 0, time.UTC)

// Brief returns a brief of about two pages in one of Languages.
func Brief(language string) document.Doc {
	t := samples[language]
	d := document.Doc{
		Title: t.title, Subtitle: t.subtitle, Issuer: t.issuer, Language: language, Marking: "TLP:GREEN", Made: Made, Words: t.words,
	}
	add := func(b ...document.Block) { d.Blocks = append(d.Blocks, b...) }
	add(document.HeadingOf(1, t.summary))
	for i, p := range t.paragraphs {
		add(document.Block{Kind: document.Paragraph, Number: fmt.Sprintf("%d.", i+1), Runs: document.Text(p)})
	}
	add(document.HeadingOf(1, t.decisions))
	add(document.Block{Kind: document.Paragraph, Number: "3.", Runs: []document.Run{
		{Text: "MISSIG/26/D007", Strong: true},
		{Text: " – "},
		{Text: t.verb, Emphasis: true},
		{Text: " " + t.decision, Note: t.note},
	}})
	add(document.Block{Kind: document.List, Ordered: true, Items: [][]document.Run{document.Text(t.paragraphs[0]), document.Text("X-OCO, X-HSO (2026–2027): 12.5 %")}})
	add(document.HeadingOf(1, t.plan), document.TableOf(t.table()))
	add(document.HeadingOf(1, t.figures), document.FigureOf(t.chart()), document.Remark(t.note))
	return d
}

func (t texts) table() document.Table {
	table := document.Table{Caption: t.plan, Headers: true, Columns: []document.Column{
		{Name: t.columns[0], Weight: 4},
		{Name: t.columns[1], Weight: 1.4},
		{Name: t.columns[2], Weight: 1.6},
		{Name: t.columns[3], Weight: 1.2, Number: true},
	}}
	for _, row := range t.rows {
		cells := [][]document.Run{}
		for _, cell := range row {
			cells = append(cells, document.Text(cell))
		}
		table.Rows = append(table.Rows, cells)
	}
	return table
}

func (t texts) chart() document.Drafted {
	return document.Drafted{
		Caption: t.caption, Alt: t.alt, Line: true, Categories: []string{"2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3"},
		Series: []document.Series{{Name: t.caption, Points: []document.Point{
			{Value: 0.42, Text: "42%"},
			{Missing: true, Text: t.withheld},
			{Value: 0.38, Text: "38%"},
			{Value: 0.35, Text: "35%"},
		}}},
		Ticks: []document.Tick{{Value: 0, Text: "0%"}, {Value: 0.25, Text: "25%"}, {Value: 0.5, Text: "50%"}},
	}
}

// Workplan returns a table of n action items in English, which is long: about 24 items fit a page.
func Workplan(n int) document.Doc {
	d := Brief("en")
	d.Title, d.Blocks = "Work-plan", nil
	t := document.Table{Caption: "Action items", Headers: true, Columns: []document.Column{
		{Name: "Action item", Weight: 4},
		{Name: "Owner"},
		{Name: "Due", Weight: 1.2},
		{Name: "Progress", Number: true},
	}}
	for i := range n {
		t.Rows = append(t.Rows, [][]document.Run{
			document.Text(fmt.Sprintf("%d. Enforce phishing-resistant sign-in for administrators of system %d", i+1, i)), document.Text("X-OCO"),
			document.Text(fmt.Sprintf("2026-%02d-%02d", i%12+1, i%28+1)), document.Text(fmt.Sprintf("%d%%", i*7%100)),
		})
	}
	d.Blocks = []document.Block{document.HeadingOf(1, "Action items"), document.TableOf(t)}
	return d
}
