package web

import (
	"strings"
	"time"

	"comity"
	"comity/notify"
)

const (
	calendarEnding  = ".ics"
	calendarType    = "text/calendar; charset=utf-8"
	calendarPast    = 400 * 24 * time.Hour // for which a calendar still has sessions
	calendarEntries = 200                  // of one kind, at most
)

// showCalendar answers a calendar that comes with a key, as the person whose it is: the sessions, the due days of action
// items that concern their organisation, and the deadlines of open written procedures.
func (s *site) showCalendar(c *call) error {
	key, ok := strings.CutSuffix(c.r.PathValue("file"), calendarEnding)
	if !ok {
		return comity.Errorf(comity.NotFound, "no such calendar")
	}
	v, p, err := c.feedReader(key)
	if err != nil {
		return err
	}
	k := notify.Calendar{Language: p.Language, Base: c.origin()}
	if k.Group, err = s.store.Group(c.ctx(), v); err != nil {
		return err
	}
	sessions, err := s.store.GroupSessions(c.ctx(), v, comity.SessionQuery{From: s.now().Add(-calendarPast), Limit: calendarEntries})
	if err != nil {
		return err
	}
	k.Sessions = sessions.Sessions
	actions, err := s.store.Actions(c.ctx(), v, comity.ActionQuery{Open: true, Contributor: v.Org(), Limit: calendarEntries})
	if err != nil && comity.KindOf(err) != comity.Forbidden {
		return err
	}
	k.Actions = actions.Actions
	procedures, err := s.store.Procedures(c.ctx(), v, comity.ProcedureQuery{State: comity.ProcedureOpen, Limit: calendarEntries})
	if err != nil {
		return err
	}
	k.Procedures = procedures.Procedures
	body, err := notify.ICS(k)
	if err != nil {
		return err
	}
	return c.answerFeed(calendarType, body)
}

// sessionCalendar answers with one session, to be put into a calendar.
func (s *site) sessionCalendar(c *call) error {
	one, err := c.pathSession()
	if err != nil {
		return err
	}
	if one.Session.State == comity.SessionDraft {
		return comity.Errorf(comity.NotFound, "the session is a draft")
	}
	body, err := notify.ICS(notify.Calendar{Group: c.group, Language: c.locale.lang, Base: c.origin(), Sessions: []comity.GroupSession{one.Session}})
	if err != nil {
		return err
	}
	c.attach(calendarType, string(one.Session.ID)+calendarEnding)
	_, _ = c.w.Write(body) // who went away does not hear of it
	return nil
}
