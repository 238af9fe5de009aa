package pdf_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"comity/document"
	"comity/document/documenttest"
	"comity/document/pdf"
)

func write(t testing.TB, d document.Doc) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := pdf.Write(&b, d); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestSameDocumentSameBytes(t *testing.T) {
	for _, language := range documenttest.Languages {
		if !bytes.Equal(write(t, documenttest.Brief(language)), write(t, documenttest.Brief(language))) {
			t.Errorf("%s: written twice, it differs", language)
		}
	}
}

func TestMarkingAndNumberOnEveryPage(t *testing.T) {
	pages := read(t, write(t, documenttest.Workplan(90))).pages(t)
	if len(pages) < 4 {
		t.Fatalf("%d pages", len(pages))
	}
	for i, text := range pages {
		if n := strings.Count(text, "TLP:GREEN"); n < 2 {
			t.Errorf("page %d: the marking stands %d times", i+1, n)
		}
		if want := fmt.Sprintf("Page %d of %d", i+1, len(pages)); !strings.Contains(text, want) {
			t.Errorf("page %d lacks %q", i+1, want)
		}
		if !strings.Contains(text, "Owner") {
			t.Errorf("page %d: the table goes on without its head", i+1)
		}
	}
}

// What is written from left to right is read back as it was, words of one run together.
func TestTextComesBack(t *testing.T) {
	for language, wants := range map[string][]string{
		"en": {"Brief to the parent network", "phishing-", "USD 1,250,000.50; X-OCO (co-chair)", "MISSIG/26/D007"},
		"ru": {"Подверженность системы рискам", "Подъезд, объём, съёмка", "1 250 000,50 долл. США"},
		"zh": {"提交上级网络的简报", "（共同主席）对此作出报告。", "第 1 页，共 2 页"},
	} {
		all := strings.Join(read(t, write(t, documenttest.Brief(language))).pages(t), "\n")
		joined := strings.ReplaceAll(all, " ", "")
		for _, want := range wants {
			if !strings.Contains(joined, strings.ReplaceAll(want, " ", "")) {
				t.Errorf("%s lacks %q in\n%s", language, want, all)
			}
		}
	}
}

// Arabic is written as it is seen: read backwards, each word is the word; numbers and Latin keep their own direction.
func TestArabicIsSeenFromRightToLeft(t *testing.T) {
	all := strings.Join(read(t, write(t, documenttest.Brief("ar"))).pages(t), "\n")
	for _, word := range []string{"اجتمع", "الفريق", "المقررات", "للمديرين"} {
		if !strings.Contains(all, reversed(word)) {
			t.Errorf("lacks %q as seen", word)
		}
	}
	for _, want := range []string{"MISSIG/26/D007", "1,250,000.50", "2026", "X-OCO"} {
		if !strings.Contains(all, want) {
			t.Errorf("lacks %q", want)
		}
	}
	// لا is one sign that shows two letters, in the order in which they are read
	if !strings.Contains(all, "لا") {
		t.Error("lam-alef does not show its letters")
	}
}

func reversed(s string) string {
	r := []rune(s)
	slices.Reverse(r)
	return string(r)
}

func TestStructure(t *testing.T) {
	for _, language := range documenttest.Languages {
		d := documenttest.Brief(language)
		r := read(t, write(t, d))
		count := map[string]int{}
		catalogue, alternative := "", ""
		for _, o := range r.objects {
			if m := regexp.MustCompile(`/Type/StructElem/S/(\w+)`).FindStringSubmatch(o); m != nil {
				count[m[1]]++
				if m[1] == "Figure" {
					alternative = o
				}
			}
			if strings.HasPrefix(o, "<</Type/Catalog") {
				catalogue = o
			}
		}
		for kind, want := range map[string]int{"Document": 1, "H1": 1, "H2": 4, "Table": 1, "TR": 4, "TH": 7, "TD": 9, "L": 1, "LI": 2, "Figure": 1, "Note": 1, "Reference": 1} {
			if count[kind] != want {
				t.Errorf("%s: %d elements %s, want %d", language, count[kind], kind, want)
			}
		}
		for _, want := range []string{"/MarkInfo<</Marked true>>", "/DisplayDocTitle true", "/Metadata", "/Outlines", "/Lang<FEFF"} {
			if !strings.Contains(catalogue, want) {
				t.Errorf("%s: the catalogue lacks %s: %s", language, want, catalogue)
			}
		}
		if strings.Contains(catalogue, "/Direction/R2L") != (language == "ar") {
			t.Errorf("%s: direction: %s", language, catalogue)
		}
		if !strings.Contains(alternative, "/Alt<FEFF") {
			t.Errorf("%s: the figure has no alternative text: %s", language, alternative)
		}
	}
}

// Every piece of a page's content belongs to an element or is said to be none.
func TestNoContentIsOutsideTheStructure(t *testing.T) {
	r := read(t, write(t, documenttest.Brief("ar")))
	for n, dictionary := range r.objects {
		body := r.streams[n]
		if dictionary == "" || !strings.Contains(body, "BT ") {
			continue
		}
		depth := 0
		for _, m := range regexp.MustCompile(`\b(BDC|BMC|EMC|BT)\b`).FindAllString(body, -1) {
			switch m {
			case "BDC", "BMC":
				depth++
			case "EMC":
				depth--
			default:
				if depth == 0 {
					t.Fatalf("stream %d shows text outside of the structure", n)
				}
			}
		}
		if depth != 0 {
			t.Errorf("stream %d leaves %d pieces open", n, depth)
		}
	}
}

// A heading stands above what it is the heading of, a caption on its table, and no single line alone.
func TestPagesEndWhereTheyMay(t *testing.T) {
	for lines := range 40 {
		d := documenttest.Brief("en")
		d.Blocks = nil
		for i := range lines {
			d.Blocks = append(d.Blocks, document.ParagraphOf(document.Run{Text: fmt.Sprintf("filler %d", i)}))
		}
		d.Blocks = append(d.Blocks, document.HeadingOf(1, "Heading"), document.ParagraphOf(document.Run{Text: "first of it " + strings.Repeat("and more of the text ", 18)}),
			document.TableOf(document.Table{Caption: "Caption", Columns: []document.Column{{Name: "Name"}}, Rows: [][][]document.Run{{document.Text("row one")}, {document.Text("row two")}}}))
		for _, page := range read(t, write(t, d)).pages(t) {
			if strings.Contains(page, "Heading") != strings.Contains(page, "first of it") {
				t.Errorf("%d lines before: the heading stands alone in %q", lines, page)
			}
			if strings.Contains(page, "Caption") && !strings.Contains(page, "row one") || strings.Contains(page, "row two") && !strings.Contains(page, "row one") {
				t.Errorf("%d lines before: the table is torn in %q", lines, page)
			}
		}
	}
}

// A row longer than a page is cut rather than lost.
func TestLongRow(t *testing.T) {
	d := documenttest.Brief("en")
	long := strings.Repeat("word ", 3000) + "lastword"
	d.Blocks = []document.Block{document.TableOf(document.Table{Caption: "c", Columns: []document.Column{{Name: "n"}, {Name: "m"}}, Rows: [][][]document.Run{{document.Text(long), document.Text("x")}}})}
	pages := read(t, write(t, d)).pages(t)
	if n := strings.Count(strings.Join(pages, ""), "word"); n != 3001 {
		t.Errorf("%d words of 3001 on %d pages", n, len(pages))
	}
}

// Readers of others agree, where one is installed.
func TestReadersOfOthers(t *testing.T) {
	for _, tool := range []string{"qpdf", "pdftotext"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed", tool)
		}
	}
	for language, want := range map[string]string{"en": "resistant sign-in by 31 March 2027", "ar": "اجتمع الفريق مرة واحدة خلال الفترة", "zh": "提交上级网络的简报", "ru": "Подъезд, объём, съёмка"} {
		name := filepath.Join(t.TempDir(), language+".pdf")
		if err := os.WriteFile(name, write(t, documenttest.Brief(language)), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.CommandContext(t.Context(), "qpdf", "--check", name).CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", language, err, out)
		}
		out, err := exec.CommandContext(t.Context(), "pdftotext", "-layout", name, "-").Output()
		if err != nil {
			t.Fatal(err)
		}
		got := strings.Join(strings.Fields(strings.Map(visible, string(out))), " ")
		if !strings.Contains(got, want) {
			t.Errorf("%s lacks %q in\n%s", language, want, got)
		}
	}
}

// visible drops the marks of direction that a reader adds.
func visible(r rune) rune {
	if 0x200B <= r && r <= 0x200F || 0x202A <= r && r <= 0x202E || 0x2066 <= r && r <= 0x2069 {
		return -1
	}
	return r
}

func FuzzWrite(f *testing.F) {
	for _, s := range []string{"plain", "لا إخطار 12% (x)", "中文，“引号”", "\u202e\u2066x\u2069", "a\nb\t\x00", "👩‍👩‍👧 e\u0301", "\u200f\u200e", "ﷺ", strings.Repeat("x", 300)} {
		f.Add(s, "ar")
		f.Add(s, "en")
	}
	f.Fuzz(func(t *testing.T, s, language string) {
		d := documenttest.Brief("en")
		d.Language, d.Blocks = language, []document.Block{
			document.HeadingOf(2, s), document.ParagraphOf(document.Run{Text: s, Note: s, Emphasis: true}),
			document.TableOf(document.Table{Caption: s, Columns: []document.Column{{Name: s}}, Rows: [][][]document.Run{{document.Text(s)}}}),
		}
		if d.Check() != nil {
			return
		}
		if len(read(t, write(t, d)).pages(t)) == 0 {
			t.Error("no pages")
		}
	})
}

func BenchmarkBrief(b *testing.B) {
	for _, f := range []struct {
		name  string
		write func(io.Writer, document.Doc) error
	}{{"html", document.WriteHTML}, {"docx", document.WriteDOCX}, {"xlsx", document.WriteXLSX}, {"pdf", pdf.Write}} {
		for _, language := range []string{"en", "ar", "zh"} {
			b.Run(f.name+"/"+language, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if err := f.write(io.Discard, documenttest.Brief(language)); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkWorkplan writes a work-plan of about 200 pages; held is what is still in use when it is written.
func BenchmarkWorkplan(b *testing.B) {
	d := documenttest.Workplan(4400)
	b.ReportAllocs()
	var size, pages int
	for b.Loop() {
		data := write(b, d)
		size = len(data)
		if pages == 0 {
			pages = len(read(b, data).pages(b))
		}
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(pages), "pages")
	b.ReportMetric(float64(size), "bytes")
	b.ReportMetric(float64(m.HeapSys)/1e6, "MB-heap")
}

// TestFewPages sets a document in smaller type that would be a little longer than it is to be, and leaves one that is far
// too long as it is.
func TestFewPages(t *testing.T) {
	for _, test := range []struct{ paragraphs, pages, want int }{{66, 0, 3}, {66, 2, 2}, {120, 2, 4}, {10, 2, 1}} {
		d := documenttest.Workplan(1)
		d.Blocks, d.Pages = nil, test.pages
		for range test.paragraphs {
			d.Blocks = append(d.Blocks, document.ParagraphOf(document.Text("One line of text.")...))
		}
		pages := read(t, write(t, d)).pages(t)
		if len(pages) != test.want {
			t.Errorf("%d paragraphs that are to fill %d pages fill %d, want %d", test.paragraphs, test.pages, len(pages), test.want)
		}
		if got := strings.Count(strings.Join(pages, " "), "One line of text."); got != test.paragraphs {
			t.Errorf("%d of %d paragraphs", got, test.paragraphs)
		}
	}
}
