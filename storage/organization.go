package storage

import (
	"context"
	"database/sql"

	"comity"
)

const organizationColumns = `id, acronym, name, kind, co_chair`

func scanOrganization(r interface{ Scan(...any) error }) (o comity.Organization, err error) {
	var coChair int64
	err = r.Scan(&o.ID, &o.Acronym, &o.Name, &o.Kind, &coChair)
	o.CoChair = coChair != 0
	return o, err
}

// PutOrganization adds or changes an organisation. A taken acronym is a Conflict.
func (s *Store) PutOrganization(ctx context.Context, v comity.Viewer, o comity.Organization) error {
	if !v.Administers() {
		return errNotFound
	}
	return s.write(ctx, v, "put organization", string(o.ID), func(tx *sql.Tx) error {
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

// Organizations lists the organisations by acronym.
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
	const query = `
		SELECT ` + organizationColumns + `
		FROM organizations
		WHERE id = $1`
	o, err := scanOrganization(s.engine.Read.QueryRowContext(ctx, query, string(id)))
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
