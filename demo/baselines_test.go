package demo

import (
	"testing"

	"comity"
)

func TestBaselines(t *testing.T) {
	facts, err := Facts()
	if err != nil {
		t.Fatal(err)
	}
	var got []int
	for _, b := range facts.Baselines(1) {
		got = append(got, b.Count())
		controls := b.Controls()
		first, second := Answers(b, FirstRound, day), Answers(b, SecondRound, day)
		if len(first) == 0 || len(second) <= len(first) || len(second) == b.Count() {
			t.Errorf("%s: %d answers, then %d", b.Title, len(first), len(second))
		}
		for _, a := range append(first, second...) {
			if _, ok := controls[a.Control]; !ok || a.Check() != nil {
				t.Errorf("%s: %+v, %v", b.Title, a, a.Check())
			}
		}
	}
	if len(got) != 3 || got[0] != 106 || got[1] != 149 || got[2] != 102 {
		t.Errorf("got %v controls", got)
	}
	if facts.Baselines(1)[0].ID == facts.Baselines(2)[0].ID || facts.Baselines(1)[0].ID == "" {
		t.Error("another seed makes the same identities")
	}
	if OrganizationID(1, Assessor) != organizationID(t, Meridian(1, day)) {
		t.Error("the assessor is not in the story")
	}
}

func organizationID(t *testing.T, w World) comity.OrgID {
	t.Helper()
	for _, o := range w.Organizations {
		if o.Acronym == Assessor {
			return o.ID
		}
	}
	return ""
}
