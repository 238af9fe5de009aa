package storage

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"comity"
)

// Contacts lists the contacts of the organisations that take part, by organisation and function, each as the viewer may
// see it (comity.Viewer.Shown). An organisation is named to have its contacts only; empty is all.
func (s *Store) Contacts(ctx context.Context, v comity.Viewer, org comity.OrgID) ([]comity.Contact, error) {
	s.note(ctx, v, "Contacts")
	if !v.SeesContacts() {
		return nil, errNotFound
	}
	var w where
	visibleContacts(&w, v)
	w.and("org_id IN (SELECT id FROM organizations WHERE deactivated_at = 0)")
	if org != "" {
		w.and("org_id = ?", string(org))
	}
	list, err := bodies[comity.Contact](ctx, s.engine.Read, `SELECT body FROM contacts`+w.String()+` ORDER BY org_id, function`, w.args...)
	for i := range list {
		list[i] = v.Shown(list[i])
	}
	return list, s.known(err)
}

// PutContact adds or changes a contact and returns it as it is stored. What its own organisation writes is verified by
// that; what the secretariat writes for another is to be verified by the organisation; the system says itself. A contact
// with Problems is Invalid; a Revision that is not the stored one (0: none is) is a Conflict.
func (s *Store) PutContact(ctx context.Context, v comity.Viewer, c comity.Contact, now time.Time) (comity.Contact, error) {
	if !v.EditsContacts(c.Org) {
		return comity.Contact{}, errNotFound
	}
	if _, err := comity.ParseContactFunction(string(c.Function)); err != nil {
		return comity.Contact{}, err
	}
	if problems := c.Problems(); len(problems) > 0 {
		return comity.Contact{}, comity.Errorf(comity.Invalid, "%s: %s", problems[0].Field, problems[0].Msg)
	}
	if _, system := v.IsSystem(); !system {
		c.Verified, c.VerifiedBy = time.Time{}, ""
	}
	if v.VerifiesContacts(c.Org) {
		c.Verified, c.VerifiedBy = now.UTC().Truncate(time.Second), v.Person()
	}
	err := s.writeAbout(ctx, v, c.Org, "put contact", contactSubject(c.Org, c.Function), func(tx *sql.Tx) error {
		if err := activeOrganization(ctx, tx, c.Org); err != nil {
			return err
		}
		there, err := contact(ctx, tx, c.Org, c.Function)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if there.Revision != c.Revision {
			return comity.Errorf(comity.Conflict, "the contact was changed in between")
		}
		c.Revision++
		return storeContact(ctx, tx, c)
	})
	return c, err
}

// contactSubject names a contact in the audit log.
func contactSubject(org comity.OrgID, f comity.ContactFunction) string {
	return string(org) + " " + string(f)
}

func contact(ctx context.Context, q querier, org comity.OrgID, f comity.ContactFunction) (comity.Contact, error) {
	return body[comity.Contact](ctx, q, `SELECT body FROM contacts WHERE org_id = $1 AND function = $2`, string(org), string(f))
}

func storeContact(ctx context.Context, tx *sql.Tx, c comity.Contact) error {
	text, err := encode(c)
	if err != nil {
		return err
	}
	const query = `
		INSERT INTO contacts (org_id, function, revision, body)
		VALUES ($1, $2, $3, $4)
		ON CONFLICT (org_id, function) DO UPDATE
		SET revision = excluded.revision, body = excluded.body`
	_, err = tx.ExecContext(ctx, query, string(c.Org), string(c.Function), int64(c.Revision), text)
	return err
}

// VerifyContacts says for an organisation that its contacts are still true: one function, or all if it is empty. There
// is nothing to verify where there is no contact: NotFound.
func (s *Store) VerifyContacts(ctx context.Context, v comity.Viewer, org comity.OrgID, f comity.ContactFunction, now time.Time) error {
	if !v.VerifiesContacts(org) {
		return errNotFound
	}
	return s.writeAbout(ctx, v, org, "verify contacts", contactSubject(org, f), func(tx *sql.Tx) error {
		var w where
		w.and("org_id = ?", string(org))
		if f != "" {
			w.and("function = ?", string(f))
		}
		list, err := bodies[comity.Contact](ctx, tx, `SELECT body FROM contacts`+w.String(), w.args...)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return errNotFound
		}
		for _, c := range list {
			c.Verified, c.VerifiedBy = now.UTC().Truncate(time.Second), v.Person()
			if err := storeContact(ctx, tx, c); err != nil {
				return err
			}
		}
		return nil
	})
}

// DeleteContact removes a contact; one that is not there is NotFound.
func (s *Store) DeleteContact(ctx context.Context, v comity.Viewer, org comity.OrgID, f comity.ContactFunction) error {
	if !v.EditsContacts(org) {
		return errNotFound
	}
	return s.writeAbout(ctx, v, org, "delete contact", contactSubject(org, f), func(tx *sql.Tx) error {
		return deleteOne(ctx, tx, `DELETE FROM contacts WHERE org_id = $1 AND function = $2`, string(org), string(f))
	})
}

// deleteOne runs a DELETE that must find something, else NotFound.
func deleteOne(ctx context.Context, tx *sql.Tx, query string, args ...any) error {
	result, err := tx.ExecContext(ctx, query, args...)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errors.Join(errNotFound, err)
	}
	return nil
}
