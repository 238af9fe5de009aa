package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"comity"
	"comity/governance"
)

// Decide says what the positions of the organisations that are entitled add up to.
type Decide = func(p comity.Procedure, entitled []comity.OrgID, positions []comity.Position) comity.Verdict

// Records is what the calendar needs of the store.
type Records interface {
	DueProcedures(ctx context.Context, v comity.Viewer, now time.Time) ([]comity.Procedure, error)
	CloseProcedure(ctx context.Context, v comity.Viewer, id comity.ProcedureID, decide Decide, now time.Time) (comity.Procedure, error)
	ApplyTerms(ctx context.Context, v comity.Viewer, day comity.Date) (int, error)
}

// Calendar does what falls due in the group's governance: it closes written procedures whose deadline has passed, and lets
// the co-chairs' terms begin and end. Any number of processes may run it: each thing is done once, in the store's
// transaction, whoever comes first.
type Calendar struct {
	Records Records
	Now     func() time.Time // the clock; UTC
	Log     *slog.Logger
}

// Run does what is due at once, after every change in the store that watch tells of, and every minute, until ctx ends.
func (c Calendar) Run(ctx context.Context, watch <-chan struct{}) {
	every := time.NewTicker(latest)
	defer every.Stop()
	for {
		if err := c.Do(ctx); err != nil && ctx.Err() == nil {
			c.Log.Error("jobs: calendar", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case _, ok := <-watch:
			if !ok {
				watch = nil // the store closed; ctx ends soon
			}
		case <-every.C:
		}
	}
}

// Do does what is due now. It goes on past a procedure that can't be closed, and returns the first error.
func (c Calendar) Do(ctx context.Context) error {
	now := c.Now()
	_, first := c.Records.ApplyTerms(ctx, comity.System("jobs: terms of co-chairs"), comity.DateOf(now))
	v := comity.System("jobs: deadlines of written procedures")
	due, err := c.Records.DueProcedures(ctx, v, now)
	if err != nil {
		return err
	}
	for _, p := range due {
		closed, err := c.Records.CloseProcedure(ctx, v, p.ID, governance.Decide, now)
		switch {
		case err == nil:
			c.Log.Info("jobs: procedure", "procedure", p.ID, "state", closed.State)
		case first == nil:
			first = fmt.Errorf("close %s: %w", p.ID, err)
		}
	}
	return first
}
