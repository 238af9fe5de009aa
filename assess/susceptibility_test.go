package assess

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"comity"

	"pgregory.net/rapid"
)

func TestSusceptibility(t *testing.T) {
	stages := [][]Share{
		{{0.6, Residual([]Control{{0.9, 0.7}, {0.8, 0.5}})}, {0.4, Residual([]Control{{0.7, 0.6}})}},
		{{1, Residual([]Control{{0.8, 0.6}})}},
		{{0.5, Residual([]Control{{0.95, 0.8}})}, {0.5, Residual(nil)}},
	}
	mix, adaptive := 1.0, 1.0
	for i, want := range []float64{0.3652, 0.52, 0.62} {
		near(t, "mix of stage", Mix(stages[i]), want, 1e-12)
		mix *= Mix(stages[i])
		adaptive *= Adaptive(stages[i])
	}
	near(t, "v mix", mix, 0.117740, 6e-7)
	near(t, "v adaptive", adaptive, 0.301600, 6e-7)
	near(t, "events, mix", 4*mix, 0.470962, 6e-7)
	near(t, "events, adaptive", 4*adaptive, 1.206400, 6e-7)
}

func TestResidualFloor(t *testing.T) {
	near(t, "floor", Residual([]Control{{1, 0.9}, {1, 0.9}}), ResidualFloor, 0)
	near(t, "no control", Residual(nil), 1, 0)
}

func drawControls(t *rapid.T) []Control {
	unit := rapid.Float64Range(0, 1)
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Control {
		return Control{unit.Draw(t, "coverage"), unit.Draw(t, "strength")}
	}), 0, 12).Draw(t, "controls")
}

func TestControlsNeverHurt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		controls := drawControls(t)
		more := append(slices.Clone(controls), Control{rapid.Float64Range(0, 1).Draw(t, "k"), rapid.Float64Range(0, 1).Draw(t, "e")})
		if Residual(more) > Residual(controls) {
			t.Error("a control raised the residual")
		}
		if Residual(append(slices.Clone(controls), Control{0, 0.9})) != Residual(controls) {
			t.Error("a control that covers nothing changed the residual")
		}
		shuffled := slices.Clone(controls)
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if Residual(shuffled) != Residual(controls) {
			t.Error("the order of controls changed the residual")
		}
	})
}

func TestStrengthIsUpdatedByTests(t *testing.T) {
	near(t, "8 of 10 blocked", TestedStrength(0.6, 8, 10), 0.7, 1e-12)
	near(t, "no test", TestedStrength(0.6, 0, 0), 0.6, 1e-12)
}

func TestMitigationsOf(t *testing.T) {
	k := comity.Knowledge{
		Techniques: []comity.Technique{
			{Number: "T1000", Mitigations: []string{"M1"}},
			{Number: "T1000.001", Parent: "T1000"},
			{Number: "T1000.002", Parent: "T1000", Mitigations: []string{"M2"}},
			{Number: "T2000"},
		},
		Replaced: map[string]string{"T0900": "T1000.002"},
	}
	for number, want := range map[string][]string{
		"T1000": {"M1"}, "T1000.001": {"M1"}, "T1000.002": {"M2"}, "T2000": nil, "T9999": nil, "T0900": {"M2"},
	} {
		if got := MitigationsOf(k, number); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", number, got, want)
		}
	}
}

func TestBetaInverse(t *testing.T) {
	for _, e := range []float64{0.02, 0.3, 0.5, 0.8, 0.99} {
		mean, square := 0.0, 0.0
		const n = 20000
		table := betaInverse(e)
		for i := range n {
			x := table.at((float64(i) + 0.5) / n)
			mean += x / n
			square += x * x / n
		}
		near(t, "mean", mean, e, 3e-4)
		near(t, "variance", square-mean*mean, e*(1-e)/(strengthTests+1), 1e-4)
	}
	near(t, "certain", betaInverse(1).at(0.3), 1, 0)
	near(t, "useless", betaInverse(0).at(0.3), 0, 0)
}

func TestGammaInverse(t *testing.T) {
	for _, shape := range []float64{0.5, 1, 2.437273, 9.4, 300} {
		g, table := Gamma{Shape: shape, Rate: 1}, gammaInverse(shape)
		for _, p := range []float64{0.05, 0.25, 0.5, 0.75, 0.95, 0.99} {
			if got, want := table.at(p), g.Quantile(p); math.Abs(got/want-1) > 0.02 {
				t.Errorf("shape %v, p %v: got %v, want %v", shape, p, got, want)
			}
		}
	}
}
