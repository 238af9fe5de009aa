package kev_test

import (
	"bytes"
	"compress/gzip"
	stdjson "encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"comity"
	"comity/intake/kev"
	"comity/internal/testkit"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

const (
	before = "kev/known_exploited_vulnerabilities-2026-07-23.json.gz"
	after  = "kev/known_exploited_vulnerabilities-2026-08-07.json.gz"
)

// unpacked returns the text of a file of the public data.
func unpacked(t testing.TB, name string) []byte {
	t.Helper()
	file, err := os.Open(testkit.Shared(t, name))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	z, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func parse(t testing.TB, text string) kev.Catalogue {
	t.Helper()
	c, err := kev.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestParsePublishedCatalogues(t *testing.T) {
	for _, test := range []struct {
		file, version, released string
		entries                 int
	}{
		{before, "2026.07.23", "2026-07-23T16:21:10.8082Z", 1653},
		{after, "2026.08.07", "2026-08-07T16:45:47.0648Z", 1662},
	} {
		c := parse(t, string(unpacked(t, test.file)))
		if got := c.Released.Format("2006-01-02T15:04:05.0000Z"); c.Version != test.version || got != test.released || len(c.Threats) != test.entries {
			t.Errorf("version %s of %s with %d entries, want %+v", c.Version, got, len(c.Threats), test)
		}
	}
}

// Nine were added and eight changed between the two editions: every difference in any field shows in the hash.
func TestChangesBetweenPublishedCatalogues(t *testing.T) {
	old := map[comity.ThreatID]string{}
	for _, threat := range parse(t, string(unpacked(t, before))).Threats {
		old[threat.ID] = threat.Hash
	}
	var added, changed []string
	for _, threat := range parse(t, string(unpacked(t, after))).Threats {
		switch hash, there := old[threat.ID]; {
		case !there:
			added = append(added, threat.ID.Key())
		case hash != threat.Hash:
			changed = append(changed, threat.ID.Key())
		}
		delete(old, threat.ID)
	}
	if len(added) != 9 || len(changed) != 8 || len(old) != 0 {
		t.Errorf("%d added %v, %d changed %v, %d removed", len(added), added, len(changed), changed, len(old))
	}
}

// What is read of each entry is what a plain reading with encoding/json sees.
func TestParseReadsEveryField(t *testing.T) {
	data := unpacked(t, after)
	var plain struct {
		Vulnerabilities []struct {
			CVEID, VendorProject, Product, VulnerabilityName, DateAdded, ShortDescription, RequiredAction, DueDate string
			KnownRansomwareCampaignUse, Notes                                                                      string
			CWEs                                                                                                   []string
		}
	}
	if err := stdjson.Unmarshal(data, &plain); err != nil {
		t.Fatal(err)
	}
	c := parse(t, string(data))
	ransomware := 0
	for i, e := range plain.Vulnerabilities {
		threat := c.Threats[i]
		if len(threat.Hash) != 64 || threat.ID != comity.ThreatID("thr_"+e.CVEID) {
			t.Errorf("entry %d: identity %s, hash %s", i, threat.ID, threat.Hash)
		}
		threat.Hash = ""
		if threat.Vulnerability.Ransomware {
			ransomware++
		}
		want := comity.Threat{
			ID: comity.MakeThreatID(e.CVEID), Kind: comity.ThreatVulnerability, Name: strings.TrimSpace(e.VulnerabilityName),
			Description: strings.TrimSpace(e.ShortDescription), Source: comity.SourceKEV, Marking: comity.Marking{TLP: comity.TLPClear},
			Published: date(t, e.DateAdded).Time(),
			Vulnerability: &comity.Vulnerability{
				CVE: e.CVEID, Vendor: strings.TrimSpace(e.VendorProject), Product: strings.TrimSpace(e.Product),
				RequiredAction: e.RequiredAction, Due: date(t, e.DueDate), Ransomware: e.KnownRansomwareCampaignUse == "Known",
				CWEs: e.CWEs, Notes: e.Notes, Exploited: true,
			},
		}
		if diff := cmp.Diff(want, threat); diff != "" {
			t.Errorf("entry %d (-want +got):\n%s", i, diff)
		}
	}
	if len(c.Threats) != len(plain.Vulnerabilities) || ransomware < 300 {
		t.Errorf("%d of %d entries, %d used by ransomware", len(c.Threats), len(plain.Vulnerabilities), ransomware)
	}
}

func date(t *testing.T, s string) comity.Date {
	t.Helper()
	d, err := comity.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// fields are those of an entry that is right, in CISA's order.
var fields = []struct{ name, value string }{
	{"cveID", `"CVE-2026-0001"`},
	{"vendorProject", `"Acme"`},
	{"product", `"Gate"`},
	{"vulnerabilityName", `"Acme Gate Unlocked Vulnerability"`},
	{"dateAdded", `"2026-07-01"`},
	{"shortDescription", `"It stands open."`},
	{"requiredAction", `"Close it."`},
	{"dueDate", `"2026-07-22"`},
	{"knownRansomwareCampaignUse", `"Unknown"`},
	{"notes", `"https://acme.example/1"`},
	{"cwes", `["CWE-284"]`},
}

// entry writes an entry with one field changed; an empty value leaves the field out.
func entry(field, value string) string {
	var members []string
	known := false
	for _, f := range fields {
		if f.name == field {
			f.value, known = value, true
		}
		if f.value != "" {
			members = append(members, fmt.Sprintf("%q:%s", f.name, f.value))
		}
	}
	if !known && field != "" {
		members = append(members, fmt.Sprintf("%q:%s", field, value))
	}
	return "{" + strings.Join(members, ",") + "}"
}

func catalogue(entries ...string) string {
	return fmt.Sprintf(`{"title":"Catalogue","catalogVersion":"2026.07.23","dateReleased":"2026-07-23T16:21:10.8082Z","count":%d,"vulnerabilities":[%s]}`,
		len(entries), strings.Join(entries, ","))
}

func TestEveryFieldCountsInTheHash(t *testing.T) {
	hash := func(entry string) string { return parse(t, catalogue(entry)).Threats[0].Hash }
	want := hash(entry("", ""))
	for _, f := range fields {
		value := `"CVE-2026-0002"`
		switch f.name {
		case "cwes":
			value = `["CWE-285"]`
		case "dateAdded", "dueDate":
			value = `"2026-07-03"`
		case "cveID":
		default:
			value = strings.TrimSuffix(f.value, `"`) + ` "` // a blank more, which what is shown does not have
		}
		if hash(entry(f.name, value)) == want {
			t.Errorf("%s changed, the hash did not", f.name)
		}
	}
	if hash(entry("newField", `true`)) == want {
		t.Error("a field was added, the hash did not change")
	}
	if hash(entry("notes", "")) == want {
		t.Error("a field was left out, the hash did not change")
	}
}

// White space and the order of members are no change.
func TestFormIsNoChange(t *testing.T) {
	want := parse(t, catalogue(entry("", "")))
	rapid.Check(t, func(t *rapid.T) {
		order := rapid.Permutation(fields).Draw(t, "order")
		blanks := rapid.StringMatching(`[ \n\t]{0,3}`)
		var members []string
		for _, f := range order {
			members = append(members, fmt.Sprintf("%s%q%s:%s%s", blanks.Draw(t, "a"), f.name, blanks.Draw(t, "b"), blanks.Draw(t, "c"), f.value))
		}
		got, err := kev.Parse(strings.NewReader(catalogue("{" + strings.Join(members, ",") + "}")))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestBlanksAroundNamesAreNotRead(t *testing.T) {
	v := parse(t, catalogue(entry("vendorProject", `" Acme "`))).Threats[0].Vulnerability
	if v.Vendor != "Acme" {
		t.Errorf("vendor %q", v.Vendor)
	}
}

func TestParseRefuses(t *testing.T) {
	right := entry("", "")
	for _, test := range []struct{ name, text, want string }{
		{"nothing", "", "it is empty"},
		{"a page", "<!DOCTYPE html><html></html>", "invalid character '<'"},
		{"the CSV form", "cveID,vendorProject\n", "invalid character 'c'"},
		{"no version", strings.Replace(catalogue(right), `"catalogVersion":"2026.07.23",`, "", 1), "/catalogVersion is missing"},
		{"version is a number", strings.Replace(catalogue(right), `"2026.07.23"`, "7", 1), `at "/catalogVersion"`},
		{"version is a sentence", strings.Replace(catalogue(right), `"2026.07.23"`, `"the newest one"`, 1), `at "/catalogVersion"`},
		{"version is empty", strings.Replace(catalogue(right), `"2026.07.23"`, `""`, 1), `at "/catalogVersion"`},
		{"no time", strings.Replace(catalogue(right), `"dateReleased":"2026-07-23T16:21:10.8082Z",`, "", 1), "/dateReleased is missing"},
		{"wrong time", strings.Replace(catalogue(right), "16:21", "26:21", 1), `at "/dateReleased"`},
		{"time without zone", strings.Replace(catalogue(right), "8082Z", "8082", 1), `at "/dateReleased"`},
		{"no count", strings.Replace(catalogue(right), `"count":1,`, "", 1), "/count is missing"},
		{"count is too small", strings.Replace(catalogue(right), `"count":1`, `"count":0`, 1), "/count says 0, there are 1 entries"},
		{"count is too large", strings.Replace(catalogue(right), `"count":1`, `"count":2`, 1), "/count says 2, there are 1 entries"},
		{"count is a text", strings.Replace(catalogue(right), `"count":1`, `"count":"1"`, 1), `at "/count"`},
		{"count is a fraction", strings.Replace(catalogue(right), `"count":1`, `"count":1.5`, 1), `at "/count"`},
		{"count is out of range", strings.Replace(catalogue(right), `"count":1`, `"count":1e400`, 1), `at "/count"`},
		{"count twice", strings.Replace(catalogue(right), `"count":1`, `"count":1,"count":1`, 1), "duplicate"},
		{"no list", `{"catalogVersion":"1","dateReleased":"2026-07-23T16:21:10Z","count":0}`, "/vulnerabilities is missing"},
		{"no entries", catalogue(), "there are no entries"},
		{"entry is a text", catalogue(`"CVE-2026-0001"`), `at "/vulnerabilities/0"`},
		{"entry twice", catalogue(right, right), `at "/vulnerabilities/1"`},
		{"field twice", catalogue(right, `{"cveID":"CVE-2026-0002","cveID":"CVE-2026-0003"}`), `duplicate object member name "cveID" within "/vulnerabilities/1"`},
		{"no CVE", catalogue(entry("cveID", "")), `cveID "" is not a CVE number`},
		{"CVE of letters", catalogue(entry("cveID", `"CVE-2026-ABCD"`)), "is not a CVE number"},
		{"CVE too short", catalogue(entry("cveID", `"CVE-2026-123"`)), "is not a CVE number"},
		{"CVE too long", catalogue(entry("cveID", `"CVE-2026-12345678901234567890"`)), "is not a CVE number"},
		{"CVE in lower case", catalogue(entry("cveID", `"cve-2026-0001"`)), "is not a CVE number"},
		{"CVE with a line end", catalogue(entry("cveID", `"CVE-2026-0001\n"`)), "is not a CVE number"},
		{"CVE with other digits", catalogue(entry("cveID", `"CVE-２０２６-0001"`)), "is not a CVE number"},
		{"CVE is a number", catalogue(entry("cveID", `20260001`)), `at "/vulnerabilities/0/cveID"`},
		{"no vendor", catalogue(entry("vendorProject", `" "`)), "CVE-2026-0001: vendorProject"},
		{"no product", catalogue(entry("product", "")), "CVE-2026-0001: vendorProject, product"},
		{"no name", catalogue(entry("vulnerabilityName", "")), "vulnerabilityName"},
		{"no day", catalogue(entry("dateAdded", "")), `CVE-2026-0001: dateAdded ""`},
		{"wrong day", catalogue(entry("dateAdded", `"2026-02-30"`)), `dateAdded "2026-02-30"`},
		{"day with a time", catalogue(entry("dateAdded", `"2026-07-01T00:00:00Z"`)), "dateAdded"},
		{"American day", catalogue(entry("dueDate", `"07/22/2026"`)), `dueDate "07/22/2026"`},
		{"wrong CWE", catalogue(entry("cwes", `["NVD-CWE-Other"]`)), `"NVD-CWE-Other" is not a CWE number`},
		{"CWEs are a text", catalogue(entry("cwes", `"CWE-284"`)), `at "/vulnerabilities/0/cwes"`},
		{"notes are a list", catalogue(entry("notes", `[]`)), `at "/vulnerabilities/0/notes"`},
		{"U+0000", catalogue(entry("notes", `"\u0000"`)), "U+0000"},
		{"not UTF-8", catalogue(entry("notes", "\"\xff\"")), "invalid UTF-8"},
		{"second of two", catalogue(right, entry("cveID", `"CVE-1"`)), `at "/vulnerabilities/1"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, err := kev.Parse(strings.NewReader(test.text))
			if comity.KindOf(err) != comity.Invalid || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "KEV catalogue") {
				t.Errorf("error %v of kind %s, want %q", err, comity.KindOf(err), test.want)
			}
			if len(c.Threats) != 0 {
				t.Error("something was returned beside the error")
			}
		})
	}
}

// However a catalogue is cut off, nothing of it is read.
func TestCutOffIsRefused(t *testing.T) {
	text := catalogue(entry("", ""), entry("cveID", `"CVE-2026-0002"`))
	for n := range len(text) {
		if c, err := kev.Parse(strings.NewReader(text[:n])); comity.KindOf(err) != comity.Invalid || len(c.Threats) != 0 {
			t.Errorf("cut off after %d bytes: %v", n, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(catalogue(entry("", ""))))
	f.Add([]byte(catalogue(entry("", ""), entry("cveID", `"CVE-2026-0002"`))))
	f.Add([]byte(catalogue(entry("cwes", `null`))))
	f.Add([]byte(catalogue(entry("new", `{"a":[1e99,"\ud83d\ude00"]}`))))
	f.Add([]byte(`{"vulnerabilities":[{}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := kev.Parse(bytes.NewReader(data))
		if err != nil {
			if kind := comity.KindOf(err); kind != comity.Invalid && kind != comity.TooLarge {
				t.Fatalf("error %v of kind %s", err, kind)
			}
			return
		}
		if !stdjson.Valid(data) {
			t.Fatalf("took what is not JSON: %q", data)
		}
		if c.Version == "" || c.Released.IsZero() || len(c.Threats) == 0 {
			t.Fatalf("catalogue %+v", c)
		}
		var seen []comity.ThreatID
		for _, threat := range c.Threats {
			v := threat.Vulnerability
			if _, err := comity.ParseThreatID(string(threat.ID)); err != nil || slices.Contains(seen, threat.ID) {
				t.Fatalf("identity %q, %v", threat.ID, err)
			}
			if v.Vendor == "" || v.Product == "" || threat.Name == "" || threat.Published.IsZero() || len(threat.Hash) != 64 || !v.Exploited {
				t.Fatalf("threat %+v", threat)
			}
			seen = append(seen, threat.ID)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	data := unpacked(b, after)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := kev.Parse(bytes.NewReader(data)); err != nil {
			b.Fatal(err)
		}
	}
}
