package cve_test

import (
	"fmt"
	"strings"
	"testing"

	"comity"
	"comity/intake/cve"

	"github.com/google/go-cmp/cmp"
)

func parse(t *testing.T, text string) comity.Record {
	t.Helper()
	f, err := cve.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return f.Records[0]
}

// program writes a record of the CVE Program with one affected product.
func program(affected string) string {
	return fmt.Sprintf(`{"cveMetadata":{"cveId":"CVE-2026-0001","state":"PUBLISHED"},"containers":{"cna":{"affected":[%s]}}}`, affected)
}

// text writes ranges as people do.
func text(list []comity.Affected) []string {
	var out []string
	for _, a := range list {
		s := strings.TrimSpace(a.Vendor + " " + a.Product + a.PURL)
		if a.CPE != "" {
			s += " " + a.CPE
		}
		for _, b := range []struct{ sign, v string }{{"=", a.Version}, {">=", a.FromIncluding}, {">", a.FromExcluding}, {"<=", a.ToIncluding}, {"<", a.ToExcluding}} {
			if b.v != "" {
				s += " " + b.sign + b.v
			}
		}
		out = append(out, s)
	}
	return out
}

func TestRangesOfTheProgram(t *testing.T) {
	for _, test := range []struct {
		name, product string
		want          []string
	}{
		{"less than", `"versions":[{"version":"1.0","status":"affected","lessThan":"1.4","versionType":"semver"}]`, []string{"Acme Gate >=1.0 <1.4"}},
		{"up to, from the first", `"versions":[{"version":"0","status":"affected","lessThanOrEqual":"1.4"}]`, []string{"Acme Gate <=1.4"}},
		{"one version", `"versions":[{"version":"1.4","status":"affected"},{"version":"1.5","status":"unaffected"}]`, []string{"Acme Gate =1.4"}},
		{"without an end", `"versions":[{"version":"2","status":"affected","lessThan":"*"}]`, []string{"Acme Gate >=2"}},
		{"all of a series", `"versions":[{"version":"5.10","status":"affected","lessThanOrEqual":"5.10.*"}]`, []string{"Acme Gate >=5.10 <5.11"}},
		{"in words", `"versions":[{"version":">= 1.0, < 1.4.2","status":"affected"},{"version":"< 0.9","status":"affected"}]`, []string{"Acme Gate >=1.0 <1.4.2", "Acme Gate <0.9"}},
		{"a sentence", `"versions":[{"version":"all before the fix","status":"affected"},{"version":"n/a","status":"affected"}]`, nil},
		{"commits", `"versions":[{"version":"1da177e4c3f4","status":"affected","lessThan":"0b2c8f0a","versionType":"git"}]`, nil},
		{"mended and broken again", `"versions":[{"version":"1","status":"affected","lessThan":"4","changes":[{"at":"2","status":"unaffected"},{"at":"3","status":"affected"}]}]`, []string{"Acme Gate >=1 <2", "Acme Gate >=3 <4"}},
		{"mended at the end", `"versions":[{"version":"8.1","status":"affected","lessThan":"8.1.23-h1","changes":[{"at":"8.1.23-h1","status":"unaffected"}]}]`, []string{"Acme Gate >=8.1 <8.1.23-h1"}},
		{"everything", `"defaultStatus":"affected"`, []string{"Acme Gate"}},
		{
			"everything but", `"defaultStatus":"affected","versions":[{"version":"5.4","status":"affected"},{"version":"0","lessThan":"5.4","status":"unaffected"},` +
				`{"version":"5.10.2","lessThanOrEqual":"5.10.*","status":"unaffected"},{"version":"5.9.7","lessThanOrEqual":"5.9.*","status":"unaffected"},{"version":"6.1","lessThanOrEqual":"*","status":"unaffected"}]`,
			[]string{"Acme Gate >=5.4 <5.9.7", "Acme Gate >=5.10 <5.10.2", "Acme Gate >=5.11 <6.1"},
		},
		{"everything before a package's version", `"defaultStatus":"affected","versions":[{"version":"0:1.2-3.el8","lessThan":"*","versionType":"rpm","status":"unaffected"}]`, []string{"Acme Gate <0:1.2-3.el8"}},
		{"everything but, in no order", `"defaultStatus":"affected","versions":[{"version":"a","lessThan":"b","status":"unaffected"},{"version":"c","status":"unaffected"}]`, []string{"Acme Gate"}},
		{
			"CPE names lose their versions", `"cpes":["cpe:2.3:a:acme:gate:1.0:*:*:*:*:*:*:*","cpe:2.3:a:acme:gate:1.1:*:*:*:*:*:*:*","cpe:2.3:a:acme:gate:1.1:*:*:*:pro:*:*:*"],"versions":[{"version":"0","status":"affected","lessThan":"1.2"}]`,
			[]string{"Acme Gate cpe:2.3:a:acme:gate:*:*:*:*:*:*:*:* <1.2", "Acme Gate cpe:2.3:a:acme:gate:*:*:*:*:pro:*:*:* <1.2"},
		},
		{"a package", `"collectionURL":"https://registry.npmjs.org","packageName":"@acme/gate","versions":[{"version":"0","status":"affected","lessThan":"1.2"}]`, []string{"pkg:npm/%40acme/gate <1.2"}},
		{"a package URL", `"packageURL":"pkg:pypi/gate@1.0","versions":[{"version":"1","status":"affected"}]`, []string{"pkg:pypi/gate =1"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			v := parse(t, program(`{"vendor":"Acme","product":"Gate",`+test.product+`}`)).Threat.Vulnerability
			if diff := cmp.Diff(test.want, text(v.Affected)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if v.Vendor != "Acme" && len(test.want) > 0 {
				t.Errorf("vendor %q", v.Vendor)
			}
		})
	}
}

func TestRangesOfAdvisories(t *testing.T) {
	for _, test := range []struct {
		name, affected string
		want           []string
	}{
		{
			"fixed twice", `"package":{"ecosystem":"Go","name":"acme.example/gate"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"1.2.0"},{"introduced":"2.0.0"},{"fixed":"2.1.0"}]}]`,
			[]string{"pkg:golang/acme.example/gate <1.2.0", "pkg:golang/acme.example/gate >=2.0.0 <2.1.0"},
		},
		{"never fixed", `"package":{"ecosystem":"npm","name":"gate"},"ranges":[{"type":"SEMVER","events":[{"introduced":"1.0.0"}]}]`, []string{"pkg:npm/gate >=1.0.0"}},
		{"last affected", `"package":{"ecosystem":"Maven","name":"org.acme:gate"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"last_affected":"1.2"}]}]`, []string{"pkg:maven/org.acme/gate <=1.2"}},
		{"commits and versions", `"package":{"ecosystem":"PyPI","name":"gate"},"ranges":[{"type":"GIT","events":[{"introduced":"0"},{"fixed":"abc"}]}],"versions":["1.0","1.1"]`, []string{"pkg:pypi/gate =1.0", "pkg:pypi/gate =1.1"}},
		{"a distribution", `"package":{"ecosystem":"Debian:12","name":"gate"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"1.2-3+deb12u1"}]}]`, []string{"pkg:deb/debian/gate?distro=debian-12 <1.2-3+deb12u1"}},
		{"its own URL", `"package":{"ecosystem":"Other","name":"gate","purl":"pkg:generic/gate@1"},"versions":["1"]`, []string{"pkg:generic/gate =1"}},
		{"no URL", `"package":{"ecosystem":"OSS-Fuzz","name":"gate"},"versions":["1"]`, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := parse(t, `{"id":"GO-2026-0001","modified":"2026-07-01T00:00:00Z","affected":[{`+test.affected+`}]}`)
			if diff := cmp.Diff(test.want, text(r.Threat.Vulnerability.Affected)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
