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
