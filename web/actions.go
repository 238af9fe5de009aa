package web

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"comity"
	"comity/act"
)

func (s *site) actions(r *routes) {
	r.handle("GET /actions", people, s.showPlan)
	r.handle("GET /actions.csv", people, s.planCSV)
	r.handle("GET /actions.xlsx", people, s.planXLSX)
	r.handle("GET /actions.pdf", people, s.planDocument("pdf"))
	r.handle("GET /actions.docx", people, s.planDocument("docx"))
	r.handle("GET /actions.html", people, s.planDocument("html"))
	r.handle("POST /actions/filters", people, s.keepFilter)
	r.handle("GET /actions/new", people, s.newAction)
	r.handle("POST /actions/new", people, s.createAction)
	r.handle("GET /actions/{id}", people, s.showAction)
	r.handle("POST /actions/{id}", people, s.editAction)
	r.handle("POST /actions/{id}/status", people, s.moveAction)
}

// actionMarking is the label under which a page shows an item: a private one is its organisation's only, whatever its own
// label says.
func actionMarking(a comity.ActionItem) comity.TLP {
	if a.Audience == comity.AudienceGroup {
		return a.TLP
	}
	return comity.Strictest(a.TLP, ownMarking)
}

// acronyms returns those of all organisations of the directory.
func (c *call) acronyms() (map[comity.OrgID]string, error) {
	orgs, err := c.site.store.Organizations(c.ctx(), c.viewer)
	acronyms := map[comity.OrgID]string{}
	for _, o := range orgs {
		acronyms[o.ID] = o.Acronym
	}
	return acronyms, err
}

// actionFields are the fields of an item that its form changes, in the order in which they are compared. They are also
// the names of the item's fields in its revisions, and keys under "action.field.".
var actionFields = []string{
	"title", "kind", "note", "owner", "responsible", "contributors", "audience", "tlp", "priority", "status", "progress", "rag", "start", "due",
	"effort", "after", "control", "project",
}

// actionView is the page of one action item, or of a new one.
type actionView struct {
	view
	Action        comity.ActionItem // as it is stored; the zero item for a new one
	Owner         string            // acronym
	Overdue       bool
	New           bool
	Edits         bool
	Form          *form
	Base          map[string]string // what the form began with, by field
	Owners        []comity.Organization
	Organizations []comity.Organization // that may help
	Colleagues    []comity.Person       // who may be responsible; nil: not for the viewer to see
	Responsible   string                // name, for those who may see it
	Helpers       string                // acronyms of the contributors
	After         []actionChoice        // what it waits for, and could
	Waiting       []actionChoice        // what waits for it
	Project       comity.Project        // of which it is a part; the zero project: of none that the viewer sees
	Projects      []comity.Project      // of which it could be
	Priorities    []comity.Priority
	Kinds         []comity.ActionKind
	RAGs          []comity.RAG
	Statuses      []comity.ActionStatus
	Labels        []comity.TLP
	Mitigations   []comity.Mitigation
	ThreatName    string                // of the threat that it is about, if the viewer sees it
	Match         *comity.Match         // what it touches, if the viewer sees it
	Effect        *comity.Improvement   // what it would remove for the viewer\'s organisation; nil: nothing is known
	Removed       *comity.ActionEffect  // what it did remove, once it is done; nil: nothing was kept
	Session       comity.GroupSessionID // in which it is being changed; empty: in none
	Origin        *actionOrigin         // nil: it follows from no conclusion that the viewer sees
	Conflict      []conflictRow
	History       []historyEntry
}

// Done returns the progress as a share, 0..1.
func (v actionView) Done() float64 { return float64(v.Action.Progress) / 100 }

// conflictRow compares one field of an item that somebody else changed in the meantime.
type conflictRow struct {
	Field              string
	Base, Theirs, Mine string // as shown
	Differs            bool   // both changed it, to different values
}

// historyEntry is what one person saved at one time.
type historyEntry struct {
	At      time.Time
	Person  comity.PersonID
	Who     string // name of the person, or the acronym of their organisation
	Own     bool   // Who is a name
	Why     string
	Session bool // it was said in a session of the group
	Kept    bool // it was looked at and left as it is
	Created bool // the item came to be; what it began with is not listed
	Changes []historyChange
}

func (e historyEntry) holds(r comity.ActionRevision) bool {
	return e.At.Equal(r.At) && e.Person == r.Person && e.Why == r.Why
}

// historyChange is one field that was changed, as shown.
type historyChange struct {
	Field    string
	Old, New string
}

// actionID parses the item's identity in the path.
func (c *call) actionID() (comity.ActionID, error) {
	id, err := comity.ParseActionID(c.r.PathValue("id"))
	if err != nil {
		return "", comity.Errorf(comity.NotFound, "no such action item")
	}
	return id, nil
}

func (s *site) showAction(c *call) error {
	id, err := c.actionID()
	if err != nil {
		return err
	}
	a, err := s.store.Action(c.ctx(), c.viewer, id)
	if err != nil {
		return err
	}
	v, err := c.actionView(a)
	if err != nil {
		return err
	}
	v.Base = actionValues(a)
	v.Form = actionForm(v.Base)
	return c.render("actions/show", v)
}

// actionView gathers what the page of an item shows besides its form.
func (c *call) actionView(a comity.ActionItem) (actionView, error) {
	v := actionView{
		view: c.view(), Action: a, New: a.ID == "", Edits: c.viewer.EditsAction(a), Priorities: comity.Priorities, Kinds: comity.ActionKinds, RAGs: comity.RAGs,
		Statuses: comity.ActionStatuses, Labels: []comity.TLP{comity.TLPClear, comity.TLPGreen, comity.TLPAmber, comity.TLPAmberStrict, comity.TLPRed},
	}
	v.Marking = actionMarking(a)
	v.Overdue = a.IsOpen() && !a.Due.IsZero() && a.Due.Before(comity.DateOf(c.site.now()))
	orgs, err := c.site.store.Organizations(c.ctx(), c.viewer)
	if err != nil {
		return v, err
	}
	for _, o := range orgs {
		if o.ID == a.Owner {
			v.Owner = o.Acronym
		}
		if o.ID == c.viewer.Org() || o.ID == a.Owner || c.assigns() && o.Contributes() {
			v.Owners = append(v.Owners, o)
		}
	}
	k, err := c.site.store.Knowledge(c.ctx(), c.viewer)
	if err != nil {
		return v, err
	}
	v.Mitigations = k.Mitigations
	if v.Origin, err = c.originOf(a, &v.Marking); err != nil {
		return v, err
	}
	if err := c.addActionSubjects(&v); err != nil {
		return v, err
	}
	if err := c.addActionPeople(&v, orgs); err != nil {
		return v, err
	}
	if err := c.addActionProject(&v); err != nil {
		return v, err
	}
	if v.After, err = c.afterChoices(a, a.After); err != nil {
		return v, err
	}
	if !v.New {
		if err := c.addWaiting(&v); err != nil {
			return v, err
		}
		if v.Effect, err = c.effectOf(a); err != nil {
			return v, err
		}
		if v.Removed, err = c.keptEffectOf(a); err != nil {
			return v, err
		}
		v.History, err = c.actionHistory(a, orgs)
	}
	return v, err
}

// addActionPeople adds who is responsible and who helps, and who could.
func (c *call) addActionPeople(v *actionView, orgs []comity.Organization) error {
	for _, o := range orgs {
		if o.Contributes() || slices.Contains(v.Action.Contributors, o.ID) {
			v.Organizations = append(v.Organizations, o)
		}
		if slices.Contains(v.Action.Contributors, o.ID) {
			v.Helpers += o.Acronym + " "
		}
	}
	if !c.viewer.SeesResponsible(v.Action) {
		return nil
	}
	people, err := c.site.store.People(c.ctx(), c.viewer, v.Action.Owner)
	for _, p := range people {
		if p.ID == v.Action.Responsible {
			v.Responsible = p.Name
		}
		if p.Active() || p.ID == v.Action.Responsible {
			v.Colleagues = append(v.Colleagues, p)
		}
	}
	return err
}

// addWaiting adds the items that wait for this one.
func (c *call) addWaiting(v *actionView) error {
	ids, err := c.site.store.Waiting(c.ctx(), c.viewer, v.Action.ID)
	if err != nil || len(ids) == 0 {
		return err
	}
	page, err := c.site.store.Actions(c.ctx(), c.viewer, comity.ActionQuery{IDs: ids, Limit: pageSize})
	for _, a := range page.Actions {
		v.Waiting = append(v.Waiting, actionChoice{ID: a.ID, Title: a.Title})
	}
	return err
}

// assigns reports whether the viewer may make other organisations the owner of one of the group's items.
func (c *call) assigns() bool {
	return c.viewer.Roles().Has(comity.RoleCoChair, comity.RoleSecretariat)
}

// addActionSubjects adds what the item is about, as far as the viewer sees it: to other organisations the group's item
// does not tell which of the owner's software it touches.
func (c *call) addActionSubjects(v *actionView) error {
	if v.Action.Threat != "" {
		t, err := c.site.store.Threat(c.ctx(), c.viewer, v.Action.Threat)
		switch {
		case err == nil:
			v.ThreatName = threatTitle(t)
		case comity.KindOf(err) != comity.NotFound:
			return err
		}
	}
	if v.Action.Match != "" {
		m, err := c.site.store.Match(c.ctx(), c.viewer, v.Action.Match)
		switch {
		case err == nil:
			v.Match = &m
		case comity.KindOf(err) != comity.NotFound:
			return err
		}
	}
	return nil
}

// actionHistory lists who changed what, newest first, one entry for each saving. People of other organisations are shown
// by their organisation.
func (c *call) actionHistory(a comity.ActionItem, orgs []comity.Organization) ([]historyEntry, error) {
	revisions, err := c.site.store.ActionRevisions(c.ctx(), c.viewer, a.ID)
	if err != nil {
		return nil, err
	}
	people, err := c.site.store.People(c.ctx(), c.viewer, c.viewer.Org())
	if err != nil {
		return nil, err
	}
	acronyms := map[comity.OrgID]string{}
	for _, o := range orgs {
		acronyms[o.ID] = o.Acronym
	}
	var entries []historyEntry
	for _, r := range revisions {
		if n := len(entries); n == 0 || !entries[n-1].holds(r) {
			e := historyEntry{At: r.At, Person: r.Person, Why: r.Why, Session: r.Session != "", Kept: r.Field == comity.Reviewed, Who: acronyms[r.Org], Created: n == 0 && r.At.Equal(a.Created)}
			for _, p := range people {
				if p.ID == r.Person {
					e.Who, e.Own = p.Name, true
				}
			}
			entries = append(entries, e)
		}
		last := &entries[len(entries)-1]
		if !last.Created && r.Field != "match" && r.Field != "after" && r.Field != comity.Reviewed {
			last.Changes = append(last.Changes, historyChange{
				Field: r.Field, Old: c.shownAction(r.Field, r.Old, acronyms), New: c.shownAction(r.Field, r.New, acronyms),
			})
		}
	}
	slices.Reverse(entries)
	return entries, nil
}

// shownAction writes the value of a field as people read it.
func (c *call) shownAction(name, value string, acronyms map[comity.OrgID]string) string {
	switch name {
	case "priority":
		return c.locale.word("action.priority", value, "")
	case "status":
		return c.locale.word("action.status", value, "")
	case "kind":
		return c.locale.word("action.kind", value, "")
	case "rag":
		return c.locale.word("action.rag", value, "")
	case "contributors":
		return c.shownOrganizations(value, acronyms)
	case "project":
		return c.shownProject(comity.ProjectID(value))
	case "responsible":
		return c.shownPerson(comity.PersonID(value))
	case "audience":
		if value == "" {
			value = "owner"
		}
		return c.locale.word("action.audience", value, "")
	case "scenario":
		return c.locale.word("scenario", value, "name")
	case "owner":
		if a, ok := acronyms[comity.OrgID(value)]; ok {
			return a
		}
	case "threat":
		return comity.ThreatID(value).Key()
	case "due", "start":
		if d, err := comity.ParseDate(value); err == nil {
			return c.locale.Date(d)
		}
	}
	return value
}

// shownOrganizations writes a list of identities as acronyms.
func (c *call) shownOrganizations(value string, acronyms map[comity.OrgID]string) string {
	words := strings.Fields(value)
	for i, id := range words {
		words[i] = cmp.Or(acronyms[comity.OrgID(id)], id)
	}
	return strings.Join(words, " ")
}

// shownPerson writes the name of somebody whom the viewer may see.
func (c *call) shownPerson(id comity.PersonID) string {
	if id == "" {
		return ""
	}
	p, err := c.site.store.Person(c.ctx(), c.viewer, id)
	if err != nil {
		return c.t("action.field.responsible_gone")
	}
	return p.Name
}

// actionValues returns the fields of an item as its form holds them.
func actionValues(a comity.ActionItem) map[string]string {
	audience := string(a.Audience)
	if a.Audience == comity.AudienceOwner {
		audience = "owner"
	}
	return map[string]string{
		"title": a.Title, "note": a.Note, "owner": string(a.Owner), "audience": audience, "tlp": a.TLP.String(),
		"priority": string(a.Priority), "status": string(a.Status), "progress": strconv.Itoa(a.Progress),
		"due": a.Due.String(), "control": a.Control, "kind": string(a.Kind), "rag": string(a.RAG), "start": a.Start.String(),
		"effort": effortText(a.Effort), "responsible": string(a.Responsible), "contributors": strings.Join(stringsOf(a.Contributors), " "),
		"after": strings.Join(stringsOf(a.After), " "), "project": string(a.Project),
	}
}

// actionErrors are the sentences for what act.Problems finds wrong.
var actionErrors = map[string]string{
	"start": "action.error.start", "title": "action.error.title", "note": "action.error.note", "tlp": "action.error.tlp", "due": "action.error.due",
}

// readAction reads the form onto an item, and notes what is wrong. What is done has progress 100.
func (c *call) readAction(f *form, a comity.ActionItem) comity.ActionItem {
	before := a
	a.Title = f.Text("title", act.MaxTitle)
	a.Note = f.Text("note", act.MaxNote)
	a.Owner = comity.OrgID(f.Value("owner"))
	a.Audience = comity.AudienceOwner
	if f.Choice("audience", "owner", string(comity.AudienceGroup)) == string(comity.AudienceGroup) {
		a.Audience = comity.AudienceGroup
	}
	label, err := parseLabel(f.Value("tlp"))
	if err != nil {
		f.Fail("tlp", "error.field.choice")
	}
	a.TLP = label
	a.Priority = comity.Priority(f.Choice("priority", stringsOf(comity.Priorities)...))
	a.Status = comity.ActionStatus(f.Choice("status", stringsOf(comity.ActionStatuses)...))
	a.Progress = f.Int("progress", 0, 100)
	if a.Status == comity.ActionDone {
		a.Progress = 100
	}
	a.Due = f.Date("due")
	a.Control = f.Text("control", 20)
	c.readPlan(f, &a)
	if a.Owner != c.viewer.Org() && a.Owner != before.Owner && !(a.Audience == comity.AudienceGroup && c.assigns()) {
		f.Fail("owner", "action.error.owner")
	}
	if a.Due == before.Due {
		a.Due = comity.Date{} // an overdue item may be changed without a new date
	}
	for _, p := range act.Problems(a) {
		f.Fail(p.Field, cmp.Or(actionErrors[p.Field], "error.field.choice"), "max", actionLimit[p.Field])
	}
	a.Due = f.Date("due")
	return a
}

// readPlan reads what the work-plan needs to know of an item.
func (c *call) readPlan(f *form, a *comity.ActionItem) {
	a.Kind = comity.ActionKind(f.Choice("kind", append([]string{""}, stringsOf(comity.ActionKinds)...)...))
	a.RAG = comity.RAG(f.Choice("rag", append([]string{""}, stringsOf(comity.RAGs)...)...))
	a.Start = f.Date("start")
	a.Effort = 0
	if strings.TrimSpace(f.Value("effort")) != "" {
		a.Effort = f.Int("effort", 0, comity.MaxEffort)
	}
	if c.viewer.SeesResponsible(*a) {
		a.Responsible = comity.PersonID(f.Value("responsible"))
	}
	a.Contributors, a.After = nil, nil
	for _, id := range f.Values("contributors") {
		org, err := comity.ParseOrgID(id)
		if err != nil {
			f.Fail("contributors", "error.field.choice")
		}
		if org != a.Owner {
			a.Contributors = append(a.Contributors, org)
		}
	}
	for _, id := range f.Values("after") {
		before, err := comity.ParseActionID(id)
		if err != nil {
			f.Fail("after", "error.field.choice")
		}
		a.After = append(a.After, before)
	}
	slices.Sort(a.Contributors)
	slices.Sort(a.After)
	c.readActionProject(f, a)
}

var actionLimit = map[string]int{"title": act.MaxTitle, "note": act.MaxNote}

// parseLabel reads a TLP label; empty is no label.
func parseLabel(s string) (comity.TLP, error) {
	if s == "" {
		return comity.TLPUnmarked, nil
	}
	return comity.ParseTLP(s)
}

func stringsOf[T ~string](words []T) []string {
	s := make([]string, 0, len(words))
	for _, w := range words {
		s = append(s, string(w))
	}
	return s
}

// actionFormFields are the fields that the form of an item may have.
func actionFormFields() []string {
	return append([]string{"revision", "why", "base.*", "match", "threat", "scenario", "session"}, actionFields...)
}

func (s *site) editAction(c *call) error {
	id, err := c.actionID()
	if err != nil {
		return err
	}
	a, err := s.store.Action(c.ctx(), c.viewer, id)
	if err != nil {
		return err
	}
	if !c.viewer.EditsAction(a) {
		return comity.Errorf(comity.Forbidden, "this role never changes it")
	}
	f, err := c.form(actionFormFields()...)
	if err != nil {
		return err
	}
	revision := f.Int("revision", 1, 1<<30)
	if revision != a.Revision {
		return c.actionConflict(f, a)
	}
	changed := c.readAction(f, a)
	why := f.Text("why", textRunes)
	if err := c.withinThreat(f, changed); err != nil {
		return err
	}
	if !f.OK() {
		return c.actionInvalid(f, a)
	}
	if changed.SameFields(a) {
		c.flash("action.unchanged")
		return c.redirect("/actions/" + string(id))
	}
	if !c.viewer.EditsAction(changed) {
		return comity.Errorf(comity.Forbidden, "this change would take the item out of your hands")
	}
	reason := comity.ActionReason{Why: why}
	if f.Value("session") != "" {
		if reason.Session, err = comity.ParseGroupSessionID(f.Value("session")); err != nil {
			return err
		}
	}
	_, err = s.store.ReviseAction(c.ctx(), c.viewer, changed, reason, s.now())
	if comity.KindOf(err) == comity.Conflict {
		if a, err = s.store.Action(c.ctx(), c.viewer, id); err == nil {
			return c.actionConflict(f, a)
		}
	}
	if refusedField(f, err) {
		return c.actionInvalid(f, a)
	}
	if err != nil {
		return err
	}
	c.flash("action.saved")
	return c.redirect("/actions/" + string(id))
}

// refusedField notes at its field what the store refused: people who are not of the owner, and items to wait for.
func refusedField(f *form, err error) bool {
	if comity.KindOf(err) != comity.Invalid {
		return false
	}
	for _, name := range []string{"responsible", "contributors", "after"} {
		if strings.HasPrefix(err.Error(), name+":") {
			f.Fail(name, "action.error."+name)
		}
	}
	return !f.OK()
}

// withinThreat fails the label of an item for the group that is wider than that of the threat that it is about. The store
// refuses it too; here the form says so at its field.
func (c *call) withinThreat(f *form, a comity.ActionItem) error {
	if a.Audience != comity.AudienceGroup || a.Threat == "" {
		return nil
	}
	t, err := c.site.store.Threat(c.ctx(), c.viewer, a.Threat)
	if err != nil && comity.KindOf(err) != comity.NotFound {
		return err
	}
	if comity.Strictest(a.TLP, t.Marking.TLP) != a.TLP {
		f.Fail("tlp", "action.error.tlp_threat")
	}
	return nil
}

// actionInvalid shows the form again with what is wrong.
func (c *call) actionInvalid(f *form, a comity.ActionItem) error {
	v, err := c.actionView(a)
	if err != nil {
		return err
	}
	v.Form, v.Base = f, baseOf(f)
	v.Session, _ = comity.ParseGroupSessionID(f.Value("session")) // what is none is left out
	return c.renderInvalid("actions/show", v)
}

// baseOf returns what a form began with, from its own hidden fields.
func baseOf(f *form) map[string]string {
	base := map[string]string{}
	for _, name := range actionFields {
		base[name] = f.Value("base." + name)
	}
	return base
}

// actionConflict shows what both made of the item. The form then holds the three-way merge: fields that only they
// changed have their value, all others the user's own; nothing that was typed is lost.
func (c *call) actionConflict(f *form, now comity.ActionItem) error {
	v, err := c.actionView(now)
	if err != nil {
		return err
	}
	acronyms, err := c.acronyms()
	if err != nil {
		return err
	}
	theirs, base := actionValues(now), baseOf(f)
	merged := map[string]string{"why": f.Value("why")}
	for _, name := range actionFields {
		mine := lines(fieldText(f, name))
		was, is := lines(base[name]), lines(theirs[name])
		merged[name] = mine
		switch {
		case mine == was:
			merged[name] = is
		case name == "note" && mine != is:
			merged[name], _ = act.MergeText(was, is, mine)
		}
		if mine != is || was != is {
			v.Conflict = append(v.Conflict, conflictRow{
				Field: name, Base: c.shownAction(name, was, acronyms), Theirs: c.shownAction(name, is, acronyms),
				Mine: c.shownAction(name, mine, acronyms), Differs: mine != was && is != was && mine != is,
			})
		}
	}
	v.Form, v.Base = actionForm(merged), theirs
	v.Session, _ = comity.ParseGroupSessionID(f.Value("session")) // what is none is left out
	return c.renderStatus(statusOf(comity.Conflict), "actions/show", v)
}

// lines undoes what a browser does to line breaks.
func lines(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")) }

func (s *site) newAction(c *call) error {
	if err := c.require(c.acts()); err != nil {
		return err
	}
	a, err := c.prefilledAction(c.r.URL.Query())
	if err != nil {
		return err
	}
	v, err := c.actionView(a)
	if err != nil {
		return err
	}
	v.Edits = true
	v.Base = actionValues(a)
	v.Form = actionForm(v.Base)
	return c.render("actions/show", v)
}

func (s *site) createAction(c *call) error {
	if err := c.require(c.acts()); err != nil {
		return err
	}
	f, err := c.form(actionFormFields()...)
	if err != nil {
		return err
	}
	a, err := c.prefilledAction(url.Values{"match": f.Values("match"), "threat": f.Values("threat"), "scenario": f.Values("scenario")})
	if err != nil {
		return err
	}
	a = c.readAction(f, a)
	why := f.Text("why", textRunes)
	if err := c.withinThreat(f, a); err != nil {
		return err
	}
	if !f.OK() {
		v, err := c.actionView(a)
		if err != nil {
			return err
		}
		v.Edits, v.Form, v.Base = true, f, actionValues(a)
		return c.renderInvalid("actions/show", v)
	}
	a.By, a.Revision = c.viewer.Person(), 0
	if !c.viewer.EditsAction(a) {
		return comity.Errorf(comity.Forbidden, "this role may make action items of the group only")
	}
	if a.ID, err = newID(comity.MakeActionID); err != nil {
		return err
	}
	made, err := s.store.PutAction(c.ctx(), c.viewer, a, why, s.now())
	if refusedField(f, err) {
		v, err := c.actionView(comity.ActionItem{Owner: a.Owner, Audience: a.Audience, Match: a.Match, Threat: a.Threat, Scenario: a.Scenario})
		if err != nil {
			return err
		}
		v.Edits, v.Form, v.Base = true, f, actionValues(a)
		return c.renderInvalid("actions/show", v)
	}
	if err != nil {
		return err
	}
	c.flash("action.created")
	return c.redirect("/actions/" + string(made.ID))
}
