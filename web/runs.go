package web

import (
	"math"
	"slices"
	"strconv"

	"comity"
)

// runChart draws what the runs of a source changed, oldest first: a bar for each, as high as the logarithm of how many
// items it changed, and a mark for one that did not end well.
type runChart struct {
	Bars  []runBar
	Width int // of the viewBox
	Well  int
	Badly int
	Most  int // items that one run changed at most
}

// runBar is one run: Height of 40 from the bottom.
type runBar struct {
	X, Y, Height string
	Badly        bool
}

const (
	barStep   = 10
	barHeight = 40
)

// drawRuns draws runs that come newest first; fewer than two are no picture.
func drawRuns(runs []comity.Run) *runChart {
	if len(runs) < 2 {
		return nil
	}
	c := &runChart{Width: shownRuns * barStep}
	for _, r := range runs {
		c.Most = max(c.Most, changedBy(r))
	}
	at := shownRuns - len(runs)
	for _, r := range slices.Backward(runs) {
		height := 2.0
		if n := changedBy(r); n > 0 {
			height = 4 + (barHeight-4)*math.Log1p(float64(n))/math.Log1p(float64(c.Most))
		}
		bar := runBar{X: strconv.Itoa(at * barStep), Badly: !r.Outcome.Well()}
		if bar.Badly {
			c.Badly++
			height = barHeight
		} else {
			c.Well++
		}
		bar.Height, bar.Y = strconv.FormatFloat(height, 'f', 1, 64), strconv.FormatFloat(barHeight-height, 'f', 1, 64)
		c.Bars = append(c.Bars, bar)
		at++
	}
	return c
}

func changedBy(r comity.Run) int { return r.Delta.Added + r.Delta.Removed + r.Delta.Changed }

// Size writes a number of bytes.
func (l *locale) Size(n int64) string {
	switch {
	case n >= 1e6:
		return l.T("app.size.mb", "number", l.Decimal(float64(n)/1e6, 1))
	default:
		return l.T("app.size.kb", "number", l.Decimal(math.Ceil(float64(n)/1e3), 0))
	}
}
