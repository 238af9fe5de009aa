package assess

import (
	"cmp"
	"maps"
	"slices"

	"comity"
)

// maxTriedIncidents bounds the incidents of one scenario that can be tried.
const maxTriedIncidents = 20

// Try returns the input as it would be after a change. What the change names and the input does not have is an error of
// kind Invalid. The seed stays, so that an assessment before and one after share their luck, and evidence keeps counting
// with the susceptibility as it is today: what is tried was not in place in the past.
func Try(in Input, w comity.WhatIf) (Input, error) {
	m, err := newModel(in)
	if err != nil {
		return in, err
	}
	return try(m.pinned(), w)
}

// try is Try of an input whose past is pinned.
func try(in Input, w comity.WhatIf) (Input, error) {
	in.Profile.Coverage = maps.Clone(in.Profile.Coverage)
	if in.Profile.Coverage == nil {
		in.Profile.Coverage = map[string]float64{}
	}
	for code, kappa := range w.Coverage {
		if _, ok := in.Catalogue.Strength[code]; !ok || !slices.Contains(comity.CoverageSteps, kappa) {
			return in, comity.Errorf(comity.Invalid, "what if: coverage of %s: %v is none of the steps, or it is no mitigation", code, kappa)
		}
		in.Profile.Coverage[code] = kappa
	}
	in.Matches = slices.Clone(in.Matches)
	for _, id := range w.Patched {
		if err := patch(&in, id); err != nil {
			return in, err
		}
	}
	in.Profile.Suppliers = slices.Clone(in.Profile.Suppliers)
	for _, id := range w.Dropped {
		if err := drop(&in, id); err != nil {
			return in, err
		}
	}
	in.Evidence = slices.Clone(in.Evidence)
	for _, id := range slices.Sorted(maps.Keys(w.Incidents)) {
		if err := happen(&in, id, w.Incidents[id]); err != nil {
			return in, err
		}
	}
	return in, nil
}

// patch closes every match of a line of software.
func patch(in *Input, id comity.SoftwareID) error {
	if !slices.ContainsFunc(in.Profile.Software, func(s comity.Software) bool { return s.ID == id }) {
		return comity.Errorf(comity.Invalid, "what if: no software %s", id)
	}
	for i, m := range in.Matches {
		if m.Software == id {
			in.Matches[i].Exposed = 0
		}
	}
	return nil
}

// drop takes a supplier out, with every match that touches it.
func drop(in *Input, id comity.SupplierID) error {
	before := len(in.Profile.Suppliers)
	in.Profile.Suppliers = slices.DeleteFunc(in.Profile.Suppliers, func(s comity.Supplier) bool { return s.ID == id })
	if len(in.Profile.Suppliers) == before {
		return comity.Errorf(comity.Invalid, "what if: no supplier %s", id)
	}
	in.Matches = slices.DeleteFunc(in.Matches, func(m comity.Match) bool { return m.Supplier == id })
	return nil
}

// happen adds incidents of today.
func happen(in *Input, id comity.ScenarioID, count int) error {
	if _, ok := in.Catalogue.Scenario(id); !ok || count < 1 || count > maxTriedIncidents {
		return comity.Errorf(comity.Invalid, "what if: %d incidents of %q: want 1 to %d of a scenario of the catalogue", count, id, maxTriedIncidents)
	}
	today := comity.DateOf(in.Now)
	in.Evidence = append(in.Evidence, comity.Evidence{
		ID: comity.EvidenceID("evi_tried-" + string(id)), Org: in.Profile.Org, Kind: comity.EvidenceIncident, Scenario: id,
		Count: count, From: today, To: today, Weight: 1, Recorded: in.Now,
	})
	return nil
}

// Rank returns every single step that the organisation could take, the one that removes most significant incidents first:
// each mitigation covered by one step more, each exposed line of software patched (of those with the most open
// matches), each supplier dropped. What removes
// nothing is left out. All steps are compared on the same draws. Its cost is about that of the headline and a tenth of it
// for each step.
//
// Source: exposure model, section 8.
func Rank(in Input) ([]comity.Improvement, error) {
	m, err := newModel(in)
	if err != nil {
		return nil, err
	}
	r := ranker{in: m.pinned(), draws: cmp.Or(in.Draws, rankDraws)}
	r.before = r.figures(m, newDraws(m, r.draws))
	var list []comity.Improvement
	for j, code := range m.controls.codes {
		to, ok := nextStep(m.controls.coverage[j])
		if !ok || !m.usesControl(j) {
			continue
		}
		one := comity.Improvement{Control: code, From: m.controls.coverage[j], To: to}
		list, err = r.try(list, one, comity.WhatIf{Coverage: map[string]float64{code: to}})
		if err != nil {
			return nil, err
		}
	}
	for _, s := range exposedSoftware(m.in) {
		one := comity.Improvement{Software: s.ID, Subject: s.Vendor + " " + s.Name}
		if list, err = r.try(list, one, comity.WhatIf{Patched: []comity.SoftwareID{s.ID}}); err != nil {
			return nil, err
		}
	}
	for _, s := range in.Profile.Suppliers {
		one := comity.Improvement{Supplier: s.ID, Subject: s.Name}
		if list, err = r.try(list, one, comity.WhatIf{Dropped: []comity.SupplierID{s.ID}}); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(list, func(a, b comity.Improvement) int { return cmp.Compare(b.Expected, a.Expected) })
	return list, nil
}

const (
	rankDraws      = 100 // enough to compare steps that share their luck
	rankedSoftware = 60  // lines of software that are ranked
)

type ranker struct {
	in     Input
	draws  int
	before figures
}

// figures are what steps are compared by.
type figures struct {
	p, expected, loss float64
	scenario          map[comity.ScenarioID]float64 // significant incidents a year
}

func (r ranker) figures(m *model, d *draws) figures {
	f := figures{p: simulate(m, d).whole.Value, scenario: map[comity.ScenarioID]float64{}}
	for _, c := range m.cells {
		events := c.own() + c.common()
		f.scenario[c.scenario.ID] = events * c.above(m, unscaled)
		f.expected += f.scenario[c.scenario.ID]
		for l, w := range c.weights {
			if w > 0 {
				f.loss += events * w * m.levels[l].mean
			}
		}
	}
	return f
}

// try adds what a step removes, if it removes anything.
func (r ranker) try(list []comity.Improvement, one comity.Improvement, w comity.WhatIf) ([]comity.Improvement, error) {
	in, err := try(r.in, w)
	if err != nil {
		return nil, err
	}
	m, err := newModel(in)
	if err != nil {
		return nil, err
	}
	after := r.figures(m, newDraws(m, r.draws))
	one.P, one.Expected, one.MeanLoss = r.before.p-after.p, r.before.expected-after.expected, r.before.loss-after.loss
	most := 0.0
	for _, c := range m.cells {
		if less := r.before.scenario[c.scenario.ID] - after.scenario[c.scenario.ID]; less > most {
			one.Scenario, most = c.scenario.ID, less
		}
	}
	if one.Expected > 0 || one.MeanLoss > 0 {
		list = append(list, one)
	}
	return list, nil
}

// nextStep returns the smallest step above a coverage.
func nextStep(kappa float64) (float64, bool) {
	for _, step := range comity.CoverageSteps {
		if step > kappa {
			return step, true
		}
	}
	return 0, false
}

// exposedSoftware lists the software with open matches, those with the most first, at most rankedSoftware.
func exposedSoftware(in Input) []comity.Software {
	open := map[comity.SoftwareID]int{}
	for _, m := range in.Matches {
		if m.Open() && m.Software != "" {
			open[m.Software]++
		}
	}
	list := slices.DeleteFunc(slices.Clone(in.Profile.Software), func(s comity.Software) bool { return open[s.ID] == 0 })
	slices.SortStableFunc(list, func(a, b comity.Software) int { return cmp.Compare(open[b.ID], open[a.ID]) })
	return list[:min(len(list), rankedSoftware)]
}
