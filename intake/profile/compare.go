package profile

import (
	"slices"
	"strconv"
	"strings"

	"comity"
)

// What becomes of a line.
type What string

// What can become of it.
const (
	Added   What = "added"
	Changed What = "changed"
	Removed What = "removed"
	Same    What = "same"
)

// Whats lists them in the order in which they are shown.
var Whats = []What{Added, Changed, Removed, Same}

// Difference is what becomes of one line of a profile.
type Difference struct {
	Section Section       `json:"section"`
	What    What          `json:"what"`
	ID      string        `json:"id,omitempty"` // identity of the line; of coverage its mitigation; empty in scope and bands
	Name    string        `json:"name"`         // of the line, as people know it
	Fields  []FieldChange `json:"fields,omitempty"`
}

// FieldChange is a field that is not as it was. Of a line that is new or goes only what it says is there.
type FieldChange struct {
	Column string `json:"column"`
	Old    string `json:"old,omitempty"`
	New    string `json:"new,omitempty"`
}

// Compare says line by line how a profile differs from an earlier one: section by section, each in the order of the lists,
// what is gone first. Lines that are as they were are in it too.
func Compare(before, after comity.Profile) []Difference {
	var list []Difference
	was, is := linesOf(before), linesOf(after)
	for _, section := range Sections {
		list = append(list, compareLines(section, was[section], is[section])...)
	}
	return list
}

// line is one line of a profile with its fields by column.
type line struct {
	id, name string
	values   map[string]string
}

func linesOf(p comity.Profile) map[Section][]line {
	lines := map[Section][]line{}
	for _, r := range Rows(p) {
		id, name := r.Values[ColumnID], r.Values[ColumnName]
		switch r.Kind {
		case KindSoftware:
			name = strings.TrimSpace(r.Values[ColumnVendor] + " " + name + " " + r.Values[ColumnVersion])
		case KindCoverage:
			id, name = r.Values[ColumnMitigation], r.Values[ColumnMitigation]
		}
		delete(r.Values, ColumnID)
		lines[sectionOf[r.Kind]] = append(lines[sectionOf[r.Kind]], line{id, name, r.Values})
	}
	for name, words := range map[string][]string{"sectors": p.Sectors, "regions": p.Regions, "scenarios": stringsOf(p.OutOfScope)} {
		for _, w := range words {
			lines[Scope] = append(lines[Scope], line{name + " " + w, w, map[string]string{name: w}})
		}
	}
	slices.SortFunc(lines[Scope], func(a, b line) int { return strings.Compare(a.id, b.id) })
	if p.Tolerance != 0 {
		lines[Bands] = append(lines[Bands], line{"tolerance", "tolerance", map[string]string{"tolerance": number(p.Tolerance)}})
	}
	if p.Bands != nil {
		lines[Bands] = append(lines[Bands], line{"bands", "bands", map[string]string{"bands": bandsText(p.Bands)}})
	}
	return lines
}

func stringsOf[T ~string](list []T) []string {
	texts := make([]string, len(list))
	for i, t := range list {
		texts[i] = string(t)
	}
	return texts
}

func number(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

// bandsText writes a table of bands in one line: a pair of amounts for each grade and area.
func bandsText(bands *comity.BandTable) string {
	var pairs []string
	for _, row := range bands {
		for _, i := range row {
			pairs = append(pairs, number(i.Low)+"–"+number(i.High))
		}
	}
	return strings.Join(pairs, " ")
}

func compareLines(section Section, was, is []line) []Difference {
	old := map[string]line{}
	for _, l := range was {
		old[l.id] = l
	}
	kept := map[string]bool{}
	var list []Difference
	for _, l := range is {
		before, there := old[l.id]
		kept[l.id] = true
		d := Difference{Section: section, What: Same, ID: l.id, Name: l.name}
		if d.Fields = changedFields(before.values, l.values); !there {
			d.What = Added
		} else if len(d.Fields) > 0 {
			d.What = Changed
		}
		list = append(list, d)
	}
	var gone []Difference
	for _, l := range was {
		if !kept[l.id] {
			gone = append(gone, Difference{Section: section, What: Removed, ID: l.id, Name: l.name, Fields: changedFields(l.values, nil)})
		}
	}
	return append(gone, list...)
}

// fieldOrder is that of the columns, then of what stands in no column.
var fieldOrder = append(slices.Clone(Columns), "sectors", "regions", "scenarios", "tolerance", "bands")

func changedFields(was, is map[string]string) []FieldChange {
	var list []FieldChange
	for _, column := range fieldOrder {
		if was[column] != is[column] {
			list = append(list, FieldChange{Column: column, Old: was[column], New: is[column]})
		}
	}
	return list
}
