// Package document writes documents: minutes, work-plans and reports as HTML, DOCX and PDF, and tables as CSV and XLSX.
// It knows nothing of where the content comes from: it is given a tree, [Doc], whose texts are already in the document's
// language, and writes the same bytes for the same tree. It does not fetch, store or translate.
//
// A marking stands on every page of every form. What is in a tree was decided to be shown by whoever built it: the
// writers leave nothing out.
package document

import "time"

// Doc is a document. Its JSON is what a frozen report keeps, so that names here only grow.
type Doc struct {
	Title    string    `json:"title"`
	Subtitle string    `json:"subtitle,omitempty"` // such as the period
	Issuer   string    `json:"issuer,omitempty"`   // who issues it; stands above the title
	Language string    `json:"language"`           // of the texts, such as "ar"; decides the direction
	Marking  string    `json:"marking"`            // such as "TLP:GREEN"; on every page
	Made     time.Time `json:"made"`               // UTC, whole seconds
	Notice   string    `json:"notice,omitempty"`   // a permanent line beside the marking, such as that a demonstration is fictional
	Pages    int       `json:"pages,omitempty"`    // that it fills at most on paper, where smaller type reaches that; 0: any number
	Words    Words     `json:"words"`
	Blocks   []Block   `json:"blocks"`
}

// Words are the few words that the writers themselves need, in the document's language.
type Words struct {
	Page   string `json:"page"`   // with {page} and {pages}
	Figure string `json:"figure"` // before a figure's number, such as "Figure"
	Table  string `json:"table"`  // before a table's number
	Notes  string `json:"notes"`  // heading of the footnotes where there are no pages
}

// Kind is what a block is.
type Kind string

// The kinds of block.
const (
	Heading   Kind = "heading"
	Paragraph Kind = "paragraph"
	List      Kind = "list"
	Tabular   Kind = "table"
	Drawing   Kind = "figure"
	PageBreak Kind = "break"
)

// Block is one part of a document, by its Kind: the fields of other kinds are empty.
type Block struct {
	Kind    Kind     `json:"kind"`
	Level   int      `json:"level,omitempty"`   // of a heading, 1–3
	Number  string   `json:"number,omitempty"`  // of a paragraph or heading, as printed, such as "12."
	Runs    []Run    `json:"runs,omitempty"`    // of a heading or paragraph
	Quiet   bool     `json:"quiet,omitempty"`   // a paragraph that is a remark beside the text
	Ordered bool     `json:"ordered,omitempty"` // a list with numbers
	Items   [][]Run  `json:"items,omitempty"`   // of a list
	Table   *Table   `json:"table,omitempty"`
	Figure  *Drafted `json:"figure,omitempty"`
}

// Run is a stretch of text in one manner.
type Run struct {
	Text     string `json:"text"`
	Strong   bool   `json:"strong,omitempty"`
	Emphasis bool   `json:"emphasis,omitempty"`
	Language string `json:"language,omitempty"` // where it is not the document's
	Link     string `json:"link,omitempty"`     // https address
	Note     string `json:"note,omitempty"`     // footnote that is called after the text
}

// Table is a table. Every row has as many cells as there are columns.
type Table struct {
	Caption string     `json:"caption"`
	Columns []Column   `json:"columns"`
	Rows    [][][]Run  `json:"rows"`              // row, column, runs
	Headers bool       `json:"headers,omitempty"` // the first cell of each row names it
	Sheet   string     `json:"sheet,omitempty"`   // its name in a workbook; empty: the caption
	Raw     [][]string `json:"raw,omitempty"`     // what a spreadsheet gets instead of the shown texts; as Rows
}

// Column is one column of a table.
type Column struct {
	Name   string  `json:"name"`
	Weight float64 `json:"weight,omitempty"` // share of the width among its siblings; 0 counts as 1
	Number bool    `json:"number,omitempty"` // figures: set at the end of the cell
}

// Drafted is a chart, drawn as lines and areas in every form.
type Drafted struct {
	Caption    string   `json:"caption"`
	Alt        string   `json:"alt"`  // what it shows, for who does not see it
	Line       bool     `json:"line"` // a line chart; else bars
	Categories []string `json:"categories"`
	Series     []Series `json:"series"`
	Ticks      []Tick   `json:"ticks"` // of the axis of values, ascending, from 0
}

// Series is one line or one colour of bars, with a point for each category.
type Series struct {
	Name   string  `json:"name"`
	Points []Point `json:"points"`
}

// Point is one value. A missing one is drawn as a gap with its text, which says why.
type Point struct {
	Value   float64 `json:"value"`
	Text    string  `json:"text"`
	Missing bool    `json:"missing,omitempty"`
}

// Tick is a mark on the axis of values.
type Tick struct {
	Value float64 `json:"value"`
	Text  string  `json:"text"`
}

// Text returns runs of one plain text.
func Text(s string) []Run { return []Run{{Text: s}} }

// Strong returns runs of one text that stands out.
func Strong(s string) []Run { return []Run{{Text: s, Strong: true}} }

// HeadingOf returns a heading.
func HeadingOf(level int, text string) Block {
	return Block{Kind: Heading, Level: level, Runs: Text(text)}
}

// ParagraphOf returns a paragraph.
func ParagraphOf(runs ...Run) Block { return Block{Kind: Paragraph, Runs: runs} }

// Remark returns a paragraph beside the text.
func Remark(text string) Block { return Block{Kind: Paragraph, Runs: Text(text), Quiet: true} }

// TableOf returns a block that is a table.
func TableOf(t Table) Block { return Block{Kind: Tabular, Table: &t} }

// FigureOf returns a block that is a chart.
func FigureOf(f Drafted) Block { return Block{Kind: Drawing, Figure: &f} }

// Tables returns the tables of a document in their order, for a workbook.
func (d Doc) Tables() []Table {
	var list []Table
	for _, b := range d.Blocks {
		if b.Kind == Tabular && b.Table != nil {
			list = append(list, *b.Table)
		}
	}
	return list
}

// RightToLeft reports whether the document's language is written from right to left.
func (d Doc) RightToLeft() bool { return rightToLeft(d.Language) }

// rightToLeft knows the languages of the texts; others are written from left to right.
func rightToLeft(language string) bool { return primary(language) == "ar" }

// primary returns the language of a tag without region or script.
func primary(tag string) string {
	for i := range len(tag) {
		if tag[i] == '-' {
			return tag[:i]
		}
	}
	return tag
}

// plain returns the text of runs without their manner.
func plain(runs []Run) string {
	s := ""
	for _, r := range runs {
		s += r.Text
	}
	return s
}
