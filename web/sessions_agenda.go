package web

import (
	"strconv"

	"comity"
)

func (s *site) agenda(r *routes) {
	r.handle("GET /sessions/{id}/items/new", recordKeepers, s.newAgendaItem)
	r.handle("POST /sessions/{id}/items/new", recordKeepers, s.saveAgendaItem)
	r.handle("GET /sessions/{id}/items/{item}", recordKeepers, s.editAgendaItem)
	r.handle("POST /sessions/{id}/items/{item}", recordKeepers, s.saveAgendaItem)
	r.handle("POST /sessions/{id}/items/{item}/move", recordKeepers, s.moveAgendaItem)
	r.handle("POST /sessions/{id}/items/{item}/delete", recordKeepers, s.deleteAgendaItem)
}

// agendaView is the form of an agenda item.
type agendaView struct {
	view
	Session comity.GroupSession
	Item    comity.AgendaItem // the zero item for a new one
	New     bool
	Form    *form
	Labels  []comity.TLP // no wider than the session's
	Orgs    []comity.Organization
	Papers  []int // numbers of the rows for papers
	Changed bool  // somebody else saved in between
}

const morePapers = 2 // empty rows for papers

// pathItem returns the session and the item of the path; an item of another session is not found. Without one in the
// path it is a new one.
func (c *call) pathItem() (comity.Minutes, comity.AgendaItem, error) {
	m, err := c.pathSession()
	if err != nil {
		return m, comity.AgendaItem{}, err
	}
	name := c.r.PathValue("item")
	if name == "" {
		return m, comity.AgendaItem{Session: m.Session.ID, TLP: m.Session.TLP}, nil
	}
	for _, a := range m.Items {
		if string(a.ID) == name {
			return m, a, nil
		}
	}
	return m, comity.AgendaItem{}, comity.Errorf(comity.NotFound, "no such item on the agenda")
}

func (c *call) agendaView() (agendaView, error) {
	m, a, err := c.pathItem()
	if err != nil {
		return agendaView{}, err
	}
	v := agendaView{view: c.view(), Session: m.Session, Item: a, New: a.Revision == 0}
	v.Marking = a.Label(m.Session)
	for _, l := range sessionLabels {
		if comity.Strictest(l, m.Session.TLP) == l {
			v.Labels = append(v.Labels, l)
		}
	}
	for i := range len(a.Papers) + morePapers {
		v.Papers = append(v.Papers, i)
	}
	v.Orgs, err = c.site.store.Organizations(c.ctx(), c.viewer)
	return v, err
}

func agendaValues(a comity.AgendaItem) *form {
	values := map[string]string{
		"title": a.Title, "note": a.Note, "presenter": a.Presenter, "organization": string(a.Org), "minutes": strconv.Itoa(a.Minutes), "tlp": a.TLP.String(),
	}
	for i, p := range a.Papers {
		n := strconv.Itoa(i)
		values["paper.symbol."+n], values["paper.title."+n], values["paper.link."+n] = p.Symbol, p.Title, p.Link
	}
	return formOf(values)
}

func (s *site) newAgendaItem(c *call) error  { return c.showAgendaForm() }
func (s *site) editAgendaItem(c *call) error { return c.showAgendaForm() }

func (c *call) showAgendaForm() error {
	v, err := c.agendaView()
	if err != nil {
		return err
	}
	v.Form = agendaValues(v.Item)
	return c.render("sessions/item", v)
}

// readAgendaItem reads the form over an item; what is wrong is noted in the form. A paper without a title is left out.
func readAgendaItem(f *form, a comity.AgendaItem, rows int) comity.AgendaItem {
	a.Title, a.Note, a.Presenter = f.Required("title", comity.MaxSessionTitle), f.Text("note", comity.MaxSessionNote), f.Text("presenter", 0)
	a.Minutes, a.TLP, a.Org = f.Int("minutes", 0, 24*60), f.label("tlp"), ""
	if o, err := comity.ParseOrgID(f.Value("organization")); err == nil {
		a.Org = o
	}
	had := a.Papers
	a.Papers = nil
	for i := range rows {
		n := strconv.Itoa(i)
		p := comity.Paper{Symbol: f.Value("paper.symbol." + n), Title: f.Text("paper.title."+n, 0), Link: f.Text("paper.link."+n, 2000)}
		if i < len(had) {
			p.Document, p.Revision = had[i].Document, had[i].Revision
		}
		if p.Title != "" {
			a.Papers = append(a.Papers, p)
		}
	}
	return a
}

func (s *site) saveAgendaItem(c *call) error {
	v, err := c.agendaView()
	if err != nil {
		return err
	}
	if v.Form, err = c.form("title", "note", "presenter", "organization", "minutes", "tlp", "paper.*", "revision"); err != nil {
		return err
	}
	a := readAgendaItem(v.Form, v.Item, len(v.Papers))
	a.Revision = v.Form.Int("revision", 0, 1<<30)
	if v.Form.OK() {
		v.Form.failCheck(a.Check(v.Session))
	}
	if !v.Form.OK() {
		return c.renderInvalid("sessions/item", v)
	}
	if v.New {
		if a.ID, err = newID(comity.MakeAgendaItemID); err != nil {
			return err
		}
	}
	_, err = s.store.PutAgendaItem(c.ctx(), c.viewer, a, s.now())
	switch {
	case comity.KindOf(err) == comity.Conflict && a.Revision != v.Item.Revision:
		v.Changed = true
		return c.renderStatus(refusal(err), "sessions/item", v)
	case err != nil:
		return err
	}
	c.flash("session.item.saved")
	return c.redirect(sessionPath(v.Session.ID) + "#agenda")
}

func (s *site) moveAgendaItem(c *call) error {
	m, a, err := c.pathItem()
	if err != nil {
		return err
	}
	f, err := c.form("steps")
	if err != nil {
		return err
	}
	if err := s.store.MoveAgendaItem(c.ctx(), c.viewer, a.ID, f.Int("steps", -comity.MaxAgendaItems, comity.MaxAgendaItems)); err != nil {
		return err
	}
	return c.redirect(sessionPath(m.Session.ID) + "#agenda")
}

func (s *site) deleteAgendaItem(c *call) error {
	m, a, err := c.pathItem()
	if err != nil {
		return err
	}
	if _, err := c.form(); err != nil {
		return err
	}
	if err := s.store.DeleteAgendaItem(c.ctx(), c.viewer, a.ID); err != nil {
		return err
	}
	c.flash("session.item.deleted")
	return c.redirect(sessionPath(m.Session.ID) + "#agenda")
}
