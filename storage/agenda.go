package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"comity"
	"comity/governance"
)

// AgendaItems returns the agenda of a session that the viewer sees, within the items' labels, in its order.
func (s *Store) AgendaItems(ctx context.Context, v comity.Viewer, id comity.GroupSessionID) ([]comity.AgendaItem, error) {
	m, err := s.Minutes(ctx, v, id)
	return m.Items, err
}

func itemsOf(ctx context.Context, q querier, id comity.GroupSessionID) ([]comity.AgendaItem, error) {
	return bodies[comity.AgendaItem](ctx, q, `SELECT body FROM agenda_items WHERE session_id = $1 ORDER BY position, id`, string(id))
}

func storedItem(ctx context.Context, q querier, id comity.AgendaItemID) (comity.AgendaItem, error) {
	return body[comity.AgendaItem](ctx, q, `SELECT body FROM agenda_items WHERE id = $1`, string(id))
}

// AgendaItem returns one item of the agenda of a session, both as the viewer may see them.
func (s *Store) AgendaItem(ctx context.Context, v comity.Viewer, id comity.AgendaItemID) (comity.AgendaItem, comity.GroupSession, error) {
	s.note(ctx, v, "AgendaItem")
	a, err := storedItem(ctx, s.engine.Read, id)
	if err != nil {
		return comity.AgendaItem{}, comity.GroupSession{}, s.known(err)
	}
	m, err := s.Minutes(ctx, v, a.Session)
	if err != nil {
		return comity.AgendaItem{}, comity.GroupSession{}, err
	}
	for _, seen := range m.Items {
		if seen.ID == id {
			return seen, m.Session, nil
		}
	}
	return comity.AgendaItem{}, comity.GroupSession{}, errNotFound
}

// CarriedOn returns the items of later sessions that carry on items of a session, as far as the viewer sees those
// sessions: by the item that they come from.
func (s *Store) CarriedOn(ctx context.Context, v comity.Viewer, id comity.GroupSessionID) (map[comity.AgendaItemID]comity.AgendaItem, error) {
	s.note(ctx, v, "CarriedOn")
	var w where
	w.and("from_item_id IN (SELECT id FROM agenda_items WHERE session_id = ?)", string(id))
	w.and("session_id IN (SELECT id FROM group_sessions" + inner(&w, v) + ")")
	list, err := bodies[comity.AgendaItem](ctx, s.engine.Read, `SELECT body FROM agenda_items`+w.String(), w.args...)
	if err != nil {
		return nil, s.known(err)
	}
	by := map[comity.AgendaItemID]comity.AgendaItem{}
	for _, a := range list {
		if v.SeesAgendaItem(a.TLP) {
			by[a.From] = a
		}
	}
	return by, nil
}

// inner is the condition of visibleSessions within another condition, whose arguments it adds to.
func inner(outer *where, v comity.Viewer) string {
	sessions := where{args: outer.args}
	visibleSessions(&sessions, v)
	outer.args = sessions.args
	return sessions.String()
}

// PutAgendaItem adds an item at the end of the agenda (Revision 0), or changes the one that was read at the revision that it
// names; another one is a Conflict. The agenda may be changed until the session closes, what was said until the minutes are
// approved. A paper without a symbol gets the next one of the year.
func (s *Store) PutAgendaItem(ctx context.Context, v comity.Viewer, a comity.AgendaItem, now time.Time) (comity.AgendaItem, error) {
	err := s.write(ctx, v, "put agenda item", string(a.ID), func(tx *sql.Tx) error {
		one, err := keeps(ctx, tx, v, a.Session)
		if err != nil {
			return err
		}
		if err := a.Check(one); err != nil {
			return err
		}
		if a.Revision == 0 {
			err = placeLast(ctx, tx, one, &a)
		} else {
			err = replaceItem(ctx, tx, &one, &a)
		}
		if err != nil {
			return err
		}
		if err := giveSymbols(ctx, tx, &a, now); err != nil {
			return err
		}
		return storeItem(ctx, tx, &a)
	})
	return a, err
}

// keeps returns the session whose record the viewer keeps.
func keeps(ctx context.Context, tx *sql.Tx, v comity.Viewer, id comity.GroupSessionID) (comity.GroupSession, error) {
	one, err := visibleSession(ctx, tx, v, id)
	if err == nil && !v.KeepsRecords() {
		err = errNotFound
	}
	return one, err
}

// recorded is keeps for a session whose record may be changed.
func recorded(ctx context.Context, tx *sql.Tx, v comity.Viewer, id comity.GroupSessionID) (comity.GroupSession, error) {
	one, err := keeps(ctx, tx, v, id)
	if err == nil && !governance.EditsRecord(one.State) {
		err = comity.Errorf(comity.Conflict, "the session is %s: there is no record to change", one.State)
	}
	return one, err
}

// touched takes approvals back, since what was approved changes.
func touched(ctx context.Context, tx *sql.Tx, one comity.GroupSession) error {
	if len(one.Approvals) == 0 {
		return nil
	}
	one.Approvals = nil
	return storeSession(ctx, tx, &one)
}

func placeLast(ctx context.Context, tx *sql.Tx, one comity.GroupSession, a *comity.AgendaItem) error {
	if !governance.EditsAgenda(one.State) {
		return comity.Errorf(comity.Conflict, "the session is %s: its agenda is closed", one.State)
	}
	items, err := itemsOf(ctx, tx, one.ID)
	if err != nil {
		return err
	}
	if len(items) >= comity.MaxAgendaItems {
		return comity.Errorf(comity.Invalid, "an agenda has at most %d items", comity.MaxAgendaItems)
	}
	a.Position, a.Origin = len(items)+1, ""
	return nil
}

// replaceItem lets a change keep to what the session's state allows.
func replaceItem(ctx context.Context, tx *sql.Tx, one *comity.GroupSession, a *comity.AgendaItem) error {
	old, err := storedItem(ctx, tx, a.ID)
	if err != nil {
		return err
	}
	if old.Session != a.Session || old.Revision != a.Revision {
		return comity.Errorf(comity.Conflict, "the agenda item was changed in between")
	}
	if !governance.EditsAgenda(one.State) && !governance.EditsRecord(one.State) {
		return comity.Errorf(comity.Conflict, "the minutes are approved: nothing of them changes")
	}
	a.Position, a.From, a.Origin = old.Position, old.From, old.Origin
	if !governance.EditsAgenda(one.State) { // what was on the agenda is history; what was said is not yet
		record, outcome := a.Record, a.Outcome
		*a = old
		a.Record, a.Outcome = record, outcome
	}
	for i := range a.Papers {
		if !hadPaper(old.Papers, a.Papers[i].Symbol) {
			a.Papers[i].Symbol = ""
		}
	}
	return touched(ctx, tx, *one)
}

func hadPaper(papers []comity.Paper, symbol string) bool {
	for _, p := range papers {
		if p.Symbol == symbol {
			return true
		}
	}
	return false
}

// giveSymbols gives papers that have none the next symbols of the year: "MISSIG/2026/3".
func giveSymbols(ctx context.Context, tx *sql.Tx, a *comity.AgendaItem, now time.Time) error {
	for i := range a.Papers {
		if a.Papers[i].Symbol != "" && a.Revision > 0 {
			continue
		}
		group, err := body[comity.Group](ctx, tx, `SELECT body FROM group_settings`)
		if err != nil {
			return err
		}
		n, err := serial(ctx, tx, "paper", now.UTC().Year())
		if err != nil {
			return err
		}
		a.Papers[i].Symbol = fmt.Sprintf("%s/%d/%d", group.Acronym, now.UTC().Year(), n)
	}
	return nil
}

// serial returns the next number of a series in a year. Within a transaction that does not commit it is not used up, so
// that there are no gaps.
func serial(ctx context.Context, tx *sql.Tx, name string, year int) (int, error) {
	var n int
	const query = `
		INSERT INTO serials (name, year, last)
		VALUES ($1, $2, 1)
		ON CONFLICT (name, year) DO UPDATE
		SET last = serials.last + 1
		RETURNING last`
	err := tx.QueryRowContext(ctx, query, name, int64(year)).Scan(&n)
	return n, err
}

func storeItem(ctx context.Context, tx *sql.Tx, a *comity.AgendaItem) error {
	a.Revision++
	text, err := encode(*a)
	if err != nil {
		return err
	}
	const query = `
		INSERT INTO agenda_items (id, session_id, position, tlp, from_item_id, revision, body)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (id) DO UPDATE
		SET position = excluded.position, tlp = excluded.tlp, revision = excluded.revision, body = excluded.body
		WHERE agenda_items.session_id = excluded.session_id AND agenda_items.revision = excluded.revision - 1`
	result, err := tx.ExecContext(ctx, query, string(a.ID), string(a.Session), int64(a.Position), int64(a.TLP), string(a.From), int64(a.Revision), text)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, comity.Errorf(comity.Conflict, "the agenda item was changed in between"))
	}
	return nil
}

// MoveAgendaItem moves an item by steps within its agenda, up if negative.
func (s *Store) MoveAgendaItem(ctx context.Context, v comity.Viewer, id comity.AgendaItemID, steps int) error {
	return s.changeAgenda(ctx, v, "move agenda item", id, func(items []comity.AgendaItem) []comity.AgendaItem {
		return governance.Renumber(items, id, steps)
	})
}

// DeleteAgendaItem takes an item off the agenda. One with conclusions stays: Conflict.
func (s *Store) DeleteAgendaItem(ctx context.Context, v comity.Viewer, id comity.AgendaItemID) error {
	return s.changeAgenda(ctx, v, "delete agenda item", id, nil)
}

// changeAgenda stores the items of an agenda in a new order; with nil it deletes the item.
func (s *Store) changeAgenda(ctx context.Context, v comity.Viewer, action string, id comity.AgendaItemID, order func([]comity.AgendaItem) []comity.AgendaItem) error {
	return s.write(ctx, v, action, string(id), func(tx *sql.Tx) error {
		a, err := storedItem(ctx, tx, id)
		if err != nil {
			return err
		}
		one, err := keeps(ctx, tx, v, a.Session)
		if err != nil {
			return err
		}
		if !governance.EditsAgenda(one.State) {
			return comity.Errorf(comity.Conflict, "the session is %s: its agenda is closed", one.State)
		}
		if order == nil {
			if err := deleteItem(ctx, tx, one, a); err != nil {
				return err
			}
			order = func(items []comity.AgendaItem) []comity.AgendaItem { return governance.Renumber(items, "", 0) }
		}
		items, err := itemsOf(ctx, tx, one.ID)
		if err != nil {
			return err
		}
		for i, moved := range order(items) {
			if items[i].ID == moved.ID && items[i].Position == moved.Position {
				continue
			}
			if err := storeItem(ctx, tx, &moved); err != nil {
				return err
			}
		}
		return nil
	})
}

func deleteItem(ctx context.Context, tx *sql.Tx, one comity.GroupSession, a comity.AgendaItem) error {
	var n int
	if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM conclusions WHERE item_id = $1`, string(a.ID)).Scan(&n); err != nil {
		return err
	}
	if n > 0 || one.Item == a.ID {
		return comity.Errorf(comity.Conflict, "the item was taken up: it stays on the agenda")
	}
	_, err := tx.ExecContext(ctx, `DELETE FROM agenda_items WHERE id = $1`, string(a.ID))
	return err
}
