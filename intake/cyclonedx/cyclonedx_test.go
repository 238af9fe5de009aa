package cyclonedx

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"

	"comity"
	"comity/intake/profile"
	"comity/intake/profile/profiletest"
	"comity/internal/testkit"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// bom is a document with these components.
func bom(components string) string {
	return `{"bomFormat":"CycloneDX","specVersion":"1.6","version":1,"components":[` + components + `]}`
}

func TestParseJSONReadsComponents(t *testing.T) {
	const nested = `{"bomFormat":"CycloneDX","specVersion":"1.4","metadata":{"tools":[{"name":"t"}],"component":{"type":"application","publisher":"Acme","name":"App","version":"2"}},
"dependencies":[{"ref":"a","dependsOn":["b"]}],
"components":[
{"type":"operating-system","name":"debian","version":"12","cpe":"cpe:/o:debian:debian_linux:12.0"},
{"name":"outer","type":"framework","group":"g","version":"1","licenses":[{"license":{"id":"MIT"}}],"components":[{"type":"library","name":"inner","purl":"pkg:npm/%40scope/inner@3.2.1"}]},
{"type":"device","name":"Adapter","supplier":{"name":"Acme Ltd","url":["https://acme.example"]}},
{"type":"firmware","name":"bios","manufacturer":{"name":"Maker"},"version":null},
{"type":"cryptographic-asset","name":"key"},{"type":"file","name":"a"},{"type":"file","name":"b"},
{"type":"library","name":"Inner","group":"@scope","version":"3.2.1","cpe":"cpe:2.3:a:scope:inner:3.2.1:*:*:*:*:*:*:*"}
]}`
	got, problems, err := ParseJSON(strings.NewReader("\uFEFF"+nested), profile.Options{})
	if err != nil || len(problems) > 0 {
		t.Fatalf("problems %v, err %v", problems, err)
	}
	want := profile.Document{
		Software: []comity.Software{
			{Vendor: "Acme", Name: "App", Version: "2"},
			{Vendor: "debian", Name: "debian", Version: "12", CPE: `cpe:2.3:o:debian:debian_linux:12.0:*:*:*:*:*:*:*`},
			{Vendor: "@scope", Name: "inner", Version: "3.2.1", PURL: "pkg:npm/%40scope/inner@3.2.1", CPE: "cpe:2.3:a:scope:inner:3.2.1:*:*:*:*:*:*:*"},
			{Vendor: "g", Name: "outer", Version: "1"},
			{Vendor: "Acme Ltd", Name: "Adapter"},
			{Vendor: "Maker", Name: "bios"},
		},
		Classes: []profile.Class{profile.Application, profile.OperatingSystem, profile.Library, profile.Library, profile.Device, profile.Firmware},
		Folded:  1, Passed: map[string]int{"cryptographic-asset": 1, "file": 2},
		Has: map[profile.Section]bool{profile.Software: true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("document (-want +got):\n%s", diff)
	}
}

func TestParseJSONTellsEveryProblemByPointer(t *testing.T) {
	tests := []struct {
		name string
		file string
		want []profile.Problem
	}{
		{"nothing", "", []profile.Problem{{Code: profile.Unreadable, Value: "it is cut off after byte 0"}}},
		{"cut off", `{"bomFormat":"CycloneDX"`, []profile.Problem{{Code: profile.Unreadable, Value: "it is cut off after byte 24"}}},
		{"another document", `{"specVersion":"1.6","components":[]}`, []profile.Problem{{Code: profile.Unreadable, Value: `at "", byte 37: /bomFormat is not CycloneDX`}}},
		{"a list", `[]`, []profile.Problem{{Code: profile.Unreadable, Value: `at "", byte 1: want an object`}}},
		{"two documents", bom("") + "{}", []profile.Problem{{Code: profile.Unreadable, Value: `at "", byte 74: something follows the document`}}},
		{"a version to come", `{"bomFormat":"CycloneDX","specVersion":"1.7","components":[{"type":"library","name":"a","group":"b"}]}`, []profile.Problem{{Code: profile.WrongVersion, Value: "1.7"}}},
		{"no components", bom(""), []profile.Problem{{Code: profile.NoComponents}}},
		{"no software", bom(`{"type":"file","name":"x"},{"type":"data","name":"x"}`), []profile.Problem{{Code: profile.NoSoftware, Value: "data 1, file 1"}}},
		{"wrong in several", bom(`{"type":"library","name":"a"},{"type":"library","group":"g","purl":"pkg:npm/x","cpe":"cpe:2.3:x"},{"type":"library","name":"n","purl":"npm/x"},{"type":"library","group":"b","name":"b","components":[{"type":"library","group":"\u0000","name":"c"}]}`), []profile.Problem{
			{Path: "/components/0", Column: "vendor", Code: profile.Required},
			{Path: "/components/1", Column: "cpe", Code: profile.BadCPE, Value: "cpe:2.3:x"},
			{Path: "/components/2", Column: "purl", Code: profile.BadPURL, Value: "npm/x"},
			{Path: "/components/3/components/0", Column: "vendor", Code: profile.NotUTF8, Value: "\x00"},
		}},
		{"a member twice", bom(`{"type":"library","name":"a","name":"b"}`), []profile.Problem{
			{Code: profile.Unreadable, Value: `duplicate object member name "name" within "/components/0"`},
		}},
		{"a number for a text", bom(`{"type":"library","name":1}`), []profile.Problem{
			{Code: profile.Unreadable, Value: `at "/components/0/name", byte 97: want a text`},
		}},
		{"a text for a list", `{"bomFormat":"CycloneDX","components":"x"}`, []profile.Problem{
			{Code: profile.Unreadable, Value: `at "/components", byte 41: want an array`},
		}},
		{"not UTF-8", bom(`{"type":"library","name":"Soci` + "\xe9" + `t"}`), []profile.Problem{
			{Code: profile.Unreadable, Value: `invalid UTF-8 within "/components/0/name" after offset 101`},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, got, err := ParseJSON(strings.NewReader(tt.file), profile.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFormatted(t *testing.T) {
	for uri, want := range map[string]string{
		"cpe:/a:acme:gate":                    `cpe:2.3:a:acme:gate:*:*:*:*:*:*:*:*`,
		"cpe:/o:Acme:big%20os:1.0:u1:~~pro~~": `cpe:2.3:o:acme:big\ os:1.0:u1:*:*:*:*:*:*`,
		"cpe:/a:acme:c%2b%2b::-":              `cpe:2.3:a:acme:c\+\+:*:-:*:*:*:*:*:*`,
		"cpe:/a:acme:%zz":                     "cpe:/a:acme:%zz",
		"cpe:2.3:a:b:c:*:*:*:*:*:*:*:*":       "cpe:2.3:a:b:c:*:*:*:*:*:*:*:*",
		"":                                    "",
	} {
		if got := formatted(uri); got != want {
			t.Errorf("%s: got %s, want %s", uri, got, want)
		}
	}
	if got := cpePart(`cpe:2.3:a:ac\:me:big_gate:1.0:*:*:*:*:*:*:*`, 1); got != "ac:me" {
		t.Errorf("vendor %q", got)
	}
}

func FuzzParseJSON(f *testing.F) {
	f.Add([]byte(bom(`{"type":"library","name":"a","group":"b","purl":"pkg:npm/a@1","components":[{"type":"device","name":"d"}]}`)))
	f.Add([]byte(`{"bomFormat":"CycloneDX","specVersion":"1.2","metadata":{"component":null},"components":null}`))
	f.Add([]byte(bom(`{"type":"application","name":"a","supplier":{"name":"s"},"cpe":"cpe:/a:b:c","properties":[{"name":"comity:placement","value":"internal"}]}`)))
	f.Fuzz(func(t *testing.T, data []byte) { checkParse(t, ParseJSON, data) })
}

// checkParse asks that what is read is either right or told of.
func checkParse(t *testing.T, parse func(io.Reader, profile.Options) (profile.Document, []profile.Problem, error), data []byte) {
	t.Helper()
	d, problems, err := parse(strings.NewReader(string(data)), profile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Software) != len(d.Classes) || len(d.Software) > profile.MaxRows {
		t.Fatalf("%d lines, %d classes", len(d.Software), len(d.Classes))
	}
	if len(problems) == 0 && len(d.Software) == 0 {
		t.Fatal("nothing was read and nothing is wrong")
	}
	for _, p := range problems {
		if p.String() == "" {
			t.Fatal("a problem without words")
		}
	}
	p, _ := profile.Apply(comity.Profile{Org: "org_x"}, d, profile.Choice{})
	if _, effects := profile.Apply(p, d, profile.Choice{}); !effects.Empty() {
		t.Fatalf("the same file again changes %+v", effects)
	}
}

// bomXML is a document with these components.
func bomXML(components string) string {
	return `<?xml version="1.0" encoding="UTF-8"?><bom xmlns="http://cyclonedx.org/schema/bom/1.5" version="1"><components>` + components + `</components></bom>`
}

func TestParseXMLReadsComponents(t *testing.T) {
	const nested = `<?xml version="1.0"?><!-- made by hand --><bom xmlns="http://cyclonedx.org/schema/bom/1.2" version="1">
<metadata><tools><tool><name>t</name></tool></tools><component type="application"><publisher>Acme &amp; Co</publisher><name>App</name><version>2</version></component></metadata>
<components>
 <component type="framework"><group>g</group><name>outer</name><version>1</version><licenses><license><id>MIT</id></license></licenses>
  <components><component type="library"><name>inner</name><purl>pkg:npm/%40scope/inner@3.2.1</purl></component></components></component>
 <component type="device"><supplier><name>Acme</name><url>https://acme.example</url></supplier><name><![CDATA[Adapter <1>]]></name></component>
 <component type="file"><name>x</name></component>
 <component type="application"><name>own</name><supplier><name>S</name></supplier><properties><property name="comity:placement">internet-facing</property><property name="x">y</property></properties></component>
</components></bom>`
	got, problems, err := ParseXML(strings.NewReader(nested), profile.Options{})
	if err != nil || len(problems) > 0 {
		t.Fatalf("problems %v, err %v", problems, err)
	}
	want := profile.Document{
		Software: []comity.Software{
			{Vendor: "Acme & Co", Name: "App", Version: "2"},
			{Vendor: "@scope", Name: "inner", Version: "3.2.1", PURL: "pkg:npm/%40scope/inner@3.2.1"},
			{Vendor: "g", Name: "outer", Version: "1"},
			{Vendor: "Acme", Name: "Adapter <1>"},
			{Vendor: "S", Name: "own", Placement: comity.InternetFacing},
		},
		Classes: []profile.Class{profile.Application, profile.Library, profile.Library, profile.Device, profile.Application},
		Passed:  map[string]int{"file": 1},
		Has:     map[profile.Section]bool{profile.Software: true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("document (-want +got):\n%s", diff)
	}
}

func TestParseXMLTellsEveryProblemByPath(t *testing.T) {
	unreadable := func(what string) []profile.Problem {
		return []profile.Problem{{Code: profile.Unreadable, Value: what}}
	}
	tests := []struct {
		name string
		file string
		want []profile.Problem
	}{
		{"nothing", "", unreadable("line 1: there is no element")},
		{"cut off", bomXML("")[:100], unreadable("line 1: unexpected EOF")},
		{"another document", `<html xmlns="http://www.w3.org/1999/xhtml"></html>`, unreadable(`line 1: the element "html" of "http://www.w3.org/1999/xhtml" is not CycloneDX`)},
		{"two documents", bomXML(`<component type="file"/>`) + "<a/>", unreadable("line 1: something follows the document")},
		{"entities", `<!DOCTYPE bom [<!ENTITY a "b">]>` + bomXML("&a;")[38:], unreadable("line 1: a document type has no place here")},
		{"an entity that nobody says", bomXML(`<component type="library"><name>&a;</name></component>`), unreadable("line 1: invalid character entity &a;")},
		{"a name twice", bomXML(`<component type="library"><name>a</name><name>b</name></component>`), unreadable(`line 1: at /bom/components/component[1]: the element "name" stands here twice`)},
		{"elements in a name", bomXML(`<component type="library"><name><b>a</b></name></component>`), unreadable(`line 1: at /bom/components/component[1]/name: want text alone`)},
		{"an old version", strings.Replace(bomXML(`<component type="library"><group>a</group><name>a</name></component>`), "1.5", "1.1", 1), []profile.Problem{{Code: profile.WrongVersion, Value: "1.1"}}},
		{"no components", bomXML(""), []profile.Problem{{Code: profile.NoComponents}}},
		{"wrong in several", bomXML(`<component type="library"><name>a</name></component><component type="library"><name>b</name><group>b</group>` +
			`<components><component type="library"><name>c</name><purl>x</purl></component></components></component>`), []profile.Problem{
			{Path: "/bom/components/component[1]", Column: "vendor", Code: profile.Required},
			{Path: "/bom/components/component[2]/components/component[1]", Column: "purl", Code: profile.BadPURL, Value: "x"},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, got, err := ParseXML(strings.NewReader(tt.file), profile.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

// What Write writes, ParseJSON reads without a problem and Apply finds equal: the software of a profile.
func TestWriteThenParseIsTheSameSoftware(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := profiletest.Profile(t, true)
		var b bytes.Buffer
		if err := Write(&b, p); err != nil {
			t.Fatal(err)
		}
		d, problems, err := ParseJSON(&b, profile.Options{})
		if len(p.Software) == 0 {
			return // a list without components is told as such
		}
		if err != nil || len(problems) > 0 {
			t.Fatalf("problems %v, err %v", problems, err)
		}
		got, effects := profile.Apply(p, d, profile.Choice{Mode: profile.Replace})
		if diff := cmp.Diff(p, got); diff != "" || !effects.Empty() {
			t.Fatalf("effects %+v, profile (-want +got):\n%s", effects, diff)
		}
	})
}

func FuzzParseXML(f *testing.F) {
	f.Add([]byte(bomXML(`<component type="library"><group>a</group><name>b</name><purl>pkg:npm/a@1</purl></component>`)))
	f.Add([]byte(bomXML(`<component type="device"><name>a</name><supplier><name>s</name></supplier><components><component type="firmware"/></components></component>`)))
	f.Add([]byte(`<!DOCTYPE bom [<!ENTITY a "b">]><bom>&a;</bom>`))
	f.Fuzz(func(t *testing.T, data []byte) { checkParse(t, ParseXML, data) })
}

// TestExamples reads the examples that the authors of the standard publish.
func TestExamples(t *testing.T) {
	archive, err := zip.OpenReader(testkit.Shared(t, "sbom/cyclonedx-examples.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	files, lines, refused := 0, 0, 0
	for _, f := range archive.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		d, problems, err := ParseJSON(r, profile.Options{})
		r.Close()
		if err != nil {
			t.Fatal(err)
		}
		if files++; len(d.Software) == 0 && len(problems) == 0 {
			t.Errorf("%s: nothing was read and nothing is wrong", f.Name)
		}
		if len(d.Software) == 0 {
			refused++
		}
		lines += len(d.Software)
		for _, p := range problems {
			if known := p.Code == profile.NoComponents || p.Code == profile.Required && p.Column == profile.ColumnVendor; !known {
				t.Errorf("%s: %v", f.Name, p)
			}
		}
	}
	if files != 29 || lines != 1329 || refused != 22 {
		t.Errorf("%d files, %d lines of software, %d files without any", files, lines, refused)
	}
}
