package aggregate

import (
	"math"
	"testing"

	"comity"
)

func TestExpectedAndAny(t *testing.T) {
	in := input(14, 2)
	var sum float64
	for _, c := range in.Contributions {
		sum += c.Exposure.Expected.Value
	}
	r := mustRelease(t, in)
	if got := r.Figure("headline", "expected", "").Value; math.Abs(got-sum) > 0.25 {
		t.Errorf("expected %v, the members' sum is %v", got, sum)
	}
	if got := r.Figure("headline", "any", ""); got.Value != 0.95 {
		t.Errorf("any of fourteen members at one event in two years each: %+v, want 0.95, which stands for at least", got)
	}
}

// TestDependenceLowersAny compares members whose bad years are the same with members whose bad years are their own.
func TestDependenceLowersAny(t *testing.T) {
	worlds := func(shift int) []Contribution {
		var cs []Contribution
		for i := range 10 {
			c := Contribution{Exposure: comity.Exposure{Tolerance: 1}, Worlds: make([]float64, 1000)}
			for w := range 100 { // one year in ten
				c.Worlds[(w*10+i*shift)%1000] = 2
			}
			cs = append(cs, c)
		}
		return cs
	}
	if got := dependence(worlds(1)); got != 1 {
		t.Errorf("own bad years: %v, want 1 (no less than independent)", got)
	}
	if got := dependence(worlds(0)); math.Abs(got-0.1) > 1e-12 {
		t.Errorf("the same bad years: %v, want 0.1: ten members count as one", got)
	}
	if got := dependence([]Contribution{{}, {}}); got != 1 {
		t.Errorf("without worlds: %v, want 1", got)
	}
}

// TestCertainMemberDoesNotWithholdAny has a member whose own upper end is near certain: only that end says nothing.
func TestCertainMemberDoesNotWithholdAny(t *testing.T) {
	in := input(14, 2)
	for i := range in.Contributions {
		in.Contributions[i].Exposure.Significant = comity.Estimate{Value: 0.05, Low: 0.02, High: 0.1}
		in.Contributions[i].Worlds = nil
	}
	in.Contributions[4].Exposure.Significant.High = 1
	got := mustRelease(t, in).Figure("headline", "any", "")
	if !got.Published || got.Value != 0.5 || got.Low != 0.2 || got.High != 1 {
		t.Errorf("any %+v, want 0.5 in 0.2 to 1", got)
	}
}
