package web

import (
	"comity"
	"comity/auth"
)

func (s *site) invitation(r *routes) {
	r.handle("GET /invitation/{secret}", anyone, s.showInvitation)
	r.handle("POST /invitation/{secret}", anyone, s.acceptInvitation)
}

// invitationView is the page behind the link of an invitation.
type invitationView struct {
	view
	Invitation   comity.Invitation
	Organization comity.Organization
	Form         *form
}

// pathInvited returns the page of the invitation that the path opens. One that is unknown, used, revoked or expired is
// not found, all the same.
func (c *call) pathInvited(f *form) (invitationView, error) {
	i, err := c.site.auth.Invitation(c.ctx(), c.r.PathValue("secret"), remoteOf(c.r))
	if err != nil {
		return invitationView{}, err
	}
	v := invitationView{view: c.view(), Invitation: i, Form: f}
	v.Public = true
	system := comity.System("web: invitation")
	if v.Organization, err = c.site.store.Organization(c.ctx(), system, i.Org); err != nil {
		return v, err
	}
	v.Group, err = c.site.store.Group(c.ctx(), system)
	return v, err
}

// showInvitation shows the form to whoever has a link. Only sending it uses the link up.
func (s *site) showInvitation(c *call) error {
	v, err := c.pathInvited(nil)
	if err != nil {
		return err
	}
	v.Form = formOf(map[string]string{"name": v.Invitation.Name, "language": c.locale.lang})
	return c.render("sign-in/invitation", v)
}

func (s *site) acceptInvitation(c *call) error {
	f, err := c.form("name", "language", "password")
	if err != nil {
		return err
	}
	v, err := c.pathInvited(f)
	if err != nil {
		return err
	}
	name, language := "", ""
	if v.Invitation.Person == "" {
		name, language = f.Required("name", 0), f.Choice("language", Languages...)
	}
	password := f.Value("password")
	if err := auth.CheckPassword(password, v.Invitation.Email); err != nil {
		f.Fail("password", passwordKey(err))
	}
	if !f.OK() {
		return c.renderInvalid("sign-in/invitation", v)
	}
	cookie, person, err := s.auth.Accept(c.ctx(), c.r.PathValue("secret"), remoteOf(c.r), name, language, password)
	if err != nil {
		return err
	}
	if language != "" {
		c.setCookie(languageCookie, language, year)
	}
	c.flash("account.welcome")
	return s.start(c, cookie, person, "/")
}
