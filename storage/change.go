package storage

import (
	"context"
	"database/sql"

	"comity"
)

// Changes returns the changes after a number, in the order in which they were committed. System only.
func (s *Store) Changes(ctx context.Context, v comity.Viewer, after int64, limit int) ([]comity.Change, error) {
	if err := s.system(ctx, v, "Changes"); err != nil {
		return nil, err
	}
	limit, _ = page(limit, 0, 10_000)
	const query = `
		SELECT seq, at, kind, org_id, subject
		FROM changes
		WHERE seq > $1
		ORDER BY seq
		LIMIT $2`
	list, err := rows(ctx, s.engine.Read, func(r *sql.Rows) (comity.Change, error) {
		var c comity.Change
		var at int64
		err := r.Scan(&c.Seq, &at, &c.Kind, &c.Org, &c.Subject)
		c.At = fromUnix(at)
		return c, err
	}, query, after, limit)
	return list, s.known(err)
}

// Cursor returns how far a reader of the changes has come, 0 at first. System only.
func (s *Store) Cursor(ctx context.Context, v comity.Viewer, name string) (int64, error) {
	if err := s.system(ctx, v, "Cursor"); err != nil {
		return 0, err
	}
	var seq int64
	err := s.engine.Read.QueryRowContext(ctx, `SELECT seq FROM cursors WHERE name = $1`, name).Scan(&seq)
	if err == sql.ErrNoRows {
		return 0, nil
	}
	return seq, s.known(err)
}

// SetCursor moves a reader's cursor, never backwards. System only.
func (s *Store) SetCursor(ctx context.Context, v comity.Viewer, name string, seq int64) error {
	if err := s.system(ctx, v, "SetCursor"); err != nil {
		return err
	}
	const query = `
		INSERT INTO cursors (name, seq)
		VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE
		SET seq = excluded.seq
		WHERE cursors.seq < excluded.seq`
	_, err := s.engine.Write.ExecContext(ctx, query, name, seq)
	return s.known(err)
}
