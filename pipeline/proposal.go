package pipeline

import (
	"context"
	"fmt"

	"comity"
	"comity/assess/proposal"
)

// Proposals returns how far the mitigations of ATT&CK seem to be in place in an organisation, derived from what it answers
// to the baselines in force. It stores nothing. It is NotFound for everybody outside the organisation.
func (p *Pipeline) Proposals(ctx context.Context, v comity.Viewer, org comity.OrgID) ([]comity.CoverageProposal, error) {
	heads, err := p.store.BaselinesInForce(ctx, v)
	if err != nil {
		return nil, fmt.Errorf("read baselines: %w", err)
	}
	var assessed []proposal.Assessed
	for _, h := range heads {
		if h.Framework != comity.FrameworkSP80053 {
			continue // its controls have no pairs
		}
		answers, err := p.store.BaselineAnswers(ctx, v, org, h.ID, 0)
		if err != nil {
			return nil, fmt.Errorf("read answers of %s: %w", org, err)
		}
		b, err := p.store.Baseline(ctx, v, h.ID, h.InForce)
		if err != nil {
			return nil, fmt.Errorf("read baseline %s: %w", h.ID, err)
		}
		assessed = append(assessed, proposal.Assessed{Baseline: b, Assessment: answers})
	}
	k, err := p.store.Knowledge(ctx, v)
	if err != nil {
		return nil, fmt.Errorf("read ATT&CK: %w", err)
	}
	return proposal.Propose(k, assessed)
}
