package assess

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"comity"
)

// Assess returns how exposed the organisation is over the next 12 months, with what each figure rests on. It is a pure
// function: the same input gives the same bits, whatever the order of evidence and matches.
//
//  1. Rates, modulators, susceptibility and severity stand at their means (posterior, stated) in Rate, Modulator, Mix,
//     Adaptive, Events, Above, Expected, and in the drivers, which explain Events to the last digit.
//  2. Significant.Value is E[1 − exp(−Σ Λ P(X > S*))] over the uncertainty in all parameters: rates in closed form, the
//     rest by outer draws. The intervals are the 5 % and 95 % quantiles of the same quantity, or of Σ Λ P(X > S*).
//  3. Loss and the curve are the compound distribution with uncertain rates, exactly, at the means of the rest; the
//     band around the curve is over the outer draws.
//
// Where nothing was answered, priors stand in and Unknown says so: services are three typical ones, coverage of each
// mitigation that was not answered anything between a quarter and three quarters. Bad input is an error of kind Invalid that names the place.
//
// Source: exposure model, sections 1–8.
func Assess(in Input) (comity.Exposure, error) {
	m, err := newModel(in)
	if err != nil {
		return comity.Exposure{}, fmt.Errorf("assess: %w", err)
	}
	d := newDraws(m, cmp.Or(in.Draws, defaultDraws))
	e := comity.Exposure{
		Org: in.Profile.Org, At: in.Now.UTC().Truncate(time.Second), Catalogue: in.Catalogue.Version,
		Profile: in.Profile.Revision, Seed: in.Seed, Tolerance: m.tolerance, Unknown: unknown(in),
	}
	s := simulate(m, d)
	for i, c := range m.cells {
		e.Scenarios = append(e.Scenarios, scenarioExposure(m, c, s.scenario[i]))
	}
	e.Significant, e.Expected = s.whole, s.expected
	e.Expected.Value = 0
	for _, s := range e.Scenarios {
		e.Expected.Value += s.Expected
	}
	e.Splits, e.Cells = splits(m), cells(m)
	annual := newAnnual(m)
	e.Loss = annual.loss()
	e.Curve = curve(m, d, annual)
	slices.SortFunc(e.Scenarios, func(a, b comity.ScenarioExposure) int {
		return cmp.Or(cmp.Compare(b.Expected, a.Expected), cmp.Compare(a.Scenario, b.Scenario))
	})
	if !finiteExposure(e) {
		return comity.Exposure{}, comity.Errorf(comity.Internal, "assess: a figure of %s is not finite", e.Org)
	}
	return e, nil
}

// scenarioExposure fills the figures of one cell that stand at means.
func scenarioExposure(m *model, c cell, significant comity.Estimate) comity.ScenarioExposure {
	v, other := c.ends(c.mix, c.adaptive)
	common, above := c.common(), c.above(m, unscaled)
	s := comity.ScenarioExposure{
		Scenario: c.scenario.ID, Origin: c.scenario.Origin, Targeted: c.scenario.Targeted,
		Alpha: c.rate.Shape, Beta: c.rate.Rate,
		Rate:      comity.Estimate{Value: c.rate.Mean(), Low: c.rate.Quantile(0.05), High: c.rate.Quantile(0.95)},
		Modulator: c.mean, ModulatorNow: c.now, Mix: c.mix, Adaptive: c.adaptive, Shared: common,
		Events:      c.rate.Mean()*c.mean*v + common,
		OtherEnd:    c.rate.Mean()*c.mean*other + common,
		Above:       above,
		Significant: significant,
		Drivers:     waterfall(m, c),
	}
	s.Expected = s.Events * above
	for l, w := range c.weights {
		if w > 0 {
			s.MeanLoss += s.Events * w * m.levels[l].mean
		}
	}
	return s
}

var unscaled = [4]float64{1, 1, 1, 1}

// simulation is what the outer draws say of P(at least one significant incident) and of the number expected.
type simulation struct {
	whole, expected comity.Estimate
	scenario        []comity.Estimate // by cell
}

// simulate runs over the outer draws. In a draw with c = M v P(X > S*) and s = Σ θ M p P(X > S*), the closed form over
// the uncertain rate is P(none) = (1 + c/β)^(−α) e^(−s); with the rate drawn too it is e^(−λc−s).
func simulate(m *model, d *draws) simulation {
	n := d.n
	whole, expected := make([]float64, n), make([]float64, n)
	single := make([][]float64, len(m.cells))
	for k := range single {
		single[k] = make([]float64, n)
	}
	none, noneOf := 0.0, make([]float64, len(m.cells))
	for i := range n {
		logNone := 0.0
		for k, c := range m.cells {
			above := c.above(m, d.scales(i))
			mv := d.mean[k][i] * d.susceptibility(c, i) * above
			shared := d.common(c, i) * above
			closed := -c.rate.Shape*math.Log1p(mv/c.rate.Rate) - shared
			drawn := d.rate[k][i]*mv + shared
			logNone += closed
			noneOf[k] += math.Exp(closed)
			expected[i] += drawn
			single[k][i] = -math.Expm1(-drawn)
		}
		none += math.Exp(logNone)
		whole[i] = -math.Expm1(-expected[i])
	}
	s := simulation{whole: estimate(1-none/float64(n), whole), expected: estimate(0, expected)}
	for k := range m.cells {
		s.scenario = append(s.scenario, estimate(1-noneOf[k]/float64(n), single[k]))
	}
	return s
}

func estimate(value float64, xs []float64) comity.Estimate {
	low, high := interval(xs)
	return comity.Estimate{Value: value, Low: low, High: high}
}

// scales returns the factor on the losses of each level in draw i.
func (d *draws) scales(i int) [4]float64 {
	s := unscaled
	for l, column := range d.scale {
		if column != nil {
			s[l] = column[i]
		}
	}
	return s
}

// susceptibility returns v of a cell at the end in use in draw i.
func (d *draws) susceptibility(c cell, i int) float64 {
	v, _ := c.ends(susceptibility(c.path, d.factors[i], true))
	return v
}

// common returns the events a year through common sources in draw i.
func (d *draws) common(c cell, i int) float64 {
	sum := 0.0
	for s := range c.shared {
		sum += c.shared[s].rate * d.shared[s][i] * c.shared[s].p
	}
	return sum
}

// unknown lists what was not answered, as keys under "unknown.".
func unknown(in Input) []string {
	counted := func(e comity.Evidence) bool {
		return e.Retracted == nil && (e.Kind == comity.EvidenceIncident || e.Kind == comity.EvidenceAttempt)
	}
	p := in.Profile
	var keys []string
	for _, q := range []struct {
		key      string
		answered bool
	}{
		{"services", len(p.Services) > 0},
		{"coverage", answeredAll(in)},
		{"software", len(p.Software) > 0},
		{"suppliers", len(p.Suppliers) > 0},
		{"incidents", slices.ContainsFunc(in.Evidence, counted)},
		{"scope", p.OutOfScope != nil || p.Revision > 0},
	} {
		if !q.answered {
			keys = append(keys, q.key)
		}
	}
	return keys
}

// answeredAll reports whether every mitigation's coverage was answered.
func answeredAll(in Input) bool {
	for code := range in.Catalogue.Strength {
		if _, ok := in.Profile.Coverage[code]; !ok {
			return false
		}
	}
	return true
}

// finiteExposure reports whether JSON can carry every figure.
func finiteExposure(e comity.Exposure) bool {
	ok := finite(e.Significant.Value, e.Significant.Low, e.Significant.High, e.Expected.Value, e.Expected.Low, e.Expected.High,
		e.Loss.Mean, e.Loss.SD, e.Loss.Zero, e.Loss.TVaR99, e.Loss.Dropped)
	for _, q := range e.Loss.Quantiles {
		ok = ok && finite(q)
	}
	for _, p := range e.Curve {
		ok = ok && finite(p.Loss, p.P, p.Low, p.High)
	}
	for _, s := range e.Scenarios {
		ok = ok && finite(s.Rate.Low, s.Rate.High, s.Modulator, s.ModulatorNow, s.Events, s.OtherEnd, s.Expected, s.MeanLoss,
			s.Significant.Value, s.Significant.Low, s.Significant.High)
		for _, d := range s.Drivers {
			ok = ok && finite(d.Log)
		}
	}
	return ok
}
