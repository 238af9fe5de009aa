package storage

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	"comity"
)

const feedColumns = `next_at, failures, asked_by, etag, modified, hash, revision, body`

func scanFeed(r interface{ Scan(...any) error }) (comity.Feed, error) {
	var next int64
	var state comity.FeedState
	var revision int
	var text string
	if err := r.Scan(&next, &state.Failures, &state.Asked, &state.ETag, &state.Modified, &state.Hash, &revision, &text); err != nil {
		return comity.Feed{}, err
	}
	f, err := decode[comity.Feed](text)
	state.Next = fromUnix(next)
	f.FeedState, f.Revision = state, revision
	return f, err
}

// Feeds lists the feeds that the viewer may know of: those that are well known first, in their order and whether stored
// or only offered, then those of the group's own by source. Addresses and who made them are for those who take in.
func (s *Store) Feeds(ctx context.Context, v comity.Viewer) ([]comity.Feed, error) {
	s.note(ctx, v, "Feeds")
	if !v.SignedIn() {
		return nil, errNotFound
	}
	stored, err := s.storedFeeds(ctx, v)
	if err != nil {
		return nil, s.known(err)
	}
	list := make([]comity.Feed, 0, len(stored)+len(comity.WellKnown))
	for _, f := range comity.WellKnown {
		if i := slices.IndexFunc(stored, func(s comity.Feed) bool { return s.Source == f.Source }); i >= 0 {
			f, stored = stored[i], slices.Delete(stored, i, i+1)
		}
		list = append(list, feedFor(v, f))
	}
	for _, f := range stored {
		list = append(list, feedFor(v, f))
	}
	return list, nil
}

func (s *Store) storedFeeds(ctx context.Context, v comity.Viewer) ([]comity.Feed, error) {
	var w where
	visibleFeeds(&w, v, "tlp")
	return rows(ctx, s.engine.Read, func(r *sql.Rows) (comity.Feed, error) { return scanFeed(r) },
		`SELECT `+feedColumns+` FROM feeds`+w.String()+` ORDER BY source`, w.args...)
}

// feedFor leaves out of a feed what is for those who take in.
func feedFor(v comity.Viewer, f comity.Feed) comity.Feed {
	if !v.TakesIn() {
		f.Address, f.By = "", ""
		f.FeedState = comity.FeedState{Next: f.Next, Failures: f.Failures}
	}
	return f
}

// Feed returns the feed of a source that the viewer may know of, stored or offered.
func (s *Store) Feed(ctx context.Context, v comity.Viewer, id comity.SourceID) (comity.Feed, error) {
	s.note(ctx, v, "Feed")
	f, err := feedIn(ctx, s.engine.Read, v, id)
	return feedFor(v, f), s.known(err)
}

func feedIn(ctx context.Context, q querier, v comity.Viewer, id comity.SourceID) (comity.Feed, error) {
	var w where
	w.and("source = ?", string(id))
	visibleFeeds(&w, v, "tlp")
	f, err := scanFeed(q.QueryRowContext(ctx, `SELECT `+feedColumns+` FROM feeds`+w.String(), w.args...))
	if err != sql.ErrNoRows {
		return f, err
	}
	var hidden int
	if err := q.QueryRowContext(ctx, `SELECT COUNT(*) FROM feeds WHERE source = $1`, string(id)).Scan(&hidden); err != nil {
		return f, err
	}
	if offered, ok := comity.WellKnownFeed(id); ok && hidden == 0 && v.SeesFeed(offered) {
		return offered, nil
	}
	return f, sql.ErrNoRows
}

// PutFeed creates a feed (Revision 0) or changes the one that was read at the revision that it names; if another change
// came in between, it is a Conflict. A feed that is switched on runs at once, and one whose address changed forgets what
// it knew of the document there. Its schedule is not for the caller to set.
func (s *Store) PutFeed(ctx context.Context, v comity.Viewer, f comity.Feed, now time.Time) (comity.Feed, error) {
	if !v.TakesIn() {
		return comity.Feed{}, errNotFound
	}
	f.Name = strings.TrimSpace(f.Name)
	if err := f.Check(); err != nil {
		return comity.Feed{}, err
	}
	err := s.write(ctx, v, "put feed", string(f.Source), func(tx *sql.Tx) error {
		old, err := feedIn(ctx, tx, v, f.Source)
		if err != nil && err != sql.ErrNoRows {
			return err
		}
		if old.Revision != f.Revision {
			return comity.Errorf(comity.Conflict, "the feed %s was changed in between: read it again", f.Source)
		}
		if f.Revision == 0 {
			f.Created, f.By = now.UTC().Truncate(time.Second), v.Person()
			if err := roomForFeed(ctx, tx); err != nil {
				return err
			}
		} else {
			f.Created, f.By = old.Created, old.By
		}
		f.FeedState = rescheduled(old, f, now)
		f.Revision++
		return putFeed(ctx, tx, f)
	})
	if err != nil {
		return comity.Feed{}, err
	}
	return f, nil
}

func roomForFeed(ctx context.Context, tx *sql.Tx) error {
	var n int
	if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM feeds`).Scan(&n); err != nil {
		return err
	}
	if n >= comity.MaxFeeds {
		return comity.Errorf(comity.TooMany, "there are %d feeds already", n)
	}
	return nil
}

// rescheduled returns where a feed stands after it was changed from old: a run that somebody asked for stays asked for,
// one that is switched on or changed in how it runs begins anew, and one without a schedule waits.
func rescheduled(old, f comity.Feed, now time.Time) comity.FeedState {
	state := old.FeedState
	if old.Address != f.Address {
		state = comity.FeedState{Next: state.Next, Asked: state.Asked}
	}
	switch same := old.Address == f.Address && old.Every == f.Every && old.Enabled == f.Enabled; {
	case f.Address == "":
		return comity.FeedState{}
	case state.Asked != "" || same && f.Revision > 0:
		return state
	case !f.Scheduled():
		state.Next = time.Time{}
	case old.Address == f.Address && old.Scheduled() && state.Failures == 0:
		state.Next = state.Next.Add(time.Duration(f.Every-old.Every) * time.Hour) // only the interval changed
	default:
		state.Next, state.Failures = now.UTC().Truncate(time.Second), 0
	}
	return state
}

func putFeed(ctx context.Context, tx *sql.Tx, f comity.Feed) error {
	text, err := encode(f)
	if err != nil {
		return err
	}
	const query = `
		INSERT INTO feeds (source, tlp, next_at, failures, asked_by, etag, modified, hash, revision, body)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (source) DO UPDATE
		SET tlp = excluded.tlp, next_at = excluded.next_at, failures = excluded.failures, asked_by = excluded.asked_by,
		    etag = excluded.etag, modified = excluded.modified, hash = excluded.hash, revision = excluded.revision, body = excluded.body`
	_, err = tx.ExecContext(ctx, query, string(f.Source), int64(f.TLP), unix(f.Next), int64(f.Failures), string(f.Asked), f.ETag,
		f.Modified, f.Hash, int64(f.Revision), text)
	return err
}

// putFeedState stores where a feed stands, unless it was changed since it was read.
func putFeedState(ctx context.Context, tx *sql.Tx, f comity.Feed) error {
	const query = `
		UPDATE feeds
		SET next_at = $2, failures = $3, asked_by = $4, etag = $5, modified = $6, hash = $7
		WHERE source = $1
		  AND revision = $8`
	_, err := tx.ExecContext(ctx, query, string(f.Source), unix(f.Next), int64(f.Failures), string(f.Asked), f.ETag, f.Modified, f.Hash,
		int64(f.Revision))
	return err
}

// DeleteFeed removes a feed at the revision that was read; a well-known one is offered again. What it brought stays, as
// do its runs.
func (s *Store) DeleteFeed(ctx context.Context, v comity.Viewer, id comity.SourceID, revision int) error {
	if !v.TakesIn() {
		return errNotFound
	}
	return s.write(ctx, v, "delete feed", string(id), func(tx *sql.Tx) error {
		old, err := feedIn(ctx, tx, v, id)
		switch {
		case err != nil:
			return err
		case old.Revision == 0:
			return errNotFound
		case old.Revision != revision:
			return comity.Errorf(comity.Conflict, "the feed %s was changed in between: read it again", id)
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM feeds WHERE source = $1`, string(id))
		return err
	})
}

// AskRun has a feed run as soon as some process has time for it, whether it is switched on or not. Asking again before it
// began changes nothing.
func (s *Store) AskRun(ctx context.Context, v comity.Viewer, id comity.SourceID, now time.Time) error {
	if !v.TakesIn() {
		return errNotFound
	}
	return s.write(ctx, v, "ask run", string(id), func(tx *sql.Tx) error {
		f, err := feedIn(ctx, tx, v, id)
		switch {
		case err != nil:
			return err
		case f.Revision == 0:
			return errNotFound
		case f.Address == "":
			return comity.Errorf(comity.Invalid, "the feed %s has no address: it takes in files only", id)
		case f.Asked != "" && f.Due(now):
			return errUnchanged
		}
		f.Next, f.Asked = now.UTC().Truncate(time.Second), v.Person()
		return putFeedState(ctx, tx, f)
	})
}
