package pipeline_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"comity"
	"comity/assess"
	"comity/demo"
	"comity/pipeline"
	"comity/storage"
	"comity/storage/sqlite"

	"github.com/google/go-cmp/cmp"
)

// stage is a pipeline over a real store with the Meridian System's facts and a clock that the test sets.
type stage struct {
	*pipeline.Pipeline
	store *storage.Store
	facts *demo.PublicFacts
	now   atomic.Int64
	a, b  comity.OrgID
}

var system = comity.System("test")

func entropy(s string) comity.Entropy {
	sum := sha256.Sum256([]byte(s))
	return comity.Entropy(sum[:10])
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{a: comity.MakeOrgID(entropy("a")), b: comity.MakeOrgID(entropy("b"))}
	s.now.Store(time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC).Unix())
	var err error
	if s.store, err = sqlite.Open(t.Context(), t.TempDir()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.store.Close() })
	if s.facts, err = demo.Facts(); err != nil {
		t.Fatal(err)
	}
	s.Pipeline = pipeline.New(s.store, pipeline.Options{
		Catalogue: assess.DefaultCatalogue(), Entropy: rand.Reader,
		Now: func() time.Time { return time.Unix(s.now.Load(), 0).UTC() },
	})
	for acronym, id := range map[string]comity.OrgID{"X-AAA": s.a, "X-BBB": s.b} {
		s.must(t, s.store.PutOrganization(t.Context(), system, comity.Organization{ID: id, Acronym: acronym, Name: acronym, Kind: comity.KindMember}))
	}
	s.must(t, s.store.PutGroup(t.Context(), system, comity.Group{Acronym: "MISSIG", Currency: "USD"}))
	_, err = s.store.PutKnowledge(t.Context(), system, s.facts.AttackSource(s.clock()), s.facts.Knowledge, s.facts.Techniques, false)
	s.must(t, err)
	return s
}

func (s *stage) clock() time.Time { return time.Unix(s.now.Load(), 0).UTC() }

func (s *stage) must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// gate gives an organisation an internet-facing appliance that was last patched on a day.
func (s *stage) gate(t *testing.T, org comity.OrgID, patched comity.Date) {
	t.Helper()
	p, err := s.store.Profile(t.Context(), system, org)
	s.must(t, err)
	p.Software = []comity.Software{{
		ID: comity.MakeSoftwareID(entropy("gate" + string(org))), Vendor: "SonicWall", Name: "SMA1000 Appliances",
		Placement: comity.InternetFacing, PatchedOn: patched,
	}}
	_, err = s.store.PutProfile(t.Context(), system, p, s.clock())
	s.must(t, err)
}

func (s *stage) kev(t *testing.T, until comity.Date) comity.Delta {
	t.Helper()
	catalogue, err := s.facts.KEVUntil(until)
	s.must(t, err)
	delta, err := s.Intake(t.Context(), system, comity.SourceKEV, bytes.NewReader(catalogue), pipeline.IntakeOptions{})
	s.must(t, err)
	return delta
}

func (s *stage) catchUp(t *testing.T) {
	t.Helper()
	s.now.Add(60)
	s.must(t, s.CatchUp(t.Context()))
}

func (s *stage) exposure(t *testing.T, org comity.OrgID) comity.Exposure {
	t.Helper()
	e, err := s.store.Exposure(t.Context(), system, org)
	s.must(t, err)
	return e
}

func (s *stage) lines(t *testing.T, org comity.OrgID) []comity.ExposureChange {
	t.Helper()
	lines, err := s.store.ExposureChanges(t.Context(), system, org, 100)
	s.must(t, err)
	return lines
}

var (
	before = comity.Date{Year: 2026, Month: time.July, Day: 13}
	after  = comity.Date{Year: 2026, Month: time.July, Day: 23}
)

func TestIntakeTouchesWhomItConcerns(t *testing.T) {
	s := newStage(t)
	s.gate(t, s.a, before)
	s.kev(t, before)
	s.catchUp(t)
	a, b := s.exposure(t, s.a), s.exposure(t, s.b)

	delta := s.kev(t, after)
	if delta.Added == 0 || delta.Removed != 0 || delta.Changed != 0 {
		t.Fatalf("newer catalogue: %+v", delta)
	}
	s.catchUp(t)
	if now := s.exposure(t, s.a); now.Significant.Value <= a.Significant.Value {
		t.Errorf("exposure of the organisation with the appliance: %v, was %v", now.Significant.Value, a.Significant.Value)
	}
	if diff := cmp.Diff(b, s.exposure(t, s.b)); diff != "" {
		t.Errorf("an organisation that nothing touches was assessed again (-before +after):\n%s", diff)
	}
	lines := s.lines(t, s.a)
	if len(lines) != 2 { // CISA added two entries on that appliance
		t.Fatalf("lines: %+v", lines)
	}
	first := lines[1]
	if first.Why.Key != "new-match" || first.Threat != demo.EdgeThreat || first.Before != a.Significant.Value || first.After <= first.Before {
		t.Errorf("first line: %+v", first)
	}
	if last := lines[0]; last.After != s.exposure(t, s.a).Significant.Value || last.Before != first.After {
		t.Errorf("lines don't join up: %+v, then %+v", first, last)
	}
}

func TestNothingNewDoesNothing(t *testing.T) {
	s := newStage(t)
	s.gate(t, s.a, before)
	s.kev(t, after)
	s.catchUp(t)
	a, lines := s.exposure(t, s.a), s.lines(t, s.a)
	if delta := s.kev(t, after); !delta.Empty() {
		t.Errorf("the same catalogue again: %+v", delta)
	}
	s.catchUp(t)
	s.catchUp(t)
	if diff := cmp.Diff(a, s.exposure(t, s.a)); diff != "" {
		t.Errorf("assessed again (-before +after):\n%s", diff)
	}
	if diff := cmp.Diff(lines, s.lines(t, s.a)); diff != "" {
		t.Errorf("told again (-before +after):\n%s", diff)
	}
}

func TestPatchingClosesAndUndoingRestores(t *testing.T) {
	s := newStage(t)
	s.gate(t, s.a, before)
	s.kev(t, after)
	s.catchUp(t)
	open := s.exposure(t, s.a)
	s.gate(t, s.a, after)
	s.catchUp(t)
	if shut := s.exposure(t, s.a); shut.Significant.Value >= open.Significant.Value {
		t.Errorf("patched: %v, was %v", shut.Significant.Value, open.Significant.Value)
	}
	s.gate(t, s.a, before)
	s.catchUp(t)
	if again := s.exposure(t, s.a); again.Significant != open.Significant {
		t.Errorf("undone: %+v, was %+v", again.Significant, open.Significant)
	}
}

// What changed at home is told section by section, evidence apart, and the lines join up from the old figure to the new.
func TestEveryCauseHasItsLine(t *testing.T) {
	s := newStage(t)
	s.gate(t, s.a, before)
	s.kev(t, before)
	s.catchUp(t)
	first := s.exposure(t, s.a)
	p, err := s.store.Profile(t.Context(), system, s.a)
	s.must(t, err)
	p.Coverage = map[string]float64{"M1032": .95, "M1051": .95}
	p.Tolerance = 1_500_000
	_, err = s.store.PutProfile(t.Context(), system, p, s.clock())
	s.must(t, err)
	s.must(t, s.store.PutEvidence(t.Context(), system, comity.Evidence{
		ID: comity.MakeEvidenceID(entropy("e")), Org: s.a, Scenario: "phishing", Kind: comity.EvidenceIncident, Count: 4,
		From: comity.Date{Year: 2025, Month: 1, Day: 1}, To: comity.Date{Year: 2025, Month: 12, Day: 31}, Weight: 1, Recorded: s.clock(),
	}))
	s.kev(t, after)
	s.catchUp(t)
	last := first.Significant.Value
	var told []string
	for _, line := range slices.Backward(s.lines(t, s.a)) {
		told = append(told, line.Why.Key+line.Why.Args["section"])
		if line.Before != last {
			t.Errorf("line %v starts at %v, the last ended at %v", line.Why, line.Before, last)
		}
		last = line.After
	}
	slices.Sort(told)
	want := []string{"evidence", "new-match", "new-match", "profilecoverage", "profiletolerance"}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	if now := s.exposure(t, s.a).Significant.Value; last != now {
		t.Errorf("the lines end at %v, the exposure is %v", last, now)
	}
}

// A catch-up that was cut off before it moved its cursor is done again, with the same exposure and nothing told twice.
func TestRestartFromTheCursor(t *testing.T) {
	s := newStage(t)
	s.gate(t, s.a, before)
	s.kev(t, before)
	s.catchUp(t)
	s.now.Add(60)
	s.kev(t, after)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.CatchUp(ctx); err == nil {
		t.Fatal("a cancelled catch-up succeeded")
	}
	s.catchUp(t)
	whole, lines := s.exposure(t, s.a), s.lines(t, s.a)
	if len(lines) != 2 {
		t.Errorf("lines after the restart: %+v", lines)
	}
	s.catchUp(t)
	if diff := cmp.Diff(whole, s.exposure(t, s.a)); diff != "" {
		t.Errorf("(-before +after):\n%s", diff)
	}
}

// Two processes that catch up at once tell every change once.
func TestTwoProcesses(t *testing.T) {
	s := newStage(t)
	s.gate(t, s.a, before)
	s.gate(t, s.b, before)
	s.kev(t, before)
	s.catchUp(t)
	other := pipeline.New(s.store, pipeline.Options{Catalogue: assess.DefaultCatalogue(), Entropy: rand.Reader, Now: s.clock})
	s.now.Add(60)
	s.kev(t, after)
	done := make(chan error, 2)
	for _, p := range []*pipeline.Pipeline{s.Pipeline, other} {
		go func() { done <- p.CatchUp(t.Context()) }()
	}
	for range 2 {
		s.must(t, <-done)
	}
	for _, org := range []comity.OrgID{s.a, s.b} {
		if lines := s.lines(t, org); len(lines) != 2 {
			t.Errorf("%d lines, want 2: %+v", len(lines), lines)
		}
	}
}

func TestWhoMayTakeIn(t *testing.T) {
	s := newStage(t)
	focal := comity.ViewerOf(comity.Person{ID: comity.MakePersonID(entropy("p")), Org: s.a, Roles: comity.RolesOf(comity.RoleFocalPoint)})
	_, err := s.Intake(t.Context(), focal, comity.SourceKEV, bytes.NewReader(nil), pipeline.IntakeOptions{})
	if comity.KindOf(err) != comity.Forbidden {
		t.Errorf("focal point takes in: %v", err)
	}
	if _, err = s.Publish(t.Context(), focal); comity.KindOf(err) != comity.Forbidden {
		t.Errorf("focal point publishes: %v", err)
	}
}

// A wrong document changes nothing at all.
func TestWrongDocumentChangesNothing(t *testing.T) {
	s := newStage(t)
	s.kev(t, before)
	changes, err := s.store.Changes(t.Context(), system, 0, 10_000)
	s.must(t, err)
	catalogue, err := s.facts.KEV()
	s.must(t, err)
	for name, document := range map[string][]byte{
		"cut off": catalogue[:len(catalogue)/2], "empty": nil, "another source": s.facts.EPSS,
		"one bad date": bytes.Replace(catalogue, []byte(`"dateAdded":"2026-07-22"`), []byte(`"dateAdded":"2026-07-32"`), 1),
	} {
		_, err := s.Intake(t.Context(), system, comity.SourceKEV, bytes.NewReader(document), pipeline.IntakeOptions{})
		if comity.KindOf(err) != comity.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	after, err := s.store.Changes(t.Context(), system, 0, 10_000)
	s.must(t, err)
	if len(after) != len(changes) {
		t.Errorf("%d changes were written by refused documents", len(after)-len(changes))
	}
}

func TestTooFewForARelease(t *testing.T) {
	s := newStage(t)
	s.gate(t, s.a, before)
	s.kev(t, before)
	r, err := s.Publish(t.Context(), system)
	s.must(t, err)
	if r.Contributors != 1 || r.CurveWithheld != comity.WithheldTooFew {
		t.Errorf("release of one contributor: %d, curve %q", r.Contributors, r.CurveWithheld)
	}
	for _, f := range r.Figures {
		if f.Published || f.Value != 0 || f.Low != 0 || f.High != 0 {
			t.Errorf("published: %+v", f)
		}
	}
	if _, err = s.Publish(t.Context(), system); comity.KindOf(err) != comity.Conflict {
		t.Errorf("the same period again: %v", err)
	}
}
