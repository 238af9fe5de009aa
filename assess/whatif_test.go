package assess

import (
	"slices"
	"testing"

	"comity"

	"github.com/google/go-cmp/cmp"
)

// exposed is a typical organisation with an exploited edge device and a supplier.
func exposed(t testing.TB) Input {
	in := typical(t)
	in.Profile.Software = []comity.Software{{ID: "sof_edge", Vendor: "Acme", Name: "Gate", Placement: comity.InternetFacing}}
	in.Profile.Suppliers = []comity.Supplier{{ID: "sup_cloud", Name: "Cloud", Dependence: 0.5}}
	in.Threats = map[comity.ThreatID]comity.Threat{
		"thr_CVE-2026-1": {ID: "thr_CVE-2026-1", Kind: comity.ThreatVulnerability, Vulnerability: &comity.Vulnerability{Exploited: true}},
	}
	in.Matches = []comity.Match{{
		ID: "mat_a", Threat: "thr_CVE-2026-1", Kind: comity.MatchSoftware, Software: "sof_edge", Exposed: 1, Techniques: []string{"T1190"},
	}}
	return in
}

func TestTry(t *testing.T) {
	before := mustAssess(t, exposed(t))
	for _, test := range []struct {
		name  string
		w     comity.WhatIf
		lower bool
	}{
		{"more coverage", comity.WhatIf{Coverage: map[string]float64{"M1032": 0.95}}, true},
		{"less coverage", comity.WhatIf{Coverage: map[string]float64{"M1032": 0}}, false},
		{"patched", comity.WhatIf{Patched: []comity.SoftwareID{"sof_edge"}}, true},
		{"dropped", comity.WhatIf{Dropped: []comity.SupplierID{"sup_cloud"}}, true},
		{"an incident", comity.WhatIf{Incidents: map[comity.ScenarioID]int{"phishing": 1}}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			in := exposed(t)
			tried, err := Try(in, test.w)
			if err != nil {
				t.Fatal(err)
			}
			after := mustAssess(t, tried)
			if lower := after.Significant.Value < before.Significant.Value; lower != test.lower {
				t.Errorf("from %v to %v", before.Significant.Value, after.Significant.Value)
			}
			if diff := cmp.Diff(before, mustAssess(t, in)); diff != "" {
				t.Errorf("trying changed the input:\n%s", diff)
			}
		})
	}
}

func TestTryNothingChangesNothing(t *testing.T) {
	tried, err := Try(exposed(t), comity.WhatIf{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(mustAssess(t, exposed(t)), mustAssess(t, tried)); diff != "" {
		t.Error(diff)
	}
}

func TestTryRefuses(t *testing.T) {
	for name, w := range map[string]comity.WhatIf{
		"no mitigation": {Coverage: map[string]float64{"M9999": 0.5}},
		"no step":       {Coverage: map[string]float64{"M1032": 0.6}},
		"no software":   {Patched: []comity.SoftwareID{"sof_none"}},
		"no supplier":   {Dropped: []comity.SupplierID{"sup_none"}},
		"no scenario":   {Incidents: map[comity.ScenarioID]int{"none": 1}},
		"too many":      {Incidents: map[comity.ScenarioID]int{DefaultCatalogue().Scenarios[0].ID: 21}},
	} {
		if _, err := Try(exposed(t), w); comity.KindOf(err) != comity.Invalid {
			t.Errorf("%s: got %v, want Invalid", name, err)
		}
	}
}

// TestRank checks that the list is what trying each step by itself says, and in its order.
func TestRank(t *testing.T) {
	in := exposed(t)
	list, err := Rank(in)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.IsSortedFunc(list, func(a, b comity.Improvement) int {
		switch {
		case a.Expected > b.Expected:
			return -1
		case a.Expected < b.Expected:
			return 1
		}
		return 0
	}) {
		t.Error("not in order")
	}
	before := mustAssess(t, in)
	for _, one := range list[:5] {
		w := comity.WhatIf{}
		switch {
		case one.Control != "":
			w.Coverage = map[string]float64{one.Control: one.To}
		case one.Software != "":
			w.Patched = []comity.SoftwareID{one.Software}
		default:
			w.Dropped = []comity.SupplierID{one.Supplier}
		}
		tried, err := Try(in, w)
		if err != nil {
			t.Fatal(err)
		}
		after := mustAssess(t, tried)
		near(t, one.Control+one.Subject, one.Expected, before.Expected.Value-after.Expected.Value, 1e-9)
		near(t, one.Control+one.Subject+" loss", one.MeanLoss, before.Loss.Mean-after.Loss.Mean, 1e-3)
	}
	for kind, is := range map[string]func(comity.Improvement) bool{
		"control":  func(i comity.Improvement) bool { return i.Control != "" && i.To > i.From },
		"software": func(i comity.Improvement) bool { return i.Software == "sof_edge" && i.Subject == "Acme Gate" },
		"supplier": func(i comity.Improvement) bool { return i.Supplier == "sup_cloud" },
	} {
		if !slices.ContainsFunc(list, is) {
			t.Errorf("no step of the kind %s", kind)
		}
	}
}

func BenchmarkRank(b *testing.B) {
	in := exposed(b)
	for b.Loop() {
		if _, err := Rank(in); err != nil {
			b.Fatal(err)
		}
	}
}
