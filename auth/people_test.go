package auth

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"comity"
)

// request is one with a session's cookie, or a token.
func (d *desk) request(cookie, token string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	if cookie != "" {
		r.AddCookie(d.auth.Cookie(cookie))
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	return r
}

func TestConfirmedLastsAQuarterOfAnHour(t *testing.T) {
	d := newDesk(t)
	person, err := d.store.Person(t.Context(), comity.System("test"), d.person)
	d.must(err)
	cookie, err := d.auth.StartSession(t.Context(), d.person)
	d.must(err)
	token, err := d.auth.NewToken(t.Context(), d.person, "script")
	d.must(err)
	confirmed := func(cookie, token string) bool {
		t.Helper()
		ok, err := d.auth.Confirmed(t.Context(), d.request(cookie, token))
		d.must(err)
		return ok
	}
	if !confirmed(cookie, "") || confirmed("", "") || confirmed("", token) || confirmed(cookie, token) {
		t.Error("who signed in just now is confirmed, nobody and a token are not")
	}
	d.now = d.now.Add(ConfirmedFor + time.Second)
	if confirmed(cookie, "") {
		t.Error("confirmed for longer than a quarter of an hour")
	}
	if err := d.auth.Confirm(t.Context(), d.request(cookie, ""), person, "wrong", "192.0.2.1"); comity.KindOf(err) != comity.Unauthorized || err == nil {
		t.Errorf("wrong password: got %v", err)
	}
	if confirmed(cookie, "") {
		t.Error("a wrong password confirms")
	}
	d.must(d.auth.Confirm(t.Context(), d.request(cookie, ""), person, password, "192.0.2.1"))
	if !confirmed(cookie, "") {
		t.Error("the right password does not confirm")
	}
}

func TestDeactivatedPeopleAreNobody(t *testing.T) {
	d := newDesk(t)
	system := comity.System("test")
	cookie, err := d.auth.StartSession(t.Context(), d.person)
	d.must(err)
	token, err := d.auth.MakeToken(t.Context(), d.person, TokenOptions{Name: "script", Expires: d.now.AddDate(0, 0, 1), ReadOnly: true})
	d.must(err)
	v, _, err := d.auth.Viewer(t.Context(), d.request("", token))
	d.must(err)
	if !v.SignedIn() || v.Writes() {
		t.Errorf("a token for reading: signed in %t, writes %t", v.SignedIn(), v.Writes())
	}
	d.must(d.store.DeactivatePerson(t.Context(), system, d.person, d.now))
	if v, _, err := d.auth.Viewer(t.Context(), d.request(cookie, "")); err != nil || v.SignedIn() {
		t.Errorf("session: signed in %t, %v", v.SignedIn(), err)
	}
	if _, _, err := d.auth.Viewer(t.Context(), d.request("", token)); comity.KindOf(err) != comity.Unauthorized || err == nil {
		t.Errorf("token: got %v", err)
	}
	if _, _, err := d.auth.SignIn(t.Context(), email, password, "192.0.2.1"); comity.KindOf(err) != comity.Unauthorized || err == nil {
		t.Errorf("sign-in: got %v", err)
	}
	d.must(d.store.ReactivatePerson(t.Context(), system, d.person))
	if _, _, err := d.auth.SignIn(t.Context(), email, password, "192.0.2.1"); err != nil {
		t.Errorf("sign-in again: %v", err)
	}
	if v, _, err := d.auth.Viewer(t.Context(), d.request(cookie, "")); err != nil || v.SignedIn() {
		t.Errorf("the old session is back: signed in %t, %v", v.SignedIn(), err)
	}
}

func TestInvitationsKeepOnlyAHash(t *testing.T) {
	d := newDesk(t)
	system := comity.System("test")
	org, err := d.store.OrganizationByAcronym(t.Context(), system, "A")
	d.must(err)
	secret, i, err := d.auth.Invite(t.Context(), system, comity.Invitation{Org: org.ID, Email: "new@x.example", Roles: comity.RolesOf(comity.RoleAnalyst)})
	d.must(err)
	if len(secret) != 43 || string(i.Hash) == secret || !i.Expires.Equal(d.now.Add(7*24*time.Hour)) {
		t.Errorf("invitation: secret of %d characters, expires %v", len(secret), i.Expires)
	}
	if _, _, err := d.auth.Accept(t.Context(), secret, "192.0.2.1", "New", "en", "short"); comity.KindOf(err) != comity.Invalid || err == nil {
		t.Errorf("short password: got %v", err)
	}
	cookie, person, err := d.auth.Accept(t.Context(), secret, "192.0.2.1", "New", "en", "four blue tables in the snow")
	d.must(err)
	v, _, err := d.auth.Viewer(t.Context(), d.request(cookie, ""))
	d.must(err)
	if v.Person() != person.ID || v.Org() != org.ID || v.Roles() != comity.RolesOf(comity.RoleAnalyst) {
		t.Errorf("who accepted is %v of %s with %v", v.Person(), v.Org(), v.Roles().Names())
	}
	if _, _, err := d.auth.Accept(t.Context(), secret, "192.0.2.1", "New", "en", "four blue tables in the snow"); comity.KindOf(err) != comity.NotFound || err == nil {
		t.Errorf("used: got %v", err)
	}
}
