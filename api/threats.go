package api

import (
	"context"
	"net/http"
	"net/url"

	"comity"
)

type threatsQuery struct {
	paging
	Text       string `query:"q" maxLength:"200" doc:"Every word must occur in number, name, vendor, product or description"`
	Kind       string `query:"kind" enum:"vulnerability,technique,actor,compromise" doc:"Only this kind"`
	Source     string `query:"source" maxLength:"40" doc:"Only of this source"`
	Ransomware bool   `query:"ransomware" doc:"Only with known use in ransomware campaigns"`
	Touching   bool   `query:"touching" doc:"Only with an open match of the own organisation"`
	Since      string `query:"since" format:"date" doc:"Published on this day or later"`
	Sort       string `query:"sort" enum:"published,epss,name" default:"published" doc:"Newest, likeliest or alphabetical first"`
}

func (s *server) threats() {
	const tag = "Threats"
	register(s, operation(http.MethodGet, "/threats", "listThreats", tag, "Threats that the viewer may see", http.StatusForbidden), s.listThreats)
	type byID struct {
		ID string `path:"id" doc:"Identity, such as thr_CVE-2021-44228"`
	}
	register(s, operation(http.MethodGet, "/threats/{id}", "getThreat", tag, "One threat", http.StatusNotFound),
		func(ctx context.Context, in *byID) (*body[comity.Threat], error) {
			id, err := comity.ParseThreatID(in.ID)
			if err != nil {
				return nil, comity.Errorf(comity.NotFound, "not found")
			}
			return answer(s.Store.Threat(ctx, viewer(ctx), id))
		})
	register(s, operation(http.MethodGet, "/sources", "listSources", tag, "Sources, and what their last intake did"),
		func(ctx context.Context, _ *none) (*body[list[comity.Source]], error) {
			sources, err := s.Store.Sources(ctx, viewer(ctx))
			return answer(list[comity.Source]{Items: sources, Total: len(sources)}, err)
		})
}

func (s *server) listThreats(ctx context.Context, in *threatsQuery) (*body[list[comity.Threat]], error) {
	v := viewer(ctx)
	since, err := comity.ParseDate(in.Since)
	if err != nil {
		return nil, err
	}
	q := comity.ThreatQuery{
		Text: in.Text, Kind: comity.ThreatKind(in.Kind), Source: comity.SourceID(in.Source), Ransomware: in.Ransomware,
		Since: since, Sort: in.Sort, Limit: in.Limit, Offset: in.Offset,
	}
	if in.Touching {
		if q.Touching, err = own(v); err != nil {
			return nil, err
		}
	}
	page, err := s.Store.Threats(ctx, v, q)
	if err != nil {
		return nil, err
	}
	again := url.Values{}
	set(again, "q", in.Text)
	set(again, "kind", in.Kind)
	set(again, "source", in.Source)
	set(again, "since", in.Since)
	set(again, "sort", in.Sort)
	for name, on := range map[string]bool{"ransomware": in.Ransomware, "touching": in.Touching} {
		if on {
			again.Set(name, "true")
		}
	}
	return answer(pageOf(page.Threats, page.Total, in.paging, "/threats", again), nil)
}
