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
	assessed, err := p.store.AssessedBaselines(ctx, v, org)
	if err != nil {
		return nil, fmt.Errorf("read answers of %s to baselines: %w", org, err)
	}
	k, err := p.store.Knowledge(ctx, v)
	if err != nil {
		return nil, fmt.Errorf("read ATT&CK: %w", err)
	}
	return proposal.Propose(k, assessed)
}
