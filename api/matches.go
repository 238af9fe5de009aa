package api

import (
	"context"
	"net/http"
	"net/url"

	"comity"
)

func (s *server) matches() {
	const tag = "Own organisation"
	type query struct {
		paging
		Open   bool   `query:"open" doc:"Only those that still expose"`
		Kind   string `query:"kind" enum:"software,supplier,actor" doc:"Only this kind"`
		Threat string `query:"threat" doc:"Only of this threat, thr_…"`
	}
	register(s, operation(http.MethodGet, "/matches", "listMatches", tag, "Threats that touch the own organisation, each with its reasons", http.StatusForbidden),
		func(ctx context.Context, in *query) (*body[list[comity.Match]], error) {
			v := viewer(ctx)
			org, err := own(v)
			if err != nil {
				return nil, err
			}
			page, err := s.Store.Matches(ctx, v, org, comity.MatchQuery{
				Open: in.Open, Kind: comity.MatchKind(in.Kind), Threat: comity.ThreatID(in.Threat), Limit: in.Limit, Offset: in.Offset,
			})
			if err != nil {
				return nil, err
			}
			again := url.Values{}
			set(again, "kind", in.Kind)
			set(again, "threat", in.Threat)
			if in.Open {
				again.Set("open", "true")
			}
			return answer(pageOf(page.Matches, page.Total, in.paging, "/matches", again), nil)
		})
	type byID struct {
		ID string `path:"id" doc:"Identity, mat_…"`
	}
	register(s, operation(http.MethodGet, "/matches/{id}", "getMatch", tag, "One match", http.StatusNotFound),
		func(ctx context.Context, in *byID) (*body[comity.Match], error) {
			id, err := comity.ParseMatchID(in.ID)
			if err != nil {
				return nil, comity.Errorf(comity.NotFound, "not found")
			}
			return answer(s.Store.Match(ctx, viewer(ctx), id))
		})
}
