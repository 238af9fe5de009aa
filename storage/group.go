package storage

import (
	"context"
	"database/sql"

	"comity"
)

// Group returns the group. Everybody who signed in may see it, and so may the system.
func (s *Store) Group(ctx context.Context, v comity.Viewer) (comity.Group, error) {
	s.note(ctx, v, "Group")
	if !v.SeesGroup() {
		return comity.Group{}, errNotFound
	}
	const query = `
		SELECT body
		FROM group_settings`
	g, err := body[comity.Group](ctx, s.engine.Read, query)
	return g, s.known(err)
}

// PutGroup sets the group.
func (s *Store) PutGroup(ctx context.Context, v comity.Viewer, g comity.Group) error {
	if !v.Administers() {
		return errNotFound
	}
	text, err := encode(g)
	if err != nil {
		return err
	}
	return s.write(ctx, v, "put group", g.Acronym, func(tx *sql.Tx) error {
		const query = `
			INSERT INTO group_settings (id, body)
			VALUES (1, $1)
			ON CONFLICT (id) DO UPDATE
			SET body = excluded.body`
		_, err := tx.ExecContext(ctx, query, text)
		return err
	})
}
