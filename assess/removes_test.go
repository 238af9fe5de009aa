package assess

import (
	"maps"
	"math"
	"slices"
	"testing"

	"comity"
)

// TestRemovesIsWhatTryingRemoves compares the quick way with trying each measure by itself.
func TestRemovesIsWhatTryingRemoves(t *testing.T) {
	in := busy(t)
	var measures []comity.Measure
	for _, code := range slices.Sorted(maps.Keys(in.Catalogue.Strength)) {
		measures = append(measures, comity.Measure{Control: code})
	}
	measures = append(measures, comity.Measure{Threat: "thr_CVE-2026-0000"}, comity.Measure{Control: "M1051", Threat: "thr_CVE-2026-0025"}, comity.Measure{})
	got, err := Removes(in, measures)
	if err != nil {
		t.Fatal(err)
	}
	want, err := Effects(in, measures)
	if err != nil {
		t.Fatal(err)
	}
	some := 0
	for i, m := range measures {
		near(t, m.Control+string(m.Threat), got[i], max(0, want[i].Expected), 1e-12)
		if got[i] > 0 {
			some++
		}
	}
	if some < 15 {
		t.Errorf("%d of %d measures remove something", some, len(measures))
	}
}

// TestTriedControlLeavesThePast checks that a control that is tried does not change what past incidents tell: λ stays, and
// Λ falls as much as v does. Years of incidents without their susceptibility once took most of the effect back.
func TestTriedControlLeavesThePast(t *testing.T) {
	in := typical(t)
	in.Profile.Coverage["M1017"] = 0
	in.Evidence = []comity.Evidence{{
		ID: "evi_a", Scenario: "phishing", Kind: comity.EvidenceIncident, Count: 30, Weight: 1,
		From: comity.Date{Year: 2016, Month: 7, Day: 1}, To: comity.Date{Year: 2026, Month: 6, Day: 30},
	}}
	tried, err := Try(in, comity.WhatIf{Coverage: map[string]float64{"M1017": 0.95}})
	if err != nil {
		t.Fatal(err)
	}
	before, after := scenario(t, mustAssess(t, in), "phishing"), scenario(t, mustAssess(t, tried), "phishing")
	if math.Float64bits(before.Rate.Value) != math.Float64bits(after.Rate.Value) {
		t.Errorf("attempts a year went from %v to %v", before.Rate.Value, after.Rate.Value)
	}
	near(t, "Λ after / before", after.Events/before.Events, after.Mix/before.Mix, 1e-12)
	if after.Mix > 0.9*before.Mix {
		t.Errorf("the control does nothing: %v of %v", after.Mix, before.Mix)
	}
}

func BenchmarkRemoves(b *testing.B) {
	in := busy(b)
	var measures []comity.Measure
	for code := range in.Catalogue.Strength {
		measures = append(measures, comity.Measure{Control: code})
	}
	for b.Loop() {
		if _, err := Removes(in, measures); err != nil {
			b.Fatal(err)
		}
	}
}
