package xlsx

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"comity"

	"github.com/google/go-cmp/cmp"
)

// read returns every sheet as rows of texts.
func read(t testing.TB, data []byte) []Sheet {
	t.Helper()
	book, err := Read(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	var sheets []Sheet
	for i, name := range book.Sheets() {
		s := Sheet{Name: name}
		if err := book.Rows(i, func(_ int, cells []Cell, _ bool) bool {
			s.Rows = append(s.Rows, Texts(cells))
			return true
		}); err != nil {
			t.Fatal(err)
		}
		sheets = append(sheets, s)
	}
	return sheets
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	want := []Sheet{
		{Name: "a & <b>", Rows: [][]string{{"control", "evidence"}, {"ac-1", "=SUM(1)\ntwo lines, \"quoted\""}, {"", "only the second"}}},
		{Name: "empty", Rows: [][]string{{"control"}}},
	}
	var b bytes.Buffer
	if err := Write(&b, want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, read(t, b.Bytes())); diff != "" {
		t.Errorf("(-written +read):\n%s", diff)
	}
}

func TestReadingStopsWhenAsked(t *testing.T) {
	var b bytes.Buffer
	if err := Write(&b, []Sheet{{Name: "s", Rows: [][]string{{"1"}, {"2"}, {"3"}}}}); err != nil {
		t.Fatal(err)
	}
	book, err := Read(&b)
	if err != nil {
		t.Fatal(err)
	}
	var seen []int
	if err := book.Rows(0, func(number int, _ []Cell, _ bool) bool {
		seen = append(seen, number)
		return number < 2
	}); err != nil || !cmp.Equal(seen, []int{1, 2}) {
		t.Errorf("got %v, %v", seen, err)
	}
}

func TestWrongWorkbooks(t *testing.T) {
	if _, err := Read(strings.NewReader("PK\x03\x04")); comity.KindOf(err) != comity.Invalid {
		t.Errorf("no workbook: %v", err)
	}
	if _, err := Read(io.LimitReader(zeros{}, MaxBytes+2)); comity.KindOf(err) != comity.TooLarge {
		t.Errorf("a large one: %v", err)
	}
}

type zeros struct{}

// Read implements io.Reader.
func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

// FuzzRead holds that nothing stops the reader.
func FuzzRead(f *testing.F) {
	var b bytes.Buffer
	if err := Write(&b, []Sheet{{Name: "s", Rows: [][]string{{"a", "b"}, {"1", "2"}}}}); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte("PK"))
	f.Fuzz(func(t *testing.T, data []byte) {
		book, err := Read(bytes.NewReader(data))
		if err != nil {
			return
		}
		for i := range book.Sheets() {
			_ = book.Rows(i, func(_ int, cells []Cell, _ bool) bool {
				if len(cells) > maxColumns {
					t.Fatalf("%d cells", len(cells))
				}
				return true
			})
		}
	})
}
