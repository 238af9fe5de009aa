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
}
