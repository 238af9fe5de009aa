package assess

import (
	"math"
	"slices"
	"sort"

	"comity"
	"comity/assess/chance"
)

const (
	strengthTests    = 10 // ε ~ Beta(10ε, 10(1−ε)) around its stated strength
	severityEvidence = 10 // n: μ ~ N(stated, σ/√n), as if that many losses had been observed
	defaultDraws     = 400
)

// inverse is a quantile function as a table of the distribution function.
type inverse struct {
	y, cdf []float64 // ascending; cdf from 0 to 1
	back   func(float64) float64
}

const inverseCells = 384

// newInverse tabulates the distribution with this log density on [lo, hi], which must hold all but a negligible part.
// back turns y into the value wanted.
func newInverse(lo, hi float64, logDensity, back func(float64) float64) inverse {
	t := inverse{y: make([]float64, inverseCells+1), cdf: make([]float64, inverseCells+1), back: back}
	logs := make([]float64, inverseCells+1)
	for i := range logs {
		t.y[i] = lo + (hi-lo)*float64(i)/inverseCells
		logs[i] = logDensity(t.y[i])
	}
	top, before := slices.Max(logs), 0.0
	for i, l := range logs {
		d := math.Exp(l - top)
		if i > 0 {
			t.cdf[i] = t.cdf[i-1] + (before+d)/2
		}
		before = d
	}
	for i := range t.cdf {
		t.cdf[i] /= t.cdf[inverseCells]
	}
	return t
}

// at returns the u-quantile.
func (t inverse) at(u float64) float64 {
	i := sort.SearchFloat64s(t.cdf, u)
	if i == 0 {
		return t.back(t.y[0])
	}
	part := (u - t.cdf[i-1]) / (t.cdf[i] - t.cdf[i-1])
	return t.back(t.y[i-1] + part*(t.y[i]-t.y[i-1]))
}

// gammaInverse tabulates the Gamma distribution of this shape and rate 1, in y = ln x, where it is smooth for any shape.
func gammaInverse(shape float64) inverse {
	root := math.Sqrt(shape)
	lo := math.Log(shape) - 6/root - 14/shape
	hi := math.Log(shape + 6*root + 16)
	return newInverse(lo, hi, func(y float64) float64 { return shape*y - math.Exp(y) }, math.Exp)
}

// betaInverse tabulates Beta(10ε, 10(1−ε)), in y = ln(x/(1−x)), where it is smooth for any ε in (0, 1).
func betaInverse(strength float64) inverse {
	if strength <= 0 || strength >= 1 {
		return inverse{y: []float64{0, 0}, cdf: []float64{0, 1}, back: func(float64) float64 { return strength }}
	}
	a, b := strengthTests*strength, strengthTests*(1-strength)
	mode, sd := math.Log(a/b), math.Sqrt(1/a+1/b)
	logistic := func(y float64) float64 { return 1 / (1 + math.Exp(-y)) }
	return newInverse(mode-6*sd-14/a, mode+6*sd+14/b, func(y float64) float64 {
		return -a*math.Log1p(math.Exp(-y)) - b*math.Log1p(math.Exp(y))
	}, logistic)
}

// TestedStrength returns the mean of ε after k of n emulations were blocked: Beta(a+k, b+n−k).
//
// Source: exposure model, section 3.
func TestedStrength(stated float64, blocked, emulations int) float64 {
	return (strengthTests*stated + float64(blocked)) / (strengthTests + float64(emulations))
}

// draws are the outer draws of an assessment: a Latin hypercube over everything that is uncertain. A column is keyed by
// what it is about, so that before and after a change share their luck.
type draws struct {
	n       int
	factors [][]float64                    // by draw, control: 1 − κε
	mean    [][]float64                    // by cell, draw: M
	rate    [][]float64                    // by cell, draw: λ
	scale   [4][]float64                   // by level, draw: factor on the sum of the areas
	shared  [][]float64                    // by shared source, draw: M of the source
	mu      [4][comity.AreaCount][]float64 // by level, area, draw: shift of μ
}

// newDraws draws everything that the cells of m rest on.
func newDraws(m *model, n int) *draws {
	d := &draws{n: n}
	d.drawFactors(m)
	d.drawScales(m)
	for _, c := range m.cells {
		d.mean = append(d.mean, drawModulator(m.seed, c.campaigns, n))
		d.rate = append(d.rate, drawRate(m.seed, string(c.scenario.ID), c.rate, n))
	}
	for _, s := range m.shared {
		d.shared = append(d.shared, drawModulator(m.seed, s.campaigns, n))
	}
	return d
}

func (d *draws) drawFactors(m *model) {
	c := m.controls
	tables := map[float64]inverse{}
	maturity := chance.Stratified(m.seed, "coverage", d.n)
	d.factors = make([][]float64, d.n)
	for i := range d.factors {
		d.factors[i] = make([]float64, len(c.codes))
	}
	for j, code := range c.codes {
		if c.coverage[j] == 0 {
			for i := range d.factors {
				d.factors[i][j] = 1
			}
			continue
		}
		table, ok := tables[c.strength[j]]
		if !ok {
			table = betaInverse(c.strength[j])
			tables[c.strength[j]] = table
		}
		for i, u := range chance.Stratified(m.seed, "strength "+code, d.n) {
			d.factors[i][j] = 1 - c.drawnCoverage(j, maturity[i])*table.at(u)
		}
	}
}

// drawnCoverage returns κ in a draw: as answered, or by the draw where it was not.
func (c controls) drawnCoverage(j int, maturity float64) float64 {
	if c.assumed[j] {
		return assumedLeast + (assumedMost-assumedLeast)*maturity
	}
	return c.coverage[j]
}

// drawScales draws μ of each level and area. The sum of the three moves by one factor, the one by which its mean moves:
// an approximation, exact where the areas move alike.
func (d *draws) drawScales(m *model) {
	for l, s := range m.levels {
		if s == nil || s.mean == 0 {
			continue
		}
		d.scale[l] = make([]float64, d.n)
		for a, area := range s.areas {
			if area.none() {
				continue
			}
			d.mu[l][a] = chance.Normals(m.seed, severityColumn(l, a), d.n)
			for i, z := range d.mu[l][a] {
				shift := z * area.Sigma / math.Sqrt(severityEvidence)
				d.mu[l][a][i] = shift
				d.scale[l][i] += math.Exp(shift) * area.Mean() / s.mean
			}
		}
	}
}

func severityColumn(level, area int) string {
	return "severity " + comity.Area(area).String() + string(rune('1'+level))
}

func drawModulator(seed uint64, campaigns []campaign, n int) []float64 {
	out := make([]float64, n)
	m := newModulator(campaigns, ModulatorCap)
	columns := make([][]float64, len(campaigns))
	for c, campaign := range campaigns {
		columns[c] = chance.Normals(seed, "campaign "+campaign.key, n)
	}
	z := make([]float64, len(campaigns))
	for i := range out {
		for c := range columns {
			z[c] = columns[c][i]
		}
		out[i] = m.mean(z)
	}
	return out
}

func drawRate(seed uint64, name string, g Gamma, n int) []float64 {
	table := gammaInverse(g.Shape)
	out := chance.Stratified(seed, "rate "+name, n)
	for i, u := range out {
		out[i] = table.at(u) / g.Rate
	}
	return out
}

// interval returns the 5 % and 95 % quantiles of draws, by linear interpolation between order statistics; it sorts xs.
func interval(xs []float64) (low, high float64) {
	slices.Sort(xs)
	return sorted(xs, 0.05), sorted(xs, 0.95)
}

func sorted(xs []float64, p float64) float64 {
	place := p * float64(len(xs)-1)
	i := int(place)
	if i+1 >= len(xs) {
		return xs[len(xs)-1]
	}
	return xs[i] + (place-float64(i))*(xs[i+1]-xs[i])
}
