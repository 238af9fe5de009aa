package aggregate

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"comity"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize/convex/lp"
)

// Finding is something that releases together tell of one member: the interval in which its value must lie.
type Finding struct {
	Group, Row string // of the figure
	Org        comity.OrgID
	Low, High  float64 // of a value that is 0 (does not) or 1 (does)
}

// Audit bounds what can be inferred of each member from the counts of all these releases together, by linear programming:
// a member's value is between 0 and 1, and each count is the sum over those who took part. It returns the intervals that
// are narrower than a quarter of the range, and the whole range where the program could not be solved, which must not
// pass for safety; sorted by group, row and member.
//
// It takes members to answer the same in all of the releases, which is the worst case. Releases that contradict each
// other under it tell nothing by it. Not audited: figures other than counts, whose members' values have no public range.
func Audit(releases []comity.Release) []Finding {
	var findings []Finding
	for _, name := range countNames(releases) {
		findings = append(findings, auditCount(releases, name)...)
	}
	return findings
}

type countName struct{ group, row string }

func countNames(releases []comity.Release) []countName {
	var list []countName
	for _, r := range releases {
		for _, f := range r.Figures {
			if n := (countName{f.Group, f.Row}); f.Published && f.Unit == "members" && !slices.Contains(list, n) {
				list = append(list, n)
			}
		}
	}
	slices.SortFunc(list, func(a, b countName) int {
		return compareFigures(comity.Figure{Group: a.group, Row: a.row}, comity.Figure{Group: b.group, Row: b.row})
	})
	return list
}

// auditCount bounds each member's value from one count in all releases.
func auditCount(releases []comity.Release, name countName) []Finding {
	var members []comity.OrgID
	var known []bounded
	for _, r := range releases {
		f := r.Figure(name.group, name.row, "")
		if !f.Published {
			continue
		}
		b := bounded{low: f.Low, high: f.High}
		for _, org := range contributorsOf(r) {
			at := slices.Index(members, org)
			if at < 0 {
				at = len(members)
				members = append(members, org)
			}
			b.of = append(b.of, at)
		}
		known = append(known, b)
	}
	groups := kinds(known, len(members))
	if len(groups) == 1 {
		return nil // the same members every time: any of them may be in the count or out of it
	}
	var findings []Finding
	for g, kind := range groups {
		low, high, err := boundsInKind(g, groups, known)
		switch {
		case errors.Is(err, lp.ErrInfeasible):
			continue
		case err != nil:
			low, high = 0, 1
		case high-low >= narrow:
			continue
		}
		for _, i := range kind {
			findings = append(findings, Finding{name.group, name.row, members[i], low, high})
		}
	}
	slices.SortFunc(findings, func(a, b Finding) int { return cmp.Compare(a.Org, b.Org) })
	return findings
}

// narrow is the width, as a part of the range, below which an interval tells too much.
const narrow = 0.25

// kinds groups the unknowns that stand in the same sums: they have the same bounds.
func kinds(known []bounded, n int) [][]int {
	places := map[string]int{}
	var groups [][]int
	for i := range n {
		key := make([]byte, len(known))
		for k, b := range known {
			if slices.Contains(b.of, i) {
				key[k] = 1
			}
		}
		at, ok := places[string(key)]
		if !ok {
			at = len(groups)
			places[string(key)] = at
			groups = append(groups, nil)
		}
		groups[at] = append(groups[at], i)
	}
	return groups
}

// boundsInKind returns the bounds of one unknown of kind g. Since unknowns of one kind stand in the same sums, only the
// sum of each kind matters beside the one that is looked at: the program has one unknown for each kind and one more.
func boundsInKind(g int, groups [][]int, known []bounded) (low, high float64, err error) {
	top := make([]float64, len(groups)+1) // the last is the one that is looked at
	for k, members := range groups {
		top[k] = float64(len(members))
	}
	one := len(groups)
	top[g], top[one] = top[g]-1, 1
	sums := make([]bounded, len(known))
	for i, b := range known {
		sums[i] = bounded{low: b.low, high: b.high}
		for k, members := range groups {
			if slices.Contains(b.of, members[0]) {
				sums[i].of = append(sums[i].of, k)
			}
		}
		if slices.Contains(b.of, groups[g][0]) {
			sums[i].of = append(sums[i].of, one)
		}
	}
	return bounds(one, top, sums)
}

// bounded is a sum of unknowns of which the ends are known.
type bounded struct {
	of        []int // places of the unknowns in it
	low, high float64
}

// bounds returns the least and the greatest value that unknown i can have within the sums, unknown u lying between 0 and
// top[u]. An error says that no values satisfy the sums, or that the program could not be solved.
//
// Standard form of the simplex method: for each unknown a row x + slack = top; for each sum a row Σx + slack = high and,
// where low > 0, a row Σx − slack = low; all variables at least 0.
func bounds(i int, top []float64, known []bounded) (low, high float64, err error) {
	n := len(top)
	rows := n
	for _, k := range known {
		rows++
		if k.low > 0 {
			rows++
		}
	}
	a, b := mat.NewDense(rows, n+rows, nil), make([]float64, rows)
	for r := range n {
		a.Set(r, r, 1)
		a.Set(r, n+r, 1)
		b[r] = top[r]
	}
	at := n
	put := func(of []int, slack, value float64) {
		for _, x := range of {
			a.Set(at, x, 1)
		}
		a.Set(at, n+at, slack)
		b[at] = value
		at++
	}
	for _, k := range known {
		put(k.of, 1, k.high)
		if k.low > 0 {
			put(k.of, -1, k.low)
		}
	}
	goal := make([]float64, n+rows)
	goal[i] = 1
	if low, _, err = lp.Simplex(goal, a, b, 1e-10, nil); err != nil {
		return 0, 0, fmt.Errorf("least value of unknown %d: %w", i, err)
	}
	goal[i] = -1
	if high, _, err = lp.Simplex(goal, a, b, 1e-10, nil); err != nil {
		return 0, 0, fmt.Errorf("greatest value of unknown %d: %w", i, err)
	}
	return low, -high, nil
}

// withoutInferable returns the figures of a release without the counts from which, together with the earlier releases of
// the same year, a member's value could be inferred.
func withoutInferable(r comity.Release, previous []comity.Release) []comity.Figure {
	together := []comity.Release{r}
	for _, p := range previous {
		if yearOf(p.Period) == yearOf(r.Period) && publishedAny(p) {
			together = append(together, p)
		}
	}
	told := map[countName]bool{}
	for _, f := range Audit(together) {
		told[countName{f.Group, f.Row}] = true
	}
	return slices.DeleteFunc(slices.Clone(r.Figures), func(f comity.Figure) bool {
		return f.Unit == "members" && told[countName{f.Group, f.Row}]
	})
}
