package storage

import (
	"context"
	"database/sql"
	"time"

	"comity"
)

func amendmentsOf(ctx context.Context, q querier, id comity.GroupSessionID) ([]comity.Amendment, error) {
	return bodies[comity.Amendment](ctx, q, `SELECT body FROM amendments WHERE session_id = $1 ORDER BY at, id`, string(id))
}

// PutAmendment asks for an amendment of draft minutes for the viewer's organisation, which attended, while amendments are
// asked for.
func (s *Store) PutAmendment(ctx context.Context, v comity.Viewer, a comity.Amendment, now time.Time) (comity.Amendment, error) {
	a.Org, a.Person, a.At = v.Org(), v.Person(), now.UTC().Truncate(time.Second)
	a.State, a.Answer = comity.AmendmentOpen, ""
	if !v.SpeaksFor(a.Org) {
		return a, errNotFound
	}
	err := s.writeAbout(ctx, v, a.Org, "ask for amendment", string(a.Session), func(tx *sql.Tx) error {
		one, err := visibleSession(ctx, tx, v, a.Session)
		if err != nil {
			return err
		}
		if err := mayAmend(ctx, tx, one, a, now); err != nil {
			return err
		}
		return storeAmendment(ctx, tx, a)
	})
	return a, err
}

// mayAmend reports what is in the way of a request.
func mayAmend(ctx context.Context, tx *sql.Tx, one comity.GroupSession, a comity.Amendment, now time.Time) error {
	if one.State != comity.SessionAmendment || one.AmendUntil.Before(comity.DateOf(now)) {
		return comity.Errorf(comity.Conflict, "no amendments are asked for now")
	}
	if err := a.Check(); err != nil {
		return err
	}
	if a.Item != "" {
		if item, err := storedItem(ctx, tx, a.Item); err != nil || item.Session != one.ID {
			return comity.Errorf(comity.Invalid, "item: it is not on the agenda of this session")
		}
	}
	var stays, requests int
	const query = `
		SELECT (SELECT COUNT(*) FROM attendances WHERE session_id = $1 AND org_id = $2),
		       (SELECT COUNT(*) FROM amendments WHERE session_id = $1)`
	if err := tx.QueryRowContext(ctx, query, string(one.ID), string(a.Org)).Scan(&stays, &requests); err != nil {
		return err
	}
	switch {
	case stays == 0:
		return comity.Errorf(comity.Forbidden, "only organisations that attended ask for amendments")
	case requests >= comity.MaxAmendments:
		return comity.Errorf(comity.Invalid, "a session has at most %d requests", comity.MaxAmendments)
	}
	return nil
}

func storeAmendment(ctx context.Context, tx *sql.Tx, a comity.Amendment) error {
	text, err := encode(a)
	if err != nil {
		return err
	}
	const query = `
		INSERT INTO amendments (id, session_id, org_id, person_id, at, state, body)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (id) DO UPDATE
		SET state = excluded.state, body = excluded.body
		WHERE amendments.session_id = excluded.session_id AND amendments.org_id = excluded.org_id`
	_, err = tx.ExecContext(ctx, query, string(a.ID), string(a.Session), string(a.Org), string(a.Person), unix(a.At), string(a.State), text)
	return err
}

// AnswerAmendment accepts or declines a request, with what is said to it; who keeps the records changes the minutes
// themselves. A request that was answered can be answered anew until the minutes are approved.
func (s *Store) AnswerAmendment(ctx context.Context, v comity.Viewer, id comity.AmendmentID, state comity.AmendmentState, answer string) error {
	if state != comity.AmendmentAccepted && state != comity.AmendmentDeclined {
		return comity.Errorf(comity.Invalid, "state %.20q: want accepted or declined", state)
	}
	return s.write(ctx, v, "answer amendment", string(id), func(tx *sql.Tx) error {
		a, err := body[comity.Amendment](ctx, tx, `SELECT body FROM amendments WHERE id = $1`, string(id))
		if err != nil {
			return err
		}
		one, err := recorded(ctx, tx, v, a.Session)
		if err != nil {
			return err
		}
		a.State, a.Answer = state, answer
		if err := a.Check(); err != nil {
			return err
		}
		if err := storeAmendment(ctx, tx, a); err != nil {
			return err
		}
		return touched(ctx, tx, one)
	})
}
