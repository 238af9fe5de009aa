package web

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"comity"
	"comity/governance"
)

func (s *site) sessionLive(r *routes) {
	r.handle("GET /sessions/{id}/live", sessionReaders, s.showLive)
	r.handle("GET /sessions/{id}/live/version", sessionReaders, s.liveVersion)
	r.handle("POST /sessions/{id}/attendance", recordKeepers, s.attend)
	r.handle("POST /sessions/{id}/stays", recordKeepers, s.putStay)
	r.handle("POST /sessions/{id}/stays/delete", recordKeepers, s.deleteStay)
	r.handle("POST /sessions/{id}/floor", recordKeepers, s.putFloor)
	r.handle("POST /sessions/{id}/items/{item}/record", recordKeepers, s.saveRecord)
	r.handle("POST /sessions/{id}/items/{item}/conclusions", recordKeepers, s.conclude)
	r.handle("POST /sessions/{id}/conclusions/{conclusion}/withdraw", recordKeepers, s.withdrawConclusion)
}

// livePath is the page on which an item is recorded; without an item it is the one on the floor.
func livePath(id comity.GroupSessionID, item comity.AgendaItemID) string {
	path := sessionPath(id) + "/live"
	if item != "" {
		path += "?item=" + string(item)
	}
	return path
}

// liveView is a session as it is held: who is there, what is on the floor, what is said and concluded.
type liveView struct {
	sessionView
	Item        *agendaRow // that is recorded; nil: none is chosen
	Quorum      quorumView
	Present     []presentRow
	Absent      []comity.Organization
	Stays       []stayRow // of a session that is over, to be mended
	Conclusions []conclusionRow
	Verbs       []comity.Verb
	Outcomes    []comity.Outcome
	Priorities  []comity.Priority
	Owners      []comity.Organization // that can be asked
	InForce     []comity.Decision     // that can be superseded
	Coming      []comity.GroupSession // by which something can be due
	Form        *form                 // of a conclusion
	Record      *form                 // what was typed and could not be stored; nil: nothing
}

// quorumView is whether there is a quorum.
type quorumView struct {
	Known    bool // Terms of Reference are in force that say what a quorum is
	Revision int  // of the Terms of Reference
	Document comity.DocumentID
	Present  int // organisations that vote, now
	Need     int
	Voters   int
	Held     bool
}

// presentRow is an organisation that is there.
type presentRow struct {
	comity.Organization
	Since time.Time
	Votes bool
}

// stayRow is one stay of an organisation.
type stayRow struct {
	comity.Attendance
	Acronym string
	Key     int64 // Unix seconds of its beginning
}

// conclusionRow is a conclusion with what followed from it.
type conclusionRow struct {
	comity.Conclusion
	Says   string // "The group agreed", in the language of the record
	Number string // of the decision; empty: none, or none that the viewer sees
}

func (s *site) showLive(c *call) error {
	m, err := c.pathSession()
	if err != nil {
		return err
	}
	switch {
	case m.Session.State == comity.SessionApproved:
		return c.redirect(minutesPath(m.Session.ID))
	case !m.Session.Held():
		return c.redirect(sessionPath(m.Session.ID))
	}
	v, err := c.liveView(m, comity.AgendaItemID(c.r.URL.Query().Get("item")))
	if err != nil {
		return err
	}
	return c.render("sessions/live", v)
}

// liveView gathers the live page with the item that is asked for, or else the one on the floor, or the first.
func (c *call) liveView(m comity.Minutes, item comity.AgendaItemID) (liveView, error) {
	common, err := c.sessionView(m)
	common.Tab = "live"
	v := liveView{sessionView: common, Verbs: comity.Verbs, Outcomes: comity.Outcomes, Priorities: comity.Priorities, Form: formOf(nil)}
	if err != nil {
		return v, err
	}
	if m.Session.State == comity.SessionOpen {
		v.Live, v.Version = sessionPath(m.Session.ID)+"/live/version", recordVersion(m)
	}
	item = cmp.Or(item, m.Session.Item)
	i := slices.IndexFunc(v.Items, func(a agendaRow) bool { return a.ID == item })
	if i < 0 && item == "" && len(v.Items) > 0 {
		i = 0
	}
	if i >= 0 {
		v.Item = &v.Items[i]
	}
	if err := c.addAttendance(&v, m); err != nil {
		return v, err
	}
	if v.Conclusions, err = c.conclusionRows(m, func(one comity.Conclusion) bool { return v.Item != nil && one.Item == v.Item.ID }); err != nil {
		return v, err
	}
	if !v.EditsRecord {
		return v, nil
	}
	return v, c.addConclusionChoices(&v)
}

// recordVersion tells two states of a record apart. Who is there is drawn anew by itself.
func recordVersion(m comity.Minutes) string {
	h := fnv.New64a()
	fmt.Fprint(h, m.Session.Revision, len(m.Conclusions))
	for _, a := range m.Items {
		fmt.Fprint(h, a.ID, a.Revision)
	}
	for _, one := range m.Conclusions {
		fmt.Fprint(h, one.Withdrawn.Unix())
	}
	return strconv.FormatUint(h.Sum64(), 36)
}

func (s *site) liveVersion(c *call) error {
	m, err := c.pathSession()
	if err != nil {
		return err
	}
	c.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(c.w, recordVersion(m)) // who went away does not hear of it
	return nil
}

// addAttendance adds who is there and who is not, and what that means for the quorum.
func (c *call) addAttendance(v *liveView, m comity.Minutes) error {
	orgs, err := c.site.store.Organizations(c.ctx(), c.viewer)
	if err != nil {
		return err
	}
	votes, quorum, err := c.quorumRule(m.Session, orgs)
	if err != nil {
		return err
	}
	v.Quorum = quorum
	since := map[comity.OrgID]time.Time{}
	for _, a := range m.Attendance {
		if a.Out.IsZero() {
			since[a.Org] = a.In
		}
		v.Stays = append(v.Stays, stayRow{Attendance: a, Acronym: v.Acronyms[a.Org], Key: a.In.Unix()})
	}
	for _, o := range orgs {
		in, there := since[o.ID]
		switch {
		case there:
			v.Present = append(v.Present, presentRow{Organization: o, Since: in, Votes: votes(o.ID)})
		case o.Active() && (!m.Session.MembersOnly() || o.Kind.Contributes()):
			v.Absent = append(v.Absent, o)
		}
		if there && votes(o.ID) {
			v.Quorum.Present++
		}
		if o.Contributes() {
			v.Owners = append(v.Owners, o)
		}
	}
	v.Quorum.Held = v.Quorum.Known && v.Quorum.Present >= v.Quorum.Need
	return nil
}

// quorumRule returns which organisations vote in a session and how many must be there, by the rules of its day. Where no
// Terms of Reference were in force there is none.
func (c *call) quorumRule(one comity.GroupSession, orgs []comity.Organization) (func(comity.OrgID) bool, quorumView, error) {
	voters := map[comity.OrgID]bool{}
	votes := func(id comity.OrgID) bool { return voters[id] }
	rules, err := c.site.store.RulesInForce(c.ctx(), c.viewer, comity.DateOf(one.Starts))
	if comity.KindOf(err) == comity.NotFound {
		return votes, quorumView{}, nil
	}
	if err != nil {
		return votes, quorumView{}, err
	}
	for _, o := range orgs {
		if o.Deactivated.After(one.Starts) {
			o.Deactivated = time.Time{}
		}
		if rules.Votes(o) {
			voters[o.ID] = true
		}
	}
	q := quorumView{Known: true, Revision: rules.Revision, Document: rules.Document, Need: rules.Quorum.Of(len(voters)), Voters: len(voters)}
	return votes, q, nil
}

// conclusionRows returns those conclusions that are asked for, with the numbers of their decisions.
func (c *call) conclusionRows(m comity.Minutes, which func(comity.Conclusion) bool) ([]conclusionRow, error) {
	numbers := map[comity.DecisionID]string{}
	if slices.ContainsFunc(m.Conclusions, func(one comity.Conclusion) bool { return one.Decision != "" }) {
		for offset, more := 0, true; more; offset += 200 {
			page, err := c.site.store.Decisions(c.ctx(), c.viewer, comity.DecisionQuery{Session: m.Session.ID, Limit: 200, Offset: offset})
			if err != nil {
				return nil, err
			}
			for _, d := range page.Decisions {
				numbers[d.ID] = d.Number
			}
			more = len(page.Decisions) == 200 && offset < comity.MaxConclusions
		}
	}
	var rows []conclusionRow
	l := c.recordLocale(m.Session)
	for _, one := range m.Conclusions {
		if which(one) {
			rows = append(rows, conclusionRow{Conclusion: one, Says: l.T("session.concluded.verb." + string(one.Verb)), Number: numbers[one.Decision]})
		}
	}
	return rows, nil
}

// addConclusionChoices adds what the form of a conclusion offers.
func (c *call) addConclusionChoices(v *liveView) error {
	decisions, err := c.site.store.Decisions(c.ctx(), c.viewer, comity.DecisionQuery{Status: comity.DecisionInForce, Limit: 100})
	if err != nil {
		return err
	}
	v.InForce = slices.DeleteFunc(decisions.Decisions, func(d comity.Decision) bool { return d.MembersOnly && !v.Session.MembersOnly() })
	page, err := c.site.store.GroupSessions(c.ctx(), c.viewer, comity.SessionQuery{From: c.site.now(), Limit: upcomingSessions})
	v.Coming = slices.DeleteFunc(page.Sessions, func(one comity.GroupSession) bool {
		return one.ID == v.Session.ID || one.State == comity.SessionDraft || one.MembersOnly() && !v.Session.MembersOnly()
	})
	return err
}

// attend notes that organisations come or leave, now.
func (s *site) attend(c *call) error {
	m, err := c.pathSession()
	if err != nil {
		return err
	}
	f, err := c.form("org", "do", "item")
	if err != nil {
		return err
	}
	note := s.store.Arrive
	if f.Choice("do", "in", "out") == "out" {
		note = s.store.Leave
	}
	for _, id := range f.Values("org")[:min(len(f.Values("org")), 200)] {
		org, err := comity.ParseOrgID(id)
		if err != nil || !f.OK() {
			return comity.Errorf(comity.Invalid, "attendance: want organisations that come or leave")
		}
		if err := note(c.ctx(), c.viewer, m.Session.ID, org, s.now()); err != nil {
			return err
		}
	}
	return c.redirect(livePath(m.Session.ID, comity.AgendaItemID(f.Value("item"))) + "#attendance")
}

// putStay adds to the record of a session that is over that an organisation was there.
func (s *site) putStay(c *call) error {
	m, err := c.pathSession()
	if err != nil {
		return err
	}
	f, err := c.form("org", "came", "left")
	if err != nil {
		return err
	}
	zone := zoneOf(m.Session)
	a := comity.Attendance{Session: m.Session.ID, In: f.Time("came", zone), Out: f.Time("left", zone)}
	a.Org, err = comity.ParseOrgID(f.Value("org"))
	if err == nil && f.OK() {
		err = s.store.PutStay(c.ctx(), c.viewer, a)
	}
	switch {
	case !f.OK() || comity.KindOf(err) == comity.Invalid && err != nil:
		c.flash("session.error.stay")
	case err != nil:
		return err
	default:
		c.flash("session.stay.saved")
	}
	return c.redirect(livePath(m.Session.ID, "") + "#attendance")
}

func (s *site) deleteStay(c *call) error {
	m, err := c.pathSession()
	if err != nil {
		return err
	}
	f, err := c.form("org", "in")
	if err != nil {
		return err
	}
	in, err := strconv.ParseInt(f.Value("in"), 10, 64)
	if err != nil {
		return comity.Errorf(comity.NotFound, "no such stay")
	}
	a := comity.Attendance{Session: m.Session.ID, Org: comity.OrgID(f.Value("org")), In: time.Unix(in, 0).UTC()}
	if err := s.store.DeleteStay(c.ctx(), c.viewer, a); err != nil {
		return err
	}
	c.flash("session.stay.deleted")
	return c.redirect(livePath(m.Session.ID, "") + "#attendance")
}

// putFloor takes an item up.
func (s *site) putFloor(c *call) error {
	m, err := c.pathSession()
	if err != nil {
		return err
	}
	f, err := c.form("item")
	if err != nil {
		return err
	}
	item := comity.AgendaItemID(f.Value("item"))
	if err := s.store.PutFloor(c.ctx(), c.viewer, m.Session.ID, item); err != nil {
		return err
	}
	return c.redirect(livePath(m.Session.ID, item))
}

// saveRecord stores what was said on an item and what came of it. If somebody else stored something meanwhile both texts are
// shown.
func (s *site) saveRecord(c *call) error {
	m, a, err := c.pathItem()
	if err != nil {
		return err
	}
	f, err := c.form("record", "outcome", "revision")
	if err != nil {
		return err
	}
	record := f.Text("record", comity.MaxRecord)
	outcome := comity.Outcome(f.Value("outcome"))
	if outcome != "" && !slices.Contains(comity.Outcomes, outcome) {
		f.Fail("outcome", "error.field.choice")
	}
	read := f.Int("revision", 1, 1<<30)
	if !f.OK() {
		return c.refuseRecord(m, a.ID, f, http.StatusUnprocessableEntity)
	}
	if a.Record == record && a.Outcome == outcome {
		return c.redirect(livePath(m.Session.ID, a.ID))
	}
	if read != a.Revision {
		return c.refuseRecord(m, a.ID, f, http.StatusConflict)
	}
	a.Record, a.Outcome = record, outcome
	if _, err := s.store.PutAgendaItem(c.ctx(), c.viewer, a, s.now()); err != nil {
		if comity.KindOf(err) == comity.Conflict && governance.EditsRecord(m.Session.State) {
			return c.refuseRecord(m, a.ID, f, http.StatusConflict)
		}
		return err
	}
	c.flash("session.record.saved")
	return c.redirect(livePath(m.Session.ID, a.ID))
}

// refuseRecord shows the page again with what was typed beside what is stored.
func (c *call) refuseRecord(m comity.Minutes, item comity.AgendaItemID, f *form, status int) error {
	m, err := c.site.store.Minutes(c.ctx(), c.viewer, m.Session.ID)
	if err != nil {
		return err
	}
	v, err := c.liveView(m, item)
	if err != nil {
		return err
	}
	v.Record = f
	return c.renderStatus(status, "sessions/live", v)
}

var conclusionFields = []string{"verb", "text", "supersedes", "owner", "action", "priority", "due", "by"}

// conclude draws a conclusion on an item, with the decision and the action item that follow from it.
func (s *site) conclude(c *call) error {
	m, a, err := c.pathItem()
	if err != nil {
		return err
	}
	f, err := c.form(conclusionFields...)
	if err != nil {
		return err
	}
	one := comity.Conclusion{Session: m.Session.ID, Item: a.ID, Text: f.Required("text", comity.MaxConclusionText)}
	verbs := make([]string, len(comity.Verbs))
	for i, verb := range comity.Verbs {
		verbs[i] = string(verb)
	}
	one.Verb = comity.Verb(f.Choice("verb", verbs...))
	if f.Value("supersedes") != "" {
		if one.Supersedes, err = comity.ParseDecisionID(f.Value("supersedes")); err != nil || !one.Verb.Decides() {
			f.Fail("supersedes", "session.error.supersedes")
		}
	}
	asked, err := c.readAsked(f, one)
	if err != nil {
		return err
	}
	if !f.OK() {
		v, err := c.liveView(m, a.ID)
		if err != nil {
			return err
		}
		v.Form = f
		return c.renderInvalid("sessions/live", v)
	}
	if one.ID, err = newID(comity.MakeConclusionID); err != nil {
		return err
	}
	decision, err := newID(comity.MakeDecisionID)
	if err != nil {
		return err
	}
	if one, err = s.store.PutConclusion(c.ctx(), c.viewer, one, decision, asked, s.now()); err != nil {
		return err
	}
	if one.Provisional && one.Decision != "" {
		c.flash("session.concluded.provisional")
	} else {
		c.flash("session.concluded.done")
	}
	return c.redirect(livePath(m.Session.ID, a.ID) + "#conclusions")
}

// readAsked reads whom a conclusion asks to act; nil: nobody. What is due by a session is due on its first day.
func (c *call) readAsked(f *form, one comity.Conclusion) (*comity.Asked, error) {
	owner := f.Value("owner")
	if owner == "" {
		return nil, nil
	}
	if !one.Verb.Asks() {
		f.Fail("owner", "session.error.asks")
		return nil, nil
	}
	org, err := comity.ParseOrgID(owner)
	if err != nil {
		f.Fail("owner", "error.field.choice")
	}
	asked := &comity.Asked{Owner: org, Title: f.Required("action", textRunes), Due: f.Date("due"), Priority: comity.PriorityMedium}
	if p := comity.Priority(f.Value("priority")); slices.Contains(comity.Priorities, p) {
		asked.Priority = p
	}
	if f.Value("by") != "" {
		id, err := comity.ParseGroupSessionID(f.Value("by"))
		if err != nil {
			f.Fail("by", "error.field.choice")
			return asked, nil
		}
		by, err := c.site.store.GroupSession(c.ctx(), c.viewer, id)
		if err != nil {
			return nil, err
		}
		asked.Session = by.ID
		if asked.Due.IsZero() {
			asked.Due = comity.DateOf(by.Starts)
		}
	}
	asked.Action, err = newID(comity.MakeActionID)
	return asked, err
}

func (s *site) withdrawConclusion(c *call) error {
	m, err := c.pathSession()
	if err != nil {
		return err
	}
	if _, err := c.form(); err != nil {
		return err
	}
	i := slices.IndexFunc(m.Conclusions, func(one comity.Conclusion) bool { return string(one.ID) == c.r.PathValue("conclusion") })
	if i < 0 {
		return comity.Errorf(comity.NotFound, "no such conclusion")
	}
	if err := s.store.WithdrawConclusion(c.ctx(), c.viewer, m.Conclusions[i].ID, s.now()); err != nil {
		return err
	}
	c.flash("session.conclusion.withdrawn")
	return c.redirect(livePath(m.Session.ID, m.Conclusions[i].Item) + "#conclusions")
}
