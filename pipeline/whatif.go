package pipeline

import (
	"context"
	"fmt"
	"time"

	"comity"
	"comity/assess"
)

// WhatIf assesses an organisation as it is and as it would be after a change, on the same luck. It stores nothing. Only
// who sees the organisation's profile may ask; for everybody else the organisation is not found.
func (p *Pipeline) WhatIf(ctx context.Context, v comity.Viewer, org comity.OrgID, w comity.WhatIf) (before, after comity.Exposure, err error) {
	in, err := p.current(ctx, v, org)
	if err != nil {
		return before, after, err
	}
	tried, err := assess.Try(in, w)
	if err != nil {
		return before, after, err
	}
	if before, err = assess.Assess(in); err != nil {
		return before, after, fmt.Errorf("what if: as it is: %w", err)
	}
	if after, err = assess.Assess(tried); err != nil {
		return before, after, fmt.Errorf("what if: as it would be: %w", err)
	}
	return before, after, nil
}

// Improvements ranks the single steps that an organisation could take by what they would remove of its exposure today.
// Only who sees the organisation's profile may ask.
func (p *Pipeline) Improvements(ctx context.Context, v comity.Viewer, org comity.OrgID) ([]comity.Improvement, error) {
	in, err := p.current(ctx, v, org)
	if err != nil {
		return nil, err
	}
	return assess.Rank(in)
}

// current reads what an assessment of an organisation rests on now.
func (p *Pipeline) current(ctx context.Context, v comity.Viewer, org comity.OrgID) (assess.Input, error) {
	if !v.SeesProfile(org) {
		return assess.Input{}, comity.Errorf(comity.NotFound, "not found")
	}
	if err := p.Refresh(ctx); err != nil {
		return assess.Input{}, err
	}
	v = comity.System("what if: read all that an assessment rests on") // a person's pages of matches are bounded
	profile, err := p.store.Profile(ctx, v, org)
	if err != nil {
		return assess.Input{}, fmt.Errorf("read profile: %w", err)
	}
	knowledge, err := p.store.Knowledge(ctx, v)
	if err != nil {
		return assess.Input{}, fmt.Errorf("read ATT&CK: %w", err)
	}
	return p.input(ctx, v, profile, &world{knowledge: knowledge, catalogue: p.Catalogue(), now: p.now().UTC().Truncate(time.Second)})
}
