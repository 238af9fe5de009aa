package api

import (
	"context"
	"net/http"

	"comity"
)

func (s *server) releases() {
	const tag = "Releases"
	type last struct {
		Limit int `query:"limit" minimum:"1" maximum:"200" default:"20" doc:"How many at most"`
	}
	register(s, operation(http.MethodGet, "/releases", "listReleases", tag, "What was released of the system's exposure, newest first", http.StatusForbidden),
		func(ctx context.Context, in *last) (*body[list[comity.Release]], error) {
			if !viewer(ctx).SeesReleases() {
				return nil, forbidden("this role does not see releases")
			}
			releases, err := s.Store.Releases(ctx, viewer(ctx), in.Limit)
			return answer(list[comity.Release]{Items: releases, Total: len(releases)}, err)
		})
	type byNumber struct {
		Number int `path:"number" minimum:"1" doc:"Number of the release"`
	}
	register(s, operation(http.MethodGet, "/releases/{number}", "getRelease", tag, "One release", http.StatusNotFound),
		func(ctx context.Context, in *byNumber) (*body[comity.Release], error) {
			return answer(s.Store.Release(ctx, viewer(ctx), in.Number))
		})
}
