package profilecsv

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/iotest"

	"comity"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

const sample = "\uFEFFkind,name,vendor,version,cpe,purl,placement,patched on,level,confidentiality,integrity,availability,reliability,dependence,mitigation,coverage\r\n" +
	"service,Correspondence,,,,,,,strategic,3,2,2,1,,,\r\n" +
	"software,FortiGate,Fortinet,7.4.1,cpe:2.3:o:fortinet:fortios:7.4.1:*:*:*:*:*:*:*,,internet-facing,2026-06-30,,,,,,,,\r\n" +
	"Software,openssl,Debian,3.0.15,,pkg:deb/debian/openssl,Internal,,,,,,,,,\r\n" +
	"supplier,Shared Services Centre,,,,,,,,,,,,30 %,,\r\n" +
	",,,,,,,,,,,,,,,\r\n" +
	"coverage,,,,,,,,,,,,,,m1032,75%\r\n"

func TestParseReadsEveryKind(t *testing.T) {
	got, problems, err := Parse(strings.NewReader(sample), Options{Mitigations: []string{"M1032"}})
	if err != nil || len(problems) > 0 {
		t.Fatalf("problems %v, err %v", problems, err)
	}
	want := Document{
		Services: []comity.Service{{Name: "Correspondence", Level: comity.LevelStrategic, Criticality: [4]int{3, 2, 2, 1}}},
		Software: []comity.Software{
			{
				Vendor: "Fortinet", Name: "FortiGate", Version: "7.4.1", CPE: "cpe:2.3:o:fortinet:fortios:7.4.1:*:*:*:*:*:*:*",
				Placement: comity.InternetFacing, PatchedOn: comity.Date{Year: 2026, Month: 6, Day: 30},
			},
			{Vendor: "Debian", Name: "openssl", Version: "3.0.15", PURL: "pkg:deb/debian/openssl", Placement: comity.InternalOnly},
		},
		Suppliers: []comity.Supplier{{Name: "Shared Services Centre", Dependence: 0.3}},
		Coverage:  []Answer{{Mitigation: "M1032", Coverage: 0.75}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("document (-want +got):\n%s", diff)
	}
}

func TestParseTellsEveryProblemByLine(t *testing.T) {
	const header = "kind,id,name,vendor,version,cpe,purl,placement,patched_on,level,confidentiality,integrity,availability,reliability,dependence,mitigation,coverage\n"
	tests := []struct {
		name string
		file string
		want []Problem
	}{
		{"nothing", "", []Problem{{Code: Empty}}},
		{"header only", header, []Problem{{Code: Empty}}},
		{"unknown and repeated columns", "vendor,owner,vendor\nA,b,C\n", []Problem{
			{Line: 1, Code: UnknownColumn, Value: "owner"},
			{Line: 1, Code: TwiceColumn, Value: "vendor"},
			{Line: 2, Column: "name", Code: Required},
			{Line: 2, Column: "placement", Code: Required},
		}},
		{"without a kind rows are software", "vendor;product;placement\nApache;Tomcat;internal\n", nil},
		{"many problems in one row and the next", header +
			"software,svc_1,,Fortinet,1,cpe:2.3:x,not a purl,outside,30.6.2026,,,,,,,,\n" +
			"service,,S,,,,,,,tactical,5,-1,,2,,,\n", []Problem{
			{Line: 2, Column: "id", Code: BadID, Value: "svc_1"},
			{Line: 2, Column: "name", Code: Required},
			{Line: 2, Column: "cpe", Code: BadCPE, Value: "cpe:2.3:x"},
			{Line: 2, Column: "purl", Code: BadPURL, Value: "not a purl"},
			{Line: 2, Column: "placement", Code: BadPlacement, Value: "outside"},
			{Line: 2, Column: "patched_on", Code: BadDate, Value: "30.6.2026"},
			{Line: 3, Column: "level", Code: BadLevel, Value: "tactical"},
			{Line: 3, Column: "confidentiality", Code: BadGrade, Value: "5"},
			{Line: 3, Column: "integrity", Code: BadGrade, Value: "-1"},
			{Line: 3, Column: "availability", Code: Required},
		}},
		{"a cell of another kind", "kind,name,dependence,vendor\nsupplier,A,0.1,B\n", []Problem{
			{Line: 2, Column: "vendor", Code: Unused, Value: "B"},
		}},
		{"kinds", "kind,name\nserver,A\n,B\n", []Problem{
			{Line: 2, Column: "kind", Code: UnknownKind, Value: "server"},
			{Line: 3, Column: "kind", Code: Required},
		}},
		{"more cells than columns", "kind,mitigation,coverage\ncoverage,M1032,75,x\n", []Problem{{Line: 2, Code: TooManyCells}}},
		{"said twice", "kind,name,dependence\nsupplier,Acme Ltd,0.1\nsupplier,ACME,0.2\n", []Problem{
			{Line: 3, Code: Duplicate, Value: "2"},
		}},
		{"the same product in two places is no duplicate", "vendor,name,placement\nA,B,internal\nA,B,internet-facing\n", nil},
		{"names that differ in signs only", "vendor,name,placement\nA,C,internal\nA,C++,internal\nA,C#,internal\n", nil},
		{"quotes", "kind,name,dependence\nsupplier,a\"b,0.1\nsupplier,ok,2\nsupplier,\"open,0.1\n", []Problem{
			{Line: 2, Code: Quoting},
			{Line: 3, Column: "dependence", Code: BadDependence, Value: "2"},
			{Line: 4, Code: Quoting},
		}},
		{"a quote in the header", "ki\"nd\nsoftware\n", []Problem{{Line: 1, Code: Quoting}}},
		{"lines are those of the file", "kind,name,dependence\n\nsupplier,\"two\nlines\",0.1\nsupplier,,x\n", []Problem{
			{Line: 3, Column: "name", Code: NotUTF8, Value: "two\nlines"},
			{Line: 5, Column: "name", Code: Required},
			{Line: 5, Column: "dependence", Code: BadDependence, Value: "x"},
		}},
		{"other encodings", "kind,name,dependence\nsupplier,Soci\xe9t\xe9,0.1\n", []Problem{
			{Line: 2, Column: "name", Code: NotUTF8, Value: "Soci\uFFFDt\uFFFD"},
		}},
		{"coverage", "kind,mitigation,coverage\ncoverage,M1055,0\ncoverage,T1190,75\ncoverage,M1032,80\ncoverage,M1042,0.95\ncoverage,M1047,95 %\n", []Problem{
			{Line: 2, Column: "mitigation", Code: BadMitigation, Value: "M1055"},
			{Line: 3, Column: "mitigation", Code: BadMitigation, Value: "T1190"},
			{Line: 4, Column: "coverage", Code: BadCoverage, Value: "80"},
		}},
		{"too long", "kind,name,dependence\nsupplier," + strings.Repeat("é", MaxCell+1) + ",0\nsupplier," + strings.Repeat("é", MaxCell) + ",0\n", []Problem{
			{Line: 2, Column: "name", Code: TooLong, Value: "500"},
		}},
		{"too many rows", "kind,name,dependence\n" + manySuppliers(MaxRows+5), []Problem{
			{Line: MaxRows + 2, Code: TooManyRows, Value: "10000"},
		}},
		{"too big", strings.Repeat("x", MaxBytes+1), []Problem{{Code: TooBig, Value: "4 MiB"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, got, err := Parse(strings.NewReader(tt.file), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			for _, p := range got {
				if s := p.String(); s == "" || strings.Contains(s, "{value}") {
					t.Errorf("sentence %q", s)
				}
			}
		})
	}
}

func manySuppliers(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "supplier,S%d,0\n", i)
	}
	return b.String()
}

func TestParseKeepsTheReadersError(t *testing.T) {
	broken := errors.New("broken pipe")
	if _, _, err := Parse(iotest.ErrReader(broken), Options{}); !errors.Is(err, broken) {
		t.Errorf("err = %v", err)
	}
}

func TestEveryCodeHasASentence(t *testing.T) {
	for _, c := range Codes {
		if sentences[c] == "" {
			t.Errorf("no sentence for %q", c)
		}
	}
	if len(Codes) != len(sentences) {
		t.Errorf("%d codes, %d sentences", len(Codes), len(sentences))
	}
}

func TestProblemString(t *testing.T) {
	for want, p := range map[string]Problem{
		`line 3, placement: "x": want internet-facing or internal`: {Line: 3, Column: "placement", Code: BadPlacement, Value: "x"},
		"line 4: says the same as line 2":                          {Line: 4, Code: Duplicate, Value: "2"},
		"name: must not be empty":                                  {Column: "name", Code: Required},
		"the file is larger than 4 MiB":                            {Code: TooBig, Value: "4 MiB"},
	} {
		if got := p.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func testProfile() comity.Profile {
	return comity.Profile{
		Org:      comity.MakeOrgID(comity.Entropy{1}),
		Revision: 4,
		Services: []comity.Service{{ID: comity.MakeServiceID(comity.Entropy{1}), Name: "Mail", Level: comity.LevelOperational}},
		Software: []comity.Software{
			{ID: comity.MakeSoftwareID(comity.Entropy{1}), Vendor: "Apache", Name: "Tomcat", Version: "9.0", Placement: comity.InternalOnly},
			{ID: comity.MakeSoftwareID(comity.Entropy{2}), Vendor: "Cisco", Name: "ASA", Placement: comity.InternetFacing},
		},
		Coverage: map[string]float64{"M1032": 0.5, "M1047": 0},
	}
}

func TestApplyMergesByIdentityThenByWhatItIsAbout(t *testing.T) {
	p := testProfile()
	d := Document{
		Software: []comity.Software{
			{Vendor: "apache", Name: "Tomcat", Version: "9.0", Placement: comity.InternalOnly, PURL: "pkg:maven/tomcat"},
			{ID: p.Software[1].ID, Vendor: "Cisco", Name: "ASA", Version: "9.18", Placement: comity.InternetFacing},
			{Vendor: "Zyxel", Name: "USG", Placement: comity.InternetFacing},
		},
		Coverage: []Answer{{"M1032", 0.75}, {"M1047", 0}, {"M1030", 0.25}},
	}
	got, effects := Apply(p, d, Merge)
	want := Effects{Software: Effect{Added: 1, Changed: 2}, Coverage: Effect{Added: 1, Changed: 1, Same: 1}}
	if diff := cmp.Diff(want, effects); diff != "" {
		t.Errorf("effects (-want +got):\n%s", diff)
	}
	if got.Software[0].ID != p.Software[1].ID || got.Software[0].Version != "9.18" {
		t.Errorf("line with an identity: %+v", got.Software[0])
	}
	if got.Software[2].ID != p.Software[0].ID || got.Software[2].PURL == "" {
		t.Errorf("line about the same thing: %+v", got.Software[2])
	}
	if diff := cmp.Diff(testProfile(), p); diff != "" {
		t.Errorf("the profile given was changed:\n%s", diff)
	}
	again, effects := Apply(got, d, Merge)
	if !effects.Empty() {
		t.Errorf("the same file again: %+v", effects)
	}
	if diff := cmp.Diff(got, again); diff != "" {
		t.Errorf("the same file again (-first +second):\n%s", diff)
	}
}

func TestApplyReplacesOnlySectionsInTheFile(t *testing.T) {
	p := testProfile()
	got, effects := Apply(p, Document{Software: []comity.Software{{Vendor: "Zyxel", Name: "USG", Placement: comity.InternetFacing}}}, Replace)
	if len(got.Software) != 1 || len(got.Services) != 1 || len(got.Coverage) != 2 {
		t.Errorf("got %+v", got)
	}
	if want := (Effects{Software: Effect{Added: 1, Removed: 2}}); effects != want {
		t.Errorf("effects %+v, want %+v", effects, want)
	}
}

// A row that bears an identity of another organisation must not bring that identity in.
func TestApplyIgnoresForeignIdentities(t *testing.T) {
	foreign := comity.MakeSoftwareID(comity.Entropy{9})
	got, _ := Apply(testProfile(), Document{Software: []comity.Software{{ID: foreign, Vendor: "Z", Name: "Y", Placement: comity.InternalOnly}}}, Merge)
	for _, s := range got.Software {
		if s.ID == foreign {
			t.Error("foreign identity kept")
		}
	}
}

// A line renamed after its import still has the identity derived from its first name: that name coming in again must not
// get the same one.
func TestApplyNeverGivesAnIdentityTwice(t *testing.T) {
	d := Document{Suppliers: []comity.Supplier{{Name: "Acme", Dependence: 0.1}}}
	p, _ := Apply(comity.Profile{Org: "org_x"}, d, Merge)
	p.Suppliers[0].Name = "Renamed"
	p, effects := Apply(p, d, Merge)
	if len(p.Suppliers) != 2 || p.Suppliers[0].ID == p.Suppliers[1].ID || effects.Suppliers.Added != 1 {
		t.Errorf("got %+v, %+v", p.Suppliers, effects)
	}
}

func TestWriteGuardsFormulas(t *testing.T) {
	p := comity.Profile{Suppliers: []comity.Supplier{{ID: comity.MakeSupplierID(comity.Entropy{}), Name: `=HYPERLINK("x")`}}}
	var b bytes.Buffer
	if err := Write(&b, p); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), `"'=HYPERLINK(""x"")"`) {
		t.Errorf("wrote %q", b.String())
	}
}

// name draws names such as people and attackers write.
func name() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		s := rapid.StringOfN(rapid.RuneFrom([]rune("aZ0 é中ع'=+-@,;\"#")), 1, 20, -1).Draw(t, "name")
		if s = strings.TrimSpace(s); s == "" {
			return "x"
		}
		return s
	})
}

// What Write writes, Parse reads without a problem and Apply finds equal.
func TestWriteThenParseIsTheSameProfile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawProfile(t)
		var b bytes.Buffer
		if err := Write(&b, p); err != nil {
			t.Fatal(err)
		}
		d, problems, err := Parse(&b, Options{})
		if err != nil || len(problems) > 0 && d.Rows() > 0 {
			t.Fatalf("problems %v, err %v", problems, err)
		}
		got, effects := Apply(p, d, Replace)
		if !effects.Empty() {
			t.Fatalf("effects %+v", effects)
		}
		if diff := cmp.Diff(p, got); diff != "" {
			t.Fatalf("profile (-want +got):\n%s", diff)
		}
	})
}

func drawProfile(t *rapid.T) comity.Profile {
	p := comity.Profile{Org: "org_x", Coverage: map[string]float64{}}
	seen := map[string]bool{}
	once := func(key string) bool {
		was := seen[key]
		seen[key] = true
		return !was
	}
	for i := range rapid.IntRange(0, 4).Draw(t, "lines") {
		e := comity.Entropy{byte(i)}
		service := comity.Service{
			ID: comity.MakeServiceID(e), Name: name().Draw(t, "service"), Level: rapid.SampledFrom(comity.Levels).Draw(t, "level"),
		}
		for j := range service.Criticality {
			service.Criticality[j] = rapid.IntRange(0, 4).Draw(t, "grade")
		}
		software := comity.Software{
			ID: comity.MakeSoftwareID(e), Vendor: name().Draw(t, "vendor"), Name: name().Draw(t, "software"),
			Version: name().Draw(t, "version"), Placement: comity.InternalOnly, PatchedOn: comity.Date{Year: 2026, Month: 1, Day: 1 + i},
		}
		supplier := comity.Supplier{
			ID: comity.MakeSupplierID(e), Name: name().Draw(t, "supplier"), Dependence: rapid.Float64Range(0, 1).Draw(t, "dependence"),
		}
		if once("a" + serviceKey(service)) {
			p.Services = append(p.Services, service)
		}
		if once("b" + SoftwareKey(software)) {
			p.Software = append(p.Software, software)
		}
		if once("c" + supplierKey(supplier)) {
			p.Suppliers = append(p.Suppliers, supplier)
		}
		p.Coverage[fmt.Sprintf("M10%d", 30+i)] = rapid.SampledFrom(comity.CoverageSteps).Draw(t, "coverage")
	}
	Sort(&p)
	return p
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(sample))
	f.Add([]byte("vendor;product;placement\r\nA;B;internal\r\n"))
	f.Add([]byte("kind\tmitigation\tcoverage\ncoverage\tM1032\t75\n"))
	f.Add([]byte("\"\n\"\"\"\x00"))
	f.Add([]byte("kind,name,dependence\nsupplier,'=x,100%\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, problems, err := Parse(bytes.NewReader(data), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if d.Rows() > MaxRows {
			t.Fatalf("%d rows", d.Rows())
		}
		if len(problems) > 0 {
			return
		}
		p, _ := Apply(comity.Profile{Org: "org_x"}, d, Merge)
		var b bytes.Buffer
		if err := Write(&b, p); err != nil {
			t.Fatal(err)
		}
		again, problems, err := Parse(&b, Options{})
		if err != nil || len(problems) > 0 {
			t.Fatalf("what was written has problems %v, err %v", problems, err)
		}
		if q, effects := Apply(p, again, Replace); !effects.Empty() || !cmp.Equal(p, q) {
			t.Fatalf("what was written differs: %+v\n%s", effects, cmp.Diff(p, q))
		}
	})
}
