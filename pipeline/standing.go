package pipeline

import (
	"context"
	"fmt"

	"comity"
	"comity/assess"
	"comity/match"
)

// Standing returns the headline of an organisation as of this moment: P(at least one significant incident in the next 12
// months), on all that it has entered, matched anew where the last assessment is older than the profile. It stores nothing,
// and costs about a tenth of an assessment. Only who sees the organisation's profile may ask; for everybody else the
// organisation is not found.
func (p *Pipeline) Standing(ctx context.Context, v comity.Viewer, org comity.OrgID) (comity.Estimate, error) {
	in, err := p.current(ctx, v, org)
	if err != nil {
		return comity.Estimate{}, err
	}
	if in.Matches, in.Threats, err = p.matchesNow(ctx, in); err != nil {
		return comity.Estimate{}, err
	}
	e, err := assess.Headline(in)
	if err != nil {
		return comity.Estimate{}, fmt.Errorf("standing: %w", err)
	}
	return e.Significant, nil
}

// matchesNow returns the matches of an input with their threats: as they are kept, or found anew if the last assessment
// was made on another profile.
func (p *Pipeline) matchesNow(ctx context.Context, in assess.Input) ([]comity.Match, map[comity.ThreatID]comity.Threat, error) {
	v := comity.System("standing: match what was entered")
	last, err := p.store.Exposure(ctx, v, in.Profile.Org)
	if err != nil && comity.KindOf(err) != comity.NotFound {
		return nil, nil, fmt.Errorf("read exposure: %w", err)
	}
	if err == nil && last.Profile == in.Profile.Revision {
		return in.Matches, in.Threats, nil
	}
	all, err := p.store.Matchable(ctx, v)
	if err != nil {
		return nil, nil, fmt.Errorf("read threats: %w", err)
	}
	found := match.New(in.Profile).FindIn(match.Prepare(all), in.Now)
	threats := map[comity.ThreatID]comity.Threat{}
	for _, m := range found {
		threats[m.Threat] = comity.Threat{}
	}
	for _, t := range all {
		if _, ok := threats[t.ID]; ok {
			threats[t.ID] = t
		}
	}
	return found, threats, nil
}
