package match

import (
	"os"
	"testing"

	"comity"
	"comity/intake"
	"comity/intake/cve"
	"comity/internal/testkit"
)

// realConfigurations reads the public sample of NVD configurations: 4,102 vulnerabilities.
func realConfigurations(t testing.TB) []comity.Threat {
	t.Helper()
	return realRecords(t, "nvd-cpe-overrides-sample")
}

// realRecords reads a public file of records, each as the threat that it is when nobody else speaks of it.
func realRecords(t testing.TB, name string) []comity.Threat {
	t.Helper()
	f, err := os.Open(testkit.Shared(t, "cve/"+name+".jsonl.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	doc, err := intake.Open(f, 64<<20)
	if err != nil {
		t.Fatal(err)
	}
	file, err := cve.Parse(doc)
	if err != nil {
		t.Fatal(err)
	}
	threats := make([]comity.Threat, len(file.Records))
	for i, r := range file.Records {
		threats[i] = r.Threat
		threats[i].ID = comity.MakeThreatID(r.Keys[0])
		if threats[i].Published.IsZero() {
			threats[i].Published = day("2026-08-01").Time()
		}
	}
	return threats
}
