package web

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"comity"
)

// timelineRows is how many items one timeline draws: as many as are legible on a sheet of A4.
const timelineRows = 30

// Geometry of a timeline, in units of its drawing. Titles stand beside the bars, on the side where a line of text begins.
const (
	timelineWidth  = 1200.0
	timelineLabels = 360.0 // for the titles
	timelineRow    = 26.0
	timelineHead   = 34.0
	timelineTitle  = 48    // characters of a title that fit
	timelineMonth  = 130.0 // for the name of a month
)

// timeline is the items of a page as bars in time, with what waits for what.
type timeline struct {
	Width, Height float64
	Bars          []timelineBar
	Links         []string // paths from the end of an item to the beginning of one that waits for it
	Ticks         []timelineTick
	Today         string // x; empty: not within the time that is drawn
	TodayAnchor   string
	LabelX        string
	LabelAnchor   string // of the titles
	Bottom        string
}

// timelineBar is one item: at X from its begin to its day.
type timelineBar struct {
	actionRow
	Label             string
	X, Y, Width, Text string // Text: the base line of the title
	DoneX, DoneWidth  string
	Open              bool // it has no day: it is drawn until the end
}

type timelineTick struct{ X, TextX, Label string }

// timeline draws items in the order in which they begin. In a language that is written from right to left time goes so, too.
func (c *call) timeline(rows []actionRow) *timeline {
	if len(rows) == 0 {
		return nil
	}
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b actionRow) int {
		return cmp.Or(a.Begins().Time().Compare(b.Begins().Time()), cmp.Compare(a.ID, b.ID))
	})
	today := comity.DateOf(c.site.now())
	scale := newTimeScale(rows, today, c.locale.dir == "rtl")
	t := &timeline{
		Width: timelineWidth, Height: timelineHead + timelineRow*float64(len(rows)) + 12, LabelX: number2(scale.mirror(0)), LabelAnchor: scale.anchor("start"),
		Ticks: c.timelineTicks(scale),
	}
	t.Bottom = number2(t.Height - 8)
	if x, ok := scale.at(today); ok {
		t.Today, t.TodayAnchor = number2(scale.mirror(x)), "middle"
	}
	for i, r := range rows {
		t.Bars = append(t.Bars, scale.bar(r, i))
	}
	t.Links = scale.links(rows)
	return t
}

// timeScale places days on the drawing.
type timeScale struct {
	from, to comity.Date
	rtl      bool
}

// newTimeScale covers whole months around the items and today.
func newTimeScale(rows []actionRow, today comity.Date, rtl bool) timeScale {
	s := timeScale{from: today, to: today.AddDays(30), rtl: rtl}
	for _, r := range rows {
		if b := r.Begins(); b.Before(s.from) {
			s.from = b
		}
		if s.to.Before(r.Due) {
			s.to = r.Due
		}
	}
	s.from.Day = 1
	last := comity.Date{Year: s.to.Year, Month: s.to.Month, Day: 1}
	s.to = comity.DateOf(last.Time().AddDate(0, 1, 0))
	return s
}

// at returns where a day begins, from the side of the titles, and whether it is on the drawing.
func (s timeScale) at(d comity.Date) (float64, bool) {
	whole := s.to.Time().Sub(s.from.Time()).Hours()
	part := d.Time().Sub(s.from.Time()).Hours() / whole
	return timelineLabels + (timelineWidth-timelineLabels)*min(max(part, 0), 1), part >= 0 && part <= 1
}

// mirror turns a place around where text is written from right to left.
func (s timeScale) mirror(x float64) float64 {
	if s.rtl {
		return timelineWidth - x
	}
	return x
}

func (s timeScale) anchor(side string) string {
	if !s.rtl || side == "middle" {
		return side
	}
	return map[string]string{"start": "end", "end": "start"}[side]
}

// ends returns where an item's bar begins and ends, from the side of the titles.
func (s timeScale) ends(a comity.ActionItem) (float64, float64) {
	from, _ := s.at(a.Begins())
	to := timelineWidth
	if !a.Due.IsZero() {
		to, _ = s.at(a.Due.AddDays(1))
	}
	return from, max(to, from+4)
}

func (s timeScale) bar(r actionRow, i int) timelineBar {
	from, to := s.ends(r.ActionItem)
	top := timelineHead + timelineRow*float64(i)
	x, done := from, (to-from)*r.Done()
	doneX := from
	if s.rtl {
		x, doneX = timelineWidth-to, timelineWidth-from-done
	}
	return timelineBar{
		actionRow: r, Label: shortened(r.Title, timelineTitle), X: number2(x), Y: number2(top + 5), Width: number2(to - from), Text: number2(top + 18),
		DoneX: number2(doneX), DoneWidth: number2(done), Open: r.Due.IsZero(),
	}
}

// links draws from the end of each item to the beginning of those on the page that wait for it.
func (s timeScale) links(rows []actionRow) []string {
	place := map[comity.ActionID]int{}
	for i, r := range rows {
		place[r.ID] = i
	}
	var paths []string
	for i, r := range rows {
		for _, before := range r.After {
			j, ok := place[before]
			if !ok {
				continue
			}
			_, end := s.ends(rows[j].ActionItem)
			begin, _ := s.ends(r.ActionItem)
			paths = append(paths, s.link(end, middle(j), begin, middle(i)))
		}
	}
	return paths
}

func middle(row int) float64 { return timelineHead + timelineRow*float64(row) + 12 }

// link is an elbow with an arrow's head: out of the end, down or up beside it, into the beginning.
func (s timeScale) link(x1, y1, x2, y2 float64) string {
	out := x1 + 6
	if x2-8 > out {
		out = x2 - 8
	}
	points := [][2]float64{{x1, y1}, {out, y1}, {out, y2}, {x2, y2}}
	if x2 < out { // it begins before the other ends: around, between the rows
		between := y2 - timelineRow/2
		if y2 < y1 {
			between = y2 + timelineRow/2
		}
		points = [][2]float64{{x1, y1}, {out, y1}, {out, between}, {x2 - 8, between}, {x2 - 8, y2}, {x2, y2}}
	}
	var b strings.Builder
	for i, p := range points {
		fmt.Fprintf(&b, "%s%s %s", map[bool]string{true: "M", false: "L"}[i == 0], number2(s.mirror(p[0])), number2(p[1]))
	}
	for _, side := range []float64{-4, 4} {
		fmt.Fprintf(&b, "M%s %sL%s %s", number2(s.mirror(x2)), number2(y2), number2(s.mirror(x2-6)), number2(y2+side))
	}
	return b.String()
}

// timelineTicks marks months; of a long time every third or twelfth.
func (c *call) timelineTicks(s timeScale) []timelineTick {
	months := (s.to.Year-s.from.Year)*12 + int(s.to.Month) - int(s.from.Month)
	step := 1
	switch {
	case months > 48:
		step = 12
	case months > 10:
		step = 3
	}
	var ticks []timelineTick
	for d := s.from; d.Before(s.to); d = comity.DateOf(d.Time().AddDate(0, 1, 0)) {
		if (int(d.Month)-1)%step != 0 {
			continue
		}
		x, _ := s.at(d)
		one := timelineTick{X: number2(s.mirror(x)), TextX: number2(s.mirror(x + 4)), Label: c.locale.Month(d)}
		if x > timelineWidth-timelineMonth {
			one.Label = "" // it would not fit
		}
		ticks = append(ticks, one)
	}
	return ticks
}

// shortened cuts a text after so many characters, and says so.
func shortened(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return strings.TrimSpace(string(r[:most-1])) + "…"
	}
	return s
}

// number2 writes a coordinate.
func number2(x float64) string { return fmt.Sprintf("%.1f", x) }
