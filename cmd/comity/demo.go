package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"comity"
	"comity/auth"
	"comity/storage"
	"comity/storage/sqlite"
	"comity/web"
)

// demoCmd fills a folder with the Meridian System and serves it on this machine only.
type demoCmd struct {
	Addr     string     `help:"Address to listen on; only this machine's own." default:"127.0.0.1:8080" env:"COMITY_ADDR" placeholder:"HOST:PORT"`
	Dir      string     `help:"Folder of the demonstration: absent or empty, it is filled; its own, it is used again." default:"comity-demo" env:"COMITY_DIR" type:"path" placeholder:"DIR"`
	Seed     uint64     `help:"The same seed and day make the same data." default:"1"`
	Day      string     `help:"The day on which the demonstration plays; today if not given." placeholder:"YYYY-MM-DD"`
	LogLevel slog.Level `help:"What to log: DEBUG, INFO, WARN or ERROR." default:"WARN" env:"COMITY_LOG_LEVEL"`
}

// demoAccess is the content of DIR/demo.json: how programs and tests sign in. It is readable by its owner only, and
// passwords and tokens are new at every start.
type demoAccess struct {
	Base  string     `json:"base"`
	Roles []demoRole `json:"roles"` // the first is a member's focal point
}

type demoRole struct {
	Role         string `json:"role"`
	Organization string `json:"organization"`
	Email        string `json:"email"`
	Password     string `json:"password"`
	Token        string `json:"token"`
}

func demoFile(dir string) string { return filepath.Join(dir, "demo.json") }

// Run fills the folder if need be, and serves until SIGINT or SIGTERM.
func (c *demoCmd) Run(a *app) error {
	at, err := loopback(c.Addr)
	if err != nil {
		return err
	}
	day, err := comity.ParseDate(c.Day)
	if err != nil {
		return err
	}
	if day.IsZero() {
		day = comity.DateOf(utcNow())
	}
	log := a.jsonLog(c.LogLevel)
	listener, err := net.Listen("tcp", c.Addr) // before the work, so that a port in use is told at once
	if err != nil {
		return fmt.Errorf("listen on %s: %w", c.Addr, err)
	}
	if err := c.prepare(a, day, log); err != nil {
		return errors.Join(err, listener.Close())
	}
	return c.serve(a, listener, at, log)
}

// prepare makes sure that the folder holds a whole demonstration.
func (c *demoCmd) prepare(a *app, day comity.Date, log *slog.Logger) error {
	whole, err := isDemonstration(a.ctx, c.Dir)
	if err != nil || whole {
		return err
	}
	started := time.Now()
	fmt.Fprintf(a.stderr, "Filling %s with the Meridian System …\n", c.Dir)
	if err := fillDir(a.ctx, c.Dir, c.Seed, day, log); err != nil {
		return fmt.Errorf("fill %s: %w", c.Dir, err)
	}
	fmt.Fprintf(a.stderr, "Filled in %.1f s.\n", time.Since(started).Seconds())
	return nil
}

// isDemonstration reports whether dir holds a demonstration. An absent or empty folder does not, and any other one is
// refused.
func isDemonstration(ctx context.Context, dir string) (bool, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read folder: %w", err)
	}
	database := false
	for _, e := range entries {
		database = database || e.Name() == sqlite.FileName
	}
	switch {
	case !database && onlyOurs(entries):
		return false, nil
	case !database:
		return false, comity.Errorf(comity.Conflict, "%s is neither empty nor a demonstration: choose another folder with --dir", dir)
	}
	var whole bool
	err = storeFlags{Dir: dir}.with(ctx, func(s *storage.Store) error {
		group, err := s.Group(ctx, comity.System("demo: is this a demonstration"))
		if err != nil && comity.KindOf(err) != comity.NotFound {
			return err
		}
		whole = group.Demonstration
		return nil
	})
	if err == nil && !whole {
		err = comity.Errorf(comity.Conflict, "%s holds a group's own data, not a demonstration: choose another folder with --dir", dir)
	}
	return whole, err
}

// fillingName is the folder inside DIR in which a demonstration is prepared. It becomes DIR's content in one rename of
// its file, so that a fill that was cut off leaves nothing that looks whole.
const fillingName = ".filling"

// onlyOurs reports whether a folder holds nothing, or what a fill that was cut off left.
func onlyOurs(entries []os.DirEntry) bool {
	for _, e := range entries {
		if e.Name() != fillingName && e.Name() != filepath.Base(demoFile("")) {
			return false
		}
	}
	return true
}

func fillDir(ctx context.Context, dir string, seed uint64, day comity.Date, log *slog.Logger) (err error) {
	filling := filepath.Join(dir, fillingName)
	if err := os.RemoveAll(filling); err != nil {
		return err
	}
	if err := os.MkdirAll(filling, 0o700); err != nil {
		return err
	}
	s, err := sqlite.Open(ctx, filling)
	if err != nil {
		return err
	}
	if err := errors.Join(fill(ctx, s, seed, day, log), s.Close()); err != nil {
		return errors.Join(err, os.RemoveAll(filling))
	}
	if err := os.Rename(filepath.Join(filling, sqlite.FileName), filepath.Join(dir, sqlite.FileName)); err != nil {
		return err
	}
	return os.RemoveAll(filling)
}

// serve makes new passwords and tokens, writes demo.json and serves.
func (c *demoCmd) serve(a *app, listener net.Listener, at site, log *slog.Logger) (err error) {
	s, err := sqlite.Open(a.ctx, c.Dir)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	server := newServer(s, log, at)
	access, roles, err := grant(a.ctx, s, server.auth)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	access.Base = "http://" + listener.Addr().String()
	if err := writeAccess(demoFile(c.Dir), access); err != nil {
		return errors.Join(err, listener.Close())
	}
	server.demo = roles
	fmt.Fprintf(a.stderr, "\nThe Meridian System is at  %s\n\nSign in there with one click, or see %s. Stop with Ctrl-C.\n", access.Base, demoFile(c.Dir))
	return server.run(a.ctx, listener)
}

// writeAccess writes demo.json whole or not at all.
func writeAccess(path string, access demoAccess) error {
	data, err := json.MarshalIndent(access, "", "  ")
	if err != nil {
		return err
	}
	temporary := path + ".tmp"
	if err := os.WriteFile(temporary, append(data, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(temporary, path)
}

// grant gives every person who stands for a role a new password and token.
func grant(ctx context.Context, s *storage.Store, au *auth.Auth) (demoAccess, []web.DemoRole, error) {
	v := comity.System("demo: new passwords and tokens")
	var access demoAccess
	var roles []web.DemoRole
	orgs, err := s.Organizations(ctx, v)
	if err != nil {
		return access, nil, err
	}
	for _, r := range cast {
		org, person, err := r.find(ctx, s, v, orgs)
		if err != nil {
			return access, nil, err
		}
		password, err := randomPassword()
		if err != nil {
			return access, nil, err
		}
		if err := au.SetPassword(ctx, person.ID, password); err != nil {
			return access, nil, fmt.Errorf("password of %s: %w", person.Email, err)
		}
		token, err := renewToken(ctx, s, v, au, person.ID)
		if err != nil {
			return access, nil, err
		}
		access.Roles = append(access.Roles, demoRole{
			Role: r.role.String(), Organization: org.Acronym, Email: person.Email, Password: password, Token: token,
		})
		roles = append(roles, web.DemoRole{Role: r.role, Person: person, Organization: org})
	}
	return access, roles, nil
}

const demoTokenName = "demonstration"

func renewToken(ctx context.Context, s *storage.Store, v comity.Viewer, au *auth.Auth, person comity.PersonID) (string, error) {
	tokens, err := s.Tokens(ctx, v, person)
	if err != nil {
		return "", err
	}
	for _, t := range tokens {
		if t.Name == demoTokenName {
			if err := s.DeleteToken(ctx, v, t.ID); err != nil {
				return "", err
			}
		}
	}
	return au.NewToken(ctx, person, demoTokenName)
}

// part is a role that the demonstration offers, and where it is played.
type part struct {
	role    comity.Role
	acronym string
}

// cast lists the roles in the order in which they are offered.
var cast = []part{
	{comity.RoleFocalPoint, "X-OCO"},
	{comity.RoleCoChair, "X-HSO"},
	{comity.RoleAlternate, "X-OCO"},
	{comity.RoleAnalyst, "X-OCO"},
	{comity.RoleSecretariat, "X-SEC"},
	{comity.RoleObserver, "X-RCF"},
	{comity.RoleParentReader, "MDTN"},
	{comity.RoleAuditor, "X-SEC"},
}

func (p part) find(ctx context.Context, s *storage.Store, v comity.Viewer, orgs []comity.Organization) (comity.Organization, comity.Person, error) {
	for _, o := range orgs {
		if !strings.EqualFold(o.Acronym, p.acronym) {
			continue
		}
		people, err := s.People(ctx, v, o.ID)
		if err != nil {
			return o, comity.Person{}, err
		}
		for _, person := range people {
			if person.Roles.Has(p.role) {
				return o, person, nil
			}
		}
	}
	return comity.Organization{}, comity.Person{}, fmt.Errorf("the demonstration has no %s at %s", p.role, p.acronym)
}
