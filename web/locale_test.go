package web

import (
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"comity"

	"github.com/google/go-cmp/cmp"
)

func testLocales(t *testing.T) map[string]*locale {
	t.Helper()
	locales, err := loadLocales()
	if err != nil {
		t.Fatal(err)
	}
	return locales
}

func TestCataloguesHaveTheSameKeys(t *testing.T) {
	locales := testLocales(t)
	want := slices.Sorted(maps.Keys(locales["en"].messages))
	for _, lang := range Languages {
		got := slices.Sorted(maps.Keys(locales[lang].messages))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s against en (-want +got):\n%s", lang, diff)
		}
	}
}

var placeholder = regexp.MustCompile(`\{[a-z_]*\}`)

// placeholders returns those of a message: of any of its forms, since a form for one or two may say it in words.
func placeholders(m message) []string {
	seen := map[string]bool{}
	for _, text := range m {
		for _, p := range placeholder.FindAllString(text, -1) {
			seen[p] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

func TestCataloguesHaveTheSamePlaceholders(t *testing.T) {
	locales := testLocales(t)
	for key, english := range locales["en"].messages {
		want := placeholders(english)
		for _, lang := range Languages {
			if diff := cmp.Diff(want, placeholders(locales[lang].messages[key])); diff != "" {
				t.Errorf("%s %s (-en +%s):\n%s", lang, key, lang, diff)
			}
		}
	}
}

// formsOf returns the plural forms that whole numbers take in a language, and "other".
func formsOf(l *locale) []string {
	forms := map[string]bool{otherForm: true}
	for n := range 1000 {
		forms[l.pluralForm(n)] = true
	}
	return slices.Sorted(maps.Keys(forms))
}

// TestSignificantIncidentIsOneWord holds each language to one word for the term that the headline rests on.
func TestSignificantIncidentIsOneWord(t *testing.T) {
	words := map[string]string{"ar": "كبير", "en": "ignificant", "es": "ignificativ", "fr": "ignificatif", "ru": "начительн", "zh": "重大"}
	locales, seen := testLocales(t), 0
	for key, english := range locales["en"].messages {
		if !strings.Contains(english["other"], "ignificant incident") {
			continue
		}
		seen++
		for _, lang := range Languages {
			if text := locales[lang].messages[key]["other"]; !strings.Contains(text, words[lang]) {
				t.Errorf("%s %s: %q does not call the incident %q", lang, key, text, words[lang])
			}
		}
	}
	if seen < 20 {
		t.Errorf("only %d messages tell of significant incidents", seen)
	}
}

func TestPluralFormsAreComplete(t *testing.T) {
	locales := testLocales(t)
	for _, lang := range Languages {
		l := locales[lang]
		want := formsOf(l)
		for key, english := range locales["en"].messages {
			if len(english) == 1 {
				if got := l.messages[key]; len(got) != 1 {
					t.Errorf("%s %s: has plural forms, in English it has none", lang, key)
				}
				continue
			}
			got := slices.DeleteFunc(slices.Sorted(maps.Keys(l.messages[key])), func(form string) bool {
				return form == "many" && (lang == "es" || lang == "fr") // for millions, since CLDR 38
			})
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s %s (-want +got):\n%s", lang, key, diff)
			}
		}
	}
	if diff := cmp.Diff([]string{"few", "many", "one", "other", "two", "zero"}, formsOf(locales["ar"])); diff != "" {
		t.Errorf("Arabic has six forms (-want +got):\n%s", diff)
	}
}

func TestNoMessageIsEmptyOrLeftInEnglish(t *testing.T) {
	locales := testLocales(t)
	cyrillic, han, arabic := regexp.MustCompile(`\p{Cyrillic}`), regexp.MustCompile(`\p{Han}`), regexp.MustCompile(`\p{Arabic}`)
	script := map[string]*regexp.Regexp{"ru": cyrillic, "zh": han, "ar": arabic}
	words := regexp.MustCompile(`[A-Za-z]{4,} [a-z]{2,}`) // two English words: nothing that is the same in all languages
	for _, lang := range Languages {
		for key, m := range locales[lang].messages {
			for form, text := range m {
				if strings.TrimSpace(text) == "" {
					t.Errorf("%s %s %s: empty", lang, key, form)
				}
				english := locales["en"].messages[key][otherForm]
				if re := script[lang]; re != nil && words.MatchString(placeholder.ReplaceAllString(english, "")) && !re.MatchString(text) {
					t.Errorf("%s %s: %q is not translated", lang, key, text)
				}
			}
		}
	}
}

// keyFamilies are keys that are put together in Go from the words of a vocabulary: all that begin so are in use.
var keyFamilies = []string{
	"app.month.", "app.month_alone.", "app.money.", "profile.section.", "reason.", "region.", "scenario.", "sector.", "unknown.", "why.",
}

var (
	templateKey = regexp.MustCompile(`[{( ]t "([^"]+)"`)
	joinedKey   = regexp.MustCompile(`[{( ]tk (?:"([^"]+)"|\$d)`)
	goFamily    = regexp.MustCompile(`"([a-z_]+(?:\.[A-Za-z0-9_-]+)*\.)"`)
	quotedKey   = regexp.MustCompile(`"([a-z_]+(?:\.[A-Za-z0-9_-]+)+)"`)
)

// usedKeys returns the keys that stand whole in templates and Go, and how keys begin that are put together there.
func usedKeys(t *testing.T) (used map[string]bool, families []string) {
	t.Helper()
	used = map[string]bool{}
	families = slices.Clone(keyFamilies)
	err := fs.WalkDir(os.DirFS("."), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go") {
			return err
		}
		isGo, isTemplate := strings.HasSuffix(path, ".go"), strings.HasSuffix(path, ".html")
		if !isGo && !isTemplate {
			return nil
		}
		content, err := os.ReadFile(path)
		for _, m := range quotedKey.FindAllSubmatch(content, -1) {
			used[string(m[1])] = true
		}
		for _, m := range goFamily.FindAllSubmatch(content, -1) {
			families = append(families, string(m[1]))
		}
		for _, m := range joinedKey.FindAllSubmatch(content, -1) {
			if isTemplate && len(m[1]) > 0 {
				families = append(families, string(m[1])+".")
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return used, families
}

func TestKeysInTemplatesExist(t *testing.T) {
	en := testLocales(t)["en"]
	err := fs.WalkDir(os.DirFS("."), "templates", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		for _, m := range templateKey.FindAllSubmatch(content, -1) {
			if !en.has(string(m[1])) {
				t.Errorf("%s: no message %q", path, m[1])
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestNoMessageIsUnused(t *testing.T) {
	used, families := usedKeys(t)
	for _, key := range slices.Sorted(maps.Keys(testLocales(t)["en"].messages)) {
		if used[key] || slices.ContainsFunc(families, func(f string) bool { return strings.HasPrefix(key, f) }) {
			continue
		}
		t.Errorf("message %q is unused", key)
	}
}

// TestVocabulariesHaveMessages holds the words that the program picks against the catalogue.
func TestVocabulariesHaveMessages(t *testing.T) {
	en := testLocales(t)["en"]
	var keys []string
	add := func(prefix string, words []string, suffixes ...string) {
		for _, w := range words {
			if len(suffixes) == 0 {
				keys = append(keys, prefix+w)
			}
			for _, s := range suffixes {
				keys = append(keys, prefix+w+s)
			}
		}
	}
	add("sector.", comity.Sectors)
	add("region.", comity.Regions)
	add("origin.", words(comity.Origins))
	add("level.", words(comity.Levels))
	add("action.priority.", words(comity.Priorities))
	add("action.status.", words(comity.ActionStatuses))
	add("property.", propertyKeys())
	add("role.", comity.Roles(0xffff).Names(), ".name", ".text")
	add("error.", []string{"internal", "invalid", "not-found", "unauthorized", "forbidden", "conflict", "too-large", "too-many", "unavailable", "stale"}, ".title", ".text")
	add("release.withheld.", []string{"too-few", "dominated", "small-cell", "complement", "cohort"})
	add("exposure.driver.", []string{"prior", "evidence", "intelligence", "controls", "vulnerability", "shared"})
	add("exposure.place.", []string{"below", "within", "above"})
	add("why.", []string{
		"new-match", "match-closed", "threat-changed", "threat-withdrawn", "profile", "evidence", "scores", "knowledge", "passage-of-time", "several", "more-matches",
	})
	for _, s := range testCatalogue.Scenarios {
		add("scenario.", []string{string(s.ID)}, ".name", ".text")
		for _, stage := range s.Path {
			add("exposure.stage.", []string{stage.Name})
		}
	}
	for _, key := range keys {
		if !en.has(key) {
			t.Errorf("no message %q", key)
		}
	}
}

func TestNumbersAndDates(t *testing.T) {
	day := comity.Date{Year: 2026, Month: time.March, Day: 9}
	tests := []struct {
		lang                                  string
		number, percent, small, money, day, r string
	}{
		{"en", "1,234,567", "34%", "<0.1%", "USD 1.5 M", "9 March 2026", "3.4–16%"},
		{"fr", "1\u202f234\u202f567", "34\u00a0%", "<0,1\u00a0%", "1,5 M USD", "9 mars 2026", "3,4–16\u00a0%"},
		{"es", "1\u00a0234\u00a0567", "34\u00a0%", "<0,1\u00a0%", "1,5 mill. USD", "9 de marzo de 2026", "3,4–16\u00a0%"},
		{"ru", "1\u00a0234\u00a0567", "34\u00a0%", "<0,1\u00a0%", "1,5 млн USD", "9 марта 2026 г.", "3,4–16\u00a0%"},
		{"zh", "1,234,567", "34%", "<0.1%", "150 万 USD", "2026年3月9日", "3.4–16%"},
		{"ar", "1,234,567", "\u206634%\u2069", "\u2066<0.1%\u2069", "1.5 مليون USD", "9 آذار/مارس 2026", "\u20663.4\u2069 إلى \u206616%\u2069"},
	}
	locales := testLocales(t)
	for _, test := range tests {
		l := locales[test.lang]
		for _, c := range []struct{ what, got, want string }{
			{"number", l.Number(1234567), test.number},
			{"percent", l.Percent(0.341), test.percent},
			{"small percent", l.Percent(0.0002), test.small},
			{"money", l.Money(1.5e6, "USD"), test.money},
			{"date", l.Date(day), test.day},
			{"interval", l.Percents(0.034, 0.16), test.r},
		} {
			if c.got != c.want {
				t.Errorf("%s %s: got %q, want %q", test.lang, c.what, c.got, c.want)
			}
		}
	}
}

func TestPercentNeverRoundsToCertainty(t *testing.T) {
	l := testLocales(t)["en"]
	for p, want := range map[float64]string{0: "0%", 1: "100%", 0.00001: "<0.1%", 0.99999: ">99.9%", 0.0996: "10%", 0.099: "9.9%", 0.995: "99.5%", 0.5: "50%"} {
		if got := l.Percent(p); got != want {
			t.Errorf("Percent(%v) = %q, want %q", p, got, want)
		}
	}
}

func TestPlurals(t *testing.T) {
	tests := []struct {
		lang  string
		count int
		want  string
	}{
		{"en", 1, "1 of 15 members"},
		{"en", 3, "3 of 15 members"},
		{"ru", 3, "3 участника из 15"},
		{"ru", 11, "11 участников из 15"},
		{"ru", 21, "21 участник из 15"},
		{"ar", 2, "عضوان من 15"},
		{"ar", 12, "12 عضوا من 15"},
		{"zh", 1, "15 个成员中的 1 个"},
	}
	locales := testLocales(t)
	for _, test := range tests {
		if got := locales[test.lang].T("release.members", "count", test.count, "of", 15); got != test.want {
			t.Errorf("%s %d: got %q, want %q", test.lang, test.count, got, test.want)
		}
	}
}

func TestReasonsAreWrittenInTheLanguage(t *testing.T) {
	locales := testLocales(t)
	actor := comity.Reason{Key: "new-match", Args: map[string]string{"threat": "DEMO-SET-04", "subject": "environment,science"}}
	if got := locales["fr"].Reason("why", actor); strings.Contains(got, "environment,") {
		t.Errorf("the sectors are not translated: %q", got)
	}
	several := comity.Reason{Key: "several", Args: map[string]string{"count": "1"}}
	if got, want := locales["en"].Reason("why", several), "1 change to your profile, evidence or sources"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestNoTextInTemplates finds letters that stand outside of tags and actions.
func TestNoTextInTemplates(t *testing.T) {
	action := regexp.MustCompile(`(?s)\{\{.*?\}\}`)
	tag := regexp.MustCompile(`(?s)<[^>]*>`)
	spoken := regexp.MustCompile(`(?:alt|title|aria-label)="[^"]*\p{L}|placeholder="[^" ]+ `)
	letters := regexp.MustCompile(`\p{L}+`)
	err := fs.WalkDir(os.DirFS("."), "templates", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		bare := action.ReplaceAllString(string(content), "")
		if m := spoken.FindString(bare); m != "" {
			t.Errorf("%s: attribute with text: %s", path, m)
		}
		if m := letters.FindAllString(tag.ReplaceAllString(bare, ""), -1); len(m) > 0 {
			t.Errorf("%s: text %q; want keys only", path, m)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
