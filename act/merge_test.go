package act

import (
	"slices"
	"strings"
	"testing"

	"comity"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestMergeText(t *testing.T) {
	tests := []struct {
		name, base, theirs, mine, want string
		clean                          bool
	}{
		{"nobody", "a\nb", "a\nb", "a\nb", "a\nb", true},
		{"only they", "a\nb", "a\nc", "a\nb", "a\nc", true},
		{"only I", "a\nb", "a\nb", "c\nb", "c\nb", true},
		{"both the same", "a", "b", "b", "b", true},
		{"different lines", "a\nb\nc", "A\nb\nc", "a\nb\nC", "A\nb\nC", true},
		{"I add, they take away", "a\nb\nc", "a\nc", "a\nb\nc\nd", "a\nc\nd", true},
		{"the same line", "a\nb\nc", "a\nX\nc", "a\nY\nc", "a\nX\nY\nc", false},
		{"both begin", "", "theirs", "mine", "theirs\nmine", false},
		{"both add at the end", "a", "a\nt", "a\nm", "a\nt\nm", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, clean := MergeText(tt.base, tt.theirs, tt.mine)
			if got != tt.want || clean != tt.clean {
				t.Errorf("got %q, clean %v; want %q, %v", got, clean, tt.want, tt.clean)
			}
		})
	}
}

// TestMergeTextLosesNothing asks of any three texts: every line that either wrote is there, a line that both kept is there,
// and if only one changed the text it is theirs.
func TestMergeTextLosesNothing(t *testing.T) {
	text := rapid.Custom(func(t *rapid.T) []string {
		return rapid.SliceOfN(rapid.SampledFrom([]string{"", "a", "b", "c", "d", "e f"}), 1, 8).Draw(t, "lines")
	})
	rapid.Check(t, func(t *rapid.T) {
		b, x, y := text.Draw(t, "base"), text.Draw(t, "theirs"), text.Draw(t, "mine")
		base, theirs, mine := strings.Join(b, "\n"), strings.Join(x, "\n"), strings.Join(y, "\n")
		got, clean := MergeText(base, theirs, mine)
		have := strings.Split(got, "\n")
		for _, line := range slices.Concat(x, y) {
			if !slices.Contains(b, line) && !slices.Contains(have, line) {
				t.Fatalf("%q of %q and %q is lost in %q", line, theirs, mine, got)
			}
		}
		if one, ok := MergeText(base, theirs, base); one != theirs || !ok {
			t.Fatalf("I changed nothing: %q became %q", theirs, one)
		}
		if one, ok := MergeText(base, base, mine); one != mine || !ok {
			t.Fatalf("they changed nothing: %q became %q", mine, one)
		}
		if again, _ := MergeText(base, mine, theirs); clean && again != got {
			t.Fatalf("without a conflict the order does not matter: %q and %q", got, again)
		}
	})
}

func TestMerge(t *testing.T) {
	base := comity.ActionItem{Title: "t", Note: "one\ntwo\nthree", Priority: comity.PriorityLow, Status: comity.ActionOpen, Progress: 10}
	theirs, mine := base, base
	theirs.Priority, theirs.Note, theirs.RAG, theirs.Revision = comity.PriorityHigh, "ONE\ntwo\nthree", comity.RAGAmber, 4
	mine.Progress, mine.Note, mine.RAG = 50, "one\ntwo\nTHREE", comity.RAGRed
	merged, conflicts := Merge(base, theirs, mine)
	want := theirs
	want.Progress, want.Note, want.RAG = 50, "ONE\ntwo\nTHREE", comity.RAGRed
	if diff := cmp.Diff(want, merged); diff != "" {
		t.Errorf("merged (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"rag"}, conflicts); diff != "" {
		t.Errorf("conflicts (-want +got):\n%s", diff)
	}
}

// FuzzMergeText asks that no text makes it fail, and that merging with oneself changes nothing.
func FuzzMergeText(f *testing.F) {
	f.Add("a\nb", "a\nc", "b\nb")
	f.Add("", "\n\n", "x")
	f.Fuzz(func(t *testing.T, base, theirs, mine string) {
		if len(base)+len(theirs)+len(mine) > 3*MaxNote {
			t.Skip()
		}
		MergeText(base, theirs, mine)
		if got, clean := MergeText(base, mine, mine); got != mine || !clean {
			t.Errorf("%q merged with itself is %q", mine, got)
		}
	})
}
