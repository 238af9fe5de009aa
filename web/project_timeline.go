package web

import (
	"slices"

	"comity"
)

// Geometry of the milestones of a project, in units of the drawing.
const (
	courseWidth  = 900.0
	courseMargin = 20.0
	courseHeight = 66.0
	courseMonth  = 110.0 // for the name of a month
)

// course is a project in time: from its beginning to its end, with its milestones by their numbers.
type course struct {
	Width, Height float64
	From, Until   string // of the line, x
	Done          string // x until which the line is drawn as past
	Ticks         []timelineTick
	Marks         []courseMark
	Anchor        string
}

// courseMark is a milestone. What was reached stands on the day on which it was.
type courseMark struct {
	comity.ProjectMilestone
	Number        int
	X             string
	Late, Reached bool
}

// course draws the milestones that have a day; nil if none has.
func (c *call) course(p comity.Project) *course {
	days := []comity.Date{}
	for _, m := range p.Milestones {
		if day := milestoneDay(m); !day.IsZero() {
			days = append(days, day)
		}
	}
	if len(days) == 0 {
		return nil
	}
	today := comity.DateOf(c.site.now())
	for _, day := range []comity.Date{p.Start, p.End} {
		if !day.IsZero() {
			days = append(days, day)
		}
	}
	first := slices.MinFunc(days, func(a, b comity.Date) int { return a.Time().Compare(b.Time()) })
	last := slices.MaxFunc(days, func(a, b comity.Date) int { return a.Time().Compare(b.Time()) })
	s := courseScale{from: first, days: max(1, last.Time().Sub(first.Time()).Hours()/24), rtl: c.locale.dir == "rtl"}
	d := &course{Width: courseWidth, Height: courseHeight, From: number2(s.at(first)), Until: number2(s.at(last)), Done: number2(s.at(today)), Anchor: "start"}
	if s.rtl {
		d.Anchor = "end"
	}
	for i, m := range p.Milestones {
		if day := milestoneDay(m); !day.IsZero() {
			d.Marks = append(d.Marks, courseMark{m, i + 1, number2(s.at(day)), m.Reached.IsZero() && m.Due.Before(today), !m.Reached.IsZero()})
		}
	}
	d.Ticks = c.courseTicks(s, last)
	return d
}

func milestoneDay(m comity.ProjectMilestone) comity.Date {
	if !m.Reached.IsZero() {
		return m.Reached
	}
	return m.Due
}

// courseScale places days; in a language that is written from right to left time goes so, too.
type courseScale struct {
	from comity.Date
	days float64
	rtl  bool
}

func (s courseScale) at(d comity.Date) float64 {
	part := min(max(d.Time().Sub(s.from.Time()).Hours()/24/s.days, 0), 1)
	x := courseMargin + (courseWidth-2*courseMargin)*part
	if s.rtl {
		return courseWidth - x
	}
	return x
}

// courseTicks names months at as many places as there is room for.
func (c *call) courseTicks(s courseScale, last comity.Date) []timelineTick {
	step := 1
	for ; s.days/30/float64(step) > courseWidth/courseMonth; step *= 2 {
	}
	var ticks []timelineTick
	first := comity.Date{Year: s.from.Year, Month: s.from.Month, Day: 1}
	for at := first.Time(); !last.Time().Before(at); at = at.AddDate(0, step, 0) {
		if day := comity.DateOf(at); !day.Before(s.from) {
			x := s.at(day)
			tick := timelineTick{X: number2(x), TextX: number2(x)}
			if !s.rtl && courseWidth-x >= courseMonth || s.rtl && x >= courseMonth {
				tick.Label = c.locale.Month(day) // else it would be cut off
			}
			ticks = append(ticks, tick)
		}
	}
	return ticks
}
