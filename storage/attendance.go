package storage

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"comity"
	"comity/governance"
)

func attendancesOf(ctx context.Context, q querier, id comity.GroupSessionID) ([]comity.Attendance, error) {
	const query = `
		SELECT org_id, in_at, out_at
		FROM attendances
		WHERE session_id = $1
		ORDER BY in_at, org_id`
	return rows(ctx, q, func(r *sql.Rows) (comity.Attendance, error) {
		a := comity.Attendance{Session: id}
		var in, out int64
		err := r.Scan(&a.Org, &in, &out)
		a.In, a.Out = fromUnix(in), fromUnix(out)
		return a, err
	}, query, string(id))
}

// quorumOf returns who was there over time as the rules of the session's day count it; nothing if no Terms of Reference
// were in force then.
func quorumOf(ctx context.Context, q querier, one comity.GroupSession, stays []comity.Attendance) ([]comity.QuorumSpan, error) {
	rules, err := rulesInForce(ctx, q, comity.DateOf(one.Starts))
	if comity.KindOf(err) == comity.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	voters, err := votersOf(ctx, q, rules.Rules, one.Starts)
	if err != nil {
		return nil, err
	}
	votes := func(o comity.OrgID) bool { return voters[o] }
	return governance.Quorum(stays, votes, rules.Quorum.Of(len(voters))), nil
}

// votersOf returns the organisations that vote by the rules, and took part at a moment.
func votersOf(ctx context.Context, q querier, rules comity.Rules, at time.Time) (map[comity.OrgID]bool, error) {
	list, err := rows(ctx, q, func(r *sql.Rows) (comity.Organization, error) { return scanOrganization(r) },
		`SELECT `+organizationColumns+` FROM organizations`)
	if err != nil {
		return nil, err
	}
	voters := map[comity.OrgID]bool{}
	for _, o := range list {
		if o.Deactivated.After(at) {
			o.Deactivated = time.Time{}
		}
		if rules.Votes(o) {
			voters[o.ID] = true
		}
	}
	return voters, nil
}

// Arrive notes that an organisation is in the session from now on, while it is held. If it is there already nothing
// changes. Observers do not come into an Executive Session: Invalid.
func (s *Store) Arrive(ctx context.Context, v comity.Viewer, id comity.GroupSessionID, org comity.OrgID, now time.Time) error {
	return s.attend(ctx, v, "arrive", id, org, func(tx *sql.Tx, one comity.GroupSession) error {
		if one.State != comity.SessionOpen {
			return comity.Errorf(comity.Conflict, "the session is %s", one.State)
		}
		return stay(ctx, tx, one, comity.Attendance{Session: id, Org: org, In: now.UTC().Truncate(time.Second)})
	})
}

// stay stores a stay that begins where no other is under way.
func stay(ctx context.Context, tx *sql.Tx, one comity.GroupSession, a comity.Attendance) error {
	o, err := organization(ctx, tx, a.Org)
	if err != nil {
		return err
	}
	if !o.Active() || one.MembersOnly() && !o.Kind.Contributes() {
		return comity.Errorf(comity.Invalid, "%s does not take part in this session", o.Acronym)
	}
	all, err := attendancesOf(ctx, tx, one.ID)
	if err != nil {
		return err
	}
	if len(all) >= comity.MaxAttendances {
		return comity.Errorf(comity.Invalid, "a session has at most %d stays", comity.MaxAttendances)
	}
	for _, had := range all {
		if had.Org != a.Org {
			continue
		}
		if had.Out.IsZero() && a.Out.IsZero() {
			return errUnchanged
		}
		if a.In.Before(had.Out) && had.In.Before(a.Out) || had.In.Equal(a.In) {
			return comity.Errorf(comity.Conflict, "%s was there already at that time", o.Acronym)
		}
	}
	const query = `INSERT INTO attendances (session_id, org_id, in_at, out_at) VALUES ($1, $2, $3, $4)`
	if _, err := tx.ExecContext(ctx, query, string(a.Session), string(a.Org), unix(a.In), unix(a.Out)); err != nil {
		return err
	}
	return touched(ctx, tx, one)
}

// Leave notes that an organisation leaves the session now.
func (s *Store) Leave(ctx context.Context, v comity.Viewer, id comity.GroupSessionID, org comity.OrgID, now time.Time) error {
	return s.attend(ctx, v, "leave", id, org, func(tx *sql.Tx, one comity.GroupSession) error {
		const query = `
			UPDATE attendances
			SET out_at = CASE WHEN in_at < $3 THEN $3 ELSE in_at + 1 END
			WHERE session_id = $1 AND org_id = $2 AND out_at = 0`
		result, err := tx.ExecContext(ctx, query, string(id), string(org), unix(now))
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, errUnchanged)
		}
		return nil
	})
}

// PutStay adds a stay to the record of a session that is over, as it should have been noted: with both ends, within the
// session.
func (s *Store) PutStay(ctx context.Context, v comity.Viewer, a comity.Attendance) error {
	return s.attend(ctx, v, "put stay", a.Session, a.Org, func(tx *sql.Tx, one comity.GroupSession) error {
		if one.State == comity.SessionOpen {
			return comity.Errorf(comity.Conflict, "the session is held: note who comes and goes")
		}
		a.In, a.Out = a.In.UTC().Truncate(time.Second), a.Out.UTC().Truncate(time.Second)
		day := 24 * time.Hour
		if !a.Out.After(a.In) || a.In.Before(one.Starts.Add(-day)) || a.Out.After(one.Ends.Add(day)) {
			return comity.Errorf(comity.Invalid, "want a time from which and a later one until which it was there, on the days of the session")
		}
		return stay(ctx, tx, one, a)
	})
}

// DeleteStay takes a stay out of the record.
func (s *Store) DeleteStay(ctx context.Context, v comity.Viewer, a comity.Attendance) error {
	return s.attend(ctx, v, "delete stay", a.Session, a.Org, func(tx *sql.Tx, one comity.GroupSession) error {
		result, err := tx.ExecContext(ctx, `DELETE FROM attendances WHERE session_id = $1 AND org_id = $2 AND in_at = $3`, string(a.Session), string(a.Org), unix(a.In))
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, errNotFound)
		}
		return touched(ctx, tx, one)
	})
}

// attend changes the attendance of a session whose record may be changed.
func (s *Store) attend(ctx context.Context, v comity.Viewer, action string, id comity.GroupSessionID, org comity.OrgID, do func(*sql.Tx, comity.GroupSession) error) error {
	return s.writeAbout(ctx, v, org, action, string(id), func(tx *sql.Tx) error {
		one, err := recorded(ctx, tx, v, id)
		if err != nil {
			return err
		}
		return do(tx, one)
	})
}
