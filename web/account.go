package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"comity"
	"comity/auth"
)

func (s *site) account(r *routes) {
	r.handle("GET /account", people, s.showAccount)
	r.handle("POST /account/preferences", people, s.savePreferences)
	r.handle("POST /account/password", people, s.changePassword)
	r.handle("POST /account/tokens", people, s.makeToken)
	r.handle("POST /account/tokens/{id}/revoke", people, s.revokeToken)
	r.handle("POST /account/sessions/{id}/revoke", people, s.endSession)
	r.handle("GET /confirm", people, s.showConfirm)
	r.handle("POST /confirm", people, s.confirm)
}

// accountView is somebody's own account.
type accountView struct {
	view
	Sessions  []sessionRow
	Tokens    []tokenRow
	Password  *form
	Token     *form
	Days      []string // for how long a token may work
	Themes    []string
	SeesAudit bool
}

type sessionRow struct {
	comity.Session
	Current bool
}

// tokenDays are for how many days a token may work.
var tokenDays = []string{"30", "90", "180", "365"}

func (c *call) accountView() (accountView, error) {
	v := accountView{view: c.view(), Days: tokenDays, Themes: themes, Token: formOf(map[string]string{"days": "90"})}
	v.Marking = comity.TLPAmberStrict
	v.SeesAudit, _ = c.viewer.SeesAuditOf()
	now := c.site.now()
	sessions, err := c.site.store.Sessions(c.ctx(), c.viewer, now)
	if err != nil {
		return v, err
	}
	current, err := c.site.auth.Session(c.ctx(), c.r)
	if err != nil && comity.KindOf(err) != comity.NotFound {
		return v, err
	}
	for _, n := range sessions {
		v.Sessions = append(v.Sessions, sessionRow{n, n.ID == current.ID})
	}
	tokens, err := c.site.store.Tokens(c.ctx(), c.viewer, c.person.ID)
	v.Tokens = tokenRows(tokens, nil, now)
	return v, err
}

func (s *site) showAccount(c *call) error {
	v, err := c.accountView()
	if err != nil {
		return err
	}
	return c.render("account/account", v)
}

func (s *site) savePreferences(c *call) error {
	f, err := c.form("language", "theme")
	if err != nil {
		return err
	}
	lang, theme := f.Value("language"), f.Value("theme")
	if !slices.Contains(Languages, lang) || !slices.Contains(themes, theme) {
		return comity.Errorf(comity.Invalid, "unknown language or theme")
	}
	if err := c.prefer(lang, strings.TrimPrefix(theme, "auto")); err != nil {
		return err
	}
	c.flash("account.preferences.saved")
	return c.redirect("/account")
}

// changePassword sets a new password for who knows the old one, ends all their sessions and begins a new one here.
func (s *site) changePassword(c *call) error {
	f, err := c.form("current", "password")
	if err != nil {
		return err
	}
	password := f.Value("password")
	if err := auth.CheckPassword(password, c.person.Email); err != nil {
		f.Fail("password", passwordKey(err))
	}
	if f.OK() {
		switch err := s.auth.CheckOwn(c.ctx(), c.person, f.Value("current"), remoteOf(c.r)); {
		case err == nil:
		case comity.KindOf(err) == comity.Unauthorized:
			f.Fail("current", "account.password.wrong")
		default:
			return err
		}
	}
	if !f.OK() {
		v, err := c.accountView()
		if err != nil {
			return err
		}
		v.Password = f
		return c.renderInvalid("account/account", v)
	}
	if err := s.auth.SetPassword(c.ctx(), c.person.ID, password); err != nil {
		return err
	}
	cookie, err := s.auth.StartSession(c.ctx(), c.person.ID)
	if err != nil {
		return err
	}
	http.SetCookie(c.w, s.auth.Cookie(cookie))
	c.flash("account.password.changed")
	return c.redirect("/account")
}

// secretView shows a new token, the only time that it is seen.
type secretView struct {
	view
	Name   string
	Secret string
	Header string // how a program sends it
}

func (s *site) makeToken(c *call) error {
	f, err := c.form("name", "days", "read_only")
	if err != nil {
		return err
	}
	o := auth.TokenOptions{Name: f.Required("name", 80), ReadOnly: f.Flag("read_only")}
	if f.Choice("days", tokenDays...) != "" {
		o.Expires = s.now().AddDate(0, 0, f.Int("days", 1, 365))
	}
	if !f.OK() {
		v, err := c.accountView()
		if err != nil {
			return err
		}
		v.Token = f
		return c.renderInvalid("account/account", v)
	}
	if asked, err := c.askAgain("/account"); asked || err != nil {
		return err
	}
	secret, err := s.auth.MakeToken(c.ctx(), c.person.ID, o)
	if err != nil {
		return err
	}
	v := secretView{view: c.view(), Name: o.Name, Secret: secret, Header: "Authorization: Bearer cty_…"}
	v.Marking = comity.TLPRed
	return c.render("account/token", v)
}

func (s *site) endSession(c *call) error {
	id, err := comity.ParseSessionID(c.r.PathValue("id"))
	if err != nil {
		return comity.Errorf(comity.NotFound, "no such session")
	}
	if _, err := c.form(); err != nil {
		return err
	}
	return c.finish(s.store.DeleteSession(c.ctx(), c.viewer, id), "account.session.ended", "/account")
}

// confirmView asks for the password again.
type confirmView struct {
	view
	Form   *form
	Next   string
	Failed string // key of the sentence why it did not work
}

// askAgain sends who was not asked for the password within the last 15 minutes to be asked, and from there to next,
// where they repeat what they wanted. asked: the answer is written.
func (c *call) askAgain(next string) (asked bool, err error) {
	confirmed, err := c.site.auth.Confirmed(c.ctx(), c.r)
	if confirmed || err != nil {
		return false, err
	}
	return true, c.redirect("/confirm?" + url.Values{"next": {next}}.Encode())
}

func (s *site) showConfirm(c *call) error {
	return c.render("account/confirm", c.confirmView(nil, c.r.URL.Query().Get("next")))
}

func (c *call) confirmView(f *form, next string) confirmView {
	v := confirmView{view: c.view(), Form: f, Next: localPath(next)}
	v.Public = true
	v.Path = "/confirm?" + url.Values{"next": {v.Next}}.Encode()
	return v
}

func (s *site) confirm(c *call) error {
	f, err := c.form("password", "next")
	if err != nil {
		return err
	}
	err = s.auth.Confirm(c.ctx(), c.r, c.person, f.Value("password"), remoteOf(c.r))
	v := c.confirmView(f, f.Value("next"))
	switch comity.KindOf(err) {
	case comity.Unauthorized:
		v.Failed = "account.password.wrong"
		return c.renderStatus(http.StatusUnauthorized, "account/confirm", v)
	case comity.TooMany:
		v.Failed = "sign_in.too_many"
		return c.renderStatus(http.StatusTooManyRequests, "account/confirm", v)
	}
	if err != nil {
		return err
	}
	c.flash("account.confirm.done")
	return c.redirect(v.Next)
}
