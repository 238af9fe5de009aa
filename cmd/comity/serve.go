package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"sync"

	"comity"
	"comity/auth"
	"comity/storage"
)

// serveCmd serves a group.
type serveCmd struct {
	listenFlags
	metricsFlags
	mailFlags
	LogLevel slog.Level `help:"What to log: DEBUG, INFO, WARN or ERROR." default:"INFO" env:"COMITY_LOG_LEVEL"`
	storeFlags
}

// Run serves until SIGINT or SIGTERM.
func (c *serveCmd) Run(a *app) error {
	at, err := c.site()
	if err != nil {
		return err
	}
	if err := c.check(); err != nil {
		return err
	}
	post, err := c.post(at)
	if err != nil {
		return err
	}
	if c.DatabaseURL == "" && exists(demoFile(c.Dir)) {
		return comity.Errorf(comity.Conflict, "%s holds a demonstration: serve it with \"comity demo --dir %s\"", c.Dir, c.Dir)
	}
	return c.with(a.ctx, func(s *storage.Store) error {
		if err := refuseDemonstration(a.ctx, s); err != nil {
			return err
		}
		listener, err := net.Listen("tcp", c.Addr)
		if err != nil {
			return fmt.Errorf("listen on %s: %w", c.Addr, err)
		}
		log := a.jsonLog(c.LogLevel)
		server := newServer(s, log, at)
		if c.DatabaseURL == "" {
			server.dir = c.Dir
		}
		server.mail = post
		base := cmp.Or(at.base, at.scheme()+"://"+listener.Addr().String())
		server.site.base = base
		if at.cert != nil {
			at.cert.tell(log, utcNow())
		}
		if err := c.setup(a, s, server.auth, base); err != nil {
			return errors.Join(err, listener.Close())
		}
		stop, err := c.measure(a, server)
		if err != nil {
			return errors.Join(err, listener.Close())
		}
		defer stop()
		log.Info("serving", "address", base, "engine", s.Engine(), "version", buildInfo().Version)
		return server.run(a.ctx, listener)
	})
}

// measure answers /metrics where it was asked for, until the function that it returns is called.
func (c *serveCmd) measure(a *app, s *server) (stop func(), err error) {
	if c.MetricsAddr == "" {
		return func() {}, nil
	}
	listener, err := net.Listen("tcp", c.MetricsAddr)
	if err != nil {
		return nil, fmt.Errorf("listen on %s for metrics: %w", c.MetricsAddr, err)
	}
	s.metrics = newMetrics(s.store)
	ctx, cancel := context.WithCancel(a.ctx)
	var answering sync.WaitGroup
	answering.Go(func() { s.metrics.serve(ctx, listener, c.MetricsToken, s.log) })
	s.log.Info("metrics", "address", "http://"+listener.Addr().String()+"/metrics")
	return func() { cancel(); answering.Wait() }, nil
}

// setup prints a one-time link where nobody can sign in yet. There are no default credentials.
func (c *serveCmd) setup(a *app, s *storage.Store, au *auth.Auth, base string) error {
	some, err := s.HasPeople(a.ctx, comity.System("serve: is anybody here yet"))
	if err != nil || some {
		return err
	}
	secret, err := au.NewSetup(a.ctx)
	if err != nil {
		return fmt.Errorf("make set-up link: %w", err)
	}
	fmt.Fprintf(a.stderr, "\nNobody can sign in here yet. Set up the group, within 24 hours, at\n\n    %s/setup/%s\n\n", base, secret)
	return nil
}

func refuseDemonstration(ctx context.Context, s *storage.Store) error {
	group, err := s.Group(ctx, comity.System("serve: is this a demonstration"))
	if err != nil && comity.KindOf(err) != comity.NotFound {
		return err
	}
	if group.Demonstration {
		return comity.Errorf(comity.Conflict, "this store holds a demonstration: it is served with \"comity demo\"")
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
