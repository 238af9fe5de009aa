package assess

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"comity"
	"comity/assess/chance"
)

func fromInterval(low, high float64) Lognormal {
	return FromInterval(comity.Interval{Low: low, High: high})
}

func TestLognormal(t *testing.T) {
	l := fromInterval(1e5, 1e6)
	near(t, "mu", l.Mu, 12.6642180115, 1e-10)
	near(t, "sigma", l.Sigma, 0.6999361692, 1e-10)
	near(t, "mean", l.Mean(), 404001.282695, 1e-6)
	near(t, "mean", fromInterval(635e3, 19e6).Mean(), 5922706.83351131, 1e-6)
	near(t, "mean", fromInterval(1, 10).Mean(), 4.040013, 6e-7)
	near(t, "no loss", FromInterval(comity.Interval{}).Mean(), 0, 0)
}

func TestSignificant(t *testing.T) {
	rate := 0.470962 * fromInterval(1e5, 1e6).Exceed(1e6)
	near(t, "a year", rate, 0.0235481, 6e-8)
	near(t, "P", -math.Expm1(-rate), 0.023273, 6e-7)
}

// A plug-in of the mean rate overstates P(at least one).
func TestHeadlineIsNoPlugIn(t *testing.T) {
	g := mustPrior(t, 0.5, 5)
	near(t, "P", 1-g.Zero(0.5), 0.602244, 6e-7)
	near(t, "plug-in", -math.Expm1(-g.Mean()*0.5), 0.673886, 6e-7)
}

func TestThreeAreas(t *testing.T) {
	l := fromInterval(1e5, 1e6)
	mean, second := SumMoments([]Lognormal{l, l, l}, AreaCorrelation)
	near(t, "mean", mean, 1212003.848, 1e-3)
	near(t, "sd", math.Sqrt(second-mean*mean), 762471.106, 1e-3)
}

// The severity's grid must have the moments of the closed form, and the tails of a simulation.
func TestSeverityAgainstMoments(t *testing.T) {
	for _, areas := range [][comity.AreaCount]Lognormal{
		{fromInterval(1e5, 1e6), fromInterval(1e5, 1e6), fromInterval(1e5, 1e6)},
		{fromInterval(15e3, 35e4), fromInterval(1e4, 2e5), fromInterval(25e3, 4e5)},
		{fromInterval(1e5, 1e6), {}, fromInterval(1e4, 1e6)},
	} {
		s := NewSeverity(areas, NewTransform(severityCells))
		mean, second, below := 0.0, 0.0, 0.0
		for j, p := range s.cdf {
			x := float64(j) * s.step
			mean += x * (p - below)
			second += x * x * (p - below)
			below = p
		}
		near(t, "mean / closed form", mean/s.mean, 1, 1e-3)
		// The part of the spread that lies beyond the grid grows with σ; the exposure tells the closed form.
		near(t, "sd / closed form", math.Sqrt(second-mean*mean)/math.Sqrt(s.second-s.mean*s.mean), 1, 0.015)
	}
}

func TestSeverityAgainstSimulation(t *testing.T) {
	areas := [comity.AreaCount]Lognormal{fromInterval(15e3, 35e4), fromInterval(1e4, 2e5), fromInterval(25e3, 4e5)}
	s := NewSeverity(areas, NewTransform(severityCells))
	r := chance.New(1, "severity", 0)
	const n = 400_000
	thresholds := []float64{5e4, 1e5, 2e5, 5e5, 1e6, 2e6}
	over := make([]float64, len(thresholds))
	for range n {
		common, x := r.Normal()*math.Sqrt(AreaCorrelation), 0.0
		for _, a := range areas {
			x += math.Exp(a.Mu + a.Sigma*(common+math.Sqrt(1-AreaCorrelation)*r.Normal()))
		}
		for i, limit := range thresholds {
			if x > limit {
				over[i]++
			}
		}
	}
	for i, limit := range thresholds {
		p := s.Exceed(limit)
		near(t, "P(X > limit)", over[i]/n, p, 4*math.Sqrt(p*(1-p)/n)+1e-4)
	}
}

// One area that spreads over many powers of ten must not blur the others: the grid that reaches to its end has a step above
// all that the others lose.
func TestSeverityOfWideAreas(t *testing.T) {
	r := chance.New(1, "wide severity", 0)
	for _, areas := range [][comity.AreaCount]Lognormal{
		{fromInterval(1e4, 5e5), fromInterval(1e5, 1e6), fromInterval(1e3, 1e7)},
		{fromInterval(1, 1000), fromInterval(5, 50), {}},
		{fromInterval(1, 10), fromInterval(1e-3, 1e9), fromInterval(2, 3)},
	} {
		s := NewSeverity(areas, NewTransform(severityCells))
		const n = 200_000
		losses := make([]float64, n)
		for i := range losses {
			common := r.Normal() * math.Sqrt(AreaCorrelation)
			for _, a := range areas {
				if !a.none() {
					losses[i] += math.Exp(a.Mu + a.Sigma*(common+math.Sqrt(1-AreaCorrelation)*r.Normal()))
				}
			}
		}
		slices.Sort(losses)
		for _, p := range []float64{0.02, 0.1, 0.5, 0.9, 0.99, 0.999} {
			x := losses[int((1-p)*n)]
			near(t, fmt.Sprint("P(X > ", x, ")"), s.Exceed(x), p, 4*math.Sqrt(p*(1-p)/n)+0.002*math.Sqrt(p))
		}
	}
}

// A single area needs no copula: its grid must be the lognormal distribution.
func TestSeverityOfOneArea(t *testing.T) {
	l := fromInterval(1e5, 1e6)
	s := NewSeverity([comity.AreaCount]Lognormal{{}, l, {}}, NewTransform(severityCells))
	for _, x := range []float64{1e4, 1e5, 3e5, 5e5, 1e6, 3e6, 1e7, 1e8} {
		near(t, "P(X > x)", s.Exceed(x), l.Exceed(x), 1e-5)
	}
}

func TestPhi(t *testing.T) {
	for z := -9.0; z <= 9; z += 0.0137 {
		near(t, "phi", phi(z), normalCDF(z), 1e-10)
	}
}
