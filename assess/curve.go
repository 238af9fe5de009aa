package assess

import (
	"math"
	"math/cmplx"

	"comity"
)

const (
	annualCells = 1 << 14 // grid of the annual loss
	annualTail  = 1e-5    // events a year beyond that grid
	bandCells   = 1 << 10 // grid of the band around the curve: coarser, since the band itself is wide
	bandDraws   = 120     // outer draws that the band rests on; its 5 % and 95 % ends are good to about a tenth of its width
	curvePoints = 32
)

// annual is an organisation's annual loss: the compound distribution with uncertain rates, at the means of the rest.
type annual struct {
	Compound
	mean, variance float64
	areas          [comity.AreaCount]float64
}

func (a annual) loss() comity.Loss { return lossOf(a.Compound, a.mean, a.variance, a.areas) }

// newAnnual computes the annual loss. The transform of the whole is the product over scenarios of
// (1 + Mv(1 − φ)/β)^(−α) · exp(−Λ_shared (1 − φ)), φ the mix of its levels' transforms.
func newAnnual(m *model) annual {
	var a annual
	a.moments(m)
	if a.mean == 0 {
		a.Compound = NewCompound(1, []float64{1}, 1)
		return a
	}
	g := a.grid(m)
	t := NewTransform(g.N)
	var missing [4][]complex128 // 1 − φ of each level
	for l, s := range m.levels {
		if s == nil || s.mean == 0 {
			continue
		}
		f := make([]float64, g.N)
		s.AddCells(f, 1, g.Step)
		missing[l] = t.Forward(f)
		for i, phi := range missing[l] {
			missing[l][i] = 1 - phi
		}
	}
	total := make([]complex128, g.N/2+1)
	for _, c := range m.cells {
		addExponent(total, c, &missing)
	}
	for i, x := range total {
		total[i] = cmplx.Exp(x)
	}
	a.Compound = NewCompound(g.Step, t.Back(total), noLoss(m))
	return a
}

// addExponent adds a cell's part of the exponent of the transform.
func addExponent(total []complex128, c cell, missing *[4][]complex128) {
	if len(c.touched) == 0 {
		return
	}
	v, _ := c.ends(c.mix, c.adaptive)
	factor, shape, shared := c.mean*v/c.rate.Rate, -c.rate.Shape, -c.common()
	mixed := make([]complex128, len(total))
	for l, w := range c.weights {
		if w == 0 || missing[l] == nil {
			continue
		}
		for i, x := range missing[l] {
			mixed[i] += complex(w*real(x), w*imag(x))
		}
	}
	for i, x := range mixed {
		log := clog(complex(1+factor*real(x), factor*imag(x)))
		total[i] += complex(shape*real(log)+shared*real(x), shape*imag(log)+shared*imag(x))
	}
}

// noLoss returns P(no loss at all): no event, or none on a service where a loss is possible.
func noLoss(m *model) float64 {
	log := 0.0
	for _, c := range m.cells {
		v, _ := c.ends(c.mix, c.adaptive)
		hurts := c.hurts(m)
		log += -c.rate.Shape*math.Log1p(hurts*c.mean*v/c.rate.Rate) - hurts*c.common()
	}
	return math.Exp(log)
}

// hurts returns the share of a cell's events that cost anything.
func (c cell) hurts(m *model) float64 {
	sum := 0.0
	for l, w := range c.weights {
		if w > 0 && m.levels[l].mean > 0 {
			sum += w
		}
	}
	return math.Min(1, sum)
}

// moments sets mean and variance in closed form: Λ E[X²] + Var(Λ) E[X]² for each scenario.
func (a *annual) moments(m *model) {
	for _, c := range m.cells {
		mean, second := 0.0, 0.0
		for l, w := range c.weights {
			if w == 0 {
				continue
			}
			s := m.levels[l]
			mean += w * s.mean
			second += w * s.second
			for i, area := range s.areas {
				a.areas[i] += (c.own() + c.common()) * w * area.Mean()
			}
		}
		a.mean += (c.own() + c.common()) * mean
		a.variance += (c.own()+c.common())*second + c.own()*c.own()/c.rate.Shape*mean*mean
	}
}

// grid chooses the step so that hardly an event lies beyond the end.
func (a *annual) grid(m *model) Grid {
	beyond := func(x float64) float64 {
		sum := 0.0
		for _, c := range m.cells {
			for l, w := range c.weights {
				if w > 0 {
					sum += (c.own() + c.common()) * w * m.levels[l].Exceed(x)
				}
			}
		}
		return sum
	}
	largest := 0.0
	for _, s := range m.levels {
		if s != nil && s.mean > 0 {
			largest = math.Max(largest, s.step*severityCells)
		}
	}
	lo, hi := largest*1e-6, largest
	for range 30 {
		if mid := math.Sqrt(lo * hi); beyond(mid) > annualTail {
			lo = mid
		} else {
			hi = mid
		}
	}
	end := math.Max(hi+a.mean, a.mean+8*math.Sqrt(a.variance))
	return Grid{Step: end / annualCells, N: annualCells}
}

// curve returns the loss exceedance curve with its band, at losses spaced by their logarithm.
func curve(m *model, d *draws, a annual) []comity.LossPoint {
	points := make([]comity.LossPoint, curvePoints)
	low, high := curveEnds(m, a)
	for i := range points {
		x := low * math.Pow(high/low, float64(i)/(curvePoints-1))
		points[i] = comity.LossPoint{Loss: x, P: a.Exceed(x)}
	}
	band(points, m, d)
	return points
}

// curveEnds are a twentieth of the tolerance, and the loss that is exceeded once in a thousand years or ten times the
// tolerance, whichever is larger.
func curveEnds(m *model, a annual) (low, high float64) {
	unit := m.tolerance
	if unit == 0 {
		unit = math.Max(1, a.mean)
	}
	return unit / 20, math.Max(10*unit, a.Quantile(0.999))
}

// band sets the 5 % and 95 % quantiles of the curve over the first outer draws. Within a draw every rate is known, so
// that the whole is one compound Poisson distribution, with the scenarios' severities mixed by their rates.
func band(points []comity.LossPoint, m *model, d *draws) {
	n := min(d.n, bandDraws)
	g := Grid{Step: 2 * points[len(points)-1].Loss / bandCells, N: bandCells}
	t := NewTransform(g.N)
	b := bander{grid: g, cells: make([]float64, g.N)}
	at := make([][]float64, len(points))
	for i := range n {
		c := b.draw(m, d, t, i)
		for k, p := range points {
			at[k] = append(at[k], c.Exceed(p.Loss))
		}
	}
	for k := range points {
		points[k].Low, points[k].High = interval(at[k])
	}
}

// bander computes the compound distribution of a draw, reusing its memory.
type bander struct {
	grid  Grid
	cells []float64
}

func (b *bander) draw(m *model, d *draws, t *Transform, i int) Compound {
	var rates [4]float64 // events a year by level
	for k, c := range m.cells {
		events := d.rate[k][i]*d.mean[k][i]*d.susceptibility(c, i) + d.common(c, i)
		for l, w := range c.weights {
			rates[l] += events * w
		}
	}
	scales, total := d.scales(i), 0.0
	clear(b.cells)
	for l, s := range m.levels {
		if s == nil || s.mean == 0 || rates[l] == 0 {
			continue
		}
		total += rates[l]
		s.AddCells(b.cells, rates[l], b.grid.Step/scales[l])
	}
	coefficients := t.Forward(b.cells) // of Λφ
	for j, x := range coefficients {
		coefficients[j] = cmplx.Exp(x - complex(total, 0))
	}
	return NewCompound(b.grid.Step, t.Back(coefficients), math.Exp(-total))
}
