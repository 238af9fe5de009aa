package web

import (
	"slices"
	"time"

	"comity"
)

// guideYears is how far back the guided path asks for incidents.
const guideYears = 3

// guideScenariosView asks of each scenario whether it can happen here, and how often it did.
type guideScenariosView struct {
	guideView
	Scenarios []guideScenario
	From, To  comity.Date
}

// guideScenario is one row.
type guideScenario struct {
	ID       comity.ScenarioID
	Recorded bool // there are entries of one's own; more are made on the page of incidents
	Count    int  // in those entries
}

func countField(id comity.ScenarioID) string { return "count." + string(id) }

func (c *call) guideScenarios(f *form, p comity.Profile) (guideScenariosView, error) {
	g, err := c.guidePage(comity.GuideScenarios, p, f)
	if err != nil {
		return guideScenariosView{}, err
	}
	recorded, err := c.recorded()
	if err != nil {
		return guideScenariosView{}, err
	}
	v := guideScenariosView{guideView: g}
	v.From, v.To = c.guideSpan()
	for _, scenario := range c.site.pipeline.Catalogue().Scenarios {
		n, ok := recorded[scenario.ID]
		v.Scenarios = append(v.Scenarios, guideScenario{ID: scenario.ID, Recorded: ok, Count: n})
	}
	return v, nil
}

// guideSpan returns the days that the guided path asks about.
func (c *call) guideSpan() (from, to comity.Date) {
	return comity.DateOf(c.site.now().AddDate(-guideYears, 0, 0)), comity.DateOf(c.site.now())
}

// recorded returns how many events one's own entries count, by scenario.
func (c *call) recorded() (map[comity.ScenarioID]int, error) {
	evidence, err := c.site.store.EvidenceOf(c.ctx(), c.viewer, c.viewer.Org())
	if err != nil {
		return nil, err
	}
	counts := map[comity.ScenarioID]int{}
	for _, e := range evidence {
		if isOwnRecord(e) && e.Retracted == nil {
			counts[e.Scenario] += e.Count
		}
	}
	return counts, nil
}

func (s *site) showGuideScenarios(c *call) error {
	p, err := c.ownProfile()
	if err != nil {
		return err
	}
	f := formOf(nil)
	for _, scenario := range s.pipeline.Catalogue().Scenarios {
		if !slices.Contains(p.OutOfScope, scenario.ID) {
			f.values.Add("scenario", string(scenario.ID))
		}
	}
	v, err := c.guideScenarios(f, p)
	if err != nil {
		return err
	}
	return c.render("guide/scenarios", v)
}

func (s *site) saveGuideScenarios(c *call) error {
	f, err := c.form("revision", "way", "scenario", "none", "count.*")
	if err != nil {
		return err
	}
	p, changed, err := c.editable(f, func(p comity.Profile) any { return p.OutOfScope })
	if err != nil {
		return err
	}
	recorded, err := c.recorded()
	if err != nil {
		return err
	}
	a := guideAnswer{step: comity.GuideScenarios, before: p, after: p}
	a.after.OutOfScope = []comity.ScenarioID{}
	var all []string
	for _, scenario := range s.pipeline.Catalogue().Scenarios {
		all = append(all, string(scenario.ID))
		if !f.Has("scenario", string(scenario.ID)) {
			a.after.OutOfScope = append(a.after.OutOfScope, scenario.ID)
			continue
		}
		if _, ok := recorded[scenario.ID]; ok {
			continue
		}
		if a.evidence, err = c.counted(f, a.evidence, scenario.ID); err != nil {
			return err
		}
	}
	if same(p.OutOfScope, a.after.OutOfScope) {
		a.after.OutOfScope = p.OutOfScope
	}
	chosen(f, "scenario", all)
	if f.OK() && !changed {
		if changed, err = c.saveStep(a); !changed || err != nil {
			return err
		}
	}
	v, err := c.guideScenarios(f, p)
	if err != nil {
		return err
	}
	v.Changed = changed
	return c.renderStep("guide/scenarios", v, changed)
}

// counted adds the entry for one scenario: what was typed, or none where the form says that the empty ones had none. An
// empty field otherwise says nothing.
func (c *call) counted(f *form, list []comity.Evidence, scenario comity.ScenarioID) ([]comity.Evidence, error) {
	name, count := countField(scenario), 0
	switch {
	case f.Value(name) != "":
		count = f.Int(name, 0, maxEvents)
	case !f.Flag("none"):
		return list, nil
	}
	id, err := newID(comity.MakeEvidenceID)
	if err != nil {
		return nil, err
	}
	from, to := c.guideSpan()
	return append(list, comity.Evidence{
		ID: id, Org: c.viewer.Org(), Scenario: scenario, Kind: comity.EvidenceIncident, Count: count, From: from, To: to,
		Weight: 1, Recorded: c.site.now().UTC().Truncate(time.Second),
	}), nil
}
