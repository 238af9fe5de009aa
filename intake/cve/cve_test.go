package cve_test

import (
	"bytes"
	"os"
	"testing"

	"comity"
	"comity/intake"
	"comity/intake/cve"
	"comity/internal/testkit"
)

// shared reads one of the shared documents.
func shared(t testing.TB, name string) cve.File {
	t.Helper()
	data, err := os.ReadFile(testkit.Shared(t, "cve/"+name))
	if err != nil {
		t.Fatal(err)
	}
	return parseShared(t, data)
}

func parseShared(t testing.TB, data []byte) cve.File {
	t.Helper()
	doc, err := intake.Open(bytes.NewReader(data), 64<<20)
	if err != nil {
		t.Fatal(err)
	}
	f, err := cve.Parse(doc)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// The counts are those of a plain reading of the same documents.
func TestSharedDocuments(t *testing.T) {
	for _, test := range []struct {
		name           string
		source         comity.SourceID
		version        string
		records        int
		listed         int // said to be in CISA's catalogue
		cves           int // CVE numbers
		withdrawn      int
		configurations int
	}{
		{"nvd-api-2.0-page.json.gz", comity.SourceNVD, "2.0", 38, 0, 38, 0, 25},
		{"nvd-cpe-overrides-sample.jsonl.gz", comity.SourceNVD, "2.0", 4102, 0, 4102, 0, 4089},
		{"vulnrichment-2024-10-24-sample.jsonl.gz", comity.SourceCVE, "5.1", 3065, 224, 3065, 0, 0},
		{"go-vulndb-osv-sample.jsonl.gz", comity.SourceOSV, "1.3.1", 1500, 0, 1372, 5, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := shared(t, test.name)
			if len(f.Sources) != 1 || f.Sources[0].ID != test.source || f.Sources[0].Version != test.version || f.Sources[0].Records != test.records {
				t.Errorf("sources %+v", f.Sources)
			}
			cves := map[string]bool{}
			listed, withdrawn, configurations := 0, 0, 0
			for _, r := range f.Records {
				v := r.Threat.Vulnerability
				if !v.Listed.IsZero() {
					listed++
				}
				if r.Withdrawn {
					withdrawn++
				}
				if len(v.Configurations) > 0 {
					configurations++
				}
				for _, key := range r.Keys {
					if key[:4] == "CVE-" {
						cves[key] = true
					}
				}
			}
			if listed != test.listed || len(cves) != test.cves || withdrawn != test.withdrawn || configurations != test.configurations {
				t.Errorf("%d listed, %d CVE numbers, %d withdrawn, %d with configurations", listed, len(cves), withdrawn, configurations)
			}
		})
	}
}
