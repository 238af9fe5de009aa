package assess

import (
	"math"
	"testing"

	"comity"
)

// near reports whether got is want to the digits that want was stated with.
func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s: got %.9g, want %.9g ± %.1g", what, got, want, tolerance)
	}
}

func mustPrior(t *testing.T, low, high float64) Gamma {
	t.Helper()
	g, err := Prior(comity.Interval{Low: low, High: high})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestPrior(t *testing.T) {
	for _, c := range []struct{ low, high, shape, rate, mean float64 }{
		{0.1, 1, 2.437273, 5.437873, 0.448203},
		{0.05, 0.5, 2.437273, 10.875746, 0.224102},
		{0.5, 5, 2.437273, 1.087575, 2.241017},
		{1, 3, 9.386859, 4.975976, 1.886436},
	} {
		g := mustPrior(t, c.low, c.high)
		near(t, "shape", g.Shape, c.shape, 6e-7)
		near(t, "rate", g.Rate, c.rate, 6e-7)
		near(t, "mean", g.Mean(), c.mean, 6e-7)
		near(t, "5 %", g.Quantile(0.05), c.low, 1e-9)
		near(t, "95 %", g.Quantile(0.95), c.high, 1e-9)
	}
}

func TestPriorRefuses(t *testing.T) {
	for _, i := range []comity.Interval{
		{},
		{Low: 0, High: 1},
		{Low: 1, High: 1},
		{Low: 2, High: 1},
		{Low: -1, High: 1},
		{Low: 1, High: 1.000001},
		{Low: 1e-300, High: 1e300},
		{Low: math.NaN(), High: 1},
		{Low: 1, High: math.Inf(1)},
	} {
		if _, err := Prior(i); comity.KindOf(err) != comity.Invalid {
			t.Errorf("%v: got %v, want an error of kind invalid", i, err)
		}
	}
}

func TestUpdate(t *testing.T) {
	for _, c := range []struct {
		name                                      string
		seen                                      []Observation
		shape, rate, mean, low, high, noneInAYear float64
	}{
		{"none", nil, 2.437273, 5.437873, 0.448203, 0.1, 1, 0.662698},
		{"0 in 3 y", []Observation{{0, 3, 1, 1}}, 2.437273, 8.437873, 0.288849, 0.0644, 0.6445, 0.761111},
		{"2 in 3 y", []Observation{{2, 3, 1, 1}}, 4.437273, 8.437873, 0.525876, 0.1926, 0.9921, 0.608367},
		{
			"0 in 3 y, peers 4 in 60 org-years",
			[]Observation{{0, 3, 1, 1}, {4, 60, 0.25, 1}},
			3.437273, 23.437873, 0.146655, 0.0448, 0.2962, 0.866224,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := mustPrior(t, 0.1, 1).Update(c.seen...)
			near(t, "shape", g.Shape, c.shape, 6e-7)
			near(t, "rate", g.Rate, c.rate, 6e-7)
			near(t, "mean", g.Mean(), c.mean, 6e-7)
			near(t, "5 %", g.Quantile(0.05), c.low, 6e-5)
			near(t, "95 %", g.Quantile(0.95), c.high, 6e-5)
			near(t, "P(N=0)", g.Zero(1), c.noneInAYear, 6e-7)
		})
	}
}

func TestIncidentsAreSeenBehindControls(t *testing.T) {
	prior, v := mustPrior(t, 0.1, 1), 0.3
	near(t, "2 in 3 y", v*prior.Update(Observation{2, 3, 1, v}).Mean(), 0.210036, 6e-7)
	near(t, "0 in 3 y", v*prior.Update(Observation{0, 3, 1, v}).Mean(), 0.115367, 6e-7)
	near(t, "2 in 3 y, controls credited twice", v*prior.Update(Observation{2, 3, 1, 1}).Mean(), 0.157763, 6e-7)
	near(t, "0 in 3 y, controls credited twice", v*prior.Update(Observation{0, 3, 1, 1}).Mean(), 0.086655, 6e-7)
}

func TestDecay(t *testing.T) {
	near(t, "3 y, h 2", DecayedYears(3, 2), 1.865251, 6e-7)
	near(t, "1 y, h 1", DecayedYears(1, 1), 0.721348, 6e-7)
	near(t, "10 y, h 2", DecayedYears(10, 2), 2.795222, 6e-7)

	count := Decay(0.5, 2) + Decay(2.5, 2)
	g := mustPrior(t, 0.1, 1).Update(Observation{count, DecayedYears(3, 2), 1, 1})
	near(t, "shape", g.Shape, 3.698618, 6e-7)
	near(t, "rate", g.Rate, 7.303124, 6e-7)
	near(t, "mean", g.Mean(), 0.506443, 6e-7)
}

func TestThinnedCount(t *testing.T) {
	g := mustPrior(t, 0.1, 1)
	near(t, "P(N=0)", g.Zero(0.3), 0.877320, 6e-7)
	near(t, "Var(N)", g.Variance(0.3), 0.141879, 6e-7)
}

func TestObservation(t *testing.T) {
	e := comity.Evidence{
		Kind: comity.EvidenceIncident, Count: 2, Weight: 1,
		From: comity.Date{Year: 2025, Month: 1, Day: 1}, To: comity.Date{Year: 2025, Month: 12, Day: 31},
	}
	for _, c := range []struct {
		name string
		kind comity.EvidenceKind
		v    float64
		want Observation
	}{
		{"an incident takes today's susceptibility", comity.EvidenceIncident, 0, Observation{2, 1, 1, 0.3}},
		{"an incident takes the recorded susceptibility", comity.EvidenceIncident, 0.4, Observation{2, 1, 1, 0.4}},
		{"an attempt needs none", comity.EvidenceAttempt, 0, Observation{2, 1, 1, 1}},
	} {
		e.Kind, e.Susceptibility = c.kind, c.v
		if got := observation(e, 0.3); got != c.want {
			t.Errorf("%s: got %+v, want %+v", c.name, got, c.want)
		}
	}
}
