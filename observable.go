package comity

import (
	"regexp"
	"strings"
	"unicode"
)

// Fold returns an observable's value as it is compared in a search: without white space around it, in lower case.
func Fold(value string) string { return strings.ToLower(strings.TrimSpace(value)) }

var fangs = strings.NewReplacer("[.]", ".", "(.)", ".", "{.}", ".", "[dot]", ".", "(dot)", ".", "[:]", ":", "[://]", "://", "[/]", "/",
	"[@]", "@", "[at]", "@", "(at)", "@")

var hxxp = regexp.MustCompile(`(?i)\bhx{1,2}p(s?)(:|\[:)`)

// Refang returns a value as it is meant that was written so that nobody clicks it: hxxp://example[.]org.
func Refang(value string) string {
	return fangs.Replace(hxxp.ReplaceAllString(value, "http$1$2"))
}

var http = regexp.MustCompile(`(?i)\bhttp(s?)://`)

// Defang returns a value so that nobody can click it or copy it into a browser by mistake: dots in brackets, hxxp for http.
// Only domain names, addresses and URLs need it; it is undone by Refang.
func Defang(value string) string {
	return strings.ReplaceAll(http.ReplaceAllString(value, "hxxp$1://"), ".", "[.]")
}

// Dangerous reports whether an observable of this type leads somewhere when it is clicked or typed in: names and addresses
// of the network.
func (o Observable) Dangerous() bool {
	kind, _, _ := strings.Cut(o.Type, ":")
	switch kind {
	case "domain-name", "url", "ipv4-addr", "ipv6-addr", "email-addr", "email-message":
		return true
	}
	return false
}

// Shown returns the value as a page shows it: defanged where it is dangerous.
func (o Observable) Shown() string {
	if o.Dangerous() {
		return Defang(o.Value)
	}
	return o.Value
}

var observableText = regexp.MustCompile(`^[^\s]*([.:/@\\]|[0-9a-fA-F]{32})[^\s]*$`)

// LooksObservable reports whether a text somebody searches for may be an observable's value: one word with a dot, colon,
// slash or at sign, or with a hash. It returns the word refanged and folded.
func LooksObservable(text string) (string, bool) {
	text = Refang(strings.TrimSpace(text))
	if len(text) > 2000 || strings.ContainsFunc(text, unicode.IsControl) || !observableText.MatchString(text) {
		return "", false
	}
	return Fold(text), true
}
