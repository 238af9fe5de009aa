package profilecsv

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/iotest"

	"comity"
	"comity/intake/profile"
	"comity/intake/profile/profiletest"

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
	got, problems, err := Parse(strings.NewReader(sample), profile.Options{Mitigations: []string{"M1032"}})
	if err != nil || len(problems) > 0 {
		t.Fatalf("problems %v, err %v", problems, err)
	}
	want := profile.Document{
		Services: []comity.Service{{Name: "Correspondence", Level: comity.LevelStrategic, Criticality: [4]int{3, 2, 2, 1}}},
		Software: []comity.Software{
			{
				Vendor: "Fortinet", Name: "FortiGate", Version: "7.4.1", CPE: "cpe:2.3:o:fortinet:fortios:7.4.1:*:*:*:*:*:*:*",
				Placement: comity.InternetFacing, PatchedOn: comity.Date{Year: 2026, Month: 6, Day: 30},
			},
			{Vendor: "Debian", Name: "openssl", Version: "3.0.15", PURL: "pkg:deb/debian/openssl", Placement: comity.InternalOnly},
		},
		Suppliers: []comity.Supplier{{Name: "Shared Services Centre", Dependence: 0.3}},
		Coverage:  []profile.Answer{{Mitigation: "M1032", Coverage: 0.75}},
		Has:       map[profile.Section]bool{profile.Services: true, profile.Software: true, profile.Suppliers: true, profile.Coverage: true},
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
		want []profile.Problem
	}{
		{"nothing", "", []profile.Problem{{Code: profile.Empty}}},
		{"header only", header, []profile.Problem{{Code: profile.Empty}}},
		{"unknown and repeated columns", "vendor,owner,vendor\nA,b,C\n", []profile.Problem{
			{Line: 1, Code: profile.UnknownColumn, Value: "owner"},
			{Line: 1, Code: profile.TwiceColumn, Value: "vendor"},
			{Line: 2, Column: "name", Code: profile.Required},
			{Line: 2, Column: "placement", Code: profile.Required},
		}},
		{"without a kind rows are software", "vendor;product;placement\nApache;Tomcat;internal\n", nil},
		{"many problems in one row and the next", header +
			"software,svc_1,,Fortinet,1,cpe:2.3:x,not a purl,outside,30.6.2026,,,,,,,,\n" +
			"service,,S,,,,,,,tactical,5,-1,,2,,,\n", []profile.Problem{
			{Line: 2, Column: "id", Code: profile.BadID, Value: "svc_1"},
			{Line: 2, Column: "name", Code: profile.Required},
			{Line: 2, Column: "cpe", Code: profile.BadCPE, Value: "cpe:2.3:x"},
			{Line: 2, Column: "purl", Code: profile.BadPURL, Value: "not a purl"},
			{Line: 2, Column: "placement", Code: profile.BadPlacement, Value: "outside"},
			{Line: 2, Column: "patched_on", Code: profile.BadDate, Value: "30.6.2026"},
			{Line: 3, Column: "level", Code: profile.BadLevel, Value: "tactical"},
			{Line: 3, Column: "confidentiality", Code: profile.BadGrade, Value: "5"},
			{Line: 3, Column: "integrity", Code: profile.BadGrade, Value: "-1"},
			{Line: 3, Column: "availability", Code: profile.Required},
		}},
		{"a cell of another kind", "kind,name,dependence,vendor\nsupplier,A,0.1,B\n", []profile.Problem{
			{Line: 2, Column: "vendor", Code: profile.Unused, Value: "B"},
		}},
		{"kinds", "kind,name\nserver,A\n,B\n", []profile.Problem{
			{Line: 2, Column: "kind", Code: profile.UnknownKind, Value: "server"},
			{Line: 3, Column: "kind", Code: profile.Required},
		}},
		{"more cells than columns", "kind,mitigation,coverage\ncoverage,M1032,75,x\n", []profile.Problem{{Line: 2, Code: profile.TooManyCells}}},
		{"said twice", "kind,name,dependence\nsupplier,Acme Ltd,0.1\nsupplier,ACME,0.2\n", []profile.Problem{
			{Line: 3, Code: profile.Duplicate, Value: "2"},
		}},
		{"the same product in two places is no duplicate", "vendor,name,placement\nA,B,internal\nA,B,internet-facing\n", nil},
		{"names that differ in signs only", "vendor,name,placement\nA,C,internal\nA,C++,internal\nA,C#,internal\n", nil},
		{"quotes", "kind,name,dependence\nsupplier,a\"b,0.1\nsupplier,ok,2\nsupplier,\"open,0.1\n", []profile.Problem{
			{Line: 2, Code: profile.Quoting},
			{Line: 3, Column: "dependence", Code: profile.BadDependence, Value: "2"},
			{Line: 4, Code: profile.Quoting},
		}},
		{"a quote in the header", "ki\"nd\nsoftware\n", []profile.Problem{{Line: 1, Code: profile.Quoting}}},
		{"lines are those of the file", "kind,name,dependence\n\nsupplier,\"two\nlines\",0.1\nsupplier,,x\n", []profile.Problem{
			{Line: 3, Column: "name", Code: profile.NotUTF8, Value: "two\nlines"},
			{Line: 5, Column: "name", Code: profile.Required},
			{Line: 5, Column: "dependence", Code: profile.BadDependence, Value: "x"},
		}},
		{"other encodings", "kind,name,dependence\nsupplier,Soci\xe9t\xe9,0.1\n", []profile.Problem{
			{Line: 2, Column: "name", Code: profile.NotUTF8, Value: "Soci\uFFFDt\uFFFD"},
		}},
		{"coverage", "kind,mitigation,coverage\ncoverage,M1055,0\ncoverage,T1190,75\ncoverage,M1032,80\ncoverage,M1042,0.95\ncoverage,M1047,95 %\n", []profile.Problem{
			{Line: 2, Column: "mitigation", Code: profile.BadMitigation, Value: "M1055"},
			{Line: 3, Column: "mitigation", Code: profile.BadMitigation, Value: "T1190"},
			{Line: 4, Column: "coverage", Code: profile.BadCoverage, Value: "80"},
		}},
		{"too long", "kind,name,dependence\nsupplier," + strings.Repeat("é", profile.MaxCell+1) + ",0\nsupplier," + strings.Repeat("é", profile.MaxCell) + ",0\n", []profile.Problem{
			{Line: 2, Column: "name", Code: profile.TooLong, Value: "500"},
		}},
		{"too many rows", "kind,name,dependence\n" + manySuppliers(profile.MaxRows+5), []profile.Problem{
			{Line: profile.MaxRows + 2, Code: profile.TooManyRows, Value: "10000"},
		}},
		{"too big", strings.Repeat("x", MaxBytes+1), []profile.Problem{{Code: profile.TooBig, Value: "4 MiB"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, got, err := Parse(strings.NewReader(tt.file), profile.Options{})
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
	if _, _, err := Parse(iotest.ErrReader(broken), profile.Options{}); !errors.Is(err, broken) {
		t.Errorf("err = %v", err)
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

// What Write writes, Parse reads without a problem and Apply finds equal.
func TestWriteThenParseIsTheSameProfile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := profiletest.Profile(t, false)
		var b bytes.Buffer
		if err := Write(&b, p); err != nil {
			t.Fatal(err)
		}
		d, problems, err := Parse(&b, profile.Options{})
		if err != nil || len(problems) > 0 && (d.Rows() > 0 || problems[0].Code != profile.Empty) {
			t.Fatalf("problems %v, err %v", problems, err)
		}
		got, effects := profile.Apply(p, d, profile.Choice{Mode: profile.Replace})
		if !effects.Empty() {
			t.Fatalf("effects %+v", effects)
		}
		if diff := cmp.Diff(p, got); diff != "" {
			t.Fatalf("profile (-want +got):\n%s", diff)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(sample))
	f.Add([]byte("vendor;product;placement\r\nA;B;internal\r\n"))
	f.Add([]byte("kind\tmitigation\tcoverage\ncoverage\tM1032\t75\n"))
	f.Add([]byte("\"\n\"\"\"\x00"))
	f.Add([]byte("kind,name,dependence\nsupplier,'=x,100%\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, problems, err := Parse(bytes.NewReader(data), profile.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if d.Rows() > profile.MaxRows {
			t.Fatalf("%d rows", d.Rows())
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
			t.Fatalf("what was written has problems %v, err %v", problems, err)
		}
		if q, effects := profile.Apply(p, again, profile.Choice{Mode: profile.Replace}); !effects.Empty() || !cmp.Equal(p, q) {
			t.Fatalf("what was written differs: %+v\n%s", effects, cmp.Diff(p, q))
		}
	})
}
