package assess

import (
	"compress/gzip"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"comity"
	"comity/assess/catalogue"
	"comity/internal/testkit"
)

func TestDefaultCatalogue(t *testing.T) {
	c := DefaultCatalogue()
	if c.Version == "" || len(c.Scenarios) != 15 || len(c.Strength) != 43 || c.Tolerance != 1e6 {
		t.Errorf("version %q, %d scenarios, %d strengths, tolerance %v", c.Version, len(c.Scenarios), len(c.Strength), c.Tolerance)
	}
	if _, ok := c.Strength["M1055"]; ok {
		t.Error("M1055 is no mitigation")
	}
	for code, e := range c.Strength {
		if !(e > 0 && e < 1) {
			t.Errorf("%s: strength %v", code, e)
		}
	}
	for l := 1; l < len(c.Bands); l++ {
		for a := range c.Bands[l] {
			if c.Bands[l][a].Low <= c.Bands[l-1][a].Low || c.Bands[l][a].High <= c.Bands[l-1][a].High {
				t.Errorf("criticality %d is no worse than %d in %s", l+1, l, comity.Area(a))
			}
		}
	}
}

func TestDefaultScenarios(t *testing.T) {
	k := knowledge(t)
	for _, s := range DefaultCatalogue().Scenarios {
		if s.Basis == "" {
			t.Errorf("%s: no basis", s.ID)
		}
		if s.Properties == 0 {
			t.Errorf("%s: hits nothing", s.ID)
		}
		if !slices.Contains(comity.Origins, s.Origin) {
			t.Errorf("%s: origin %q", s.ID, s.Origin)
		}
		if adversarial := s.Source == comity.SourceAdversarial; adversarial != (len(s.Path) > 0) || s.Targeted && !adversarial {
			t.Errorf("%s: %s, targeted %v, with %d stages", s.ID, s.Source, s.Targeted, len(s.Path))
		}
		for _, st := range s.Path {
			for _, share := range st.Techniques {
				technique, ok := techniqueOf(k, share.Technique)
				if !ok || !slices.Contains(technique.Tactics, st.Name) {
					t.Errorf("%s: %s is no technique of %s", s.ID, share.Technique, st.Name)
				}
			}
		}
	}
}

// The facts in testdata/techniques.json, and the numbers of all mitigations, must be those of ATT&CK v18.1.
func TestTechniquesAreThoseOfATTACK(t *testing.T) {
	b := readBundle(t)
	for code := range DefaultCatalogue().Strength {
		if !b.numbers[code] {
			t.Errorf("%s is no mitigation in force", code)
		}
	}
	for _, technique := range knowledge(t).Techniques {
		if !b.numbers[technique.Number] {
			t.Errorf("%s is no technique in force", technique.Number)
		}
		got := slices.DeleteFunc(b.mitigations[technique.Number], func(m string) bool { return m == "M1055" })
		slices.Sort(got)
		if !slices.Equal(slices.Compact(got), technique.Mitigations) {
			t.Errorf("%s: %v, the bundle has %v", technique.Number, technique.Mitigations, got)
		}
		if !slices.Equal(b.tactics[technique.Number], technique.Tactics) {
			t.Errorf("%s: %v, the bundle has %v", technique.Number, technique.Tactics, b.tactics[technique.Number])
		}
	}
}

// bundle is what the test needs of ATT&CK's bundle: what is in force, by its number.
type bundle struct {
	numbers     map[string]bool
	mitigations map[string][]string
	tactics     map[string][]string
}

func readBundle(t *testing.T) bundle {
	t.Helper()
	file, err := os.Open(testkit.Shared(t, "attack/enterprise-attack-18.1.json.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Objects []struct {
			ID, Type   string
			Revoked    bool
			Deprecated bool   `json:"x_mitre_deprecated"`
			Relation   string `json:"relationship_type"`
			Source     string `json:"source_ref"`
			Target     string `json:"target_ref"`
			References []struct {
				Source string `json:"source_name"`
				ID     string `json:"external_id"`
			} `json:"external_references"`
			Phases []struct {
				Name string `json:"phase_name"`
			} `json:"kill_chain_phases"`
		}
	}
	if err := json.NewDecoder(unzipped).Decode(&document); err != nil {
		t.Fatal(err)
	}
	b := bundle{map[string]bool{}, map[string][]string{}, map[string][]string{}}
	numberOf := map[string]string{}
	for _, o := range document.Objects {
		if o.Revoked || o.Deprecated || o.Type != "attack-pattern" && o.Type != "course-of-action" {
			continue
		}
		for _, r := range o.References {
			if r.Source == "mitre-attack" {
				numberOf[o.ID] = r.ID
				b.numbers[r.ID] = true
				for _, p := range o.Phases {
					b.tactics[r.ID] = append(b.tactics[r.ID], p.Name)
				}
			}
		}
	}
	for _, o := range document.Objects {
		m, technique := numberOf[o.Source], numberOf[o.Target]
		if o.Relation == "mitigates" && !o.Revoked && !o.Deprecated && strings.HasPrefix(m, "M") && technique != "" {
			b.mitigations[technique] = append(b.mitigations[technique], m)
		}
	}
	return b
}

// What the door lets in can be assessed with: intervals at every bound, on every scenario and band.
func TestWhatIsCheckedCanBeAssessed(t *testing.T) {
	rates := []comity.Interval{{Low: 1, High: 1.1}, {Low: 1e-6, High: 1}, {Low: 1, High: 1e6}, {Low: 1e-6, High: 1.1e-6}, {Low: 9e5, High: 1e6}}
	bands := []comity.Interval{{}, {Low: 1e-6, High: 1.0000001e-6}, {Low: 1e9, High: 1e15}, {Low: 1e-6, High: 1}, {Low: 9.9999e14, High: 1e15}}
	for i := range rates {
		c := DefaultCatalogue()
		c.Scenarios = slices.Clone(c.Scenarios)
		for k := range c.Scenarios {
			c.Scenarios[k].Rate = rates[(i+k)%len(rates)]
		}
		for l := range c.Bands {
			for a := range c.Bands[l] {
				c.Bands[l][a] = bands[(i+l+a)%len(bands)]
			}
		}
		c.Tolerance = []float64{1e-6, 1, 1e6, 1e15, 5}[i]
		if err := catalogue.Check(c, comity.Knowledge{}); err != nil {
			t.Fatalf("%d: the bounds are inside: %v", i, err)
		}
		if _, err := Assess(Input{Catalogue: c, Knowledge: knowledge(t), Now: now}); err != nil {
			t.Errorf("%d: %v", i, err)
		}
	}
}
