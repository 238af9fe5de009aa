package web

import (
	"cmp"
	"slices"
	"strings"

	"comity"
)

// released is a release as its pages show it.
type released struct {
	comity.Release
	Any, Expected, Median comity.Figure
	CurveChart            *curveChart
	Matrix                []matrixRow
	Levels, Origins       []shareRow
	Areas                 []shareRow
	Suppliers             []countRow
	Touching              []countRow // public threats with an open match at several members
	Steps                 []stepList // what would remove most
	Currency              string
}

// matrixRow is one scenario with its four properties.
type matrixRow struct {
	Scenario comity.ScenarioID
	Cells    [comity.PropertyCount]matrixCell
	weight   float64
}

// matrixCell is one cell: nothing to show, withheld, or a share with its step of heat.
type matrixCell struct {
	Some bool // the scenario hits this property
	Text string
	Heat int
	Why  comity.Withholding
}

// shareRow is one part of a split.
type shareRow struct {
	Key   string
	Text  string
	Width float64
	Why   comity.Withholding
}

// countRow is one row of "how many members".
type countRow struct {
	Name  string
	Link  string // empty: none
	Text  string
	Width float64
}

const mostCounts = 6 // rows of a list of counts

// released prepares a release for its pages.
func (c *call) released(r comity.Release) *released {
	l := c.locale
	v := &released{
		Release:  r,
		Any:      r.Figure("headline", "any", ""),
		Expected: r.Figure("headline", "expected", ""),
		Median:   r.Figure("headline", "median", ""),
		Matrix:   l.matrix(r),
		Levels:   shareRows(l, r, "level", words(comity.Levels)),
		Origins:  shareRows(l, r, "origin", words(comity.Origins)),
		Currency: c.group.Currency,
	}
	if v.CurveChart = l.lossCurve(r.Curve, 0, c.group.Currency); v.CurveChart != nil {
		v.CurveChart.Released = true
	}
	var areas []string
	for _, a := range comity.Areas {
		areas = append(areas, a.String())
	}
	v.Areas = shareRows(l, r, "area", areas)
	v.Suppliers = l.countRows(r, "supplier", func(string) string { return "" })
	v.Touching = l.countRows(r, "threat", func(id string) string { return "/threats/" + id })
	return v
}

func words[T ~string](list []T) []string {
	out := make([]string, 0, len(list))
	for _, s := range list {
		out = append(out, string(s))
	}
	return out
}

// matrix returns the rows of the scenario × property matrix, weightiest first, withheld ones last.
func (l *locale) matrix(r comity.Release) []matrixRow {
	byScenario := map[string]*matrixRow{}
	var order []string
	for _, f := range r.Figures {
		if f.Group != "matrix" {
			continue
		}
		row, ok := byScenario[f.Row]
		if !ok {
			row = &matrixRow{Scenario: comity.ScenarioID(f.Row), weight: -1}
			byScenario[f.Row] = row
			order = append(order, f.Row)
		}
		for i, p := range comity.Properties {
			if p.String() == f.Column {
				row.Cells[i] = l.matrixCell(f)
			}
		}
		if f.Published {
			row.weight = max(row.weight, 0) + f.Value
		}
	}
	rows := make([]matrixRow, 0, len(order))
	for _, id := range order {
		rows = append(rows, *byScenario[id])
	}
	slices.SortStableFunc(rows, func(a, b matrixRow) int { return cmp.Compare(b.weight, a.weight) })
	return rows
}

func (l *locale) matrixCell(f comity.Figure) matrixCell {
	if !f.Published {
		return matrixCell{Some: true, Why: why(f)}
	}
	return matrixCell{Some: true, Text: l.share(f), Heat: min(5, int(f.Value*10+0.5))}
}

// why returns the reason of a figure that is not published; one without a reason is too few.
func why(f comity.Figure) comity.Withholding {
	if f.Withheld == "" {
		return comity.WithheldTooFew
	}
	return f.Withheld
}

// curveWhy returns the reason of a curve that is not published.
func curveWhy(r comity.Release) comity.Withholding {
	return why(comity.Figure{Withheld: r.CurveWithheld})
}

// share writes a share that was rounded to 10 points: 0 stands for less than 5.
func (l *locale) share(f comity.Figure) string {
	if f.Value <= 0 {
		return l.isolated("<" + l.Decimal(5, 0) + l.conv.percent + "%")
	}
	return l.Percent(f.Value)
}

func shareRows(l *locale, r comity.Release, group string, keys []string) []shareRow {
	rows := make([]shareRow, 0, len(keys))
	for _, key := range keys {
		f := r.Figure(group, key, "")
		row := shareRow{Key: key}
		if f.Published {
			row.Text, row.Width = l.share(f), barWidth(f.Value, 1)
		} else {
			row.Why = why(f)
		}
		rows = append(rows, row)
	}
	return rows
}

// countRows returns the published counts of members of a group, most first.
func (l *locale) countRows(r comity.Release, group string, link func(string) string) []countRow {
	var figures []comity.Figure
	for _, f := range r.Figures {
		if f.Group == group && f.Published {
			figures = append(figures, f)
		}
	}
	slices.SortStableFunc(figures, func(a, b comity.Figure) int { return cmp.Compare(b.Value, a.Value) })
	var rows []countRow
	for _, f := range figures[:min(len(figures), mostCounts)] {
		row := countRow{Name: strings.TrimPrefix(f.Row, "thr_"), Link: link(f.Row), Width: barWidth(f.Value, float64(r.Contributors))}
		if f.High > f.Low {
			row.Text = l.T("release.members_least", "count", int(f.Low), "of", r.Contributors)
		} else {
			row.Text = l.T("release.members", "count", int(f.Value), "of", r.Contributors)
		}
		rows = append(rows, row)
	}
	return rows
}

// anyText writes the headline; its ends stand for "at most" and "at least".
func (l *locale) anyText(f comity.Figure) string {
	switch {
	case f.Value >= 0.95:
		return l.isolated("≥" + space + l.Percent(f.Value))
	case f.Value <= 0.05:
		return l.isolated("≤" + space + l.Percent(f.Value))
	default:
		return l.Percent(f.Value)
	}
}

// releaseTrend draws the expected incidents over releases, which come newest first.
func (c *call) releaseTrend(releases []comity.Release) *trendChart {
	var points []trendPoint
	for _, r := range slices.Backward(releases) {
		f := r.Figure("headline", "expected", "")
		p := trendPoint{Label: r.Period, Estimate: comity.Estimate{Value: f.Value, Low: f.Low, High: f.High}}
		if !f.Published {
			p.Withheld = why(f)
		}
		points = append(points, p)
	}
	return trend(points, func(v float64) string { return c.locale.Decimal(v, 1) }, topOf(points))
}
