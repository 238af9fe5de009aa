package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"comity"
)

// newAction is a form of a new item with these fields changed.
func actionValuesFor(d *desk, fields ...string) url.Values {
	values := url.Values{
		"title": {"Patch the firewalls"}, "note": {"Both sites."}, "owner": {string(d.a.ID)}, "audience": {"owner"}, "tlp": {""},
		"priority": {"high"}, "status": {"open"}, "progress": {"0"}, "due": {"2026-09-01"}, "control": {""},
	}
	for i := 0; i+1 < len(fields); i += 2 {
		values.Set(fields[i], fields[i+1])
	}
	return values
}

// makeAction creates an item on the page and returns its path.
func (d *desk) makeAction(who string, fields ...string) string {
	d.t.Helper()
	a := d.post(who, "/actions/new", actionValuesFor(d, fields...)).want(http.StatusSeeOther)
	return a.Location()
}

func TestActionFromMatchIsPrefilled(t *testing.T) {
	d := newDesk(t)
	threat := d.vulnerability("CVE-2024-21762", feb9)
	d.putThreats(threat)
	m := d.touch(d.a, threat.ID)

	page := d.get("anna", "/actions/new?match="+string(m.ID)).want(200, "CVE-2024-21762", "Fortinet FortiGate 7.4.1 of X-OCO")
	values := page.formValues("/actions/new")
	if values.Get("title") == "" || values.Get("match") != string(m.ID) || values.Get("priority") == "" || values.Get("due") == "" {
		t.Fatalf("prefilled %v", values)
	}
	path := d.post("anna", "/actions/new", values).want(http.StatusSeeOther).Location()
	d.get("anna", path).want(200, "CVE-2024-21762", "History", "Created")
	d.get("anna", "/threats/"+string(threat.ID)).want(200, path)
	d.get("anna", "/actions").want(200, path)

	d.get("bert", "/actions/new?match="+string(m.ID)).want(404)
	d.post("bert", "/actions/new", actionValuesFor(d, "match", string(m.ID), "owner", string(d.b.ID))).want(404)
	d.get("anna", "/actions/new?threat="+string(threat.ID)).want(200, "Check CVE-2024-21762")
	d.get("anna", "/actions/new?scenario=ransomware").want(200, `name="scenario" value="ransomware"`)
	for _, query := range []string{"match=mat_0000000000000000", "match=x", "threat=thr_none", "scenario=none"} {
		d.get("anna", "/actions/new?"+query).want(404)
	}
}

func TestActionFieldErrors(t *testing.T) {
	d := newDesk(t)
	tests := []struct {
		name, field, value string
	}{
		{"no title", "title", "  "},
		{"long title", "title", strings.Repeat("x", 201)},
		{"long note", "note", strings.Repeat("x", 4001)},
		{"progress", "progress", "101"},
		{"no date", "due", "1.9.2026"},
		{"past date", "due", "2020-01-01"},
		{"priority", "priority", "asap"},
		{"owner", "owner", string(d.b.ID)},
		{"label", "tlp", "TLP:WHITISH"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d.t = t
			d.post("anna", "/actions/new", actionValuesFor(d, tt.field, tt.value)).
				want(422, `class="errors"`, `href="#`+tt.field+`"`, `id="`+tt.field+`-error"`)
		})
	}
	d.t = t
	d.post("anna", "/actions/new", actionValuesFor(d, "progress", "x")).want(422, "Patch the firewalls", "Both sites.")
	d.post("anna", "/actions/new", actionValuesFor(d, "audience", "group", "tlp", "TLP:RED")).want(422, `href="#tlp"`)
	d.post("anna", "/actions/new", actionValuesFor(d, "hidden", "1")).want(422)
	d.get("anna", "/actions").want(200, "No action items here yet")
}

func TestActionConflictLosesNothing(t *testing.T) {
	d := newDesk(t)
	path := d.makeAction("anna")
	mine, theirs := d.get("anna", path).formValues(path), d.get("alan", path).formValues(path)
	theirs.Set("priority", "urgent")
	theirs.Set("title", "Patch all firewalls")
	theirs.Set("why", "The exploit is public")
	d.post("alan", path, theirs).want(http.StatusSeeOther)
	mine.Set("title", "Patch the firewalls by night")
	mine.Set("note", "Both sites, <after> hours.")
	conflict := d.post("anna", path, mine).want(409, "Somebody changed it in the meantime", "Patch all firewalls", "Patch the firewalls by night", "both changed it")
	merged := conflict.formValues(path)
	for field, want := range map[string]string{"title": "Patch the firewalls by night", "note": "Both sites, <after> hours.", "priority": "urgent"} {
		if got := merged.Get(field); got != want {
			t.Errorf("%s = %q, want %q", field, got, want)
		}
	}
	d.now = d.now.Add(time.Hour)
	d.post("anna", path, merged).want(http.StatusSeeOther)
	d.get("anna", path).want(200, "Patch the firewalls by night", "Urgent", "The exploit is public", "analyst of X-OCO")
	d.post("anna", path, d.get("anna", path).formValues(path)).want(http.StatusSeeOther)
}

func TestActionDoneHasFullProgress(t *testing.T) {
	d := newDesk(t)
	path := d.makeAction("anna")
	values := d.get("anna", path).formValues(path)
	values.Set("status", "done")
	d.post("anna", path, values).want(http.StatusSeeOther)
	d.get("anna", path).want(200, "100%")
	d.get("anna", "/actions").want(200).without(path)
	d.get("anna", "/actions?closed=1").want(200, path)
}

func TestActionsSeparation(t *testing.T) {
	d := newDesk(t)
	private := d.makeAction("anna", "title", "Secret of A")
	red := d.makeAction("anna", "title", "Red of A", "tlp", "TLP:RED")
	shared := d.makeAction("anna", "title", "Shared by A", "audience", "group", "tlp", "TLP:GREEN")
	amber := d.makeAction("anna", "title", "Amber by A", "audience", "group", "tlp", "TLP:AMBER")
	for _, who := range []string{"bert", "watch", "desk", "reader"} {
		for _, path := range []string{private, red} {
			d.get(who, path).want(404)
			d.post(who, path, actionValuesFor(d, "revision", "1", "title", "Taken")).want(404)
		}
		for _, which := range []string{"all", "mine", "group"} {
			d.get(who, "/actions?which="+which).want(200).without("Secret of A", "Red of A")
		}
	}
	d.get("bert", shared).want(200, "Shared by A").without("Change it")
	d.get("bert", amber).want(200)
	d.get("watch", shared).want(200)
	d.get("watch", amber).want(404)
	d.get("reader", shared).want(404)
	d.post("bert", shared, actionValuesFor(d, "revision", "1")).want(403)
	d.get("bert", "/actions").want(200, "Shared by A", "Amber by A")
	d.get("watch", "/actions").want(200, "Shared by A").without("Amber by A")
	d.get("reader", "/actions/new").want(403)
	d.get("watch", "/actions/new").want(403)
	d.get("chair", "/actions?which=mine").want(200, "Secret of A", "TLP:")
}

// Sharing an item must not share what it was called while it was private.
func TestActionHistoryStartsWhenItIsShared(t *testing.T) {
	d := newDesk(t)
	path := d.makeAction("anna", "title", "Our FortiGate 7.4.1 is open")
	edit := func(fields ...string) {
		d.t.Helper()
		d.now = d.now.Add(time.Minute)
		values := d.get("anna", path).formValues(path)
		for i := 0; i+1 < len(fields); i += 2 {
			values.Set(fields[i], fields[i+1])
		}
		d.post("anna", path, values).want(http.StatusSeeOther)
	}
	edit("note", "first internal note")
	edit("title", "Check edge devices", "note", "", "audience", "group", "tlp", "TLP:GREEN", "why", "call for action")
	edit("priority", "urgent")
	d.get("anna", path).want(200, "Our FortiGate", "first internal note")
	d.get("bert", path).want(200, "Check edge devices", "Urgent", "somebody of").
		without("FortiGate", "first internal note", "focal-point of X-OCO")
}

func TestUnsafeRequestsFromElsewhereAreRefused(t *testing.T) {
	d := newDesk(t)
	for _, path := range []string{"/actions/new", "/profile/services", "/profile/undo", "/profile/import", "/sources/new", "/profile/incidents"} {
		r, err := http.NewRequest(http.MethodPost, path, strings.NewReader(""))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		r.Header.Set("Origin", "https://elsewhere.example")
		if a := d.do("anna", r); a.Status != http.StatusForbidden {
			t.Errorf("POST %s from elsewhere: %d", path, a.Status)
		}
	}
}

func TestActionMarkingIsThatOfTheItem(t *testing.T) {
	d := newDesk(t)
	shared := d.makeAction("anna", "audience", "group", "tlp", "TLP:GREEN")
	if got := actionMarking(comity.ActionItem{TLP: comity.TLPGreen}); got != ownMarking {
		t.Errorf("a private item is shown as %v", got)
	}
	d.get("bert", shared).want(200, `<p class="marking"><span class="tlp tlp-green">`)
}

// An item for the group never says more of a threat than the threat's own marking lets say: the form says so at the label.
func TestActionsKeepTheThreatsMarking(t *testing.T) {
	d := newDesk(t)
	actor := comity.Threat{
		ID: "thr_DEMO-SET-07", Kind: comity.ThreatActor, Name: "DEMO-SET-07", Source: comity.SourceGroup, Published: d.now, Hash: "1",
		Marking: comity.Marking{TLP: comity.TLPAmber, Originator: d.b.ID}, Actor: &comity.Actor{},
	}
	source := comity.Source{ID: comity.SourceGroup, Version: "1", Date: d.now, TakenIn: d.now}
	_, err := d.store.PutThreats(t.Context(), deskSystem, source, []comity.Threat{actor}, comity.PutThreatsOptions{})
	d.must(err)
	about := func(fields ...string) []string { return append([]string{"threat", string(actor.ID)}, fields...) }
	wide := d.post("anna", "/actions/new", actionValuesFor(d, about("audience", "group", "tlp", "TLP:GREEN")...))
	wide.want(http.StatusUnprocessableEntity, `href="#tlp"`, "marked more narrowly", "Patch the firewalls")
	path := d.makeAction("anna", about("audience", "group", "tlp", "TLP:AMBER")...)
	values := d.get("anna", path).formValues(path)
	values.Set("tlp", "TLP:CLEAR")
	d.post("anna", path, values).want(http.StatusUnprocessableEntity, `href="#tlp"`)
	d.get("reader", path).want(http.StatusNotFound)
}
