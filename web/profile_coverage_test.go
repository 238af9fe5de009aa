package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"comity/demo"
)

// withKnowledge gives the desk ATT&CK as it is, with all its mitigations.
func (d *desk) withKnowledge() {
	d.t.Helper()
	facts, err := demo.Facts()
	d.must(err)
	_, err = d.store.PutKnowledge(d.t.Context(), deskSystem, facts.AttackSource(d.now), facts.Knowledge, nil, true)
	d.must(err)
}

// catalog53 is a selection from SP 800-53 as OSCAL has it: what data backup rests on.
const catalog53 = `{"catalog":{"metadata":{"title":"Selection from Revision 5","version":"1"},"groups":[{"id":"cp","title":"Contingency Planning","controls":[
	{"id":"cp-2","class":"SP800-53","title":"Contingency Plan"},{"id":"cp-6","class":"SP800-53","title":"Alternate Storage Site"},{"id":"cp-7","class":"SP800-53","title":"Alternate Processing Site"},
	{"id":"cp-9","class":"SP800-53","title":"System Backup"},{"id":"cp-10","class":"SP800-53","title":"System Recovery"}]}]}}`

func TestCoverageIsProposedAndNeverTakenOverSilently(t *testing.T) {
	d := newDesk(t)
	d.withKnowledge()
	d.get("anna", "/profile/coverage").want(200, "Once controls of NIST SP 800-53 are answered").without(`name="take"`)
	own := "/baseline/" + strings.TrimPrefix(d.importBaseline(catalog53, "", true), "/baselines/")
	d.importBaseline(controlsCSV, "Our own", true)
	page := own + "/families/cp"
	d.post("anna", page+"/fill", url.Values{"maturity": {"established"}}).want(http.StatusSeeOther)
	d.answer("anna", page, url.Values{"m_cp-9": {"initial"}}).want(http.StatusSeeOther)

	before := d.profileOf(d.a)
	coverage := d.get("anna", "/profile/coverage").want(200, "Derived: 25%", "System Backup", "Initial", "Contingency Plan", "Take over 25%", "Answers to “Our own” propose nothing")
	if got := d.profileOf(d.a); got.Revision != before.Revision {
		t.Errorf("looking at proposals made revision %d", got.Revision)
	}
	form := coverage.formValues("/profile/coverage")
	form.Set("M1032", "95")
	d.post("anna", "/profile/coverage", form).want(http.StatusSeeOther)
	if got := d.profileOf(d.a).Coverage; len(got) != 1 || got["M1032"] != 0.95 {
		t.Errorf("saving took over: %v", got)
	}

	// All that have no answer: the own one stays.
	form = d.get("anna", "/profile/coverage").formValues("/profile/coverage")
	form.Set("take", "all")
	d.post("anna", "/profile/coverage", form).want(http.StatusSeeOther)
	if got := d.profileOf(d.a).Coverage; got["M1032"] != 0.95 || got["M1053"] != 0.25 {
		t.Errorf("after taking over all: %v", got)
	}

	// One, whatever was answered before, together with what else the form says.
	form = d.get("anna", "/profile/coverage").without("Take over 25%").formValues("/profile/coverage")
	form.Set("M1053", "95")
	form.Set("M1032", "50")
	d.post("anna", "/profile/coverage", form).want(http.StatusSeeOther)
	form = d.get("anna", "/profile/coverage").want(200, "Take over 25%").formValues("/profile/coverage")
	form.Set("take", "M1053")
	d.post("anna", "/profile/coverage", form).want(http.StatusSeeOther)
	if got := d.profileOf(d.a).Coverage; got["M1053"] != 0.25 || got["M1032"] != 0.5 {
		t.Errorf("after taking over one: %v", got)
	}
	d.get("bert", "/profile/coverage").want(200).without("Derived:", "System Backup")
	d.get("chair", "/profile/coverage").want(200, "Derived: 25%").without(`name="take"`)
	d.inEveryLanguage("anna", "/profile/coverage")
}
