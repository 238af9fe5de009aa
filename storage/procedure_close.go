package storage

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"strings"
	"time"
	"unicode/utf8"

	"comity"
)

// ExtendProcedure puts the deadline of an open procedure, read at this version, off to a later time; why is required. One
// that was changed in between or is closed is a Conflict.
func (s *Store) ExtendProcedure(ctx context.Context, v comity.Viewer, id comity.ProcedureID, version int, deadline time.Time, why string, now time.Time) (comity.Procedure, error) {
	return s.actOnProcedure(ctx, v, id, version, "extend procedure", why, now, func(tx *sql.Tx, p *comity.Procedure) error {
		deadline = deadline.UTC().Truncate(time.Second)
		if !deadline.After(p.Deadline) || deadline.After(now.AddDate(0, 0, comity.MaxProcedureDays)) {
			return comity.Errorf(comity.Invalid, "deadline: want a later one than %s, at most %d days from now", moment(p.Deadline), comity.MaxProcedureDays)
		}
		e := comity.ProcedureEvent{At: now, Event: comity.EventExtended, Old: moment(p.Deadline), New: moment(deadline), Why: why}
		p.Deadline = deadline
		return putEvent(ctx, tx, v, id, e)
	})
}

// WithdrawProcedure ends an open procedure, read at this version, without a decision; why is required. Its errors are
// those of ExtendProcedure.
func (s *Store) WithdrawProcedure(ctx context.Context, v comity.Viewer, id comity.ProcedureID, version int, why string, now time.Time) (comity.Procedure, error) {
	return s.actOnProcedure(ctx, v, id, version, "withdraw procedure", why, now, func(tx *sql.Tx, p *comity.Procedure) error {
		entitled, _, err := voices(ctx, tx, *p)
		if err != nil {
			return err
		}
		p.State, p.Closed, p.Entitled = comity.ProcedureWithdrawn, now, entitled
		return putEvent(ctx, tx, v, id, comity.ProcedureEvent{At: now, Event: comity.EventWithdrawn, Why: why})
	})
}

// actOnProcedure changes an open procedure before its deadline.
func (s *Store) actOnProcedure(ctx context.Context, v comity.Viewer, id comity.ProcedureID, version int, action, why string, now time.Time, do func(*sql.Tx, *comity.Procedure) error) (comity.Procedure, error) {
	var p comity.Procedure
	if !v.KeepsRecords() {
		return p, errNotFound
	}
	if strings.TrimSpace(why) == "" || utf8.RuneCountInString(why) > comity.MaxReason || !utf8.ValidString(why) {
		return p, comity.Errorf(comity.Invalid, "why: want a reason of at most %d characters", comity.MaxReason)
	}
	err := s.write(ctx, v, action, string(id), func(tx *sql.Tx) error {
		var err error
		if p, err = visibleProcedure(ctx, tx, v, id); err != nil {
			return err
		}
		if !p.Accepts(now) {
			return &comity.Error{Kind: comity.Conflict, Key: "procedure_closed", Msg: "the procedure is closed"}
		}
		if p.Version != version {
			return comity.Errorf(comity.Conflict, "the procedure was changed in between: look at it again")
		}
		if err := do(tx, &p); err != nil {
			return err
		}
		p.Version++
		return storeProcedure(ctx, tx, p, false)
	})
	return p, err
}

// DueProcedures lists the open procedures whose deadline has passed, at most 100. System only.
func (s *Store) DueProcedures(ctx context.Context, v comity.Viewer, now time.Time) ([]comity.Procedure, error) {
	if err := s.system(ctx, v, "DueProcedures"); err != nil {
		return nil, err
	}
	const query = `
		SELECT body
		FROM procedures
		WHERE state = 'open' AND deadline_at <= $1
		ORDER BY deadline_at, id
		LIMIT 100`
	list, err := bodies[comity.Procedure](ctx, s.engine.Read, query, unix(now))
	return list, s.known(err)
}

// Decide says what the positions of the organisations that are entitled add up to; governance.Decide is it.
type Decide = func(p comity.Procedure, entitled []comity.OrgID, positions []comity.Position) comity.Verdict

// CloseProcedure closes an open procedure whose deadline has passed: it freezes who could speak, has the positions decided,
// and where it is carried brings a proposed paper into force and enters the decision into the register. One that is closed
// or not due yet stays as it is, so that it may be repeated. System only.
func (s *Store) CloseProcedure(ctx context.Context, v comity.Viewer, id comity.ProcedureID, decide Decide, now time.Time) (comity.Procedure, error) {
	var p comity.Procedure
	if err := s.system(ctx, v, "CloseProcedure"); err != nil {
		return p, err
	}
	now = now.UTC().Truncate(time.Second)
	err := s.write(ctx, v, "close procedure", string(id), func(tx *sql.Tx) error {
		var err error
		if p, err = visibleProcedure(ctx, tx, v, id); err != nil {
			return err
		}
		if p.State != comity.ProcedureOpen || now.Before(p.Deadline) {
			return errUnchanged
		}
		entitled, said, err := voices(ctx, tx, p)
		if err != nil {
			return err
		}
		o := decide(p, entitled, said)
		p.Entitled, p.Verdict, p.Closed, p.State = entitled, &o, now, closedAs(p, o)
		e := comity.ProcedureEvent{At: now, Event: string(p.State)}
		if p.State == comity.ProcedureAdopted {
			if err := register(ctx, tx, &p); err != nil {
				return err
			}
			if err := bringIntoForce(ctx, tx, p); err != nil {
				return err
			}
		}
		p.Version++
		if err := storeProcedure(ctx, tx, p, false); err != nil {
			return err
		}
		return putEvent(ctx, tx, v, id, e)
	})
	return p, err
}

func closedAs(p comity.Procedure, o comity.Verdict) comity.ProcedureState {
	switch {
	case o.Carried:
		return comity.ProcedureAdopted
	case p.Kind == comity.ProcedureSilence:
		return comity.ProcedureStopped
	default:
		return comity.ProcedureRejected
	}
}

// register enters what a procedure decided into the register. The decision's identity follows from the procedure's.
func register(ctx context.Context, tx *sql.Tx, p *comity.Procedure) error {
	sum := sha256.Sum256([]byte("decision of " + string(p.ID)))
	d := comity.Decision{
		ID: comity.MakeDecisionID(comity.Entropy(sum[:len(comity.Entropy{})])), Text: p.PlainText(), TLP: p.TLP, Adopted: p.Closed, Procedure: p.ID,
	}
	if utf8.RuneCountInString(d.Text) > comity.MaxConclusionText {
		d.Text = p.Title // the procedure has the rest
	}
	if err := adopt(ctx, tx, &d); err != nil {
		return err
	}
	p.Decision = d.ID
	return nil
}

// bringIntoForce brings the paper of a procedure into force from the day of its closing, if it was only proposed; from the
// day of the revision that comes into force last, if that is later.
func bringIntoForce(ctx context.Context, tx *sql.Tx, p comity.Procedure) error {
	if p.Document == "" {
		return nil
	}
	r, err := visibleRevision(ctx, tx, comity.System("adopt"), p.Document, p.Number)
	if err != nil {
		return err
	}
	if !r.Effective.IsZero() {
		return nil
	}
	day := comity.DateOf(p.Closed)
	all, err := revisionsOf(ctx, tx, p.Document)
	if err != nil {
		return err
	}
	for _, other := range all {
		if day.Before(other.Effective) {
			day = other.Effective
		}
	}
	r.Decision = p.Decision
	return inForceFrom(ctx, tx, &r, day)
}
