package web

import (
	"math"
	"strings"
	"testing"

	"comity"

	"github.com/google/go-cmp/cmp"
)

func labelsOf(ticks []tick) []string {
	var labels []string
	for _, tk := range ticks {
		labels = append(labels, tk.Label)
	}
	return labels
}

func TestLossCurve(t *testing.T) {
	l := testLocales(t)["en"]
	points := []comity.LossPoint{
		{Loss: 0, P: 0.5}, // a logarithm has no place for it
		{Loss: 1e4, P: 0.38, Low: 0.3, High: 0.39}, {Loss: 1e5, P: 0.2, Low: 0.1, High: 0.3}, {Loss: 1e6, P: 0, Low: 0, High: 0.1},
	}
	c := l.lossCurve(points, 1e5, "USD")
	if got, want := c.Line, "M0 50L500 500L1000 1000"; got != want {
		t.Errorf("line %q, want %q", got, want)
	}
	if got, want := c.Band, "M0 25L500 250L1000 750L1000 1000L500 750L0 250Z"; got != want {
		t.Errorf("band %q, want %q", got, want)
	}
	if diff := cmp.Diff([]string{"10 k", "100 k", "1 M"}, labelsOf(c.X)); diff != "" {
		t.Errorf("losses (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"10%", "20%", "30%", "40%"}, labelsOf(c.Y)); diff != "" {
		t.Errorf("probabilities (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(&tick{At: "50%", Label: "USD 100 k", Anchor: "middle"}, c.Tolerance); diff != "" {
		t.Errorf("tolerance (-want +got):\n%s", diff)
	}
	if len(c.Rows) != 3 {
		t.Errorf("%d rows in the table, want 3", len(c.Rows))
	}
}

func TestLossCurveNeedsTwoPoints(t *testing.T) {
	l := testLocales(t)["en"]
	for name, points := range map[string][]comity.LossPoint{
		"none": nil, "one": {{Loss: 1, P: 1}}, "no loss": {{Loss: 0, P: 1}, {Loss: 0, P: 0.5}, {Loss: 5, P: 0.1}},
	} {
		if c := l.lossCurve(points, 0, "USD"); c != nil {
			t.Errorf("%s: a curve %+v, want none", name, c)
		}
	}
}

func TestShortLossAxisHasMarks(t *testing.T) {
	l := testLocales(t)["en"]
	c := l.lossCurve([]comity.LossPoint{{Loss: 24e6, P: 0.5}, {Loss: 43e6, P: 0.01}}, 0, "USD")
	if diff := cmp.Diff([]string{"25 M", "30 M", "40 M"}, labelsOf(c.X)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTrendTellsOfWhatIsWithheld(t *testing.T) {
	write := testLocales(t)["en"].Percent
	points := []trendPoint{
		{Label: "2026-Q1", Estimate: comity.Estimate{Value: 0.2, Low: 0.1, High: 0.4}},
		{Label: "2026-Q2", Withheld: comity.WithheldTooFew},
		{Label: "2026-Q3", Estimate: comity.Estimate{Value: 0.1, Low: 0.1, High: 0.2}},
	}
	c := trend(points, write, 0.4)
	if len(c.Dots) != 2 || len(c.Rows) != 3 || c.Rows[1].Withheld != comity.WithheldTooFew || c.Rows[1].Value != "" {
		t.Errorf("got %d dots, rows %+v", len(c.Dots), c.Rows)
	}
	if got := strings.Count(c.Line, "L"); got != 1 {
		t.Errorf("line %q: want two points", c.Line)
	}
	if trend(points[:2], write, 0.4) != nil {
		t.Error("one point makes no trend")
	}
}

func TestWaterfallEndsWhereTheBarsLead(t *testing.T) {
	drivers := []comity.Driver{{Kind: comity.DriverPrior, Log: math.Log(4)}, {Log: math.Log(2)}, {Log: math.Log(0.05)}}
	if got := endOf(drivers); math.Abs(got-0.4) > 1e-12 {
		t.Errorf("end %v, want 0.4", got)
	}
	x := levels(drivers)
	if x.high != math.Log(8) || x.low >= math.Log(0.4) {
		t.Errorf("axis %+v does not hold every level", x)
	}
	if small := levels(drivers[:1]); small.high-small.low < math.Ln10-1e-9 {
		t.Errorf("axis %+v: want at least a factor of ten", small)
	}
}

func TestHeatAndBars(t *testing.T) {
	for v, want := range map[float64]int{0: 0, 0.01: 1, 0.5: 3, 1: 5} {
		if got := heatOf(v, 1); got != want {
			t.Errorf("heat of %v: %d, want %d", v, got, want)
		}
	}
	for v, want := range map[float64]float64{-1: 0, 0: 0, 1: 50, 3: 100} {
		if got := barWidth(v, 2); got != want {
			t.Errorf("bar of %v: %v, want %v", v, got, want)
		}
	}
	if barWidth(1, 0) != 0 || heatOf(1, 0) != 0 {
		t.Error("nothing to compare with: want nothing")
	}
}

func TestMatrixShowsWhatIsWithheld(t *testing.T) {
	l := testLocales(t)["en"]
	rows := l.matrix(comity.Release{Figures: []comity.Figure{
		{Group: "matrix", Row: "espionage", Column: "confidentiality", Withheld: comity.WithheldDominated, Value: 0.4},
		{Group: "matrix", Row: "phishing", Column: "confidentiality", Published: true, Value: 0},
		{Group: "matrix", Row: "phishing", Column: "integrity", Published: true, Value: 0.3},
	}})
	want := []matrixRow{
		{Scenario: "phishing", Cells: [4]matrixCell{{Some: true, Text: "<5%"}, {Some: true, Text: "30%", Heat: 3}}},
		{Scenario: "espionage", Cells: [4]matrixCell{{Some: true, Why: comity.WithheldDominated}}},
	}
	if diff := cmp.Diff(want, rows, cmp.Comparer(func(a, b matrixRow) bool { return a.Scenario == b.Scenario && a.Cells == b.Cells })); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestChangesShowTheDigitsThatDiffer(t *testing.T) {
	l := testLocales(t)["en"]
	for _, test := range []struct {
		before, after float64
		from, to      string
		same          bool
	}{
		{0.2, 0.25, "20%", "25%", false},
		{0.121, 0.119, "12.1%", "11.9%", false},
		{0.1201, 0.1204, "12.01%", "12.04%", false},
		{0.12, 0.12001, "12%", "12%", true},
		{0.0002, 0.0006, "0.02%", "0.06%", false},
	} {
		got := l.changeLine(comity.ExposureChange{Before: test.before, After: test.after})
		if got.From != test.from || got.To != test.to || got.Same != test.same {
			t.Errorf("%v to %v: %s to %s, same %v", test.before, test.after, got.From, got.To, got.Same)
		}
	}
}

// TestWaterfallLeadsToTheFigure multiplies all bars, from the general rate to the significant incidents.
func TestWaterfallLeadsToTheFigure(t *testing.T) {
	d := newDesk(t)
	d.withKnowledge()
	e := d.exposed(d.a, "Quiet")
	for _, sc := range e.Scenarios {
		if got := endOf(sc.Drivers) * sc.Above; math.Abs(got-sc.Expected) > 1e-9*sc.Expected {
			t.Errorf("%s: the bars lead to %v significant incidents a year, the figure is %v", sc.Scenario, got, sc.Expected)
		}
		d.get("anna", "/organization/scenarios/"+string(sc.Scenario)).want(200, "Significant incidents a year", `href="/profile/bands"`)
	}
	d.get("anna", "/organization/scenarios/edge-exploitation").want(200, "M1051").without("As assumed of anybody")
	d.putProfile(d.a, func(p *comity.Profile) { p.Coverage = nil })
	d.exposedAgain(d.a, "Quiet")
	d.get("anna", "/organization/scenarios/edge-exploitation").want(200, "As assumed of anybody, until the mitigations are answered.").without("M1051")
	d.inEveryLanguage("anna", "/organization/scenarios/edge-exploitation")
}
