package comity

import (
	"cmp"
	"math"
	"slices"
)

// Two kinds of driver that only a difference has.
const (
	DriverSeverity DriverKind = "severity" // which part of the incidents is significant: services, bands, tolerance
	DriverScope    DriverKind = "scope"    // the scenario came into scope or left it
)

// ExposureDifference says why an exposure moved: by scenario, and in each by the bars of its waterfall. Everything is in
// significant incidents a year, which add up; the probability follows from their sum.
type ExposureDifference struct {
	Scenarios []ScenarioDifference // the largest move first, then by id; those that did not move are left out
	Move      float64              // significant incidents a year: the sum over scenarios
}

// ScenarioDifference is the part of one scenario.
type ScenarioDifference struct {
	Scenario      ScenarioID
	Before, After ScenarioExposure // zero where it was not in scope
	Move          float64          // significant incidents a year: the sum over bars
	Bars          []DifferenceBar  // in the order of the waterfall; those that did not move are left out
}

// DifferenceBar is the part of one bar of the waterfall.
type DifferenceBar struct {
	Driver                 // what it rests on after; before, where it is gone. Its Log is the difference of the two logarithms
	Before, After  float64 // the factor; of the prior, the rate. 0: the bar was not there
	Move           float64 // significant incidents a year
	New, Withdrawn []EvidenceID
}

// Since says in what an exposure differs from an earlier one of the same organisation, and what moved it.
//
// With E = Λ · P(X > S*) significant incidents a year, ln E is a sum of bars, so that ΔE = L · Σ Δbar with the logarithmic
// mean L = (E₁ − E₀)/(ln E₁ − ln E₀): nothing is left over, and the order of the bars does not matter. Where one of the two
// is 0 there is no logarithm, and the move is one bar.
//
// Source: logarithmic mean Divisia index, additive form (Ang 2004, Energy Policy 32, equation 5).
func (e Exposure) Since(earlier Exposure) ExposureDifference {
	var d ExposureDifference
	for _, after := range e.Scenarios {
		before, _ := earlier.Scenario(after.Scenario)
		d.add(scenarioDifference(before, after))
	}
	for _, before := range earlier.Scenarios {
		if _, still := e.Scenario(before.Scenario); !still {
			d.add(scenarioDifference(before, ScenarioExposure{}))
		}
	}
	slices.SortFunc(d.Scenarios, func(a, b ScenarioDifference) int {
		return cmp.Or(cmp.Compare(math.Abs(b.Move), math.Abs(a.Move)), cmp.Compare(a.Scenario, b.Scenario))
	})
	return d
}

func (d *ExposureDifference) add(s ScenarioDifference) {
	if len(s.Bars) == 0 {
		return
	}
	d.Move += s.Move
	d.Scenarios = append(d.Scenarios, s)
}

func scenarioDifference(before, after ScenarioExposure) ScenarioDifference {
	d := ScenarioDifference{Scenario: cmp.Or(after.Scenario, before.Scenario), Before: before, After: after, Move: after.Expected - before.Expected}
	switch {
	case before.Scenario == "" || after.Scenario == "":
		d.Bars = []DifferenceBar{{Driver: Driver{Kind: DriverScope}, Before: before.Expected, After: after.Expected, Move: d.Move}}
		return d
	case before.Expected <= 0 || after.Expected <= 0:
		d.Bars = moved([]DifferenceBar{{Driver: Driver{Kind: DriverSeverity}, Before: before.Above, After: after.Above, Move: d.Move}})
		return d
	}
	scale := logarithmicMean(before.Expected, after.Expected)
	bars := pairDrivers(before.Drivers, after.Drivers)
	bars = append(bars, DifferenceBar{
		Driver: Driver{Kind: DriverSeverity, Log: math.Log(after.Above / before.Above)}, Before: before.Above, After: after.Above,
	})
	for i := range bars {
		bars[i].Move = scale * bars[i].Log
	}
	d.Bars = moved(bars)
	return d
}

// logarithmicMean returns (b − a)/(ln b − ln a) of two numbers above 0: between the geometric and the arithmetic mean.
func logarithmicMean(a, b float64) float64 {
	if r := math.Log(b / a); math.Abs(r) > 1e-9 {
		return (b - a) / r
	}
	return (a + b) / 2
}

// moved leaves out the bars that say the same before and after.
func moved(bars []DifferenceBar) []DifferenceBar {
	return slices.DeleteFunc(bars, func(b DifferenceBar) bool {
		return b.Move == 0 && len(b.New)+len(b.Withdrawn) == 0
	})
}

// pairDrivers lays two waterfalls over each other.
func pairDrivers(before, after []Driver) []DifferenceBar {
	taken := make([]bool, len(before))
	var bars []DifferenceBar
	for _, d := range after {
		i := slices.IndexFunc(before, func(b Driver) bool { return sameDriver(b, d) })
		if i < 0 || taken[i] {
			bars = append(bars, DifferenceBar{Driver: d, After: math.Exp(d.Log), New: d.Evidence})
			continue
		}
		taken[i] = true
		bar := DifferenceBar{Driver: d, Before: math.Exp(before[i].Log), After: math.Exp(d.Log)}
		bar.Log -= before[i].Log
		bar.Controls = slices.Concat(d.Controls, without(before[i].Controls, d.Controls))
		bar.New, bar.Withdrawn = without(d.Evidence, before[i].Evidence), without(before[i].Evidence, d.Evidence)
		bars = append(bars, bar)
	}
	for i, d := range before {
		if !taken[i] {
			bar := DifferenceBar{Driver: d, Before: math.Exp(d.Log), Withdrawn: d.Evidence}
			bar.Log = -d.Log
			bars = append(bars, bar)
		}
	}
	return bars
}

// sameDriver reports whether two bars stand for the same thing: the same stage, supplier or campaign.
func sameDriver(a, b Driver) bool {
	if a.Kind != b.Kind || a.Stage != b.Stage || a.Supplier != b.Supplier {
		return false
	}
	if a.Kind != DriverIntelligence {
		return true
	}
	shared := func(x, y []ThreatID) bool {
		return slices.ContainsFunc(x, func(t ThreatID) bool { return slices.Contains(y, t) })
	}
	return shared(a.Threats, b.Threats) || len(without(a.Evidence, b.Evidence)) < len(a.Evidence)
}

// without returns what of a list is not in another.
func without[T comparable](list, other []T) []T {
	var rest []T
	for _, x := range list {
		if !slices.Contains(other, x) {
			rest = append(rest, x)
		}
	}
	return rest
}
