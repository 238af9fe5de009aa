package web

import (
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"comity"
	"comity/auth"
	"comity/pipeline"
	"comity/storage/storagetest"
)

const goodPassword = "seven green whales on a ladder"

// door is a desk behind real sign-in: the browser is its cookies.
type door struct {
	*desk
	auth    *auth.Auth
	cookies map[string]string
}

// newDoor opens a demonstration with one role, which anna plays.
func newDoor(t *testing.T) *door {
	d := newDesk(t)
	now := func() time.Time { return d.now }
	au := auth.New(d.store, auth.Options{Now: now, Entropy: rand.Reader})
	d.must(au.SetPassword(t.Context(), d.people["anna"].ID, goodPassword))
	var err error
	d.site, err = New(Options{
		Store: d.store, Pipeline: d.intake, Auth: au, Now: now,
		Demo: []DemoRole{{Role: comity.RoleFocalPoint, Person: d.people["anna"], Organization: d.a}},
	})
	d.must(err)
	return &door{desk: d, auth: au, cookies: map[string]string{}}
}

// visit sends a request with the browser's cookies and keeps those of the answer. No values is a GET.
func (d *door) visit(path string, values url.Values) answer {
	d.t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	if values != nil {
		r = httptest.NewRequest(http.MethodPost, path, strings.NewReader(values.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, value := range d.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	a := d.do("", r)
	for _, c := range (&http.Response{Header: a.Header}).Cookies() {
		d.cookies[c.Name] = c.Value
		if c.MaxAge < 0 {
			delete(d.cookies, c.Name)
		}
	}
	return a
}

func TestSignInAndOut(t *testing.T) {
	d := newDoor(t)
	if to := d.visit("/organization?x=1", nil).want(http.StatusSeeOther).Location(); to != "/sign-in?next=%2Forganization%3Fx%3D1" {
		t.Errorf("nobody is sent to %q", to)
	}
	credentials := url.Values{"email": {d.people["anna"].Email}, "password": {goodPassword}, "next": {"/organization"}}
	if to := d.visit("/sign-in", credentials).want(http.StatusSeeOther).Location(); to != "/organization" {
		t.Errorf("signed in, sent to %q", to)
	}
	d.visit("/organization", nil).want(http.StatusOK)
	d.visit("/sign-in", nil).want(http.StatusSeeOther) // there is nothing to do here any more
	kept := d.cookies["comity"]
	d.visit("/sign-out", url.Values{}).want(http.StatusSeeOther)
	if d.cookies["comity"] != "" {
		t.Error("the cookie is still there after signing out")
	}
	d.cookies["comity"] = kept
	d.visit("/organization", nil).want(http.StatusSeeOther) // the session has ended, not only the cookie
}

func TestSignInRefuses(t *testing.T) {
	d := newDoor(t)
	mail := d.people["anna"].Email
	tests := []struct {
		name   string
		values url.Values
		status int
		has    string
	}{
		{"wrong password", url.Values{"email": {mail}, "password": {"not this one at all"}}, 401, "do not belong together"},
		{"unknown address", url.Values{"email": {"nobody@x-oco.example"}, "password": {"not this one at all"}}, 401, "do not belong together"},
		{"nothing", url.Values{"email": {""}, "password": {""}}, 422, "There are 2 things to correct"},
		{"unknown field", url.Values{"email": {mail}, "password": {goodPassword}, "role": {"co-chair"}}, 422, "could not be read"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a := d.visit("/sign-in", test.values).want(test.status, test.has).without("not this one at all", goodPassword)
			checkHTML(t, test.name, a.Body)
			if d.cookies["comity"] != "" {
				t.Error("signed in")
			}
		})
	}
}

func TestSignInIsThrottled(t *testing.T) {
	d := newDoor(t)
	wrong := url.Values{"email": {d.people["anna"].Email}, "password": {"not this one at all"}}
	for range 40 {
		if d.visit("/sign-in", wrong).Status == http.StatusTooManyRequests {
			d.visit("/sign-in", wrong).want(http.StatusTooManyRequests, "Too many attempts")
			return
		}
	}
	t.Error("40 wrong passwords in a row, and never too many")
}

func TestDemonstrationSignsInWithOneClick(t *testing.T) {
	d := newDoor(t)
	page := d.visit("/sign-in", nil).want(http.StatusOK, "Focal point", "Ocean Observatory", "Answers for one organisation", "The Meridian System")
	checkHTML(t, "sign-in", page.Body)
	d.visit("/demo/sign-in", url.Values{"person": {string(d.people["bert"].ID)}}).want(http.StatusNotFound) // plays no role
	d.visit("/demo/sign-in", url.Values{"person": {string(d.people["anna"].ID)}, "next": {"//elsewhere.example"}}).want(http.StatusSeeOther)
	d.visit("/organization", nil).want(http.StatusOK, "X-OCO")
}

func TestOneClickExistsInADemonstrationOnly(t *testing.T) {
	d := newDesk(t)
	d.post("", "/demo/sign-in", url.Values{"person": {string(d.people["anna"].ID)}}).want(http.StatusNotFound)
	d.get("", "/sign-in").want(http.StatusOK).without("Choose a role")
}

// TestNobodyIsSentToSignIn visits every route without a session.
func TestNobodyIsSentToSignIn(t *testing.T) {
	d := newDoor(t)
	s, err := newSite(Options{Store: d.store, Pipeline: d.intake, Auth: d.auth, Now: time.Now, Demo: []DemoRole{{}}})
	d.must(err)
	r := &routes{site: s, mux: http.NewServeMux()}
	s.register(r)
	public := map[string]bool{
		"GET /sign-in": true, "POST /sign-in": true, "POST /sign-out": true, "POST /demo/sign-in": true,
		"GET /setup/{secret}": true, "POST /setup/{secret}": true, "POST /language": true, "POST /theme": true,
		"GET /invitation/{secret}": true, "POST /invitation/{secret}": true,
		"GET /unsubscribe/{token}": true, "POST /unsubscribe/{token}": true, "GET /feeds/{space}/{file}": true, "GET /feeds/calendar/{file}": true,
	}
	parameter := regexp.MustCompile(`\{[^}]*\}`)
	for _, pattern := range r.patterns {
		if public[pattern] {
			continue
		}
		method, path, _ := strings.Cut(pattern, " ")
		path = parameter.ReplaceAllString(strings.TrimSuffix(path, "{$}"), "x")
		want := http.StatusUnauthorized
		if method == http.MethodGet {
			want = http.StatusSeeOther
		}
		if got := d.do("", httptest.NewRequest(method, path, nil)).Status; got != want {
			t.Errorf("%s without a session: %d, want %d", pattern, got, want)
		}
	}
	if len(r.patterns) < 20 {
		t.Errorf("only %d routes: %v", len(r.patterns), r.patterns)
	}
}

// empty is a site on a store in which nobody is yet, and its set-up secret.
func empty(t *testing.T) (*door, string) {
	store := storagetest.Fresh(t)
	d := &desk{t: t, store: store, now: time.Date(2026, 8, 7, 12, 0, 0, 0, time.UTC)}
	now := func() time.Time { return d.now }
	d.intake = &intakeStub{Pipeline: pipeline.New(store, pipeline.Options{Catalogue: testCatalogue, Now: now, Entropy: rand.Reader})}
	au := auth.New(store, auth.Options{Now: now, Entropy: rand.Reader})
	var err error
	d.site, err = New(Options{Store: store, Pipeline: d.intake, Auth: au, Now: now})
	d.must(err)
	secret, err := au.NewSetup(t.Context())
	d.must(err)
	return &door{desk: d, auth: au, cookies: map[string]string{}}, secret
}

func answers() url.Values {
	return url.Values{
		"group_acronym": {"missig"}, "group_name": {"Information security group"}, "parent": {"MDTN"}, "currency": {"USD"},
		"acronym": {"X-OCO"}, "organization": {"Ocean Observatory"}, "person": {"Chief, Information Security"},
		"email": {"chief@x-oco.example"}, "password": {goodPassword},
	}
}

func TestSetUpWorksOnce(t *testing.T) {
	d, secret := empty(t)
	path := "/setup/" + secret
	checkHTML(t, path, d.visit(path, nil).want(http.StatusOK, "Set up your group").Body)
	d.visit("/setup/another", answers()).want(http.StatusNotFound)
	d.visit(path, answers()).want(http.StatusSeeOther)
	d.visit("/profile", nil).want(http.StatusOK, "MISSIG")
	d.cookies = map[string]string{}
	d.visit(path, nil).want(http.StatusNotFound)
	d.visit(path, answers()).want(http.StatusNotFound)
	d.visit("/sign-in", url.Values{"email": {"chief@x-oco.example"}, "password": {goodPassword}}).want(http.StatusSeeOther)
}

func TestSetUpSaysWhatIsWrong(t *testing.T) {
	d, secret := empty(t)
	for field, test := range map[string]struct{ value, has string }{
		"password":      {"short", "at least 12 characters"},
		"email":         {"chief", "does not look like an e-mail address"},
		"acronym":       {"1", "2 to 16 Latin capital letters"},
		"organization":  {"", "Please fill this in"},
		"group_acronym": {"ЮНИСИГ", "2 to 16 Latin capital letters"},
		"currency":      {"dollars", "at most 3 characters"},
	} {
		values := answers()
		values.Set(field, test.value)
		a := d.visit("/setup/"+secret, values).want(http.StatusUnprocessableEntity, test.has, "There is one thing to correct")
		checkHTML(t, field, a.Body)
	}
	d.visit("/setup/"+secret, answers()).want(http.StatusSeeOther) // none of it used the link up
}
