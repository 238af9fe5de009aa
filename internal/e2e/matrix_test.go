package e2e

import (
	"fmt"
	"testing"
)

// pages are those that a role visits in the matrix.
var pages = []struct {
	role  string // "" is nobody
	paths []string
}{
	{"", []string{"/sign-in"}},
	{"focal-point", []string{
		"/", "/organization", "/organization/changes", "/organization/scenarios/edge-exploitation", "/organization/scenarios/edge-exploitation/formula", "/organization/formula", "/organization/difference", "/organization/what-if", "/organization/what-if?M1032=95&i.phishing=1", "/threats",
		"/threats?q=microsoft", "/actions", "/actions?view=board", "/actions?view=timeline&closed=1", "/actions/effect", "/actions/changes", "/actions/review",
		"/actions/review?scope=open&session=gse_0000000000000001", "/actions/new", "/projects", "/projects/new", "/profile", "/profile/services", "/profile/software",
		"/profile/suppliers", "/profile/scope", "/profile/incidents", "/profile/coverage", "/profile/bands", "/profile/import", "/profile/software/new", "/releases/1",
		"/threats?kind=indicator", "/sources/stix-meridian-exchange", "/sources/stix-meridian-exchange/objects",
		"/catalogue", "/catalogue/phishing", "/catalogue/versions", "/catalogue/versions/2", "/catalogue/draft",
		"/members", "/members/sheet", "/organization/data", "/administration/audit", "/account", "/account/notifications", "/organization/webhooks", "/confirm",
		"/baseline", "/baselines",
		"/organization/scores", "/organization/treatments", "/organization/treatments/phishing", "/organization/treatments/denial-of-service",
		"/profile/guide", "/profile/guide/about", "/profile/guide/warm-up", "/profile/guide/software", "/profile/guide/services", "/profile/guide/scenarios",
		"/profile/guide/bands", "/profile/guide/coverage", "/profile/guide/suppliers",
		"/sessions", "/decisions", "/documents", "/group", "/procedures",
	}},
	{"secretariat", []string{
		"/catalogue/draft", "/catalogue/draft/scenarios/phishing", "/catalogue/draft/new", "/catalogue/draft/values",
		"/sources", "/sources/cisa-kev", "/sources/new", "/sources/stix-meridian-exchange/remove", "/releases", "/releases/new", "/reports", "/reports/new", "/report-templates/brief",
		"/administration", "/administration/group", "/administration/organizations/new", "/administration/audit",
		"/baselines",
		"/sessions/new", "/sessions/import", "/documents/new", "/procedures/new", "/group/terms/new", "/group/working-groups/new",
	}},
	{"parent-network-reader", []string{"/", "/threats", "/actions", "/members", "/reports"}},
}

// TestMatrix looks at every page in English and Arabic, light and dark, narrow and wide: axe-core finds nothing, and
// nothing scrolls sideways.
func TestMatrix(t *testing.T) {
	d := shared(t)
	for _, lang := range []string{"en", "ar"} {
		for _, who := range pages {
			t.Run(lang+"/"+who.role, func(t *testing.T) {
				b := open(t, d, setting{language: lang})
				if who.role != "" {
					b.signIn(d.role(t, who.role))
				}
				for _, path := range append(who.paths, found(b, who.role)...) {
					b.visit(path)
					look(t, b, lang, path)
				}
			})
		}
	}
}

// found returns the pages of a role whose address only a list tells.
func found(b *tab, role string) []string {
	b.t.Helper()
	var paths []string
	for _, l := range linked {
		if l.role != role {
			continue
		}
		path := l.list
		for _, selector := range []string{l.link, l.then} {
			if selector == "" || path == "" {
				continue
			}
			from := path
			b.visit(from)
			if path = b.link(selector); path == "" {
				b.t.Errorf("%s has no link that matches %s", from, selector)
			}
		}
		if path != "" {
			paths = append(paths, path+l.below)
		}
	}
	return paths
}

// look checks the page that is shown in both colours and widths.
func look(t *testing.T, b *tab, lang, path string) {
	for _, dark := range []bool{false, true} {
		for _, width := range []int64{1280, 320} {
			t.Run(fmt.Sprintf("%s/dark=%t/%d", path, dark, width), func(t *testing.T) {
				b.set(setting{dark: dark, width: width})
				if got := evaluate[string](b, "document.documentElement.lang"); got != lang {
					t.Errorf("%s is in %q, want %q", path, got, lang)
				}
				b.accessible(t)
				b.fits(t)
			})
		}
	}
	b.usable(t)
}

// unusable lists what of a page the keyboard does not reach, or what does nothing without script.
const unusable = `(() => {
  const told = (e) => e.outerHTML.slice(0, 120), problems = [];
  for (const e of document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")) {
    if (e.disabled || !e.checkVisibility()) continue;
    if (e.tabIndex !== 0) problems.push("tabindex " + e.tabIndex + ": " + told(e));
    e.focus({preventScroll: true});
    if (document.activeElement !== e) problems.push("takes no focus: " + told(e));
  }
  for (const form of document.forms) {
    if (![...form.elements].some((e) => e.type === "submit")) problems.push("a form without a button: " + told(form));
  }
  return problems;
})()`

// usable fails the test for everything that the keyboard does not reach, and for forms that only script could send.
func (b *tab) usable(t *testing.T) {
	t.Helper()
	for _, problem := range evaluate[[]string](b, unusable) {
		t.Errorf("%s: %s", b.path(), problem)
	}
}
