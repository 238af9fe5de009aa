package aggregate

import (
	"fmt"
	"math"
	"testing"

	"comity"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestAuditOfTheTable is the example of collective rounds: rows 7, 3, 6, columns 9, 7, third row 3 and 3 published.
func TestAuditOfTheTable(t *testing.T) {
	// Unknowns: x₁₁, x₁₂, x₂₁, x₂₂.
	known := []bounded{
		{[]int{0, 1}, 7, 7},
		{[]int{2, 3}, 3, 3},
		{[]int{0, 2}, 9 - 3, 9 - 3},
		{[]int{1, 3}, 7 - 3, 7 - 3},
	}
	top := []float64{16, 16, 16, 16}
	low, high, err := bounds(0, top, known[:3]) // the fourth follows from the others
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(low-3) > 1e-9 || math.Abs(high-6) > 1e-9 {
		t.Errorf("x₁₁ in [%v, %v], want [3, 6]", low, high)
	}
	if low, high, err = bounds(0, top, known); err != nil || math.Abs(low-3) > 1e-6 || math.Abs(high-6) > 1e-6 {
		t.Errorf("with the sum that follows: x₁₁ in [%v, %v], %v; want [3, 6]", low, high, err)
	}
}

func TestAuditFindsASubtraction(t *testing.T) {
	count := func(n int, orgs []comity.OrgID) comity.Release {
		v := float64(n)
		return comity.Release{Contributed: orgs, Figures: []comity.Figure{{
			Group: "supplier", Row: "northwind", Unit: "members", Published: true, Value: v, Low: v, High: v,
		}}}
	}
	ten := orgs(11)[:10]
	if got := Audit([]comity.Release{count(5, ten)}); len(got) != 0 {
		t.Errorf("one release tells %v", got)
	}
	if got := Audit([]comity.Release{count(5, ten), count(6, ten)}); len(got) != 0 {
		t.Errorf("releases that contradict each other tell %v", got)
	}
	want := []Finding{{"supplier", "northwind", orgs(11)[10], 1, 1}}
	got := Audit([]comity.Release{count(5, ten), count(6, orgs(11))})
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) < 1e-6 })); diff != "" {
		t.Errorf("one joiner (-want +got):\n%s", diff)
	}
}

// TestCountThatJoinersTell has five joiners who all depend on a supplier: the difference of two counts would say so.
func TestCountThatJoinersTell(t *testing.T) {
	before, after := input(14, 1), input(19, 1)
	suppliers := func(in Input, members int) {
		for i := range in.Contributions {
			in.Contributions[i].Suppliers = nil
			if i < members || i >= 14 {
				in.Contributions[i].Suppliers = []string{"Northwind"}
			}
		}
	}
	suppliers(before, 5)
	suppliers(after, 5)
	after.Period, after.Previous = "2026-Q4", []comity.Release{mustRelease(t, before)}
	r := mustRelease(t, after)
	if f := r.Figure("supplier", "northwind", ""); f.Published {
		t.Errorf("figure %+v tells that all joiners depend on it", f)
	}
}

// TestKindsLoseNothing holds the program by kinds to its slow twin, which has one unknown for each member.
func TestKindsLoseNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(7, 12).Draw(t, "members")
		ones := make([]float64, n)
		for i := range ones {
			ones[i] = 1
		}
		var known []bounded
		for range rapid.IntRange(1, 3).Draw(t, "releases") {
			var b bounded
			for i := range n {
				if rapid.IntRange(0, 3).Draw(t, "takes part") > 0 {
					b.of = append(b.of, i)
				}
			}
			b.low = float64(rapid.IntRange(0, len(b.of)).Draw(t, "low"))
			b.high = b.low + float64(rapid.IntRange(0, 2).Draw(t, "wide"))
			known = append(known, b)
		}
		groups := kinds(known, n)
		for g := range groups {
			low, high, err := boundsInKind(g, groups, known)
			slowLow, slowHigh, slowErr := bounds(groups[g][0], ones, known)
			if (err == nil) != (slowErr == nil) {
				t.Fatalf("by kinds %v, by members %v", err, slowErr)
			}
			if err == nil && (math.Abs(low-slowLow) > 1e-6 || math.Abs(high-slowHigh) > 1e-6) {
				t.Errorf("by kinds [%v, %v], by members [%v, %v]", low, high, slowLow, slowHigh)
			}
		}
	})
}

// BenchmarkAudit bounds 300 counts over three releases whose cohorts differ.
func BenchmarkAudit(b *testing.B) {
	var releases []comity.Release
	for i := range 3 {
		r := comity.Release{Contributed: orgs(31)[5*i : 16+5*i]}
		for row := range 300 {
			v := float64(3 + (row+i)%11)
			r.Figures = append(r.Figures, comity.Figure{Group: "threat", Row: fmt.Sprint(row), Unit: "members", Published: true, Value: v, Low: v, High: v})
		}
		releases = append(releases, r)
	}
	for b.Loop() {
		Audit(releases)
	}
}
