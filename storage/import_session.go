package storage

import (
	"context"
	"database/sql"
	"reflect"
	"time"

	"comity"
	"comity/governance"
)

// ImportedSession returns the session that was imported from the event of an identity, within what the viewer may see.
func (s *Store) ImportedSession(ctx context.Context, v comity.Viewer, origin string) (comity.GroupSession, error) {
	s.note(ctx, v, "ImportedSession")
	var w where
	w.and("id IN (SELECT session_id FROM session_origins WHERE origin = ?)", origin)
	visibleSessions(&w, v)
	one, err := body[comity.GroupSession](ctx, s.engine.Read, `SELECT body FROM group_sessions`+w.String(), w.args...)
	return one, s.known(err)
}

// ImportGroupSession stores what an event elsewhere says of a session, which names the event as its Origin: as a new draft
// (Revision 0), or over the draft that was imported from it, which was read at the revision that the session names; then its
// agenda follows governance.ImportAgenda. All items have identities, of which those of new ones are used. A session that is
// published or held, another revision and a second session of one event are a Conflict; it is NotFound for everybody who
// does not keep the records. What says nothing new changes nothing.
func (s *Store) ImportGroupSession(ctx context.Context, v comity.Viewer, one comity.GroupSession, items []comity.AgendaItem, now time.Time) (comity.GroupSession, error) {
	switch {
	case !v.KeepsRecords():
		return one, errNotFound
	case one.Origin == "":
		return one, comity.Errorf(comity.Invalid, "origin: want the identity of the event")
	case len(items) > comity.MaxAgendaItems:
		return one, comity.Errorf(comity.Invalid, "an agenda has at most %d items", comity.MaxAgendaItems)
	}
	err := s.write(ctx, v, "import session", string(one.ID), func(tx *sql.Tx) error {
		if one.Revision > 0 {
			return s.importAgain(ctx, tx, v, &one, items)
		}
		var n int
		if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM session_origins WHERE origin = $1`, one.Origin).Scan(&n); err != nil {
			return err
		}
		if n > 0 {
			return comity.Errorf(comity.Conflict, "the event was imported already")
		}
		if err := addSession(ctx, tx, v, &one, items, now); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO session_origins (origin, session_id) VALUES ($1, $2)`, one.Origin, string(one.ID))
		return err
	})
	return one, err
}

// importAgain changes a draft to what its event says now.
func (s *Store) importAgain(ctx context.Context, tx *sql.Tx, v comity.Viewer, one *comity.GroupSession, items []comity.AgendaItem) error {
	old, err := sessionAt(ctx, tx, v, one.ID, one.Revision)
	if err != nil {
		return err
	}
	if old.Origin != one.Origin {
		return comity.Errorf(comity.Conflict, "the session was not imported from this event")
	}
	if old.State != comity.SessionDraft {
		return comity.Errorf(comity.Conflict, "the session is %s: an import changes only a draft", old.State)
	}
	had, err := itemsOf(ctx, tx, one.ID)
	if err != nil {
		return err
	}
	one.State, one.Created, one.By = old.State, old.Created, old.By
	merged, gone := governance.ImportAgenda(had, items, *one)
	changed, err := importItems(ctx, tx, *one, had, merged, gone)
	if err != nil {
		return err
	}
	if !changed && reflect.DeepEqual(old, *one) {
		return errUnchanged
	}
	return s.changeSession(ctx, tx, v, one)
}

// importItems stores the items that differ from those that were there, deletes those that are gone, and reports whether
// there was any.
func importItems(ctx context.Context, tx *sql.Tx, one comity.GroupSession, had, merged, gone []comity.AgendaItem) (changed bool, err error) {
	if len(merged) > comity.MaxAgendaItems {
		return false, comity.Errorf(comity.Invalid, "an agenda has at most %d items", comity.MaxAgendaItems)
	}
	for _, a := range gone {
		if err := deleteItem(ctx, tx, one, a); err != nil {
			return false, err
		}
	}
	before := map[comity.AgendaItemID]comity.AgendaItem{}
	for _, a := range had {
		before[a.ID] = a
	}
	changed = len(gone) > 0
	for _, a := range merged {
		if old, ok := before[a.ID]; ok && reflect.DeepEqual(old, a) {
			continue
		}
		changed = true
		if err := a.Check(one); err != nil {
			return false, err
		}
		if err := storeItem(ctx, tx, &a); err != nil {
			return false, err
		}
	}
	return changed, nil
}
