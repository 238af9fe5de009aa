package governance

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestDifference(t *testing.T) {
	for _, test := range []struct {
		name, before, after string
		want                []Part
	}{
		{"equal", "a b", "a b", []Part{{Same, "a b"}}},
		{"both empty", "", "", nil},
		{"all new", "", "a b", []Part{{New, "a b"}}},
		{"all gone", "a b", "", []Part{{Gone, "a b"}}},
		{"a word", "within ten days", "within fifteen days", []Part{{Same, "within "}, {Gone, "ten"}, {New, "fifteen"}, {Same, " days"}}},
		{"a line more", "one\ntwo\n", "one\nmore\ntwo\n", []Part{{Same, "one\n"}, {New, "more\n"}, {Same, "two\n"}}},
		{"a stop", "days.", "days;", []Part{{Same, "days"}, {Gone, "."}, {New, ";"}}},
		{"Chinese", "法定人数为半数", "法定人数为多数", []Part{{Same, "法定人数为"}, {Gone, "半"}, {New, "多"}, {Same, "数"}}},
		{"Arabic", "عشرة أيام", "عشرون يوما", []Part{{Gone, "عشرة"}, {New, "عشرون"}, {Same, " "}, {Gone, "أيام"}, {New, "يوما"}}},
		{"markup is text", "<b>a</b>", "<b>c</b>", []Part{{Same, "<b>"}, {Gone, "a"}, {New, "c"}, {Same, "</b>"}}},
	} {
		if diff := cmp.Diff(test.want, Difference(test.before, test.after)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

// sides puts the two texts together again.
func sides(parts []Part) (before, after string) {
	for _, p := range parts {
		if p.Change != New {
			before += p.Text
		}
		if p.Change != Gone {
			after += p.Text
		}
	}
	return before, after
}

// common is the slow twin: the length of a longest common subsequence, by the table of all beginnings.
func common(a, b []string) int {
	table := make([][]int, len(a)+1)
	for i := range table {
		table[i] = make([]int, len(b)+1)
	}
	for i := range a {
		for j := range b {
			table[i+1][j+1] = max(table[i][j+1], table[i+1][j])
			if a[i] == b[j] {
				table[i+1][j+1] = table[i][j] + 1
			}
		}
	}
	return table[len(a)][len(b)]
}

// TestDifferenceIsShortest: both texts come back, and of one line as many words stay as can.
func TestDifferenceIsShortest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := rapid.StringMatching(`[ab., 中]{0,40}`)
		before, after := line.Draw(t, "before"), line.Draw(t, "after")
		parts := Difference(before, after)
		gotBefore, gotAfter := sides(parts)
		if gotBefore != before || gotAfter != after {
			t.Fatalf("%q → %q: %v", before, after, parts)
		}
		stayed := 0
		list, _ := shortest(words(before), words(after))
		i := 0
		for _, s := range list {
			if s.same {
				stayed += s.i - i
			}
			i = s.i
		}
		if want := common(words(before), words(after)); stayed != want {
			t.Fatalf("%q → %q: %d words stay, %d could", before, after, stayed, want)
		}
	})
}

func TestDifferenceOfLinesComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`([abc]{0,3} ?[.\n]?){0,60}`)
		before, after := text.Draw(t, "before"), text.Draw(t, "after")
		if b, a := sides(Difference(before, after)); b != before || a != after {
			t.Fatalf("%q → %q came back as %q → %q", before, after, b, a)
		}
	})
}

// TestDifferenceIsBounded compares two long texts that have nothing in common: the search gives up, the answer is right.
func TestDifferenceIsBounded(t *testing.T) {
	before, after := strings.Repeat("a b c ", 20_000), strings.Repeat("d e f ", 20_000)
	parts := Difference(before, after)
	if b, a := sides(parts); b != before || a != after {
		t.Error("the texts do not come back")
	}
}

func FuzzDifference(f *testing.F) {
	f.Add("one\ntwo", "one\nthree")
	f.Add("\xff\n", "\n\xff\xfe")
	f.Add("", "中文\n")
	f.Fuzz(func(t *testing.T, before, after string) {
		if len(before)+len(after) > 10_000 {
			return
		}
		if b, a := sides(Difference(before, after)); b != before || a != after {
			t.Errorf("%q → %q came back as %q → %q", before, after, b, a)
		}
	})
}
