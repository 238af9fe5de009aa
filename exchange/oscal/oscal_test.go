package oscal_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"comity/exchange/oscal"
	"comity/internal/testkit"

	"github.com/google/go-cmp/cmp"
)

func published(t *testing.T, name string) *oscal.Catalog {
	t.Helper()
	file, err := os.Open(testkit.Shared(t, "oscal/"+name))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	r, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	c, err := oscal.Parse(r)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const (
	csf            = "NIST_CSF_v2.0_catalog.xml.gz"
	full           = "NIST_SP-800-53_rev5_catalog-min.2021-06-08.json.gz"
	low            = "NIST_SP-800-53_rev5_LOW-baseline-resolved-min.json.gz"
	moderate       = "NIST_SP-800-53_rev5_MODERATE-baseline-resolved-min.json.gz"
	high           = "NIST_SP-800-53_rev5_HIGH-baseline-resolved-min.json.gz"
	dataProtection = "NIST_SP-800-53_rev5_PRIVACY-baseline-resolved-min.json.gz"
)

// TestPublished counts what NIST published, as counted from the files by other means.
func TestPublished(t *testing.T) {
	for _, want := range []struct {
		file, version                       string
		groups, controls, within, withdrawn int
	}{
		{csf, "1.0.0", 6, 34, 185, 0}, // what it carries over from 1.1 is not marked
		{full, "5.0.1", 20, 322, 867, 182},
		{low, "5.1.1+u4", 18, 131, 18, 0},
		{moderate, "5.1.1+u4", 18, 177, 110, 0},
		{high, "5.1.1+u4", 18, 188, 182, 0},
		{dataProtection, "5.1.1+u4", 16, 81, 21, 0},
	} {
		t.Run(want.file, func(t *testing.T) {
			c := published(t, want.file)
			got := want
			got.version, got.groups, got.controls, got.within, got.withdrawn = c.Metadata.Version, len(c.Groups), 0, 0, 0
			top := map[string]bool{}
			for _, g := range c.Groups {
				for _, control := range g.Controls {
					top[control.ID] = true
				}
			}
			c.Each(func(control *oscal.Control) {
				if top[control.ID] {
					got.controls++
				} else {
					got.within++
				}
				if control.Withdrawn() {
					got.withdrawn++
				}
				if control.Place == "" || control.ID == "" || control.Title == "" {
					t.Errorf("%+v: want a place, an identity and a title", control)
				}
			})
			if got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

func find(t *testing.T, c *oscal.Catalog, id string) *oscal.Control {
	t.Helper()
	var found *oscal.Control
	c.Each(func(control *oscal.Control) {
		if control.ID == id {
			found = control
		}
	})
	if found == nil {
		t.Fatalf("no control %s", id)
	}
	return found
}

// TestStatements reads three statements as the standard prints them.
func TestStatements(t *testing.T) {
	for _, test := range []struct{ file, control, want string }{
		{
			low, "ac-7",
			"a. Enforce a limit of [Assignment: number] consecutive invalid logon attempts by a user during a [Assignment: time period]; and\n" +
				"b. Automatically [Selection (one or more): lock the account or node for [Assignment: time period]; lock the account or node until released by an administrator; " +
				"delay next logon prompt per [Assignment: delay algorithm]; notify system administrator; take other [Assignment: action]] when the maximum number of unsuccessful attempts is exceeded.",
		},
		{csf, "GV.OC-01", "The organizational mission is understood and informs cybersecurity risk management"},
		{full, "ac-2.3", "Disable accounts within [Assignment: organization-defined time period] when the accounts:\n(a) Have expired;\n(b) Are no longer associated with a user or individual;\n(c) Are in violation of organizational policy; or\n(d) Have been inactive for [Assignment: organization-defined time period]."},
	} {
		c := published(t, test.file)
		got, cut := c.Resolver().Text(find(t, c, test.control).Parts, "statement")
		if diff := cmp.Diff(test.want, got); diff != "" || cut {
			t.Errorf("%s (-want +got), cut %t:\n%s", test.control, cut, diff)
		}
	}
}

// TestEveryStatement holds that nothing of the syntax is left in any statement.
func TestEveryStatement(t *testing.T) {
	for _, file := range []string{csf, full, low, moderate, high, dataProtection} {
		c := published(t, file)
		r := c.Resolver()
		c.Each(func(control *oscal.Control) {
			text, cut := r.Text(control.Parts, "statement")
			if strings.Contains(text, "{{") || strings.Contains(text, "}}") || strings.Contains(text, "_prm_") || strings.Contains(text, "_odp") || cut {
				t.Errorf("%s, %s: got %q, cut %t", file, control.ID, text, cut)
			}
		})
	}
}

const xmlHead = `<?xml version="1.0"?><catalog xmlns="http://csrc.nist.gov/ns/oscal/1.0" uuid="u">`

// TestForms holds that the same catalogue reads alike in both forms.
func TestForms(t *testing.T) {
	x := xmlHead + `<metadata><title>T &amp; U</title><version>1</version><oscal-version>1.1.3</oscal-version></metadata>
		<group id="g" class="family"><title>G</title><control id="c" class="k"><title>C</title>
		<param id="p"><select how-many="one-or-more"><choice>one <insert type="param" id-ref="q"/></choice><choice>two</choice></select></param>
		<param id="q"><label>the
		 rest</label></param><prop name="label" value="C-1"/><link href="#d" rel="related"/>
		<part name="statement" id="s"><p>Do <em>this</em> for <insert type="param" id-ref="p"/>:</p><ul><li>first</li><li><p>second</p></li></ul></part></control></group></catalog>`
	j := `{"catalog":{"uuid":"u","metadata":{"title":"T & U","version":"1","oscal-version":"1.1.3"},"groups":[{"id":"g","class":"family","title":"G","controls":[{"id":"c","class":"k","title":"C",
		"params":[{"id":"p","select":{"how-many":"one-or-more","choice":["one {{ insert: param, q }}","two"]}},{"id":"q","label":"the rest"}],"props":[{"name":"label","value":"C-1"}],"links":[{"href":"#d","rel":"related"}],
		"parts":[{"name":"statement","id":"s","prose":"Do this for {{ insert: param, p }}:\n\n- first\n- second"}]}]}]}}`
	a, err := oscal.Parse(strings.NewReader(x))
	if err != nil {
		t.Fatal(err)
	}
	b, err := oscal.Parse(strings.NewReader("\uFEFF \n" + j))
	if err != nil {
		t.Fatal(err)
	}
	got, _ := a.Resolver().Text(a.Groups[0].Controls[0].Parts, "statement")
	if want := "Do this for [Selection (one or more): one [Assignment: the rest]; two]:\n\n- first\n- second"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, c := range []*oscal.Catalog{a, b} {
		c.Form, c.Groups[0].Place, c.Groups[0].Controls[0].Place = "", "", ""
	}
	if diff := cmp.Diff(a, b); diff != "" {
		t.Errorf("XML and JSON differ (-xml +json):\n%s", diff)
	}
}

func TestWrite(t *testing.T) {
	for _, file := range []string{csf, dataProtection} {
		c := published(t, file)
		var b bytes.Buffer
		if err := oscal.Write(&b, c); err != nil {
			t.Fatal(err)
		}
		again, err := oscal.Parse(&b)
		if err != nil {
			t.Fatal(err)
		}
		c.Form = "json"
		c.Each(func(control *oscal.Control) { control.Place = find(t, again, control.ID).Place })
		for i := range c.Groups {
			c.Groups[i].Place = again.Groups[i].Place
		}
		if diff := cmp.Diff(c, again); diff != "" {
			t.Errorf("%s (-written +read):\n%s", file, diff)
		}
	}
}

func TestRefused(t *testing.T) {
	deep := strings.Repeat(`<control id="c"><title>t</title>`, 100) + strings.Repeat("</control>", 100)
	deepJSON := strings.Repeat(`{"id":"c","title":"t","controls":[`, 60) + strings.Repeat("]}", 60)
	for _, test := range []struct {
		name, document, place, reason string
		large                         bool
	}{
		{"nothing", " \n", "", "it is empty", false},
		{"another format", "id,title\n", "", "neither JSON nor XML", false},
		{"a profile", `{"profile":{}}`, "", "not resolved", false},
		{"a profile in XML", `<profile/>`, "", "not resolved", false},
		{"another root", `{"other":1}`, "", `want "catalog"`, false},
		{"cut off", `{"catalog":{"groups":[{"title":"a"},{"ti`, "/catalog/groups/1", "cut off", false},
		{"not JSON", `{"catalog":{"groups":[}}`, "/catalog/groups/0", "invalid character", false},
		{"a number for a text", `{"catalog":{"groups":[{"title":7}]}}`, "/catalog/groups/0/title", "a number", false},
		{"a member twice", `{"catalog":{"uuid":"a","uuid":"b"}}`, "/catalog/uuid", "duplicate", false},
		{"null", `{"catalog":null}`, "/catalog", "null", false},
		{"another name space", `<catalog xmlns="urn:x"/>`, "line 1", "name space", false},
		{"a document type", `<!DOCTYPE catalog [<!ENTITY x "y">]><catalog/>`, "line 1", "document type", false},
		{"cut off in XML", xmlHead + "\n<group>", "line 2", "unexpected EOF", false},
		{"something after it", xmlHead + "</catalog><b/>", "line 1", "follows", false},
		{"nested deeply", xmlHead + deep + "</catalog>", "line 1", "nested", true},
		{"too many objects", `{"catalog":{"params":[` + strings.Repeat("{},", oscal.MaxObjects) + `{}]}}`, "/catalog/params", "120000 objects", true},
		{"too many values", `{"catalog":{"params":[{"values":[` + strings.Repeat(`"",`, 1_500_000) + `""]}]}}`, "/catalog/params/0/values", "1500000 values", true},
		{"too many elements", xmlHead + strings.Repeat("<param/>", 2*oscal.MaxObjects) + "</catalog>", "line 1", "too many elements", true},
		{"too many controls in XML", xmlHead + strings.Repeat("<control/>", oscal.MaxControls+1) + "</catalog>", "line 1", "20000 controls", true},
		{"nested deeply in JSON", `{"catalog":{"controls":[` + deepJSON + `]}}`, "/catalog/controls/0", "nested", true},
		{"a long text", xmlHead + "<metadata><title>" + strings.Repeat("x", 70_000) + "</title></metadata></catalog>", "line 1", "65536 bytes", true},
		{"too many controls", `{"catalog":{"controls":[` + strings.Repeat("{},", oscal.MaxControls) + `{}]}}`, "/catalog/controls/20000", "20000", true},
	} {
		_, err := oscal.Parse(strings.NewReader(test.document))
		e, ok := errors.AsType[*oscal.Error](err)
		if !ok || !strings.HasPrefix(e.Place, test.place) || test.place == "" && e.Place != "" || !strings.Contains(e.Reason, test.reason) || e.Large != test.large {
			t.Errorf("%s: got %+v, want at %q: …%s…, large %t", test.name, err, test.place, test.reason, test.large)
		}
	}
	if _, err := oscal.Parse(io.LimitReader(zeros{}, oscal.MaxBytes+2)); err == nil || !strings.Contains(err.Error(), "16 MB") {
		t.Errorf("a large document: got %v", err)
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

// TestEndless holds that parameters in the choices of parameters end.
func TestEndless(t *testing.T) {
	c, err := oscal.Parse(strings.NewReader(`{"catalog":{"controls":[{"id":"c","title":"t","params":[{"id":"p","select":{"choice":["{{ insert: param, p }}{{ insert: param, p }}{{ insert: param, p }}"]}}],
		"parts":[{"name":"statement","prose":"x {{ insert: param, p }} {{ unclosed"}]}]}}`))
	if err != nil {
		t.Fatal(err)
	}
	text, cut := c.Resolver().Text(c.Controls[0].Parts, "statement")
	if !cut || len(text) > oscal.MaxText || !strings.HasSuffix(text, "{{ unclosed") {
		t.Errorf("got %d bytes, cut %t", len(text), cut)
	}
}

// FuzzParse holds that nothing stops the parser or what puts parameters in, and that what was read can be written and read.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`{"catalog":{"uuid":"u","metadata":{"title":"t"},"groups":[{"title":"g","controls":[{"id":"a","params":[{"id":"p","select":{"choice":["{{ insert: param, p }}"]}}],"parts":[{"name":"statement","prose":"{{ insert: param, p }}"}]}]}]}}`,
		xmlHead + `<group><control id="a"><part name="statement"><p>x<insert type="param" id-ref="p"/></p><ol><li>y</li></ol></part></control></group></catalog>`,
		`{"profile":{}}`, `{"catalog":`, `<catalog`, "", `<catalog xmlns="http://csrc.nist.gov/ns/oscal/1.0"><metadata><title>`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := oscal.Parse(bytes.NewReader(data))
		if err != nil {
			if _, ok := errors.AsType[*oscal.Error](err); !ok {
				t.Fatalf("an error without place: %v", err)
			}
			return
		}
		r := c.Resolver()
		c.Each(func(control *oscal.Control) {
			if text, _ := r.Text(control.Parts, "statement"); len(text) > oscal.MaxText {
				t.Fatalf("a text of %d bytes", len(text))
			}
		})
		var b bytes.Buffer
		if c.Form == "json" && oscal.Write(&b, c) == nil {
			if _, err := oscal.Parse(&b); err != nil {
				t.Fatalf("written and not read: %v", err)
			}
		}
	})
}
