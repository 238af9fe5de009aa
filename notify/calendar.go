package notify

import (
	"bytes"
	"fmt"
	"net/url"
	"time"

	"comity"

	ics "github.com/arran4/golang-ical"
)

// Calendar is what a calendar says: one session, or all days that somebody has to keep in mind.
type Calendar struct {
	Group      comity.Group
	Language   string // of the six; any other, and none, is English
	Base       string // address of the group's pages, without a slash at its end
	Sessions   []comity.GroupSession
	Actions    []comity.ActionItem
	Procedures []comity.Procedure
}

// ICS writes a calendar: what may stand in a mail with its title has it here, and all else only says that there is
// something, since calendars are kept by whoever runs them. Drafts of sessions, and what is due on no day, are left out.
// Each entry keeps its identity, and its sequence grows when it changes. The same calendar gives the same bytes.
//
// Source: RFC 5545; RFC 7986 for the name.
func ICS(c Calendar) ([]byte, error) {
	l, ok := locales[c.Language]
	if !ok {
		l = locales["en"]
	}
	u, err := url.Parse(c.Base)
	if err != nil || u.Hostname() == "" {
		return nil, comity.Errorf(comity.Internal, "the address of the group %q has no host", c.Base)
	}
	w := calendarWriter{calendar: ics.NewCalendar(), locale: l, base: c.Base, host: u.Hostname()}
	w.calendar.SetProductId("-//Comity//Comity//EN")
	w.calendar.SetMethod(ics.MethodPublish)
	w.calendar.SetName(line(c.Group.Acronym))
	w.calendar.SetXWRCalName(line(c.Group.Acronym))
	for _, s := range c.Sessions {
		if s.State != comity.SessionDraft {
			w.session(s, line(c.Group.Acronym))
		}
	}
	for _, a := range c.Actions {
		if !a.Due.IsZero() {
			w.due(string(a.ID), "/actions/"+string(a.ID), a.Due, a.Revision, a.Created, entry{"calendar.action", a.Title, a.TLP, a.Audience == comity.AudienceGroup})
		}
	}
	for _, p := range c.Procedures {
		w.due(string(p.ID), "/procedures/"+string(p.ID), comity.DateOf(p.Deadline), p.Version, p.Opened, entry{"calendar.procedure", p.Title, p.TLP, true})
	}
	var b bytes.Buffer
	if err := w.calendar.SerializeTo(&b, ics.WithNewLine("\r\n")); err != nil {
		return nil, fmt.Errorf("write calendar: %w", err)
	}
	return b.Bytes(), nil
}

type calendarWriter struct {
	calendar *ics.Calendar
	locale   locale
	base     string
	host     string
}

// entry is what an entry of a calendar is about.
type entry struct {
	key    string // of what it is
	title  string
	tlp    comity.TLP
	shared bool // it is not for some of the group alone, within its label
}

// titled reports whether the title may stand in a calendar.
func (e entry) titled() bool {
	return e.shared && e.title != "" && e.tlp != comity.TLPUnmarked && e.tlp <= Widest
}

// event adds an entry without its time.
func (w calendarWriter) event(id, path string, sequence int, made time.Time, e entry) *ics.VEvent {
	v := w.calendar.AddEvent(id + "@" + w.host)
	v.SetDtStampTime(made)
	v.SetSequence(sequence)
	v.SetSummary(w.locale.t(e.key))
	if e.titled() {
		v.SetSummary(w.locale.t("line.titled", "event", w.locale.t(e.key), "title", line(e.title)))
	}
	v.SetURL(w.base + path)
	v.SetDescription(w.locale.t("feed.marked", "tlp", e.tlp.String()))
	if e.tlp == comity.TLPUnmarked {
		v.SetDescription(w.locale.t("feed.unmarked"))
	}
	v.SetClass(ics.ClassificationPrivate)
	if e.titled() && e.tlp == comity.TLPClear {
		v.SetClass(ics.ClassificationPublic)
	}
	return v
}

func (w calendarWriter) session(s comity.GroupSession, group string) {
	e := entry{"calendar.session", s.Title, s.TLP, !s.MembersOnly()}
	path := "/sessions/" + string(s.ID)
	v := w.event(string(s.ID), path, s.Revision, s.Created, e)
	v.SetStartAt(s.Starts)
	v.SetEndAt(s.Ends)
	v.SetStatus(ics.ObjectStatusConfirmed)
	if e.titled() {
		v.SetSummary(group + ": " + line(s.Title))
		v.SetLocation(line(s.Place))
	}
	if s.State == comity.SessionAmendment && !s.AmendUntil.IsZero() {
		w.due(string(s.ID)+"-amend", path+"/minutes", s.AmendUntil, s.Revision, s.Created, entry{"calendar.amend", e.title, e.tlp, e.shared})
	}
}

// due adds a day on which something is due.
func (w calendarWriter) due(id, path string, day comity.Date, sequence int, made time.Time, e entry) {
	v := w.event(id, path, sequence, made, e)
	v.SetAllDayStartAt(day.Time())
	v.SetAllDayEndAt(day.AddDays(1).Time())
	v.SetTimeTransparency(ics.TransparencyTransparent)
}
