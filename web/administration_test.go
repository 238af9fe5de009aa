package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"comity"
)

// office is a desk with an auditor, a person without a role, and an open invitation into organisation A.
func office(t *testing.T) *desk {
	d := newDesk(t)
	d.person("auditor", d.b, comity.RoleAuditor)
	d.person("norole", d.a, 0)
	d.invite("anna", d.a, "new@x-oco.example", "analyst")
	return d
}

var officers = []string{"", "norole", "anna", "alan", "chair", "bert", "watch", "desk", "reader", "auditor"}

// invite makes an invitation on the page and returns its path.
func (d *desk) invite(who string, o comity.Organization, email string, roles ...string) string {
	d.t.Helper()
	a := d.post(who, organizationPath(o.ID)+"/invite", url.Values{"email": {email}, "name": {"Newcomer"}, "role": roles}).want(http.StatusOK, email)
	return linkIn(d.t, a.Body)
}

var invitationLink = regexp.MustCompile(`http://example\.com(/invitation/[A-Za-z0-9_-]{43})<`)

func linkIn(t *testing.T, page string) string {
	t.Helper()
	m := invitationLink.FindStringSubmatch(page)
	if m == nil {
		t.Fatalf("the page shows no link\n%s", page)
	}
	return m[1]
}

func TestRolesReachAdministration(t *testing.T) {
	d := office(t)
	a, b := organizationPath(d.a.ID), organizationPath(d.b.ID)
	secretariat := []string{"desk"}
	for _, page := range []struct {
		path  string
		who   []string // get it
		lacks []string // are told that there is nothing
	}{
		{"/administration", secretariat, nil},
		{"/administration/group", secretariat, nil},
		{"/administration/organizations/new", secretariat, nil},
		{a, []string{"anna", "desk"}, []string{"bert"}},
		{b, []string{"bert", "desk"}, []string{"anna"}},
		{a + "/edit", secretariat, nil},
		{a + "/invite", []string{"anna", "desk"}, []string{"bert"}},
		{personPath(d.people["alan"].ID), []string{"anna", "desk"}, []string{"bert"}},
		{personPath(d.people["chair"].ID), secretariat, []string{"anna", "bert"}},
		{personPath(d.people["desk"].ID), nil, []string{"anna", "bert", "desk"}},
		{"/administration/audit", []string{"anna", "alan", "chair", "bert", "desk", "auditor"}, nil},
		{"/administration/audit.csv", []string{"anna", "alan", "chair", "bert", "desk", "auditor"}, nil},
		{"/account", officers[1:], nil},
		{"/confirm", officers[1:], nil},
	} {
		for _, who := range officers {
			want := http.StatusForbidden
			switch {
			case slices.Contains(page.who, who):
				want = http.StatusOK
			case slices.Contains(page.lacks, who):
				want = http.StatusNotFound
			case who == "", page.path == "/administration" && (who == "anna" || who == "bert"):
				want = http.StatusSeeOther
			}
			if got := d.get(who, page.path).Status; got != want {
				t.Errorf("%s as %q: status %d, want %d", page.path, who, got, want)
			}
		}
	}
}

// TestNobodyWritesWhereTheyMayNot posts to every address as everybody who may not.
func TestNobodyWritesWhereTheyMayNot(t *testing.T) {
	d := office(t)
	invitations, err := d.store.Invitations(t.Context(), deskSystem, d.a.ID)
	d.must(err)
	a, alan := organizationPath(d.a.ID), personPath(d.people["alan"].ID)
	for path, may := range map[string][]string{
		"/administration/group": {"desk"}, "/administration/organizations/new": {"desk"}, a + "/edit": {"desk"},
		a + "/deactivate": {"desk"}, a + "/reactivate": {"desk"}, a + "/invite": {"anna", "desk"},
		"/administration/invitations/" + string(invitations[0].ID) + "/renew":  {"anna", "desk"},
		"/administration/invitations/" + string(invitations[0].ID) + "/revoke": {"anna", "desk"},
		alan: {"anna", "desk"}, alan + "/deactivate": {"anna", "desk"}, alan + "/reactivate": {"anna", "desk"}, alan + "/reset": {"anna", "desk"},
		personPath(d.people["chair"].ID) + "/reset":     {"desk"},
		personPath(d.people["desk"].ID) + "/deactivate": {},
		personPath(d.people["auditor"].ID) + "/reset":   {"desk"},
		memberPath(d.a.ID) + "/focal-point":             {"anna", "desk"},
		"/account/tokens/tok_0000000000000000/revoke":   {},
	} {
		for _, who := range officers {
			if slices.Contains(may, who) {
				continue
			}
			if got := d.post(who, path, url.Values{}).Status; got != http.StatusForbidden && got != http.StatusNotFound && got != http.StatusUnauthorized {
				t.Errorf("POST %s as %q: status %d", path, who, got)
			}
		}
	}
}

func TestOrganizationForm(t *testing.T) {
	d := office(t)
	values := url.Values{"acronym": {"x-new"}, "name": {"New <i>Organisation"}, "kind": {"member"}}
	path := d.post("desk", "/administration/organizations/new", values).want(http.StatusSeeOther).Location()
	d.get("desk", path).want(http.StatusOK, "X-NEW", "New &lt;i&gt;Organisation", "Nobody of this organisation can sign in yet").without("<i>")
	d.post("desk", "/administration/organizations/new", values).want(http.StatusConflict, "Another organisation has this acronym")
	values.Set("acronym", "1")
	d.post("desk", "/administration/organizations/new", values).want(http.StatusUnprocessableEntity, "There is one thing to correct")
	edit := d.get("desk", path+"/edit").want(http.StatusOK).formValues(path + "/edit")
	edit.Set("kind", "observer")
	edit.Set("co_chair", "1")
	d.post("desk", path+"/edit", edit).want(http.StatusConflict, "Two member organisations lead the group")
	edit.Set("kind", "provider")
	edit.Set("name", "Renamed")
	d.post("desk", path+"/edit", edit).want(http.StatusSeeOther)
	d.get("desk", path).want(http.StatusOK, "Renamed", "Shared service provider", "Co-chair")
	d.post("desk", path+"/deactivate", url.Values{}).want(http.StatusSeeOther)
	d.get("desk", path).want(http.StatusOK, "Deactivated since")
	d.get("anna", "/members").want(http.StatusOK).without("Renamed")
	d.post("desk", path+"/reactivate", url.Values{}).want(http.StatusSeeOther)
	d.get("anna", "/members").want(http.StatusOK, "Renamed")
	d.post("desk", organizationPath(d.b.ID)+"/deactivate", url.Values{}).want(http.StatusSeeOther) // holds the secretariat
	d.get("desk", organizationPath(d.b.ID)).want(http.StatusOK).without("Deactivated since")
}

func TestGroupSettings(t *testing.T) {
	d := office(t)
	values := d.get("desk", "/administration/group").want(http.StatusOK, `value="180"`).formValues("/administration/group")
	values.Set("verify_days", "90")
	values.Set("release_months", "6")
	values.Set("established", "2011")
	d.post("desk", "/administration/group", values).want(http.StatusSeeOther)
	g, err := d.store.Group(t.Context(), deskSystem)
	d.must(err)
	if g.VerifyDays != 90 || g.ReleaseMonths != 6 || g.Established != 2011 || g.Acronym != "MISSIG" {
		t.Errorf("group: got %+v", g)
	}
	for field, value := range map[string]string{"verify_days": "1", "release_months": "0", "currency": "12$", "established": "3000", "acronym": ""} {
		wrong := d.get("desk", "/administration/group").formValues("/administration/group")
		wrong.Set(field, value)
		checkHTML(t, field, d.post("desk", "/administration/group", wrong).want(http.StatusUnprocessableEntity, "There is one thing to correct").Body)
	}
}

func TestPersonForm(t *testing.T) {
	d := office(t)
	path := personPath(d.people["alan"].ID)
	a := d.get("anna", path).want(http.StatusOK, `value="alternate"`).without(`value="secretariat"`, `value="co-chair"`)
	values := a.formValues(path)
	values["role"] = []string{"analyst", "alternate"}
	d.post("anna", path, values).want(http.StatusSeeOther)
	values["role"] = []string{"analyst", "secretariat"}
	d.post("anna", path, values).want(http.StatusForbidden)
	values["role"] = []string{"analyst", "root"}
	d.post("anna", path, values).want(http.StatusUnprocessableEntity)
	values["role"] = nil
	d.post("anna", path, values).want(http.StatusUnprocessableEntity, "choose at least one role")
	values["role"] = []string{"parent-network-reader"}
	d.post("desk", path, values).want(http.StatusConflict, "does not offer one of these roles")
	d.post("anna", path+"/deactivate", url.Values{}).want(http.StatusSeeOther)
	d.get("anna", organizationPath(d.a.ID)).want(http.StatusOK, "Deactivated since")
	d.post("anna", path+"/reset", url.Values{}).want(http.StatusNotFound) // who is deactivated gets no link
	d.post("anna", path+"/reactivate", url.Values{}).want(http.StatusSeeOther)
}

func TestInvitationOnPages(t *testing.T) {
	d := office(t)
	link := d.invite("anna", d.a, "second@x-oco.example", "analyst", "alternate")
	d.get("anna", organizationPath(d.a.ID)).want(http.StatusOK, "second@x-oco.example", "new@x-oco.example", "Works until").without(link)
	for _, who := range []string{"", "bert"} {
		d.get(who, link).want(http.StatusOK, "X-OCO invites you to MISSIG", "second@x-oco.example", "Newcomer")
	}
	values := d.get("", link).formValues(link)
	values.Set("password", "short")
	d.post("", link, values).want(http.StatusUnprocessableEntity, "at least 12 characters").without("value=\"short\"")
	values.Set("password", goodPassword)
	values.Set("role", "secretariat")
	d.post("", link, values).want(http.StatusUnprocessableEntity) // unknown field
	values.Del("role")
	values.Set("language", "fr")
	a := d.post("", link, values).want(http.StatusSeeOther)
	if !strings.Contains(fmt.Sprint(a.Header["Set-Cookie"]), "comity=") {
		t.Error("who accepted is not signed in")
	}
	people, err := d.store.People(t.Context(), deskSystem, d.a.ID)
	d.must(err)
	i := slices.IndexFunc(people, func(p comity.Person) bool { return p.Email == "second@x-oco.example" })
	if i < 0 || people[i].Roles != comity.RolesOf(comity.RoleAnalyst, comity.RoleAlternate) || people[i].Language != "fr" {
		t.Fatalf("who accepted: got %+v", people)
	}

	// Used, expired, revoked and unknown get the same answer, byte for byte.
	expired, revoked := d.invite("anna", d.a, "third@x-oco.example", "analyst"), d.invite("anna", d.a, "fourth@x-oco.example", "analyst")
	open, err := d.store.Invitations(t.Context(), deskSystem, d.a.ID)
	d.must(err)
	for _, i := range open {
		if i.Email == "fourth@x-oco.example" {
			d.post("anna", "/administration/invitations/"+string(i.ID)+"/revoke", url.Values{}).want(http.StatusSeeOther)
		}
	}
	d.now = d.now.Add(comity.InvitationFor)
	bodies := map[string]bool{}
	for _, path := range []string{link, expired, revoked, "/invitation/" + strings.Repeat("A", 43), "/invitation/x"} {
		body := d.get("", path).want(http.StatusNotFound).Body
		bodies[strings.ReplaceAll(body, path, "")] = true
		d.post("", path, values).want(http.StatusNotFound)
	}
	if len(bodies) != 1 {
		t.Errorf("%d different answers, want one", len(bodies))
	}
}

func TestInvitationsAreRenewed(t *testing.T) {
	d := office(t)
	open, err := d.store.Invitations(t.Context(), deskSystem, d.a.ID)
	d.must(err)
	d.now = d.now.Add(comity.InvitationFor + time.Hour)
	d.get("anna", organizationPath(d.a.ID)).want(http.StatusOK, "Expired")
	link := linkIn(t, d.post("anna", "/administration/invitations/"+string(open[0].ID)+"/renew", url.Values{}).want(http.StatusOK).Body)
	d.get("", link).want(http.StatusOK)
	if open, err = d.store.Invitations(t.Context(), deskSystem, d.a.ID); err != nil || len(open) != 1 {
		t.Errorf("open invitations: got %d, %v", len(open), err)
	}
	d.post("desk", organizationPath(d.a.ID)+"/invite", url.Values{"email": {d.people["bert"].Email}, "role": {"analyst"}}).want(http.StatusConflict, "Somebody signs in with this address already")
}

func TestInvitationLinksAreRateLimited(t *testing.T) {
	d := office(t)
	link := d.invite("anna", d.a, "second@x-oco.example", "analyst")
	for range 60 {
		d.get("", "/invitation/x")
	}
	d.get("", link).want(http.StatusTooManyRequests)
	d.now = d.now.Add(16 * time.Minute)
	d.get("", link).want(http.StatusOK)
}

// signedIn is a door through which anna came in with her password.
func signedIn(t *testing.T) *door {
	d := newDoor(t)
	d.visit("/sign-in", url.Values{"email": {d.people["anna"].Email}, "password": {goodPassword}}).want(http.StatusSeeOther)
	return d
}

func TestDangerousWorkAsksAgain(t *testing.T) {
	d := signedIn(t)
	path := personPath(d.people["alan"].ID)
	d.now = d.now.Add(16 * time.Minute)
	for _, at := range []string{path + "/deactivate", path + "/reset"} {
		if to := d.visit(at, url.Values{}).want(http.StatusSeeOther).Location(); to != "/confirm?next="+url.QueryEscape(path) {
			t.Errorf("%s: sent to %q", at, to)
		}
	}
	if to := d.visit(organizationPath(d.a.ID)+"/invite", nil).want(http.StatusSeeOther).Location(); !strings.HasPrefix(to, "/confirm") {
		t.Errorf("invite: sent to %q", to)
	}
	alan, err := d.store.Person(t.Context(), deskSystem, d.people["alan"].ID)
	d.must(err)
	if !alan.Active() {
		t.Fatal("deactivated without a password")
	}
	values := url.Values{"next": {path}, "password": {"not the password"}}
	d.visit("/confirm", values).want(http.StatusUnauthorized, "This is not your password")
	d.visit(path+"/deactivate", url.Values{}).want(http.StatusSeeOther)
	values.Set("password", goodPassword)
	if to := d.visit("/confirm", values).want(http.StatusSeeOther).Location(); to != path {
		t.Errorf("confirmed, sent to %q", to)
	}
	if to := d.visit(path+"/deactivate", url.Values{}).want(http.StatusSeeOther).Location(); to != organizationPath(d.a.ID) {
		t.Errorf("deactivated, sent to %q", to)
	}
	values.Set("password", "not the password")
	for range 5 {
		d.visit("/confirm", values)
	}
	d.visit("/confirm", values).want(http.StatusTooManyRequests)
}

func TestOwnAccount(t *testing.T) {
	d := signedIn(t)
	d.visit("/account", nil).want(http.StatusOK, "this one", d.people["anna"].Email)
	d.visit("/account/preferences", url.Values{"language": {"fr"}, "theme": {"dark"}}).want(http.StatusSeeOther)
	delete(d.cookies, languageCookie)
	delete(d.cookies, themeCookie)
	d.visit("/account", nil).want(http.StatusOK, `lang="fr"`, `data-theme="dark"`) // another browser
	d.visit("/theme", url.Values{"theme": {"auto"}, "next": {"/account"}}).want(http.StatusSeeOther)
	d.visit("/language", url.Values{"language": {"en"}, "next": {"/account"}}).want(http.StatusSeeOther)
	d.visit("/account", nil).want(http.StatusOK, `lang="en"`).without("data-theme")

	page := d.visit("/account/tokens", url.Values{"name": {"Zebra"}, "days": {"90"}, "read_only": {"1"}}).want(http.StatusOK, "cty_")
	secret := regexp.MustCompile(`cty_[a-z2-7]{52}`).FindString(page.Body)
	d.visit("/account", nil).want(http.StatusOK, "Zebra", "reads only", "never").without(secret)
	r := httptest.NewRequest(http.MethodPost, memberPath(d.a.ID)+"/focal-point", strings.NewReader("revision=0&name=x&email=x@x.example"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Authorization", "Bearer "+secret)
	d.do("", r).want(http.StatusForbidden) // a token for reading writes nothing
	d.visit("/account/tokens", url.Values{"name": {""}, "days": {"90"}}).want(http.StatusUnprocessableEntity)
	d.visit("/account/tokens", url.Values{"name": {"x"}, "days": {"4000"}}).want(http.StatusUnprocessableEntity)
	tokens, err := d.store.Tokens(t.Context(), deskSystem, d.people["anna"].ID)
	d.must(err)
	d.visit("/account/tokens/"+string(tokens[0].ID)+"/revoke", url.Values{"next": {"/account"}}).want(http.StatusSeeOther)
	d.visit("/account", nil).want(http.StatusOK).without("Zebra")

	other, err := d.auth.StartSession(t.Context(), d.people["anna"].ID)
	d.must(err)
	wrong := url.Values{"current": {"not the password"}, "password": {"four blue tables in the snow"}}
	d.visit("/account/password", wrong).want(http.StatusUnprocessableEntity, "This is not your password")
	wrong.Set("current", goodPassword)
	d.visit("/account/password", wrong).want(http.StatusSeeOther)
	d.visit("/account", nil).want(http.StatusOK) // still signed in here
	d.cookies["comity"] = other
	d.visit("/account", nil).want(http.StatusSeeOther) // and nowhere else
}

func TestOwnSessionsEnd(t *testing.T) {
	d := signedIn(t)
	other, err := d.auth.StartSession(t.Context(), d.people["anna"].ID)
	d.must(err)
	foreign, err := d.auth.StartSession(t.Context(), d.people["bert"].ID)
	d.must(err)
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.AddCookie(&http.Cookie{Name: "comity", Value: d.cookies["comity"]})
	here, err := d.auth.Session(t.Context(), r)
	d.must(err)
	for _, who := range []string{"anna", "bert"} {
		list, err := d.store.Sessions(t.Context(), comity.ViewerOf(d.people[who]), d.now)
		d.must(err)
		for _, n := range list {
			if n.ID == here.ID {
				continue
			}
			d.visit("/account/sessions/"+string(n.ID)+"/revoke", url.Values{})
		}
	}
	for name, cookie := range map[string]string{"ended": other, "another's": foreign} {
		d.cookies["comity"] = cookie
		want := http.StatusSeeOther
		if name == "another's" {
			want = http.StatusOK
		}
		d.visit("/account", nil).want(want)
	}
}

func TestAuditLog(t *testing.T) {
	d := office(t)
	d.contact(d.b, comity.ContactOperational, "Bravo desk")
	d.post("bert", memberPath(d.b.ID)+"/verify", url.Values{}).want(http.StatusSeeOther)
	d.get("anna", "/administration/audit?action=put+invitation").want(http.StatusOK, "One entry", "focal-point of X-OCO").without("focal-point of X-SSA")
	d.get("anna", "/administration/audit").want(http.StatusOK).without("verify contacts")
	d.get("bert", "/administration/audit").want(http.StatusOK, "verify contacts").without("put invitation", string(d.people["anna"].ID))
	d.get("desk", "/administration/audit").want(http.StatusOK, "verify contacts", "put invitation", "focal-point of X-OCO")
	d.get("auditor", "/administration/audit?organization="+string(d.a.ID)+"&action=put+invitation").want(http.StatusOK, "One entry", string(d.people["anna"].ID))
	d.get("desk", "/administration/audit?person="+string(d.people["bert"].ID)).want(http.StatusOK, "One entry")
	d.get("desk", "/administration/audit?before=2001-01-01").want(http.StatusOK, "No entry matches")
	d.get("bert", "/administration/audit.csv").want(http.StatusOK, "TLP:AMBER+STRICT", "verify contacts").without("put invitation")
}

func TestAdministrationInEveryLanguage(t *testing.T) {
	d := office(t)
	a := organizationPath(d.a.ID)
	_, err := d.auth().NewToken(t.Context(), d.people["anna"].ID, "script")
	d.must(err)
	d.inEveryLanguage("desk", "/administration", "/administration/group", "/administration/organizations/new", a, a+"/edit", a+"/invite",
		personPath(d.people["alan"].ID), "/administration/audit", "/account", "/confirm")
	d.inEveryLanguage("anna", a, "/account", "/administration/audit")
	link := d.invite("anna", d.a, "lang@x-oco.example", "analyst")
	d.inEveryLanguage("", link)
}
