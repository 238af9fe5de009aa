package aggregate

import (
	"slices"
	"strings"

	"comity"
)

// shares returns the parts of the whole: levels and origins of the expected significant incidents, areas of the expected
// loss, and the matrix of scenario and property. All are shares to 10 points.
//
// The parts of a split sum to the whole, so that one withheld part takes others with it ([control.complete]). A scenario
// belongs to one origin: what is withheld of the matrix is completed within each origin, and an origin that is itself
// withheld takes all its scenarios with it. The properties of a scenario overlap, so that one withheld cell could be
// read off its neighbours: rows are withheld whole.
func shares(c control, cs []Contribution, scenarios []comity.Scenario) []comity.Figure {
	levels := split(c, cs, "level", names(comity.Levels))
	origins := split(c, cs, "origin", names(comity.Origins))
	figures := slices.Concat(levels, origins, areas(c, cs))
	return append(figures, matrix(c, cs, origins, rowsOf(cs, scenarios))...)
}

func names[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = string(s)
	}
	return out
}

// split returns the shares of one dimension of the expected significant incidents.
func split(c control, cs []Contribution, dimension string, keys []string) []comity.Figure {
	parts := make([][]float64, len(keys))
	for i, key := range keys {
		parts[i] = make([]float64, len(cs))
		for m, contribution := range cs {
			for _, s := range contribution.Exposure.Splits {
				if s.Dimension == dimension && s.Key == key {
					parts[i][m] += s.Expected
				}
			}
		}
	}
	return partition(c, dimension, keys, parts)
}

// areas returns the shares of the areas in the expected annual loss.
func areas(c control, cs []Contribution) []comity.Figure {
	var keys []string
	var parts [][]float64
	for _, a := range comity.Areas {
		keys = append(keys, a.String())
		part := make([]float64, len(cs))
		for m, contribution := range cs {
			part[m] = contribution.Exposure.Loss.Areas[a]
		}
		parts = append(parts, part)
	}
	return partition(c, "area", keys, parts)
}

// partition returns the figures of parts that sum to the whole.
func partition(c control, group string, keys []string, parts [][]float64) []comity.Figure {
	var whole float64
	withheld := make([]comity.Withholding, len(parts))
	for i, p := range parts {
		whole += total(p)
		withheld[i] = c.sum(p)
	}
	if c.all == "" {
		c.complete(parts, withheld)
	}
	figures := make([]comity.Figure, len(parts))
	for i, key := range keys {
		figures[i] = share(comity.Figure{Group: group, Row: key}, withheld[i], total(parts[i]), whole)
	}
	return figures
}

// share completes a figure that is a part of a whole.
func share(f comity.Figure, withheld comity.Withholding, part, whole float64) comity.Figure {
	f.Unit, f.Withheld = "share", withheld
	if withheld != "" {
		return f
	}
	f.Published = true
	f.Value = onGrid(part/whole, shareStep)
	f.Low, f.High = f.Value, f.Value
	return f
}

// row is one scenario of the matrix.
type row struct {
	scenario   comity.ScenarioID
	origin     comity.Origin
	properties []string // in the order in which they are shown
}

// rowsOf returns the rows of the matrix, sorted by scenario: those of the catalogue, or without it those that the
// contributions have.
func rowsOf(cs []Contribution, scenarios []comity.Scenario) []row {
	var rows []row
	for _, s := range scenarios {
		r := row{scenario: s.ID, origin: s.Origin}
		for _, p := range comity.Properties {
			if s.Properties.Has(p) {
				r.properties = append(r.properties, p.String())
			}
		}
		rows = append(rows, r)
	}
	if len(scenarios) == 0 {
		rows = contributedRows(cs)
	}
	slices.SortFunc(rows, func(a, b row) int { return strings.Compare(string(a.scenario), string(b.scenario)) })
	return rows
}

func contributedRows(cs []Contribution) []row {
	byID := map[comity.ScenarioID]row{}
	for _, m := range cs {
		for _, s := range m.Exposure.Scenarios {
			r := byID[s.Scenario]
			r.scenario, r.origin = s.Scenario, s.Origin
			byID[s.Scenario] = r
		}
		for _, cell := range m.Exposure.Cells {
			r := byID[cell.Scenario]
			r.scenario = cell.Scenario
			if !slices.Contains(r.properties, cell.Property) {
				r.properties = append(r.properties, cell.Property)
			}
			byID[cell.Scenario] = r
		}
	}
	var rows []row
	for _, r := range byID {
		slices.Sort(r.properties)
		rows = append(rows, r)
	}
	return rows
}

// matrix returns the share that each scenario has through each property in the expected significant incidents.
func matrix(c control, cs []Contribution, origins []comity.Figure, rows []row) []comity.Figure {
	var whole float64
	for _, m := range cs {
		whole += m.Exposure.Expected.Value
	}
	withheld := make([]comity.Withholding, len(rows))
	sums := make([][]float64, len(rows))
	for i, r := range rows {
		sums[i] = scenarioSum(cs, r.scenario)
		withheld[i] = c.row(cs, r, sums[i], whole)
	}
	if c.all == "" {
		completeOrigins(c, origins, rows, sums, withheld)
	}
	var figures []comity.Figure
	for i, r := range rows {
		for _, p := range r.properties {
			f := comity.Figure{Group: "matrix", Row: string(r.scenario), Column: p}
			figures = append(figures, share(f, withheld[i], total(cellSum(cs, r.scenario, p)), whole))
		}
	}
	return figures
}

// row returns why a row is withheld by itself: its scenario or any of its cells does not pass.
func (c control) row(cs []Contribution, r row, sum []float64, whole float64) comity.Withholding {
	tests := [][]float64{sum}
	for _, p := range r.properties {
		tests = append(tests, cellSum(cs, r.scenario, p))
	}
	if w := c.sums(tests...); w != "" {
		return w
	}
	if whole == 0 {
		return comity.WithheldCell
	}
	return ""
}

// completeOrigins withholds what would tell of withheld rows, origin by origin.
func completeOrigins(c control, origins []comity.Figure, rows []row, sums [][]float64, withheld []comity.Withholding) {
	for _, origin := range origins {
		var at []int
		for i, r := range rows {
			if string(r.origin) == origin.Row {
				at = append(at, i)
			}
		}
		parts, inside := make([][]float64, len(at)), make([]comity.Withholding, len(at))
		for k, i := range at {
			parts[k], inside[k] = sums[i], withheld[i]
			if origin.Withheld != "" && inside[k] == "" {
				inside[k] = comity.WithheldComplement
			}
		}
		c.complete(parts, inside)
		for k, i := range at {
			withheld[i] = inside[k]
		}
	}
}

func scenarioSum(cs []Contribution, id comity.ScenarioID) []float64 {
	sum := make([]float64, len(cs))
	for m, contribution := range cs {
		for _, s := range contribution.Exposure.Scenarios {
			if s.Scenario == id {
				sum[m] += s.Expected
			}
		}
	}
	return sum
}

func cellSum(cs []Contribution, id comity.ScenarioID, property string) []float64 {
	sum := make([]float64, len(cs))
	for m, contribution := range cs {
		for _, cell := range contribution.Exposure.Cells {
			if cell.Scenario == id && cell.Property == property {
				sum[m] += cell.Expected
			}
		}
	}
	return sum
}
