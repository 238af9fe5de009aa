package aggregate

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"comity"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// Every number of "Release control" on the page of collective rounds.

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

// TestAuditOfTheTable is the page's example: rows 7, 3, 6, columns 9, 7, third row 3 and 3 published.
func TestAuditOfTheTable(t *testing.T) {
	// Unknowns: x₁₁, x₁₂, x₂₁, x₂₂.
	known := []bounded{
		{[]int{0, 1}, 7, 7},
		{[]int{2, 3}, 3, 3},
		{[]int{0, 2}, 9 - 3, 9 - 3},
		{[]int{1, 3}, 7 - 3, 7 - 3},
	}
	low, high, err := bounds(0, 4, 16, known[:3]) // the fourth follows from the others
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(low-3) > 1e-9 || math.Abs(high-6) > 1e-9 {
		t.Errorf("x₁₁ in [%v, %v], want [3, 6]", low, high)
	}
	if low, high, err = bounds(0, 4, 16, known); err != nil || math.Abs(low-3) > 1e-6 || math.Abs(high-6) > 1e-6 {
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

func orgs(n int) []comity.OrgID {
	list := make([]comity.OrgID, n)
	for i := range list {
		list[i] = comity.OrgID(fmt.Sprintf("org_%016d", i))
	}
	return list
}

// member returns a contribution of some size, drawn from rng.
func member(org comity.OrgID, size float64, rng *rand.Rand) Contribution {
	part := func() float64 { return size * (0.5 + rng.Float64()) }
	ransomware, insider, outage := part(), part(), part()
	whole := ransomware + insider + outage
	strategic := whole * (0.3 + 0.4*rng.Float64())
	p := -math.Expm1(-whole)
	c := Contribution{Org: org, Exposure: comity.Exposure{
		Org: org, Tolerance: 1e6,
		Significant: comity.Estimate{Value: p, Low: p / 2, High: min(1, p*1.5)},
		Expected:    comity.Estimate{Value: whole, Low: whole / 2, High: whole * 2},
		Loss:        comity.Loss{Mean: whole * 1e6, Areas: [3]float64{whole * 2e5, whole * 3e5, whole * 5e5}},
		Scenarios: []comity.ScenarioExposure{
			{Scenario: "ransomware", Origin: comity.OriginExternal, Expected: ransomware},
			{Scenario: "phishing", Origin: comity.OriginExternal, Expected: ransomware / 2},
			{Scenario: "insider-theft", Origin: comity.OriginInternal, Expected: insider},
			{Scenario: "operator-error", Origin: comity.OriginInternal, Expected: insider / 3},
			{Scenario: "provider-outage", Origin: comity.OriginPartner, Expected: outage},
			{Scenario: "supplier-compromise", Origin: comity.OriginPartner, Expected: outage / 4},
		},
		Splits: []comity.Split{
			{Dimension: "level", Key: "strategic", Expected: strategic},
			{Dimension: "level", Key: "operational", Expected: whole - strategic},
			{Dimension: "origin", Key: "external", Expected: ransomware},
			{Dimension: "origin", Key: "internal", Expected: insider},
			{Dimension: "origin", Key: "partner", Expected: outage},
		},
	}}
	for _, s := range c.Exposure.Scenarios {
		for _, property := range []string{"confidentiality", "availability"} {
			c.Exposure.Cells = append(c.Exposure.Cells, comity.Cell{Scenario: s.Scenario, Property: property, Expected: s.Expected})
		}
	}
	for range 2_000 {
		c.Worlds = append(c.Worlds, size*1e6*math.Exp(rng.NormFloat64()))
	}
	return c
}

// input returns the contributions of n members of like size.
func input(n int, seed uint64) Input {
	rng := rand.New(rand.NewPCG(seed, 1))
	in := Input{
		Cohort: orgs(n), AsOf: time.Date(2026, 10, 1, 9, 0, 0, 5, time.UTC), Period: "2026-Q3",
		Next: comity.Date{Year: 2027, Month: 1, Day: 1}, Catalogue: "1", ID: "rel_0000000000000001", Number: 1, Seed: 7,
	}
	for i, org := range in.Cohort {
		c := member(org, 0.2+0.1*rng.Float64(), rng)
		if i < n/2 {
			c.Suppliers = append(c.Suppliers, "Northwind Hosting Ltd", "NORTHWIND HOSTING")
		}
		if i < 2 {
			c.Suppliers = append(c.Suppliers, "Rare Supplier")
		}
		c.Suppliers = append(c.Suppliers, "Everybody's")
		if i%2 == 0 {
			c.Threats = append(c.Threats, "thr_CVE-2026-0001")
		}
		in.Contributions = append(in.Contributions, c)
	}
	return in
}

func mustRelease(t testing.TB, in Input) comity.Release {
	t.Helper()
	r, err := Release(in)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

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

func TestDominatedFiguresAreWithheld(t *testing.T) {
	in := input(14, 3)
	giant := &in.Contributions[5].Exposure
	giant.Loss.Mean *= 100
	giant.Loss.Areas[1] *= 100
	r := mustRelease(t, in)
	if r.CurveWithheld != comity.WithheldDominated || len(r.Curve) != 0 {
		t.Errorf("curve: %q", r.CurveWithheld)
	}
	if got := r.Figure("area", "image", ""); got.Withheld != comity.WithheldDominated {
		t.Errorf("area: %+v", got)
	}
	others := 0
	for _, a := range []string{"integrity", "operations"} {
		if r.Figure("area", a, "").Withheld == comity.WithheldComplement {
			others++
		}
	}
	if others == 0 {
		t.Error("the dominated area can be computed from the two others")
	}
	if !r.Figure("headline", "expected", "").Published {
		t.Error("events are not dominated, and withheld")
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

func TestSplitOfTwoIsWithheldTogether(t *testing.T) {
	in := input(14, 4)
	for i := range in.Contributions { // only one member has anything strategic
		s := in.Contributions[i].Exposure.Splits
		if i > 0 {
			s[1].Expected += s[0].Expected
			s[0].Expected = 0
		}
	}
	r := mustRelease(t, in)
	if a, b := r.Figure("level", "strategic", ""), r.Figure("level", "operational", ""); a.Withheld != comity.WithheldDominated || b.Withheld != comity.WithheldComplement {
		t.Errorf("strategic %q, operational %q", a.Withheld, b.Withheld)
	}
}

func TestWithheldScenarioTakesASiblingWithIt(t *testing.T) {
	in := input(14, 5)
	for i := range in.Contributions {
		if i > 0 {
			zero(&in.Contributions[i].Exposure, "phishing")
		}
	}
	r := mustRelease(t, in)
	for _, property := range []string{"confidentiality", "availability"} {
		if got := r.Figure("matrix", "phishing", property); got.Withheld != comity.WithheldDominated {
			t.Errorf("phishing × %s: %+v", property, got)
		}
		if got := r.Figure("matrix", "ransomware", property); got.Withheld != comity.WithheldComplement {
			t.Errorf("ransomware × %s is the rest of its origin: %+v", property, got)
		}
		if got := r.Figure("matrix", "insider-theft", property); !got.Published {
			t.Errorf("insider-theft × %s has another origin: %+v", property, got)
		}
	}
}

func zero(e *comity.Exposure, id comity.ScenarioID) {
	for i := range e.Scenarios {
		if e.Scenarios[i].Scenario == id {
			e.Scenarios[i].Expected = 0
		}
	}
	for i := range e.Cells {
		if e.Cells[i].Scenario == id {
			e.Cells[i].Expected = 0
		}
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

// anyInput draws releases of all sorts: few members, giants, members who answered nothing.
func anyInput(t *rapid.T) Input {
	in := input(rapid.IntRange(0, 18).Draw(t, "members"), rapid.Uint64().Draw(t, "seed"))
	for i := range in.Contributions {
		if rapid.IntRange(0, 5).Draw(t, "kind") == 0 {
			scale(&in.Contributions[i], rapid.SampledFrom([]float64{0, 0.01, 30, 1e6}).Draw(t, "size"))
		}
	}
	return in
}

// scale multiplies everything that a member contributes.
func scale(c *Contribution, by float64) {
	e := &c.Exposure
	p := -math.Expm1(-by * e.Expected.Value)
	e.Significant = comity.Estimate{Value: p, Low: p, High: p}
	e.Expected.Value, e.Expected.Low, e.Expected.High = e.Expected.Value*by, e.Expected.Low*by, e.Expected.High*by
	e.Loss.Mean *= by
	for i := range e.Loss.Areas {
		e.Loss.Areas[i] *= by
	}
	e.Scenarios, e.Splits, e.Cells = slices.Clone(e.Scenarios), slices.Clone(e.Splits), slices.Clone(e.Cells)
	for i := range e.Scenarios {
		e.Scenarios[i].Expected *= by
	}
	for i := range e.Splits {
		e.Splits[i].Expected *= by
	}
	for i := range e.Cells {
		e.Cells[i].Expected *= by
	}
	c.Worlds = slices.Clone(c.Worlds)
	for i := range c.Worlds {
		c.Worlds[i] *= by
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
