package storagetest

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"comity"
	"comity/internal/testkit"
	"comity/search"
)

// testSearchInSixLanguages looks for words in a text that exists in all six: the Universal Declaration of Human Rights.
func testSearchInSixLanguages(t *testing.T, s *stage) {
	s.articles(t)
	for _, test := range []struct {
		text string
		want []int // sections in which a person finds it, in the language of the word
		in   string
	}{
		{"slavery", []int{4}, "en"}, // and "slave trade" beside it
		{"enslaved slavery", nil, "en"},
		{"torture", []int{5}, "en"},
		{"cooperation", []int{0}, "en"},         // written co‐operation, with a hyphen that is no ASCII
		{"nationality denied", []int{15}, "en"}, // two words of one section
		{"esclavage", []int{4}, "fr"},
		{"sûreté", []int{3}, "fr"},
		{"surete", []int{3}, "fr"}, // without accents
		{"esclavitud", []int{4}, "es"},
		{"torturas", []int{5}, "es"},
		{"рабстве", []int{4}, "ru"},
		{"гражданство", []int{15}, "ru"},
		{"пытке", []int{5}, "ru"}, // written пыткам
		{"酷刑", []int{5}, "zh"},
		{"国籍", []int{2, 15}, "zh"},
		{"奴", []int{4}, "zh"},
		{"للتعذيب", []int{5}, "ar"},
		{"جنسية", []int{2, 15}, "ar"}, // written بجنسية; the stem of الجنس, sex, is the same
		{"الاسترقاق", []int{4}, "ar"},
	} {
		t.Run(test.in+" "+test.text, func(t *testing.T) {
			page, err := s.Threats(s.ctx, system, comity.ThreatQuery{Text: test.text, Sort: "name", Limit: 200})
			must(t, err)
			var got []int
			for _, threat := range page.Threats {
				var lang string
				var n int
				if _, err := fmt.Sscanf(threat.ID.Key(), "UDHR-%2s-%d", &lang, &n); err != nil {
					t.Fatal(err)
				}
				if lang == test.in {
					got = append(got, n)
				}
			}
			slices.Sort(got)
			if !slices.Equal(got, test.want) {
				t.Errorf("%q: got sections %v, want %v", test.text, got, test.want)
			}
		})
	}
}

// articles stores every section in every language as a threat.
func (s *stage) articles(t *testing.T) {
	t.Helper()
	data, err := os.ReadFile(testkit.Shared(t, "texts/udhr-six-languages-preamble-to-15.json"))
	must(t, err)
	var udhr struct {
		Sections []struct {
			N    int                 `json:"n"`
			Text map[string][]string `json:"text"`
		} `json:"sections"`
	}
	must(t, json.Unmarshal(data, &udhr))
	var threats []comity.Threat
	for _, section := range udhr.Sections {
		for lang, text := range section.Text {
			threat := vulnerability(fmt.Sprintf("UDHR-%s-%02d", lang, section.N), "", "", "1")
			threat.Description = strings.Join(text, "\n")
			threats = append(threats, threat)
		}
	}
	_, err = s.PutThreats(s.ctx, system, kevSource("1", now), threats, withdraw)
	must(t, err)
}

// testReindex checks that a store that was indexed by another version is indexed anew, and only then.
func testReindex(t *testing.T, s *stage) {
	_, err := s.PutThreats(s.ctx, system, kevSource("1", now), []comity.Threat{vulnerability("CVE-2026-0001", "Acme", "FortiGate", "1")}, withdraw)
	must(t, err)
	times := func() (n int) {
		list, err := s.AuditEntries(s.ctx, system, comity.AuditQuery{Limit: 200})
		must(t, err)
		for _, e := range list.Entries {
			if e.Action == "index threats" {
				n++
			}
		}
		return n
	}
	before := times()
	must(t, s.Reindex(s.ctx, system))
	same(t, "indexed without need", times(), before)
	must(t, s.SetCursor(s.ctx, system, "search", search.Version+1))
	must(t, s.Reindex(s.ctx, system))
	same(t, "what another version indexed, and its end", times(), before+2)
	version, err := s.Cursor(s.ctx, system, "search")
	must(t, err)
	same(t, "version noted", version, int64(search.Version))
	for _, text := range []string{"fortigate", "gate", "CVE-2026-0001", "cve-2026-00", "ACME forti"} {
		page, err := s.Threats(s.ctx, system, comity.ThreatQuery{Text: text})
		must(t, err)
		if page.Total != 1 {
			t.Errorf("%q finds %d, want 1", text, page.Total)
		}
	}
	wantKind(t, "by a person", s.Reindex(s.ctx, s.as(t, s.a, comity.RoleSecretariat)), comity.NotFound)
}
