package assess

import (
	"math"
	"testing"

	"comity"

	"pgregory.net/rapid"
)

func TestModulation(t *testing.T) {
	one := []Cluster{{{Multiplier: 3, HalfLife: 90, Confidence: 1}}}
	for _, c := range []struct{ t, want float64 }{{0, 3}, {30, 2.5874}, {90, 2}, {180, 1.5}} {
		near(t, "m(t)", Modulation(one, ModulatorCap, c.t), c.want, 6e-5)
	}
	near(t, "M", MeanModulation(one, ModulatorCap), 1.668679, 6e-7)

	two := append(one, Cluster{{Multiplier: 2.5, HalfLife: 90, Confidence: 1}})
	near(t, "two, now", Modulation(two, ModulatorCap, 0), 7.5, 1e-12)
	near(t, "two, M", MeanModulation(two, ModulatorCap), 2.701858, 6e-7)
	near(t, "two, M under cap 5", MeanModulation(two, 5), 2.563517, 6e-7)
}

func TestReportsOfOneCampaignCountOnce(t *testing.T) {
	r := Report{Multiplier: 3, HalfLife: 90, Confidence: 1}
	weaker := Report{Multiplier: 3, HalfLife: 90, Confidence: 0.5}
	near(t, "M", MeanModulation([]Cluster{{r, weaker, r}}, ModulatorCap), 1.668679, 6e-7)
	near(t, "half believed", weaker.At(0), 2, 1e-12)
	near(t, "none", MeanModulation(nil, ModulatorCap), 1, 0)
}

func TestAgedReport(t *testing.T) {
	near(t, "m now", Report{Multiplier: 3, HalfLife: 90, Confidence: 1, Age: 90}.At(0), 2, 1e-12)
}

func drawClusters(t *rapid.T, most int) []Cluster {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Cluster {
		return Cluster{{
			Multiplier: rapid.Float64Range(0.5, 6).Draw(t, "m0"), HalfLife: rapid.Float64Range(10, 400).Draw(t, "h"),
			Confidence: rapid.Float64Range(0, 1).Draw(t, "confidence"), Age: rapid.Float64Range(0, 500).Draw(t, "age"),
		}}
	}), 0, most).Draw(t, "clusters")
}

func TestMeanModulationAgainstManyDays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		clusters := drawClusters(t, 4)
		const n = 20000
		sum := 0.0
		for i := range n {
			sum += Modulation(clusters, ModulatorCap, (float64(i)+0.5)*daysAYear/n)
		}
		if got := MeanModulation(clusters, ModulatorCap); math.Abs(got-sum/n) > 1e-5 {
			t.Errorf("got %v, want %v", got, sum/n)
		}
	})
}

func TestShapleySharesSumToTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		clusters := drawClusters(t, 8)
		sum := 0.0
		for _, s := range shareModulation(clusters, ModulatorCap) {
			sum += s
		}
		if want := math.Log(MeanModulation(clusters, ModulatorCap)); math.Abs(sum-want) > 1e-12 {
			t.Errorf("shares sum to %v, want %v", sum, want)
		}
	})
}

func TestDrawnModulatorAtItsMiddle(t *testing.T) {
	g := []campaign{{key: "a", reports: Cluster{{Multiplier: 3, HalfLife: 90, Confidence: 1}}}, {key: "b", reports: Cluster{{Multiplier: 2.5, HalfLife: 90, Confidence: 1}}}}
	near(t, "M", newModulator(g, ModulatorCap).mean([]float64{0, 0}), 2.701858, 1e-6)
}

func TestCampaignKey(t *testing.T) {
	for _, c := range []struct {
		name string
		e    comity.Evidence
		want string
	}{
		{"its own cluster", comity.Evidence{ID: "evi_a", Threat: "thr_b", Cluster: "c"}, "c"},
		{"else its threat", comity.Evidence{ID: "evi_a", Threat: "thr_b"}, "thr_b"},
		{"else itself", comity.Evidence{ID: "evi_a"}, "evi_a"},
	} {
		if got := campaignKey(c.e); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}
