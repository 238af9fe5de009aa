package storage

import (
	"context"
	"database/sql"
	"time"

	"comity"
)

// Terms lists who led the group and leads it, the newest term first. Everybody who signed in may know.
func (s *Store) Terms(ctx context.Context, v comity.Viewer) ([]comity.Term, error) {
	s.note(ctx, v, "Terms")
	if !v.SeesGroup() {
		return nil, errNotFound
	}
	list, err := terms(ctx, s.engine.Read)
	return list, s.known(err)
}

func terms(ctx context.Context, q querier) ([]comity.Term, error) {
	const query = `
		SELECT org_id, begins, until, ended, person_id, note
		FROM terms
		ORDER BY begins DESC, org_id`
	return rows(ctx, q, func(r *sql.Rows) (comity.Term, error) {
		var t comity.Term
		var begins, until, ended string
		if err := r.Scan(&t.Org, &begins, &until, &ended, &t.By, &t.Note); err != nil {
			return t, err
		}
		for text, into := range map[string]*comity.Date{begins: &t.From, until: &t.Until, ended: &t.Ended} {
			day, err := comity.ParseDate(text)
			if err != nil {
				return t, err
			}
			*into = day
		}
		return t, nil
	}, query)
}

// PutTerm records that an organisation leads the group, or led it, from a day on; the organisation from which it takes over
// ends its own term on that day. Empty takes over from nobody. It is a Conflict if
//
//  1. the organisation does not take part as a member or provider,
//  2. the one from which it takes over does not lead then,
//  3. on any day both co-chairs would be of one organisation, or more than two would lead.
//
// A term that has begun by now is in effect at once, as by ApplyTerms. A term that is over is recorded with its Ended, for
// the history. Only the secretariat may.
func (s *Store) PutTerm(ctx context.Context, v comity.Viewer, t comity.Term, from comity.OrgID, now time.Time) error {
	if !v.Administers() {
		return errNotFound
	}
	if err := t.Check(); err != nil {
		return err
	}
	if comity.DateOf(now).Before(t.Ended) {
		return comity.Errorf(comity.Invalid, "ended: a term that goes on ends when it is handed over")
	}
	t.By = v.Person()
	return s.writeAbout(ctx, v, t.Org, "put term", string(t.Org), func(tx *sql.Tx) error {
		o, err := organization(ctx, tx, t.Org)
		if err != nil {
			return err
		}
		if !o.Contributes() {
			return &comity.Error{Kind: comity.Conflict, Key: "co_chairs", Msg: "only an organisation that takes part as a member or provider leads the group"}
		}
		all, err := terms(ctx, tx)
		if err != nil {
			return err
		}
		if from != "" {
			if all, err = endTerm(ctx, tx, all, from, t.From); err != nil {
				return err
			}
		}
		if err := comity.CheckTerms(append(all, t)); err != nil {
			return err
		}
		const query = `
			INSERT INTO terms (org_id, begins, until, ended, person_id, note)
			VALUES ($1, $2, $3, $4, $5, $6)`
		if _, err := tx.ExecContext(ctx, query, string(t.Org), t.From.String(), t.Until.String(), t.Ended.String(), string(t.By), t.Note); err != nil {
			return err
		}
		_, err = applyTerms(ctx, tx, comity.DateOf(now))
		return err
	})
}

// endTerm ends the term that an organisation is in on a day, and returns all terms as they are then.
func endTerm(ctx context.Context, tx *sql.Tx, all []comity.Term, org comity.OrgID, day comity.Date) ([]comity.Term, error) {
	for i, t := range all {
		if t.Org != org || !t.Leads(day) || !t.From.Before(day) {
			continue
		}
		all[i].Ended = day
		_, err := tx.ExecContext(ctx, `UPDATE terms SET ended = $1 WHERE org_id = $2 AND begins = $3`, day.String(), string(org), t.From.String())
		return all, err
	}
	return nil, &comity.Error{Kind: comity.Conflict, Key: "terms_not_leading", Msg: "the organisation that hands over does not lead the group on that day"}
}

// ApplyTerms makes the organisations lead the group whose terms say so for the day, and those no longer whose terms ended:
// their people are co-chairs no more. Organisations that never had a term are left alone. It returns how many changed;
// repeating it changes nothing. System only.
func (s *Store) ApplyTerms(ctx context.Context, v comity.Viewer, day comity.Date) (changed int, err error) {
	if err := s.system(ctx, v, "ApplyTerms"); err != nil {
		return 0, err
	}
	err = s.write(ctx, v, "apply terms", day.String(), func(tx *sql.Tx) error {
		if changed, err = applyTerms(ctx, tx, day); err == nil && changed == 0 {
			return errUnchanged
		}
		return err
	})
	return changed, err
}

func applyTerms(ctx context.Context, tx *sql.Tx, day comity.Date) (changed int, err error) {
	all, err := terms(ctx, tx)
	if err != nil {
		return 0, err
	}
	leads := map[comity.OrgID]bool{}
	for _, t := range all {
		leads[t.Org] = leads[t.Org] || t.Leads(day)
	}
	for _, lead := range []bool{false, true} { // first who steps down: never are there three
		for org, now := range leads {
			if now != lead {
				continue
			}
			n, err := setLead(ctx, tx, org, lead)
			if err != nil {
				return changed, err
			}
			changed += n
		}
	}
	return changed, leadersWithin(ctx, tx)
}

// setLead notes whether an organisation leads the group, if that is new: 1.
func setLead(ctx context.Context, tx *sql.Tx, org comity.OrgID, lead bool) (int, error) {
	o, err := organization(ctx, tx, org)
	if err != nil || o.CoChair == lead || lead && !o.Contributes() {
		return 0, err
	}
	if _, err := tx.ExecContext(ctx, `UPDATE organizations SET co_chair = $1 WHERE id = $2`, flag(lead), string(org)); err != nil {
		return 0, err
	}
	if !lead {
		const step = `UPDATE people SET roles = roles - $1 WHERE org_id = $2 AND roles & $1 = $1`
		if _, err := tx.ExecContext(ctx, step, int64(comity.RoleCoChair), string(org)); err != nil {
			return 0, err
		}
	}
	// Roles of open invitations were checked against what the organisation was.
	if _, err := tx.ExecContext(ctx, `DELETE FROM invitations WHERE org_id = $1 AND person_id = ''`, string(org)); err != nil {
		return 0, err
	}
	return 1, change(ctx, tx, comity.ChangeProfile, org, "organization")
}

// leadersWithin is a Conflict if more than two organisations lead now.
func leadersWithin(ctx context.Context, tx *sql.Tx) error {
	var leading int
	if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM organizations WHERE co_chair <> 0 AND deactivated_at = 0`).Scan(&leading); err != nil {
		return err
	}
	if leading > comity.CoChairs {
		return &comity.Error{Kind: comity.Conflict, Key: "co_chairs", Msg: "two member organisations lead the group, no more: say from which one it takes over"}
	}
	return nil
}
