package web

import (
	"net"
	"net/http"
	"slices"

	"comity"
)

// signInView is the page to sign in on. In a demonstration it offers the roles.
type signInView struct {
	view
	Form   *form
	Next   string
	Failed string // key of the sentence that says why it did not work; empty: first look
	Roles  []demoRoleView
}

// demoRoleView is one role that a demonstration offers.
type demoRoleView struct {
	DemoRole
	Role string // name of the role
}

func (s *site) signIn(r *routes) {
	r.handle("GET /sign-in", anyone, s.showSignIn)
	r.handle("POST /sign-in", anyone, s.doSignIn)
	r.handle("POST /sign-out", anyone, s.doSignOut)
	if s.demo != nil {
		r.handle("POST /demo/sign-in", anyone, s.doDemoSignIn)
	}
}

func (s *site) signInView(c *call, f *form, next string) signInView {
	v := signInView{view: c.view(), Form: f, Next: localPath(next)}
	v.Public = true
	v.Path = signInPath(v.Next) // a POST has no address to come back to
	v.Group.Demonstration = s.demo != nil
	for _, r := range s.demo {
		v.Roles = append(v.Roles, demoRoleView{DemoRole: r, Role: r.Role.String()})
	}
	return v
}

func (s *site) showSignIn(c *call) error {
	next := localPath(c.r.URL.Query().Get("next"))
	if c.viewer.SignedIn() {
		return c.redirect(next)
	}
	return c.render("sign-in/sign-in", s.signInView(c, nil, next))
}

func (s *site) doSignIn(c *call) error {
	f, err := c.form("email", "password", "next")
	if err != nil {
		return err
	}
	email, password := f.Required("email", 254), f.Value("password")
	if password == "" {
		f.Fail("password", "error.field.required")
	}
	if !f.OK() {
		return c.renderInvalid("sign-in/sign-in", s.signInView(c, f, f.Value("next")))
	}
	cookie, person, err := s.auth.SignIn(c.ctx(), email, password, remoteOf(c.r))
	switch comity.KindOf(err) {
	case comity.Unauthorized, comity.Invalid, comity.NotFound:
		return s.refuse(c, f, http.StatusUnauthorized, "sign_in.wrong")
	case comity.TooMany:
		return s.refuse(c, f, http.StatusTooManyRequests, "sign_in.too_many")
	}
	if err != nil {
		return err
	}
	return s.start(c, cookie, person, f.Value("next"))
}

// refuse shows the page again and says why. The password is not sent back.
func (s *site) refuse(c *call, f *form, status int, key string) error {
	v := s.signInView(c, f, f.Value("next"))
	v.Failed = key
	return c.renderStatus(status, "sign-in/sign-in", v)
}

// start begins the session, ends the one that the browser had, and goes to where the person wanted to, or to the page that
// their role starts on.
func (s *site) start(c *call, cookie string, person comity.Person, next string) error {
	if old, err := c.r.Cookie(s.auth.Cookie("").Name); err == nil && old.Value != "" {
		if err := s.auth.SignOut(c.ctx(), old.Value); err != nil {
			return err
		}
	}
	http.SetCookie(c.w, s.auth.Cookie(cookie))
	if next = localPath(next); next == "/" && !comity.ViewerOf(person).SeesReleases() {
		next = "/threats"
	}
	return c.redirect(next)
}

func (s *site) doDemoSignIn(c *call) error {
	f, err := c.form("person", "next")
	if err != nil {
		return err
	}
	i := slices.IndexFunc(s.demo, func(r DemoRole) bool { return string(r.Person.ID) == f.Value("person") })
	if i < 0 {
		return comity.Errorf(comity.NotFound, "no such role")
	}
	cookie, err := s.auth.StartSession(c.ctx(), s.demo[i].Person.ID)
	if err != nil {
		return err
	}
	return s.start(c, cookie, s.demo[i].Person, f.Value("next"))
}

func (s *site) doSignOut(c *call) error {
	expired := s.auth.Cookie("")
	if cookie, err := c.r.Cookie(expired.Name); err == nil {
		if err := s.auth.SignOut(c.ctx(), cookie.Value); err != nil && comity.KindOf(err) != comity.NotFound {
			return err
		}
	}
	expired.MaxAge = -1
	http.SetCookie(c.w, expired)
	return c.redirect("/sign-in")
}

// remoteOf returns the address from which a request came, without port.
func remoteOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
