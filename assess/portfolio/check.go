package portfolio

import (
	"math"
	"strconv"

	"comity"
	"comity/assess"
)

// checker checks what the form of a document can't say. It keeps the first mistake.
type checker struct {
	document *Document
	known    comity.Knowledge
	err      error
}

func (c *checker) wrong(pointer, format string, args ...any) {
	if c.err == nil {
		c.err = at(pointer, format, args...)
	}
}

// within checks that a number is in [lo, hi].
func (c *checker) within(pointer string, x, lo, hi float64) {
	if !(x >= lo && x <= hi) { // NaN too
		c.wrong(pointer, "%v is not between %v and %v", x, lo, hi)
	}
}

// optional is within for a number that may be absent.
func (c *checker) optional(pointer string, x *float64, lo, hi float64) {
	if x != nil {
		c.within(pointer, *x, lo, hi)
	}
}

func (c *checker) check() {
	d := c.document
	if len(d.Scenarios) == 0 && len(d.Sources) == 0 {
		c.wrong("/scenarios", "none: a portfolio needs at least one")
	}
	scenarios := c.names("/scenarios", len(d.Scenarios), func(i int) string { return d.Scenarios[i].ID })
	sources := c.names("/sources", len(d.Sources), func(i int) string { return d.Sources[i].ID })
	c.names("/organizations", len(d.Organizations), func(i int) string { return d.Organizations[i].ID })
	for i := range d.Scenarios {
		c.scenario(place("/scenarios", i), &d.Scenarios[i])
	}
	for i := range d.Sources {
		c.source(place("/sources", i), &d.Sources[i])
	}
	for i := range d.Organizations {
		c.organization(place("/organizations", i), &d.Organizations[i], scenarios, sources)
	}
	if len(d.Sources) > 0 && len(d.Organizations) == 0 {
		c.wrong("/sources", "common sources need organizations that say how they depend on them")
	}
	for code, kappa := range d.Coverage {
		c.within("/coverage/"+code, kappa, 0, 1)
	}
	c.optional("/tolerance", d.Tolerance, 0, maxLoss)
	c.optional("/cap", d.Cap, 1, maxMultiplier)
	for i, x := range d.Losses {
		c.within(place("/losses", i), x, 0, maxLoss)
	}
	c.grid(d.Grid)
	if d.Years < 0 || d.Years > MaxYears {
		c.wrong("/years", "%d is not between 1 and %d", d.Years, MaxYears)
	}
}

func place(pointer string, i int) string { return pointer + "/" + strconv.Itoa(i) }

// names checks that each of n things has a name of its own, and returns their places.
func (c *checker) names(pointer string, n int, id func(int) string) map[string]int {
	at := make(map[string]int, n)
	for i := range n {
		name := id(i)
		before, twice := at[name]
		switch {
		case name == "":
			c.wrong(place(pointer, i)+"/id", "missing")
		case len(name) > 200:
			c.wrong(place(pointer, i)+"/id", "longer than 200 bytes")
		case twice:
			c.wrong(place(pointer, i)+"/id", "%q is the id of %s too", name, place(pointer, before))
		}
		at[name] = i
	}
	return at
}

func (c *checker) scenario(pointer string, s *Scenario) {
	switch {
	case s.Rate != nil && s.RateInterval != nil:
		c.wrong(pointer+"/rate_interval", "give rate or rate_interval, not both")
	case s.Rate != nil && len(s.Evidence) > 0:
		c.wrong(pointer+"/evidence", "a known rate learns nothing from evidence: give rate_interval instead of rate")
	case s.Rate == nil && s.RateInterval == nil && len(s.Evidence) == 0:
		c.wrong(pointer, "how often? Give rate, rate_interval or evidence")
	}
	c.optional(pointer+"/rate", s.Rate, 0, maxRate)
	if s.RateInterval != nil {
		c.interval(pointer+"/rate_interval", *s.RateInterval, maxRate)
		if _, err := assess.Prior(comity.Interval(*s.RateInterval)); err != nil && c.err == nil {
			c.wrong(pointer+"/rate_interval", "%s", err)
		}
	}
	for i := range s.Evidence {
		c.evidence(place(pointer+"/evidence", i), &s.Evidence[i])
	}
	if s.RateInterval == nil && s.Rate == nil && len(s.Evidence) > 0 && watched(s.Evidence) == 0 {
		c.wrong(pointer+"/evidence", "without rate_interval, evidence must have watched some years")
	}
	c.intelligence(pointer+"/intelligence", s.Intelligence)
	for i, stage := range s.Stages {
		c.stage(place(pointer+"/stages", i), stage)
	}
	c.losses(pointer+"/loss_interval", s.Losses)
	c.optional(pointer+"/tolerance", s.Tolerance, 0, maxLoss)
}

// watched returns the years that evidence watched, by its weights.
func watched(evidence []Evidence) float64 {
	years := 0.0
	for _, e := range evidence {
		years += e.Years * weight(e.Weight)
	}
	return years
}

func (c *checker) interval(pointer string, i Interval, most float64) {
	switch {
	case !(i.Low > 0):
		c.wrong(pointer, "the low end, %v, is not above 0", i.Low)
	case !(i.High > i.Low):
		c.wrong(pointer, "the high end, %v, is not above the low end, %v", i.High, i.Low)
	case i.High > most:
		c.wrong(pointer, "the high end, %v, is above %v", i.High, most)
	}
}

// losses checks the intervals of the areas; 0–0 is no loss there.
func (c *checker) losses(pointer string, l Losses) {
	if l == (Losses{}) {
		c.wrong(pointer, "missing: what does one event cost?")
	}
	for a, i := range l {
		if i == (Interval{}) {
			continue
		}
		where := pointer
		if l[1] != (Interval{}) || l[2] != (Interval{}) {
			where += "/" + comity.Area(a).String()
		}
		c.interval(where, i, maxLoss)
		if math.Log(i.High/i.Low) > 40 {
			c.wrong(where, "the ends are too far apart for a lognormal distribution")
		}
	}
}

func (c *checker) evidence(pointer string, e *Evidence) {
	if e.Kind != "" && e.Kind != "incident" && e.Kind != "attempt" {
		c.wrong(pointer+"/kind", "%q: want incident or attempt", e.Kind)
	}
	switch {
	case e.Events == nil && len(e.Ages) == 0:
		c.wrong(pointer, "how many? Give events, or ages")
	case e.Events != nil && len(e.Ages) > 0:
		c.wrong(pointer+"/ages", "give events or ages, not both")
	case e.HalfLife != 0 && len(e.Ages) == 0 && e.Events != nil && *e.Events != 0:
		c.wrong(pointer+"/half_life", "events that decay need their ages")
	}
	c.optional(pointer+"/events", e.Events, 0, 1e6)
	c.within(pointer+"/years", e.Years, 0, 1e6)
	for i, age := range e.Ages {
		c.within(place(pointer+"/ages", i), age, 0, e.Years)
	}
	c.optional(pointer+"/weight", e.Weight, 0, 1)
	c.optional(pointer+"/susceptibility", e.Susceptibility, 0, 1)
	if e.HalfLife != 0 {
		c.within(pointer+"/half_life", e.HalfLife, 1e-3, 1e3)
	}
}

func (c *checker) intelligence(pointer string, list []Intelligence) {
	for i, r := range list {
		at := place(pointer, i)
		c.within(at+"/multiplier", r.Multiplier, 0, maxMultiplier)
		c.within(at+"/half_life_days", r.HalfLife, 1e-3, 1e6)
		c.within(at+"/age_days", r.Age, 0, 1e6)
		c.optional(at+"/reliability", r.Reliability, 0, 1)
		c.optional(at+"/relevance", r.Relevance, 0, 1)
	}
}

func (c *checker) stage(pointer string, stage Stage) {
	sum := 0.0
	for i, t := range stage {
		at := place(pointer, i)
		c.within(at+"/share", t.Share, 0, 1)
		sum += t.Share
		c.technique(at, t)
	}
	if math.Abs(sum-1) > sharesWithin {
		c.wrong(pointer, "the shares of its techniques sum to %v, not to 1", sum)
	}
}

func (c *checker) technique(pointer string, t Technique) {
	if t.ID != "" && !c.knows(t.ID) {
		c.wrong(pointer+"/technique", "%q is no technique of ATT&CK %s", t.ID, c.known.Version)
	}
	if t.Controls != nil {
		for i, control := range *t.Controls {
			at := place(pointer+"/controls", i)
			c.within(at+"/coverage", control.Coverage, 0, 1)
			c.within(at+"/strength", control.Strength, 0, 1)
		}
	}
	for i, v := range t.Vulnerabilities {
		at := place(pointer+"/vulnerabilities", i)
		c.within(at+"/epss", v.EPSS, 0, 1)
		if _, ok := exposed[v.Placement]; !ok {
			c.wrong(at+"/placement", "%q: want internet-facing, internal or patched", v.Placement)
		}
	}
}

// knows reports whether ATT&CK, if it is here, has the technique or had it under this number.
func (c *checker) knows(number string) bool {
	if len(c.known.Names) == 0 {
		return true
	}
	_, named := c.known.Names[number]
	_, replaced := c.known.Replaced[number]
	return named || replaced
}

func (c *checker) source(pointer string, s *Source) {
	c.within(pointer+"/rate", s.Rate, 0, maxRate)
	c.intelligence(pointer+"/intelligence", s.Intelligence)
	if s.Losses != (Losses{}) {
		c.losses(pointer+"/loss_interval", s.Losses)
	}
}

func (c *checker) organization(pointer string, o *Organization, scenarios, sources map[string]int) {
	for i, id := range o.Scenarios {
		if _, ok := scenarios[id]; !ok {
			c.wrong(place(pointer+"/scenarios", i), "no scenario %q", id)
		}
	}
	c.names(pointer+"/sources", len(o.Sources), func(i int) string { return o.Sources[i].ID })
	for i, hit := range o.Sources {
		at := place(pointer+"/sources", i)
		source, ok := sources[hit.ID]
		if !ok {
			c.wrong(at+"/id", "no source %q", hit.ID)
			continue
		}
		c.within(at+"/p", hit.P, 0, 1)
		switch {
		case hit.Losses != nil:
			c.losses(at+"/loss_interval", *hit.Losses)
		case c.document.Sources[source].Losses == (Losses{}):
			c.wrong(at+"/loss_interval", "missing here and at the source: what does one event cost?")
		}
	}
	c.optional(pointer+"/tolerance", o.Tolerance, 0, maxLoss)
}

func (c *checker) grid(g *Grid) {
	if g == nil {
		return
	}
	c.within("/grid/step", g.Step, 1e-9, maxLoss)
	if g.Points < 64 || g.Points > maxPoints || g.Points%2 != 0 {
		c.wrong("/grid/points", "%d is not an even number between 64 and %d", g.Points, maxPoints)
	}
}

// exposed is x of a vulnerability by its placement.
var exposed = map[string]float64{"": 1, "internet-facing": 1, "internal": 0.2, "patched": 0}
