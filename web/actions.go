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
	r.handle("GET /actions", people, s.listActions)
	r.handle("GET /actions/new", people, s.newAction)
	r.handle("POST /actions/new", people, s.createAction)
	r.handle("GET /actions/{id}", people, s.showAction)
	r.handle("POST /actions/{id}", people, s.editAction)
}

// actionsView is the list of action items.
type actionsView struct {
	view
	Which   string // one of Whiches
	Closed  bool   // those with nothing left to do too
	Whiches []string
	Rows    []actionRow
	Paging  paging
	Acts    bool
	Own     bool
}

// actionRow is one line of the list.
type actionRow struct {
	comity.ActionItem
	OwnerAcronym string
	Overdue      bool
}

// Done returns the progress as a share, 0..1.
func (r actionRow) Done() float64 { return float64(r.Progress) / 100 }

func (s *site) listActions(c *call) error {
	query := c.r.URL.Query()
	v := actionsView{view: c.view(), Acts: c.acts(), Own: c.seesOwn(), Whiches: []string{"all", "mine", "group"}, Which: query.Get("which")}
	if !slices.Contains(v.Whiches, v.Which) {
		v.Which = v.Whiches[0]
	}
	v.Closed = query.Get("closed") != ""
	q := comity.ActionQuery{Open: !v.Closed, Group: v.Which == "group", Limit: pageSize, Offset: offsetOf(query)}
	if v.Which == "mine" {
		q.Owner = c.viewer.Org()
	}
	page, err := s.store.Actions(c.ctx(), c.viewer, q)
	if err != nil {
		return err
	}
	acronyms, err := c.acronyms()
	if err != nil {
		return err
	}
	today := comity.DateOf(s.now())
	v.Marking = comity.TLPClear
	for _, a := range page.Actions {
		v.Marking = comity.Strictest(v.Marking, actionMarking(a))
		v.Rows = append(v.Rows, actionRow{
			ActionItem: a, OwnerAcronym: acronyms[a.Owner], Overdue: a.IsOpen() && !a.Due.IsZero() && a.Due.Before(today),
		})
	}
	v.Paging = pagingOf("/actions", query, q.Offset, len(page.Actions), page.Total)
	return c.render("actions/list", v)
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
var actionFields = []string{"title", "note", "owner", "audience", "tlp", "priority", "status", "progress", "due", "control"}

// actionView is the page of one action item, or of a new one.
type actionView struct {
	view
	Action      comity.ActionItem // as it is stored; the zero item for a new one
	Owner       string            // acronym
	Overdue     bool
	New         bool
	Edits       bool
	Form        *form
	Base        map[string]string // what the form began with, by field
	Owners      []comity.Organization
	Priorities  []comity.Priority
	Statuses    []comity.ActionStatus
	Labels      []comity.TLP
	Mitigations []comity.Mitigation
	ThreatName  string        // of the threat that it is about, if the viewer sees it
	Match       *comity.Match // what it touches, if the viewer sees it
	Conflict    []conflictRow
	History     []historyEntry
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
	v.Form = formOf(v.Base)
	return c.render("actions/show", v)
}

// actionView gathers what the page of an item shows besides its form.
func (c *call) actionView(a comity.ActionItem) (actionView, error) {
	v := actionView{
		view: c.view(), Action: a, New: a.ID == "", Edits: c.viewer.EditsAction(a), Priorities: comity.Priorities,
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
	if err := c.addActionSubjects(&v); err != nil {
		return v, err
	}
	if !v.New {
		v.History, err = c.actionHistory(a, orgs)
	}
	return v, err
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
			e := historyEntry{At: r.At, Person: r.Person, Why: r.Why, Who: acronyms[r.Org], Created: n == 0 && r.At.Equal(a.Created)}
			for _, p := range people {
				if p.ID == r.Person {
					e.Who, e.Own = p.Name, true
				}
			}
			entries = append(entries, e)
		}
		last := &entries[len(entries)-1]
		if !last.Created && r.Field != "match" {
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
	case "due":
		if d, err := comity.ParseDate(value); err == nil {
			return c.locale.Date(d)
		}
	}
	return value
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
		"due": a.Due.String(), "control": a.Control,
	}
}

// actionErrors are the sentences for what act.Problems finds wrong.
var actionErrors = map[string]string{
	"title": "action.error.title", "note": "action.error.note", "tlp": "action.error.tlp", "due": "action.error.due",
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
	return append([]string{"revision", "why", "base.*", "match", "threat", "scenario"}, actionFields...)
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
	_, err = s.store.PutAction(c.ctx(), c.viewer, changed, why, s.now())
	if comity.KindOf(err) == comity.Conflict {
		if a, err = s.store.Action(c.ctx(), c.viewer, id); err == nil {
			return c.actionConflict(f, a)
		}
	}
	if err != nil {
		return err
	}
	c.flash("action.saved")
	return c.redirect("/actions/" + string(id))
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
		mine := lines(f.Value(name))
		was, is := lines(base[name]), lines(theirs[name])
		merged[name] = mine
		if mine == was {
			merged[name] = is
		}
		if mine != is || was != is {
			v.Conflict = append(v.Conflict, conflictRow{
				Field: name, Base: c.shownAction(name, was, acronyms), Theirs: c.shownAction(name, is, acronyms),
				Mine: c.shownAction(name, mine, acronyms), Differs: mine != was && is != was && mine != is,
			})
		}
	}
	v.Form, v.Base = formOf(merged), theirs
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
	v.Form = formOf(v.Base)
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
	if err != nil {
		return err
	}
	c.flash("action.created")
	return c.redirect("/actions/" + string(made.ID))
}
