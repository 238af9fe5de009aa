package notify

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"comity"

	ics "github.com/arran4/golang-ical"
)

func aCalendar() Calendar {
	at := func(day, hour int) time.Time { return time.Date(2026, 12, day, hour, 0, 0, 0, time.UTC) }
	session := func(id string, label comity.TLP, state comity.SessionState) comity.GroupSession {
		return comity.GroupSession{
			ID: comity.GroupSessionID("gse_" + id), Title: "Title of " + id + ", with; signs \\ and\nlines\r\nATTACH:https://evil.example/", TLP: label,
			State: state, Starts: at(1, 9), Ends: at(1, 12), Place: "Room of " + id, Created: at(1, 0), Revision: 3, Kind: comity.SessionRegular,
		}
	}
	due := func(id string, label comity.TLP, audience comity.Audience) comity.ActionItem {
		return comity.ActionItem{ID: comity.ActionID("act_" + id), Title: "Title of " + id, TLP: label, Audience: audience, Due: comity.Date{Year: 2026, Month: 12, Day: 31}, Revision: 2, Created: at(2, 0)}
	}
	amend := session("amend", comity.TLPGreen, comity.SessionAmendment)
	amend.AmendUntil = comity.Date{Year: 2026, Month: 12, Day: 20}
	return Calendar{
		Group: comity.Group{Acronym: "MISSIG"}, Language: "en", Base: "https://comity.example",
		Sessions:   []comity.GroupSession{session("green", comity.TLPGreen, comity.SessionPublished), session("amber", comity.TLPAmber, comity.SessionPublished), session("draft", comity.TLPClear, comity.SessionDraft), amend},
		Actions:    []comity.ActionItem{due("shared", comity.TLPGreen, comity.AudienceGroup), due("private", comity.TLPClear, comity.AudienceOwner), {ID: "act_never", Title: "Never due"}},
		Procedures: []comity.Procedure{{ID: "pro_green", Title: strings.Repeat("длинный заголовок 长 ", 8), TLP: comity.TLPGreen, Deadline: at(9, 23), Version: 1, Opened: at(3, 0)}},
	}
}

// events writes a calendar and reads it back, holding every line to RFC 5545, sections 3.1 and 3.3.11.
func events(t *testing.T, c Calendar) map[string]*ics.VEvent {
	t.Helper()
	body, err := ICS(c)
	if err != nil {
		t.Fatal(err)
	}
	again, err := ICS(c)
	if err != nil || !bytes.Equal(body, again) {
		t.Errorf("the same calendar gives other bytes (%v)", err)
	}
	for _, l := range strings.Split(strings.TrimSuffix(string(body), "\r\n"), "\r\n") {
		if len(l) > 75 || strings.ContainsAny(l, "\r\n") || !utf8.ValidString(l) {
			t.Errorf("line of %d octets: %q", len(l), l)
		}
		if name, _, _ := strings.Cut(l, ":"); name == "ATTACH" {
			t.Errorf("a title became a property: %q", l)
		}
	}
	read, err := ics.ParseCalendar(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]*ics.VEvent{}
	for _, e := range read.Events() {
		all[e.Id()] = e
	}
	return all
}

func value(e *ics.VEvent, p ics.ComponentProperty) string {
	if got := e.GetProperty(p); got != nil {
		return got.Value
	}
	return ""
}

func TestICS(t *testing.T) {
	all := events(t, aCalendar())
	for id, want := range map[string]struct{ summary, start, location string }{
		"gse_green@comity.example":       {"MISSIG: Title of green, with; signs \\ and lines ATTACH:https://evil.example/", "20261201T090000Z", "Room of green"},
		"gse_amber@comity.example":       {"Session", "20261201T090000Z", ""},
		"gse_amend@comity.example":       {"MISSIG: Title of amend, with; signs \\ and lines ATTACH:https://evil.example/", "20261201T090000Z", "Room of amend"},
		"gse_amend-amend@comity.example": {"Last day to amend minutes: Title of amend, with; signs \\ and lines ATTACH:https://evil.example/", "20261220", ""},
		"act_shared@comity.example":      {"Action item due: Title of shared", "20261231", ""},
		"act_private@comity.example":     {"Action item due", "20261231", ""},
		"pro_green@comity.example":       {"Written procedure ends: " + strings.TrimSpace(strings.Repeat("длинный заголовок 长 ", 8)), "20261209", ""},
	} {
		e := all[id]
		if e == nil {
			t.Errorf("%s is not there", id)
			continue
		}
		if got := value(e, ics.ComponentPropertySummary); got != want.summary {
			t.Errorf("%s: summary %q, want %q", id, got, want.summary)
		}
		if got := value(e, ics.ComponentPropertyDtStart); got != want.start {
			t.Errorf("%s: starts %q, want %q", id, got, want.start)
		}
		if got := value(e, ics.ComponentPropertyLocation); got != want.location {
			t.Errorf("%s: location %q, want %q", id, got, want.location)
		}
		if value(e, ics.ComponentPropertyDtstamp) == "" || value(e, ics.ComponentPropertySequence) == "" || !strings.HasPrefix(value(e, ics.ComponentPropertyUrl), "https://comity.example/") {
			t.Errorf("%s: no stamp, sequence or address", id)
		}
	}
	if len(all) != 7 {
		t.Errorf("%d entries, want 7", len(all))
	}
}

func TestICSInEveryLanguage(t *testing.T) {
	for lang := range locales {
		c := aCalendar()
		c.Language = lang
		for id, e := range events(t, c) {
			if value(e, ics.ComponentPropertySummary) == "" {
				t.Errorf("%s: %s has no summary", lang, id)
			}
		}
	}
	if _, err := ICS(Calendar{Base: "nowhere"}); comity.KindOf(err) != comity.Internal {
		t.Errorf("without a host: %v", err)
	}
}

func FuzzICS(f *testing.F) {
	for _, seed := range []string{"", "a;b,c\\", "\r\nBEGIN:VEVENT", strings.Repeat("é", 300), "\x00\xff", "\u2028x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, title string) {
		c := aCalendar()
		c.Sessions[0].Title, c.Sessions[0].Place, c.Group.Acronym = title, title, title
		if got := len(events(t, c)); got != 7 {
			t.Errorf("%d entries, want 7", got)
		}
	})
}
