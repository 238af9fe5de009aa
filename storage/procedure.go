package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"comity"
)

// OpenProcedure opens a written procedure by the rules that are in force now, which bind it to its end; the threshold of a
// ballot is the procedure's own. Without rules it is a Conflict. Its paper must be a published revision, labelled no wider
// than the procedure is, and no other open procedure may be about it.
func (s *Store) OpenProcedure(ctx context.Context, v comity.Viewer, p comity.Procedure, now time.Time) (comity.Procedure, error) {
	if !v.KeepsRecords() {
		return p, errNotFound
	}
	now = now.UTC().Truncate(time.Second)
	err := s.write(ctx, v, "open procedure", string(p.ID), func(tx *sql.Tx) error {
		threshold := p.Rules.Threshold
		var err error
		if p.Rules, err = rulesInForce(ctx, tx, comity.DateOf(now)); comity.KindOf(err) == comity.NotFound {
			return &comity.Error{Kind: comity.Conflict, Key: "no_rules", Msg: "no Terms of Reference are in force: nothing says how long a procedure is open"}
		} else if err != nil {
			return err
		}
		if p.Kind == comity.ProcedureBallot && threshold != "" {
			if p.Rules.Threshold, err = comity.ParseThreshold(string(threshold)); err != nil {
				return err
			}
		}
		p.State, p.Opened, p.By, p.Version = comity.ProcedureOpen, now, v.Person(), 1
		p.Closed, p.Entitled, p.Verdict = time.Time{}, nil, nil
		p.Deadline = p.Deadline.UTC().Truncate(time.Second)
		if err := p.Check(now); err != nil {
			return err
		}
		if err := checkPaper(ctx, tx, v, p); err != nil {
			return err
		}
		if err := storeProcedure(ctx, tx, p, true); err != nil {
			return err
		}
		return putEvent(ctx, tx, v, p.ID, comity.ProcedureEvent{At: now, Event: comity.EventOpened, New: moment(p.Deadline)})
	})
	return p, err
}

// moment writes a time as it stands in events.
func moment(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// checkPaper holds the rules of OpenProcedure about the paper.
func checkPaper(ctx context.Context, tx *sql.Tx, v comity.Viewer, p comity.Procedure) error {
	if p.Document == "" {
		return nil
	}
	r, err := visibleRevision(ctx, tx, v, p.Document, p.Number)
	switch {
	case errors.Is(err, sql.ErrNoRows) || err == nil && r.Published.IsZero():
		return comity.Errorf(comity.Invalid, "document: no such published revision")
	case err != nil:
		return err
	case comity.Strictest(p.TLP, r.TLP) != p.TLP:
		return comity.Errorf(comity.Invalid, "tlp: the paper is marked more narrowly: %s", r.TLP)
	}
	var other int
	const query = `SELECT COUNT(*) FROM procedures WHERE document_id = $1 AND number = $2 AND state = 'open'`
	if err := tx.QueryRowContext(ctx, query, string(p.Document), int64(p.Number)).Scan(&other); err != nil {
		return err
	}
	if other > 0 {
		return comity.Errorf(comity.Invalid, "document: another procedure about this revision is open")
	}
	return nil
}

// storeProcedure stores a procedure. One that is new must not be there.
func storeProcedure(ctx context.Context, tx *sql.Tx, p comity.Procedure, isNew bool) error {
	text, err := encode(p)
	if err != nil {
		return err
	}
	const insert = `
		INSERT INTO procedures (id, state, tlp, opened_at, deadline_at, document_id, number, version, body)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
	const update = insert + `
		ON CONFLICT (id) DO UPDATE
		SET state = excluded.state, deadline_at = excluded.deadline_at, version = excluded.version, body = excluded.body`
	query := update
	if isNew {
		query = insert
	}
	_, err = tx.ExecContext(ctx, query, string(p.ID), string(p.State), int64(p.TLP), unix(p.Opened), unix(p.Deadline), string(p.Document),
		int64(p.Number), int64(p.Version), text)
	return err
}

func putEvent(ctx context.Context, tx *sql.Tx, v comity.Viewer, id comity.ProcedureID, e comity.ProcedureEvent) error {
	const query = `
		INSERT INTO procedure_events (procedure_id, at, person_id, org_id, event, old, new, why)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
	_, err := tx.ExecContext(ctx, query, string(id), unix(e.At), string(v.Person()), string(v.Org()), e.Event, e.Old, e.New, e.Why)
	return err
}

func visibleProcedure(ctx context.Context, q querier, v comity.Viewer, id comity.ProcedureID) (comity.Procedure, error) {
	var w where
	w.and("id = ?", string(id))
	visibleDocuments(&w, v, "tlp")
	return body[comity.Procedure](ctx, q, `SELECT body FROM procedures`+w.String(), w.args...)
}

// Procedure returns one written procedure that the viewer may see.
func (s *Store) Procedure(ctx context.Context, v comity.Viewer, id comity.ProcedureID) (comity.Procedure, error) {
	s.note(ctx, v, "Procedure")
	p, err := visibleProcedure(ctx, s.engine.Read, v, id)
	return p, s.known(err)
}

// Procedures returns one page of the written procedures that the viewer may see: the open ones by deadline, then the
// others, the newest first.
func (s *Store) Procedures(ctx context.Context, v comity.Viewer, q comity.ProcedureQuery) (comity.ProcedurePage, error) {
	s.note(ctx, v, "Procedures")
	var w where
	visibleDocuments(&w, v, "tlp")
	if q.State != "" {
		w.and("state = ?", string(q.State))
	}
	p := comity.ProcedurePage{}
	if err := s.engine.Read.QueryRowContext(ctx, `SELECT COUNT(*) FROM procedures`+w.String(), w.args...).Scan(&p.Total); err != nil {
		return p, s.known(err)
	}
	limit, offset := page(q.Limit, q.Offset, 200)
	query := fmt.Sprintf(`
		SELECT body
		FROM procedures%s
		ORDER BY CASE WHEN state = 'open' THEN deadline_at ELSE 9999999999 END, opened_at DESC, id
		LIMIT %d OFFSET %d`, w.String(), limit, offset)
	var err error
	p.Procedures, err = bodies[comity.Procedure](ctx, s.engine.Read, query, w.args...)
	return p, s.known(err)
}

// AwaitingPosition lists the open procedures that the viewer may see in which the viewer's organisation may speak and has
// not, by deadline, at most 50. It is empty for who speaks for no organisation.
func (s *Store) AwaitingPosition(ctx context.Context, v comity.Viewer, now time.Time) ([]comity.Procedure, error) {
	s.note(ctx, v, "AwaitingPosition")
	if !v.SpeaksFor(v.Org()) {
		return nil, nil
	}
	o, err := organization(ctx, s.engine.Read, v.Org())
	if err != nil {
		return nil, s.known(err)
	}
	var w where
	visibleDocuments(&w, v, "tlp")
	w.and("state = 'open'")
	w.and("deadline_at > ?", unix(now))
	w.and("NOT EXISTS (SELECT 1 FROM positions WHERE positions.procedure_id = procedures.id AND positions.org_id = ?)", string(v.Org()))
	list, err := bodies[comity.Procedure](ctx, s.engine.Read, `SELECT body FROM procedures`+w.String()+` ORDER BY deadline_at, id LIMIT 50`, w.args...)
	return slices.DeleteFunc(list, func(p comity.Procedure) bool { return !p.Rules.Votes(o) }), s.known(err)
}

// Positions lists all positions taken in a procedure that the viewer may see, earlier ones too, in their order.
func (s *Store) Positions(ctx context.Context, v comity.Viewer, id comity.ProcedureID) ([]comity.Position, error) {
	s.note(ctx, v, "Positions")
	if _, err := visibleProcedure(ctx, s.engine.Read, v, id); err != nil {
		return nil, s.known(err)
	}
	list, err := positions(ctx, s.engine.Read, id)
	return list, s.known(err)
}

func positions(ctx context.Context, q querier, id comity.ProcedureID) ([]comity.Position, error) {
	const query = `
		SELECT seq, org_id, person_id, at, position, reason
		FROM positions
		WHERE procedure_id = $1
		ORDER BY seq`
	return rows(ctx, q, func(r *sql.Rows) (comity.Position, error) {
		p := comity.Position{Procedure: id}
		var at int64
		err := r.Scan(&p.Seq, &p.Org, &p.Person, &at, &p.Position, &p.Reason)
		p.At = fromUnix(at)
		return p, err
	}, query, string(id))
}

// ProcedureEvents lists what was done to a procedure that the viewer may see, oldest first.
func (s *Store) ProcedureEvents(ctx context.Context, v comity.Viewer, id comity.ProcedureID) ([]comity.ProcedureEvent, error) {
	s.note(ctx, v, "ProcedureEvents")
	if _, err := visibleProcedure(ctx, s.engine.Read, v, id); err != nil {
		return nil, s.known(err)
	}
	const query = `
		SELECT at, person_id, org_id, event, old, new, why
		FROM procedure_events
		WHERE procedure_id = $1
		ORDER BY seq`
	list, err := rows(ctx, s.engine.Read, func(r *sql.Rows) (comity.ProcedureEvent, error) {
		var e comity.ProcedureEvent
		var at int64
		err := r.Scan(&at, &e.Person, &e.Org, &e.Event, &e.Old, &e.New, &e.Why)
		e.At = fromUnix(at)
		return e, err
	}, query, string(id))
	return list, s.known(err)
}

// PutPosition takes the position of an organisation in an open procedure before its deadline; earlier ones stay on record.
// Who may see the procedure and does not speak for the organisation, or whose organisation has no voice by the rules, is
// Forbidden; after the deadline it is a Conflict. "Discuss" in a no-objection procedure stops it at once. The system speaks
// for nobody, except that it tells the demonstration's story.
func (s *Store) PutPosition(ctx context.Context, v comity.Viewer, p comity.Position, now time.Time) (comity.Procedure, error) {
	now = now.UTC().Truncate(time.Second)
	var done comity.Procedure
	err := s.writeAbout(ctx, v, p.Org, "put position", string(p.Procedure), func(tx *sql.Tx) error {
		procedure, err := visibleProcedure(ctx, tx, v, p.Procedure)
		if err != nil {
			return err
		}
		if err := mayPutPosition(ctx, tx, v, procedure, p.Org); err != nil {
			return err
		}
		if !procedure.Accepts(now) {
			return &comity.Error{Kind: comity.Conflict, Key: "procedure_closed", Msg: "the procedure takes positions no more"}
		}
		if err := p.Check(); err != nil {
			return err
		}
		const query = `
			INSERT INTO positions (procedure_id, org_id, person_id, at, position, reason)
			VALUES ($1, $2, $3, $4, $5, $6)`
		if _, err := tx.ExecContext(ctx, query, string(p.Procedure), string(p.Org), string(v.Person()), unix(now), string(p.Position), p.Reason); err != nil {
			return err
		}
		procedure.Version++
		if done = procedure; procedure.Kind == comity.ProcedureSilence && p.Position == comity.PositionDiscuss {
			done, err = stop(ctx, tx, v, procedure, now)
			return err
		}
		return storeProcedure(ctx, tx, procedure, false)
	})
	return done, err
}

// mayPutPosition holds who may speak, and how often.
func mayPutPosition(ctx context.Context, tx *sql.Tx, v comity.Viewer, p comity.Procedure, org comity.OrgID) error {
	if _, system := v.IsSystem(); !system && !v.SpeaksFor(org) {
		return comity.Errorf(comity.Forbidden, "this role does not speak for the organisation")
	}
	o, err := organization(ctx, tx, org)
	if err != nil {
		return err
	}
	if !p.Rules.Votes(o) {
		return comity.Errorf(comity.Forbidden, "by the rules this organisation has no voice")
	}
	var n int
	if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM positions WHERE procedure_id = $1 AND org_id = $2`, string(p.ID), string(org)).Scan(&n); err != nil {
		return err
	}
	if n >= comity.MaxPositions {
		return comity.Errorf(comity.TooMany, "at most %d positions of one organisation", comity.MaxPositions)
	}
	return nil
}

// stop ends a no-objection procedure in which somebody objected.
func stop(ctx context.Context, tx *sql.Tx, v comity.Viewer, p comity.Procedure, now time.Time) (comity.Procedure, error) {
	entitled, said, err := voices(ctx, tx, p)
	if err != nil {
		return p, err
	}
	o := comity.CountPositions(entitled, said)
	o.Why = comity.VerdictObjection
	p.State, p.Closed, p.Entitled, p.Verdict = comity.ProcedureStopped, now, entitled, &o
	if err := storeProcedure(ctx, tx, p, false); err != nil {
		return p, err
	}
	return p, putEvent(ctx, tx, v, p.ID, comity.ProcedureEvent{At: now, Event: comity.EventStopped})
}

// voices returns who may speak in a procedure as the group is now, sorted, and what was said.
func voices(ctx context.Context, q querier, p comity.Procedure) ([]comity.OrgID, []comity.Position, error) {
	const query = `
		SELECT ` + organizationColumns + `
		FROM organizations
		ORDER BY id`
	all, err := rows(ctx, q, func(r *sql.Rows) (comity.Organization, error) { return scanOrganization(r) }, query)
	if err != nil {
		return nil, nil, err
	}
	var entitled []comity.OrgID
	for _, o := range all {
		if p.Rules.Votes(o) {
			entitled = append(entitled, o.ID)
		}
	}
	said, err := positions(ctx, q, p.ID)
	return entitled, said, err
}
