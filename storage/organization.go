package storage

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"comity"
)

const organizationColumns = `id, acronym, name, kind, co_chair, deactivated_at`

func scanOrganization(r interface{ Scan(...any) error }) (o comity.Organization, err error) {
	var coChair, deactivated int64
	err = r.Scan(&o.ID, &o.Acronym, &o.Name, &o.Kind, &coChair, &deactivated)
	o.CoChair, o.Deactivated = coChair != 0, fromUnix(deactivated)
	return o, err
}

// PutOrganization adds or changes an organisation; whether it takes part is for DeactivateOrganization. A taken acronym
// is a Conflict, and so is:
//
//  1. a third organisation that leads the group, or one of a kind that does not contribute,
//  2. a kind that does not offer a role that one of its people has,
//  3. taking the lead from an organisation whose people still are co-chairs, or whose term goes on.
//
// Open invitations into the organisation end with a change of kind or lead.
func (s *Store) PutOrganization(ctx context.Context, v comity.Viewer, o comity.Organization) error {
	if !v.Administers() {
		return errNotFound
	}
	return s.writeAbout(ctx, v, o.ID, "put organization", string(o.ID), func(tx *sql.Tx) error {
		if err := checkOrganization(ctx, tx, o); err != nil {
			return err
		}
		const query = `
			INSERT INTO organizations (id, acronym, name, kind, co_chair)
			VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (id) DO UPDATE
			SET acronym = excluded.acronym, name = excluded.name, kind = excluded.kind, co_chair = excluded.co_chair`
		if _, err := tx.ExecContext(ctx, query, string(o.ID), o.Acronym, o.Name, string(o.Kind), flag(o.CoChair)); err != nil {
			return err
		}
		return change(ctx, tx, comity.ChangeProfile, o.ID, "organization")
	})
}

// checkOrganization holds the rules of PutOrganization.
func checkOrganization(ctx context.Context, tx *sql.Tx, o comity.Organization) error {
	was, err := organization(ctx, tx, o.ID)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if o.CoChair && !was.CoChair {
		if err := mayLead(ctx, tx, o); err != nil {
			return err
		}
	}
	if was.ID == "" || was.Kind == o.Kind && was.CoChair == o.CoChair {
		return nil
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM invitations WHERE org_id = $1 AND person_id = ''`, string(o.ID)); err != nil {
		return err // their roles were checked against what the organisation was
	}
	var held comity.Roles
	list, err := rows(ctx, tx, func(r *sql.Rows) (roles int64, err error) {
		err = r.Scan(&roles)
		return roles, err
	}, `SELECT roles FROM people WHERE org_id = $1 AND deactivated_at = 0`, string(o.ID))
	for _, roles := range list {
		held |= comity.Roles(roles)
	}
	if err != nil {
		return err
	}
	for _, r := range comity.AllRoles {
		switch {
		case held.Has(r) && was.Kind != o.Kind && !o.Kind.Offers(r):
			return &comity.Error{Kind: comity.Conflict, Key: "organization_roles", Msg: "somebody there is " + r.String() + ", which this kind of organisation does not offer"}
		case held.Has(r) && r == comity.RoleCoChair && was.CoChair && !o.CoChair:
			return &comity.Error{Kind: comity.Conflict, Key: "organization_leads", Msg: "somebody there still is co-chair"}
		}
	}
	if was.CoChair && !o.CoChair {
		return withoutTerm(ctx, tx, o.ID)
	}
	return nil
}

// withoutTerm is a Conflict for an organisation whose term as co-chair goes on: it hands over.
func withoutTerm(ctx context.Context, tx *sql.Tx, id comity.OrgID) error {
	var n int
	if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM terms WHERE org_id = $1 AND ended = ''`, string(id)).Scan(&n); err != nil {
		return err
	}
	if n > 0 {
		return &comity.Error{Kind: comity.Conflict, Key: "organization_term", Msg: "its term as co-chair goes on: hand over to another organisation on the page of the group"}
	}
	return nil
}

func mayLead(ctx context.Context, tx *sql.Tx, o comity.Organization) error {
	var leading int
	const query = `SELECT COUNT(*) FROM organizations WHERE co_chair <> 0 AND deactivated_at = 0 AND id <> $1`
	if err := tx.QueryRowContext(ctx, query, string(o.ID)).Scan(&leading); err != nil {
		return err
	}
	if leading >= comity.CoChairs || !o.Kind.Contributes() {
		return &comity.Error{Kind: comity.Conflict, Key: "co_chairs", Msg: "two member organisations lead the group, no more"}
	}
	return nil
}

// DeactivateOrganization ends the part that an organisation takes, from now on: its people can't sign in, their sessions
// and tokens are gone, it is in no release's cohort and not in the directory. What it did stays. The organisation of the
// last active person of the secretariat is a Conflict.
func (s *Store) DeactivateOrganization(ctx context.Context, v comity.Viewer, id comity.OrgID, now time.Time) error {
	if !v.Administers() {
		return errNotFound
	}
	return s.writeAbout(ctx, v, id, "deactivate organization", string(id), func(tx *sql.Tx) error {
		o, err := organization(ctx, tx, id)
		if err != nil {
			return err
		}
		if !o.Active() {
			return errUnchanged
		}
		guard, err := secretariatGuard(ctx, tx)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE organizations SET deactivated_at = $1, co_chair = 0 WHERE id = $2`, unix(now), string(id)); err != nil {
			return err
		}
		for _, query := range []string{
			`DELETE FROM sessions WHERE person_id IN (SELECT id FROM people WHERE org_id = $1)`,
			`DELETE FROM tokens WHERE person_id IN (SELECT id FROM people WHERE org_id = $1)`,
			`DELETE FROM invitations WHERE org_id = $1 OR by_person_id IN (SELECT id FROM people WHERE org_id = $1)`,
		} {
			if _, err := tx.ExecContext(ctx, query, string(id)); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, `UPDATE terms SET ended = $1 WHERE org_id = $2 AND ended = ''`, comity.DateOf(now).String(), string(id)); err != nil {
			return err
		}
		if err := guard(ctx, tx); err != nil {
			return err
		}
		return change(ctx, tx, comity.ChangeProfile, id, "organization")
	})
}

// ReactivateOrganization lets an organisation take part again. Its people sign in as before, with the passwords that they
// had.
func (s *Store) ReactivateOrganization(ctx context.Context, v comity.Viewer, id comity.OrgID) error {
	if !v.Administers() {
		return errNotFound
	}
	return s.writeAbout(ctx, v, id, "reactivate organization", string(id), func(tx *sql.Tx) error {
		o, err := organization(ctx, tx, id)
		if err != nil {
			return err
		}
		if o.Active() {
			return errUnchanged
		}
		if _, err := tx.ExecContext(ctx, `UPDATE organizations SET deactivated_at = 0 WHERE id = $1`, string(id)); err != nil {
			return err
		}
		return change(ctx, tx, comity.ChangeProfile, id, "organization")
	})
}

func organization(ctx context.Context, q querier, id comity.OrgID) (comity.Organization, error) {
	const query = `
		SELECT ` + organizationColumns + `
		FROM organizations
		WHERE id = $1`
	return scanOrganization(q.QueryRowContext(ctx, query, string(id)))
}

// activeOrganization is NotFound for an organisation that takes no part.
func activeOrganization(ctx context.Context, q querier, id comity.OrgID) error {
	o, err := organization(ctx, q, id)
	if err == nil && !o.Active() {
		return errNotFound
	}
	return err
}

// Organizations lists the organisations by acronym, also those that take part no more.
func (s *Store) Organizations(ctx context.Context, v comity.Viewer) ([]comity.Organization, error) {
	s.note(ctx, v, "Organizations")
	if !v.SeesGroup() {
		return nil, errNotFound
	}
	const query = `
		SELECT ` + organizationColumns + `
		FROM organizations
		ORDER BY acronym`
	list, err := rows(ctx, s.engine.Read, func(r *sql.Rows) (comity.Organization, error) { return scanOrganization(r) }, query)
	return list, s.known(err)
}

// Organization returns one organisation.
func (s *Store) Organization(ctx context.Context, v comity.Viewer, id comity.OrgID) (comity.Organization, error) {
	s.note(ctx, v, "Organization")
	if !v.SeesGroup() {
		return comity.Organization{}, errNotFound
	}
	o, err := organization(ctx, s.engine.Read, id)
	return o, s.known(err)
}

// OrganizationByAcronym returns the organisation with this acronym.
func (s *Store) OrganizationByAcronym(ctx context.Context, v comity.Viewer, acronym string) (comity.Organization, error) {
	s.note(ctx, v, "OrganizationByAcronym")
	if !v.SeesGroup() {
		return comity.Organization{}, errNotFound
	}
	const query = `
		SELECT ` + organizationColumns + `
		FROM organizations
		WHERE acronym = $1`
	o, err := scanOrganization(s.engine.Read.QueryRowContext(ctx, query, acronym))
	return o, s.known(err)
}
