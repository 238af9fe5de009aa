package main

import (
	"fmt"
	"io"
	"time"

	"comity"
	"comity/storage"
)

// organizationCmd is about organisations.
type organizationCmd struct {
	Add  organizationAdd  `cmd:"" help:"Add an organisation to the group."`
	List organizationList `cmd:"" default:"1" help:"List the organisations."`

	Deactivate organizationDeactivate `cmd:"" help:"End the part that an organisation takes: its people can't sign in."`
	Reactivate organizationReactivate `cmd:"" help:"Let an organisation take part again."`

	Export organizationExport `cmd:"" help:"Write everything that is here of an organisation into one ZIP file."`
	Erase  organizationErase  `cmd:"" help:"Erase what is an organisation's own, for one of its focal points."`
}

// organizationAdd adds one.
type organizationAdd struct {
	Acronym string `arg:"" help:"2 to 16 of A–Z, 0–9 and '-'."`
	Name    string `arg:"" help:"Its name."`
	Kind    string `help:"member, observer, provider or parent-network." default:"member" enum:"member,observer,provider,parent-network"`
	storeFlags
	outputFlags
}

// Run adds the organisation.
func (c *organizationAdd) Run(a *app) error {
	return c.with(a.ctx, func(s *storage.Store) error {
		v := comity.System("comity organization add")
		org, err := addOrganization(a.ctx, s, v, c.Acronym, c.Name, comity.OrganizationKind(c.Kind))
		if err != nil {
			return err
		}
		return a.print(c.outputFlags, org, func(w io.Writer) { fmt.Fprintf(w, "added %s, %s\n", org.Acronym, org.Name) })
	})
}

// organizationList lists them.
type organizationList struct {
	storeFlags
	outputFlags
}

// Run lists the organisations by acronym.
func (c *organizationList) Run(a *app) error {
	return c.with(a.ctx, func(s *storage.Store) error {
		orgs, err := s.Organizations(a.ctx, comity.System("comity organization list"))
		if err != nil {
			return err
		}
		return a.print(c.outputFlags, orgs, func(w io.Writer) {
			for _, o := range orgs {
				fmt.Fprintf(w, "%-16s %-14s %s%s\n", o.Acronym, o.Kind, o.Name, deactivated(o.Deactivated))
			}
		})
	})
}

// deactivated is what a list adds to what is deactivated.
func deactivated(since time.Time) string {
	if since.IsZero() {
		return ""
	}
	return "  deactivated " + comity.DateOf(since).String()
}

// organizationDeactivate deactivates one.
type organizationDeactivate struct {
	Acronym string `arg:"" help:"Acronym of the organisation."`
	storeFlags
}

// Run deactivates the organisation.
func (c *organizationDeactivate) Run(a *app) error {
	return c.with(a.ctx, func(s *storage.Store) error {
		v := comity.System("comity organization deactivate")
		o, err := organization(a.ctx, s, v, c.Acronym)
		if err != nil {
			return err
		}
		return s.DeactivateOrganization(a.ctx, v, o.ID, utcNow())
	})
}

// organizationReactivate reactivates one.
type organizationReactivate struct {
	Acronym string `arg:"" help:"Acronym of the organisation."`
	storeFlags
}

// Run reactivates the organisation.
func (c *organizationReactivate) Run(a *app) error {
	return c.with(a.ctx, func(s *storage.Store) error {
		v := comity.System("comity organization reactivate")
		o, err := organization(a.ctx, s, v, c.Acronym)
		if err != nil {
			return err
		}
		return s.ReactivateOrganization(a.ctx, v, o.ID)
	})
}
