package web

import "comity"

const (
	trendReleases = 12 // releases in the trend
	newsItems     = 6  // public facts on the overview
	groupActions  = 6  // open actions of the group on the overview
)

// overviewView is the system as it was last released, and what is public since.
type overviewView struct {
	view
	Last    *released // nil: nothing was released yet
	Trend   *trendChart
	News    []comity.Threat
	Source  *comity.Source // of the news
	Actions []comity.ActionItem
	Owners  map[comity.OrgID]comity.Organization
	Brief   bool // for the parent network: one calm page
	Next    *nextSession
	Late    *lateTreatments
	Meets   *meets             // the group is late in planning to meet; for who keeps its records
	Awaits  []comity.Procedure // written procedures in which the viewer's organisation has not spoken
}

// lateTreatments are those of the viewer's own organisation that are overdue. They are told by their dates alone: nothing
// on this page moves with an exposure between releases.
type lateTreatments struct{ Bare, Overdue, Waiting int }

func (s *site) overview(r *routes) {
	r.handle("GET /{$}", readers, s.showOverview)
}

func (s *site) showOverview(c *call) error {
	v := overviewView{view: c.view(), Brief: c.viewer.Roles().Has(comity.RoleParentReader)}
	v.Marking = comity.TLPGreen
	releases, err := s.store.Releases(c.ctx(), c.viewer, trendReleases)
	if err != nil {
		return err
	}
	if len(releases) > 0 {
		v.Last, v.Trend = c.released(releases[0]), c.releaseTrend(releases)
		if err := s.rankSteps(c, v.Last); err != nil {
			return err
		}
	}
	if err := s.news(c, &v); err != nil {
		return err
	}
	if v.Owners, err = s.owners(c); err != nil {
		return err
	}
	page, err := s.store.Actions(c.ctx(), c.viewer, comity.ActionQuery{Group: true, Open: true, Limit: groupActions})
	if err != nil && comity.KindOf(err) != comity.Forbidden {
		return err
	}
	v.Actions = page.Actions
	if v.Next, err = c.nextSession(&v.Marking); err != nil {
		return err
	}
	if err := c.remind(&v); err != nil {
		return err
	}
	if v.Awaits, err = c.awaiting(); err != nil {
		return err
	}
	for _, p := range v.Awaits {
		v.Marking = comity.Strictest(v.Marking, p.TLP)
	}
	if err := s.late(c, &v); err != nil {
		return err
	}
	return c.render("overview/overview", v)
}

// remind tells who keeps the records that the group must meet soon and that nothing is planned.
func (c *call) remind(v *overviewView) error {
	if !c.viewer.KeepsRecords() {
		return nil
	}
	rules, err := c.rulesInForce()
	if err != nil || rules == nil {
		return err
	}
	m, err := c.meets(rules)
	if err == nil && m.Late {
		v.Meets = &m
	}
	return err
}

// late tells who works in an organisation with overdue treatments of them; the page is then as private as they are.
func (s *site) late(c *call, v *overviewView) error {
	if !c.seesOwn() {
		return nil
	}
	plan, err := s.store.Treatments(c.ctx(), c.viewer, c.viewer.Org())
	if err != nil {
		return err
	}
	if n := plan.Overdue(comity.DateOf(s.now())); n > 0 {
		v.Late, v.Marking = &lateTreatments{Overdue: n}, max(v.Marking, ownMarking)
	}
	return nil
}

// news reads what CISA's catalogue added last: public facts, which tell nothing of any member.
func (s *site) news(c *call, v *overviewView) error {
	page, err := s.store.Threats(c.ctx(), c.viewer, comity.ThreatQuery{Source: comity.SourceKEV, Limit: newsItems})
	if err != nil {
		return err
	}
	v.News = page.Threats
	sources, err := s.store.Sources(c.ctx(), c.viewer)
	if err != nil {
		return err
	}
	for i := range sources {
		if sources[i].ID == comity.SourceKEV {
			v.Source = &sources[i]
		}
	}
	return nil
}

// owners returns the directory of the group by identity.
func (s *site) owners(c *call) (map[comity.OrgID]comity.Organization, error) {
	list, err := s.store.Organizations(c.ctx(), c.viewer)
	if err != nil {
		return nil, err
	}
	byID := make(map[comity.OrgID]comity.Organization, len(list))
	for _, o := range list {
		byID[o.ID] = o
	}
	return byID, nil
}
