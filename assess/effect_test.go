package assess

import (
	"math"
	"testing"

	"comity"

	"github.com/google/go-cmp/cmp"
)

// TestEffectsAreThoseOfTheRanking asks that a mitigation one step further removes the same as in the ranking of steps, and
// that matches are closed by themselves or with all others of their threat.
func TestEffectsAreThoseOfTheRanking(t *testing.T) {
	in := exposed(t)
	list, err := Effects(in, []comity.Measure{{Control: "M1032"}, {Match: "mat_a"}, {Threat: "thr_CVE-2026-1"}, {Match: "mat_none"}, {}, {Control: "M9999"}})
	if err != nil {
		t.Fatal(err)
	}
	ranked, err := Rank(in)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range ranked {
		switch {
		case step.Control == "M1032":
			if diff := cmp.Diff(step, list[0]); diff != "" {
				t.Errorf("the mitigation (-ranked +alone):\n%s", diff)
			}
		case step.Software == "sof_edge":
			if list[1].Expected != step.Expected || list[2].Expected != step.Expected || list[1].Scenario != step.Scenario {
				t.Errorf("the only match of the software removes %v and %v, the patch %v", list[1], list[2], step)
			}
		}
	}
	for _, nothing := range list[3:] {
		if nothing.Expected != 0 || nothing.P != 0 || nothing.MeanLoss != 0 {
			t.Errorf("nothing removes %+v", nothing)
		}
	}
	if diff := cmp.Diff(exposed(t), in); diff != "" {
		t.Errorf("comparing changed the input:\n%s", diff)
	}
}

// TestRemovedIsWhatItWouldHaveRemoved puts measures in place: what they removed then is what was said before.
func TestRemovedIsWhatItWouldHaveRemoved(t *testing.T) {
	in := exposed(t)
	in.Profile.Coverage = map[string]float64{"M1032": 0.25}
	would, err := Effects(in, []comity.Measure{{Control: "M1032"}, {Match: "mat_a"}})
	if err != nil {
		t.Fatal(err)
	}
	done := exposed(t)
	done.Profile.Coverage = map[string]float64{"M1032": would[0].To}
	did, err := Removed(done, comity.Measure{Control: "M1032"}, in.Profile.Coverage)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(did.Expected-would[0].Expected) > 1e-12 || did.From != 0.25 || did.To != would[0].To || did.P != would[0].P {
		t.Errorf("the mitigation would remove %+v and did remove %+v", would[0], did)
	}
	patched := in
	patched.Matches = []comity.Match{in.Matches[0]}
	patched.Matches[0].Exposed = 0
	for name, now := range map[string]Input{"patched": patched, "not seen yet": in} {
		did, err = Removed(now, comity.Measure{Match: "mat_a"}, nil)
		if err != nil || math.Abs(did.Expected-would[1].Expected) > 1e-12 {
			t.Errorf("%s: the match would remove %v and did remove %v, %v", name, would[1].Expected, did.Expected, err)
		}
	}
	nothing, err := Removed(in, comity.Measure{Control: "M1032"}, in.Profile.Coverage)
	if err != nil || nothing.Expected != 0 || nothing.To != 0 {
		t.Errorf("a mitigation that is as it was removed %+v, %v", nothing, err)
	}
}
