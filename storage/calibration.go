package storage

import (
	"context"
	"database/sql"

	"comity"
)

// keptRounds is how many rounds of a person are kept: the oldest goes.
const keptRounds = 50

// PutCalibrationRound keeps a round of the viewer's own warm-up under the next number, and returns it.
func (s *Store) PutCalibrationRound(ctx context.Context, v comity.Viewer, r comity.CalibrationRound) (comity.CalibrationRound, error) {
	if v.Person() == "" {
		return r, errNotFound
	}
	r.Person = v.Person()
	err := s.write(ctx, v, "put calibration round", "", func(tx *sql.Tx) error {
		const last = `SELECT COALESCE(MAX(number), 0) FROM calibration_rounds WHERE person_id = $1`
		if err := tx.QueryRowContext(ctx, last, string(r.Person)).Scan(&r.Number); err != nil {
			return err
		}
		r.Number++
		text, err := encode(r)
		if err != nil {
			return err
		}
		const query = `INSERT INTO calibration_rounds (person_id, number, at, body) VALUES ($1, $2, $3, $4)`
		if _, err := tx.ExecContext(ctx, query, string(r.Person), int64(r.Number), unix(r.At), text); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM calibration_rounds WHERE person_id = $1 AND number <= $2`, string(r.Person), int64(r.Number-keptRounds))
		return err
	})
	return r, err
}

// CalibrationRounds lists the viewer's own rounds, newest first, at most 50. Nobody reads those of another.
func (s *Store) CalibrationRounds(ctx context.Context, v comity.Viewer) ([]comity.CalibrationRound, error) {
	if v.Person() == "" {
		return nil, errNotFound
	}
	const query = `
		SELECT body
		FROM calibration_rounds
		WHERE person_id = $1
		ORDER BY number DESC`
	list, err := bodies[comity.CalibrationRound](ctx, s.engine.Read, query, string(v.Person()))
	return list, s.known(err)
}

// DeleteCalibrationRounds forgets the viewer's own rounds.
func (s *Store) DeleteCalibrationRounds(ctx context.Context, v comity.Viewer) error {
	if v.Person() == "" {
		return errNotFound
	}
	return s.write(ctx, v, "delete calibration rounds", "", func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM calibration_rounds WHERE person_id = $1`, string(v.Person()))
		return err
	})
}
