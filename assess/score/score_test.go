package score

import (
	"math"
	"testing"
)

func near(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if math.IsNaN(got) || math.Abs(got-want) > within {
		t.Errorf("%s: got %.9f, want %.9f", what, got, want)
	}
}

// The values of the exposure model, section 8.
func TestCalibration(t *testing.T) {
	seven := Calibrated(7, 10)
	near(t, "P(≤ 7 of 10)", seven.Few, .070191, 5e-7)
	near(t, "Wilson low", seven.Low, .3968, 5e-5)
	near(t, "Wilson high", seven.High, .8922, 5e-5)
	if seven.Overconfident() {
		t.Error("7 of 10 is flagged: .07 is not below .05")
	}
	fourteen := Calibrated(14, 20)
	near(t, "P(≤ 14 of 20)", fourteen.Few, .011253, 5e-7)
	if !fourteen.Overconfident() || fourteen.Underconfident() {
		t.Errorf("14 of 20 is over-confident: %+v", fourteen)
	}
	near(t, "P(≥ 30 of 30) = .9^30", Calibrated(30, 30).Many, math.Pow(.9, 30), 1e-12)
	if !Calibrated(30, 30).Underconfident() || Calibrated(10, 10).Underconfident() {
		t.Error("30 of 30 has P .042 and is flagged, 10 of 10 has .35 and is not")
	}
	none := Calibrated(0, 0)
	if none.Low != 0 || none.High != 1 || none.Overconfident() || none.Underconfident() {
		t.Errorf("no interval says nothing: %+v", none)
	}
}

func TestAtMostSumsToOne(t *testing.T) {
	for _, n := range []int{1, 2, 10, 40} {
		sum := 0.0
		for k := range n + 1 {
			sum += AtMost(k, n, .9) - AtMost(k-1, n, .9)
		}
		near(t, "sum", sum, 1, 1e-12)
	}
	near(t, "none of 3", AtMost(0, 3, .9), .001, 1e-12)
	near(t, "less than none", AtMost(-1, 3, .9), 0, 0)
}

func TestQuestionsAreThereOnce(t *testing.T) {
	seen := map[string]bool{}
	for _, q := range Questions {
		if seen[q.Key] || q.Truth <= 0 || q.Source == "" || q.Percent && q.Truth > 100 {
			t.Errorf("question %+v", q)
		}
		seen[q.Key] = true
	}
	if len(Questions) < 10 {
		t.Errorf("%d questions: too few to say anything", len(Questions))
	}
}
