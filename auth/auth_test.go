package auth

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"comity"
	"comity/storage"
	"comity/storage/sqlite"

	"golang.org/x/crypto/argon2"
)

var _ Store = (*storage.Store)(nil)

const (
	email    = "focal.point@a.example"
	password = "four grey herons wade"
	home     = "192.0.2.1"
)

// desk is sign-in over a real store, with a clock that the test turns.
type desk struct {
	t      *testing.T
	auth   *Auth
	store  *storage.Store
	now    time.Time
	person comity.PersonID
}

// counter is entropy that never repeats.
type counter struct {
	mu sync.Mutex
	n  int
}

// Read implements io.Reader.
func (c *counter) Read(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range b {
		c.n++
		sum := sha256.Sum256(fmt.Append(nil, c.n))
		b[i] = sum[0]
	}
	return len(b), nil
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	s, err := sqlite.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	d := &desk{t: t, store: s, now: time.Date(2026, 8, 7, 9, 0, 0, 0, time.UTC), person: comity.MakePersonID(comity.Entropy{1})}
	d.auth = New(s, Options{Now: func() time.Time { return d.now }, Entropy: &counter{}})
	v := comity.System("test")
	org := comity.Organization{ID: comity.MakeOrgID(comity.Entropy{1}), Acronym: "A", Name: "A", Kind: comity.KindMember}
	d.must(s.PutOrganization(t.Context(), v, org))
	d.must(s.PutPerson(t.Context(), v, comity.Person{ID: d.person, Org: org.ID, Name: "Focal point", Email: email, Roles: comity.RolesOf(comity.RoleFocalPoint)}))
	d.must(d.auth.SetPassword(t.Context(), d.person, password))
	return d
}

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// try signs in and returns the kind of the error, or "ok".
func (d *desk) try(email, password, remote string) string {
	d.t.Helper()
	_, _, err := d.auth.SignIn(d.t.Context(), email, password, remote)
	if err == nil {
		return "ok"
	}
	return comity.KindOf(err).String()
}

// enter signs in and returns the cookie's value.
func (d *desk) enter() string {
	d.t.Helper()
	cookie, p, err := d.auth.SignIn(d.t.Context(), email, password, home)
	d.must(err)
	if p.ID != d.person {
		d.t.Fatalf("signed in as %s", p.ID)
	}
	return cookie
}

// sees returns who a request with these headers is from.
func (d *desk) sees(headers ...string) (comity.Viewer, error) {
	d.t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	v, p, err := d.auth.Viewer(d.t.Context(), r)
	if v.Person() != p.ID {
		d.t.Errorf("viewer %s is not person %s", v.Person(), p.ID)
	}
	return v, err
}

func (d *desk) signedIn(cookie string) bool {
	d.t.Helper()
	v, err := d.sees("Cookie", d.auth.CookieName()+"="+cookie)
	d.must(err)
	return v.SignedIn()
}

func TestSignIn(t *testing.T) {
	tests := []struct{ name, email, password, want string }{
		{"right", email, password, "ok"},
		{"right, as people write addresses", "  Focal.Point@A.example ", password, "ok"},
		{"wrong password", email, "four grey herons", "unauthorized"},
		{"no password", email, "", "unauthorized"},
		{"a password beyond all bounds", email, strings.Repeat("x", 1<<20), "unauthorized"},
		{"wrong address", "nobody@a.example", password, "unauthorized"},
		{"the password of nobody", "nobody@a.example", "", "unauthorized"},
		{"no address", "", "", "unauthorized"},
		{"the hash as the password", email, nobody, "unauthorized"},
	}
	d := newDesk(t)
	for i, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := d.try(tt.email, tt.password, fmt.Sprint("198.51.100.", i)); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}

// TestSameAnswer asks that an address that nobody has can't be told from a wrong password, by words or by work.
func TestSameAnswer(t *testing.T) {
	d := newDesk(t)
	_, _, wrong := d.auth.SignIn(t.Context(), email, "x", "192.0.2.8")
	_, _, absent := d.auth.SignIn(t.Context(), "nobody@a.example", "x", "192.0.2.9")
	if wrong.Error() != absent.Error() {
		t.Errorf("%q and %q differ", wrong, absent)
	}
	_, real, err := d.auth.credential(t.Context(), comity.System("test"), email)
	d.must(err)
	_, none, err := d.auth.credential(t.Context(), comity.System("test"), "nobody@a.example")
	d.must(err)
	cost := func(hash string) string { return strings.Join(strings.Split(hash, "$")[:4], "$") }
	if cost(real) != cost(none) || !isCurrent(none) {
		t.Errorf("work for nobody is %s, for somebody %s", cost(none), cost(real))
	}
}

func TestThrottlePair(t *testing.T) {
	d := newDesk(t)
	for range perPair {
		if got := d.try(email, "wrong", "203.0.113.1"); got != "unauthorized" {
			t.Fatal(got)
		}
	}
	if got := d.try(email, password, "203.0.113.1"); got != "too-many" {
		t.Errorf("attempt %d with the right password: %s, want too-many", perPair+1, got)
	}
	if got := d.try(email, password, home); got != "ok" {
		t.Errorf("the right password from another address: %s, want ok", got)
	}
	d.now = d.now.Add(RetryAfter + time.Second)
	if got := d.try(email, password, "203.0.113.1"); got != "ok" {
		t.Errorf("a quarter of an hour later: %s, want ok", got)
	}
}

// TestThrottleOneAddressLocksNobodyOut asks that one address, however stubborn, keeps nobody else out.
func TestThrottleOneAddressLocksNobodyOut(t *testing.T) {
	d := newDesk(t)
	for range 3 * perAccount {
		d.try(email, "wrong", "203.0.113.1")
	}
	for range perPair - 1 {
		if got := d.try(email, "mistyped", home); got != "unauthorized" {
			t.Fatalf("at home: %s, want unauthorized", got)
		}
	}
	if got := d.try(email, password, home); got != "ok" {
		t.Errorf("at home: %s, want ok", got)
	}
}

func TestThrottleManyAddresses(t *testing.T) {
	d := newDesk(t)
	for i := range perAccount {
		d.try(email, "wrong", fmt.Sprint("203.0.113.", i))
	}
	if got := d.try(email, "guess", "203.0.113.100"); got != "unauthorized" {
		t.Errorf("the one attempt of a new address: %s, want unauthorized", got)
	}
	if got := d.try(email, "guess again", "203.0.113.100"); got != "too-many" {
		t.Errorf("its second: %s, want too-many", got)
	}
	if got := d.try(email, password, home); got != "ok" {
		t.Errorf("the person, from home: %s, want ok", got)
	}
	if got := d.try(email, "wrong", "203.0.113.100"); got != "unauthorized" && got != "too-many" {
		t.Error(got)
	}
}

func TestThrottleAddress(t *testing.T) {
	d := newDesk(t)
	v := comity.System("test")
	for range perAddress {
		if _, err := d.auth.count(t.Context(), v, "address 203.0.113.1"); err != nil {
			t.Fatal(err)
		}
	}
	if got := d.try(email, password, "203.0.113.1"); got != "too-many" {
		t.Errorf("attempt %d of an address: %s, want too-many", perAddress+1, got)
	}
	if got := d.try(email, password, home); got != "ok" {
		t.Errorf("another address: %s, want ok", got)
	}
}

func TestSessionTimes(t *testing.T) {
	d := newDesk(t)
	cookie := d.enter()
	d.now = d.now.Add(idle)
	if !d.signedIn(cookie) {
		t.Error("signed out after 12 h, want after more")
	}
	d.now = d.now.Add(idle + time.Second)
	if d.signedIn(cookie) {
		t.Error("still signed in after more than 12 h without a request")
	}
	busy := d.enter()
	start := d.now
	for d.now.Sub(start) < absolute-6*time.Hour {
		d.now = d.now.Add(6 * time.Hour)
		if d.now.Sub(start) < absolute && !d.signedIn(busy) {
			t.Fatalf("signed out after %s of use", d.now.Sub(start))
		}
	}
	d.now = start.Add(absolute + time.Second)
	if d.signedIn(busy) {
		t.Error("still signed in after 7 days")
	}
}

// TestRotation asks that no session outlives what it was made for, and that nobody can bring a session along.
func TestRotation(t *testing.T) {
	d := newDesk(t)
	first, second := d.enter(), d.enter()
	if first == second || len(second) != 43 {
		t.Errorf("cookies %q and %q: want new ones of 256 bits", first, second)
	}
	if d.signedIn("chosen-by-somebody-else") {
		t.Error("a value from outside is a session")
	}
	d.must(d.auth.SignOut(t.Context(), first))
	d.must(d.auth.SignOut(t.Context(), first)) // again is no error
	d.must(d.auth.SignOut(t.Context(), ""))
	if d.signedIn(first) || !d.signedIn(second) {
		t.Error("signing out ends this session and no other")
	}
}

func TestPasswordChangeEndsSessions(t *testing.T) {
	d := newDesk(t)
	cookie := d.enter()
	d.must(d.auth.SetPassword(t.Context(), d.person, "nine brown otters swim"))
	if d.signedIn(cookie) {
		t.Error("a session outlives the password")
	}
	if got := d.try(email, password, home); got != "unauthorized" {
		t.Errorf("the old password: %s", got)
	}
	if got := d.try(email, "nine brown otters swim", home); got != "ok" {
		t.Errorf("the new password: %s", got)
	}
	if err := d.auth.SetPassword(t.Context(), d.person, "short"); comity.KindOf(err) != comity.Invalid {
		t.Errorf("a short one: %v", err)
	}
	if err := d.auth.SetPassword(t.Context(), comity.MakePersonID(comity.Entropy{9}), password); comity.KindOf(err) != comity.NotFound {
		t.Errorf("of nobody: %v", err)
	}
}

func TestCookie(t *testing.T) {
	d := newDesk(t)
	c := d.auth.Cookie("v")
	if c.Name != "comity" || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.Secure {
		t.Errorf("cookie %+v", c)
	}
	secure := New(d.store, Options{Secure: true}).Cookie("v")
	if secure.Name != "__Host-comity" || !secure.Secure || secure.Path != "/" || secure.Domain != "" {
		t.Errorf("cookie over TLS %+v", secure)
	}
	if gone := d.auth.Cookie(""); gone.MaxAge >= 0 {
		t.Errorf("cookie to take away %+v", gone)
	}
}

func TestToken(t *testing.T) {
	d := newDesk(t)
	token, err := d.auth.NewToken(t.Context(), d.person, "script")
	d.must(err)
	if !strings.HasPrefix(token, tokenPrefix) || len(token) != len(tokenPrefix)+52 {
		t.Errorf("token %q", token)
	}
	list, err := d.store.Tokens(t.Context(), comity.System("test"), d.person)
	d.must(err)
	if len(list) != 1 || list[0].Hash != nil {
		t.Fatalf("tokens %+v", list)
	}
	cookie := d.enter()
	tests := []struct {
		name    string
		headers []string
		in      bool
		fails   bool
	}{
		{"nobody", nil, false, false},
		{"token", []string{"Authorization", "Bearer " + token}, true, false},
		{"scheme in another case", []string{"Authorization", "bearer " + token}, true, false},
		{"token in upper case", []string{"Authorization", "Bearer " + strings.ToUpper(token)}, false, true},
		{"half a token", []string{"Authorization", "Bearer " + token[:30]}, false, true},
		{"another scheme", []string{"Authorization", "Basic " + token}, false, true},
		{"a session as a token", []string{"Authorization", "Bearer " + cookie}, false, true},
		{"a token as a session", []string{"Cookie", "comity=" + token}, false, false},
		{"a wrong token and a session", []string{"Authorization", "Bearer cty_x", "Cookie", "comity=" + cookie}, false, true},
		{"the cookie of another name", []string{"Cookie", "__Host-comity=" + cookie}, false, false},
		{"session", []string{"Cookie", "comity=" + cookie}, true, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v, err := d.sees(tt.headers...)
			if v.SignedIn() != tt.in || (err != nil) != tt.fails {
				t.Errorf("signed in %v, error %v", v.SignedIn(), err)
			}
			if err != nil && comity.KindOf(err) != comity.Unauthorized {
				t.Errorf("kind %s", comity.KindOf(err))
			}
		})
	}
	d.must(d.store.DeleteToken(t.Context(), comity.System("test"), list[0].ID))
	if v, err := d.sees("Authorization", "Bearer "+token); err == nil || v.SignedIn() {
		t.Error("a revoked token still works")
	}
}

func TestSetup(t *testing.T) {
	d := newDesk(t)
	secret, err := d.auth.NewSetup(t.Context())
	d.must(err)
	if err := d.auth.UseSetup(t.Context(), secret); comity.KindOf(err) != comity.NotFound {
		t.Errorf("where somebody can sign in already: %v, want not found", err)
	}

	s, err := sqlite.Open(t.Context(), t.TempDir())
	d.must(err)
	defer s.Close()
	now := d.now
	fresh := New(s, Options{Now: func() time.Time { return now }, Entropy: &counter{}})
	first, err := fresh.NewSetup(t.Context())
	d.must(err)
	second, err := fresh.NewSetup(t.Context())
	d.must(err)
	notFound := func(what, secret string) {
		t.Helper()
		if err := fresh.UseSetup(t.Context(), secret); err == nil || comity.KindOf(err) != comity.NotFound {
			t.Errorf("%s: %v, want not found", what, err)
		}
	}
	notFound("a guess", "guess")
	notFound("an earlier link", first)
	now = now.Add(setupFor + time.Second)
	notFound("after a day", second)
	now = now.Add(-2 * time.Second)
	d.must(fresh.UseSetup(t.Context(), second))
	notFound("a second time", second)
}

// TestRehash asks that a hash of lower cost is replaced when its person signs in, and that it is checked at its own cost.
func TestRehash(t *testing.T) {
	d := newDesk(t)
	v := comity.System("test")
	salt := []byte("0123456789abcdef")
	b := base64.RawStdEncoding
	old := "$argon2id$v=19$m=8192,t=1,p=1$" + b.EncodeToString(salt) + "$" + b.EncodeToString(argon2.IDKey([]byte(password), salt, 1, 8192, 1, 32))
	d.must(d.store.PutCredential(t.Context(), v, d.person, old))
	if got := d.try(email, "wrong", home); got != "unauthorized" {
		t.Fatal(got)
	}
	if hash, _ := d.store.Credential(t.Context(), v, d.person); hash != old {
		t.Error("a wrong password renews the hash")
	}
	cookie := d.enter()
	hash, err := d.store.Credential(t.Context(), v, d.person)
	d.must(err)
	if !isCurrent(hash) {
		t.Errorf("still %s", hash)
	}
	if !d.signedIn(cookie) || d.try(email, password, home) != "ok" {
		t.Error("renewing the hash changed the password or ended the session")
	}
}

func TestBrokenHashIsOurMistake(t *testing.T) {
	d := newDesk(t)
	for _, hash := range []string{"", "plain", "$argon2i$v=19$m=1,t=1,p=1$AA$AA", "$argon2id$v=19$m=x$AA$AA", "$argon2id$v=19$m=8,t=1,p=1$!$AA", "$argon2id$v=19$m=8,t=1,p=1$AA$!", "$argon2id$v=19$m=8,t=0,p=0$AA$AA", "$argon2id$v=19$m=8,t=1,p=1$AAAA$"} {
		d.must(d.store.PutCredential(t.Context(), comity.System("test"), d.person, hash))
		if got := d.try(email, password, home); got != "internal" {
			t.Errorf("hash %q: %s, want internal", hash, got)
		}
		d.now = d.now.Add(RetryAfter + time.Second)
	}
}
