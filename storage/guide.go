package storage

import (
	"context"
	"database/sql"
	"slices"

	"comity"
)

// PutGuideMark keeps what became of a step of the guided path, instead of what was kept before. It is NotFound for
// everybody who may not change the organisation's profile, and for a step that there is not.
func (s *Store) PutGuideMark(ctx context.Context, v comity.Viewer, m comity.GuideMark) error {
	if !v.EditsProfile(m.Org) || !slices.Contains(comity.GuideSteps, m.Step) {
		return errNotFound
	}
	text, err := encode(m)
	if err != nil {
		return err
	}
	return s.write(ctx, v, "put guide step", string(m.Org), func(tx *sql.Tx) error {
		if err := entered(ctx, tx, m.Org); err != nil {
			return err
		}
		const query = `
			INSERT INTO guide_marks (org_id, step, at, body)
			VALUES ($1, $2, $3, $4)
			ON CONFLICT (org_id, step) DO UPDATE
			SET at = excluded.at, body = excluded.body`
		_, err := tx.ExecContext(ctx, query, string(m.Org), string(m.Step), unix(m.At), text)
		return err
	})
}

// Guide returns how far an organisation is on the guided path, in the order in which the steps were last saved. It is
// NotFound for everybody outside the organisation.
func (s *Store) Guide(ctx context.Context, v comity.Viewer, org comity.OrgID) (comity.Guide, error) {
	s.note(ctx, v, "Guide")
	if !v.SeesProfile(org) {
		return nil, errNotFound
	}
	list, err := bodies[comity.GuideMark](ctx, s.engine.Read, `SELECT body FROM guide_marks WHERE org_id = $1 ORDER BY at, step`, string(org))
	return list, s.known(err)
}
