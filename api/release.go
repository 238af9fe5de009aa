package api

import (
	"context"
	"net/http"

	"comity"
)

type releasesInput struct {
	Limit  int `query:"limit" minimum:"1" maximum:"50" default:"10" doc:"How many releases at most"`
	Offset int `query:"offset" minimum:"0" maximum:"1000000" doc:"How many to leave out at the start"`
}

type releaseInput struct {
	Number int `path:"number" minimum:"1" maximum:"1000000" doc:"Number of the release, from 1"`
}

// released is how many releases the store hands out at most: fifty years of quarters.
const released = 200

func (a *api) releases() {
	handle(a, get("list-releases", "/releases", "releases", "What was released of the system, newest first"),
		func(ctx context.Context, c caller, in *releasesInput) (*content[Page[comity.Release]], error) {
			if err := require(c.viewer.SeesReleases()); err != nil {
				return nil, err
			}
			list, err := a.store.Releases(ctx, c.viewer, released)
			if err != nil {
				return nil, err
			}
			return cut(c, Paging(*in), list), nil
		}, http.StatusForbidden)
	handle(a, get("get-release", "/releases/{number}", "releases", "One release: frozen, numbered, with what is withheld and why"),
		func(ctx context.Context, c caller, in *releaseInput) (*content[comity.Release], error) {
			if err := require(c.viewer.SeesReleases()); err != nil {
				return nil, err
			}
			r, err := a.store.Release(ctx, c.viewer, in.Number)
			return bodyOf(r), err
		}, http.StatusForbidden, http.StatusNotFound)
}
