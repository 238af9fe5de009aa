package web

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"comity"
	"comity/storage"
)

// Options are what the pages need. Store, Pipeline, Auth and Now are required; Log defaults to discarding.
type Options struct {
	Store    *storage.Store
	Pipeline Pipeline
	Auth     Auth
	Now      func() time.Time // the clock; UTC
	Log      *slog.Logger
	Demo     []DemoRole // one-click roles; nil: not a demonstration
	Fetch    Fetch      // reads documents from elsewhere; nil: only files are taken in
	Mail     bool       // the server sends mail: an operator said how
}

// Fetch reads a document at an address, by the one client that reaches out: it knows which addresses are allowed.
type Fetch func(ctx context.Context, address string) (io.ReadCloser, error)

// DemoRole is a role that the demonstration offers to play with one click.
type DemoRole struct {
	Role         comity.Role
	Person       comity.Person
	Organization comity.Organization
}

// site is the pages with all that they need.
type site struct {
	store    *storage.Store
	pipeline Pipeline
	auth     Auth
	now      func() time.Time
	log      *slog.Logger
	demo     []DemoRole
	fetch    Fetch
	mail     bool

	writing   chan struct{} // taken while a document is written
	locales   map[string]*locale
	templates map[string]pages // by language
	assets    *assets
	learnt    atomic.Pointer[string] // version of the catalogue whose texts the locales have; nil: none
}

// New returns the handler of all pages and their assets.
func New(o Options) (http.Handler, error) {
	s, err := newSite(o)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	s.register(&routes{site: s, mux: mux})
	mux.Handle("GET "+s.assets.prefix+"/", s.assets)
	mux.Handle("/", s.handler(anyone, func(*call) error { return comity.Errorf(comity.NotFound, "no such page") }))
	protection := http.NewCrossOriginProtection()
	protection.AddInsecureBypassPattern(unsubscribeRoute)
	return headers(protection.Handler(mux)), nil
}

func newSite(o Options) (*site, error) {
	if o.Store == nil || o.Pipeline == nil || o.Auth == nil || o.Now == nil {
		return nil, errors.New("web: Store, Pipeline, Auth and Now are required")
	}
	s := &site{
		store: o.Store, pipeline: o.Pipeline, auth: o.Auth, now: o.Now, log: o.Log, demo: o.Demo, fetch: o.Fetch, mail: o.Mail,
		writing: make(chan struct{}, 2),
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	var err error
	if s.assets, err = newAssets(); err != nil {
		return nil, err
	}
	own, err := embedded()
	s.locales, s.templates = own.locales, own.templates
	return s, err
}

// register names every page. Each registers its own routes.
func (s *site) register(r *routes) {
	for _, page := range []func(*routes){
		s.preferences, s.signIn, s.setup, s.overview, s.releases, s.reports, s.organization, s.whatIf, s.threats, s.actions, s.planChanges, s.review, s.actionEffects, s.projects, s.profile, s.estate, s.sources,
		s.members, s.stix,
		s.baselines, s.baseline,
		s.guide, s.treatments, s.scores,
		s.catalogue, s.group, s.workingGroups, s.documents, s.procedures,
		s.sessions, s.sessionsImport, s.agenda, s.sessionLive, s.sessionMinutes, s.decisions,
		s.administration, s.people, s.audit, s.account, s.notifications, s.feeds, s.webhooks, s.invitation,
	} {
		page(r)
	}
}

// routes registers handlers and remembers them, so that tests can visit every one.
type routes struct {
	site     *site
	mux      *http.ServeMux
	patterns []string
}

// handle registers a handler under a ServeMux pattern with method, for those who have access.
func (r *routes) handle(pattern string, who access, h func(*call) error) {
	r.patterns = append(r.patterns, pattern)
	r.mux.Handle(pattern, r.site.handler(who, h))
}

// handler makes an http.Handler: it finds out who asks, checks that they may come at all, and turns an error into a page.
func (s *site) handler(who access, h func(*call) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := &call{site: s, w: w, r: r, locale: s.localeOf(r, comity.Person{})}
		err := c.identify()
		if err == nil {
			err = who(c)
		}
		if err == nil {
			err = h(c)
		}
		if err != nil {
			c.fail(err)
		}
	})
}

// policy is the Content-Security-Policy of every answer: nothing inline, nothing from elsewhere.
const policy = "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// headers sets what every answer carries, whatever middleware stands in front.
func headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// sub returns a folder of an embedded tree; that it is there is part of the build.
func sub(tree fs.FS, dir string) fs.FS {
	f, err := fs.Sub(tree, dir)
	if err != nil {
		panic(err)
	}
	return f
}
