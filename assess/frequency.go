package assess

import (
	"math"

	"comity"

	"gonum.org/v1/gonum/mathext"
)

// Gamma is the distribution of a rate λ in events a year: density ∝ λ^(Shape−1) e^(−Rate λ).
type Gamma struct {
	Shape float64 // α
	Rate  float64 // β, years
}

// Mean returns α/β, events a year.
func (g Gamma) Mean() float64 { return g.Shape / g.Rate }

// Quantile returns the rate below which λ lies with probability p.
func (g Gamma) Quantile(p float64) float64 { return mathext.GammaIncRegInv(g.Shape, p) / g.Rate }

// Zero returns P(no event in 12 months) if each counts with probability v: (β/(β+v))^α.
func (g Gamma) Zero(v float64) float64 { return math.Pow(g.Rate/(g.Rate+v), g.Shape) }

// Variance returns the variance of the number of events in 12 months if each counts with probability v:
// vα/β + v²α/β².
func (g Gamma) Variance(v float64) float64 {
	mean := v * g.Mean()
	return mean + mean*mean/g.Shape
}

// Bounds between which the shape of a prior is sought: ratios of the 95 % to the 5 % quantile from about 1e11 to 1.03.
const (
	minShape = 0.1
	maxShape = 1e4
)

// Prior returns the Gamma distribution whose 5 % and 95 % quantiles are the ends of the interval: the shape from their
// ratio, which does not depend on the rate, then the rate by scaling. An interval without 0 < Low < High, or with a
// ratio that no shape between 0.1 and 10,000 gives, is an error of kind Invalid.
//
// Source: exposure model, section 2.
func Prior(interval comity.Interval) (Gamma, error) {
	p := priors.get(interval, func() solved {
		gamma, err := solvePrior(interval)
		return solved{gamma, err}
	})
	return p.gamma, p.err
}

// solved is what solvePrior returned for an interval.
type solved struct {
	gamma Gamma
	err   error
}

var priors memo[comity.Interval, solved]

func solvePrior(interval comity.Interval) (Gamma, error) {
	if !(interval.Low > 0 && interval.High > interval.Low) || math.IsInf(interval.High, 1) {
		return Gamma{}, comity.Errorf(comity.Invalid, "interval %v to %v: want 0 < low < high", interval.Low, interval.High)
	}
	target := math.Log(interval.High / interval.Low)
	excess := func(logShape float64) float64 {
		shape := math.Exp(logShape)
		return math.Log(mathext.GammaIncRegInv(shape, 0.95)/mathext.GammaIncRegInv(shape, 0.05)) - target
	}
	lo, hi := math.Log(minShape), math.Log(maxShape)
	if excess(lo) < 0 || excess(hi) > 0 {
		return Gamma{}, comity.Errorf(comity.Invalid, "interval %v to %v is too wide or too narrow for a rate", interval.Low, interval.High)
	}
	shape := math.Exp(root(excess, lo, hi))
	return Gamma{Shape: shape, Rate: mathext.GammaIncRegInv(shape, 0.95) / interval.High}, nil
}

// root returns the zero of a falling continuous function between lo and hi, by false position with the Illinois
// correction, to about 13 digits.
func root(f func(float64) float64, lo, hi float64) float64 {
	flo, fhi := f(lo), f(hi)
	side := 0
	for range 100 {
		x := (lo*fhi - hi*flo) / (fhi - flo)
		fx := f(x)
		if math.Abs(fx) < 1e-14 || hi-lo < 1e-14 {
			return x
		}
		if fx > 0 {
			lo, flo = x, fx
			if side == 1 {
				fhi /= 2
			}
			side = 1
		} else {
			hi, fhi = x, fx
			if side == -1 {
				flo /= 2
			}
			side = -1
		}
	}
	return (lo + hi) / 2
}

// Observation is a count of events over a span.
type Observation struct {
	Count  float64 // n
	Years  float64 // T, organisation-years watched
	Weight float64 // w, 0..1: what it counts for; 1 for one's own, less for what peers saw
	V      float64 // v: probability that an attempt is seen; susceptibility for incidents, 1 for attempts
}

// Update returns the posterior after the observations, summed in the order given: α + Σ w n, β + Σ w v T. Without the v,
// controls would be credited twice: once for the attempts that they stopped, once for the incidents that didn't happen.
//
// Source: exposure model, section 2.
func (g Gamma) Update(observations ...Observation) Gamma {
	for _, o := range observations {
		g.Shape += o.Weight * o.Count
		g.Rate += o.Weight * o.V * o.Years
	}
	return g
}

// Decay returns what an event of this age still weighs: 2^(−age/halfLife), both in the same unit.
func Decay(age, halfLife float64) float64 { return math.Exp2(-age / halfLife) }

// DecayedYears returns what the last T years watched count as if what was seen in them decays:
// (h/ln 2)(1 − 2^(−T/h)).
func DecayedYears(years, halfLife float64) float64 {
	return halfLife / math.Ln2 * (1 - Decay(years, halfLife))
}

// daysAYear is the length of the 12 months that every figure is about.
const daysAYear = 365

// observed returns the span of an item of evidence in years, both days included; 0 if it has none.
func observed(e comity.Evidence) float64 {
	if e.From.IsZero() || e.To.IsZero() {
		return 0
	}
	return (e.To.Time().Sub(e.From.Time()).Hours()/24 + 1) / daysAYear
}

// observation reads an item of evidence. today is the susceptibility that counts where none is recorded.
func observation(e comity.Evidence, today float64) Observation {
	o := Observation{Count: float64(e.Count), Years: observed(e), Weight: e.Weight, V: 1}
	if e.Kind == comity.EvidenceAttempt {
		return o
	}
	o.V = today
	if e.Susceptibility > 0 {
		o.V = e.Susceptibility
	}
	return o
}
