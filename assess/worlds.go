package assess

import (
	"fmt"
	"math"
	"slices"

	"comity"
	"comity/assess/chance"
)

// Worlds simulates the annual loss of the organisation in n common years, one number each: the loss in the reference
// unit. The events of the common sources are drawn from the public seed alone, so that they are the same for everyone;
// all else from the organisation's own seed, its parameters redrawn in each year, so that the curve over the years is
// predictive. Suppliers that are no common source strike in private.
//
// A source's events carry a mark that is uniform on 0..cap, and count where the organisation's modulator of the source
// is above the mark: those who know of a compromise see more of the same events, nobody sees others.
//
// Random numbers are keyed by (seed, what is drawn, year): a changed input re-simulates what it touches only. The cost
// is about 5 µs a year.
//
// Source: exposure model, section 7.
func Worlds(in Input, sources []CommonSource, n int, publicSeed uint64) ([]float64, error) {
	if n < 0 {
		return nil, comity.Errorf(comity.Invalid, "worlds: %d years", n)
	}
	for _, s := range sources {
		if !within(s.Rate, 0, maxRate) {
			return nil, comity.Errorf(comity.Invalid, "worlds: source %q: rate %v is out of range", s.Name, s.Rate)
		}
	}
	m, err := newModel(in)
	if err != nil {
		return nil, fmt.Errorf("worlds: %w", err)
	}
	w := newWorld(m, sources, publicSeed)
	losses := make([]float64, n)
	for year := range losses {
		losses[year] = w.year(uint64(year))
	}
	return losses, nil
}

// world simulates one organisation year by year.
type world struct {
	m         *model
	maturity  chance.Column
	controls  []drawnControl
	factors   []float64
	scenarios []worldScenario
	sources   []worldSource
	mu        [4][comity.AreaCount]chance.Column
	shift     [4][comity.AreaCount]float64 // of μ in this year
	supplier  int                          // place of the scenario in which sources strike; −1: none
	certain   bool                         // leaves all but rates at their means, to be compared with the exact
}

// drawnControl is a control that reduces something.
type drawnControl struct {
	place  int
	column chance.Column
	table  []float64 // quantiles of ε
}

type worldScenario struct {
	column    chance.Column // of events
	modulator modulator
	campaigns []chance.Column
	z         []float64
}

type worldSource struct {
	events, hits chance.Column // events from the public seed if common
	rate, p      float64
	modulator    modulator
	campaigns    []chance.Column
	z            []float64
}

func newWorld(m *model, sources []CommonSource, publicSeed uint64) *world {
	w := &world{m: m, maturity: chance.NewColumn(m.seed, "coverage"), factors: slices.Clone(m.factors), supplier: -1}
	w.addControls()
	for k, c := range m.cells {
		s := worldScenario{column: chance.NewColumn(m.seed, "scenario "+string(c.scenario.ID)), modulator: newModulator(c.campaigns, ModulatorCap)}
		s.campaigns, s.z = campaignColumns(m.seed, c.campaigns)
		w.scenarios = append(w.scenarios, s)
		if c.scenario.ID == supplierScenario {
			w.supplier = k
		}
	}
	for _, s := range m.shared {
		out := worldSource{
			events: chance.NewColumn(m.seed, "source "+s.name), hits: chance.NewColumn(m.seed, "hit "+s.name),
			rate: s.rate, p: s.p, modulator: newModulator(s.campaigns, ModulatorCap),
		}
		out.campaigns, out.z = campaignColumns(m.seed, s.campaigns)
		if i := slices.IndexFunc(sources, func(c CommonSource) bool { return comity.NormalName(c.Name) == s.name }); i >= 0 {
			out.events, out.rate = chance.NewColumn(publicSeed, "source "+s.name), sources[i].Rate
		}
		w.sources = append(w.sources, out)
	}
	for l := range w.mu {
		for a := range w.mu[l] {
			w.mu[l][a] = chance.NewColumn(m.seed, severityColumn(l, a))
		}
	}
	return w
}

const quantileCells = 512

func (w *world) addControls() {
	tables := map[float64][]float64{}
	c := w.m.controls
	for i, code := range c.codes {
		if c.coverage[i] == 0 || !w.m.usesControl(i) {
			continue
		}
		if tables[c.strength[i]] == nil {
			tables[c.strength[i]] = betaInverse(c.strength[i]).table()
		}
		w.controls = append(w.controls, drawnControl{i, chance.NewColumn(w.m.seed, "strength "+code), tables[c.strength[i]]})
	}
}

// table returns the quantiles at multiples of 1/512, for draws in a hurry.
func (t inverse) table() []float64 {
	q := make([]float64, quantileCells+1)
	for i := range q {
		q[i] = t.at(math.Min(math.Max(float64(i)/quantileCells, 1e-6), 1-1e-6))
	}
	return q
}

// lookUp interpolates a table of quantiles.
func lookUp(table []float64, u float64) float64 {
	place := u * quantileCells
	i := int(place)
	return table[i] + (place-float64(i))*(table[i+1]-table[i])
}

// usesControl reports whether a technique on some path is countered by the control.
func (m *model) usesControl(i int) bool {
	for _, c := range m.cells {
		for _, s := range c.path {
			for _, t := range s.techniques {
				if slices.Contains(t.controls, i) {
					return true
				}
			}
		}
	}
	return false
}

func campaignColumns(seed uint64, campaigns []campaign) (columns []chance.Column, z []float64) {
	for _, c := range campaigns {
		columns = append(columns, chance.NewColumn(seed, "campaign "+c.key))
	}
	return columns, make([]float64, len(columns))
}

// drawMean draws M of a year.
func drawMean(m modulator, columns []chance.Column, z []float64, year uint64) float64 {
	for i, c := range columns {
		s := c.In(year)
		z[i] = s.Normal()
	}
	return m.mean(z)
}

// year returns the loss of one year.
func (w *world) year(year uint64) float64 {
	if !w.certain {
		w.redraw(year)
	}
	loss := 0.0
	for k, c := range w.m.cells {
		if len(c.touched) == 0 {
			continue
		}
		s := w.scenarios[k].column.In(year)
		v, _ := c.ends(susceptibility(c.path, w.factors, true))
		mean := drawMean(w.scenarios[k].modulator, w.scenarios[k].campaigns, w.scenarios[k].z, year)
		rate := s.Gamma(c.rate.Shape) / c.rate.Rate
		for range s.Poisson(rate * mean * v) {
			loss += w.event(c, &s)
		}
	}
	if w.supplier >= 0 {
		for _, s := range w.sources {
			loss += w.strikes(w.m.cells[w.supplier], s, year)
		}
	}
	return loss
}

// redraw draws the parameters of a year that scenarios share.
func (w *world) redraw(year uint64) {
	maturity := 0.0
	if slices.Contains(w.m.controls.assumed, true) {
		s := w.maturity.In(year)
		maturity = s.Uniform()
	}
	for _, c := range w.controls {
		s := c.column.In(year)
		w.factors[c.place] = 1 - w.m.controls.drawnCoverage(c.place, maturity)*lookUp(c.table, s.Uniform())
	}
	for l, s := range w.m.levels {
		if s == nil {
			continue
		}
		for a, area := range s.areas {
			draw := w.mu[l][a].In(year)
			w.shift[l][a] = draw.Normal() * area.Sigma / math.Sqrt(severityEvidence)
		}
	}
}

// strikes returns the loss from one source in one year.
func (w *world) strikes(c cell, s worldSource, year uint64) float64 {
	if len(c.touched) == 0 {
		return 0
	}
	mean := drawMean(s.modulator, s.campaigns, s.z, year)
	events, hits := s.events.In(year), s.hits.In(year)
	loss := 0.0
	for range events.Poisson(s.rate * ModulatorCap) {
		counts := events.Uniform()*ModulatorCap < mean
		hit := hits.Uniform() < s.p
		if counts && hit {
			loss += w.event(c, &hits)
		}
	}
	return loss
}

// event draws the loss of one event: a service, and on it three losses whose logarithms are correlated.
func (w *world) event(c cell, s *chance.Stream) float64 {
	level := c.touched[s.Below(len(c.touched))].level
	common := s.Normal() * math.Sqrt(AreaCorrelation)
	own := math.Sqrt(1 - AreaCorrelation)
	loss := 0.0
	for a, area := range w.m.levels[level].areas {
		z := common + own*s.Normal()
		if !area.none() {
			loss += math.Exp(area.Mu + w.shift[level][a] + area.Sigma*z)
		}
	}
	return loss
}
