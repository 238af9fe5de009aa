package match

import (
	"compress/gzip"
	"encoding/json"
	"os"
	"testing"

	"comity"
	"comity/internal/testkit"
)

// realConfigurations reads the public sample of NVD configurations, as far as matching needs it: 4,102 vulnerabilities.
func realConfigurations(t testing.TB) []comity.Threat {
	t.Helper()
	f, err := os.Open(testkit.Shared(t, "cve/nvd-cpe-overrides-sample.jsonl.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var threats []comity.Threat
	for d := json.NewDecoder(z); d.More(); {
		var doc struct {
			ID  string
			CVE struct{ Configurations []realConfiguration }
		}
		if err := d.Decode(&doc); err != nil {
			t.Fatal(err)
		}
		x := comity.Threat{
			ID: comity.MakeThreatID(doc.ID), Kind: comity.ThreatVulnerability, Published: day("2026-08-01").Time(),
			Vulnerability: &comity.Vulnerability{CVE: doc.ID},
		}
		for _, c := range doc.CVE.Configurations {
			x.Vulnerability.Configurations = append(x.Vulnerability.Configurations, c.configuration())
		}
		threats = append(threats, x)
	}
	return threats
}

type realConfiguration struct {
	Operator comity.Join
	Negate   bool
	Nodes    []struct {
		Operator comity.Join
		Negate   bool
		CPEMatch []struct {
			Vulnerable                                                                             bool
			Criteria                                                                               string
			VersionStartIncluding, VersionStartExcluding, VersionEndIncluding, VersionEndExcluding string
		}
	}
}

func (c realConfiguration) configuration() comity.Configuration {
	out := comity.Configuration{Join: c.Operator, Negate: c.Negate}
	for _, n := range c.Nodes {
		one := comity.ConfigurationNode{Join: n.Operator, Negate: n.Negate}
		for _, m := range n.CPEMatch {
			one.Products = append(one.Products, comity.Affected{
				CPE: m.Criteria, Platform: !m.Vulnerable, FromIncluding: m.VersionStartIncluding,
				FromExcluding: m.VersionStartExcluding, ToIncluding: m.VersionEndIncluding, ToExcluding: m.VersionEndExcluding,
			})
		}
		out.Nodes = append(out.Nodes, one)
	}
	return out
}
