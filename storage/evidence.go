package storage

import (
	"context"
	"database/sql"
	"time"

	"comity"
)

// PutEvidence records an item of evidence. An identity that is there already is a Conflict: evidence is never changed,
// it is retracted.
func (s *Store) PutEvidence(ctx context.Context, v comity.Viewer, e comity.Evidence) error {
	if !v.EditsProfile(e.Org) {
		return errNotFound
	}
	text, err := encode(e)
	if err != nil {
		return err
	}
	return s.write(ctx, v, "put evidence", string(e.ID), func(tx *sql.Tx) error {
		if err := entered(ctx, tx, e.Org); err != nil {
			return err
		}
		const query = `
			INSERT INTO evidence (id, org_id, body)
			VALUES ($1, $2, $3)`
		if _, err := tx.ExecContext(ctx, query, string(e.ID), string(e.Org), text); err != nil {
			return err
		}
		return change(ctx, tx, comity.ChangeEvidence, e.Org, string(e.ID))
	})
}

// Evidence returns one item of the viewer's own organisation.
func (s *Store) Evidence(ctx context.Context, v comity.Viewer, id comity.EvidenceID) (comity.Evidence, error) {
	s.note(ctx, v, "Evidence")
	e, err := ownEvidence(ctx, s.engine.Read, v, id)
	return e, s.known(err)
}

func ownEvidence(ctx context.Context, q querier, v comity.Viewer, id comity.EvidenceID) (comity.Evidence, error) {
	var w where
	w.and("id = ?", string(id))
	ownOnly(&w, v, "org_id")
	return body[comity.Evidence](ctx, q, `SELECT body FROM evidence`+w.String(), w.args...)
}

// EvidenceOf lists an organisation's evidence by ascending identity, retracted items included.
func (s *Store) EvidenceOf(ctx context.Context, v comity.Viewer, org comity.OrgID) ([]comity.Evidence, error) {
	s.note(ctx, v, "EvidenceOf")
	if !v.SeesProfile(org) {
		return nil, errNotFound
	}
	const query = `
		SELECT body
		FROM evidence
		WHERE org_id = $1
		ORDER BY id`
	list, err := bodies[comity.Evidence](ctx, s.engine.Read, query, string(org))
	return list, s.known(err)
}

// RetractEvidence takes an item back; one that is retracted stays as it is.
func (s *Store) RetractEvidence(ctx context.Context, v comity.Viewer, id comity.EvidenceID, now time.Time) error {
	return s.write(ctx, v, "retract evidence", string(id), func(tx *sql.Tx) error {
		e, err := ownEvidence(ctx, tx, v, id)
		if err != nil {
			return err
		}
		if !v.EditsProfile(e.Org) {
			return errNotFound
		}
		if e.Retracted != nil {
			return errUnchanged
		}
		at := now.UTC().Truncate(time.Second)
		e.Retracted = &at
		text, err := encode(e)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE evidence SET body = $1 WHERE id = $2`, text, string(id)); err != nil {
			return err
		}
		return change(ctx, tx, comity.ChangeEvidence, e.Org, string(id))
	})
}
