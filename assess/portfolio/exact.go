package portfolio

import (
	"math"
	"math/cmplx"

	"comity"
	"comity/assess"
)

const (
	points      = 1 << 15 // of the exact grid
	fewerPoints = 1 << 13 // with many organisations, to bound memory
	manyGroups  = 16
	sumPoints   = 1 << 12 // of the grid of a loss in several areas
	tailEvents  = 1e-8    // events a year beyond the grid
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

// exact is the annual loss of every organisation, and of all together, by Fourier transform.
//
// Source: exposure model, sections 5 and 7. For all together, what one event of a source costs has the transform
// Π (1 − p + p φ) over the organisations: it hits each with its own probability, independently.
type exact struct {
	m      *model
	grid   assess.Grid
	t      *assess.Transform
	groups [][]complex128 // ln ŝ of each organisation
	system []complex128   // and of all; nil if there is one organisation
}

func (m *model) exact(severities map[*loss]severity) *exact {
	e := &exact{m: m, grid: m.grid(severities)}
	e.t = assess.NewTransform(e.grid.N)
	n := e.grid.N/2 + 1
	for range m.groups {
		e.groups = append(e.groups, make([]complex128, n))
	}
	for _, l := range m.losses() {
		e.scenarios(l, e.t.Forward(severities[l].on(e.grid)))
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
func (e *exact) scenarios(l *loss, phi []complex128) {
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
func (e *exact) hits(severities map[*loss]severity) {
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
					phis[h.loss] = e.t.Forward(severities[h.loss].on(e.grid))
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

// grid chooses where the distribution is computed: up to a loss that hardly a year exceeds.
func (m *model) grid(severities map[*loss]severity) assess.Grid {
	if g := m.document.Grid; g != nil {
		return assess.Grid{Step: g.Step, N: g.Points}
	}
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
	if e.system == nil {
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
	return e.describe(e.system, mean, variance, zero)
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
	return e.describe(e.groups[i], mean, variance, zero)
}

// spared returns P(no event in 12 months) of an organisation, without common sources.
func (m *model) spared(g group) float64 {
	p := 1.0
	for _, k := range g.threats {
		p *= m.threats[k].none(1)
	}
	return p
}

func (e *exact) describe(exponents []complex128, mean, variance, zero float64) Loss {
	transform := make([]complex128, len(exponents))
	for i, x := range exponents {
		transform[i] = cmplx.Exp(x)
	}
	c := assess.NewCompound(e.grid.Step, e.t.Back(transform), zero)
	l := Loss{
		Mean: mean, SD: math.Sqrt(variance), Zero: zero, TVaR99: c.TVaR(0.99), Dropped: c.Dropped,
		Quantiles: map[string]float64{},
	}
	for key, q := range quantiles {
		l.Quantiles[key] = c.Quantile(q)
	}
	for _, x := range e.m.document.exceedances(l.Quantiles["0.999"]) {
		l.Exceedance = append(l.Exceedance, Point{Loss: x, P: c.Exceed(x)})
	}
	return l
}
