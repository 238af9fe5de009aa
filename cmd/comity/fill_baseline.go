package main

import (
	"context"

	"comity"
	"comity/demo"
)

// baselines puts the baselines of the story in force, with the assessor's first look at them.
func (t *storyteller) baselines(ctx context.Context, seed uint64) error {
	for _, b := range t.facts.Baselines(seed) {
		if _, err := t.store.PutBaseline(ctx, t.viewer, b, true, t.clock()); err != nil {
			return err
		}
	}
	return t.answers(ctx, seed, demo.FirstRound, comity.DateOf(t.clock()))
}

// answers lets the assessor answer every baseline.
func (t *storyteller) answers(ctx context.Context, seed uint64, round demo.Round, day comity.Date) error {
	org := demo.OrganizationID(seed, demo.Assessor)
	for _, b := range t.facts.Baselines(seed) {
		before, err := t.store.BaselineAnswers(ctx, t.viewer, org, b.ID, 0)
		if err != nil {
			return err
		}
		if _, err := t.store.PutBaselineAnswers(ctx, t.viewer, org, b.ID, before.Revision, demo.Answers(b, round, day), t.clock()); err != nil {
			return err
		}
	}
	return nil
}
