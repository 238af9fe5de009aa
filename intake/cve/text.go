package cve

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"comity"
)

// Bounds of what is kept of texts: longer ones are cut, more are left out.
const (
	maxTitle       = 300    // bytes
	maxDescription = 10_000 // bytes
	maxReferences  = 100
	maxReference   = 500 // bytes
	maxWeaknesses  = 50
)

var (
	cvePattern = regexp.MustCompile(`^CVE-[0-9]{4}-[0-9]{4,19}$`)
	cwePattern = regexp.MustCompile(`^CWE-[0-9]{1,9}$`)
)

func compare[T cmp.Ordered](a, b T) int { return cmp.Compare(a, b) }

// layouts are those in which the sources write times; where no zone is said it is UTC.
var layouts = []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999", "2006-01-02T15:04Z", "2006-01-02"}

// timeOf reads a time; "" and the year 1, which stands for none, are the zero time.
func timeOf(member, s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	for _, layout := range layouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC().Truncate(time.Second), nil
		}
	}
	return time.Time{}, invalid("%s %.60q is not a time", member, s)
}

// cut shortens a text to at most n bytes, between characters.
func cut(s string, n int) string {
	s = strings.TrimSpace(s)
	if len(s) <= n {
		return s
	}
	s = s[:n-len("…")]
	for !utf8.ValidString(s) {
		s = s[:len(s)-1]
	}
	return s + "…"
}

// language is a text in a language.
type language struct {
	Lang  string `json:"lang"`
	Value string `json:"value"`
}

// english returns the text in English, else the first.
func english(texts []language) string {
	for _, t := range texts {
		if lang := strings.ToLower(t.Lang); lang == "en" || strings.HasPrefix(lang, "en-") || strings.HasPrefix(lang, "en_") {
			return cut(t.Value, maxDescription)
		}
	}
	if len(texts) > 0 {
		return cut(texts[0].Value, maxDescription)
	}
	return ""
}

// reference is an address for people.
type reference struct {
	URL string `json:"url"`
}

// addReferences adds addresses of the web, each once.
func addReferences(v *comity.Vulnerability, list []reference) {
	for _, r := range list {
		u, err := url.Parse(r.URL)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || len(r.URL) > maxReference {
			continue
		}
		if len(v.References) < maxReferences && !slices.Contains(v.References, r.URL) {
			v.References = append(v.References, r.URL)
		}
	}
}

// addWeakness adds a CWE number; what is none, such as "NVD-CWE-Other", is passed over.
func addWeakness(v *comity.Vulnerability, cwe string) {
	if cwePattern.MatchString(cwe) && len(v.CWEs) < maxWeaknesses && !slices.Contains(v.CWEs, cwe) {
		v.CWEs = append(v.CWEs, cwe)
	}
}

// said returns what a name says: nothing where it is one of the words for that.
func said(name string) string {
	name = cut(name, maxTitle)
	switch strings.ToLower(name) {
	case "n/a", "n\\a", "na", "unknown", "unspecified", "none", "null", "-", "*":
		return ""
	}
	return name
}
