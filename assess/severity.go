package assess

import (
	"math"

	"comity"
)

// Severity is the distribution of the loss of one event at one level of criticality: the sum of the three areas. Nothing writes to one
// once it is made.
type Severity struct {
	areas  [comity.AreaCount]Lognormal
	mean   float64
	second float64 // E[X²]
	cumulative
	finer []cumulative // of smaller losses, ever finer; empty where the one grid tells them apart
}

// cumulative is a distribution function on a grid.
type cumulative struct {
	step float64
	cdf  []float64 // cdf[j] = P(X ≤ (j+½)·step)
}

const (
	severityCells = 2048 // of the grid that a sum of three is computed on
	severityTail  = 2e-6 // probability beyond that grid, in each area
	severityLeast = 2    // cells of the finest grid, at least, that lie below where the loss of one area begins
	severityRatio = 16   // of the steps of a grid and the next finer one
	mostFiner     = 20
)

// Nodes and weights of Gauss and Hermite's rule of order 12 for the standard normal distribution, the positive half.
// Source: Abramowitz and Stegun, Handbook of Mathematical Functions, table 25.10, scaled by √2 and 1/√π.
var hermite = [6]struct{ node, weight float64 }{
	{0.314240376254359 * math.Sqrt2, 5.701352362624796e-1 / sqrtPi},
	{0.947788391240164 * math.Sqrt2, 2.604923102641611e-1 / sqrtPi},
	{1.597682635152605 * math.Sqrt2, 5.160798561588395e-2 / sqrtPi},
	{2.279507080501060 * math.Sqrt2, 3.905390584629067e-3 / sqrtPi},
	{3.020637025120890 * math.Sqrt2, 8.573687043587876e-5 / sqrtPi},
	{3.889724897869782 * math.Sqrt2, 2.658551684356306e-7 / sqrtPi},
}

const sqrtPi = 1.772453850905516027298167483341145

// NewSeverity computes the distribution of the sum of the areas' losses of one event, whose logarithms are jointly
// normal with pairwise correlation ρ. Given the common factor Z the areas are independent, ln X_a ~ N(μ + σ√ρ Z,
// σ²(1 − ρ)): their transforms multiply. Averaged over Z by quadrature, one transform back gives the sum.
//
// Source: exposure model, section 1.
func NewSeverity(areas [comity.AreaCount]Lognormal, t *Transform) *Severity {
	s := &Severity{areas: areas}
	s.mean, s.second = SumMoments(areas[:], AreaCorrelation)
	if s.mean == 0 {
		return s
	}
	reach := 0.0
	for _, a := range areas {
		reach += a.Quantile(1 - severityTail)
	}
	s.cumulative = s.on(t, reach/float64(t.n), t.n)
	for step := s.step; step*severityLeast > s.begins() && len(s.finer) < mostFiner; {
		step /= severityRatio
		s.finer = append(s.finer, s.on(t, step, t.n/len(areas)))
	}
	return s
}

// begins returns where the losses of the area that matters among the smallest begin: the sum is hardly ever below it.
func (s *Severity) begins() float64 {
	least := 0.0
	for _, a := range s.areas {
		if !a.none() {
			least = math.Max(least, a.Quantile(0.05))
		}
	}
	return least
}

// on computes the distribution function on this many cells of a grid. Losses of an area beyond them are left out, which
// changes nothing within: they are part of no smaller sum. With a third of the transform's cells no sum of three wraps around.
func (s *Severity) on(t *Transform, step float64, cells int) cumulative {
	return cumulative{step, cumulated(t.Back(s.transform(t, step, cells))[:cells])}
}

// transform returns the transform of the sum on a grid, of the losses within this many cells.
func (s *Severity) transform(t *Transform, step float64, cells int) []complex128 {
	logs := make([]float64, cells) // ln of the upper edge of each cell
	for j := range logs {
		logs[j] = math.Log((float64(j) + 0.5) * step)
	}
	f := make([]float64, t.n)
	mixed := make([]complex128, t.n/2+1)
	conditional := make([]complex128, t.n/2+1)
	coefficients := make([]complex128, t.n/2+1)
	for _, h := range hermite {
		for _, z := range [2]float64{-h.node, h.node} {
			for i := range conditional {
				conditional[i] = complex(h.weight, 0)
			}
			for a, area := range s.areas {
				if area.none() {
					continue
				}
				if a == 0 || area != s.areas[a-1] {
					conditionalCells(f, logs, area, z)
					coefficients = t.fft.Coefficients(coefficients, f)
				}
				for i, c := range coefficients {
					conditional[i] *= c
				}
			}
			for i, c := range conditional {
				mixed[i] += c
			}
		}
	}
	return mixed
}

// conditionalCells fills f with the cells of one area's loss given the common factor.
func conditionalCells(f, logs []float64, area Lognormal, z float64) {
	mu := area.Mu + area.Sigma*math.Sqrt(AreaCorrelation)*z
	scale := 1 / (area.Sigma * math.Sqrt(1-AreaCorrelation))
	below := 0.0
	for j, x := range logs {
		upTo := phi((x - mu) * scale)
		f[j] = upTo - below
		below = upTo
	}
}

func cumulated(f []float64) []float64 {
	sum := 0.0
	for j, mass := range f {
		sum += mass
		f[j] = clamp01(sum)
	}
	return f
}

// upTo returns P(X ≤ x), on the finest grid that reaches to it.
func (s *Severity) upTo(x float64) float64 {
	if s.mean == 0 {
		return 1
	}
	if x <= 0 {
		return 0
	}
	for i := len(s.finer) - 1; i >= 0; i-- {
		if s.finer[i].reaches(x) {
			return s.finer[i].at(x)
		}
	}
	if !s.reaches(x) {
		return 1 - s.beyond(x)
	}
	return s.at(x)
}

// reaches reports whether a loss lies on the grid.
func (c cumulative) reaches(x float64) bool { return x/c.step-0.5 < float64(len(c.cdf)-1) }

// at returns P(X ≤ x) on the grid, by a cubic through its neighbours.
func (c cumulative) at(x float64) float64 {
	place := x/c.step - 0.5
	if place < 0 {
		return c.cdf[0] * x / (c.step / 2)
	}
	j := int(place)
	return clamp01(cubic(c.cdf, j, place-float64(j)))
}

// Exceed returns P(X > x).
func (s *Severity) Exceed(x float64) float64 {
	if s.mean == 0 {
		return 0
	}
	if x <= 0 {
		return 1
	}
	return clamp01(1 - s.upTo(x))
}

// AddCells adds the severity's cells on a grid of this step to f, times a rate. What lies beyond the severity's own grid,
// some 1e-6 of it, counts at that grid's end.
func (s *Severity) AddCells(f []float64, rate, step float64) {
	below, end := 0.0, s.step*float64(len(s.cdf)-1)
	for j := range f {
		x := (float64(j) + 0.5) * step
		if x >= end {
			f[j] += rate * (1 - below)
			return
		}
		upTo := math.Max(below, s.upTo(x)) // grids that meet differ in the last digits
		f[j] += rate * (upTo - below)
		below = upTo
	}
}

// beyond returns P(X > x) past the grid, where one area's loss makes up the sum: the areas' own tails, scaled to meet the
// grid's end.
func (s *Severity) beyond(x float64) float64 {
	end := float64(len(s.cdf)-1) * s.step
	tails := func(x float64) (sum float64) {
		for _, a := range s.areas {
			sum += a.Exceed(x)
		}
		return sum
	}
	return max(0, 1-s.cdf[len(s.cdf)-1]) * math.Min(1, tails(x)/tails(end))
}

// cubic interpolates y between j and j+1 with the slopes of the neighbours.
func cubic(y []float64, j int, t float64) float64 {
	before, after := j-1, j+2
	if before < 0 {
		before = 0
	}
	if after >= len(y) {
		after = len(y) - 1
	}
	m0, m1 := (y[j+1]-y[before])/2, (y[after]-y[j])/2
	d := y[j+1] - y[j]
	return y[j] + t*(m0+t*(3*d-2*m0-m1+t*(m0+m1-2*d)))
}

// phi is the standard normal distribution function by cubic interpolation of a table, good to 1e-11: the copula asks
// for it some hundred thousand times in an assessment.
func phi(z float64) float64 {
	switch {
	case z <= -phiEnd:
		return 0
	case z >= phiEnd:
		return 1
	}
	place := (z + phiEnd) * phiDensity
	j := int(place)
	t := place - float64(j)
	c := &phiTable[j]
	return c[0] + t*(c[1]+t*(c[2]+t*c[3]))
}

const (
	phiEnd     = 7.5
	phiDensity = 128
)

// phiTable holds the cubic that meets value and slope at both ends of each of its cells.
var phiTable = func() [2*phiEnd*phiDensity + 1][4]float64 {
	var table [2*phiEnd*phiDensity + 1][4]float64
	slope := func(z float64) float64 { return math.Exp(-z*z/2) / math.Sqrt(2*math.Pi) / phiDensity }
	for j := range table {
		z := float64(j)/phiDensity - phiEnd
		y0, y1 := normalCDF(z), normalCDF(z+1.0/phiDensity)
		m0, m1 := slope(z), slope(z+1.0/phiDensity)
		d := y1 - y0
		table[j] = [4]float64{y0, m0, 3*d - 2*m0 - m1, m0 + m1 - 2*d}
	}
	return table
}()
