package jobs

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"comity"
)

// records are open procedures with deadlines, of which one may be broken.
type records struct {
	open   map[comity.ProcedureID]time.Time
	broken comity.ProcedureID
	closed []comity.ProcedureID
	days   []comity.Date
}

func (r *records) DueProcedures(_ context.Context, _ comity.Viewer, now time.Time) (due []comity.Procedure, _ error) {
	for id, at := range r.open {
		if !at.After(now) {
			due = append(due, comity.Procedure{ID: id})
		}
	}
	slices.SortFunc(due, func(a, b comity.Procedure) int { return r.open[a.ID].Compare(r.open[b.ID]) })
	return due, nil
}

func (r *records) CloseProcedure(_ context.Context, _ comity.Viewer, id comity.ProcedureID, decide Decide, _ time.Time) (comity.Procedure, error) {
	if id == r.broken {
		return comity.Procedure{}, errors.New("broken")
	}
	if !decide(comity.Procedure{Kind: comity.ProcedureSilence}, nil, nil).Carried {
		return comity.Procedure{}, errors.New("silence does not adopt")
	}
	delete(r.open, id)
	r.closed = append(r.closed, id)
	return comity.Procedure{ID: id, State: comity.ProcedureAdopted}, nil
}

func (r *records) ApplyTerms(_ context.Context, _ comity.Viewer, day comity.Date) (int, error) {
	r.days = append(r.days, day)
	return 0, nil
}

func TestCalendar(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		r := &records{open: map[comity.ProcedureID]time.Time{"now": start, "soon": start.Add(90 * time.Second), "far": start.Add(time.Hour)}}
		c := Calendar{Records: r, Now: time.Now, Log: slog.New(slog.DiscardHandler)}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); c.Run(ctx, nil) }()
		synctest.Wait()
		if !slices.Equal(r.closed, []comity.ProcedureID{"now"}) {
			t.Errorf("at once: %v", r.closed)
		}
		time.Sleep(3 * time.Minute)
		synctest.Wait()
		if !slices.Equal(r.closed, []comity.ProcedureID{"now", "soon"}) || len(r.days) < 3 || r.days[0] != comity.DateOf(start) {
			t.Errorf("after three minutes: %v, %v", r.closed, r.days)
		}
		cancel()
		<-done
	})
}

// TestCalendarGoesOn past what can't be closed, and tells of it.
func TestCalendarGoesOn(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	r := &records{open: map[comity.ProcedureID]time.Time{"a": now.Add(-time.Hour), "b": now}, broken: "a"}
	c := Calendar{Records: r, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)}
	if err := c.Do(t.Context()); err == nil || !slices.Equal(r.closed, []comity.ProcedureID{"b"}) {
		t.Errorf("got %v, closed %v", err, r.closed)
	}
}
