package storage

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"

	"comity"
)

// PutScores replaces the EPSS scores by those of a document, in one transaction, writing only what differs. Scores of
// another model than before are never compared with the old: all old ones count as removed and all new ones as added. A
// document older than the last is Stale unless forced.
func (s *Store) PutScores(ctx context.Context, v comity.Viewer, src comity.Source, scores []comity.EPSSScore, force bool) (comity.Delta, error) {
	if !v.TakesIn() {
		return comity.Delta{}, comity.Errorf(comity.Forbidden, "this role does not take in sources")
	}
	var delta comity.Delta
	err := s.write(ctx, v, "put scores", string(src.ID), func(tx *sql.Tx) error {
		if err := checkSource(ctx, tx, src, force); err != nil {
			return err
		}
		var err error
		if delta, err = putScores(ctx, tx, src, scores); err != nil {
			return err
		}
		src.Delta = delta
		if err := putSource(ctx, tx, src); err != nil || delta.Empty() {
			return err
		}
		return change(ctx, tx, comity.ChangeScores, "", src.Version)
	})
	if err != nil {
		return comity.Delta{}, err
	}
	return delta, nil
}

func putScores(ctx context.Context, tx *sql.Tx, src comity.Source, scores []comity.EPSSScore) (comity.Delta, error) {
	delta := comity.Delta{Total: len(scores)}
	var model string
	err := tx.QueryRowContext(ctx, `SELECT version FROM sources WHERE id = $1`, string(src.ID)).Scan(&model)
	if err != nil && err != sql.ErrNoRows {
		return delta, err
	}
	if model != src.Version {
		result, err := tx.ExecContext(ctx, `DELETE FROM scores`)
		if err != nil {
			return delta, err
		}
		n, err := result.RowsAffected()
		if err != nil {
			return delta, err
		}
		delta.Removed = int(n)
	}
	old, err := allScores(ctx, tx)
	if err != nil {
		return delta, err
	}
	differing := make([]comity.EPSSScore, 0, max(0, len(scores)-len(old)))
	seen := make(map[string]bool, len(scores))
	for _, score := range scores {
		if seen[score.CVE] {
			return delta, comity.Errorf(comity.Invalid, "%s has two scores", score.CVE)
		}
		seen[score.CVE] = true
		was, there := old[score.CVE]
		delete(old, score.CVE)
		switch now := [2]float64{score.Score, score.Percentile}; {
		case there && was == now:
			continue
		case there:
			delta.Changed++
		default:
			delta.Added++
		}
		differing = append(differing, score)
	}
	delta.Removed += len(old)
	if err := insertScores(ctx, tx, differing); err != nil {
		return delta, err
	}
	for some := range slices.Chunk(slices.Sorted(maps.Keys(old)), lookup) {
		var w where
		w.in("cve", some)
		if _, err := tx.ExecContext(ctx, `DELETE FROM scores`+w.String(), w.args...); err != nil {
			return delta, err
		}
	}
	return delta, nil
}

// batch is how many rows one statement stores. A round trip for each row is what a bulk intake into PostgreSQL waits for;
// SQLite's driver looks every placeholder up among all of the statement's, so that far more would be slower.
const batch = 150

func insertScores(ctx context.Context, tx *sql.Tx, scores []comity.EPSSScore) error {
	whole := len(scores) / batch * batch
	put, err := tx.PrepareContext(ctx, putScoresQuery(batch))
	if err != nil {
		return err
	}
	defer put.Close()
	for some := range slices.Chunk(scores[:whole], batch) {
		if _, err := put.ExecContext(ctx, scoreArgs(some)...); err != nil {
			return err
		}
	}
	if rest := scores[whole:]; len(rest) > 0 {
		_, err = tx.ExecContext(ctx, putScoresQuery(len(rest)), scoreArgs(rest)...)
	}
	return err
}

// putScoresQuery is the statement for n rows.
func putScoresQuery(n int) string {
	values := make([]string, n)
	for i := range values {
		values[i] = fmt.Sprintf("($%d, $%d, $%d)", 3*i+1, 3*i+2, 3*i+3)
	}
	return `
		INSERT INTO scores (cve, score, percentile)
		VALUES ` + strings.Join(values, ", ") + `
		ON CONFLICT (cve) DO UPDATE
		SET score = excluded.score, percentile = excluded.percentile`
}

func scoreArgs(scores []comity.EPSSScore) []any {
	args := make([]any, 0, 3*len(scores))
	for _, score := range scores {
		args = append(args, score.CVE, score.Score, score.Percentile)
	}
	return args
}

func allScores(ctx context.Context, tx *sql.Tx) (map[string][2]float64, error) {
	r, err := tx.QueryContext(ctx, `SELECT cve, score, percentile FROM scores`)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	old := map[string][2]float64{}
	for r.Next() {
		var cve string
		var score [2]float64
		if err := r.Scan(&cve, &score[0], &score[1]); err != nil {
			return nil, err
		}
		old[cve] = score
	}
	return old, r.Err()
}

// Scores returns the scores of these CVEs, where known.
func (s *Store) Scores(ctx context.Context, v comity.Viewer, cves []string) (map[string]comity.EPSSScore, error) {
	s.note(ctx, v, "Scores")
	if !v.SignedIn() {
		return nil, errNotFound
	}
	found, err := s.scores(ctx, cves)
	return found, s.known(err)
}

func (s *Store) scores(ctx context.Context, cves []string) (map[string]comity.EPSSScore, error) {
	found := map[string]comity.EPSSScore{}
	if len(cves) == 0 {
		return found, nil
	}
	var w where
	w.in("scores.cve", cves)
	w.and("sources.id = ?", string(comity.SourceEPSS))
	list, err := rows(ctx, s.engine.Read, func(r *sql.Rows) (comity.EPSSScore, error) {
		var score comity.EPSSScore
		var dated int64
		err := r.Scan(&score.CVE, &score.Score, &score.Percentile, &score.Model, &dated)
		score.Date = comity.DateOf(fromUnix(dated))
		return score, err
	}, `SELECT scores.cve, scores.score, scores.percentile, sources.version, sources.dated_at FROM scores, sources`+w.String(), w.args...)
	for _, score := range list {
		found[score.CVE] = score
	}
	return found, err
}
