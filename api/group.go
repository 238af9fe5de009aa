package api

import (
	"context"
	"net/http"

	"comity"
)

// me is who asks and what they may do.
type me struct {
	Person       comity.PersonID     `json:"person"`
	Name         string              `json:"name"`
	Email        string              `json:"email"`
	Language     string              `json:"language,omitempty"`
	Roles        []string            `json:"roles" nullable:"false"`
	Organization comity.Organization `json:"organization"`
	May          may                 `json:"may"`
}

// may says what a role may ever do.
type may struct {
	ReadProfile bool `json:"read_profile" doc:"See the own organisation's profile, evidence, matches and exposure"`
	EditProfile bool `json:"edit_profile" doc:"Change the own organisation's profile and evidence"`
	ReadRelease bool `json:"read_releases" doc:"See what was released of the system"`
	TakeIn      bool `json:"take_in" doc:"Take in public sources for the whole group"`
	Publish     bool `json:"publish" doc:"Make a release before its schedule"`
	Administer  bool `json:"administer" doc:"Change organisations, people and the group"`
}

func (a *api) me() {
	handle(a, get("get-me", "/me", "about", "Who asks, and what they may do"), func(ctx context.Context, c caller, _ *nothing) (*content[me], error) {
		org, err := a.store.Organization(ctx, c.viewer, c.org())
		if err != nil {
			return nil, err
		}
		p, v := c.person, c.viewer
		return bodyOf(me{
			Person: p.ID, Name: p.Name, Email: p.Email, Language: p.Language, Roles: p.Roles.Names(), Organization: org,
			May: may{
				ReadProfile: v.SeesProfile(c.org()), EditProfile: v.EditsProfile(c.org()), ReadRelease: v.SeesReleases(),
				TakeIn: v.TakesIn(), Publish: v.Publishes(), Administer: v.Administers(),
			},
		}), nil
	})
}

func (a *api) group() {
	handle(a, get("get-group", "/group", "group", "The group"), func(ctx context.Context, c caller, _ *nothing) (*content[comity.Group], error) {
		g, err := a.store.Group(ctx, c.viewer)
		return bodyOf(g), err
	}, http.StatusNotFound)
}

type organizationInput struct {
	ID string `path:"id" doc:"Identity, org_…"`
}

func (a *api) organizations() {
	handle(a, get("list-organizations", "/organizations", "group", "The organisations of the group, by acronym"),
		func(ctx context.Context, c caller, in *struct{ Paging }) (*content[Page[comity.Organization]], error) {
			list, err := a.store.Organizations(ctx, c.viewer)
			if err != nil {
				return nil, err
			}
			return cut(c, in.Paging, list), nil
		})
	handle(a, get("get-organization", "/organizations/{id}", "group", "One organisation"),
		func(ctx context.Context, c caller, in *organizationInput) (*content[comity.Organization], error) {
			id, err := parsed(comity.ParseOrgID, in.ID)
			if err != nil {
				return nil, err
			}
			o, err := a.store.Organization(ctx, c.viewer, id)
			return bodyOf(o), err
		}, http.StatusNotFound)
}
