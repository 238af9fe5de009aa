package storage

import (
	"context"
	"database/sql"
	"time"

	"comity"
)

// Everything in this file is for sign-in, at work as the system: no person reads it.

// PutSession stores a new session.
func (s *Store) PutSession(ctx context.Context, v comity.Viewer, n comity.Session) error {
	if err := s.system(ctx, v, "PutSession"); err != nil {
		return err
	}
	return s.write(ctx, v, "put session", string(n.ID), func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE expires_at < $1`, unix(n.Created)); err != nil {
			return err
		}
		const query = `
			INSERT INTO sessions (id, person_id, hash, created_at, seen_at, expires_at)
			VALUES ($1, $2, $3, $4, $5, $6)`
		_, err := tx.ExecContext(ctx, query, string(n.ID), string(n.Person), n.Hash, unix(n.Created), unix(n.Seen), unix(n.Expires))
		return err
	})
}

// SessionByHash returns the session with this hash that has not expired, and whose it is.
func (s *Store) SessionByHash(ctx context.Context, v comity.Viewer, hash []byte, now time.Time) (comity.Session, comity.Person, error) {
	if err := s.system(ctx, v, "SessionByHash"); err != nil {
		return comity.Session{}, comity.Person{}, err
	}
	const query = `
		SELECT ` + personColumns + `, sessions.id, sessions.created_at, sessions.seen_at, sessions.expires_at
		FROM sessions
		JOIN people ON people.id = sessions.person_id
		WHERE sessions.hash = $1
		  AND sessions.expires_at > $2`
	n := comity.Session{Hash: hash}
	var created, seen, expires int64
	p, err := scanPerson(s.engine.Read.QueryRowContext(ctx, query, hash, unix(now)), &n.ID, &created, &seen, &expires)
	n.Person, n.Created, n.Seen, n.Expires = p.ID, fromUnix(created), fromUnix(seen), fromUnix(expires)
	return n, p, s.known(err)
}

// TouchSession records that a session was used.
func (s *Store) TouchSession(ctx context.Context, v comity.Viewer, id comity.SessionID, now time.Time) error {
	if err := s.system(ctx, v, "TouchSession"); err != nil {
		return err
	}
	_, err := s.engine.Write.ExecContext(ctx, `UPDATE sessions SET seen_at = $1 WHERE id = $2`, unix(now), string(id))
	return s.known(err)
}

// DeleteSession ends a session; one that is not there is no error.
func (s *Store) DeleteSession(ctx context.Context, v comity.Viewer, id comity.SessionID) error {
	if err := s.system(ctx, v, "DeleteSession"); err != nil {
		return err
	}
	return s.write(ctx, v, "delete session", string(id), func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE id = $1`, string(id))
		return err
	})
}

// DeleteSessions ends all sessions of a person.
func (s *Store) DeleteSessions(ctx context.Context, v comity.Viewer, person comity.PersonID) error {
	if err := s.system(ctx, v, "DeleteSessions"); err != nil {
		return err
	}
	return s.write(ctx, v, "delete sessions", string(person), func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE person_id = $1`, string(person))
		return err
	})
}

// PutToken stores a new token.
func (s *Store) PutToken(ctx context.Context, v comity.Viewer, t comity.Token) error {
	if err := s.system(ctx, v, "PutToken"); err != nil {
		return err
	}
	return s.write(ctx, v, "put token", string(t.ID), func(tx *sql.Tx) error {
		const query = `
			INSERT INTO tokens (id, person_id, name, hash, created_at, expires_at)
			VALUES ($1, $2, $3, $4, $5, $6)`
		_, err := tx.ExecContext(ctx, query, string(t.ID), string(t.Person), t.Name, t.Hash, unix(t.Created), unix(t.Expires))
		return err
	})
}

// TokenByHash returns the token with this hash that has not expired, and whose it is.
func (s *Store) TokenByHash(ctx context.Context, v comity.Viewer, hash []byte, now time.Time) (comity.Token, comity.Person, error) {
	if err := s.system(ctx, v, "TokenByHash"); err != nil {
		return comity.Token{}, comity.Person{}, err
	}
	const query = `
		SELECT ` + personColumns + `, tokens.id, tokens.name, tokens.created_at, tokens.expires_at
		FROM tokens
		JOIN people ON people.id = tokens.person_id
		WHERE tokens.hash = $1
		  AND (tokens.expires_at = 0 OR tokens.expires_at > $2)`
	t := comity.Token{Hash: hash}
	var created, expires int64
	p, err := scanPerson(s.engine.Read.QueryRowContext(ctx, query, hash, unix(now)), &t.ID, &t.Name, &created, &expires)
	t.Person, t.Created, t.Expires = p.ID, fromUnix(created), fromUnix(expires)
	return t, p, s.known(err)
}

// Tokens lists a person's tokens, oldest first, without their hashes.
func (s *Store) Tokens(ctx context.Context, v comity.Viewer, person comity.PersonID) ([]comity.Token, error) {
	if err := s.system(ctx, v, "Tokens"); err != nil {
		return nil, err
	}
	const query = `
		SELECT id, name, created_at, expires_at
		FROM tokens
		WHERE person_id = $1
		ORDER BY created_at, id`
	list, err := rows(ctx, s.engine.Read, func(r *sql.Rows) (comity.Token, error) {
		t := comity.Token{Person: person}
		var created, expires int64
		err := r.Scan(&t.ID, &t.Name, &created, &expires)
		t.Created, t.Expires = fromUnix(created), fromUnix(expires)
		return t, err
	}, query, string(person))
	return list, s.known(err)
}

// DeleteToken revokes a token; one that is not there is no error.
func (s *Store) DeleteToken(ctx context.Context, v comity.Viewer, id comity.TokenID) error {
	if err := s.system(ctx, v, "DeleteToken"); err != nil {
		return err
	}
	return s.write(ctx, v, "delete token", string(id), func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM tokens WHERE id = $1`, string(id))
		return err
	})
}
