package profile

import "strings"

// Table is a table of a file under its header.
type Table struct {
	check   *Checker
	columns []string // canonical column of each cell; empty: unknown
	plain   string   // kind of all rows, if there is no column for it
}

// Header reads the header of a table and notes what is wrong with it. plain is the kind of all rows of a table without
// the column "kind".
func (c *Checker) Header(at Place, cells []string, plain string) *Table {
	t := &Table{check: c, columns: make([]string, len(cells)), plain: plain}
	seen := map[string]bool{}
	unknown := 0
	for i, cell := range cells {
		column := Canonical(cell)
		switch {
		case column == "" && strings.TrimSpace(cell) == "":
			// A column without a header: its cells must be empty, which Row checks.
		case column == "":
			if unknown++; unknown <= len(Columns) { // a hostile header is not repeated in full
				c.Fail(at, "", UnknownColumn, strings.TrimSpace(cell))
			}
		case seen[column]:
			c.Fail(at, "", TwiceColumn, column)
		default:
			t.columns[i] = column
			seen[column] = true
		}
	}
	if seen[ColumnKind] {
		t.plain = ""
	}
	return t
}

// Row reads one row.
func (t *Table) Row(at Place, cells []string) {
	values := map[string]string{}
	for i, cell := range cells {
		cell = strings.TrimSpace(cell)
		switch {
		case i >= len(t.columns):
			if cell != "" {
				t.check.Fail(at, "", TooManyCells, "")
				return
			}
		case t.columns[i] != "":
			values[t.columns[i]] = cell
		}
	}
	t.check.Row(at, values, t.plain)
}

// Blank reports whether a row has nothing in it: spreadsheets leave such rows at the end.
func Blank(cells []string) bool {
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			return false
		}
	}
	return true
}

// Column returns the column of a cell by its place in a row; empty if it has none.
func (t *Table) Column(i int) string {
	if i >= len(t.columns) {
		return ""
	}
	return t.columns[i]
}
