package storage

import (
	"context"
	"database/sql"

	"comity"
)

// PutKnowledge replaces ATT&CK: what mitigates what, and the techniques as threats, in one transaction. A document older
// than the last is Stale unless forced.
func (s *Store) PutKnowledge(ctx context.Context, v comity.Viewer, src comity.Source, k comity.Knowledge, techniques []comity.Threat, force bool) (comity.Delta, error) {
	if !v.TakesIn() {
		return comity.Delta{}, comity.Errorf(comity.Forbidden, "this role does not take in sources")
	}
	text, err := encode(k)
	if err != nil {
		return comity.Delta{}, err
	}
	var delta comity.Delta
	err = s.write(ctx, v, "put knowledge", string(src.ID), func(tx *sql.Tx) error {
		if err := checkSource(ctx, tx, src, force); err != nil {
			return err
		}
		var err error
		if delta, err = putThreats(ctx, tx, src, techniques, true); err != nil {
			return err
		}
		src.Delta = delta
		if err := putSource(ctx, tx, src); err != nil {
			return err
		}
		const query = `
			INSERT INTO knowledge (id, body)
			VALUES (1, $1)
			ON CONFLICT (id) DO UPDATE
			SET body = excluded.body`
		if _, err := tx.ExecContext(ctx, query, text); err != nil || delta.Empty() {
			return err
		}
		return change(ctx, tx, comity.ChangeKnowledge, "", k.Version)
	})
	if err != nil {
		return comity.Delta{}, err
	}
	return delta, nil
}

// Knowledge returns ATT&CK as it was last taken in; the zero Knowledge before any intake.
func (s *Store) Knowledge(ctx context.Context, v comity.Viewer) (comity.Knowledge, error) {
	s.note(ctx, v, "Knowledge")
	if !v.SignedIn() {
		return comity.Knowledge{}, errNotFound
	}
	k, err := body[comity.Knowledge](ctx, s.engine.Read, `SELECT body FROM knowledge`)
	if err == sql.ErrNoRows {
		return comity.Knowledge{}, nil
	}
	return k, s.known(err)
}
