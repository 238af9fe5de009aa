package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	"comity/api"
	"comity/auth"
	"comity/intake/fetch"
	"comity/internal/httpx"
	"comity/jobs"
	"comity/notify/smtp"
	"comity/pipeline"
	"comity/storage"
	"comity/web"

	"github.com/coreos/go-systemd/v22/daemon"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/net/netutil"
)

// drain is how long requests that are under way may take after SIGTERM.
const drain = 10 * time.Second

// connections is how many are open at once; others wait until one ends.
const connections = 4096

// server is one running Comity: pages, API and the pipeline over one store.
type server struct {
	store    *storage.Store
	pipeline *pipeline.Pipeline
	auth     *auth.Auth
	log      *slog.Logger
	site     site
	dir      string         // of the SQLite file, whose disk must have room; empty with PostgreSQL
	mail     *smtp.Server   // nil: nobody is told by mail
	metrics  *metrics       // nil: not asked for
	demo     []web.DemoRole // one-click roles; nil outside the demonstration
}

func newServer(s *storage.Store, log *slog.Logger, at site) *server {
	return &server{
		store:    s,
		pipeline: newPipeline(s, log),
		auth:     auth.New(s, auth.Options{Now: utcNow, Entropy: rand.Reader, Secure: at.secure}),
		log:      log,
		site:     at,
	}
}

// handler joins pages, API and health behind the middleware.
func (s *server) handler() (http.Handler, error) {
	options := web.Options{Store: s.store, Pipeline: s.pipeline, Auth: s.auth, Now: utcNow, Log: s.log, Demo: s.demo}
	if s.reaches() {
		options.Fetch = fetch.New(fetch.Options{MaxBytes: maxFetch, Timeout: 90 * time.Second}).Get
	}
	options.Mail = s.mail != nil
	pages, err := web.New(options)
	if err != nil {
		return nil, fmt.Errorf("prepare pages: %w", err)
	}
	rest := api.New(api.Options{
		Store: s.store, Pipeline: s.pipeline, Auth: s.auth, Now: utcNow, Log: s.log, Version: buildInfo().Version,
	})
	mux := http.NewServeMux()
	mux.Handle("/", pages)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", s.ready)
	around := httpx.Options{Log: s.log, Hosts: s.site.hosts, Proxies: s.site.proxies, Secure: s.site.secure}
	all := split(rest, mux)
	if s.metrics != nil {
		around.Observe = s.metrics.observe
		all = promhttp.InstrumentHandlerInFlight(s.metrics.inFlight, all)
	}
	return httpx.Wrap(all, around), nil
}

// reaches reports whether this server fetches from outside. The demonstration never does.
func (s *server) reaches() bool { return s.demo == nil }

// feeds runs the feeds on their schedules until ctx ends.
func (s *server) feeds(ctx context.Context) {
	if !s.reaches() {
		return
	}
	newScheduler(s.store, s.pipeline, s.log).Run(ctx, s.store.Watch(ctx))
}

// calendar closes written procedures at their deadlines and lets terms of co-chairs begin and end, until ctx ends.
func (s *server) calendar(ctx context.Context) {
	jobs.Calendar{Records: s.store, Now: utcNow, Log: s.log}.Run(ctx, s.store.Watch(ctx))
}

// newScheduler returns what runs feeds, on the real clock.
func newScheduler(s *storage.Store, p *pipeline.Pipeline, log *slog.Logger) *jobs.Scheduler {
	client := fetch.New(fetch.Options{MaxBytes: maxFetch, Timeout: 20 * time.Minute})
	return jobs.New(jobs.Options{Store: s, Pipeline: p, Fetch: client.GetIf, Now: utcNow, Log: log})
}

// tell tells people by mail what changed, until ctx ends, where there is a mail server.
func (s *server) tell(ctx context.Context) {
	if s.mail == nil {
		return
	}
	jobs.NewCourier(jobs.CourierOptions{
		Store: s.store, Base: s.site.base, Now: utcNow, Entropy: rand.Reader, Log: s.log,
		Open: func(ctx context.Context) (jobs.Line, error) { return s.mail.Open(ctx) },
	}).Run(ctx, s.store.Watch(ctx))
}

// call tells webhooks what changed, until ctx ends.
func (s *server) call(ctx context.Context) {
	if !s.reaches() {
		return
	}
	client := fetch.New(fetch.Options{MaxBytes: 1 << 20, Timeout: 20 * time.Second})
	jobs.NewMessenger(jobs.MessengerOptions{
		Store: s.store, Post: client.Post, Base: s.site.base, Now: utcNow, Entropy: rand.Reader, Log: s.log,
	}).Run(ctx, s.store.Watch(ctx))
}

// split sends everything under the API's base to the API, before a ServeMux could redirect an unclean path: a program
// gets an answer, never a redirect.
func split(rest, others http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == api.Base || strings.HasPrefix(r.URL.Path, api.Base+"/") {
			rest.ServeHTTP(w, r)
			return
		}
		others.ServeHTTP(w, r)
	})
}

// ready answers 200 when the store takes writes, its schema is this program's, and its disk has room.
func (s *server) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if err := errors.Join(s.store.Ready(ctx), s.room()); err != nil {
		s.log.Error("not ready", "err", err)
		w.Header().Set("Retry-After", "5")
		http.Error(w, "not ready", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ok")
}

// room is an error where the disk of SQLite's file is nearly full.
func (s *server) room() error {
	if s.dir == "" {
		return nil
	}
	free, err := freeIn(s.dir)
	if err != nil {
		return err
	}
	if free < noDisk {
		return fmt.Errorf("%s has %d MB free, of %d that it should have at least", s.dir, free>>20, noDisk>>20)
	}
	return nil
}

// run serves until ctx ends, then drains. The listener is open before it is called, so that its address can be told.
func (s *server) run(ctx context.Context, listener net.Listener) error {
	handler, err := s.handler()
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	worked := make(chan error, 1)
	go func() {
		var fed sync.WaitGroup
		fed.Go(func() { s.feeds(work) })
		fed.Go(func() { s.tell(work) })
		fed.Go(func() { s.call(work) })
		fed.Go(func() { s.calendar(work) })
		err := s.pipeline.Run(work, s.store.Watch(work))
		fed.Wait()
		worked <- err
	}()

	h := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       2 * time.Minute, // a slow line that uploads a catalogue
		WriteTimeout:      2 * time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
	served := make(chan error, 1)
	go func() { served <- s.serve(h, netutil.LimitListener(listener, connections)) }()
	s.tellSystemd(daemon.SdNotifyReady)

	if err := s.until(ctx, served); err != nil {
		stop()
		return errors.Join(err, <-worked)
	}
	s.log.Info("draining", "at most", drain.String())
	s.tellSystemd(daemon.SdNotifyStopping)
	stop() // feeds break off while requests drain
	deadline, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
	defer cancel()
	err = h.Shutdown(deadline)
	if errors.Is(err, context.DeadlineExceeded) {
		err = h.Close()
	}
	return errors.Join(err, <-worked)
}

// tellSystemd tells systemd how far the server is, where systemd started it and asked for that (sd_notify(3)).
func (s *server) tellSystemd(state string) {
	if _, err := daemon.SdNotify(false, state); err != nil {
		s.log.Warn("systemd was not told", "state", state, "err", err)
	}
}

// serve answers with TLS where the site has a certificate.
func (s *server) serve(h *http.Server, listener net.Listener) error {
	if s.site.cert == nil {
		return h.Serve(listener)
	}
	h.TLSConfig = s.site.cert.config()
	return h.ServeTLS(listener, "", "")
}

// until waits for the end of ctx, or of serving with its error. In between, SIGHUP reads the certificate again: a wrong
// one is logged, and the old one stays.
func (s *server) until(ctx context.Context, served <-chan error) error {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-served:
			return err
		case <-hangup:
			s.reload()
		}
	}
}

func (s *server) reload() {
	if s.site.cert == nil {
		s.log.Info("nothing to read again")
		return
	}
	if err := s.site.cert.load(); err != nil {
		s.log.Error("the certificate in use stays", "err", err)
		return
	}
	s.site.cert.tell(s.log, utcNow())
}

// jsonLog returns the structured log that servers write to stderr.
func (a *app) jsonLog(level slog.Level) *slog.Logger {
	return slog.New(slog.NewJSONHandler(a.stderr, &slog.HandlerOptions{Level: level}))
}
