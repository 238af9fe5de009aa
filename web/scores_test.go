package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"comity"
)

// forecast assesses both organisations before a quarter, and lets the quarter pass.
func (d *desk) forecast() {
	d.t.Helper()
	d.assessed()
	d.now = time.Date(2026, 10, 5, 9, 0, 0, 0, time.UTC)
	d.must(d.intake.KeepForecasts(d.t.Context()))
	d.must(d.intake.CatchUp(d.t.Context()))
	d.now = time.Date(2027, 1, 4, 9, 0, 0, 0, time.UTC)
	d.must(d.intake.CatchUp(d.t.Context()))
	d.must(d.intake.KeepForecasts(d.t.Context()))
}

// TestForecastsAreScored looks at the page before the first quarter, closes a quarter, and reads its scores.
func TestForecastsAreScored(t *testing.T) {
	d := newDesk(t)
	d.get("anna", "/organization/scores").want(200, "No quarter has passed yet")
	d.forecast()
	d.get("anna", "/organization/scores").want(200, "none was watched as a whole", "2026-Q4", "What was said of 2027-Q1, which is running", `href="/organization/scores/2026-Q4"`)
	const page = "/organization/scores/2026-Q4"
	form := d.get("anna", page).want(200, "Not watched as a whole", "From 1 October 2026 to 31 December 2026").formValues(page)
	d.post("anna", page, form).want(422, `href="#none"`)
	form.Set("count.phishing", "x")
	d.post("anna", page, form).want(422, `href="#count.phishing"`)
	form.Set("count.phishing", "7")
	form.Set("none", "1")
	d.post("anna", page, form).want(http.StatusSeeOther)

	list, err := d.store.EvidenceOf(t.Context(), deskSystem, d.a.ID)
	d.must(err)
	if len(list) != len(testCatalogue.Scenarios) || list[0].From.String() != "2026-10-01" || list[0].To.String() != "2026-12-31" {
		t.Fatalf("%d entries, the first %+v", len(list), list[0])
	}
	d.get("anna", page).want(200, "Held", "Missed").without("Record the quarter", "Not watched")
	d.get("anna", "/organization/scores").want(200, "too few to say", "Brier score, 0 is best", "told scenarios apart", "of the 90% intervals held", "of 15")
	csv := d.get("anna", "/organization/scores/export.csv").want(200, "TLP:AMBER+STRICT,2026-Q4,phishing", "2027-Q1").Body
	if !strings.Contains(csv, ",whole,7,") {
		t.Errorf("file\n%s", csv)
	}
	if got := d.get("anna", "/organization/scores/export.xlsx").want(200).Body; !strings.HasPrefix(got, "PK") {
		t.Error("no workbook")
	}
	// A quarter that is running asks for nothing, and takes nothing.
	d.get("anna", "/organization/scores/2027-Q1").want(200, "It runs until 31 March 2027").without("<form method=\"post\" action=\"/organization/scores")
	d.post("anna", "/organization/scores/2027-Q1", url.Values{"none": {"1"}}).want(422)
	d.inEveryLanguage("anna", "/organization/scores", page, "/organization/scores/2027-Q1")

	// An entry that reaches beyond the quarter does not say in which it was.
	d.must(d.store.PutEvidence(t.Context(), deskSystem, comity.Evidence{
		ID: comity.MakeEvidenceID(comity.Entropy{1}), Org: d.b.ID, Scenario: "ransomware", Kind: comity.EvidenceIncident, Count: 1,
		From: comity.Date{Year: 2026, Month: 1, Day: 1}, To: comity.Date{Year: 2026, Month: 12, Day: 31}, Weight: 1, Recorded: d.now,
	}))
	d.get("bert", page).want(200, "without saying in which quarter", `href="/profile/incidents"`)
}

func TestScoresAreForTheirOwnPeople(t *testing.T) {
	d := newDesk(t)
	d.forecast()
	const page = "/organization/scores/2026-Q4"
	form := d.get("anna", page).formValues(page)
	form.Set("none", "1")
	d.post("anna", page, form).want(http.StatusSeeOther)
	for _, path := range []string{"/organization/scores", page, "/organization/scores/export.csv"} {
		d.get("anna", path).want(200, "TLP:AMBER+STRICT")
		d.get("chair", path).want(200)
		d.get("bert", path).want(200).without("Missed", "whole,0", "0 is best")
		for _, who := range []string{"watch", "desk", "reader"} {
			d.get(who, path).want(403)
		}
		d.get("", path).want(http.StatusSeeOther)
	}
	for _, who := range []string{"chair", "watch", "desk", "reader"} {
		d.post(who, page, form).want(403)
	}
	for _, path := range []string{"/organization/scores/2026-Q5", "/organization/scores/2020-Q1", "/organization/scores/x"} {
		d.get("anna", path).want(404)
	}
}
