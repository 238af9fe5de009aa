package assess

import (
	"testing"

	"comity"

	"github.com/google/go-cmp/cmp"
)

func exposureOf(headline float64, scenarios map[comity.ScenarioID]float64) comity.Exposure {
	e := comity.Exposure{Org: "org_0000000000000000", At: now, Significant: comity.Estimate{Value: headline}}
	for id, p := range scenarios {
		e.Scenarios = append(e.Scenarios, comity.ScenarioExposure{Scenario: id, Significant: comity.Estimate{Value: p}})
	}
	return e
}

func TestCompare(t *testing.T) {
	before := exposureOf(0.2, map[comity.ScenarioID]float64{"a": 0.1, "b": 0.05, "c": 0.03, "gone": 0.01})
	after := exposureOf(0.3, map[comity.ScenarioID]float64{"a": 0.11, "b": 0.15, "c": 0.03005, "new": 0.02})
	change := func(id comity.ScenarioID, from, to float64) comity.ExposureChange {
		return comity.ExposureChange{Org: after.Org, At: now, Scenario: id, Before: from, After: to}
	}
	want := []comity.ExposureChange{
		change("", 0.2, 0.3), change("b", 0.05, 0.15), change("new", 0, 0.02), change("gone", 0.01, 0), change("a", 0.1, 0.11),
	}
	got := Compare(before, after)
	// "a" and "gone" moved by the same to the eye, not to the bit.
	if diff := cmp.Diff(want[:3], got[:3]); diff != "" || len(got) != len(want) {
		t.Errorf("(-want +got)\n%s%d lines", diff, len(got))
	}
}

func TestCompareTheSame(t *testing.T) {
	e := mustAssess(t, busy(t))
	if got := Compare(e, e); len(got) != 1 || got[0].Scenario != "" || got[0].Before != got[0].After {
		t.Errorf("got %+v", got)
	}
}
