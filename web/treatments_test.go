package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"comity"
)

// assessed has the pipeline assess both organisations.
func (d *desk) assessed() {
	d.t.Helper()
	d.withKnowledge()
	d.must(d.intake.CatchUp(d.t.Context()))
}

// treat posts a treatment of a scenario.
func (d *desk) treat(who string, scenario comity.ScenarioID, fields ...string) answer {
	d.t.Helper()
	path := treatmentPath(scenario)
	form := d.get(who, path).want(200).formValues(path)
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return d.post(who, path, form)
}

// TestAcceptanceIsApprovedByAnotherAndEnds takes an exposure above tolerance from nothing to an acceptance that runs out.
func TestAcceptanceIsApprovedByAnotherAndEnds(t *testing.T) {
	d := newDesk(t)
	d.get("anna", "/organization/treatments").want(200, "Nothing has been assessed yet")
	d.assessed()
	e, err := d.store.Exposure(t.Context(), deskSystem, d.a.ID)
	d.must(err)
	worst := slices.MaxFunc(e.Scenarios, func(a, b comity.ScenarioExposure) int {
		return int(1e9 * (a.Significant.Value - b.Significant.Value))
	})
	form := d.get("anna", "/organization/treatments").want(200).formValues("/organization/treatments/threshold")
	form.Set("threshold", d.percentJustBelow(worst.Significant.Value))
	d.post("anna", "/organization/treatments/threshold", form).want(http.StatusSeeOther)
	d.get("anna", "/organization/treatments").want(200, "No treatment", "Within tolerance")
	d.get("anna", "/organization").want(200, "above tolerance and has no treatment")

	id := worst.Scenario
	d.treat("anna", id, "option", "accept", "owner", "", "reason", "", "until", "2028-01-01").want(422, `href="#owner"`, `href="#reason"`, `href="#until"`)
	d.treat("anna", id, "option", "accept", "owner", "Director <of> Operations", "reason", "Treating it costs more.", "until", "2026-10-01").want(http.StatusSeeOther)
	d.get("anna", treatmentPath(id)).want(200, "Waits for approval", "Director <of> Operations", "You proposed this").without("/approve\"")
	revision := url.Values{"revision": {"1"}}
	d.post("anna", treatmentPath(id)+"/approve", revision).want(403)
	d.post("alan", treatmentPath(id)+"/approve", revision).want(403)
	d.get("anna", "/organization").want(200, "1 acceptance waits for approval").without("has no treatment")
	approve := d.get("chair", treatmentPath(id)).want(200, "<fieldset disabled>").formValues(treatmentPath(id) + "/approve")
	d.post("chair", treatmentPath(id)+"/approve", approve).want(http.StatusSeeOther)
	d.get("anna", treatmentPath(id)).want(200, "In force", "co-chair of X-OCO", "Approved", "Decided")
	d.get("anna", "/").want(200, "TLP:GREEN").without("overdue")

	d.now = d.now.AddDate(0, 2, 0)
	d.get("anna", "/organization/treatments").want(200, "Overdue")
	d.get("anna", "/").want(200, "1 treatment of your organisation is overdue", "TLP:AMBER+STRICT")
	d.get("bert", "/").want(200, "TLP:GREEN").without("overdue")
	d.get("anna", "/organization").want(200, "1 treatment of your organisation is overdue")

	// What is changed is not what was approved; and what somebody else changed is not overwritten.
	late := d.get("anna", treatmentPath(id)).formValues(treatmentPath(id))
	d.treat("alan", id, "until", "2026-12-01").want(http.StatusSeeOther)
	d.get("alan", treatmentPath(id)).want(200, "Waits for approval")
	late.Set("until", "2026-12-02")
	d.post("anna", treatmentPath(id), late).want(409, "Somebody decided on this in the meantime")
	approve = d.get("anna", treatmentPath(id)).formValues(treatmentPath(id) + "/approve")
	d.post("anna", treatmentPath(id)+"/approve", approve).want(http.StatusSeeOther)
	withdraw := d.get("anna", treatmentPath(id)).formValues(treatmentPath(id) + "/withdraw")
	d.post("anna", treatmentPath(id)+"/withdraw", withdraw).want(http.StatusSeeOther)
	d.get("anna", treatmentPath(id)).want(200, "Nothing is decided yet", "Withdrawn")
	d.inEveryLanguage("anna", "/organization/treatments", treatmentPath(id))
}

// percentJustBelow writes a probability as the form takes it, a little lower.
func (d *desk) percentJustBelow(p float64) string { return decimalText(100*p - .05) }

func TestReducingLinksActionItems(t *testing.T) {
	d := newDesk(t)
	d.assessed()
	mine := comity.ActionItem{
		ID: comity.MakeActionID(comity.Entropy{1}), Title: "Hush item", Owner: d.a.ID, Audience: comity.AudienceOwner, TLP: comity.TLPAmber,
		Scenario: "phishing", Priority: comity.PriorityMedium, Status: comity.ActionOpen, Progress: 40,
	}
	_, err := d.store.PutAction(t.Context(), deskSystem, mine, "", d.now)
	d.must(err)
	d.treat("anna", "phishing", "option", "reduce", "owner", "Chief", "reason", "Multi-factor sign-in.", "action", string(mine.ID)).want(http.StatusSeeOther)
	d.get("anna", "/organization/treatments/phishing").want(200, "In force", "Hush item", "40")
	d.treat("anna", "phishing", "action", string(comity.MakeActionID(comity.Entropy{9}))).want(422, `href="#action"`)
	csv := d.get("anna", "/organization/treatments/export.csv").want(200, "TLP:AMBER+STRICT,phishing", "reduce,Chief,Multi-factor sign-in.", string(mine.ID))
	if !strings.Contains(csv.Header.Get("Content-Disposition"), "missig-treatments-2026-08-07.csv") {
		t.Errorf("file %q", csv.Header.Get("Content-Disposition"))
	}
	if got := d.get("anna", "/organization/treatments/export.xlsx").want(200).Body; !strings.HasPrefix(got, "PK") {
		t.Error("no workbook")
	}
}

func TestTreatmentsAreForTheirOwnPeople(t *testing.T) {
	d := newDesk(t)
	d.assessed()
	d.treat("anna", "phishing", "owner", "Hush owner", "reason", "Hush reason").want(http.StatusSeeOther)
	paths := []string{"/organization/treatments", "/organization/treatments/phishing", "/organization/treatments/export.csv"}
	for _, path := range paths {
		d.get("anna", path).want(200, "Hush owner", "TLP:AMBER+STRICT")
		d.get("chair", path).want(200, "Hush owner")
		d.get("bert", path).want(200).without("Hush")
		for _, who := range []string{"watch", "desk", "reader"} {
			d.get(who, path).want(403).without("Hush")
		}
		d.get("", path).want(http.StatusSeeOther)
	}
	for _, path := range []string{"/organization/treatments/phishing", "/organization/treatments/threshold", "/organization/treatments/phishing/withdraw"} {
		for _, who := range []string{"chair", "watch", "desk", "reader"} {
			d.post(who, path, nil).want(403)
		}
	}
	for _, who := range []string{"alan", "watch", "desk", "reader"} {
		d.post(who, "/organization/treatments/phishing/approve", nil).want(403)
	}
	d.post("bert", "/organization/treatments/phishing/withdraw", url.Values{"revision": {"1"}}).want(409)
	d.get("anna", "/organization/treatments/nonsense").want(404)
	d.post("anna", "/organization/treatments/threshold", url.Values{"threshold": {"0"}}).want(422, `href="#threshold"`)
}
