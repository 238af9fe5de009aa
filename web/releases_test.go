package web

import (
	"encoding/csv"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"comity"
)

func TestReleasesTellWhatWasWithheldAndWhy(t *testing.T) {
	d := full(t)
	d.get("anna", "/releases").want(http.StatusOK, "Release 2 · 2026-Q2", "85%", "2 of 2", "withheld: too concentrated", "by schedule", "1 October 2026").
		without("/releases/new", "withheld: members changed")
	page := d.get("anna", "/releases/2").want(http.StatusOK,
		"What was withheld, and why", "The rule asks for at least 7 contributors", "2 took part", "to within 10%", "Level, Operational",
		"Against 2026-Q1", "Significant incidents expected in all", `<td class="num">=</td>`, "no value of a member is known", "X-OCO", "/releases/2/release.csv",
		strings.Repeat("ab", 32))
	page.without("this year", "Tell the secretariat")
	d.intake.inferable = 3
	d.get("anna", "/releases/2").want(http.StatusOK, "3 values of members are bounded too closely")
	d.get("anna", "/releases/1").want(http.StatusOK).without("Against")
}

// TestOwnContribution tells a member whether it took part.
func TestOwnContribution(t *testing.T) {
	d := full(t)
	r := comity.Release{ID: "rel_x", Number: 3, Period: "2026-Q3", AsOf: d.now, Cohort: []comity.OrgID{d.a.ID, d.b.ID}, Contributed: []comity.OrgID{d.a.ID}, Contributors: 1}
	d.must(d.store.PutRelease(t.Context(), comity.ViewerOf(d.people["chair"]), r))
	for _, path := range []string{"/releases", "/releases/3"} {
		d.get("anna", path).want(http.StatusOK, "Your organisation took part", "by X-OCO")
		d.get("bert", path).want(http.StatusOK, "Your organisation did not take part")
		d.get("reader", path).want(http.StatusOK).without("Your organisation")
	}
}

func TestReleaseAsFile(t *testing.T) {
	d := full(t)
	r := comity.Release{ID: "rel_x", Number: 3, Period: "2026-Q3", AsOf: d.now, Figures: []comity.Figure{
		{Group: "supplier", Row: "=cmd|' /C calc'!A0", Unit: "members", Published: true, Value: 9, Low: 9, High: 9},
		{Group: "level", Row: "strategic", Unit: "share", Withheld: comity.WithheldDominated, Value: 0.25},
	}}
	d.must(d.store.PutRelease(t.Context(), deskSystem, r))
	table := d.get("reader", "/releases/3/release.csv").want(http.StatusOK)
	rows, err := csv.NewReader(strings.NewReader(table.Body)).ReadAll()
	d.must(err)
	want := [][]string{
		releaseColumns,
		{"TLP:GREEN", "3", "2026-Q3", "supplier", "'=cmd|' /C calc'!A0", "", "members", "true", "", "9", "9", "9"},
		{"TLP:GREEN", "3", "2026-Q3", "level", "strategic", "", "share", "false", "dominated", "", "", ""},
		{"TLP:GREEN", "3", "2026-Q3", "curve", "", "", "probability", "false", "", "", "", ""},
	}
	if got, want := strings.Join(flat(rows), "|"), strings.Join(flat(want), "|"); got != want {
		t.Errorf("table\n%s, want\n%s", got, want)
	}
	file := d.get("reader", "/releases/3/release.json").want(http.StatusOK)
	var got struct {
		Marking string
		Release comity.Release
	}
	d.must(json.Unmarshal([]byte(file.Body), &got))
	if got.Marking != "TLP:GREEN" || got.Release.Number != 3 || len(got.Release.Figures) != 2 {
		t.Errorf("file %+v", got)
	}
	for _, a := range []answer{table, file} {
		if name := a.Header.Get("Content-Disposition"); !strings.Contains(name, "attachment") || !strings.Contains(name, "TLP-GREEN") {
			t.Errorf("disposition %q", name)
		}
	}
	d.get("", "/releases/3/release.csv").want(http.StatusSeeOther)
	d.get("reader", "/releases/9/release.csv").want(http.StatusNotFound)
	d.get("reader", "/releases/9/release.json").want(http.StatusNotFound)
}

func flat(rows [][]string) []string {
	var all []string
	for _, r := range rows {
		all = append(all, r...)
	}
	return all
}

func TestPublishNow(t *testing.T) {
	d := full(t)
	d.intake.preview = comity.ReleasePreview{Number: 3, Period: "2026-Q3", Cohort: 16, Contributors: 5, Rule: comity.ReleaseRule{MinContributors: 7}, Withheld: comity.WithheldTooFew}
	for _, who := range []string{"anna", "alan", "bert", "watch", "reader"} {
		d.get(who, "/releases/new").want(http.StatusForbidden)
		d.post(who, "/releases/new", nil).want(http.StatusForbidden)
	}
	d.get("chair", "/releases").want(http.StatusOK, `href="/releases/new"`)
	d.get("chair", "/releases/new").want(http.StatusOK, "5 of 16", "All of it would be withheld", "used up all the same")
	d.post("chair", "/releases/new", nil).want(http.StatusUnprocessableEntity, `href="#all_withheld"`)
	if d.intake.published != 0 {
		t.Error("it was published without a second yes")
	}
	d.post("chair", "/releases/new", url.Values{"all_withheld": {"1"}}).want(http.StatusSeeOther)
	d.intake.preview.Withheld = ""
	d.get("desk", "/releases/new").want(http.StatusOK, "It passes as a whole").without("all_withheld")
	if to := d.post("desk", "/releases/new", nil).want(http.StatusSeeOther).Location(); to != "/releases/3" || d.intake.published != 2 {
		t.Errorf("published %d times, leads to %s", d.intake.published, to)
	}
	d.intake.preview.Released = 2
	d.get("desk", "/releases/new").want(http.StatusOK, "This period was released already").without(`<button>Publish now`)
	d.intake.err = comity.Errorf(comity.Conflict, "period 2026-Q3 was already released")
	d.post("desk", "/releases/new", nil).want(http.StatusConflict, "already released")
}
