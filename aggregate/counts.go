package aggregate

import (
	"slices"

	"comity"
)

// counts returns how many members depend on a supplier, and how many have an open match with a public threat. A count
// below the smallest cell has no figure at all. One within the smallest cell of all members is a band from there to
// all: it says "most" and tells on nobody.
func counts(c control, cs []Contribution) []comity.Figure {
	if c.all != "" {
		return nil
	}
	suppliers, threats := map[string]int{}, map[string]int{}
	for _, m := range cs {
		for _, name := range distinct(m.Suppliers, comity.NormalName) {
			suppliers[name]++
		}
		for _, id := range distinct(m.Threats, func(id comity.ThreatID) string { return string(id) }) {
			threats[id]++
		}
	}
	return append(c.countFigures("supplier", suppliers), c.countFigures("threat", threats)...)
}

// distinct returns the names of what one member lists, each once.
func distinct[T any](list []T, name func(T) string) []string {
	var names []string
	for _, item := range list {
		if n := name(item); n != "" {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (c control) countFigures(group string, counts map[string]int) []comity.Figure {
	var figures []comity.Figure
	most := c.members - c.rule.MinCell
	for name, n := range counts {
		f := comity.Figure{Group: group, Row: name, Unit: "members", Published: true, Value: float64(n), Low: float64(n), High: float64(n)}
		switch {
		case n < c.rule.MinCell || most < c.rule.MinCell:
			continue
		case n >= most:
			f.Value, f.Low, f.High = float64(most), float64(most), float64(c.members)
		}
		figures = append(figures, f)
	}
	return figures
}
