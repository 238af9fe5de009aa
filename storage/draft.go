package storage

import (
	"context"
	"database/sql"
	"time"

	"comity"
)

// Bounds of a draft.
const (
	DraftLife  = time.Hour
	draftBytes = 8 << 20
)

// PutProfileDraft keeps what a person began to import into the profile of their organisation, in the place of what they
// began before: one draft a person, for DraftLife. Nobody else reads it. What is over 8 MB is TooLarge.
func (s *Store) PutProfileDraft(ctx context.Context, v comity.Viewer, body []byte, now time.Time) error {
	if !v.EditsProfile(v.Org()) || v.Person() == "" {
		return errNotFound
	}
	if len(body) > draftBytes {
		return comity.Errorf(comity.TooLarge, "the import is too large to be kept until it is confirmed")
	}
	return s.write(ctx, v, "put profile draft", string(v.Org()), func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM profile_drafts WHERE expires_at <= $1`, unix(now)); err != nil {
			return err
		}
		const query = `
			INSERT INTO profile_drafts (person_id, org_id, at, expires_at, body)
			VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (person_id) DO UPDATE
			SET org_id = excluded.org_id, at = excluded.at, expires_at = excluded.expires_at, body = excluded.body`
		_, err := tx.ExecContext(ctx, query, string(v.Person()), string(v.Org()), unix(now), unix(now.Add(DraftLife)), body)
		return err
	})
}

// ProfileDraft returns the viewer's own draft; NotFound if there is none, or none any more.
func (s *Store) ProfileDraft(ctx context.Context, v comity.Viewer, now time.Time) ([]byte, error) {
	if !v.EditsProfile(v.Org()) || v.Person() == "" {
		return nil, errNotFound
	}
	const query = `
		SELECT body
		FROM profile_drafts
		WHERE person_id = $1
		  AND org_id = $2
		  AND expires_at > $3`
	var body []byte
	err := s.engine.Read.QueryRowContext(ctx, query, string(v.Person()), string(v.Org()), unix(now)).Scan(&body)
	return body, s.known(err)
}

// DeleteProfileDraft forgets the viewer's own draft; that there is none is no error.
func (s *Store) DeleteProfileDraft(ctx context.Context, v comity.Viewer) error {
	if v.Person() == "" {
		return errNotFound
	}
	return s.write(ctx, v, "delete profile draft", string(v.Org()), func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM profile_drafts WHERE person_id = $1`, string(v.Person()))
		return err
	})
}
