package pipeline

import (
	"context"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"comity"
)

// Store is what the pipeline needs of the store. It is declared here, where it is used; *storage.Store satisfies it.
type Store interface {
	Group(ctx context.Context, v comity.Viewer) (comity.Group, error)
	Organizations(ctx context.Context, v comity.Viewer) ([]comity.Organization, error)

	PutThreats(ctx context.Context, v comity.Viewer, src comity.Source, threats []comity.Threat, o comity.PutThreatsOptions) (comity.Delta, error)
	PutRecords(ctx context.Context, v comity.Viewer, sources []comity.Source, records []comity.Record, force bool) ([]comity.Source, error)
	PutScores(ctx context.Context, v comity.Viewer, src comity.Source, scores []comity.EPSSScore, force bool) (comity.Delta, error)
	PutKnowledge(ctx context.Context, v comity.Viewer, src comity.Source, k comity.Knowledge, techniques []comity.Threat, force bool) (comity.Delta, error)
	PutSTIX(ctx context.Context, v comity.Viewer, src comity.Source, objects iter.Seq2[comity.STIXObject, error], refused []comity.STIXRefusal,
		actor func(received []byte, targets [][]byte) (*comity.Threat, error)) (comity.STIXIntake, error)
	Source(ctx context.Context, v comity.Viewer, id comity.SourceID) (comity.Source, error)
	BeginRun(ctx context.Context, v comity.Viewer, r comity.Running) (int64, error)
	ExtendRun(ctx context.Context, v comity.Viewer, number, bytes int64, until time.Time) error
	EndRun(ctx context.Context, v comity.Viewer, r comity.Run, f *comity.Feed) error
	Knowledge(ctx context.Context, v comity.Viewer) (comity.Knowledge, error)
	PutWarningLists(ctx context.Context, v comity.Viewer, src comity.Source, lists []comity.WarningList, o comity.PutWarningListsOptions) (comity.Delta, error)
	WarningListsWhole(ctx context.Context, v comity.Viewer, known string) (lists []comity.WarningList, mark string, err error)
	Matchable(ctx context.Context, v comity.Viewer) ([]comity.Threat, error)
	ThreatsByID(ctx context.Context, v comity.Viewer, ids []comity.ThreatID) (map[comity.ThreatID]comity.Threat, error)

	Profile(ctx context.Context, v comity.Viewer, org comity.OrgID) (comity.Profile, error)
	ProfileAt(ctx context.Context, v comity.Viewer, org comity.OrgID, revision int) (comity.Profile, error)
	Erased(ctx context.Context, v comity.Viewer, org comity.OrgID) (bool, error)
	EvidenceOf(ctx context.Context, v comity.Viewer, org comity.OrgID) ([]comity.Evidence, error)
	PutMatches(ctx context.Context, v comity.Viewer, org comity.OrgID, scope []comity.ThreatID, ms []comity.Match) (added, gone []comity.Match, err error)
	Matches(ctx context.Context, v comity.Viewer, org comity.OrgID, q comity.MatchQuery) (comity.MatchPage, error)
	Exposure(ctx context.Context, v comity.Viewer, org comity.OrgID) (comity.Exposure, error)
	ExposureOn(ctx context.Context, v comity.Viewer, org comity.OrgID, day comity.Date) (comity.Exposure, error)
	Forecasts(ctx context.Context, v comity.Viewer, org comity.OrgID, quarters int) ([]comity.Forecast, error)
	PutForecasts(ctx context.Context, v comity.Viewer, org comity.OrgID, forecasts []comity.Forecast) error
	PutExposure(ctx context.Context, v comity.Viewer, e comity.Exposure, changes []comity.ExposureChange) error

	AssessedBaselines(ctx context.Context, v comity.Viewer, org comity.OrgID) ([]comity.AssessedBaseline, error)

	CatalogueNumber(ctx context.Context, v comity.Viewer) (int, error)
	Catalogue(ctx context.Context, v comity.Viewer, number int) (comity.CatalogueVersion, error)
	PutCatalogue(ctx context.Context, v comity.Viewer, c comity.CatalogueVersion, draft int) error

	Changes(ctx context.Context, v comity.Viewer, after int64, limit int) ([]comity.Change, error)
	Cursor(ctx context.Context, v comity.Viewer, name string) (int64, error)
	SetCursor(ctx context.Context, v comity.Viewer, name string, seq int64) error

	Action(ctx context.Context, v comity.Viewer, id comity.ActionID) (comity.ActionItem, error)
	Actions(ctx context.Context, v comity.Viewer, q comity.ActionQuery) (comity.ActionPage, error)
	ProfileAsOf(ctx context.Context, v comity.Viewer, org comity.OrgID, at time.Time) (comity.Profile, error)
	PutActionEffect(ctx context.Context, v comity.Viewer, e comity.ActionEffect) error

	PutRelease(ctx context.Context, v comity.Viewer, r comity.Release) error
	Releases(ctx context.Context, v comity.Viewer, limit int) ([]comity.Release, error)
}

// Options configure a pipeline. Catalogue, Now and Entropy are required; Log defaults to discarding.
type Options struct {
	Catalogue comity.Catalogue // version 1 of a group that has none yet
	Now       func() time.Time // the clock; UTC
	Entropy   io.Reader        // for new identities and the public seeds of releases
	Log       *slog.Logger
}

// Pipeline runs the stages. It is safe for concurrent use; only one catch-up runs at a time in a process, and two
// processes that catch up at once do the same work twice, with the same result.
type Pipeline struct {
	store     Store
	catalogue atomic.Pointer[comity.CatalogueVersion] // in force at the last look, number 0 before any; never nil, never changed
	now       func() time.Time
	entropy   io.Reader
	log       *slog.Logger

	wake    chan struct{} // capacity 1: there is work
	catchup sync.Mutex    // held for one catch-up
	warned  preparedLists // the warning lists as they were last asked for
	effects keptEffects   // what measures would remove
}

// New returns a pipeline over this store.
func New(store Store, o Options) *Pipeline {
	log := o.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	p := &Pipeline{
		store: store, now: o.Now, entropy: o.Entropy, log: log,
		wake: make(chan struct{}, 1),
	}
	p.catalogue.Store(&comity.CatalogueVersion{Catalogue: o.Catalogue})
	return p
}

// Wake says that there may be work. It never blocks.
func (p *Pipeline) Wake() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// retryAfter is how long Run waits after an error before it tries again.
const retryAfter = 2 * time.Second

// Run catches up at once, then whenever watch or Wake says that something arrived, and every hour for what time alone
// changes: decay of intelligence, and releases that fall due. It returns when ctx ends. Errors are logged and tried
// again; the cursor makes that safe.
func (p *Pipeline) Run(ctx context.Context, watch <-chan struct{}) error {
	hourly := time.NewTicker(time.Hour)
	defer hourly.Stop()
	for {
		if err := p.turn(ctx); err != nil && ctx.Err() == nil {
			p.log.Error("pipeline: catch up", "err", err)
			time.AfterFunc(retryAfter, p.Wake)
		}
		select {
		case <-ctx.Done():
			return nil
		case _, ok := <-watch:
			if !ok {
				watch = nil // the store closed; ctx ends soon
			}
		case <-p.wake:
		case <-hourly.C:
		}
	}
}

// turn does one round of work and turns a panic in it into an error, so that one bad document can't stop the server.
func (p *Pipeline) turn(ctx context.Context) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	if err := p.CatchUp(ctx); err != nil {
		return err
	}
	if err := p.KeepForecasts(ctx); err != nil {
		return err
	}
	return p.PublishDue(ctx)
}

// entropyOf reads fresh random bytes for an identity.
func (p *Pipeline) freshEntropy() (comity.Entropy, error) {
	var e comity.Entropy
	if _, err := io.ReadFull(p.entropy, e[:]); err != nil {
		return e, fmt.Errorf("read entropy: %w", err)
	}
	return e, nil
}
