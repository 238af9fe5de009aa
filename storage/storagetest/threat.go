package storagetest

import (
	"fmt"
	"testing"
	"time"

	"comity"
)

// vulnerability is an entry of the KEV catalogue in tests.
func vulnerability(cve, vendor, product, hash string) comity.Threat {
	return comity.Threat{
		ID: comity.MakeThreatID(cve), Kind: comity.ThreatVulnerability, Name: vendor + " " + product + " Vulnerability",
		Source: comity.SourceKEV, Marking: comity.Marking{TLP: comity.TLPClear}, Published: now.AddDate(0, 0, -1), Hash: hash,
		Vulnerability: &comity.Vulnerability{CVE: cve, Vendor: vendor, Product: product, Exploited: true},
	}
}

func kevSource(version string, date time.Time) comity.Source {
	return comity.Source{ID: comity.SourceKEV, Version: version, Date: date, TakenIn: now, Hash: version}
}

var withdraw = comity.PutThreatsOptions{Withdraw: true}

func testThreatIntake(t *testing.T, s *stage) {
	first := []comity.Threat{vulnerability("CVE-2026-0001", "Acme", "Gate", "1"), vulnerability("CVE-2026-0002", "Acme", "Door", "1"), vulnerability("CVE-2026-0003", "Acme", "Roof", "1")}
	second := []comity.Threat{first[0], vulnerability("CVE-2026-0002", "Acme", "Door", "2"), vulnerability("CVE-2026-0004", "Acme", "Wall", "1")}
	for _, step := range []struct {
		name    string
		src     comity.Source
		threats []comity.Threat
		o       comity.PutThreatsOptions
		want    comity.Delta
		kind    comity.Kind
	}{
		{"first", kevSource("1", now.AddDate(0, 0, -2)), first, withdraw, comity.Delta{Added: 3, Total: 3}, 0},
		{"the same again", kevSource("1", now.AddDate(0, 0, -2)), first, withdraw, comity.Delta{Total: 3}, 0},
		{"newer", kevSource("2", now.AddDate(0, 0, -1)), second, withdraw, comity.Delta{Added: 1, Removed: 1, Changed: 1, Total: 3}, 0},
		{"older is refused", kevSource("1", now.AddDate(0, 0, -2)), first, withdraw, comity.Delta{}, comity.Stale},
		{"older by force", kevSource("1", now.AddDate(0, 0, -2)), first, comity.PutThreatsOptions{Withdraw: true, Force: true}, comity.Delta{Added: 1, Removed: 1, Changed: 1, Total: 3}, 0},
	} {
		delta, err := s.PutThreats(s.ctx, system, step.src, step.threats, step.o)
		if step.kind != 0 {
			wantKind(t, step.name, err, step.kind)
			continue
		}
		must(t, err)
		same(t, step.name, delta, step.want)
	}
	gone, err := s.Threat(s.ctx, system, "thr_CVE-2026-0004")
	must(t, err)
	if gone.Withdrawn == nil || gone.Vulnerability.Exploited {
		t.Errorf("withdrawn entry still stands: %+v", gone)
	}
	v := s.as(t, s.a, comity.RoleFocalPoint)
	_, err = s.PutThreats(s.ctx, v, kevSource("3", now), first, withdraw)
	wantKind(t, "focal point takes in", err, comity.Forbidden)
	src, err := s.Source(s.ctx, v, comity.SourceKEV)
	must(t, err)
	testAffectedAgain(t, s)
	if src.Version != "1" || src.Delta.Total != 3 {
		t.Errorf("source: got %+v", src)
	}
}

// testAffectedAgain takes in the same ranges twice: the pipeline has nothing to follow the second time.
func testAffectedAgain(t *testing.T, s *stage) {
	t.Helper()
	var counts []int
	for range 2 {
		must(t, s.PutAffected(s.ctx, system, "ranges", map[string][]comity.Affected{"CVE-2026-0001": {{Product: "Gate"}}}))
		changes, err := s.Changes(s.ctx, system, 0, 1000)
		must(t, err)
		counts = append(counts, len(changes))
	}
	if counts[0] != counts[1] {
		t.Errorf("the same ranges again: %d changes after %d", counts[1], counts[0])
	}
}

func testThreatSearch(t *testing.T, s *stage) {
	threats := []comity.Threat{vulnerability("CVE-2026-0001", "Acme", "Gate_100%", "1"), vulnerability("CVE-2026-0002", "Bolt", "Gate", "1")}
	threats[0].Vulnerability.Ransomware = true
	threats[1].Published = now.AddDate(0, 0, -10)
	_, err := s.PutThreats(s.ctx, system, kevSource("1", now), threats, withdraw)
	must(t, err)
	must(t, s.PutAffected(s.ctx, system, "ranges", map[string][]comity.Affected{"CVE-2026-0001": {{Vendor: "Acme", Product: "Gate", ToExcluding: "2.0"}}}))
	must(t, s.PutTechniquesOf(s.ctx, system, "pairs", map[string][]string{"CVE-2026-0001": {"T1190"}}))
	_, err = s.PutScores(s.ctx, system, comity.Source{ID: comity.SourceEPSS, Version: "v1", Date: now, TakenIn: now}, []comity.EPSSScore{{CVE: "CVE-2026-0002", Score: .5, Percentile: .9}}, false)
	must(t, err)
	v := s.as(t, s.parent, comity.RoleParentReader)
	for _, test := range []struct {
		name string
		q    comity.ThreatQuery
		want []comity.ThreatID
	}{
		{"all, newest first", comity.ThreatQuery{}, []comity.ThreatID{"thr_CVE-2026-0001", "thr_CVE-2026-0002"}},
		{"by score", comity.ThreatQuery{Sort: "epss"}, []comity.ThreatID{"thr_CVE-2026-0002", "thr_CVE-2026-0001"}},
		{"by name", comity.ThreatQuery{Sort: "name"}, []comity.ThreatID{"thr_CVE-2026-0001", "thr_CVE-2026-0002"}},
		{"words in any order and case", comity.ThreatQuery{Text: "gate BOLT"}, []comity.ThreatID{"thr_CVE-2026-0002"}},
		{"a wildcard is a character", comity.ThreatQuery{Text: "gate_100%"}, []comity.ThreatID{"thr_CVE-2026-0001"}},
		{"no wildcard", comity.ThreatQuery{Text: "g%e"}, nil},
		{"ransomware", comity.ThreatQuery{Ransomware: true}, []comity.ThreatID{"thr_CVE-2026-0001"}},
		{"since", comity.ThreatQuery{Since: comity.DateOf(now.AddDate(0, 0, -2))}, []comity.ThreatID{"thr_CVE-2026-0001"}},
		{"kind", comity.ThreatQuery{Kind: comity.ThreatActor}, nil},
		{"second page", comity.ThreatQuery{Limit: 1, Offset: 1}, []comity.ThreatID{"thr_CVE-2026-0002"}},
	} {
		page, err := s.Threats(s.ctx, v, test.q)
		must(t, err)
		var got []comity.ThreatID
		for _, threat := range page.Threats {
			got = append(got, threat.ID)
		}
		same(t, test.name, got, test.want)
	}
	_, err = s.Threats(s.ctx, v, comity.ThreatQuery{Sort: "; DROP TABLE threats"})
	wantKind(t, "unknown sort", err, comity.Invalid)
	merged, err := s.Threat(s.ctx, v, "thr_CVE-2026-0001")
	must(t, err)
	same(t, "ranges are merged", merged.Vulnerability.Affected, []comity.Affected{{Vendor: "Acme", Product: "Gate", ToExcluding: "2.0"}})
	same(t, "techniques are merged", merged.Vulnerability.Techniques, []string{"T1190"})
	scored, err := s.Threat(s.ctx, v, "thr_CVE-2026-0002")
	must(t, err)
	same(t, "score is merged", scored.Vulnerability.EPSS, &comity.EPSSScore{CVE: "CVE-2026-0002", Score: .5, Percentile: .9, Model: "v1", Date: comity.DateOf(now)})
}

func testThreatMarkings(t *testing.T, s *stage) {
	labels := []comity.TLP{comity.TLPUnmarked, comity.TLPClear, comity.TLPGreen, comity.TLPAmber, comity.TLPAmberStrict, comity.TLPRed}
	var threats []comity.Threat
	for _, label := range labels {
		threats = append(threats, comity.Threat{
			ID: comity.MakeThreatID(fmt.Sprintf("DEMO-SET-%d", label)), Kind: comity.ThreatActor, Name: "Actor", Source: comity.SourceGroup,
			Marking: comity.Marking{TLP: label, Originator: s.a.ID}, Published: now, Hash: "1", Actor: &comity.Actor{},
		})
	}
	_, err := s.PutThreats(s.ctx, system, comity.Source{ID: comity.SourceGroup, Version: "1", Date: now, TakenIn: now}, threats, comity.PutThreatsOptions{})
	must(t, err)
	for _, v := range []comity.Viewer{
		{},
		system,
		s.as(t, s.a, comity.RoleFocalPoint), s.as(t, s.b, comity.RoleFocalPoint), s.as(t, s.a, comity.RoleAuditor),
		s.as(t, s.b, comity.RoleSecretariat), s.as(t, s.observer, comity.RoleObserver), s.as(t, s.parent, comity.RoleParentReader),
	} {
		page, err := s.Threats(s.ctx, v, comity.ThreatQuery{})
		must(t, err)
		listed := map[comity.ThreatID]bool{}
		for _, threat := range page.Threats {
			listed[threat.ID] = true
		}
		for _, threat := range threats {
			want := v.Sees(threat.Marking)
			if listed[threat.ID] != want {
				t.Errorf("%s of %s, %v: listed %v, want %v", v.Roles().Names(), v.Org(), threat.Marking.TLP, listed[threat.ID], want)
			}
			if _, err := s.Threat(s.ctx, v, threat.ID); (err == nil) != want {
				t.Errorf("%s of %s, %v: read %v, want %v", v.Roles().Names(), v.Org(), threat.Marking.TLP, err, want)
			}
		}
		if page.Total != len(page.Threats) {
			t.Errorf("%s: total %d tells of more than the %d listed", v.Roles().Names(), page.Total, len(page.Threats))
		}
	}
}

func testScores(t *testing.T, s *stage) {
	src := func(model string, day int) comity.Source {
		return comity.Source{ID: comity.SourceEPSS, Version: model, Date: now.AddDate(0, 0, day), TakenIn: now}
	}
	first := []comity.EPSSScore{{CVE: "CVE-2026-0001", Score: .1}, {CVE: "CVE-2026-0002", Score: .2}}
	second := []comity.EPSSScore{{CVE: "CVE-2026-0001", Score: .1}, {CVE: "CVE-2026-0003", Score: .2}}
	for _, step := range []struct {
		name   string
		src    comity.Source
		scores []comity.EPSSScore
		want   comity.Delta
	}{
		{"first", src("v1", 0), first, comity.Delta{Added: 2, Total: 2}},
		{"the same again", src("v1", 0), first, comity.Delta{Total: 2}},
		{"next day", src("v1", 1), second, comity.Delta{Added: 1, Removed: 1, Total: 2}},
		{"another model is not compared", src("v2", 2), second, comity.Delta{Added: 2, Removed: 2, Total: 2}},
	} {
		delta, err := s.PutScores(s.ctx, system, step.src, step.scores, false)
		must(t, err)
		same(t, step.name, delta, step.want)
	}
	_, err := s.PutScores(s.ctx, system, src("v1", 0), first, false)
	wantKind(t, "older", err, comity.Stale)
	found, err := s.Scores(s.ctx, system, []string{"CVE-2026-0001", "CVE-2026-0002"})
	must(t, err)
	if len(found) != 1 || found["CVE-2026-0001"].Model != "v2" {
		t.Errorf("scores: got %+v", found)
	}
}

func testKnowledge(t *testing.T, s *stage) {
	none, err := s.Knowledge(s.ctx, system)
	must(t, err)
	same(t, "before any intake", none, comity.Knowledge{})
	k := comity.Knowledge{Version: "18.1", Mitigations: []comity.Mitigation{{Number: "M1032", Name: "Multi-factor Authentication"}}, Names: map[string]string{"T1190": "Exploit Public-Facing Application"}}
	technique := comity.Threat{
		ID: "thr_T1190", Kind: comity.ThreatTechnique, Name: "Exploit Public-Facing Application", Source: comity.SourceATTACK,
		Marking: comity.Marking{TLP: comity.TLPClear}, Published: now, Hash: "1", Technique: &comity.Technique{Number: "T1190"},
	}
	src := comity.Source{ID: comity.SourceATTACK, Version: "18.1", Date: now, TakenIn: now}
	delta, err := s.PutKnowledge(s.ctx, system, src, k, []comity.Threat{technique}, false)
	must(t, err)
	same(t, "delta", delta, comity.Delta{Added: 1, Total: 1})
	got, err := s.Knowledge(s.ctx, system)
	must(t, err)
	same(t, "knowledge", got, k)
}
