package aggregate

import (
	"math/rand/v2"
	"slices"
	"testing"

	"comity"
)

// ranked returns the contributions of n members of like size who say what three steps would remove: a tenth of what they
// expect, a fiftieth, and something at two members only.
func ranked(n int) Input {
	in := input(n, 1)
	in.Steps = []Step{{"mitigation", "M1032"}, {"mitigation", "M1017"}, {"action", "act_0000000000000001"}}
	for i := range in.Contributions {
		whole := in.Contributions[i].Exposure.Expected.Value
		in.Contributions[i].Removes = []float64{whole * 0.15, whole * 0.03, 0}
		if i < 2 {
			in.Contributions[i].Removes[2] = whole * 0.1
		}
	}
	return in
}

func TestStepsAreRankedInBands(t *testing.T) {
	r := mustRelease(t, ranked(12))
	for _, want := range []comity.Figure{
		{Group: "mitigation", Row: "M1032", Unit: "share", Published: true, Value: 0.1, Low: 0.1, High: 0.2},
		{Group: "mitigation", Row: "M1017", Unit: "share", Published: true, Value: 0.02, Low: 0.02, High: 0.05},
		{Group: "action", Row: "act_0000000000000001", Unit: "share", Withheld: comity.WithheldDominated},
	} {
		if got := r.Figure(want.Group, want.Row, ""); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}

// TestStepsPassReleaseControl checks each way in which a step is withheld.
func TestStepsPassReleaseControl(t *testing.T) {
	for name, c := range map[string]struct {
		members int
		spoil   func(*Input)
		want    comity.Withholding
	}{
		"too few contributors": {6, func(*Input) {}, comity.WithheldTooFew},
		"one gains nearly all": {12, func(in *Input) { in.Contributions[3].Removes[0] *= 100 }, comity.WithheldDominated},
		"six gain": {12, func(in *Input) {
			for i := range in.Contributions[6:] {
				in.Contributions[6+i].Removes[0] = 0
			}
		}, comity.WithheldDominated},
		"nobody gains": {12, func(in *Input) {
			for i := range in.Contributions {
				in.Contributions[i].Removes[0] = 0
			}
		}, comity.WithheldCell},
		"the whole is dominated": {12, func(in *Input) { scale(&in.Contributions[0], 1000) }, comity.WithheldDominated},
	} {
		t.Run(name, func(t *testing.T) {
			in := ranked(c.members)
			c.spoil(&in)
			f := mustRelease(t, in).Figure("mitigation", "M1032", "")
			if f.Published || f.Withheld != c.want || f.Value != 0 || f.Low != 0 || f.High != 0 {
				t.Errorf("got %+v, want it withheld as %s", f, c.want)
			}
		})
	}
}

// TestStepTellsNothingOfOneMember changes what one member's step removes within what the rule lets pass: the figure moves by
// a band at most.
func TestStepTellsNothingOfOneMember(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	for range 200 {
		in := ranked(16)
		before := mustRelease(t, in).Figure("mitigation", "M1017", "")
		i := rng.IntN(len(in.Contributions))
		in.Contributions[i].Removes = slices.Clone(in.Contributions[i].Removes)
		in.Contributions[i].Removes[1] *= rng.Float64() * 3
		after := mustRelease(t, in).Figure("mitigation", "M1017", "")
		from, to := slices.Index(stepBands, before.Low), slices.Index(stepBands, after.Low)
		if !after.Published || to < from-1 || to > from+1 {
			t.Fatalf("member %d moved the band from %+v to %+v", i, before, after)
		}
	}
}

func TestBandsHoldEveryShare(t *testing.T) {
	for _, share := range []float64{0, 0.004, 0.005, 0.019, 0.02, 0.4, 0.999, 1} {
		low, high := band(share)
		if !(low <= share && (share < high || share == 1 && high == 1)) {
			t.Errorf("%v lies in %v to %v", share, low, high)
		}
	}
}

func TestStepsThatWereNotAnswered(t *testing.T) {
	in := ranked(12)
	in.Contributions[4].Removes = in.Contributions[4].Removes[:2]
	if _, err := Release(in); err == nil {
		t.Error("a contribution that answers two of three steps was taken")
	}
}
