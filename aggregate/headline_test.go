package aggregate

import (
	"math"
	"math/rand/v2"
	"slices"
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

// TestDependenceLowersAny compares ten members whose bad years are the same with ten whose bad years are their own. Each
// has a significant incident in one year of ten.
func TestDependenceLowersAny(t *testing.T) {
	members := func(private bool) ([]float64, [][]int) {
		rng := rand.New(rand.NewPCG(1, 2))
		common := make([]float64, 20_000)
		for w := range common {
			common[w] = rng.Float64()
		}
		var cs []Contribution
		var hazards []float64
		for range 10 {
			c := Contribution{Worlds: slices.Clone(common)}
			if private {
				rng.Shuffle(len(common), func(i, j int) { c.Worlds[i], c.Worlds[j] = c.Worlds[j], c.Worlds[i] })
			}
			cs, hazards = append(cs, c), append(hazards, hazard(0.1))
		}
		return hazards, worstFirst(cs)
	}
	independent := 1 - math.Pow(0.9, 10)
	if got := anywhere(members(true)); math.Abs(got-independent) > 0.01 {
		t.Errorf("own bad years: %v, want %v", got, independent)
	}
	if got := anywhere(members(false)); math.Abs(got-0.1) > 1e-9 {
		t.Errorf("the same bad years: %v, want 0.1: ten members count as one", got)
	}
	hazards, _ := members(true)
	if got := anywhere(hazards, worstFirst([]Contribution{{}, {}})); math.Abs(got-independent) > 1e-9 {
		t.Errorf("without worlds: %v, want %v", got, independent)
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
