package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"comity"
	"comity/governance"
)

func (s *site) sessions(r *routes) {
	r.handle("GET /sessions", sessionReaders, s.listSessions)
	r.handle("GET /sessions/new", recordKeepers, s.newSession)
	r.handle("POST /sessions/new", recordKeepers, s.createSession)
	r.handle("GET /sessions/{id}", sessionReaders, s.showSession)
	r.handle("GET /sessions/{id}/edit", recordKeepers, s.editSession)
	r.handle("POST /sessions/{id}/edit", recordKeepers, s.saveSession)
	r.handle("POST /sessions/{id}/delete", recordKeepers, s.deleteSession)
	r.handle("POST /sessions/{id}/state", recordKeepers, s.moveSession)
}

// sessionReaders admits everybody who has a role; which sessions they see is the store's decision.
func sessionReaders(c *call) error { return c.require(c.viewer.Roles() != 0) }

// recordKeepers admits those who keep the group's records.
func recordKeepers(c *call) error { return c.require(c.viewer.KeepsRecords()) }

const upcomingSessions = 20 // that the list shows

// sessionsView is the list of sessions.
type sessionsView struct {
	view
	Kind     comity.SessionKind // chosen; empty: all
	Kinds    []comity.SessionKind
	Upcoming []meetingRow // the next first
	Past     []meetingRow
	Paging   paging
	Keeps    bool
}

// meetingRow is a session in a list.
type meetingRow struct {
	comity.GroupSession
	When  string
	Days  int // until it begins; 0: today, or it has begun
	Hosts string
}

func (s *site) listSessions(c *call) error {
	query, now := c.r.URL.Query(), s.now()
	v := sessionsView{view: c.view(), Keeps: c.viewer.KeepsRecords(), Kinds: comity.SessionKinds}
	v.Marking = comity.TLPClear
	if kind := comity.SessionKind(query.Get("kind")); slices.Contains(comity.SessionKinds, kind) {
		v.Kind = kind
	}
	next, err := s.store.GroupSessions(c.ctx(), c.viewer, comity.SessionQuery{Kind: v.Kind, From: now, Limit: upcomingSessions})
	if err != nil {
		return err
	}
	offset := offsetOf(query)
	past, err := s.store.GroupSessions(c.ctx(), c.viewer, comity.SessionQuery{Kind: v.Kind, Before: now, Limit: pageSize, Offset: offset})
	if err != nil {
		return err
	}
	if v.Upcoming, err = c.meetingRows(next.Sessions, &v.Marking); err != nil {
		return err
	}
	if v.Past, err = c.meetingRows(past.Sessions, &v.Marking); err != nil {
		return err
	}
	v.Paging = pagingOf("/sessions", url.Values{"kind": {string(v.Kind)}}, offset, len(v.Past), past.Total)
	return c.render("sessions/list", v)
}

// meetingRows returns sessions for a list, and tightens the marking of the page to what it shows.
func (c *call) meetingRows(list []comity.GroupSession, marking *comity.TLP) ([]meetingRow, error) {
	acronyms, err := c.acronyms()
	rows := make([]meetingRow, len(list))
	for i, one := range list {
		rows[i] = meetingRow{
			GroupSession: one, When: clockOf(c.locale, one).When(one), Days: daysUntil(c.site.now(), one.Starts), Hosts: hostNames(one, acronyms),
		}
		*marking = comity.Strictest(*marking, one.TLP)
	}
	return rows, err
}

// hostNames lists the acronyms of a session's hosts, the first host first.
func hostNames(one comity.GroupSession, acronyms map[comity.OrgID]string) string {
	names := make([]string, len(one.Hosts))
	for i, o := range one.Hosts {
		names[i] = acronyms[o]
	}
	return strings.Join(names, ", ")
}

// daysUntil counts the days from today to the day of a time; 0 if it is today or over.
func daysUntil(now, at time.Time) int {
	const day = 24 * time.Hour
	return max(0, int(at.UTC().Truncate(day).Sub(now.UTC().Truncate(day))/day))
}

// pathSession returns the session of the path with its record, as the viewer sees both.
func (c *call) pathSession() (comity.Minutes, error) {
	id, err := comity.ParseGroupSessionID(c.r.PathValue("id"))
	if err != nil {
		return comity.Minutes{}, comity.Errorf(comity.NotFound, "no such session")
	}
	return c.site.store.Minutes(c.ctx(), c.viewer, id)
}

func sessionPath(id comity.GroupSessionID) string { return "/sessions/" + string(id) }

// sessionView is what the pages of one session have in common.
type sessionView struct {
	view
	sessionClock
	Session     comity.GroupSession
	Items       []agendaRow
	Acronyms    map[comity.OrgID]string
	Hosts       string
	States      []comity.SessionState
	Next        []comity.SessionState // to which it can be moved, the usual one first
	Until       comity.Date           // offered as the last day for amendments
	Days        int
	Minutes     int // that the agenda takes
	Beyond      int // minutes by which it takes longer than the session of one day
	Keeps       bool
	EditsAgenda bool
	EditsRecord bool
	Reviews     bool // the viewer walks the work-plan in it
	Out         bool // the minutes are out
	Tab         string
	HasRecord   bool // there is a page on which it is recorded, for the viewer to look at
	HasMinutes  bool // there are minutes for the viewer to read
	Endings     []string
	Previous    *comity.GroupSession // whose unfinished items it takes up; nil: none that the viewer sees
}

// agendaRow is an item of the agenda as it is shown.
type agendaRow struct {
	comity.AgendaItem
	Begins time.Time          // by the times before it; zero: no running clock
	Later  *comity.AgendaItem // of a later session that carries it on; nil: none that the viewer sees
	Last   bool
}

// sessionView returns what the pages of a session have in common. The page carries the strictest label of what it shows.
func (c *call) sessionView(m comity.Minutes) (sessionView, error) {
	one := m.Session
	v := sessionView{
		view: c.view(), sessionClock: clockOf(c.locale, one), Session: one, Keeps: c.viewer.KeepsRecords(), Days: daysUntil(c.site.now(), one.Starts),
		States: comity.SessionStates, Endings: documentEndings, Out: minutesOut(one.State),
	}
	v.EditsAgenda, v.EditsRecord = v.Keeps && governance.EditsAgenda(one.State), v.Keeps && governance.EditsRecord(one.State)
	v.Reviews = c.viewer.ReviewsPlan() && one.State != comity.SessionDraft && one.State != comity.SessionApproved
	v.HasRecord = one.Held() && one.State != comity.SessionApproved
	v.HasMinutes = one.Held() && (v.Out || v.Keeps)
	v.Marking = one.TLP
	v.Items, v.Minutes = runningAgenda(m)
	for _, a := range m.Items {
		v.Marking = comity.Strictest(v.Marking, a.TLP)
	}
	if room := int(one.Ends.Sub(one.Starts) / time.Minute); !v.days {
		v.Beyond = max(0, v.Minutes-room)
	}
	if v.Keeps {
		v.Next = governance.Next(one.State)
	}
	var err error
	if v.Acronyms, err = c.acronyms(); err != nil {
		return v, err
	}
	v.Hosts = hostNames(one, v.Acronyms)
	if v.Until, err = c.amendmentsUntil(one); err != nil {
		return v, err
	}
	v.Previous, err = c.previousSession(one)
	return v, err
}

// minutesOut reports whether the minutes may be read by others than those who write them.
func minutesOut(s comity.SessionState) bool {
	return s == comity.SessionMinutes || s == comity.SessionAmendment || s == comity.SessionApproved
}

// runningAgenda returns the items with the time at which each begins if all before it take the minutes that were planned,
// and the minutes that they take in all. Over several days no clock runs: nobody said when a day ends.
func runningAgenda(m comity.Minutes) (rows []agendaRow, minutes int) {
	oneDay := m.Session.Ends.Sub(m.Session.Starts) <= 16*time.Hour
	for i, a := range m.Items {
		row := agendaRow{AgendaItem: a, Last: i == len(m.Items)-1}
		if oneDay && a.Minutes > 0 {
			row.Begins = m.Session.Starts.Add(time.Duration(minutes) * time.Minute)
		}
		minutes += a.Minutes
		rows = append(rows, row)
	}
	return rows, minutes
}

// defaultAmendmentDays is how long amendments are asked for where no Terms of Reference say it.
const defaultAmendmentDays = 14

// amendmentsUntil is the day that the rules suggest as the last one for amendments.
func (c *call) amendmentsUntil(one comity.GroupSession) (comity.Date, error) {
	today := comity.DateOf(c.site.now())
	rules, err := c.site.store.RulesInForce(c.ctx(), c.viewer, comity.DateOf(one.Starts))
	if comity.KindOf(err) == comity.NotFound {
		return today.AddDays(defaultAmendmentDays), nil
	}
	return today.AddDays(rules.AmendmentDays), err
}

// previousSession returns the session whose items this one takes up, nil if the viewer sees none.
func (c *call) previousSession(one comity.GroupSession) (*comity.GroupSession, error) {
	if one.Previous == "" {
		return nil, nil
	}
	previous, err := c.site.store.GroupSession(c.ctx(), c.viewer, one.Previous)
	if comity.KindOf(err) == comity.NotFound {
		return nil, nil
	}
	return &previous, err
}

func (s *site) showSession(c *call) error {
	m, err := c.pathSession()
	if err != nil {
		return err
	}
	v, err := c.sessionView(m)
	if err != nil {
		return err
	}
	v.Tab = "agenda"
	later, err := s.store.CarriedOn(c.ctx(), c.viewer, m.Session.ID)
	if err != nil {
		return err
	}
	for i, a := range v.Items {
		if next, ok := later[a.ID]; ok {
			v.Items[i].Later = &next
		}
	}
	return c.render("sessions/show", v)
}

func (s *site) deleteSession(c *call) error {
	m, err := c.pathSession()
	if err != nil {
		return err
	}
	f, err := c.form("revision")
	if err != nil {
		return err
	}
	if err := s.store.DeleteGroupSession(c.ctx(), c.viewer, m.Session.ID, f.Int("revision", 0, 1<<30)); err != nil {
		return err
	}
	c.flash("session.deleted")
	return c.redirect("/sessions")
}

// moveSession moves a session to another state. What is in the way is said on the page that asked.
func (s *site) moveSession(c *call) error {
	m, err := c.pathSession()
	if err != nil {
		return err
	}
	f, err := c.form("to", "revision", "until")
	if err != nil {
		return err
	}
	id, to := m.Session.ID, comity.SessionState(f.Value("to"))
	until := f.Date("until")
	if f.Error("until") == nil && m.Session.Revision == f.Int("revision", 1, 1<<30) {
		_, err = s.store.MoveGroupSession(c.ctx(), c.viewer, id, m.Session.Revision, to, until, s.now())
	} else {
		err = comity.Errorf(comity.Conflict, "the session was changed in between")
	}
	switch kind := comity.KindOf(err); {
	case err == nil:
		c.flash("session.moved." + string(to))
	case to == comity.SessionAmendment && kind == comity.Invalid:
		c.flash("session.error.until")
	case to == comity.SessionApproved && kind == comity.Conflict:
		c.flash("session.error.approve")
	default:
		return err
	}
	return c.redirect(afterMove(id, to))
}

// afterMove is the page on which work goes on in a state.
func afterMove(id comity.GroupSessionID, to comity.SessionState) string {
	switch to {
	case comity.SessionOpen, comity.SessionClosed:
		return livePath(id, "")
	case comity.SessionMinutes, comity.SessionAmendment, comity.SessionApproved:
		return minutesPath(id)
	default:
		return sessionPath(id)
	}
}

// nextSession is the session that the overview tells, and how far it is prepared.
type nextSession struct {
	meetingRow
	Items int  // of its agenda, that the viewer sees
	Ready bool // the agenda is out and not empty
}

// nextSession returns the next session that the viewer sees, nil if there is none, and tightens the page's marking.
func (c *call) nextSession(marking *comity.TLP) (*nextSession, error) {
	page, err := c.site.store.GroupSessions(c.ctx(), c.viewer, comity.SessionQuery{From: c.site.now(), Limit: 1})
	if err != nil || len(page.Sessions) == 0 {
		return nil, err
	}
	rows, err := c.meetingRows(page.Sessions, marking)
	if err != nil {
		return nil, err
	}
	items, err := c.site.store.AgendaItems(c.ctx(), c.viewer, rows[0].ID)
	return &nextSession{meetingRow: rows[0], Items: len(items), Ready: len(items) > 0 && rows[0].State != comity.SessionDraft}, err
}

// Of a session's times.

// sessionClock writes the times of one session as those read them who are there.
type sessionClock struct {
	locale *locale
	zone   *time.Location
	days   bool // it lasts more than one day
}

func clockOf(l *locale, one comity.GroupSession) sessionClock {
	k := sessionClock{locale: l, zone: zoneOf(one)}
	last := one.Ends.Add(-time.Second) // until midnight is within the day
	k.days = comity.DateOf(atWall(one.Starts, k.zone)) != comity.DateOf(atWall(last, k.zone))
	return k
}

// zoneOf returns the time zone in which a session is held: UTC if it names none that is known here.
func zoneOf(one comity.GroupSession) *time.Location {
	zone, err := time.LoadLocation(one.Zone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// atWall returns the time whose UTC figures are those that a clock on the wall shows.
func atWall(t time.Time, zone *time.Location) time.Time {
	_, offset := t.In(zone).Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second)
}

// When writes the days and hours of the session with its time zone.
func (k sessionClock) When(one comity.GroupSession) string {
	from, until := atWall(one.Starts, k.zone), atWall(one.Ends, k.zone)
	args := []any{
		"date", plain(k.locale.Date(comity.DateOf(from))), "from", plain(from.Format(clockTime)), "until", plain(until.Format(clockTime)),
		"zone", k.zone.String(), "last", plain(k.locale.Date(comity.DateOf(until))),
	}
	if k.days {
		return k.locale.T("session.when.days", args...)
	}
	return k.locale.T("session.when.day", args...)
}

const clockTime = "15:04"

// Clock writes a time of the session, with its day if the session has more than one; no time is "".
func (k sessionClock) Clock(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	if k.days {
		return k.moment(t)
	}
	return atWall(t, k.zone).Format(clockTime)
}

// moment writes a time with its day.
func (k sessionClock) moment(t time.Time) string {
	wall := atWall(t, k.zone)
	return k.locale.T("session.when.moment", "date", plain(k.locale.Date(comity.DateOf(wall))), "time", plain(wall.Format(clockTime)))
}

// refusal answers with the page again where what was sent cannot be stored as it is.
func refusal(err error) int {
	if comity.KindOf(err) == comity.Conflict {
		return statusOf(comity.Conflict)
	}
	return http.StatusUnprocessableEntity
}
