// Package aggregate makes a release: what the group may see of the system, computed from the exposures of its members
// and passed through release control, so that neither one release nor several together tell what one member answered.
//
// It is the trusted mode: the hub holds the contributions and computes in the clear. It does not decide when a release
// is due, and stores nothing. Read [Release] first, then the rules in control.go.
//
// What a release never has: a minimum, a maximum, a rank, a figure of one member, a count of fewer than the smallest
// cell. A supplier or threat without a row is one that fewer members than that share, or none: a withheld row would tell
// that there is somebody.
package aggregate

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
	"slices"
	"time"

	"comity"
)

// Contribution is what one member gives to a release.
type Contribution struct {
	Org       comity.OrgID
	Exposure  comity.Exposure
	Worlds    []float64         // annual loss in each common world, reference unit; as many in every contribution
	Suppliers []string          // names; compared as comity.NormalName does
	Threats   []comity.ThreatID // public threats with an open match
	Removes   []float64         // significant incidents a year that each of Input.Steps would remove
}

// Input is all that a release is computed from.
type Input struct {
	Cohort        []comity.OrgID    // who was asked
	Contributions []Contribution    // of members of the cohort, one each, in any order
	Previous      []comity.Release  // all earlier ones, in any order
	Scenarios     []comity.Scenario // of the catalogue, for the rows of the matrix; empty: those that contributions have
	Steps         []Step            // that are ranked by what they would remove; empty: none
	Rule          comity.ReleaseRule
	AsOf          time.Time
	Period        string // beginning with the year, such as "2026-Q3"
	Next          comity.Date
	Seed          uint64 // of the common worlds
	Catalogue     string // version
	ID            comity.ReleaseID
	Number        int
}

// Release computes the release. Its figures and its curve are there whatever is withheld, each with the reason.
//
// Errors: Conflict if the period was released before, since a question is asked once in it; Invalid if the period does
// not begin with a year; anything else is a contribution that no assessment gives.
func Release(in Input) (comity.Release, error) {
	if err := check(in); err != nil {
		return comity.Release{}, err
	}
	c := controlOf(in.Rule)
	contributions := slices.SortedFunc(slices.Values(in.Contributions), func(a, b Contribution) int { return cmp.Compare(a.Org, b.Org) })
	r := comity.Release{
		ID: in.ID, Number: in.Number, Period: in.Period, AsOf: in.AsOf.UTC().Truncate(time.Second), Next: in.Next,
		Mode: "trusted", Catalogue: in.Catalogue, Seed: in.Seed, Rule: c.rule,
		Cohort: slices.Sorted(slices.Values(in.Cohort)), Contributors: len(contributions),
		Contributed: orgsOf(contributions), Figures: []comity.Figure{}, Curve: []comity.LossPoint{},
	}
	c.members = len(contributions)
	c.all = wholly(c, r, in.Previous)
	fill(&r, c, contributions, in)
	r.Hash = Hash(r)
	return r, nil
}

// Foresee says what the next release would be, from who takes part alone: nothing of the contributions but their members
// is read. The errors are those of Release, except that a period that was released before is told in the preview.
func Foresee(in Input) (comity.ReleasePreview, error) {
	c := controlOf(in.Rule)
	p := comity.ReleasePreview{Number: in.Number, Period: in.Period, Next: in.Next, Rule: c.rule, Cohort: len(in.Cohort), Contributors: len(in.Contributions)}
	if !periodPattern.MatchString(in.Period) {
		return p, comity.Errorf(comity.Invalid, "period %q: want a year first, such as 2026-Q3", in.Period)
	}
	for _, r := range in.Previous {
		if r.Period == in.Period {
			p.Released = r.Number
		}
	}
	c.members = len(in.Contributions)
	p.Withheld = wholly(c, comity.Release{Period: in.Period, Contributed: orgsOf(in.Contributions)}, in.Previous)
	return p, nil
}

// fill computes the figures and the curve.
func fill(r *comity.Release, c control, contributions []Contribution, in Input) {
	r.Figures = append(r.Figures, headline(c, contributions)...)
	r.Figures = append(r.Figures, shares(c, contributions, in.Scenarios)...)
	r.Figures = append(r.Figures, counts(c, contributions)...)
	r.Figures = append(r.Figures, steps(c, contributions, in.Steps)...)
	r.Figures = withoutInferable(*r, in.Previous)
	slices.SortFunc(r.Figures, compareFigures)
	r.Curve, r.CurveWithheld = curve(c, contributions)
}

func compareFigures(a, b comity.Figure) int {
	return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.Row, b.Row), cmp.Compare(a.Column, b.Column))
}

func orgsOf(contributions []Contribution) []comity.OrgID {
	orgs := make([]comity.OrgID, 0, len(contributions))
	for _, c := range contributions {
		orgs = append(orgs, c.Org)
	}
	return orgs
}

var periodPattern = regexp.MustCompile(`^[0-9]{4}(-|$)`)

// yearOf returns the calendar year of a period.
func yearOf(period string) string { return period[:min(4, len(period))] }

func check(in Input) error {
	if !periodPattern.MatchString(in.Period) {
		return comity.Errorf(comity.Invalid, "period %q: want a year first, such as 2026-Q3", in.Period)
	}
	for _, p := range in.Previous {
		if p.Period == in.Period {
			return comity.Errorf(comity.Conflict, "period %s was already released, as number %d", in.Period, p.Number)
		}
	}
	seen := map[comity.OrgID]bool{}
	for _, c := range in.Contributions {
		if seen[c.Org] || !slices.Contains(in.Cohort, c.Org) {
			return fmt.Errorf("contribution of %q: twice, or not of the cohort", c.Org)
		}
		seen[c.Org] = true
		if len(c.Removes) != len(in.Steps) {
			return fmt.Errorf("contribution of %q: says what %d steps would remove, asked were %d", c.Org, len(c.Removes), len(in.Steps))
		}
		if err := checkContribution(c, len(in.Contributions[0].Worlds)); err != nil {
			return fmt.Errorf("contribution of %q: %w", c.Org, err)
		}
	}
	return nil
}

// checkContribution reports what no assessment gives: a value that is negative or no number, a probability above 1,
// another number of worlds than the first contribution has.
func checkContribution(c Contribution, worlds int) error {
	e := c.Exposure
	values := []float64{e.Expected.Value, e.Expected.Low, e.Expected.High, e.Loss.Mean}
	values = append(values, e.Loss.Areas[:]...)
	for _, s := range e.Splits {
		values = append(values, s.Expected, s.MeanLoss)
	}
	for _, s := range e.Scenarios {
		values = append(values, s.Expected)
	}
	for _, cell := range e.Cells {
		values = append(values, cell.Expected)
	}
	values = append(values, c.Worlds...)
	values = append(values, c.Removes...)
	for _, v := range values {
		if !(v >= 0) || math.IsInf(v, 0) {
			return fmt.Errorf("value %v", v)
		}
	}
	for _, p := range []float64{e.Significant.Value, e.Significant.Low, e.Significant.High} {
		if !(p >= 0 && p <= 1) {
			return fmt.Errorf("probability %v", p)
		}
	}
	if len(c.Worlds) != worlds {
		return fmt.Errorf("%d worlds, others have %d", len(c.Worlds), worlds)
	}
	return nil
}
