package web

import (
	"slices"
	"strconv"

	"comity"
)

func (s *site) workingGroups(r *routes) {
	r.handle("GET /group/working-groups/new", recorders, s.newWorkingGroup)
	r.handle("POST /group/working-groups/new", recorders, s.createWorkingGroup)
	r.handle("GET /group/working-groups/{id}", readers, s.showWorkingGroup)
	r.handle("GET /group/working-groups/{id}/edit", recorders, s.editWorkingGroup)
	r.handle("POST /group/working-groups/{id}/edit", recorders, s.saveWorkingGroup)
	r.handle("POST /group/working-groups/{id}/close", recorders, s.closeWorkingGroup)
}

// workingGroupRow is a working group as it is listed.
type workingGroupRow struct {
	comity.WorkingGroup
	ChairAcronym string
	Members      []string // acronyms, without the chair's
	Soon         bool     // it is pointed out that the mandate ends
	Over         bool     // the mandate ended, and it works on
	Spent        int      // percent of the mandate that has passed
}

func (c *call) workingGroupRow(w comity.WorkingGroup, rules *comity.BindingRules, orgs map[comity.OrgID]comity.Organization) workingGroupRow {
	row := workingGroupRow{WorkingGroup: w, ChairAcronym: orgs[w.Chair].Acronym, Over: w.Closed.IsZero() && w.Mandate.Before(c.today())}
	row.Soon = rules != nil && w.Ends(c.today(), rules.ReminderDays)
	for _, m := range w.Members {
		row.Members = append(row.Members, orgs[m].Acronym)
	}
	slices.Sort(row.Members)
	whole := max(comity.DaysBetween(w.Established, w.Mandate), 1)
	row.Spent = min(max(100*comity.DaysBetween(w.Established, c.today())/whole, 0), 100)
	return row
}

// workingGroupPage is one working group with its documents.
type workingGroupPage struct {
	view
	workingGroupRow
	Documents []comity.DocumentEntry
	Keeps     bool
}

func workingGroupPath(id comity.WorkingGroupID) string { return "/group/working-groups/" + string(id) }

// At returns where the working group is.
func (p workingGroupPage) At() string { return workingGroupPath(p.ID) }

// pathWorkingGroup returns the working group of the path, which the viewer may see.
func (c *call) pathWorkingGroup() (comity.WorkingGroup, error) {
	id, err := comity.ParseWorkingGroupID(c.r.PathValue("id"))
	if err != nil {
		return comity.WorkingGroup{}, comity.Errorf(comity.NotFound, "no such working group")
	}
	return c.site.store.WorkingGroup(c.ctx(), c.viewer, id)
}

func (s *site) showWorkingGroup(c *call) error {
	w, err := c.pathWorkingGroup()
	if err != nil {
		return err
	}
	orgs, err := s.owners(c)
	if err != nil {
		return err
	}
	rules, err := c.rulesInForce()
	if err != nil {
		return err
	}
	p := workingGroupPage{view: c.view(), workingGroupRow: c.workingGroupRow(w, rules, orgs), Keeps: c.viewer.KeepsRecords()}
	p.Marking = w.TLP
	documents, err := s.store.Documents(c.ctx(), c.viewer, comity.DocumentQuery{WorkingGroup: w.ID, Limit: 100}, c.today())
	if err != nil {
		return err
	}
	for _, d := range documents.Documents {
		p.Marking = comity.Strictest(p.Marking, d.TLP)
	}
	p.Documents = documents.Documents
	return c.render("group/working_group", p)
}

// workingGroupForm is the form of a working group.
type workingGroupForm struct {
	view
	WorkingGroup comity.WorkingGroup // as it is stored; the zero one for a new one
	Form         *form
	Orgs         []comity.Organization
	Labels       []comity.TLP
	Changed      bool // somebody else saved in between
}

func (c *call) workingGroupForm(w comity.WorkingGroup, f *form) (workingGroupForm, error) {
	v := workingGroupForm{view: c.view(), WorkingGroup: w, Form: f, Labels: documentLabels}
	v.Marking = max(comity.TLPGreen, w.TLP)
	all, err := c.site.store.Organizations(c.ctx(), c.viewer)
	for _, o := range all {
		if o.Active() || w.Belongs(o.ID) {
			v.Orgs = append(v.Orgs, o)
		}
	}
	return v, err
}

func (s *site) newWorkingGroup(c *call) error {
	year := c.today().Time().AddDate(1, 0, 0)
	v, err := c.workingGroupForm(comity.WorkingGroup{}, formOf(map[string]string{
		"tlp": comity.TLPGreen.String(), "established": c.today().String(), "mandate": comity.DateOf(year).String(),
	}))
	if err != nil {
		return err
	}
	return c.render("group/working_group_form", v)
}

func (s *site) createWorkingGroup(c *call) error {
	id, err := newID(comity.MakeWorkingGroupID)
	if err != nil {
		return err
	}
	return c.putWorkingGroup(comity.WorkingGroup{ID: id}, "group.working.made")
}

func (s *site) editWorkingGroup(c *call) error {
	w, err := c.pathWorkingGroup()
	if err != nil {
		return err
	}
	f := formOf(map[string]string{
		"name": w.Name, "purpose": w.Purpose, "tlp": w.TLP.String(), "chair": string(w.Chair), "established": w.Established.String(),
		"mandate": w.Mandate.String(), "version": strconv.Itoa(w.Version),
	})
	for _, m := range w.Members {
		f.values["members"] = append(f.values["members"], string(m))
	}
	v, err := c.workingGroupForm(w, f)
	if err != nil {
		return err
	}
	return c.render("group/working_group_form", v)
}

func (s *site) saveWorkingGroup(c *call) error {
	w, err := c.pathWorkingGroup()
	if err != nil {
		return err
	}
	return c.putWorkingGroup(w, "group.working.saved")
}

// putWorkingGroup reads the form onto a working group and stores it.
func (c *call) putWorkingGroup(w comity.WorkingGroup, done string) error {
	f, err := c.form("name", "purpose", "tlp", "chair", "members", "established", "mandate", "version")
	if err != nil {
		return err
	}
	v, err := c.workingGroupForm(w, f)
	if err != nil {
		return err
	}
	ids := organizationIDs(v.Orgs)
	w.Name, w.Purpose, w.TLP = f.Required("name", comity.MaxWorkingGroupName), f.Text("purpose", comity.MaxWorkingGroupPurpose), readLabel(f, "tlp")
	w.Chair, w.Established, w.Mandate = comity.OrgID(f.Choice("chair", ids...)), f.Date("established"), f.Date("mandate")
	w.Members = nil
	for _, m := range f.Values("members") {
		if !slices.Contains(ids, m) {
			f.Fail("members", "error.field.choice")
		}
		w.Members = append(w.Members, comity.OrgID(m))
	}
	if w.Version > 0 {
		w.Version = f.Int("version", 1, 1<<30)
	}
	if f.OK() && w.Check() != nil {
		f.Fail("mandate", "group.working.error.mandate")
	}
	if !f.OK() {
		return c.renderInvalid("group/working_group_form", v)
	}
	_, err = c.site.store.PutWorkingGroup(c.ctx(), c.viewer, w)
	if comity.KindOf(err) == comity.Conflict {
		v.Changed = true
		return c.renderStatus(statusOf(comity.Conflict), "group/working_group_form", v)
	}
	if err != nil {
		return err
	}
	c.flash(done)
	return c.redirect(workingGroupPath(w.ID))
}

// closeWorkingGroup notes that a working group works no more from today on, or that it does again.
func (s *site) closeWorkingGroup(c *call) error {
	w, err := c.pathWorkingGroup()
	if err != nil {
		return err
	}
	f, err := c.form("version")
	if err != nil {
		return err
	}
	if w.Version = f.Int("version", 1, 1<<30); !f.OK() {
		return comity.Errorf(comity.Invalid, "version: want the working group's")
	}
	done := "group.working.reopened"
	if w.Closed.IsZero() {
		w.Closed, done = later(c.today(), w.Established), "group.working.closed"
	} else {
		w.Closed = comity.Date{}
	}
	_, err = s.store.PutWorkingGroup(c.ctx(), c.viewer, w)
	return c.finish(err, done, workingGroupPath(w.ID))
}

func later(a, b comity.Date) comity.Date {
	if a.Before(b) {
		return b
	}
	return a
}
