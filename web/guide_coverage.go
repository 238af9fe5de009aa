package web

import (
	"slices"

	"comity"
)

// tellingMitigations is how many mitigations the guided path asks for first: those whose next step would remove most here.
const tellingMitigations = 12

// guideCoverageView asks for the mitigations, the most telling first.
type guideCoverageView struct {
	guideView
	Coverage coverageView
	First    []comity.Mitigation
	Rest     []comity.Mitigation
	Derived  int // answers that stand in the form because of answers to baselines
}

// guideCoverageForm returns the form with what is saved, and where nothing is, with what answers to baselines propose.
func guideCoverageForm(p comity.Profile, proposals []comity.CoverageProposal) (f *form, derived int) {
	f = formOf(nil)
	for _, one := range proposals {
		if _, answered := p.Coverage[one.Mitigation]; !answered {
			f.values.Set(one.Mitigation, stepText(one.Coverage))
			derived++
		}
	}
	for m, share := range p.Coverage {
		f.values.Set(m, stepText(share))
	}
	return f, derived
}

// guideCoverage orders the mitigations by what their next step would remove of the exposure.
func (c *call) guideCoverage(f *form, p comity.Profile, k comity.Knowledge) (guideCoverageView, error) {
	g, err := c.guidePage(comity.GuideCoverage, p, f)
	if err != nil {
		return guideCoverageView{}, err
	}
	v := guideCoverageView{guideView: g, Coverage: c.coverageView(p, k, f)}
	if err := c.addProposals(&v.Coverage); err != nil {
		return v, err
	}
	steps, err := c.site.pipeline.Improvements(c.ctx(), c.viewer, p.Org)
	if err != nil {
		return v, err
	}
	var first []string
	for _, s := range steps {
		if s.Control != "" && len(first) < tellingMitigations {
			first = append(first, s.Control)
		}
	}
	for _, m := range k.Mitigations {
		if !slices.Contains(first, m.Number) {
			v.Rest = append(v.Rest, m)
		}
	}
	for _, number := range first {
		if i := slices.IndexFunc(k.Mitigations, func(m comity.Mitigation) bool { return m.Number == number }); i >= 0 {
			v.First = append(v.First, k.Mitigations[i])
		}
	}
	return v, nil
}

func (s *site) showGuideCoverage(c *call) error {
	p, err := c.ownProfile()
	if err != nil {
		return err
	}
	k, err := s.store.Knowledge(c.ctx(), c.viewer)
	if err != nil {
		return err
	}
	proposals, err := s.pipeline.Proposals(c.ctx(), c.viewer, p.Org)
	if err != nil {
		return err
	}
	f, derived := guideCoverageForm(p, proposals)
	v, err := c.guideCoverage(f, p, k)
	if err != nil {
		return err
	}
	v.Derived = derived
	return c.render("guide/coverage", v)
}

func (s *site) saveGuideCoverage(c *call) error {
	k, err := s.store.Knowledge(c.ctx(), c.viewer)
	if err != nil {
		return err
	}
	names := []string{"revision", "way"}
	for _, m := range k.Mitigations {
		names = append(names, m.Number)
	}
	f, err := c.form(names...)
	if err != nil {
		return err
	}
	p, changed, err := c.editable(f, func(p comity.Profile) any { return p.Coverage })
	if err != nil {
		return err
	}
	after := p
	after.Coverage = readCoverage(f, k, p.Coverage)
	if f.OK() && !changed {
		if changed, err = c.saveStep(guideAnswer{step: comity.GuideCoverage, before: p, after: after}); !changed || err != nil {
			return err
		}
	}
	v, err := c.guideCoverage(f, p, k)
	if err != nil {
		return err
	}
	v.Changed = changed
	return c.renderStep("guide/coverage", v, changed)
}
