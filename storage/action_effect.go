package storage

import (
	"context"
	"database/sql"
	"time"

	"comity"
)

// PutActionEffect keeps what a closed item removed of an organisation's exposure, instead of what was kept before. System
// only.
func (s *Store) PutActionEffect(ctx context.Context, v comity.Viewer, e comity.ActionEffect) error {
	if err := s.system(ctx, v, "PutActionEffect"); err != nil {
		return err
	}
	text, err := encode(e)
	if err != nil {
		return err
	}
	return s.writeAbout(ctx, v, e.Org, "put action effect", string(e.Action), func(tx *sql.Tx) error {
		if err := stillThere(ctx, tx, e.Org); err != nil {
			return err
		}
		const query = `
			INSERT INTO action_effects (action_id, org_id, at, body)
			VALUES ($1, $2, $3, $4)
			ON CONFLICT (action_id, org_id) DO UPDATE
			SET at = excluded.at, body = excluded.body`
		_, err := tx.ExecContext(ctx, query, string(e.Action), string(e.Org), unix(e.At), text)
		return err
	})
}

// ActionEffect returns what a closed item removed of an organisation's exposure. It is NotFound for everybody outside the
// organisation.
func (s *Store) ActionEffect(ctx context.Context, v comity.Viewer, id comity.ActionID, org comity.OrgID) (comity.ActionEffect, error) {
	s.note(ctx, v, "ActionEffect")
	if !v.SeesProfile(org) {
		return comity.ActionEffect{}, errNotFound
	}
	e, err := body[comity.ActionEffect](ctx, s.engine.Read, `SELECT body FROM action_effects WHERE action_id = $1 AND org_id = $2`, string(id), string(org))
	return e, s.known(err)
}

// ActionEffects lists what closed items removed of an organisation's exposure, the last closed first, at most 200. It is
// NotFound for everybody outside the organisation.
func (s *Store) ActionEffects(ctx context.Context, v comity.Viewer, org comity.OrgID, limit int) ([]comity.ActionEffect, error) {
	s.note(ctx, v, "ActionEffects")
	if !v.SeesProfile(org) {
		return nil, errNotFound
	}
	limit, _ = page(limit, 0, 200)
	const query = `
		SELECT body
		FROM action_effects
		WHERE org_id = $1
		ORDER BY at DESC, action_id
		LIMIT $2`
	list, err := bodies[comity.ActionEffect](ctx, s.engine.Read, query, string(org), limit)
	return list, s.known(err)
}

// ProfileAsOf returns an organisation's profile as it was at a moment; with Revision 0 if nothing was entered until then.
func (s *Store) ProfileAsOf(ctx context.Context, v comity.Viewer, org comity.OrgID, at time.Time) (comity.Profile, error) {
	if !v.SeesProfile(org) {
		return comity.Profile{}, errNotFound
	}
	var revision int
	const query = `SELECT COALESCE(MAX(revision), 0) FROM profile_sections WHERE org_id = $1 AND at <= $2`
	if err := s.engine.Read.QueryRowContext(ctx, query, string(org), unix(at)).Scan(&revision); err != nil {
		return comity.Profile{}, s.known(err)
	}
	if revision == 0 {
		return comity.Profile{Org: org, Coverage: map[string]float64{}}, nil
	}
	return s.profile(ctx, s.engine.Read, v, org, revision)
}
