package aggregate

import (
	"testing"

	"comity"

	"pgregory.net/rapid"
)

// TestRanks holds the order statistics to the numbers of the exposure model, section 6. For 2000 worlds the page of
// collective rounds says 1971–1988, whose coverage is 0.94: an interval of at least 95 % ends at 1989.
func TestRanks(t *testing.T) {
	for _, tt := range []struct{ n, low, high int }{
		{2_000, 1971, 1989}, {10_000, 9880, 9920}, {100_000, 98938, 99062}, {1_000_000, 989805, 990196},
	} {
		if low, high := ranks(0.99, tt.n); low != tt.low || high != tt.high {
			t.Errorf("ranks(0.99, %d) = [%d, %d], want [%d, %d]", tt.n, low, high, tt.low, tt.high)
		}
	}
}

func TestDominatedTailPointsAreLeftOut(t *testing.T) {
	in := input(14, 3)
	for w := range 40 { // the worst two worlds in a hundred are one member's
		in.Contributions[0].Worlds[w] = 1e9
	}
	r := mustRelease(t, in)
	for _, p := range r.Curve {
		if p.P < 0.02 {
			t.Errorf("point %+v is one member's", p)
		}
	}
	if len(r.Curve) == 0 && r.CurveWithheld == "" {
		t.Error("no curve and no reason")
	}
}

func checkCurve(t *rapid.T, r comity.Release) {
	if (len(r.Curve) == 0) != (r.CurveWithheld != "") {
		t.Errorf("%d points, withheld for %q", len(r.Curve), r.CurveWithheld)
	}
	for i, p := range r.Curve {
		if p.Loss != money(p.Loss) || !(p.Low <= p.P && p.P <= p.High) {
			t.Errorf("point %+v", p)
		}
		if i > 0 && (p.Loss < r.Curve[i-1].Loss || p.P >= r.Curve[i-1].P) {
			t.Errorf("points %+v, %+v are out of order", r.Curve[i-1], p)
		}
	}
}
