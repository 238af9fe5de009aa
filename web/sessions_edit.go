package web

import (
	"slices"
	"strings"
	"time"

	"comity"
	"comity/governance"

	_ "time/tzdata" // sessions are held in time zones, on machines without a list of them too
)

// sessionForm is the form of a session's details.
type sessionForm struct {
	view
	Session  comity.GroupSession // the zero session for a new one
	New      bool
	Form     *form
	Kinds    []comity.SessionKind
	Labels   []comity.TLP
	Zones    []string
	Orgs     []comity.Organization
	Previous []comity.GroupSession // that a new one may take up
	Changed  bool                  // somebody else saved in between
}

// sessionLabels are the labels that a session and what belongs to it may have.
var sessionLabels = []comity.TLP{comity.TLPClear, comity.TLPGreen, comity.TLPAmber, comity.TLPAmberStrict}

// sessionZones are the time zones that are offered: of places where international organisations meet.
var sessionZones = []string{
	"UTC", "Africa/Addis_Ababa", "Africa/Cairo", "Africa/Dakar", "Africa/Nairobi", "America/Bogota", "America/Costa_Rica", "America/Lima",
	"America/Mexico_City", "America/Montreal", "America/New_York", "America/Panama", "America/Santiago", "Asia/Amman", "Asia/Bangkok", "Asia/Beirut",
	"Asia/Dubai", "Asia/Manila", "Asia/Shanghai", "Asia/Tokyo", "Europe/Amsterdam", "Europe/Berlin", "Europe/Brussels", "Europe/Budapest",
	"Europe/Copenhagen", "Europe/Istanbul", "Europe/London", "Europe/Madrid", "Europe/Paris", "Europe/Rome", "Europe/Vienna", "Europe/Zurich",
}

var sessionFields = []string{
	"kind", "title", "tlp", "starts", "ends", "zone", "place", "link", "host", "hosts", "language", "note", "previous", "revision",
}

// formTime is how browsers send a time without its zone.
const formTime = "2006-01-02T15:04"

// Time reads a time as browsers send it, in a time zone.
func (f *form) Time(name string, zone *time.Location) time.Time {
	at, err := time.ParseInLocation(formTime, strings.TrimSpace(f.Value(name)), zone)
	if err != nil {
		f.Fail(name, "session.error.time")
	}
	return at.UTC()
}

func (c *call) sessionForm(one comity.GroupSession) (sessionForm, error) {
	v := sessionForm{
		view: c.view(), Session: one, New: one.Revision == 0, Kinds: comity.SessionKinds, Labels: sessionLabels, Zones: sessionZones,
	}
	if one.Zone != "" && !slices.Contains(sessionZones, one.Zone) {
		v.Zones = append(slices.Clone(sessionZones), one.Zone)
	}
	v.Marking = one.TLP
	orgs, err := c.site.store.Organizations(c.ctx(), c.viewer)
	if err != nil {
		return v, err
	}
	v.Orgs = slices.DeleteFunc(orgs, func(o comity.Organization) bool { return !o.Active() && !slices.Contains(one.Hosts, o.ID) })
	if !v.New {
		return v, nil
	}
	v.Marking = comity.TLPClear
	past, err := c.site.store.GroupSessions(c.ctx(), c.viewer, comity.SessionQuery{Limit: upcomingSessions})
	v.Previous = past.Sessions
	for _, p := range v.Previous {
		v.Marking = comity.Strictest(v.Marking, p.TLP)
	}
	return v, err
}

func sessionValues(one comity.GroupSession) *form {
	zone := zoneOf(one)
	f := formOf(map[string]string{
		"kind": string(one.Kind), "title": one.Title, "tlp": one.TLP.String(), "zone": zone.String(), "place": one.Place, "link": one.Link,
		"starts": one.Starts.In(zone).Format(formTime), "ends": one.Ends.In(zone).Format(formTime), "language": one.Language, "note": one.Note,
	})
	for i, o := range one.Hosts {
		if i == 0 {
			f.values.Set("host", string(o))
			continue
		}
		f.values.Add("hosts", string(o))
	}
	return f
}

func (s *site) newSession(c *call) error {
	v, err := c.sessionForm(comity.GroupSession{})
	if err != nil {
		return err
	}
	v.Form = formOf(map[string]string{
		"kind": string(comity.SessionRegular), "tlp": comity.TLPGreen.String(), "language": c.locale.lang, "zone": "UTC", "previous": c.r.URL.Query().Get("previous"),
	})
	return c.render("sessions/edit", v)
}

func (s *site) editSession(c *call) error {
	m, err := c.pathSession()
	if err != nil {
		return err
	}
	v, err := c.sessionForm(m.Session)
	if err != nil {
		return err
	}
	v.Form = sessionValues(m.Session)
	return c.render("sessions/edit", v)
}

// readSession reads the form over a session; what is wrong is noted in the form.
func readSession(v sessionForm, one comity.GroupSession) comity.GroupSession {
	f := v.Form
	kinds := make([]string, len(comity.SessionKinds))
	for i, k := range comity.SessionKinds {
		kinds[i] = string(k)
	}
	one.Title = f.Required("title", comity.MaxSessionTitle)
	one.Kind, one.TLP = comity.SessionKind(f.Choice("kind", kinds...)), f.label("tlp")
	if one.Zone = f.Choice("zone", v.Zones...); one.Zone == "UTC" {
		one.Zone = ""
	}
	one.Starts, one.Ends = f.Time("starts", zoneOf(one)), f.Time("ends", zoneOf(one))
	one.Place, one.Link, one.Note = f.Text("place", 0), f.Text("link", 2000), f.Text("note", comity.MaxSessionNote)
	one.Language, one.Hosts = f.Choice("language", Languages...), nil
	for _, id := range append([]string{f.Value("host")}, f.Values("hosts")...) {
		o, err := comity.ParseOrgID(id)
		if err == nil && !slices.Contains(one.Hosts, o) && len(one.Hosts) < comity.MaxSessionHosts {
			one.Hosts = append(one.Hosts, o)
		}
	}
	if one.State == "" {
		one.State = comity.SessionDraft
	}
	return one
}

// label reads a TLP label that proceedings of the group may have.
func (f *form) label(name string) comity.TLP {
	names := make([]string, len(sessionLabels))
	for i, l := range sessionLabels {
		names[i] = l.String()
	}
	i := slices.Index(names, f.Choice(name, names...))
	if i < 0 {
		return 0
	}
	return sessionLabels[i]
}

// proceedingErrors are the sentences for what the Check methods of sessions and agenda items find, by the field's name.
var proceedingErrors = map[string]string{
	"ends": "session.error.ends", "link": "session.error.link", "paper": "session.error.link", "tlp": "session.error.tlp", "kind": "session.error.kind",
}

// failCheck notes in a form what a Check method, or the store, found to be invalid: its message names the field.
func (f *form) failCheck(err error) bool {
	if err == nil || comity.KindOf(err) != comity.Invalid {
		return false
	}
	for name, key := range proceedingErrors {
		if strings.Contains(err.Error(), name+":") {
			f.Fail(name, key)
			return true
		}
	}
	return false
}

func (s *site) createSession(c *call) error {
	v, err := c.sessionForm(comity.GroupSession{})
	if err != nil {
		return err
	}
	if v.Form, err = c.form(sessionFields...); err != nil {
		return err
	}
	one := readSession(v, comity.GroupSession{})
	if v.Form.OK() {
		v.Form.failCheck(one.Check())
	}
	if !v.Form.OK() {
		return c.renderInvalid("sessions/edit", v)
	}
	if one.ID, err = newID(comity.MakeGroupSessionID); err != nil {
		return err
	}
	var items []comity.AgendaItem
	if id, err := comity.ParseGroupSessionID(v.Form.Value("previous")); err == nil {
		one.Previous = id
		if items, err = c.carriedItems(one); err != nil {
			return err
		}
	}
	if one, err = s.store.PutGroupSession(c.ctx(), c.viewer, one, items, s.now()); err != nil {
		return err
	}
	c.flash("session.created")
	return c.redirect(sessionPath(one.ID))
}

// carriedItems are the unfinished items of the session before, with new identities.
func (c *call) carriedItems(one comity.GroupSession) ([]comity.AgendaItem, error) {
	had, err := c.site.store.AgendaItems(c.ctx(), c.viewer, one.Previous)
	if err != nil {
		return nil, err
	}
	items := governance.CarryOn(had, one)
	for i := range items {
		if items[i].ID, err = newID(comity.MakeAgendaItemID); err != nil {
			return nil, err
		}
	}
	return items, nil
}

func (s *site) saveSession(c *call) error {
	m, err := c.pathSession()
	if err != nil {
		return err
	}
	v, err := c.sessionForm(m.Session)
	if err != nil {
		return err
	}
	if v.Form, err = c.form(sessionFields...); err != nil {
		return err
	}
	one := readSession(v, m.Session)
	one.Revision = v.Form.Int("revision", 1, 1<<30)
	if v.Form.OK() {
		v.Form.failCheck(one.Check())
	}
	if !v.Form.OK() {
		return c.renderInvalid("sessions/edit", v)
	}
	_, err = s.store.PutGroupSession(c.ctx(), c.viewer, one, nil, s.now())
	switch {
	case comity.KindOf(err) == comity.Conflict && one.Revision != m.Session.Revision:
		v.Changed = true
		return c.renderStatus(refusal(err), "sessions/edit", v)
	case v.Form.failCheck(err):
		return c.renderInvalid("sessions/edit", v)
	case err != nil:
		return err
	}
	c.flash("session.saved")
	return c.redirect(sessionPath(one.ID))
}
