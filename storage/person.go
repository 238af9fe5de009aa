package storage

import (
	"context"
	"database/sql"

	"comity"
)

const personColumns = `people.id, people.org_id, people.name, people.email, people.roles, people.language`

func scanPerson(r interface{ Scan(...any) error }, more ...any) (p comity.Person, err error) {
	var roles int64
	err = r.Scan(append([]any{&p.ID, &p.Org, &p.Name, &p.Email, &roles, &p.Language}, more...)...)
	p.Roles = comity.Roles(roles)
	return p, err
}

// PutPerson adds or changes a person. An e-mail address that another has is a Conflict. Only who administers the group
// may, and a person themselves for their language.
func (s *Store) PutPerson(ctx context.Context, v comity.Viewer, p comity.Person) error {
	if !v.Administers() {
		if err := s.onlyLanguage(ctx, v, p); err != nil {
			return err
		}
	}
	return s.write(ctx, v, "put person", string(p.ID), func(tx *sql.Tx) error {
		const query = `
			INSERT INTO people (id, org_id, name, email, roles, language)
			VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (id) DO UPDATE
			SET org_id = excluded.org_id, name = excluded.name, email = excluded.email, roles = excluded.roles, language = excluded.language`
		_, err := tx.ExecContext(ctx, query, string(p.ID), string(p.Org), p.Name, p.Email, int64(p.Roles), p.Language)
		return err
	})
}

func (s *Store) onlyLanguage(ctx context.Context, v comity.Viewer, p comity.Person) error {
	current, err := s.Person(ctx, v, p.ID)
	if err != nil {
		return err
	}
	current.Language = p.Language
	if v.Person() != p.ID || current != p {
		return errNotFound
	}
	return nil
}

// Person returns a person of the viewer's own organisation; the system sees everybody.
func (s *Store) Person(ctx context.Context, v comity.Viewer, id comity.PersonID) (comity.Person, error) {
	s.note(ctx, v, "Person")
	var w where
	w.and("id = ?", string(id))
	colleagues(&w, v)
	p, err := scanPerson(s.engine.Read.QueryRowContext(ctx, `SELECT `+personColumns+` FROM people`+w.String(), w.args...))
	return p, s.known(err)
}

// People lists the people of an organisation by name: of the viewer's own, or any for who administers the group.
func (s *Store) People(ctx context.Context, v comity.Viewer, org comity.OrgID) ([]comity.Person, error) {
	s.note(ctx, v, "People")
	var w where
	w.and("org_id = ?", string(org))
	colleagues(&w, v)
	list, err := rows(ctx, s.engine.Read, func(r *sql.Rows) (comity.Person, error) { return scanPerson(r) },
		`SELECT `+personColumns+` FROM people`+w.String()+` ORDER BY name, id`, w.args...)
	return list, s.known(err)
}

// PersonByEmail returns the person who signs in with this address. System only.
func (s *Store) PersonByEmail(ctx context.Context, v comity.Viewer, email string) (comity.Person, error) {
	if err := s.system(ctx, v, "PersonByEmail"); err != nil {
		return comity.Person{}, err
	}
	const query = `
		SELECT ` + personColumns + `
		FROM people
		WHERE email = $1`
	p, err := scanPerson(s.engine.Read.QueryRowContext(ctx, query, email))
	return p, s.known(err)
}

// HasPeople reports whether anybody can sign in here. System only.
func (s *Store) HasPeople(ctx context.Context, v comity.Viewer) (bool, error) {
	if err := s.system(ctx, v, "HasPeople"); err != nil {
		return false, err
	}
	var n int64
	err := s.engine.Read.QueryRowContext(ctx, `SELECT COUNT(*) FROM people`).Scan(&n)
	return n > 0, s.known(err)
}
