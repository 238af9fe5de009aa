package web

import (
	"errors"
	"net/http"
	"net/url"

	"comity"
)

func (s *site) people(r *routes) {
	r.handle("GET /administration/organizations/{id}/invite", managers, s.newInvitation)
	r.handle("POST /administration/organizations/{id}/invite", managers, s.invite)
	r.handle("POST /administration/invitations/{id}/renew", managers, s.renewInvitation)
	r.handle("POST /administration/invitations/{id}/revoke", managers, s.revokeInvitation)
	r.handle("GET /administration/people/{id}", managers, s.showPerson)
	r.handle("POST /administration/people/{id}", managers, s.savePerson)
	r.handle("POST /administration/people/{id}/deactivate", managers, s.deactivatePerson)
	r.handle("POST /administration/people/{id}/reactivate", managers, s.reactivatePerson)
	r.handle("POST /administration/people/{id}/reset", managers, s.resetPassword)
}

// refusals are the sentences for what the store refuses, by the key of its error.
var refusals = map[string]string{
	"organization_roles": "administration.refused.roles", "organization_leads": "administration.refused.leads",
	"co_chairs": "administration.refused.co_chairs", "test_mail_waiting": "notifications.test.waiting",
	"last_secretariat": "administration.refused.last", "webhooks_many": "webhooks.error.many",
	"webhook_disabled": "webhooks.error.disabled", "delivery_waiting": "webhooks.error.waiting",
	"webhook_enabled":        "webhooks.error.enabled",
	"terms_one_organization": "group.term.error.one", "terms_not_leading": "group.term.error.not_leading",
	"organization_term": "group.term.error.goes_on", "procedure_closed": "procedure.error.closed", "no_rules": "procedure.error.no_rules",
	"role_not_offered": "administration.refused.role", "email_taken": "administration.refused.email",
}

// refusalKey returns the sentence that says why the store refused a change, fallback if it said nothing special.
func refusalKey(err error, fallback string) string {
	if e, ok := errors.AsType[*comity.Error](err); ok && refusals[e.Key] != "" {
		return refusals[e.Key]
	}
	return fallback
}

// roleChoice is one role on a form.
type roleChoice struct {
	Role    string
	Chosen  bool
	Locked  bool // the viewer neither gives nor takes it
	Offered bool // the organisation offers it
}

// inviteView is the form of an invitation, and the form of a person.
type inviteView struct {
	view
	Organization comity.Organization
	Subject      comity.Person // the zero person on an invitation
	Form         *form
	Roles        []roleChoice
	Failed       string // key of the sentence why the store refused it
	Active       bool
}

func (c *call) inviteView(o comity.Organization, p comity.Person, held comity.Roles, f *form) inviteView {
	v := inviteView{view: c.view(), Organization: o, Subject: p, Form: f, Active: p.Active() && o.Active()}
	v.Marking = comity.TLPAmberStrict
	for _, r := range comity.AllRoles {
		choice := roleChoice{
			Role: r.String(), Chosen: held.Has(r), Locked: !c.viewer.Grants(o.ID, r), Offered: o.Kind.Offers(r) && (r != comity.RoleCoChair || o.CoChair),
		}
		if choice.Chosen || choice.Offered && !choice.Locked {
			v.Roles = append(v.Roles, choice)
		}
	}
	return v
}

// readRoles reads the roles that were chosen. Roles that the viewer neither gives nor takes stay as they are held.
func (c *call) readRoles(f *form, org comity.OrgID, held comity.Roles) comity.Roles {
	var roles comity.Roles
	for _, name := range f.Values("role") {
		r, err := comity.ParseRole(name)
		if err != nil {
			f.Fail("role", "error.field.choice")
		}
		roles |= comity.Roles(r)
	}
	for _, r := range comity.AllRoles {
		if held.Has(r) && !c.viewer.Grants(org, r) {
			roles |= comity.Roles(r)
		}
	}
	if roles == 0 {
		f.Fail("role", "administration.person.no_role")
	}
	return roles
}

func (s *site) newInvitation(c *call) error {
	o, err := c.pathOrganization()
	if err != nil {
		return err
	}
	if asked, err := c.askAgain(organizationPath(o.ID) + "/invite"); asked || err != nil {
		return err
	}
	return c.render("administration/invite", c.inviteView(o, comity.Person{}, 0, nil))
}

func (s *site) invite(c *call) error {
	o, err := c.pathOrganization()
	if err != nil {
		return err
	}
	f, err := c.form("email", "name", "role")
	if err != nil {
		return err
	}
	i := comity.Invitation{Org: o.ID, Email: readEmail(f), Name: f.Text("name", 0), Roles: c.readRoles(f, o.ID, 0)}
	if !f.OK() {
		return c.renderInvalid("administration/invite", c.inviteView(o, comity.Person{}, i.Roles, f))
	}
	if asked, err := c.askAgain(organizationPath(o.ID) + "/invite"); asked || err != nil {
		return err
	}
	secret, i, err := s.auth.Invite(c.ctx(), c.viewer, i)
	if err != nil && comity.KindOf(err) == comity.Conflict {
		v := c.inviteView(o, comity.Person{}, i.Roles, f)
		v.Failed = refusalKey(err, "administration.refused.conflict")
		return c.renderStatus(http.StatusConflict, "administration/invite", v)
	}
	if err != nil {
		return err
	}
	return c.showLink(i, secret)
}

// linkView shows the link of an invitation, the only time that it is seen.
type linkView struct {
	view
	Invitation comity.Invitation
	Link       string
}

// showLink answers with the link that the inviter sends. The answer is kept nowhere (Cache-Control: no-store).
func (c *call) showLink(i comity.Invitation, secret string) error {
	v := linkView{view: c.view(), Invitation: i, Link: c.origin() + "/invitation/" + url.PathEscape(secret)}
	v.Marking = comity.TLPRed
	return c.render("administration/link", v)
}

// origin is where this site is, as the browser asked for it; only known hosts come so far.
func (c *call) origin() string {
	if c.site.auth.Cookie("").Secure {
		return "https://" + c.r.Host
	}
	return "http://" + c.r.Host
}

func (c *call) pathInvitation() (comity.Invitation, error) {
	id, err := comity.ParseInvitationID(c.r.PathValue("id"))
	if err != nil {
		return comity.Invitation{}, comity.Errorf(comity.NotFound, "no such invitation")
	}
	if _, err := c.form(); err != nil {
		return comity.Invitation{}, err
	}
	return c.site.store.Invitation(c.ctx(), c.viewer, id)
}

// renewInvitation makes a new link in place of one that was lost or has expired.
func (s *site) renewInvitation(c *call) error {
	i, err := c.pathInvitation()
	if err != nil {
		return err
	}
	if asked, err := c.askAgain(organizationPath(i.Org)); asked || err != nil {
		return err
	}
	secret, renewed, err := s.auth.Invite(c.ctx(), c.viewer, comity.Invitation{Org: i.Org, Person: i.Person, Email: i.Email, Name: i.Name, Roles: i.Roles})
	if err != nil {
		return c.finish(err, "", organizationPath(i.Org))
	}
	return c.showLink(renewed, secret)
}

func (s *site) revokeInvitation(c *call) error {
	i, err := c.pathInvitation()
	if err != nil {
		return err
	}
	return c.finish(s.store.DeleteInvitation(c.ctx(), c.viewer, i.ID), "administration.invitation.revoked", organizationPath(i.Org))
}

// pathPerson returns the person of the path, if the viewer manages them, and their organisation.
func (c *call) pathPerson() (comity.Person, comity.Organization, error) {
	id, err := comity.ParsePersonID(c.r.PathValue("id"))
	if err != nil {
		return comity.Person{}, comity.Organization{}, comity.Errorf(comity.NotFound, "no such person")
	}
	p, err := c.site.store.Person(c.ctx(), c.viewer, id)
	if err == nil && !c.viewer.ManagesPerson(p) {
		err = comity.Errorf(comity.NotFound, "no such person")
	}
	if err != nil {
		return p, comity.Organization{}, err
	}
	o, err := c.site.store.Organization(c.ctx(), c.viewer, p.Org)
	return p, o, err
}

func (s *site) showPerson(c *call) error {
	p, o, err := c.pathPerson()
	if err != nil {
		return err
	}
	return c.render("administration/person", c.inviteView(o, p, p.Roles, formOf(map[string]string{"name": p.Name})))
}

func personPath(id comity.PersonID) string { return "/administration/people/" + string(id) }

func (s *site) savePerson(c *call) error {
	p, o, err := c.pathPerson()
	if err != nil {
		return err
	}
	f, err := c.form("name", "role")
	if err != nil {
		return err
	}
	name, roles := f.Required("name", 0), c.readRoles(f, o.ID, p.Roles)
	if !f.OK() {
		return c.renderInvalid("administration/person", c.inviteView(o, p, roles, f))
	}
	if asked, err := c.askAgain(personPath(p.ID)); asked || err != nil {
		return err
	}
	err = s.store.ChangePerson(c.ctx(), c.viewer, p.ID, name, roles)
	if err != nil && comity.KindOf(err) == comity.Conflict {
		v := c.inviteView(o, p, roles, f)
		v.Failed = refusalKey(err, "administration.refused.conflict")
		return c.renderStatus(http.StatusConflict, "administration/person", v)
	}
	return c.finish(err, "administration.person.saved", organizationPath(o.ID))
}

func (s *site) deactivatePerson(c *call) error {
	return c.actOnPerson("administration.person.deactivated", func(p comity.Person) error {
		return s.store.DeactivatePerson(c.ctx(), c.viewer, p.ID, s.now())
	})
}

func (s *site) reactivatePerson(c *call) error {
	return c.actOnPerson("administration.person.reactivated", func(p comity.Person) error {
		return s.store.ReactivatePerson(c.ctx(), c.viewer, p.ID)
	})
}

// actOnPerson does what asks for the password again, and goes back to the person's organisation.
func (c *call) actOnPerson(done string, do func(comity.Person) error) error {
	p, o, err := c.pathPerson()
	if err != nil {
		return err
	}
	if _, err := c.form(); err != nil {
		return err
	}
	if asked, err := c.askAgain(personPath(p.ID)); asked || err != nil {
		return err
	}
	return c.finish(do(p), done, organizationPath(o.ID))
}

// resetPassword makes a link with which a person sets a new password.
func (s *site) resetPassword(c *call) error {
	p, _, err := c.pathPerson()
	if err != nil {
		return err
	}
	if _, err := c.form(); err != nil {
		return err
	}
	if asked, err := c.askAgain(personPath(p.ID)); asked || err != nil {
		return err
	}
	secret, _, err := s.auth.Invite(c.ctx(), c.viewer, comity.Invitation{Person: p.ID})
	if err != nil {
		return err
	}
	i := comity.Invitation{Org: p.Org, Person: p.ID, Email: p.Email, Name: p.Name, Expires: s.now().Add(comity.InvitationFor)}
	return c.showLink(i, secret)
}

func (s *site) revokeToken(c *call) error {
	id, err := comity.ParseTokenID(c.r.PathValue("id"))
	if err != nil {
		return comity.Errorf(comity.NotFound, "no such token")
	}
	f, err := c.form("next")
	if err != nil {
		return err
	}
	return c.finish(s.store.DeleteToken(c.ctx(), c.viewer, id), "account.token.revoked", f.Value("next"))
}
