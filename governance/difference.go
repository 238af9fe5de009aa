package governance

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Change says whether a part of a text stayed, went or came.
type Change int8

// The changes.
const (
	Same Change = iota
	Gone
	New
)

// Part is a stretch of text that stayed, went or came as a whole.
type Part struct {
	Change Change
	Text   string
}

// mostEdits bounds the search for a shortest difference, in lines or words that go or come: where there are more, the
// stretch counts as replaced whole. The search takes time in proportion to words times edits, and memory to edits squared
// (4 MB).
const mostEdits = 1000

// Difference returns what turns one text into another: the texts of all parts that are not New, one after the other, are
// the old text, of all that are not Gone the new one. First whole lines are compared, then the words of lines that differ;
// a Han character counts as a word. What goes stands before what comes in its place.
//
// Source: E. W. Myers, An O(ND) Difference Algorithm and Its Variations, Algorithmica 1 (1986), the greedy algorithm.
func Difference(before, after string) []Part {
	var parts []Part
	for _, stretch := range changed(strings.SplitAfter(before, "\n"), strings.SplitAfter(after, "\n")) {
		if stretch.Gone == "" || stretch.New == "" {
			parts = add(parts, stretch)
			continue
		}
		for _, s := range changed(words(stretch.Gone), words(stretch.New)) {
			parts = add(parts, s)
		}
	}
	return parts
}

// stretch is a stretch that stayed, or what went and what came in its place.
type stretch struct{ Same, Gone, New string }

func add(parts []Part, s stretch) []Part {
	for _, p := range []Part{{Same, s.Same}, {Gone, s.Gone}, {New, s.New}} {
		switch n := len(parts); {
		case p.Text == "":
		case n > 0 && parts[n-1].Change == p.Change:
			parts[n-1].Text += p.Text
		default:
			parts = append(parts, p)
		}
	}
	return parts
}

// words cuts a text into runs of letters and digits, runs of white space, and single other characters.
func words(s string) []string {
	var list []string
	for len(s) > 0 {
		first, n := utf8.DecodeRuneInString(s)
		class := classOf(first)
		for n < len(s) && class != alone {
			r, size := utf8.DecodeRuneInString(s[n:])
			if classOf(r) != class {
				break
			}
			n += size
		}
		list, s = append(list, s[:n]), s[n:]
	}
	return list
}

type class int8

const (
	alone class = iota
	word
	space
)

func classOf(r rune) class {
	switch {
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana):
		return alone
	case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r):
		return word
	case unicode.IsSpace(r):
		return space
	default:
		return alone
	}
}

// changed compares two lists of tokens and returns the stretches in order.
func changed(before, after []string) []stretch {
	head := 0
	for head < len(before) && head < len(after) && before[head] == after[head] {
		head++
	}
	tail := 0
	for tail < len(before)-head && tail < len(after)-head && before[len(before)-1-tail] == after[len(after)-1-tail] {
		tail++
	}
	list := []stretch{{Same: strings.Join(before[:head], "")}}
	list = append(list, middle(before[head:len(before)-tail], after[head:len(after)-tail])...)
	return append(list, stretch{Same: strings.Join(before[len(before)-tail:], "")})
}

// middle compares what is left between a common start and end.
func middle(before, after []string) []stretch {
	path, ok := shortest(before, after)
	if !ok {
		return []stretch{{Gone: strings.Join(before, ""), New: strings.Join(after, "")}}
	}
	var list []stretch
	var open stretch
	i, j := 0, 0
	for _, step := range path {
		if i < step.i && j < step.j && step.same {
			if open != (stretch{}) {
				list, open = append(list, open), stretch{}
			}
			list = append(list, stretch{Same: strings.Join(before[i:step.i], "")})
		} else {
			open.Gone += strings.Join(before[i:step.i], "")
			open.New += strings.Join(after[j:step.j], "")
		}
		i, j = step.i, step.j
	}
	if open != (stretch{}) {
		list = append(list, open)
	}
	return list
}

// step is where a path through the two lists comes to: so many tokens of each are used up.
type step struct {
	i, j int
	same bool // along equal tokens
}

// shortest returns a path from the start to the end with the fewest tokens that go or come; not ok if there are more than
// mostEdits.
func shortest(before, after []string) (path []step, ok bool) {
	n, m := len(before), len(after)
	most := min(n+m, mostEdits)
	// furthest[most+1+k] is how much of before the furthest path on diagonal k (before minus after) uses up.
	furthest := make([]int32, 2*most+3)
	var trail [][]int32 // furthest on the diagonals -d…d, for each number of edits d
	for d := 0; d <= most; d++ {
		for k := -d; k <= d; k += 2 {
			x := forward(furthest, most, d, k)
			y := x - k
			for x < n && y < m && before[x] == after[y] {
				x, y = x+1, y+1
			}
			furthest[most+1+k] = int32(x)
			if x >= n && y >= m {
				return back(trail, n, m, d), true
			}
		}
		trail = append(trail, append([]int32{}, furthest[most+1-d:most+2+d]...))
	}
	return nil, false
}

// forward returns where diagonal k begins after d edits: one token down from the diagonal above, or one to the right from
// the one below, whichever is further.
func forward(furthest []int32, most, d, k int) int {
	if d == 0 {
		return 0
	}
	if k == -d || k != d && furthest[most+k] < furthest[most+2+k] {
		return int(furthest[most+2+k])
	}
	return int(furthest[most+k]) + 1
}

// back walks from the end to the start along the furthest paths, and returns the steps from the start on.
func back(trail [][]int32, x, y, d int) []step {
	var steps []step
	for ; d > 0; d-- {
		last := trail[d-1] // diagonals -(d-1)…d-1
		at := func(k int) int {
			if k < -(d-1) || k > d-1 {
				return -1
			}
			return int(last[k+d-1])
		}
		k := x - y
		came := k - 1
		if k == -d || k != d && at(k-1) < at(k+1) {
			came = k + 1
		}
		px := at(came)
		py := px - came
		startX, startY := px+1, py // along before
		if came == k+1 {
			startX, startY = px, py+1
		}
		if x > startX {
			steps = append(steps, step{x, y, true})
		}
		steps = append(steps, step{startX, startY, false})
		x, y = px, py
	}
	if x > 0 {
		steps = append(steps, step{x, y, true})
	}
	slices.Reverse(steps)
	return steps
}
