package assess

import (
	"math"
	"testing"

	"comity"

	"github.com/google/go-cmp/cmp"
)

// What Work tells comes out where Assess does, to the bit, and its parts multiply to it.
func TestWorkIsAssess(t *testing.T) {
	for name, in := range map[string]Input{"typical": typical(t), "busy": busy(t), "nothing entered": {Catalogue: DefaultCatalogue(), Knowledge: knowledge(t), Now: now}} {
		e := mustAssess(t, in)
		w, err := Work(in)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(e.Kept(), w.Exposure); diff != "" {
			t.Errorf("%s (-assess +work):\n%s", name, diff)
		}
		sum := 0.0
		for _, d := range w.Draws {
			sum += d.None
		}
		if got := 1 - sum/float64(len(w.Draws)); math.Abs(got-e.Significant.Value) > 1e-12 {
			t.Errorf("%s: the draws average to %v, the headline is %v", name, got, e.Significant.Value)
		}
		if len(w.Scenarios) != len(e.Scenarios) {
			t.Errorf("%s: %d scenarios of %d", name, len(w.Scenarios), len(e.Scenarios))
		}
		for i, s := range w.Scenarios {
			workAgrees(t, name, s, e.Scenarios[i])
		}
	}
}

func workAgrees(t *testing.T, name string, s comity.ScenarioWorking, e comity.ScenarioExposure) {
	t.Helper()
	near := func(what string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 1e-9*math.Abs(want) {
			t.Errorf("%s, %s: %s %v, want %v", name, s.Scenario.ID, what, got, want)
		}
	}
	alpha, beta, mix, adaptive := s.PriorShape, s.PriorRate, 1.0, 1.0
	for _, o := range s.Evidence {
		alpha, beta = alpha+o.Weight*o.Count, beta+o.Weight*o.V*o.Years
	}
	for _, st := range s.Stages {
		mix, adaptive = mix*st.Mix, adaptive*st.Adaptive
		for _, technique := range st.Techniques {
			none := technique.Rest
			for _, o := range technique.Openers {
				none *= 1 - o.Exposed*o.Exploited
			}
			near("P30", 1-none, technique.P30)
		}
	}
	shared, above, mean := 0.0, 0.0, 0.0
	for _, c := range s.Shared {
		shared += c.Rate * c.M * c.P
	}
	for _, l := range s.Levels {
		above, mean = above+l.Share*l.Above, mean+l.Share*l.Mean
	}
	near("α", alpha, e.Alpha)
	near("β", beta, e.Beta)
	near("mix", mix, e.Mix)
	near("adaptive", adaptive, e.Adaptive)
	near("shared", shared, e.Shared)
	near("above", above, e.Above)
	near("mean loss", e.Events*mean, e.MeanLoss)
	if s.AtMeans < 0 || s.AtMeans > 1 {
		t.Errorf("%s, %s: probability %v", name, s.Scenario.ID, s.AtMeans)
	}
}
