package document

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"comity"
)

// The bounds of a document: a work-plan of 20 years fits, and nothing endless does.
const (
	MaxBlocks = 20_000
	MaxCells  = 400_000
	MaxRunes  = 8_000_000
	maxText   = 100_000 // runes of one run
	mostCols  = 40
)

// Check returns an error of kind Invalid that names the first place which no writer could write: an unknown kind, a table
// whose rows differ in length, a figure without its alternative text, a document without a marking, or one beyond the
// bounds. Every writer checks first.
func (d Doc) Check() error {
	c := checker{}
	switch {
	case strings.TrimSpace(d.Title) == "":
		return comity.Errorf(comity.Invalid, "document: it has no title")
	case d.Marking == "":
		return comity.Errorf(comity.Invalid, "document: it has no marking")
	case d.Language == "":
		return comity.Errorf(comity.Invalid, "document: it has no language")
	case len(d.Blocks) > MaxBlocks:
		return comity.Errorf(comity.TooLarge, "document: %d blocks are more than %d", len(d.Blocks), MaxBlocks)
	}
	for i, b := range d.Blocks {
		if err := c.block(b); err != nil {
			return comity.Errorf(comity.KindOf(err), "document: block %d: %w", i+1, err)
		}
	}
	return nil
}

// checker counts what a document holds.
type checker struct{ cells, runes int }

func (c *checker) block(b Block) error {
	switch b.Kind {
	case Heading:
		if b.Level < 1 || b.Level > 3 {
			return comity.Errorf(comity.Invalid, "a heading of level %d", b.Level)
		}
		return c.runs(b.Runs)
	case Paragraph:
		return c.runs(b.Runs)
	case List:
		for _, item := range b.Items {
			if err := c.runs(item); err != nil {
				return err
			}
		}
		return nil
	case Tabular:
		return c.table(b.Table)
	case Drawing:
		return c.figure(b.Figure)
	case PageBreak:
		return nil
	default:
		return comity.Errorf(comity.Invalid, "unknown kind %q", b.Kind)
	}
}

func (c *checker) runs(runs []Run) error {
	for _, r := range runs {
		n := utf8.RuneCountInString(r.Text) + utf8.RuneCountInString(r.Note)
		c.runes += n
		switch {
		case n > maxText || c.runes > MaxRunes:
			return comity.Errorf(comity.TooLarge, "more text than %d characters", MaxRunes)
		case !utf8.ValidString(r.Text) || !utf8.ValidString(r.Note):
			return comity.Errorf(comity.Invalid, "text that is not UTF-8")
		case r.Link != "" && !strings.HasPrefix(r.Link, "https://") && !strings.HasPrefix(r.Link, "http://"):
			return comity.Errorf(comity.Invalid, "a link that is not an address of the web")
		}
	}
	return nil
}

func (c *checker) table(t *Table) error {
	switch {
	case t == nil || len(t.Columns) == 0 || len(t.Columns) > mostCols:
		return comity.Errorf(comity.Invalid, "a table without columns, or with more than %d", mostCols)
	case t.Raw != nil && len(t.Raw) != len(t.Rows):
		return comity.Errorf(comity.Invalid, "a table with %d rows and %d raw ones", len(t.Rows), len(t.Raw))
	}
	for i, row := range t.Rows {
		c.cells += len(row)
		if len(row) != len(t.Columns) || t.Raw != nil && len(t.Raw[i]) != len(t.Columns) {
			return comity.Errorf(comity.Invalid, "row %d has not the table's %d cells", i+1, len(t.Columns))
		}
		if c.cells > MaxCells {
			return comity.Errorf(comity.TooLarge, "more than %d cells", MaxCells)
		}
		for _, cell := range row {
			if err := c.runs(cell); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *checker) figure(f *Drafted) error {
	switch {
	case f == nil || f.Alt == "" || len(f.Categories) == 0 || len(f.Categories) > 200:
		return comity.Errorf(comity.Invalid, "a figure without alternative text or categories, or with too many")
	case len(f.Series) == 0 || len(f.Series) > 6 || len(f.Ticks) < 2 || len(f.Ticks) > 20:
		return comity.Errorf(comity.Invalid, "a figure without series or ticks, or with too many")
	case f.Ticks[0].Value != 0 || !ascending(f.Ticks):
		return comity.Errorf(comity.Invalid, "a figure whose ticks do not ascend from 0")
	}
	for _, s := range f.Series {
		if len(s.Points) != len(f.Categories) {
			return comity.Errorf(comity.Invalid, "a series with %d points for %d categories", len(s.Points), len(f.Categories))
		}
	}
	return nil
}

func ascending(ticks []Tick) bool {
	for i := range ticks[1:] {
		if !(ticks[i].Value < ticks[i+1].Value) { // NaN is no tick
			return false
		}
	}
	return true
}

// Parse reads a document from its JSON, of at most limit bytes; unknown members are refused.
func Parse(data []byte, limit int) (Doc, error) {
	var d Doc
	if len(data) > limit {
		return d, comity.Errorf(comity.TooLarge, "document: more than %d bytes", limit)
	}
	dec := json.NewDecoder(strings.NewReader(string(data)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&d); err != nil {
		return Doc{}, comity.Errorf(comity.Invalid, "document: %v", err)
	}
	return d, d.Check()
}
