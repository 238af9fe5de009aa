package assess

import (
	"math"

	"comity"

	"gonum.org/v1/gonum/mathext"
)

// AreaCorrelation is ρ, the pairwise correlation of the logarithms of the three areas' losses of one event: a
// hypothesis.
const AreaCorrelation = 0.5

// z95 is the 95 % quantile of the standard normal distribution.
var z95 = mathext.NormalQuantile(0.95)

// Lognormal is the distribution of the loss of one event in one area, in the reference unit. The zero Lognormal is no
// loss.
type Lognormal struct {
	Mu    float64
	Sigma float64
}

// FromInterval returns the lognormal distribution whose 5 % and 95 % quantiles are the ends of the interval; 0–0 is no
// loss.
//
// Source: exposure model, section 4.
func FromInterval(i comity.Interval) Lognormal {
	if i.High == 0 {
		return Lognormal{}
	}
	lo, hi := math.Log(i.Low), math.Log(i.High)
	return Lognormal{Mu: (lo + hi) / 2, Sigma: (hi - lo) / (2 * z95)}
}

func (l Lognormal) none() bool { return l.Sigma == 0 }

// Mean returns exp(μ + σ²/2), 0 for no loss.
func (l Lognormal) Mean() float64 {
	if l.none() {
		return 0
	}
	return math.Exp(l.Mu + l.Sigma*l.Sigma/2)
}

// Second returns E[X²] = exp(2μ + 2σ²), 0 for no loss.
func (l Lognormal) Second() float64 {
	if l.none() {
		return 0
	}
	return math.Exp(2*l.Mu + 2*l.Sigma*l.Sigma)
}

// CDF returns P(X ≤ x).
func (l Lognormal) CDF(x float64) float64 {
	switch {
	case x <= 0 && !l.none():
		return 0
	case l.none():
		return 1
	default:
		return normalCDF((math.Log(x) - l.Mu) / l.Sigma)
	}
}

// Exceed returns P(X > x), exact far into the tail.
func (l Lognormal) Exceed(x float64) float64 {
	switch {
	case l.none():
		return 0
	case x <= 0:
		return 1
	default:
		return normalCDF((l.Mu - math.Log(x)) / l.Sigma)
	}
}

// Quantile returns the loss that is not exceeded with probability p.
func (l Lognormal) Quantile(p float64) float64 {
	if l.none() {
		return 0
	}
	return math.Exp(l.Mu + l.Sigma*mathext.NormalQuantile(p))
}

func normalCDF(z float64) float64 { return math.Erfc(-z/math.Sqrt2) / 2 }

// SumMoments returns mean and second moment of the sum of losses whose logarithms are jointly normal with pairwise
// correlation ρ: E[X_a X_b] = E[X_a] E[X_b] exp(ρ σ_a σ_b).
//
// Source: exposure model, section 1.
func SumMoments(areas []Lognormal, rho float64) (mean, second float64) {
	for i, a := range areas {
		mean += a.Mean()
		second += a.Second()
		for _, b := range areas[:i] {
			second += 2 * a.Mean() * b.Mean() * math.Exp(rho*a.Sigma*b.Sigma)
		}
	}
	return mean, second
}
