package baseline

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"comity"
	"comity/intake/profile"
)

// Columns are the columns of a baseline as CSV. Only id and title must be there.
var Columns = []string{"group", "group_title", "id", "label", "parent", "title", "text"}

// maxCommas bounds a line: the reader of rows has no bound of its own. A text may well have hundreds.
const maxCommas = 10_000

// readCSV reads a control from each row. Rows of a group need not follow each other; a row without group is of the group
// of the row before it.
func (p *parser) readCSV(data []byte) {
	t, ok := p.table(data, Columns, "id", "title")
	if !ok {
		return
	}
	groups := map[string]int{}
	group := "controls"
	for {
		row, place, ok := t.next()
		if !ok {
			return
		}
		if g := line(row["group"]); g != "" {
			group = g
		}
		if !isID(group) {
			p.fail(Problem{Place: place, Field: "group", Code: BadID, Value: group})
			group = "controls"
		}
		i, known := groups[group]
		if !known {
			i = len(p.out.Groups)
			groups[group] = i
			title := line(row["group_title"])
			if title == "" {
				title = group
			}
			p.group(comity.BaselineGroup{ID: group, Title: shorten(title, maxTitle)})
		}
		parent := line(row["parent"])
		if _, there := p.seen[parent]; parent != "" && !there {
			p.fail(Problem{Place: place, Field: "parent", Code: UnknownParent, Value: parent})
			continue
		}
		p.rowControl(i, place, comity.BaselineControl{
			ID: line(row["id"]), Label: line(row["label"]), Title: line(row["title"]), Text: lines(row["text"]), Parent: parent,
		})
		if len(p.problems) > maxProblems {
			return
		}
	}
}

// rowControl adds a control to the i-th group.
func (p *parser) rowControl(i int, place string, c comity.BaselineControl) {
	last := len(p.out.Groups) - 1
	p.out.Groups[i], p.out.Groups[last] = p.out.Groups[last], p.out.Groups[i]
	p.control(place, c)
	p.out.Groups[i], p.out.Groups[last] = p.out.Groups[last], p.out.Groups[i]
}

// table reads rows under a header, whatever the order of the columns and whichever of comma, semicolon and tab parts them.
type table struct {
	p       *parser
	r       *csv.Reader
	columns []string // by index; empty: unknown
}

// table reads the header. It reports false if nothing below it means anything.
func (p *parser) table(data []byte, known []string, required ...string) (*table, bool) {
	comma := delimiter(data)
	if n := wide(data, comma); n > 0 {
		p.fail(Problem{Place: fmt.Sprintf("line %d", n), Code: Unreadable, Value: fmt.Sprintf("more than %d cells in one line", maxCommas)})
		return nil, false
	}
	t := &table{p: p, r: csv.NewReader(bytes.NewReader(data))}
	t.r.Comma, t.r.FieldsPerRecord, t.r.LazyQuotes = comma, -1, false
	cells, err := t.r.Read()
	if err != nil {
		p.fail(Problem{Place: "line 1", Code: Unreadable, Value: toldCSV(err)})
		return nil, false
	}
	var ok bool
	t.columns, ok = p.header("line 1", cells, known, required...)
	return t, ok
}

// header says which column each cell names.
func (p *parser) header(place string, cells, known []string, required ...string) (columns []string, ok bool) {
	columns = make([]string, len(cells))
	for i, cell := range cells {
		name := strings.NewReplacer(" ", "_", "-", "_").Replace(strings.ToLower(line(cell)))
		switch {
		case name == "":
		case !slices.Contains(known, name):
			p.fail(Problem{Place: place, Code: UnknownColumn, Value: cell})
		case slices.Contains(columns[:i], name):
			p.fail(Problem{Place: place, Code: ColumnTwice, Value: name})
		default:
			columns[i] = name
		}
	}
	for _, name := range required {
		if !slices.Contains(columns, name) {
			p.problems = slices.Insert(p.problems, 0, Problem{Place: place, Code: MissingColumn, Value: name})
			return nil, false
		}
	}
	return columns, true
}

// next returns the next row that is not blank, by column; false at the end.
func (t *table) next() (row map[string]string, place string, ok bool) {
	for {
		cells, err := t.r.Read()
		if errors.Is(err, io.EOF) {
			return nil, "", false
		}
		if wrong, is := errors.AsType[*csv.ParseError](err); is {
			t.p.fail(Problem{Place: fmt.Sprintf("line %d", wrong.StartLine), Code: Unreadable, Value: toldCSV(err)})
			return nil, "", false // what follows a stray quote is not to be trusted
		}
		at, _ := t.r.FieldPos(0)
		if row = byColumn(t.columns, cells); row != nil {
			return row, fmt.Sprintf("line %d", at), true
		}
	}
}

// byColumn returns a row by its columns; nil if it is blank. An apostrophe that keeps a spreadsheet from running a cell is
// taken off.
func byColumn(columns, cells []string) map[string]string {
	row := map[string]string{}
	for i, cell := range cells {
		if i < len(columns) && columns[i] != "" && strings.TrimSpace(cell) != "" {
			row[columns[i]] = profile.Unguard(strings.TrimSpace(cell))
		}
	}
	if len(row) == 0 {
		return nil
	}
	return row
}

func toldCSV(err error) string {
	if e, ok := errors.AsType[*csv.ParseError](err); ok {
		return e.Err.Error()
	}
	return err.Error()
}

// delimiter is the separator that the first line has most of.
func delimiter(data []byte) rune {
	first, _, _ := bytes.Cut(data, []byte("\n"))
	best := ','
	for _, c := range ";\t" {
		if bytes.Count(first, []byte(string(c))) > bytes.Count(first, []byte(string(best))) {
			best = c
		}
	}
	return best
}

// wide returns the number of the first line with very many cells; 0 if none has.
func wide(data []byte, comma rune) int {
	n := 0
	for text := range bytes.Lines(data) {
		if n++; bytes.Count(text, []byte(string(comma))) >= maxCommas {
			return n
		}
	}
	return 0
}

// WriteCSV writes a baseline as CSV that Parse reads with the same controls.
func WriteCSV(w io.Writer, b comity.Baseline) error {
	if _, err := io.WriteString(w, "\uFEFF"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true // RFC 4180
	rows := [][]string{Columns}
	for _, g := range b.Groups {
		for _, c := range g.Controls {
			row := []string{g.ID, g.Title, c.ID, c.Label, c.Parent, c.Title, c.Text}
			for i := range row {
				row[i] = profile.Guard(row[i])
			}
			rows = append(rows, row)
		}
	}
	return out.WriteAll(rows)
}
