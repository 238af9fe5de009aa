package web

import (
	"net/url"
	"slices"
	"strings"

	"comity"
)

func (s *site) planChanges(r *routes) {
	r.handle("GET /actions/changes", people, s.showPlanChanges)
	r.handle("POST /actions/baselines", people, s.keepBaseline)
}

// planChangesView is what became of the work-plan between two days, or since a baseline.
type planChangesView struct {
	view
	Since, Until comity.Date
	Baseline     string // name of the one that it is compared with; empty: the days count
	Baselines    []comity.PlanBaseline
	Sessions     []comity.GroupSession // that were held, the latest first: between two of them
	From, To     *comity.GroupSession  // the two; nil: the days count
	Rows         []planChange
	Paging       paging
	Keeps        bool // the viewer names baselines
}

// planChange is what became of one item.
type planChange struct {
	actionRow
	New, Gone bool
	Changes   []historyChange
}

// changesSince is how many days are looked at where the address does not say.
const changesSince = 90

func (s *site) showPlanChanges(c *call) error {
	query := c.r.URL.Query()
	today := comity.DateOf(s.now())
	v := planChangesView{view: c.view(), Since: dayOf(query, "since", today.AddDays(-changesSince)), Until: dayOf(query, "until", today), Keeps: c.viewer.KeepsPlan()}
	v.Marking = comity.TLPClear
	var err error
	if v.Baselines, err = s.store.PlanBaselines(c.ctx(), c.viewer); err != nil {
		return err
	}
	from := endOfDay(v.Since)
	if i := slices.IndexFunc(v.Baselines, func(b comity.PlanBaseline) bool { return b.Name == query.Get("baseline") }); i >= 0 {
		v.Baseline, from = v.Baselines[i].Name, v.Baselines[i].At
		v.Since = comity.DateOf(from)
	}
	until := endOfDay(v.Until)
	if v.Sessions, err = c.sessionsHeld(); err != nil {
		return err
	}
	if v.From = sessionNamed(v.Sessions, query.Get("from_session")); v.From != nil {
		from, v.Since, v.Baseline = v.From.Ends, comity.DateOf(v.From.Ends), ""
		v.Marking = comity.Strictest(v.Marking, v.From.TLP)
	}
	if v.To = sessionNamed(v.Sessions, query.Get("to_session")); v.To != nil {
		until, v.Until = v.To.Ends, comity.DateOf(v.To.Ends)
		v.Marking = comity.Strictest(v.Marking, v.To.TLP)
	}
	offset := offsetOf(query)
	found, err := s.store.PlanDifferences(c.ctx(), c.viewer, from, until, changesPage, offset)
	if err != nil {
		return err
	}
	if v.Rows, err = c.planChangeRows(found.Items, &v.Marking); err != nil {
		return err
	}
	v.Paging = pagingOf("/actions/changes", query, offset, min(changesPage, max(0, found.Total-offset)), found.Total)
	if offset > 0 {
		v.Paging.Previous = pagePath("/actions/changes", query, max(0, offset-changesPage))
	}
	return c.render("actions/changes", v)
}

// sessionsOffered is how many sessions, the latest, the page offers to look between.
const sessionsOffered = 50

// sessionsHeld lists the sessions that the viewer sees and that are over, the latest first.
func (c *call) sessionsHeld() ([]comity.GroupSession, error) {
	if c.viewer.Roles() == 0 {
		return nil, nil
	}
	page, err := c.site.store.GroupSessions(c.ctx(), c.viewer, comity.SessionQuery{Before: c.site.now(), Limit: sessionsOffered})
	return page.Sessions, err
}

// sessionNamed returns the session of a list that has this identity, nil if none has.
func sessionNamed(list []comity.GroupSession, id string) *comity.GroupSession {
	i := slices.IndexFunc(list, func(one comity.GroupSession) bool { return string(one.ID) == id })
	if i < 0 {
		return nil
	}
	return &list[i]
}

// changesPage is how many items the page lists: each has several lines.
const changesPage = 30

// dayOf reads a day from a query; what is none is the usual one.
func dayOf(q url.Values, name string, usual comity.Date) comity.Date {
	day, err := comity.ParseDate(q.Get(name))
	if err != nil || day.IsZero() {
		return usual
	}
	return day
}

func (c *call) planChangeRows(list []comity.PlanDifference, marking *comity.TLP) ([]planChange, error) {
	acronyms, err := c.acronyms()
	if err != nil {
		return nil, err
	}
	items := make([]comity.ActionItem, len(list))
	for i, d := range list {
		items[i] = d.Item
	}
	rows := make([]planChange, 0, len(list))
	for i, row := range c.actionRows(items, acronyms, marking) {
		one := planChange{actionRow: row, New: list[i].New, Gone: list[i].Gone}
		for _, change := range list[i].Changes {
			if change.Field == "match" || change.Field == "after" {
				continue
			}
			one.Changes = append(one.Changes, historyChange{
				Field: change.Field, Old: c.shownAction(change.Field, change.Old, acronyms), New: c.shownAction(change.Field, change.New, acronyms),
			})
		}
		rows = append(rows, one)
	}
	return rows, nil
}

// keepBaseline names the work-plan as it is now.
func (s *site) keepBaseline(c *call) error {
	if err := c.require(c.viewer.KeepsPlan()); err != nil {
		return err
	}
	f, err := c.form("name", "session")
	if err != nil {
		return err
	}
	b := comity.PlanBaseline{Name: f.Required("name", savedNameRunes), At: s.now().UTC(), By: c.viewer.Person()}
	if id := strings.TrimSpace(f.Value("session")); id != "" {
		if b.Session, err = comity.ParseGroupSessionID(id); err != nil {
			return err
		}
	}
	if !f.OK() {
		return comity.Errorf(comity.Invalid, "a name of 1 to %d characters", savedNameRunes)
	}
	if err := s.store.PutPlanBaseline(c.ctx(), c.viewer, b); err != nil {
		return err
	}
	c.flash("action.changes.kept")
	return c.redirect("/actions/changes")
}
