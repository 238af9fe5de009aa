package portfolio

import (
	"math"
	"math/cmplx"

	"comity"
	"comity/assess"
)

const (
	points      = 1 << 14 // of an exact grid
	fewerPoints = 1 << 11 // with many organisations, to bound memory
	manyGroups  = 16
	sumPoints   = 1 << 12 // of the grid of a loss in several areas
	tailEvents  = 1e-8    // events a year beyond the grid
	leastCells  = 256     // of a grid that lie below where the next finer one ends
	mostScales  = 12
	narrowCells = 16 // between the 5 % and the 95 % quantile of the narrowest loss, if they can be had
	tilt        = 16 // θN of the exponential tilting: what wraps around weighs e^−16
)

// severity is the distribution of the loss of one event, to be asked and to be put on a grid.
type severity struct {
	*loss
	sum *assess.Severity // of several areas; nil for one
}

func newSeverity(l *loss) severity {
	s := severity{loss: l}
	if len(l.areas) > 1 {
		var areas [comity.AreaCount]assess.Lognormal
		copy(areas[:], l.areas)
		s.sum = assess.NewSeverity(areas, assess.NewTransform(sumPoints))
	}
	return s
}

// exceed returns P(X > x).
func (s severity) exceed(x float64) float64 {
	if s.sum != nil {
		return s.sum.Exceed(x)
	}
	return s.areas[0].Exceed(x)
}

// on returns the severity's cells on a grid.
func (s severity) on(g assess.Grid) []float64 {
	if s.sum == nil {
		return g.Discretise(s.areas[0].CDF)
	}
	f := make([]float64, g.N)
	s.sum.AddCells(f, 1, g.Step)
	return f
}

// severities computes the distribution of every different loss.
func (m *model) severities() map[*loss]severity {
	all := map[*loss]severity{}
	add := func(l *loss) {
		if _, ok := all[l]; !ok {
			all[l] = newSeverity(l)
		}
	}
	for _, t := range m.threats {
		add(t.loss)
	}
	for _, g := range m.groups {
		for _, h := range g.hits {
			add(h.loss)
		}
	}
	return all
}

// exact is the annual loss of every organisation, and of all together, on grids from the coarsest, which reaches to losses
// that hardly a year exceeds, to the finest, which tells the smallest losses apart. One grid cannot do both where losses
// spread over many powers of ten.
type exact struct {
	m      *model
	scales []*scale
}

func (m *model) exact(severities map[*loss]severity) *exact {
	e := &exact{m: m}
	for _, g := range m.grids(severities) {
		e.scales = append(e.scales, m.scale(g, severities, m.document.Grid == nil))
	}
	return e
}

// scale is the annual loss on one grid, by Fourier transform. A grid that ends below what a year may cost is right as far as
// it goes: an event beyond its end cannot be part of a smaller sum. Sums beyond its end would wrap around to its beginning; with
// f_j e^(−θj) in place of f_j they arrive with the weight e^(−θN).
//
// Source: exposure model, sections 5 and 7. For all together, what one event of a source costs has the transform
// Π (1 − p + p φ) over the organisations: it hits each with its own probability, independently. Tilting: Grübel and
// Hermesmeier, Computation of compound distributions I, ASTIN Bulletin 29, 1999.
type scale struct {
	m      *model
	grid   assess.Grid
	t      *assess.Transform
	weight []float64      // e^(−θj); nil: not tilted
	groups [][]complex128 // ln ŝ of each organisation
	system []complex128   // and of all; nil if there is one organisation
}

func (m *model) scale(g assess.Grid, severities map[*loss]severity, tilted bool) *scale {
	e := &scale{m: m, grid: g, t: assess.NewTransform(g.N)}
	if tilted {
		e.weight = make([]float64, g.N)
		for j := range e.weight {
			e.weight[j] = math.Exp(-tilt * float64(j) / float64(g.N))
		}
	}
	n := e.grid.N/2 + 1
	for range m.groups {
		e.groups = append(e.groups, make([]complex128, n))
	}
	for _, l := range m.losses() {
		e.scenarios(l, e.phi(severities[l]))
	}
	if len(m.groups) > 1 {
		e.system = make([]complex128, n)
		for _, g := range e.groups {
			for j, x := range g {
				e.system[j] += x
			}
		}
	}
	e.hits(severities)
	return e
}

// phi returns the transform of the loss of one event.
func (e *scale) phi(s severity) []complex128 {
	f := s.on(e.grid)
	for j, w := range e.weight {
		f[j] *= w
	}
	return e.t.Forward(f)
}

// back returns the distribution that has these exponents.
func (e *scale) back(exponents []complex128, zero float64) assess.Compound {
	transform := make([]complex128, len(exponents))
	for i, x := range exponents {
		transform[i] = cmplx.Exp(x)
	}
	p := e.t.Back(transform)
	for j, w := range e.weight {
		p[j] /= w
	}
	return assess.NewCompound(e.grid.Step, p, zero)
}

// losses lists the different losses in the order of the document, so that sums have the same bits every time.
func (m *model) losses() []*loss {
	var list []*loss
	seen := map[*loss]bool{}
	add := func(l *loss) {
		if !seen[l] {
			seen[l] = true
			list = append(list, l)
		}
	}
	for _, t := range m.threats {
		add(t.loss)
	}
	for _, g := range m.groups {
		for _, h := range g.hits {
			add(h.loss)
		}
	}
	return list
}

// scenarios adds every scenario with one loss to the organisations that have it. Those whose rates are known add up to one.
func (e *scale) scenarios(l *loss, phi []complex128) {
	for i, g := range e.m.groups {
		events := 0.0
		for _, k := range g.threats {
			switch t := e.m.threats[k]; {
			case t.loss != l:
			case t.rate.Rate == 0:
				events += t.events()
			default:
				addUncertain(e.groups[i], t, phi)
			}
		}
		if events > 0 {
			addKnown(e.groups[i], events, phi)
		}
	}
}

// hits adds the common sources, to each organisation and to all together.
func (e *scale) hits(severities map[*loss]severity) {
	for s, source := range e.m.sources {
		jump := make([]complex128, e.grid.N/2+1) // of what one event costs all
		for j := range jump {
			jump[j] = 1
		}
		phis := map[*loss][]complex128{}
		rate := complex(source.events, 0)
		for i, g := range e.m.groups {
			for _, h := range g.hits {
				if h.source != s {
					continue
				}
				if phis[h.loss] == nil {
					phis[h.loss] = e.phi(severities[h.loss])
				}
				p := complex(h.p, 0)
				for j, x := range phis[h.loss] {
					e.groups[i][j] -= rate * p * (1 - x)
					jump[j] *= 1 - p + p*x
				}
			}
		}
		if e.system != nil {
			for j, x := range jump {
				e.system[j] -= rate * (1 - x)
			}
		}
	}
}

// addKnown adds ln ŝ = −Λ(1 − φ) of scenarios whose rates are known.
func addKnown(total []complex128, events float64, phi []complex128) {
	for j, x := range phi {
		total[j] -= complex(events*(1-real(x)), -events*imag(x))
	}
}

// addUncertain adds ln ŝ = −α ln(1 + vM(1 − φ)/β) of a scenario whose rate is uncertain.
func addUncertain(total []complex128, t threat, phi []complex128) {
	factor := t.factor() / t.rate.Rate
	for j, x := range phi {
		re, im := 1+factor*(1-real(x)), -factor*imag(x)
		total[j] -= complex(t.rate.Shape*math.Log(re*re+im*im)/2, t.rate.Shape*math.Atan2(im, re))
	}
}

// grids chooses where the distribution is computed, the coarsest grid first: that of the document alone, or ever finer ones
// down to where losses begin.
func (m *model) grids(severities map[*loss]severity) []assess.Grid {
	if g := m.document.Grid; g != nil {
		return []assess.Grid{{Step: g.Step, N: g.Points}}
	}
	least, narrow, reach := math.Inf(1), math.Inf(1), 0.0
	for _, l := range m.losses() {
		for _, a := range l.areas {
			low, high := a.Quantile(0.05), a.Quantile(0.95)
			least = math.Min(least, low)
			if high-low < narrow {
				narrow, reach = high-low, high
			}
		}
	}
	g := m.widest(severities)
	list := []assess.Grid{g}
	for g.Step*leastCells > least && len(list) < mostScales {
		g.Step *= leastCells / float64(g.N)
		list = append(list, g)
	}
	// A loss of nearly one size is a jump, which only a grid that just reaches it tells.
	if step := math.Max(narrow/narrowCells, 1.25*reach/float64(g.N)); step < g.Step/2 {
		list = append(list, assess.Grid{Step: step, N: g.N})
	}
	return list
}

// widest is a grid up to a loss that hardly a year exceeds.
func (m *model) widest(severities map[*loss]severity) assess.Grid {
	n := points
	if len(m.groups) > manyGroups {
		n = fewerPoints
	}
	mean, variance := m.moments()
	rates := map[*loss]float64{}
	largest := 1e-6
	add := func(l *loss, events float64) {
		rates[l] += events
		for _, a := range l.areas {
			largest = math.Max(largest, a.Quantile(1-1e-12)*float64(len(l.areas)))
		}
	}
	for _, g := range m.groups {
		for _, k := range g.threats {
			add(m.threats[k].loss, m.threats[k].events())
		}
		for _, h := range g.hits {
			add(h.loss, m.sources[h.source].events*h.p)
		}
	}
	beyond := func(x float64) (events float64) {
		for _, l := range m.losses() {
			events += rates[l] * severities[l].exceed(x)
		}
		return events
	}
	lo, hi := largest*1e-12, largest
	for range 40 {
		if mid := math.Sqrt(lo * hi); beyond(mid) > tailEvents {
			lo = mid
		} else {
			hi = mid
		}
	}
	end := math.Max(hi+mean, mean+12*math.Sqrt(variance))
	return assess.Grid{Step: end / float64(n), N: n}
}

// moments returns mean and variance of the annual loss of all together, in closed form. What one event of a source costs
// has the second moment Σ p E[X²] + (Σ p E[X])² − Σ (p E[X])².
func (m *model) moments() (mean, variance float64) {
	first := make([]float64, len(m.sources))
	for _, g := range m.groups {
		own, spread := m.own(g)
		mean, variance = mean+own, variance+spread
		for _, h := range g.hits {
			one := h.p * h.loss.mean
			rate := m.sources[h.source].events
			mean += rate * one
			variance += rate * (h.p*h.loss.second - one*one)
			first[h.source] += one
		}
	}
	for s, sum := range first {
		variance += m.sources[s].events * sum * sum
	}
	return mean, variance
}

// own returns mean and variance of an organisation's loss without common sources.
func (m *model) own(g group) (mean, variance float64) {
	for _, k := range g.threats {
		t := m.threats[k]
		mean += t.events() * t.loss.mean
		variance += t.variance()
	}
	return mean, variance
}

// total describes all organisations together.
func (e *exact) total() Loss {
	if len(e.m.groups) == 1 {
		return e.group(0)
	}
	mean, variance := e.m.moments()
	log := 0.0
	for s, source := range e.m.sources {
		spared := 1.0
		for _, g := range e.m.groups {
			for _, h := range g.hits {
				if h.source == s {
					spared *= 1 - h.p
				}
			}
		}
		log -= source.events * (1 - spared)
	}
	zero := math.Exp(log)
	for _, g := range e.m.groups {
		zero *= e.m.spared(g)
	}
	return e.describe(func(s *scale) []complex128 { return s.system }, mean, variance, zero)
}

// group describes one organisation.
func (e *exact) group(i int) Loss {
	g := e.m.groups[i]
	mean, variance := e.m.own(g)
	zero := e.m.spared(g)
	for _, h := range g.hits {
		rate := e.m.sources[h.source].events * h.p
		mean += rate * h.loss.mean
		variance += rate * h.loss.second
		zero *= math.Exp(-rate)
	}
	return e.describe(func(s *scale) []complex128 { return s.groups[i] }, mean, variance, zero)
}

// spared returns P(no event in 12 months) of an organisation, without common sources.
func (m *model) spared(g group) float64 {
	p := 1.0
	for _, k := range g.threats {
		p *= m.threats[k].none(1)
	}
	return p
}

// describe tells a distribution, given where a scale has its exponents, with its moments in closed form.
func (e *exact) describe(of func(*scale) []complex128, mean, variance, zero float64) Loss {
	d := distribution{single: e.m.document.Grid != nil}
	for _, s := range e.scales {
		d.scales = append(d.scales, s.back(of(s), zero))
	}
	l := Loss{
		Mean: mean, SD: math.Sqrt(variance), Zero: zero, TVaR99: d.tvar(0.99), Dropped: d.scales[0].Dropped,
		Quantiles: map[string]float64{},
	}
	for key, q := range quantiles {
		l.Quantiles[key] = d.quantile(q)
	}
	for _, x := range e.m.document.exceedances(l.Quantiles["0.999"]) {
		l.Exceedance = append(l.Exceedance, Point{Loss: x, P: d.exceed(x)})
	}
	return l
}

// distribution is an annual loss on grids, the coarsest first. Each is right up to its end.
type distribution struct {
	scales []assess.Compound
	single bool // on the document's own grid
}

// at returns the place of the finest grid on which the q-quantile lies.
func (d distribution) at(q float64) int {
	for i := len(d.scales) - 1; i > 0; i-- {
		if 1-d.scales[i].Dropped > q {
			return i
		}
	}
	return 0
}

// quantile returns the q-quantile.
func (d distribution) quantile(q float64) float64 { return d.scales[d.at(q)].Quantile(q) }

// end returns up to which loss a grid tells.
func end(c assess.Compound) float64 { return c.Step * float64(len(c.P)-1) }

// exceed returns P(S > x), on the finest grid that reaches to x.
func (d distribution) exceed(x float64) float64 {
	for i := len(d.scales) - 1; i > 0; i-- {
		if c := d.scales[i]; x < end(c) {
			return c.Exceed(x)
		}
	}
	return d.scales[0].Exceed(x)
}

// tvar returns the expected shortfall at q: VaR + ∫ P(S > y) dy / (1 − q) from VaR on, from grid to coarser grid. Between
// two edges of cells P(S > y) is a straight line. On the document's own grid it is that of the grid alone.
func (d distribution) tvar(q float64) float64 {
	i := d.at(q)
	if d.single {
		return d.scales[i].TVaR(q)
	}
	v := d.scales[i].Quantile(q)
	area, from := 0.0, v
	for ; i >= 0; i-- {
		c := d.scales[i]
		before := c.Exceed(from)
		for j := int(from/c.Step + 0.5); from < end(c); j++ {
			to := min((float64(j)+0.5)*c.Step, end(c))
			after := c.Exceed(to)
			area += (to - from) * (before + after) / 2
			from, before = to, after
		}
	}
	return v + area/(1-q)
}
