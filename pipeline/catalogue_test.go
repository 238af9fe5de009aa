package pipeline_test

import (
	"crypto/rand"
	"math"
	"slices"
	"testing"

	"comity"
	"comity/assess"
	"comity/pipeline"
)

// adopt makes the catalogue in force the next version, after a change.
func (s *stage) adopt(t *testing.T, change func(c *comity.Catalogue)) comity.CatalogueVersion {
	t.Helper()
	current, err := s.store.Catalogue(t.Context(), system, 0)
	s.must(t, err)
	next := comity.CatalogueVersion{Number: current.Number + 1, Catalogue: current.Catalogue}
	next.Catalogue.Scenarios = slices.Clone(current.Catalogue.Scenarios)
	change(&next.Catalogue)
	c, err := s.Adopt(t.Context(), system, next, 0)
	s.must(t, err)
	return c
}

func TestFirstCatalogueIsTheOneThatComesWithComity(t *testing.T) {
	s := newStage(t)
	s.catchUp(t)
	c, err := s.store.Catalogue(t.Context(), system, 0)
	s.must(t, err)
	if c.Number != 1 || len(c.Catalogue.Scenarios) != len(assess.DefaultCatalogue().Scenarios) {
		t.Errorf("version %d with %d scenarios", c.Number, len(c.Catalogue.Scenarios))
	}
	if got := s.exposure(t, s.a).Catalogue; got != "1" {
		t.Errorf("assessed with catalogue %q", got)
	}
}

// A version that is adopted assesses everybody again, says so, and undoing it brings every figure back to the last bit.
func TestAdoptedCatalogueAssessesEverybody(t *testing.T) {
	s := newStage(t)
	s.gate(t, s.a, comity.Date{})
	s.catchUp(t)
	before := map[comity.OrgID]comity.Exposure{s.a: s.exposure(t, s.a), s.b: s.exposure(t, s.b)}
	s.adopt(t, func(c *comity.Catalogue) { c.Scenarios[0].Rate = comity.Interval{Low: 20, High: 60} })
	s.must(t, s.CatchUp(t.Context()))
	for org, was := range before {
		is := s.exposure(t, org)
		if is.Catalogue != "2" || is.Significant.Value <= was.Significant.Value {
			t.Errorf("%s: catalogue %s, %v after %v", org, is.Catalogue, is.Significant.Value, was.Significant.Value)
		}
		lines := s.lines(t, org)
		told := slices.ContainsFunc(lines, func(l comity.ExposureChange) bool {
			return l.Why.Key == "catalogue" && l.Why.Args["version"] == "2" && l.After == is.Significant.Value
		})
		if !told {
			t.Errorf("%s: no line tells of catalogue version 2: %+v", org, lines)
		}
	}
	first, err := s.store.Catalogue(t.Context(), system, 1)
	s.must(t, err)
	_, err = s.Adopt(t.Context(), system, comity.CatalogueVersion{Number: 3, Restores: 1, Catalogue: first.Catalogue}, 0)
	s.must(t, err)
	s.must(t, s.CatchUp(t.Context()))
	for org, was := range before {
		if is := s.exposure(t, org); math.Float64bits(is.Significant.Value) != math.Float64bits(was.Significant.Value) {
			t.Errorf("%s: version 1 again gives %v, it was %v", org, is.Significant.Value, was.Significant.Value)
		}
	}
}

// A scenario that is retired leaves the figures, and what was recorded of it stays.
func TestRetiredScenario(t *testing.T) {
	s := newStage(t)
	s.catchUp(t)
	s.adopt(t, func(c *comity.Catalogue) {
		c.Retired = append(c.Retired, c.Scenarios[0])
		c.Scenarios = c.Scenarios[1:]
	})
	s.must(t, s.CatchUp(t.Context()))
	if _, ok := s.exposure(t, s.a).Scenario(assess.DefaultCatalogue().Scenarios[0].ID); ok {
		t.Error("it is assessed still")
	}
}

// Another process notices a version that was adopted here, and one that starts later begins with it.
func TestAnotherProcessNoticesTheCatalogue(t *testing.T) {
	s := newStage(t)
	s.catchUp(t)
	other := pipeline.New(s.store, pipeline.Options{Catalogue: assess.DefaultCatalogue(), Entropy: rand.Reader, Now: s.clock})
	s.must(t, other.Refresh(t.Context()))
	s.adopt(t, func(c *comity.Catalogue) { c.Tolerance = 5 })
	if other.Catalogue().Tolerance != 1e6 {
		t.Error("it noticed before it looked")
	}
	s.must(t, other.CatchUp(t.Context()))
	if got := other.Catalogue(); got.Tolerance != 5 || got.Version != "2" {
		t.Errorf("version %s with tolerance %v", got.Version, got.Tolerance)
	}
}

func TestTryCatalogue(t *testing.T) {
	s := newStage(t)
	s.catchUp(t)
	draft := s.Catalogue()
	draft.Version, draft.Tolerance = "draft", 1e3
	member := comity.ViewerOf(comity.Person{ID: "per_a", Org: s.a, Roles: comity.RolesOf(comity.RoleAnalyst)})
	before, after, err := s.TryCatalogue(t.Context(), member, s.a, draft)
	s.must(t, err)
	if after.Significant.Value <= before.Significant.Value || after.Tolerance != 1e3 {
		t.Errorf("before %v, after %v", before.Significant.Value, after.Significant.Value)
	}
	if was := s.exposure(t, s.a); was.Catalogue != "1" || before.Significant.Value != was.Significant.Value {
		t.Errorf("trying changed something, or began elsewhere: %v, %v", was.Significant.Value, before.Significant.Value)
	}
	for name, v := range map[string]comity.Viewer{
		"secretariat of the same organisation": comity.ViewerOf(comity.Person{ID: "per_s", Org: s.a, Roles: comity.RolesOf(comity.RoleSecretariat)}),
		"co-chair of another":                  comity.ViewerOf(comity.Person{ID: "per_c", Org: s.b, Roles: comity.RolesOf(comity.RoleCoChair)}),
		"nobody":                               {},
	} {
		if _, _, err := s.TryCatalogue(t.Context(), v, s.a, draft); comity.KindOf(err) != comity.NotFound || err == nil {
			t.Errorf("%s tries it on X-AAA: %v", name, err)
		}
	}
	effect, err := s.TryReference(t.Context(), comity.ViewerOf(comity.Person{ID: "per_s", Org: s.a, Roles: comity.RolesOf(comity.RoleSecretariat)}), draft)
	s.must(t, err)
	for name, pair := range map[string][2]comity.Exposure{"prior": effect.Prior, "middling": effect.Middling} {
		if pair[0].Org != "" || pair[1].Significant.Value <= pair[0].Significant.Value {
			t.Errorf("%s: %q, %v after %v", name, pair[0].Org, pair[1].Significant.Value, pair[0].Significant.Value)
		}
	}
}

// A catalogue that nobody could be assessed with does not come into force.
func TestCatalogueThatBreaksIsNotAdopted(t *testing.T) {
	s := newStage(t)
	s.catchUp(t)
	c := s.Catalogue()
	c.Scenarios = slices.Clone(c.Scenarios)
	c.Scenarios[0].Rate = comity.Interval{Low: 1, High: 1.0001}
	if _, err := s.Adopt(t.Context(), system, comity.CatalogueVersion{Number: 2, Catalogue: c}, 0); comity.KindOf(err) != comity.Invalid || err == nil {
		t.Errorf("got %v", err)
	}
	if got := s.Catalogue().Version; got != "1" {
		t.Errorf("version %s is in force", got)
	}
}
