package api

import (
	"context"
	"net/http"

	"comity"
)

type matchesInput struct {
	Open   bool   `query:"open" doc:"Only those that still expose"`
	Kind   string `query:"kind" enum:"software,supplier,actor"`
	Threat string `query:"threat" doc:"Only those with this threat, thr_…"`
	Paging
}

type matchInput struct {
	ID string `path:"id" doc:"Identity, mat_…"`
}

func (a *api) matches() {
	handle(a, get("list-matches", "/matches", "own organisation", "What touches the own organisation, newest threat first"),
		func(ctx context.Context, c caller, in *matchesInput) (*content[Page[comity.Match]], error) {
			if err := c.member(); err != nil {
				return nil, err
			}
			threat, err := optional(comity.ParseThreatID, "query.threat", in.Threat)
			if err != nil {
				return nil, err
			}
			p, err := a.store.Matches(ctx, c.viewer, c.org(), comity.MatchQuery{
				Open: in.Open, Threat: threat, Kind: comity.MatchKind(in.Kind), Limit: in.Limit, Offset: in.Offset,
			})
			if err != nil {
				return nil, err
			}
			return pageOf(c, in.Paging, p.Matches, p.Total), nil
		}, http.StatusForbidden)
	handle(a, get("get-match", "/matches/{id}", "own organisation", "One match, with the reasons for it"),
		func(ctx context.Context, c caller, in *matchInput) (*content[comity.Match], error) {
			if err := c.member(); err != nil {
				return nil, err
			}
			id, err := parsed(comity.ParseMatchID, in.ID)
			if err != nil {
				return nil, err
			}
			m, err := a.store.Match(ctx, c.viewer, id)
			return bodyOf(m), err
		}, http.StatusForbidden, http.StatusNotFound)
}
