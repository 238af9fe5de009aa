package storagetest

import (
	"fmt"
	"testing"
	"time"

	"comity"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// record is what a source says of CVE-2026-0001 in tests, and of others where keys says so.
func record(src comity.SourceID, id string, day int, keys ...string) comity.Record {
	if len(keys) == 0 {
		keys = []string{"CVE-2026-0001"}
	}
	return comity.Record{
		Source: src, ID: id, Keys: keys, Modified: now.AddDate(0, 0, day), Hash: fmt.Sprintf("%s %s %d", src, id, day),
		Threat: comity.Threat{
			Kind: comity.ThreatVulnerability, Source: src, Marking: comity.Marking{TLP: comity.TLPClear}, Published: now.AddDate(0, 0, -day),
			Description: fmt.Sprintf("%s of day %d", src, day),
			Vulnerability: &comity.Vulnerability{
				Vendor: "Vendor of " + string(src), Product: "Product", CWEs: []string{"CWE-20", "CWE-" + fmt.Sprint(len(src))},
				Affected:   []comity.Affected{{Vendor: "Acme", Product: "Gate", ToExcluding: fmt.Sprint(day)}},
				CVSS:       &comity.CVSS{Version: "3.1", Score: float64(len(src)), By: string(src)},
				References: []string{"https://acme.example/" + string(src)},
			},
		},
	}
}

func (s *stage) putRecords(t testing.TB, records ...comity.Record) map[comity.SourceID]comity.Delta {
	t.Helper()
	var sources []comity.Source
	seen := map[comity.SourceID]bool{}
	for _, r := range records {
		if !seen[r.Source] {
			seen[r.Source] = true
			sources = append(sources, comity.Source{ID: r.Source, Version: "1", Date: now, TakenIn: now, Hash: "1"})
		}
	}
	done, err := s.PutRecords(s.ctx, system, sources, records, false)
	if err != nil {
		t.Fatal(err)
	}
	deltas := map[comity.SourceID]comity.Delta{}
	for _, src := range done {
		deltas[src.ID] = src.Delta
	}
	return deltas
}

func (s *stage) changes(t testing.TB) int {
	t.Helper()
	list, err := s.Changes(s.ctx, system, 0, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

func testRecords(t *testing.T, s *stage) {
	first := []comity.Record{record(comity.SourceNVD, "CVE-2026-0001", 1), record(comity.SourceOSV, "GO-2026-1", 1, "CVE-2026-0001", "CVE-2026-0002"), record(comity.SourceOSV, "GO-2026-2", 1, "GO-2026-2")}
	withdrawn := record(comity.SourceNVD, "CVE-2026-0001", 3)
	withdrawn.Withdrawn = true
	old := record(comity.SourceNVD, "CVE-2026-0001", 0)
	unread := record(comity.SourceNVD, "CVE-2026-0001", 2)
	unread.Hash = "only what is not read differs"
	for _, step := range []struct {
		name    string
		records []comity.Record
		want    map[comity.SourceID]comity.Delta
		changes int // of vulnerabilities
	}{
		{"first", first, map[comity.SourceID]comity.Delta{comity.SourceNVD: {Added: 1, Total: 1}, comity.SourceOSV: {Added: 2, Total: 2}}, 4},
		{"the same again", first, map[comity.SourceID]comity.Delta{comity.SourceNVD: {Total: 1}, comity.SourceOSV: {Total: 2}}, 0},
		{"an older one changes nothing", []comity.Record{old}, map[comity.SourceID]comity.Delta{comity.SourceNVD: {Total: 1}}, 0},
		{"a newer one", []comity.Record{record(comity.SourceNVD, "CVE-2026-0001", 2)}, map[comity.SourceID]comity.Delta{comity.SourceNVD: {Changed: 1, Total: 1}}, 1},
		{"what is not read", []comity.Record{unread}, map[comity.SourceID]comity.Delta{comity.SourceNVD: {Changed: 1, Total: 1}}, 0},
		{"withdrawn", []comity.Record{withdrawn}, map[comity.SourceID]comity.Delta{comity.SourceNVD: {Removed: 1, Total: 1}}, 1},
		{"other numbers", []comity.Record{record(comity.SourceOSV, "GO-2026-2", 2, "CVE-2026-0003")}, map[comity.SourceID]comity.Delta{comity.SourceOSV: {Changed: 1, Total: 1}}, 2},
	} {
		before := s.changes(t)
		same(t, step.name, s.putRecords(t, step.records...), step.want)
		if got := s.changes(t) - before; got != step.changes && step.name != "first" {
			t.Errorf("%s: %d changes are logged, want %d", step.name, got, step.changes)
		}
	}
	for id, want := range map[comity.ThreatID]bool{"thr_CVE-2026-0001": false, "thr_CVE-2026-0002": false, "thr_CVE-2026-0003": false, "thr_GO-2026-2": true} {
		got, err := s.Threat(s.ctx, system, id)
		must(t, err)
		if (got.Withdrawn != nil) != want || got.Vulnerability.CVE != id.Key() {
			t.Errorf("%s: withdrawn %v, want %v; CVE %q", id, got.Withdrawn, want, got.Vulnerability.CVE)
		}
	}
	list, err := s.Records(s.ctx, s.as(t, s.b, comity.RoleObserver), "thr_CVE-2026-0001")
	must(t, err)
	if len(list) != 2 || list[0].Source != comity.SourceNVD || !list[0].Withdrawn || list[1].ID != "GO-2026-1" {
		t.Errorf("records: got %+v", list)
	}
	_, err = s.PutRecords(s.ctx, s.as(t, s.a, comity.RoleFocalPoint), nil, nil, false)
	wantKind(t, "focal point takes in", err, comity.Forbidden)
	_, err = s.Records(s.ctx, comity.Viewer{}, "thr_CVE-2026-0001")
	wantKind(t, "nobody reads records", err, comity.NotFound)
}

// testRecordOwnership withdraws a CVE from the catalogue while others speak of it, and the other way round.
func testRecordOwnership(t *testing.T, s *stage) {
	read := func() comity.Threat {
		t.Helper()
		got, err := s.Threat(s.ctx, system, "thr_CVE-2026-0001")
		must(t, err)
		return got
	}
	put := func(version string, threats ...comity.Threat) {
		t.Helper()
		_, err := s.PutThreats(s.ctx, system, kevSource(version, now), threats, withdraw)
		must(t, err)
	}
	s.putRecords(t, record(comity.SourceNVD, "CVE-2026-0001", 1))
	if got := read(); got.Name != "Vendor of nvd Product" || got.Vulnerability.Exploited || got.Source != comity.SourceNVD {
		t.Errorf("known to the NVD alone: %+v", got)
	}
	put("1", vulnerability("CVE-2026-0001", "Acme", "Gate", "1"))
	if got := read(); got.Name != "Acme Gate Vulnerability" || !got.Vulnerability.Exploited || got.Vulnerability.CVSS == nil || len(got.Vulnerability.Affected) != 1 || got.Source != comity.SourceKEV {
		t.Errorf("in the catalogue too: %+v", got)
	}
	page, err := s.Threats(s.ctx, system, comity.ThreatQuery{Source: comity.SourceNVD, Exploited: true, CVSS: 3})
	must(t, err)
	if page.Total != 1 {
		t.Errorf("exploited, of the NVD, scored 3: %d", page.Total)
	}
	gone := record(comity.SourceNVD, "CVE-2026-0001", 2)
	gone.Withdrawn = true
	s.putRecords(t, gone)
	if got := read(); got.Withdrawn != nil || !got.Vulnerability.Exploited || got.Vulnerability.CVSS != nil {
		t.Errorf("the NVD took it back: %+v", got)
	}
	s.putRecords(t, record(comity.SourceNVD, "CVE-2026-0001", 3))
	put("2")
	if got := read(); got.Withdrawn != nil || got.Vulnerability.Exploited || got.Source != comity.SourceNVD || got.Name != "Vendor of nvd Product" {
		t.Errorf("the catalogue took it back: %+v", got)
	}
	page, err = s.Threats(s.ctx, system, comity.ThreatQuery{Exploited: true})
	must(t, err)
	if page.Total != 0 {
		t.Errorf("exploited: %d", page.Total)
	}
	gone = record(comity.SourceNVD, "CVE-2026-0001", 4)
	gone.Withdrawn = true
	s.putRecords(t, gone)
	if got := read(); got.Withdrawn == nil || got.Vulnerability.Exploited || got.Name != "Acme Gate Vulnerability" {
		t.Errorf("both took it back: %+v", got)
	}
}

// testRecordOrder draws what several sources say one after the other, and plays it in two orders in which each source keeps
// its own: what is read then is the same. Each draw has a number of its own.
func testRecordOrder(t *testing.T, s *stage) {
	draws := 0
	rapid.Check(t, func(rt *rapid.T) {
		draws++
		sources := []comity.SourceID{comity.SourceKEV, comity.SourceNVD, comity.SourceCVE, comity.SourceOSV}
		said := map[comity.SourceID][]bool{} // whether it stands, version after version
		var all []comity.SourceID
		for _, src := range sources {
			said[src] = rapid.SliceOfN(rapid.Bool(), 0, 3).Draw(rt, string(src))
			for range said[src] {
				all = append(all, src)
			}
		}
		if len(all) == 0 {
			return
		}
		var read [2]comity.Threat
		for i := range read {
			key := fmt.Sprintf("CVE-2026-%d%05d", i+1, draws)
			next := map[comity.SourceID]int{}
			for _, src := range rapid.Permutation(all).Draw(rt, "order") {
				stands := said[src][next[src]]
				next[src]++
				s.say(t, src, key, next[src], stands)
			}
			got, err := s.Threat(s.ctx, system, comity.MakeThreatID(key))
			if err != nil && comity.KindOf(err) != comity.NotFound {
				rt.Fatal(err)
			}
			read[i] = withoutOrder(got)
		}
		if diff := cmp.Diff(read[0], read[1]); diff != "" {
			rt.Fatalf("the order of the sources matters:\n%s", diff)
		}
	})
}

// say lets a source say something of a CVE, or take it back.
func (s *stage) say(t *testing.T, src comity.SourceID, key string, version int, stands bool) {
	t.Helper()
	if src != comity.SourceKEV {
		r := record(src, key, version, key)
		r.Withdrawn, r.Hash = !stands, fmt.Sprint(src, version)
		s.putRecords(t, r)
		return
	}
	var threats []comity.Threat
	if stands {
		threats = append(threats, vulnerability(key, "Acme", "Gate", fmt.Sprint(version)))
	}
	_, err := s.PutThreats(s.ctx, system, kevSource("1", now), threats, withdraw)
	must(t, err)
}

// withoutOrder leaves out what tells when something came in, and the number of the draw. A record that the catalogue never
// stood by is none of it.
func withoutOrder(t comity.Threat) comity.Threat {
	t.ID, t.FirstSeen, t.Updated = "", time.Time{}, time.Time{}
	if t.Withdrawn != nil {
		t.Withdrawn = new(time.Time)
	}
	if t.Vulnerability != nil {
		t.Vulnerability.CVE = ""
	}
	return t
}
