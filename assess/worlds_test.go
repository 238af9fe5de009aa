package assess

import (
	"math"
	"slices"
	"testing"

	"comity"
	"comity/assess/chance"
)

func mustWorlds(t testing.TB, in Input, sources []CommonSource, n int, seed uint64) []float64 {
	t.Helper()
	losses, err := Worlds(in, sources, n, seed)
	if err != nil {
		t.Fatal(err)
	}
	return losses
}

// Where only rates are uncertain the simulation must agree with the exact distribution.
func TestSimulationAgreesWithExact(t *testing.T) {
	in := typical(t)
	scenarios := in.Catalogue.Scenarios
	in.Catalogue.Scenarios = slices.DeleteFunc(slices.Clone(scenarios), func(s comity.Scenario) bool { return len(s.Path) > 0 })
	m, err := newModel(in)
	if err != nil {
		t.Fatal(err)
	}
	exact := newAnnual(m)
	const n = 100_000
	w := newWorld(m, nil, 0)
	w.certain = true
	losses := make([]float64, n)
	mean := 0.0
	for i := range losses {
		losses[i] = w.year(uint64(i))
		mean += losses[i] / n
	}
	near(t, "mean", mean, exact.mean, 4*math.Sqrt(exact.variance/n))
	slices.Sort(losses)
	for _, q := range []float64{0.1, 0.25, 0.5, 0.9, 0.95, 0.99} {
		low, high := OrderStatistics(n, q, 0.9999)
		if v := exact.Quantile(q); v < losses[low-1]-exact.Step || v > losses[high-1]+exact.Step {
			t.Errorf("VaR %v: exact %v, simulated %v to %v", q, v, losses[low-1], losses[high-1])
		}
	}
	zero := float64(len(losses)-len(slices.DeleteFunc(slices.Clone(losses), func(x float64) bool { return x == 0 }))) / n
	near(t, "P(no loss)", zero, exact.Zero, 4*math.Sqrt(exact.Zero/n))
}

func TestWorldsAreRepeatable(t *testing.T) {
	in, sources := busy(t), CommonSources([]string{"Halyard"})
	long := mustWorlds(t, in, sources, 300, 5)
	if short := mustWorlds(t, in, sources, 100, 5); !slices.Equal(short, long[:100]) {
		t.Error("a year depends on how many there are")
	}
	other := mustWorlds(t, in, sources, 300, 6)
	same := 0
	for i := range long {
		if long[i] == other[i] {
			same++
		}
	}
	if same < 200 || same == 300 {
		t.Errorf("another public seed left %d of 300 years as they were", same)
	}
}

// Two organisations whose every loss comes through one supplier lose in the same years, whatever their own luck.
func TestCommonSourceStrikesTogether(t *testing.T) {
	in := typical(t)
	in.Profile.OutOfScope = nil
	for _, s := range in.Catalogue.Scenarios {
		if s.ID != supplierScenario {
			in.Profile.OutOfScope = append(in.Profile.OutOfScope, s.ID)
		}
	}
	i := slices.IndexFunc(in.Catalogue.Scenarios, func(s comity.Scenario) bool { return s.ID == supplierScenario })
	in.Catalogue.Scenarios = slices.Clone(in.Catalogue.Scenarios)
	in.Catalogue.Scenarios[i].Rate = comity.Interval{Low: 1e-9, High: 1e-8}
	in.Profile.Suppliers = []comity.Supplier{{ID: "sup_a", Name: "Halyard", Dependence: 1}}
	other := in
	other.Seed = 8

	const n = 20_000
	both := func(sources []CommonSource) (a, together float64) {
		x, y := mustWorlds(t, in, sources, n, 5), mustWorlds(t, other, sources, n, 5)
		for i := range x {
			if x[i] > 0 {
				a++
				if y[i] > 0 {
					together++
				}
			}
		}
		return a / n, together / n
	}
	hit, together := both(CommonSources([]string{"Halyard"}))
	near(t, "hit", hit, -math.Expm1(-SourceRate), 0.006)
	near(t, "together", together, hit, 1e-12)
	hit, together = both(nil)
	near(t, "hit in private", hit, -math.Expm1(-SourceRate), 0.006)
	near(t, "together by chance", together, hit*hit, 0.003)
}

func TestWorldsRefuse(t *testing.T) {
	if _, err := Worlds(typical(t), nil, -1, 0); comity.KindOf(err) != comity.Invalid {
		t.Errorf("negative years: %v", err)
	}
	if _, err := Worlds(typical(t), []CommonSource{{"a", math.NaN()}}, 1, 0); comity.KindOf(err) != comity.Invalid {
		t.Errorf("a rate that is no number: %v", err)
	}
	if _, err := Worlds(Input{Draws: -1}, nil, 1, 0); comity.KindOf(err) != comity.Invalid {
		t.Errorf("bad input: %v", err)
	}
}

func TestStreams(t *testing.T) {
	s := chance.New(1, "a", 0)
	const n = 200_000
	mean, square := 0.0, 0.0
	for range n {
		x := s.Gamma(2.437273)
		mean += x / n
		square += x * x / n
	}
	near(t, "gamma mean", mean, 2.437273, 0.015)
	near(t, "gamma variance", square-mean*mean, 2.437273, 0.05)
	mean = 0
	for range n {
		mean += s.Gamma(0.4) / n
	}
	near(t, "gamma below 1", mean, 0.4, 0.01)
	mean, square = 0, 0
	for range n {
		x := float64(s.Poisson(42))
		mean += x / n
		square += x * x / n
	}
	near(t, "poisson mean", mean, 42, 0.08)
	near(t, "poisson variance", square-mean*mean, 42, 0.8)
}

func TestStratified(t *testing.T) {
	const n = 50
	u := chance.Stratified(3, "x", n)
	if !slices.Equal(u, chance.Stratified(3, "x", n)) || slices.Equal(u, chance.Stratified(3, "y", n)) {
		t.Error("draws are not a function of their key")
	}
	slices.Sort(u)
	for i, x := range u {
		if int(x*n) != i {
			t.Errorf("draw %v is not in part %d", x, i)
		}
	}
}

// naive simulates a year of the typical organisation as a first attempt would: one loop, parameters at their means.
func naive(m *model, s *chance.Stream) float64 {
	loss := 0.0
	w := world{m: m}
	for _, c := range m.cells {
		for range s.Poisson(s.Gamma(c.rate.Shape) / c.rate.Rate * c.own() / c.rate.Mean()) {
			loss += w.event(c, s)
		}
	}
	return loss
}

// BenchmarkNaiveLoop simulates 100,000 years, which leaves the 99.9 % quantile good to about 3 %, where BenchmarkAssess
// gives the distribution exactly, with its uncertainty and the rest of an exposure. Compare the two of the same run.
func BenchmarkNaiveLoop(b *testing.B) {
	m, err := newModel(busy(b))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		s := chance.New(1, "naive", 0)
		for range 100_000 {
			naive(m, &s)
		}
	}
}

func BenchmarkWorlds(b *testing.B) {
	in, sources := busy(b), CommonSources([]string{"Halyard"})
	for b.Loop() {
		mustWorlds(b, in, sources, 10_000, 3)
	}
}
