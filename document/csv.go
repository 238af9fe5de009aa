package document

import (
	"encoding/csv"
	"io"
)

// WriteCSV writes a table as UTF-8 with a header, in a form that no spreadsheet computes. Its first column is the marking,
// so that no line travels without it.
//
// Source: RFC 4180; OWASP, CSV Injection.
func WriteCSV(w io.Writer, marking string, t Table) error {
	if err := (&checker{}).table(&t); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	head := []string{"marking"}
	for _, c := range t.Columns {
		head = append(head, Inert(c.Name))
	}
	if err := out.Write(head); err != nil {
		return err
	}
	for i := range t.Rows {
		line := []string{Inert(marking)}
		for _, cell := range t.cells(i) {
			line = append(line, Inert(cell))
		}
		if err := out.Write(line); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// cells returns the texts of a row for a spreadsheet.
func (t Table) cells(row int) []string {
	if t.Raw != nil {
		return t.Raw[row]
	}
	cells := make([]string, len(t.Rows[row]))
	for i, runs := range t.Rows[row] {
		cells[i] = plain(runs)
	}
	return cells
}
