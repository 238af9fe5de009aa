// Package jobs does what falls due: it fetches the documents of feeds on their schedules and has the pipeline take them
// in. It does not decide what a document means, and serves nothing.
//
// Any number of processes may run it on one database: a lease in the store keeps two of them from the same source. Read
// [Scheduler.Run] first, then [Scheduler.RunFeed].
package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"sync"
	"time"

	"comity"
	"comity/intake/fetch"
	"comity/pipeline"
)

// Store is what the scheduler needs of the store; *storage.Store satisfies it.
type Store interface {
	SourceStates(ctx context.Context, v comity.Viewer) ([]comity.SourceState, error)
	Source(ctx context.Context, v comity.Viewer, id comity.SourceID) (comity.Source, error)
}

// Pipeline is what the scheduler needs of the pipeline; *pipeline.Pipeline satisfies it.
type Pipeline interface {
	TakeIn(ctx context.Context, v comity.Viewer, src comity.SourceID, o pipeline.IntakeOptions, open pipeline.Opening) (comity.Run, error)
}

// Fetch reads a document at an address unless it is the one that is had already, by the one client that reaches out.
type Fetch func(ctx context.Context, address string, have fetch.Validators) (fetch.Answer, error)

// Options configure a scheduler. Store, Pipeline, Fetch and Now are required; Log defaults to discarding, Jitter to
// chance.
type Options struct {
	Store    Store
	Pipeline Pipeline
	Fetch    Fetch
	Now      func() time.Time // the clock; UTC
	Jitter   func() float64   // 0..1
	Log      *slog.Logger
}

const (
	atOnce  = 2           // feeds that one process runs together
	soonest = time.Second // between two looks at what is due
	latest  = time.Minute // until the next look, even if nothing is due: another process may have put something off
)

// Scheduler runs feeds when they are due.
type Scheduler struct {
	options Options
	ended   chan struct{} // capacity 1: a run ended, so that there is room for another

	mu   sync.Mutex
	busy map[comity.SourceID]bool // sources that this process runs; mu must be held
}

// New returns a scheduler.
func New(o Options) *Scheduler {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Jitter == nil {
		o.Jitter = rand.Float64
	}
	return &Scheduler{options: o, ended: make(chan struct{}, 1), busy: map[comity.SourceID]bool{}}
}

// Run runs what is due until ctx ends; watch tells that something in the store changed, such as a feed that somebody
// switched on. It returns once the runs under way have stopped.
func (s *Scheduler) Run(ctx context.Context, watch <-chan struct{}) {
	var running sync.WaitGroup
	defer running.Wait()
	for {
		timer := time.NewTimer(s.start(ctx, &running))
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case _, ok := <-watch:
			if !ok {
				watch = nil // the store closed; ctx ends soon
			}
		case <-s.ended:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// start begins what is due and has room, and returns after how long to look again.
func (s *Scheduler) start(ctx context.Context, running *sync.WaitGroup) time.Duration {
	states, err := s.options.Store.SourceStates(ctx, comity.System("jobs: what is due"))
	if err != nil {
		if ctx.Err() == nil {
			s.options.Log.Error("jobs: read feeds", "err", err)
		}
		return latest
	}
	now, wait := s.options.Now(), latest
	for _, state := range states {
		f := state.Feed
		switch {
		case f.Next.IsZero() || state.Running != nil && state.Running.Until.After(now):
		case !f.Due(now):
			wait = min(wait, f.Next.Sub(now))
		case s.reserve(f.Source):
			running.Go(func() { s.work(ctx, f) })
		}
	}
	return max(wait, soonest)
}

// reserve notes that a source is being run, if it is not and there is room.
func (s *Scheduler) reserve(id comity.SourceID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.busy[id] || len(s.busy) >= atOnce {
		return false
	}
	s.busy[id] = true
	return true
}

// work runs one feed, and turns a panic into a line of the log.
func (s *Scheduler) work(ctx context.Context, f comity.Feed) {
	defer func() {
		if r := recover(); r != nil {
			s.options.Log.Error("jobs: panic", "source", f.Source, "panic", r, "stack", string(debug.Stack()))
		}
		s.mu.Lock()
		delete(s.busy, f.Source)
		s.mu.Unlock()
		select {
		case s.ended <- struct{}{}:
		default:
		}
	}()
	cause := comity.CauseSchedule
	if f.Asked != "" {
		cause = comity.CausePerson
	}
	run, err := s.RunFeed(ctx, f, pipeline.IntakeOptions{Cause: cause, Person: f.Asked})
	switch {
	case err == nil:
		s.options.Log.Info("jobs: feed", "source", f.Source, "outcome", run.Outcome, "added", run.Delta.Added, "removed", run.Delta.Removed, "changed", run.Delta.Changed)
	case ctx.Err() != nil, comity.KindOf(err) == comity.Conflict && run.Number == 0: // stopped, or another process has it
	default:
		s.options.Log.Warn("jobs: feed", "source", f.Source, "err", err)
	}
}

// RunFeed fetches the document of a feed and takes it in, unless its server says that it is the one that is here. The
// options say why; how the feed goes on after it is set here. Errors are those of the fetch and of the pipeline's TakeIn,
// and Invalid for a feed without an address.
func (s *Scheduler) RunFeed(ctx context.Context, f comity.Feed, o pipeline.IntakeOptions) (comity.Run, error) {
	if f.Address == "" {
		return comity.Run{}, comity.Errorf(comity.Invalid, "the feed %s has no address: it takes in files only", f.Source)
	}
	v := comity.System("jobs: feed " + string(f.Source))
	var got fetch.Validators
	o.Fetched, o.TLP = true, f.TLP
	o.After = func(r comity.Run) comity.Feed {
		if ctx.Err() != nil { // told to stop: it is as due as before
			return f
		}
		next := f
		next.FeedState = f.After(r, s.options.Now(), s.options.Jitter())
		if r.Outcome.Well() {
			next.ETag, next.Modified, next.Hash = got.ETag, got.Modified, r.Hash
		}
		return next
	}
	return s.options.Pipeline.TakeIn(ctx, v, f.Source, o, func(ctx context.Context) (pipeline.Document, error) {
		have, err := s.have(ctx, v, f)
		if err != nil {
			return pipeline.Document{}, err
		}
		answer, err := s.options.Fetch(ctx, f.Address, have)
		if got = answer.Validators; err != nil || answer.Body == nil {
			return pipeline.Document{}, err
		}
		return pipeline.Document{Body: answer.Body}, nil
	})
}

// have returns the validators of the document that the feed brought last, if that is still the last of its source: a file
// may have been taken in since.
func (s *Scheduler) have(ctx context.Context, v comity.Viewer, f comity.Feed) (fetch.Validators, error) {
	src, err := s.options.Store.Source(ctx, v, f.Source)
	switch {
	case err != nil && comity.KindOf(err) != comity.NotFound:
		return fetch.Validators{}, fmt.Errorf("read source %s: %w", f.Source, err)
	case err != nil || f.Hash == "" || src.Hash != f.Hash:
		return fetch.Validators{}, nil
	}
	return fetch.Validators{ETag: f.ETag, Modified: f.Modified}, nil
}
