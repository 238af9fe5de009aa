package storage

import (
	"context"
	"database/sql"

	"comity"
)

// PutRelease stores the next release. A number that is not the next is a Conflict; a release is never changed.
func (s *Store) PutRelease(ctx context.Context, v comity.Viewer, r comity.Release) error {
	if !v.Publishes() {
		return errNotFound
	}
	text, err := encode(r)
	if err != nil {
		return err
	}
	return s.write(ctx, v, "put release", string(r.ID), func(tx *sql.Tx) error {
		var last int
		if err := tx.QueryRowContext(ctx, `SELECT COALESCE(MAX(number), 0) FROM releases`).Scan(&last); err != nil {
			return err
		}
		if r.Number != last+1 {
			return comity.Errorf(comity.Conflict, "release %d is not the next: the last is %d", r.Number, last)
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO releases (number, body) VALUES ($1, $2)`, int64(r.Number), text)
		return err
	})
}

// Releases returns the last releases, newest first.
func (s *Store) Releases(ctx context.Context, v comity.Viewer, limit int) ([]comity.Release, error) {
	s.note(ctx, v, "Releases")
	if !v.SeesReleases() {
		return nil, errNotFound
	}
	limit, _ = page(limit, 0, 200)
	list, err := bodies[comity.Release](ctx, s.engine.Read, `SELECT body FROM releases ORDER BY number DESC LIMIT $1`, limit)
	return list, s.known(err)
}

// ReleasesBefore returns the last releases before the one of a number, newest first.
func (s *Store) ReleasesBefore(ctx context.Context, v comity.Viewer, number, limit int) ([]comity.Release, error) {
	s.note(ctx, v, "ReleasesBefore")
	if !v.SeesReleases() {
		return nil, errNotFound
	}
	limit, _ = page(limit, 0, 200)
	list, err := bodies[comity.Release](ctx, s.engine.Read, `SELECT body FROM releases WHERE number < $1 ORDER BY number DESC LIMIT $2`, int64(number), limit)
	return list, s.known(err)
}

// Release returns one release.
func (s *Store) Release(ctx context.Context, v comity.Viewer, number int) (comity.Release, error) {
	s.note(ctx, v, "Release")
	if !v.SeesReleases() {
		return comity.Release{}, errNotFound
	}
	r, err := body[comity.Release](ctx, s.engine.Read, `SELECT body FROM releases WHERE number = $1`, int64(number))
	return r, s.known(err)
}

// Publications returns how the last releases came to be published, newest first. Who the person was is for the auditor.
func (s *Store) Publications(ctx context.Context, v comity.Viewer) ([]comity.Publication, error) {
	s.note(ctx, v, "Publications")
	if !v.SeesReleases() {
		return nil, errNotFound
	}
	const query = `
		SELECT at, org_id, person_id, subject
		FROM audit_entries
		WHERE action = 'put release'
		ORDER BY seq DESC
		LIMIT 200`
	list, err := rows(ctx, s.engine.Read, func(r *sql.Rows) (comity.Publication, error) {
		var p comity.Publication
		var at int64
		var person string
		err := r.Scan(&at, &p.Org, &person, &p.Release)
		p.At, p.Scheduled = fromUnix(at), person == ""
		return p, err
	}, query)
	return list, s.known(err)
}
