package portfolio

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"comity"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"
)

// knowledge is a piece of ATT&CK.
var knowledge = comity.Knowledge{
	Version:    "18.1",
	Names:      map[string]string{"T1190": "Exploit Public-Facing Application", "T1566": "Phishing", "T1566.001": "Spearphishing Attachment"},
	Replaced:   map[string]string{"T1193": "T1566.001"},
	Techniques: []comity.Technique{{Number: "T1190"}, {Number: "T1566", Mitigations: []string{"M1017", "M1031"}}, {Number: "T1566.001"}},
}

func parse(t testing.TB, document string) *Document {
	t.Helper()
	d, err := Parse(strings.NewReader(document), knowledge)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func run(t testing.TB, document, method string) *Result {
	t.Helper()
	r, err := Run(parse(t, document), method, knowledge)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func near(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if !(math.Abs(got-want) <= within) {
		t.Errorf("%s: got %.9g, want %.9g ± %g", what, got, want, within)
	}
}

const lossOf = `"loss_interval":[1e5,1e6]`

// stages are those of the exposure model, section 3.
const stages = `"stages":[
	[{"share":0.6,"controls":[{"coverage":0.9,"strength":0.7},{"coverage":0.8,"strength":0.5}]},{"share":0.4,"controls":[{"coverage":0.7,"strength":0.6}]}],
	[{"share":1,"controls":[{"coverage":0.8,"strength":0.6}]}],
	[{"share":0.5,"controls":[{"coverage":0.95,"strength":0.8}]},{"share":0.5}]]`

func TestKnownRate(t *testing.T) {
	r := run(t, `{"scenarios":[{"id":"s","rate":0.5,`+lossOf+`}],"losses":[0,1e5,5e5,1e6,2e6,5e6]}`, MethodExact)
	near(t, "mean", r.Total.Mean, 202000.6413, 1e-3)
	near(t, "sd", r.Total.SD, 364964.3885, 1e-3)
	near(t, "P(no loss)", r.Total.Zero, math.Exp(-0.5), 1e-12)
	for i, want := range []float64{.393469, .378301, .148477, .042933, .004519, .000032} {
		near(t, fmt.Sprint("P(S > ", r.Total.Exceedance[i].Loss, ")"), r.Total.Exceedance[i].P, want, 1e-5)
	}
	for key, want := range map[string]float64{"0.5": 0, "0.9": 656e3, "0.95": 937e3, "0.99": 1630e3, "0.995": 1952e3, "0.999": 2767e3} {
		near(t, "VaR "+key, r.Total.Quantiles[key], want, 1000)
	}
	near(t, "TVaR 99", r.Total.TVaR99, 2_121_061, 60)
	if s := r.Scenarios[0]; s.Alpha != nil || s.Beta != nil || s.RateInterval != nil || s.Rate != 0.5 {
		t.Errorf("a known rate has no distribution: %+v", s)
	}
}

func TestFrequency(t *testing.T) {
	for _, test := range []struct {
		name, scenario    string
		alpha, beta, mean float64
		zero              float64
	}{
		{"prior", `"rate_interval":[0.1,1]`, 2.437273, 5.437873, .448203, .662698},
		{"0 in 3 y", `"rate_interval":[0.1,1],"evidence":[{"events":0,"years":3}]`, 2.437273, 8.437873, .288849, .761111},
		{"2 in 3 y", `"rate_interval":[0.1,1],"evidence":[{"kind":"incident","events":2,"years":3,"weight":1}]`, 4.437273, 8.437873, .525876, .608367},
		{"peers", `"rate_interval":[0.1,1],"evidence":[{"events":0,"years":3},{"events":4,"years":60,"weight":0.25}]`, 3.437273, 23.437873, .146655, .866224},
		{"decay", `"rate_interval":[0.1,1],"evidence":[{"ages":[0.5,2.5],"years":3,"half_life":2}]`, 3.698618, 7.303124, .506443, math.Pow(7.303124/8.303124, 3.698618)},
		{"evidence alone", `"evidence":[{"events":2,"years":5}]`, 2.5, 5, .5, math.Pow(5.0/6, 2.5)},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := run(t, `{"scenarios":[{"id":"s",`+test.scenario+`,`+lossOf+`}]}`, MethodExact).Scenarios[0]
			near(t, "α", *s.Alpha, test.alpha, 1e-6)
			near(t, "β", *s.Beta, test.beta, 1e-6)
			near(t, "mean", s.Rate, test.mean, 1e-6)
			near(t, "P(N=0)", s.Zero, test.zero, 1e-6)
		})
	}
}

// TestControlsAreCreditedOnce checks that incidents are evidence on λv, and attempts on λ.
func TestControlsAreCreditedOnce(t *testing.T) {
	const v03 = `"stages":[[{"share":1,"controls":[{"coverage":1,"strength":0.7}]}]]`
	for _, test := range []struct {
		evidence string
		events   float64
	}{
		{`{"events":2,"years":3}`, .210036},
		{`{"events":0,"years":3}`, .115367},
		{`{"events":2,"years":3,"susceptibility":1}`, .157763},
		{`{"kind":"attempt","events":2,"years":3}`, .157763},
	} {
		s := run(t, `{"scenarios":[{"id":"s","rate_interval":[0.1,1],`+v03+`,"evidence":[`+test.evidence+`],`+lossOf+`}]}`, MethodExact).Scenarios[0]
		near(t, test.evidence, s.Events, test.events, 1e-6)
	}
}

func TestSusceptibility(t *testing.T) {
	for targeted, events := range map[string]float64{"false": .470962, "true": 1.206400} {
		r := run(t, `{"scenarios":[{"id":"s","rate":4,"targeted":`+targeted+`,`+stages+`,`+lossOf+`,"tolerance":1e6}]}`, MethodExact)
		s := r.Scenarios[0]
		near(t, "mix", s.Susceptibility.Mix, .117740, 1e-6)
		near(t, "adaptive", s.Susceptibility.Adaptive, .301600, 1e-6)
		near(t, "Λ", s.Events, events, 1e-6)
		if targeted == "false" {
			near(t, "significant a year", s.Significant.Rate, .0235481, 1e-7)
			near(t, "P", s.Significant.P, .023273, 1e-6)
		}
	}
}

func TestModulatorsAndVulnerabilities(t *testing.T) {
	for reports, want := range map[string]float64{
		`{"multiplier":3,"half_life_days":90}`:                                                                  1.668679,
		`{"multiplier":3,"half_life_days":90},{"multiplier":2.5,"half_life_days":90}`:                           2.701858,
		`{"cluster":"c","multiplier":3,"half_life_days":90},{"cluster":"c","multiplier":2,"half_life_days":90}`: 1.668679,
	} {
		s := run(t, `{"scenarios":[{"id":"s","rate":1,"intelligence":[`+reports+`],`+lossOf+`}]}`, MethodExact).Scenarios[0]
		near(t, reports, s.Modulator, want, 1e-6)
	}
	capped := run(t, `{"cap":5,"scenarios":[{"id":"s","rate":1,"intelligence":[{"multiplier":3,"half_life_days":90},{"multiplier":2.5,"half_life_days":90}],`+lossOf+`}]}`, MethodExact)
	near(t, "under cap 5", capped.Scenarios[0].Modulator, 2.563517, 1e-6)
	opened := run(t, `{"scenarios":[{"id":"s","rate":1,"stages":[[{"share":1,"controls":[{"coverage":1,"strength":0.778}],
		"vulnerabilities":[{"epss":0.02},{"epss":0.1},{"epss":0.45},{"epss":0.001}]}]],`+lossOf+`}]}`, MethodExact)
	near(t, "r′", opened.Scenarios[0].Susceptibility.Mix, .622970, 1e-6)
	inside := run(t, `{"scenarios":[{"id":"s","rate":1,"stages":[[{"share":1,"controls":[{"coverage":1,"strength":0.95}],
		"vulnerabilities":[{"exploited":true,"placement":"patched"},{"exploited":true,"placement":"internal"}]}]],`+lossOf+`}]}`, MethodExact)
	near(t, "internal, known to be exploited", inside.Scenarios[0].Susceptibility.Mix, 1-.95*.8, 1e-9)
}

func TestNamedTechniques(t *testing.T) {
	s := run(t, `{"coverage":{"M1017":0.5},"scenarios":[{"id":"s","rate":1,"stages":[[{"share":0.5,"technique":"T1193"},{"share":0.5,"technique":"T1190"}]],`+lossOf+`}]}`, MethodExact).Scenarios[0]
	if v := s.Susceptibility; !(v.Mix < 1 && v.Mix > 0.5) || v.Adaptive != 1 {
		t.Errorf("a revoked number and its parent's mitigations: %+v", v)
	}
}

func TestAreas(t *testing.T) {
	s := run(t, `{"scenarios":[{"id":"s","rate":0.1,"loss_interval":{"integrity":[1e5,1e6],"image":[1e5,1e6],"operations":[1e5,1e6]}}]}`, MethodExact).Scenarios[0]
	near(t, "mean of one event", s.EventMean, 1_212_003.848, 1e-3)
	near(t, "sd of one event", s.EventSD, 762_471.106, 1e-3)
}

func TestUncertainRate(t *testing.T) {
	r := run(t, `{"losses":[1e6],"scenarios":[{"id":"s","rate_interval":[0.1,1],`+lossOf+`}]}`, MethodExact)
	near(t, "P(S > 1M)", r.Total.Exceedance[0].P, .041797, 1e-5)
	thinned := run(t, `{"losses":[1e6],"scenarios":[{"id":"s","rate_interval":[0.1,1],"stages":[[{"share":1,"controls":[{"coverage":1,"strength":0.7}]}]],`+lossOf+`}]}`, MethodExact)
	near(t, "P(S > 1M), v = .3", thinned.Total.Exceedance[0].P, .008590, 1e-5)
	near(t, "P(N=0), v = .3", thinned.Total.Zero, .877320, 1e-6)
	wide := run(t, `{"scenarios":[{"id":"s","rate_interval":[0.5,5],"loss_interval":[1e5,1e6],"tolerance":404001.282695}]}`, MethodExact)
	if s := wide.Scenarios[0].Significant; !(s.Interval[0] < s.P && s.P < s.Interval[1]) {
		t.Errorf("P %.4f is outside its interval %v", s.P, s.Interval)
	}
}

// TestHeadlineIsNoPlugIn checks P = E[1 − exp(−Λ)], with prior 0.5–5 and vM P(X > S*) = 0.5.
func TestHeadlineIsNoPlugIn(t *testing.T) {
	median := math.Sqrt(1e5 * 1e6)
	r := run(t, fmt.Sprintf(`{"scenarios":[{"id":"s","rate_interval":[0.5,5],%s,"tolerance":%.12f}]}`, lossOf, median), MethodExact)
	near(t, "P", r.Significant.P, .602244, 1e-6)
}

// TestSimulationAgrees checks every figure of a portfolio with all that there is against the exact ones: within the
// intervals of simulation, which hold 95 of 100, so one seed is fixed.
func TestSimulationAgrees(t *testing.T) {
	document := `{"seed":3,"years":200000,"losses":[1e5,1e6,3e6],"scenarios":[
		{"id":"known","rate":0.5,` + lossOf + `},
		{"id":"often","rate":40,"loss_interval":[100,2000]},
		{"id":"uncertain","rate_interval":[0.1,1],` + stages + `,` + lossOf + `},
		{"id":"areas","rate_interval":[0.5,5],"loss_interval":{"integrity":[1e4,1e5],"operations":[1e4,2e5]}}],
		"sources":[{"id":"cloud","rate":0.2,` + lossOf + `}],
		"organizations":[{"id":"a","sources":[{"id":"cloud","p":0.3}]},{"id":"b","scenarios":["known"],"sources":[{"id":"cloud","p":0.5,"loss_interval":[1e4,1e5]}]},{"id":"c"}]}`
	exact, simulated := run(t, document, MethodExact), run(t, document, MethodSimulate)
	agree(t, "all", simulated.Total, exact.Total)
	if !reflect.DeepEqual(*simulated.Exact, exact.Total) {
		t.Error("the exact total beside the simulated one differs from the exact run")
	}
	for i, o := range simulated.Organizations {
		agree(t, o.ID, o.Total, exact.Organizations[i].Total)
	}
}

func agree(t *testing.T, who string, simulated, exact Loss) {
	t.Helper()
	const years = 200_000
	near(t, who+": mean", simulated.Mean, exact.Mean, 4*exact.SD/math.Sqrt(years))
	near(t, who+": sd / sd", simulated.SD/exact.SD, 1, .02)
	near(t, who+": P(no loss)", simulated.Zero, exact.Zero, 4*math.Sqrt(exact.Zero*(1-exact.Zero)/years)+1e-9)
	near(t, who+": TVaR / TVaR", simulated.TVaR99/exact.TVaR99, 1, .02)
	for i, p := range simulated.Exceedance {
		near(t, fmt.Sprint(who, ": P(S > ", p.Loss, ")"), p.P, exact.Exceedance[i].P, 4*math.Sqrt(p.P*(1-p.P)/years)+1e-5)
	}
	for key, q := range exact.Quantiles {
		low, high := simulated.Intervals[key][0], simulated.Intervals[key][1]
		if wide := (high - low) / 2; q < low-wide || q > high+wide {
			t.Errorf("%s: exact quantile %s %.6g is far from the simulated [%.6g, %.6g]", who, key, q, low, high)
		}
	}
}

// TestCommonSources checks the figures of section 7: what hits many at once.
func TestCommonSources(t *testing.T) {
	orgs := make([]string, 31)
	for i := range orgs {
		orgs[i] = fmt.Sprintf(`{"id":"o%d","scenarios":[],"sources":[{"id":"s","p":0.3}]}`, i)
	}
	r := run(t, `{"sources":[{"id":"s","rate":0.2,`+lossOf+`}],"organizations":[`+strings.Join(orgs, ",")+`]}`, MethodExact)
	near(t, "P(any hit)", 1-r.Total.Zero, .181267, 1e-6)
	near(t, "P(one is hit)", 1-r.Organizations[0].Total.Zero, 1-math.Exp(-.06), 1e-9)
	near(t, "mean", r.Total.Mean, 31*r.Organizations[0].Total.Mean, 1e-3)
	mean := 404001.282695
	second := mean*mean + 321217.953*321217.953
	near(t, "sd", r.Total.SD/math.Sqrt(.2*(9.3*second+(9.3*9.3-31*.09)*mean*mean)), 1, 1e-6)
}

func TestSameBitsOnAnyCores(t *testing.T) {
	document := `{"seed":7,"years":30000,"scenarios":[{"id":"a","rate":0.5,` + lossOf + `},{"id":"b","rate_interval":[0.1,1],` + lossOf + `}]}`
	many := run(t, document, MethodSimulate)
	before := runtime.GOMAXPROCS(1)
	one := run(t, document, MethodSimulate)
	runtime.GOMAXPROCS(before)
	if !reflect.DeepEqual(many, one) {
		t.Error("one core and many differ")
	}
	reversed := run(t, `{"seed":7,"years":30000,"scenarios":[{"id":"b","rate_interval":[0.1,1],`+lossOf+`},{"id":"a","rate":0.5,`+lossOf+`}]}`, MethodSimulate)
	near(t, "scenarios in another order", reversed.Total.Quantiles["0.99"], many.Total.Quantiles["0.99"], 1e-6)
}

func TestProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		unit := rapid.Float64Range(0, 1)
		control := func(name string) string {
			return fmt.Sprintf(`{"coverage":%g,"strength":%g}`, unit.Draw(t, name+" κ"), unit.Draw(t, name+" ε"))
		}
		a, b, c := control("a"), control("b"), control("c")
		v := func(controls ...string) Susceptibility {
			d, err := Parse(strings.NewReader(`{"scenarios":[{"id":"s","rate":1,"stages":[[{"share":1,"controls":[`+strings.Join(controls, ",")+`]}]],`+lossOf+`}]}`), knowledge)
			if err != nil {
				t.Fatal(err)
			}
			m, err := newModel(d, knowledge)
			if err != nil {
				t.Fatal(err)
			}
			return Susceptibility{Mix: m.threats[0].mix, Adaptive: m.threats[0].adaptive}
		}
		if more, less := v(a, b, c), v(a, b); more.Mix > less.Mix {
			t.Fatalf("a control raises v: %v after %v", more, less)
		}
		if v(a, b, c) != v(c, a, b) {
			t.Fatal("the order of controls matters")
		}
		if v(a, b) != v(a, `{"coverage":0,"strength":1}`, b) {
			t.Fatal("a control without coverage matters")
		}
	})
}

func TestRefused(t *testing.T) {
	ok := `{"id":"s","rate":1,` + lossOf + `}`
	for _, test := range []struct{ document, place string }{
		{``, "empty"},
		{`{`, "cut off"},
		{`[]`, "/: "},
		{`{"scenarios":[` + ok + `]} {}`, "follows"},
		{`{"scenarios":[]}`, "/scenarios: "},
		{`{"scenarios":{}}`, "/scenarios: "},
		{`{"scenarios":[` + ok + `],"scenarios":[]}`, "scenarios"},
		{`{"scenarios":[` + ok + `],"x":1}`, "/x: "},
		{`{"scenarios":[{"id":"s","rat":1,` + lossOf + `}]}`, "/scenarios/0/rat: "},
		{`{"scenarios":[` + ok + `,` + ok + `]}`, "/scenarios/1/id: "},
		{`{"scenarios":[{"rate":1,` + lossOf + `}]}`, "/scenarios/0/id: "},
		{`{"scenarios":[{"id":"s",` + lossOf + `}]}`, "/scenarios/0: "},
		{`{"scenarios":[{"id":"s","rate":-1,` + lossOf + `}]}`, "/scenarios/0/rate: "},
		{`{"scenarios":[{"id":"s","rate":1e999,` + lossOf + `}]}`, "/scenarios/0/rate: "},
		{`{"scenarios":[{"id":"s","rate":NaN,` + lossOf + `}]}`, "/scenarios/0/rate: "},
		{`{"scenarios":[{"id":"s","rate":"1",` + lossOf + `}]}`, "/scenarios/0/rate: "},
		{`{"scenarios":[{"id":"s","rate":1,"rate_interval":[1,2],` + lossOf + `}]}`, "/scenarios/0/rate_interval: "},
		{`{"scenarios":[{"id":"s","rate_interval":[2,1],` + lossOf + `}]}`, "/scenarios/0/rate_interval: "},
		{`{"scenarios":[{"id":"s","rate_interval":[0,1],` + lossOf + `}]}`, "/scenarios/0/rate_interval: "},
		{`{"scenarios":[{"id":"s","rate_interval":[1],` + lossOf + `}]}`, "/scenarios/0/rate_interval: "},
		{`{"scenarios":[{"id":"s","rate_interval":[1,1.0000001],` + lossOf + `}]}`, "/scenarios/0/rate_interval: "},
		{`{"scenarios":[{"id":"s","rate":1}]}`, "/scenarios/0/loss_interval: "},
		{`{"scenarios":[{"id":"s","rate":1,"loss_interval":[5,5]}]}`, "/scenarios/0/loss_interval: "},
		{`{"scenarios":[{"id":"s","rate":1,"loss_interval":[-5,5]}]}`, "/scenarios/0/loss_interval: "},
		{`{"scenarios":[{"id":"s","rate":1,"loss_interval":[1,1e300]}]}`, "/scenarios/0/loss_interval: "},
		{`{"scenarios":[{"id":"s","rate":1,"loss_interval":{"image":[3,2]}}]}`, "/scenarios/0/loss_interval/image: "},
		{`{"scenarios":[{"id":"s","rate":1,"loss_interval":{"reputation":[1,2]}}]}`, "/scenarios/0/loss_interval/reputation: "},
		{`{"scenarios":[{"id":"s","rate":1,"evidence":[{"events":1,"years":1}],` + lossOf + `}]}`, "/scenarios/0/evidence: "},
		{`{"scenarios":[{"id":"s","rate_interval":[1,2],"evidence":[{"years":1}],` + lossOf + `}]}`, "/scenarios/0/evidence/0: "},
		{`{"scenarios":[{"id":"s","rate_interval":[1,2],"evidence":[{"kind":"rumour","events":1,"years":1}],` + lossOf + `}]}`, "/scenarios/0/evidence/0/kind: "},
		{`{"scenarios":[{"id":"s","rate_interval":[1,2],"evidence":[{"events":1,"years":1,"weight":2}],` + lossOf + `}]}`, "/scenarios/0/evidence/0/weight: "},
		{`{"scenarios":[{"id":"s","evidence":[{"events":1,"years":0}],` + lossOf + `}]}`, "/scenarios/0/evidence: "},
		{`{"scenarios":[{"id":"s","rate":1,"stages":[[{"share":0.5}]],` + lossOf + `}]}`, "/scenarios/0/stages/0: "},
		{`{"scenarios":[{"id":"s","rate":1,"stages":[[{"share":1,"controls":[{"coverage":1.5,"strength":1}]}]],` + lossOf + `}]}`, "/scenarios/0/stages/0/0/controls/0/coverage: "},
		{`{"scenarios":[{"id":"s","rate":1,"stages":[[{"share":1,"technique":"T9999"}]],` + lossOf + `}]}`, "/scenarios/0/stages/0/0/technique: "},
		{`{"scenarios":[{"id":"s","rate":1,"stages":[[{"share":1,"vulnerabilities":[{"epss":2}]}]],` + lossOf + `}]}`, "/scenarios/0/stages/0/0/vulnerabilities/0/epss: "},
		{`{"scenarios":[` + ok + `],"sources":[{"id":"x","rate":1,` + lossOf + `}]}`, "/sources: "},
		{`{"scenarios":[` + ok + `],"organizations":[{"id":"o","scenarios":["none"]}]}`, "/organizations/0/scenarios/0: "},
		{`{"scenarios":[` + ok + `],"organizations":[{"id":"o","sources":[{"id":"none","p":1}]}]}`, "/organizations/0/sources/0/id: "},
		{`{"scenarios":[` + ok + `],"years":-1}`, "/years: "},
		{`{"scenarios":[` + ok + `],"years":1e9}`, "/years: "},
		{`{"scenarios":[` + ok + `],"grid":{"step":1,"points":63}}`, "/grid/points: "},
		{`{"scenarios":[` + strings.Repeat(ok+",", 1_000_000) + ok + `]}`, "/scenarios: more than"},
		{`{"scenarios":[{"id":"s","rate":1,"stages":` + strings.Repeat("[", 100_000) + `}]}`, "/scenarios/0/stages"},
	} {
		_, err := Parse(strings.NewReader(test.document), knowledge)
		if err == nil {
			t.Errorf("%.80s: taken", test.document)
			continue
		}
		if kind := comity.KindOf(err); kind != comity.Invalid && kind != comity.TooLarge || !strings.Contains(err.Error(), test.place) {
			t.Errorf("%.80s: got %.200q (%v), want the place %q", test.document, err, kind, test.place)
		}
	}
}

// TestExamples checks that the examples of the documentation fit the schema and can be computed, and that results do.
func TestExamples(t *testing.T) {
	schema, results := compile(t, ""), compile(t, "#/$defs/result")
	files, err := filepath.Glob("../../docs/examples/*.json")
	if err != nil || len(files) < 2 {
		t.Fatalf("examples: %v, %v", files, err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		fits(t, schema, data)
		d, err := Parse(bytes.NewReader(data), comity.Knowledge{})
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, method := range []string{MethodExact, MethodSimulate} {
			r, err := Run(d, method, comity.Knowledge{})
			if err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			told, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			fits(t, results, told)
		}
	}
}

func compile(t *testing.T, part string) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := errors.Join(c.AddResource("portfolio.json", document)); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("portfolio.json" + part)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func fits(t *testing.T, s *jsonschema.Schema, data []byte) {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(value); err != nil {
		t.Errorf("%.200s: %v", data, err)
	}
}

// TestSchemaNamesEveryMember checks that the schema and the structs name the same members.
func TestSchemaNamesEveryMember(t *testing.T) {
	var schema struct {
		Properties map[string]any `json:"properties"`
		Defs       map[string]struct {
			Properties map[string]any `json:"properties"`
		} `json:"$defs"`
	}
	if err := json.Unmarshal(Schema, &schema); err != nil {
		t.Fatal(err)
	}
	for _, pair := range []struct {
		of    any
		names map[string]any
	}{
		{Document{}, schema.Properties},
		{Scenario{}, schema.Defs["scenario"].Properties},
		{Evidence{}, schema.Defs["evidence"].Properties},
		{Intelligence{}, schema.Defs["intelligence"].Properties},
		{Technique{}, schema.Defs["technique"].Properties},
		{Control{}, schema.Defs["control"].Properties},
		{Vulnerability{}, schema.Defs["vulnerability"].Properties},
		{Source{}, schema.Defs["source"].Properties},
		{Organization{}, schema.Defs["organization"].Properties},
		{Result{}, schema.Defs["result"].Properties},
		{Loss{}, schema.Defs["loss"].Properties},
		{ScenarioResult{}, schema.Defs["scenario_result"].Properties},
		{Significant{}, schema.Defs["significant"].Properties},
	} {
		typ := reflect.TypeOf(pair.of)
		if typ.NumField() != len(pair.names) {
			t.Errorf("%s: %d members, the schema has %d", typ, typ.NumField(), len(pair.names))
		}
		for i := range typ.NumField() {
			name, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
			if _, ok := pair.names[name]; !ok {
				t.Errorf("%s: the schema does not name %q", typ, name)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`{"scenarios":[{"id":"s","rate":0.5,` + lossOf + `}]}`)
	f.Add(`{"scenarios":[{"id":"s","rate_interval":[0.1,1],` + stages + `,` + lossOf + `,"evidence":[{"ages":[1],"years":3,"half_life":2}]}],"tolerance":1e6}`)
	f.Add(`{"sources":[{"id":"s","rate":0.2,` + lossOf + `}],"organizations":[{"id":"a","sources":[{"id":"s","p":0.3}]}]}`)
	f.Fuzz(func(t *testing.T, document string) {
		if len(document) > 4096 {
			return
		}
		d, err := Parse(strings.NewReader(document), knowledge)
		if err != nil {
			return
		}
		d.Grid = &Grid{Step: 1000, Points: 64} // the cost of a grid is not what is tried
		r, err := Run(d, MethodExact, knowledge)
		if err != nil {
			if comity.KindOf(err) == comity.Internal {
				t.Errorf("%q: %v", document, err)
			}
			return
		}
		if _, err := json.Marshal(r); err != nil {
			t.Errorf("%q: %v", document, err)
		}
	})
}

// TestWideLosses has frequent small losses beside rare ones that reach a million times as far: both are told, by grids of
// their own.
func TestWideLosses(t *testing.T) {
	document := `{"seed":1,"years":200000,"losses":[5e3,2e4,5e4,1e6,1e8],"scenarios":[
		{"id":"small","rate":5,"loss_interval":[1e3,1e4]},{"id":"rare","rate_interval":[0.001,0.1],"loss_interval":[1e6,1e9]}]}`
	exact, simulated := run(t, document, MethodExact), run(t, document, MethodSimulate)
	for i, p := range simulated.Total.Exceedance {
		near(t, fmt.Sprint("P(S > ", p.Loss, ")"), p.P, exact.Total.Exceedance[i].P, 4*math.Sqrt(p.P*(1-p.P)/200_000))
	}
	for key, q := range exact.Total.Quantiles {
		if i := simulated.Total.Intervals[key]; q < i[0]*0.99 || q > i[1]*1.01 {
			t.Errorf("exact quantile %s %.6g is not in the simulated [%.6g, %.6g]", key, q, i[0], i[1])
		}
	}
	if exact.Grids < 3 {
		t.Errorf("%d grids", exact.Grids)
	}
}

// TestWideAreas is TestWideLosses for the areas of one event: what a wide one may cost must not blur the headline.
func TestWideAreas(t *testing.T) {
	document := `{"seed":1,"years":200000,"losses":[1e5,5e5,1e6,5e6,1e8],"scenarios":[{"id":"s","rate":0.5,"tolerance":1e6,
		"loss_interval":{"integrity":[1e4,5e5],"image":[1e5,1e6],"operations":[1e3,1e7]}}]}`
	exact, simulated := run(t, document, MethodExact), run(t, document, MethodSimulate)
	for i, p := range simulated.Total.Exceedance {
		near(t, fmt.Sprint("P(S > ", p.Loss, ")"), p.P, exact.Total.Exceedance[i].P, 4*math.Sqrt(p.P*(1-p.P)/200_000)+1e-5)
	}
	near(t, "P(X > tolerance)", *exact.Scenarios[0].Significant.Exceeds, 0.3365, 0.002) // of a million events, drawn apart from this program
}

// TestSameLosses checks that exact and simulated exceedance are told of the same losses, so that they can stand side by side.
func TestSameLosses(t *testing.T) {
	r := run(t, `{"seed":7,"years":500,"scenarios":[{"id":"rare","rate":0.02,"loss_interval":[100,1e8]},
		{"id":"small","rate":20,"loss_interval":[0.01,1]}]}`, MethodSimulate)
	if len(r.Total.Exceedance) != len(r.Exact.Exceedance) || len(r.Total.Exceedance) == 0 {
		t.Fatalf("%d simulated, %d exact", len(r.Total.Exceedance), len(r.Exact.Exceedance))
	}
	for i, p := range r.Total.Exceedance {
		if p.Loss != r.Exact.Exceedance[i].Loss {
			t.Errorf("simulated at %g, exact at %g", p.Loss, r.Exact.Exceedance[i].Loss)
		}
	}
}

// TestNarrowLoss has losses of nearly one size: P(S > x) jumps where they lie.
func TestNarrowLoss(t *testing.T) {
	r := run(t, `{"scenarios":[{"id":"s","rate":2,"loss_interval":[1000,1001]}],"losses":[999,1000,1001,1500,2100]}`, MethodExact)
	none, one, two := math.Exp(-2), 2*math.Exp(-2), 2*math.Exp(-2)
	for i, want := range []float64{1 - none, 1 - none - .05*one, 1 - none - .95*one, 1 - none - one, 1 - none - one - two} {
		near(t, fmt.Sprint("P(S > ", r.Total.Exceedance[i].Loss, ")"), r.Total.Exceedance[i].P, want, 2e-3)
	}
}
