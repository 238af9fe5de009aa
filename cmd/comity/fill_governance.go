package main

import (
	"context"
	"fmt"

	"comity/demo"
	"comity/governance"
)

// govern tells how the group governs itself: who leads it, its working groups and documents, each at the time of the
// story.
func (t *storyteller) govern(ctx context.Context, g demo.Governance) error {
	for _, term := range g.Terms {
		if err := t.store.PutTerm(ctx, t.viewer, term, "", g.Day.Time()); err != nil {
			return err
		}
	}
	for _, w := range g.WorkingGroups {
		if _, err := t.store.PutWorkingGroup(ctx, t.viewer, w); err != nil {
			return err
		}
	}
	for _, d := range g.Documents {
		if err := t.document(ctx, d); err != nil {
			return fmt.Errorf("%s: %w", d.Title, err)
		}
	}
	return nil
}

func (t *storyteller) document(ctx context.Context, d demo.Document) error {
	if _, err := t.store.PutDocument(ctx, t.viewer, d.Document, d.Revisions[0].Published); err != nil {
		return err
	}
	for _, r := range d.Revisions {
		draft, err := t.store.PutDocumentDraft(ctx, t.viewer, r)
		if err != nil {
			return err
		}
		if _, err := t.store.PublishDocument(ctx, t.viewer, d.ID, draft.Version, r.Effective, r.Published); err != nil {
			return err
		}
	}
	return nil
}

func (t *storyteller) procedure(ctx context.Context, p demo.Procedure) error {
	if _, err := t.store.OpenProcedure(ctx, t.viewer, p.Procedure, p.Opened); err != nil {
		return err
	}
	for _, said := range p.Positions {
		said.Procedure = p.ID
		if _, err := t.store.PutPosition(ctx, t.viewer, said, said.At); err != nil {
			return err
		}
	}
	if !p.Closes {
		return nil
	}
	_, err := t.store.CloseProcedure(ctx, t.viewer, p.ID, governance.Decide, p.Deadline)
	return err
}
