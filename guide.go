package comity

import (
	"math"
	"slices"
	"time"
)

// GuideStep is one step of the guided path to an organisation's first figures: "a busy CISO's hour".
type GuideStep string

// The steps.
const (
	GuideAbout     GuideStep = "about"     // field of work and regions, which later steps are prefilled from
	GuideWarmUp    GuideStep = "warm-up"   // calibration, each person for themselves
	GuideSoftware  GuideStep = "software"  // the inventory
	GuideServices  GuideStep = "services"  // information asset groups and their criticality
	GuideScenarios GuideStep = "scenarios" // in scope, and incidents of the last three years
	GuideBands     GuideStep = "bands"     // what the grades mean in money, and the tolerance
	GuideCoverage  GuideStep = "coverage"  // mitigations
	GuideSuppliers GuideStep = "suppliers" // shared with others
)

// GuideSteps lists the steps in their order. Source: exposure model, section 9.
var GuideSteps = []GuideStep{
	GuideAbout, GuideWarmUp, GuideSoftware, GuideServices, GuideScenarios, GuideBands, GuideCoverage, GuideSuppliers,
}

// GuideFirst are the steps after which the figure is the organisation's own: its services and its own last three years.
var GuideFirst = []GuideStep{GuideAbout, GuideServices, GuideScenarios}

// Minutes returns how long a step takes about. Source: exposure model, section 9; the first takes one more.
func (s GuideStep) Minutes() int {
	switch s {
	case GuideAbout:
		return 1
	case GuideWarmUp, GuideSoftware:
		return 5
	case GuideServices, GuideBands:
		return 10
	case GuideScenarios:
		return 8
	case GuideCoverage:
		return 12
	case GuideSuppliers:
		return 4
	default:
		return 0
	}
}

// GuideMark is what became of one step in an organisation: the last time that it was saved or passed over.
type GuideMark struct {
	Org     OrgID     `json:"organization"`
	Step    GuideStep `json:"step"`
	Skipped bool      `json:"skipped,omitempty"` // passed over, and nothing was saved
	At      time.Time `json:"at"`                // UTC, whole seconds
	Person  PersonID  `json:"person,omitempty"`
	Before  Estimate  `json:"before"` // of at least one significant incident, before the answer; zero if passed over
	After   Estimate  `json:"after"`  // and with it
}

// Narrowed reports whether the answer made the interval narrower in points.
func (m GuideMark) Narrowed() bool {
	return m.After.High-m.After.Low < m.Before.High-m.Before.Low
}

// Nearer reports whether the answer brought the ends of the interval nearer to each other as Spread measures it.
func (m GuideMark) Nearer() bool { return m.After.Spread() < m.Before.Spread() }

// Spread returns the factor between the two ends of an interval of probabilities of at least one event, measured on the
// number of events that they stand for, −ln(1 − P). Unlike the width in points it does not grow merely because the
// whole interval moves up. At least 1; 1 if an end says nothing, being 0 or 1.
func (e Estimate) Spread() float64 {
	if e.Low <= 0 || e.High >= 1 || e.High < e.Low {
		return 1
	}
	return math.Log1p(-e.High) / math.Log1p(-e.Low)
}

// Guide is how far an organisation is on the guided path, one mark a step at most.
type Guide []GuideMark

// Mark returns what became of a step; false if it was not reached.
func (g Guide) Mark(s GuideStep) (GuideMark, bool) {
	i := slices.IndexFunc(g, func(m GuideMark) bool { return m.Step == s })
	if i < 0 {
		return GuideMark{}, false
	}
	return g[i], true
}

// Last returns the mark of the step that was saved last; false if none was.
func (g Guide) Last() (GuideMark, bool) {
	var last GuideMark
	for _, m := range g {
		if !m.Skipped && !m.At.Before(last.At) {
			last = m
		}
	}
	return last, last.Step != ""
}
