package storage

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"comity"
)

// Sign-in works here as the system. People see and end their own sessions, see and revoke tokens as
// comity.Viewer.SeesTokens says, and never read a hash.

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
			INSERT INTO sessions (id, person_id, hash, created_at, seen_at, expires_at, confirmed_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7)`
		_, err := tx.ExecContext(ctx, query, string(n.ID), string(n.Person), n.Hash, unix(n.Created), unix(n.Seen), unix(n.Expires), unix(n.Confirmed))
		return err
	})
}

// SessionByHash returns the session with this hash that has not expired, and whose it is.
func (s *Store) SessionByHash(ctx context.Context, v comity.Viewer, hash []byte, now time.Time) (comity.Session, comity.Person, error) {
	if err := s.system(ctx, v, "SessionByHash"); err != nil {
		return comity.Session{}, comity.Person{}, err
	}
	const query = `
		SELECT ` + personColumns + `, sessions.id, sessions.created_at, sessions.seen_at, sessions.expires_at, sessions.confirmed_at
		FROM sessions
		JOIN people ON people.id = sessions.person_id
		WHERE sessions.hash = $1
		  AND sessions.expires_at > $2
		  AND ` + activePeople
	n := comity.Session{Hash: hash}
	var created, seen, expires, confirmed int64
	p, err := scanPerson(s.engine.Read.QueryRowContext(ctx, query, hash, unix(now)), &n.ID, &created, &seen, &expires, &confirmed)
	n.Person, n.Created, n.Seen, n.Expires, n.Confirmed = p.ID, fromUnix(created), fromUnix(seen), fromUnix(expires), fromUnix(confirmed)
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

// ConfirmSession records that the password of a session's person was asked for and right.
func (s *Store) ConfirmSession(ctx context.Context, v comity.Viewer, id comity.SessionID, now time.Time) error {
	if err := s.system(ctx, v, "ConfirmSession"); err != nil {
		return err
	}
	return s.write(ctx, v, "confirm session", string(id), func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE sessions SET confirmed_at = $1 WHERE id = $2`, unix(now), string(id))
		return err
	})
}

// Sessions lists the viewer's own sessions that have not expired, used last first, without their hashes.
func (s *Store) Sessions(ctx context.Context, v comity.Viewer, now time.Time) ([]comity.Session, error) {
	s.note(ctx, v, "Sessions")
	if v.Person() == "" {
		return nil, errNotFound
	}
	const query = `
		SELECT id, created_at, seen_at, expires_at, confirmed_at
		FROM sessions
		WHERE person_id = $1
		  AND expires_at > $2
		ORDER BY seen_at DESC, id`
	list, err := rows(ctx, s.engine.Read, func(r *sql.Rows) (comity.Session, error) {
		n := comity.Session{Person: v.Person()}
		var created, seen, expires, confirmed int64
		err := r.Scan(&n.ID, &created, &seen, &expires, &confirmed)
		n.Created, n.Seen, n.Expires, n.Confirmed = fromUnix(created), fromUnix(seen), fromUnix(expires), fromUnix(confirmed)
		return n, err
	}, query, string(v.Person()), unix(now))
	return list, s.known(err)
}

// DeleteSession ends a session: any for the system, their own for people. One that is not there is no error.
func (s *Store) DeleteSession(ctx context.Context, v comity.Viewer, id comity.SessionID) error {
	var w where
	w.and("id = ?", string(id))
	if _, system := v.IsSystem(); !system {
		w.and("person_id = ?", string(v.Person()))
	}
	return s.write(ctx, v, "delete session", string(id), func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM sessions`+w.String(), w.args...)
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
			INSERT INTO tokens (id, person_id, name, hash, created_at, expires_at, read_only)
			VALUES ($1, $2, $3, $4, $5, $6, $7)`
		_, err := tx.ExecContext(ctx, query, string(t.ID), string(t.Person), t.Name, t.Hash, unix(t.Created), unix(t.Expires), flag(t.ReadOnly))
		return err
	})
}

const tokenColumns = `tokens.id, tokens.person_id, tokens.name, tokens.created_at, tokens.expires_at, tokens.read_only, tokens.seen_at`

// tokenScan is a row of tokenColumns: where to scan, and what it then says.
type tokenScan struct {
	t                                comity.Token
	created, expires, readOnly, seen int64
}

func (r *tokenScan) into() []any {
	return []any{&r.t.ID, &r.t.Person, &r.t.Name, &r.created, &r.expires, &r.readOnly, &r.seen}
}

func (r *tokenScan) token() comity.Token {
	r.t.Created, r.t.Expires, r.t.ReadOnly, r.t.Seen = fromUnix(r.created), fromUnix(r.expires), r.readOnly != 0, fromUnix(r.seen)
	return r.t
}

// TokenByHash returns the token with this hash that has not expired, and whose it is.
func (s *Store) TokenByHash(ctx context.Context, v comity.Viewer, hash []byte, now time.Time) (comity.Token, comity.Person, error) {
	if err := s.system(ctx, v, "TokenByHash"); err != nil {
		return comity.Token{}, comity.Person{}, err
	}
	const query = `
		SELECT ` + personColumns + `, ` + tokenColumns + `
		FROM tokens
		JOIN people ON people.id = tokens.person_id
		WHERE tokens.hash = $1
		  AND (tokens.expires_at = 0 OR tokens.expires_at > $2)
		  AND ` + activePeople
	var row tokenScan
	p, err := scanPerson(s.engine.Read.QueryRowContext(ctx, query, hash, unix(now)), row.into()...)
	t := row.token()
	t.Hash = hash
	return t, p, s.known(err)
}

// TouchToken records that a token was used.
func (s *Store) TouchToken(ctx context.Context, v comity.Viewer, id comity.TokenID, now time.Time) error {
	if err := s.system(ctx, v, "TouchToken"); err != nil {
		return err
	}
	_, err := s.engine.Write.ExecContext(ctx, `UPDATE tokens SET seen_at = $1 WHERE id = $2`, unix(now), string(id))
	return s.known(err)
}

// Tokens lists a person's tokens, oldest first, without their hashes.
func (s *Store) Tokens(ctx context.Context, v comity.Viewer, person comity.PersonID) ([]comity.Token, error) {
	s.note(ctx, v, "Tokens")
	p, err := s.Person(ctx, v, person)
	if err != nil {
		return nil, err
	}
	if !v.SeesTokens(p) {
		return nil, errNotFound
	}
	return s.tokens(ctx, `tokens.person_id = $1`, string(person))
}

// TokensOf lists the tokens of an organisation's people, as Tokens does, for who manages them.
func (s *Store) TokensOf(ctx context.Context, v comity.Viewer, org comity.OrgID) ([]comity.Token, error) {
	s.note(ctx, v, "TokensOf")
	if !v.ManagesPeople(org) {
		return nil, errNotFound
	}
	return s.tokens(ctx, `tokens.person_id IN (SELECT id FROM people WHERE org_id = $1)`, string(org))
}

func (s *Store) tokens(ctx context.Context, condition, of string) ([]comity.Token, error) {
	list, err := rows(ctx, s.engine.Read, func(r *sql.Rows) (comity.Token, error) {
		var row tokenScan
		err := r.Scan(row.into()...)
		return row.token(), err
	}, `SELECT `+tokenColumns+` FROM tokens WHERE `+condition+` ORDER BY created_at, id`, of)
	return list, s.known(err)
}

// DeleteToken revokes a token that the viewer may see; one that is not there is no error for the system, and NotFound for
// people, like one that is not for them.
func (s *Store) DeleteToken(ctx context.Context, v comity.Viewer, id comity.TokenID) error {
	p, err := scanPerson(s.engine.Read.QueryRowContext(ctx,
		`SELECT `+personColumns+` FROM people JOIN tokens ON tokens.person_id = people.id WHERE tokens.id = $1`, string(id)))
	if _, system := v.IsSystem(); system && errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return s.known(err)
	}
	if !v.SeesTokens(p) {
		return errNotFound
	}
	return s.writeAbout(ctx, v, p.Org, "delete token", string(id), func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM tokens WHERE id = $1`, string(id))
		return err
	})
}
