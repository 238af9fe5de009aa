package match

import (
	"strings"
	"testing"

	"comity"

	"pgregory.net/rapid"
)

func TestCompare(t *testing.T) {
	tests := []struct {
		by   scheme
		a, b string
		want int
	}{
		{schemeGeneric, "1.0", "1.0", 0},
		{schemeGeneric, "1.9", "1.10", -1},
		{schemeGeneric, "1.0", "1.0.0", 0},
		{schemeGeneric, "1.0", "1.0.1", -1},
		{schemeGeneric, "v2.3", "2.3", 0},
		{schemeGeneric, " V2.3 ", "2.3", 0},
		{schemeGeneric, "1.1.1", "1.1.1w", -1},
		{schemeGeneric, "1.1.1w", "1.1.1a", 1},
		{schemeGeneric, "1.1.1w", "1.1.2", -1},
		{schemeGeneric, "1.0.1g", "1.0.1", 1},
		{schemeGeneric, "1.0-rc1", "1.0", -1},
		{schemeGeneric, "1.0rc1", "1.0-RC.1", 0},
		{schemeGeneric, "1.0-rc1", "1.0-rc2", -1},
		{schemeGeneric, "1.0-beta", "1.0-rc", -1},
		{schemeGeneric, "1.0-alpha", "1.0-beta", -1},
		{schemeGeneric, "10.0.0-M1", "10.0.0", -1},
		{schemeGeneric, "10.0.0-M2", "10.0.0-M10", -1},
		{schemeGeneric, "1.0.2m", "1.0.2", 1},
		{schemeGeneric, "1.0-preview3", "1.0-rc1", -1},
		{schemeGeneric, "1.0-SNAPSHOT", "1.0-alpha", -1},
		{schemeGeneric, "1.0.0-rc1", "1.0-rc1", 0},
		{schemeGeneric, "1:1.0", "2.0", 1},
		{schemeGeneric, "0:1.0", "1.0", 0},
		{schemeGeneric, "5.6.0.Final", "5.6", 0},
		{schemeGeneric, "7.2.4 build1396 (GA)", "7.2.4", 0},
		{schemeGeneric, "1.8.0_91", "1.8.0_101", -1},
		{schemeGeneric, "13.1-48.47", "13.1-49.15", -1},
		{schemeGeneric, "1.9.5p2", "1.9.5", 1},
		{schemeGeneric, "12.0 SP1", "12.0", 1},
		{schemeGeneric, "10.2.9-h1", "10.2.9", 1},
		{schemeGeneric, "R80.40", "R81", -1},
		{schemeGeneric, "007", "7", 0},
		{schemeGeneric, "99999999999999999999999", "100000000000000000000000", -1},
		{schemeGeneric, "2019 CU12", "2019 CU13", -1},
		{schemeSemver, "1.0.0-beta.11", "1.0.0-beta.2", 1},
		{schemeSemver, "1.0.0-alpha", "1.0.0", -1},
		{schemeSemver, "1.0.0+build5", "1.0.0", 0},
		{schemeSemver, "v0.17.0-rc.1", "0.17.0", -1},
		{schemeSemver, "not.semver.1", "not.semver.2", -1},
		{schemeDeb, "1.0~rc1-1", "1.0-1", -1},
		{schemeDeb, "1.1.1n-0+deb11u4", "1.1.1n-0+deb11u5", -1},
		{schemeDeb, "2:1.0-1", "1:9.0-1", 1},
		{schemePyPI, "1.0a1", "1.0", -1},
		{schemePyPI, "1.0.post1", "1.0", 1},
		{schemePyPI, "1.0.dev1", "1.0a1", -1},
	}
	for _, tt := range tests {
		if got := tt.by.compare(tt.a, tt.b); got != tt.want {
			t.Errorf("scheme %d: compare(%q, %q) = %d, want %d", tt.by, tt.a, tt.b, got, tt.want)
		}
		if got := tt.by.compare(tt.b, tt.a); got != -tt.want {
			t.Errorf("scheme %d: compare(%q, %q) = %d, want %d", tt.by, tt.b, tt.a, got, -tt.want)
		}
	}
}

// anyVersion draws texts that look like versions, and some that do not.
func anyVersion() *rapid.Generator[string] {
	piece := rapid.SampledFrom([]string{
		"0", "1", "2", "10", "007", ".", "-", "_", " ", "~", "+", ":", "a", "m", "w", "p", "rc", "beta", "alpha", "dev",
		"preview", "final", "build", "v", "sp", "é", "Ω", "99999999999999999999",
	})
	return rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(piece, 0, 8).Draw(t, "pieces"), "")
	})
}

func TestCompareIsATotalOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		by := rapid.SampledFrom([]scheme{schemeGeneric, schemePyPI}).Draw(t, "scheme")
		a, b, c := anyVersion().Draw(t, "a"), anyVersion().Draw(t, "b"), anyVersion().Draw(t, "c")
		ab, ba, bc, ac := by.compare(a, b), by.compare(b, a), by.compare(b, c), by.compare(a, c)
		if by.compare(a, a) != 0 {
			t.Errorf("%q differs from itself", a)
		}
		if ab != -ba {
			t.Errorf("compare(%q, %q) = %d, the other way round %d", a, b, ab, ba)
		}
		if ab <= 0 && bc <= 0 && ac > 0 {
			t.Errorf("%q ≤ %q ≤ %q, but the first is after the last", a, b, c)
		}
		if ab == 0 && bc == 0 && ac != 0 {
			t.Errorf("%q = %q = %q, but the first differs from the last", a, b, c)
		}
	})
}

func TestSpan(t *testing.T) {
	s := span{fromIncluding: "7.2.0", toExcluding: "7.2.5"}
	for version, want := range map[string]bool{
		"7.1.9": false, "7.2.0": true, "7.2": true, "7.2.4": true, "7.2.5-rc1": true, "7.2.5": false, "7.10": false,
	} {
		if got := s.contains(version, schemeGeneric); got != want {
			t.Errorf("%s contains %s = %v, want %v", s, version, got, want)
		}
	}
	if got, want := s.String(), "≥ 7.2.0, < 7.2.5"; got != want {
		t.Errorf("String() = %q, want %q", got, want)
	}
	if got := (span{}).String(); got != "*" {
		t.Errorf("every version is %q, want *", got)
	}
	edges := span{fromExcluding: "1", toIncluding: "2"}
	if edges.contains("1.0", schemeGeneric) || !edges.contains("2.0.0", schemeGeneric) {
		t.Errorf("%s has the wrong ends", edges)
	}
}

func TestParseCPE(t *testing.T) {
	tests := []struct {
		in   string
		want cpe
		ok   bool
	}{
		{"cpe:2.3:a:openssl:openssl:1.1.1:w:*:*:*:*:*:*", cpe{"openssl", "openssl", "1.1.1", "w", ""}, true},
		{`cpe:2.3:o:d-link:dir\:859\\x:-:*:*:*:*:*:*:*`, cpe{"d-link", `dir:859\x`, "", "", ""}, true},
		{`cpe:2.3:a:notepad\+\+:notepad\+\+:8.5:*:*:*:*:*:*:*`, cpe{"notepad++", "notepad++", "8.5", "", ""}, true},
		{"cpe:2.3:a:Apache:Tomcat:9.0.50", cpe{"apache", "tomcat", "9.0.50", "", ""}, true},
		{"cpe:2.3:a:apache:tomcat", cpe{"apache", "tomcat", "", "", ""}, true},
		{"cpe:/a:apache:http_server:2.4.49", cpe{"apache", "http_server", "2.4.49", "", ""}, true},
		{"cpe:/a:php%2fx:php", cpe{"php/x", "php", "", "", ""}, true},
		{"cpe:2.3:a:mozilla:firefox:115.3:*:*:*:esr:*:*:*", cpe{"mozilla", "firefox", "115.3", "", "esr"}, true},
		{"cpe:2.3:a:*:tomcat:9", cpe{}, false},
		{"cpe:2.3:a:apache", cpe{}, false},
		{"apache tomcat", cpe{}, false},
		{"", cpe{}, false},
	}
	for _, tt := range tests {
		got, ok := parseCPE(tt.in)
		if ok != tt.ok || ok && got != tt.want {
			t.Errorf("parseCPE(%q) = %+v, %v; want %+v, %v", tt.in, got, ok, tt.want, tt.ok)
		}
	}
}

func FuzzParseCPE(f *testing.F) {
	f.Add("cpe:2.3:a:openssl:openssl:1.1.1:w:*:*:*:*:*:*")
	f.Add(`cpe:2.3:o:d-link:dir\:859\`)
	f.Add("cpe:/a:php%2fx:php")
	f.Fuzz(func(t *testing.T, s string) {
		c, ok := parseCPE(s)
		if ok && (c.vendor == "" || c.product == "" || c.vendor == "*") {
			t.Errorf("parseCPE(%q) = %+v identifies nothing", s, c)
		}
	})
}

func FuzzCompareNames(f *testing.F) {
	f.Add("Adaptive Security Appliance (ASA) and Firepower Threat Defense (FTD)", "Cisco ASA 5506-X", "Cisco")
	f.Add("NG/MF", "PaperCut (formerly) ((", "and,/or")
	f.Fuzz(func(t *testing.T, theirs, ours, vendor string) {
		names := productNames(theirs, vendorKeys(vendor))
		line := New(comity.Profile{Software: []comity.Software{{Vendor: vendor, Name: ours}}})
		_ = likest(names, line.software[0].names) // must not panic, whatever the text
	})
}
