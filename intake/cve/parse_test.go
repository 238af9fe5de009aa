package cve_test

import (
	"bytes"
	stdjson "encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"comity"
	"comity/intake/cve"
	"comity/internal/testkit"

	"github.com/google/go-cmp/cmp"
)

const nvd = `{"cve":{"id":"CVE-2026-0001","published":"2026-07-01T10:00:00.000","lastModified":"2026-07-03T10:00:00.5","vulnStatus":"Analyzed",` +
	`"descriptions":[{"lang":"es","value":"Puerta"},{"lang":"en","value":"Gate opens."}],"references":[{"url":"https://acme.example/1"},{"url":"javascript:alert(1)"}],` +
	`"weaknesses":[{"description":[{"lang":"en","value":"CWE-20"},{"lang":"en","value":"NVD-CWE-Other"}]}],` +
	`"metrics":{"cvssMetricV2":[{"source":"nvd@nist.gov","cvssData":{"version":"2.0","vectorString":"AV:N","baseScore":10}}],` +
	`"cvssMetricV31":[{"source":"acme","cvssData":{"version":"3.1","vectorString":"B","baseScore":9.9}},{"source":"nvd@nist.gov","cvssData":{"version":"3.1","vectorString":"A","baseScore":7.5}}]},` +
	`"configurations":[{"operator":"AND","nodes":[{"operator":"OR","cpeMatch":[{"vulnerable":true,"criteria":"cpe:2.3:a:acme:big_gate\\:x:*:*:*:*:*:*:*:*","versionEndExcluding":"2.0"}]},` +
	`{"operator":"OR","negate":true,"cpeMatch":[{"vulnerable":false,"criteria":"cpe:2.3:o:acme:os:-:*:*:*:*:*:*:*"}]}]},` +
	`{"nodes":[{"cpeMatch":[{"vulnerable":false,"criteria":"cpe:2.3:a:null:null:*:*:*:*:*:*:*:*"}]}]}]}}`

func TestRecordOfTheNVD(t *testing.T) {
	r := parse(t, nvd)
	want := comity.Record{
		Source: comity.SourceNVD, ID: "CVE-2026-0001", Keys: []string{"CVE-2026-0001"}, Modified: time.Date(2026, 7, 3, 10, 0, 0, 0, time.UTC), Hash: r.Hash,
		Threat: comity.Threat{
			Kind: comity.ThreatVulnerability, Source: comity.SourceNVD, Marking: comity.Marking{TLP: comity.TLPClear},
			Description: "Gate opens.", Published: time.Date(2026, 7, 1, 10, 0, 0, 0, time.UTC),
			Vulnerability: &comity.Vulnerability{
				Vendor: "acme", Product: "big gate:x", CWEs: []string{"CWE-20"}, References: []string{"https://acme.example/1"},
				CVSS: &comity.CVSS{Version: "3.1", Vector: "A", Score: 7.5, By: "nvd@nist.gov"},
				Configurations: []comity.Configuration{{Join: comity.JoinAnd, Nodes: []comity.ConfigurationNode{
					{Join: comity.JoinOr, Products: []comity.Affected{{Vendor: "acme", Product: "big gate:x", CPE: `cpe:2.3:a:acme:big_gate\:x:*:*:*:*:*:*:*:*`, ToExcluding: "2.0"}}},
					{Join: comity.JoinOr, Negate: true, Products: []comity.Affected{{Vendor: "acme", Product: "os", CPE: "cpe:2.3:o:acme:os:-:*:*:*:*:*:*:*", Platform: true}}},
				}}},
			},
		},
	}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// An override adds to the NVD's record: it is another record of the same source.
func TestOverride(t *testing.T) {
	r := parse(t, `{"id":"CVE-2026-0001","_annotation":{"description":"Said beside","published":null,"modified":"2026-07-01T10:00:00.5+00:00"},"cve":{}}`)
	if r.ID != "CVE-2026-0001"+cve.Overrides || r.Keys[0] != "CVE-2026-0001" || r.Threat.Description != "Said beside" || r.Modified.IsZero() {
		t.Errorf("got %+v", r)
	}
}

func TestRecordOfTheProgram(t *testing.T) {
	r := parse(t, `{"dataVersion":"5.1","cveMetadata":{"cveId":"CVE-2026-0001","state":"PUBLISHED","dateUpdated":"2026-07-03T10:00:00.123Z","datePublished":"2026-07-01T10:00:00"},"containers":{
		"cna":{"providerMetadata":{"shortName":"acme"},"title":"Gate stands open","descriptions":[{"lang":"en-US","value":"It does."}],"metrics":[{"cvssV3_1":{"version":"3.1","vectorString":"A","baseScore":5}}],
			"problemTypes":[{"descriptions":[{"cweId":"CWE-79","description":"x"},{"description":"n/a"}]}],
			"cpeApplicability":[{"nodes":[{"operator":"OR","negate":false,"cpeMatch":[{"vulnerable":true,"criteria":"cpe:2.3:a:acme:gate:1.0:*:*:*:*:*:*:*"}]}]}]},
		"adp":[{"providerMetadata":{"shortName":"CISA-ADP"},"metrics":[{"cvssV3_1":{"version":"3.1","vectorString":"B","baseScore":9}},
			{"other":{"type":"ssvc","content":{"options":[{"Exploitation":"Active"},{"Automatable":"Yes"},{"Technical Impact":"Total"}],"timestamp":"2026-07-02T00:00:00Z"}}},
			{"other":{"type":"kev","content":{"dateAdded":"2026-07-02"}}}]},
			{"providerMetadata":{"shortName":"other"},"metrics":[{"other":{"type":"kev","content":{"dateAdded":"2020-01-01"}}}]}]}}`)
	v := r.Threat.Vulnerability
	if diff := cmp.Diff(&comity.SSVC{Exploitation: "active", Automatable: "yes", TechnicalImpact: "total", Date: comity.Date{Year: 2026, Month: 7, Day: 2}}, v.SSVC); diff != "" {
		t.Errorf("SSVC (-want +got):\n%s", diff)
	}
	if v.Listed.String() != "2026-07-02" || v.Exploited || v.CVSS.By != "acme" || r.Threat.Name != "Gate stands open" || len(v.Configurations) != 1 || v.Product != "gate" || r.Withdrawn {
		t.Errorf("got %+v, %+v", r, v)
	}
}

func TestWithdrawn(t *testing.T) {
	for _, text := range []string{
		`{"cve":{"id":"CVE-2026-0001","vulnStatus":"Rejected"}}`,
		`{"cveMetadata":{"cveId":"CVE-2026-0001","state":"REJECTED"},"containers":{"cna":{"rejectedReasons":[{"lang":"en","value":"Twice"}]}}}`,
		`{"id":"CVE-2026-0001","modified":"0001-01-01T00:00:00Z","withdrawn":"2026-07-01T00:00:00Z"}`,
	} {
		if r := parse(t, text); !r.Withdrawn || r.Keys[0] != "CVE-2026-0001" || !r.Modified.IsZero() {
			t.Errorf("%s: got %+v", text, r)
		}
	}
}

// However records are written down together, they are the same, and the newest of two counts.
func TestForms(t *testing.T) {
	one, two := nvd, `{"cve":{"id":"CVE-2026-0002"}}`
	newer := strings.Replace(nvd, "2026-07-03T", "2026-07-04T", 1)
	for _, text := range []string{
		one + two, one + "\n\n" + two + "\n", "[" + one + "," + two + "]", one + "[" + two + "]",
		`{"version":"2.0","timestamp":"2026-07-05T00:00:00.000","vulnerabilities":[` + one + "," + two + `]}`,
		`{"vulnerabilities":[` + one + `],"version":"2.0"}{"vulnerabilities":[` + two + `],"version":"2.0"}`,
	} {
		f, err := cve.Parse(strings.NewReader(text))
		if err != nil || len(f.Records) != 2 || f.Sources[0].Records != 2 || f.Sources[0].Version != "2.0" || f.Records[0].Hash != parse(t, one).Hash {
			t.Errorf("%.60s: %+v, %v", text, f.Sources, err)
		}
	}
	for _, text := range []string{one + newer, newer + one} {
		f, err := cve.Parse(strings.NewReader(text))
		if err != nil || len(f.Records) != 1 || f.Records[0].Modified.Day() != 4 {
			t.Errorf("one twice: %+v, %v", f.Records, err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"nothing", "", "it is empty"},
		{"blanks", " \n ", "it is empty"},
		{"no records", "[]", "there are no records"},
		{"an empty page", `{"vulnerabilities":[]}`, "there are no records"},
		{"a page of HTML", "<html>", "invalid character '<'"},
		{"a number", nvd + "\n7", `CVE records, line 2, at "", byte`},
		{"an item that is a text", `["x"]`, "a record is an object"},
		{"another document", `{"catalogVersion":"1"}`, "neither a record of the NVD"},
		{"second line", nvd + "\n" + `{"cve":{"id":"CVE-1"}}`, `CVE records, line 2, at "", byte`},
		{"wrong type, with its place", `[` + nvd + `,{"cve":{"id":"CVE-2026-0002","references":{}}}]`, `at "/1/cve/references"`},
		{"one member twice", `{"cve":{"id":"CVE-2026-0001","id":"CVE-2026-0002"}}`, `duplicate object member name "id"`},
		{"two identities", `{"id":"CVE-2026-0001","cve":{"id":"CVE-2026-0002"}}`, "not a CVE number"},
		{"no time", strings.Replace(nvd, "2026-07-01T10", "2026-07-41T10", 1), "CVE-2026-0001: published"},
		{"no CPE name", strings.Replace(nvd, "cpe:2.3:a:acme:big", "cpe:/a:acme:big", 1), "is not a CPE 2.3 name"},
		{"neither AND nor OR", strings.Replace(nvd, `"AND"`, `"XOR"`, 1), `operator "XOR"`},
		{"vulnerable is missing", strings.Replace(nvd, `"vulnerable":true,`, "", 1), "vulnerable is missing"},
		{"two ends", strings.Replace(nvd, `"versionEndExcluding":"2.0"`, `"versionEndExcluding":"2.0","versionEndIncluding":"1"`, 1), "begins or ends twice"},
		{"a score of 11", strings.Replace(nvd, `"baseScore":10`, `"baseScore":11`, 1), "not from 0 to 10"},
		{"an unknown state", `{"cveMetadata":{"cveId":"CVE-2026-0001","state":"RESERVED"},"containers":{"cna":{}}}`, "neither PUBLISHED nor REJECTED"},
		{"no CNA", `{"cveMetadata":{"cveId":"CVE-2026-0001","state":"PUBLISHED"},"containers":{}}`, "/containers/cna is missing"},
		{"an advisory without identity", `{"id":"a b","modified":"2026-07-01T00:00:00Z"}`, "not that of an advisory"},
		{"a range of another type", `{"id":"GO-1","modified":"","affected":[{"package":{"ecosystem":"Go","name":"x"},"ranges":[{"type":"X"}]}]}`, "none of SEMVER"},
		{"U+0000", `{"cve":{"id":"CVE-2026-0001","vulnStatus":"\u0000"}}`, "U+0000"},
		{"cut off", nvd[:len(nvd)-1], "unexpected EOF"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f, err := cve.Parse(strings.NewReader(test.text))
			if comity.KindOf(err) != comity.Invalid || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "CVE records") {
				t.Errorf("error %v of kind %s, want %q", err, comity.KindOf(err), test.want)
			}
			if len(f.Records) != 0 {
				t.Error("something was returned beside the error")
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(nvd))
	f.Add([]byte("[" + nvd + "]"))
	f.Add([]byte(`{"vulnerabilities":[` + nvd + `],"timestamp":"2026-07-05T00:00:00.000"}`))
	f.Add([]byte(program(`{"vendor":"Acme","product":"Gate","defaultStatus":"affected","versions":[{"version":"1","status":"unaffected","lessThan":"2.*","changes":[{"at":"1.5","status":"affected"}]}]}`)))
	f.Add([]byte(`{"id":"GO-1","modified":"","affected":[{"package":{"ecosystem":"Debian:12","name":"x"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"1"}]}],"versions":["1"]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := cve.Parse(bytes.NewReader(data))
		if err != nil {
			if kind := comity.KindOf(err); kind != comity.Invalid && kind != comity.TooLarge {
				t.Fatalf("error %v of kind %s", err, kind)
			}
			return
		}
		for d := stdjson.NewDecoder(bytes.NewReader(data)); d.More(); {
			var v any
			if err := d.Decode(&v); err != nil {
				t.Fatalf("took what is not JSON: %q", data)
			}
		}
		for _, r := range file.Records {
			if r.ID == "" || len(r.Keys) == 0 || len(r.Hash) != 64 || r.Threat.Vulnerability == nil {
				t.Fatalf("record %+v", r)
			}
			for _, key := range r.Keys {
				if comity.MakeThreatID(key) == "" {
					t.Fatalf("key %q", key)
				}
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	data, err := os.ReadFile(testkit.Shared(b, "cve/vulnrichment-2024-10-24-sample.jsonl.gz"))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if f := parseShared(b, data); len(f.Records) != 3065 {
			b.Fatal(len(f.Records))
		}
	}
}
