package web

import (
	"maps"
	"slices"
	"strconv"

	"comity"
)

func (s *site) profileCoverage(r *routes) {
	r.handle("GET /profile/coverage", members, s.showCoverage)
	r.handle("POST /profile/coverage", editors, s.putCoverage)
}

// coverageView is the page of the mitigations.
type coverageView struct {
	profileView
	Version   string // of ATT&CK
	Groups    []coverageGroup
	Steps     []coverageStep
	Proposals map[string]comity.CoverageProposal // by mitigation, derived from the answers to baselines
	Open      int                                // proposals for mitigations that have no answer
	Silent    []comity.BaselineHead              // baselines in force that propose nothing: no published table says what their controls counter
}

// Step returns a share as the form's value for it.
func (coverageView) Step(share float64) string { return stepText(share) }

// Proposal returns what is proposed for a mitigation; nil if nothing is.
func (v coverageView) Proposal(mitigation string) *comity.CoverageProposal {
	if p, ok := v.Proposals[mitigation]; ok {
		return &p
	}
	return nil
}

// coverageGroup is a group of mitigations that the same people answer for.
type coverageGroup struct {
	Key         string // under "profile.coverage.group."
	Mitigations []comity.Mitigation
}

// coverageStep is one answer: its value in the form and the share that it stands for.
type coverageStep struct {
	Value string
	Share float64
}

// groupOf says where a mitigation is asked; those not listed are among the systems.
var groupOf = map[string]string{
	"M1015": "access", "M1018": "access", "M1026": "access", "M1027": "access", "M1032": "access", "M1036": "access",
	"M1043": "access", "M1052": "access",
	"M1020": "network", "M1030": "network", "M1031": "network", "M1035": "network", "M1037": "network", "M1021": "network",
	"M1029": "data", "M1041": "data", "M1053": "data", "M1057": "data", "M1022": "data",
	"M1013": "people", "M1016": "people", "M1017": "people", "M1019": "people", "M1047": "people", "M1056": "people", "M1060": "people",
}

var coverageGroups = []string{"access", "network", "systems", "data", "people"}

func coverageSteps() []coverageStep {
	steps := make([]coverageStep, 0, len(comity.CoverageSteps))
	for _, share := range comity.CoverageSteps {
		steps = append(steps, coverageStep{Value: stepText(share), Share: share})
	}
	return steps
}

func stepText(share float64) string { return strconv.Itoa(int(share*100 + 0.5)) }

func (s *site) showCoverage(c *call) error {
	p, err := c.ownProfile()
	if err != nil {
		return err
	}
	values := map[string]string{}
	for m, share := range p.Coverage {
		values[m] = stepText(share)
	}
	k, err := s.store.Knowledge(c.ctx(), c.viewer)
	if err != nil {
		return err
	}
	v := c.coverageView(p, k, formOf(values))
	if err := c.addProposals(&v); err != nil {
		return err
	}
	return c.render("profile/coverage", v)
}

func (c *call) coverageView(p comity.Profile, k comity.Knowledge, f *form) coverageView {
	v := coverageView{profileView: c.profileView(p, f), Version: k.Version, Steps: coverageSteps()}
	for _, key := range coverageGroups {
		group := coverageGroup{Key: key}
		for _, m := range k.Mitigations {
			of, ok := groupOf[m.Number]
			if of == key || !ok && key == "systems" {
				group.Mitigations = append(group.Mitigations, m)
			}
		}
		if len(group.Mitigations) > 0 {
			v.Groups = append(v.Groups, group)
		}
	}
	return v
}

// addProposals adds what the own answers to baselines say of the mitigations.
func (c *call) addProposals(v *coverageView) error {
	proposals, err := c.site.pipeline.Proposals(c.ctx(), c.viewer, c.viewer.Org())
	if err != nil {
		return err
	}
	v.Proposals = make(map[string]comity.CoverageProposal, len(proposals))
	for _, p := range proposals {
		v.Proposals[p.Mitigation] = p
		if _, answered := v.Profile.Coverage[p.Mitigation]; !answered {
			v.Open++
		}
	}
	heads, err := c.site.store.BaselinesInForce(c.ctx(), c.viewer)
	for _, h := range heads {
		if h.Framework != comity.FrameworkSP80053 {
			v.Silent = append(v.Silent, h)
		}
	}
	return err
}

func (s *site) putCoverage(c *call) error {
	k, err := s.store.Knowledge(c.ctx(), c.viewer)
	if err != nil {
		return err
	}
	names := []string{"revision", "take"}
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
	v := c.coverageView(p, k, f)
	if err := c.addProposals(&v); err != nil {
		return err
	}
	after := p
	after.Coverage = readCoverage(f, k, p.Coverage)
	flash := "profile.saved"
	if take := f.Value("take"); take != "" {
		takeOver(after.Coverage, v.Proposals, take)
		flash = "profile.coverage.taken"
	}
	if !f.OK() {
		return c.renderInvalid("profile/coverage", v)
	}
	if !changed {
		changed, err = c.putProfile(p, after, "/profile/coverage", flash)
		if !changed || err != nil {
			return err
		}
	}
	v.Changed = true
	return c.renderChanged("profile/coverage", v)
}

// takeAll takes over every proposal for a mitigation that has no answer.
const takeAll = "all"

// takeOver makes proposals answers: the one that was asked for, whatever was answered before, or with takeAll those for
// mitigations that have no answer.
func takeOver(coverage map[string]float64, proposals map[string]comity.CoverageProposal, what string) {
	for code, p := range proposals {
		if _, answered := coverage[code]; code == what || what == takeAll && !answered {
			coverage[code] = p.Coverage
		}
	}
}

// readCoverage reads the answers. An answer on a mitigation that this version of ATT&CK does not have stays.
func readCoverage(f *form, k comity.Knowledge, saved map[string]float64) map[string]float64 {
	coverage := maps.Clone(saved)
	if coverage == nil {
		coverage = map[string]float64{}
	}
	for _, m := range k.Mitigations {
		value := f.Value(m.Number)
		if value == "" {
			delete(coverage, m.Number)
			continue
		}
		i := slices.IndexFunc(comity.CoverageSteps, func(share float64) bool { return stepText(share) == value })
		if i < 0 {
			f.Fail(m.Number, "error.field.choice")
			continue
		}
		coverage[m.Number] = comity.CoverageSteps[i]
	}
	return coverage
}
