package api

import (
	"context"
	"net/http"

	"comity"
)

// exposureContent is the own exposure. Before the first assessment it says so and has no figures: a zero would be one.
type exposureContent struct {
	Assessed bool `json:"assessed" doc:"Whether there are figures; without, all other members are absent"`
	*comity.Exposure
}

// tryInput is a change to try: coverage by mitigation, software that is patched, suppliers that are dropped, incidents of today
// by scenario.
type tryInput struct{ Body comity.WhatIf }

// triedContent is what a change would do, on the same luck.
type triedContent struct {
	Before comity.Exposure `json:"before" doc:"As it is"`
	After  comity.Exposure `json:"after" doc:"As it would be"`
}

// kept is how many points and lines the store hands out at most.
const kept = 1000

func (a *api) exposure() {
	handle(a, get("get-exposure", "/exposure", "own organisation", "How exposed the own organisation is, and what each figure rests on"),
		func(ctx context.Context, c caller, _ *nothing) (*content[exposureContent], error) {
			if err := c.member(); err != nil {
				return nil, err
			}
			e, err := a.store.Exposure(ctx, c.viewer, c.org())
			switch {
			case err == nil:
				return bodyOf(exposureContent{Assessed: true, Exposure: &e}), nil
			case comity.KindOf(err) == comity.NotFound:
				return bodyOf(exposureContent{}), nil
			default:
				return nil, err
			}
		}, http.StatusForbidden)
	schema := a.huma.OpenAPI().Components.Schemas.Map()["ExposureContent"]
	schema.Required = []string{"assessed"}
	handle(a, get("list-exposure-history", "/exposure/history", "own organisation", "Past assessments, of the last 1,000, oldest first"),
		func(ctx context.Context, c caller, in *struct{ Paging }) (*content[Page[comity.ExposurePoint]], error) {
			if err := c.member(); err != nil {
				return nil, err
			}
			list, err := a.store.ExposureHistory(ctx, c.viewer, c.org(), kept)
			if err != nil {
				return nil, err
			}
			return cut(c, in.Paging, list), nil
		}, http.StatusForbidden)
	handle(a, get("list-exposure-changes", "/exposure/changes", "own organisation", "What changed and why, of the last 1,000 lines, newest first"),
		func(ctx context.Context, c caller, in *struct{ Paging }) (*content[Page[comity.ExposureChange]], error) {
			if err := c.member(); err != nil {
				return nil, err
			}
			list, err := a.store.ExposureChanges(ctx, c.viewer, c.org(), kept)
			if err != nil {
				return nil, err
			}
			return cut(c, in.Paging, list), nil
		}, http.StatusForbidden)
	handle(a, write(http.MethodPost, "try-exposure", "/exposure/what-if", "own organisation", "What a change would do to the own exposure; nothing is saved"),
		func(ctx context.Context, c caller, in *tryInput) (*content[triedContent], error) {
			if err := c.member(); err != nil {
				return nil, err
			}
			before, after, err := a.pipeline.WhatIf(ctx, c.viewer, c.org(), in.Body)
			if err != nil {
				return nil, err
			}
			return bodyOf(triedContent{before, after}), nil
		}, http.StatusForbidden, http.StatusUnprocessableEntity)
	handle(a, get("list-improvements", "/exposure/improvements", "own organisation", "Every single step that the own organisation could take, the one that removes most first"),
		func(ctx context.Context, c caller, in *struct{ Paging }) (*content[Page[comity.Improvement]], error) {
			if err := c.member(); err != nil {
				return nil, err
			}
			list, err := a.pipeline.Improvements(ctx, c.viewer, c.org())
			if err != nil {
				return nil, err
			}
			return cut(c, in.Paging, list), nil
		}, http.StatusForbidden)
}
