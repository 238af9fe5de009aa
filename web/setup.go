package web

import (
	"context"
	"errors"
	"net/mail"
	"strings"
	"time"

	"comity"
	"comity/auth"
)

// setupView is the page behind a set-up link: the group, its first organisation and first person.
type setupView struct {
	view
	Form *form
}

var setupFields = []string{
	"group_acronym", "group_name", "parent", "currency", "acronym", "organization", "person", "email", "password",
}

func (s *site) setup(r *routes) {
	r.handle("GET /setup/{secret}", anyone, s.showSetup)
	r.handle("POST /setup/{secret}", anyone, s.doSetup)
}

func (s *site) setupView(c *call, f *form) setupView {
	v := setupView{view: c.view(), Form: f}
	v.Public = true
	return v
}

// showSetup shows the form to whoever has a link, while nobody can sign in yet. Only sending it uses the link up.
func (s *site) showSetup(c *call) error {
	some, err := s.store.HasPeople(c.ctx(), comity.System("web: is anybody here yet"))
	if err != nil {
		return err
	}
	if some {
		return comity.Errorf(comity.NotFound, "this was set up already")
	}
	return c.render("sign-in/setup", s.setupView(c, formOf(map[string]string{"currency": "USD"})))
}

// beginning is what a set-up makes.
type beginning struct {
	group    comity.Group
	org      comity.Organization
	person   comity.Person
	password string
}

func (s *site) doSetup(c *call) error {
	f, err := c.form(setupFields...)
	if err != nil {
		return err
	}
	b, err := readBeginning(f, s.now())
	if err != nil {
		return err
	}
	if !f.OK() {
		return c.renderInvalid("sign-in/setup", s.setupView(c, f))
	}
	if err := s.auth.UseSetup(c.ctx(), c.r.PathValue("secret")); err != nil {
		return err
	}
	if err := s.begin(c.ctx(), b); err != nil {
		return err
	}
	cookie, err := s.auth.StartSession(c.ctx(), b.person.ID)
	if err != nil {
		return err
	}
	return s.start(c, cookie, b.person, "/profile")
}

// readBeginning reads the form. Its error is a machine without entropy; what is wrong with the form is noted there.
func readBeginning(f *form, now time.Time) (beginning, error) {
	orgID, err1 := newID(comity.MakeOrgID)
	personID, err2 := newID(comity.MakePersonID)
	b := beginning{
		group: comity.Group{
			Acronym: readAcronym(f, "group_acronym"), Name: f.Required("group_name", 0), ParentNetwork: f.Text("parent", 40),
			Currency: f.Required("currency", 3), Established: now.Year(),
		},
		org: comity.Organization{
			ID: orgID, Acronym: readAcronym(f, "acronym"), Name: f.Required("organization", 0), Kind: comity.KindMember,
		},
		person: comity.Person{
			ID: personID, Org: orgID, Name: f.Required("person", 0), Email: readEmail(f),
			Roles: comity.RolesOf(comity.RoleSecretariat, comity.RoleFocalPoint),
		},
		password: f.Value("password"),
	}
	if err := auth.CheckPassword(b.password, b.person.Email); err != nil {
		f.Fail("password", passwordKey(err))
	}
	return b, errors.Join(err1, err2)
}

func readAcronym(f *form, name string) string {
	s := strings.ToUpper(f.Required(name, 0))
	if _, err := comity.ParseAcronym(s); err != nil {
		f.Fail(name, "setup.acronym_wrong")
	}
	return s
}

func readEmail(f *form) string {
	s := strings.ToLower(f.Required("email", 254))
	if parsed, err := mail.ParseAddress(s); err != nil || parsed.Address != s {
		f.Fail("email", "setup.email_wrong")
	}
	return s
}

// passwordKey returns the sentence that says why a password is refused.
func passwordKey(err error) string {
	if e, ok := errors.AsType[*comity.Error](err); ok && e.Key != "" {
		return "error." + e.Key
	}
	return "error.password_common"
}

// begin writes the group, its first organisation and first person. That person can then do the rest on pages.
func (s *site) begin(ctx context.Context, b beginning) error {
	v := comity.System("web: set up")
	if err := s.store.PutGroup(ctx, v, b.group); err != nil {
		return err
	}
	if err := s.store.PutOrganization(ctx, v, b.org); err != nil {
		return err
	}
	if err := s.store.PutPerson(ctx, v, b.person); err != nil {
		return err
	}
	return s.auth.SetPassword(ctx, b.person.ID, b.password)
}
