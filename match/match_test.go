package match

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"comity"
	"comity/internal/testkit"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var (
	now = time.Date(2026, 8, 7, 12, 30, 15, 999, time.UTC)
	org = comity.OrgID("org_0000000000000001")
)

func day(s string) comity.Date {
	d, err := comity.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func kevEntry() comity.Threat {
	return comity.Threat{
		ID: "thr_CVE-2026-0001", Kind: comity.ThreatVulnerability, Published: day("2026-08-01").Time(),
		Vulnerability: &comity.Vulnerability{
			CVE: "CVE-2026-0001", Vendor: "Fortinet", Product: "FortiOS", Exploited: true, Ransomware: true,
			Due: day("2026-08-22"), EPSS: &comity.EPSSScore{Score: 0.9421, Model: "v2025.03.14"},
		},
	}
}

func edge(change func(*comity.Software)) comity.Profile {
	s := comity.Software{
		ID: "sof_0000000000000001", Vendor: "Fortinet", Name: "FortiOS", Version: "7.2.4", Placement: comity.InternetFacing,
	}
	if change != nil {
		change(&s)
	}
	return comity.Profile{Org: org, Software: []comity.Software{s}}
}

func TestFindSaysWhy(t *testing.T) {
	got := New(edge(nil)).Find([]comity.Threat{kevEntry()}, now)
	want := []comity.Match{{
		ID: matchID(org, "thr_CVE-2026-0001", "sof_0000000000000001"), Org: org, Threat: "thr_CVE-2026-0001",
		Kind: comity.MatchSoftware, Software: "sof_0000000000000001", Subject: "Fortinet FortiOS 7.2.4",
		Confidence: comity.ConfidenceMedium, Exposed: 1, Techniques: []string{"T1190"},
		Found: time.Date(2026, 8, 7, 12, 30, 15, 0, time.UTC),
		Reasons: []comity.Reason{
			{Key: "vendor-product", Args: map[string]string{"vendor": "Fortinet", "product": "FortiOS"}},
			{Key: "version-unknown", Args: map[string]string{"version": "7.2.4"}},
			{Key: "internet-facing"},
			{Key: "technique-assumed"},
			{Key: "kev", Args: map[string]string{"date": "2026-08-01"}},
			{Key: "ransomware"},
			{Key: "epss", Args: map[string]string{"score": "0.9421", "model": "v2025.03.14"}},
			{Key: "due", Args: map[string]string{"date": "2026-08-22"}},
		},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("matches (-want +got):\n%s", diff)
	}
}

func TestExposedAndTechniques(t *testing.T) {
	tests := []struct {
		name       string
		software   func(*comity.Software)
		threat     func(*comity.Threat)
		matches    int
		exposed    float64
		techniques []string
		reason     string
	}{
		{name: "internet-facing", matches: 1, exposed: 1, techniques: []string{"T1190"}, reason: "technique-assumed"},
		{
			name: "internal", software: func(s *comity.Software) { s.Placement = comity.InternalOnly },
			matches: 1, exposed: 0.2, reason: "technique-unknown",
		},
		{
			name: "placement not given counts as internal", software: func(s *comity.Software) { s.Placement = "" },
			matches: 1, exposed: 0.2, reason: "internal",
		},
		{
			name: "known technique", threat: func(x *comity.Threat) { x.Vulnerability.Techniques = []string{"T1068"} },
			matches: 1, exposed: 1, techniques: []string{"T1068"}, reason: "technique-known",
		},
		{
			name: "patched on the day of publication", software: func(s *comity.Software) { s.PatchedOn = day("2026-08-01") },
			matches: 1, exposed: 0, techniques: []string{"T1190"}, reason: "patched",
		},
		{
			name: "patched the day before", software: func(s *comity.Software) { s.PatchedOn = day("2026-07-31") },
			matches: 1, exposed: 1, techniques: []string{"T1190"}, reason: "internet-facing",
		},
		{
			name: "closed 90 days ago", software: func(s *comity.Software) { s.PatchedOn = day("2026-10-30") },
			matches: 1, exposed: 0, techniques: []string{"T1190"}, reason: "patched",
		},
		{name: "closed 91 days ago", software: func(s *comity.Software) { s.PatchedOn = day("2026-10-31") }},
		{name: "withdrawn", threat: func(x *comity.Threat) { x.Withdrawn = &now }},
		{name: "no detail", threat: func(x *comity.Threat) { x.Vulnerability = nil }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			threat := kevEntry()
			if tt.threat != nil {
				tt.threat(&threat)
			}
			got := New(edge(tt.software)).Find([]comity.Threat{threat}, now)
			if len(got) != tt.matches {
				t.Fatalf("%d matches, want %d", len(got), tt.matches)
			}
			if tt.matches == 0 {
				return
			}
			if got[0].Exposed != tt.exposed {
				t.Errorf("exposed %v, want %v", got[0].Exposed, tt.exposed)
			}
			if diff := cmp.Diff(tt.techniques, got[0].Techniques); diff != "" {
				t.Errorf("techniques (-want +got):\n%s", diff)
			}
			if !hasReason(got[0], tt.reason) {
				t.Errorf("no reason %q in %v", tt.reason, got[0].Reasons)
			}
		})
	}
}

func hasReason(m comity.Match, key string) bool {
	return slices.ContainsFunc(m.Reasons, func(r comity.Reason) bool { return r.Key == key })
}

func TestSuppliers(t *testing.T) {
	tests := []struct {
		theirs, ours string
		want         comity.Confidence
	}{
		{"Northwind Hosting Ltd", "NORTHWIND hosting", comity.ConfidenceHigh},
		{"Northwind", "Northwind Hosting", comity.ConfidenceLow},
		{"Northwind Hosting Services", "Northwind Hosting", comity.ConfidenceLow},
		{"North", "Northwind Hosting", ""},
		{"Data Services", "Global Data Services", ""},
		{"IT", "IT Partners", ""},
		{"", "Northwind", ""},
		{"Northwind", "Southwind", ""},
	}
	for _, tt := range tests {
		p := comity.Profile{Org: org, Suppliers: []comity.Supplier{{ID: "sup_0000000000000001", Name: tt.ours}}}
		threat := comity.Threat{
			ID: "thr_X", Kind: comity.ThreatCompromise,
			Compromise: &comity.Compromise{Supplier: tt.theirs, Scenarios: []comity.ScenarioID{"supplier-compromise"}},
		}
		var got comity.Confidence
		for _, m := range New(p).Find([]comity.Threat{threat}, now) {
			got = m.Confidence
			if m.Exposed != 1 || len(m.Reasons) == 0 || len(m.Scenarios) != 1 {
				t.Errorf("%q × %q: %+v", tt.theirs, tt.ours, m)
			}
		}
		if got != tt.want {
			t.Errorf("%q × %q: confidence %q, want %q", tt.theirs, tt.ours, got, tt.want)
		}
	}
}

func TestActors(t *testing.T) {
	tests := []struct {
		name                     string
		sectors, regions         []string
		ourSectors, ourRegions   []string
		want                     comity.Confidence
		wantSectors, wantRegions string
	}{
		{"both", []string{"health", "finance"}, []string{"africa", "asia"}, []string{"health"}, []string{"africa"}, "medium", "health", "africa"},
		{"several, sorted", []string{"health", "children"}, []string{"asia", "africa"}, []string{"children", "health"}, []string{"africa", "asia"}, "medium", "children,health", "africa,asia"},
		{"sector only", []string{"health"}, []string{"asia"}, []string{"health"}, []string{"africa"}, "", "", ""},
		{"region only", []string{"finance"}, []string{"africa"}, []string{"health"}, []string{"africa"}, "", "", ""},
		{"actor everywhere", []string{"health"}, []string{"global"}, []string{"health"}, []string{"africa"}, "low", "health", "global"},
		{"we everywhere", []string{"health"}, []string{"asia"}, []string{"health"}, []string{"global"}, "low", "health", "global"},
		{"both everywhere", []string{"health"}, []string{"global"}, []string{"health"}, []string{"global"}, "low", "health", "global"},
		{"actor of unknown region", []string{"health"}, nil, []string{"health"}, []string{"global"}, "", "", ""},
		{"we of unknown region", []string{"health"}, []string{"global"}, []string{"health"}, nil, "", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := comity.Profile{Org: org, Sectors: tt.ourSectors, Regions: tt.ourRegions}
			threat := comity.Threat{ID: "thr_DEMO-SET-01", Kind: comity.ThreatActor, Actor: &comity.Actor{Sectors: tt.sectors, Regions: tt.regions}}
			got := New(p).Find([]comity.Threat{threat}, now)
			if tt.want == "" {
				if len(got) != 0 {
					t.Errorf("matches %+v, want none", got)
				}
				return
			}
			want := []comity.Reason{
				{Key: "actor-sector", Args: map[string]string{"sectors": tt.wantSectors}},
				{Key: "actor-region", Args: map[string]string{"regions": tt.wantRegions}},
			}
			if len(got) != 1 || got[0].Confidence != tt.want {
				t.Fatalf("matches %+v, want one of confidence %q", got, tt.want)
			}
			if diff := cmp.Diff(want, got[0].Reasons); diff != "" {
				t.Errorf("reasons (-want +got):\n%s", diff)
			}
		})
	}
}

// TestIndexFindsWhatComparingAllFinds holds Find to its slow twin, which compares every threat with every line.
func TestIndexFindsWhatComparingAllFinds(t *testing.T) {
	rows := readLabelled(t)
	rapid.Check(t, func(t *rapid.T) {
		p := comity.Profile{Org: org}
		for i := range rapid.IntRange(0, 20).Draw(t, "lines") {
			s := rows[rapid.IntRange(0, len(rows)-1).Draw(t, "software")].profile.Software[0]
			s.ID = comity.SoftwareID(fmt.Sprintf("sof_%016d", i))
			s.Placement = rapid.SampledFrom([]comity.Placement{"", comity.InternalOnly, comity.InternetFacing}).Draw(t, "placement")
			p.Software = append(p.Software, s)
		}
		var threats []comity.Threat
		for i := range rapid.IntRange(0, 20).Draw(t, "threats") {
			x := rows[rapid.IntRange(0, len(rows)-1).Draw(t, "threat")].threat
			x.ID = comity.ThreatID(fmt.Sprintf("thr_CVE-2026-%04d", i))
			threats = append(threats, x)
		}
		m := New(p)
		got := m.Find(threats, now)
		if diff := cmp.Diff(compareAll(m, threats), got); diff != "" {
			t.Errorf("matches (-all +indexed):\n%s", diff)
		}
		for _, one := range got {
			if len(one.Reasons) == 0 || one.Confidence == "" {
				t.Errorf("match without reason or confidence: %+v", one)
			}
		}
	})
}

func compareAll(m *Matcher, threats []comity.Threat) []comity.Match {
	var found []comity.Match
	for i := range threats {
		v := newVulnerable(&threats[i], newCatalogue())
		for place := range m.software {
			f, ok := m.decide(v, &m.software[place])
			if !ok {
				continue
			}
			one, ok := m.softwareMatch(&threats[i], &m.software[place], f)
			if !ok {
				continue
			}
			one.Org, one.Threat, one.Found = m.org, threats[i].ID, now.Truncate(time.Second)
			one.ID = matchID(m.org, threats[i].ID, string(one.Software))
			found = append(found, one)
		}
	}
	return found
}

func TestMatchIDsTellApart(t *testing.T) {
	a := matchID(org, "thr_A", "sof_1")
	for _, b := range []comity.MatchID{matchID(org, "thr_B", "sof_1"), matchID(org, "thr_A", "sof_2"), matchID("org_2", "thr_A", "sof_1")} {
		if a == b {
			t.Errorf("two matches share the identity %s", a)
		}
	}
	if _, err := comity.ParseMatchID(string(a)); err != nil {
		t.Error(err)
	}
}

// TestCatalogueProductsMatchThemselves asks of each product in the real catalogue that an inventory line which copies
// vendor and product as they stand there matches.
func TestCatalogueProductsMatchThemselves(t *testing.T) {
	for _, x := range kevCatalogue(t) {
		v := x.Vulnerability
		if umbrella := newVulnerable(&x, newCatalogue()).product.umbrella; umbrella {
			continue // "Multiple Products" is not what anybody has
		}
		m := New(comity.Profile{Org: org, Software: []comity.Software{{ID: "sof_1", Vendor: v.Vendor, Name: v.Product, Placement: comity.InternetFacing}}})
		if found := m.Find([]comity.Threat{x}, now); len(found) != 1 {
			t.Errorf("%s: %q %q does not match itself", v.CVE, v.Vendor, v.Product)
		}
	}
}

// kevCatalogue reads the CISA catalogue of 2026-08-07, as far as matching needs it.
func kevCatalogue(t testing.TB) []comity.Threat {
	t.Helper()
	f, err := os.Open(testkit.Shared(t, "kev/known_exploited_vulnerabilities-2026-08-07.json.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Vulnerabilities []struct {
			CVE         string `json:"cveID"`
			Vendor      string `json:"vendorProject"`
			Product     string `json:"product"`
			Added       string `json:"dateAdded"`
			Description string `json:"shortDescription"`
		}
	}
	if err := json.NewDecoder(z).Decode(&doc); err != nil {
		t.Fatal(err)
	}
	var threats []comity.Threat
	for _, v := range doc.Vulnerabilities {
		threats = append(threats, comity.Threat{
			ID: comity.MakeThreatID(v.CVE), Kind: comity.ThreatVulnerability, Description: v.Description, Published: day(v.Added).Time(),
			Vulnerability: &comity.Vulnerability{CVE: v.CVE, Vendor: v.Vendor, Product: v.Product, Exploited: true},
		})
	}
	return threats
}

// BenchmarkFind matches the whole catalogue with an inventory of 200 lines.
func BenchmarkFind(b *testing.B) {
	threats, rows := kevCatalogue(b), readLabelled(b)
	p := comity.Profile{Org: org}
	for i := range 200 {
		s := rows[i%len(rows)].profile.Software[0]
		s.ID = comity.SoftwareID(fmt.Sprintf("sof_%016d", i))
		p.Software = append(p.Software, s)
	}
	m := New(p)
	b.ReportAllocs()
	for b.Loop() {
		m.Find(threats, now)
	}
}

// TestWhatDecidedIsSaid asks for the reason that names what decided: identifier and range, name and range, or name alone.
func TestWhatDecidedIsSaid(t *testing.T) {
	const osCPE = "cpe:2.3:o:fortinet:fortios:*:*:*:*:*:*:*:*"
	fixed := comity.Affected{Vendor: "Fortinet", Product: "FortiOS", CPE: osCPE, FromIncluding: "7.2.0", ToExcluding: "7.2.5"}
	tests := []struct {
		name     string
		affected []comity.Affected
		software func(*comity.Software)
		want     []comity.Reason // the first ones
	}{
		{
			"CPE and range",
			[]comity.Affected{fixed},
			func(s *comity.Software) { s.CPE = "cpe:2.3:o:fortinet:fortios:7.2.4:*:*:*:*:*:*:*" },
			[]comity.Reason{{Key: "cpe-range", Args: map[string]string{"cpe": osCPE, "version": "7.2.4", "range": "≥ 7.2.0, < 7.2.5", "fixed": "7.2.5"}}},
		},
		{
			"the version of the line counts before that of its CPE",
			[]comity.Affected{fixed},
			func(s *comity.Software) { s.CPE = "cpe:2.3:o:fortinet:fortios:7.4.0:*:*:*:*:*:*:*" },
			[]comity.Reason{{Key: "cpe-range", Args: map[string]string{"cpe": osCPE, "version": "7.2.4", "range": "≥ 7.2.0, < 7.2.5", "fixed": "7.2.5"}}},
		},
		{
			"name and range",
			[]comity.Affected{fixed},
			nil,
			[]comity.Reason{{Key: "range", Args: map[string]string{"product": "Fortinet FortiOS", "version": "7.2.4", "range": "≥ 7.2.0, < 7.2.5", "fixed": "7.2.5"}}},
		},
		{
			"every version",
			[]comity.Affected{{CPE: osCPE}},
			func(s *comity.Software) { s.CPE, s.Version = osCPE, "" },
			[]comity.Reason{{Key: "any-version", Args: map[string]string{"product": osCPE}}},
		},
		{
			"no version given",
			[]comity.Affected{fixed},
			func(s *comity.Software) { s.CPE, s.Version = osCPE, "latest" },
			[]comity.Reason{{Key: "vendor-product", Args: map[string]string{"vendor": "Fortinet", "product": "FortiOS"}}, {Key: "version-unknown"}},
		},
		{
			"name alone",
			nil,
			nil,
			[]comity.Reason{{Key: "vendor-product", Args: map[string]string{"vendor": "Fortinet", "product": "FortiOS"}}, {Key: "version-unknown", Args: map[string]string{"version": "7.2.4"}}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			threat := kevEntry()
			threat.Vulnerability.Affected = tt.affected
			found := New(edge(tt.software)).Find([]comity.Threat{threat}, now)
			if len(found) != 1 {
				t.Fatalf("%d matches, want 1", len(found))
			}
			if diff := cmp.Diff(tt.want, found[0].Reasons[:len(tt.want)]); diff != "" {
				t.Errorf("first reasons (-want +got):\n%s", diff)
			}
		})
	}
}
