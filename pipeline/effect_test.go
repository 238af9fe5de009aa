package pipeline_test

import (
	"testing"

	"comity"
)

// Closing an item keeps what it removed, for its owner and for who helped, each for themselves; and until then what it
// would remove is told to those who see the profile, from what is kept if nothing changed.
func TestClosingAnItemKeepsWhatItRemoved(t *testing.T) {
	s := newStage(t)
	s.gate(t, s.a, before)
	s.gate(t, s.b, before)
	s.kev(t, after)
	s.catchUp(t)
	s.covers(t, 0.25)
	s.catchUp(t)
	focal := comity.ViewerOf(comity.Person{ID: "per_a", Org: s.a, Roles: comity.RolesOf(comity.RoleFocalPoint)})
	stranger := comity.ViewerOf(comity.Person{ID: "per_b", Org: s.b, Roles: comity.RolesOf(comity.RoleFocalPoint)})
	a, err := s.store.PutAction(t.Context(), focal, comity.ActionItem{
		ID: comity.MakeActionID(entropy("patch")), Title: "Two factors", Owner: s.a, Contributors: []comity.OrgID{s.b}, Audience: comity.AudienceGroup, TLP: comity.TLPGreen,
		Control: "M1032", Priority: comity.PriorityHigh, Status: comity.ActionOpen,
	}, "", s.clock())
	s.must(t, err)
	measure, _ := comity.MeasureOf(a)
	would, err := s.Effects(t.Context(), focal, s.a, []comity.Measure{measure})
	s.must(t, err)
	if would[measure].Expected <= 0 {
		t.Fatalf("it would remove %+v", would[measure])
	}
	again, err := s.Effects(t.Context(), focal, s.a, []comity.Measure{measure, measure})
	s.must(t, err)
	if again[measure] != would[measure] {
		t.Errorf("asked again: %+v, was %+v", again[measure], would[measure])
	}
	if _, err := s.Effects(t.Context(), stranger, s.a, []comity.Measure{measure}); comity.KindOf(err) != comity.NotFound || err == nil {
		t.Errorf("another organisation asks: %v", err)
	}

	s.now.Add(3600)
	s.covers(t, 0.5)
	a.Status, a.Progress = comity.ActionDone, 100
	_, err = s.store.PutAction(t.Context(), focal, a, "", s.clock())
	s.must(t, err)
	s.catchUp(t)
	did, err := s.store.ActionEffect(t.Context(), focal, a.ID, s.a)
	s.must(t, err)
	if did.Removed.Expected <= 0 || did.Removed.From != 0.25 || did.Removed.To != 0.5 {
		t.Errorf("it removed %+v, and would have removed %+v", did.Removed, would[measure])
	}
	if _, err := s.store.ActionEffect(t.Context(), stranger, a.ID, s.b); err != nil {
		t.Errorf("what it removed for who helped: %v", err)
	}
	if _, err := s.store.ActionEffect(t.Context(), stranger, a.ID, s.a); comity.KindOf(err) != comity.NotFound || err == nil {
		t.Errorf("another organisation reads what it removed: %v", err)
	}
}

// covers gives both organisations a coverage of multi-factor sign-in.
func (s *stage) covers(t *testing.T, share float64) {
	t.Helper()
	for _, org := range []comity.OrgID{s.a, s.b} {
		p, err := s.store.Profile(t.Context(), system, org)
		s.must(t, err)
		p.Coverage = map[string]float64{"M1032": share}
		_, err = s.store.PutProfile(t.Context(), system, p, s.clock())
		s.must(t, err)
	}
}
