package storage

import (
	"context"
	"database/sql"
	"time"

	"comity"
)

const invitationColumns = `id, org_id, person_id, email, name, roles, by_person_id, created_at, expires_at`

func scanInvitation(r interface{ Scan(...any) error }) (i comity.Invitation, err error) {
	var roles, created, expires int64
	err = r.Scan(&i.ID, &i.Org, &i.Person, &i.Email, &i.Name, &roles, &i.By, &created, &expires)
	i.Roles, i.Created, i.Expires = comity.Roles(roles), fromUnix(created), fromUnix(expires)
	return i, err
}

// PutInvitation stores a new invitation, in the viewer's name.
//
//  1. For somebody new (no Person): the viewer must be allowed to (comity.Viewer.Invites, else NotFound), the organisation
//     take part and offer the roles; an address that somebody has is a Conflict. An earlier invitation of the same
//     address into the same organisation is void.
//  2. For a new password: the viewer must manage that person, who must be active. Organisation, address, name and roles
//     are theirs, whatever the invitation says; an earlier link for them is void.
func (s *Store) PutInvitation(ctx context.Context, v comity.Viewer, i comity.Invitation) error {
	i.By = v.Person()
	if i.Person != "" {
		return s.putReset(ctx, v, i)
	}
	if !v.Invites(i) {
		return errNotFound
	}
	return s.writeAbout(ctx, v, i.Org, "put invitation", string(i.ID), func(tx *sql.Tx) error {
		if err := activeOrganization(ctx, tx, i.Org); err != nil {
			return err
		}
		if err := grants(ctx, tx, v, i.Org, i.Roles, i.Roles); err != nil {
			return err
		}
		var taken int
		if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM people WHERE email = $1`, i.Email).Scan(&taken); err != nil {
			return err
		}
		if taken > 0 {
			return &comity.Error{Kind: comity.Conflict, Key: "email_taken", Msg: "somebody signs in with this address already"}
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM invitations WHERE org_id = $1 AND email = $2`, string(i.Org), i.Email); err != nil {
			return err
		}
		return insertInvitation(ctx, tx, i)
	})
}

func (s *Store) putReset(ctx context.Context, v comity.Viewer, i comity.Invitation) error {
	return s.managePerson(ctx, v, "put password link", i.Person, func(tx *sql.Tx, p comity.Person) error {
		if !p.Active() {
			return errNotFound
		}
		if err := activeOrganization(ctx, tx, p.Org); err != nil {
			return err
		}
		i.Org, i.Email, i.Name, i.Roles = p.Org, p.Email, p.Name, p.Roles
		if _, err := tx.ExecContext(ctx, `DELETE FROM invitations WHERE person_id = $1`, string(p.ID)); err != nil {
			return err
		}
		return insertInvitation(ctx, tx, i)
	})
}

func insertInvitation(ctx context.Context, tx *sql.Tx, i comity.Invitation) error {
	const query = `
		INSERT INTO invitations (id, org_id, person_id, email, name, roles, by_person_id, hash, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`
	_, err := tx.ExecContext(ctx, query, string(i.ID), string(i.Org), string(i.Person), i.Email, i.Name, int64(i.Roles),
		string(i.By), i.Hash, unix(i.Created), unix(i.Expires))
	return err
}

// Invitations lists the open invitations into an organisation, also those that have expired, newest first, for who
// manages its people.
func (s *Store) Invitations(ctx context.Context, v comity.Viewer, org comity.OrgID) ([]comity.Invitation, error) {
	s.note(ctx, v, "Invitations")
	var w where
	w.and("org_id = ?", string(org))
	managed(&w, v, "org_id")
	list, err := rows(ctx, s.engine.Read, func(r *sql.Rows) (comity.Invitation, error) { return scanInvitation(r) },
		`SELECT `+invitationColumns+` FROM invitations`+w.String()+` ORDER BY created_at DESC, id`, w.args...)
	return list, s.known(err)
}

// Invitation returns an open invitation into an organisation whose people the viewer manages.
func (s *Store) Invitation(ctx context.Context, v comity.Viewer, id comity.InvitationID) (comity.Invitation, error) {
	s.note(ctx, v, "Invitation")
	i, err := managedInvitation(ctx, s.engine.Read, v, id)
	return i, s.known(err)
}

func managedInvitation(ctx context.Context, q querier, v comity.Viewer, id comity.InvitationID) (comity.Invitation, error) {
	var w where
	w.and("id = ?", string(id))
	managed(&w, v, "org_id")
	return scanInvitation(q.QueryRowContext(ctx, `SELECT `+invitationColumns+` FROM invitations`+w.String(), w.args...))
}

// DeleteInvitation revokes an open invitation into an organisation whose people the viewer manages.
func (s *Store) DeleteInvitation(ctx context.Context, v comity.Viewer, id comity.InvitationID) error {
	i, err := s.Invitation(ctx, v, id)
	if err != nil {
		return err
	}
	return s.writeAbout(ctx, v, i.Org, "delete invitation", string(id), func(tx *sql.Tx) error {
		return deleteOne(ctx, tx, `DELETE FROM invitations WHERE id = $1`, string(id))
	})
}

// InvitationByHash returns the open invitation with this hash. One that is unknown, used, revoked or expired, or into an
// organisation that takes no part any more, is NotFound. System only.
func (s *Store) InvitationByHash(ctx context.Context, v comity.Viewer, hash []byte, now time.Time) (comity.Invitation, error) {
	if err := s.system(ctx, v, "InvitationByHash"); err != nil {
		return comity.Invitation{}, err
	}
	i, err := invitationByHash(ctx, s.engine.Read, hash, now)
	return i, s.known(err)
}

func invitationByHash(ctx context.Context, q querier, hash []byte, now time.Time) (comity.Invitation, error) {
	const query = `
		SELECT ` + invitationColumns + `
		FROM invitations
		WHERE hash = $1
		  AND expires_at > $2
		  AND org_id IN (SELECT id FROM organizations WHERE deactivated_at = 0)`
	return scanInvitation(q.QueryRowContext(ctx, query, hash, unix(now)))
}

// AcceptInvitation uses an invitation up: it makes the new person p, or sets the password of the one who is there and
// ends their sessions. p says name, language and, for somebody new, identity; organisation, address and roles are the
// invitation's. It returns the person. An invitation that does not work is NotFound, as in InvitationByHash. System only.
func (s *Store) AcceptInvitation(ctx context.Context, v comity.Viewer, hash []byte, p comity.Person, credential string, now time.Time) (comity.Person, error) {
	if err := s.system(ctx, v, "AcceptInvitation"); err != nil {
		return comity.Person{}, err
	}
	i, err := s.InvitationByHash(ctx, v, hash, now)
	if err != nil {
		return comity.Person{}, err
	}
	err = s.writeAbout(ctx, v, i.Org, "accept invitation", string(i.ID), func(tx *sql.Tx) error {
		if i, err = invitationByHash(ctx, tx, hash, now); err != nil { // it may have been used in between
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM invitations WHERE id = $1`, string(i.ID)); err != nil {
			return err
		}
		if i.Person != "" {
			p, err = acceptReset(ctx, tx, i)
		} else {
			p.Org, p.Email, p.Roles = i.Org, i.Email, i.Roles
			err = insertPerson(ctx, tx, p)
		}
		if err != nil {
			return err
		}
		return putCredential(ctx, tx, p.ID, credential)
	})
	return p, err
}

// acceptReset returns the active person whose password is to be set, and ends their sessions.
func acceptReset(ctx context.Context, tx *sql.Tx, i comity.Invitation) (comity.Person, error) {
	p, err := personByID(ctx, tx, i.Person)
	if err != nil {
		return p, err
	}
	if !p.Active() {
		return p, errNotFound
	}
	_, err = tx.ExecContext(ctx, `DELETE FROM sessions WHERE person_id = $1`, string(p.ID))
	return p, err
}
