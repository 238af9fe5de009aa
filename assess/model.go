package assess

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"comity"
)

// Input is all that an assessment rests on.
type Input struct {
	Catalogue comity.Catalogue
	Knowledge comity.Knowledge // which mitigation counters which technique
	Profile   comity.Profile
	Evidence  []comity.Evidence // in any order, retracted ones included
	Matches   []comity.Match    // in any order, closed ones included
	Threats   map[comity.ThreatID]comity.Threat
	Now       time.Time
	Seed      uint64
	Draws     int // outer draws; 0: default
}

// maxDraws bounds the outer draws that can be asked for.
const maxDraws = 100_000

// supplierScenario is the scenario in which common sources strike.
const supplierScenario = comity.ScenarioID("supplier-compromise")

// model is one organisation, set in the catalogue: everything that the figures are computed from.
type model struct {
	in        Input
	seed      uint64
	tolerance float64
	bands     comity.BandTable
	services  []comity.Service
	controls  controls
	factors   []float64 // 1 − κε of each control, as stated
	levels    [4]*Severity
	cells     []cell
	shared    []source
	priors    map[comity.Interval]Gamma
}

// cell is one scenario in one organisation.
type cell struct {
	scenario  comity.Scenario
	prior     Gamma
	rate      Gamma // posterior of λ
	evidence  []comity.EvidenceID
	campaigns []campaign
	mean      float64 // M
	now       float64 // m(now)
	path      []stage
	mix       float64
	adaptive  float64
	touched   []touch
	weights   [4]float64 // share of events by level of criticality; sums to 1, or 0 if no service is touched
	shared    []source   // only where common sources strike
}

// touch is a service that a scenario can fall on, with the level that decides its loss.
type touch struct {
	service int // place in the model's services
	level   int // criticality − 1
}

// ends returns v at the end in use, and at the other.
func (c cell) ends(mix, adaptive float64) (inUse, other float64) {
	if c.scenario.Targeted {
		return adaptive, mix
	}
	return mix, adaptive
}

// own returns λ M v at the end in use, without common sources.
func (c cell) own() float64 {
	v, _ := c.ends(c.mix, c.adaptive)
	return c.rate.Mean() * c.mean * v
}

// common returns Σ θ M p, the events a year through common sources.
func (c cell) common() float64 {
	sum := 0.0
	for _, s := range c.shared {
		sum += s.events()
	}
	return sum
}

// above returns P(X > S*) of one event, given the factor on the losses of each level.
func (c cell) above(m *model, scale [4]float64) float64 {
	sum := 0.0
	for l, w := range c.weights {
		if w > 0 {
			sum += w * m.levels[l].Exceed(m.tolerance/scale[l])
		}
	}
	return sum
}

// newModel checks the input and sets the organisation in the catalogue.
func newModel(in Input) (*model, error) {
	if err := in.validate(); err != nil {
		return nil, err
	}
	in.Evidence = inForce(in.Evidence)
	in.Matches = slices.Clone(in.Matches)
	slices.SortFunc(in.Matches, func(a, b comity.Match) int { return cmp.Compare(a.ID, b.ID) })

	m := &model{
		in: in, seed: in.Seed, tolerance: in.Profile.Tolerance, bands: in.Catalogue.Bands,
		services: in.Profile.Services, controls: newControls(in.Catalogue, in.Profile.Coverage),
		priors: map[comity.Interval]Gamma{},
	}
	if m.tolerance == 0 {
		m.tolerance = in.Catalogue.Tolerance
	}
	if in.Profile.Bands != nil {
		m.bands = *in.Profile.Bands
	}
	if len(m.services) == 0 {
		m.services = assumedServices
	}
	m.factors = m.controls.factors()
	m.shared = sourcesOf(in)
	open := openers(in.Matches, in.Threats)
	for _, s := range in.Catalogue.Scenarios {
		if slices.Contains(in.Profile.OutOfScope, s.ID) {
			continue
		}
		c, err := m.cell(s, open)
		if err != nil {
			return nil, err
		}
		m.cells = append(m.cells, c)
	}
	m.severities()
	return m, nil
}

// assumedServices stand for an organisation that entered none: what nearly every one has, of middling criticality.
var assumedServices = []comity.Service{
	{ID: "svc_assumed-mail", Name: "mail", Level: comity.LevelOperational, Criticality: [comity.PropertyCount]int{2, 2, 3, 2}},
	{ID: "svc_assumed-finance", Name: "finance", Level: comity.LevelOperational, Criticality: [comity.PropertyCount]int{2, 3, 3, 3}},
	{ID: "svc_assumed-mandate", Name: "mandate", Level: comity.LevelStrategic, Criticality: [comity.PropertyCount]int{3, 3, 2, 2}},
}

// inForce returns the evidence that was not retracted, in ascending id: sums then have the same bits whatever the order
// in which it arrived.
func inForce(evidence []comity.Evidence) []comity.Evidence {
	list := slices.DeleteFunc(slices.Clone(evidence), func(e comity.Evidence) bool { return e.Retracted != nil })
	slices.SortFunc(list, func(a, b comity.Evidence) int { return cmp.Compare(a.ID, b.ID) })
	return list
}

func (m *model) cell(s comity.Scenario, open []opener) (cell, error) {
	prior, err := m.prior(s.Rate)
	if err != nil {
		return cell{}, fmt.Errorf("scenario %s: %w", s.ID, err)
	}
	c := cell{scenario: s, prior: prior, path: path(s, m.in.Knowledge, m.controls, open)}
	c.campaigns = campaignsOf(m.in, s.ID)
	c.mean = MeanModulation(clusters(c.campaigns), ModulatorCap)
	c.now = Modulation(clusters(c.campaigns), ModulatorCap, 0)
	c.mix, c.adaptive = susceptibility(c.path, m.factors, true)
	m.update(&c)
	m.touch(&c)
	if s.ID == supplierScenario {
		c.shared = m.shared
	}
	return c, nil
}

func (m *model) prior(i comity.Interval) (Gamma, error) {
	if g, ok := m.priors[i]; ok {
		return g, nil
	}
	g, err := Prior(i)
	m.priors[i] = g
	return g, err
}

// update counts the evidence. What is not recorded as of its own time takes today's susceptibility without what
// vulnerabilities open: those stand open now, they did not through the observed span, and a new one must not make the
// past look as if it had been lucky.
func (m *model) update(c *cell) {
	today, _ := c.ends(susceptibility(c.path, m.factors, false))
	c.rate = c.prior
	for _, e := range m.in.Evidence {
		if e.Scenario == c.scenario.ID && e.Kind != comity.EvidenceReport {
			c.rate = c.rate.Update(observation(e, today))
			c.evidence = append(c.evidence, e.ID)
		}
	}
}

// touch finds the services that the scenario can fall on, equally often, and the highest criticality of each among the
// properties that it hits.
func (m *model) touch(c *cell) {
	for i, s := range m.services {
		if level := criticality(s, c.scenario.Properties); level > 0 {
			c.touched = append(c.touched, touch{service: i, level: level - 1})
		}
	}
	for _, t := range c.touched {
		c.weights[t.level] += 1 / float64(len(c.touched))
	}
}

// criticality returns the highest criticality of a service among the properties of a mask.
func criticality(s comity.Service, mask comity.PropertyMask) int {
	most := 0
	for _, p := range comity.Properties {
		if mask.Has(p) {
			most = max(most, s.Criticality[p])
		}
	}
	return most
}

// severities computes the losses of the levels that are touched.
func (m *model) severities() {
	for _, c := range m.cells {
		for l, w := range c.weights {
			if w > 0 && m.levels[l] == nil {
				m.levels[l] = severities.get(m.bands[l], func() *Severity {
					return NewSeverity(areasOf(m.bands[l]), NewTransform(severityCells))
				})
			}
		}
	}
}

// severities remembers the severity of a level's bands; nothing writes to one once it is made.
var severities memo[[comity.AreaCount]comity.Interval, *Severity]

func areasOf(row [comity.AreaCount]comity.Interval) (areas [comity.AreaCount]Lognormal) {
	for a, i := range row {
		areas[a] = FromInterval(i)
	}
	return areas
}

// campaignsOf gathers the reports that bear on a scenario into clusters, sorted by key.
func campaignsOf(in Input, id comity.ScenarioID) []campaign {
	bears := func(m comity.Match) bool { return m.Kind != comity.MatchSoftware && slices.Contains(m.Scenarios, id) }
	reports := func(e comity.Evidence) bool { return e.Kind == comity.EvidenceReport && e.Scenario == id }
	return campaignsAt(in, bears, reports)
}

// campaignsAt gathers the matches and the evidence that are asked for into clusters, sorted by key. An actor's matches
// and the reports on it are one cluster. A withdrawn threat and a closed match count no longer.
func campaignsAt(in Input, matches func(comity.Match) bool, evidence func(comity.Evidence) bool) []campaign {
	byKey := map[string]*campaign{}
	at := func(key string) *campaign {
		if byKey[key] == nil {
			byKey[key] = &campaign{key: key}
		}
		return byKey[key]
	}
	for _, m := range in.Matches {
		t, known := in.Threats[m.Threat]
		if !m.Open() || !known || t.Withdrawn != nil || !matches(m) {
			continue
		}
		c := at(string(m.Threat))
		c.reports = append(c.reports, matchReport(m, t, in.Now))
		c.matches = append(c.matches, m.ID)
		c.threat(m.Threat)
	}
	for _, e := range in.Evidence {
		if evidence == nil || !evidence(e) {
			continue
		}
		c := at(campaignKey(e))
		c.reports = append(c.reports, reportOf(e, in.Now))
		c.evidence = append(c.evidence, e.ID)
		if e.Threat != "" {
			c.threat(e.Threat)
		}
	}
	list := make([]campaign, 0, len(byKey))
	for _, c := range byKey {
		list = append(list, *c)
	}
	slices.SortFunc(list, func(a, b campaign) int { return strings.Compare(a.key, b.key) })
	return list
}

func (c *campaign) threat(id comity.ThreatID) {
	if !slices.Contains(c.threats, id) {
		c.threats = append(c.threats, id)
	}
}

func matchReport(m comity.Match, t comity.Threat, now time.Time) Report {
	if m.Kind == comity.MatchSupplier {
		return compromiseReport(m, t, now)
	}
	return actorReport(m, t, now)
}

func clusters(campaigns []campaign) []Cluster {
	list := make([]Cluster, len(campaigns))
	for i, c := range campaigns {
		list[i] = c.reports
	}
	return list
}
