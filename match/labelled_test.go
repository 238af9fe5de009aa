package match

import (
	"encoding/csv"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"comity"
)

// labelled is one row of testdata/labelled.csv: a threat, a line of software, and what a person says of the two. Names
// of vendors and products in the first rows are as the CISA catalogue of 2026-08-07 has them; ranges, and "Acme", are of our
// own making. Labels say what the sources mean, also where we do not find it.
type labelled struct {
	line    int
	threat  comity.Threat
	profile comity.Profile    // the line of software first, then what else the inventory has
	want    comity.Confidence // empty: no match
	note    string
}

// The floors of quality. They may only rise.
const (
	precisionFloor  = 1.0   // of the matches found, those that a person makes too
	recallFloor     = 0.984 // of the matches that a person makes, those found
	confidenceFloor = 0.995 // of the matches in both, those with the same confidence
)

func TestLabelledMatches(t *testing.T) {
	rows := readLabelled(t)
	if len(rows) < 300 {
		t.Fatalf("%d labelled rows, want at least 300", len(rows))
	}
	var both, found, wanted, sameConfidence float64
	for _, row := range rows {
		got := findOne(t, row)
		if got != "" {
			found++
		}
		if row.want != "" {
			wanted++
		}
		if got != "" && row.want != "" {
			both++
		}
		if got != "" && got == row.want {
			sameConfidence++
		}
		if got != row.want {
			t.Logf("line %d: %s %q × %s %q %s: got %q, want %q (%s)", row.line, row.threat.Vulnerability.Vendor,
				row.threat.Vulnerability.Product, row.profile.Software[0].Vendor, row.profile.Software[0].Name,
				row.profile.Software[0].Version, got, row.want, row.note)
		}
	}
	precision, recall, confidence := both/found, both/wanted, sameConfidence/both
	t.Logf("%d rows: precision %.3f, recall %.3f, same confidence %.3f", len(rows), precision, recall, confidence)
	if precision < precisionFloor || recall < recallFloor || confidence < confidenceFloor {
		t.Errorf("precision %.3f, recall %.3f, same confidence %.3f; floors are %.3f, %.3f, %.3f",
			precision, recall, confidence, precisionFloor, recallFloor, confidenceFloor)
	}
}

// findOne returns the confidence of the match of the row's threat and software, empty if there is none.
func findOne(t *testing.T, row labelled) comity.Confidence {
	t.Helper()
	found := New(row.profile).Find([]comity.Threat{row.threat}, time.Date(2026, 8, 7, 12, 0, 0, 0, time.UTC))
	found = slices.DeleteFunc(found, func(m comity.Match) bool { return m.Software != row.profile.Software[0].ID })
	switch len(found) {
	case 0:
		return ""
	case 1:
		return found[0].Confidence
	default:
		t.Fatalf("line %d: %d matches of one threat and one line of software", row.line, len(found))
		return ""
	}
}

func readLabelled(t testing.TB) []labelled {
	t.Helper()
	f, err := os.Open("testdata/labelled.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	place := map[string]int{}
	for i, name := range records[0] {
		place[name] = i
	}
	var rows []labelled
	for i, r := range records[1:] {
		field := func(name string) string { return r[place[name]] }
		row := labelled{line: i + 2, note: field("note")}
		row.threat = comity.Threat{
			ID: "thr_CVE-2026-0001", Kind: comity.ThreatVulnerability, Description: field("description"),
			Published: time.Date(2026, 8, 1, 0, 0, 0, 0, time.UTC),
			Vulnerability: &comity.Vulnerability{
				CVE: "CVE-2026-0001", Vendor: field("threat_vendor"), Product: field("threat_product"), Exploited: true,
				Affected: parseAffected(t, field("affected")), Configurations: parseConfigurations(t, field("configurations")),
			},
		}
		row.profile = comity.Profile{Org: "org_0000000000000001", Software: []comity.Software{{
			ID: "sof_0000000000000001", Vendor: field("vendor"), Name: field("name"), Version: field("version"), CPE: field("cpe"),
			PURL: field("purl"), Placement: comity.InternetFacing,
		}}}
		row.profile.Software = append(row.profile.Software, parseInventory(t, field("inventory"))...)
		if field("want") != "none" {
			row.want = comity.Confidence(field("want"))
		}
		rows = append(rows, row)
	}
	return rows
}

// parseInventory reads "vendor|name|version|cpe ; …".
func parseInventory(t testing.TB, s string) []comity.Software {
	t.Helper()
	var lines []comity.Software
	for i, item := range strings.Split(s, " ; ") {
		if item == "" {
			continue
		}
		f := strings.Split(item, "|")
		if len(f) != 4 {
			t.Fatalf("inventory %q: want vendor|name|version|cpe", item)
		}
		lines = append(lines, comity.Software{
			ID: comity.SoftwareID(fmt.Sprintf("sof_%016d", i+2)), Vendor: f[0], Name: f[1], Version: f[2], CPE: f[3],
		})
	}
	return lines
}

// parseConfigurations reads configurations between " OR ", their nodes between " AND " or " PLUS " (alternatives), with
// "NOT " before a negated one and "ALL " before one whose products must all be there. A tilde makes a platform.
func parseConfigurations(t testing.TB, s string) []comity.Configuration {
	t.Helper()
	var list []comity.Configuration
	for _, item := range strings.Split(s, " OR ") {
		if item == "" {
			continue
		}
		c := comity.Configuration{Join: comity.JoinAnd}
		nodes := strings.Split(item, " AND ")
		if strings.Contains(item, " PLUS ") {
			c.Join, nodes = comity.JoinOr, strings.Split(item, " PLUS ")
		}
		for _, text := range nodes {
			var n comity.ConfigurationNode
			text, n.Negate = strings.CutPrefix(text, "NOT ")
			text, all := strings.CutPrefix(text, "ALL ")
			if all {
				n.Join = comity.JoinAnd
			}
			n.Products = parseAffected(t, text)
			c.Nodes = append(c.Nodes, n)
		}
		list = append(list, c)
	}
	return list
}

// parseAffected reads "cpe:2.3:a:vendor:product:*|>=1.0|<1.2; …"; a package URL may stand in place of the CPE.
func parseAffected(t testing.TB, s string) []comity.Affected {
	t.Helper()
	var list []comity.Affected
	for _, item := range strings.Split(s, ";") {
		if item == "" {
			continue
		}
		var a comity.Affected
		item, a.Platform = strings.CutPrefix(item, "~")
		fields := strings.Split(item, "|")
		if strings.HasPrefix(fields[0], "pkg:") {
			a.PURL = fields[0]
		} else {
			a.CPE = fields[0]
		}
		for _, bound := range fields[1:] {
			switch {
			case strings.HasPrefix(bound, ">="):
				a.FromIncluding = bound[2:]
			case strings.HasPrefix(bound, "<="):
				a.ToIncluding = bound[2:]
			case strings.HasPrefix(bound, ">"):
				a.FromExcluding = bound[1:]
			case strings.HasPrefix(bound, "<"):
				a.ToExcluding = bound[1:]
			case bound != "":
				t.Fatalf("bound %q", bound)
			}
		}
		list = append(list, a)
	}
	return list
}
