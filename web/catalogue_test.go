package web

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"comity"
)

// draftCatalogue adopts a second version of the catalogue, and begins a draft of the third.
func (d *desk) draftCatalogue() comity.CatalogueDraft {
	d.t.Helper()
	d.knowCatalogue()
	current, err := d.store.Catalogue(d.t.Context(), deskSystem, 0)
	d.must(err)
	next := comity.CatalogueVersion{Number: current.Number + 1, Note: "a survey of members", Catalogue: current.Catalogue}
	next.Catalogue.Tolerance = 900_000
	_, err = d.intake.Adopt(d.t.Context(), deskSystem, next, 0)
	d.must(err)
	draft := comity.CatalogueDraft{Base: next.Number, Catalogue: next.Catalogue}
	draft.Catalogue.Scenarios = slices.Clone(next.Catalogue.Scenarios)
	draft.Catalogue.Scenarios[0].Rate = comity.Interval{Low: 4, High: 32}
	draft, err = d.store.PutCatalogueDraft(d.t.Context(), deskSystem, draft, d.now)
	d.must(err)
	return draft
}

// knowCatalogue adds to ATT&CK as it is here what the catalogue names.
func (d *desk) knowCatalogue() {
	d.t.Helper()
	k, err := d.store.Knowledge(d.t.Context(), deskSystem)
	d.must(err)
	if k.Names == nil {
		k.Names = map[string]string{}
	}
	k.Version = "18.1"
	for code := range testCatalogue.Strength {
		if !slices.ContainsFunc(k.Mitigations, func(m comity.Mitigation) bool { return m.Number == code }) {
			k.Mitigations = append(k.Mitigations, comity.Mitigation{Number: code, Name: "Mitigation " + code})
		}
	}
	for _, sc := range testCatalogue.Scenarios {
		for _, st := range sc.Path {
			if !slices.ContainsFunc(k.Tactics, func(t comity.Tactic) bool { return t.ShortName == st.Name }) {
				k.Tactics = append(k.Tactics, comity.Tactic{ShortName: st.Name, Order: len(k.Tactics)})
			}
			for _, t := range st.Techniques {
				if _, known := k.Names[t.Technique]; !known {
					k.Techniques = append(k.Techniques, comity.Technique{Number: t.Technique, Tactics: []string{st.Name}})
					k.Names[t.Technique] = "Technique " + t.Technique
				}
			}
		}
	}
	there, err := d.store.ThreatsByID(d.t.Context(), deskSystem, []comity.ThreatID{"thr_T1190"})
	d.must(err)
	src := comity.Source{ID: comity.SourceATTACK, Version: "18.1", Date: d.now, TakenIn: d.now, Hash: "catalogue"}
	_, err = d.store.PutKnowledge(d.t.Context(), deskSystem, src, k, slices.Collect(maps.Values(there)), true)
	d.must(err)
}

// draft returns the draft as it is stored.
func (d *desk) draft() comity.CatalogueDraft {
	d.t.Helper()
	draft, err := d.store.CatalogueDraft(d.t.Context(), deskSystem)
	d.must(err)
	return draft
}

func TestCatalogueTellsWhatEverybodyIsAssessedWith(t *testing.T) {
	d := full(t)
	d.get("reader", "/catalogue").want(http.StatusOK, "Version 2 is in force", "Phishing", "hypothesis", "USD", "M1032", `href="/catalogue/phishing"`)
	d.get("reader", "/catalogue/phishing").want(http.StatusOK, "2 – 16", "T1566", "initial access", "ENISA Threat Landscape", "This rate is a judgement")
	d.get("anna", "/catalogue/phishing").want(http.StatusOK, `href="/organization/scenarios/phishing"`)
	d.get("desk", "/catalogue/phishing").want(http.StatusOK).without(`href="/organization/scenarios/phishing"`)
	d.get("anna", "/catalogue/operator-error").want(http.StatusOK, "incidents a year: nine of ten")
	d.get("anna", "/catalogue/nonsense").want(http.StatusNotFound)
	d.get("anna", "/catalogue/versions").want(http.StatusOK, "a survey of members", "The catalogue that comes with Comity", "in force")
	d.get("anna", "/catalogue/versions/2").want(http.StatusOK, "default tolerance", "1000000", "900000").without("Make this the draft")
	d.get("anna", "/catalogue/versions/2?with=2").want(http.StatusOK, "It is the same as version 2.")
	d.get("anna", "/catalogue/versions/9").want(http.StatusNotFound)
	d.get("anna", "/catalogue/versions/x").want(http.StatusNotFound)
	d.get("anna", "/catalogue/versions/2?with=77").want(http.StatusNotFound)
	a := d.get("reader", "/catalogue/versions/1/catalogue.json").want(http.StatusOK, `"id": "phishing"`)
	if got := a.Header.Get("Content-Type"); got != "application/json" {
		t.Errorf("content type %q", got)
	}
}

// Before a draft is adopted each member sees what it does to its own figures, and nobody anything of another's.
func TestDraftShowsItsEffect(t *testing.T) {
	d := full(t)
	for _, who := range []string{"anna", "alan", "chair", "bert"} {
		d.get(who, "/catalogue/draft").want(http.StatusOK, "Our own organisation", "A made-up organisation", "general rate a year", "2 – 16", "4 – 32").
			want(http.StatusOK, "TLP:AMBER+STRICT")
	}
	for _, who := range []string{"desk", "watch", "reader"} {
		d.get(who, "/catalogue/draft").want(http.StatusOK, "A made-up organisation", "TLP:GREEN").without("Our own organisation")
	}
	anna := d.get("anna", "/catalogue/draft").Body
	d.putProfile(d.b, func(p *comity.Profile) { p.Tolerance = 5 })
	if again := d.get("anna", "/catalogue/draft").Body; again != anna {
		t.Error("what another member entered shows")
	}
	d.get("anna", "/catalogue/draft").without("Adopt as the next version", "/catalogue/draft/values", "Retire")
	d.get("chair", "/catalogue/draft").want(http.StatusOK, "Adopt as the next version", "/catalogue/draft/values", "Retire Phishing")
}

func TestOnlyEditorsChangeTheCatalogue(t *testing.T) {
	d := full(t)
	draft := d.draft()
	for _, who := range []string{"anna", "alan", "bert", "watch", "reader", ""} {
		want := http.StatusForbidden
		if who == "" {
			want = http.StatusUnauthorized
		}
		for _, path := range []string{
			"/catalogue/draft", "/catalogue/draft/adopt", "/catalogue/draft/drop", "/catalogue/draft/new", "/catalogue/draft/values",
			"/catalogue/draft/scenarios/phishing", "/catalogue/draft/scenarios/phishing/move",
		} {
			d.post(who, path, url.Values{}).want(want)
		}
		d.upload(who, "/catalogue/draft/import", "{}").want(want)
	}
	if now := d.draft(); now.Revision != draft.Revision {
		t.Error("the draft was changed")
	}
}

func TestEditAdoptAndUndo(t *testing.T) {
	d := newDesk(t)
	d.knowCatalogue()
	d.get("chair", "/catalogue/draft").want(http.StatusOK, "There is no draft")
	d.post("chair", "/catalogue/draft", url.Values{"from": {"0"}}).want(http.StatusSeeOther)
	page := d.get("chair", "/catalogue/draft/scenarios/phishing").want(http.StatusOK, "T1566")
	values := page.formValues("/catalogue/draft/scenarios/phishing")
	if values.Get("low") != "2" || values.Get("high") != "16" {
		t.Fatalf("rate: %v", values)
	}
	delete(values, "more")

	for name, test := range map[string]struct {
		field, value, says string
	}{
		"rate upside down":  {"high", "1", "The second number must be larger"},
		"rate too narrow":   {"high", "2.01", "/rate: 2 to 2.01"},
		"no number":         {"low", "often", "Please give a number"},
		"not a number":      {"low", "NaN", "Please give a number"},
		"no basis":          {"basis", " ", "Please"},
		"unknown technique": {"technique.0", "T9999", "T9999 is no technique"},
		"shares of 1.1":     {"share.0", "0.99", "The shares of this stage sum to"},
		"unknown source":    {"source", "cosmic", "Please choose one"},
		"a flood targets":   {"source", "environmental", "Only an adversary goes along techniques"},
		"text alone":        {"text.fr", "Description", "Please"},
		"no English":        {"name.fr", "Hameçonnage", "Give the name in English too"},
	} {
		wrong := maps.Clone(values)
		wrong.Set(test.field, test.value)
		a := d.post("chair", "/catalogue/draft/scenarios/phishing", wrong)
		if a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, test.says) {
			t.Errorf("%s: status %d, without %q\n%s", name, a.Status, test.says, a.main())
		}
	}
	more := maps.Clone(values)
	more.Set("more", "1")
	d.post("chair", "/catalogue/draft/scenarios/phishing", more).want(http.StatusOK, "Technique of row")

	values.Set("low", "3")
	values.Set("name.en", "Phish")
	d.post("chair", "/catalogue/draft/scenarios/phishing", values).want(http.StatusSeeOther)
	d.post("chair", "/catalogue/draft/scenarios/phishing", values).want(http.StatusConflict) // the draft is newer than the form
	if sc, _ := d.draft().Catalogue.Scenario("phishing"); sc.Rate != (comity.Interval{Low: 3, High: 16}) || sc.Texts["en"].Name != "Phish" || len(sc.Path) != 3 {
		t.Errorf("kept: %+v", sc)
	}
	d.get("chair", "/catalogue/draft").want(http.StatusOK, "3 – 16", "name and description", "Phish")

	shown := d.get("desk", "/catalogue/draft").formValues("/catalogue/draft/adopt")
	d.post("desk", "/catalogue/draft/adopt", shown).want(http.StatusUnprocessableEntity, "Why, for everybody")
	shown.Set("note", "Members see more of it")
	a := d.post("desk", "/catalogue/draft/adopt", shown).want(http.StatusSeeOther)
	if a.Location() != "/catalogue/versions/2" {
		t.Errorf("to %s", a.Location())
	}
	d.get("bert", "/catalogue/versions/2").want(http.StatusOK, "Members see more of it", "2 – 16", "3 – 16")
	d.get("bert", "/catalogue").want(http.StatusOK, "Version 2 is in force", "Phish")

	d.post("desk", "/catalogue/draft", url.Values{"from": {"1"}}).want(http.StatusSeeOther)
	d.get("desk", "/catalogue/draft").want(http.StatusOK, "Version 1 again.", "3 – 16", "2 – 16")
	shown = d.get("desk", "/catalogue/draft").formValues("/catalogue/draft/adopt")
	shown.Set("note", "They do not")
	d.post("desk", "/catalogue/draft/adopt", shown).want(http.StatusSeeOther)
	version, err := d.store.Catalogue(t.Context(), deskSystem, 0)
	d.must(err)
	if version.Number != 3 || version.Restores != 1 || version.Catalogue.Scenarios[0].Rate.Low != 2 {
		t.Errorf("undone: %+v", version)
	}
}

func TestAddAndRetireScenario(t *testing.T) {
	d := newDesk(t)
	d.knowCatalogue()
	d.post("desk", "/catalogue/draft", url.Values{"from": {"0"}}).want(http.StatusSeeOther)
	values := d.get("desk", "/catalogue/draft/new").want(http.StatusOK).formValues("/catalogue/draft/new")
	delete(values, "more")
	for field, value := range map[string]string{
		"id": "drone-incident", "name.en": "Drone over the site", "text.en": "A drone films or drops something.", "name.fr": "Drone au-dessus du site",
		"source": "adversarial", "origin": "external", "hits": "confidentiality", "low": "0.01", "high": "0.2", "basis": "hypothesis: heard of twice",
		"stage.0": "impact", "technique.0": "T1498", "share.0": "1",
	} {
		values.Set(field, value)
	}
	for name, spoil := range map[string]func(url.Values){
		"taken":   func(v url.Values) { v.Set("id", "phishing") },
		"a page":  func(v url.Values) { v.Set("id", "versions") },
		"capital": func(v url.Values) { v.Set("id", "Drone") },
		"no name": func(v url.Values) { v.Del("name.en"); v.Del("text.en"); v.Del("name.fr") },
		"no hits": func(v url.Values) { v.Del("hits") },
	} {
		wrong := maps.Clone(values)
		spoil(wrong)
		if a := d.post("desk", "/catalogue/draft/new", wrong); a.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s: status %d", name, a.Status)
		}
	}
	d.post("desk", "/catalogue/draft/new", values).want(http.StatusSeeOther)
	sc, ok := d.draft().Catalogue.Scenario("drone-incident")
	if !ok || len(sc.Path) != 1 || sc.Path[0].Techniques[0].Technique != "T1498" {
		t.Fatalf("added: %+v", sc)
	}
	d.get("desk", "/catalogue/draft").want(http.StatusOK, "Drone over the site")

	move := func(id string) {
		t.Helper()
		path := "/catalogue/draft/scenarios/" + id + "/move"
		d.post("desk", path, d.get("desk", "/catalogue/draft").formValues(path)).want(http.StatusSeeOther)
	}
	move("phishing")
	if _, ok := d.draft().Catalogue.RetiredScenario("phishing"); !ok {
		t.Error("not retired")
	}
	d.get("desk", "/catalogue/draft").want(http.StatusOK, "no longer assessed")
	move("espionage")
	move("phishing")
	shown := d.get("desk", "/catalogue/draft").formValues("/catalogue/draft/adopt")
	shown.Set("note", "Drones")
	d.post("desk", "/catalogue/draft/adopt", shown).want(http.StatusSeeOther)
	d.get("anna", "/catalogue").want(http.StatusOK, "Drone over the site", "No longer assessed:")
	d.get("anna", "/catalogue/espionage").want(http.StatusOK, "No longer assessed")
	d.get("anna", "/profile/scope").want(http.StatusOK, "Drone over the site")
}

func TestEditValues(t *testing.T) {
	d := newDesk(t)
	d.knowCatalogue()
	d.post("chair", "/catalogue/draft", url.Values{"from": {"0"}}).want(http.StatusSeeOther)
	values := d.get("chair", "/catalogue/draft/values").want(http.StatusOK, "M1032").formValues("/catalogue/draft/values")
	for field, value := range map[string]string{"strength.M1032": "1.5", "tolerance": "0", "low.2.integrity": "900000000", "high.4.image": "900000000000000"} {
		wrong := maps.Clone(values)
		wrong.Set(field, value)
		if a := d.post("chair", "/catalogue/draft/values", wrong); a.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s = %s: status %d", field, value, a.Status)
		}
	}
	values.Set("strength.M1032", "0.25")
	values.Set("tolerance", "500 000")
	d.post("chair", "/catalogue/draft/values", values).want(http.StatusSeeOther)
	if c := d.draft().Catalogue; c.Tolerance != 500_000 || c.Strength["M1032"] != .25 {
		t.Errorf("kept: %v, %v", c.Tolerance, c.Strength["M1032"])
	}
	d.get("chair", "/catalogue/draft").want(http.StatusOK, "strength of a mitigation", "0.25")
}

func TestImportDraft(t *testing.T) {
	d := newDesk(t)
	d.upload("desk", "/catalogue/draft/import", "").want(http.StatusUnprocessableEntity, "Choose a file first")
	d.upload("desk", "/catalogue/draft/import", `{"scenarios":[{"id":5}]}`).want(http.StatusUnprocessableEntity, "/scenarios/0/id")
	d.upload("desk", "/catalogue/draft/import", strings.Repeat(" ", 3<<20)).want(http.StatusRequestEntityTooLarge)
	whole := d.get("desk", "/catalogue/versions/1/catalogue.json").Body
	d.upload("desk", "/catalogue/draft/import", strings.Replace(whole, `"tolerance": 1000000`, `"tolerance": 7`, 1)).want(http.StatusSeeOther)
	if got := d.draft().Catalogue.Tolerance; got != 7 {
		t.Errorf("tolerance %v", got)
	}
	d.upload("desk", "/catalogue/draft/import", whole).want(http.StatusConflict) // made without knowing of the draft
	d.get("reader", "/catalogue/draft/catalogue.json").want(http.StatusOK, `"tolerance": 7`)
}

// A draft that was begun before another version was adopted is not adopted unseen.
func TestStaleDraft(t *testing.T) {
	d := full(t)
	current, err := d.store.Catalogue(t.Context(), deskSystem, 0)
	d.must(err)
	_, err = d.intake.Adopt(t.Context(), deskSystem, comity.CatalogueVersion{Number: current.Number + 1, Catalogue: current.Catalogue}, 0)
	d.must(err)
	shown := d.get("desk", "/catalogue/draft").want(http.StatusOK, "Version 3 was adopted after this draft").formValues("/catalogue/draft/adopt")
	shown.Set("note", "all the same")
	d.post("desk", "/catalogue/draft/adopt", shown).want(http.StatusUnprocessableEntity)
	d.post("desk", "/catalogue/draft/drop", d.get("desk", "/catalogue/draft").formValues("/catalogue/draft/drop")).want(http.StatusSeeOther)
	d.get("desk", "/catalogue/draft").want(http.StatusOK, "There is no draft")
}
