package web

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"comity"
	"comity/governance"
)

func (s *site) sessionMinutes(r *routes) {
	r.handle("GET /sessions/{id}/minutes", sessionReaders, s.showMinutes)
	r.handle("GET /sessions/{id}/minutes.json", sessionReaders, s.approvedMinutes)
	r.handle("POST /sessions/{id}/approve", coChairs, s.approveMinutes)
	r.handle("POST /sessions/{id}/amendments", amenders, s.askAmendment)
	r.handle("POST /sessions/{id}/amendments/{amendment}", recordKeepers, s.answerAmendment)
	for _, ending := range documentEndings {
		agenda, minutes := "GET /sessions/{id}/agenda."+ending, "GET /sessions/{id}/minutes."+ending
		r.handle(agenda, sessionReaders, s.agendaDocument(ending))
		r.handle(minutes, sessionReaders, s.minutesDocument(ending))
	}
}

// coChairs admits those who approve minutes.
func coChairs(c *call) error { return c.require(c.viewer.Roles().Has(comity.RoleCoChair)) }

// amenders admits those who say for their organisation what is to be amended.
func amenders(c *call) error { return c.require(c.viewer.SpeaksFor(c.viewer.Org())) }

func minutesPath(id comity.GroupSessionID) string { return sessionPath(id) + "/minutes" }

// minutesView is the minutes of a session with the requests to amend them.
type minutesView struct {
	sessionView
	Parts      []minutesPart
	Attended   []attendedRow
	Quorum     []comity.QuorumSpan
	Rule       quorumView
	Amendments []amendmentRow
	Open       int // requests that are not answered
	Asks       bool
	Form       *form // of a request
	Approves   bool  // the viewer, who has not yet
	Approvals  []approvalRow
	Whole      bool // the viewer sees all that was hashed
	Altered    bool // what is kept no longer has its hash
}

// minutesPart is an item of the agenda with what was said and concluded.
type minutesPart struct {
	agendaRow
	Paragraphs  []string
	Conclusions []conclusionRow
}

// attendedRow is an organisation that attended, with its stays.
type attendedRow struct {
	Acronym, Name string
	Votes         bool
	Stays         []comity.Attendance
}

// amendmentRow is a request to amend.
type amendmentRow struct {
	comity.Amendment
	Acronym string
	About   string // title of the item; empty: the minutes as a whole
}

// approvalRow is a co-chair's approval.
type approvalRow struct {
	Acronym string
	At      time.Time
}

// pathMinutes returns the record of the session of the path for those who may read its minutes: everybody who sees the
// session once they are out, and before that who keeps them.
func (c *call) pathMinutes() (comity.Minutes, error) {
	m, err := c.pathSession()
	if err != nil {
		return m, err
	}
	if !m.Session.Held() || !minutesOut(m.Session.State) && !c.viewer.KeepsRecords() {
		return m, comity.Errorf(comity.NotFound, "there are no minutes yet")
	}
	return m, nil
}

func (s *site) showMinutes(c *call) error {
	m, err := c.pathMinutes()
	if err != nil {
		return err
	}
	v, err := c.minutesView(m)
	if err != nil {
		return err
	}
	return c.render("sessions/minutes", v)
}

func (c *call) minutesView(m comity.Minutes) (minutesView, error) {
	common, err := c.sessionView(m)
	common.Tab = "minutes"
	v := minutesView{sessionView: common, Quorum: m.Quorum, Form: formOf(nil)}
	if err != nil {
		return v, err
	}
	rows, err := c.conclusionRows(m, func(comity.Conclusion) bool { return true })
	if err != nil {
		return v, err
	}
	v.Parts = minutesParts(v.Items, rows)
	orgs, err := c.site.store.Organizations(c.ctx(), c.viewer)
	if err != nil {
		return v, err
	}
	votes, rule, err := c.quorumRule(m.Session, orgs)
	if err != nil {
		return v, err
	}
	v.Rule, v.Attended = rule, attendedRows(m.Attendance, orgs, votes)
	c.addAmendments(&v, m)
	for _, a := range m.Session.Approvals {
		v.Approvals = append(v.Approvals, approvalRow{Acronym: v.Acronyms[a.Org], At: a.At})
	}
	approved := slices.Contains(governance.ApprovedBy(m.Session), c.viewer.Org())
	v.Approves = m.Session.State == comity.SessionAmendment && c.viewer.Roles().Has(comity.RoleCoChair) && !approved
	if m.Session.State != comity.SessionApproved {
		return v, nil
	}
	_, err = c.site.store.ApprovedMinutes(c.ctx(), c.viewer, m.Session.ID)
	switch comity.KindOf(err) {
	case comity.NotFound:
		return v, nil
	default:
		v.Whole, v.Altered = err == nil, err != nil
		return v, nil
	}
}

// minutesParts puts what was said and concluded with the items.
func minutesParts(items []agendaRow, conclusions []conclusionRow) []minutesPart {
	parts := make([]minutesPart, len(items))
	for i, a := range items {
		parts[i].agendaRow = a
		for _, text := range strings.Split(a.Record, "\n") {
			if strings.TrimSpace(text) != "" {
				parts[i].Paragraphs = append(parts[i].Paragraphs, text)
			}
		}
		for _, one := range conclusions {
			if one.Item == a.ID {
				parts[i].Conclusions = append(parts[i].Conclusions, one)
			}
		}
	}
	return parts
}

// attendedRows lists the organisations that attended, in the order of the directory.
func attendedRows(stays []comity.Attendance, orgs []comity.Organization, votes func(comity.OrgID) bool) []attendedRow {
	by := map[comity.OrgID][]comity.Attendance{}
	for _, a := range stays {
		by[a.Org] = append(by[a.Org], a)
	}
	var rows []attendedRow
	for _, o := range orgs {
		if list := by[o.ID]; len(list) > 0 {
			rows = append(rows, attendedRow{Acronym: o.Acronym, Name: o.Name, Votes: votes(o.ID), Stays: list})
		}
	}
	return rows
}

// addAmendments adds the requests to amend, and whether the viewer may ask for more.
func (c *call) addAmendments(v *minutesView, m comity.Minutes) {
	titles := map[comity.AgendaItemID]string{}
	for _, a := range m.Items {
		titles[a.ID] = a.Title
	}
	for _, a := range m.Amendments {
		if a.Item != "" && titles[a.Item] == "" {
			continue // about an item that is not for the viewer
		}
		v.Amendments = append(v.Amendments, amendmentRow{Amendment: a, Acronym: v.Acronyms[a.Org], About: titles[a.Item]})
		if a.State == comity.AmendmentOpen {
			v.Open++
		}
	}
	attended := slices.ContainsFunc(m.Attendance, func(a comity.Attendance) bool { return a.Org == c.viewer.Org() })
	until := !m.Session.AmendUntil.Before(comity.DateOf(c.site.now()))
	v.Asks = m.Session.State == comity.SessionAmendment && until && attended && c.viewer.SpeaksFor(c.viewer.Org())
}

// approvedMinutes answers with approved minutes byte for byte, so that everybody can compute their hash.
func (s *site) approvedMinutes(c *call) error {
	m, err := c.pathMinutes()
	if err != nil {
		return err
	}
	text, err := s.store.ApprovedMinutes(c.ctx(), c.viewer, m.Session.ID)
	if err != nil {
		return err
	}
	v, err := c.sessionView(m)
	if err != nil {
		return err
	}
	c.attach("application/json", exportName(c, "minutes-"+fileMarking(v.Marking.String()), "json"))
	_, _ = c.w.Write(text) // who went away does not hear of it
	return nil
}

// approveMinutes notes a co-chair's approval of the minutes as they were read.
func (s *site) approveMinutes(c *call) error {
	m, err := c.pathMinutes()
	if err != nil {
		return err
	}
	f, err := c.form("revision")
	if err != nil {
		return err
	}
	if _, err := s.store.ApproveMinutes(c.ctx(), c.viewer, m.Session.ID, f.Int("revision", 1, 1<<30), s.now()); err != nil {
		return err
	}
	c.flash("session.approved_by_you")
	return c.redirect(minutesPath(m.Session.ID))
}

// askAmendment asks for an amendment on behalf of the viewer's organisation.
func (s *site) askAmendment(c *call) error {
	m, err := c.pathMinutes()
	if err != nil {
		return err
	}
	f, err := c.form("item", "text")
	if err != nil {
		return err
	}
	a := comity.Amendment{Session: m.Session.ID, Item: comity.AgendaItemID(f.Value("item")), Text: f.Required("text", comity.MaxSessionNote)}
	known := slices.ContainsFunc(m.Items, func(i comity.AgendaItem) bool { return i.ID == a.Item })
	if a.Item != "" && !known {
		f.Fail("item", "error.field.choice")
	}
	if !f.OK() {
		v, err := c.minutesView(m)
		if err != nil {
			return err
		}
		v.Form = f
		return c.renderStatus(http.StatusUnprocessableEntity, "sessions/minutes", v)
	}
	if a.ID, err = newID(comity.MakeAmendmentID); err != nil {
		return err
	}
	if _, err := s.store.PutAmendment(c.ctx(), c.viewer, a, s.now()); err != nil {
		return err
	}
	c.flash("session.amendment.asked")
	return c.redirect(minutesPath(m.Session.ID) + "#amendments")
}

// answerAmendment accepts or declines a request. What is accepted is written into the record on its own page.
func (s *site) answerAmendment(c *call) error {
	m, err := c.pathMinutes()
	if err != nil {
		return err
	}
	f, err := c.form("state", "answer")
	if err != nil {
		return err
	}
	i := slices.IndexFunc(m.Amendments, func(a comity.Amendment) bool { return string(a.ID) == c.r.PathValue("amendment") })
	if i < 0 {
		return comity.Errorf(comity.NotFound, "no such request")
	}
	answer := f.Text("answer", comity.MaxSessionNote)
	if !f.OK() {
		return comity.Errorf(comity.Invalid, "answer: want at most %d characters", comity.MaxSessionNote)
	}
	a := m.Amendments[i]
	if err := s.store.AnswerAmendment(c.ctx(), c.viewer, a.ID, comity.AmendmentState(f.Value("state")), answer); err != nil {
		return err
	}
	if f.Value("state") == string(comity.AmendmentAccepted) {
		c.flash("session.amendment.accepted_now")
	} else {
		c.flash("session.amendment.declined_now")
	}
	return c.redirect(minutesPath(m.Session.ID) + "#amendments")
}

// actionOrigin is the conclusion from which an action item follows.
type actionOrigin struct {
	Session   comity.GroupSession
	Paragraph int
	Path      string
}

// originOf returns the conclusion from which an action item follows, nil if the viewer sees none, and tightens the page's
// marking to what it tells of the session.
func (c *call) originOf(a comity.ActionItem, marking *comity.TLP) (*actionOrigin, error) {
	if a.ID == "" {
		return nil, nil
	}
	one, session, err := c.site.store.ConclusionOfAction(c.ctx(), c.viewer, a.ID)
	if comity.KindOf(err) == comity.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	o := actionOrigin{Session: session, Paragraph: one.Paragraph, Path: minutesPath(session.ID) + "#" + string(one.Item)}
	*marking = comity.Strictest(*marking, session.TLP)
	return &o, nil
}
