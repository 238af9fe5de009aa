package storage

import (
	"context"
	"database/sql"
	"strconv"
	"time"

	"comity"
)

const personColumns = `people.id, people.org_id, people.name, people.email, people.roles, people.language, people.theme, people.deactivated_at`

func scanPerson(r interface{ Scan(...any) error }, more ...any) (p comity.Person, err error) {
	var roles, deactivated int64
	err = r.Scan(append([]any{&p.ID, &p.Org, &p.Name, &p.Email, &roles, &p.Language, &p.Theme, &deactivated}, more...)...)
	p.Roles, p.Deactivated = comity.Roles(roles), fromUnix(deactivated)
	return p, err
}

// PutPerson adds or changes a person as the system does: at set-up, on the command line. What people change of each other
// goes through ChangePerson. An e-mail address that another has is a Conflict, and so is to leave no secretariat.
func (s *Store) PutPerson(ctx context.Context, v comity.Viewer, p comity.Person) error {
	if err := s.system(ctx, v, "PutPerson"); err != nil {
		return err
	}
	return s.writeAbout(ctx, v, p.Org, "put person", string(p.ID), func(tx *sql.Tx) error {
		guard, err := secretariatGuard(ctx, tx)
		if err != nil {
			return err
		}
		if err := insertPerson(ctx, tx, p); err != nil {
			return err
		}
		return guard(ctx, tx)
	})
}

func insertPerson(ctx context.Context, tx *sql.Tx, p comity.Person) error {
	const query = `
		INSERT INTO people (id, org_id, name, email, roles, language, theme)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (id) DO UPDATE
		SET org_id = excluded.org_id, name = excluded.name, email = excluded.email, roles = excluded.roles,
		    language = excluded.language, theme = excluded.theme`
	_, err := tx.ExecContext(ctx, query, string(p.ID), string(p.Org), p.Name, p.Email, int64(p.Roles), p.Language, p.Theme)
	return err
}

// ChangePerson changes name and roles of somebody whom the viewer manages; organisation and address stay. A role that the
// viewer does not grant, to give or to take, is Forbidden; one that the organisation does not offer, and the last of the
// secretariat, a Conflict. Open invitations by that person end with a change of their roles.
func (s *Store) ChangePerson(ctx context.Context, v comity.Viewer, id comity.PersonID, name string, roles comity.Roles) error {
	return s.managePerson(ctx, v, "change person", id, func(tx *sql.Tx, p comity.Person) error {
		if p.Name == name && p.Roles == roles {
			return errUnchanged
		}
		if err := grants(ctx, tx, v, p.Org, p.Roles^roles, roles); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE people SET name = $1, roles = $2 WHERE id = $3`, name, int64(roles), string(id)); err != nil {
			return err
		}
		if p.Roles == roles {
			return nil
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM invitations WHERE by_person_id = $1`, string(id))
		return err
	})
}

// grants checks that the viewer may give or take each of the changed roles, and that the organisation offers those that
// are held then.
func grants(ctx context.Context, q querier, v comity.Viewer, org comity.OrgID, changed, held comity.Roles) error {
	o, err := organization(ctx, q, org)
	if err != nil {
		return err
	}
	for _, r := range comity.AllRoles {
		switch {
		case changed.Has(r) && !v.Grants(org, r):
			return comity.Errorf(comity.Forbidden, "the role %s is not yours to give or take", r)
		case changed.Has(r) && held.Has(r) && (!o.Kind.Offers(r) || r == comity.RoleCoChair && !o.CoChair):
			return &comity.Error{Kind: comity.Conflict, Key: "role_not_offered", Msg: "the organisation does not offer the role " + r.String()}
		}
	}
	return nil
}

// DeactivatePerson keeps somebody whom the viewer manages from signing in, from now on: their sessions and tokens are gone,
// and so are their open invitations. The last active person of the secretariat is a Conflict.
func (s *Store) DeactivatePerson(ctx context.Context, v comity.Viewer, id comity.PersonID, now time.Time) error {
	return s.managePerson(ctx, v, "deactivate person", id, func(tx *sql.Tx, p comity.Person) error {
		if !p.Active() {
			return errUnchanged
		}
		if _, err := tx.ExecContext(ctx, `UPDATE people SET deactivated_at = $1 WHERE id = $2`, unix(now), string(id)); err != nil {
			return err
		}
		for _, query := range []string{
			`DELETE FROM sessions WHERE person_id = $1`,
			`DELETE FROM tokens WHERE person_id = $1`,
			`DELETE FROM invitations WHERE person_id = $1 OR by_person_id = $1`,
		} {
			if _, err := tx.ExecContext(ctx, query, string(id)); err != nil {
				return err
			}
		}
		return nil
	})
}

// ReactivatePerson lets somebody whom the viewer manages sign in again, with the password that they had.
func (s *Store) ReactivatePerson(ctx context.Context, v comity.Viewer, id comity.PersonID) error {
	return s.managePerson(ctx, v, "reactivate person", id, func(tx *sql.Tx, p comity.Person) error {
		if p.Active() {
			return errUnchanged
		}
		_, err := tx.ExecContext(ctx, `UPDATE people SET deactivated_at = 0 WHERE id = $1`, string(id))
		return err
	})
}

// managePerson loads a person whom the viewer manages and changes them, in one transaction that leaves a secretariat.
func (s *Store) managePerson(ctx context.Context, v comity.Viewer, action string, id comity.PersonID, do func(*sql.Tx, comity.Person) error) error {
	p, err := s.Person(ctx, v, id)
	if err != nil {
		return err
	}
	return s.writeAbout(ctx, v, p.Org, action, string(id), func(tx *sql.Tx) error {
		p, err := personByID(ctx, tx, id)
		if err != nil {
			return err
		}
		if !v.ManagesPerson(p) {
			return errNotFound
		}
		guard, err := secretariatGuard(ctx, tx)
		if err != nil {
			return err
		}
		if err := do(tx, p); err != nil {
			return err
		}
		return guard(ctx, tx)
	})
}

func personByID(ctx context.Context, q querier, id comity.PersonID) (comity.Person, error) {
	return scanPerson(q.QueryRowContext(ctx, `SELECT `+personColumns+` FROM people WHERE id = $1`, string(id)))
}

// activePeople is the condition that people can sign in: neither they nor their organisation are deactivated.
const activePeople = `people.deactivated_at = 0
		  AND EXISTS (SELECT 1 FROM organizations WHERE organizations.id = people.org_id AND organizations.deactivated_at = 0)`

func secretariat(ctx context.Context, q querier) (n int, err error) {
	query := `SELECT COUNT(*) FROM people WHERE roles & ` + strconv.Itoa(int(comity.RoleSecretariat)) + ` <> 0 AND ` + activePeople
	err = q.QueryRowContext(ctx, query).Scan(&n)
	return n, err
}

// secretariatGuard returns what refuses, after a change, that there is no active person of the secretariat left. Where
// there was none before, it refuses nothing.
func secretariatGuard(ctx context.Context, tx *sql.Tx) (func(context.Context, *sql.Tx) error, error) {
	before, err := secretariat(ctx, tx)
	if before == 0 {
		return func(context.Context, *sql.Tx) error { return nil }, err
	}
	return keepSecretariat, err
}

func keepSecretariat(ctx context.Context, tx *sql.Tx) error {
	n, err := secretariat(ctx, tx)
	if err == nil && n == 0 {
		return &comity.Error{Kind: comity.Conflict, Key: "last_secretariat", Msg: "this is the last person of the secretariat"}
	}
	return err
}

// PutPreferences sets the viewer's own language and theme.
func (s *Store) PutPreferences(ctx context.Context, v comity.Viewer, language, theme string) error {
	if v.Person() == "" {
		return errNotFound
	}
	return s.write(ctx, v, "put preferences", string(v.Person()), func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE people SET language = $1, theme = $2 WHERE id = $3`, language, theme, string(v.Person()))
		return err
	})
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

// PersonByEmail returns the person who signs in with this address, NotFound for one who is deactivated. System only.
func (s *Store) PersonByEmail(ctx context.Context, v comity.Viewer, email string) (comity.Person, error) {
	if err := s.system(ctx, v, "PersonByEmail"); err != nil {
		return comity.Person{}, err
	}
	const query = `
		SELECT ` + personColumns + `
		FROM people
		WHERE email = $1
		  AND ` + activePeople
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
