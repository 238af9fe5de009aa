package portfolio

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"comity"
	"comity/assess"
)

// model is a document with everything computed that needs no grid.
type model struct {
	document *Document
	threats  []threat
	sources  []source
	groups   []group // organisations; one that stands for all without any
}

// threat is a scenario.
type threat struct {
	scenario  *Scenario
	prior     assess.Gamma // zero if the rate is known, or without a prior
	rate      assess.Gamma // posterior of λ; zero if it is known
	known     float64      // λ, if it is known
	mean      float64      // M
	mix       float64      // v against an adversary who doesn't adapt
	adaptive  float64      // v against one who does
	loss      *loss
	tolerance float64 // 0: none given
}

// v returns susceptibility at the end in use.
func (t threat) v() float64 {
	if t.scenario.Targeted {
		return t.adaptive
	}
	return t.mix
}

// attempts returns the mean of λ.
func (t threat) attempts() float64 {
	if t.rate.Rate > 0 {
		return t.rate.Mean()
	}
	return t.known
}

// factor turns attempts into events: M v.
func (t threat) factor() float64 { return t.mean * t.v() }

// events returns Λ = λ M v, events a year.
func (t threat) events() float64 { return t.attempts() * t.factor() }

// none returns P(no event in 12 months), if each counts with this probability.
func (t threat) none(counts float64) float64 {
	if t.rate.Rate > 0 {
		return t.rate.Zero(t.factor() * counts)
	}
	return math.Exp(-t.known * t.factor() * counts)
}

// variance returns the variance of the annual loss: Λ E[X²], and Λ²/α E[X]² more where the rate is uncertain.
func (t threat) variance() float64 {
	events := t.events()
	sum := events * t.loss.second
	if t.rate.Shape > 0 {
		sum += events * events / t.rate.Shape * t.loss.mean * t.loss.mean
	}
	return sum
}

// loss is the distribution of the loss of one event.
type loss struct {
	key          Losses
	areas        []assess.Lognormal // of the areas with a loss
	mean, second float64
}

func (m *model) loss(l Losses, known map[Losses]*loss) *loss {
	if had := known[l]; had != nil {
		return had
	}
	out := &loss{key: l}
	for _, i := range l {
		if i != (Interval{}) {
			out.areas = append(out.areas, assess.FromInterval(comity.Interval(i)))
		}
	}
	out.mean, out.second = assess.SumMoments(out.areas, assess.AreaCorrelation)
	known[l] = out
	return out
}

// source is a common source.
type source struct {
	*Source
	events float64 // θ M a year
}

// group is one organisation.
type group struct {
	id        string
	threats   []int // places in the model's
	hits      []hit
	tolerance float64
}

// hit is how an organisation depends on a source.
type hit struct {
	source int
	p      float64
	loss   *loss
}

// newModel computes the model of a document that was checked.
func newModel(d *Document, known comity.Knowledge) (*model, error) {
	m := &model{document: d}
	losses := map[Losses]*loss{}
	strength := assess.DefaultCatalogue().Strength
	for i := range d.Scenarios {
		t, err := m.threat(&d.Scenarios[i], known, strength)
		if err != nil {
			return nil, at(place("/scenarios", i), "%s", err)
		}
		t.loss = m.loss(t.scenario.Losses, losses)
		m.threats = append(m.threats, t)
	}
	for i := range d.Sources {
		s := &d.Sources[i]
		m.sources = append(m.sources, source{s, s.Rate * modulation(s.Intelligence, d.cap())})
	}
	for i := range d.Organizations {
		m.groups = append(m.groups, m.group(&d.Organizations[i], losses))
	}
	if len(m.groups) == 0 {
		m.groups = []group{{threats: all(len(m.threats)), tolerance: value(d.Tolerance, 0)}}
	}
	return m, m.bounded()
}

func (m *model) threat(s *Scenario, known comity.Knowledge, strength map[string]float64) (threat, error) {
	t := threat{scenario: s, tolerance: value(s.Tolerance, value(m.document.Tolerance, 0))}
	t.mean = modulation(s.Intelligence, m.document.cap())
	t.mix, t.adaptive = m.susceptibility(s.Stages, known, strength)
	if s.Rate != nil {
		t.known = *s.Rate
		return t, nil
	}
	t.rate = assess.Gamma{Shape: 0.5} // Jeffreys's prior of a rate, which the evidence alone then decides
	if s.RateInterval != nil {
		var err error
		if t.prior, err = assess.Prior(comity.Interval(*s.RateInterval)); err != nil {
			return t, err
		}
		t.rate = t.prior
	}
	today := t.v()
	for _, e := range s.Evidence {
		t.rate = t.rate.Update(observation(e, today))
	}
	if !(t.rate.Rate > 0) {
		return t, fmt.Errorf("the evidence watched nothing that could be seen: its susceptibility is 0")
	}
	return t, nil
}

// observation reads an item of evidence; today is the susceptibility that counts where none is recorded.
func observation(e Evidence, today float64) assess.Observation {
	o := assess.Observation{Count: value(e.Events, float64(len(e.Ages))), Years: e.Years, Weight: weight(e.Weight), V: 1}
	if e.Kind != "attempt" {
		o.V = value(e.Susceptibility, today)
	}
	if e.HalfLife > 0 {
		o.Count, o.Years = 0, assess.DecayedYears(e.Years, e.HalfLife)
		for _, age := range e.Ages {
			o.Count += assess.Decay(age, e.HalfLife)
		}
	}
	return o
}

// modulation returns M of the reports, gathered by cluster.
func modulation(reports []Intelligence, limit float64) float64 {
	clusters := map[string]assess.Cluster{}
	for i, r := range reports {
		key := "of " + r.Cluster
		if r.Cluster == "" {
			key = fmt.Sprintf("alone %d", i)
		}
		clusters[key] = append(clusters[key], assess.Report{
			Multiplier: r.Multiplier, HalfLife: r.HalfLife, Age: r.Age, Confidence: value(r.Reliability, 1) * value(r.Relevance, 1),
		})
	}
	keys := make([]string, 0, len(clusters))
	for key := range clusters {
		keys = append(keys, key)
	}
	slices.Sort(keys) // products then have the same bits every time
	list := make([]assess.Cluster, len(keys))
	for i, key := range keys {
		list[i] = clusters[key]
	}
	return assess.MeanModulation(list, limit)
}

// susceptibility returns v at both ends: the product over stages of Σ ω r, and of max r.
func (m *model) susceptibility(stages []Stage, known comity.Knowledge, strength map[string]float64) (mix, adaptive float64) {
	mix, adaptive = 1, 1
	for _, stage := range stages {
		shares := make([]assess.Share, len(stage))
		for i, t := range stage {
			shares[i] = assess.Share{Share: t.Share, Residual: m.residual(t, known, strength)}
		}
		mix *= assess.Mix(shares)
		adaptive *= assess.Adaptive(shares)
	}
	return mix, adaptive
}

func (m *model) residual(t Technique, known comity.Knowledge, strength map[string]float64) float64 {
	var controls []assess.Control
	switch {
	case t.Controls != nil:
		for _, c := range *t.Controls {
			controls = append(controls, assess.Control{Coverage: c.Coverage, Strength: c.Strength})
		}
	case t.ID != "":
		for _, code := range assess.MitigationsOf(known, t.ID) {
			controls = append(controls, assess.Control{Coverage: m.document.Coverage[code], Strength: strength[code]})
		}
	}
	openings := make([]assess.Opening, len(t.Vulnerabilities))
	for i, v := range t.Vulnerabilities {
		openings[i] = assess.Opening{Exposed: exposed[v.Placement], Exploited: v.EPSS}
		if v.Exploited {
			openings[i].Exploited = 1
		}
	}
	return assess.Opened(assess.Residual(controls), assess.P30(openings))
}

func (m *model) group(o *Organization, losses map[Losses]*loss) group {
	g := group{id: o.ID, threats: all(len(m.threats)), tolerance: value(o.Tolerance, value(m.document.Tolerance, 0))}
	if o.Scenarios != nil {
		g.threats = g.threats[:0]
		for _, id := range o.Scenarios {
			g.threats = append(g.threats, slices.IndexFunc(m.document.Scenarios, func(s Scenario) bool { return s.ID == id }))
		}
	}
	for _, h := range o.Sources {
		place := slices.IndexFunc(m.document.Sources, func(s Source) bool { return s.ID == h.ID })
		l := m.document.Sources[place].Losses
		if h.Losses != nil {
			l = *h.Losses
		}
		g.hits = append(g.hits, hit{source: place, p: h.P, loss: m.loss(l, losses)})
	}
	slices.SortFunc(g.hits, func(a, b hit) int { return strings.Compare(m.sources[a.source].ID, m.sources[b.source].ID) })
	return g
}

// maxEvents bounds the events a year of a portfolio, which simulated years cost.
const maxEvents = 1e5

// bounded checks what only the model knows: that it stays within numbers that can be told.
func (m *model) bounded() error {
	events := 0.0
	for i, t := range m.threats {
		switch n := t.events(); {
		case math.IsNaN(n) || n > maxEvents:
			return at(place("/scenarios", i), "%.6g events a year are more than %v", n, float64(maxEvents))
		case math.IsInf(t.loss.second, 0) || math.IsNaN(t.loss.second):
			return at(place("/scenarios", i)+"/loss_interval", "its loss has no variance that a number can hold")
		}
	}
	for _, g := range m.groups {
		for _, k := range g.threats {
			events += m.threats[k].events()
		}
	}
	if events > 10*maxEvents {
		return at("/organizations", "%.6g events a year in all are more than %v", events, 10*maxEvents)
	}
	return nil
}

func all(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

func value(x *float64, absent float64) float64 {
	if x == nil {
		return absent
	}
	return *x
}

func weight(w *float64) float64 { return value(w, 1) }
