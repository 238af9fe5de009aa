package api

import (
	"context"
	"net/http"

	"comity"
)

// ownExposure is an organisation's exposure. Before the first assessment Assessed is false and the rest is empty.
type ownExposure struct {
	Assessed bool `json:"assessed"`
	comity.Exposure
}

func (s *server) exposure() {
	const tag = "Own organisation"
	register(s, operation(http.MethodGet, "/exposure", "getExposure", tag, "How exposed the own organisation is over the next 12 months, and why", http.StatusForbidden),
		func(ctx context.Context, _ *none) (*body[ownExposure], error) {
			org, err := own(viewer(ctx))
			if err != nil {
				return nil, err
			}
			e, err := s.Store.Exposure(ctx, viewer(ctx), org)
			if err != nil && comity.KindOf(err) == comity.NotFound {
				return answer(ownExposure{Exposure: comity.Exposure{Org: org}}, nil)
			}
			return answer(ownExposure{Assessed: true, Exposure: e}, err)
		})
	type last struct {
		Limit int `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"How many at most"`
	}
	register(s, operation(http.MethodGet, "/exposure/history", "getExposureHistory", tag, "The last assessments, oldest first", http.StatusForbidden),
		func(ctx context.Context, in *last) (*body[list[comity.ExposurePoint]], error) {
			org, err := own(viewer(ctx))
			if err != nil {
				return nil, err
			}
			points, err := s.Store.ExposureHistory(ctx, viewer(ctx), org, in.Limit)
			return answer(list[comity.ExposurePoint]{Items: points, Total: len(points)}, err)
		})
	register(s, operation(http.MethodGet, "/exposure/changes", "getExposureChanges", tag, "What changed and why, newest first", http.StatusForbidden),
		func(ctx context.Context, in *last) (*body[list[comity.ExposureChange]], error) {
			org, err := own(viewer(ctx))
			if err != nil {
				return nil, err
			}
			changes, err := s.Store.ExposureChanges(ctx, viewer(ctx), org, in.Limit)
			return answer(list[comity.ExposureChange]{Items: changes, Total: len(changes)}, err)
		})
}
