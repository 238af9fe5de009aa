package web

import (
	"slices"
	"time"

	"comity"
)

func (s *site) profileIncidents(r *routes) {
	r.handle("GET /profile/incidents", members, s.showIncidents)
	r.handle("POST /profile/incidents", editors, s.addIncident)
	r.handle("POST /profile/incidents/{id}/retract", editors, s.retractIncident)
}

const maxEvents = 100_000 // counted in one entry

// incidentsView is the page of one's own incidents and attempts.
type incidentsView struct {
	profileView
	Entries   []comity.Evidence // newest span first, retracted ones last
	Scenarios []comity.Scenario
	Today     comity.Date
}

// isOwnRecord reports whether an item of evidence is what an organisation itself recorded, not what it learnt.
func isOwnRecord(e comity.Evidence) bool {
	return e.Kind == comity.EvidenceIncident || e.Kind == comity.EvidenceAttempt
}

func (s *site) showIncidents(c *call) error {
	today := comity.DateOf(s.now())
	f := formOf(map[string]string{
		"kind": string(comity.EvidenceIncident), "count": "0", "from": comity.DateOf(s.now().AddDate(-3, 0, 0)).String(), "to": today.String(),
	})
	v, err := c.incidentsView(f)
	if err != nil {
		return err
	}
	return c.render("profile/incidents", v)
}

func (c *call) incidentsView(f *form) (incidentsView, error) {
	p, err := c.ownProfile()
	if err != nil {
		return incidentsView{}, err
	}
	evidence, err := c.site.store.EvidenceOf(c.ctx(), c.viewer, c.viewer.Org())
	if err != nil {
		return incidentsView{}, err
	}
	v := incidentsView{
		profileView: c.profileView(p, f), Scenarios: c.site.pipeline.Catalogue().Scenarios, Today: comity.DateOf(c.site.now()),
	}
	for _, e := range evidence {
		if isOwnRecord(e) {
			v.Entries = append(v.Entries, e)
		}
	}
	slices.SortStableFunc(v.Entries, func(a, b comity.Evidence) int {
		if (a.Retracted == nil) != (b.Retracted == nil) {
			if a.Retracted == nil {
				return -1
			}
			return 1
		}
		return b.To.Time().Compare(a.To.Time())
	})
	return v, nil
}

func (s *site) addIncident(c *call) error {
	f, err := c.form("kind", "scenario", "count", "from", "to", "note")
	if err != nil {
		return err
	}
	var scenarios []string
	for _, scenario := range s.pipeline.Catalogue().Scenarios {
		scenarios = append(scenarios, string(scenario.ID))
	}
	e := comity.Evidence{
		Org:      c.viewer.Org(),
		Scenario: comity.ScenarioID(f.Choice("scenario", scenarios...)),
		Kind:     comity.EvidenceKind(f.Choice("kind", string(comity.EvidenceIncident), string(comity.EvidenceAttempt))),
		Count:    f.Int("count", 0, maxEvents),
		From:     f.Date("from"), To: f.Date("to"),
		Weight: 1, Note: f.Text("note", 500), Recorded: s.now().UTC().Truncate(time.Second),
	}
	if e.From.IsZero() {
		f.Fail("from", "error.field.date")
	}
	if e.To.IsZero() {
		f.Fail("to", "error.field.date")
	}
	if e.To.Before(e.From) || comity.DateOf(s.now()).Before(e.To) {
		f.Fail("to", "profile.incidents.error.order")
	}
	if !f.OK() {
		v, err := c.incidentsView(f)
		if err != nil {
			return err
		}
		return c.renderInvalid("profile/incidents", v)
	}
	if e.ID, err = newID(comity.MakeEvidenceID); err != nil {
		return err
	}
	if err := s.store.PutEvidence(c.ctx(), c.viewer, e); err != nil {
		return err
	}
	c.flash("profile.incidents.added")
	return c.redirect("/profile/incidents")
}

func (s *site) retractIncident(c *call) error {
	id, err := comity.ParseEvidenceID(c.r.PathValue("id"))
	if err != nil {
		return comity.Errorf(comity.NotFound, "no such entry")
	}
	if _, err := c.form(); err != nil {
		return err
	}
	e, err := s.store.Evidence(c.ctx(), c.viewer, id)
	if err != nil {
		return err
	}
	if e.Org != c.viewer.Org() || !isOwnRecord(e) {
		return comity.Errorf(comity.NotFound, "no such entry")
	}
	if e.Retracted == nil {
		if err := s.store.RetractEvidence(c.ctx(), c.viewer, id, s.now()); err != nil {
			return err
		}
	}
	c.flash("profile.incidents.retracted_flash")
	return c.redirect("/profile/incidents")
}
