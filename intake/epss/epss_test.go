package epss_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"comity"
	"comity/intake"
	"comity/intake/epss"
	"comity/internal/testkit"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

const (
	published = "epss/epss_scores-2026-01-30.csv.gz"
	comment   = "#model_version:v2025.03.14,score_date:2026-01-30T12:55:00Z\n"
	header    = "cve,epss,percentile\n"
)

func open(t testing.TB) (*intake.Document, func()) {
	t.Helper()
	file, err := os.Open(testkit.Shared(t, published))
	if err != nil {
		t.Fatal(err)
	}
	d, err := intake.Open(file, 64<<20)
	if err != nil {
		t.Fatal(err)
	}
	return d, func() { file.Close() }
}

// Every score of the published file is what a plain reading with encoding/csv sees.
func TestParsePublishedFile(t *testing.T) {
	d, done := open(t)
	defer done()
	f, err := epss.Parse(d)
	if err != nil {
		t.Fatal(err)
	}
	if got := f.Date.Format("2006-01-02T15:04:05Z"); f.Model != "v2025.03.14" || got != "2026-01-30T12:55:00Z" || len(f.Scores) != 313_089 {
		t.Errorf("model %s of %s with %d scores", f.Model, got, len(f.Scores))
	}
	again, done := open(t)
	defer done()
	plain := csv.NewReader(again)
	plain.Comment = '#'
	rows, err := plain.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	day := comity.Date{Year: 2026, Month: 1, Day: 30}
	for i, row := range rows[1:] {
		score, _ := strconv.ParseFloat(row[1], 64)
		percentile, _ := strconv.ParseFloat(row[2], 64)
		if want := (comity.EPSSScore{CVE: row[0], Score: score, Percentile: percentile, Model: "v2025.03.14", Date: day}); f.Scores[i] != want {
			t.Fatalf("score %d is %+v, want %+v", i, f.Scores[i], want)
		}
	}
}

func TestParseReads(t *testing.T) {
	text := "#model_version:v2022.01.01,score_date:2022-02-04T00:00:00+0000\r\ncve,epss,percentile\r\nCVE-2021-44228,0.97,1\r\nCVE-1999-0001,4e-05,0\r\n"
	got, err := epss.Parse(iotest.OneByteReader(strings.NewReader(text)))
	if err != nil {
		t.Fatal(err)
	}
	day := comity.Date{Year: 2022, Month: 2, Day: 4}
	want := epss.File{Model: "v2022.01.01", Date: day.Time(), Scores: []comity.EPSSScore{
		{CVE: "CVE-2021-44228", Score: 0.97, Percentile: 1, Model: "v2022.01.01", Date: day},
		{CVE: "CVE-1999-0001", Score: 0.00004, Model: "v2022.01.01", Date: day},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestParseRefuses(t *testing.T) {
	row := "CVE-1999-0001,0.01151,0.78086\n"
	for _, test := range []struct{ name, text, want string }{
		{"nothing", "", "line 1: want a comment"},
		{"an empty line", "\n", "line 1: want a comment"},
		{"no comment", header + row, "line 1: want a comment with model_version and score_date"},
		{"no model", "#score_date:2026-01-30T12:55:00Z\n" + header + row, "line 1: want a comment"},
		{"no date", "#model_version:v1\n" + header + row, "line 1: want a comment"},
		{"empty model", "#model_version:,score_date:2026-01-30T12:55:00Z\n" + header + row, "line 1: model_version"},
		{"two models", "#model_version:v1,model_version:v2,score_date:2026-01-30T12:55:00Z\n" + header + row, "line 1: model_version"},
		{"two dates", "#model_version:v1,score_date:2026-01-30T12:55:00Z,score_date:2026-01-31T12:55:00Z\n" + header + row, "line 1: score_date"},
		{"model with blanks", "#model_version:v 1,score_date:2026-01-30T12:55:00Z\n" + header + row, "line 1: model_version"},
		{"wrong date", "#model_version:v1,score_date:2026-02-30T12:55:00Z\n" + header + row, "line 1: score_date"},
		{"day only", "#model_version:v1,score_date:2026-01-30\n" + header + row, "line 1: score_date"},
		{"byte order mark", "\xef\xbb\xbf" + comment + header + row, "line 1: want a comment"},
		{"no header", comment, "line 2: want the header"},
		{"scores instead of a header", comment + row, "line 2: want the header"},
		{"columns swapped", comment + "cve,percentile,epss\n" + row, "line 2: want the header"},
		{"no scores", comment + header, "there are no scores"},
		{"two fields", comment + header + "CVE-1999-0001,0.1\n", "line 3: want three fields"},
		{"four fields", comment + header + "CVE-1999-0001,0.1,0.2,0.3\n", `line 3: CVE-1999-0001: percentile "0.2,0.3"`},
		{"an empty line between", comment + header + row + "\n", "line 4: want three fields"},
		{"a comment between", comment + header + row + "# more\n", "line 4: want three fields"},
		{"quotes", comment + header + `"CVE-1999-0001",0.1,0.2` + "\n", "line 3:"},
		{"no CVE", comment + header + ",0.1,0.2\n", `line 3: "" is not a CVE number`},
		{"CVE too short", comment + header + "CVE-1999-001,0.1,0.2\n", "line 3:"},
		{"CVE too long", comment + header + "CVE-1999-12345678901234567890,0.1,0.2\n", "line 3:"},
		{"CVE of letters", comment + header + "CVE-1999-ABCD,0.1,0.2\n", "line 3:"},
		{"CVE in lower case", comment + header + "cve-1999-0001,0.1,0.2\n", "line 3:"},
		{"blank before the CVE", comment + header + " CVE-1999-0001,0.1,0.2\n", "line 3:"},
		{"over one", comment + header + row + "CVE-1999-0002,1.00001,0.2\n", `line 4: CVE-1999-0002: epss "1.00001" is not a number from 0 to 1`},
		{"below nothing", comment + header + "CVE-1999-0001,-0.1,0.2\n", "line 3:"},
		{"minus nothing", comment + header + "CVE-1999-0001,-0,0.2\n", "line 3:"},
		{"percentile over one", comment + header + "CVE-1999-0001,0.1,78\n", `line 3: CVE-1999-0001: percentile "78"`},
		{"NaN", comment + header + "CVE-1999-0001,NaN,0.2\n", "line 3:"},
		{"infinite", comment + header + "CVE-1999-0001,Inf,0.2\n", "line 3:"},
		{"out of range", comment + header + "CVE-1999-0001,1e999,0.2\n", "line 3:"},
		{"no number", comment + header + "CVE-1999-0001,,0.2\n", "line 3:"},
		{"per cent", comment + header + "CVE-1999-0001,10%,0.2\n", "line 3:"},
		{"comma as point", comment + header + "CVE-1999-0001,0,1,0.2\n", "line 3:"},
		{"hexadecimal", comment + header + "CVE-1999-0001,0x1p-2,0.2\n", "line 3:"},
		{"underscore", comment + header + "CVE-1999-0001,0.1_1,0.2\n", "line 3:"},
		{"blank before a number", comment + header + "CVE-1999-0001, 0.1,0.2\n", "line 3:"},
		{"plus", comment + header + "CVE-1999-0001,+0.1,0.2\n", "line 3:"},
		{"twice", comment + header + row + row, "line 4: CVE-1999-0001 stands here twice, first on line 3"},
		{"twice, apart", comment + header + row + "CVE-2026-10000,0,0\nCVE-2000-0001,0,0\n" + row, "line 6: CVE-1999-0001 stands here twice, first on line 3"},
		{"cut off in a line", comment + header + row + "CVE-1999-0002,0.1,0.2", "line 4: cut off"},
		{"cut off in the comment", comment[:30], "line 1: cut off"},
		{"a page", "<!DOCTYPE html>\n<html></html>\n", "line 1: want a comment"},
		{"U+0000", comment + header + "CVE-1999-0001,0.1,0.2\x00\n", "line 3:"},
		{"packed", "\x1f\x8b\x08\n", "line 1: want a comment"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f, err := epss.Parse(strings.NewReader(test.text))
			if comity.KindOf(err) != comity.Invalid || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "EPSS, line ") {
				t.Errorf("error %v of kind %s, want %q", err, comity.KindOf(err), test.want)
			}
			if len(f.Scores) != 0 {
				t.Error("something was returned beside the error")
			}
		})
	}
}

func TestLongLineIsTooLarge(t *testing.T) {
	for _, text := range []string{"#" + strings.Repeat("x", epss.MaxLine), comment + header + strings.Repeat("CVE-1999-0001,", epss.MaxLine)} {
		if _, err := epss.Parse(strings.NewReader(text)); comity.KindOf(err) != comity.TooLarge {
			t.Errorf("error %v of kind %s", err, comity.KindOf(err))
		}
	}
}

// An error of the reader is not a mistake in the file.
func TestErrorsOfTheReaderStay(t *testing.T) {
	lost := errors.New("connection lost")
	for _, text := range []string{"", comment, comment + header, comment + header + "CVE-1999-0001,0.1,0.2\nCVE"} {
		_, err := epss.Parse(iotest.TimeoutReader(iotest.DataErrReader(newFailing(text, lost))))
		if !errors.Is(err, lost) && !errors.Is(err, iotest.ErrTimeout) || comity.KindOf(err) != comity.Internal {
			t.Errorf("after %q: %v of kind %s", text, err, comity.KindOf(err))
		}
	}
}

// failing is a reader that breaks off.
type failing struct {
	text *strings.Reader
	err  error
}

func newFailing(text string, err error) *failing { return &failing{strings.NewReader(text), err} }

func (f *failing) Read(b []byte) (int, error) {
	if f.text.Len() == 0 {
		return 0, f.err
	}
	return f.text.Read(b)
}

// Duplicates are found wherever they stand, in whatever order the file is.
func TestDuplicatesAreFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cves := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string {
			return fmt.Sprintf("CVE-%d-%04d", rapid.IntRange(1999, 2002).Draw(t, "year"), rapid.IntRange(1, 12_000).Draw(t, "number"))
		}), 1, 60).Draw(t, "cves")
		var text strings.Builder
		text.WriteString(comment + header)
		first, want := map[string]int{}, 0
		for i, cve := range cves {
			fmt.Fprintf(&text, "%s,0.5,0.5\n", cve)
			if _, twice := first[cve]; twice {
				want++
			}
			first[cve] = i
		}
		f, err := epss.Parse(strings.NewReader(text.String()))
		if twice := want > 0; twice != (err != nil) || !twice && len(f.Scores) != len(cves) {
			t.Errorf("%d duplicates, %d scores, %v", want, len(f.Scores), err)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(comment + header + "CVE-1999-0001,0.01151,0.78086\n"))
	f.Add([]byte(comment + header + "CVE-1999-0001,4e-05,1\r\nCVE-2026-123456,1.0,0\r\n"))
	f.Add([]byte(comment + header))
	f.Add([]byte("#model_version:v1,score_date:2022-02-04T00:00:00+0000\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := epss.Parse(bytes.NewReader(data))
		if err != nil {
			if kind := comity.KindOf(err); kind != comity.Invalid && kind != comity.TooLarge {
				t.Fatalf("error %v of kind %s", err, kind)
			}
			return
		}
		if got.Model == "" || got.Date.IsZero() || len(got.Scores) != bytes.Count(data, []byte{'\n'})-2 {
			t.Fatalf("%d scores of %d lines", len(got.Scores), bytes.Count(data, []byte{'\n'}))
		}
		var text strings.Builder
		text.WriteString("#model_version:" + got.Model + ",score_date:" + got.Date.Format("2006-01-02T15:04:05.999999999Z") + "\n" + header)
		for _, s := range got.Scores {
			if comity.MakeThreatID(s.CVE) == "" || !(0 <= s.Score && s.Score <= 1 && 0 <= s.Percentile && s.Percentile <= 1) {
				t.Fatalf("score %+v", s)
			}
			fmt.Fprintf(&text, "%s,%v,%v\n", s.CVE, s.Score, s.Percentile)
		}
		again, err := epss.Parse(strings.NewReader(text.String()))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(got, again); diff != "" {
			t.Fatalf("printed and read again (-first +again):\n%s", diff)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		d, done := open(b)
		if _, err := epss.Parse(d); err != nil {
			b.Fatal(err)
		}
		done()
	}
}
