package aggregate

import (
	"math"
	"slices"

	"comity"
)

// quantiles are the points of the system's loss exceedance curve.
var quantiles = []float64{0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 0.995}

// fewestPoints is how many points a curve needs to be one.
const fewestPoints = 5

// curve returns the system's loss exceedance curve: quantiles of the members' losses summed world by world, which keeps
// their dependence. Loss has two significant digits; Low and High are the simulation error of P, the interval of at
// least 95 % that order statistics give, told as probabilities.
//
// It is withheld unless the expected annual losses pass the p %-rule. A point is left out if the losses in the worlds at
// or above it do not: a tail can be one member's though the mean is not.
func curve(c control, cs []Contribution) ([]comity.LossPoint, comity.Withholding) {
	points := []comity.LossPoint{}
	means := make([]float64, len(cs))
	for m, contribution := range cs {
		means[m] = contribution.Exposure.Loss.Mean
	}
	if w := c.sums(means); w != "" {
		return points, w
	}
	sum := sumWorlds(cs)
	if len(sum) == 0 {
		return points, comity.WithheldTooFew
	}
	sorted := slices.Sorted(slices.Values(sum))
	for _, q := range quantiles {
		loss := sorted[rank(q, len(sorted))-1]
		if c.sum(tail(cs, sum, loss)) == "" {
			points = append(points, point(q, loss, len(sorted)))
		}
	}
	if len(points) < fewestPoints {
		return []comity.LossPoint{}, comity.WithheldDominated
	}
	return points, ""
}

func point(q, loss float64, worlds int) comity.LossPoint {
	low, high := ranks(q, worlds)
	n := float64(worlds)
	return comity.LossPoint{
		Loss: money(loss), P: decimals(1 - q), Low: decimals(1 - float64(high)/n), High: decimals(1 - float64(low)/n),
	}
}

// decimals takes away what binary arithmetic adds: 1 − 0.9 is 0.1.
func decimals(p float64) float64 { return math.Round(p*1e6) / 1e6 }

// sumWorlds returns the members' losses summed in each world.
func sumWorlds(cs []Contribution) []float64 {
	var sum []float64
	for _, m := range cs {
		sum = add(sum, m.Worlds)
	}
	return sum
}

// tail returns what each member loses, in all, in the worlds in which the system loses at least this much.
func tail(cs []Contribution, sum []float64, least float64) []float64 {
	lost := make([]float64, len(cs))
	for m, contribution := range cs {
		for w, loss := range contribution.Worlds {
			if sum[w] >= least {
				lost[m] += loss
			}
		}
	}
	return lost
}

// rank returns the rank, from 1, of the q-quantile among n sorted values.
func rank(q float64, n int) int { return min(n, max(1, int(math.Ceil(q*float64(n)-1e-9)))) }

// ranks returns the ranks r < s, from 1, of n sorted values between which the true q-quantile lies with probability at
// least 0.95, at most 0.025 on either side. The number of values below the quantile is binomial (n, q). At an end of
// the sample they are 0 or n + 1, which is no value: the interval is open there, and is cut to 0 and n.
//
// Source: exposure model, section 6.
func ranks(q float64, n int) (r, s int) {
	const side = 0.025
	cumulative := 0.0
	r, s = 0, n
	for b := 0; b <= n; b++ {
		cumulative += binomial(n, b, q)
		if cumulative <= side {
			r = b + 1 // P(B ≤ r − 1) ≤ side
		}
		if cumulative >= 1-side {
			s = b + 1 // P(B ≥ s) ≤ side
			break
		}
	}
	return r, min(s, n)
}

// binomial returns P(B = b) for B ~ binomial (n, q), 0 < q < 1.
func binomial(n, b int, q float64) float64 {
	logGamma := func(x int) float64 {
		v, _ := math.Lgamma(float64(x))
		return v
	}
	choose := logGamma(n+1) - logGamma(b+1) - logGamma(n-b+1)
	return math.Exp(choose + float64(b)*math.Log(q) + float64(n-b)*math.Log1p(-q))
}
