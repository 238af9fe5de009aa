package api

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"

	"comity"

	"github.com/danielgtaylor/huma/v2"
	jsonx "github.com/go-json-experiment/json"
)

// config returns huma's configuration: no pages of its own, no $schema fields, nothing unknown let in.
func config(o Options) huma.Config {
	registry := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	registry.RegisterTypeAlias(reflect.TypeFor[comity.Date](), reflect.TypeFor[dateText]())
	registry.RegisterTypeAlias(reflect.TypeFor[comity.TLP](), reflect.TypeFor[tlpText]())
	format := huma.Format{Marshal: huma.DefaultJSONFormat.Marshal, Unmarshal: unmarshal}
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title:   "Comity",
				Version: version(o.Version),
				Description: "How exposed a group of organisations and each of them is, what touches them, and what to do about it. " +
					"What belongs to one organisation is seen by its own people only: for everybody else it does not exist.",
				License: &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"},
			},
			Servers: []*huma.Server{{URL: prefix}},
			Components: &huma.Components{
				Schemas: registry,
				SecuritySchemes: map[string]*huma.SecurityScheme{
					"token":   {Type: "http", Scheme: "bearer", Description: "A token, cty_…"},
					"session": {Type: "apiKey", In: "cookie", Name: o.Auth.CookieName(), Description: "The cookie of somebody who signed in"},
				},
			},
			Security: []map[string][]string{{"token": {}}, {"session": {}}},
		},
		Formats:                      map[string]huma.Format{"application/json": format, "json": format},
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
	}
}

func version(v string) string {
	if v == "" {
		return "unknown"
	}
	return v
}

// unmarshal reads JSON and refuses what encoding/json lets pass: duplicate keys, keys in another case, invalid UTF-8.
// A marking could be smuggled past a check with each of them.
func unmarshal(data []byte, v any) error { return jsonx.Unmarshal(data, v) }

// dateText describes comity.Date.
type dateText struct{}

// Schema implements huma.SchemaProvider.
func (dateText) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{
		Type: huma.TypeString, Pattern: `^([0-9]{4}-[0-9]{2}-[0-9]{2})?$`, PatternDescription: "YYYY-MM-DD, or empty for none",
		Description: "A day, YYYY-MM-DD; empty is none", Examples: []any{"2026-08-07"},
	}
}

// tlpText describes comity.TLP.
type tlpText struct{}

// Schema implements huma.SchemaProvider.
func (tlpText) Schema(huma.Registry) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeString, Description: "A label of the Traffic Light Protocol 2.0; empty is no label, which is stricter than every label"}
	for t := comity.TLPUnmarked; t <= comity.TLPRed; t++ {
		s.Enum = append(s.Enum, t.String())
	}
	return s
}

// documentContent is the document as an answer.
type documentContent struct {
	ContentType string `header:"Content-Type"`
	Body        []byte
}

// describe serves the OpenAPI document, to everybody.
func (a *api) describe() {
	op := get("get-openapi", documentPath, "about", "This document")
	op.Security = []map[string][]string{}
	op.Errors = []int{http.StatusUnprocessableEntity, http.StatusInternalServerError}
	op.Responses = map[string]*huma.Response{"200": {
		Description: "The OpenAPI 3.1 document of this API",
		Content:     map[string]*huma.MediaType{"application/openapi+json": {Schema: &huma.Schema{Type: huma.TypeObject}}},
	}}
	huma.Register(a.huma, op, func(context.Context, *nothing) (*documentContent, error) {
		return &documentContent{ContentType: "application/openapi+json", Body: a.document}, nil
	})
}

// finishDocument writes the document down once all operations are known.
func (a *api) finishDocument() {
	document, err := json.Marshal(a.huma.OpenAPI())
	if err != nil {
		panic("api: the OpenAPI document cannot be written: " + err.Error()) // a mistake in a struct tag of ours
	}
	a.document = document
}
