package pipeline

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"comity"
)

const (
	lease     = 90 * time.Second // how long a source stays ours when nothing is heard of us
	heartbeat = 3 * time.Second  // how often that is put off, and the bytes read are told
	farewell  = 5 * time.Second  // for recording how a run ended, even where everything else was told to stop
)

// Document is what an intake reads. The zero Document, without a body, says that the source has nothing newer than what
// is here.
type Document struct {
	Body io.Reader // closed after it was read, if it is an io.Closer
}

// Opening opens a document, for example by fetching it.
type Opening func(ctx context.Context) (Document, error)

// TakeIn opens and takes in one document of a source as Intake does, and records the run: when and why, how much was
// read, what it changed, or what was wrong and where. While it lasts no other process takes in the same source.
func (p *Pipeline) TakeIn(ctx context.Context, v comity.Viewer, src comity.SourceID, o IntakeOptions, open Opening) (comity.Run, error) {
	if !v.TakesIn() {
		return comity.Run{}, comity.Errorf(comity.Forbidden, "only co-chairs and the secretariat take in sources")
	}
	read, err := p.readerOf(src, o.Format)
	if err != nil {
		return comity.Run{}, err
	}
	run, err := p.begin(ctx, v, src, o)
	if err != nil {
		return run, err
	}
	t := &taking{pipeline: p, viewer: v, run: run, options: o, open: open, read: read}
	err = t.do(ctx)
	return t.run, t.end(ctx, err)
}

// begin takes the lease.
func (p *Pipeline) begin(ctx context.Context, v comity.Viewer, src comity.SourceID, o IntakeOptions) (comity.Run, error) {
	now := p.now().UTC().Truncate(time.Second)
	run := comity.Run{Source: src, Started: now, Cause: o.Cause, Person: o.Person, Fetched: o.Fetched}
	if run.Person == "" {
		run.Person = v.Person()
	}
	if run.Cause == "" {
		run.Cause = comity.CausePerson
		if run.Person == "" {
			run.Cause = comity.CauseCommand
		}
	}
	var err error
	run.Number, err = p.store.BeginRun(ctx, v, comity.Running{
		Source: src, Since: now, Until: now.Add(lease), Cause: run.Cause, Person: run.Person,
	})
	return run, err
}

// taking is one run under way.
type taking struct {
	pipeline *Pipeline
	viewer   comity.Viewer
	options  IntakeOptions
	open     Opening
	read     reader
	run      comity.Run
	bytes    atomic.Int64
}

// do opens and reads the document while the lease is kept.
func (t *taking) do(ctx context.Context) (err error) {
	ctx, stop := context.WithCancel(ctx)
	var kept sync.WaitGroup
	kept.Go(func() { t.keep(ctx, stop) })
	defer kept.Wait()
	defer stop()
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("take in %s: panic: %v\n%s", t.run.Source, r, debug.Stack())
		}
	}()
	doc, err := t.open(ctx)
	if err != nil {
		return err
	}
	if closer, ok := doc.Body.(io.Closer); ok {
		defer closer.Close()
	}
	t.run.Outcome = comity.RunUnchanged
	if doc.Body == nil {
		return nil
	}
	t.run.Delta, err = t.read(ctx, t.viewer, &counted{doc.Body, &t.bytes}, t.options)
	if err == nil && !t.run.Delta.Empty() {
		t.run.Outcome = comity.RunDone
	}
	return err
}

// keep puts the end of the lease off until ctx ends, and stops everything once another process took it over.
func (t *taking) keep(ctx context.Context, stop func()) {
	ticker := time.NewTicker(heartbeat)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		err := t.pipeline.store.ExtendRun(ctx, t.viewer, t.run.Number, t.bytes.Load(), t.pipeline.now().Add(lease))
		if err != nil && comity.KindOf(err) == comity.Conflict {
			stop()
			return
		}
	}
}

// end records how the run ended and returns its error.
func (t *taking) end(ctx context.Context, failure error) error {
	stopped := ctx.Err() != nil
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	p := t.pipeline
	t.run.Ended, t.run.Bytes = p.now().UTC().Truncate(time.Second), t.bytes.Load()
	if failure != nil {
		if stopped {
			failure = comity.Errorf(comity.Unavailable, "it was stopped before it ended: %w", failure)
		}
		t.run.Fail(failure)
		t.run.Delta = comity.Delta{}
	} else if src, err := p.store.Source(ctx, t.viewer, t.run.Source); err == nil {
		t.run.Version, t.run.Hash, t.run.Delta.Total = src.Version, src.Hash, cmp.Or(t.run.Delta.Total, src.Delta.Total)
	}
	var feed *comity.Feed
	if t.options.After != nil {
		next := t.options.After(t.run)
		feed = &next
	}
	if err := p.store.EndRun(ctx, t.viewer, t.run, feed); err != nil {
		p.log.Warn("pipeline: record run", "source", t.run.Source, "number", t.run.Number, "err", err)
	}
	if failure == nil && t.run.Outcome == comity.RunDone {
		p.Wake()
	}
	return failure
}

// counted counts what is read of a document.
type counted struct {
	r io.Reader
	n *atomic.Int64
}

// Read implements io.Reader.
func (c *counted) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n.Add(int64(n))
	return n, err
}
