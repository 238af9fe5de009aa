package comity

import "testing"

func TestTreatmentState(t *testing.T) {
	today := Date{2026, 8, 7}
	approved := today.Time()
	for _, test := range []struct {
		name string
		t    Treatment
		want TreatmentState
	}{
		{"none", Treatment{}, TreatmentNone},
		{"reduced", Treatment{ID: "x", Option: TreatReduce, Until: today}, TreatmentInForce},
		{"its last day passed", Treatment{ID: "x", Option: TreatReduce, Until: today.AddDays(-1)}, TreatmentOverdue},
		{"accepted by nobody", Treatment{ID: "x", Option: TreatAccept, Until: today}, TreatmentProposed},
		{"accepted", Treatment{ID: "x", Option: TreatAccept, Until: today, Approved: approved}, TreatmentInForce},
		{"acceptance ended", Treatment{ID: "x", Option: TreatAccept, Until: today.AddDays(-1), Approved: approved}, TreatmentOverdue},
		{"withdrawn", Treatment{ID: "x", Option: TreatShare, Until: today.AddDays(-1), Withdrawn: approved}, TreatmentNone},
	} {
		if got := test.t.State(today); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

// The threshold itself is still within tolerance, the next number above it is not.
func TestAboveTolerance(t *testing.T) {
	p := TreatmentPlan{Threshold: .05}
	for value, want := range map[float64]bool{.049: false, .05: false, .051: true} {
		if got := p.Above(ScenarioExposure{Significant: Estimate{Value: value}}); got != want {
			t.Errorf("%v: above %v, want %v", value, got, want)
		}
	}
}
