package act

import (
	"slices"
	"strings"

	"comity"
)

// Merge brings together what two people made of one item: base is what both began with, theirs is what is stored now, mine
// is what is to be stored. A field that only one of them changed has that value. Of a note, lines that both changed stand
// one after the other, theirs first. conflicts names the fields that both changed to different values: there merged has
// mine, and of a note both.
func Merge(base, theirs, mine comity.ActionItem) (merged comity.ActionItem, conflicts []string) {
	merged = theirs
	was, is := base.Fields(), theirs.Fields()
	for i, field := range mine.Fields() {
		if field.Value == was[i].Value || field.Value == is[i].Value {
			continue
		}
		value := field.Value
		if is[i].Value != was[i].Value {
			clean := false
			if field.Name == "note" {
				value, clean = MergeText(was[i].Value, is[i].Value, field.Value)
			}
			if !clean {
				conflicts = append(conflicts, field.Name)
			}
		}
		_ = merged.SetField(field.Name, value) // it came out of an item, so it goes into one
	}
	return merged, conflicts
}

// MergeText brings together two versions of a text that began as base, line by line. clean reports whether nobody changed
// what the other changed; else both versions of those lines stand in the text, theirs first. Nothing that either wrote is
// lost. Its cost is the product of the numbers of lines that differ.
//
// Source: S. Khanna, K. Kunal, B. C. Pierce, "A Formal Investigation of Diff3", FSTTCS 2007, section 3.
func MergeText(base, theirs, mine string) (text string, clean bool) {
	b, t, m := strings.Split(base, "\n"), strings.Split(theirs, "\n"), strings.Split(mine, "\n")
	inT, inM := matches(b, t), matches(b, m)
	clean = true
	var out []string
	i, j, k := 0, 0, 0 // begin of the lines that are not placed yet, in b, t and m
	for n := 0; n <= len(b); n++ {
		endT, endM := len(t), len(m)
		if n < len(b) {
			if inT[n] < 0 || inM[n] < 0 {
				continue // no line that all three have
			}
			endT, endM = inT[n], inM[n]
		}
		part, ok := mergePart(b[i:n], t[j:endT], m[k:endM])
		clean = clean && ok
		out = append(out, part...)
		if n < len(b) {
			out = append(out, b[n])
		}
		i, j, k = n+1, endT+1, endM+1
	}
	return strings.Join(out, "\n"), clean
}

// mergePart merges what stands between two lines that all three versions have.
func mergePart(base, theirs, mine []string) ([]string, bool) {
	switch {
	case slices.Equal(theirs, mine), slices.Equal(base, mine):
		return theirs, true
	case slices.Equal(base, theirs):
		return mine, true
	default:
		return slices.Concat(theirs, mine), false
	}
}

// matches returns for each line of a its place in b, -1 where it has none, so that the places ascend and as many lines as
// possible have one.
func matches(a, b []string) []int {
	place := make([]int, len(a))
	for i := range place {
		place[i] = -1
	}
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		place[head] = head
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		place[len(a)-1-tail] = len(b) - 1 - tail
		tail++
	}
	x, y := a[head:len(a)-tail], b[head:len(b)-tail]
	common := commonLengths(x, y)
	for i, j := 0, 0; i < len(x) && j < len(y); {
		switch {
		case x[i] == y[j]:
			place[head+i] = head + j
			i, j = i+1, j+1
		case common[i+1][j] >= common[i][j+1]:
			i++
		default:
			j++
		}
	}
	return place
}

// commonLengths returns at [i][j] how many lines x[i:] and y[j:] have in common, in order.
func commonLengths(x, y []string) [][]int16 {
	table := make([][]int16, len(x)+1)
	for i := range table {
		table[i] = make([]int16, len(y)+1)
	}
	for i := len(x) - 1; i >= 0; i-- {
		for j := len(y) - 1; j >= 0; j-- {
			if x[i] == y[j] {
				table[i][j] = table[i+1][j+1] + 1
			} else {
				table[i][j] = max(table[i+1][j], table[i][j+1])
			}
		}
	}
	return table
}
