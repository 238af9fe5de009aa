package assess

import (
	"math"
	"math/cmplx"
	"slices"

	"comity"
)

// Grid is where a distribution of losses is computed: at 0, Step, 2·Step … (N−1)·Step. N must be even; powers of two are
// fast.
type Grid struct {
	Step float64 // h, reference unit
	N    int
}

// Discretise returns f_j = F((j+½)h) − F((j−½)h), f₀ = F(h/2), of a loss that is not negative. What lies beyond the grid
// is dropped: f sums to less than 1 by as much.
//
// Source: exposure model, section 5.
func (g Grid) Discretise(cdf func(float64) float64) []float64 {
	f := make([]float64, g.N)
	below := 0.0
	for j := range f {
		upTo := cdf((float64(j) + 0.5) * g.Step)
		f[j] = upTo - below
		below = upTo
	}
	return f
}

// Compound is the distribution of an annual loss on a grid.
type Compound struct {
	Step    float64
	P       []float64 // g_j = P(S = j·Step), summing to 1 − Dropped
	Zero    float64   // P(no loss at all), in closed form
	Dropped float64   // probability beyond the grid

	above []float64 // above[j] = Σ_{i>j} g_i
}

// Poisson returns the distribution of the sum of a Poisson number of losses with this mean, exactly: ŝ = exp(−λ(1 − φ)),
// φ the transform of the severity f.
func (g Grid) Poisson(mean float64, f []float64) Compound {
	t := NewTransform(g.N)
	total := t.Forward(f)
	for i, phi := range total {
		total[i] = cmplx.Exp(complex(-mean, 0) * (1 - phi))
	}
	return NewCompound(g.Step, t.Back(total), math.Exp(-mean))
}

// Gamma returns the distribution of the sum of losses whose rate is uncertain, exactly: ŝ = (1 + v(1 − φ)/β)^(−α), v the
// factor from attempts to losses in a year.
//
// Source: exposure model, section 5.
func (g Grid) Gamma(rate Gamma, v float64, f []float64) Compound {
	t := NewTransform(g.N)
	total := t.Forward(f)
	for i, phi := range total {
		total[i] = cmplx.Exp(gammaExponent(rate, v, phi))
	}
	return NewCompound(g.Step, t.Back(total), rate.Zero(v))
}

// gammaExponent returns ln ŝ = −α ln(1 + v(1 − φ)/β).
func gammaExponent(rate Gamma, v float64, phi complex128) complex128 {
	return complex(-rate.Shape, 0) * clog(1+complex(v/rate.Rate, 0)*(1-phi))
}

// clog is cmplx.Log for a number right of the imaginary axis, without its special cases.
func clog(z complex128) complex128 {
	x, y := real(z), imag(z)
	return complex(math.Log(x*x+y*y)/2, math.Atan2(y, x))
}

// NewCompound returns the distribution with these probabilities on a grid, given P(no loss at all), which the grid can't
// tell from a loss below half a step. It keeps p, and sets to 0 what rounding left below it.
func NewCompound(step float64, p []float64, zero float64) Compound {
	c := Compound{Step: step, P: p, Zero: zero, above: make([]float64, len(p))}
	for j, mass := range p {
		p[j] = max(0, mass) // rounding leaves some −1e-17
	}
	sum := 0.0
	for j := len(p) - 1; j >= 0; j-- {
		c.above[j] = sum
		sum += p[j]
	}
	c.Dropped = max(0, 1-sum)
	return c
}

// Exceed returns P(S > x). On the grid it is Σ_{j>x/h} g_j + ½ g_{x/h} for x > 0, between its points the same with
// g_j spread evenly over its cell, and 1 − P(no loss) at 0. What is beyond the grid counts as exceeding.
func (c Compound) Exceed(x float64) float64 {
	if x <= 0 {
		return 1 - c.Zero
	}
	place := x/c.Step + 0.5
	if place >= float64(len(c.P)) {
		return c.Dropped
	}
	j := int(place)
	if j == 0 { // losses below half a step: what is in the cell besides no loss
		part := 1 - 2*(place-0.5)
		return clamp01(c.above[0] + part*max(0, c.P[0]-c.Zero) + c.Dropped)
	}
	return clamp01(c.above[j] + (1-(place-float64(j)))*c.P[j] + c.Dropped)
}

// Quantile returns VaR_q = min{jh : G_j ≥ q}, the end of the grid if q lies beyond it.
func (c Compound) Quantile(q float64) float64 {
	sum := 0.0
	for j, mass := range c.P {
		if sum += mass; sum >= q {
			return float64(j) * c.Step
		}
	}
	return float64(len(c.P)-1) * c.Step
}

// TVaR returns the expected shortfall at q: the mean of the worst 1 − q, with the atom at VaR_q split.
func (c Compound) TVaR(q float64) float64 {
	sum, tail := 0.0, 0.0
	for j, mass := range c.P {
		before := sum
		sum += mass
		if over := sum - max(before, q); over > 0 {
			tail += over * float64(j) * c.Step
		}
	}
	tail += max(0, 1-max(sum, q)) * float64(len(c.P)) * c.Step
	return tail / (1 - q)
}

// Bernoulli returns by how much the shortcut "happens or doesn't" understates the mean of an annual loss with a Poisson
// number of events: 1 − (1 − e^(−λ))/λ.
//
// Source: exposure model, section 5.
func Bernoulli(mean float64) float64 { return 1 + math.Expm1(-mean)/mean }

// OrderStatistics returns the ranks, from 1, of the order statistics of m draws between which the q-quantile lies with
// probability at least p: the widest that leave at most (1−p)/2 on each side, by the binomial distribution.
//
// Source: exposure model, section 6.
func OrderStatistics(m int, q, p float64) (low, high int) {
	tail := (1 - p) / 2
	low = binomialQuantile(m, q, tail)        // P(Bin < low) ≤ tail
	high = binomialQuantile(m, q, 1-tail) + 1 // P(Bin ≥ high) ≤ tail
	return low, high
}

// binomialQuantile returns the smallest k with P(Bin(m, q) ≤ k) ≥ p.
func binomialQuantile(m int, q, p float64) int {
	logQ, log1Q := math.Log(q), math.Log1p(-q)
	lm, _ := math.Lgamma(float64(m + 1))
	from := max(0, int(float64(m)*q-12*math.Sqrt(float64(m)*q*(1-q))-12))
	sum := 0.0
	for k := from; k <= m; k++ {
		a, _ := math.Lgamma(float64(k + 1))
		b, _ := math.Lgamma(float64(m - k + 1))
		if sum += math.Exp(lm - a - b + float64(k)*logQ + float64(m-k)*log1Q); sum >= p {
			return k
		}
	}
	return m
}

func clamp01(x float64) float64 { return min(1, max(0, x)) }

// finite reports whether every number is one that JSON can carry.
func finite(xs ...float64) bool {
	return !slices.ContainsFunc(xs, func(x float64) bool { return math.IsNaN(x) || math.IsInf(x, 0) })
}

// quantileKeys are the quantiles of the annual loss that an exposure tells.
var quantileKeys = map[string]float64{"0.5": 0.5, "0.9": 0.9, "0.95": 0.95, "0.99": 0.99, "0.995": 0.995, "0.999": 0.999}

// lossOf describes a compound distribution with its moments in closed form.
func lossOf(c Compound, mean, variance float64, areas [comity.AreaCount]float64) comity.Loss {
	l := comity.Loss{
		Mean: mean, SD: math.Sqrt(variance), Zero: c.Zero, TVaR99: c.TVaR(0.99), Areas: areas, Dropped: c.Dropped,
		Quantiles: map[string]float64{},
	}
	for key, q := range quantileKeys {
		l.Quantiles[key] = c.Quantile(q)
	}
	return l
}
