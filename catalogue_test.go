package comity

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCatalogueDifferences(t *testing.T) {
	scenario := func(id ScenarioID) Scenario {
		return Scenario{
			ID: id, Source: SourceAdversarial, Origin: OriginExternal, Properties: MaskOf(Integrity), Rate: Interval{1, 2}, Basis: "hypothesis",
			Path: []Stage{{"initial-access", []StageTechnique{{"T1", .4}, {"T2", .6}}}, {"impact", []StageTechnique{{"T3", 1}}}},
		}
	}
	from := Catalogue{
		Version: "1", Scenarios: []Scenario{scenario("a"), scenario("b"), scenario("c")}, Retired: []Scenario{scenario("d")},
		Strength: map[string]float64{"M1": .5, "M2": .5}, Tolerance: 5,
	}
	if got := from.Differences(from); got != nil {
		t.Errorf("from itself: %v", got)
	}
	to := from
	changed, back := scenario("a"), scenario("d")
	changed.Rate, changed.Properties, changed.Targeted = Interval{1, 3}, MaskOf(Integrity, Reliability), true
	changed.Path = []Stage{{"impact", []StageTechnique{{"T3", 1}}}, {"initial-access", []StageTechnique{{"T1", .5}, {"T4", .5}}}}
	changed.Texts = map[string]ScenarioText{"en": {"A", "text"}}
	to.Scenarios = []Scenario{changed, back, scenario("e")}
	to.Retired = []Scenario{scenario("b")}
	to.Strength = map[string]float64{"M1": .75, "M3": 1}
	to.Bands[2][AreaImage] = Interval{3, 4}
	to.Version, to.Tolerance = "2", 7
	want := []CatalogueDifference{
		{"a", "rate", "", "1 – 2", "1 – 3"},
		{"a", "hits", "", "integrity", "integrity, reliability"},
		{"a", "targeted", "", "false", "true"},
		{"a", "share", "initial-access T1", "0.4", "0.5"},
		{"a", "share", "initial-access T2", "0.6", ""},
		{"a", "share", "initial-access T4", "", "0.5"},
		{"a", "order", "", "initial-access, impact", "impact, initial-access"},
		{"a", "text", "en", "", "A\ntext"},
		{Scenario: "d", What: "brought-back"},
		{Scenario: "e", What: "added"},
		{Scenario: "b", What: "retired"},
		{Scenario: "c", What: "gone"},
		{"", "strength", "M1", "0.5", "0.75"},
		{"", "strength", "M2", "0.5", ""},
		{"", "strength", "M3", "", "1"},
		{"", "band", "3 image", "0 – 0", "3 – 4"},
		{"", "tolerance", "", "5", "7"},
	}
	if diff := cmp.Diff(want, to.Differences(from)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Who may read and change the catalogue.
func TestCatalogueRoles(t *testing.T) {
	for _, r := range AllRoles {
		v := ViewerOf(Person{ID: "per_1", Org: "org_1", Roles: RolesOf(r)})
		if edits := r == RoleCoChair || r == RoleSecretariat; !v.SeesCatalogue() || v.EditsCatalogue() != edits {
			t.Errorf("%s: sees %v, edits %v", r, v.SeesCatalogue(), v.EditsCatalogue())
		}
	}
	for _, v := range []Viewer{{}, ViewerOf(Person{ID: "per_1", Org: "org_1"})} {
		if v.SeesCatalogue() || v.EditsCatalogue() {
			t.Error("somebody without a role sees or edits it")
		}
	}
}
