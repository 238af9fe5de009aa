package storage

import (
	"context"
	"database/sql"

	"comity"
)

// PutBackup adds a line to the record of backups. The record is its own trail: no audit entry, so that a restored store
// has the entries of the one that was backed up, and no other. System only.
func (s *Store) PutBackup(ctx context.Context, v comity.Viewer, b comity.Backup) error {
	if err := s.system(ctx, v, "PutBackup"); err != nil {
		return err
	}
	return s.transaction(ctx, "put backup", func(tx *sql.Tx) error {
		const query = `
			INSERT INTO backups (at, kind, ok, bytes, rows, schema, content, problem)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
		_, err := tx.ExecContext(ctx, query, unix(b.At), string(b.Kind), flag(b.OK), b.Bytes, b.Rows, b.Schema, b.Content, b.Problem)
		return err
	})
}

// Backups returns the last lines of the record of backups, newest first. System only.
func (s *Store) Backups(ctx context.Context, v comity.Viewer, limit int) ([]comity.Backup, error) {
	if err := s.system(ctx, v, "Backups"); err != nil {
		return nil, err
	}
	limit, _ = page(limit, 0, 1000)
	const query = `
		SELECT at, kind, ok, bytes, rows, schema, content, problem
		FROM backups
		ORDER BY seq DESC
		LIMIT $1`
	list, err := rows(ctx, s.engine.Read, func(r *sql.Rows) (comity.Backup, error) {
		var b comity.Backup
		var at, ok int64
		err := r.Scan(&at, &b.Kind, &ok, &b.Bytes, &b.Rows, &b.Schema, &b.Content, &b.Problem)
		b.At, b.OK = fromUnix(at), ok != 0
		return b, err
	}, query, limit)
	return list, s.known(err)
}
