package aggregate

import "comity"

// Step is something that every member could do and that a release ranks by what it would remove of the system's exposure:
// a mitigation one step further everywhere, or an action item of the group done by all whom it concerns.
type Step struct {
	Group string // of the figure: "mitigation" or "action"
	Row   string // M-code, or the action item's identity
}

// stepBands are the edges of the bands in which a step's share of the expected significant incidents is told. A band is
// wide against what one member makes up, and says which step is worth more than which: no more is needed to choose.
var stepBands = []float64{0, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 1}

// steps returns, for each step, the share of the system's expected significant incidents that it would remove, as a band:
// Low and High are its ends, Value is the lower. Each member's own removal is a contribution of the sum.
//
// A step is withheld where fewer members than a release needs would gain by it, where one or two make up most of it, or
// where the sum that it is a share of is itself withheld. Steps overlap, so that none can be computed from the others.
//
// Source: exposure model, section 8; collective rounds, release control.
func steps(c control, cs []Contribution, list []Step) []comity.Figure {
	whole := make([]float64, len(cs))
	for m, contribution := range cs {
		whole[m] = contribution.Exposure.Expected.Value
	}
	var figures []comity.Figure
	for i, s := range list {
		removed := make([]float64, len(cs))
		for m, contribution := range cs {
			removed[m] = contribution.Removes[i]
		}
		f := comity.Figure{Group: s.Group, Row: s.Row, Unit: "share", Withheld: c.step(removed, whole)}
		if f.Withheld == "" {
			f.Published = true
			f.Low, f.High = band(total(removed) / total(whole))
			f.Value = f.Low
		}
		figures = append(figures, f)
	}
	return figures
}

// step returns why what a step would remove is withheld; empty: it is not.
func (c control) step(removed, whole []float64) comity.Withholding {
	if w := c.sums(whole, removed); w != "" {
		return w
	}
	gaining := 0
	for _, x := range removed {
		if x > 0 {
			gaining++
		}
	}
	if gaining < c.rule.MinContributors {
		return comity.WithheldDominated
	}
	return ""
}

// band returns the ends of the band in which a share lies.
func band(share float64) (low, high float64) {
	i := 1
	for i < len(stepBands)-1 && share >= stepBands[i] {
		i++
	}
	return stepBands[i-1], stepBands[i]
}
