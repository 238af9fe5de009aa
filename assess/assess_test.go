package assess

import (
	"encoding/json"
	"maps"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"comity"
	"comity/assess/catalogue"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func mustAssess(t testing.TB, in Input) comity.Exposure {
	t.Helper()
	e, err := Assess(in)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func scenario(t testing.TB, e comity.Exposure, id comity.ScenarioID) comity.ScenarioExposure {
	t.Helper()
	i := slices.IndexFunc(e.Scenarios, func(s comity.ScenarioExposure) bool { return s.Scenario == id })
	if i < 0 {
		t.Fatalf("no scenario %s", id)
	}
	return e.Scenarios[i]
}

// What bodies that count them report is about 0.15 significant incidents an organisation and year.
func TestTypicalOrganisation(t *testing.T) {
	e := mustAssess(t, typical(t))
	if e.Expected.Value < 0.10 || e.Expected.Value > 0.25 {
		t.Errorf("a typical organisation expects %v significant incidents a year", e.Expected.Value)
	}
	if len(e.Scenarios) != 15 {
		t.Errorf("%d scenarios", len(e.Scenarios))
	}
}

func TestEveryFigureIsConsistent(t *testing.T) {
	for name, in := range map[string]Input{
		"typical": typical(t), "busy": busy(t), "nothing entered": {Catalogue: DefaultCatalogue(), Knowledge: knowledge(t), Now: now},
		"nothing known of techniques": {Catalogue: DefaultCatalogue(), Now: now}, "no catalogue": {Now: now},
	} {
		t.Run(name, func(t *testing.T) {
			e := mustAssess(t, in)
			checkFigures(t, e)
			if _, err := json.Marshal(e); err != nil {
				t.Error(err)
			}
		})
	}
}

// checkFigures checks what must hold of any exposure.
func checkFigures(t *testing.T, e comity.Exposure) {
	t.Helper()
	expected, loss := 0.0, 0.0
	for _, s := range e.Scenarios {
		expected += s.Expected
		loss += s.MeanLoss
		logs := 0.0
		for _, d := range s.Drivers {
			logs += d.Log
		}
		near(t, string(s.Scenario)+": sum of the waterfall", logs, math.Log(s.Events), 1e-9)
		checkEstimate(t, string(s.Scenario), s.Significant)
		near(t, string(s.Scenario)+": expected", s.Expected, s.Events*s.Above, 1e-12)
	}
	near(t, "expected", e.Expected.Value, expected, 1e-12)
	near(t, "mean loss", e.Loss.Mean, loss, 1e-6*loss)
	near(t, "areas", e.Loss.Areas[0]+e.Loss.Areas[1]+e.Loss.Areas[2], loss, 1e-6*loss)
	for _, dimension := range []string{"level", "origin"} {
		p := part{}
		for _, s := range e.Splits {
			if s.Dimension == dimension {
				p.add(part{s.Expected, s.MeanLoss})
			}
		}
		near(t, dimension+": expected", p.expected, expected, 1e-9)
		near(t, dimension+": loss", p.loss, loss, 1e-6*loss)
	}
	checkEstimate(t, "headline", e.Significant)
	for i, p := range e.Curve {
		if p.Low > p.P || p.P > p.High && p.P-p.High > 1e-3 {
			t.Errorf("curve at %v: %v outside its band %v to %v", p.Loss, p.P, p.Low, p.High)
		}
		if i > 0 && (p.Loss <= e.Curve[i-1].Loss || p.P > e.Curve[i-1].P) {
			t.Errorf("curve rises at %v", p.Loss)
		}
	}
	last := 0.0
	for _, key := range []string{"0.5", "0.9", "0.95", "0.99", "0.995", "0.999"} {
		q, ok := e.Loss.Quantiles[key]
		if !ok || q < last {
			t.Errorf("quantile %s: %v after %v", key, q, last)
		}
		last = q
	}
	if e.Loss.Dropped > 1e-4 {
		t.Errorf("dropped %v", e.Loss.Dropped)
	}
}

func checkEstimate(t *testing.T, what string, e comity.Estimate) {
	t.Helper()
	if !(0 <= e.Low && e.Low <= e.Value && e.Value <= e.High && e.High <= 1) {
		t.Errorf("%s: %v not within %v to %v", what, e.Value, e.Low, e.High)
	}
}

func TestGridAgreesWithMoments(t *testing.T) {
	m, err := newModel(busy(t))
	if err != nil {
		t.Fatal(err)
	}
	a := newAnnual(m)
	mean, second := 0.0, 0.0
	for j, p := range a.P {
		x := float64(j) * a.Step
		mean += x * p
		second += x * x * p
	}
	near(t, "mean / closed form", mean/a.mean, 1, 1e-3)
	near(t, "sd / closed form", math.Sqrt(second-mean*mean)/math.Sqrt(a.variance), 1, 5e-3)
}

func TestNothingEntered(t *testing.T) {
	e := mustAssess(t, Input{Catalogue: DefaultCatalogue(), Knowledge: knowledge(t), Now: now})
	want := []string{"services", "coverage", "software", "suppliers", "incidents", "scope"}
	if diff := cmp.Diff(want, e.Unknown); diff != "" {
		t.Errorf("unknown (-want +got)\n%s", diff)
	}
	if e.Significant.High < 3*e.Significant.Low {
		t.Errorf("with nothing entered the interval is narrow: %+v", e.Significant)
	}
	answered := mustAssess(t, busy(t))
	if diff := cmp.Diff([]string{"software"}, answered.Unknown); diff != "" {
		t.Errorf("unknown (-want +got)\n%s", diff)
	}
}

func TestOrderOfInputDoesNotMatter(t *testing.T) {
	want := mustAssess(t, busy(t))
	for seed := range uint64(3) {
		in := busy(t)
		r := rand.New(rand.NewPCG(seed, 0))
		r.Shuffle(len(in.Evidence), func(i, j int) { in.Evidence[i], in.Evidence[j] = in.Evidence[j], in.Evidence[i] })
		r.Shuffle(len(in.Matches), func(i, j int) { in.Matches[i], in.Matches[j] = in.Matches[j], in.Matches[i] })
		if diff := cmp.Diff(want, mustAssess(t, in)); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	}
}

func TestRetractionRestoresEveryBit(t *testing.T) {
	want := mustAssess(t, busy(t))
	in := busy(t)
	e := in.Evidence[0]
	e.ID, e.Count = "evi_aa", 5
	in.Evidence = slices.Insert(in.Evidence, 1, e)
	if got := mustAssess(t, in); got.Significant == want.Significant {
		t.Fatal("five incidents changed nothing")
	}
	in.Evidence[1].Retracted = &now
	if diff := cmp.Diff(want, mustAssess(t, in)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestInputIsNotChanged(t *testing.T) {
	in := busy(t)
	slices.Reverse(in.Evidence)
	slices.Reverse(in.Matches)
	want, _ := json.Marshal(in.Evidence)
	matches, _ := json.Marshal(in.Matches)
	mustAssess(t, in)
	after, _ := json.Marshal(in.Evidence)
	matchesAfter, _ := json.Marshal(in.Matches)
	if string(after) != string(want) || string(matchesAfter) != string(matches) {
		t.Error("the input was reordered")
	}
}

func TestMoreCoverageNeverHurts(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		in := typical(t)
		in.Draws = 20
		for code := range in.Profile.Coverage {
			in.Profile.Coverage[code] = rapid.SampledFrom(comity.CoverageSteps).Draw(r, code)
		}
		in.Profile.Coverage["M1013"] = 0.25
		before := mustAssess(t, in)
		code := rapid.SampledFrom([]string{"M1032", "M1053", "M1018", "M1037", "M1017", "M1057"}).Draw(r, "code")
		in.Profile.Coverage[code] = 0.95
		after := mustAssess(t, in)
		for _, s := range after.Scenarios {
			if b := scenario(t, before, s.Scenario); s.Mix > b.Mix || s.Adaptive > b.Adaptive || s.Significant.Value > b.Significant.Value+1e-12 {
				r.Errorf("%s: covering %s made it worse", s.Scenario, code)
			}
		}
	})
}

// TestNotAnsweredIsNotUncovered checks that what was not answered is worse than covered, better than not covered, and said.
func TestNotAnsweredIsNotUncovered(t *testing.T) {
	in := typical(t)
	value := func(set func(map[string]float64)) float64 {
		in := in
		in.Profile.Coverage = maps.Clone(in.Profile.Coverage)
		set(in.Profile.Coverage)
		return mustAssess(t, in).Significant.Value
	}
	open := value(func(c map[string]float64) { delete(c, "M1032") })
	not, nearly := value(func(c map[string]float64) { c["M1032"] = 0 }), value(func(c map[string]float64) { c["M1032"] = 0.95 })
	if !(nearly < open && open < not) {
		t.Errorf("covered %v, not answered %v, not covered %v: want them to rise", nearly, open, not)
	}
	delete(in.Profile.Coverage, "M1032")
	if e := mustAssess(t, in); !slices.Contains(e.Unknown, "coverage") {
		t.Errorf("unknown: %q, want coverage", e.Unknown)
	}
}

// TestAnswersNarrow answers one mitigation after the other as they are assumed on average: the figure hardly moves, and
// its interval narrows.
func TestAnswersNarrow(t *testing.T) {
	in := typical(t)
	codes := slices.Sorted(maps.Keys(in.Profile.Coverage))
	in.Profile.Coverage = map[string]float64{}
	before := mustAssess(t, in).Significant
	wide := before.High - before.Low
	for n, code := range codes {
		in.Profile.Coverage[code] = 0.5
		if n%10 != 9 {
			continue
		}
		now := mustAssess(t, in).Significant
		if now.High-now.Low > wide*1.001 {
			t.Errorf("after %d answers the interval is %v wide, before it was %v", n+1, now.High-now.Low, wide)
		}
		wide = now.High - now.Low
		if math.Abs(now.Value-before.Value) > 0.1*before.Value {
			t.Errorf("after %d answers of a half the figure is %v, before any it was %v", n+1, now.Value, before.Value)
		}
	}
	if wide > 0.9*(before.High-before.Low) {
		t.Errorf("the answers narrow nothing: %v of %v", wide, before.High-before.Low)
	}
}

func TestOpenVulnerabilityRaises(t *testing.T) {
	before := mustAssess(t, typical(t))
	in := typical(t)
	in.Threats = map[comity.ThreatID]comity.Threat{
		"thr_CVE-2026-1": {ID: "thr_CVE-2026-1", Kind: comity.ThreatVulnerability, Vulnerability: &comity.Vulnerability{Exploited: true}},
	}
	in.Matches = []comity.Match{{
		ID: "mat_a", Threat: "thr_CVE-2026-1", Kind: comity.MatchSoftware, Exposed: 1, Techniques: []string{"T1190"},
	}}
	after := mustAssess(t, in)
	edge := scenario(t, after, "edge-exploitation")
	if b := scenario(t, before, "edge-exploitation"); edge.Events < 2*b.Events {
		t.Errorf("an exploited edge device moved events from %v to %v", b.Events, edge.Events)
	}
	i := slices.IndexFunc(edge.Drivers, func(d comity.Driver) bool { return d.Kind == comity.DriverVulnerability })
	if i < 0 || edge.Drivers[i].Stage != "initial-access" || !slices.Equal(edge.Drivers[i].Matches, []comity.MatchID{"mat_a"}) ||
		!slices.Equal(edge.Drivers[i].Threats, []comity.ThreatID{"thr_CVE-2026-1"}) {
		t.Errorf("drivers %+v", edge.Drivers)
	}
	for name, change := range map[string]func(*Input){
		"patched":        func(in *Input) { in.Matches[0].Exposed = 0 },
		"no technique":   func(in *Input) { in.Matches[0].Techniques = nil },
		"off every path": func(in *Input) { in.Matches[0].Techniques = []string{"T1120"} },
		"withdrawn": func(in *Input) {
			threat := in.Threats["thr_CVE-2026-1"]
			threat.Withdrawn = &now
			in.Threats["thr_CVE-2026-1"] = threat
		},
	} {
		in.Matches = []comity.Match{{
			ID: "mat_a", Threat: "thr_CVE-2026-1", Kind: comity.MatchSoftware, Exposed: 1, Techniques: []string{"T1190"},
		}}
		change(&in)
		if got := mustAssess(t, in).Significant; got != before.Significant {
			t.Errorf("%s: it still counts", name)
		}
	}
}

func TestIntelligenceAndSuppliersRaise(t *testing.T) {
	in := typical(t)
	before := mustAssess(t, in)
	in.Threats = map[comity.ThreatID]comity.Threat{
		"thr_A": {ID: "thr_A", Kind: comity.ThreatActor, Published: now, Actor: &comity.Actor{}},
		"thr_C": {ID: "thr_C", Kind: comity.ThreatCompromise, Published: now, Compromise: &comity.Compromise{}},
	}
	in.Matches = []comity.Match{
		{ID: "mat_a", Threat: "thr_A", Kind: comity.MatchActor, Exposed: 1, Confidence: comity.ConfidenceHigh, Scenarios: []comity.ScenarioID{"espionage"}},
		{
			ID: "mat_c", Threat: "thr_C", Kind: comity.MatchSupplier, Exposed: 1, Confidence: comity.ConfidenceHigh, Supplier: "sup_b",
			Scenarios: []comity.ScenarioID{supplierScenario},
		},
	}
	after := mustAssess(t, in)
	espionage := scenario(t, after, "espionage")
	near(t, "m now", espionage.ModulatorNow, 2, 1e-12)
	near(t, "M", espionage.Modulator, MeanModulation([]Cluster{{{Multiplier: 2, HalfLife: 120, Confidence: 1}}}, ModulatorCap), 1e-12)

	b, a := scenario(t, before, supplierScenario), scenario(t, after, supplierScenario)
	near(t, "shared before", b.Shared, SourceRate*(0.15+0.3), 1e-12)
	near(t, "shared after", a.Shared, SourceRate*(0.15+0.3*1.668679), 1e-7)
	near(t, "M", a.Modulator, 1.668679, 6e-7)
	shared := 0
	for _, d := range a.Drivers {
		if d.Kind == comity.DriverShared {
			shared++
			if d.Supplier == "" || d.Log <= 0 {
				t.Errorf("bar %+v", d)
			}
		}
	}
	if shared != 2 {
		t.Errorf("%d bars of common sources", shared)
	}
}

// Where only rates are uncertain, the headline has a closed form, and the outer draws must not blur it.
func TestHeadlineInClosedForm(t *testing.T) {
	in := Input{Catalogue: catalogue.Default(), Now: now, Profile: comity.Profile{OutOfScope: []comity.ScenarioID{}}}
	in.Catalogue.Scenarios = in.Catalogue.Scenarios[9:10] // incidents, no path
	in.Catalogue.Tolerance = 1e-6                         // every event is above it
	e := mustAssess(t, in)
	g := mustPrior(t, in.Catalogue.Scenarios[0].Rate.Low, in.Catalogue.Scenarios[0].Rate.High)
	near(t, "P", e.Significant.Value, 1-g.Zero(1), 1e-6)
	near(t, "5 %", e.Significant.Low, -math.Expm1(-g.Quantile(0.05)), 5e-3)
	near(t, "95 %", e.Significant.High, -math.Expm1(-g.Quantile(0.95)), 5e-3)
}

func TestInvalidInputNamesThePlace(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(*Input)
		want  string
	}{
		{"criticality", func(in *Input) { in.Profile.Services[0].Criticality[1] = -1 }, `service "service 0": criticality -1 for integrity`},
		{"criticality 5", func(in *Input) { in.Profile.Services[1].Criticality[0] = 5 }, `service "service 1"`},
		{"level", func(in *Input) { in.Profile.Services[0].Level = "" }, "level"},
		{"coverage", func(in *Input) { in.Profile.Coverage["M1032"] = 1.5 }, "coverage of M1032"},
		{"coverage is no number", func(in *Input) { in.Profile.Coverage["M1032"] = math.NaN() }, "coverage of M1032"},
		{"dependence", func(in *Input) { in.Profile.Suppliers[0].Dependence = -0.1 }, "Northwind"},
		{"tolerance", func(in *Input) { in.Profile.Tolerance = math.Inf(1) }, "tolerance"},
		{"bands", func(in *Input) { in.Profile.Bands = &comity.BandTable{{{Low: 5, High: 1}}} }, "band 1, integrity"},
		{"weight", func(in *Input) { in.Evidence[0].Weight = 2 }, "evidence evi_a: weight"},
		{"peer's weight", func(in *Input) { in.Evidence[0].Kind = comity.EvidencePeer }, "evidence evi_a: weight"},
		{"count", func(in *Input) { in.Evidence[0].Count = -1 }, "evidence evi_a: count"},
		{"span", func(in *Input) { in.Evidence[0].To = comity.Date{Year: 2000, Month: 1, Day: 1} }, "evidence evi_a: observed"},
		{"kind", func(in *Input) { in.Evidence[0].Kind = "rumour" }, "evidence evi_a"},
		{"half-life", func(in *Input) { in.Evidence[6].HalfLife = 0 }, "evidence evi_g: half-life"},
		{"multiplier", func(in *Input) { in.Evidence[6].Multiplier = math.Inf(1) }, "evidence evi_g: multiplier"},
		{"confidence", func(in *Input) { in.Evidence[6].Confidence = -1 }, "evidence evi_g: confidence"},
		{"exposed", func(in *Input) { in.Matches[0].Exposed = 3 }, "match mat_000"},
		{"score", func(in *Input) { in.Threats["thr_CVE-2026-0001"].Vulnerability.EPSS.Score = math.NaN() }, "thr_CVE-2026-0001"},
		{"rate", func(in *Input) { in.Catalogue.Scenarios[2].Rate.Low = 0 }, "ransomware"},
		{"shares", func(in *Input) { in.Catalogue.Scenarios[2].Path[0].Techniques[0].Share = 0.9 }, "ransomware"},
		{"strength", func(in *Input) { in.Catalogue.Strength["M1032"] = -1 }, "M1032"},
		{"draws", func(in *Input) { in.Draws = -1 }, "draws"},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := busy(t)
			c.spoil(&in)
			_, err := Assess(in)
			if comity.KindOf(err) != comity.Invalid || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v (%v), want an error of kind invalid with %q", err, comity.KindOf(err), c.want)
			}
		})
	}
}

// Whatever an organisation may enter, no figure leaves the package that JSON can't carry.
func TestOddInputStaysFinite(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		in := busy(t)
		in.Draws = 10
		in.Profile.Tolerance = rapid.SampledFrom([]float64{0, 1e-9, 1, 1e6, 1e12, 1e18}).Draw(r, "tolerance")
		crit := rapid.IntRange(0, 4)
		for i := range in.Profile.Services {
			for p := range in.Profile.Services[i].Criticality {
				in.Profile.Services[i].Criticality[p] = crit.Draw(r, "criticality")
			}
		}
		if rapid.Bool().Draw(r, "no service matters") {
			for i := range in.Profile.Services {
				in.Profile.Services[i].Criticality = [comity.PropertyCount]int{}
			}
		}
		for i := range in.Evidence[:6] {
			in.Evidence[i].Count = rapid.SampledFrom([]int{0, 1, 50, 100_000}).Draw(r, "count")
			if rapid.Bool().Draw(r, "no span") {
				in.Evidence[i].From = comity.Date{}
			}
		}
		bands := in.Catalogue.Bands
		for l := range bands {
			bands[l][rapid.IntRange(0, 2).Draw(r, "area")] = rapid.SampledFrom([]comity.Interval{
				{}, {Low: 1, High: 1e9}, {Low: 100, High: 100.01}, {Low: 1e17, High: 1e18},
			}).Draw(r, "band")
		}
		in.Profile.Bands = &bands
		e := mustAssess(t, in)
		if _, err := json.Marshal(e); err != nil {
			r.Error(err)
		}
	})
}

func TestHeadlineHasTheSameBits(t *testing.T) {
	whole := mustAssess(t, busy(t))
	quick, err := Headline(busy(t))
	if err != nil {
		t.Fatal(err)
	}
	if quick.Significant != whole.Significant {
		t.Errorf("got %+v, want %+v", quick.Significant, whole.Significant)
	}
	for _, s := range quick.Scenarios {
		if want := scenario(t, whole, s.Scenario).Significant; s.Significant != want {
			t.Errorf("%s: got %+v, want %+v", s.Scenario, s.Significant, want)
		}
	}
}

func BenchmarkAssess(b *testing.B) {
	in := busy(b)
	for b.Loop() {
		if _, err := Assess(in); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAssessFifty assesses 50 organisations by all scenarios of the catalogue, each core one after the other, as the
// pipeline does, without the store.
func BenchmarkAssessFifty(b *testing.B) {
	const organizations = 50
	in := busy(b)
	for b.Loop() {
		var wait sync.WaitGroup
		var next atomic.Int32
		for range runtime.GOMAXPROCS(0) {
			wait.Go(func() {
				for {
					i := next.Add(1)
					if i > organizations {
						return
					}
					one := in
					one.Profile.Org = comity.MakeOrgID(comity.Entropy{byte(i)})
					if _, err := Assess(one); err != nil {
						b.Error(err)
					}
				}
			})
		}
		wait.Wait()
	}
}

// A vulnerability that nobody is known to exploit counts by its score, and not at all without one: the page says that.
func TestVulnerabilityCountsByItsScore(t *testing.T) {
	in := typical(t)
	before := mustAssess(t, in).Significant.Value
	in.Matches = []comity.Match{{ID: "mat_a", Threat: "thr_CVE-2026-1", Kind: comity.MatchSoftware, Exposed: 1, Techniques: []string{"T1190"}}}
	figure := func(v comity.Vulnerability) float64 {
		in.Threats = map[comity.ThreatID]comity.Threat{"thr_CVE-2026-1": {ID: "thr_CVE-2026-1", Kind: comity.ThreatVulnerability, Vulnerability: &v}}
		return mustAssess(t, in).Significant.Value
	}
	neither, scored, exploited := figure(comity.Vulnerability{}), figure(comity.Vulnerability{EPSS: &comity.EPSSScore{Score: 0.4}}), figure(comity.Vulnerability{Exploited: true})
	if neither != before || scored <= before || exploited <= scored {
		t.Errorf("without it %v, neither exploited nor scored %v, scored 0.4 %v, exploited %v", before, neither, scored, exploited)
	}
	listed := figure(comity.Vulnerability{Listed: comity.Date{Year: 2026, Month: 1, Day: 1}, SSVC: &comity.SSVC{Exploitation: "active"}})
	if listed != before {
		t.Errorf("what other records say of the catalogue counts: %v, before %v", listed, before)
	}
}
