package assess

import (
	"math"
	"slices"
	"strings"

	"comity"
)

// ResidualFloor is what is left of a technique at least, however many controls counter it: they fail together.
const ResidualFloor = 0.05

// Control is what one mitigation does to a technique.
type Control struct {
	Coverage float64 // κ, 0..1
	Strength float64 // ε, 0..1
}

// Residual returns what the controls leave of a technique: max(0.05, Π(1 − κε)), 1 without controls. The order of the
// controls does not matter to the bit.
//
// Source: exposure model, section 3.
func Residual(controls []Control) float64 {
	factors := make([]float64, len(controls))
	for i, c := range controls {
		factors[i] = 1 - c.Coverage*c.Strength
	}
	slices.Sort(factors)
	product := 1.0
	for _, f := range factors {
		product *= f
	}
	return math.Max(ResidualFloor, product)
}

// Share is a technique's share of a stage with its residual.
type Share struct {
	Share    float64 // ω
	Residual float64 // r
}

// Mix returns Σ ω r: the stage against an adversary who doesn't adapt.
func Mix(stage []Share) float64 {
	sum := 0.0
	for _, s := range stage {
		sum += s.Share * s.Residual
	}
	return sum
}

// Adaptive returns max r: the stage against an adversary who takes the technique that works best.
func Adaptive(stage []Share) float64 {
	most := 0.0
	for _, s := range stage {
		most = math.Max(most, s.Residual)
	}
	return most
}

// MitigationsOf returns the M-codes that counter a technique, sorted: its own, else its parent's. A revoked technique is
// followed to the one that replaces it. It is nil if none is known.
func MitigationsOf(k comity.Knowledge, number string) []string {
	if replaced, ok := k.Replaced[number]; ok {
		number = replaced
	}
	if t, ok := techniqueOf(k, number); ok && len(t.Mitigations) > 0 {
		return t.Mitigations
	}
	if parent, _, sub := strings.Cut(number, "."); sub {
		t, _ := techniqueOf(k, parent)
		return t.Mitigations
	}
	return nil
}

func techniqueOf(k comity.Knowledge, number string) (comity.Technique, bool) {
	i, ok := slices.BinarySearchFunc(k.Techniques, number, func(t comity.Technique, n string) int { return strings.Compare(t.Number, n) })
	if !ok {
		return comity.Technique{}, false
	}
	return k.Techniques[i], true
}

// stage is a stage of a scenario's path as it stands in one organisation.
type stage struct {
	name       string
	techniques []technique
}

type technique struct {
	share    float64
	controls []int // places in controls, ascending by M-code
	openers  []opener
	p30      float64
}

// residual returns r′ of the technique, given 1 − κε of each control. Controls come in ascending M-code, so that the
// product has the same bits whatever the order in which they were answered.
func (t technique) residual(factors []float64, open bool) float64 {
	product := 1.0
	for _, c := range t.controls {
		product *= factors[c]
	}
	r := math.Max(ResidualFloor, product)
	if !open {
		return r
	}
	return Opened(r, t.p30)
}

// ends returns the stage at both ends of the adversary, with or without what vulnerabilities open.
func (s stage) ends(factors []float64, open bool) (mix, adaptive float64) {
	for _, t := range s.techniques {
		r := t.residual(factors, open)
		mix += t.share * r
		adaptive = math.Max(adaptive, r)
	}
	return mix, adaptive
}

// susceptibility returns v = Π over stages, at both ends; 1 without a path.
func susceptibility(path []stage, factors []float64, open bool) (mix, adaptive float64) {
	mix, adaptive = 1, 1
	for _, s := range path {
		m, a := s.ends(factors, open)
		mix *= m
		adaptive *= a
	}
	return mix, adaptive
}

// controls are the mitigations of the catalogue as they stand in one organisation. Slices run along codes, sorted.
type controls struct {
	codes    []string
	strength []float64 // ε as stated
	coverage []float64 // κ; the mean of what is assumed where it was not answered
	assumed  []bool    // it was not answered
}

// Where a mitigation is not answered, its coverage is drawn: one number, uniform between these, counts for all of them,
// so that the susceptibility of every scenario is high or low together. Hypothesis. Each answer takes one mitigation out
// of the draw, which narrows what is left; an answer of 0 is one.
const (
	assumedLeast = 0.25
	assumedMost  = 0.75
)

func newControls(c comity.Catalogue, coverage map[string]float64) controls {
	var all controls
	for code := range c.Strength {
		all.codes = append(all.codes, code)
	}
	slices.Sort(all.codes)
	for _, code := range all.codes {
		kappa, answered := coverage[code]
		if !answered {
			kappa = (assumedLeast + assumedMost) / 2
		}
		all.assumed = append(all.assumed, !answered)
		all.strength = append(all.strength, c.Strength[code])
		all.coverage = append(all.coverage, kappa)
	}
	return all
}

// factors returns 1 − κε at the stated strengths.
func (c controls) factors() []float64 {
	f := make([]float64, len(c.codes))
	for i := range f {
		f[i] = 1 - c.coverage[i]*c.strength[i]
	}
	return f
}

// path sets a scenario's path in an organisation: which controls counter each technique, and which matches open it.
func path(s comity.Scenario, k comity.Knowledge, c controls, open []opener) []stage {
	var stages []stage
	for _, st := range s.Path {
		out := stage{name: st.Name}
		for _, t := range st.Techniques {
			tech := technique{share: t.Share, openers: openersOf(t.Technique, open)}
			tech.p30 = P30(openings(tech.openers))
			for _, code := range MitigationsOf(k, t.Technique) {
				if i, ok := slices.BinarySearch(c.codes, code); ok {
					tech.controls = append(tech.controls, i)
				}
			}
			slices.Sort(tech.controls)
			out.techniques = append(out.techniques, tech)
		}
		stages = append(stages, out)
	}
	return stages
}
