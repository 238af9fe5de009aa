package catalogue

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"comity"

	"github.com/google/go-cmp/cmp"
)

// known is a little of ATT&CK: what the tests name.
var known = comity.Knowledge{
	Version:     "18.1",
	Tactics:     []comity.Tactic{{ShortName: "initial-access"}, {ShortName: "impact"}},
	Techniques:  []comity.Technique{{Number: "T1566"}, {Number: "T1190"}, {Number: "T1486"}},
	Mitigations: []comity.Mitigation{{Number: "M1032"}, {Number: "M1017"}},
	Replaced:    map[string]string{"T1193": "T1566"},
}

// sound returns a catalogue in which nothing is wrong.
func sound() comity.Catalogue {
	row := [comity.AreaCount]comity.Interval{{Low: 1, High: 10}, {}, {Low: 2, High: 20}}
	return comity.Catalogue{
		Version: "3", Tolerance: 1e6, Bands: comity.BandTable{row, row, row, row},
		Strength: map[string]float64{"M1032": .8, "M1017": .3},
		Scenarios: []comity.Scenario{
			{
				ID: "phishing", Source: comity.SourceAdversarial, Origin: comity.OriginExternal, Targeted: true,
				Properties: comity.MaskOf(comity.Confidentiality, comity.Reliability), Rate: comity.Interval{Low: 2, High: 16}, Basis: "hypothesis: some",
				Path: []comity.Stage{
					{Name: "initial-access", Techniques: []comity.StageTechnique{{Technique: "T1566", Share: .7}, {Technique: "T1190", Share: .3}}},
					{Name: "impact", Techniques: []comity.StageTechnique{{Technique: "T1486", Share: 1}}},
				},
			},
			{
				ID: "flood", Source: comity.SourceEnvironmental, Origin: comity.OriginExternal, Properties: comity.MaskOf(comity.Availability),
				Rate: comity.Interval{Low: .01, High: .1}, Basis: "a survey",
				Texts: map[string]comity.ScenarioText{"en": {Name: "Flood", Text: "Water."}, "fr": {Name: "Crue", Text: "De l'eau."}},
			},
		},
		Retired: []comity.Scenario{{
			ID: "old", Source: comity.SourceStructural, Origin: comity.OriginInternal, Properties: comity.MaskOf(comity.Integrity),
			Rate: comity.Interval{Low: 1, High: 2}, Basis: "hypothesis: none",
		}},
	}
}

func TestDefaultIsSound(t *testing.T) {
	if c := Default(); len(c.Scenarios) < 12 || len(c.Scenarios) > 16 {
		t.Errorf("%d scenarios: want 12 to 16", len(c.Scenarios))
	}
	for _, s := range Default().Scenarios {
		if !strings.HasPrefix(s.Basis, "hypothesis: ") {
			t.Errorf("%s: its basis does not say that it is a hypothesis", s.ID)
		}
	}
}

func TestWriteThenParseIsTheSame(t *testing.T) {
	for name, c := range map[string]comity.Catalogue{"default": Default(), "small": sound()} {
		var written bytes.Buffer
		if err := Write(&written, c); err != nil {
			t.Fatal(err)
		}
		again, err := Parse(bytes.NewReader(written.Bytes()), comity.Knowledge{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(c, again); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestCheckNamesThePlace(t *testing.T) {
	for _, test := range []struct {
		name, place string
		spoil       func(c *comity.Catalogue)
	}{
		{"no scenario", "/scenarios:", func(c *comity.Catalogue) { c.Scenarios = nil }},
		{"too many", "/scenarios:", func(c *comity.Catalogue) { c.Scenarios = make([]comity.Scenario, MaxScenarios+1) }},
		{"no name", "/scenarios/1/id:", func(c *comity.Catalogue) { c.Scenarios[1].ID = "" }},
		{"name of a page", "/scenarios/1/id:", func(c *comity.Catalogue) { c.Scenarios[1].ID = "draft" }},
		{"twice", "/scenarios/1/id:", func(c *comity.Catalogue) { c.Scenarios[1].ID = "phishing" }},
		{"retired and in force", "/retired/0/id:", func(c *comity.Catalogue) { c.Retired[0].ID = "flood" }},
		{"source", "/scenarios/0/source:", func(c *comity.Catalogue) { c.Scenarios[0].Source = "cosmic" }},
		{"origin", "/scenarios/0/origin:", func(c *comity.Catalogue) { c.Scenarios[0].Origin = "" }},
		{"hits nothing", "/scenarios/0/hits:", func(c *comity.Catalogue) { c.Scenarios[0].Properties = 0 }},
		{"targeted flood", "/scenarios/1/targeted:", func(c *comity.Catalogue) { c.Scenarios[1].Targeted = true }},
		{"path of a flood", "/scenarios/1/path:", func(c *comity.Catalogue) { c.Scenarios[1].Path = c.Scenarios[0].Path }},
		{"no basis", "/scenarios/0/basis:", func(c *comity.Catalogue) { c.Scenarios[0].Basis = " " }},
		{"rate upside down", "/scenarios/0/rate:", func(c *comity.Catalogue) { c.Scenarios[0].Rate = comity.Interval{Low: 2, High: 1} }},
		{"rate of one point", "/scenarios/0/rate:", func(c *comity.Catalogue) { c.Scenarios[0].Rate = comity.Interval{Low: 2, High: 2} }},
		{"rate of zero", "/scenarios/0/rate:", func(c *comity.Catalogue) { c.Scenarios[0].Rate.Low = 0 }},
		{"negative rate", "/scenarios/0/rate:", func(c *comity.Catalogue) { c.Scenarios[0].Rate.Low = -1 }},
		{"rate not a number", "/scenarios/0/rate:", func(c *comity.Catalogue) { c.Scenarios[0].Rate.Low = math.NaN() }},
		{"infinite rate", "/scenarios/0/rate:", func(c *comity.Catalogue) { c.Scenarios[0].Rate.High = math.Inf(1) }},
		{"rate of anything", "/scenarios/0/rate:", func(c *comity.Catalogue) { c.Scenarios[0].Rate = comity.Interval{Low: 1e-6, High: 1e3} }},
		{"rate as good as known", "/scenarios/0/rate:", func(c *comity.Catalogue) { c.Scenarios[0].Rate = comity.Interval{Low: 1, High: 1.02} }},
		{"band of anything", "/bands/2/0:", func(c *comity.Catalogue) { c.Bands[2][0] = comity.Interval{Low: 1e-6, High: 1e15} }},
		{"band beyond money", "/bands/2/0:", func(c *comity.Catalogue) { c.Bands[2][0] = comity.Interval{Low: 1e14, High: 1e16} }},
		{"unknown tactic", "/scenarios/0/path/1/name:", func(c *comity.Catalogue) { c.Scenarios[0].Path[1].Name = "lunch" }},
		{"circle", "/scenarios/0/path/1/name:", func(c *comity.Catalogue) { c.Scenarios[0].Path[1].Name = "initial-access" }},
		{"no technique", "/scenarios/0/path/1/techniques:", func(c *comity.Catalogue) { c.Scenarios[0].Path[1].Techniques = nil }},
		{"no number", "/scenarios/0/path/0/techniques/1/technique:", func(c *comity.Catalogue) { c.Scenarios[0].Path[0].Techniques[1].Technique = "phishing" }},
		{"unknown technique", "/scenarios/0/path/0/techniques/1/technique:", func(c *comity.Catalogue) { c.Scenarios[0].Path[0].Techniques[1].Technique = "T9999" }},
		{"technique twice", "/scenarios/0/path/0/techniques/1/technique:", func(c *comity.Catalogue) { c.Scenarios[0].Path[0].Techniques[1].Technique = "T1566" }},
		{"share above 1", "/scenarios/0/path/0/techniques/0/share:", func(c *comity.Catalogue) { c.Scenarios[0].Path[0].Techniques[0].Share = 1.3 }},
		{"share not a number", "/scenarios/0/path/0/techniques/0/share:", func(c *comity.Catalogue) { c.Scenarios[0].Path[0].Techniques[0].Share = math.NaN() }},
		{"shares of 0.9", "/scenarios/0/path/0/techniques:", func(c *comity.Catalogue) { c.Scenarios[0].Path[0].Techniques[0].Share = .6 }},
		{"no English", "/scenarios/1/texts/en/name:", func(c *comity.Catalogue) { delete(c.Scenarios[1].Texts, "en") }},
		{"unknown language", "/scenarios/1/texts/tlh:", func(c *comity.Catalogue) { c.Scenarios[1].Texts["tlh"] = comity.ScenarioText{Name: "x"} }},
		{"name of two lines", "/scenarios/1/texts/fr/name:", func(c *comity.Catalogue) { c.Scenarios[1].Texts["fr"] = comity.ScenarioText{Name: "a\nb"} }},
		{"control character", "/scenarios/1/texts/fr/text:", func(c *comity.Catalogue) { c.Scenarios[1].Texts["fr"] = comity.ScenarioText{Name: "a", Text: "\x00"} }},
		{"no strength", "/strength:", func(c *comity.Catalogue) { c.Strength = nil }},
		{"unknown mitigation", "/strength/M9999:", func(c *comity.Catalogue) { c.Strength["M9999"] = .5 }},
		{"do not mitigate", "/strength/M1055:", func(c *comity.Catalogue) { c.Strength["M1055"] = .5 }},
		{"strength above 1", "/strength/M1017:", func(c *comity.Catalogue) { c.Strength["M1017"] = 1.5 }},
		{"band upside down", "/bands/2/0:", func(c *comity.Catalogue) { c.Bands[2][0] = comity.Interval{Low: 5, High: 4} }},
		{"tolerance of nothing", "/tolerance:", func(c *comity.Catalogue) { c.Tolerance = 0 }},
		{"tolerance not a number", "/tolerance:", func(c *comity.Catalogue) { c.Tolerance = math.NaN() }},
	} {
		c := sound()
		test.spoil(&c)
		err := Check(c, known)
		if err == nil || comity.KindOf(err) != comity.Invalid || !strings.Contains(err.Error(), test.place) {
			t.Errorf("%s: got %v, want %s …", test.name, err, test.place)
		}
	}
	if err := Check(sound(), known); err != nil {
		t.Errorf("sound: %v", err)
	}
}

func TestCheckNamesTheSuccessor(t *testing.T) {
	c := sound()
	c.Scenarios[0].Path[0].Techniques[1].Technique = "T1193"
	if err := Check(c, known); err == nil || !strings.Contains(err.Error(), "use T1566") {
		t.Errorf("revoked technique: got %v", err)
	}
}

func TestParseNamesThePlace(t *testing.T) {
	var text bytes.Buffer
	if err := Write(&text, sound()); err != nil {
		t.Fatal(err)
	}
	whole := text.String()
	for _, test := range []struct{ name, text, place string }{
		{"empty", "", "empty"},
		{"cut off", whole[:200], "cut off"},
		{"two documents", whole + "{}", "follows"},
		{"unknown member", strings.Replace(whole, `"tolerance"`, `"patience"`, 1), "/patience"},
		{"twice", strings.Replace(whole, `"targeted": true`, `"targeted": true, "targeted": true`, 1), "/scenarios/0/targeted"},
		{"text for a number", strings.Replace(whole, `"low": 0.01`, `"low": "0.01"`, 1), "/scenarios/1/rate/low"},
		{"not a number", strings.Replace(whole, `"low": 0.01`, `"low": NaN`, 1), "/scenarios/1/rate"},
		{"beyond every number", strings.Replace(whole, `"low": 0.01`, `"low": 1e999`, 1), "/scenarios/1/rate/low"},
		{"unknown property", strings.Replace(whole, `"availability"`, `"beauty"`, 1), "/scenarios/1/hits/0"},
		{"three bands", `{"scenarios":[],"strength":{},"bands":[[],[],[]],"tolerance":1}`, "/bands"},
		{"two areas", `{"scenarios":[],"strength":{},"bands":[[],[],[],[]],"tolerance":1}`, "/bands/0"},
	} {
		_, err := Parse(strings.NewReader(test.text), known)
		if err == nil || comity.KindOf(err) != comity.Invalid || !strings.Contains(err.Error(), test.place) {
			t.Errorf("%s: got %v, want %s …", test.name, err, test.place)
		}
	}
	_, err := Parse(strings.NewReader(`{"version":"`+strings.Repeat("x", MaxBytes)), known)
	if comity.KindOf(err) != comity.TooLarge {
		t.Errorf("too large: got %v", err)
	}
}

// Every member that is written is in the schema, and the schema says the same bounds.
func TestSchemaKnowsEveryMember(t *testing.T) {
	var schema struct {
		Properties map[string]struct {
			MaxItems int
		}
		Defs map[string]struct {
			Properties map[string]json.RawMessage
		} `json:"$defs"`
	}
	if err := json.Unmarshal(Schema, &schema); err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := Write(&text, sound()); err != nil {
		t.Fatal(err)
	}
	var document map[string]json.RawMessage
	if err := json.Unmarshal(text.Bytes(), &document); err != nil {
		t.Fatal(err)
	}
	for name := range document {
		if _, ok := schema.Properties[name]; !ok {
			t.Errorf("%s is not in the schema", name)
		}
	}
	var scenarios []map[string]json.RawMessage
	if err := json.Unmarshal(document["scenarios"], &scenarios); err != nil {
		t.Fatal(err)
	}
	for _, s := range scenarios {
		for name := range s {
			if _, ok := schema.Defs["scenario"].Properties[name]; !ok {
				t.Errorf("%s of a scenario is not in the schema", name)
			}
		}
	}
	if got := schema.Properties["scenarios"].MaxItems; got != MaxScenarios {
		t.Errorf("the schema allows %d scenarios, the program %d", got, MaxScenarios)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"scenarios":[{"id":"ab","source":"adversarial","origin":"partner","hits":["integrity"],"targeted":true,"rate":{"low":1,"high":2},"basis":"b",` +
		`"path":[{"name":"impact","techniques":[{"technique":"T1486","share":1}]}],"texts":{"en":{"name":"n","text":"t"}}}],"strength":{"M1032":0.5},` +
		`"bands":[[{"low":0,"high":0},{"low":0,"high":0},{"low":1,"high":2}],[{"low":0,"high":0},{"low":0,"high":0},{"low":1,"high":2}],` +
		`[{"low":0,"high":0},{"low":0,"high":0},{"low":1,"high":2}],[{"low":0,"high":0},{"low":0,"high":0},{"low":1,"high":2}]],"tolerance":1}`))
	f.Add([]byte(`{"scenarios":[{"id":"a/b","texts":{"~":{}}}],"bands":[[{}]]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := Parse(bytes.NewReader(data), known)
		if err != nil {
			if kind := comity.KindOf(err); kind != comity.Invalid && kind != comity.TooLarge {
				t.Fatalf("%s: %v", kind, err)
			}
			return
		}
		var written bytes.Buffer
		if err := Write(&written, c); err != nil {
			t.Fatal(err)
		}
		again, err := Parse(&written, known)
		if err != nil {
			t.Fatalf("what was written is refused: %v", err)
		}
		if diff := cmp.Diff(c, again); diff != "" {
			t.Fatalf("what was written reads differently:\n%s", diff)
		}
	})
}
