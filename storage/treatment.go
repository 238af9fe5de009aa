package storage

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"comity"
)

// Treatments returns what an organisation does about its exposures, withdrawn treatments included: at most one for each
// scenario of the catalogue. It is NotFound for everybody outside the organisation.
func (s *Store) Treatments(ctx context.Context, v comity.Viewer, org comity.OrgID) (comity.TreatmentPlan, error) {
	s.note(ctx, v, "Treatments")
	p := comity.TreatmentPlan{Threshold: comity.DefaultThreshold, Default: true}
	if !v.SeesProfile(org) {
		return p, errNotFound
	}
	list, err := bodies[comity.Treatment](ctx, s.engine.Read, `SELECT body FROM treatments WHERE org_id = $1 ORDER BY scenario`, string(org))
	if err != nil {
		return p, s.known(err)
	}
	p.Treatments = list
	err = s.engine.Read.QueryRowContext(ctx, `SELECT threshold FROM treatment_thresholds WHERE org_id = $1`, string(org)).Scan(&p.Threshold)
	if errors.Is(err, sql.ErrNoRows) {
		return p, nil
	}
	p.Default = false
	return p, s.known(err)
}

// PutTreatmentThreshold sets from which probability on an exposure of the organisation is above tolerance.
func (s *Store) PutTreatmentThreshold(ctx context.Context, v comity.Viewer, org comity.OrgID, threshold float64, now time.Time) error {
	if !v.EditsTreatments(org) {
		return errNotFound
	}
	if !(threshold > 0 && threshold < 1) {
		return comity.Errorf(comity.Invalid, "threshold: a probability above 0 and below 1")
	}
	return s.write(ctx, v, "put treatment threshold", string(org), func(tx *sql.Tx) error {
		if err := entered(ctx, tx, org); err != nil {
			return err
		}
		const query = `
			INSERT INTO treatment_thresholds (org_id, threshold, at, person_id)
			VALUES ($1, $2, $3, $4)
			ON CONFLICT (org_id) DO UPDATE
			SET threshold = excluded.threshold, at = excluded.at, person_id = excluded.person_id`
		if _, err := tx.ExecContext(ctx, query, string(org), threshold, unix(now), string(v.Person())); err != nil {
			return err
		}
		return change(ctx, tx, comity.ChangeTreatment, org, string(org))
	})
}

// PutTreatment proposes what is done about an exposure, instead of what was: whatever was approved before is not of the new.
// Its Revision is that which it changes, 0 for the first; another is a Conflict. Action items must be the organisation's.
func (s *Store) PutTreatment(ctx context.Context, v comity.Viewer, t comity.Treatment, now time.Time) (comity.Treatment, error) {
	if !v.EditsTreatments(t.Org) {
		return t, errNotFound
	}
	if err := t.Check(comity.DateOf(now)); err != nil {
		return t, err
	}
	return s.decide(ctx, v, t.Org, t.Scenario, t.Revision, comity.TreatmentPut, now, func(tx *sql.Tx, current comity.Treatment) (comity.Treatment, error) {
		if current.ID != "" {
			t.ID = current.ID
		}
		if t.ID == "" {
			return t, comity.Errorf(comity.Invalid, "id: a new treatment needs one")
		}
		t.Proposed, t.ProposedBy = now.UTC().Truncate(time.Second), v.Person()
		t.Approved, t.ApprovedBy, t.Withdrawn = time.Time{}, "", time.Time{}
		slices.Sort(t.Actions)
		t.Actions = slices.Compact(t.Actions)
		return t, linksOwn(ctx, tx, t)
	})
}

// linksOwn refuses action items that are not the organisation's own.
func linksOwn(ctx context.Context, tx *sql.Tx, t comity.Treatment) error {
	var w where
	w.and("owner_org_id = ?", string(t.Org))
	w.in("id", texts(t.Actions))
	var n int
	if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM actions`+w.String(), w.args...).Scan(&n); err != nil {
		return err
	}
	if n != len(t.Actions) {
		return comity.Errorf(comity.Invalid, "actions: only action items of the organisation itself")
	}
	return nil
}

// ApproveTreatment approves that an exposure is accepted, as the revision says. It is Forbidden for who proposed it and for
// roles that don't approve, and a Conflict if there is nothing to approve.
func (s *Store) ApproveTreatment(ctx context.Context, v comity.Viewer, org comity.OrgID, scenario comity.ScenarioID, revision int, now time.Time) (comity.Treatment, error) {
	if !v.SeesProfile(org) {
		return comity.Treatment{}, errNotFound
	}
	if !v.ApprovesTreatments(org) {
		return comity.Treatment{}, comity.Errorf(comity.Forbidden, "an acceptance is approved by a focal point, an alternate or a co-chair of the organisation")
	}
	return s.decide(ctx, v, org, scenario, revision, comity.TreatmentApproved, now, func(_ *sql.Tx, t comity.Treatment) (comity.Treatment, error) {
		switch {
		case t.State(comity.DateOf(now)) != comity.TreatmentProposed:
			return t, comity.Errorf(comity.Conflict, "there is nothing to approve")
		case t.ProposedBy == v.Person():
			return t, comity.Errorf(comity.Forbidden, "another person approves what you proposed")
		}
		t.Approved, t.ApprovedBy = now.UTC().Truncate(time.Second), v.Person()
		return t, nil
	})
}

// WithdrawTreatment ends a treatment: nothing is done about the exposure any more. It stays in the history.
func (s *Store) WithdrawTreatment(ctx context.Context, v comity.Viewer, org comity.OrgID, scenario comity.ScenarioID, revision int, now time.Time) (comity.Treatment, error) {
	if !v.EditsTreatments(org) {
		return comity.Treatment{}, errNotFound
	}
	return s.decide(ctx, v, org, scenario, revision, comity.TreatmentWithdrawn, now, func(_ *sql.Tx, t comity.Treatment) (comity.Treatment, error) {
		if t.ID == "" {
			return t, errNotFound
		}
		if !t.Withdrawn.IsZero() {
			return t, errUnchanged
		}
		t.Withdrawn = now.UTC().Truncate(time.Second)
		return t, nil
	})
}

// decide changes the treatment of a scenario from the revision that is named to the next, with a row of its history.
func (s *Store) decide(ctx context.Context, v comity.Viewer, org comity.OrgID, scenario comity.ScenarioID, revision int, event comity.TreatmentEvent, now time.Time,
	apply func(tx *sql.Tx, current comity.Treatment) (comity.Treatment, error),
) (comity.Treatment, error) {
	var t comity.Treatment
	err := s.write(ctx, v, "treatment "+string(event), string(org), func(tx *sql.Tx) error {
		current, err := body[comity.Treatment](ctx, tx, `SELECT body FROM treatments WHERE org_id = $1 AND scenario = $2`, string(org), string(scenario))
		if err != nil && comity.KindOf(s.known(err)) != comity.NotFound {
			return err
		}
		if current.Revision != revision {
			return comity.Errorf(comity.Conflict, "the treatment was changed in between: it is at revision %d, the change was made on %d", current.Revision, revision)
		}
		if t, err = apply(tx, current); err != nil {
			return err
		}
		t.Revision = revision + 1
		return putTreatment(ctx, tx, v, t, event, now)
	})
	return t, err
}

func putTreatment(ctx context.Context, tx *sql.Tx, v comity.Viewer, t comity.Treatment, event comity.TreatmentEvent, now time.Time) error {
	text, err := encode(t)
	if err != nil {
		return err
	}
	if err := entered(ctx, tx, t.Org); err != nil {
		return err
	}
	const current = `
		INSERT INTO treatments (id, org_id, scenario, revision, body)
		VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (org_id, scenario) DO UPDATE
		SET revision = excluded.revision, body = excluded.body`
	if _, err := tx.ExecContext(ctx, current, string(t.ID), string(t.Org), string(t.Scenario), int64(t.Revision), text); err != nil {
		return err
	}
	const row = `
		INSERT INTO treatment_revisions (org_id, treatment_id, revision, at, person_id, event, body)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`
	if _, err := tx.ExecContext(ctx, row, string(t.Org), string(t.ID), int64(t.Revision), unix(now), string(v.Person()), string(event), text); err != nil {
		return err
	}
	return change(ctx, tx, comity.ChangeTreatment, t.Org, string(t.ID))
}

// TreatmentHistory returns what was decided on a scenario, newest first, at most 200 rows. It is NotFound for everybody
// outside the organisation.
func (s *Store) TreatmentHistory(ctx context.Context, v comity.Viewer, org comity.OrgID, scenario comity.ScenarioID) ([]comity.TreatmentRevision, error) {
	s.note(ctx, v, "TreatmentHistory")
	if !v.SeesProfile(org) {
		return nil, errNotFound
	}
	const query = `
		SELECT r.at, r.person_id, r.event, r.body
		FROM treatment_revisions AS r
		JOIN treatments AS t ON t.id = r.treatment_id
		WHERE t.org_id = $1
		  AND t.scenario = $2
		ORDER BY r.revision DESC
		LIMIT 200`
	list, err := rows(ctx, s.engine.Read, func(r *sql.Rows) (comity.TreatmentRevision, error) {
		var one comity.TreatmentRevision
		var at int64
		var text string
		err := r.Scan(&at, &one.Person, &one.Event, &text)
		if err != nil {
			return one, err
		}
		one.At = fromUnix(at)
		one.Treatment, err = decode[comity.Treatment](text)
		return one, err
	}, query, string(org), string(scenario))
	return list, s.known(err)
}
