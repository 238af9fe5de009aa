package portfolio

import (
	"comity"
	"comity/assess"
)

// Document is a portfolio: the threats of one organisation, or of several that common sources can hit at once.
type Document struct {
	Scenarios     list[Scenario]     `json:"scenarios"`
	Sources       list[Source]       `json:"sources"`       // common sources
	Organizations list[Organization] `json:"organizations"` // empty: one, with every scenario
	Coverage      map[string]float64 `json:"coverage"`      // M-code → κ, for techniques without controls of their own
	Tolerance     *float64           `json:"tolerance"`     // S*: a larger loss of one event is significant; of scenarios and organisations without their own
	Cap           *float64           `json:"cap"`           // of the product of modulators; absent: 10
	Losses        list[float64]      `json:"losses"`        // at which exceedance is told; empty: round numbers
	Grid          *Grid              `json:"grid"`          // of the exact distribution; absent: chosen
	Years         int                `json:"years"`         // to simulate; 0: 100,000
	Seed          uint64             `json:"seed"`
}

// Scenario is one threat. Exactly one of Rate and RateInterval is set, or neither where Evidence alone says how often.
type Scenario struct {
	ID           string             `json:"id"`
	Name         string             `json:"name"`
	Rate         *float64           `json:"rate"`          // attempts a year, known
	RateInterval *Interval          `json:"rate_interval"` // 90 % interval of attempts a year
	Evidence     list[Evidence]     `json:"evidence"`
	Intelligence list[Intelligence] `json:"intelligence"`
	Stages       list[Stage]        `json:"stages"` // of the technique path; empty: v = 1
	Losses       Losses             `json:"loss_interval"`
	Tolerance    *float64           `json:"tolerance"`
	Targeted     bool               `json:"targeted"` // the adaptive end of susceptibility is in use, not the mix
}

// Interval is a 90 % interval: the 5 % and the 95 % quantile. Documents write it [low, high].
type Interval struct{ Low, High float64 }

// Evidence is a count of events over a span.
type Evidence struct {
	Kind           string        `json:"kind"`           // "incident", after controls (default), or "attempt"
	Events         *float64      `json:"events"`         // n
	Ages           list[float64] `json:"ages"`           // instead of events: how many years ago each happened
	Years          float64       `json:"years"`          // T, watched
	Weight         *float64      `json:"weight"`         // w, 0..1; absent: 1
	Susceptibility *float64      `json:"susceptibility"` // v as of the span; absent: today's
	HalfLife       float64       `json:"half_life"`      // years, with ages; 0: what was seen doesn't decay
}

// Intelligence is a report or sighting that multiplies the rate.
type Intelligence struct {
	Cluster     string   `json:"cluster"`    // of one cluster only the largest counts; absent: each its own
	Multiplier  float64  `json:"multiplier"` // m₀
	HalfLife    float64  `json:"half_life_days"`
	Age         float64  `json:"age_days"`
	Reliability *float64 `json:"reliability"` // 0..1; absent: 1
	Relevance   *float64 `json:"relevance"`   // 0..1; absent: 1
}

// Stage is one step of the path: techniques whose shares sum to 1.
type Stage = list[Technique]

// Technique is one way through a stage.
type Technique struct {
	Share           float64             `json:"share"`     // ω
	ID              string              `json:"technique"` // such as "T1566"; without controls, ATT&CK's mitigations counter it as far as coverage says
	Controls        *list[Control]      `json:"controls"`
	Vulnerabilities list[Vulnerability] `json:"vulnerabilities"`
}

// Control counters a technique.
type Control struct {
	Name     string  `json:"name"`
	Coverage float64 `json:"coverage"` // κ, 0..1
	Strength float64 `json:"strength"` // ε, 0..1
}

// Vulnerability opens a technique until it is patched.
type Vulnerability struct {
	CVE       string  `json:"cve"`
	EPSS      float64 `json:"epss"`      // 0..1
	Exploited bool    `json:"exploited"` // known to be: counts as 1
	Placement string  `json:"placement"` // "internet-facing" (default), "internal" or "patched"
}

// Source is something that can hit several organisations at once.
type Source struct {
	ID           string             `json:"id"`
	Rate         float64            `json:"rate"` // θ, events a year
	Intelligence list[Intelligence] `json:"intelligence"`
	Losses       Losses             `json:"loss_interval"` // of each organisation that is hit, unless it says otherwise
}

// Organization is one of several.
type Organization struct {
	ID        string       `json:"id"`
	Scenarios list[string] `json:"scenarios"` // by id; absent: all
	Sources   list[Hit]    `json:"sources"`
	Tolerance *float64     `json:"tolerance"`
}

// Hit says how an organisation depends on a common source.
type Hit struct {
	ID     string  `json:"id"`
	P      float64 `json:"p"` // probability that an event of the source hits it, susceptibility included
	Losses *Losses `json:"loss_interval"`
}

// Losses are the 90 % intervals of the loss of one event, by impact area. One pair alone is the loss as a whole.
type Losses [comity.AreaCount]Interval

// Grid is where the exact distribution is computed.
type Grid struct {
	Step   float64 `json:"step"`
	Points int     `json:"points"`
}

// Bounds on a document. They keep the cost of one below some seconds and some 100 MB.
const (
	MaxBytes      = 64 << 20
	maxScenarios  = 2000
	maxOrgs       = 200
	maxSources    = 200
	maxList       = 1000 // of every other list
	maxPoints     = 1 << 20
	MaxYears      = 10_000_000
	defaultYears  = 100_000
	maxLoss       = 1e15
	maxRate       = 1e4 // attempts or events a year
	maxMultiplier = 1e6
	sharesWithin  = 1e-9 // of 1
)

// bounds of the lists that have their own.
func (Scenario) most() int     { return maxScenarios }
func (Organization) most() int { return maxOrgs }
func (Source) most() int       { return maxSources }

// cap returns the cap on the product of modulators.
func (d *Document) cap() float64 {
	if d.Cap != nil {
		return *d.Cap
	}
	return assess.ModulatorCap
}

func (d *Document) years() int {
	if d.Years == 0 {
		return defaultYears
	}
	return d.Years
}
