package comity

import (
	"slices"
	"time"
)

// Exposure is how exposed one organisation is over the next 12 months (365 days), as assessed at one moment, with what
// each figure rests on. Money is in the group's reference unit.
type Exposure struct {
	Org       OrgID     `json:"organization"`
	At        time.Time `json:"at"`        // UTC, whole seconds
	Catalogue string    `json:"catalogue"` // version of the scenario catalogue
	Revision  int       `json:"revision"`  // from 1, grows with every assessment of this organisation
	Profile   int       `json:"profile"`   // revision of the profile
	Seed      uint64    `json:"seed"`      // of the outer draws
	Tolerance float64   `json:"tolerance"` // S*: an incident above it is significant

	Significant Estimate    `json:"significant"` // P(at least one significant incident in the next 12 months)
	Expected    Estimate    `json:"expected"`    // significant incidents expected in the next 12 months
	Loss        Loss        `json:"loss"`
	Curve       []LossPoint `json:"curve"` // loss exceedance curve, ascending loss

	Scenarios []ScenarioExposure `json:"scenarios"`         // in scope, sorted by falling contribution to Expected, then id
	Splits    []Split            `json:"splits"`            // sorted by dimension, then key
	Cells     []Cell             `json:"cells"`             // scenario × property
	Unknown   []string           `json:"unknown,omitempty"` // what was not answered and so rests on priors: keys under "unknown."
}

// keptSources bounds what a kept assessment names beside one bar of a waterfall.
const keptSources = 12

// Kept returns the part of an assessment that is kept of a day, to say later why a figure changed: everything but the
// curve, splits and cells, with at most 12 items of each kind beside a bar.
func (e Exposure) Kept() Exposure {
	e.Curve, e.Splits, e.Cells = nil, nil, nil
	e.Scenarios = slices.Clone(e.Scenarios)
	for i, s := range e.Scenarios {
		s.Drivers = slices.Clone(s.Drivers)
		for j, d := range s.Drivers {
			d.Evidence, d.Matches = first(d.Evidence, keptSources), first(d.Matches, keptSources)
			d.Threats, d.Controls = first(d.Threats, keptSources), first(d.Controls, keptSources)
			s.Drivers[j] = d
		}
		e.Scenarios[i] = s
	}
	return e
}

func first[T any](list []T, n int) []T { return list[:min(len(list), n)] }

// Scenario returns the part that one scenario has in the exposure.
func (e Exposure) Scenario(id ScenarioID) (ScenarioExposure, bool) {
	for _, s := range e.Scenarios {
		if s.Scenario == id {
			return s, true
		}
	}
	return ScenarioExposure{}, false
}

// Estimate is a value with its 90 % interval (5 % and 95 % quantiles over the uncertainty in all parameters).
type Estimate struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// Loss describes the annual loss.
type Loss struct {
	Mean      float64            `json:"mean"`
	SD        float64            `json:"sd"`
	Zero      float64            `json:"zero"`      // P(no loss at all)
	Quantiles map[string]float64 `json:"quantiles"` // "0.5", "0.9", "0.95", "0.99", "0.995", "0.999"
	TVaR99    float64            `json:"tvar99"`    // expected shortfall at 99 %
	Areas     [AreaCount]float64 `json:"areas"`     // mean annual loss in each area, indexed by Area
	Dropped   float64            `json:"dropped"`   // probability beyond the grid, reported not hidden
}

// LossPoint is one point of a loss exceedance curve: P(annual loss > Loss), with its 5–95 % band.
type LossPoint struct {
	Loss float64 `json:"loss"`
	P    float64 `json:"p"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// ScenarioExposure is one scenario's part of an exposure.
type ScenarioExposure struct {
	Scenario ScenarioID `json:"scenario"`
	Origin   Origin     `json:"origin"`
	Targeted bool       `json:"targeted"`

	Alpha        float64  `json:"alpha"` // of the Gamma posterior of λ, attempts a year
	Beta         float64  `json:"beta"`
	Rate         Estimate `json:"rate"`          // λ
	Modulator    float64  `json:"modulator"`     // M, average over the next 12 months
	ModulatorNow float64  `json:"modulator_now"` // m(t) now
	Mix          float64  `json:"mix"`           // v at the mix end
	Adaptive     float64  `json:"adaptive"`      // v at the adaptive end
	Shared       float64  `json:"shared"`        // Σ θ p: events a year through common sources, included in Events

	Events      float64  `json:"events"`      // Λ at the end in use: loss events a year
	OtherEnd    float64  `json:"other_end"`   // Λ at the other end
	Above       float64  `json:"above"`       // P(one event's loss > S*)
	Expected    float64  `json:"expected"`    // Λ · Above: significant incidents a year
	Significant Estimate `json:"significant"` // P(at least one) of this scenario alone
	MeanLoss    float64  `json:"mean_loss"`   // mean annual loss
	Drivers     []Driver `json:"drivers"`     // the waterfall: their Log sums to ln Events of the path, first to last
}

// DriverKind says what a bar of the waterfall stands for.
type DriverKind string

// The kinds of driver.
const (
	DriverPrior         DriverKind = "prior"         // ln of the catalogue's mean rate
	DriverEvidence      DriverKind = "evidence"      // own incidents and attempts
	DriverIntelligence  DriverKind = "intelligence"  // a cluster of reports
	DriverControls      DriverKind = "controls"      // one stage of the path as mitigated
	DriverVulnerability DriverKind = "vulnerability" // what open vulnerabilities undo of a stage
	DriverShared        DriverKind = "shared"        // a common source
)

// Driver is one bar of a waterfall: ln of the factor by which it moves the rate of events.
type Driver struct {
	Kind     DriverKind   `json:"kind"`
	Log      float64      `json:"log"`
	Stage    string       `json:"stage,omitempty"` // tactic short name
	Evidence []EvidenceID `json:"evidence,omitempty"`
	Matches  []MatchID    `json:"matches,omitempty"`
	Threats  []ThreatID   `json:"threats,omitempty"`
	Controls []string     `json:"controls,omitempty"` // M-codes, most effective first
	Supplier SupplierID   `json:"supplier,omitempty"`
}

// Split is the part of an exposure that falls on one key of one dimension. Parts of "level" and "origin" sum to the
// whole; those of "property" overlap, since an event can hit several.
type Split struct {
	Dimension string  `json:"dimension"` // "level", "origin", "property"
	Key       string  `json:"key"`
	Expected  float64 `json:"expected"`  // significant incidents a year
	MeanLoss  float64 `json:"mean_loss"` // a year
}

// Cell is the part of an exposure that one scenario has on one property.
type Cell struct {
	Scenario ScenarioID `json:"scenario"`
	Property string     `json:"property"`
	Expected float64    `json:"expected"`
	MeanLoss float64    `json:"mean_loss"`
}

// ExposureChange is one line of "what changed and why": a re-assessment that moved a figure.
type ExposureChange struct {
	Org      OrgID      `json:"organization"`
	Seq      int64      `json:"seq"` // order of change
	At       time.Time  `json:"at"`
	Scenario ScenarioID `json:"scenario,omitempty"` // empty: the headline as a whole
	Before   float64    `json:"before"`             // P(at least one significant incident), of the scenario or the whole
	After    float64    `json:"after"`
	Why      Reason     `json:"why"` // key under "why."
	Threat   ThreatID   `json:"threat,omitempty"`
	Match    MatchID    `json:"match,omitempty"`
}

// ExposurePoint is one past assessment, for the trend.
type ExposurePoint struct {
	At          time.Time `json:"at"`
	Significant Estimate  `json:"significant"`
	MeanLoss    float64   `json:"mean_loss"`
}
