package comity

import (
	"math"
	"testing"
)

// The ends of a doubled number of events stay as far apart, whatever becomes of the width in points.
func TestSpread(t *testing.T) {
	p := func(events float64) float64 { return -math.Expm1(-events) }
	for _, times := range []float64{.01, 1, 3} {
		e := Estimate{Value: p(.2 * times), Low: p(.1 * times), High: p(.4 * times)}
		if got := e.Spread(); math.Abs(got-4) > 1e-9 {
			t.Errorf("0.1 to 0.4 events times %v: factor %v, want 4", times, got)
		}
	}
	for _, e := range []Estimate{{}, {Low: 0, High: .5}, {Low: .5, High: 1}, {Low: .5, High: .2}} {
		if got := e.Spread(); got != 1 {
			t.Errorf("%+v: factor %v, want 1", e, got)
		}
	}
}

func TestGuide(t *testing.T) {
	minutes := 0
	for _, s := range GuideSteps {
		minutes += s.Minutes()
	}
	if minutes != 55 {
		t.Errorf("the whole path takes %d minutes: the model's 54, and one to begin", minutes)
	}
	g := Guide{{Step: GuideServices}, {Step: GuideSoftware, Skipped: true}}
	if m, ok := g.Last(); !ok || m.Step != GuideServices {
		t.Errorf("last %+v", m)
	}
	if _, ok := (Guide{{Step: GuideSoftware, Skipped: true}}).Last(); ok {
		t.Error("a step that was passed over did nothing")
	}
	if GuideStep("x").Minutes() != 0 {
		t.Error("an unknown step takes no time")
	}
}
