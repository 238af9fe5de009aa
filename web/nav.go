package web

import "strings"

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
	add(true, "/sources", "nav.sources", "s")
	return items
}

// within reports whether path is root or below it.
func within(path, root string) bool {
	if root == "/" {
		return path == "/"
	}
	return path == root || strings.HasPrefix(path, root+"/")
}
