package intake_test

import (
	"bytes"
	stdjson "encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"comity"
	"comity/intake"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
)

var numbers = intake.List{What: "Book", Name: "numbers", MaxItem: 1 << 10, MaxItems: 5}

// readNumbers reads a book of numbers.
func readNumbers(r io.Reader) (title string, got []int, err error) {
	err = numbers.Read(r, intake.Reader{
		Member: func(name string, value jsontext.Value) error {
			if name == "title" {
				return json.Unmarshal(value, &title)
			}
			return nil
		},
		Item: func(value jsontext.Value) error {
			var n struct{ N int }
			if err := json.Unmarshal(value, &n); err != nil {
				return err
			}
			if n.N < 0 {
				return comity.Errorf(comity.Invalid, "%d is negative", n.N)
			}
			got = append(got, n.N)
			return nil
		},
	})
	return title, got, err
}

func TestListReads(t *testing.T) {
	for _, text := range []string{
		`{"title":"T","numbers":[{"N":1},{"N":2}]}`,
		` { "numbers" : [ {"N":1,"other":[{}]} , {"N":2} ] , "other" : {"a":[1,2,{"b":null}]} , "title" : "T" } ` + "\n",
	} {
		title, got, err := readNumbers(iotest.OneByteReader(strings.NewReader(text)))
		if err != nil || title != "T" {
			t.Errorf("title %q, %v", title, err)
		}
		if diff := cmp.Diff([]int{1, 2}, got); diff != "" {
			t.Errorf("items (-want +got):\n%s", diff)
		}
	}
}

func TestListRefuses(t *testing.T) {
	for _, test := range []struct {
		name, text string
		kind       comity.Kind
		want       string
	}{
		{"nothing", ``, comity.Invalid, "Book: it is empty"},
		{"blanks", "  \n", comity.Invalid, "Book: it is empty"},
		{"an array", `[]`, comity.Invalid, `want an object`},
		{"a number", `7`, comity.Invalid, `want an object`},
		{"no list", `{"title":"T"}`, comity.Invalid, "/numbers is missing"},
		{"list is no array", `{"numbers":{}}`, comity.Invalid, `at "/numbers", byte 12: want an array`},
		{"list is null", `{"numbers":null}`, comity.Invalid, `at "/numbers"`},
		{"list twice", `{"numbers":[],"numbers":[]}`, comity.Invalid, `duplicate object member name "numbers"`},
		{"member twice", `{"title":"T","title":"U","numbers":[]}`, comity.Invalid, `duplicate object member name "title"`},
		{"member twice, escaped", `{"title":"T","\u0074itle":"U","numbers":[]}`, comity.Invalid, `duplicate object member name`},
		{"member of an item twice", `{"numbers":[{"N":1},{"N":1,"N":2}]}`, comity.Invalid, `within "/numbers/1"`},
		{"wrong member", `{"title":7,"numbers":[]}`, comity.Invalid, `at "/title", byte 10: a number does not belong here`},
		{"wrong item", `{"numbers":[{"N":1},{"N":"x"}]}`, comity.Invalid, `at "/numbers/1/N", byte 29: a text does not belong here`},
		{"item is no object", `{"numbers":[[]]}`, comity.Invalid, `at "/numbers/0", byte 14: an array does not belong here`},
		{"number out of range", `{"numbers":[{"N":1e400}]}`, comity.Invalid, `at "/numbers/0/N", byte 23: a number such as 1e400 does not belong here`},
		{"refused by us", `{"numbers":[{"N":-1}]}`, comity.Invalid, `Book, at "/numbers/0", byte 20: -1 is negative`},
		{"cut off in the list", `{"numbers":[{"N":1}`, comity.Invalid, `unexpected EOF within "/numbers" after offset 19`},
		{"cut off in an item", `{"numbers":[{"N":1},{"N`, comity.Invalid, `unexpected EOF within "/numbers/1`},
		{"cut off after a member", `{"title":"T"`, comity.Invalid, `unexpected EOF`},
		{"something after it", `{"numbers":[]}{}`, comity.Invalid, "something follows its end"},
		{"junk after it", `{"numbers":[]}]`, comity.Invalid, "after offset 14"},
		{"comma too many", `{"numbers":[{"N":1},]}`, comity.Invalid, `within "/numbers" after offset 19`},
		{"comment", `{/* */"numbers":[]}`, comity.Invalid, "after offset 1"},
		{"single quotes", `{'numbers':[]}`, comity.Invalid, "after offset 1"},
		{"NaN", `{"numbers":[NaN]}`, comity.Invalid, `within "/numbers/0"`},
		{"leading zero", `{"numbers":[{"N":01}]}`, comity.Invalid, `after offset 18`},
		{"byte order mark", "\xef\xbb\xbf{}", comity.Invalid, "invalid character"},
		{"UTF-16", "\xff\xfe{\x00}\x00", comity.Invalid, "invalid character"},
		{"not UTF-8", "{\"title\":\"\xff\",\"numbers\":[]}", comity.Invalid, `invalid UTF-8 within "/title"`},
		{"overlong UTF-8", "{\"title\":\"\xc0\xaf\",\"numbers\":[]}", comity.Invalid, `invalid UTF-8`},
		{"lone surrogate", `{"title":"\ud800","numbers":[]}`, comity.Invalid, `within "/title"`},
		{"surrogates swapped", `{"title":"\udc00\ud800","numbers":[]}`, comity.Invalid, `within "/title"`},
		{"control character", "{\"title\":\"\x01\",\"numbers\":[]}", comity.Invalid, `within "/title"`},
		{"U+0000 in a member", `{"title":"\u0000","numbers":[]}`, comity.Invalid, `at "/title"`},
		{"U+0000 in an item", `{"numbers":[{"N":1},{"x":"a\\\u0000"}]}`, comity.Invalid, `at "/numbers/1"`},
		{"too many items", `{"numbers":[{},{},{},{},{},{}]}`, comity.TooLarge, "more than 5 items"},
		{"too long an item", `{"numbers":[{"x":"` + strings.Repeat("x", 1<<11) + `"}]}`, comity.TooLarge, `longer than 1 kB`},
		{"too long a member", `{"title":"` + strings.Repeat("x", 1<<11) + `"}`, comity.TooLarge, `longer than 1 kB`},
		{"too long a name", `{"` + strings.Repeat("x", 1<<11) + `":1}`, comity.TooLarge, `longer than 1 kB`},
		{"too much white space", `{"numbers":[` + strings.Repeat(" ", 1<<14) + `]}`, comity.TooLarge, `longer than 1 kB`},
		{"too many members", `{` + manyMembers(100) + `}`, comity.TooLarge, "more than 64 members"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, _, err := readNumbers(strings.NewReader(test.text))
			if err == nil || comity.KindOf(err) != test.kind || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v of kind %s, want %q of kind %s", err, comity.KindOf(err), test.want, test.kind)
			}
			if err != nil && (!strings.HasPrefix(err.Error(), "Book") || strings.Contains(err.Error(), "json")) {
				t.Errorf("error %q must start with what it is about and use its reader's words", err)
			}
		})
	}
}

func manyMembers(n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`"m` + strings.Repeat("x", i) + `":0`)
	}
	return b.String()
}

// The member that is skipped may be of any length, and the items are what they were without it.
func TestListSkips(t *testing.T) {
	list := intake.List{What: "Book", Name: "pages", MaxItem: 64, MaxItems: 9, Skip: "words"}
	long := `[` + strings.Repeat(`{"w":1}, `, 1000) + `null]`
	var got []string
	read := func(text string) error {
		got = nil
		return list.Read(strings.NewReader(text), intake.Reader{
			Member: func(string, jsontext.Value) error { return nil },
			Item:   func(value jsontext.Value) error { got = append(got, string(value)); return nil },
		})
	}
	if err := read(`{"pages":[ {"words":` + long + `}, {"n" : 1, "words":` + long + `, "\"m":[ 2 ]}, {"n":3}, 4, {"words":5} ]}`); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{`{}`, `{"n":1,"\"m":[ 2 ]}`, `{"n":3}`, `4`, `{"words":5}`}, got); diff != "" {
		t.Errorf("items (-want +got):\n%s", diff)
	}
	for text, want := range map[string]string{
		`{"pages":[{"words":[` + strings.Repeat("1", 100) + `]}]}`:                                  "longer than 64 bytes",
		`{"pages":[{"a":"` + strings.Repeat("x", 30) + `","b":"` + strings.Repeat("x", 30) + `"}]}`: "longer than 64 bytes",
		`{"pages":[{"words":[],"words":[]}]}`:                                                       "duplicate object member name",
		`{"pages":[{"n":1,"words":[],"n":1}]}`:                                                      "duplicate object member name",
		`{"pages":[{"words":[1,`:                                                                    "unexpected EOF",
		`{"pages":[{"n":"\u0000","words":[]}]}`:                                                     "U+0000",
	} {
		if err := read(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.80s: %v, want %s", text, err, want)
		}
	}
}

// An error of the reader is not a mistake in the document, and stays, wherever it comes.
func TestListKeepsErrorsOfTheReader(t *testing.T) {
	text := `{"title":"A long title","numbers":[{"N":1},{"N":2}]}`
	lost := errors.New("connection lost")
	away := comity.Errorf(comity.Unavailable, "the server went away")
	for n := range len(text) {
		_, _, err := readNumbers(io.MultiReader(strings.NewReader(text[:n]), iotest.ErrReader(lost)))
		if !errors.Is(err, lost) || comity.KindOf(err) != comity.Internal {
			t.Errorf("after %d bytes: %v of kind %s", n, err, comity.KindOf(err))
		}
		if _, _, err := readNumbers(io.MultiReader(strings.NewReader(text[:n]), iotest.ErrReader(away))); err != away {
			t.Errorf("after %d bytes: %v", n, err)
		}
	}
}

// A backslash that is itself escaped makes no U+0000.
func TestListTakesEscapedBackslashes(t *testing.T) {
	title, _, err := readNumbers(strings.NewReader(`{"title":"\\u0000 and \\\\u0000","numbers":[]}`))
	if err != nil || title != `\u0000 and \\u0000` {
		t.Errorf("title %q, %v", title, err)
	}
}

func TestHashTellsEveryDifference(t *testing.T) {
	hash := func(text string) string {
		h, err := intake.Hash(jsontext.Value(text))
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	want := hash(`{"a":"é","b":[1,2]}`)
	for _, same := range []string{`{"b":[1,2],"a":"é"}`, ` { "a" : "\u00e9" , "b" : [ 1, 2 ] } `} {
		if hash(same) != want {
			t.Errorf("%s has another hash", same)
		}
	}
	for _, other := range []string{
		`{"a":"e","b":[1,2]}`, `{"a":"é","b":[2,1]}`, `{"a":"é","b":[1,2],"c":null}`, `{"a":"é "  ,"b":[1,2]}`, `{"a":"é","b":["1",2]}`,
	} {
		if hash(other) == want {
			t.Errorf("%s has the same hash", other)
		}
	}
	if hash(`9007199254740993`) == hash(`9007199254740992`) || hash(`1e999`) == hash(`1e998`) {
		t.Error("two numbers that are the same in 64 bits have the same hash")
	}
}

// FuzzList holds the reader against encoding/json: what that one refuses, it refuses, and of what it takes it sees the
// same items.
func FuzzList(f *testing.F) {
	for _, seed := range []string{
		`{"title":"T","numbers":[{"N":1},{"N":2}]}`, `{"numbers":[]}`, `{"numbers":[{"N":"\u0000"}]}`, `{"numbers":[[[[[]]]]]}`,
		`{"a":1,"a":2,"numbers":[]}`, `{"numbers":[{"N":1e99}]} `, ``, `{`, `{"numbers":[{}`, "{\"numbers\":[\"\xff\"]}", `{"numbers":[0]}x`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var got []jsontext.Value
		err := numbers.Read(bytes.NewReader(data), intake.Reader{
			Member: func(string, jsontext.Value) error { return nil },
			Item:   func(value jsontext.Value) error { got = append(got, value.Clone()); return nil },
		})
		if err != nil {
			if kind := comity.KindOf(err); kind != comity.Invalid && kind != comity.TooLarge {
				t.Fatalf("error %v of kind %s", err, kind)
			}
			return
		}
		var members map[string]stdjson.RawMessage
		if err := stdjson.Unmarshal(data, &members); err != nil {
			t.Fatalf("took %q, which is not JSON: %v", data, err)
		}
		var want []stdjson.RawMessage
		if err := stdjson.Unmarshal(members["numbers"], &want); err != nil {
			t.Fatal(err)
		}
		if len(got) != len(want) {
			t.Fatalf("%d items, want %d", len(got), len(want))
		}
		for i := range got {
			if !bytes.Equal(got[i], want[i]) {
				t.Fatalf("item %d is %s, want %s", i, got[i], want[i])
			}
		}
	})
}
