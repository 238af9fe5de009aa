package comity

import (
	"math"
	"testing"
)

// exposureOf returns an exposure with one scenario whose waterfall is these bars.
func exposureOf(id ScenarioID, above float64, drivers ...Driver) Exposure {
	sum := 0.0
	for _, d := range drivers {
		sum += d.Log
	}
	s := ScenarioExposure{Scenario: id, Drivers: drivers, Events: math.Exp(sum), Above: above, Expected: math.Exp(sum) * above}
	return Exposure{Scenarios: []ScenarioExposure{s}, Expected: Estimate{Value: s.Expected}}
}

func TestSinceAddsUp(t *testing.T) {
	prior := Driver{Kind: DriverPrior, Log: math.Log(4)}
	controls := func(v float64) Driver {
		return Driver{Kind: DriverControls, Stage: "impact", Log: math.Log(v), Controls: []string{"M1032"}}
	}
	report := func(m float64, threat ThreatID) Driver {
		return Driver{Kind: DriverIntelligence, Log: math.Log(m), Threats: []ThreatID{threat}}
	}
	own := func(f float64, ids ...EvidenceID) Driver {
		return Driver{Kind: DriverEvidence, Log: math.Log(f), Evidence: ids}
	}
	for _, test := range []struct {
		name          string
		before, after Exposure
		kinds         []DriverKind
	}{
		{"nothing", exposureOf("a", .2, prior, controls(.5)), exposureOf("a", .2, prior, controls(.5)), nil},
		{"a control", exposureOf("a", .2, prior, controls(.5)), exposureOf("a", .2, prior, controls(.3)), []DriverKind{DriverControls}},
		{"a report came", exposureOf("a", .2, prior), exposureOf("a", .2, prior, report(3, "thr_A")), []DriverKind{DriverIntelligence}},
		{"another report", exposureOf("a", .2, prior, report(2, "thr_B")), exposureOf("a", .2, prior, report(3, "thr_A")), []DriverKind{DriverIntelligence, DriverIntelligence}},
		{"an incident", exposureOf("a", .2, prior, own(1.2, "evi_1")), exposureOf("a", .2, prior, own(1.5, "evi_1", "evi_2")), []DriverKind{DriverEvidence}},
		{"tolerance", exposureOf("a", .2, prior), exposureOf("a", .3, prior), []DriverKind{DriverSeverity}},
		{"tolerance from nothing", exposureOf("a", 0, prior), exposureOf("a", .3, prior), []DriverKind{DriverSeverity}},
		{"into scope", Exposure{}, exposureOf("a", .3, prior), []DriverKind{DriverScope}},
		{"out of scope", exposureOf("a", .3, prior), Exposure{}, []DriverKind{DriverScope}},
		{
			"all at once", exposureOf("a", .2, prior, own(1.2, "evi_1"), report(2, "thr_B"), controls(.5)),
			exposureOf("a", .4, prior, own(.8), report(3, "thr_B"), controls(.9)),
			[]DriverKind{DriverEvidence, DriverIntelligence, DriverControls, DriverSeverity},
		},
	} {
		d := test.after.Since(test.before)
		want := test.after.Expected.Value - test.before.Expected.Value
		if math.Abs(d.Move-want) > 1e-12 {
			t.Errorf("%s: moves by %v, want %v", test.name, d.Move, want)
		}
		var kinds []DriverKind
		sum := 0.0
		for _, s := range d.Scenarios {
			for _, b := range s.Bars {
				kinds = append(kinds, b.Kind)
				sum += b.Move
			}
		}
		if math.Abs(sum-want) > 1e-12 {
			t.Errorf("%s: bars add up to %v, want %v", test.name, sum, want)
		}
		if len(kinds) != len(test.kinds) {
			t.Errorf("%s: bars %v, want %v", test.name, kinds, test.kinds)
			continue
		}
		for i, k := range test.kinds {
			if kinds[i] != k {
				t.Errorf("%s: bars %v, want %v", test.name, kinds, test.kinds)
			}
		}
	}
}

func TestSinceNamesTheEvidence(t *testing.T) {
	before := exposureOf("a", .2, Driver{Kind: DriverEvidence, Log: .1, Evidence: []EvidenceID{"evi_1", "evi_2"}})
	after := exposureOf("a", .2, Driver{Kind: DriverEvidence, Log: .3, Evidence: []EvidenceID{"evi_2", "evi_3"}})
	bar := after.Since(before).Scenarios[0].Bars[0]
	if len(bar.New) != 1 || bar.New[0] != "evi_3" || len(bar.Withdrawn) != 1 || bar.Withdrawn[0] != "evi_1" {
		t.Errorf("new %v, withdrawn %v", bar.New, bar.Withdrawn)
	}
}

// Seen backwards every move is the same with the other sign.
func TestSinceIsSymmetric(t *testing.T) {
	a := exposureOf("a", .2, Driver{Kind: DriverPrior, Log: 1}, Driver{Kind: DriverControls, Stage: "impact", Log: -2})
	b := exposureOf("a", .5, Driver{Kind: DriverPrior, Log: 1.5}, Driver{Kind: DriverControls, Stage: "impact", Log: -.5})
	forth, back := b.Since(a), a.Since(b)
	for i, bar := range forth.Scenarios[0].Bars {
		if other := back.Scenarios[0].Bars[i]; math.Abs(bar.Move+other.Move) > 1e-12 {
			t.Errorf("%s: %v forth, %v back", bar.Kind, bar.Move, other.Move)
		}
	}
}
