package api

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
)

type document struct {
	OpenAPI string `json:"openapi"`
	Info    struct{ Title, Version string }
	Servers []struct{ URL string }
	Paths   map[string]map[string]struct {
		OperationID string `json:"operationId"`
		Summary     string
		Tags        []string
		Security    *[]map[string][]string
		Parameters  []struct {
			Name, In string
			Required bool
			Schema   json.RawMessage
		}
		RequestBody *struct{ Content map[string]json.RawMessage }
		Responses   map[string]struct {
			Description string
			Content     map[string]struct{ Schema json.RawMessage }
		}
	}
	Components struct {
		Schemas         map[string]json.RawMessage
		SecuritySchemes map[string]json.RawMessage
	}
	Security []map[string][]string
}

var pathParameter = regexp.MustCompile(`\{([a-z]+)\}`)

// TestDocument asks that the document says of every route what a client needs, and of nothing else.
func TestDocument(t *testing.T) {
	w := newWorld(t)
	got := w.call(nobody, "GET", "/openapi.json", nil).want(200)
	if kind := got.header.Get("Content-Type"); kind != "application/openapi+json" {
		t.Errorf("content type %s", kind)
	}
	d := decode[document](got)
	if !strings.HasPrefix(d.OpenAPI, "3.1.") || d.Info.Version != "test" || len(d.Servers) != 1 || d.Servers[0].URL != prefix || len(d.Security) != 2 {
		t.Errorf("head of the document: %+v", d)
	}
	var routes []string
	ids := map[string]bool{}
	for path, operations := range d.Paths {
		for method, op := range operations {
			route := strings.ToUpper(method) + " " + prefix + path
			routes = append(routes, route)
			if op.OperationID == "" || ids[op.OperationID] || op.Summary == "" || len(op.Tags) != 1 {
				t.Errorf("%s: identity %q, summary %q, tags %q", route, op.OperationID, op.Summary, op.Tags)
			}
			ids[op.OperationID] = true
			for status, r := range op.Responses {
				if status[0] < '4' {
					continue
				}
				if _, ok := r.Content[problemType]; !ok || r.Description == "" {
					t.Errorf("%s: %s is no problem", route, status)
				}
			}
			want := []string{"422", "500"}
			if path != documentPath {
				want = append(want, "401", "503")
			} else if op.Security == nil || len(*op.Security) != 0 {
				t.Errorf("%s: not told to be public", route)
			}
			for _, status := range want {
				if _, ok := op.Responses[status]; !ok {
					t.Errorf("%s: does not tell of %s", route, status)
				}
			}
			for _, p := range pathParameter.FindAllStringSubmatch(path, -1) {
				if !slices.ContainsFunc(op.Parameters, func(q struct {
					Name, In string
					Required bool
					Schema   json.RawMessage
				},
				) bool {
					return q.Name == p[1] && q.In == "path" && q.Required
				}) {
					t.Errorf("%s: no parameter %s", route, p[1])
				}
			}
		}
	}
	slices.Sort(routes)
	registered := slices.Sorted(slices.Values(w.api.routes))
	if !slices.Equal(routes, registered) {
		t.Errorf("documented %q\nregistered %q", routes, registered)
	}
	for _, ref := range regexp.MustCompile(`"#/components/schemas/([^"]+)"`).FindAllStringSubmatch(got.body, -1) {
		if _, ok := d.Components.Schemas[ref[1]]; !ok {
			t.Errorf("no schema %s", ref[1])
		}
	}
	if strings.Contains(got.body, "$schema") {
		t.Error("the document tells of $schema fields")
	}
}

// TestDocumentTellsStatuses asks that no answer of the matrix has a status that the document does not tell of.
func TestDocumentTellsStatuses(t *testing.T) {
	w := newWorld(t)
	d := decode[document](w.call(nobody, "GET", "/openapi.json", nil))
	for _, r := range matrix {
		op := d.Paths[r.path][strings.ToLower(r.method)]
		for _, status := range strings.Fields(r.statuses) {
			if _, ok := op.Responses[status]; !ok {
				t.Errorf("%s %s answers %s, of which the document does not tell", r.method, r.path, status)
			}
		}
	}
}
