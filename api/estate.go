package api

import (
	"context"
	"net/http"

	"comity"
	"comity/archive"

	"github.com/danielgtaylor/huma/v2"
)

type eraseInput struct {
	Body struct {
		Acronym string `json:"acronym" maxLength:"16" doc:"The organisation's acronym, typed again as a confirmation"`
	}
}

func (a *api) estate() {
	export := get("export-organization", "/organization/archive", "own organisation", "Everything that is here of the own organisation, as one ZIP file")
	export.Responses = map[string]*huma.Response{"200": {
		Description: "The archive; its README describes each file. An answer that breaks off is no archive",
		Content:     map[string]*huma.MediaType{"application/zip": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}},
	}}
	handle(a, export, a.exportOrganization, http.StatusForbidden)
	handle(a, get("get-erasure", "/organization/erasure", "own organisation", "What would go if the own organisation erased what it has, and what would stay"),
		func(ctx context.Context, c caller, _ *nothing) (*content[comity.Erasure], error) {
			if err := require(c.viewer.Erases(c.org())); err != nil {
				return nil, err
			}
			e, err := a.store.Erasure(ctx, c.viewer, c.org())
			return bodyOf(e), err
		}, http.StatusForbidden)
	handle(a, write(http.MethodPost, "erase-organization", "/organization/erasure", "own organisation", "Erase what is the own organisation's, for good; its people are signed out and their tokens end"),
		func(ctx context.Context, c caller, in *eraseInput) (*content[comity.Erasure], error) {
			if err := require(c.viewer.Erases(c.org())); err != nil {
				return nil, err
			}
			e, err := a.store.Erase(ctx, c.viewer, c.org(), in.Body.Acronym, a.now())
			return bodyOf(e), err
		}, http.StatusBadRequest, http.StatusForbidden, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
}

// exportOrganization answers with the archive as it is made. What goes wrong in the middle breaks the answer off.
func (a *api) exportOrganization(_ context.Context, c caller, _ *nothing) (*huma.StreamResponse, error) {
	if err := require(c.viewer.TakesAlong(c.org())); err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		ctx.SetHeader("Content-Type", "application/zip")
		ctx.SetHeader("Content-Disposition", `attachment; filename="organization.zip"`)
		if err := archive.Write(ctx.Context(), ctx.BodyWriter(), a.store, c.viewer, c.org(), a.now()); err != nil {
			a.log.Error("export organization", "err", err)
			panic(http.ErrAbortHandler)
		}
	}}, nil
}
