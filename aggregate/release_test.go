package aggregate

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"comity"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestReleasePublishes(t *testing.T) {
	r := mustRelease(t, input(14, 1))
	for _, want := range []struct{ group, row, column string }{
		{"headline", "any", ""},
		{"headline", "expected", ""},
		{"headline", "median", ""},
		{"level", "strategic", ""},
		{"level", "operational", ""},
		{"origin", "external", ""},
		{"origin", "internal", ""},
		{"origin", "partner", ""},
		{"area", "integrity", ""},
		{"area", "image", ""},
		{"area", "operations", ""},
		{"matrix", "ransomware", "availability"},
		{"matrix", "provider-outage", "confidentiality"},
		{"supplier", "northwind hosting", ""},
		{"threat", "thr_CVE-2026-0001", ""},
	} {
		if f := r.Figure(want.group, want.row, want.column); !f.Published {
			t.Errorf("%v: withheld %q", want, f.Withheld)
		}
	}
	if got := r.Figure("supplier", "northwind hosting", ""); got.Value != 7 || got.Low != 7 || got.High != 7 {
		t.Errorf("seven of fourteen: %+v", got)
	}
	if got := r.Figure("supplier", "everybody s", ""); got.Value != 11 || got.Low != 11 || got.High != 14 {
		t.Errorf("all of fourteen must be a band: %+v", got)
	}
	if slices.ContainsFunc(r.Figures, func(f comity.Figure) bool { return f.Row == "rare supplier" }) {
		t.Error("a supplier of two members has a row")
	}
	if len(r.Curve) < 5 || len(r.Curve) > 7 || r.CurveWithheld != "" {
		t.Errorf("curve of %d points, withheld %q", len(r.Curve), r.CurveWithheld)
	}
	if r.Mode != "trusted" || r.Contributors != 14 || len(r.Contributed) != 14 || r.Hash != Hash(r) {
		t.Errorf("mode %q, %d contributors, hash %q", r.Mode, r.Contributors, r.Hash)
	}
}

func TestTooFewContributors(t *testing.T) {
	r := mustRelease(t, input(6, 1))
	if w := allWithheld(t, r); w != comity.WithheldTooFew {
		t.Errorf("six contributors: withheld %q", w)
	}
	if r := mustRelease(t, input(7, 1)); !r.Figure("headline", "expected", "").Published {
		t.Error("seven contributors: withheld")
	}
}

// allWithheld returns the one reason for which everything is withheld, and fails if anything is not.
func allWithheld(t *testing.T, r comity.Release) comity.Withholding {
	t.Helper()
	for _, f := range r.Figures {
		if f.Published || f.Value != 0 || f.Low != 0 || f.High != 0 || f.Withheld != r.CurveWithheld {
			t.Errorf("figure %+v, the curve is withheld for %q", f, r.CurveWithheld)
		}
	}
	if len(r.Curve) != 0 || len(r.Figures) == 0 {
		t.Errorf("%d points, %d figures", len(r.Curve), len(r.Figures))
	}
	return r.CurveWithheld
}

func TestCohorts(t *testing.T) {
	first := mustRelease(t, input(14, 1))
	next := func(n int, period string) Input {
		in := input(n, 2)
		in.Period, in.Number, in.Previous = period, 2, []comity.Release{first}
		return in
	}
	tests := []struct {
		name   string
		in     Input
		wholly comity.Withholding
	}{
		{"same cohort", next(14, "2026-Q4"), ""},
		{"one joiner", next(15, "2026-Q4"), comity.WithheldCohort},
		{"one leaver", next(13, "2026-Q4"), comity.WithheldCohort},
		{"four joiners", next(18, "2026-Q4"), comity.WithheldCohort},
		{"five joiners", next(19, "2026-Q4"), ""},
		{"one joiner in another year", next(15, "2027-Q1"), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := mustRelease(t, tt.in)
			if tt.wholly == "" {
				if !r.Figure("headline", "expected", "").Published {
					t.Error("withheld")
				}
				return
			}
			if w := allWithheld(t, r); w != tt.wholly {
				t.Errorf("withheld for %q, want %q", w, tt.wholly)
			}
		})
	}
	t.Run("one joiner and one leaver", func(t *testing.T) {
		in := next(15, "2026-Q4")
		in.Cohort, in.Contributions = in.Cohort[1:], in.Contributions[1:]
		if w := allWithheld(t, mustRelease(t, in)); w != comity.WithheldCohort {
			t.Errorf("withheld for %q", w)
		}
	})
	t.Run("one of the cohort did not answer", func(t *testing.T) {
		in := next(14, "2026-Q4")
		in.Contributions = in.Contributions[1:]
		if w := allWithheld(t, mustRelease(t, in)); w != comity.WithheldCohort {
			t.Errorf("withheld for %q", w)
		}
	})
	t.Run("after a release that told nothing", func(t *testing.T) {
		in := next(15, "2026-Q4")
		in.Previous = []comity.Release{mustRelease(t, input(6, 1))}
		if !mustRelease(t, in).Figure("headline", "expected", "").Published {
			t.Error("withheld")
		}
	})
}

func TestReleaseRefuses(t *testing.T) {
	first := mustRelease(t, input(14, 1))
	tests := []struct {
		name   string
		change func(*Input)
		kind   comity.Kind
	}{
		{"the same period again", func(in *Input) { in.Previous = []comity.Release{first} }, comity.Conflict},
		{"no year", func(in *Input) { in.Period = "Q3" }, comity.Invalid},
		{"not of the cohort", func(in *Input) { in.Cohort = in.Cohort[1:] }, comity.Internal},
		{"twice", func(in *Input) { in.Contributions = append(in.Contributions, in.Contributions[0]) }, comity.Internal},
		{"negative", func(in *Input) { in.Contributions[3].Exposure.Loss.Mean = -1 }, comity.Internal},
		{"no number", func(in *Input) { in.Contributions[3].Worlds[7] = math.NaN() }, comity.Internal},
		{"a probability above 1", func(in *Input) { in.Contributions[3].Exposure.Significant.High = 1.1 }, comity.Internal},
		{"other worlds", func(in *Input) { in.Contributions[3].Worlds = in.Contributions[3].Worlds[1:] }, comity.Internal},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := input(14, 1)
			tt.change(&in)
			if _, err := Release(in); err == nil || comity.KindOf(err) != tt.kind {
				t.Errorf("error %v of kind %v, want kind %v", err, comity.KindOf(err), tt.kind)
			}
		})
	}
}

func TestReleaseKeepsItsPromises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := anyInput(t)
		r, err := Release(in)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.IsSortedFunc(r.Figures, compareFigures) {
			t.Error("figures are not sorted")
		}
		for _, f := range r.Figures {
			checkFigure(t, f, r)
		}
		checkCurve(t, r)
		shuffled := in
		shuffled.Contributions = slices.Clone(in.Contributions)
		slices.Reverse(shuffled.Contributions)
		again, err := Release(shuffled)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(r, again); diff != "" {
			t.Errorf("the order of contributions matters (-forward +backward):\n%s", diff)
		}
	})
}

func checkFigure(t *rapid.T, f comity.Figure, r comity.Release) {
	if f.Published == (f.Withheld != "") {
		t.Errorf("%+v is both or neither", f)
	}
	if !f.Published && (f.Value != 0 || f.Low != 0 || f.High != 0) {
		t.Errorf("%+v is withheld and has a value", f)
	}
	if f.Published && !(f.Low <= f.Value && f.Value <= f.High) {
		t.Errorf("%+v lies outside its interval", f)
	}
	step := map[string]float64{"share": 0.1, "events": 0.5, "members": 1, "probability": 0.05}[f.Unit]
	for _, v := range []float64{f.Value, f.Low, f.High} {
		if math.IsNaN(v) || math.Abs(v/step-math.Round(v/step)) > 1e-6 {
			t.Errorf("%+v is off its grid of %v", f, step)
		}
	}
	if f.Unit == "members" && (f.Low < 3 || f.Low > float64(r.Contributors-3)) {
		t.Errorf("%+v is a cell too near none or all of %d", f, r.Contributors)
	}
}

// TestOneMemberShowsOnlyInPublishedFigures changes the answers of one member: nothing but published figures, and what is
// published at all, may differ.
func TestOneMemberShowsOnlyInPublishedFigures(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := anyInput(t)
		if len(in.Contributions) == 0 {
			return
		}
		other := in
		other.Contributions = slices.Clone(in.Contributions)
		scale(&other.Contributions[0], rapid.SampledFrom([]float64{0.5, 0.9, 1.1, 2, 50}).Draw(t, "by"))
		a, errA := Release(in)
		b, errB := Release(other)
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		if diff := cmp.Diff(blank(a), blank(b)); diff != "" {
			t.Errorf("more than published figures differs:\n%s", diff)
		}
	})
}

// blank returns the release without what is published.
func blank(r comity.Release) comity.Release {
	r.Hash, r.Curve, r.CurveWithheld = "", nil, ""
	r.Figures = slices.Clone(r.Figures)
	for i, f := range r.Figures {
		r.Figures[i] = comity.Figure{Group: f.Group, Row: f.Row, Column: f.Column, Unit: f.Unit}
		if f.Withheld != "" && (f.Value != 0 || f.Low != 0 || f.High != 0) {
			r.Figures[i] = f // would show as a difference
		}
	}
	return r
}

// TestSmallChangesSeldomShow changes one answer by a hundredth: what is published stays as it is almost everywhere.
func TestSmallChangesSeldomShow(t *testing.T) {
	var figures, moved int
	for seed := range uint64(50) {
		in := input(14, seed)
		other := in
		other.Contributions = slices.Clone(in.Contributions)
		scale(&other.Contributions[3], 1.01)
		other.Contributions[3].Exposure.Significant = in.Contributions[3].Exposure.Significant
		a, b := mustRelease(t, in), mustRelease(t, other)
		for i := range a.Figures {
			figures++
			if a.Figures[i] != b.Figures[i] {
				moved++
			}
		}
	}
	if share := float64(moved) / float64(figures); share > 0.01 {
		t.Errorf("%.1f %% of the figures move with a hundredth of one member's answers", 100*share)
	}
}

func TestHash(t *testing.T) {
	r := mustRelease(t, input(14, 1))
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var stored comity.Release
	if err := json.Unmarshal(text, &stored); err != nil {
		t.Fatal(err)
	}
	if Hash(stored) != r.Hash {
		t.Error("the hash does not survive storing")
	}
	stored.Figures[0].Value += 0.1
	if Hash(stored) == r.Hash {
		t.Error("another figure has the same hash")
	}
	if got := string(canonical(comity.Release{Period: "2026-Q3 <&>"})); strings.Contains(got, `"hash"`) || !strings.Contains(got, "<&>") {
		t.Errorf("canonical form %s", got)
	}
}

func BenchmarkRelease(b *testing.B) {
	in := input(16, 1)
	for b.Loop() {
		if _, err := Release(in); err != nil {
			b.Fatal(err)
		}
	}
}
