package match

import (
	"encoding/csv"
	"os"
	"strings"
	"testing"
	"time"

	"comity"
)

// labelled is one row of testdata/labelled.csv: a threat, a line of software, and what a person says of the two. Names
// of vendors and products are as the CISA catalogue of 2026-08-07 has them; ranges are of our own making.
type labelled struct {
	line     int
	threat   comity.Threat
	software comity.Software
	want     comity.Confidence // empty: no match
	note     string
}

// The floors of quality. They may only rise.
const (
	precisionFloor  = 0.99 // of the matches found, those that a person makes too
	recallFloor     = 0.97 // of the matches that a person makes, those found
	confidenceFloor = 0.99 // of the matches in both, those with the same confidence
)

func TestLabelledMatches(t *testing.T) {
	rows := readLabelled(t)
	if len(rows) < 120 {
		t.Fatalf("%d labelled rows, want at least 120", len(rows))
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
				row.threat.Vulnerability.Product, row.software.Vendor, row.software.Name, row.software.Version, got, row.want, row.note)
		}
	}
	precision, recall, confidence := both/found, both/wanted, sameConfidence/both
	t.Logf("%d rows: precision %.3f, recall %.3f, same confidence %.3f", len(rows), precision, recall, confidence)
	if precision < precisionFloor || recall < recallFloor || confidence < confidenceFloor {
		t.Errorf("precision %.3f, recall %.3f, same confidence %.3f; floors are %.2f, %.2f, %.2f",
			precision, recall, confidence, precisionFloor, recallFloor, confidenceFloor)
	}
}

// findOne returns the confidence of the match of the row's threat and software, empty if there is none.
func findOne(t *testing.T, row labelled) comity.Confidence {
	t.Helper()
	m := New(comity.Profile{Org: "org_0000000000000001", Software: []comity.Software{row.software}})
	found := m.Find([]comity.Threat{row.threat}, time.Date(2026, 8, 7, 12, 0, 0, 0, time.UTC))
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
	var rows []labelled
	for i, r := range records[1:] {
		row := labelled{line: i + 2, note: r[10]}
		row.threat = comity.Threat{
			ID: "thr_CVE-2026-0001", Kind: comity.ThreatVulnerability, Description: r[2],
			Published: time.Date(2026, 8, 1, 0, 0, 0, 0, time.UTC),
			Vulnerability: &comity.Vulnerability{
				CVE: "CVE-2026-0001", Vendor: r[0], Product: r[1], Exploited: true, Affected: parseAffected(t, r[3]),
			},
		}
		row.software = comity.Software{
			ID: "sof_0000000000000001", Vendor: r[4], Name: r[5], Version: r[6], CPE: r[7], PURL: r[8],
			Placement: comity.InternetFacing,
		}
		if r[9] != "none" {
			row.want = comity.Confidence(r[9])
		}
		rows = append(rows, row)
	}
	return rows
}

// parseAffected reads "cpe:2.3:a:vendor:product:*|>=1.0|<1.2; …"; a package URL may stand in place of the CPE.
func parseAffected(t testing.TB, s string) []comity.Affected {
	t.Helper()
	var list []comity.Affected
	for _, item := range strings.Split(s, ";") {
		if item == "" {
			continue
		}
		fields := strings.Split(item, "|")
		var a comity.Affected
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
