package pipeline_test

import (
	"testing"
	"time"

	"comity"
)

// TestForecastsAreKeptOncePerQuarter assesses in one quarter, and looks on in the next ones.
func TestForecastsAreKeptOncePerQuarter(t *testing.T) {
	s := newStage(t)
	forecasts := func() []comity.Forecast {
		t.Helper()
		s.must(t, s.KeepForecasts(t.Context()))
		list, err := s.store.Forecasts(t.Context(), system, s.a, 40)
		s.must(t, err)
		return list
	}
	s.catchUp(t)
	if got := forecasts(); len(got) != 0 {
		t.Errorf("nothing was assessed before this quarter, and %d forecasts are kept", len(got))
	}
	e := s.exposure(t, s.a)
	s.now.Store(time.Date(2027, 1, 5, 8, 0, 0, 0, time.UTC).Unix())
	first := forecasts()
	if len(first) != len(e.Scenarios) || first[0].Quarter.String() != "2027-Q1" || !first[0].At.Equal(e.At) || first[0].P <= 0 || first[0].P >= 1 {
		t.Fatalf("%d forecasts for %d scenarios, the first %+v", len(first), len(e.Scenarios), first[0])
	}
	// Whatever is learnt later, what was said stays.
	s.gate(t, s.a, before)
	s.kev(t, after)
	s.catchUp(t)
	for i, f := range forecasts() {
		if f != first[i] {
			t.Errorf("changed from %+v to %+v", first[i], f)
		}
	}
	// A quarter in which nobody looked gets what was said before it; one whose last assessment was long ago gets none.
	s.now.Store(time.Date(2028, 2, 1, 8, 0, 0, 0, time.UTC).Unix())
	quarters := map[string]bool{}
	for _, f := range forecasts() {
		quarters[f.Quarter.String()] = true
	}
	if len(quarters) != 2 || !quarters["2027-Q1"] || !quarters["2027-Q2"] {
		t.Errorf("quarters %v, want the two after an assessment", quarters)
	}
}

// TestStandingIsTheHeadlineOfThisMoment compares it with an assessment, before and after that was made.
func TestStandingIsTheHeadlineOfThisMoment(t *testing.T) {
	s := newStage(t)
	s.kev(t, after)
	s.gate(t, s.a, before)
	early, err := s.Standing(t.Context(), system, s.a)
	s.must(t, err)
	s.must(t, s.CatchUp(t.Context()))
	if got := s.exposure(t, s.a).Significant; got != early {
		t.Errorf("standing before the assessment %+v, the assessment %+v", early, got)
	}
	late, err := s.Standing(t.Context(), system, s.a)
	s.must(t, err)
	if late != early {
		t.Errorf("after the assessment %+v, before %+v", late, early)
	}
	other := comity.ViewerOf(comity.Person{ID: comity.MakePersonID(entropy("x")), Org: s.b, Roles: comity.RolesOf(comity.RoleFocalPoint)})
	if _, err := s.Standing(t.Context(), other, s.a); comity.KindOf(err) != comity.NotFound {
		t.Errorf("as another organisation: %v", err)
	}
}
