package web

import (
	"html/template"
	"slices"
	"strconv"
	"strings"

	"comity"
	"comity/governance"
	"comity/markdown"
)

func (s *site) procedures(r *routes) {
	r.handle("GET /procedures", readers, s.listProcedures)
	r.handle("GET /procedures/new", recorders, s.newProcedure)
	r.handle("POST /procedures/new", recorders, s.openProcedure)
	r.handle("GET /procedures/{id}", readers, s.showProcedure)
	r.handle("POST /procedures/{id}/position", readers, s.putPosition)
	r.handle("POST /procedures/{id}/extend", recorders, s.extendProcedure)
	r.handle("POST /procedures/{id}/withdraw", recorders, s.withdrawProcedure)
}

// proceduresView is the list of written procedures.
type proceduresView struct {
	view
	Procedures []procedureRow
	States     []comity.ProcedureState
	State      string
	Paging     paging
	Keeps      bool
}

// procedureRow is a procedure as it is listed.
type procedureRow struct {
	comity.Procedure
	Awaits bool // the viewer's organisation may speak and has not
	Days   int  // until the deadline, of an open one
}

var procedureStates = []comity.ProcedureState{
	comity.ProcedureOpen, comity.ProcedureAdopted, comity.ProcedureStopped, comity.ProcedureRejected, comity.ProcedureWithdrawn,
}

func (s *site) listProcedures(c *call) error {
	q := c.r.URL.Query()
	offset := offsetOf(q)
	v := proceduresView{view: c.view(), States: procedureStates, Keeps: c.viewer.KeepsRecords()}
	if state := comity.ProcedureState(q.Get("state")); slices.Contains(procedureStates, state) {
		v.State = string(state)
	}
	page, err := s.store.Procedures(c.ctx(), c.viewer, comity.ProcedureQuery{State: comity.ProcedureState(v.State), Limit: pageSize, Offset: offset})
	if err != nil {
		return err
	}
	awaits, err := c.awaiting()
	if err != nil {
		return err
	}
	v.Marking = comity.TLPClear
	for _, p := range page.Procedures {
		v.Marking = comity.Strictest(v.Marking, p.TLP)
		row := c.procedureRow(p)
		row.Awaits = slices.ContainsFunc(awaits, func(a comity.Procedure) bool { return a.ID == p.ID })
		v.Procedures = append(v.Procedures, row)
	}
	v.Paging = pagingOf("/procedures", q, offset, len(page.Procedures), page.Total)
	return c.render("procedures/list", v)
}

func (c *call) procedureRow(p comity.Procedure) procedureRow {
	return procedureRow{Procedure: p, Days: comity.DaysBetween(c.today(), comity.DateOf(p.Deadline))}
}

// awaiting lists the open procedures in which the viewer's organisation may speak and has not.
func (c *call) awaiting() ([]comity.Procedure, error) {
	return c.site.store.AwaitingPosition(c.ctx(), c.viewer, c.site.now())
}

// procedurePage is one written procedure.
type procedurePage struct {
	view
	procedureRow
	HTML     template.HTML
	Paper    *comity.Document // what it is about; nil: nothing, or nothing that the viewer may see
	Tally    comity.Verdict   // of the positions that count; frozen once it is closed
	Shares   []tallyShare
	Need     int // organisations that must speak; 0: none
	Voices   []voice
	Events   []comity.ProcedureEvent
	Said     []comity.Position // of the viewer's organisation, the last first
	Speaks   bool              // the viewer may take a position now
	Keeps    bool              // the viewer may extend or withdraw it now
	Kinds    []comity.PositionKind
	Form     *form
	Move     *form // of extending and withdrawing
	Decision *comity.Decision
}

// tallyShare is how many took a position, in percent of all who may speak, for the picture.
type tallyShare struct {
	Position comity.PositionKind
	Count    int
	From     float64 // where its bar begins, in percent
	Wide     float64 // in percent
}

// voice is an organisation that may speak, with what it said.
type voice struct {
	Organization comity.Organization
	Last         *comity.Position  // nil: it is silent
	Earlier      []comity.Position // the latest first
}

// pathProcedure returns the procedure of the path, which the viewer may see.
func (c *call) pathProcedure() (comity.Procedure, error) {
	id, err := comity.ParseProcedureID(c.r.PathValue("id"))
	if err != nil {
		return comity.Procedure{}, comity.Errorf(comity.NotFound, "no such procedure")
	}
	return c.site.store.Procedure(c.ctx(), c.viewer, id)
}

func procedurePath(id comity.ProcedureID) string { return "/procedures/" + string(id) }

// At returns where the procedure is.
func (p procedurePage) At() string { return procedurePath(p.ID) }

func (c *call) procedurePage() (procedurePage, error) {
	one, err := c.pathProcedure()
	if err != nil {
		return procedurePage{}, err
	}
	p := procedurePage{
		view: c.view(), procedureRow: c.procedureRow(one), HTML: markdown.Render(one.Text), Kinds: comity.PositionKinds, Form: formOf(nil),
		Keeps: c.viewer.KeepsRecords() && one.Accepts(c.site.now()),
	}
	p.Marking = one.TLP
	orgs, err := c.site.owners(c)
	if err != nil {
		return p, err
	}
	said, err := c.site.store.Positions(c.ctx(), c.viewer, one.ID)
	if err != nil {
		return p, err
	}
	p.addVoices(orgs, said, c.viewer.Org())
	p.Speaks = one.Accepts(c.site.now()) && c.viewer.SpeaksFor(c.viewer.Org()) && one.Rules.Votes(orgs[c.viewer.Org()])
	if p.Events, err = c.site.store.ProcedureEvents(c.ctx(), c.viewer, one.ID); err != nil {
		return p, err
	}
	p.Move = formOf(map[string]string{"version": strconv.Itoa(one.Version), "deadline": comity.DateOf(one.Deadline).AddDays(one.Days()).String()})
	return p, c.addPaper(&p)
}

// addPaper adds what the procedure is about and what it decided, as far as the viewer may see it.
func (c *call) addPaper(p *procedurePage) error {
	if p.Document != "" {
		d, err := c.site.store.Document(c.ctx(), c.viewer, p.Document)
		switch {
		case err == nil:
			p.Paper = &d
		case comity.KindOf(err) != comity.NotFound:
			return err
		}
	}
	if p.procedureRow.Decision == "" {
		return nil
	}
	d, err := c.site.store.Decision(c.ctx(), c.viewer, p.procedureRow.Decision)
	if err == nil {
		p.Decision = &d
	} else if comity.KindOf(err) != comity.NotFound {
		return err
	}
	return nil
}

// addVoices adds who may speak and what they said: those who could when it was closed, or those who can now.
func (p *procedurePage) addVoices(orgs map[comity.OrgID]comity.Organization, said []comity.Position, own comity.OrgID) {
	entitled := p.Entitled
	if p.State == comity.ProcedureOpen {
		for id, o := range orgs {
			if p.Rules.Votes(o) {
				entitled = append(entitled, id)
			}
		}
	}
	p.Tally = comity.CountPositions(entitled, said)
	if p.Verdict != nil {
		p.Tally = *p.Verdict
	}
	if p.Kind == comity.ProcedureBallot {
		p.Need = p.Rules.Quorum.Of(p.Tally.Entitled - p.Tally.Recuse)
	}
	p.Shares = tallyShares(p.Tally)
	by := map[comity.OrgID][]comity.Position{}
	for _, one := range said {
		by[one.Org] = append([]comity.Position{one}, by[one.Org]...)
	}
	p.Said = by[own]
	for _, id := range entitled {
		v := voice{Organization: orgs[id]}
		if all := by[id]; len(all) > 0 {
			v.Last, v.Earlier = &all[0], all[1:]
		}
		p.Voices = append(p.Voices, v)
	}
	slices.SortFunc(p.Voices, func(a, b voice) int { // who spoke first, then by name
		if (a.Last == nil) != (b.Last == nil) {
			if a.Last != nil {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Organization.Acronym, b.Organization.Acronym)
	})
}

// tallyShares returns the bars of the picture, in the order of the positions.
func tallyShares(v comity.Verdict) []tallyShare {
	counts := map[comity.PositionKind]int{
		comity.PositionAgree: v.Agree, comity.PositionNoObjection: v.NoObjection, comity.PositionDiscuss: v.Discuss,
		comity.PositionAbstain: v.Abstain, comity.PositionRecuse: v.Recuse,
	}
	var list []tallyShare
	at := 0.0
	for _, kind := range comity.PositionKinds {
		one := tallyShare{Position: kind, Count: counts[kind], From: at, Wide: 100 * float64(counts[kind]) / float64(max(v.Entitled, 1))}
		at += one.Wide
		list = append(list, one)
	}
	return list
}

// Silent is how many who may speak said nothing.
func (p procedurePage) Silent() int { return max(p.Tally.Entitled-p.Tally.Spoke-p.Tally.Recuse, 0) }

// IfNow is how the procedure would end if the deadline were now.
func (p procedurePage) IfNow() comity.Verdict {
	var entitled []comity.OrgID
	var said []comity.Position
	for _, v := range p.Voices {
		entitled = append(entitled, v.Organization.ID)
		if v.Last != nil {
			said = append(said, *v.Last)
		}
	}
	return governance.Decide(p.Procedure, entitled, said)
}

func (s *site) showProcedure(c *call) error {
	p, err := c.procedurePage()
	if err != nil {
		return err
	}
	if len(p.Said) > 0 {
		p.Form = formOf(map[string]string{"position": string(p.Said[0].Position), "reason": p.Said[0].Reason})
	}
	return c.render("procedures/show", p)
}

func (s *site) putPosition(c *call) error {
	p, err := c.procedurePage()
	if err != nil {
		return err
	}
	if p.Form, err = c.form("position", "reason"); err != nil {
		return err
	}
	kinds := make([]string, len(comity.PositionKinds))
	for i, k := range comity.PositionKinds {
		kinds[i] = string(k)
	}
	said := comity.Position{
		Procedure: p.ID, Org: c.viewer.Org(), Position: comity.PositionKind(p.Form.Choice("position", kinds...)),
		Reason: p.Form.Text("reason", comity.MaxReason),
	}
	if p.Form.OK() && said.Check() != nil {
		p.Form.Fail("reason", "procedure.error.reason")
	}
	if !p.Form.OK() {
		return c.renderInvalid("procedures/show", p)
	}
	done := "procedure.said"
	closed, err := s.store.PutPosition(c.ctx(), c.viewer, said, s.now())
	if closed.State == comity.ProcedureStopped {
		done = "procedure.stopped_now"
	}
	return c.finish(err, done, p.At())
}

func (s *site) extendProcedure(c *call) error {
	return c.moveProcedure("procedure.extended", func(p procedurePage, version int, why string) error {
		deadline := p.Move.Date("deadline")
		if !comity.DateOf(p.Deadline).Before(deadline) || c.today().AddDays(comity.MaxProcedureDays-1).Before(deadline) {
			p.Move.Fail("deadline", "procedure.error.later")
			return nil
		}
		_, err := s.store.ExtendProcedure(c.ctx(), c.viewer, p.ID, version, endOfDay(deadline), why, s.now())
		return err
	})
}

func (s *site) withdrawProcedure(c *call) error {
	return c.moveProcedure("procedure.withdrawn", func(p procedurePage, version int, why string) error {
		_, err := s.store.WithdrawProcedure(c.ctx(), c.viewer, p.ID, version, why, s.now())
		return err
	})
}

// moveProcedure reads why an open procedure is changed, changes it and goes back to it.
func (c *call) moveProcedure(done string, do func(p procedurePage, version int, why string) error) error {
	p, err := c.procedurePage()
	if err != nil {
		return err
	}
	if p.Move, err = c.form("version", "deadline", "why"); err != nil {
		return err
	}
	why, version := p.Move.Required("why", comity.MaxReason), p.Move.Int("version", 1, 1<<30)
	if p.Move.OK() {
		err = do(p, version, why)
	}
	if !p.Move.OK() {
		return c.renderInvalid("procedures/show", p)
	}
	return c.finish(err, done, p.At())
}

// procedureForm is the form of a new procedure.
type procedureForm struct {
	view
	Form       *form
	Rules      *comity.BindingRules // nil: none are in force, and none can be opened
	Kinds      []comity.ProcedureKind
	Thresholds []comity.Threshold
	Labels     []comity.TLP
	Papers     []paper
	Failed     string // key of the sentence why the store refused it
}

// paper is a published revision that can be asked about.
type paper struct {
	Value    string // "doc_…/2"
	Title    string
	Number   int
	Proposed bool
}

func (c *call) procedureForm(f *form) (procedureForm, error) {
	v := procedureForm{view: c.view(), Form: f, Kinds: comity.ProcedureKinds, Thresholds: comity.Thresholds, Labels: documentLabels}
	v.Marking = comity.TLPGreen
	var err error
	if v.Rules, err = c.rulesInForce(); err != nil {
		return v, err
	}
	page, err := c.site.store.Documents(c.ctx(), c.viewer, comity.DocumentQuery{Limit: 200}, c.today())
	for _, d := range page.Documents {
		v.Marking = comity.Strictest(v.Marking, d.TLP)
		if d.Latest > 0 {
			v.Papers = append(v.Papers, paper{
				Value: string(d.ID) + "/" + strconv.Itoa(d.Latest), Title: d.Title, Number: d.Latest,
				Proposed: d.Current == nil || d.Current.Number < d.Latest,
			})
		}
	}
	return v, err
}

func (s *site) newProcedure(c *call) error {
	v, err := c.procedureForm(nil)
	if err != nil {
		return err
	}
	values := map[string]string{"kind": string(comity.ProcedureSilence), "tlp": comity.TLPGreen.String(), "paper": c.r.URL.Query().Get("paper")}
	if v.Rules != nil {
		values["threshold"] = string(v.Rules.Threshold)
		values["deadline"] = c.today().AddDays(max(v.Rules.SilenceDays, v.Rules.BallotDays)).String()
	}
	for _, p := range v.Papers {
		if p.Value == values["paper"] {
			values["title"] = c.t("procedure.adopt_title", "title", p.Title, "number", p.Number)
			values["text"] = c.t("procedure.adopt_text", "title", p.Title, "number", p.Number)
		}
	}
	v.Form = formOf(values)
	return c.render("procedures/new", v)
}

func (s *site) openProcedure(c *call) error {
	f, err := c.form("kind", "title", "text", "tlp", "threshold", "deadline", "paper")
	if err != nil {
		return err
	}
	v, err := c.procedureForm(f)
	if err != nil {
		return err
	}
	if v.Rules == nil {
		v.Failed = "procedure.error.no_rules"
		return c.renderStatus(statusOf(comity.Conflict), "procedures/new", v)
	}
	p := readProcedure(f, v)
	if f.OK() {
		p.Rules = *v.Rules
		if p.CheckDeadline(s.now()) != nil {
			f.Fail("deadline", "procedure.error.deadline", "days", p.Days())
		}
		p.Rules.Threshold = comity.Threshold(f.Value("threshold"))
	}
	if !f.OK() {
		return c.renderInvalid("procedures/new", v)
	}
	if p.ID, err = newID(comity.MakeProcedureID); err != nil {
		return err
	}
	p, err = s.store.OpenProcedure(c.ctx(), c.viewer, p, s.now())
	if kind := comity.KindOf(err); kind == comity.Invalid || kind == comity.Conflict {
		v.Failed = refusalKey(err, "procedure.error.paper")
		return c.renderStatus(statusOf(kind), "procedures/new", v)
	}
	if err != nil {
		return err
	}
	c.flash("procedure.opened")
	return c.redirect(procedurePath(p.ID))
}

// readProcedure reads a procedure from its form; what is wrong is noted in it.
func readProcedure(f *form, v procedureForm) comity.Procedure {
	p := comity.Procedure{
		Kind: comity.ProcedureKind(f.Choice("kind", stringsOf(comity.ProcedureKinds)...)), Title: f.Required("title", comity.MaxProcedureTitle),
		Text: f.Required("text", comity.MaxProcedureText/4), TLP: readLabel(f, "tlp"), Deadline: endOfDay(f.Date("deadline")),
	}
	f.Choice("threshold", stringsOf(comity.Thresholds)...)
	if chosen := f.Value("paper"); chosen != "" {
		if !slices.ContainsFunc(v.Papers, func(one paper) bool { return one.Value == chosen }) {
			f.Fail("paper", "error.field.choice")
			return p
		}
		id, number, _ := strings.Cut(chosen, "/")
		p.Document = comity.DocumentID(id)
		p.Number, _ = strconv.Atoi(number) // it is one of the papers
	}
	return p
}
