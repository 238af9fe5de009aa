package web

import (
	"slices"
	"strings"

	"comity"
)

func (s *site) group(r *routes) {
	r.handle("GET /group", readers, s.showTheGroup)
	r.handle("GET /group/terms/new", administrators, s.newTerm)
	r.handle("POST /group/terms/new", administrators, s.createTerm)
}

// groupPage is what the group is: who leads it and by which rules, when it is to meet again, and what works in it.
type groupPage struct {
	view
	Secretariat   string // acronym of the organisation that supports the group; empty: not said
	Leading       []termRow
	Coming        []termRow
	Past          []termRow
	Unrecorded    []comity.Organization // that lead the group without a term on record
	Rules         *comity.BindingRules  // nil: no Terms of Reference are in force
	ReadsRules    bool                  // the viewer may read the revision that has them
	Meets         meets
	WorkingGroups []workingGroupRow
	Organizations map[comity.OrgID]comity.Organization
	Administers   bool
	Keeps         bool
}

// termRow is a term as it is listed.
type termRow struct {
	comity.Term
	Acronym string
	Soon    bool // it is pointed out that it ends
	Over    bool // it was meant to end before today, and goes on
}

// meets is when the group meets again.
type meets struct {
	Last    *comity.GroupSession // regular, that was held last; nil: none that the viewer sees
	Due     comity.Date          // by which the rules ask for the next; zero: nothing says
	Planned *comity.GroupSession // regular, the next one; nil: none that the viewer sees
	Late    bool                 // none is planned by the day on which it is due, and that is near or past
}

func (s *site) showTheGroup(c *call) error {
	p := groupPage{view: c.view(), Administers: c.viewer.Administers(), Keeps: c.viewer.KeepsRecords()}
	p.Marking = comity.TLPGreen
	var err error
	if p.Organizations, err = s.owners(c); err != nil {
		return err
	}
	p.Secretariat = p.Organizations[c.group.Secretariat].Acronym
	if err := c.addRules(&p); err != nil {
		return err
	}
	if err := c.addTerms(&p); err != nil {
		return err
	}
	if p.Meets, err = c.meets(p.Rules); err != nil {
		return err
	}
	for _, one := range []*comity.GroupSession{p.Meets.Last, p.Meets.Planned} {
		if one != nil {
			p.Marking = comity.Strictest(p.Marking, one.TLP)
		}
	}
	groups, err := s.store.WorkingGroups(c.ctx(), c.viewer)
	if err != nil {
		return err
	}
	for _, w := range groups {
		p.Marking = comity.Strictest(p.Marking, w.TLP)
		p.WorkingGroups = append(p.WorkingGroups, c.workingGroupRow(w, p.Rules, p.Organizations))
	}
	return c.render("group/show", p)
}

// addRules adds the rules in force, which everybody may know; what else their revision says has a label.
func (c *call) addRules(p *groupPage) error {
	var err error
	if p.Rules, err = c.rulesInForce(); err != nil || p.Rules == nil {
		return err
	}
	_, err = c.site.store.DocumentRevision(c.ctx(), c.viewer, p.Rules.Document, p.Rules.Revision)
	p.ReadsRules = err == nil
	if comity.KindOf(err) == comity.NotFound {
		return nil
	}
	return err
}

// rulesInForce returns the rules in force today, nil if there are none.
func (c *call) rulesInForce() (*comity.BindingRules, error) {
	rules, err := c.site.store.RulesInForce(c.ctx(), c.viewer, c.today())
	if comity.KindOf(err) == comity.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &rules, nil
}

// addTerms adds who leads the group, who will and who did.
func (c *call) addTerms(p *groupPage) error {
	terms, err := c.site.store.Terms(c.ctx(), c.viewer)
	if err != nil {
		return err
	}
	recorded := map[comity.OrgID]bool{}
	for _, t := range terms {
		row := termRow{Term: t, Acronym: p.Organizations[t.Org].Acronym}
		row.Soon = p.Rules != nil && t.RunsOut(c.today(), p.Rules.ReminderDays)
		row.Over = t.Ended.IsZero() && t.Until.Before(c.today())
		switch {
		case t.Leads(c.today()):
			p.Leading, recorded[t.Org] = append(p.Leading, row), true
		case c.today().Before(t.From):
			p.Coming = append(p.Coming, row)
		default:
			p.Past = append(p.Past, row)
		}
	}
	for _, o := range p.Organizations {
		if o.CoChair && o.Active() && !recorded[o.ID] {
			p.Unrecorded = append(p.Unrecorded, o)
		}
	}
	slices.SortFunc(p.Unrecorded, func(a, b comity.Organization) int { return strings.Compare(a.Acronym, b.Acronym) })
	return nil
}

// meets finds out when the group is to meet again, and whether it is being prepared.
func (c *call) meets(rules *comity.BindingRules) (meets, error) {
	var m meets
	held, err := c.regularSession(comity.SessionQuery{Before: c.site.now()})
	if err != nil {
		return m, err
	}
	if m.Planned, err = c.regularSession(comity.SessionQuery{From: c.site.now()}); err != nil {
		return m, err
	}
	if m.Last = held; held == nil || rules == nil {
		return m, nil
	}
	m.Due = comity.SessionDue(comity.DateOf(held.Starts), rules.SessionsPerYear)
	inTime := m.Planned != nil && !m.Due.Before(comity.DateOf(m.Planned.Starts))
	m.Late = !inTime && comity.WithinDays(m.Due, c.today(), rules.ReminderDays)
	return m, nil
}

// regularSession returns the first regular session of a selection, nil if there is none.
func (c *call) regularSession(q comity.SessionQuery) (*comity.GroupSession, error) {
	q.Kind, q.Limit = comity.SessionRegular, 1
	page, err := c.site.store.GroupSessions(c.ctx(), c.viewer, q)
	if err != nil || len(page.Sessions) == 0 {
		return nil, err
	}
	return &page.Sessions[0], nil
}

// termView is the form of a co-chair's term.
type termView struct {
	view
	Form    *form
	Orgs    []comity.Organization // that may lead the group
	Leading []comity.Organization // that hand over
	Months  int                   // that a term lasts by the rules; 0: nothing says
	Failed  string                // key of the sentence why the store refused it
}

var termFields = []string{"org", "from", "until", "over", "ended", "note"}

func (c *call) termView(f *form) (termView, error) {
	v := termView{view: c.view(), Form: f}
	v.Marking = comity.TLPGreen
	all, err := c.site.store.Organizations(c.ctx(), c.viewer)
	if err != nil {
		return v, err
	}
	for _, o := range all {
		if o.Contributes() {
			v.Orgs = append(v.Orgs, o)
		}
	}
	terms, err := c.site.store.Terms(c.ctx(), c.viewer)
	if err != nil {
		return v, err
	}
	for _, o := range all {
		if slices.ContainsFunc(terms, func(t comity.Term) bool { return t.Org == o.ID && t.Ended.IsZero() }) {
			v.Leading = append(v.Leading, o)
		}
	}
	rules, err := c.rulesInForce()
	if rules != nil {
		v.Months = rules.TermMonths
	}
	return v, err
}

func (s *site) newTerm(c *call) error {
	v, err := c.termView(nil)
	if err != nil {
		return err
	}
	until := c.today().Time().AddDate(0, max(v.Months, 12), 0)
	v.Form = formOf(map[string]string{
		"from": c.today().String(), "until": comity.DateOf(until).String(), "over": c.r.URL.Query().Get("over"), "org": c.r.URL.Query().Get("org"),
	})
	return c.render("group/term", v)
}

func (s *site) createTerm(c *call) error {
	f, err := c.form(termFields...)
	if err != nil {
		return err
	}
	v, err := c.termView(f)
	if err != nil {
		return err
	}
	t := comity.Term{From: f.Date("from"), Until: f.Date("until"), Ended: f.Date("ended"), Note: f.Text("note", 500)}
	t.Org = comity.OrgID(f.Choice("org", organizationIDs(v.Orgs)...))
	over := comity.OrgID(f.Choice("over", append(organizationIDs(v.Leading), "")...))
	if f.OK() && t.Check() != nil {
		f.Fail("until", "group.term.error.days")
	}
	if f.OK() && c.today().Before(t.Ended) {
		f.Fail("ended", "group.term.error.ended")
	}
	if !f.OK() {
		return c.renderInvalid("group/term", v)
	}
	err = s.store.PutTerm(c.ctx(), c.viewer, t, over, s.now())
	if comity.KindOf(err) == comity.Conflict {
		v.Failed = refusalKey(err, "administration.refused.conflict")
		return c.renderStatus(statusOf(comity.Conflict), "group/term", v)
	}
	if err != nil {
		return err
	}
	c.flash("group.term.saved")
	return c.redirect("/group")
}

func organizationIDs(list []comity.Organization) []string {
	ids := make([]string, len(list))
	for i, o := range list {
		ids[i] = string(o.ID)
	}
	return ids
}
