package storage

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"comity"
	"comity/governance"
)

// PutGroupSession adds a session of the group as a draft (Revision 0) with the items of its agenda, or changes the details
// of one that was read at the revision that it names, without items; another revision is a Conflict. State, the item on the
// floor and approvals are changed by methods of their own. It is NotFound for everybody who does not keep the records.
func (s *Store) PutGroupSession(ctx context.Context, v comity.Viewer, one comity.GroupSession, items []comity.AgendaItem, now time.Time) (comity.GroupSession, error) {
	if !v.KeepsRecords() {
		return one, errNotFound
	}
	err := s.write(ctx, v, "put session", string(one.ID), func(tx *sql.Tx) error {
		if one.Revision > 0 {
			return s.changeSession(ctx, tx, v, &one)
		}
		one.Origin = ""
		return addSession(ctx, tx, v, &one, items, now)
	})
	return one, err
}

// addSession stores a new session as a draft with its agenda.
func addSession(ctx context.Context, tx *sql.Tx, v comity.Viewer, one *comity.GroupSession, items []comity.AgendaItem, now time.Time) error {
	one.State, one.Created, one.By = comity.SessionDraft, now.UTC().Truncate(time.Second), v.Person()
	one.Item, one.AmendUntil, one.Approvals, one.Hash = "", comity.Date{}, nil, ""
	if err := one.Check(); err != nil {
		return err
	}
	if one.Previous != "" {
		if _, err := visibleSession(ctx, tx, v, one.Previous); err != nil {
			return comity.Errorf(comity.Invalid, "previous: there is no such session")
		}
	}
	if err := storeSession(ctx, tx, one); err != nil {
		return err
	}
	for i := range items {
		items[i].Session, items[i].Position, items[i].Revision = one.ID, i+1, 0
		if err := items[i].Check(*one); err != nil {
			return err
		}
		if err := storeItem(ctx, tx, &items[i]); err != nil {
			return err
		}
	}
	return nil
}

// changeSession stores new details of a session whose agenda may still be changed.
func (s *Store) changeSession(ctx context.Context, tx *sql.Tx, v comity.Viewer, one *comity.GroupSession) error {
	old, err := sessionAt(ctx, tx, v, one.ID, one.Revision)
	if err != nil {
		return err
	}
	if !governance.EditsAgenda(old.State) {
		return comity.Errorf(comity.Conflict, "the session is %s: its details stay as they are", old.State)
	}
	if old.State != comity.SessionDraft && old.MembersOnly() != one.MembersOnly() {
		return comity.Errorf(comity.Invalid, "kind: who may take part was published")
	}
	one.State, one.Item, one.AmendUntil, one.Approvals, one.Hash = old.State, old.Item, old.AmendUntil, old.Approvals, old.Hash
	one.Created, one.By, one.Previous, one.Origin = old.Created, old.By, old.Previous, old.Origin
	if err := one.Check(); err != nil {
		return err
	}
	items, err := itemsOf(ctx, tx, one.ID)
	if err != nil {
		return err
	}
	for _, a := range items {
		if err := a.Check(*one); err != nil {
			return comity.Errorf(comity.Invalid, "agenda item %d: %w", a.Position, err)
		}
	}
	return storeSession(ctx, tx, one)
}

// sessionAt returns the session for a change that was made on a revision.
func sessionAt(ctx context.Context, tx *sql.Tx, v comity.Viewer, id comity.GroupSessionID, revision int) (comity.GroupSession, error) {
	one, err := visibleSession(ctx, tx, v, id)
	if err != nil {
		return one, err
	}
	if !v.KeepsRecords() {
		return one, errNotFound
	}
	if one.Revision != revision {
		return one, comity.Errorf(comity.Conflict, "the session was changed in between")
	}
	return one, nil
}

// storeSession stores a session as its next revision.
func storeSession(ctx context.Context, tx *sql.Tx, one *comity.GroupSession) error {
	one.Revision++
	text, err := encode(*one)
	if err != nil {
		return err
	}
	const query = `
		INSERT INTO group_sessions (id, kind, state, tlp, members_only, starts_at, ends_at, revision, body)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (id) DO UPDATE
		SET kind = excluded.kind, state = excluded.state, tlp = excluded.tlp, members_only = excluded.members_only,
		    starts_at = excluded.starts_at, ends_at = excluded.ends_at, revision = excluded.revision, body = excluded.body
		WHERE group_sessions.revision = excluded.revision - 1`
	result, err := tx.ExecContext(ctx, query, string(one.ID), string(one.Kind), string(one.State), int64(one.TLP), flag(one.MembersOnly()),
		unix(one.Starts), unix(one.Ends), int64(one.Revision), text)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, comity.Errorf(comity.Conflict, "the session was changed in between"))
	}
	return nil
}

func visibleSession(ctx context.Context, q querier, v comity.Viewer, id comity.GroupSessionID) (comity.GroupSession, error) {
	var w where
	w.and("id = ?", string(id))
	visibleSessions(&w, v)
	return body[comity.GroupSession](ctx, q, `SELECT body FROM group_sessions`+w.String(), w.args...)
}

// GroupSession returns one session that the viewer may see.
func (s *Store) GroupSession(ctx context.Context, v comity.Viewer, id comity.GroupSessionID) (comity.GroupSession, error) {
	s.note(ctx, v, "GroupSession")
	one, err := visibleSession(ctx, s.engine.Read, v, id)
	return one, s.known(err)
}

// GroupSessions returns one page of the sessions that the viewer may see: those to come the next first, all others the
// latest first.
func (s *Store) GroupSessions(ctx context.Context, v comity.Viewer, q comity.SessionQuery) (comity.SessionPage, error) {
	s.note(ctx, v, "GroupSessions")
	var w where
	visibleSessions(&w, v)
	if len(q.IDs) > 0 {
		w.in("id", texts(q.IDs[:min(len(q.IDs), 200)]))
	}
	if q.Kind != "" {
		w.and("kind = ?", string(q.Kind))
	}
	order := "DESC"
	if !q.From.IsZero() {
		w.and("ends_at >= ?", unix(q.From))
		order = "ASC"
	}
	if !q.Before.IsZero() {
		w.and("ends_at < ?", unix(q.Before))
	}
	var p comity.SessionPage
	if err := s.engine.Read.QueryRowContext(ctx, `SELECT COUNT(*) FROM group_sessions`+w.String(), w.args...).Scan(&p.Total); err != nil {
		return p, s.known(err)
	}
	limit, offset := page(q.Limit, q.Offset, 200)
	query := fmt.Sprintf(`SELECT body FROM group_sessions%s ORDER BY starts_at %s, id LIMIT %d OFFSET %d`, w.String(), order, limit, offset)
	var err error
	p.Sessions, err = bodies[comity.GroupSession](ctx, s.engine.Read, query, w.args...)
	return p, s.known(err)
}

// DeleteGroupSession throws a draft away, with its agenda. What was published stays.
func (s *Store) DeleteGroupSession(ctx context.Context, v comity.Viewer, id comity.GroupSessionID, revision int) error {
	return s.write(ctx, v, "delete session", string(id), func(tx *sql.Tx) error {
		one, err := sessionAt(ctx, tx, v, id, revision)
		if err != nil {
			return err
		}
		if one.State != comity.SessionDraft {
			return comity.Errorf(comity.Conflict, "the session was published: it stays")
		}
		for _, query := range []string{
			`DELETE FROM agenda_items WHERE session_id = $1`, `DELETE FROM session_origins WHERE session_id = $1`, `DELETE FROM group_sessions WHERE id = $1`,
		} {
			if _, err := tx.ExecContext(ctx, query, string(id)); err != nil {
				return err
			}
		}
		return nil
	})
}

// MoveGroupSession moves a session that was read at a revision to a state, by the rules of governance.Move. To ask for
// amendments needs the last day on which they are asked for; other states leave it as it is. Whoever is still there when a
// session closes leaves with it. Approved minutes are frozen with their hash.
func (s *Store) MoveGroupSession(ctx context.Context, v comity.Viewer, id comity.GroupSessionID, revision int, to comity.SessionState, until comity.Date, now time.Time) (comity.GroupSession, error) {
	now = now.UTC().Truncate(time.Second)
	var one comity.GroupSession
	err := s.write(ctx, v, "move session to "+string(to), string(id), func(tx *sql.Tx) error {
		var err error
		if one, err = sessionAt(ctx, tx, v, id, revision); err != nil {
			return err
		}
		if to == comity.SessionAmendment {
			one.AmendUntil = until
		}
		open, coChairs, err := approvalFacts(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := governance.Move(one, to, comity.DateOf(now), open, coChairs); err != nil {
			return err
		}
		from := one.State
		one.State = to
		switch {
		case to == comity.SessionClosed && from == comity.SessionOpen:
			one.Item = ""
			_, err = tx.ExecContext(ctx, `UPDATE attendances SET out_at = $2 WHERE session_id = $1 AND out_at = 0`, string(id), unix(now))
		case to == comity.SessionMinutes || to == comity.SessionClosed:
			one.Approvals = nil
		case to == comity.SessionApproved:
			one.Hash, err = freeze(ctx, tx, one)
		}
		if err != nil {
			return err
		}
		return storeSession(ctx, tx, &one)
	})
	return one, err
}

// approvalFacts counts the requests to amend that are open, and the organisations that lead the group.
func approvalFacts(ctx context.Context, tx *sql.Tx, id comity.GroupSessionID) (open, coChairs int, err error) {
	const query = `
		SELECT (SELECT COUNT(*) FROM amendments WHERE session_id = $1 AND state = 'open'),
		       (SELECT COUNT(*) FROM organizations WHERE co_chair <> 0 AND deactivated_at = 0)`
	err = tx.QueryRowContext(ctx, query, string(id)).Scan(&open, &coChairs)
	return open, coChairs, err
}

// PutFloor says which item of the agenda is on the floor; empty: none. The session is in session.
func (s *Store) PutFloor(ctx context.Context, v comity.Viewer, id comity.GroupSessionID, item comity.AgendaItemID) error {
	return s.write(ctx, v, "put floor", string(id), func(tx *sql.Tx) error {
		one, err := recorded(ctx, tx, v, id)
		if err != nil {
			return err
		}
		if one.State != comity.SessionOpen {
			return comity.Errorf(comity.Conflict, "the session is %s", one.State)
		}
		if item != "" {
			if a, err := storedItem(ctx, tx, item); err != nil || a.Session != id {
				return errors.Join(err, errNotFound)
			}
		}
		if one.Item == item {
			return errUnchanged
		}
		one.Item = item
		return storeSession(ctx, tx, &one)
	})
}

// ApproveMinutes notes that the viewer, who works for an organisation that leads the group, approves the minutes as they
// are at this revision of the session. What changes in the record afterwards takes approvals back.
func (s *Store) ApproveMinutes(ctx context.Context, v comity.Viewer, id comity.GroupSessionID, revision int, now time.Time) (comity.GroupSession, error) {
	var one comity.GroupSession
	if !v.Roles().Has(comity.RoleCoChair) {
		return one, errNotFound
	}
	err := s.write(ctx, v, "approve minutes", string(id), func(tx *sql.Tx) error {
		var err error
		if one, err = sessionAt(ctx, tx, v, id, revision); err != nil {
			return err
		}
		if one.State != comity.SessionAmendment {
			return comity.Errorf(comity.Conflict, "the session is %s: minutes are approved while they can be amended", one.State)
		}
		for _, a := range one.Approvals {
			if a.Org == v.Org() {
				return errUnchanged
			}
		}
		one.Approvals = append(one.Approvals, comity.Approval{Org: v.Org(), Person: v.Person(), At: now.UTC().Truncate(time.Second)})
		return storeSession(ctx, tx, &one)
	})
	return one, err
}

// freeze keeps the minutes as they are approved and returns their hash.
func freeze(ctx context.Context, tx *sql.Tx, one comity.GroupSession) (string, error) {
	m, err := minutesOf(ctx, tx, one)
	if err != nil {
		return "", err
	}
	text, err := encode(m)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(text))
	hash := hex.EncodeToString(sum[:])
	_, err = tx.ExecContext(ctx, `INSERT INTO approved_minutes (session_id, hash, body) VALUES ($1, $2, $3)`, string(one.ID), hash, text)
	return hash, err
}

// minutesOf puts the record of a session together.
func minutesOf(ctx context.Context, q querier, one comity.GroupSession) (comity.Minutes, error) {
	m := comity.Minutes{Session: one}
	m.Session.Hash = ""
	var err error
	if m.Items, err = itemsOf(ctx, q, one.ID); err != nil {
		return m, err
	}
	if m.Conclusions, err = conclusionsOf(ctx, q, one.ID); err != nil {
		return m, err
	}
	if m.Attendance, err = attendancesOf(ctx, q, one.ID); err != nil {
		return m, err
	}
	if m.Quorum, err = quorumOf(ctx, q, one, m.Attendance); err != nil {
		return m, err
	}
	m.Amendments, err = amendmentsOf(ctx, q, one.ID)
	return m, err
}

// Minutes returns the record of a session as the viewer may see it: items and conclusions within their labels. Of approved
// minutes it is what was frozen; requests to amend are for members.
func (s *Store) Minutes(ctx context.Context, v comity.Viewer, id comity.GroupSessionID) (comity.Minutes, error) {
	s.note(ctx, v, "Minutes")
	one, err := visibleSession(ctx, s.engine.Read, v, id)
	if err != nil {
		return comity.Minutes{}, s.known(err)
	}
	m, err := minutesFor(ctx, s.engine.Read, one)
	if err != nil {
		return comity.Minutes{}, s.known(err)
	}
	return v.ShownMinutes(m), nil
}

func minutesFor(ctx context.Context, q querier, one comity.GroupSession) (comity.Minutes, error) {
	if one.State != comity.SessionApproved {
		return minutesOf(ctx, q, one)
	}
	m, err := body[comity.Minutes](ctx, q, `SELECT body FROM approved_minutes WHERE session_id = $1`, string(one.ID))
	m.Session.Hash = one.Hash
	return m, err
}

// ApprovedMinutes returns approved minutes byte for byte as they were hashed, for who sees all that is in them; NotFound for
// everybody else, and before they are approved. They are checked against their hash: what was altered is Internal.
func (s *Store) ApprovedMinutes(ctx context.Context, v comity.Viewer, id comity.GroupSessionID) ([]byte, error) {
	s.note(ctx, v, "ApprovedMinutes")
	one, err := visibleSession(ctx, s.engine.Read, v, id)
	if err != nil {
		return nil, s.known(err)
	}
	if one.State != comity.SessionApproved {
		return nil, errNotFound
	}
	var text string
	if err := s.engine.Read.QueryRowContext(ctx, `SELECT body FROM approved_minutes WHERE session_id = $1`, string(id)).Scan(&text); err != nil {
		return nil, s.known(err)
	}
	m, err := decode[comity.Minutes](text)
	if err != nil {
		return nil, err
	}
	if !v.SeesAllOf(m) {
		return nil, errNotFound
	}
	sum := sha256.Sum256([]byte(text))
	if hex.EncodeToString(sum[:]) != one.Hash {
		return nil, fmt.Errorf("minutes of %s: altered: their hash is not %s", id, one.Hash)
	}
	return []byte(text), nil
}
