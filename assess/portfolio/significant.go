package portfolio

import (
	"math"
	"slices"

	"comity/assess/chance"
)

// rateDraws is how many times the uncertain rates are drawn for the interval around P.
const rateDraws = 4000

// significant returns how often a loss of the organisation exceeds its tolerance, or each scenario's own; nil where none
// is given. P = E[1 − exp(−Σ Λ P(X > S*))], in closed form over the uncertainty in the rates; its interval is that of the
// same quantity over draws of the rates.
//
// Source: exposure model, section 4.
func (m *model) significant(g group, severities map[*loss]severity) *Significant {
	s := Significant{Tolerance: g.tolerance}
	none, any := 1.0, false
	known := 0.0 // of the exponent
	var uncertain []exceeding
	for _, k := range g.threats {
		t := m.threats[k]
		tolerance := g.tolerance
		if t.scenario.Tolerance != nil {
			tolerance, s.Tolerance = *t.scenario.Tolerance, 0
		}
		if tolerance == 0 {
			continue
		}
		any = true
		p := severities[t.loss].exceed(tolerance)
		s.Rate += t.events() * p
		none *= t.none(p)
		if t.rate.Rate > 0 {
			uncertain = append(uncertain, exceeding{t, t.factor() * p})
			continue
		}
		known += t.events() * p
	}
	for _, h := range g.hits {
		if g.tolerance == 0 {
			continue
		}
		any = true
		rate := m.sources[h.source].events * h.p * severities[h.loss].exceed(g.tolerance)
		s.Rate += rate
		none *= math.Exp(-rate)
		known += rate
	}
	if !any {
		return nil
	}
	if len(g.threats) == 1 {
		s.Tolerance = m.threats[g.threats[0]].tolerance
	}
	s.P = 1 - none
	s.Interval = m.spread(uncertain, known)
	return &s
}

// exceeding is a scenario with the factor from its rate to significant incidents.
type exceeding struct {
	threat threat
	factor float64
}

// spread returns the 5 % and 95 % quantiles of 1 − exp(−known − Σ factor λ).
func (m *model) spread(uncertain []exceeding, known float64) [2]float64 {
	switch len(uncertain) {
	case 0:
		p := -math.Expm1(-known)
		return [2]float64{p, p}
	case 1: // rises with the one rate
		one := uncertain[0]
		at := func(q float64) float64 { return -math.Expm1(-known - one.factor*one.threat.rate.Quantile(q)) }
		return [2]float64{at(0.05), at(0.95)}
	}
	sums := make([]float64, rateDraws)
	for _, u := range uncertain {
		s := chance.New(m.document.Seed, "rate "+u.threat.scenario.ID, 0)
		for i := range sums {
			sums[i] += u.factor * s.Gamma(u.threat.rate.Shape) / u.threat.rate.Rate
		}
	}
	slices.Sort(sums)
	at := func(q float64) float64 { return -math.Expm1(-known - sums[int(q*rateDraws)]) }
	return [2]float64{at(0.05), at(0.95)}
}
