package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"comity"
)

// vulnerability puts one exploited vulnerability in, and a score for it.
func (d *desk) vulnerability(cve string, published time.Time) comity.Threat {
	return comity.Threat{
		ID: comity.MakeThreatID(cve), Kind: comity.ThreatVulnerability, Name: "Fortinet FortiOS Out-of-Bound Write", Source: comity.SourceKEV,
		Description: "An out-of-bound write.", Marking: comity.Marking{TLP: comity.TLPClear}, Published: published, FirstSeen: d.now, Updated: d.now,
		Hash: "abc" + cve,
		Vulnerability: &comity.Vulnerability{
			CVE: cve, Vendor: "Fortinet", Product: "FortiOS", RequiredAction: "Apply mitigations.", Exploited: true, Ransomware: true,
			Due: comity.DateOf(published).AddDays(21),
		},
	}
}

// threats stores threats of the KEV catalogue and a little of ATT&CK.
func (d *desk) putThreats(threats ...comity.Threat) {
	d.t.Helper()
	ctx := d.t.Context()
	_, err := d.store.PutThreats(ctx, deskSystem, comity.Source{ID: comity.SourceKEV, Version: "2026.08.07", Date: d.now, TakenIn: d.now, Hash: "h"}, threats, comity.PutThreatsOptions{Withdraw: true})
	d.must(err)
	t1190 := comity.Technique{Number: "T1190", Tactics: []string{"initial-access"}, Mitigations: []string{"M1030", "M1051"}}
	_, err = d.store.PutKnowledge(ctx, deskSystem, comity.Source{ID: comity.SourceATTACK, Version: "18.1", Date: d.now, TakenIn: d.now, Hash: "k"}, comity.Knowledge{
		Version: "18.1", Tactics: []comity.Tactic{{Number: "TA0001", ShortName: "initial-access", Name: "Initial Access"}},
		Mitigations: []comity.Mitigation{{Number: "M1030", Name: "Network Segmentation"}, {Number: "M1032", Name: "Multi-factor Authentication"}, {Number: "M1051", Name: "Update Software"}},
		Techniques:  []comity.Technique{t1190}, Names: map[string]string{"T1190": "Exploit Public-Facing Application"},
	}, []comity.Threat{{
		ID: "thr_T1190", Kind: comity.ThreatTechnique, Name: "Exploit Public-Facing Application", Source: comity.SourceATTACK,
		Marking: comity.Marking{TLP: comity.TLPClear}, Published: d.now, FirstSeen: d.now, Updated: d.now, Hash: "t", Technique: &t1190,
	}}, false)
	d.must(err)
	_, err = d.store.PutScores(ctx, deskSystem, comity.Source{ID: comity.SourceEPSS, Version: "v2025.03.14", Date: d.now, TakenIn: d.now, Hash: "e"},
		[]comity.EPSSScore{{CVE: "CVE-2024-21762", Score: 0.91, Percentile: 0.99, Model: "v2025.03.14", Date: comity.DateOf(d.now)}}, false)
	d.must(err)
}

// touch lets a threat touch one line of software of an organisation.
func (d *desk) touch(o comity.Organization, t comity.ThreatID) comity.Match {
	d.t.Helper()
	line := comity.Software{ID: comity.MakeSoftwareID(comity.Entropy{o.ID[5]}), Vendor: "Fortinet", Name: "FortiGate", Version: "7.4.1", Placement: comity.InternetFacing}
	d.putProfile(o, func(p *comity.Profile) {
		p.Software = []comity.Software{line}
		p.Coverage = map[string]float64{"M1051": 0.75}
	})
	m := comity.Match{
		ID: comity.MakeMatchID(comity.Entropy{o.ID[5]}), Org: o.ID, Threat: t, Kind: comity.MatchSoftware, Software: line.ID,
		Subject: "Fortinet FortiGate 7.4.1 of " + o.Acronym, Confidence: comity.ConfidenceMedium, Exposed: 1, Techniques: []string{"T1190"}, Found: d.now,
		Reasons: []comity.Reason{
			{Key: "vendor-product", Args: map[string]string{"vendor": "Fortinet", "product": "FortiOS"}},
			{Key: "version-unknown"},
			{Key: "internet-facing"},
			{Key: "technique-assumed"},
			{Key: "kev", Args: map[string]string{"date": "2024-02-09"}},
			{Key: "epss", Args: map[string]string{"score": "0.91", "model": "v2025.03.14"}},
		},
	}
	_, _, err := d.store.PutMatches(d.t.Context(), deskSystem, o.ID, nil, []comity.Match{m})
	d.must(err)
	return m
}

var feb9 = time.Date(2024, 2, 9, 0, 0, 0, 0, time.UTC)

func TestThreatTellsWhyItTouchesUs(t *testing.T) {
	d := newDesk(t)
	threat := d.vulnerability("CVE-2024-21762", feb9)
	d.putThreats(threat)
	m := d.touch(d.a, threat.ID)
	path := "/threats/" + string(threat.ID)

	d.get("anna", "/threats").want(200, "CVE-2024-21762", "Touches us", "Ransomware", "91%", "TLP:AMBER+STRICT")
	d.get("anna", path).want(200, "Touches us because…", m.Subject, "Vendor and product are the same as in your profile: Fortinet, FortiOS.",
		"it counts as T1190", "Confidence:", "Medium", "91% within 30 days", "v2025.03.14", "7 August 2026", "M1051", "75%", "not answered",
		`href="/actions/new?match=`+string(m.ID)+`"`, `href="/profile/software/`+string(m.Software)+`"`, "TLP:AMBER+STRICT")
	d.get("reader", path).want(200, "CVE-2024-21762", "91% within 30 days", "M1051", "TLP:CLEAR").
		without("Touches us", "FortiGate 7.4.1", "75%", "actions/new", "TLP:AMBER")
	d.get("", path).want(http.StatusSeeOther)
	d.get("anna", "/threats/thr_T1190").want(200, "Initial Access", "Network Segmentation")
	for _, wrong := range []string{"thr_CVE-1999-0001", "org_0000000000000000", "x"} {
		d.get("anna", "/threats/"+wrong).want(404)
	}
}

func TestThreatsOfOthersAreNobodysBusiness(t *testing.T) {
	d := newDesk(t)
	threat := d.vulnerability("CVE-2024-21762", feb9)
	d.putThreats(threat)
	d.touch(d.a, threat.ID)
	for _, who := range []string{"bert", "watch", "desk", "reader"} {
		for _, path := range []string{"/threats", "/threats?touching=1", "/threats/" + string(threat.ID)} {
			d.get(who, path).want(200).without("of X-OCO", `class="tag on"`)
		}
	}
}

func TestThreatsFilter(t *testing.T) {
	d := newDesk(t)
	old, recent := d.vulnerability("CVE-2020-0001", feb9.AddDate(-3, 0, 0)), d.vulnerability("CVE-2024-21762", feb9)
	recent.Vulnerability.Ransomware = false
	d.putThreats(old, recent)
	d.touch(d.a, recent.ID)
	tests := []struct {
		query     string
		has, hasn string
	}{
		{"q=fortios+21762", "CVE-2024-21762", "CVE-2020-0001"},
		{"ransomware=1", "CVE-2020-0001", "CVE-2024-21762"},
		{"touching=1", "CVE-2024-21762", "CVE-2020-0001"},
		{"since=2024-01-01&kind=vulnerability", "CVE-2024-21762", "CVE-2020-0001"},
		{"kind=technique", "T1190", "CVE-"},
		{"source=mitre-attack", "T1190", "CVE-"},
		{"q=%22%3E%3Cscript%3E", "Nothing matches", "<script>"},
		{"kind=x&source=y&sort=z&since=w&from=-1", "CVE-2024-21762", "ZgotmplZ"},
	}
	for _, tt := range tests {
		t.Run(tt.query, func(t *testing.T) {
			d.t = t
			d.get("anna", "/threats?"+tt.query).want(200, tt.has).without(tt.hasn)
		})
	}
}

func TestThreatsPageInAllLanguagesIsLight(t *testing.T) {
	d := newDesk(t)
	var threats []comity.Threat
	for i := range 120 {
		v := d.vulnerability(fmt.Sprintf("CVE-2024-%05d", 10000+i*37), feb9.AddDate(0, 0, i))
		v.Name = fmt.Sprintf("%s in component %x of release %d", v.Name, i*7919, i)
		threats = append(threats, v)
	}
	d.putThreats(threats...)
	for _, lang := range Languages {
		p := d.people["anna"]
		p.Language = lang
		d.people["anna"] = p
		page := d.get("anna", "/threats").want(200, `lang="`+lang+`"`, "rel=\"next\"")
		if n := page.compressed(); n > 15<<10 {
			t.Errorf("%s: %d bytes compressed", lang, n)
		}
		d.get("anna", "/threats?from=50").want(200, `rel="prev"`, `rel="next"`)
		if strings.Contains(d.get("anna", "/threats?from=100").Body, `rel="next"`) {
			t.Error("a next page after the last")
		}
	}
}

func TestThreatsSayNothingTwice(t *testing.T) {
	for _, c := range []struct{ vendor, product, want string }{
		{"Langflow", "Langflow", "Langflow"},
		{"dotnet", ".NET", "dotnet .NET"},
		{"JoomShaper", "joomshaper SP Page Builder", "joomshaper SP Page Builder"},
		{"Cisco", "IOS", "Cisco IOS"},
		{"", "", ""},
	} {
		if got := productName(comity.Vulnerability{Vendor: c.vendor, Product: c.product}); got != c.want {
			t.Errorf("%q of %q is shown as %q, want %q", c.product, c.vendor, got, c.want)
		}
	}
}
