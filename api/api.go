package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"comity"
	"comity/auth"
	"comity/pipeline"
	"comity/storage"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// Base is the path under which the API is served.
const Base = "/api/v1"

// Options are what the API works on.
type Options struct {
	Store    *storage.Store
	Pipeline *pipeline.Pipeline
	Auth     *auth.Auth
	Now      func() time.Time
	Log      *slog.Logger
	Version  string
}

// server has the handlers.
type server struct {
	Options
	api huma.API
}

// New returns the handler of everything under /api/v1.
func New(o Options) http.Handler {
	mux := http.NewServeMux()
	s := &server{Options: o, api: humago.New(mux, config(o.Version))}
	s.group()
	s.threats()
	s.profile()
	s.matches()
	s.exposure()
	s.releases()
	s.actions()
	s.intake()
	document, err := json.Marshal(s.api.OpenAPI())
	if err != nil {
		panic(fmt.Sprintf("api: OpenAPI document: %v", err)) // a mistake in our own types
	}
	return http.NewCrossOriginProtection().Handler(s.identify(mux, document))
}

// config has neither pages nor links of huma's own: the document is served here, and nothing names schemas of elsewhere.
func config(version string) huma.Config {
	registry := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: "Comity", Version: version,
				Description: "Assess the exposure of autonomous organisations together. Everything is read and changed as the person whose token or session is sent.",
			},
			Servers: []*huma.Server{{URL: Base}},
			Components: &huma.Components{
				Schemas: registry,
				SecuritySchemes: map[string]*huma.SecurityScheme{
					"token":   {Type: "http", Scheme: "bearer", Description: "A token, cty_…"},
					"session": {Type: "apiKey", In: "cookie", Name: "comity", Description: "The session of a signed-in browser"},
				},
			},
			Security: []map[string][]string{{"token": {}}, {"session": {}}},
		},
		Formats:                      map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat},
		DefaultFormat:                "application/json",
		NoFormatFallback:             false,
		RejectUnknownQueryParameters: true,
	}
}

type viewerKey struct{}

// viewer returns who sent the request.
func viewer(ctx context.Context) comity.Viewer {
	v, _ := ctx.Value(viewerKey{}).(comity.Viewer)
	return v
}

type personKey struct{}

func person(ctx context.Context) comity.Person {
	p, _ := ctx.Value(personKey{}).(comity.Person)
	return p
}

// identify lets only known viewers through, and answers for paths and methods that are not there.
func (s *server) identify(mux *http.ServeMux, document []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == Base+"/openapi.json" && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write(document) // the client is gone: nobody to tell
			return
		}
		v, p, err := s.Auth.Viewer(r.Context(), r)
		if err == nil && !v.SignedIn() {
			err = comity.Errorf(comity.Unauthorized, "send a token: Authorization: Bearer cty_…")
		}
		if err != nil {
			s.refuse(w, r, err)
			return
		}
		if _, pattern := mux.Handler(r); pattern == "" {
			s.missing(w, r, mux)
			return
		}
		ctx := context.WithValue(context.WithValue(r.Context(), viewerKey{}, v), personKey{}, p)
		mux.ServeHTTP(w, r.WithContext(ctx))
	})
}

// missing answers 405 for a path that is there with another method, else 404.
func (s *server) missing(w http.ResponseWriter, r *http.Request, mux *http.ServeMux) {
	var allow []string
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		other := r.Clone(r.Context())
		other.Method = method
		if _, pattern := mux.Handler(other); pattern != "" {
			allow = append(allow, method)
		}
	}
	if len(allow) == 0 {
		s.refuse(w, r, comity.Errorf(comity.NotFound, "there is nothing at %s", r.URL.Path))
		return
	}
	w.Header().Set("Allow", strings.Join(allow, ", "))
	problem(w, http.StatusMethodNotAllowed, "use "+strings.Join(allow, " or "))
}

func (s *server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	status := statuses[comity.KindOf(err)]
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="comity"`)
	}
	if status == http.StatusInternalServerError {
		s.Log.ErrorContext(r.Context(), "api", "err", err)
	}
	problem(w, status, detail(err))
}

// problem writes a problem detail. Source: RFC 9457.
func problem(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"title": http.StatusText(status), "status": status, "detail": detail})
}

// statuses is the one table from kinds of error to what HTTP answers.
var statuses = map[comity.Kind]int{
	comity.Internal: http.StatusInternalServerError, comity.Invalid: http.StatusUnprocessableEntity,
	comity.NotFound: http.StatusNotFound, comity.Unauthorized: http.StatusUnauthorized, comity.Forbidden: http.StatusForbidden,
	comity.Conflict: http.StatusConflict, comity.TooLarge: http.StatusRequestEntityTooLarge, comity.TooMany: http.StatusTooManyRequests,
	comity.Unavailable: http.StatusServiceUnavailable, comity.Stale: http.StatusConflict,
}

// detail is what a client may read of an error: nothing of an internal one.
func detail(err error) string {
	e, ok := errors.AsType[*comity.Error](err)
	if !ok || e.Kind == comity.Internal {
		return "something went wrong here; the log says what"
	}
	return e.Msg
}

// failed turns an error of the layers below into a problem detail, and logs an internal one.
func (s *server) failed(ctx context.Context, err error) error {
	status := statuses[comity.KindOf(err)]
	if status == http.StatusInternalServerError {
		s.Log.ErrorContext(ctx, "api", "err", err)
	}
	return huma.NewError(status, detail(err))
}

// errForbidden is the answer where a role never may.
func forbidden(what string) error { return huma.NewError(http.StatusForbidden, what) }

// own returns the viewer's organisation where they may see its profile, 403 where their role never may.
func own(v comity.Viewer) (comity.OrgID, error) {
	if !v.SeesProfile(v.Org()) {
		return "", forbidden("this role does not see an organisation's own data")
	}
	return v.Org(), nil
}

// operation describes one operation of the document.
func operation(method, path, id, tag, summary string, errs ...int) huma.Operation {
	return huma.Operation{
		OperationID: id, Method: method, Path: path, Tags: []string{tag}, Summary: summary,
		Errors: append([]int{http.StatusUnauthorized, http.StatusUnprocessableEntity, http.StatusInternalServerError}, errs...),
	}
}

// register registers an operation whose handler returns the layers' own errors.
func register[I, O any](s *server, op huma.Operation, do func(ctx context.Context, in *I) (*O, error)) {
	op.Path = Base + op.Path
	huma.Register(s.api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := do(ctx, in)
		if err == nil {
			return out, nil
		}
		if _, ok := errors.AsType[huma.StatusError](err); ok {
			return nil, err
		}
		return nil, s.failed(ctx, err)
	})
}

// none is the input of an operation without one.
type none struct{}

// body is an answer with this body.
type body[T any] struct{ Body T }

func answer[T any](v T, err error) (*body[T], error) {
	if err != nil {
		return nil, err
	}
	return &body[T]{Body: v}, nil
}

// paging is the part of a query that chooses a page.
type paging struct {
	Limit  int `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"How many at most"`
	Offset int `query:"offset" minimum:"0" maximum:"1000000" default:"0" doc:"How many to leave out"`
}

// list is one page of a list. Next is the address of the next page, absent on the last.
type list[T any] struct {
	Items []T    `json:"items"`
	Total int    `json:"total" doc:"Of the whole selection"`
	Next  string `json:"next,omitempty" doc:"Address of the next page"`
}

func pageOf[T any](items []T, total int, p paging, path string, query url.Values) list[T] {
	l := list[T]{Items: items, Total: total}
	if items == nil {
		l.Items = []T{}
	}
	if p.Offset+len(items) < total && len(items) > 0 {
		query.Set("limit", strconv.Itoa(p.Limit))
		query.Set("offset", strconv.Itoa(p.Offset+len(items)))
		l.Next = Base + path + "?" + query.Encode()
	}
	return l
}

// set adds a parameter to a query unless it is empty.
func set(q url.Values, name, value string) {
	if value != "" {
		q.Set(name, value)
	}
}
