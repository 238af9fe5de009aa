package aggregate

import (
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
	d := dependence(cs)
	f.Published, f.High = true, 1
	f.Value = min(max(onGrid(atLeastOne(d*total(value)), probabilityStep), leastProbability), mostProbability)
	if c.sum(high) == "" {
		f.High = max(f.Value, above(atLeastOne(d*total(high)), probabilityStep))
	}
	if c.sum(low) == "" {
		f.Low = min(f.Value, below(atLeastOne(d*total(low)), probabilityStep))
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

// dependence returns how much of the members' hazards is left together, 0..1, because one event of a common source can
// hit several at once: 1 if they are independent. It is measured in the common worlds, on the years in which a member
// loses more than its tolerance: the hazard of such a year at any member over the sum of the members' hazards of it. A
// year above the tolerance is not quite a significant incident, so only this ratio is taken from the worlds, the level
// from the assessments. Without worlds, or without any such year in them, members count as independent.
func dependence(cs []Contribution) float64 {
	if len(cs) == 0 || len(cs[0].Worlds) == 0 {
		return 1
	}
	worlds := len(cs[0].Worlds)
	anywhere, apart := make([]bool, worlds), 0.0
	for _, m := range cs {
		years := 0
		for w, loss := range m.Worlds {
			if loss > m.Exposure.Tolerance {
				years++
				anywhere[w] = true
			}
		}
		apart += hazard(shareOf(years, worlds))
	}
	together := 0
	for _, hit := range anywhere {
		if hit {
			together++
		}
	}
	if apart == 0 {
		return 1
	}
	return min(1, hazard(shareOf(together, worlds))/apart)
}

// shareOf returns count/worlds, kept half a world from certainty: no sample shows that something always happens.
func shareOf(count, worlds int) float64 {
	return min(float64(count), float64(worlds)-0.5) / float64(worlds)
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
