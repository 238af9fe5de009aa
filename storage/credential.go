package storage

import (
	"context"
	"database/sql"
	"time"

	"comity"
)

// Everything in this file is for sign-in, at work as the system: no person reads it.

// PutCredential sets the hash of a person's password.
func (s *Store) PutCredential(ctx context.Context, v comity.Viewer, person comity.PersonID, hash string) error {
	if err := s.system(ctx, v, "PutCredential"); err != nil {
		return err
	}
	return s.write(ctx, v, "put credential", string(person), func(tx *sql.Tx) error {
		return putCredential(ctx, tx, person, hash)
	})
}

func putCredential(ctx context.Context, tx *sql.Tx, person comity.PersonID, hash string) error {
	const query = `
		INSERT INTO credentials (person_id, hash)
		VALUES ($1, $2)
		ON CONFLICT (person_id) DO UPDATE
		SET hash = excluded.hash`
	_, err := tx.ExecContext(ctx, query, string(person), hash)
	return err
}

// Credential returns the hash of a person's password.
func (s *Store) Credential(ctx context.Context, v comity.Viewer, person comity.PersonID) (string, error) {
	if err := s.system(ctx, v, "Credential"); err != nil {
		return "", err
	}
	var hash string
	err := s.engine.Read.QueryRowContext(ctx, `SELECT hash FROM credentials WHERE person_id = $1`, string(person)).Scan(&hash)
	return hash, s.known(err)
}

// CountAttempt records one attempt under a key and returns how many there were in the window that ends now, this one
// included. Attempts before the window are forgotten.
func (s *Store) CountAttempt(ctx context.Context, v comity.Viewer, key string, now time.Time, window time.Duration) (int, error) {
	if err := s.system(ctx, v, "CountAttempt"); err != nil {
		return 0, err
	}
	var n int
	err := s.write(ctx, v, "count attempt", "", func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM attempts WHERE at <= $1`, now.Add(-window).Unix()); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO attempts (name, at) VALUES ($1, $2)`, key, now.Unix()); err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM attempts WHERE name = $1`, key).Scan(&n)
	})
	return n, err
}

// ClearAttempts forgets the attempts under a key.
func (s *Store) ClearAttempts(ctx context.Context, v comity.Viewer, key string) error {
	if err := s.system(ctx, v, "ClearAttempts"); err != nil {
		return err
	}
	_, err := s.engine.Write.ExecContext(ctx, `DELETE FROM attempts WHERE name = $1`, key)
	return s.known(err)
}

// PutSetup stores the hash of a one-time set-up link; earlier ones are void.
func (s *Store) PutSetup(ctx context.Context, v comity.Viewer, hash []byte, expires time.Time) error {
	if err := s.system(ctx, v, "PutSetup"); err != nil {
		return err
	}
	return s.write(ctx, v, "put setup", "", func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM setups`); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO setups (hash, expires_at) VALUES ($1, $2)`, hash, unix(expires))
		return err
	})
}

// UseSetup uses a set-up link up; one that is unknown, used or expired is NotFound.
func (s *Store) UseSetup(ctx context.Context, v comity.Viewer, hash []byte, now time.Time) error {
	if err := s.system(ctx, v, "UseSetup"); err != nil {
		return err
	}
	return s.write(ctx, v, "use setup", "", func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `DELETE FROM setups WHERE hash = $1 AND expires_at > $2`, hash, unix(now))
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return errNotFound
		}
		return nil
	})
}
