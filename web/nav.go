package web

import (
	"strings"

	"comity"
)

// navItem is one page of the navigation.
type navItem struct {
	Path    string
	Key     string // of its text
	Hotkey  string // after "g", on the keyboard; empty: none
	Current bool   // it is shown, or a page below it that has no entry of its own
}

// navSection is one entry of the main navigation with the pages that belong together; the first of them is where the
// entry leads.
type navSection struct {
	Key     string // of its text
	Current bool
	Pages   []navItem // those that the viewer has access to; at least one
}

// Path returns where the section's entry leads.
func (s navSection) Path() string { return s.Pages[0].Path }

// Hotkey returns the letter of the section, which is its first page's.
func (s navSection) Hotkey() string { return s.Pages[0].Hotkey }

// navEntry is a page of the navigation for those who may see it.
type navEntry struct {
	may               bool
	path, key, hotkey string
}

// nav returns the sections that the viewer has access to, in the order of work. A page is listed once.
func (c *call) nav() []navSection {
	if !c.viewer.SignedIn() {
		return nil
	}
	v, admin := c.viewer, c.viewer.Administers()
	sections := []navSection{
		section("nav.section.overview",
			navEntry{v.SeesReleases(), "/", "nav.overview", "o"},
			navEntry{v.SeesReleases(), "/releases", "nav.releases", "r"},
		),
		section("nav.section.organization",
			navEntry{c.seesOwn(), "/organization", "nav.exposure", "m"},
			navEntry{c.seesOwn(), "/organization/what-if", "nav.what_if", "i"},
			navEntry{c.seesOwn(), "/organization/treatments", "nav.treatments", "h"},
			navEntry{c.seesOwn(), "/organization/scores", "nav.scores", "z"},
			navEntry{c.seesOwn(), "/profile", "nav.profile", "p"},
			navEntry{c.seesOwn(), "/profile/guide", "nav.guide", "u"},
			navEntry{c.seesOwn(), "/baseline", "nav.baseline", "b"},
			navEntry{webhookKeepers(c) == nil, webhooksPath, "nav.webhooks", "w"},
		),
		section("nav.section.threats",
			navEntry{true, "/threats", "nav.threats", "t"},
			navEntry{true, "/sources", "nav.sources", "f"},
		),
		section("nav.section.work_plan",
			navEntry{true, "/actions", "nav.actions", "a"},
			navEntry{v.ReviewsPlan(), "/projects", "nav.projects", "j"},
			navEntry{c.seesOwn(), "/actions/effect", "nav.effect", "x"},
			navEntry{true, "/actions/changes", "nav.plan_changes", "c"},
			navEntry{v.ReviewsPlan(), "/actions/review", "nav.review", "v"},
		),
		section("nav.section.sessions",
			navEntry{v.Roles() != 0, "/sessions", "nav.sessions", "s"},
			navEntry{v.Roles() != 0, "/decisions", "nav.decisions", "y"},
			navEntry{v.Roles() != 0, "/procedures", "nav.procedures", "1"},
		),
		section("nav.section.group",
			navEntry{v.SeesReleases(), "/group", "nav.group", "g"},
			navEntry{v.SeesContacts(), "/members", "nav.members", "d"},
			navEntry{v.SeesBaselines(), "/baselines", "nav.baselines", "k"},
			navEntry{v.SeesCatalogue(), "/catalogue", "nav.catalogue", "q"},
			navEntry{v.SeesReleases(), "/reports", "nav.reports", "e"},
			navEntry{v.SeesReleases(), "/documents", "nav.documents", "2"},
		),
		section("nav.section.administration",
			navEntry{admin, "/administration", "nav.administration", "n"},
			navEntry{!admin && v.ManagesPeople(v.Org()), organizationPath(v.Org()), "nav.administration", "n"},
			navEntry{v.Roles().Has(comity.RoleAuditor), "/administration/audit", "nav.audit", "l"},
		),
	}
	return mark(sections, c.r.URL.Path)
}

// section returns the section with the entries that may be seen.
func section(key string, entries ...navEntry) navSection {
	s := navSection{Key: key}
	for _, e := range entries {
		if e.may {
			s.Pages = append(s.Pages, navItem{Path: e.path, Key: e.key, Hotkey: e.hotkey})
		}
	}
	return s
}

// mark drops sections without pages and marks the page with the longest path that path is within, and its section.
func mark(sections []navSection, path string) []navSection {
	shown := sections[:0]
	var current *navItem
	var in int
	for _, s := range sections {
		if len(s.Pages) == 0 {
			continue
		}
		for i := range s.Pages {
			if p := &s.Pages[i]; within(path, p.Path) && (current == nil || len(p.Path) > len(current.Path)) {
				current, in = p, len(shown)
			}
		}
		shown = append(shown, s)
	}
	if current != nil {
		current.Current, shown[in].Current = true, true
	}
	return shown
}

// within reports whether path is root or below it.
func within(path, root string) bool {
	if root == "/" {
		return path == "/"
	}
	return path == root || strings.HasPrefix(path, root+"/")
}
