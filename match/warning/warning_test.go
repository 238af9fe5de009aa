package warning

import (
	"archive/zip"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"comity"
	"comity/internal/testkit"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func someLists() []comity.WarningList {
	ip, names, urls := []string{"ip-src", "ip-dst", "domain|ip"}, []string{"hostname", "domain", "domain|ip"}, []string{"url"}
	return []comity.WarningList{
		{ID: "private", Kind: comity.WarningCIDR, Attributes: ip, Entries: []string{"10.0.0.0/8", "192.168.0.0/16", "FE80::/10", "::ffff:172.16.0.0/108"}},
		{ID: "resolvers", Kind: comity.WarningCIDR, Attributes: ip, Entries: []string{"10.1.2.3", "2001:db8::1"}},
		{ID: "top", Kind: comity.WarningHostname, Attributes: names, Entries: []string{"example.com", ".Dyn.example", "a.b.example."}},
		{ID: "exact", Kind: comity.WarningString, Attributes: append(urls, names...), Entries: []string{"one.example", ".below.example", "https://one.example/path"}},
		{ID: "empty", Kind: comity.WarningString, Attributes: []string{"md5", "sha1", "filename|md5"}, Entries: []string{"D41D8CD98F00B204E9800998ECF8427E"}},
		{ID: "mail", Kind: comity.WarningSubstring, Attributes: []string{"email-src"}, Entries: []string{"throwaway.example", "@x."}},
		{ID: "scan", Kind: comity.WarningRegex, Attributes: urls, Entries: []string{`/^https?:\/\/scan\./i`, `sandbox[0-9]+`}},
	}
}

func TestCheck(t *testing.T) {
	lists, err := Prepare(someLists())
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		path, value string
		want        []string // "list entry part"
	}{
		{"ipv4-addr:value", "10.1.2.3", []string{"private 10.0.0.0/8 10.1.2.3", "resolvers 10.1.2.3 10.1.2.3"}},
		{"ipv4-addr:value", " 10.255.0.1 ", []string{"private 10.0.0.0/8 10.255.0.1"}},
		{"ipv4-addr:value", "11.0.0.1", nil},
		{"ipv4-addr:value", "10.2.0.0/16", []string{"private 10.0.0.0/8 10.2.0.0/16"}},
		{"ipv4-addr:value", "8.0.0.0/6", nil},
		{"ipv6-addr:value", "fe80::1%eth0", []string{"private FE80::/10 fe80::1%eth0"}},
		{"ipv6-addr:value", "::ffff:10.0.0.1", []string{"private 10.0.0.0/8 ::ffff:10.0.0.1"}},
		{"ipv4-addr:value", "172.16.9.9", []string{"private ::ffff:172.16.0.0/108 172.16.9.9"}},
		{"ipv6-addr:value", "2001:DB8::1", []string{"resolvers 2001:db8::1 2001:DB8::1"}},
		{"ipv4-addr:value", "not an address", nil},
		{"network-traffic:dst_ref.value", "10.9.9.9", []string{"private 10.0.0.0/8 10.9.9.9"}},
		{"domain-name:value", "example.com", []string{"top example.com example.com"}},
		{"domain-name:value", "www.EXAMPLE.com.", []string{"top example.com www.EXAMPLE.com."}},
		{"domain-name:value", "notexample.com", nil},
		{"domain-name:value", "com", nil},
		{"domain-name:value", "x.dyn.example", []string{"top .Dyn.example x.dyn.example"}},
		{"domain-name:value", "b.example", nil},
		{"domain-name:value", "one.example", []string{"exact one.example one.example"}},
		{"domain-name:value", "www.one.example", nil},
		{"domain-name:value", "x.below.example", []string{"exact .below.example x.below.example"}},
		{"url:value", "https://one.example/path", []string{"exact https://one.example/path https://one.example/path"}},
		{"url:value", "https://user:secret@WWW.example.com:8443/a?b", []string{"top example.com www.example.com"}},
		{"url:value", "http://10.1.2.3/x", []string{"private 10.0.0.0/8 10.1.2.3", "resolvers 10.1.2.3 10.1.2.3"}},
		{"url:value", "http://[2001:db8::1]:80/", []string{"resolvers 2001:db8::1 2001:db8::1"}},
		{"url:value", "http://evil.example/?next=https://example.com/", nil},
		{"url:value", "HTTP://scan.evil.example/", []string{`scan /^https?:\/\/scan\./i HTTP://scan.evil.example/`}},
		{"url:value", "http://evil.example/sandbox12", []string{"scan sandbox[0-9]+ http://evil.example/sandbox12"}},
		{"domain-name:value", "sandbox12.evil.example", nil},
		{"file:hashes.MD5", "d41d8cd98f00b204e9800998ecf8427e", []string{"empty D41D8CD98F00B204E9800998ECF8427E d41d8cd98f00b204e9800998ecf8427e"}},
		{"file:hashes.'SHA-256'", "d41d", nil},
		{"file:name", "d41d8cd98f00b204e9800998ecf8427e", nil},
		{"email-addr:value", "a@Throwaway.example", []string{"mail throwaway.example a@Throwaway.example"}},
		{"email-addr:value", "a@x.example", []string{"mail @x. a@x.example"}},
		{"email-message:from_ref.value", "a@example.com", []string{"top example.com example.com"}},
		{"email-message:subject", "throwaway.example", nil},
		{"mutex:name", "example.com", nil},
		{"domain-name:value", "", nil},
	}
	for _, tt := range tests {
		var got []string
		for _, w := range lists.Check(comity.Observable{Type: tt.path, Value: tt.value}) {
			got = append(got, w.List+" "+w.Entry+" "+w.Part)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s %q (-want +got):\n%s", tt.path, tt.value, diff)
		}
	}
}

func TestPrepareNamesThePlace(t *testing.T) {
	for _, l := range []comity.WarningList{
		{ID: "bad", Kind: comity.WarningCIDR, Entries: []string{"10.0.0.0/8", "10.0.0.0/33"}},
		{ID: "bad", Kind: comity.WarningRegex, Entries: []string{"a", "("}},
		{ID: "bad", Kind: "telepathy", Entries: []string{"", "a"}},
	} {
		_, err := Prepare([]comity.WarningList{l})
		if comity.KindOf(err) != comity.Invalid || !strings.Contains(fmt.Sprint(err), "bad, /list/1") {
			t.Errorf("%s: error %v", l.Kind, err)
		}
	}
}

// slowCheck says the rules again: every entry of every list is compared.
func slowCheck(lists []comity.WarningList, o comity.Observable) []string {
	var found []string
	for _, l := range lists {
		if slices.ContainsFunc(l.Entries, func(e string) bool { return slowEntry(l, e, o) }) {
			found = append(found, l.ID)
		}
	}
	return found
}

func slowEntry(l comity.WarningList, entry string, o comity.Observable) bool {
	for _, p := range partsOf(o.Value, classOf(o.Type)) {
		if classesFor(l.Attributes)&p.classes == 0 {
			continue
		}
		e := strings.ToLower(strings.TrimSpace(entry))
		domain := func() bool {
			e := strings.Trim(e, ".")
			return p.classes&(domains|emails) != 0 && (p.text == e || strings.HasSuffix(p.text, "."+e))
		}
		var is bool
		switch l.Kind {
		case comity.WarningHostname:
			is = domain()
		case comity.WarningString:
			is = p.text == e && e[0] != '.' || e[0] == '.' && domain()
		case comity.WarningSubstring:
			is = strings.Contains(p.text, e)
		case comity.WarningCIDR:
			a, errA := netip.ParseAddr(p.text)
			n, errN := parseNetwork(e)
			is = p.classes&addresses != 0 && errA == nil && errN == nil && n.Contains(a.Unmap().WithZone(""))
		case comity.WarningRegex:
			is = regexp.MustCompile("(?i)" + entry).MatchString(p.shown)
		}
		if is {
			return true
		}
	}
	return false
}

func TestCheckFindsWhatComparingAllFinds(t *testing.T) {
	label := rapid.SampledFrom([]string{"a", "b", "cc", "example", "com"})
	name := rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(label, 1, 4).Draw(t, "labels"), ".")
	})
	address := rapid.Custom(func(t *rapid.T) string {
		n := func(what string) int { return rapid.SampledFrom([]int{0, 1, 10, 128, 255}).Draw(t, what) }
		return fmt.Sprintf("%d.%d.%d.%d", n("a"), n("b"), n("c"), n("d"))
	})
	attributes := rapid.SliceOfN(rapid.SampledFrom([]string{"ip-src", "domain", "url", "email-src", "md5"}), 1, 3)
	rapid.Check(t, func(t *rapid.T) {
		var lists []comity.WarningList
		for i := range rapid.IntRange(1, 5).Draw(t, "lists") {
			l := comity.WarningList{ID: fmt.Sprint(i), Attributes: attributes.Draw(t, "attributes")}
			l.Kind = rapid.SampledFrom([]comity.WarningListKind{
				comity.WarningString, comity.WarningHostname, comity.WarningSubstring, comity.WarningCIDR, comity.WarningRegex,
			}).Draw(t, "kind")
			for range rapid.IntRange(1, 6).Draw(t, "entries") {
				e := rapid.SampledFrom([]string{"", "."}).Draw(t, "dot") + name.Draw(t, "entry")
				if l.Kind == comity.WarningCIDR {
					e = fmt.Sprintf("%s/%d", address.Draw(t, "network"), rapid.IntRange(0, 32).Draw(t, "bits"))
				}
				l.Entries = append(l.Entries, e)
			}
			lists = append(lists, l)
		}
		o := comity.Observable{Type: rapid.SampledFrom([]string{"ipv4-addr:value", "domain-name:value", "url:value", "email-addr:value", "file:hashes.MD5"}).Draw(t, "type")}
		host := rapid.OneOf(name, address).Draw(t, "host")
		o.Value = rapid.SampledFrom([]string{host, "http://" + host + "/" + host, "x@" + host}).Draw(t, "value")
		prepared, err := Prepare(lists)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, w := range prepared.Check(o) {
			got = append(got, w.List)
		}
		if diff := cmp.Diff(slowCheck(lists, o), got); diff != "" {
			t.Errorf("%+v of %+v (-slow +prepared):\n%s", o, lists, diff)
		}
	})
}

func FuzzCheck(f *testing.F) {
	f.Add("url:value", "http://[::1%25eth0]:80/@x")
	f.Add("email-addr:value", "@")
	f.Add("ipv4-addr:value", "10.0.0.0/0")
	lists, err := Prepare(someLists())
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, path, value string) {
		for _, w := range lists.Check(comity.Observable{Type: path, Value: value}) {
			if w.List == "" || w.Entry == "" || w.Part == "" {
				t.Errorf("warning without reason: %+v", w)
			}
		}
	})
}

// realLists reads the public lists: 41 of 209,187 entries.
func realLists(t testing.TB) []comity.WarningList {
	t.Helper()
	z, err := zip.OpenReader(testkit.Shared(t, "misp/warninglists.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	var lists []comity.WarningList
	for _, f := range z.File {
		if !strings.HasSuffix(f.Name, ".json") {
			continue
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		var l struct {
			Name, Type string
			Version    int64
			Attributes []string `json:"matching_attributes"`
			List       []string
		}
		if err := json.NewDecoder(r).Decode(&l); err != nil {
			t.Fatal(err)
		}
		lists = append(lists, comity.WarningList{
			ID: strings.TrimSuffix(f.Name, ".json"), Name: l.Name, Kind: comity.WarningListKind(l.Type), Version: l.Version,
			Attributes: l.Attributes, Entries: l.List,
		})
	}
	return lists
}

// compared is a comparison with "=" in a STIX pattern. The test reads no more of patterns than this.
var compared = regexp.MustCompile(`([a-z0-9-]+:[A-Za-z0-9_.'\-]+) ?= ?'((?:[^'\\]|\\.)*)'`)

// realValues reads what the public STIX files look for.
func realValues(t testing.TB) []comity.Observable {
	t.Helper()
	var values []comity.Observable
	for _, name := range []string{"amnesty-pegasus", "mvt-coruna", "mvt-operation-triangulation", "mvt-predator"} {
		f, err := os.Open(testkit.Shared(t, "stix/"+name+".stix2.json.gz"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		z, err := gzip.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		var doc struct{ Objects []struct{ Pattern string } }
		if err := json.Unmarshal(text, &doc); err != nil {
			t.Fatal(err)
		}
		for _, o := range doc.Objects {
			for _, m := range compared.FindAllStringSubmatch(o.Pattern, -1) {
				values = append(values, comity.Observable{Type: m[1], Value: m[2]})
			}
		}
	}
	return values
}

// TestRealIndicators compares what real feeds look for with all public lists, and a sample of it with the slow reading.
func TestRealIndicators(t *testing.T) {
	all := realLists(t)
	start := time.Now()
	lists, err := Prepare(all)
	if err != nil {
		t.Fatal(err)
	}
	n, entries := lists.Len()
	t.Logf("%d lists, %d entries prepared in %s", n, entries, time.Since(start).Round(time.Millisecond))
	values := realValues(t)
	if n != 41 || entries != 209_187 || len(values) < 2_000 {
		t.Fatalf("%d lists, %d entries, %d values", n, entries, len(values))
	}
	warned := map[string]int{}
	for i, v := range values {
		got := lists.Check(v)
		var ids []string
		for _, w := range got {
			warned[w.List]++
			ids = append(ids, w.List)
		}
		if i%50 != 0 && len(got) == 0 {
			continue
		}
		if diff := cmp.Diff(slowCheck(all, v), ids); diff != "" {
			t.Errorf("%+v (-slow +prepared):\n%s", v, diff)
		}
	}
	t.Logf("%d values, warnings by list: %v", len(values), warned)
	if len(warned) == 0 {
		t.Error("no warning at all: feeds name dynamic domains and well-known hosts")
	}
}

// BenchmarkCheck compares what real feeds look for with all public lists, value by value.
func BenchmarkCheck(b *testing.B) {
	lists, err := Prepare(realLists(b))
	if err != nil {
		b.Fatal(err)
	}
	values := append(realValues(b), comity.Observable{Type: "ipv4-addr:value", Value: "8.8.8.8"}, comity.Observable{Type: "email-addr:value", Value: "someone@mail.example"})
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		lists.Check(values[i%len(values)])
		i++
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "values/s")
}

// BenchmarkPrepare measures what is done when lists change.
func BenchmarkPrepare(b *testing.B) {
	lists := realLists(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Prepare(lists); err != nil {
			b.Fatal(err)
		}
	}
}
