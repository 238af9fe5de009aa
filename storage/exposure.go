package storage

import (
	"context"
	"database/sql"
	"slices"

	"comity"
)

// PutExposure stores an assessment as the current one, its point in the history and the lines of what changed, in one
// transaction. Its Revision must be the one after the current, else it is a Conflict: another process assessed in between,
// and the lines would tell the same change twice. System only.
func (s *Store) PutExposure(ctx context.Context, v comity.Viewer, e comity.Exposure, changes []comity.ExposureChange) error {
	if err := s.system(ctx, v, "PutExposure"); err != nil {
		return err
	}
	text, err := encode(e)
	if err != nil {
		return err
	}
	return s.write(ctx, v, "put exposure", string(e.Org), func(tx *sql.Tx) error {
		if err := stillThere(ctx, tx, e.Org); err != nil {
			return err
		}
		const current = `
			INSERT INTO exposures (org_id, revision, body)
			VALUES ($1, $2, $3)
			ON CONFLICT (org_id) DO UPDATE
			SET revision = excluded.revision, body = excluded.body
			WHERE exposures.revision = excluded.revision - 1`
		result, err := tx.ExecContext(ctx, current, string(e.Org), int64(e.Revision), text)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return comity.Errorf(comity.Conflict, "exposure of %s was assessed in between", e.Org)
		}
		const point = `
			INSERT INTO exposure_points (org_id, at, value, low, high, mean_loss)
			VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (org_id, at) DO UPDATE
			SET value = excluded.value, low = excluded.low, high = excluded.high, mean_loss = excluded.mean_loss`
		if _, err := tx.ExecContext(ctx, point, string(e.Org), unix(e.At), e.Significant.Value, e.Significant.Low, e.Significant.High, e.Loss.Mean); err != nil {
			return err
		}
		if err := keepDay(ctx, tx, e); err != nil {
			return err
		}
		return putExposureChanges(ctx, tx, changes)
	})
}

func putExposureChanges(ctx context.Context, tx *sql.Tx, changes []comity.ExposureChange) error {
	for _, c := range changes {
		text, err := encode(c)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO exposure_changes (org_id, at, body) VALUES ($1, $2, $3)`, string(c.Org), unix(c.At), text); err != nil {
			return err
		}
	}
	return nil
}

// Exposure returns an organisation's exposure as last assessed; NotFound until it is, and for everybody outside it.
func (s *Store) Exposure(ctx context.Context, v comity.Viewer, org comity.OrgID) (comity.Exposure, error) {
	s.note(ctx, v, "Exposure")
	if !v.SeesProfile(org) {
		return comity.Exposure{}, errNotFound
	}
	e, err := body[comity.Exposure](ctx, s.engine.Read, `SELECT body FROM exposures WHERE org_id = $1`, string(org))
	return e, s.known(err)
}

// ExposureHistory returns an organisation's last assessments, oldest first.
func (s *Store) ExposureHistory(ctx context.Context, v comity.Viewer, org comity.OrgID, limit int) ([]comity.ExposurePoint, error) {
	s.note(ctx, v, "ExposureHistory")
	if !v.SeesProfile(org) {
		return nil, errNotFound
	}
	limit, _ = page(limit, 0, 1000)
	const query = `
		SELECT at, value, low, high, mean_loss
		FROM exposure_points
		WHERE org_id = $1
		ORDER BY at DESC
		LIMIT $2`
	list, err := rows(ctx, s.engine.Read, func(r *sql.Rows) (comity.ExposurePoint, error) {
		var p comity.ExposurePoint
		var at int64
		err := r.Scan(&at, &p.Significant.Value, &p.Significant.Low, &p.Significant.High, &p.MeanLoss)
		p.At = fromUnix(at)
		return p, err
	}, query, string(org), limit)
	slices.Reverse(list)
	return list, s.known(err)
}

// ExposureChanges returns an organisation's last lines of what changed and why, newest first.
func (s *Store) ExposureChanges(ctx context.Context, v comity.Viewer, org comity.OrgID, limit int) ([]comity.ExposureChange, error) {
	s.note(ctx, v, "ExposureChanges")
	if !v.SeesProfile(org) {
		return nil, errNotFound
	}
	limit, _ = page(limit, 0, 1000)
	const query = `
		SELECT seq, body
		FROM exposure_changes
		WHERE org_id = $1
		ORDER BY seq DESC
		LIMIT $2`
	list, err := rows(ctx, s.engine.Read, func(r *sql.Rows) (comity.ExposureChange, error) {
		var seq int64
		var text string
		if err := r.Scan(&seq, &text); err != nil {
			return comity.ExposureChange{}, err
		}
		c, err := decode[comity.ExposureChange](text)
		c.Seq = seq
		return c, err
	}, query, string(org), limit)
	return list, s.known(err)
}
