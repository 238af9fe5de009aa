package web

import (
	"slices"

	"comity"
)

func (s *site) profileScope(r *routes) {
	r.handle("GET /profile/scope", members, s.showScope)
	r.handle("POST /profile/scope", editors, s.putScope)
}

// scopeView is the page of sectors, regions and scenarios.
type scopeView struct {
	profileView
	Sectors   []string
	Regions   []string
	Scenarios []comity.Scenario
}

func (s *site) showScope(c *call) error {
	p, err := c.ownProfile()
	if err != nil {
		return err
	}
	f := formOf(nil)
	f.values["sector"], f.values["region"] = p.Sectors, p.Regions
	for _, scenario := range s.pipeline.Catalogue().Scenarios {
		if !slices.Contains(p.OutOfScope, scenario.ID) {
			f.values.Add("scenario", string(scenario.ID))
		}
	}
	return c.render("profile/scope", c.scopeView(p, f))
}

func (c *call) scopeView(p comity.Profile, f *form) scopeView {
	return scopeView{
		profileView: c.profileView(p, f), Sectors: comity.Sectors, Regions: comity.Regions,
		Scenarios: c.site.pipeline.Catalogue().Scenarios,
	}
}

func (s *site) putScope(c *call) error {
	f, err := c.form("revision", "sector", "region", "scenario")
	if err != nil {
		return err
	}
	p, changed, err := c.editable(f, func(p comity.Profile) any { return [3]any{p.Sectors, p.Regions, p.OutOfScope} })
	if err != nil {
		return err
	}
	after := p
	after.Sectors = chosen(f, "sector", comity.Sectors)
	after.Regions = chosen(f, "region", comity.Regions)
	after.OutOfScope = []comity.ScenarioID{}
	var all []string
	for _, scenario := range s.pipeline.Catalogue().Scenarios {
		all = append(all, string(scenario.ID))
		if !f.Has("scenario", string(scenario.ID)) {
			after.OutOfScope = append(after.OutOfScope, scenario.ID)
		}
	}
	chosen(f, "scenario", all)
	v := c.scopeView(p, f)
	if !f.OK() {
		return c.renderInvalid("profile/scope", v)
	}
	if !changed {
		changed, err = c.putProfile(p, after, "/profile/scope", "profile.saved")
		if !changed || err != nil {
			return err
		}
	}
	v.Changed = true
	return c.renderChanged("profile/scope", v)
}

// chosen reads the checkboxes of one name, in the order of the vocabulary; a word that is not in it is wrong.
func chosen(f *form, name string, vocabulary []string) []string {
	words := []string{}
	for _, w := range vocabulary {
		if f.Has(name, w) {
			words = append(words, w)
		}
	}
	for _, w := range f.Values(name) {
		if !slices.Contains(vocabulary, w) {
			f.Fail(name, "error.field.choice")
		}
	}
	return words
}
