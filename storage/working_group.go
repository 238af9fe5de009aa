package storage

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"comity"
)

// PutWorkingGroup adds a working group (Version 0), or changes the one that was read at the version that it names; another
// one is a Conflict. Its chair and members must take part in the group, else it is Invalid.
func (s *Store) PutWorkingGroup(ctx context.Context, v comity.Viewer, w comity.WorkingGroup) (comity.WorkingGroup, error) {
	if !v.KeepsRecords() {
		return w, errNotFound
	}
	if err := w.Check(); err != nil {
		return w, err
	}
	w.Members = slices.DeleteFunc(slices.Compact(slices.Sorted(slices.Values(w.Members))), func(org comity.OrgID) bool { return org == w.Chair })
	err := s.writeAbout(ctx, v, w.Chair, "put working group", string(w.ID), func(tx *sql.Tx) error {
		old, err := body[comity.WorkingGroup](ctx, tx, `SELECT body FROM working_groups WHERE id = $1`, string(w.ID))
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if old.Version != w.Version {
			return comity.Errorf(comity.Conflict, "the working group was changed in between")
		}
		if err := roomForWorkingGroup(ctx, tx, old); err != nil {
			return err
		}
		for _, org := range append([]comity.OrgID{w.Chair}, w.Members...) {
			if old.Belongs(org) {
				continue // an organisation that left the group since is not taken out of its history
			}
			if err := activeOrganization(ctx, tx, org); err != nil {
				return comity.Errorf(comity.Invalid, "members: %s takes no part in the group", org)
			}
		}
		w.Version++
		return storeWorkingGroup(ctx, tx, w)
	})
	return w, err
}

// roomForWorkingGroup refuses one more working group than a group has.
func roomForWorkingGroup(ctx context.Context, tx *sql.Tx, old comity.WorkingGroup) error {
	if old.Version > 0 {
		return nil
	}
	var n int
	if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM working_groups`).Scan(&n); err != nil {
		return err
	}
	if n >= comity.MaxWorkingGroups {
		return comity.Errorf(comity.Invalid, "at most %d working groups", comity.MaxWorkingGroups)
	}
	return nil
}

func storeWorkingGroup(ctx context.Context, tx *sql.Tx, w comity.WorkingGroup) error {
	text, err := encode(w)
	if err != nil {
		return err
	}
	const query = `
		INSERT INTO working_groups (id, name, tlp, chair_org_id, mandate_until, closed, version, body)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (id) DO UPDATE
		SET name = excluded.name, tlp = excluded.tlp, chair_org_id = excluded.chair_org_id, mandate_until = excluded.mandate_until,
		    closed = excluded.closed, version = excluded.version, body = excluded.body`
	_, err = tx.ExecContext(ctx, query, string(w.ID), w.Name, int64(w.TLP), string(w.Chair), w.Mandate.String(), w.Closed.String(), int64(w.Version), text)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM working_group_members WHERE working_group_id = $1`, string(w.ID)); err != nil {
		return err
	}
	for _, org := range w.Members {
		if _, err := tx.ExecContext(ctx, `INSERT INTO working_group_members (working_group_id, org_id) VALUES ($1, $2)`, string(w.ID), string(org)); err != nil {
			return err
		}
	}
	return nil
}

// WorkingGroups lists the working groups that the viewer may see: those that work by name, then those that are closed. At
// most comity.MaxWorkingGroups.
func (s *Store) WorkingGroups(ctx context.Context, v comity.Viewer) ([]comity.WorkingGroup, error) {
	s.note(ctx, v, "WorkingGroups")
	var w where
	visibleDocuments(&w, v, "tlp")
	list, err := bodies[comity.WorkingGroup](ctx, s.engine.Read, `SELECT body FROM working_groups`+w.String()+` ORDER BY CASE WHEN closed = '' THEN 0 ELSE 1 END, name, id`, w.args...)
	return list, s.known(err)
}

// WorkingGroup returns one working group that the viewer may see.
func (s *Store) WorkingGroup(ctx context.Context, v comity.Viewer, id comity.WorkingGroupID) (comity.WorkingGroup, error) {
	s.note(ctx, v, "WorkingGroup")
	var w where
	w.and("id = ?", string(id))
	visibleDocuments(&w, v, "tlp")
	g, err := body[comity.WorkingGroup](ctx, s.engine.Read, `SELECT body FROM working_groups`+w.String(), w.args...)
	return g, s.known(err)
}
