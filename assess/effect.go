package assess

import (
	"cmp"
	"maps"
	"slices"

	"comity"
)

// Effects returns what each of some measures would remove of an exposure if it were put in place now, in their order: a
// mitigation one step further than it is, matches remedied. What removes nothing is the zero Improvement. All are compared
// on the same draws. Its cost is about that of the headline and a tenth of it for each measure.
//
// Source: exposure model, section 8.
func Effects(in Input, measures []comity.Measure) ([]comity.Improvement, error) {
	m, err := newModel(in)
	if err != nil {
		return nil, err
	}
	in = m.pinned()
	r := ranker{in: in, draws: cmp.Or(in.Draws, rankDraws)}
	r.before = r.figures(m, newDraws(m, r.draws))
	list := make([]comity.Improvement, len(measures))
	for i, measure := range measures {
		one := comity.Improvement{Control: measure.Control}
		j := slices.Index(m.controls.codes, measure.Control)
		after := closed(in, measure)
		if j >= 0 {
			one.From = m.controls.coverage[j]
			if to, ok := nextStep(one.From); ok {
				one.To = to
				after.Profile.Coverage = covered(in.Profile.Coverage, measure.Control, to)
			}
		}
		if list[i], err = r.less(one, after); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// Removed returns what a measure that is in place removes of an exposure: of the organisation as it is now, with the matches
// open again and the coverage as it was then, less as it is now. Both share their luck. then has the coverage when the
// measure was begun; a mitigation that is not covered better since removes nothing.
func Removed(in Input, measure comity.Measure, then map[string]float64) (comity.Improvement, error) {
	undone := in
	undone.Matches = slices.Clone(in.Matches)
	for i, m := range undone.Matches {
		if touches(measure, m) && !m.Open() {
			undone.Matches[i].Exposed = openness(in.Profile, m)
		}
	}
	one := comity.Improvement{Control: measure.Control}
	was, answered := then[measure.Control]
	if now, ok := in.Profile.Coverage[measure.Control]; ok && measure.Control != "" && now > was {
		one.From, one.To = was, now
		undone.Profile.Coverage = covered(in.Profile.Coverage, measure.Control, was)
		if !answered {
			delete(undone.Profile.Coverage, measure.Control)
		}
	}
	m, err := newModel(undone)
	if err != nil {
		return one, err
	}
	in.Evidence = m.pinned().Evidence // it counts as before the measure, on both sides
	r := ranker{in: undone, draws: cmp.Or(in.Draws, rankDraws)}
	r.before = r.figures(m, newDraws(m, r.draws))
	return r.less(one, closed(in, measure))
}

// covered returns a coverage with one mitigation at a step.
func covered(coverage map[string]float64, control string, to float64) map[string]float64 {
	coverage = maps.Clone(coverage)
	if coverage == nil {
		coverage = map[string]float64{}
	}
	coverage[control] = to
	return coverage
}

// closed returns the input with the matches of a measure remedied.
func closed(in Input, measure comity.Measure) Input {
	in.Matches = slices.Clone(in.Matches)
	for i, m := range in.Matches {
		if touches(measure, m) {
			in.Matches[i].Exposed = 0
		}
	}
	return in
}

func touches(measure comity.Measure, m comity.Match) bool {
	return measure.Match != "" && measure.Match == m.ID || measure.Match == "" && measure.Threat != "" && measure.Threat == m.Threat
}

// openness returns how exposed a remedied match was before: as exposed as its software can be reached.
//
// Source: exposure model, section 2.
func openness(p comity.Profile, m comity.Match) float64 {
	for _, s := range p.Software {
		if s.ID == m.Software && s.Placement != comity.InternetFacing {
			return 0.2
		}
	}
	return 1
}

// less adds what an input has less than the one before.
func (r ranker) less(one comity.Improvement, after Input) (comity.Improvement, error) {
	m, err := newModel(after)
	if err != nil {
		return one, err
	}
	return r.differ(one, r.figures(m, newDraws(m, r.draws))), nil
}

// differ adds what figures are below those before.
func (r ranker) differ(one comity.Improvement, after figures) comity.Improvement {
	one.P, one.Expected, one.MeanLoss = r.before.p-after.p, r.before.expected-after.expected, r.before.loss-after.loss
	most := 0.0
	for _, id := range slices.Sorted(maps.Keys(r.before.scenario)) {
		if less := r.before.scenario[id] - after.scenario[id]; less > most {
			one.Scenario, most = id, less
		}
	}
	return one
}
