package match

import (
	"regexp"
	"strings"
	"testing"

	"comity"

	"pgregory.net/rapid"
)

func TestParseCPE(t *testing.T) {
	tests := []struct {
		in   string
		want cpe
		ok   bool
	}{
		{"cpe:2.3:a:openssl:openssl:1.1.1:w:*:*:*:*:*:*", cpe{"a", "openssl", "openssl", "1.1.1", "w"}, true},
		{`cpe:2.3:o:d-link:dir\:859\\x:-:*:*:*:*:*:*:*`, cpe{"o", "d-link", `dir:859\x`, notApplicable}, true},
		{`cpe:2.3:a:notepad\+\+:notepad\+\+:8.5:*:*:*:*:*:*:*`, cpe{"a", "notepad++", "notepad++", "8.5"}, true},
		{"cpe:2.3:a:Apache:Tomcat:9.0.50", cpe{"a", "apache", "tomcat", "9.0.50"}, true},
		{"cpe:2.3:a:apache:tomcat", cpe{"a", "apache", "tomcat"}, true},
		{"cpe:2.3:a:mozilla:firefox:115.3:*:*:*:esr:*:*:*", cpe{"a", "mozilla", "firefox", "115.3", "", "", "", "esr"}, true},
		{"cpe:2.3:a:v:p:1:u:e:en:se:ts:th:o", cpe{"a", "v", "p", "1", "u", "e", "en", "se", "ts", "th", "o"}, true},
		{`cpe:2.3:a:v:events_calendar*:1.?:*`, cpe{"a", "v", "events_calendar\x02", "1.\x01"}, true},
		{`cpe:2.3:a:v:five\*:1.\?:\-`, cpe{"a", "v", "five*", "1.?", "-"}, true},
		{`cpe:2.3:a:v:a\:-:-`, cpe{"a", "v", "a:-", notApplicable}, true},
		{"cpe:/a:apache:http_server:2.4.49", cpe{"a", "apache", "http_server", "2.4.49"}, true},
		{"cpe:/a:php%2fx:php", cpe{"a", "php/x", "php"}, true},
		{"cpe:/a:hp:insight:7.4.0.1570::~~online~win2003~x64~", cpe{"a", "hp", "insight", "7.4.0.1570", "", "", "", "online", "win2003", "x64"}, true},
		{"cpe:/a:hp:insight:8.%02:-:pro", cpe{"a", "hp", "insight", "8.\x02", notApplicable, "pro"}, true},
		{"cpe:2.3:a:*:tomcat:9", cpe{}, false},
		{"cpe:2.3:a:apache:-", cpe{}, false},
		{"cpe:2.3:a:apache:?*", cpe{}, false},
		{"cpe:2.3:a:apache", cpe{}, false},
		{"cpe:2.3:a:apa\x01che:tomcat", cpe{}, false},
		{"apache tomcat", cpe{}, false},
		{"", cpe{}, false},
	}
	for _, tt := range tests {
		got, ok := parseCPE(tt.in)
		if ok != tt.ok || ok && got != tt.want {
			t.Errorf("parseCPE(%q) = %q, %v; want %q, %v", tt.in, got, ok, tt.want, tt.ok)
		}
	}
}

// TestRelations holds table 6-2 of NISTIR 7696.
func TestRelations(t *testing.T) {
	tests := []struct {
		source, target attribute
		want           relation
	}{
		{anyValue, anyValue, equal},
		{anyValue, notApplicable, superset},
		{anyValue, "i", superset},
		{anyValue, "i\x02", undefined},
		{notApplicable, anyValue, subset},
		{notApplicable, notApplicable, equal},
		{notApplicable, "i", disjoint},
		{notApplicable, "i\x02", undefined},
		{"i", "i", equal},
		{"i", "k", disjoint},
		{"i", "i\x02", undefined},
		{"i", notApplicable, disjoint},
		{"i", anyValue, subset},
		{"8.\x02", "8.1", superset},
		{"8.\x02", "9.1", disjoint},
		{"8.\x02", anyValue, subset},
		{"8.\x02", notApplicable, disjoint},
		{"8.\x02", "8.\x02", undefined},
		{"8.\x01", "8.1", superset},
		{"8.\x01", "8.", superset},
		{"8.\x01", "8.11", disjoint},
		{"\x01\x018.1", "ab8.1", superset},
		{"\x01\x018.1", "abc8.1", disjoint},
		{"\x028.1\x02", "x8.1y", superset},
	}
	for _, tt := range tests {
		if got := tt.source.relationTo(tt.target); got != tt.want {
			t.Errorf("%q to %q = %d, want %d", tt.source, tt.target, got, tt.want)
		}
	}
}

// naiveAttributes splits a formatted string by a pattern of its own.
var naiveAttributes = regexp.MustCompile(`(?:^cpe:2\.3|:)((?:[^:\\]|\\.)*)`)

// naiveRelation is relationTo read off the standard's table, on attributes as they are written.
func naiveRelation(source, target string) relation {
	wild := func(s string) bool { return s != "*" && wildEnds.MatchString(s) }
	switch {
	case wild(target):
		return undefined
	case source == target:
		return equal
	case source == "*":
		return superset
	case target == "*":
		return subset
	case source == "-" || target == "-" || !wild(source):
		return disjoint
	}
	pattern := regexp.QuoteMeta(unescaped(strings.Trim(source, "*?")))
	front := source[:len(source)-len(strings.TrimLeft(source, "*?"))]
	back := source[len(strings.TrimRight(source, "*?")):]
	open := func(s string) string {
		return strings.ReplaceAll(strings.ReplaceAll(s, "?", ".?"), "*", ".*")
	}
	if regexp.MustCompile("^" + open(front) + pattern + open(back) + "$").MatchString(unescaped(target)) {
		return superset
	}
	return disjoint
}

var (
	escape   = regexp.MustCompile(`\\(.)`)
	wildEnds = regexp.MustCompile(`^[*?]|[^\\][*?]$`)
)

func unescaped(s string) string { return escape.ReplaceAllString(s, "$1") }

// TestNamesCompareAsTheStandardSays compares whole names with a naive reading of the standard.
func TestNamesCompareAsTheStandardSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.Custom(func(t *rapid.T) string {
			if rapid.IntRange(0, 3).Draw(t, "logical") == 0 {
				return rapid.SampledFrom([]string{"*", "-"}).Draw(t, "value")
			}
			core := strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "1", `\:`, `\.`, `\+`, "_"}), 1, 3).Draw(t, "core"), "")
			return rapid.SampledFrom([]string{"", "", "", "*", "?", "??"}).Draw(t, "front") + core + rapid.SampledFrom([]string{"", "", "", "*", "?", "??"}).Draw(t, "back")
		})
		draw := func(name string) string {
			return "cpe:2.3:a:" + strings.Join(rapid.SliceOfN(value, 10, 10).Draw(t, name), ":")
		}
		textA, textB := draw("a"), draw("b")
		a, okA := parseCPE(textA)
		b, okB := parseCPE(textB)
		namesA, namesB := naiveAttributes.FindAllStringSubmatch(textA, -1), naiveAttributes.FindAllStringSubmatch(textB, -1)
		for i := range cpeAttributes {
			// The first group of the pattern is empty: it is what follows "cpe:2.3".
			if got, want := a[i].relationTo(b[i]), naiveRelation(namesA[i+1][1], namesB[i+1][1]); got != want {
				t.Errorf("attribute %d of %s and %s: relation %d, the standard says %d", i, textA, textB, got, want)
			}
		}
		for _, one := range []struct {
			text string
			ok   bool
		}{{textA, okA}, {textB, okB}} {
			f := naiveAttributes.FindAllStringSubmatch(one.text, -1)
			identifies := f[2][1] != "*" && f[2][1] != "-" && f[3][1] != "*" && f[3][1] != "-"
			if one.ok != identifies {
				t.Errorf("%s: identifies a product: %v, want %v", one.text, one.ok, identifies)
			}
		}
	})
}

func FuzzParseCPE(f *testing.F) {
	f.Add("cpe:2.3:a:openssl:openssl:1.1.1:w:*:*:*:*:*:*")
	f.Add(`cpe:2.3:o:d-link:dir\:859\`)
	f.Add("cpe:/a:php%2fx:php")
	f.Fuzz(func(t *testing.T, s string) {
		c, ok := parseCPE(s)
		if ok && (c.vendor() == "" || c.product() == "" || c.key() == "\x00") {
			t.Errorf("parseCPE(%q) = %+v identifies nothing", s, c)
		}
	})
}

func FuzzCompareNames(f *testing.F) {
	f.Add("Adaptive Security Appliance (ASA) and Firepower Threat Defense (FTD)", "Cisco ASA 5506-X", "Cisco")
	f.Add("NG/MF", "PaperCut (formerly) ((", "and,/or")
	f.Fuzz(func(t *testing.T, theirs, ours, vendor string) {
		names := wordings(productNames(theirs, vendorKeys(vendor)))
		line := New(comity.Profile{Software: []comity.Software{{Vendor: vendor, Name: ours}}})
		_ = likest(names, line.software[0].names) // must not panic, whatever the text
	})
}
