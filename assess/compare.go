package assess

import (
	"cmp"
	"math"
	"slices"

	"comity"
)

// visible is the least move of a probability that is told.
const visible = 1e-4

// Compare lists what moved between two exposures of an organisation: the headline first, with no scenario, then each
// scenario whose probability moved by at least 0.0001, the largest move first. A scenario that came into scope moved
// from 0, one that left it to 0. Why it moved is for the caller to say.
func Compare(before, after comity.Exposure) []comity.ExposureChange {
	changes := []comity.ExposureChange{{
		Org: after.Org, At: after.At, Before: before.Significant.Value, After: after.Significant.Value,
	}}
	was := map[comity.ScenarioID]float64{}
	for _, s := range before.Scenarios {
		was[s.Scenario] = s.Significant.Value
	}
	var moved []comity.ExposureChange
	add := func(id comity.ScenarioID, from, to float64) {
		if math.Abs(to-from) >= visible {
			moved = append(moved, comity.ExposureChange{Org: after.Org, At: after.At, Scenario: id, Before: from, After: to})
		}
	}
	for _, s := range after.Scenarios {
		add(s.Scenario, was[s.Scenario], s.Significant.Value)
		delete(was, s.Scenario)
	}
	for id, p := range was {
		add(id, p, 0)
	}
	slices.SortFunc(moved, func(a, b comity.ExposureChange) int {
		return cmp.Or(
			cmp.Compare(math.Abs(b.After-b.Before), math.Abs(a.After-a.Before)),
			cmp.Compare(a.Scenario, b.Scenario),
		)
	})
	return append(changes, moved...)
}
