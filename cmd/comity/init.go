package main

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"fmt"
	"io"
	"strings"

	"comity"
	"comity/auth"
	"comity/storage"
)

// initCmd sets up a group without a browser.
type initCmd struct {
	Group        string `help:"Acronym of the group." required:"" placeholder:"ACRONYM"`
	GroupName    string `help:"Name of the group." required:"" placeholder:"NAME"`
	Parent       string `help:"Acronym of the body that the group reports to." placeholder:"ACRONYM"`
	Established  int    `help:"Year in which the group was established." placeholder:"YEAR"`
	Currency     string `help:"Unit in which losses are stated." default:"USD"`
	Organization string `help:"Acronym of the first organisation." required:"" placeholder:"ACRONYM"`
	Name         string `help:"Name of the first organisation." required:"" placeholder:"NAME"`
	Email        string `help:"E-mail address of the first person, who becomes secretariat and focal point." required:"" placeholder:"ADDRESS"`
	Person       string `help:"How the first person is called." default:"Secretariat"`
	storeFlags
	outputFlags
}

// account is what is printed of a new person, once.
type account struct {
	Organization string   `json:"organization"`
	Email        string   `json:"email"`
	Roles        []string `json:"roles"`
	Password     string   `json:"password"`
}

// Run creates the group, unless there is one.
func (c *initCmd) Run(a *app) error {
	return c.with(a.ctx, func(s *storage.Store) error {
		v := comity.System("comity init")
		some, err := s.HasPeople(a.ctx, v)
		if err != nil {
			return err
		}
		if some {
			return comity.Errorf(comity.Conflict, "a group is set up here already")
		}
		group := comity.Group{
			Acronym: c.Group, Name: c.GroupName, ParentNetwork: c.Parent, Established: c.Established, Currency: c.Currency,
		}
		if err := s.PutGroup(a.ctx, v, group); err != nil {
			return err
		}
		org, err := addOrganization(a.ctx, s, v, c.Organization, c.Name, comity.KindMember)
		if err != nil {
			return err
		}
		roles := comity.RolesOf(comity.RoleSecretariat, comity.RoleFocalPoint)
		return addPerson(a, s, v, comity.Person{Org: org.ID, Name: c.Person, Email: c.Email, Roles: roles}, org, c.outputFlags)
	})
}

func addOrganization(ctx context.Context, s *storage.Store, v comity.Viewer, acronym, name string, kind comity.OrganizationKind) (comity.Organization, error) {
	acronym, err := comity.ParseAcronym(acronym)
	if err != nil {
		return comity.Organization{}, err
	}
	if strings.TrimSpace(name) == "" {
		return comity.Organization{}, comity.Errorf(comity.Invalid, "organisation %s: a name is missing", acronym)
	}
	if _, err := s.OrganizationByAcronym(ctx, v, acronym); err == nil {
		return comity.Organization{}, comity.Errorf(comity.Conflict, "organisation %s is there already", acronym)
	}
	e, err := fresh()
	if err != nil {
		return comity.Organization{}, err
	}
	org := comity.Organization{ID: comity.MakeOrgID(e), Acronym: acronym, Name: name, Kind: kind}
	return org, s.PutOrganization(ctx, v, org)
}

// addPerson stores a person with a random first password and prints it, the only time that it is seen.
func addPerson(a *app, s *storage.Store, v comity.Viewer, p comity.Person, org comity.Organization, o outputFlags) error {
	p.Email = strings.ToLower(strings.TrimSpace(p.Email))
	if at := strings.IndexByte(p.Email, '@'); at < 1 || at == len(p.Email)-1 {
		return comity.Errorf(comity.Invalid, "%q is not an e-mail address", p.Email)
	}
	there, err := s.PersonByEmail(a.ctx, v, p.Email)
	switch {
	case err == nil && there.Org != p.Org:
		return comity.Errorf(comity.Conflict, "%s belongs to another organisation", p.Email)
	case err == nil:
		p.ID = there.ID
	case comity.KindOf(err) != comity.NotFound:
		return err
	default:
		e, err := fresh()
		if err != nil {
			return err
		}
		p.ID = comity.MakePersonID(e)
	}
	if err := s.PutPerson(a.ctx, v, p); err != nil {
		return err
	}
	password, err := randomPassword()
	if err != nil {
		return err
	}
	if err := auth.New(s, auth.Options{Now: utcNow, Entropy: rand.Reader}).SetPassword(a.ctx, p.ID, password); err != nil {
		return err
	}
	made := account{Organization: org.Acronym, Email: p.Email, Roles: p.Roles.Names(), Password: password}
	return a.print(o, made, func(w io.Writer) {
		fmt.Fprintf(w, "%s of %s signs in with the password\n\n    %s\n\nwhich is not shown again.\n", p.Email, org.Acronym, password)
	})
}

// randomPassword returns 100 bits in groups that people can copy.
func randomPassword() (string, error) {
	var raw [20]byte
	if _, err := io.ReadFull(rand.Reader, raw[:]); err != nil {
		return "", err
	}
	s := strings.ToLower(base32.StdEncoding.EncodeToString(raw[:]))
	return s[0:5] + "-" + s[5:10] + "-" + s[10:15] + "-" + s[15:20], nil
}
