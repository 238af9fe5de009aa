package web

import (
	"testing"

	"comity"
)

// A scenario that the group added has its name on every page and in every language: English where there is no other, and
// nothing of it stays once the catalogue no longer says so.
func TestOwnScenarioTexts(t *testing.T) {
	locales, err := loadLocales()
	if err != nil {
		t.Fatal(err)
	}
	s := &site{locales: locales}
	s.learnScenarios(comity.Catalogue{
		Version:   "2",
		Scenarios: []comity.Scenario{{ID: "drones", Texts: map[string]comity.ScenarioText{"en": {Name: "Drones", Text: "Above."}, "fr": {Name: "Drones au-dessus"}}}},
		Retired:   []comity.Scenario{{ID: "phishing", Texts: map[string]comity.ScenarioText{"en": {Name: "Old phishing"}}}},
	})
	for _, test := range []struct{ lang, key, want string }{
		{"en", "scenario.drones.name", "Drones"},
		{"fr", "scenario.drones.name", "Drones au-dessus"},
		{"fr", "scenario.drones.text", "Above."},
		{"ar", "scenario.drones.name", "Drones"},
		{"zh", "scenario.phishing.name", "Old phishing"},
	} {
		if got := locales[test.lang].T(test.key); got != test.want || !locales[test.lang].has(test.key) {
			t.Errorf("%s %s: got %q, want %q", test.lang, test.key, got, test.want)
		}
	}
	s.learnScenarios(comity.Catalogue{Version: "3"})
	if got := locales["en"].T("scenario.phishing.name"); got == "Old phishing" || got == "scenario.phishing.name" {
		t.Errorf("after version 3: %q", got)
	}
}
