// Package proposal derives from answers to the controls of a baseline how far the mitigations of ATT&CK seem to be in
// place, so that somebody who assessed themselves by a baseline need not answer 43 questions from nothing. [Propose] is
// what to read first. A proposal is one: it changes nothing until a person takes it over.
//
// It joins two published tables by technique: which control counters it (Center for Threat-Informed Defense, Mappings
// Explorer, NIST SP 800-53 revision 5 with ATT&CK 16.1) and which mitigation does (ATT&CK's own "mitigates"). Only SP
// 800-53 has such a table; answers to other frameworks propose nothing. Enhancements have no pairs of their own.
package proposal

import (
	"cmp"
	_ "embed"
	"maps"
	"math"
	"slices"
	"strings"

	"comity"
)

// The bounds of what is proposed are hypotheses, chosen by looking at what they give for mitigations that everybody knows.
const (
	maxBasis    = 8    // controls that a proposal rests on
	minRelative = 0.25 // of the heaviest control's weight; what is lighter is beside the point
	minWeight   = 0.05 // of the heaviest control; below it no control is about this mitigation
	minAnswered = 0.5  // of the weight of the controls that a proposal would rest on
)

// Propose returns a proposal for every mitigation that the answers say enough about, by M-code.
//
// The weight of control c for mitigation m is n(c,m)² / (n(c) · n(m)), where n(c) and n(m) are the techniques that they
// counter and n(c,m) those that both do: 1 where they are the same set, small for a control that is about everything. Of
// the heaviest controls, at most 8, the levels count as coverage (Initial 0, Developing 25, Established 50, Advanced 75,
// Leading 95 %), averaged by weight and rounded down to a step. Controls that are not applicable count on neither side;
// where two baselines hold the same control, the lower answer counts. Nothing is proposed where less than half of the
// weight was answered.
func Propose(k comity.Knowledge, assessed []comity.AssessedBaseline) ([]comity.CoverageProposal, error) {
	answers := answersOf(assessed)
	if len(answers) == 0 {
		return nil, nil
	}
	pairs, err := Pairs()
	if err != nil {
		return nil, err
	}
	countered := following(pairs, k)
	var proposals []comity.CoverageProposal
	for _, m := range k.Mitigations {
		techniques := techniquesOf(k, m.Number)
		if p, ok := propose(m.Number, techniques, countered, answers); ok {
			proposals = append(proposals, p)
		}
	}
	return proposals, nil
}

// answered is one control with its answer.
type answered struct {
	baseline comity.BaselineID
	control  comity.BaselineControl
	maturity comity.Maturity // empty: the baseline has it and nobody answered
}

// answersOf returns the controls of all baselines whose controls have pairs, the lower answer where two have one.
func answersOf(assessed []comity.AssessedBaseline) map[string]answered {
	all := map[string]answered{}
	for _, a := range assessed {
		if a.Baseline.Framework != comity.FrameworkSP80053 {
			continue
		}
		for id, control := range a.Baseline.Controls() {
			next := answered{a.Baseline.ID, control, a.Assessment.Answers[id].Maturity}
			if old, ok := all[id]; !ok || lower(next.maturity, old.maturity) {
				all[id] = next
			}
		}
	}
	return all
}

// lower reports whether answer a takes the place of b: a level that of none, and a lower level that of a higher one.
func lower(a, b comity.Maturity) bool {
	switch {
	case a.Level() == 0:
		return b == comity.MaturityNone && a != comity.MaturityNone
	case b.Level() == 0:
		return true
	default:
		return a.Level() < b.Level()
	}
}

// following returns the pairs with the techniques that are in force: those that were revoked since are followed to what
// replaced them, and what is gone without a successor is left out.
func following(pairs map[string][]string, k comity.Knowledge) map[string]map[string]bool {
	inForce := map[string]bool{}
	for _, t := range k.Techniques {
		inForce[t.Number] = true
	}
	countered := make(map[string]map[string]bool, len(pairs))
	for control, techniques := range pairs {
		countered[control] = map[string]bool{}
		for _, t := range techniques {
			for range len(k.Replaced) { // a chain can't be longer, even one that turns in a circle
				next, revoked := k.Replaced[t]
				if !revoked {
					break
				}
				t = next
			}
			if inForce[t] {
				countered[control][t] = true
			}
		}
	}
	return countered
}

func techniquesOf(k comity.Knowledge, mitigation string) []string {
	var list []string
	for _, t := range k.Techniques {
		if slices.Contains(t.Mitigations, mitigation) {
			list = append(list, t.Number)
		}
	}
	return list
}

// weighed is one control with its weight for a mitigation.
type weighed struct {
	id     string
	both   int
	weight float64
}

// heaviest returns the controls that are about a mitigation, heaviest first; none where no control is.
func heaviest(techniques []string, countered map[string]map[string]bool) []weighed {
	var list []weighed
	for _, id := range slices.Sorted(maps.Keys(countered)) {
		both := 0
		for _, t := range techniques {
			if countered[id][t] {
				both++
			}
		}
		if both > 0 {
			list = append(list, weighed{id, both, float64(both*both) / float64(len(countered[id])*len(techniques))})
		}
	}
	slices.SortStableFunc(list, func(a, b weighed) int { return cmp.Compare(b.weight, a.weight) })
	if len(list) == 0 || list[0].weight < minWeight {
		return nil
	}
	list = slices.DeleteFunc(list, func(w weighed) bool { return w.weight < minRelative*list[0].weight })
	return list[:min(len(list), maxBasis)]
}

func propose(mitigation string, techniques []string, countered map[string]map[string]bool, answers map[string]answered) (comity.CoverageProposal, bool) {
	p := comity.CoverageProposal{Mitigation: mitigation, Techniques: len(techniques)}
	all, said, share := 0.0, 0.0, 0.0
	for _, w := range heaviest(techniques, countered) {
		a := answers[w.id]
		if a.maturity == comity.MaturityNotApplicable {
			continue
		}
		all += w.weight
		level := a.maturity.Level()
		if level == 0 {
			continue
		}
		said += w.weight
		share += w.weight * comity.CoverageSteps[level-1]
		p.Controls = append(p.Controls, comity.CoverageBasis{
			Baseline: a.baseline, Control: w.id, Label: a.control.Label, Title: a.control.Title, Maturity: a.maturity, Techniques: w.both, Weight: w.weight,
		})
	}
	if said == 0 || said/all < minAnswered {
		return p, false
	}
	for i := range p.Controls {
		p.Controls[i].Weight /= said
	}
	p.Share, p.Answered = share/said, said/all
	p.Coverage = stepBelow(p.Share)
	return p, true
}

// stepBelow returns the largest step of coverage that is not above x; a hair's breadth of rounding is forgiven.
func stepBelow(x float64) float64 {
	step := comity.CoverageSteps[0]
	for _, s := range comity.CoverageSteps {
		if s <= x+1e-9 {
			step = math.Max(step, s)
		}
	}
	return step
}

//go:generate go run ../../scripts/mappings

//go:embed pairs.txt.gz
var packed string

// Pairs returns the techniques that each control of SP 800-53 revision 5 counters, by its identity such as "ac-2", as
// published for ATT&CK 16.1. An error means that the program was built wrong.
func Pairs() (map[string][]string, error) { return parsePairs(strings.NewReader(packed)) }
