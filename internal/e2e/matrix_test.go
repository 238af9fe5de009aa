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
		"/", "/organization", "/organization/changes", "/organization/scenarios/edge-exploitation", "/organization/what-if", "/organization/what-if?M1032=95&i.phishing=1", "/threats",
		"/threats?q=microsoft", "/actions", "/actions/new", "/profile", "/profile/services", "/profile/software",
		"/profile/suppliers", "/profile/scope", "/profile/incidents", "/profile/coverage", "/profile/bands", "/profile/import", "/profile/software/new", "/releases/1",
		"/threats?kind=indicator", "/sources/stix-meridian-exchange", "/sources/stix-meridian-exchange/objects",
		"/members", "/members/sheet", "/organization/data", "/administration/audit", "/account", "/confirm",
	}},
	{"secretariat", []string{
		"/sources", "/sources/cisa-kev", "/sources/new", "/releases", "/releases/new",
		"/administration", "/administration/group", "/administration/organizations/new", "/administration/audit",
	}},
	{"parent-network-reader", []string{"/", "/threats", "/actions", "/members"}},
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

// found returns pages whose address only a list tells: the first threat and the first action item.
func found(b *tab, role string) []string {
	b.t.Helper()
	if role != "focal-point" {
		return nil
	}
	var paths []string
	for _, list := range []struct{ path, link string }{
		{"/threats?touching=us", "main a[href^='/threats/']"},
		{"/threats?kind=indicator", "main a[href^='/threats/']"},
		{"/threats?kind=report", "main a[href^='/threats/']"},
		{"/threats?q=DEMO-SET-07", "main a[href^='/threats/']"},
		{"/actions", "main a[href^='/actions/act_']"},
		{"/members", "main .own a[href^='/members/org_']"},
		{"/members", ".main-nav a[href^='/administration/organizations/org_']"},
	} {
		b.visit(list.path)
		if link := b.link(list.link); link != "" {
			paths = append(paths, link)
		} else {
			b.t.Errorf("%s has no link that matches %s", list.path, list.link)
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
}
