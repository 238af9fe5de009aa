package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"comity"
	"comity/search"
)

// AdoptDecision enters a decision that was taken outside of a session, as by a written procedure, into the register under
// the next number of its year.
func (s *Store) AdoptDecision(ctx context.Context, v comity.Viewer, d comity.Decision) (comity.Decision, error) {
	if !v.KeepsRecords() {
		return d, errNotFound
	}
	err := s.write(ctx, v, "adopt decision", string(d.ID), func(tx *sql.Tx) error { return adopt(ctx, tx, &d) })
	return d, err
}

// adopt gives a decision its number, without gaps in a year, and stores it; what it supersedes is superseded then.
func adopt(ctx context.Context, tx *sql.Tx, d *comity.Decision) error {
	d.Adopted, d.Status, d.Revision = d.Adopted.UTC().Truncate(time.Second), comity.DecisionInForce, 0
	if err := d.Check(); err != nil {
		return err
	}
	group, err := body[comity.Group](ctx, tx, `SELECT body FROM group_settings`)
	if err != nil {
		return err
	}
	n, err := serial(ctx, tx, "decision", d.Adopted.Year())
	if err != nil {
		return err
	}
	d.Number = fmt.Sprintf("%s/%02d/D%03d", group.Acronym, d.Adopted.Year()%100, n)
	if d.Supersedes != "" {
		old, err := storedDecision(ctx, tx, d.Supersedes)
		if err != nil {
			return err
		}
		if old.Status != comity.DecisionInForce {
			return comity.Errorf(comity.Conflict, "%s is not in force", old.Number)
		}
		old.Status, old.SupersededBy, old.Ended = comity.DecisionSuperseded, d.ID, comity.DateOf(d.Adopted)
		if err := storeDecision(ctx, tx, &old); err != nil {
			return err
		}
	}
	return storeDecisionAs(ctx, tx, d, n)
}

func storedDecision(ctx context.Context, q querier, id comity.DecisionID) (comity.Decision, error) {
	return body[comity.Decision](ctx, q, `SELECT body FROM decisions WHERE id = $1`, string(id))
}

func storeDecision(ctx context.Context, tx *sql.Tx, d *comity.Decision) error {
	return storeDecisionAs(ctx, tx, d, 0)
}

// storeDecisionAs stores a decision as its next revision; the serial number counts for a new one.
func storeDecisionAs(ctx context.Context, tx *sql.Tx, d *comity.Decision, n int) error {
	d.Revision++
	text, err := encode(*d)
	if err != nil {
		return err
	}
	words := " " + strings.Join(search.Terms(d.Text+" "+d.Number), " ") + " "
	const insert = `
		INSERT INTO decisions (id, number, year, serial, tlp, members_only, status, adopted_at, session_id, procedure_id, revision, words, body)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`
	const update = `
		UPDATE decisions
		SET status = $1, revision = $2, body = $3
		WHERE id = $4 AND revision = $2 - 1`
	if d.Revision == 1 {
		_, err = tx.ExecContext(ctx, insert, string(d.ID), d.Number, int64(d.Adopted.Year()), int64(n), int64(d.TLP), flag(d.MembersOnly), string(d.Status),
			unix(d.Adopted), string(d.Session), string(d.Procedure), int64(d.Revision), words, text)
		return err
	}
	result, err := tx.ExecContext(ctx, update, string(d.Status), int64(d.Revision), text, string(d.ID))
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, comity.Errorf(comity.Conflict, "the decision was changed in between"))
	}
	return nil
}

// Decision returns one decision that the viewer may see.
func (s *Store) Decision(ctx context.Context, v comity.Viewer, id comity.DecisionID) (comity.Decision, error) {
	s.note(ctx, v, "Decision")
	d, err := visibleDecision(ctx, s.engine.Read, v, id)
	return d, s.known(err)
}

func visibleDecision(ctx context.Context, q querier, v comity.Viewer, id comity.DecisionID) (comity.Decision, error) {
	var w where
	w.and("id = ?", string(id))
	visibleDecisions(&w, v)
	return body[comity.Decision](ctx, q, `SELECT body FROM decisions`+w.String(), w.args...)
}

// Decisions returns one page of the decisions that the viewer may see, the latest first, and the years that have any.
func (s *Store) Decisions(ctx context.Context, v comity.Viewer, q comity.DecisionQuery) (comity.DecisionPage, error) {
	s.note(ctx, v, "Decisions")
	var p comity.DecisionPage
	var all where
	visibleDecisions(&all, v)
	var err error
	p.Years, err = rows(ctx, s.engine.Read, func(r *sql.Rows) (year int, err error) { return year, r.Scan(&year) },
		`SELECT DISTINCT year FROM decisions`+all.String()+` ORDER BY year DESC`, all.args...)
	if err != nil {
		return p, s.known(err)
	}
	w, err := selected(v, q)
	if err != nil {
		return p, err
	}
	if err := s.engine.Read.QueryRowContext(ctx, `SELECT COUNT(*) FROM decisions`+w.String(), w.args...).Scan(&p.Total); err != nil {
		return p, s.known(err)
	}
	limit, offset := page(q.Limit, q.Offset, 200)
	query := fmt.Sprintf(`SELECT body FROM decisions%s ORDER BY year DESC, serial DESC LIMIT %d OFFSET %d`, w.String(), limit, offset)
	p.Decisions, err = bodies[comity.Decision](ctx, s.engine.Read, query, w.args...)
	return p, s.known(err)
}

// selected is the condition of a query of decisions.
func selected(v comity.Viewer, q comity.DecisionQuery) (where, error) {
	var w where
	visibleDecisions(&w, v)
	if q.Status != "" {
		w.and("status = ?", string(q.Status))
	}
	if q.Year != 0 {
		w.and("year = ?", int64(q.Year))
	}
	if q.Session != "" {
		w.and("session_id = ?", string(q.Session))
	}
	if !q.From.IsZero() {
		w.and("adopted_at >= ?", unix(q.From))
	}
	if !q.Before.IsZero() {
		w.and("adopted_at < ?", unix(q.Before))
	}
	asked, err := search.Parse(q.Text)
	if err != nil {
		return w, err
	}
	for _, word := range asked {
		w.and(found(word, &w))
	}
	return w, nil
}

// found is the condition that one of the alternatives of a word is among a row's words, which stand between spaces. Terms
// have no character that LIKE reads in its own way but "_", which stands for itself and others.
func found(word search.Group, w *where) string {
	var alternatives []string
	for _, a := range word {
		var terms []string
		for _, t := range a {
			pattern := "% " + t.Text + " %"
			if t.Prefix {
				pattern = "% " + t.Text + "%"
			}
			w.args = append(w.args, pattern)
			terms = append(terms, "words LIKE "+w.last())
		}
		alternatives = append(alternatives, "("+strings.Join(terms, " AND ")+")")
	}
	return strings.Join(alternatives, " OR ")
}

// LapseDecision says that a decision is done with or of no more use, and why.
func (s *Store) LapseDecision(ctx context.Context, v comity.Viewer, id comity.DecisionID, revision int, why string, now time.Time) (comity.Decision, error) {
	var d comity.Decision
	if !v.KeepsRecords() {
		return d, errNotFound
	}
	err := s.write(ctx, v, "lapse decision", string(id), func(tx *sql.Tx) error {
		var err error
		if d, err = storedDecision(ctx, tx, id); err != nil {
			return err
		}
		switch {
		case d.Revision != revision:
			return comity.Errorf(comity.Conflict, "the decision was changed in between")
		case d.Status != comity.DecisionInForce:
			return comity.Errorf(comity.Conflict, "the decision is %s already", d.Status)
		case strings.TrimSpace(why) == "":
			return comity.Errorf(comity.Invalid, "why: want a reason")
		}
		d.Status, d.Ended, d.Why = comity.DecisionLapsed, comity.DateOf(now), why
		if err := d.Check(); err != nil {
			return err
		}
		return storeDecision(ctx, tx, &d)
	})
	return d, err
}

// ConfirmDecision takes the mark of a provisional decision away, once the group has confirmed it with a quorum.
func (s *Store) ConfirmDecision(ctx context.Context, v comity.Viewer, id comity.DecisionID, revision int) (comity.Decision, error) {
	var d comity.Decision
	if !v.KeepsRecords() {
		return d, errNotFound
	}
	err := s.write(ctx, v, "confirm decision", string(id), func(tx *sql.Tx) error {
		var err error
		if d, err = storedDecision(ctx, tx, id); err != nil {
			return err
		}
		if d.Revision != revision || !d.Provisional {
			return comity.Errorf(comity.Conflict, "the decision was changed in between")
		}
		d.Provisional = false
		return storeDecision(ctx, tx, &d)
	})
	return d, err
}
