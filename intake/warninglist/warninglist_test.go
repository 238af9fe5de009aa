package warninglist_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"comity"
	"comity/intake"
	"comity/intake/warninglist"
	"comity/internal/testkit"

	"github.com/google/go-cmp/cmp"
)

const good = `{"name":"Networks of RFC 1918","type":"cidr","version":5,"matching_attributes":["ip-src","domain|ip"],"list":["10.0.0.0/8"," 172.16.0.0/12"]}`

// zipOf packs files given as name, text, name, text.
func zipOf(t testing.TB, files ...string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i+1 < len(files); i += 2 {
		w, err := z.Create(files[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(files[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestParse(t *testing.T) {
	list := comity.WarningList{
		ID: "rfc1918", Name: "Networks of RFC 1918", Kind: comity.WarningCIDR, Version: 5,
		Attributes: []string{"ip-src", "domain|ip"}, Entries: []string{"10.0.0.0/8", "172.16.0.0/12"}, Size: 2,
	}
	named := func(id string) comity.WarningList {
		l := list
		l.ID = id
		return l
	}
	tests := []struct {
		name, in string
		want     warninglist.Document
	}{
		{"one list", good, warninglist.Document{Lists: []comity.WarningList{named("networks-of-rfc-1918")}}},
		{"folders", zipOf(t, "lists/rfc1918/list.json", good, "README.md", "x", "schema.json", "{", "lists/a/list.json", good), warninglist.Document{Lists: []comity.WarningList{named("a"), list}, Whole: true}},
		{"files", zipOf(t, "rfc1918.json", good), warninglist.Document{Lists: []comity.WarningList{list}, Whole: true}},
	}
	for _, tt := range tests {
		got, err := warninglist.Parse(strings.NewReader(tt.in))
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestWrongDocuments(t *testing.T) {
	broken := zipOf(t, "a/list.json", strings.Repeat(good, 1))
	many := make([]string, 0, 2*(warninglist.MaxLists+1))
	for i := range warninglist.MaxLists + 1 {
		many = append(many, fmt.Sprintf("l%d/list.json", i), good)
	}
	tests := []struct {
		name, in string
		kind     comity.Kind
		says     string
	}{
		{"empty", "", comity.Invalid, "empty"},
		{"no JSON", "<html>", comity.Invalid, "warning list"},
		{"no list", `{"name":"a"}`, comity.Invalid, "/list is missing"},
		{"an entry that is no text", strings.Replace(good, `"10.0.0.0/8"`, "7", 1), comity.Invalid, "/list/0"},
		{"an empty entry", strings.Replace(good, `"10.0.0.0/8"`, `"  "`, 1), comity.Invalid, "/list/0"},
		{"an entry that is too long", strings.Replace(good, "10.0.0.0/8", strings.Repeat("x", 2001), 1), comity.Invalid, "/list/0"},
		{"no entries", strings.Replace(good, `"10.0.0.0/8"," 172.16.0.0/12"`, "", 1), comity.Invalid, "/list has no entry"},
		{"no name", strings.Replace(good, "Networks of RFC 1918", " ", 1), comity.Invalid, "/name"},
		{"a name without letters", strings.Replace(good, "Networks of RFC 1918", "***", 1), comity.Invalid, "/name"},
		{"an unknown type", strings.Replace(good, "cidr", "telepathy", 1), comity.Invalid, "telepathy"},
		{"a version below 0", strings.Replace(good, ":5", ":-5", 1), comity.Invalid, "/version"},
		{"no attributes", strings.Replace(good, `"ip-src","domain|ip"`, "", 1), comity.Invalid, "/matching_attributes"},
		{"two members of one name", strings.Replace(good, `"version":5`, `"version":5,"version":6`, 1), comity.Invalid, "duplicate"},
		{"something after the end", good + "{}", comity.Invalid, "follows"},
		{"a broken list in a ZIP file", zipOf(t, "a/list.json", good, "b/list.json", "{"), comity.Invalid, "warning list b"},
		{"a ZIP file without lists", zipOf(t, "README.md", "x"), comity.Invalid, "no list"},
		{"a list twice", zipOf(t, "x/a/list.json", good, "y/a/list.json", good), comity.Invalid, "a is there twice"},
		{"a name that leads elsewhere", zipOf(t, "../list.json", good), comity.Invalid, "no name"},
		{"a ZIP file cut off", broken[:len(broken)-30], comity.Invalid, "no whole ZIP"},
		{"a ZIP file with a broken packing", broken[:50] + "\xff\xff\xff" + broken[53:], comity.Invalid, "warning list a"},
		{"too many lists", zipOf(t, many...), comity.TooLarge, "500 lists"},
		{"a ZIP file that is too large", "PK\x03\x04" + strings.Repeat("x", warninglist.MaxPacked), comity.TooLarge, "8 MB"},
		{"too many entries", `{"list":["` + strings.Repeat(`x","`, warninglist.MaxEntries) + `x"]}`, comity.TooLarge, "500000 items"},
		{"too much in a ZIP file", zipOf(t, "a.json", `{"name":"`+strings.Repeat(" ", warninglist.MaxUnpacked)), comity.TooLarge, ""},
	}
	for _, tt := range tests {
		_, err := warninglist.Parse(strings.NewReader(tt.in))
		if err == nil || comity.KindOf(err) != tt.kind || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: error %v of kind %s, want %s and %q", tt.name, err, comity.KindOf(err), tt.kind, tt.says)
		}
	}
}

// TestRealLists reads the public lists: counts are those that the file's origin gives.
func TestRealLists(t *testing.T) {
	f, err := os.Open(testkit.Shared(t, "misp/warninglists.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	in, err := intake.Open(f, warninglist.MaxUnpacked)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := warninglist.Parse(in)
	if err != nil {
		t.Fatal(err)
	}
	entries, kinds := 0, map[comity.WarningListKind]int{}
	for _, l := range doc.Lists {
		entries += l.Size
		kinds[l.Kind]++
	}
	want := map[comity.WarningListKind]int{comity.WarningHostname: 9, comity.WarningString: 13, comity.WarningCIDR: 17, comity.WarningSubstring: 2}
	if diff := cmp.Diff(want, kinds); diff != "" || entries != 209_187 || !doc.Whole {
		t.Errorf("%d entries, whole %v, kinds (-want +got):\n%s", entries, doc.Whole, diff)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(good))
	f.Add([]byte(zipOf(f, "lists/rfc1918/list.json", good)))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, in []byte) {
		doc, err := warninglist.Parse(bytes.NewReader(in))
		if err != nil {
			if kind := comity.KindOf(err); kind != comity.Invalid && kind != comity.TooLarge {
				t.Errorf("error %v of kind %s", err, kind)
			}
			return
		}
		for _, l := range doc.Lists {
			if l.ID == "" || l.Name == "" || l.Size == 0 || l.Size != len(l.Entries) {
				t.Errorf("a list that is none: %+v", l)
			}
		}
	})
}
