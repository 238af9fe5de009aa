package api

import (
	"context"
	"net/http"
	"time"

	"comity"
)

type sessionsInput struct {
	Kind   string    `query:"kind" enum:"regular,executive,inter-sessional" doc:"Only those of this kind"`
	From   time.Time `query:"from" doc:"Only those that end at this time or later, the earliest first"`
	Before time.Time `query:"before" doc:"Only those that end before this time"`
	Paging
}

type sessionInput struct {
	ID string `path:"id" doc:"Identity, gse_…"`
}

type decisionsInput struct {
	Text    string `query:"text" maxLength:"200" doc:"Words that a decision has, or its number"`
	Status  string `query:"status" enum:"in-force,superseded,lapsed" doc:"Only those that stand so"`
	Year    int    `query:"year" minimum:"0" maximum:"9999" doc:"Only those adopted in this year; 0: of any"`
	Session string `query:"session" doc:"Only those taken in this session, gse_…"`
	Paging
}

type decisionInput struct {
	ID string `path:"id" doc:"Identity, dec_…"`
}

func (a *api) sessions() {
	handle(a, get("list-sessions", "/sessions", "sessions", "Sessions of the group that you may see, the latest first; Executive Sessions for members only"),
		func(ctx context.Context, c caller, in *sessionsInput) (*content[Page[comity.GroupSession]], error) {
			if err := require(c.viewer.Roles() != 0); err != nil {
				return nil, err
			}
			q := comity.SessionQuery{Kind: comity.SessionKind(in.Kind), From: in.From, Before: in.Before, Limit: in.Limit, Offset: in.Offset}
			p, err := a.store.GroupSessions(ctx, c.viewer, q)
			return pageOf(c, in.Paging, p.Sessions, p.Total), err
		}, http.StatusForbidden)
	handle(a, get("get-session", "/sessions/{id}", "sessions", "One session with its agenda, conclusions, attendance, quorum and amendments, as far as you may see them"),
		func(ctx context.Context, c caller, in *sessionInput) (*revised[comity.Minutes], error) {
			if err := require(c.viewer.Roles() != 0); err != nil {
				return nil, err
			}
			id, err := parsed(comity.ParseGroupSessionID, in.ID)
			if err != nil {
				return nil, err
			}
			m, err := a.store.Minutes(ctx, c.viewer, id)
			return revisedBody(m, m.Session.Revision), err
		}, http.StatusForbidden, http.StatusNotFound)
	draft := write(http.MethodPost, "create-session", "/sessions", "sessions", "Make a draft of a session, for who keeps the records; it is published on its page")
	draft.DefaultStatus = http.StatusCreated
	handle(a, draft, a.createSession, http.StatusBadRequest, http.StatusForbidden, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	item := write(http.MethodPost, "add-agenda-item", "/sessions/{id}/items", "sessions", "Add an item at the end of an agenda, for who keeps the records, until the session closes")
	item.DefaultStatus = http.StatusCreated
	handle(a, item, a.addAgendaItem, http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound, http.StatusConflict,
		http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
}

type createSessionInput struct{ Body newSession }

// newSession is a session to be drafted.
type newSession struct {
	Title    string     `json:"title" minLength:"1" maxLength:"200"`
	Kind     string     `json:"kind" enum:"regular,executive,inter-sessional" doc:"Executive Sessions are for members only"`
	TLP      comity.TLP `json:"tlp" doc:"TLP:CLEAR to TLP:AMBER+STRICT"`
	Starts   time.Time  `json:"starts"`
	Ends     time.Time  `json:"ends"`
	Zone     string     `json:"zone,omitempty" maxLength:"64" doc:"Time zone of the place, such as Europe/Zurich; UTC if absent"`
	Place    string     `json:"place,omitempty" maxLength:"200"`
	Link     string     `json:"link,omitempty" maxLength:"2000" doc:"https://…"`
	Language string     `json:"language" enum:"ar,en,es,fr,ru,zh" doc:"Of its records"`
	Note     string     `json:"note,omitempty" maxLength:"4000" doc:"For participants"`
}

func (a *api) createSession(ctx context.Context, c caller, in *createSessionInput) (*created[comity.GroupSession], error) {
	if err := require(c.viewer.KeepsRecords()); err != nil {
		return nil, err
	}
	n := in.Body
	one := comity.GroupSession{
		Title: n.Title, Kind: comity.SessionKind(n.Kind), State: comity.SessionDraft, TLP: n.TLP, Starts: wholeSeconds(n.Starts), Ends: wholeSeconds(n.Ends),
		Zone: n.Zone, Place: n.Place, Link: n.Link, Language: n.Language, Note: n.Note,
	}
	var err error
	if one.ID, err = newID(a, comity.MakeGroupSessionID); err != nil {
		return nil, err
	}
	if one, err = a.store.PutGroupSession(ctx, c.viewer, one, nil, a.now()); err != nil {
		return nil, err
	}
	return &created[comity.GroupSession]{Location: prefix + "/sessions/" + string(one.ID), ETag: etag(one.Revision), Body: one}, nil
}

func wholeSeconds(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

type addAgendaItemInput struct {
	ID   string `path:"id" doc:"Identity of the session, gse_…"`
	Body newAgendaItem
}

// newAgendaItem is an item to be put on an agenda.
type newAgendaItem struct {
	Title     string      `json:"title" minLength:"1" maxLength:"200"`
	Note      string      `json:"note,omitempty" maxLength:"4000" doc:"For participants"`
	Presenter string      `json:"presenter,omitempty" maxLength:"200" doc:"By function"`
	Minutes   int         `json:"minutes,omitempty" minimum:"0" maximum:"1440" doc:"That it is to take; 0: not said"`
	TLP       *comity.TLP `json:"tlp,omitempty" doc:"No wider than the session's, which it is if absent"`
}

func (a *api) addAgendaItem(ctx context.Context, c caller, in *addAgendaItemInput) (*created[comity.AgendaItem], error) {
	if err := require(c.viewer.KeepsRecords()); err != nil {
		return nil, err
	}
	id, err := parsed(comity.ParseGroupSessionID, in.ID)
	if err != nil {
		return nil, err
	}
	one, err := a.store.GroupSession(ctx, c.viewer, id)
	if err != nil {
		return nil, err
	}
	n := in.Body
	item := comity.AgendaItem{Session: id, Title: n.Title, Note: n.Note, Presenter: n.Presenter, Minutes: n.Minutes, TLP: one.TLP}
	if n.TLP != nil {
		item.TLP = *n.TLP
	}
	if item.ID, err = newID(a, comity.MakeAgendaItemID); err != nil {
		return nil, err
	}
	if item, err = a.store.PutAgendaItem(ctx, c.viewer, item, a.now()); err != nil {
		return nil, err
	}
	return &created[comity.AgendaItem]{Location: prefix + "/sessions/" + string(id), ETag: etag(item.Revision), Body: item}, nil
}

func (a *api) decisions() {
	handle(a, get("list-decisions", "/decisions", "sessions", "The decision register, the latest first, as far as you may see it"),
		func(ctx context.Context, c caller, in *decisionsInput) (*content[Page[comity.Decision]], error) {
			if err := require(c.viewer.Roles() != 0); err != nil {
				return nil, err
			}
			q := comity.DecisionQuery{Text: in.Text, Status: comity.DecisionStatus(in.Status), Year: in.Year, Limit: in.Limit, Offset: in.Offset}
			var err error
			if q.Session, err = optional(comity.ParseGroupSessionID, "query.session", in.Session); err != nil {
				return nil, err
			}
			p, err := a.store.Decisions(ctx, c.viewer, q)
			return pageOf(c, in.Paging, p.Decisions, p.Total), err
		}, http.StatusForbidden)
	handle(a, get("get-decision", "/decisions/{id}", "sessions", "One decision: its number, text, where it was taken and whether it is in force"),
		func(ctx context.Context, c caller, in *decisionInput) (*revised[comity.Decision], error) {
			if err := require(c.viewer.Roles() != 0); err != nil {
				return nil, err
			}
			id, err := parsed(comity.ParseDecisionID, in.ID)
			if err != nil {
				return nil, err
			}
			d, err := a.store.Decision(ctx, c.viewer, id)
			return revisedBody(d, d.Revision), err
		}, http.StatusForbidden, http.StatusNotFound)
}
