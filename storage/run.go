package storage

import (
	"context"
	"database/sql"
	"time"

	"comity"
)

// brokeOff is what a run says whose program stopped before the run ended.
const brokeOff = "the program stopped before it was taken in"

// BeginRun takes the lease of a source and returns the run's number. Its error is Conflict while another run of the source
// holds it. A lease that ran out is taken over, and the run that let it go is recorded as failed.
func (s *Store) BeginRun(ctx context.Context, v comity.Viewer, r comity.Running) (int64, error) {
	if !v.TakesIn() {
		return 0, errNotFound
	}
	err := s.write(ctx, v, "begin run", string(r.Source), func(tx *sql.Tx) error {
		old, err := scanRunning(tx.QueryRowContext(ctx, `SELECT `+runningColumns+` FROM running WHERE source = $1`, string(r.Source)))
		switch {
		case err == nil && old.Until.After(r.Since):
			return comity.Errorf(comity.Conflict, "the source %s is being taken in since %s: wait until that has ended", r.Source, old.Since.Format("15:04 UTC"))
		case err == nil:
			lost := comity.Run{
				Number: old.Number, Source: old.Source, Started: old.Since, Ended: old.Until, Cause: old.Cause, Person: old.Person,
				Bytes: old.Bytes, Outcome: comity.RunFailed, Kind: comity.Unavailable.String(), Error: brokeOff,
			}
			if err := putRun(ctx, tx, lost); err != nil {
				return err
			}
		case err != sql.ErrNoRows:
			return err
		}
		if r.Number, err = nextRun(ctx, tx); err != nil {
			return err
		}
		const query = `
			INSERT INTO running (source, number, since_at, until_at, cause, person_id, bytes)
			VALUES ($1, $2, $3, $4, $5, $6, 0)
			ON CONFLICT (source) DO UPDATE
			SET number = excluded.number, since_at = excluded.since_at, until_at = excluded.until_at, cause = excluded.cause,
			    person_id = excluded.person_id, bytes = 0`
		_, err = tx.ExecContext(ctx, query, string(r.Source), r.Number, unix(r.Since), unix(r.Until), string(r.Cause), string(r.Person))
		return err
	})
	return r.Number, err
}

func nextRun(ctx context.Context, tx *sql.Tx) (n int64, err error) {
	const query = `
		SELECT MAX(number) + 1
		FROM (SELECT COALESCE(MAX(number), 0) AS number FROM runs UNION ALL SELECT COALESCE(MAX(number), 0) FROM running) AS known`
	return n, tx.QueryRowContext(ctx, query).Scan(&n)
}

const runningColumns = `source, number, since_at, until_at, cause, person_id, bytes`

func scanRunning(r interface{ Scan(...any) error }) (n comity.Running, err error) {
	var since, until int64
	err = r.Scan(&n.Source, &n.Number, &since, &until, &n.Cause, &n.Person, &n.Bytes)
	n.Since, n.Until = fromUnix(since), fromUnix(until)
	return n, err
}

// ExtendRun holds the lease until then, and tells how many bytes were read. Its error is Conflict if another run took
// the lease over. It is no change that anybody made: it is not in the audit log, and wakes nobody.
func (s *Store) ExtendRun(ctx context.Context, v comity.Viewer, number, bytes int64, until time.Time) error {
	if !v.TakesIn() {
		return errNotFound
	}
	const query = `
		UPDATE running
		SET until_at = $2, bytes = $3
		WHERE number = $1`
	result, err := s.engine.Write.ExecContext(ctx, query, number, unix(until), bytes)
	if err != nil {
		return s.known(err)
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return comity.Errorf(comity.Conflict, "run %d was taken over", number)
	}
	return nil
}

// EndRun gives the lease back and records the run. f is its feed as it stands now; nil, and a feed that was changed since
// it was read, leave the schedule as it is. A run that another one took over is recorded already: Conflict.
func (s *Store) EndRun(ctx context.Context, v comity.Viewer, r comity.Run, f *comity.Feed) error {
	if !v.TakesIn() {
		return errNotFound
	}
	return s.write(ctx, v, "end run", string(r.Source), func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `DELETE FROM running WHERE source = $1 AND number = $2`, string(r.Source), r.Number)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return comity.Errorf(comity.Conflict, "run %d was taken over", r.Number)
		}
		if err := putRun(ctx, tx, r); err != nil || f == nil {
			return err
		}
		return putFeedState(ctx, tx, *f)
	})
}

// putRun adds a run and drops those of its source that are more than what is kept.
func putRun(ctx context.Context, tx *sql.Tx, r comity.Run) error {
	text, err := encode(r)
	if err != nil {
		return err
	}
	const insert = `
		INSERT INTO runs (number, source, ended_at, outcome, body)
		VALUES ($1, $2, $3, $4, $5)`
	if _, err := tx.ExecContext(ctx, insert, r.Number, string(r.Source), unix(r.Ended), string(r.Outcome), text); err != nil {
		return err
	}
	const prune = `
		DELETE FROM runs
		WHERE source = $1
		  AND number <= (SELECT number FROM runs WHERE source = $1 ORDER BY number DESC LIMIT 1 OFFSET $2)`
	_, err = tx.ExecContext(ctx, prune, string(r.Source), int64(comity.KeptRuns))
	return err
}

// Runs lists the last runs of a source whose feed the viewer may know of, newest first. Who asked and what errors say is
// for those who take in.
func (s *Store) Runs(ctx context.Context, v comity.Viewer, id comity.SourceID, limit int) ([]comity.Run, error) {
	s.note(ctx, v, "Runs")
	var w where
	w.and("source = ?", string(id))
	visibleSource(&w, v, "runs.source")
	limit, _ = page(limit, 0, comity.KeptRuns)
	w.args = append(w.args, int64(limit))
	list, err := bodies[comity.Run](ctx, s.engine.Read, `SELECT body FROM runs`+w.String()+` ORDER BY number DESC LIMIT `+w.last(), w.args...)
	return runsFor(v, list), s.known(err)
}

func runsFor(v comity.Viewer, list []comity.Run) []comity.Run {
	if !v.TakesIn() {
		for i := range list {
			list[i].Person, list[i].Error = "", ""
		}
	}
	return list
}

// SourceStates lists every source that the viewer may know of with its feed, its document, its last run and the one
// under way: those with a feed first, as Feeds lists them, then those that only took in files.
func (s *Store) SourceStates(ctx context.Context, v comity.Viewer) ([]comity.SourceState, error) {
	feeds, err := s.Feeds(ctx, v)
	if err != nil {
		return nil, err
	}
	list := make([]comity.SourceState, 0, len(feeds))
	at := map[comity.SourceID]int{}
	of := func(id comity.SourceID) *comity.SourceState {
		i, ok := at[id]
		if !ok {
			i, at[id] = len(list), len(list)
			list = append(list, comity.SourceState{Feed: comity.Feed{Source: id}})
		}
		return &list[i]
	}
	for _, f := range feeds {
		of(f.Source).Feed = f
	}
	sources, err := s.Sources(ctx, v)
	if err != nil {
		return nil, err
	}
	for i, src := range sources {
		of(src.ID).Source = &sources[i]
	}
	if err := s.addRuns(ctx, v, of); err != nil {
		return nil, s.known(err)
	}
	return list, nil
}

// addRuns adds the last run of each source, when one last ended well, and the one under way.
func (s *Store) addRuns(ctx context.Context, v comity.Viewer, of func(comity.SourceID) *comity.SourceState) error {
	var w where
	w.and("number IN (SELECT MAX(number) FROM runs GROUP BY source)")
	visibleSource(&w, v, "runs.source")
	last, err := bodies[comity.Run](ctx, s.engine.Read, `SELECT body FROM runs`+w.String()+` ORDER BY source`, w.args...)
	if err != nil {
		return err
	}
	last = runsFor(v, last)
	for i, r := range last {
		of(r.Source).Last = &last[i]
	}
	if err := s.addWell(ctx, v, of); err != nil {
		return err
	}
	w = where{}
	visibleSource(&w, v, "running.source")
	running, err := rows(ctx, s.engine.Read, func(r *sql.Rows) (comity.Running, error) { return scanRunning(r) },
		`SELECT `+runningColumns+` FROM running`+w.String()+` ORDER BY source`, w.args...)
	for i, r := range running {
		if !v.TakesIn() {
			running[i].Person = ""
		}
		of(r.Source).Running = &running[i]
	}
	return err
}

func (s *Store) addWell(ctx context.Context, v comity.Viewer, of func(comity.SourceID) *comity.SourceState) error {
	type well struct {
		source comity.SourceID
		at     int64
	}
	var w where
	w.and("outcome IN ('done', 'unchanged')")
	visibleSource(&w, v, "runs.source")
	list, err := rows(ctx, s.engine.Read, func(r *sql.Rows) (n well, err error) { return n, r.Scan(&n.source, &n.at) },
		`SELECT source, MAX(ended_at) FROM runs`+w.String()+` GROUP BY source ORDER BY source`, w.args...)
	for _, n := range list {
		of(n.source).Well = fromUnix(n.at)
	}
	return err
}
