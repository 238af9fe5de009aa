package web

import (
	"reflect"
	"time"

	"comity"
	"comity/governance"
	"comity/intake/indico"
	"comity/storage"
)

func (s *site) sessionsImport(r *routes) {
	r.handle("GET /sessions/import", recordKeepers, s.showSessionImport)
	r.handle("POST /sessions/import", recordKeepers, s.readSessionImport)
	r.handle("GET /sessions/import/preview", recordKeepers, s.previewSessionImport)
	r.handle("POST /sessions/import/save", recordKeepers, s.saveSessionImport)
	r.handle("POST /sessions/import/discard", recordKeepers, s.discardSessionImport)
}

// sessionImportView is the page on which a file is chosen.
type sessionImportView struct {
	view
	Form  *form
	Began bool   // there is an import that is not saved yet
	Draft string // the name of its file
	Ways  []exportWay
}

// exportWay is an address at which Indico exports an event.
type exportWay struct{ Path, Form string }

// Source: Indico's documentation of its HTTP API, https://docs.getindico.io/en/stable/http-api/.
var exportWays = []exportWay{
	{"/export/event/ID.json?detail=contributions", "json"}, {"/export/timetable/ID.json", "timetable"}, {"/export/event/ID.ics", "calendar"},
}

// sessionDraft is an event that somebody looks at before it is saved.
type sessionDraft struct {
	Name  string       `json:"name"` // of the file
	Event indico.Event `json:"event"`
}

func (c *call) sessionDraft() (sessionDraft, error) {
	body, err := c.site.store.BaselineDraft(c.ctx(), c.viewer, storage.DraftSession, c.site.now())
	if err != nil {
		return sessionDraft{}, err
	}
	return unpacked[sessionDraft](body)
}

func (c *call) sessionImportView() (sessionImportView, error) {
	v := sessionImportView{view: c.view(), Form: formOf(nil), Ways: exportWays}
	d, err := c.sessionDraft()
	if err != nil && comity.KindOf(err) != comity.NotFound {
		return v, err
	}
	v.Began, v.Draft = err == nil, d.Name
	v.Marking = comity.TLPClear
	if v.Began {
		v.Marking = comity.TLPAmberStrict
	}
	return v, nil
}

func (s *site) showSessionImport(c *call) error {
	v, err := c.sessionImportView()
	if err != nil {
		return err
	}
	return c.render("sessions/import", v)
}

const sessionPreviewPath = "/sessions/import/preview"

// readSessionImport reads a file, keeps what it says, and goes on to the preview. No session changes.
func (s *site) readSessionImport(c *call) error {
	u, err := c.upload(indico.MaxBytes+formBytes, "file")
	if err != nil {
		return err
	}
	if u.file == nil {
		v, err := c.sessionImportView()
		if err != nil {
			return err
		}
		v.Form.Fail("file", "session.import.no_file")
		return c.renderInvalid("sessions/import", v)
	}
	e, err := indico.Parse(u.file)
	if err != nil {
		return err
	}
	body, err := packed(sessionDraft{Name: u.name, Event: e})
	if err != nil {
		return err
	}
	if err := s.store.PutBaselineDraft(c.ctx(), c.viewer, storage.DraftSession, body, s.now()); err != nil {
		return err
	}
	return c.redirect(sessionPreviewPath)
}

// sessionPreview is the page that shows all that an import would do, and everything that cannot be taken over.
type sessionPreview struct {
	view
	sessionClock
	Draft    sessionDraft
	Session  comity.GroupSession // as it would be
	Again    bool                // the event was imported before
	Closed   bool                // and its session is no draft any more
	Nothing  bool                // and says nothing new
	Late     bool                // the draft was changed since the preview
	Rows     []importedRow
	Problems []sessionProblem
	Form     *form
	Kinds    []comity.SessionKind
	Labels   []comity.TLP

	items []comity.AgendaItem // of the event, without identities
}

// importedRow is an item of the agenda and what the import does to it.
type importedRow struct {
	comity.AgendaItem
	Begins time.Time // zero: not scheduled, or not of the event
	Effect string    // "new", "changed", "same", "here" or "gone"
}

// sessionProblem is one thing that cannot be taken over, in words.
type sessionProblem struct {
	indico.Problem
	Text string
}

func (s *site) previewSessionImport(c *call) error {
	v, err := c.sessionPreview()
	if err != nil && comity.KindOf(err) == comity.NotFound {
		c.flash("profile.import.gone")
		return c.redirect("/sessions/import")
	}
	if err != nil {
		return err
	}
	return c.render("sessions/preview", v)
}

// sessionPreview returns what the draft would do. The page is marked as narrowly as marks go where the event has no label
// yet, and as its session where it has.
func (c *call) sessionPreview() (sessionPreview, error) {
	d, err := c.sessionDraft()
	if err != nil {
		return sessionPreview{}, err
	}
	v := sessionPreview{view: c.view(), Draft: d, Kinds: comity.SessionKinds, Labels: sessionLabels}
	v.Marking = comity.TLPAmberStrict
	v.Form = formOf(map[string]string{
		"title": d.Event.Title, "kind": string(comity.SessionRegular), "tlp": comity.TLPGreen.String(), "language": c.locale.lang,
	})
	old, err := c.site.store.ImportedSession(c.ctx(), c.viewer, d.Event.Origin)
	if err != nil && comity.KindOf(err) != comity.NotFound {
		return v, err
	}
	var had []comity.AgendaItem
	if v.Again = err == nil; v.Again {
		if had, err = c.site.store.AgendaItems(c.ctx(), c.viewer, old.ID); err != nil {
			return v, err
		}
		v.Closed = old.State != comity.SessionDraft
		v.Marking = old.TLP
		for _, a := range had {
			v.Marking = comity.Strictest(v.Marking, a.TLP)
		}
	}
	v.Session = d.Event.Session(old)
	v.items = d.Event.Agenda(v.Session)
	v.sessionClock = clockOf(c.locale, v.Session)
	v.Rows = importedRows(had, v.items, v.Session, d.Event)
	v.Nothing = v.Again && reflect.DeepEqual(old, v.Session)
	for _, row := range v.Rows {
		v.Nothing = v.Nothing && (row.Effect == "same" || row.Effect == "here")
	}
	for _, p := range d.Event.Problems {
		v.Problems = append(v.Problems, v.problem(c, p))
	}
	return v, nil
}

// problem tells a problem in words.
func (v sessionPreview) problem(c *call, p indico.Problem) sessionProblem {
	value := p.Value
	switch p.Code {
	case indico.Cut:
		value = c.t("session.import.text." + p.Value)
	case indico.Outside:
		if at, err := time.Parse(time.RFC3339, p.Value); err == nil {
			value = v.moment(at)
		}
	}
	return sessionProblem{p, c.t("session.import.problem."+string(p.Code), "value", value)}
}

// importedRows tells what an import does to each item of an agenda, those that go at the end.
func importedRows(had, imported []comity.AgendaItem, one comity.GroupSession, e indico.Event) []importedRow {
	before, begins := map[comity.AgendaItemID]comity.AgendaItem{}, map[string]time.Time{}
	for _, a := range had {
		before[a.ID] = a
	}
	for _, item := range e.Items {
		begins[item.Origin] = item.Starts
	}
	items, gone := governance.ImportAgenda(had, imported, one)
	rows := make([]importedRow, 0, len(items)+len(gone))
	for _, a := range items {
		row := importedRow{a, begins[a.Origin], "changed"}
		switch old, ok := before[a.ID]; {
		case !ok:
			row.Effect = "new"
		case a.Origin == "":
			row.Effect, row.Begins = "here", time.Time{}
		case reflect.DeepEqual(old, a):
			row.Effect = "same"
		}
		rows = append(rows, row)
	}
	for _, a := range gone {
		rows = append(rows, importedRow{AgendaItem: a, Effect: "gone"})
	}
	return rows
}

// saveSessionImport saves what the preview showed; if the session was changed since, it shows what it would do now.
func (s *site) saveSessionImport(c *call) error {
	f, err := c.form("title", "kind", "tlp", "language", "revision")
	if err != nil {
		return err
	}
	v, err := c.sessionPreview()
	if err != nil {
		return err
	}
	if v.Late = f.Int("revision", 0, 1<<30) != v.Session.Revision; v.Late || v.Closed {
		return c.renderChanged("sessions/preview", v)
	}
	one := v.Session
	if !v.Again {
		v.Form = f
		one.Title, one.Kind, one.TLP = f.Required("title", comity.MaxSessionTitle), comity.SessionKind(f.Choice("kind", stringsOf(comity.SessionKinds)...)), f.label("tlp")
		one.Language, one.State = f.Choice("language", Languages...), comity.SessionDraft
		if f.OK() {
			f.failCheck(one.Check())
		}
		if !f.OK() {
			return c.renderInvalid("sessions/preview", v)
		}
		if one.ID, err = newID(comity.MakeGroupSessionID); err != nil {
			return err
		}
	}
	items := v.Draft.Event.Agenda(one)
	for i := range items {
		if items[i].ID, err = newID(comity.MakeAgendaItemID); err != nil {
			return err
		}
	}
	one, err = s.store.ImportGroupSession(c.ctx(), c.viewer, one, items, s.now())
	if v.Late = err != nil && comity.KindOf(err) == comity.Conflict; v.Late {
		return c.renderChanged("sessions/preview", v)
	}
	if err != nil {
		return err
	}
	if err := s.store.DeleteBaselineDraft(c.ctx(), c.viewer, storage.DraftSession); err != nil {
		s.log.Error("forget a saved import", "err", err) // it is saved, and its draft ends by itself
	}
	c.flash("session.import.done")
	return c.redirect(sessionPath(one.ID))
}

func (s *site) discardSessionImport(c *call) error {
	if _, err := c.form(); err != nil {
		return err
	}
	if err := s.store.DeleteBaselineDraft(c.ctx(), c.viewer, storage.DraftSession); err != nil {
		return err
	}
	c.flash("profile.import.discarded")
	return c.redirect("/sessions/import")
}
