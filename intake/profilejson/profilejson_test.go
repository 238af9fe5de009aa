package profilejson

import (
	"bytes"
	"strings"
	"testing"

	"comity"
	"comity/intake/profile"

	"github.com/google/go-cmp/cmp"
)

func TestParseSaysOnlyWhatIsThere(t *testing.T) {
	d, problems, err := Parse(strings.NewReader(`{"software":[],"sectors":["health"],"bands":null}`), profile.Options{})
	if err != nil || len(problems) > 0 {
		t.Fatalf("problems %v, err %v", problems, err)
	}
	p := comity.Profile{
		Software: []comity.Software{{ID: comity.MakeSoftwareID(comity.Entropy{1}), Vendor: "A", Name: "B", Placement: comity.InternalOnly}},
		Sectors:  []string{"aviation"}, Regions: []string{"asia"}, Tolerance: 5,
		Suppliers: []comity.Supplier{{ID: comity.MakeSupplierID(comity.Entropy{1}), Name: "S"}},
	}
	got, effects := profile.Apply(p, d, profile.Choice{})
	if len(got.Software) != 1 || len(got.Sectors) != 2 || got.Tolerance != 5 || effects.Scope.Added != 1 {
		t.Errorf("added: %+v, %+v", got, effects)
	}
	got, effects = profile.Apply(p, d, profile.Choice{Mode: profile.Replace})
	if len(got.Software) != 0 || len(got.Sectors) != 1 || len(got.Regions) != 0 || got.Tolerance != 0 || len(got.Suppliers) != 1 {
		t.Errorf("replaced: %+v, %+v", got, effects)
	}
}

func TestParseTellsEveryProblemByPointer(t *testing.T) {
	for _, tt := range []struct {
		name, file string
		want       []profile.Problem
	}{
		{"nothing", `{}`, []profile.Problem{{Code: profile.Empty}}},
		{"cut off", `{"software":[`, []profile.Problem{{Code: profile.Unreadable, Value: "it is cut off after byte 13"}}},
		{"a member that there is not", `{"softwear":[]}`, []profile.Problem{{Code: profile.Unreadable, Value: `at "/softwear", byte 11: a profile has no member "softwear"`}}},
		{"a member twice", `{"regions":[],"regions":[]}`, []profile.Problem{{Code: profile.Unreadable, Value: `duplicate object member name "regions"`}}},
		{"wrong in several", `{"software":[{"vendor":"A","name":"","placement":"x"}],"services":[{"name":"S","level":"strategic","criticality":[1,2,3]}],` +
			`"suppliers":[{"name":"T","dependence":2}],"coverage":{"M1":0.5,"M1032":0.6},"sectors":["health","x"],"out_of_scope":["y"],"tolerance":-1,` +
			`"bands":[[{"low":2,"high":1},{},{}],[{},{},{}],[{},{},{}],[{},{},{}]]}`, []profile.Problem{
			{Path: "/software/0", Column: "name", Code: profile.Required},
			{Path: "/software/0", Column: "placement", Code: profile.BadPlacement, Value: "x"},
			{Path: "/services/0", Column: "reliability", Code: profile.Required},
			{Path: "/suppliers/0", Column: "dependence", Code: profile.BadDependence, Value: "2"},
			{Path: "/coverage/M1", Column: "mitigation", Code: profile.BadMitigation, Value: "M1"},
			{Path: "/coverage/M1032", Column: "coverage", Code: profile.BadCoverage, Value: "0.6"},
			{Path: "/sectors/1", Code: profile.BadWord, Value: "x"},
			{Path: "/out_of_scope/0", Code: profile.BadWord, Value: "y"},
			{Path: "/tolerance", Code: profile.BadAmount, Value: "-1"},
			{Path: "/bands", Code: profile.BadAmount, Value: "2–1"},
		}},
		{"bands of another size", `{"bands":[[{},{},{}]]}`, []profile.Problem{{Code: profile.Unreadable, Value: `at "/bands", byte 21: want 4 rows`}}},
	} {
		_, got, err := Parse(strings.NewReader(tt.file), profile.Options{Scenarios: []string{"fraud"}})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: problems (-want +got):\n%s", tt.name, diff)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"organization":"org_x","revision":3,"software":[{"vendor":"A","name":"B","placement":"internal"}],"coverage":{"M1032":0.5}}`))
	f.Add([]byte(`{"services":[{"name":"S","level":"strategic","criticality":[0,1,2,3]}],"bands":[[{"low":1,"high":2},{},{}],[{},{},{}],[{},{},{}],[{},{},{}]],"tolerance":1e3}`))
	f.Add([]byte(`{"sectors":["health"],"regions":[],"out_of_scope":["fraud"],"suppliers":[{"name":"T","dependence":0.1}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, problems, err := Parse(bytes.NewReader(data), profile.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if len(problems) > 0 {
			return
		}
		p, _ := profile.Apply(comity.Profile{Org: "org_x"}, d, profile.Choice{})
		var b bytes.Buffer
		if err := Write(&b, p); err != nil {
			t.Fatal(err)
		}
		again, problems, err := Parse(&b, profile.Options{})
		if err != nil || len(problems) > 0 {
			t.Fatalf("what was written has problems %v, %v", problems, err)
		}
		if _, effects := profile.Apply(p, again, profile.Choice{Mode: profile.Replace}); !effects.Empty() {
			t.Fatalf("what was written differs: %+v", effects)
		}
	})
}
