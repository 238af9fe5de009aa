package assess

import (
	"math"

	"comity"
)

// validate refuses what no figure can be computed from, naming the place. What it lets pass is finite and in range.
// Evidence that was retracted, and evidence or scope that names a scenario which the catalogue no longer has, is not
// looked at.
func (in Input) validate() error {
	if err := validateCatalogue(in.Catalogue); err != nil {
		return err
	}
	if err := validateProfile(in.Profile); err != nil {
		return err
	}
	for _, e := range in.Evidence {
		if e.Retracted != nil {
			continue
		}
		if err := validateEvidence(e); err != nil {
			return err
		}
	}
	for _, m := range in.Matches {
		if !within(m.Exposed, 0, 1) {
			return comity.Errorf(comity.Invalid, "match %s: exposed %v is not within 0..1", m.ID, m.Exposed)
		}
	}
	for id, t := range in.Threats {
		if v := t.Vulnerability; v != nil && v.EPSS != nil && !within(v.EPSS.Score, 0, 1) {
			return comity.Errorf(comity.Invalid, "threat %s: EPSS score %v is not within 0..1", id, v.EPSS.Score)
		}
	}
	if in.Draws < 0 || in.Draws > maxDraws {
		return comity.Errorf(comity.Invalid, "draws %d: want 0 to %d", in.Draws, maxDraws)
	}
	return nil
}

// within is false for what is not a number.
func within(x, lo, hi float64) bool { return x >= lo && x <= hi }

// Bounds of what is taken as money and as a rate, so that no square or sum of them overflows.
const (
	maxMoney = 1e18
	maxRate  = 1e6
)

func validateCatalogue(c comity.Catalogue) error {
	seen := map[comity.ScenarioID]bool{}
	for _, s := range c.Scenarios {
		if s.ID == "" || seen[s.ID] {
			return comity.Errorf(comity.Invalid, "catalogue: scenario %q has no name of its own", s.ID)
		}
		seen[s.ID] = true
		if err := validateScenario(s); err != nil {
			return err
		}
	}
	for code, e := range c.Strength {
		if !within(e, 0, 1) {
			return comity.Errorf(comity.Invalid, "catalogue: strength of %s: %v is not within 0..1", code, e)
		}
	}
	if !within(c.Tolerance, 0, maxMoney) {
		return comity.Errorf(comity.Invalid, "catalogue: tolerance %v is not a sum of money", c.Tolerance)
	}
	return validateBands("catalogue", c.Bands)
}

func validateScenario(s comity.Scenario) error {
	if !(s.Rate.Low > 0 && s.Rate.High > s.Rate.Low && s.Rate.High <= maxRate) {
		return comity.Errorf(comity.Invalid, "catalogue: scenario %s: rate %v to %v: want 0 < low < high", s.ID, s.Rate.Low, s.Rate.High)
	}
	for _, st := range s.Path {
		sum := 0.0
		for _, t := range st.Techniques {
			if !within(t.Share, 0, 1) {
				return comity.Errorf(comity.Invalid, "catalogue: scenario %s: share of %s: %v is not within 0..1", s.ID, t.Technique, t.Share)
			}
			sum += t.Share
		}
		if math.Abs(sum-1) > 1e-9 {
			return comity.Errorf(comity.Invalid, "catalogue: scenario %s: shares of stage %s sum to %v, not 1", s.ID, st.Name, sum)
		}
	}
	return nil
}

func validateBands(where string, b comity.BandTable) error {
	for l, row := range b {
		for a, i := range row {
			none := i.Low == 0 && i.High == 0
			if !none && !(i.Low >= 1e-6 && i.High > i.Low && i.High <= maxMoney) {
				return comity.Errorf(comity.Invalid, "%s: band %d, %s: %v to %v: want 0 < low < high, or 0 to 0 for no loss",
					where, l+1, comity.Area(a), i.Low, i.High)
			}
		}
	}
	return nil
}

func validateProfile(p comity.Profile) error {
	for _, s := range p.Services {
		for i, c := range s.Criticality {
			if c < 0 || c > 4 {
				return comity.Errorf(comity.Invalid, "service %q: criticality %d for %s is not within 0..4", s.Name, c, comity.Property(i))
			}
		}
		if s.Level != comity.LevelStrategic && s.Level != comity.LevelOperational {
			return comity.Errorf(comity.Invalid, "service %q: unknown level %q", s.Name, s.Level)
		}
	}
	for code, k := range p.Coverage {
		if !within(k, 0, 1) {
			return comity.Errorf(comity.Invalid, "coverage of %s: %v is not within 0..1", code, k)
		}
	}
	for _, s := range p.Suppliers {
		if !within(s.Dependence, 0, 1) {
			return comity.Errorf(comity.Invalid, "supplier %q: dependence %v is not within 0..1", s.Name, s.Dependence)
		}
	}
	if !within(p.Tolerance, 0, maxMoney) {
		return comity.Errorf(comity.Invalid, "tolerance %v is not a sum of money", p.Tolerance)
	}
	if p.Bands == nil {
		return nil
	}
	return validateBands("profile", *p.Bands)
}

func validateEvidence(e comity.Evidence) error {
	place := func(what string, x any) error {
		return comity.Errorf(comity.Invalid, "evidence %s: %s %v is out of range", e.ID, what, x)
	}
	switch e.Kind {
	case comity.EvidenceReport:
		switch {
		case !within(e.Multiplier, 1e-3, 1e3):
			return place("multiplier", e.Multiplier)
		case !within(e.HalfLife, 1e-3, 1e6):
			return place("half-life", e.HalfLife)
		case !within(e.Confidence, 0, 1):
			return place("confidence", e.Confidence)
		}
		return nil
	case comity.EvidenceIncident, comity.EvidenceAttempt, comity.EvidencePeer:
	default:
		return comity.Errorf(comity.Invalid, "evidence %s: unknown kind %q", e.ID, e.Kind)
	}
	switch {
	case e.Count < 0 || e.Count > maxRate:
		return place("count", e.Count)
	case !within(e.Weight, 0, 1), e.Kind == comity.EvidencePeer && e.Weight > 0.5:
		return place("weight", e.Weight)
	case !within(e.Susceptibility, 0, 1):
		return place("susceptibility", e.Susceptibility)
	case e.To.Before(e.From):
		return comity.Errorf(comity.Invalid, "evidence %s: observed from %s to %s", e.ID, e.From, e.To)
	}
	return nil
}
