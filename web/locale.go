package web

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
	"sync/atomic"

	"comity"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

//go:embed locale/*.json
var localeFiles embed.FS

// Languages are the languages of the pages, in the order in which they are offered.
var Languages = comity.Languages

// matchOrder lists the languages with the fallback first, as the matcher wants them.
var matchOrder = []string{"en", "ar", "es", "fr", "ru", "zh"}

var languageMatcher = func() language.Matcher {
	tags := make([]language.Tag, 0, len(matchOrder))
	for _, lang := range matchOrder {
		tags = append(tags, language.MustParse(lang))
	}
	return language.NewMatcher(tags)
}()

// locale is one language: its messages and its way of writing numbers and dates.
type locale struct {
	lang     string
	dir      string // "ltr" or "rtl"
	tag      language.Tag
	messages map[string]message // by dotted key
	conv     convention

	scenarios atomic.Pointer[map[string]message] // texts of the group's own scenarios, by dotted key; nil: none
}

// message is one text, or one for each CLDR plural category; "other" is always there.
type message map[string]string

const otherForm = "other"

var pluralNames = map[plural.Form]string{
	plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many", plural.Other: otherForm,
}

// loadLocales reads the six catalogues.
func loadLocales() (map[string]*locale, error) {
	locales := map[string]*locale{}
	for _, lang := range Languages {
		l, err := loadLocale(lang)
		if err != nil {
			return nil, fmt.Errorf("locale %s: %w", lang, err)
		}
		locales[lang] = l
	}
	return locales, nil
}

func loadLocale(lang string) (*locale, error) {
	data, err := fs.ReadFile(localeFiles, "locale/"+lang+".json")
	if err != nil {
		return nil, err
	}
	var tree map[string]any
	if err := json.Unmarshal(data, &tree); err != nil {
		return nil, err
	}
	l := &locale{
		lang: lang, dir: "ltr", tag: language.MustParse(lang), messages: map[string]message{}, conv: conventions[lang],
	}
	if lang == "ar" {
		l.dir = "rtl"
	}
	return l, l.flatten("", tree)
}

// flatten walks nested objects down to messages.
func (l *locale) flatten(prefix string, tree map[string]any) error {
	for name, node := range tree {
		key := prefix + name
		switch node := node.(type) {
		case string:
			l.messages[key] = message{otherForm: node}
		case map[string]any:
			if m, ok := pluralMessage(node); ok {
				l.messages[key] = m
				continue
			}
			if err := l.flatten(key+".", node); err != nil {
				return err
			}
		default:
			return fmt.Errorf("%s: want a string or an object", key)
		}
	}
	return nil
}

// pluralMessage reads an object whose names are all plural categories, with "other" among them.
func pluralMessage(node map[string]any) (message, bool) {
	m := message{}
	for name, text := range node {
		s, isText := text.(string)
		if !isText || !isPluralName(name) {
			return nil, false
		}
		m[name] = s
	}
	_, ok := m[otherForm]
	return m, ok
}

func isPluralName(s string) bool {
	for _, name := range pluralNames {
		if name == s {
			return true
		}
	}
	return false
}

func (l *locale) has(key string) bool {
	_, ok := l.message(key)
	return ok
}

// message finds a message. The group's own texts of a scenario stand before those that Comity comes with.
func (l *locale) message(key string) (message, bool) {
	if own := l.scenarios.Load(); own != nil {
		if m, ok := (*own)[key]; ok {
			return m, true
		}
	}
	m, ok := l.messages[key]
	return m, ok
}

// T returns the message under key. The args are names and values of its placeholders; numbers are written as the
// language does, and the whole number named "count" chooses the plural form. A missing key shows as itself.
func (l *locale) T(key string, args ...any) string {
	m, ok := l.message(key)
	if !ok {
		return key
	}
	if len(args) == 0 {
		return m[otherForm]
	}
	form := otherForm
	pairs := make([]string, 0, len(args))
	for i := 0; i+1 < len(args); i += 2 {
		name := fmt.Sprint(args[i])
		pairs = append(pairs, "{"+name+"}", l.value(args[i+1]))
		if n, isInt := args[i+1].(int); isInt && name == "count" {
			form = l.pluralForm(n)
		}
	}
	text, ok := m[form]
	if !ok {
		text = m[otherForm]
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// pluralForm returns the CLDR category of a whole number.
func (l *locale) pluralForm(n int) string {
	return pluralNames[plural.Cardinal.MatchPlural(l.tag, abs(n), 0, 0, 0, 0)]
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}

// value writes the value of a placeholder. In a right-to-left language a text is set apart, so that its own direction
// does not turn the sentence around.
func (l *locale) value(v any) string {
	switch v := v.(type) {
	case int:
		return l.Number(v)
	case float64:
		return l.Decimal(v, 1)
	case plain:
		return string(v)
	default:
		s := fmt.Sprint(v)
		if l.dir == "rtl" && s != "" {
			return firstStrongIsolate + s + popIsolate
		}
		return s
	}
}

const (
	firstStrongIsolate = "\u2068"
	leftToRightIsolate = "\u2066"
	popIsolate         = "\u2069"
)
