package score

import (
	"math"
	"testing"
	"time"

	"comity"

	"pgregory.net/rapid"
)

// Hand-computed, and the two values of the exposure model, section 8.
func TestRules(t *testing.T) {
	near(t, "Brier .3, came", Brier(.3, true), .49, 1e-15)
	near(t, "Brier .3, came not", Brier(.3, false), .09, 1e-15)
	near(t, "log .25, came", Log(.25, true), 1.386294361, 1e-9)
	near(t, "log .25, came not", Log(.25, false), .287682072, 1e-9)
	near(t, "log 0, came", Log(0, true), -math.Log(1e-6), 1e-12)
	near(t, "log 1, came not", Log(1, false), -math.Log(1e-6), 1e-9)
	near(t, "interval (1, 3), 5", Interval(1, 3, 5), 42, 0)
	near(t, "interval (1, 3), 2", Interval(1, 3, 2), 2, 0)
	near(t, "interval (1, 3), 0", Interval(1, 3, 0), 22, 0)
}

// Who believes q expects no better score from saying anything else.
func TestRulesAreProper(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := rapid.Float64Range(.001, .999).Draw(t, "believed")
		p := rapid.Float64Range(.001, .999).Draw(t, "said")
		for name, rule := range map[string]func(float64, bool) float64{"Brier": Brier, "Log": Log} {
			expect := func(said float64) float64 { return q*rule(said, true) + (1-q)*rule(said, false) }
			if expect(p) < expect(q)-1e-12 {
				t.Errorf("%s: saying %v expects %v, saying what is believed %v", name, p, expect(p), expect(q))
			}
		}
	})
}

// Among all intervals, that of the 5 % and 95 % quantiles expects the best score.
func TestIntervalIsProper(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := newNumber(rapid.Float64Range(.3, 5).Draw(t, "shape"), 1, rapid.Float64Range(.01, 2).Draw(t, "factor"), rapid.Float64Range(0, 2).Draw(t, "shared"))
		low := rapid.IntRange(0, 12).Draw(t, "low")
		high := low + rapid.IntRange(0, 12).Draw(t, "width")
		expect := func(low, high int) float64 {
			sum := 0.0
			for k := range 400 {
				sum += d.at(k) * Interval(float64(low), float64(high), float64(k))
			}
			return sum
		}
		if best := expect(d.quantile(.05), d.quantile(.95)); expect(low, high) < best-1e-6 {
			t.Errorf("(%d, %d) expects %v, the quantiles (%d, %d) %v", low, high, expect(low, high), d.quantile(.05), d.quantile(.95), best)
		}
	})
}

// Gamma(2.437273, 5.437873) thinned by .3: P(N = 0) and variance of the exposure model, section 5.
func TestNumber(t *testing.T) {
	d := newNumber(2.437273, 5.437873, .3, 0)
	near(t, "P(N=0)", d.at(0), .877320, 5e-7)
	sum, mean, square := 0.0, 0.0, 0.0
	for k := range 60 {
		sum, mean, square = sum+d.at(k), mean+float64(k)*d.at(k), square+float64(k*k)*d.at(k)
	}
	near(t, "sum", sum, 1, 1e-12)
	near(t, "mean", mean, d.mean(), 1e-9)
	near(t, "variance", square-mean*mean, .141879, 5e-7)
	near(t, "shared alone: e^−.2", newNumber(2, 1, 0, .2).at(0), math.Exp(-.2), 1e-12)
	both := newNumber(2, 1, .5, .2)
	near(t, "both", both.at(0), math.Pow(1/1.5, 2)*math.Exp(-.2), 1e-12)
	near(t, "one of both", both.at(1), math.Exp(-.2)*(2*math.Pow(1/1.5, 2)*(.5/1.5)+.2*math.Pow(1/1.5, 2)), 1e-12)
	if none := newNumber(2, 1, 0, 0); none.quantile(.95) != 0 || none.at(3) != 0 {
		t.Error("what cannot happen has a probability")
	}
}

func TestForecasts(t *testing.T) {
	q := comity.Quarter{Year: 2026, Number: 3}
	e := comity.Exposure{Org: "o", At: q.First().Time(), Scenarios: []comity.ScenarioExposure{
		{Scenario: "b", Alpha: 2, Beta: 4, Modulator: 1.5, Mix: .2, Adaptive: .4, Targeted: true},
		{Scenario: "a", Alpha: 2, Beta: 4, Modulator: 1.5, Mix: .2, Adaptive: .4},
	}}
	got := Forecasts(e, q)
	if len(got) != 2 || got[0].Scenario != "a" || got[1].Scenario != "b" {
		t.Fatalf("forecasts %+v", got)
	}
	years := 92. / 365
	near(t, "opportunistic: the mix", got[0].Mean, .5*1.5*.2*years, 1e-12)
	near(t, "targeted: adaptive", got[1].Mean, .5*1.5*.4*years, 1e-12)
	near(t, "P", got[1].P, 1-math.Pow(4/(4+1.5*.4*years), 2), 1e-12)
}

func entry(count int, from, to string) comity.Evidence {
	a, _ := comity.ParseDate(from)
	b, _ := comity.ParseDate(to)
	return comity.Evidence{Scenario: "s", Kind: comity.EvidenceIncident, Count: count, From: a, To: b, Weight: 1}
}

func TestObserve(t *testing.T) {
	retracted := entry(5, "2026-07-01", "2026-09-30")
	retracted.Retracted = &time.Time{}
	other, peer := entry(5, "2026-07-01", "2026-09-30"), entry(5, "2026-07-01", "2026-09-30")
	other.Scenario, peer.Kind = "x", comity.EvidencePeer
	for _, test := range []struct {
		name     string
		evidence []comity.Evidence
		want     comity.Observed
		count    int
	}{
		{"nothing", nil, comity.ObservedPartly, 0},
		{"the quarter", []comity.Evidence{entry(2, "2026-07-01", "2026-09-30")}, comity.ObservedWhole, 2},
		{"none in three years", []comity.Evidence{entry(0, "2024-01-01", "2026-12-31")}, comity.ObservedWhole, 0},
		{"some in three years", []comity.Evidence{entry(1, "2024-01-01", "2026-12-31")}, comity.ObservedUnclear, 0},
		{"a day in three years without", []comity.Evidence{entry(0, "2024-01-01", "2026-12-31"), entry(1, "2026-08-03", "2026-08-03")}, comity.ObservedWhole, 1},
		{"a day", []comity.Evidence{entry(1, "2026-08-03", "2026-08-03")}, comity.ObservedPartly, 1},
		{"two halves", []comity.Evidence{entry(1, "2026-07-01", "2026-08-15"), entry(0, "2026-08-16", "2026-10-31")}, comity.ObservedWhole, 1},
		{"a day missing", []comity.Evidence{entry(1, "2026-07-01", "2026-08-14"), entry(0, "2026-08-16", "2026-10-31")}, comity.ObservedPartly, 1},
		{"the quarter before", []comity.Evidence{entry(3, "2026-04-01", "2026-06-30")}, comity.ObservedPartly, 0},
		{"what does not count", []comity.Evidence{retracted, other, peer}, comity.ObservedPartly, 0},
	} {
		got, count := Observe(test.evidence, "s", comity.Quarter{Year: 2026, Number: 3})
		if got != test.want || count != test.count {
			t.Errorf("%s: %s with %d, want %s with %d", test.name, got, count, test.want, test.count)
		}
	}
}

// Two of three forecasts are scored, by hand.
func TestSummary(t *testing.T) {
	q := comity.Quarter{Year: 2026, Number: 3}
	whole := func(n int) []comity.Evidence { return []comity.Evidence{entry(n, "2026-07-01", "2026-09-30")} }
	f := comity.Forecast{Quarter: q, Scenario: "s", P: .2, High: 1}
	s := Summarise([]comity.ScoredForecast{Score(f, whole(0)), Score(f, whole(2)), Score(f, nil)})
	near(t, "Brier", s.Brier, (.04+.64)/2, 1e-12)
	near(t, "log", s.Log, (-math.Log(.8)-math.Log(.2))/2, 1e-12)
	near(t, "interval: 1, and 1 + 20·1", s.Interval, 11, 1e-12)
	near(t, "expected", s.Expected, .4, 1e-12)
	near(t, "always a half", s.Base, .25, 1e-12)
	if s.Forecasts != 3 || s.Scored != 2 || s.Happened != 1 || s.Held.Hits != 1 || !s.Few() || s.Better() {
		t.Errorf("summary %+v", s)
	}
	if none := Summarise(nil); none.Scored != 0 || none.Better() || none.Brier != 0 {
		t.Errorf("none: %+v", none)
	}
}
