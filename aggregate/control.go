package aggregate

import (
	"cmp"
	"slices"

	"comity"
)

// DefaultRule is the release control of a group that decided nothing else: two members who pool what they know, 10 %,
// cells of three.
var DefaultRule = comity.ReleaseRule{MinContributors: 7, Colluders: 2, P: 10, MinCell: 3}

// Floors that no group's rule goes below.
const (
	minBesides = 5 // contributors besides the colluders
	minCell    = 3
	fewJoiners = 4 // joiners and leavers that could be told apart by subtraction
)

// control is release control at work on one release.
type control struct {
	rule    comity.ReleaseRule
	members int                // contributors, n
	all     comity.Withholding // why everything is withheld; empty: it is not
}

// controlOf completes a rule: the default for the zero rule, and never less than its floors.
func controlOf(rule comity.ReleaseRule) control {
	if rule == (comity.ReleaseRule{}) {
		rule = DefaultRule
	}
	rule.Colluders = max(rule.Colluders, 1)
	rule.MinContributors = max(rule.MinContributors, minBesides+rule.Colluders)
	rule.MinCell = max(rule.MinCell, minCell)
	return control{rule: rule}
}

// wholly returns why the whole release is withheld: too few contributors, or a set of contributors that differs from that
// of an earlier release of the same calendar year by so few that one release less the other would tell of them.
func wholly(c control, r comity.Release, previous []comity.Release) comity.Withholding {
	if c.members < c.rule.MinContributors {
		return comity.WithheldTooFew
	}
	for _, p := range previous {
		if yearOf(p.Period) == yearOf(r.Period) && publishedAny(p) && subtractable(contributorsOf(p), r.Contributed) {
			return comity.WithheldCohort
		}
	}
	return ""
}

// contributorsOf returns who took part; releases that do not say so had their whole cohort.
func contributorsOf(r comity.Release) []comity.OrgID {
	if len(r.Contributed) > 0 {
		return r.Contributed
	}
	return r.Cohort
}

func publishedAny(r comity.Release) bool {
	return len(r.Curve) > 0 || slices.ContainsFunc(r.Figures, func(f comity.Figure) bool { return f.Published })
}

// subtractable reports whether the two sets differ, but by few.
func subtractable(a, b []comity.OrgID) bool {
	changed := len(without(a, b)) + len(without(b, a))
	return changed > 0 && changed <= fewJoiners
}

func without(a, b []comity.OrgID) []comity.OrgID {
	return slices.DeleteFunc(slices.Clone(a), func(o comity.OrgID) bool { return slices.Contains(b, o) })
}

// DominanceLimit returns the largest concentration H = Σx²/(Σx)² at which a sum is published under the p %-rule with c
// colluders: 1/((1 + p/100)² + c). It is sufficient, not necessary: with it, the c largest contributors together cannot
// estimate another's contribution to within p per cent.
//
// Source: collective rounds, release control; Handbook on Statistical Disclosure Control, section 4.2.
func DominanceLimit(p float64, colluders int) float64 {
	q := 1 + p/100
	return 1 / (q*q + float64(colluders))
}

// concentration returns H = Σx²/(Σx)², 1 for one contributor and 1/n for n equal ones; 0 if the sum is 0.
func concentration(x []float64) float64 {
	var sum, squares float64
	for _, v := range x {
		sum += v
		squares += v * v
	}
	if sum == 0 {
		return 0
	}
	return squares / (sum * sum)
}

// sum returns why the sum of what members contribute is withheld; empty: it passes. A sum of nothing is withheld, since
// it would tell on everybody.
func (c control) sum(x []float64) comity.Withholding {
	switch h := concentration(x); {
	case c.all != "":
		return c.all
	case h == 0:
		return comity.WithheldCell
	case h > DominanceLimit(c.rule.P, c.rule.Colluders):
		return comity.WithheldDominated
	default:
		return ""
	}
}

// sums returns the first reason that any of the sums has.
func (c control) sums(all ...[]float64) comity.Withholding {
	for _, x := range all {
		if w := c.sum(x); w != "" {
			return w
		}
	}
	return c.all
}

// complete adds to the withheld parts of a published whole what keeps them from being computed from the others: at least
// one more, the smallest first, until what is withheld together passes the rule as a sum. parts[i] holds what each
// member contributes to part i; withheld[i] is changed in place.
func (c control) complete(parts [][]float64, withheld []comity.Withholding) {
	order := make([]int, len(parts))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(total(parts[a]), total(parts[b])) })
	for _, i := range order {
		hidden, count := hiddenTogether(parts, withheld)
		if count == 0 || count > 1 && c.sum(hidden) == "" {
			return
		}
		if withheld[i] == "" {
			withheld[i] = comity.WithheldComplement
		}
	}
}

// hiddenTogether returns the sum of the withheld parts by member, and how many they are.
func hiddenTogether(parts [][]float64, withheld []comity.Withholding) (sum []float64, count int) {
	for i, w := range withheld {
		if w == "" {
			continue
		}
		count++
		sum = add(sum, parts[i])
	}
	return sum, count
}

// add returns a + b by member; a may be nil.
func add(a, b []float64) []float64 {
	out := slices.Clone(b)
	for i := range a {
		out[i] += a[i]
	}
	return out
}

func total(x []float64) float64 {
	var sum float64
	for _, v := range x {
		sum += v
	}
	return sum
}
