package aggregate

import (
	"testing"

	"comity"
)

func TestDominatedFiguresAreWithheld(t *testing.T) {
	in := input(14, 3)
	giant := &in.Contributions[5].Exposure
	giant.Loss.Mean *= 100
	giant.Loss.Areas[1] *= 100
	r := mustRelease(t, in)
	if r.CurveWithheld != comity.WithheldDominated || len(r.Curve) != 0 {
		t.Errorf("curve: %q", r.CurveWithheld)
	}
	if got := r.Figure("area", "image", ""); got.Withheld != comity.WithheldDominated {
		t.Errorf("area: %+v", got)
	}
	others := 0
	for _, a := range []string{"integrity", "operations"} {
		if r.Figure("area", a, "").Withheld == comity.WithheldComplement {
			others++
		}
	}
	if others == 0 {
		t.Error("the dominated area can be computed from the two others")
	}
	if !r.Figure("headline", "expected", "").Published {
		t.Error("events are not dominated, and withheld")
	}
}

func TestSplitOfTwoIsWithheldTogether(t *testing.T) {
	in := input(14, 4)
	for i := range in.Contributions { // only one member has anything strategic
		s := in.Contributions[i].Exposure.Splits
		if i > 0 {
			s[1].Expected += s[0].Expected
			s[0].Expected = 0
		}
	}
	r := mustRelease(t, in)
	if a, b := r.Figure("level", "strategic", ""), r.Figure("level", "operational", ""); a.Withheld != comity.WithheldDominated || b.Withheld != comity.WithheldComplement {
		t.Errorf("strategic %q, operational %q", a.Withheld, b.Withheld)
	}
}

func TestWithheldScenarioTakesASiblingWithIt(t *testing.T) {
	in := input(14, 5)
	for i := range in.Contributions {
		if i > 0 {
			zero(&in.Contributions[i].Exposure, "phishing")
		}
	}
	r := mustRelease(t, in)
	for _, property := range []string{"confidentiality", "availability"} {
		if got := r.Figure("matrix", "phishing", property); got.Withheld != comity.WithheldDominated {
			t.Errorf("phishing × %s: %+v", property, got)
		}
		if got := r.Figure("matrix", "ransomware", property); got.Withheld != comity.WithheldComplement {
			t.Errorf("ransomware × %s is the rest of its origin: %+v", property, got)
		}
		if got := r.Figure("matrix", "insider-theft", property); !got.Published {
			t.Errorf("insider-theft × %s has another origin: %+v", property, got)
		}
	}
}

func zero(e *comity.Exposure, id comity.ScenarioID) {
	for i := range e.Scenarios {
		if e.Scenarios[i].Scenario == id {
			e.Scenarios[i].Expected = 0
		}
	}
	for i := range e.Cells {
		if e.Cells[i].Scenario == id {
			e.Cells[i].Expected = 0
		}
	}
}
