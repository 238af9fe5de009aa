package document_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"comity"
	"comity/document"
	"comity/document/documenttest"
)

func TestCheckNamesWhatNoWriterCouldWrite(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*document.Doc)
		want   string
	}{
		{"no marking", func(d *document.Doc) { d.Marking = "" }, "no marking"},
		{"no title", func(d *document.Doc) { d.Title = " " }, "no title"},
		{"unknown kind", func(d *document.Doc) { d.Blocks[1].Kind = "video" }, "block 2: unknown kind"},
		{"level", func(d *document.Doc) { d.Blocks[0].Level = 4 }, "block 1: a heading of level 4"},
		{"script", func(d *document.Doc) { d.Blocks[1].Runs[0].Link = "javascript:x" }, "block 2: a link"},
		{"short row", func(d *document.Doc) { table(d).Rows[1] = table(d).Rows[1][:2] }, "row 2 has not"},
		{"no alternative", func(d *document.Doc) { figure(d).Alt = "" }, "without alternative text"},
		{"missing point", func(d *document.Doc) { figure(d).Series[0].Points = nil }, "0 points for 4"},
		{"ticks", func(d *document.Doc) { figure(d).Ticks[2].Value = 0.1 }, "ascend"},
	} {
		d := documenttest.Brief("en")
		c.change(&d)
		err := d.Check()
		if err == nil || comity.KindOf(err) != comity.Invalid || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want Invalid with %q", c.name, err, c.want)
		}
		if err := document.WriteHTML(&bytes.Buffer{}, d); err == nil {
			t.Errorf("%s: written all the same", c.name)
		}
	}
}

func table(d *document.Doc) *document.Table {
	return d.Blocks[slices.IndexFunc(d.Blocks, func(b document.Block) bool { return b.Table != nil })].Table
}

func figure(d *document.Doc) *document.Drafted {
	return d.Blocks[slices.IndexFunc(d.Blocks, func(b document.Block) bool { return b.Figure != nil })].Figure
}

func TestJSONKeepsADocument(t *testing.T) {
	d := documenttest.Brief("ar")
	data, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	got, err := document.Parse(data, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	again, _ := json.Marshal(got)
	if !bytes.Equal(data, again) {
		t.Errorf("read back:\n%s\nwant\n%s", again, data)
	}
	if _, err := document.Parse(data, 100); comity.KindOf(err) != comity.TooLarge {
		t.Errorf("beyond the limit: %v", err)
	}
	if _, err := document.Parse([]byte(`{"title":"x","secret":1}`), 1000); comity.KindOf(err) != comity.Invalid {
		t.Errorf("unknown member: %v", err)
	}
}

// page parses what WriteHTML writes and returns its texts by element.
func page(t *testing.T, d document.Doc) (*html.Node, string) {
	t.Helper()
	var b bytes.Buffer
	if err := document.WriteHTML(&b, d); err != nil {
		t.Fatal(err)
	}
	root, err := html.Parse(strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	return root, b.String()
}

func find(n *html.Node, tag string) []*html.Node {
	var list []*html.Node
	for c := range n.Descendants() {
		if c.Type == html.ElementNode && c.Data == tag {
			list = append(list, c)
		}
	}
	return list
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func TestHTMLIsAccessible(t *testing.T) {
	for _, language := range documenttest.Languages {
		d := documenttest.Brief(language)
		root, text := page(t, d)
		wantDir := map[bool]string{true: "rtl", false: "ltr"}[language == "ar"]
		if top := find(root, "html")[0]; attribute(top, "lang") != language || attribute(top, "dir") != wantDir {
			t.Errorf("%s: lang %q, dir %q", language, attribute(top, "lang"), attribute(top, "dir"))
		}
		if n := len(find(root, "h1")); n != 1 {
			t.Errorf("%s: %d h1", language, n)
		}
		for _, th := range find(root, "th") {
			if s := attribute(th, "scope"); s != "col" && s != "row" {
				t.Errorf("%s: a header cell with scope %q", language, s)
			}
		}
		if svg := find(root, "svg"); len(svg) != 1 || attribute(svg[0], "aria-label") != figure(&d).Alt {
			t.Errorf("%s: the figure has no alternative text", language)
		}
		if strings.Count(text, ">TLP:GREEN<") != 2 {
			t.Errorf("%s: the marking does not stand above and below", language)
		}
		if len(find(root, "script"))+len(find(root, "link"))+len(find(root, "img")) != 0 {
			t.Errorf("%s: it needs something else", language)
		}
	}
}

func TestHTMLEscapes(t *testing.T) {
	d := documenttest.Brief("en")
	d.Title = `<script>alert("x")</script>`
	d.Blocks[1].Runs = []document.Run{{Text: `"><img src=x onerror=alert(1)>`, Note: `<b>note</b>`, Link: `https://x.example/"><b>`}}
	root, _ := page(t, d)
	if n := len(find(root, "script")) + len(find(root, "img")) + len(find(root, "b")); n != 0 {
		t.Errorf("%d elements came from texts", n)
	}
}

func TestCSVIsInert(t *testing.T) {
	d := documenttest.Brief("en")
	var b bytes.Buffer
	if err := document.WriteCSV(&b, d.Marking, *table(&d)); err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(lines) != 4 || lines[0][0] != "marking" || lines[1][0] != "TLP:GREEN" {
		t.Fatalf("lines: %q", lines)
	}
	if want := `'=HYPERLINK("https://x.example") is only text`; lines[3][1] != want {
		t.Errorf("formula: got %q, want %q", lines[3][1], want)
	}
}

func TestInert(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{"plain", "plain"},
		{"a=b", "a=b"},
		{"=1+1", "'=1+1"},
		{"+1", "'+1"},
		{"-1", "'-1"},
		{"@SUM(1)", "'@SUM(1)"},
		{"  =1", "'  =1"},
		{"\u200b=1", "'\u200b=1"},
		{"\ufeff=1", "'\ufeff=1"},
		{"\tx", "'\tx"},
		{"\r\n=1", "'\r\n=1"},
		{"＝1", "'＝1"},
		{"   ", "   "},
	} {
		if got := document.Inert(c.text); got != c.want {
			t.Errorf("Inert(%q) = %q, want %q", c.text, got, c.want)
		}
	}
}

// A chart of a right-to-left language is the same chart seen in a mirror, its labels upright.
func TestDrawMirrors(t *testing.T) {
	d := documenttest.Brief("ar")
	plain, mirrored := figure(&d).Draw(400, false), figure(&d).Draw(400, true)
	for i, s := range plain.Shapes {
		m := mirrored.Shapes[i]
		if s.Kind == document.ShapeLabel && (m.X != 400-s.X || m.Text != s.Text || m.Anchor != document.AnchorRight-s.Anchor) {
			t.Errorf("label %d: %+v became %+v", i, s, m)
		}
		if s.Kind == document.ShapeArea && (m.X2-m.X != s.X2-s.X || m.X != 400-s.X2) {
			t.Errorf("area %d: %+v became %+v", i, s, m)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, language := range documenttest.Languages {
		data, _ := json.Marshal(documenttest.Brief(language))
		f.Add(data)
	}
	f.Add([]byte(`{"title":"x","language":"en","marking":"TLP:CLEAR","blocks":[{"kind":"table"}]}`))
	f.Add([]byte(`[`))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := document.Parse(data, 1<<16)
		if err != nil {
			if kind := comity.KindOf(err); kind != comity.Invalid && kind != comity.TooLarge {
				t.Errorf("kind %v: %v", kind, err)
			}
			return
		}
		if err := document.WriteHTML(&bytes.Buffer{}, d); err != nil {
			t.Errorf("parsed but not written: %v", err)
		}
	})
}
