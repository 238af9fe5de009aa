package api

import (
	"context"
	"net/http"

	"comity"
)

// me is who the credentials are of, and what they may do.
type me struct {
	Person       comity.PersonID     `json:"person"`
	Name         string              `json:"name"`
	Roles        []string            `json:"roles"`
	Language     string              `json:"language,omitempty"`
	Organization comity.Organization `json:"organization"`
}

func (s *server) group() {
	const tag = "Group"
	register(s, operation(http.MethodGet, "/me", "getMe", tag, "Who the credentials are of"),
		func(ctx context.Context, _ *none) (*body[me], error) {
			p := person(ctx)
			org, err := s.Store.Organization(ctx, viewer(ctx), p.Org)
			return answer(me{Person: p.ID, Name: p.Name, Roles: p.Roles.Names(), Language: p.Language, Organization: org}, err)
		})
	register(s, operation(http.MethodGet, "/group", "getGroup", tag, "The group"),
		func(ctx context.Context, _ *none) (*body[comity.Group], error) {
			return answer(s.Store.Group(ctx, viewer(ctx)))
		})
	register(s, operation(http.MethodGet, "/organizations", "listOrganizations", tag, "The organisations of the group, by acronym"),
		func(ctx context.Context, _ *none) (*body[list[comity.Organization]], error) {
			orgs, err := s.Store.Organizations(ctx, viewer(ctx))
			return answer(list[comity.Organization]{Items: orgs, Total: len(orgs)}, err)
		})
	type byID struct {
		ID string `path:"id" doc:"Identity, org_…"`
	}
	register(s, operation(http.MethodGet, "/organizations/{id}", "getOrganization", tag, "One organisation", http.StatusNotFound),
		func(ctx context.Context, in *byID) (*body[comity.Organization], error) {
			id, err := comity.ParseOrgID(in.ID)
			if err != nil {
				return nil, comity.Errorf(comity.NotFound, "not found")
			}
			return answer(s.Store.Organization(ctx, viewer(ctx), id))
		})
}
