package act

import (
	"strings"
	"testing"
	"time"

	"comity"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var now = time.Date(2026, 8, 7, 12, 0, 0, 7, time.UTC)

func day(s string) comity.Date {
	d, err := comity.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func TestFromMatch(t *testing.T) {
	m := comity.Match{
		ID: "mat_0000000000000001", Org: "org_0000000000000001", Threat: "thr_CVE-2026-0001", Kind: comity.MatchSoftware,
		Subject: "Fortinet FortiOS 7.2.4", Confidence: comity.ConfidenceHigh, Exposed: 1,
	}
	threat := comity.Threat{ID: "thr_CVE-2026-0001", Vulnerability: &comity.Vulnerability{Exploited: true, Due: day("2026-08-10")}}
	want := Draft{
		Item: comity.ActionItem{
			Owner: "org_0000000000000001", TLP: comity.TLPAmberStrict, Priority: comity.PriorityUrgent, Status: comity.ActionOpen, Due: day("2026-08-10"),
			Threat: "thr_CVE-2026-0001", Match: "mat_0000000000000001",
			Created: now.Truncate(time.Second), Updated: now.Truncate(time.Second),
		},
		Title: comity.Reason{Key: "title_for", Args: map[string]string{"threat": "CVE-2026-0001", "subject": "Fortinet FortiOS 7.2.4"}},
	}
	if diff := cmp.Diff(want, FromMatch(m, threat, now)); diff != "" {
		t.Errorf("draft (-want +got):\n%s", diff)
	}
}

func TestPriorityAndDue(t *testing.T) {
	exploited := comity.Vulnerability{Exploited: true}
	with := func(change func(*comity.Vulnerability)) *comity.Vulnerability {
		v := exploited
		change(&v)
		return &v
	}
	tests := []struct {
		name  string
		match comity.Match
		v     *comity.Vulnerability
		want  comity.Priority
		due   string
	}{
		{"exploited, internet-facing", comity.Match{Exposed: 1}, &exploited, comity.PriorityHigh, "2026-08-21"},
		{"and ransomware", comity.Match{Exposed: 1}, with(func(v *comity.Vulnerability) { v.Ransomware = true }), comity.PriorityUrgent, "2026-08-10"},
		{"and due in 14 days", comity.Match{Exposed: 1}, with(func(v *comity.Vulnerability) { v.Due = day("2026-08-21") }), comity.PriorityUrgent, "2026-08-21"},
		{"and due in 15 days", comity.Match{Exposed: 1}, with(func(v *comity.Vulnerability) { v.Due = day("2026-08-22") }), comity.PriorityHigh, "2026-08-22"},
		{"and overdue", comity.Match{Exposed: 1}, with(func(v *comity.Vulnerability) { v.Due = day("2022-01-01") }), comity.PriorityUrgent, "2026-08-10"},
		{"exploited, internal", comity.Match{Exposed: 0.2}, &exploited, comity.PriorityMedium, "2026-09-06"},
		{"internal and ransomware", comity.Match{Exposed: 0.2}, with(func(v *comity.Vulnerability) { v.Ransomware = true }), comity.PriorityHigh, "2026-08-21"},
		{"patched", comity.Match{Exposed: 0}, with(func(v *comity.Vulnerability) { v.Ransomware = true }), comity.PriorityLow, "2026-11-05"},
		{"scored high", comity.Match{Exposed: 1}, &comity.Vulnerability{EPSS: &comity.EPSSScore{Score: 0.1}}, comity.PriorityMedium, "2026-09-06"},
		{"scored low", comity.Match{Exposed: 1}, &comity.Vulnerability{EPSS: &comity.EPSSScore{Score: 0.09}}, comity.PriorityLow, "2026-11-05"},
		{"low confidence", comity.Match{Exposed: 1, Confidence: comity.ConfidenceLow}, &exploited, comity.PriorityMedium, "2026-09-06"},
		{"supplier", comity.Match{Exposed: 1, Kind: comity.MatchSupplier}, nil, comity.PriorityHigh, "2026-08-21"},
		{"actor", comity.Match{Exposed: 1, Kind: comity.MatchActor}, nil, comity.PriorityMedium, "2026-09-06"},
		{"actor, low confidence", comity.Match{Exposed: 1, Kind: comity.MatchActor, Confidence: comity.ConfidenceLow}, nil, comity.PriorityLow, "2026-11-05"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := FromMatch(tt.match, comity.Threat{Vulnerability: tt.v}, now)
			if d.Item.Priority != tt.want || d.Item.Due.String() != tt.due {
				t.Errorf("priority %s due %s, want %s due %s", d.Item.Priority, d.Item.Due, tt.want, tt.due)
			}
		})
	}
}

func TestFromScenarioAndThreat(t *testing.T) {
	s := comity.ScenarioExposure{Scenario: "ransomware", Significant: comity.Estimate{Value: 0.2}}
	d := FromScenario("org_0000000000000001", s, "M1032", now)
	if d.Item.Priority != comity.PriorityHigh || d.Item.Control != "M1032" || d.Title.Args["scenario"] != "ransomware" || d.Item.Due != day("2026-11-05") {
		t.Errorf("draft %+v", d)
	}
	s.Significant.Value = 0.1
	if d := FromScenario("org_0000000000000001", s, "", now); d.Item.Priority != comity.PriorityMedium {
		t.Errorf("one in ten has priority %s", d.Item.Priority)
	}
	if d := FromThreat("org_0000000000000001", comity.Threat{ID: "thr_T1190"}, now); d.Item.Threat != "thr_T1190" || d.Title.Key != "title_threat" {
		t.Errorf("draft %+v", d)
	}
}

func valid() comity.ActionItem {
	return comity.ActionItem{
		Title: "Remedy CVE-2026-0001", Owner: "org_0000000000000001", Priority: comity.PriorityHigh, Status: comity.ActionOpen,
		Due: day("2026-08-07"), Created: now,
	}
}

func TestValidate(t *testing.T) {
	tests := []struct {
		name   string
		change func(*comity.ActionItem)
		field  string // empty: valid
	}{
		{"as it is", func(*comity.ActionItem) {}, ""},
		{"no due date", func(a *comity.ActionItem) { a.Due = comity.Date{} }, ""},
		{"200 characters", func(a *comity.ActionItem) { a.Title = strings.Repeat("é", 200) }, ""},
		{"201 characters", func(a *comity.ActionItem) { a.Title = strings.Repeat("é", 201) }, "title"},
		{"no title", func(a *comity.ActionItem) { a.Title = "" }, "title"},
		{"a title of spaces", func(a *comity.ActionItem) { a.Title = "  " }, "title"},
		{"two lines", func(a *comity.ActionItem) { a.Title = "a\nb" }, "title"},
		{"no text", func(a *comity.ActionItem) { a.Title = "\xff" }, "title"},
		{"a long note", func(a *comity.ActionItem) { a.Note = strings.Repeat("x", 4001) }, "note"},
		{"no owner", func(a *comity.ActionItem) { a.Owner = "" }, "owner"},
		{"unknown audience", func(a *comity.ActionItem) { a.Audience = "all" }, "audience"},
		{"for the group without a label", func(a *comity.ActionItem) { a.Audience = comity.AudienceGroup }, "tlp"},
		{"for the group and red", func(a *comity.ActionItem) { a.Audience, a.TLP = comity.AudienceGroup, comity.TLPRed }, "tlp"},
		{"for the group and green", func(a *comity.ActionItem) { a.Audience, a.TLP = comity.AudienceGroup, comity.TLPGreen }, ""},
		{"no priority", func(a *comity.ActionItem) { a.Priority = "" }, "priority"},
		{"unknown status", func(a *comity.ActionItem) { a.Status = "closed" }, "status"},
		{"below nothing", func(a *comity.ActionItem) { a.Progress = -1 }, "progress"},
		{"above all", func(a *comity.ActionItem) { a.Progress = 101 }, "progress"},
		{"done at 90", func(a *comity.ActionItem) { a.Status, a.Progress = comity.ActionDone, 90 }, "progress"},
		{"done", func(a *comity.ActionItem) { a.Status, a.Progress = comity.ActionDone, 100 }, ""},
		{"due before created", func(a *comity.ActionItem) { a.Due = day("2026-08-06") }, "due"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := valid()
			tt.change(&a)
			problems, err := Problems(a), Validate(a)
			if tt.field == "" {
				if len(problems) > 0 || err != nil {
					t.Errorf("problems %v, error %v; want none", problems, err)
				}
				return
			}
			if len(problems) != 1 || problems[0].Field != tt.field || comity.KindOf(err) != comity.Invalid || !strings.Contains(err.Error(), tt.field) {
				t.Errorf("problems %v, error %v; want one of field %q", problems, err, tt.field)
			}
		})
	}
}

// TestDraftsAreValid asks that a draft needs nothing but its title to be stored.
func TestDraftsAreValid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := comity.Match{
			Org:        "org_0000000000000001",
			Kind:       rapid.SampledFrom([]comity.MatchKind{comity.MatchSoftware, comity.MatchSupplier, comity.MatchActor}).Draw(t, "kind"),
			Exposed:    rapid.SampledFrom([]float64{0, 0.2, 1}).Draw(t, "exposed"),
			Confidence: rapid.SampledFrom([]comity.Confidence{comity.ConfidenceHigh, comity.ConfidenceLow}).Draw(t, "confidence"),
		}
		var threat comity.Threat
		if rapid.Bool().Draw(t, "vulnerability") {
			threat.Vulnerability = &comity.Vulnerability{
				Exploited: rapid.Bool().Draw(t, "exploited"), Ransomware: rapid.Bool().Draw(t, "ransomware"),
				Due: comity.DateOf(now).AddDays(rapid.IntRange(-400, 400).Draw(t, "due")),
			}
		}
		d := FromMatch(m, threat, now)
		d.Item.Title = d.Title.Key
		if err := Validate(d.Item); err != nil {
			t.Error(err)
		}
	})
}
