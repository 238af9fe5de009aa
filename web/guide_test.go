package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"comity"
	"comity/assess/score"
)

var guidePages = []string{
	"/profile/guide", "/profile/guide/about", "/profile/guide/warm-up", "/profile/guide/software", "/profile/guide/services", "/profile/guide/scenarios",
	"/profile/guide/bands", "/profile/guide/coverage", "/profile/guide/suppliers",
}

// goOn posts the form of a step, changed, and returns the page that it leads to.
func (d *desk) goOn(who, page string, change func(url.Values)) answer {
	d.t.Helper()
	path, _, _ := strings.Cut(page, "?")
	form := d.get(who, page).want(200).formValues(path)
	if change != nil {
		change(form)
	}
	return d.get(who, d.post(who, path, form).want(http.StatusSeeOther).Location()).want(200)
}

// TestGuideLeadsFromNothingToAFigure goes the quick way with what is suggested, leaves, and resumes as a colleague.
func TestGuideLeadsFromNothingToAFigure(t *testing.T) {
	d := newDesk(t)
	d.withKnowledge()
	d.get("anna", "/profile/guide").want(200, "A first figure in under 10 minutes", "about 55 min", "it says little more than what holds for anybody", `href="/profile/guide/about?way=quick"`)
	first, err := d.intake.Standing(t.Context(), deskSystem, d.a.ID)
	d.must(err)

	services := d.goOn("anna", "/profile/guide/about?way=quick", func(f url.Values) { f["sector"], f["region"] = []string{"science"}, []string{"global"} })
	services.want(200, "Mail and collaboration", "Observations and forecasts", `value="quick"`, "saved. It does not move the headline").without("Case files")
	scenarios := d.goOn("anna", "/profile/guide/services?way=quick", func(f url.Values) {
		f.Del("have.0") // no mail of one's own
		f.Set("confidentiality.1", "1")
	})
	scenarios.want(200, "Services and how critical they are:")
	if got := d.profileOf(d.a).Services; len(got) != 8 {
		t.Errorf("%d services, want the 9 that were suggested but one", len(got))
	}
	done := d.goOn("anna", "/profile/guide/scenarios?way=quick", func(f url.Values) {
		f.Set("none", "1")
		f.Set("count.phishing", "2")
		f["scenario"] = f["scenario"][:len(f["scenario"])-1]
	})
	done.want(200, "narrowed from", "It rests on your own services and your own last three years", "Look at your figures").without("A first figure in under")
	now, err := d.intake.Standing(t.Context(), deskSystem, d.a.ID)
	d.must(err)
	if first.High-first.Low <= now.High-now.Low {
		t.Errorf("the interval did not narrow: %.2f–%.2f, then %.2f–%.2f", first.Low, first.High, now.Low, now.High)
	}
	t.Logf("headline %.2f (%.2f–%.2f), then %.2f (%.2f–%.2f)", first.Value, first.Low, first.High, now.Value, now.Low, now.High)
	guide, err := d.store.Guide(t.Context(), deskSystem, d.a.ID)
	d.must(err)
	for _, m := range guide {
		t.Logf("%s: %.2f (%.2f–%.2f, factor %.1f), then %.2f (%.2f–%.2f, factor %.1f)", m.Step, m.Before.Value, m.Before.Low, m.Before.High, m.Before.Spread(), m.After.Value, m.After.Low, m.After.High, m.After.Spread())
	}

	evidence, err := d.store.EvidenceOf(t.Context(), deskSystem, d.a.ID)
	d.must(err)
	if want := len(testCatalogue.Scenarios) - 1; len(evidence) != want {
		t.Errorf("%d entries, want one for each of the %d scenarios in scope", len(evidence), want)
	}

	// A colleague goes on where it was left, and skips.
	d.get("alan", "/profile/guide").want(200, "Go on, about", "Services and how critical they are", "Saved")
	skipped := d.post("alan", "/profile/guide/software/skip", nil).want(http.StatusSeeOther)
	if skipped.Location() != "/profile/guide/services" {
		t.Errorf("after a skipped step: %s", skipped.Location())
	}
	d.get("alan", "/profile/guide").want(200, "Skipped")
	d.post("alan", "/profile/guide/nonsense/skip", nil).want(404)
	again := d.get("alan", "/profile/guide/scenarios").want(200, "2 recorded", "0 recorded").formValues("/profile/guide/scenarios")
	d.post("alan", "/profile/guide/scenarios", again).want(http.StatusSeeOther)
	if after, err := d.store.EvidenceOf(t.Context(), deskSystem, d.a.ID); err != nil || len(after) != len(evidence) {
		t.Errorf("saving again recorded %d entries, %v", len(after)-len(evidence), err)
	}
}

// TestGuideGoesOn answers the other steps, each of which tells what it does.
func TestGuideGoesOn(t *testing.T) {
	d := newDesk(t)
	d.withKnowledge()
	d.goOn("anna", "/profile/guide/software", func(f url.Values) { f.Set("vendor.0", "Fortinet"); f.Set("name.0", "FortiGate") })
	if got := d.profileOf(d.a).Software; len(got) != 1 || got[0].Placement != comity.InternetFacing {
		t.Errorf("software %+v", got)
	}
	d.goOn("anna", "/profile/guide/software", nil).want(200, "Services and how critical")
	d.goOn("anna", "/profile/guide/bands", func(f url.Values) { f.Set("tolerance", "250 000") })
	if got := d.profileOf(d.a); got.Tolerance != 250_000 || got.Bands != nil {
		t.Errorf("tolerance %v, bands %v", got.Tolerance, got.Bands)
	}
	d.goOn("anna", "/profile/guide/coverage", func(f url.Values) { f.Set("M1032", "95") }).want(200, "Mitigations: narrowed from")
	d.goOn("anna", "/profile/guide/suppliers", func(f url.Values) { f.Set("name.0", "Acme") }).want(200, "Guided path")
	if got := d.profileOf(d.a).Suppliers; len(got) != 1 || got[0].Dependence != .15 {
		t.Errorf("suppliers %+v", got)
	}
	guide, err := d.store.Guide(t.Context(), deskSystem, d.a.ID)
	d.must(err)
	if len(guide) != 4 {
		t.Errorf("%d marks, want 4", len(guide))
	}
}

// One answer on mitigations never counts the others as missing: the worst single answer raises the figure by no more than
// its own.
func TestGuideAnswersToOneMitigationOnly(t *testing.T) {
	d := newDesk(t)
	d.withKnowledge()
	before, err := d.intake.Standing(t.Context(), deskSystem, d.a.ID)
	d.must(err)
	d.goOn("anna", "/profile/guide/coverage", func(f url.Values) { f.Set("M1032", "75") })
	after, err := d.intake.Standing(t.Context(), deskSystem, d.a.ID)
	d.must(err)
	if after.Value > before.Value || after.Spread() > before.Spread() {
		t.Errorf("a good answer to one mitigation moved %+v to %+v", before, after)
	}
}

func TestGuideErrorsKeepWhatWasTyped(t *testing.T) {
	d := newDesk(t)
	d.withKnowledge()
	for _, test := range []struct{ path, field, value, anchor string }{
		{"/profile/guide/about", "region", "global", "sector"},
		{"/profile/guide/software", "vendor.1", "Acme", "name.1"},
		{"/profile/guide/services", "integrity.0", "9", "integrity.0"},
		{"/profile/guide/scenarios", "count.phishing", "-1", "count.phishing"},
		{"/profile/guide/bands", "tolerance", "-1", "tolerance"},
		{"/profile/guide/coverage", "M1032", "96", "M1032"},
		{"/profile/guide/suppliers", "dependence.0", "x", "dependence.0"},
		{"/profile/guide/warm-up", "low.controls", "x", "low.controls"},
	} {
		form := d.get("anna", test.path).want(200).formValues(test.path)
		form.Set(test.field, test.value)
		if test.field == "dependence.0" {
			form.Set("name.0", "Acme")
		}
		d.post("anna", test.path, form).want(422, `href="#`+test.anchor+`"`)
	}
	if got := d.profileOf(d.a).Revision; got != 0 {
		t.Errorf("something was saved: revision %d", got)
	}
	for path, empty := range map[string]string{"/profile/guide/about": "sector", "/profile/guide/software": "name.0", "/profile/guide/warm-up": "low.kev-entries"} {
		d.post("anna", path, d.get("anna", path).formValues(path)).want(422, `href="#`+empty+`"`)
	}
}

func TestGuideLosesNothingToSomebodyElse(t *testing.T) {
	d := newDesk(t)
	d.withKnowledge()
	form := d.get("anna", "/profile/guide/suppliers").formValues("/profile/guide/suppliers")
	form.Set("name.0", "Acme")
	d.putProfile(d.a, func(p *comity.Profile) {
		p.Suppliers = []comity.Supplier{{ID: comity.MakeSupplierID(comity.Entropy{9}), Name: "Other"}}
	})
	d.post("anna", "/profile/guide/suppliers", form).want(409, "changed the profile in the meantime", "Acme")
	if got := d.profileOf(d.a).Suppliers; len(got) != 1 || got[0].Name != "Other" {
		t.Errorf("suppliers %+v", got)
	}
}

func TestGuideIsForItsOwnPeople(t *testing.T) {
	d := newDesk(t)
	d.withKnowledge()
	d.goOn("anna", "/profile/guide/suppliers", func(f url.Values) { f.Set("name.0", "Hush supplier") })
	for _, path := range guidePages {
		d.get("anna", path).want(200, "TLP:AMBER+STRICT")
		d.get("chair", path).want(200)
		d.get("bert", path).want(200).without("Hush", "narrowed", "Saved")
		for _, who := range []string{"watch", "desk", "reader"} {
			d.get(who, path).want(403)
		}
		d.get("", path).want(http.StatusSeeOther)
		if path == "/profile/guide" || path == "/profile/guide/warm-up" {
			continue
		}
		for _, who := range []string{"chair", "watch", "desk", "reader"} {
			d.post(who, path, nil).want(403)
			d.post(who, path+"/skip", nil).want(403)
		}
	}
	d.get("chair", "/profile/guide/suppliers").want(200, "<fieldset disabled>").without("Skip for now")
	d.inEveryLanguage("anna", guidePages...)
}

// TestWarmUpIsPrivate answers the warm-up as one person, and looks at it as a colleague.
func TestWarmUpIsPrivate(t *testing.T) {
	d := newDesk(t)
	form := d.get("anna", "/profile/guide/warm-up").want(200, "known exploited").without("1662", "1,007").formValues("/profile/guide/warm-up")
	for i, q := range score.Questions {
		form.Set("low."+q.Key, "1")
		form.Set("high."+q.Key, "10")
		if i < 5 {
			form.Set("high."+q.Key, "10 000 000")
		}
	}
	d.post("anna", "/profile/guide/warm-up", form).want(http.StatusSeeOther)
	d.get("anna", "/profile/guide/warm-up").want(200, "6 of 10 ranges held", "Your ranges are too narrow", "1.3%", "1662", "1007", "CISA KEV 2026.08.07")
	d.get("anna", "/profile/guide").want(200, "Answered")
	for _, who := range []string{"alan", "chair", "bert"} {
		d.get(who, "/profile/guide/warm-up").want(200).without("ranges held", "1662")
		d.get(who, "/profile/guide").want(200).without("Answered")
	}
	d.inEveryLanguage("anna", "/profile/guide/warm-up")
	d.post("alan", "/profile/guide/warm-up/forget", nil).want(http.StatusSeeOther)
	d.get("anna", "/profile/guide/warm-up").want(200, "ranges held")
	d.post("anna", "/profile/guide/warm-up/forget", nil).want(http.StatusSeeOther)
	d.get("anna", "/profile/guide/warm-up").want(200).without("ranges held")
}
