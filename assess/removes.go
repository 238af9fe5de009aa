package assess

import (
	"slices"

	"comity"
)

// pinned returns the input with the susceptibility of the past written into the evidence that does not record it: today's,
// as it is before a change is tried. What is changed from now on was not in place while the evidence was watched; without
// this a control that is tried would make the past look less exposed, and so take back most of what it removes. The
// input's own figures stay the same to the bit.
//
// Source: exposure model, section 2: "v as of the end of the observed span".
func (m *model) pinned() Input {
	in := m.in
	in.Evidence = slices.Clone(in.Evidence)
	for i, e := range in.Evidence {
		if e.Susceptibility > 0 {
			continue
		}
		for _, c := range m.cells {
			if c.scenario.ID == e.Scenario {
				in.Evidence[i].Susceptibility, _ = c.ends(susceptibility(c.path, m.factors, false))
			}
		}
	}
	return in
}

// Removes returns how many significant incidents a year each of some measures would remove if it were put in place now, in
// their order, all at means: a mitigation one step further than it is, what a threat matches remedied. It is what an
// organisation adds to a ranking of the system. Nothing is negative. Its cost is about a millisecond, 20 µs for each
// mitigation and another millisecond for each threat.
//
// Source: exposure model, section 8.
func Removes(in Input, measures []comity.Measure) ([]float64, error) {
	m, err := newModel(in)
	if err != nil {
		return nil, err
	}
	now := m.pinned()
	before := m.significant(m.factors)
	removed := make([]float64, len(measures))
	for i, measure := range measures {
		after := m
		if measure.Match != "" || measure.Threat != "" {
			if after, err = newModel(closed(now, measure)); err != nil {
				return nil, err
			}
		}
		removed[i] = max(0, before-after.significant(m.stepped(measure.Control)))
	}
	return removed, nil
}

// stepped returns 1 − κε of each control with one of them a step further; as they are if there is no such step.
func (m *model) stepped(control string) []float64 {
	j := slices.Index(m.controls.codes, control)
	if j < 0 {
		return m.factors
	}
	to, ok := nextStep(m.controls.coverage[j])
	if !ok {
		return m.factors
	}
	factors := slices.Clone(m.factors)
	factors[j] = 1 - to*m.controls.strength[j]
	return factors
}

// significant returns Σ Λ P(X > S*), the significant incidents expected in a year at means, given 1 − κε of each control.
func (m *model) significant(factors []float64) float64 {
	sum := 0.0
	for _, c := range m.cells {
		v, _ := c.ends(susceptibility(c.path, factors, true))
		sum += (c.rate.Mean()*c.mean*v + c.common()) * c.above(m, unscaled)
	}
	return sum
}
