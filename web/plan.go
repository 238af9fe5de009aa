package web

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"time"

	"comity"
)

// planFilter is a selection of the work-plan and how it is shown, as its address says it. What an address says wrongly is
// left out.
type planFilter struct {
	Which    string // one of planWhich
	View     string // one of planViews
	Closed   bool   // those with nothing left to do too
	Risk     bool   // only amber and red
	Kind     comity.ActionKind
	Priority comity.Priority
	Project  comity.ProjectID
	AsOf     comity.Date // as the plan was at the end of this day; zero: as it is
	Paper    string      // of a printed timeline: "a4" or "a3"
}

var (
	planWhich = []string{"all", "needs", "mine", "helped", "group"}
	planViews = []string{"table", "board", "timeline"}
)

// needsWithin is how many days before its day an item needs somebody.
const needsWithin = 14

func planFilterOf(q url.Values) planFilter {
	f := planFilter{
		Which: oneOf(q.Get("which"), planWhich), View: oneOf(q.Get("view"), planViews), Closed: q.Get("closed") != "", Risk: q.Get("risk") != "",
		Paper: oneOf(q.Get("paper"), []string{"a4", "a3"}),
	}
	if k := comity.ActionKind(q.Get("kind")); slices.Contains(comity.ActionKinds, k) {
		f.Kind = k
	}
	if p := comity.Priority(q.Get("priority")); slices.Contains(comity.Priorities, p) {
		f.Priority = p
	}
	if p, err := comity.ParseProjectID(q.Get("project")); err == nil {
		f.Project = p
	}
	if day, err := comity.ParseDate(q.Get("as-of")); err == nil {
		f.AsOf = day
	}
	return f
}

// oneOf returns a word if it is one of these, else the first of them.
func oneOf(word string, words []string) string {
	if slices.Contains(words, word) {
		return word
	}
	return words[0]
}

// values returns the filter as an address has it, without what goes without saying.
func (f planFilter) values() url.Values {
	q := url.Values{}
	set := func(name, value, usual string) {
		if value != usual {
			q.Set(name, value)
		}
	}
	set("which", f.Which, planWhich[0])
	set("view", f.View, planViews[0])
	set("kind", string(f.Kind), "")
	set("priority", string(f.Priority), "")
	set("project", string(f.Project), "")
	set("as-of", f.AsOf.String(), "")
	set("paper", f.Paper, "a4")
	for name, on := range map[string]bool{"closed": f.Closed, "risk": f.Risk} {
		if on {
			q.Set(name, "1")
		}
	}
	return q
}

// With returns the address of the same selection with one part of it changed.
func (f planFilter) With(name, value string) string {
	q := f.values()
	q.Set(name, value)
	return pagePath("/actions", planFilterOf(q).values(), 0)
}

// File returns the address of the selection as a file.
func (f planFilter) File(kind string) string {
	q := f.values()
	q.Del("view")
	return pagePath("/actions."+kind, q, 0)
}

// moment returns the moment as of which the plan is wanted; zero: now.
func (f planFilter) moment() time.Time { return endOfDay(f.AsOf) }

// endOfDay returns the last second of a day, the zero time for no day.
func endOfDay(day comity.Date) time.Time {
	if day.IsZero() {
		return time.Time{}
	}
	return day.AddDays(1).Time().Add(-time.Second)
}

// planQuery returns what the filter selects for the viewer.
func (c *call) planQuery(f planFilter) comity.ActionQuery {
	q := comity.ActionQuery{
		Open: !f.Closed, Group: f.Which == "group", AtRisk: f.Risk, Kind: f.Kind, Priority: f.Priority, Project: f.Project, AsOf: f.moment(),
	}
	switch f.Which {
	case "mine":
		q.Owner = c.viewer.Org()
	case "helped":
		q.Contributor = c.viewer.Org()
	case "needs":
		q.Needs = comity.Needs{Org: c.viewer.Org(), Person: c.viewer.Person(), Until: comity.DateOf(c.site.now()).AddDays(needsWithin)}
	}
	return q
}

// planView is the work-plan as a table, a board or a timeline.
type planView struct {
	view
	Filter     planFilter
	Whiches    []string
	Views      []string
	Kinds      []comity.ActionKind
	Priorities []comity.Priority
	Rows       []actionRow
	Columns    []boardColumn
	Timeline   *timeline
	Paging     paging
	Saved      []savedFilter
	Query      string // of the filter, to be kept
	Acts       bool
	Own        bool
}

// savedFilter is a selection that the viewer kept.
type savedFilter struct {
	Name, Path string
	Current    bool
}

// actionRow is one line of the work-plan.
type actionRow struct {
	comity.ActionItem
	OwnerAcronym string
	Overdue      bool
	Mine         bool // the viewer is responsible
	Edits        bool
}

// Done returns the progress as a share, 0..1.
func (r actionRow) Done() float64 { return float64(r.Progress) / 100 }

func (s *site) showPlan(c *call) error {
	query := c.r.URL.Query()
	f := planFilterOf(query)
	v := planView{
		view: c.view(), Filter: f, Whiches: planWhich, Views: planViews, Kinds: comity.ActionKinds, Priorities: comity.Priorities, Acts: c.acts(), Own: c.seesOwn(),
		Query: f.values().Encode(),
	}
	if c.viewer.Org() == "" {
		v.Whiches = []string{"all", "group"}
	}
	v.Marking = comity.TLPClear
	acronyms, err := c.acronyms()
	if err != nil {
		return err
	}
	if v.Saved, err = c.savedFilters(f); err != nil {
		return err
	}
	if f.View == "board" {
		err = c.addBoard(&v, acronyms)
	} else {
		err = c.addRows(&v, query, acronyms)
	}
	if err != nil {
		return err
	}
	return c.render("actions/list", v)
}

// addRows adds one page of the selection, and its timeline if that is wanted.
func (c *call) addRows(v *planView, query url.Values, acronyms map[comity.OrgID]string) error {
	q := c.planQuery(v.Filter)
	q.Limit, q.Offset = pageSize, offsetOf(query)
	if v.Filter.View == "timeline" {
		q.Limit = timelineRows
	}
	page, err := c.site.store.Actions(c.ctx(), c.viewer, q)
	if err != nil {
		return err
	}
	v.Rows = c.actionRows(page.Actions, acronyms, &v.Marking)
	v.Paging = pagingOf("/actions", v.Filter.values(), q.Offset, len(page.Actions), page.Total)
	if v.Filter.View == "timeline" {
		v.Timeline = c.timeline(v.Rows)
		v.Paging.Previous = ""
		if q.Offset > 0 {
			v.Paging.Previous = pagePath("/actions", v.Filter.values(), max(0, q.Offset-timelineRows))
		}
	}
	return nil
}

// actionRows returns the lines of items, and makes a marking as narrow as the narrowest of them.
func (c *call) actionRows(list []comity.ActionItem, acronyms map[comity.OrgID]string, marking *comity.TLP) []actionRow {
	today := comity.DateOf(c.site.now())
	rows := make([]actionRow, 0, len(list))
	for _, a := range list {
		*marking = comity.Strictest(*marking, actionMarking(a))
		rows = append(rows, actionRow{
			ActionItem: a, OwnerAcronym: acronyms[a.Owner], Overdue: a.IsOpen() && !a.Due.IsZero() && a.Due.Before(today),
			Mine: a.Responsible != "" && a.Responsible == c.viewer.Person(), Edits: c.viewer.EditsAction(a),
		})
	}
	return rows
}

// savedFilters returns the selections that the viewer kept.
func (c *call) savedFilters(now planFilter) ([]savedFilter, error) {
	list, err := c.site.store.PlanFilters(c.ctx(), c.viewer)
	saved := make([]savedFilter, 0, len(list))
	for _, kept := range list {
		q, parsed := url.ParseQuery(kept.Query)
		if parsed != nil {
			continue // kept by an older program
		}
		f := planFilterOf(q)
		saved = append(saved, savedFilter{Name: kept.Name, Path: pagePath("/actions", f.values(), 0), Current: f == now})
	}
	return saved, err
}

// keepFilter keeps the selection that the page shows under a name, or forgets one.
func (s *site) keepFilter(c *call) error {
	f, err := c.form("name", "query", "forget")
	if err != nil {
		return err
	}
	q, err := url.ParseQuery(f.Value("query"))
	if err != nil {
		return comity.Errorf(comity.Invalid, "the selection is not readable")
	}
	selection := planFilterOf(q).values()
	back := pagePath("/actions", selection, 0)
	if name := f.Value("forget"); name != "" {
		if err := s.store.DeletePlanFilter(c.ctx(), c.viewer, name); err != nil {
			return err
		}
		c.flash("action.saved_filter.forgotten")
		return c.redirect(back)
	}
	name := f.Required("name", savedNameRunes)
	if !f.OK() {
		return comity.Errorf(comity.Invalid, "a name of 1 to %d characters", savedNameRunes)
	}
	if err := s.store.PutPlanFilter(c.ctx(), c.viewer, comity.PlanFilter{Name: name, Query: selection.Encode()}); err != nil {
		return err
	}
	c.flash("action.saved_filter.kept")
	return c.redirect(back)
}

const savedNameRunes = 60

// boardColumn is one status of the board.
type boardColumn struct {
	Status comity.ActionStatus
	Cards  []actionRow
	Total  int
	More   string                // where the rest is; empty: there is none
	Moves  []comity.ActionStatus // where its cards can go
}

// boardCards is how many items a column of the board shows.
const boardCards = 20

// addBoard adds the columns: what is open, under way and done, and what was dropped if closed items are wanted.
func (c *call) addBoard(v *planView, acronyms map[comity.OrgID]string) error {
	statuses := []comity.ActionStatus{comity.ActionOpen, comity.ActionInProgress, comity.ActionDone}
	if v.Filter.Closed {
		statuses = comity.ActionStatuses
	}
	for _, status := range statuses {
		q := c.planQuery(v.Filter)
		q.Open, q.Statuses, q.Limit = false, []comity.ActionStatus{status}, boardCards
		page, err := c.site.store.Actions(c.ctx(), c.viewer, q)
		if err != nil {
			return err
		}
		column := boardColumn{Status: status, Cards: c.actionRows(page.Actions, acronyms, &v.Marking), Total: page.Total}
		if page.Total > len(page.Actions) {
			q := v.Filter.values()
			q.Del("view")
			q.Set("closed", "1")
			column.More = pagePath("/actions", q, 0)
		}
		for _, to := range comity.ActionStatuses {
			if to != status && to != comity.ActionDropped && v.Filter.AsOf.IsZero() {
				column.Moves = append(column.Moves, to)
			}
		}
		v.Columns = append(v.Columns, column)
		v.Paging.Total += page.Total
	}
	return nil
}

// moveAction gives an item another status, from the board.
func (s *site) moveAction(c *call) error {
	id, err := c.actionID()
	if err != nil {
		return err
	}
	f, err := c.form("status", "revision", "next")
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
	status := comity.ActionStatus(f.Choice("status", stringsOf(comity.ActionStatuses)...))
	revision := f.Int("revision", 1, 1<<30)
	if !f.OK() {
		return comity.Errorf(comity.Invalid, "a status and the revision on which it was chosen")
	}
	a.Revision = revision
	if a.Status = status; status == comity.ActionDone {
		a.Progress = 100
	}
	if _, err := s.store.PutAction(c.ctx(), c.viewer, a, "", s.now()); err != nil {
		return err
	}
	c.flash("action.saved")
	return c.redirect(cmp.Or(localPath(f.Value("next")), "/actions"))
}

// planFile reads the whole selection, up to a bound, as rows of a file: a header, then a row for each item.
func (c *call) planFile() ([][]string, error) {
	acronyms, err := c.acronyms()
	if err != nil {
		return nil, err
	}
	q := c.planQuery(planFilterOf(c.r.URL.Query()))
	header := []string{"id"}
	for _, f := range (comity.ActionItem{}).Fields() {
		header = append(header, f.Name)
	}
	rows := [][]string{append(header, "created", "updated")}
	for q.Limit = planFilePage; len(rows) <= planFileRows; q.Offset += planFilePage {
		page, err := c.site.store.Actions(c.ctx(), c.viewer, q)
		if err != nil {
			return nil, err
		}
		for _, a := range page.Actions {
			rows = append(rows, planLine(a, acronyms))
		}
		if len(page.Actions) < planFilePage {
			break
		}
	}
	return rows, nil
}

const (
	planFilePage = 200
	planFileRows = 20_000
)

// planLine is an item as a row of a file: organisations by acronym, everything else as the fields are written.
func planLine(a comity.ActionItem, acronyms map[comity.OrgID]string) []string {
	line := []string{string(a.ID)}
	for _, f := range a.Fields() {
		switch f.Name {
		case "owner":
			f.Value = cmp.Or(acronyms[a.Owner], f.Value)
		case "contributors":
			f.Value = ""
			for i, o := range a.Contributors {
				if i > 0 {
					f.Value += " "
				}
				f.Value += cmp.Or(acronyms[o], string(o))
			}
		}
		line = append(line, f.Value)
	}
	updated := ""
	if !a.Updated.IsZero() {
		updated = a.Updated.Format(time.RFC3339)
	}
	return append(line, a.Created.Format(time.RFC3339), updated)
}

func (s *site) planCSV(c *call) error {
	rows, err := c.planFile()
	if err != nil {
		return err
	}
	return c.writeCSV("work-plan.csv", rows)
}

func (s *site) planXLSX(c *call) error {
	rows, err := c.planFile()
	if err != nil {
		return err
	}
	return c.writeXLSX("work-plan.xlsx", "work-plan", rows)
}

// actionChoices are items that another could wait for, as choices.
type actionChoice struct {
	ID     comity.ActionID
	Title  string
	Chosen bool
}

// afterChoices returns the items that an item waits for, and open ones that it could: at most as many as a list shows. The
// group's items wait only for those that everybody sees who sees them; the store says so, too.
func (c *call) afterChoices(a comity.ActionItem, chosen []comity.ActionID) ([]actionChoice, error) {
	var list []actionChoice
	add := func(q comity.ActionQuery, chosen bool) error {
		page, err := c.site.store.Actions(c.ctx(), c.viewer, q)
		for _, one := range page.Actions {
			known := slices.ContainsFunc(list, func(x actionChoice) bool { return x.ID == one.ID })
			if !known && one.ID != a.ID {
				list = append(list, actionChoice{one.ID, one.Title, chosen})
			}
		}
		return err
	}
	if len(chosen) > 0 {
		if err := add(comity.ActionQuery{IDs: chosen, Limit: 200}, true); err != nil {
			return nil, err
		}
	}
	q := comity.ActionQuery{Open: true, Limit: afterOffered, Group: a.Audience == comity.AudienceGroup}
	if err := add(q, false); err != nil {
		return nil, err
	}
	return list, nil
}

const afterOffered = 60

// listFields are the fields of an item whose form sends several values.
var listFields = map[string]bool{"contributors": true, "after": true}

// fieldText returns what a form says of a field of an item as the item's fields are written.
func fieldText(f *form, name string) string {
	if !listFields[name] {
		return f.Value(name)
	}
	a := comity.ActionItem{}
	for _, v := range slices.Sorted(slices.Values(f.Values(name))) {
		a.After = append(a.After, comity.ActionID(v))
	}
	for _, field := range a.Fields() {
		if field.Name == "after" {
			return field.Value
		}
	}
	return ""
}

// actionForm returns a form that shows these values of an item.
func actionForm(values map[string]string) *form {
	f := formOf(values)
	for name := range maps.Keys(listFields) {
		var a comity.ActionItem
		_ = a.SetField("after", values[name]) // of words, which can't be wrong
		f.values[name] = stringsOf(a.After)
	}
	return f
}

// effortText writes person-days for a field of a form; none is empty.
func effortText(days int) string {
	if days == 0 {
		return ""
	}
	return strconv.Itoa(days)
}
