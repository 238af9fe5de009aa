package main

import (
	"fmt"
	"io"

	"comity"
	"comity/storage"
)

// contactCmd is about contacts.
type contactCmd struct {
	List contactList `cmd:"" default:"1" help:"List how organisations are reached, and when they said last that it is true."`
}

// contactList lists them.
type contactList struct {
	Organization string `help:"Only those of this organisation." placeholder:"ACRONYM"`
	Overdue      bool   `help:"Only those that are to be verified again."`
	storeFlags
	outputFlags
}

// listedContact is a contact with the acronym of its organisation.
type listedContact struct {
	Acronym string `json:"acronym"`
	comity.Contact
	Overdue bool `json:"overdue"`
}

// Run lists the contacts by acronym and function.
func (c *contactList) Run(a *app) error {
	return c.with(a.ctx, func(s *storage.Store) error {
		list, err := c.contacts(a, s)
		if err != nil {
			return err
		}
		return a.print(c.outputFlags, list, func(w io.Writer) {
			for _, t := range list {
				late := ""
				if t.Overdue {
					late = "  overdue"
				}
				fmt.Fprintf(w, "%-16s %-16s %-20s %-32s %s, verified %s%s\n", t.Acronym, t.Function, t.Phone, t.Email, t.Name, dayOr(t.Verified, "never"), late)
			}
		})
	})
}

func (c *contactList) contacts(a *app, s *storage.Store) ([]listedContact, error) {
	v := comity.System("comity contact list")
	group, err := s.Group(a.ctx, v)
	if err != nil && comity.KindOf(err) != comity.NotFound {
		return nil, err
	}
	orgs, err := s.Organizations(a.ctx, v)
	if err != nil {
		return nil, err
	}
	if c.Organization != "" {
		o, err := organization(a.ctx, s, v, c.Organization)
		if err != nil {
			return nil, err
		}
		orgs = []comity.Organization{o}
	}
	list, now := []listedContact{}, utcNow()
	for _, o := range orgs {
		contacts, err := s.Contacts(a.ctx, v, o.ID)
		if err != nil {
			return nil, err
		}
		for _, t := range contacts {
			if late := t.Overdue(now, group.ContactDays()); late || !c.Overdue {
				list = append(list, listedContact{o.Acronym, t, late})
			}
		}
	}
	return list, nil
}
