package e2e

import (
	"strings"
	"testing"
)

// ways are how each journey is gone: in two directions of script, with and without JavaScript.
var ways = []struct {
	name    string
	setting setting
	dir     string
}{
	{"en", setting{language: "en"}, "ltr"},
	{"ar", setting{language: "ar"}, "rtl"},
	{"en/no-script", setting{language: "en", noScript: true}, "ltr"},
	{"ar/no-script", setting{language: "ar", noScript: true}, "rtl"},
}

// journey goes a journey in every way, from nobody's tab.
func journey(t *testing.T, f func(t *testing.T, d *demonstration, b *tab)) {
	d := shared(t)
	for _, w := range ways {
		t.Run(w.name, func(t *testing.T) {
			b := open(t, d, w.setting)
			b.visit("/sign-in")
			if got := evaluate[string](b, "document.documentElement.dir"); got != w.dir {
				t.Errorf("dir is %q, want %q", got, w.dir)
			}
			f(t, d, b)
		})
	}
}

// overview is what everybody sees who may see releases: the figure with its interval, the curve with a table behind it.
func (b *tab) overview() {
	b.t.Helper()
	b.at("/")
	b.wants("h1", "main .figure", "main svg[role=img]", "main table", "main a[href^='/releases/']")
}

// TestCoChair follows a co-chair: one click, the system's figure, its matrix, the release for good, open actions, intake.
func TestCoChair(t *testing.T) {
	journey(t, func(t *testing.T, d *demonstration, b *tab) {
		b.play(d.role(t, "co-chair"), d)
		b.overview()
		b.wants("main table.heat")
		b.click("main a[href^='/releases/']")
		b.wants("h1", "main .figure")
		if b.has("a[rel=prev]") {
			b.click("a[rel=prev]")
			b.wants("main .figure")
		}
		b.click(".main-nav a[href='/actions']")
		b.wants("main a[href^='/actions/act_']")
		b.click("main a[href^='/actions/act_']")
		b.wants("h1")
		b.click(".main-nav a[href='/threats']")
		b.click(".sub-nav a[href='/sources']")
		b.wants("main table", "main a[href='/sources/new']")
		b.click("main a[href='/sources/cisa-kev']")
		b.wants("main form input[type=file]")
	})
}

// TestFocalPoint follows a focal point: password, the own figure, the drivers of a scenario, the threat that touches us
// and why, an action item from it, and out again.
func TestFocalPoint(t *testing.T) {
	journey(t, func(t *testing.T, d *demonstration, b *tab) {
		b.signIn(d.role(t, "focal-point"))
		b.overview()
		b.click(".main-nav a[href='/organization']")
		b.wants("main .figure", "main a[href='/organization/changes']")
		b.click("main a[href^='/organization/scenarios/']")
		b.wants("table.fall", "main a[href^='/actions/new']")

		b.visit("/organization")
		b.click("main a[href^='/threats/']")
		threat := b.path()
		b.wants("h1", "main a[href^='/actions/new']")
		b.click("main a[href^='/actions/new']")
		title := b.value("[name=title]")
		if title == "" {
			t.Errorf("a new action item from %s has no title to start from", threat)
		}
		b.click("main form[action='/actions'] button:not([name]), main form[action='/actions/new'] button:not([name])")
		if !strings.HasPrefix(b.path(), "/actions/act_") {
			t.Errorf("at %s after creating an action item, want its page", b.path())
		}
		b.wants("main a[href='" + threat + "']")
		b.visit("/actions")
		b.wants("main a[href^='/actions/act_']")

		b.visit("/profile")
		b.wants("main a[href='/profile/services']", "main a[href='/profile/coverage']")
		b.leave()
		if b.open("/organization"); !strings.HasPrefix(b.path(), "/sign-in") {
			t.Errorf("at %s after signing out, want /sign-in", b.path())
		}
	})
}

// TestParentNetworkReader follows the reader at the parent network: what was released, and nothing of any member's own.
func TestParentNetworkReader(t *testing.T) {
	journey(t, func(t *testing.T, d *demonstration, b *tab) {
		b.play(d.role(t, "parent-network-reader"), d)
		b.overview()
		b.lacks(".main-nav a[href='/organization']", ".sub-nav a[href='/profile']")
		b.click("main a[href^='/releases/']")
		b.wants("main .figure")
		for _, path := range []string{"/organization", "/organization/changes", "/profile", "/profile/software", "/sources/new"} {
			if status := b.open(path); status != 403 {
				t.Errorf("%s: status %d, want 403", path, status)
			}
			b.lacks("main .figure", "main table")
		}
	})
}

// TestWrongPassword says that it is wrong, in place, and keeps the address typed.
func TestWrongPassword(t *testing.T) {
	d := shared(t)
	b := open(t, d, setting{language: "en"})
	r := d.role(t, "analyst")
	b.visit("/sign-in")
	b.unfoldPassword()
	b.fill("form[action='/sign-in'] [name=email]", r.Email)
	b.fill("form[action='/sign-in'] [name=password]", "not the password")
	b.submit("form[action='/sign-in'] button:not([type=button])")
	b.wants("[role=alert]")
	if got := b.value("form[action='/sign-in'] [name=email]"); got != r.Email {
		t.Errorf("e-mail address is %q, want what was typed", got)
	}
	b.accessible(t)
}

// TestKeyboardOnly reaches the content by the skip link and every part of the navigation with the Tab key.
func TestKeyboardOnly(t *testing.T) {
	d := shared(t)
	b := open(t, d, setting{language: "en"})
	b.play(d.role(t, "focal-point"), d)
	b.key("\t")
	if got := evaluate[string](b, "document.activeElement.getAttribute('href')"); got != "#main" {
		t.Errorf("the first stop is %q, want the link to the content", got)
	}
	seen := map[string]bool{}
	for range 12 {
		b.key("\t")
		seen[evaluate[string](b, "document.activeElement.getAttribute('href') ?? ''")] = true
	}
	for _, want := range []string{"/", "/organization", "/threats", "/actions"} {
		if !seen[want] {
			t.Errorf("the Tab key does not reach %s", want)
		}
	}
}
