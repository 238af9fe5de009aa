package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"comity"
	"comity/act"
)

func (s *site) review(r *routes) {
	r.handle("GET /actions/review", reviewers, s.showReview)
	r.handle("POST /actions/review", reviewers, s.confirmReview)
	r.handle("POST /actions/review/session", reviewers, s.beginReview)
	r.handle("POST /actions/{id}/review", reviewers, s.reviewAction)
}

// reviewers admits members: an executive session is closed to guests and observers.
func reviewers(c *call) error { return c.require(c.viewer.ReviewsPlan()) }

const (
	reviewAhead = 60 // days: what is due until then is walked through
	reviewPage  = 20
	reviewPicks = 40 // items that are added by hand
	keyRunes    = 64 // of the key that a browser made up
)

// reviewFields are the fields of an item that a session revises.
var reviewFields = []string{"priority", "status", "progress", "rag", "due", "note"}

// reviewView is the work-plan as a session walks it: what is due, at risk or chosen, old beside new.
type reviewView struct {
	view
	Session    comity.GroupSessionID // empty: not said yet
	Sessions   []comity.GroupSession // to choose from, the latest first
	Keeps      bool                  // the viewer may begin one
	Form       *form                 // of one to begin
	Picks      []comity.ActionID
	Scope      string // one of reviewScopes
	Unseen     bool   // only what was not looked at yet in the session
	Scopes     []string
	Items      []reviewItem
	Left       int // on all pages, that were not looked at yet
	Done       int // of this session, on all pages
	Offered    []actionChoice
	Priorities []comity.Priority
	Statuses   []comity.ActionStatus
	RAGs       []comity.RAG
	Paging     paging
	Offset     int // of the page
}

// reviewItem is one item of the walk.
type reviewItem struct {
	actionRow
	Number   int
	Key      string // new for each page, so that the same form sent twice counts once
	Base     map[string]string
	Reviewed time.Time // in this session; zero: not yet
	Changes  []historyChange
	Kept     bool // it was looked at and left as it was
}

var reviewScopes = []string{"due", "open"}

// reviewQuery reads which session walks what.
func reviewQuery(q url.Values) (reviewView, error) {
	v := reviewView{Scope: oneOf(q.Get("scope"), reviewScopes), Scopes: reviewScopes, Unseen: q.Get("unseen") != ""}
	for _, id := range q["pick"] {
		if pick, err := comity.ParseActionID(id); err == nil && len(v.Picks) < reviewPicks {
			v.Picks = append(v.Picks, pick)
		}
	}
	if text := strings.TrimSpace(q.Get("session")); text != "" {
		session, err := comity.ParseGroupSessionID(text)
		if err != nil {
			return v, comity.Errorf(comity.NotFound, "no such session")
		}
		v.Session = session
	}
	return v, nil
}

func (v reviewView) values() url.Values {
	q := url.Values{}
	if v.Session != "" {
		q.Set("session", string(v.Session))
	}
	if v.Scope != reviewScopes[0] {
		q.Set("scope", v.Scope)
	}
	if v.Unseen {
		q.Set("unseen", "1")
	}
	for _, id := range v.Picks {
		q.Add("pick", string(id))
	}
	return q
}

func (s *site) showReview(c *call) error {
	v, err := s.newReview(c)
	if err != nil {
		return err
	}
	if v.Session == "" {
		return c.render("actions/review", v)
	}
	if err := c.addReview(&v, offsetOf(c.r.URL.Query())); err != nil {
		return err
	}
	return c.render("actions/review", v)
}

// reviewSessions is how many sessions are offered.
const reviewSessions = 50

func (s *site) newReview(c *call) (reviewView, error) {
	v, err := reviewQuery(c.r.URL.Query())
	if err != nil {
		return v, err
	}
	v.view, v.Priorities, v.Statuses, v.RAGs = c.view(), comity.Priorities, comity.ActionStatuses, comity.RAGs
	v.Marking, v.Keeps = comity.TLPAmberStrict, c.viewer.KeepsRecords()
	page, err := s.store.GroupSessions(c.ctx(), c.viewer, comity.SessionQuery{Limit: reviewSessions})
	v.Sessions = page.Sessions
	return v, err
}

// beginReview begins an Executive Session of one day, for members only, in which the work-plan is walked.
func (s *site) beginReview(c *call) error {
	if err := c.require(c.viewer.KeepsRecords()); err != nil {
		return err
	}
	f, err := c.form("title", "day")
	if err != nil {
		return err
	}
	one := comity.GroupSession{
		Kind: comity.SessionExecutive, Title: f.Required("title", comity.MaxSessionTitle), State: comity.SessionDraft, TLP: comity.TLPAmber, Language: c.locale.lang,
	}
	f.Required("day", len("2006-01-02"))
	day := f.Date("day")
	if !f.OK() {
		v, err := s.newReview(c)
		if err != nil {
			return err
		}
		v.Form = f
		return c.renderInvalid("actions/review", v)
	}
	one.Starts, one.Ends = day.Time(), day.AddDays(1).Time()
	if one, err = s.openSession(c, one); err != nil {
		return err
	}
	return c.redirect("/actions/review?session=" + string(one.ID))
}

// openSession stores a session and publishes it, so that members may walk the work-plan in it.
func (s *site) openSession(c *call, one comity.GroupSession) (comity.GroupSession, error) {
	var err error
	if one.ID, err = newID(comity.MakeGroupSessionID); err != nil {
		return one, err
	}
	if one, err = s.store.PutGroupSession(c.ctx(), c.viewer, one, nil, s.now()); err != nil {
		return one, err
	}
	return s.store.MoveGroupSession(c.ctx(), c.viewer, one.ID, one.Revision, comity.SessionPublished, comity.Date{}, s.now())
}

// addReview adds the page of items: chosen ones first, then what is due or at risk, as the work-plan orders it.
func (c *call) addReview(v *reviewView, offset int) error {
	q := comity.ActionQuery{Open: true, Group: true, Limit: reviewPage, Offset: offset}
	if v.Scope == reviewScopes[0] {
		q.Attention = comity.DateOf(c.site.now()).AddDays(reviewAhead)
	}
	if v.Unseen {
		q.Unseen = v.Session
	}
	page, err := c.site.store.Actions(c.ctx(), c.viewer, q)
	if err != nil {
		return err
	}
	list := page.Actions
	if len(v.Picks) > 0 && offset == 0 && !v.Unseen {
		chosen, err := c.site.store.Actions(c.ctx(), c.viewer, comity.ActionQuery{IDs: v.Picks, Group: true, Limit: reviewPicks})
		if err != nil {
			return err
		}
		list = slices.DeleteFunc(list, func(a comity.ActionItem) bool { return slices.Contains(v.Picks, a.ID) })
		list = slices.Concat(chosen.Actions, list)
	}
	v.Offset = offset
	v.Paging = pagingOf("/actions/review", v.values(), offset, len(page.Actions), page.Total)
	if offset > 0 {
		v.Paging.Previous = pagePath("/actions/review", v.values(), max(0, offset-reviewPage))
	}
	if err := c.addReviewItems(v, list, offset); err != nil {
		return err
	}
	if v.Unseen && v.Paging.Next != "" { // what the viewer looked at by then is not there any more
		v.Paging.Next = pagePath("/actions/review", v.values(), offset+v.foreign())
	}
	reviewed, err := c.site.store.ReviewedIn(c.ctx(), c.viewer, v.Session)
	if err != nil {
		return err
	}
	v.Done = len(reviewed)
	offered, err := c.site.store.Actions(c.ctx(), c.viewer, comity.ActionQuery{Open: true, Group: true, Limit: 200})
	for _, a := range offered.Actions {
		if !slices.ContainsFunc(list, func(b comity.ActionItem) bool { return a.ID == b.ID }) && len(v.Offered) < afterOffered {
			v.Offered = append(v.Offered, actionChoice{ID: a.ID, Title: a.Title})
		}
	}
	return err
}

// foreign returns how many items of the page the viewer may not change.
func (v reviewView) foreign() int {
	n := 0
	for _, one := range v.Items {
		if !one.Edits {
			n++
		}
	}
	return n
}

func (c *call) addReviewItems(v *reviewView, list []comity.ActionItem, offset int) error {
	acronyms, err := c.acronyms()
	if err != nil {
		return err
	}
	ids := make([]comity.ActionID, len(list))
	for i, a := range list {
		ids[i] = a.ID
	}
	said, err := c.site.store.SessionRevisions(c.ctx(), c.viewer, v.Session, ids)
	if err != nil {
		return err
	}
	for i, row := range c.actionRows(list, acronyms, &v.Marking) {
		one := reviewItem{actionRow: row, Number: offset + i + 1, Base: actionValues(row.ActionItem)}
		if one.Key, err = newKey(); err != nil {
			return err
		}
		for _, r := range said[row.ID] {
			one.Reviewed = r.At
			if r.Field == comity.Reviewed {
				one.Kept = true
				continue
			}
			one.Changes = append(one.Changes, historyChange{
				Field: r.Field, Old: c.shownAction(r.Field, r.Old, acronyms), New: c.shownAction(r.Field, r.New, acronyms),
			})
		}
		if one.Reviewed.IsZero() {
			v.Left++
		}
		v.Items = append(v.Items, one)
	}
	return nil
}

// newKey makes up what a change is known by if it is sent twice.
func newKey() (string, error) {
	return newID(func(e comity.Entropy) string { return string(comity.MakeTokenID(e)) })
}

// reviewAction revises one item in a session, or notes that it stays. What somebody else changed meanwhile is merged; where
// both changed the same field, the page of the item shows both.
func (s *site) reviewAction(c *call) error {
	id, err := c.actionID()
	if err != nil {
		return err
	}
	f, err := c.form(append(append([]string{"session", "scope", "unseen", "pick", "key", "revision", "why", "keep", "base.*", "from"}, reviewFields...), actionFields...)...)
	if err != nil {
		return err
	}
	v, err := reviewQuery(f.values)
	if err != nil {
		return err
	}
	if v.Session == "" {
		return comity.Errorf(comity.Invalid, "say in which session")
	}
	reason := comity.ActionReason{Why: f.Text("why", textRunes), Session: v.Session, Key: firstRunes(f.Value("key"), keyRunes)}
	if sent, err := s.store.ActionSent(c.ctx(), c.viewer, id, reason.Key); sent || err != nil {
		if err != nil {
			return err
		}
		return c.reviewed(v, f, id)
	}
	for range mergeAttempts {
		done, err := c.mergeReview(f, id, reason)
		if err != nil && comity.KindOf(err) == comity.Conflict && !f.Flag("keep") {
			continue // somebody was quicker: merge with theirs
		}
		if err != nil || done {
			return err
		}
		return c.reviewed(v, f, id)
	}
	return comity.Errorf(comity.Conflict, "the item is being changed by many at once: try again")
}

// mergeAttempts is how often a change is merged with what others save meanwhile.
const mergeAttempts = 20

// mergeReview merges what the form says with the item as it is, and stores it; answered is true where both changed the same,
// or something is wrong, and a page was shown instead.
func (c *call) mergeReview(f *form, id comity.ActionID, reason comity.ActionReason) (answered bool, err error) {
	now, err := c.site.store.Action(c.ctx(), c.viewer, id)
	if err != nil {
		return false, err
	}
	if !c.viewer.EditsAction(now) {
		return false, comity.Errorf(comity.Forbidden, "this role never changes it")
	}
	base, mine := now, now
	for _, name := range reviewFields {
		if _, asked := f.values[name]; !asked || f.Flag("keep") {
			continue
		}
		if err := base.SetField(name, lines(f.Value("base."+name))); err != nil {
			return false, err
		}
		if err := mine.SetField(name, lines(f.Value(name))); err != nil {
			f.Fail(name, "error.field.choice")
		}
	}
	if f.Flag("keep") && f.Int("revision", 1, 1<<30) != now.Revision {
		return false, comity.Errorf(comity.Conflict, "somebody changed it meanwhile: look at it again")
	}
	if mine.Status == comity.ActionDone && base.Status != comity.ActionDone {
		mine.Progress = 100
	}
	merged, conflicts := act.Merge(base, now, mine)
	for _, p := range act.Problems(merged) {
		if p.Field != "due" || merged.Due != now.Due {
			f.Fail(p.Field, "error.field.choice")
		}
	}
	if len(conflicts) > 0 || !f.OK() {
		return true, c.reviewConflict(f, now, mine)
	}
	_, err = c.site.store.ReviseAction(c.ctx(), c.viewer, merged, reason, c.site.now())
	return false, err
}

// reviewConflict shows on the item's own page what both made of it, as a form that holds both texts.
func (c *call) reviewConflict(f *form, now, mine comity.ActionItem) error {
	whole := actionForm(actionValues(now))
	for name, values := range f.values {
		if slices.Contains(reviewFields, name) || name == "why" || name == "session" || strings.HasPrefix(name, "base.") {
			whole.values[name] = values
		}
	}
	for _, name := range actionFields {
		if _, ok := whole.values["base."+name]; !ok {
			whole.values.Set("base."+name, actionValues(now)[name])
		}
	}
	whole.wrong, whole.order = f.wrong, f.order
	if !f.OK() {
		return c.actionInvalid(whole, now)
	}
	return c.actionConflict(whole, now)
}

// reviewed goes on with the walk; a script that sent the form in the background is only told that it is stored.
func (c *call) reviewed(v reviewView, f *form, id comity.ActionID) error {
	if c.r.Header.Get("X-Requested-With") == "comity" {
		c.w.WriteHeader(http.StatusNoContent)
		return nil
	}
	c.flash("action.review.noted")
	return c.redirect(pagePath("/actions/review", v.values(), offsetOf(f.values)) + "#" + string(id))
}

// confirmReview notes of many items at once that they stay as they are.
func (s *site) confirmReview(c *call) error {
	f, err := c.form("session", "scope", "unseen", "pick", "item", "from")
	if err != nil {
		return err
	}
	v, err := reviewQuery(f.values)
	if err != nil {
		return err
	}
	if v.Session == "" {
		return comity.Errorf(comity.Invalid, "say in which session")
	}
	kept, changed := 0, 0
	for _, word := range f.Values("item")[:min(len(f.Values("item")), 2*reviewPage)] {
		one, err := c.confirmOne(word, v.Session)
		switch {
		case err == nil && one:
			kept++
		case comity.KindOf(err) == comity.Conflict && err != nil:
			changed++
		case err != nil:
			return err
		}
	}
	c.flash("action.review.confirmed", "kept", strconv.Itoa(kept), "changed", strconv.Itoa(changed))
	return c.redirect(pagePath("/actions/review", v.values(), offsetOf(f.values)))
}

// confirmOne notes that one item stays: "id revision key". Items that the viewer may not change are left out.
func (c *call) confirmOne(word string, session comity.GroupSessionID) (bool, error) {
	parts := strings.Fields(word)
	if len(parts) != 3 {
		return false, comity.Errorf(comity.Invalid, "an item is named by its identity, revision and key")
	}
	id, err := comity.ParseActionID(parts[0])
	if err != nil {
		return false, err
	}
	a, err := c.site.store.Action(c.ctx(), c.viewer, id)
	if err != nil || !c.viewer.EditsAction(a) {
		return false, err
	}
	if a.Revision, err = strconv.Atoi(parts[1]); err != nil {
		return false, comity.Errorf(comity.Invalid, "an item is named by its identity, revision and key")
	}
	_, err = c.site.store.ReviseAction(c.ctx(), c.viewer, a, comity.ActionReason{Session: session, Key: firstRunes(parts[2], keyRunes)}, c.site.now())
	return true, err
}
