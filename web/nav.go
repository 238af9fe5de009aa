package web

import (
	"strings"

	"comity"
)

// navItem is one entry of the main navigation.
type navItem struct {
	Path    string
	Key     string // of its text
	Hotkey  string // after "g", on the keyboard
	Current bool
}

// nav returns the entries that the viewer has access to, in the order of work.
func (c *call) nav() []navItem {
	if !c.viewer.SignedIn() {
		return nil
	}
	var items []navItem
	add := func(may bool, path, key, hotkey string) {
		if may {
			items = append(items, navItem{Path: path, Key: key, Hotkey: hotkey, Current: within(c.r.URL.Path, path)})
		}
	}
	add(c.viewer.SeesReleases(), "/", "nav.overview", "o")
	add(c.seesOwn(), "/organization", "nav.organization", "m")
	add(true, "/threats", "nav.threats", "t")
	add(true, "/actions", "nav.actions", "a")
	add(c.viewer.SeesContacts(), "/members", "nav.members", "d")
	add(c.seesOwn(), "/profile", "nav.profile", "p")
	add(c.viewer.SeesReleases(), "/releases", "nav.releases", "r")
	add(true, "/sources", "nav.sources", "s")
	if c.viewer.Administers() {
		add(true, "/administration", "nav.administration", "n")
	} else {
		add(c.viewer.ManagesPeople(c.viewer.Org()), organizationPath(c.viewer.Org()), "nav.administration", "n")
	}
	add(c.viewer.Roles().Has(comity.RoleAuditor), "/administration/audit", "nav.audit", "l")
	return items
}

// within reports whether path is root or below it.
func within(path, root string) bool {
	if root == "/" {
		return path == "/"
	}
	if root == "/administration" && strings.HasPrefix(path, "/administration/audit") {
		return false // it has an entry of its own, for auditors
	}
	return path == root || strings.HasPrefix(path, root+"/")
}
