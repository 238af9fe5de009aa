package baseline_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"comity"
	"comity/intake/baseline"
	"comity/internal/testkit"

	"github.com/google/go-cmp/cmp"
)

func published(t testing.TB, name string) (comity.Baseline, []baseline.Problem) {
	t.Helper()
	file, err := os.Open(testkit.Shared(t, "oscal/"+name))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	b, problems, err := baseline.Parse(file, baseline.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return b, problems
}

// TestPublished holds that every published baseline comes in whole: as many controls as the standards count.
func TestPublished(t *testing.T) {
	for _, want := range []struct {
		file, key, version, published, framework  string
		groups, controls, enhancements, withdrawn int
	}{
		{"NIST_CSF_v2.0_catalog.xml.gz", "nist-cybersecurity-framework", "1.0.0", "2025-05-29", "", 22, 106, 0, 91},
		{"NIST_SP-800-53_rev5_catalog-min.2021-06-08.json.gz", "nist-special-publication-800-53-revision-5-security-and-privacy-controls-for-federal-information-systems-and-organizations", "5.0.1", "2021-06-08", comity.FrameworkSP80053, 20, 1007, 709, 182},
		{"NIST_SP-800-53_rev5_LOW-baseline-resolved-min.json.gz", "nist-special-publication-800-53-revision-low-impact-baseline", "5.1.1+u4", "2024-02-13", comity.FrameworkSP80053, 18, 149, 18, 0},
		{"NIST_SP-800-53_rev5_MODERATE-baseline-resolved-min.json.gz", "nist-special-publication-800-53-revision-moderate-impact-baseline", "5.1.1+u4", "2024-02-13", comity.FrameworkSP80053, 18, 287, 110, 0},
		{"NIST_SP-800-53_rev5_HIGH-baseline-resolved-min.json.gz", "nist-special-publication-800-53-revision-high-impact-baseline", "5.1.1+u4", "2024-02-13", comity.FrameworkSP80053, 18, 370, 182, 0},
		{"NIST_SP-800-53_rev5_PRIVACY-baseline-resolved-min.json.gz", "nist-special-publication-800-53-revision-privacy-baseline", "5.1.1+u4", "2024-02-13", comity.FrameworkSP80053, 16, 102, 21, 0},
	} {
		t.Run(want.file, func(t *testing.T) {
			b, problems := published(t, want.file)
			if !baseline.Usable(problems) {
				t.Fatalf("got problems %v", problems)
			}
			got := want
			got.key, got.version, got.published, got.framework = b.Key, b.Version, b.Published.String(), b.Framework
			got.groups, got.controls, got.withdrawn, got.enhancements = len(b.Groups), b.Count(), b.Withdrawn, 0
			for _, c := range b.Controls() {
				if c.Parent != "" {
					got.enhancements++
				}
				if c.Label == "" || c.Title == "" || c.Text == "" || strings.Contains(c.Text, "{{") {
					t.Errorf("control %+v: want label, title and text", c)
				}
			}
			if got != want {
				t.Errorf("got %+v\nwant %+v", got, want)
			}
		})
	}
}

// TestDataProtection holds that the controls for the processing of personal data come with the privacy baseline.
func TestDataProtection(t *testing.T) {
	b, _ := published(t, "NIST_SP-800-53_rev5_PRIVACY-baseline-resolved-min.json.gz")
	g, ok := b.Group("pt")
	if !ok || len(g.Controls) != 13 || g.Controls[1].Label != "PT-2" || g.Controls[1].Title != "Authority to Process Personally Identifiable Information" {
		t.Errorf("got %d controls, %+v", len(g.Controls), g.Controls[:min(2, len(g.Controls))])
	}
}

// TestCSF holds that what the framework no longer has is left out, though its file does not mark it, and told.
func TestCSF(t *testing.T) {
	b, problems := published(t, "NIST_CSF_v2.0_catalog.xml.gz")
	if diff := cmp.Diff([]baseline.Problem{{Code: baseline.Superseded, Value: "91"}}, problems); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	perFunction, all := map[string]int{}, b.Controls()
	for _, g := range b.Groups {
		perFunction[g.Within] += len(g.Controls)
	}
	want := map[string]int{"GOVERN": 31, "IDENTIFY": 21, "PROTECT": 22, "DETECT": 11, "RESPOND": 13, "RECOVER": 8}
	if diff := cmp.Diff(want, perFunction); diff != "" {
		t.Errorf("subcategories by function (-want +got):\n%s", diff)
	}
	for _, gone := range []string{"ID.BE-01", "PR.AC-1", "PR.AC-01", "ID.AM-06", "RC.IM-01"} {
		if _, ok := all[gone]; ok {
			t.Errorf("%s was withdrawn with version 2.0", gone)
		}
	}
	for _, kept := range []string{"GV.OC-01", "ID.RA-07", "ID.RA-10", "PR.IR-04"} { // three of them have no party, which is no mark
		if _, ok := all[kept]; !ok {
			t.Errorf("%s is missing", kept)
		}
	}
}

func TestRoundTripCSV(t *testing.T) {
	for _, file := range []string{"NIST_CSF_v2.0_catalog.xml.gz", "NIST_SP-800-53_rev5_PRIVACY-baseline-resolved-min.json.gz"} {
		b, _ := published(t, file)
		var out bytes.Buffer
		if err := baseline.WriteCSV(&out, b); err != nil {
			t.Fatal(err)
		}
		again, problems, err := baseline.Parse(&out, baseline.Options{Title: b.Title, Version: b.Version})
		if err != nil || len(problems) > 0 {
			t.Fatalf("%v, %v", problems, err)
		}
		for i := range b.Groups {
			b.Groups[i].Within, b.Groups[i].Text = "", ""
		}
		if diff := cmp.Diff(b.Groups, again.Groups); diff != "" || again.Key != b.Key {
			t.Errorf("%s (-before +after):\n%s", file, diff)
		}
	}
}

// TestRoundTripOSCAL holds that every published baseline leaves as OSCAL and comes back with the same controls.
func TestRoundTripOSCAL(t *testing.T) {
	for _, file := range []string{
		"NIST_CSF_v2.0_catalog.xml.gz", "NIST_SP-800-53_rev5_catalog-min.2021-06-08.json.gz", "NIST_SP-800-53_rev5_HIGH-baseline-resolved-min.json.gz",
	} {
		b, _ := published(t, file)
		var out bytes.Buffer
		if err := baseline.WriteOSCAL(&out, b); err != nil {
			t.Fatal(err)
		}
		again, problems, err := baseline.Parse(&out, baseline.Options{})
		if err != nil || len(problems) > 0 {
			t.Fatalf("%s: %v, %v", file, problems, err)
		}
		b.Hash, b.Withdrawn, again.Hash = "", 0, ""
		if diff := cmp.Diff(b, again); diff != "" {
			t.Errorf("%s (-written +read):\n%.3000s", file, diff)
		}
	}
}

func TestCSV(t *testing.T) {
	text := "\uFEFFID;Title;Group;Group title;Parent;Text\r\nA-1;First;a;Alpha;;\"two\r\nlines\"\r\n\r\nB-1;Third;b;Beta\r\nA-1.1;Second;a;;A-1;'=SUM(1)\r\n"
	got, problems, err := baseline.Parse(strings.NewReader(text), baseline.Options{Title: "Our own, v1.2", Version: "2026"})
	if err != nil || len(problems) > 0 {
		t.Fatalf("%v, %v", problems, err)
	}
	want := []comity.BaselineGroup{
		{ID: "a", Title: "Alpha", Controls: []comity.BaselineControl{
			{ID: "A-1", Label: "A-1", Title: "First", Text: "two\nlines"}, {ID: "A-1.1", Label: "A-1.1", Title: "Second", Parent: "A-1", Text: "=SUM(1)"},
		}},
		{ID: "b", Title: "Beta", Controls: []comity.BaselineControl{{ID: "B-1", Label: "B-1", Title: "Third"}}},
	}
	if diff := cmp.Diff(want, got.Groups); diff != "" || got.Key != "our-own" || got.Version != "2026" {
		t.Errorf("key %q, version %q (-want +got):\n%s", got.Key, got.Version, diff)
	}
}

// TestProblems holds that everything wrong is told, with its place.
func TestProblems(t *testing.T) {
	for _, test := range []struct{ name, file, want string }{
		{"nothing", "", "the file is empty"},
		{"spaces", " \n ", "the file is empty"},
		{"no control", "id,title\n", "there is no control in force in it"},
		{"no column", "name,title\nx,y\n", "line 1: there is no column id|line 1: the column name is none that is known"},
		{"unknown column", "id,title,colour\na,b,c\n", "line 1: the column colour is none that is known"},
		{"column twice", "id,title,Title\na,b,c\n", "line 1: the column title stands here twice"},
		{"all at once", "id,title,parent\na,,\na b,T,\na,T,\nb,T,z\n", "line 2, title: must not be empty|line 3, id: a b: want one word of at most 80 characters without a slash|line 4, id: stands here twice: a, line 2|line 5, parent: there is no control z before it|there is no control in force in it"},
		{"quotes", "id,title\n\"a,b\n", `line 2: extraneous or missing " in quoted-field`},
		{"JSON", `{"catalog":{"groups":[{"title":5}]}}`, "/catalog/groups/0/title: a number has no place here, byte 31"},
		{"a profile", `{"profile":{}}`, "it is a profile that is not resolved: take the resolved catalogue of it"},
		{"OSCAL", `{"catalog":{"metadata":{"title":"T"},"groups":[{"title":"g","controls":[{"id":"a","title":"A"},{"id":"a","title":"B"},{"title":"C"},{"id":"d"}]}]}}`, "/catalog/groups/0/controls/1, id: stands here twice: a, /catalog/groups/0/controls/0|/catalog/groups/0/controls/2, id: must not be empty|/catalog/groups/0/controls/3, title: must not be empty"},
		{"withdrawn", `{"catalog":{"metadata":{"title":"T"},"controls":[{"id":"a","title":"A","props":[{"name":"status","value":"Withdrawn"}]}]}}`, "there is no control in force in it"},
		{"gzip cut off", "\x1f\x8b\x08\x00", "the document is cut off after 0 bytes"},
		{"a long text", "id,title,text\na,b," + strings.Repeat("x", 17_000) + "\n", "line 2, text: the text of a is longer than 16 kB and was cut"},
	} {
		_, problems, err := baseline.Parse(strings.NewReader(test.file), baseline.Options{Title: "T"})
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		told := make([]string, len(problems))
		for i, p := range problems {
			told[i] = p.String()
		}
		if got := strings.Join(told, "|"); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.name, got, test.want)
		}
	}
}

// TestBounds holds that a file with very many rows or problems ends.
func TestBounds(t *testing.T) {
	var many, wrong strings.Builder
	many.WriteString("id,title\n")
	wrong.WriteString("id,title\n")
	for i := range comity.MaxBaselineControls + 10 {
		fmt.Fprintf(&many, "c%d,t\n", i)
		wrong.WriteString("x y,\n")
	}
	b, problems, _ := baseline.Parse(strings.NewReader(many.String()), baseline.Options{})
	if b.Count() != comity.MaxBaselineControls || len(problems) != 1 || problems[0].Code != baseline.TooMany || baseline.Usable(problems) {
		t.Errorf("got %d controls, %v", b.Count(), problems)
	}
	_, problems, _ = baseline.Parse(strings.NewReader(wrong.String()), baseline.Options{})
	if len(problems) != 1001 || problems[1000].Code != baseline.TooManyProblems {
		t.Errorf("got %d problems", len(problems))
	}
	_, problems, _ = baseline.Parse(strings.NewReader(`{"catalog":`+strings.Repeat(`{"a":`, 200)), baseline.Options{})
	if len(problems) != 1 || len(problems[0].Place) > 310 {
		t.Errorf("a long place: got %v", problems)
	}
	if _, _, err := baseline.Parse(broken{}, baseline.Options{}); err == nil {
		t.Error("an error of the reader was lost")
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestEveryProblemHasItsSentence(t *testing.T) {
	for _, code := range baseline.Codes {
		if (baseline.Problem{Code: code, Value: "v"}).String() == "" {
			t.Errorf("%s says nothing", code)
		}
	}
}

// FuzzParse holds that nothing stops the parser, and that what is usable keeps what a baseline promises.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"id,title\na,b\n", "id;title;group;parent;text\na;b;g;;x\nb;c;;a;y\n", `{"catalog":{"controls":[{"id":"a","title":"b","controls":[{"id":"c","title":"d"}]}]}}`,
		`<catalog xmlns="http://csrc.nist.gov/ns/oscal/1.0"><group><control class="category" id="k"><title>K</title><control id="a"><title>b</title></control></control></group></catalog>`,
		"\"", "", "\uFEFFid\ttitle",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		b, problems, err := baseline.Parse(bytes.NewReader(data), baseline.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if !baseline.Usable(problems) {
			return
		}
		if len(b.Controls()) != b.Count() || b.Count() == 0 {
			t.Fatalf("%d controls, %d identities", b.Count(), len(b.Controls()))
		}
		groups := map[string]bool{}
		for _, g := range b.Groups {
			if groups[g.ID] || g.ID == "" || len(g.Controls) == 0 {
				t.Fatalf("group %q stands twice, or is empty", g.ID)
			}
			groups[g.ID] = true
		}
		var out bytes.Buffer
		if err := baseline.WriteCSV(&out, b); err != nil {
			t.Fatal(err)
		}
		again, problems, err := baseline.Parse(&out, baseline.Options{})
		if err != nil || !baseline.Usable(problems) || again.Count() != b.Count() {
			t.Fatalf("written as CSV and not read again: %v, %v", problems, err)
		}
		if b.Count() > 30 { // a chain of enhancements may be deeper than a catalogue is read
			return
		}
		out.Reset()
		if err := baseline.WriteOSCAL(&out, b); err != nil {
			return // a text that is no UTF-8
		}
		again, problems, err = baseline.Parse(&out, baseline.Options{})
		if err != nil || !baseline.Usable(problems) || again.Count() != b.Count() {
			t.Fatalf("written as OSCAL and not read again: %v, %v", problems, err)
		}
	})
}
