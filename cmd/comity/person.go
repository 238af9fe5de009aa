package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"strings"

	"comity"
	"comity/auth"
	"comity/storage"
)

// personCmd is about people.
type personCmd struct {
	Add        personAdd        `cmd:"" help:"Add a person, or give one who is there a new password."`
	List       personList       `cmd:"" default:"1" help:"List the people who sign in."`
	Deactivate personDeactivate `cmd:"" help:"Keep a person from signing in; their sessions and tokens end at once."`
	Reactivate personReactivate `cmd:"" help:"Let a person sign in again."`
	Reset      personReset      `cmd:"" help:"Give a person a new password, printed once; their sessions end."`
}

// personAdd adds one.
type personAdd struct {
	Organization string   `help:"Acronym of the organisation." required:"" placeholder:"ACRONYM"`
	Email        string   `help:"E-mail address with which they sign in." required:"" placeholder:"ADDRESS"`
	Name         string   `help:"How they are called; a function is enough." required:"" placeholder:"NAME"`
	Role         []string `help:"co-chair, focal-point, alternate, analyst, secretariat, observer, parent-network-reader or auditor; may be repeated." required:"" placeholder:"ROLE"`
	storeFlags
	outputFlags
}

// Run adds the person.
func (c *personAdd) Run(a *app) error {
	var roles comity.Roles
	for _, name := range c.Role {
		r, err := comity.ParseRole(name)
		if err != nil {
			return err
		}
		roles |= comity.Roles(r)
	}
	return c.with(a.ctx, func(s *storage.Store) error {
		v := comity.System("comity person add")
		org, err := organization(a.ctx, s, v, c.Organization)
		if err != nil {
			return err
		}
		return addPerson(a, s, v, comity.Person{Org: org.ID, Name: c.Name, Email: c.Email, Roles: roles}, org, c.outputFlags)
	})
}

// personList lists them.
type personList struct {
	Organization string `help:"Only those of this organisation." placeholder:"ACRONYM"`
	storeFlags
	outputFlags
}

// Run lists people by organisation and name.
func (c *personList) Run(a *app) error {
	return c.with(a.ctx, func(s *storage.Store) error {
		all, acronyms, err := everybody(a.ctx, s, comity.System("comity person list"), c.Organization)
		if err != nil {
			return err
		}
		return a.print(c.outputFlags, all, func(w io.Writer) {
			for _, p := range all {
				fmt.Fprintf(w, "%-16s %-36s %-30s %s%s\n", acronyms[p.Org], p.Email, strings.Join(p.Roles.Names(), ","), p.Name, deactivated(p.Deactivated))
			}
		})
	})
}

// everybody returns the people of an organisation, or of all if acronym is empty, deactivated ones included, and the
// acronyms of the organisations.
func everybody(ctx context.Context, s *storage.Store, v comity.Viewer, acronym string) ([]comity.Person, map[comity.OrgID]string, error) {
	if acronym != "" {
		if _, err := organization(ctx, s, v, acronym); err != nil {
			return nil, nil, err
		}
	}
	orgs, err := s.Organizations(ctx, v)
	if err != nil {
		return nil, nil, err
	}
	all, acronyms := []comity.Person{}, map[comity.OrgID]string{}
	for _, o := range orgs {
		acronyms[o.ID] = o.Acronym
		if acronym != "" && o.Acronym != acronym {
			continue
		}
		people, err := s.People(ctx, v, o.ID)
		if err != nil {
			return nil, nil, err
		}
		all = append(all, people...)
	}
	return all, acronyms, nil
}

// personByEmail finds a person by the address that people type, deactivated or not.
func personByEmail(ctx context.Context, s *storage.Store, v comity.Viewer, email string) (comity.Person, error) {
	all, _, err := everybody(ctx, s, v, "")
	if err != nil {
		return comity.Person{}, err
	}
	for _, p := range all {
		if strings.EqualFold(p.Email, strings.TrimSpace(email)) {
			return p, nil
		}
	}
	return comity.Person{}, comity.Errorf(comity.NotFound, "nobody signs in with %q here; \"comity person list\" shows who does", email)
}

// personDeactivate deactivates one.
type personDeactivate struct {
	Email string `arg:"" help:"E-mail address with which they sign in."`
	storeFlags
}

// Run deactivates the person.
func (c *personDeactivate) Run(a *app) error {
	return c.with(a.ctx, func(s *storage.Store) error {
		v := comity.System("comity person deactivate")
		p, err := personByEmail(a.ctx, s, v, c.Email)
		if err != nil {
			return err
		}
		return s.DeactivatePerson(a.ctx, v, p.ID, utcNow())
	})
}

// personReactivate reactivates one.
type personReactivate struct {
	Email string `arg:"" help:"E-mail address with which they sign in."`
	storeFlags
}

// Run reactivates the person.
func (c *personReactivate) Run(a *app) error {
	return c.with(a.ctx, func(s *storage.Store) error {
		v := comity.System("comity person reactivate")
		p, err := personByEmail(a.ctx, s, v, c.Email)
		if err != nil {
			return err
		}
		return s.ReactivatePerson(a.ctx, v, p.ID)
	})
}

// personReset sets a new password.
type personReset struct {
	Email string `arg:"" help:"E-mail address with which they sign in."`
	storeFlags
	outputFlags
}

// Run sets a random password and prints it, the only time that it is seen.
func (c *personReset) Run(a *app) error {
	return c.with(a.ctx, func(s *storage.Store) error {
		v := comity.System("comity person reset")
		p, err := personByEmail(a.ctx, s, v, c.Email)
		if err != nil {
			return err
		}
		o, err := s.Organization(a.ctx, v, p.Org)
		if err != nil {
			return err
		}
		if !p.Active() || !o.Active() {
			return comity.Errorf(comity.Conflict, "%s is deactivated: reactivate them first", p.Email)
		}
		password, err := randomPassword()
		if err != nil {
			return err
		}
		if err := auth.New(s, auth.Options{Now: utcNow, Entropy: rand.Reader}).SetPassword(a.ctx, p.ID, password); err != nil {
			return err
		}
		made := account{Organization: o.Acronym, Email: p.Email, Roles: p.Roles.Names(), Password: password}
		return a.print(c.outputFlags, made, func(w io.Writer) {
			fmt.Fprintf(w, "%s signs in with the password\n\n    %s\n\nwhich is not shown again.\n", p.Email, password)
		})
	})
}
