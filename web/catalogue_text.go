package web

import "comity"

// learnScenarios gives the locales the texts of scenarios that the group added or calls otherwise, once for each version of
// the catalogue. A language that has none shows English.
func (s *site) learnScenarios(c comity.Catalogue) {
	if last := s.learnt.Load(); last != nil && *last == c.Version {
		return
	}
	for lang, l := range s.locales {
		texts := scenarioTexts(lang, c.Scenarios, c.Retired)
		l.scenarios.Store(&texts)
	}
	s.learnt.Store(&c.Version)
}

// scenarioTexts returns the messages of scenarios that have texts of their own.
func scenarioTexts(lang string, lists ...[]comity.Scenario) map[string]message {
	texts := map[string]message{}
	for _, list := range lists {
		for _, sc := range list {
			if len(sc.Texts) == 0 {
				continue
			}
			name, text := scenarioText(sc, lang)
			texts["scenario."+string(sc.ID)+".name"] = message{otherForm: name}
			texts["scenario."+string(sc.ID)+".text"] = message{otherForm: text}
		}
	}
	return texts
}

// scenarioText returns a scenario's own texts in a language, in English where it has none.
func scenarioText(sc comity.Scenario, lang string) (name, text string) {
	english, own := sc.Texts["en"], sc.Texts[lang]
	if own.Name == "" {
		return english.Name, english.Text
	}
	if own.Text == "" {
		own.Text = english.Text
	}
	return own.Name, own.Text
}
