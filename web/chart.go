package web

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"comity"
)

// Charts are drawn here as numbers and in templates/partials/charts.html as SVG, each with the same figures in a table.
// A plot is 1000 × 1000 units, stretched to its place; texts stand outside of it at their natural size, so that they stay
// legible at any width.
const plot = 1000.0

// tick is one mark of an axis: At is its place in per cent from the left or top.
type tick struct {
	At     string
	Label  string
	Anchor string // of the text: "start", "middle" or "end"
	Offset int    // pixels, for a label beside a line
}

// curveChart is a loss exceedance curve: losses left to right on a logarithmic axis, probability upwards.
type curveChart struct {
	Line, Band string // paths
	Before     string // path of a curve to compare with; empty: none
	X, Y       []tick
	Tolerance  *tick // nil: no line
	Rows       []comity.LossPoint
	Currency   string
	Released   bool // of the system: the band is the error of the simulation
}

const (
	curvePoints = 40 // of the drawn line
	curveRows   = 8  // of the table behind
)

// lossCurve draws points, which ascend in loss; nil if fewer than two can be drawn. A tolerance of 0 is not drawn.
func (l *locale) lossCurve(points []comity.LossPoint, tolerance float64, currency string) *curveChart {
	return l.lossCurves(points, nil, tolerance, currency)
}

// lossCurves draws points, and another curve on the same axes to compare with.
func (l *locale) lossCurves(points, before []comity.LossPoint, tolerance float64, currency string) *curveChart {
	drawn := drawable(points)
	before = drawable(before)
	if len(drawn) < 2 {
		return nil
	}
	ends := axis{low: math.Log10(drawn[0].Loss), high: math.Log10(drawn[len(drawn)-1].Loss)}
	if len(before) > 1 {
		ends.low = max(ends.low, math.Log10(before[0].Loss))
		ends.high = max(ends.high, math.Log10(before[len(before)-1].Loss))
	}
	top := 0.0
	for _, p := range slices.Concat(drawn, before) {
		top = max(top, p.P, p.High)
	}
	up := axis{low: 0, high: niceTop(top)}
	c := &curveChart{Rows: thin(drawn, curveRows), Currency: currency, X: l.lossTicks(ends), Y: l.probabilityTicks(up)}
	var line, high, low []string
	for _, p := range drawn {
		x := ends.at(math.Log10(p.Loss))
		line = append(line, at(x, plot-up.at(p.P)))
		high = append(high, at(x, plot-up.at(p.High)))
		low = append(low, at(x, plot-up.at(p.Low)))
	}
	slices.Reverse(low)
	c.Line = path(line)
	c.Band = path(append(high, low...)) + "Z"
	if len(before) > 1 {
		var other []string
		for _, p := range before {
			other = append(other, at(ends.at(math.Log10(p.Loss)), plot-up.at(p.P)))
		}
		c.Before = path(other)
	}
	if log := math.Log10(tolerance); tolerance > 0 && log >= ends.low && log <= ends.high {
		c.Tolerance = &tick{At: percentAt(ends.at(log)), Label: l.Money(tolerance, currency), Anchor: anchorAt(ends.at(log)), Offset: offsetAt(ends.at(log))}
	}
	return c
}

// drawable returns the points of a curve that a logarithmic axis has, as many as are drawn.
func drawable(points []comity.LossPoint) []comity.LossPoint {
	return thin(slices.DeleteFunc(slices.Clone(points), func(p comity.LossPoint) bool { return p.Loss <= 0 }), curvePoints)
}

// axis maps values onto 0..plot.
type axis struct{ low, high float64 }

func (a axis) at(v float64) float64 {
	if a.high <= a.low {
		return 0
	}
	return min(max((v-a.low)/(a.high-a.low), 0), 1) * plot
}

// niceTop returns the round probability at which an axis ends.
func niceTop(p float64) float64 {
	for _, top := range []float64{0.05, 0.1, 0.2, 0.4, 0.6, 0.8} {
		if p <= top {
			return top
		}
	}
	return 1
}

func (l *locale) probabilityTicks(up axis) []tick {
	var ticks []tick
	for i := 1; i <= 4; i++ {
		p := up.high * float64(i) / 4
		ticks = append(ticks, tick{At: percentAt(plot - up.at(p)), Label: l.Percent(p)})
	}
	return ticks
}

// lossTicks marks powers of ten inside the axis, and some between where it is short.
func (l *locale) lossTicks(ends axis) []tick {
	var ticks []tick
	first, last := int(math.Floor(ends.low)), int(math.Ceil(ends.high))
	step := 1 + (last-first)/6 // no more fit on a telephone
	marks := []float64{1}
	if ends.high-ends.low < 2 {
		marks = []float64{1, 2, 5}
	}
	if ends.high-ends.low < 0.7 {
		marks = []float64{1, 1.5, 2, 2.5, 3, 4, 5, 6, 8}
	}
	for e := first; e <= last; e += step {
		for _, m := range marks {
			v := math.Log10(m) + float64(e)
			if v < ends.low-1e-9 || v > ends.high+1e-9 {
				continue
			}
			x := ends.at(v)
			ticks = append(ticks, tick{At: percentAt(x), Label: l.Sum(m * math.Pow10(e)), Anchor: anchorAt(x)})
		}
	}
	return ticks
}

// Sum writes an amount like Money, without the currency.
func (l *locale) Sum(x float64) string { return strings.TrimSpace(strings.Trim(l.Money(x, ""), space)) }

func anchorAt(x float64) string {
	switch {
	case x < plot*0.08:
		return "start"
	case x > plot*0.92:
		return "end"
	default:
		return "middle"
	}
}

// offsetAt keeps a label that starts or ends at a line clear of it.
func offsetAt(x float64) int {
	switch anchorAt(x) {
	case "start":
		return 4
	case "end":
		return -4
	default:
		return 0
	}
}

// trendChart shows a figure over time: dots with their intervals, oldest first.
type trendChart struct {
	Line  string
	Dots  []trendDot
	Y     []tick
	First tick
	Last  tick
	Rows  []trendRow
}

// trendDot is one dot: places in per cent.
type trendDot struct{ X, Y, Low, High string }

// trendRow is one row of the table behind. A withheld row has no value.
type trendRow struct {
	Label            string
	Value, Low, High string
	Withheld         comity.Withholding
}

// trendPoint is what a trend is drawn from.
type trendPoint struct {
	Label    string
	Estimate comity.Estimate
	Withheld comity.Withholding
}

// labels is the room that the labels of a trend take at the left.
const labels = plot * 0.09

// trend draws points, oldest first, with a way to write their values; nil if fewer than two have one.
func trend(points []trendPoint, write func(float64) string, top float64) *trendChart {
	c := &trendChart{}
	up := axis{high: top}
	var line []string
	for i, p := range points {
		row := trendRow{Label: p.Label, Withheld: p.Withheld}
		if p.Withheld == "" {
			x := labels + (float64(i)+0.5)/float64(len(points))*(plot-labels)
			y := plot - up.at(p.Estimate.Value)
			line = append(line, at(x, y))
			c.Dots = append(c.Dots, trendDot{percentAt(x), percentAt(y), percentAt(plot - up.at(p.Estimate.Low)), percentAt(plot - up.at(p.Estimate.High))})
			row.Value, row.Low, row.High = write(p.Estimate.Value), write(p.Estimate.Low), write(p.Estimate.High)
		}
		c.Rows = append(c.Rows, row)
	}
	if len(c.Dots) < 2 {
		return nil
	}
	c.Line = path(line)
	for i := 1; i <= 2; i++ {
		v := top * float64(i) / 2
		c.Y = append(c.Y, tick{At: percentAt(plot - up.at(v)), Label: write(v)})
	}
	c.First, c.Last = tick{Label: points[0].Label}, tick{Label: points[len(points)-1].Label}
	return c
}

// topOf returns the round number at which an axis of counts ends.
func topOf(points []trendPoint) float64 {
	most := 0.0
	for _, p := range points {
		most = max(most, p.Estimate.High, p.Estimate.Value)
	}
	if most <= 0 {
		return 1
	}
	unit := math.Pow10(int(math.Floor(math.Log10(most))))
	for _, m := range []float64{1, 2, 4, 6, 8, 10} {
		if most <= m*unit {
			return m * unit
		}
	}
	return 10 * unit
}

// thin keeps at most n of the points, first and last among them.
func thin[T any](points []T, n int) []T {
	if len(points) <= n {
		return points
	}
	kept := make([]T, 0, n)
	for i := range n {
		kept = append(kept, points[i*(len(points)-1)/(n-1)])
	}
	return kept
}

func at(x, y float64) string { return coordinate(x) + " " + coordinate(y) }

func coordinate(v float64) string { return strconv.FormatFloat(math.Round(v), 'f', 0, 64) }

func path(points []string) string {
	if len(points) == 0 {
		return ""
	}
	return "M" + strings.Join(points, "L")
}

// percentAt writes a place of the plot as per cent, as SVG wants it.
func percentAt(v float64) string { return strconv.FormatFloat(math.Round(v)/10, 'f', -1, 64) + "%" }

// barWidth returns the width, 0..100, of a bar that shows v of the largest.
func barWidth(v, largest float64) float64 {
	if largest <= 0 || v <= 0 {
		return 0
	}
	return math.Round(min(v/largest, 1)*1000) / 10
}

// heatOf returns the step, 0–5, of a heat cell.
func heatOf(v, largest float64) int {
	if largest <= 0 || v <= 0 {
		return 0
	}
	return min(5, 1+int(v/largest*4.999))
}
