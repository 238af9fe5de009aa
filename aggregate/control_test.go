package aggregate

import (
	"math"
	"testing"

	"comity"

	"pgregory.net/rapid"
)

// TestDominanceLimit has the numbers of collective rounds, release control.
func TestDominanceLimit(t *testing.T) {
	tests := []struct {
		p         float64
		colluders int
		want      float64
	}{
		{5, 1, .475624},
		{10, 1, .452489},
		{15, 1, .430571},
		{25, 1, .390244},
		{5, 2, .322321},
		{10, 2, .311526},
		{15, 2, .300978},
		{25, 2, .280702},
	}
	for _, tt := range tests {
		if got := DominanceLimit(tt.p, tt.colluders); math.Abs(got-tt.want) > 5e-7 {
			t.Errorf("DominanceLimit(%v, %d) = %.6f, want %.6f", tt.p, tt.colluders, got, tt.want)
		}
	}
}

func TestDominanceOfTheHandbook(t *testing.T) {
	c := control{rule: comity.ReleaseRule{Colluders: 1, P: 10}}
	if got := c.sum([]float64{50_000, 49_000, 1_000}); got != comity.WithheldDominated {
		t.Errorf("100 000 with 50 000 and 49 000 on top: %q, want it withheld", got)
	}
	small := make([]float64, 8)
	for i := range small {
		small[i] = 1_000
	}
	if got := c.sum(append([]float64{52_000, 50_000}, small...)); got != "" {
		t.Errorf("110 000 with 52 000 and 50 000 on top: %q, want it published", got)
	}
	if got := c.sum([]float64{0, 0, 0}); got != comity.WithheldCell {
		t.Errorf("a sum of nothing: %q, want it withheld", got)
	}
}

func TestMinimumContributorsIsFivePlusColluders(t *testing.T) {
	if got := controlOf(comity.ReleaseRule{}).rule; got.MinContributors != 7 || got.Colluders != 2 || got.MinCell != 3 {
		t.Errorf("default rule %+v", got)
	}
	if got := controlOf(comity.ReleaseRule{MinContributors: 2, Colluders: 3, P: 10}).rule; got.MinContributors != 8 {
		t.Errorf("a rule below its floor asks for %d, want 8", got.MinContributors)
	}
}

func TestRounding(t *testing.T) {
	for in, want := range map[float64]float64{1_234_567: 1_200_000, 1_250_000: 1_300_000, 87: 87, 0.1234: 0.12, 0: 0, 99_600: 100_000} {
		if got := money(in); math.Abs(got-want) > 1e-9*want {
			t.Errorf("money(%v) = %v, want %v", in, got, want)
		}
	}
	if got := onGrid(0.29, shareStep); got != 0.3 {
		t.Errorf("0.29 to 10 points is %v", got)
	}
	if got := below(0.3, shareStep); got != 0.3 {
		t.Errorf("0.3 downwards is %v", got)
	}
	if got := above(2.1, eventStep); got != 2.5 {
		t.Errorf("2.1 upwards in halves is %v", got)
	}
}

func TestCompleteHidesEnough(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := controlOf(comity.ReleaseRule{})
		c.members = 10
		parts := make([][]float64, rapid.IntRange(2, 6).Draw(t, "parts"))
		withheld := make([]comity.Withholding, len(parts))
		for i := range parts {
			parts[i] = rapid.SliceOfN(rapid.Float64Range(0, 10), 10, 10).Draw(t, "part")
			if rapid.Bool().Draw(t, "one member's") {
				parts[i][0] += 1000
			}
			withheld[i] = c.sum(parts[i])
		}
		c.complete(parts, withheld)
		hidden, count := hiddenTogether(parts, withheld)
		switch {
		case count == 0, count == len(parts):
		case count == 1:
			t.Errorf("one part alone is withheld: %v", withheld)
		case c.sum(hidden) != "":
			t.Errorf("what is withheld together does not pass: %v", withheld)
		}
	})
}
