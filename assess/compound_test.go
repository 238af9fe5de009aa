package assess

import (
	"math"
	"testing"
)

// specGrid is the grid on which the exposure model states its numbers.
var specGrid = Grid{Step: 1000, N: 65536}

func TestPoissonCompound(t *testing.T) {
	l := fromInterval(1e5, 1e6)
	c := specGrid.Poisson(0.5, specGrid.Discretise(l.CDF))
	for _, p := range []struct{ loss, want float64 }{
		{0, 0.393469},
		{100e3, 0.378301},
		{500e3, 0.148477},
		{1e6, 0.042933},
		{2e6, 0.004519},
		{5e6, 0.000032},
	} {
		near(t, "P(S > x)", c.Exceed(p.loss), p.want, 1e-6)
	}
	for _, v := range []struct{ q, want float64 }{{0.9, 656e3}, {0.95, 937e3}, {0.99, 1630e3}, {0.995, 1952e3}, {0.999, 2767e3}} {
		near(t, "VaR", c.Quantile(v.q), v.want, 0)
	}
	near(t, "TVaR 99", c.TVaR(0.99), 2121061, 20)
	near(t, "mean", 0.5*l.Mean(), 202000.6413, 1e-4)
	near(t, "sd", math.Sqrt(0.5*l.Second()), 364964.3885, 1e-4)

	mean := 0.0
	for j, p := range c.P {
		mean += float64(j) * c.Step * p
	}
	near(t, "mean on the grid", mean, 0.5*l.Mean(), 1)
	near(t, "dropped", c.Dropped, 0, 1e-9)
}

func TestGammaCompound(t *testing.T) {
	g, l := mustPrior(t, 0.1, 1), fromInterval(1e5, 1e6)
	f := specGrid.Discretise(l.CDF)
	near(t, "v = 1", specGrid.Gamma(g, 1, f).Exceed(1e6), 0.041797, 1e-6)
	near(t, "v = .3", specGrid.Gamma(g, 0.3, f).Exceed(1e6), 0.008590, 1e-6)
	near(t, "Poisson at the mean", specGrid.Poisson(g.Mean(), f).Exceed(1e6), 0.036897, 1e-6)
}

// The dropped tail is reported, not hidden.
func TestDropped(t *testing.T) {
	g := Grid{Step: 1000, N: 1024}
	c := g.Poisson(0.5, g.Discretise(fromInterval(1e5, 1e6).CDF))
	if c.Dropped < 0.01 || c.Exceed(2e6) != c.Dropped {
		t.Errorf("dropped %v, P(S > beyond the grid) %v", c.Dropped, c.Exceed(2e6))
	}
}

func TestExceedFallsBetweenGridPoints(t *testing.T) {
	c := specGrid.Poisson(0.5, specGrid.Discretise(fromInterval(1e4, 1e5).CDF))
	last := c.Exceed(0)
	for x := 10.0; x < 2e5; x += 70 {
		p := c.Exceed(x)
		if p > last+1e-12 {
			t.Fatalf("P(S > %v) = %v after %v", x, p, last)
		}
		last = p
	}
}

func TestBernoulliUnderstates(t *testing.T) {
	near(t, "at 0.5", Bernoulli(0.5), 0.2131, 5e-5)
	near(t, "at 2", Bernoulli(2), 0.5677, 5e-5)
}

func TestOrderStatistics(t *testing.T) {
	for _, c := range []struct{ m, low, high int }{
		{10_000, 9880, 9920}, {100_000, 98938, 99062}, {1_000_000, 989805, 990196},
	} {
		low, high := OrderStatistics(c.m, 0.99, 0.95)
		if low != c.low || high != c.high {
			t.Errorf("%d draws: got [%d, %d], want [%d, %d]", c.m, low, high, c.low, c.high)
		}
	}
}
