package portfolio

import (
	"math"

	"comity"
)

// The ways to compute a portfolio.
const (
	MethodExact    = "exact"
	MethodSimulate = "simulate"
)

// Result is what a portfolio comes to, over the next 12 months. Numbers are in the document's unit of loss.
type Result struct {
	Method        string               `json:"method"`
	Total         Loss                 `json:"total"` // of all organisations together
	Significant   *Significant         `json:"significant,omitempty"`
	Scenarios     []ScenarioResult     `json:"scenarios"`
	Organizations []OrganizationResult `json:"organizations,omitempty"`
	Exact         *Loss                `json:"exact,omitempty"` // beside a simulated total, to compare
	Grid          *Grid                `json:"grid,omitempty"`  // of the exact distribution, the widest
	Grids         int                  `json:"grids,omitempty"` // how many, each finer and narrower than the one before, so that small losses are told apart too
	Years         int                  `json:"years,omitempty"` // simulated
	Seed          *uint64              `json:"seed,omitempty"`
}

// Loss is a distribution of annual loss.
type Loss struct {
	Mean       float64               `json:"mean"`
	SD         float64               `json:"sd"`
	Zero       float64               `json:"p_zero"`                       // P(no loss at all)
	Quantiles  map[string]float64    `json:"quantiles"`                    // VaR, by the shortest decimal
	Intervals  map[string][2]float64 `json:"quantile_intervals,omitempty"` // simulated: at least 95 %, by order statistics; no upper end is the largest year
	TVaR99     float64               `json:"tvar99"`                       // mean of the worst hundredth
	Exceedance []Point               `json:"exceedance"`                   // the loss exceedance curve
	Dropped    float64               `json:"dropped,omitempty"`            // probability beyond the exact grid
}

// Point is P(annual loss > Loss), with a 95 % interval where it was simulated.
type Point struct {
	Loss float64  `json:"loss"`
	P    float64  `json:"p"`
	Low  *float64 `json:"low,omitempty"`
	High *float64 `json:"high,omitempty"`
}

// ScenarioResult is what one scenario comes to. Alpha, Beta and RateInterval are null where the rate is known.
type ScenarioResult struct {
	ID             string         `json:"id"`
	Alpha          *float64       `json:"alpha"` // of the posterior of λ: shape
	Beta           *float64       `json:"beta"`  // and rate, years
	Rate           float64        `json:"rate"`  // attempts a year, the mean of λ
	RateInterval   *[2]float64    `json:"rate_interval"`
	Modulator      float64        `json:"modulator"` // M
	Susceptibility Susceptibility `json:"susceptibility"`
	Events         float64        `json:"events"`       // Λ = λ M v a year, at the end in use
	EventsOther    float64        `json:"events_other"` // at the other end
	Zero           float64        `json:"p_zero"`       // P(no event in 12 months)
	EventMean      float64        `json:"event_mean"`   // of the loss of one event
	EventSD        float64        `json:"event_sd"`
	Mean           float64        `json:"mean"` // of the annual loss
	SD             float64        `json:"sd"`
	Significant    *Significant   `json:"significant,omitempty"`
}

// Susceptibility is v at both ends.
type Susceptibility struct {
	Mix      float64 `json:"mix"`
	Adaptive float64 `json:"adaptive"`
	InUse    string  `json:"in_use"`
}

// Significant is how often a loss exceeds the tolerance.
type Significant struct {
	Tolerance float64    `json:"tolerance,omitempty"` // 0: the scenarios have their own
	Exceeds   *float64   `json:"p_event,omitempty"`   // P(the loss of one event exceeds it); of one scenario
	Rate      float64    `json:"rate"`                // significant incidents a year
	P         float64    `json:"p"`                   // P(at least one in 12 months), over the uncertainty in the rates
	Interval  [2]float64 `json:"interval"`            // 5 % and 95 % quantile of the same over that uncertainty
}

// OrganizationResult is what one organisation comes to.
type OrganizationResult struct {
	ID          string       `json:"id"`
	Total       Loss         `json:"total"`
	Significant *Significant `json:"significant,omitempty"`
}

// quantiles are those that are told, by their keys.
var quantiles = map[string]float64{"0.5": 0.5, "0.9": 0.9, "0.95": 0.95, "0.99": 0.99, "0.995": 0.995, "0.999": 0.999}

// scenario describes a scenario, in closed form.
func (m *model) scenario(i int, severities map[*loss]severity) ScenarioResult {
	t := m.threats[i]
	r := ScenarioResult{
		ID: t.scenario.ID, Rate: t.attempts(), Modulator: t.mean,
		Susceptibility: Susceptibility{Mix: t.mix, Adaptive: t.adaptive, InUse: "mix"},
		Events:         t.events(), EventsOther: t.attempts() * t.mean * t.adaptive,
		Zero:      t.none(1),
		EventMean: t.loss.mean, EventSD: math.Sqrt(t.loss.second - t.loss.mean*t.loss.mean),
		Mean: t.events() * t.loss.mean, SD: math.Sqrt(t.variance()),
	}
	if t.scenario.Targeted {
		r.Susceptibility.InUse, r.EventsOther = "adaptive", t.attempts()*t.mean*t.mix
	}
	if t.rate.Rate > 0 {
		r.Alpha, r.Beta = &t.rate.Shape, &t.rate.Rate
		r.RateInterval = &[2]float64{t.rate.Quantile(0.05), t.rate.Quantile(0.95)}
	}
	if t.tolerance > 0 {
		one := group{threats: []int{i}, tolerance: t.tolerance}
		r.Significant = m.significant(one, severities)
		exceeds := severities[t.loss].exceed(t.tolerance)
		r.Significant.Exceeds = &exceeds
	}
	return r
}

// exceedances returns the losses at which exceedance is told: those asked for, or 1, 2 and 5 times powers of ten from a
// thousandth of the largest quantile to beyond it.
func (d *Document) exceedances(largest float64) []float64 {
	if len(d.Losses) > 0 {
		return d.Losses
	}
	if !(largest > 0) {
		return nil
	}
	var list []float64
	for decade := math.Floor(math.Log10(largest)) - 3; ; decade++ {
		for _, step := range []float64{1, 2, 5} {
			x := step * math.Pow(10, decade)
			if x >= largest/1000 {
				list = append(list, x)
			}
			if x > largest {
				return list
			}
		}
	}
}

// Run computes a document that [Parse] returned by a method, with the same knowledge. The exact one costs about 1 ms for each different
// loss and 2 ms for each scenario, 10 ms for each loss in several areas; a simulated one about 10 ns for each event.
func Run(d *Document, method string, known comity.Knowledge) (*Result, error) {
	m, err := newModel(d, known)
	if err != nil {
		return nil, err
	}
	severities := m.severities()
	e := m.exact(severities)
	r := &Result{Method: method, Total: e.total(), Grid: &Grid{Step: e.scales[0].grid.Step, Points: e.scales[0].grid.N}, Grids: len(e.scales)}
	for i := range m.threats {
		r.Scenarios = append(r.Scenarios, m.scenario(i, severities))
	}
	for i, g := range m.groups {
		if len(d.Organizations) == 0 {
			r.Significant = m.significant(g, severities)
			continue
		}
		r.Organizations = append(r.Organizations, OrganizationResult{ID: g.id, Total: e.group(i), Significant: m.significant(g, severities)})
	}
	switch method {
	case MethodExact:
		return r, nil
	case MethodSimulate:
		exact := r.Total
		r.Exact, r.Years, r.Seed = &exact, d.years(), &d.Seed
		m.simulate(r)
		return r, nil
	default:
		return nil, comity.Errorf(comity.Invalid, "method %q: want exact or simulate", method)
	}
}
