package storagetest

import (
	"bytes"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"comity"
	"comity/storage"
)

// stixID is the n-th id of a type in tests.
func stixID(kind string, n int) string {
	return fmt.Sprintf("%s--00000000-0000-4000-8000-%012d", kind, n)
}

// indicatorObject is a version of the n-th indicator, made so many days after the first, that looks for a value.
func indicatorObject(n, days int, tlp comity.TLP, value string) comity.STIXObject {
	id := stixID("indicator", n)
	received := []byte(fmt.Sprintf("{ \"id\": %q,  \"day\": %d, \"value\": %q }", id, days, value))
	return comity.STIXObject{
		ID: id, Type: "indicator", SpecVersion: "2.1", Name: value, Modified: now.AddDate(0, 0, days), TLP: tlp, Use: comity.STIXThreat,
		Threat: comity.MakeThreatID(id), Hash: fmt.Sprintf("%d %s", days, value), Received: received,
		Item: &comity.Threat{
			ID: comity.MakeThreatID(id), Kind: comity.ThreatIndicator, Name: "Beacon " + value, Hash: fmt.Sprintf("%d %s", days, value), Published: now,
			Indicator: &comity.Indicator{Pattern: "[domain-name:value = '" + value + "']", PatternType: "stix", Values: []comity.Observable{{Type: "domain-name:value", Value: value}}},
		},
	}
}

// actorObject is the n-th actor, and targetObject says that it targets the m-th identity.
func actorObject(n int, tlp comity.TLP) comity.STIXObject {
	id := stixID("intrusion-set", n)
	return comity.STIXObject{
		ID: id, Type: "intrusion-set", Modified: now, TLP: tlp, Use: comity.STIXThreat, Threat: comity.MakeThreatID(id), Hash: id, Received: []byte(id),
		Item: &comity.Threat{ID: comity.MakeThreatID(id), Kind: comity.ThreatActor, Name: "Actor", Hash: id, Published: now, Actor: &comity.Actor{}},
	}
}

func identityObject(n, days int, tlp comity.TLP, sector string) comity.STIXObject {
	return comity.STIXObject{
		ID: stixID("identity", n), Type: "identity", Modified: now.AddDate(0, 0, days), TLP: tlp, Use: comity.STIXLink,
		Hash: sector, Received: []byte(sector),
	}
}

func relationshipObject(n int, kind, from, to string, tlp comity.TLP) comity.STIXObject {
	id := stixID("relationship", n)
	return comity.STIXObject{
		ID: id, Type: "relationship", Modified: now, TLP: tlp, Use: comity.STIXLink, Hash: from + kind + to, Received: []byte(from + kind + to),
		Refs: []comity.STIXRef{{From: from, Kind: kind, To: to}},
	}
}

// actorOf stands for the reader of received bytes: what is targeted is the sector, and the actor's hash tells them all.
func actorOf(received []byte, targets [][]byte) (*comity.Threat, error) {
	o := actorObject(0, comity.TLPClear)
	t := *o.Item
	t.ID = comity.MakeThreatID(string(received))
	t.Actor = &comity.Actor{Sectors: []string{}}
	for _, target := range targets {
		t.Actor.Sectors = append(t.Actor.Sectors, string(target))
	}
	slices.Sort(t.Actor.Sectors)
	t.Hash = string(received) + strings.Join(t.Actor.Sectors, ",")
	return &t, nil
}

func sequence(objects []comity.STIXObject) iter.Seq2[comity.STIXObject, error] {
	return func(yield func(comity.STIXObject, error) bool) {
		for _, o := range objects {
			if !yield(o, nil) {
				return
			}
		}
	}
}

func (s *stage) putSTIX(t *testing.T, source comity.SourceID, objects ...comity.STIXObject) comity.STIXIntake {
	t.Helper()
	src := comity.Source{ID: source, Version: "1", Date: now, TakenIn: now, Hash: "1"}
	result, err := s.PutSTIX(s.ctx, system, src, sequence(objects), nil, actorOf)
	must(t, err)
	return result
}

// testSTIX takes in objects, newer and older versions of them and what contradicts them.
func testSTIX(t *testing.T, s *stage) {
	first := indicatorObject(1, 1, comity.TLPGreen, "Bad.example")
	clear := indicatorObject(2, 1, comity.TLPClear, "worse.example")
	r := s.putSTIX(t, "stix-a", first, clear)
	same(t, "first", r.Delta, comity.Delta{Added: 2, Total: 2})
	r = s.putSTIX(t, "stix-a", first, clear)
	same(t, "again", r.Delta, comity.Delta{Total: 2})
	contradiction := indicatorObject(1, 1, comity.TLPClear, "other.example")
	r = s.putSTIX(t, "stix-a", contradiction)
	if len(r.Refused) != 1 || r.Refused[0].ID != first.ID || r.Types["indicator"].Refused != 1 {
		t.Errorf("contradiction: got %+v", r)
	}
	refusals, err := s.STIXRefusals(s.ctx, system, "stix-a", 10)
	must(t, err)
	if len(refusals) != 1 || refusals[0].Reason == "" {
		t.Errorf("refusals: got %+v", refusals)
	}
	r = s.putSTIX(t, "stix-a", indicatorObject(1, 3, comity.TLPGreen, "new.example"), indicatorObject(1, 2, comity.TLPGreen, "old.example"))
	same(t, "newer, then older", r.Delta, comity.Delta{Changed: 2, Total: 2})
	got, err := s.Threat(s.ctx, system, first.Threat)
	must(t, err)
	same(t, "the newest counts", got.Name, "Beacon new.example")
	o, err := s.STIXObject(s.ctx, system, first.ID)
	must(t, err)
	if !bytes.Equal(o.Received, indicatorObject(1, 3, 0, "new.example").Received) {
		t.Errorf("bytes: got %s", o.Received)
	}
	testSTIXSearch(t, s)
	revoked := indicatorObject(2, 2, comity.TLPClear, "worse.example")
	revoked.Revoked = true
	r = s.putSTIX(t, "stix-a", revoked, indicatorObject(2, 5, comity.TLPClear, "after.example"))
	same(t, "revoked", r.Delta, comity.Delta{Removed: 1, Changed: 1, Total: 2})
	if got, err = s.Threat(s.ctx, system, clear.Threat); err != nil || got.Withdrawn == nil {
		t.Errorf("revoked: it stands: %+v, %v", got, err)
	}
	v := s.as(t, s.a, comity.RoleFocalPoint)
	_, err = s.PutSTIX(s.ctx, v, comity.Source{ID: "stix"}, sequence(nil), nil, actorOf)
	wantKind(t, "focal point takes in", err, comity.Forbidden)
}

// testSTIXSearch finds an indicator by its value however it is written, and no longer by values of older versions.
func testSTIXSearch(t *testing.T, s *stage) {
	t.Helper()
	for text, want := range map[string]int{
		"worse.example": 1, "WORSE.example": 1, " worse[.]example ": 1, "new.example": 1, "old.example": 0, "Bad.example": 0,
		"nobody.example": 0, "beacon": 2, "example": 0,
	} {
		page, err := s.Threats(s.ctx, system, comity.ThreatQuery{Text: text, Kind: comity.ThreatIndicator})
		must(t, err)
		if text != "example" && page.Total != want {
			t.Errorf("search for %q: got %d, want %d", text, page.Total, want)
		}
	}
}

// testSTIXOrder takes in the same objects in many orders and in documents of different sizes: what is there in the end is
// the same.
func testSTIXOrder(t *testing.T, s *stage) {
	revoked := indicatorObject(9, 1, comity.TLPGreen, "gone.example")
	revoked.Revoked = true
	build := func(base int) []comity.STIXObject {
		actor, in, out := actorObject(base, comity.TLPAmber), identityObject(base, 1, comity.TLPGreen, "health"), identityObject(base+1, 1, comity.TLPRed, "finance")
		objects := []comity.STIXObject{
			indicatorObject(base, 1, comity.TLPGreen, "a.example"), indicatorObject(base, 2, comity.TLPClear, "b.example"), indicatorObject(base, 3, comity.TLPAmber, "c.example"),
			actor, in, out, identityObject(base, 2, comity.TLPGreen, "education"),
			relationshipObject(base, "targets", actor.ID, in.ID, comity.TLPGreen), relationshipObject(base+1, "targets", actor.ID, out.ID, comity.TLPGreen),
		}
		gone := revoked
		gone.ID, gone.Threat, gone.Received = stixID("indicator", base+5), comity.MakeThreatID(stixID("indicator", base+5)), []byte("gone")
		item := *revoked.Item
		item.ID, gone.Item = gone.Threat, &item
		later := indicatorObject(base+5, 2, comity.TLPGreen, "back.example")
		return append(objects, gone, later)
	}
	random := rand.New(rand.NewPCG(1, 2))
	var want string
	for round := range 25 {
		base := 1000 + 10*round
		objects := build(base)
		random.Shuffle(len(objects), func(i, j int) { objects[i], objects[j] = objects[j], objects[i] })
		for len(objects) > 0 {
			n := 1 + random.IntN(len(objects))
			s.putSTIX(t, "stix-a", objects[:n]...)
			objects = objects[n:]
		}
		got := s.describe(t, stixID("indicator", base), stixID("indicator", base+5), stixID("intrusion-set", base))
		if want == "" {
			want = got
		}
		same(t, fmt.Sprintf("order %d", round), got, want)
	}
	if !strings.Contains(want, "[education]") || !strings.Contains(want, "c.example") {
		t.Errorf("what it comes to: %s", want)
	}
}

// describe tells what was made of objects, without what differs between two copies of them.
func (s *stage) describe(t *testing.T, ids ...string) string {
	t.Helper()
	var b strings.Builder
	for _, id := range ids {
		threat, err := s.Threat(s.ctx, system, comity.MakeThreatID(id))
		must(t, err)
		o, err := s.STIXObject(s.ctx, system, id)
		must(t, err)
		fmt.Fprintf(&b, "%s %s %s %v %v", threat.Name, threat.Marking.TLP, o.Modified.Format(time.DateOnly), threat.Withdrawn != nil, o.TLP)
		if threat.Actor != nil {
			fmt.Fprintf(&b, " %v", threat.Actor.Sectors)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// testSTIXFeeds has two feeds carry one object: its label is the strictest, whichever came first, until the one that was
// stricter says otherwise.
func testSTIXFeeds(t *testing.T, s *stage) {
	label := func(n int) comity.TLP {
		threat, err := s.Threat(s.ctx, system, comity.MakeThreatID(stixID("indicator", n)))
		must(t, err)
		o, err := s.STIXObject(s.ctx, system, stixID("indicator", n))
		must(t, err)
		if o.TLP != threat.Marking.TLP {
			t.Errorf("the object is %v, the threat %v", o.TLP, threat.Marking.TLP)
		}
		return o.TLP
	}
	s.putSTIX(t, "stix-a", indicatorObject(1, 1, comity.TLPClear, "x.example"))
	s.putSTIX(t, "stix-b", indicatorObject(1, 1, comity.TLPAmber, "x.example"))
	same(t, "narrower second", label(1), comity.TLPAmber)
	s.putSTIX(t, "stix-b", indicatorObject(2, 1, comity.TLPUnmarked, "y.example"))
	s.putSTIX(t, "stix-a", indicatorObject(2, 1, comity.TLPClear, "y.example"))
	same(t, "unmarked first", label(2), comity.TLPUnmarked)
	s.putSTIX(t, "stix-b", indicatorObject(2, 1, comity.TLPGreen, "y.example"))
	same(t, "labelled later", label(2), comity.TLPGreen)
	s.putSTIX(t, "stix-a", indicatorObject(1, 2, comity.TLPClear, "x.example"))
	same(t, "a newer version at the wider feed", label(1), comity.TLPAmber)
	s.putSTIX(t, "stix-b", indicatorObject(1, 2, comity.TLPClear, "x.example"))
	same(t, "at the other too", label(1), comity.TLPClear)
	o, err := s.STIXObject(s.ctx, system, stixID("indicator", 1))
	must(t, err)
	same(t, "sources", o.Sources, []comity.SourceID{"stix-a", "stix-b"})
}

// testSTIXVisibility looks at objects of every label with every role: objects, bytes, what they are tied to and counts
// tell no more than the labels let through.
func testSTIXVisibility(t *testing.T, s *stage) {
	var objects []comity.STIXObject
	for tlp := comity.TLPUnmarked; tlp <= comity.TLPRed; tlp++ {
		o := indicatorObject(int(tlp), 1, tlp, fmt.Sprintf("l%d.example", tlp))
		objects = append(objects, o, relationshipObject(int(tlp), "indicates", o.ID, stixID("intrusion-set", 1), tlp))
	}
	s.putSTIX(t, "stix-a", append(objects, actorObject(1, comity.TLPClear))...)
	_, err := s.PutFeed(s.ctx, system, comity.Feed{Source: "stix-a", Format: comity.FormatSTIX, Name: "A", TLP: comity.TLPClear}, now)
	must(t, err)
	for _, o := range []comity.Organization{s.a, s.observer, s.parent} {
		for _, role := range comity.AllRoles {
			v := s.as(t, o, role)
			seen := 0
			for tlp := comity.TLPUnmarked; tlp <= comity.TLPRed; tlp++ {
				id := stixID("indicator", int(tlp))
				sees := v.Sees(comity.Marking{TLP: tlp})
				if sees {
					seen++
				}
				_, err := s.STIXObject(s.ctx, v, id)
				if (err == nil) != sees || err != nil && comity.KindOf(err) != comity.NotFound {
					t.Errorf("%v of %s, bytes of %v: %v", role, o.Acronym, tlp, err)
				}
				_, err = s.STIXRelated(s.ctx, v, comity.MakeThreatID(id))
				if (err == nil) != sees {
					t.Errorf("%v of %s, what %v is tied to: %v", role, o.Acronym, tlp, err)
				}
				page, err := s.Threats(s.ctx, v, comity.ThreatQuery{Text: fmt.Sprintf("l%d.example", tlp)})
				if must(t, err); (page.Total == 1) != sees {
					t.Errorf("%v of %s finds %d of %v", role, o.Acronym, page.Total, tlp)
				}
			}
			page, err := s.STIXObjects(s.ctx, v, comity.STIXQuery{Source: "stix-a", Type: "indicator"})
			if must(t, err); page.Total != seen || len(page.Objects) != seen {
				t.Errorf("%v of %s: %d objects of %d", role, o.Acronym, page.Total, seen)
			}
			related, err := s.STIXRelated(s.ctx, v, comity.MakeThreatID(stixID("intrusion-set", 1)))
			if must(t, err); len(related) != seen {
				t.Errorf("%v of %s: %d ties of %d", role, o.Acronym, len(related), seen)
			}
			hidden, err := s.STIXHidden(s.ctx, v, "stix-a")
			if v.TakesIn() && hidden != 4 || !v.TakesIn() && comity.KindOf(err) != comity.NotFound {
				t.Errorf("%v of %s: %d hidden, %v", role, o.Acronym, hidden, err)
			}
		}
	}
	_, err = s.STIXObjects(s.ctx, s.as(t, s.a, comity.RoleFocalPoint), comity.STIXQuery{Source: "stix-b"})
	wantKind(t, "objects of no source", err, comity.NotFound)
}

// BenchmarkPutSTIX takes in 5,000 indicators and as many relationships for the first time.
func BenchmarkPutSTIX(b *testing.B, open func(testing.TB) *storage.Store) {
	var objects []comity.STIXObject
	for n := range 5_000 {
		o := indicatorObject(n, 1, comity.TLPClear, fmt.Sprintf("host-%d.example", n))
		objects = append(objects, o, relationshipObject(n, "indicates", o.ID, stixID("malware", 1), comity.TLPClear))
	}
	src := comity.Source{ID: "stix", Version: "1", Date: now, TakenIn: now, Hash: "1"}
	for b.Loop() {
		b.StopTimer()
		s := open(b)
		b.StartTimer()
		if _, err := s.PutSTIX(b.Context(), system, src, sequence(objects), nil, actorOf); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(objects)*b.N)/b.Elapsed().Seconds(), "objects/s")
}
