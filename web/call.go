package web

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"

	"comity"
)

// call is one request under way: who asks, in which language, and how to answer.
type call struct {
	site   *site
	w      http.ResponseWriter
	r      *http.Request
	viewer comity.Viewer
	person comity.Person
	org    comity.Organization // the viewer's; zero for nobody
	group  comity.Group        // zero before set-up
	locale *locale
}

// view is what the layout needs, embedded in the view of every page.
type view struct {
	Viewer    comity.Viewer
	Person    comity.Person
	Org       comity.Organization
	Group     comity.Group
	SignedIn  bool
	Lang      string // "en"
	Dir       string // "ltr" or "rtl"
	Theme     string // "light", "dark" or "" for the system's choice
	Path      string // where this page is, with its query
	Assets    string // path prefix of the assets
	Nav       []navSection
	Languages []string
	Flash     *flash
	Marking   comity.TLP // of what the page shows
	Public    bool       // the page shows nothing that has a marking, such as sign-in
	Live      string     // path that tells the version of what is shown; empty: the page does not age
	Version   string     // the version that is shown
}

func (c *call) ctx() context.Context { return c.r.Context() }

// t returns the message under key, with values for its placeholders: name, value, name, value …
func (c *call) t(key string, args ...any) string { return c.locale.T(key, args...) }

// identify finds out who asks, and reads the group and the viewer's organisation.
func (c *call) identify() error {
	var err error
	if c.viewer, c.person, err = c.site.auth.Viewer(c.ctx(), c.r); err != nil {
		return err
	}
	c.locale = c.site.localeOf(c.r, c.person)
	c.site.learnScenarios(c.site.pipeline.Catalogue())
	if !c.viewer.SignedIn() {
		return nil
	}
	if c.group, err = c.site.store.Group(c.ctx(), c.viewer); err != nil && comity.KindOf(err) != comity.NotFound {
		return err
	}
	c.org, err = c.site.store.Organization(c.ctx(), c.viewer, c.viewer.Org())
	return err
}

// view returns what the layout needs. It takes the flash message, which is shown once.
func (c *call) view() view {
	return view{
		Viewer: c.viewer, Person: c.person, Org: c.org, Group: c.group, SignedIn: c.viewer.SignedIn(),
		Lang: c.locale.lang, Dir: c.locale.dir, Theme: c.theme(), Path: c.r.URL.RequestURI(),
		Assets: c.site.assets.prefix, Nav: c.nav(), Languages: Languages, Flash: c.takeFlash(),
	}
}

// render answers 200 with a page.
func (c *call) render(page string, data any) error { return c.renderStatus(http.StatusOK, page, data) }

// renderInvalid answers 422 with a page whose form has errors.
func (c *call) renderInvalid(page string, data any) error {
	return c.renderStatus(http.StatusUnprocessableEntity, page, data)
}

// renderStatus answers with a page, whole or not at all.
func (c *call) renderStatus(status int, page string, data any) error {
	t, ok := c.site.templates[c.locale.lang][page]
	if !ok {
		return fmt.Errorf("no template %q", page)
	}
	var body bytes.Buffer
	if err := t.ExecuteTemplate(&body, "layout", data); err != nil {
		return fmt.Errorf("render %s: %w", page, err)
	}
	h := c.w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", c.locale.lang)
	c.w.WriteHeader(status)
	_, _ = c.w.Write(body.Bytes()) // who went away does not hear of it
	return nil
}

// redirect answers a POST that went well: see this page of ours. Anything but a local path becomes the overview.
func (c *call) redirect(path string) error {
	http.Redirect(c.w, c.r, localPath(path), http.StatusSeeOther)
	return nil
}

// localPath returns path if it stays on this site, else "/".
func localPath(path string) string {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n\t") {
		return "/"
	}
	return path
}

// fail answers with the page of an error. Nobody signed in is sent to sign in first, if they only wanted to look.
func (c *call) fail(err error) {
	kind := comity.KindOf(err)
	if kind == comity.Internal || kind == comity.Unavailable {
		c.site.log.Error("page", "path", c.r.URL.Path, "method", c.r.Method, "err", err)
	}
	if kind == comity.Unauthorized && c.r.Method == http.MethodGet {
		_ = c.redirect(signInPath(c.r.URL.RequestURI()))
		return
	}
	if err := c.renderStatus(statusOf(kind), "error/error", c.errorView(kind, err)); err != nil {
		c.site.log.Error("error page", "err", err)
		http.Error(c.w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
	}
}
