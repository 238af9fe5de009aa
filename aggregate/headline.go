package aggregate

import (
	"cmp"
	"math"
	"slices"

	"comity"
)

// headline returns the figures of the system as a whole:
//
//   - any: probability of at least one significant incident at any member in the next 12 months, to 5 points; 0.05 and
//     0.95 stand for "at most" and "at least". Withheld unless the members' hazards pass the p %-rule.
//   - expected: significant incidents expected in the 12 months, in steps of 0.5, under the same rule.
//   - median: of the members' own probabilities, with the quartiles as band, to 10 points.
//
// The interval of any and expected takes all members at the low end together, and all at the high end: they share the
// catalogue's hypotheses and the group's band table, so that their errors add up rather than cancel. It is therefore
// wider than 90 % if members err independently, never narrower. Its ends are rounded outwards. An end that does not pass
// the rule says nothing: it is 0, or 1 for any; expected, which has no such upper end, is then withheld.
func headline(c control, cs []Contribution) []comity.Figure {
	return []comity.Figure{anyFigure(c, cs), expectedFigure(c, cs), medianFigure(c, cs)}
}

func expectedFigure(c control, cs []Contribution) comity.Figure {
	f := comity.Figure{Group: "headline", Row: "expected", Unit: "events"}
	value, low, high := ends(cs, func(e comity.Exposure) comity.Estimate { return e.Expected })
	if f.Withheld = c.sums(value, high); f.Withheld != "" {
		return f
	}
	f.Published = true
	f.Value = onGrid(total(value), eventStep)
	f.High = max(f.Value, above(total(high), eventStep))
	if c.sum(low) == "" {
		f.Low = min(f.Value, below(total(low), eventStep))
	}
	return f
}

func anyFigure(c control, cs []Contribution) comity.Figure {
	f := comity.Figure{Group: "headline", Row: "any", Unit: "probability"}
	value, low, high := ends(cs, hazards)
	if f.Withheld = c.sum(value); f.Withheld != "" {
		return f
	}
	years := worstFirst(cs)
	f.Published, f.High = true, 1
	f.Value = min(max(onGrid(anywhere(value, years), probabilityStep), leastProbability), mostProbability)
	if c.sum(high) == "" {
		f.High = max(f.Value, above(anywhere(high, years), probabilityStep))
	}
	if c.sum(low) == "" {
		f.Low = min(f.Value, below(anywhere(low, years), probabilityStep))
	}
	return f
}

// ends returns the values, low ends and high ends of an estimate by member.
func ends(cs []Contribution, of func(comity.Exposure) comity.Estimate) (value, low, high []float64) {
	for _, m := range cs {
		e := of(m.Exposure)
		value, low, high = append(value, e.Value), append(low, e.Low), append(high, e.High)
	}
	return value, low, high
}

// atLeastOne returns P(at least one) at a hazard.
func atLeastOne(hazard float64) float64 { return -math.Expm1(-hazard) }

// certain is the probability above which a hazard grows no more.
const certain = 1 - 1e-9

// hazard returns −ln(1 − p): hazards of independent things add up.
func hazard(p float64) float64 { return -math.Log1p(-min(p, certain)) }

func hazards(e comity.Exposure) comity.Estimate {
	return comity.Estimate{
		Value: hazard(e.Significant.Value), Low: hazard(e.Significant.Low), High: hazard(e.Significant.High),
	}
}

// worstFirst returns for each member the common worlds by falling loss; nil without worlds. Equal losses, which are years
// without any, come in an order of the member's own, so that a tie is no dependence.
func worstFirst(cs []Contribution) [][]int {
	if len(cs) == 0 || len(cs[0].Worlds) == 0 {
		return nil
	}
	order := make([][]int, len(cs))
	for m, contribution := range cs {
		losses := contribution.Worlds
		order[m] = make([]int, len(losses))
		for i := range losses {
			order[m][i] = (i + m*len(losses)/len(cs)) % len(losses)
		}
		slices.SortStableFunc(order[m], func(a, b int) int { return cmp.Compare(losses[b], losses[a]) })
	}
	return order
}

// anywhere returns the probability of at least one significant incident at any member, from each member's hazard and
// from how the members' bad years fall together: an event of a common source hits several in the same year, so that
// fewer years are hit than if they were independent.
//
// Each member has a significant incident in that part of the common worlds which its assessment says, and these are
// taken to be the worlds in which it loses most. So the level is the assessments' and only the dependence the worlds'.
// Counting the years above the tolerance instead would mistake many small losses for a significant one. Without worlds
// the members count as independent.
func anywhere(hazards []float64, years [][]int) float64 {
	if years == nil {
		return atLeastOne(total(hazards))
	}
	hit, together := make([]bool, len(years[0])), 0
	for m, worst := range years {
		n := int(math.Round(atLeastOne(hazards[m]) * float64(len(worst))))
		for _, w := range worst[:n] {
			if !hit[w] {
				hit[w] = true
				together++
			}
		}
	}
	return float64(together) / float64(len(hit))
}

func medianFigure(c control, cs []Contribution) comity.Figure {
	f := comity.Figure{Group: "headline", Row: "median", Unit: "probability"}
	if f.Withheld = c.all; f.Withheld != "" {
		return f
	}
	var p []float64
	for _, m := range cs {
		p = append(p, m.Exposure.Significant.Value)
	}
	slices.Sort(p)
	f.Published = true
	f.Value, f.Low, f.High = onGrid(between(p, 0.5), shareStep), onGrid(between(p, 0.25), shareStep), onGrid(between(p, 0.75), shareStep)
	return f
}

// between returns the q-quantile of sorted values, between the two nearest ones in proportion.
func between(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	i := int(at)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}
