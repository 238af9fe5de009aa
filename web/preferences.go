package web

import (
	"net/http"
	"slices"
	"strings"

	"comity"

	"golang.org/x/text/language"
)

const (
	languageCookie = "comity-language"
	themeCookie    = "comity-theme"
	year           = 365 * 24 * 60 * 60 // seconds
)

// preferences registers the switches of language and theme.
func (s *site) preferences(r *routes) {
	r.handle("POST /language", anyone, s.setLanguage)
	r.handle("POST /theme", anyone, s.setTheme)
}

func (s *site) setLanguage(c *call) error {
	f, err := c.form("language", "next")
	if err != nil {
		return err
	}
	lang := f.Value("language")
	if !slices.Contains(Languages, lang) {
		return comity.Errorf(comity.Invalid, "unknown language %q", lang)
	}
	if err := c.prefer(lang, c.theme()); err != nil {
		return err
	}
	return c.redirect(f.Value("next"))
}

func (s *site) setTheme(c *call) error {
	f, err := c.form("theme", "next")
	if err != nil {
		return err
	}
	theme := f.Value("theme")
	if !slices.Contains(themes, theme) {
		return comity.Errorf(comity.Invalid, "unknown theme %q", theme)
	}
	if err := c.prefer("", strings.TrimPrefix(theme, "auto")); err != nil {
		return err
	}
	return c.redirect(f.Value("next"))
}

// themes are the choices of a theme; "auto" follows the system.
var themes = []string{"auto", "light", "dark"}

// prefer keeps language (empty: as it is) and theme (empty: the system's) in this browser and, for who is signed in, with
// the person, so that another browser begins with them.
func (c *call) prefer(lang, theme string) error {
	if lang != "" {
		c.setCookie(languageCookie, lang, year)
	}
	if theme == "" {
		c.setCookie(themeCookie, "", -1)
	} else {
		c.setCookie(themeCookie, theme, year)
	}
	if c.person.ID == "" {
		return nil
	}
	if lang == "" {
		lang = c.person.Language
	}
	return c.site.store.PutPreferences(c.ctx(), c.viewer, lang, theme)
}

// theme returns the theme chosen in this browser, else the person's, or "" for the system's.
func (c *call) theme() string {
	if theme := themeOf(c.r); theme != "" {
		return theme
	}
	return c.person.Theme
}

// themeOf returns the chosen theme, or "" for the system's.
func themeOf(r *http.Request) string {
	cookie, err := r.Cookie(themeCookie)
	if err != nil || cookie.Value != "light" && cookie.Value != "dark" {
		return ""
	}
	return cookie.Value
}

// localeOf chooses the language: what was picked in this browser, then the person's own, then what the browser asks for.
func (s *site) localeOf(r *http.Request, p comity.Person) *locale {
	if cookie, err := r.Cookie(languageCookie); err == nil {
		if l, ok := s.locales[cookie.Value]; ok {
			return l
		}
	}
	if l, ok := s.locales[p.Language]; ok {
		return l
	}
	wanted, _, _ := language.ParseAcceptLanguage(r.Header.Get("Accept-Language")) // none wanted is English
	_, i, _ := languageMatcher.Match(wanted...)
	return s.locales[matchOrder[i]]
}
