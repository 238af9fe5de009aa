package storage

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"comity"
)

// actionsAsOf returns one page of the work-plan as it was at the end of a second.
func (s *Store) actionsAsOf(ctx context.Context, v comity.Viewer, q comity.ActionQuery) (comity.ActionPage, error) {
	var w where
	stateAt(&w, v, q.AsOf)
	selectActions(&w, q, "action_id")
	p := comity.ActionPage{}
	if err := s.engine.Read.QueryRowContext(ctx, `SELECT COUNT(*) FROM action_states`+w.String(), w.args...).Scan(&p.Total); err != nil {
		return p, s.known(err)
	}
	limit, offset := page(q.Limit, q.Offset, 200)
	query := fmt.Sprintf(`SELECT action_id FROM action_states%s ORDER BY priority, due, created_at, action_id LIMIT %d OFFSET %d`, w.String(), limit, offset)
	ids, err := rows(ctx, s.engine.Read, func(r *sql.Rows) (id comity.ActionID, err error) {
		err = r.Scan(&id)
		return id, err
	}, query, w.args...)
	if err != nil {
		return p, s.known(err)
	}
	then, err := s.planAt(ctx, v, ids, q.AsOf)
	for _, id := range ids {
		if a, ok := then[id]; ok {
			p.Actions = append(p.Actions, a)
		}
	}
	return p, err
}

// stateAt is the condition on action_states that an item was in this state at a moment, for a viewer who could see it then
// and may see it now.
func stateAt(w *where, v comity.Viewer, at time.Time) {
	w.and("from_at <= ? AND until_at > ?", unix(at), unix(at))
	visibleActions(w, v)
	if _, ok := v.IsSystem(); ok {
		return
	}
	var now where
	visibleActions(&now, v)
	w.and("action_id IN (SELECT id FROM actions WHERE "+unbind(now.conditions[0])+")", now.args...)
}

// planAt returns items as they were at a moment, those that the viewer could see then and may see now: as they are, with
// all that happened since taken back.
func (s *Store) planAt(ctx context.Context, v comity.Viewer, ids []comity.ActionID, at time.Time) (map[comity.ActionID]comity.ActionItem, error) {
	then := map[comity.ActionID]comity.ActionItem{}
	if len(ids) == 0 {
		return then, nil
	}
	var w where
	visibleActions(&w, v)
	w.in("id", texts(ids))
	w.and("created_at <= ?", unix(at))
	items, err := bodies[comity.ActionItem](ctx, s.engine.Read, `SELECT body FROM actions`+w.String(), w.args...)
	if err != nil {
		return nil, s.known(err)
	}
	since, err := s.since(ctx, ids, at)
	if err != nil {
		return nil, err
	}
	list := make([]comity.ActionItem, 0, len(items))
	for _, now := range items {
		a, err := takeBack(now, since[now.ID])
		if err != nil {
			return nil, err
		}
		if !v.SeesAction(a) {
			continue
		}
		if !seesPrivately(v, now) {
			a.Match = ""
		}
		if !v.SeesResponsible(now) {
			a.Responsible = ""
		}
		list = append(list, forViewer(v, a))
	}
	if err := s.seenDependencies(ctx, v, list); err != nil {
		return nil, err
	}
	for _, a := range list {
		then[a.ID] = a
	}
	return then, nil
}

// since returns the rows of items after a moment, oldest first.
func (s *Store) since(ctx context.Context, ids []comity.ActionID, at time.Time) (map[comity.ActionID][]comity.ActionRevision, error) {
	var w where
	w.in("action_id", texts(ids))
	w.and("at > ?", unix(at))
	list, err := rows(ctx, s.engine.Read, scanRevision, `
		SELECT action_id, at, person_id, org_id, field, old, new, why, group_session_id, decision_id
		FROM action_revisions`+w.String()+`
		ORDER BY seq`, w.args...)
	if err != nil {
		return nil, s.known(err)
	}
	since := map[comity.ActionID][]comity.ActionRevision{}
	for _, r := range list {
		since[r.Action] = append(since[r.Action], r)
	}
	return since, nil
}

// takeBack returns an item as it was before these rows, which are its newest.
func takeBack(a comity.ActionItem, since []comity.ActionRevision) (comity.ActionItem, error) {
	for _, r := range slices.Backward(since) {
		if r.Field == comity.Reviewed {
			continue
		}
		if err := a.SetField(r.Field, r.Old); err != nil {
			return a, fmt.Errorf("take back %s of %s: %w", r.Field, a.ID, err)
		}
		a.Updated, a.Revision = time.Time{}, 0 // what was is not changed
	}
	return a, nil
}

// PlanDifferences returns one page of what became of the work-plan after one moment until another, urgent and due first as
// the items are now. What changed and was changed back is listed without a field.
func (s *Store) PlanDifferences(ctx context.Context, v comity.Viewer, from, to time.Time, limit, offset int) (comity.PlanDifferences, error) {
	s.note(ctx, v, "PlanDifferences")
	var w where
	visibleActions(&w, v)
	w.and("EXISTS (SELECT 1 FROM action_states WHERE action_id = id AND from_at > ? AND from_at <= ?)", unix(from), unix(to))
	var seen where
	visibleActions(&seen, v)
	condition, args := "", []any{unix(from), unix(from), unix(to), unix(to)}
	if len(seen.conditions) > 0 {
		condition, args = " AND "+unbind(seen.conditions[0]), append(args, seen.args...)
	}
	w.and(`EXISTS (SELECT 1 FROM action_states WHERE action_id = id AND (from_at <= ? AND until_at > ? OR from_at <= ? AND until_at > ?)`+condition+`)`, args...)
	var p comity.PlanDifferences
	if err := s.engine.Read.QueryRowContext(ctx, `SELECT COUNT(*) FROM actions`+w.String(), w.args...).Scan(&p.Total); err != nil {
		return p, s.known(err)
	}
	limit, offset = page(limit, offset, 200)
	query := fmt.Sprintf(`SELECT id FROM actions%s ORDER BY priority, due, created_at, id LIMIT %d OFFSET %d`, w.String(), limit, offset)
	ids, err := rows(ctx, s.engine.Read, func(r *sql.Rows) (id comity.ActionID, err error) {
		err = r.Scan(&id)
		return id, err
	}, query, w.args...)
	if err != nil {
		return p, s.known(err)
	}
	before, err := s.planAt(ctx, v, ids, from)
	if err != nil {
		return p, err
	}
	after, err := s.planAt(ctx, v, ids, to)
	for _, id := range ids {
		if d, ok := differenceOf(before, after, id); ok {
			p.Items = append(p.Items, d)
		}
	}
	return p, err
}

func differenceOf(before, after map[comity.ActionID]comity.ActionItem, id comity.ActionID) (comity.PlanDifference, bool) {
	was, had := before[id]
	is, has := after[id]
	switch {
	case !had && !has:
		return comity.PlanDifference{}, false
	case !has:
		return comity.PlanDifference{Item: was, Gone: true}, true
	case !had:
		return comity.PlanDifference{Item: is, New: true}, true
	}
	d := comity.PlanDifference{Item: is}
	old := was.Fields()
	for i, f := range is.Fields() {
		if old[i].Value != f.Value {
			d.Changes = append(d.Changes, comity.PlanChange{Field: f.Name, Old: old[i].Value, New: f.Value})
		}
	}
	return d, true
}

// ReviewedIn returns when each item that the viewer may see was last looked at in a session of the group, changed or not.
func (s *Store) ReviewedIn(ctx context.Context, v comity.Viewer, session comity.GroupSessionID) (map[comity.ActionID]time.Time, error) {
	s.note(ctx, v, "ReviewedIn")
	if !v.ReviewsPlan() || session == "" {
		return nil, errNotFound
	}
	var w where
	w.and("group_session_id = ?", string(session))
	if _, ok := v.IsSystem(); !ok {
		var seen where
		visibleActions(&seen, v)
		w.and("action_id IN (SELECT id FROM actions WHERE "+unbind(seen.conditions[0])+")", seen.args...)
	}
	type review struct {
		id comity.ActionID
		at int64
	}
	list, err := rows(ctx, s.engine.Read, func(r *sql.Rows) (n review, err error) {
		err = r.Scan(&n.id, &n.at)
		return n, err
	}, `SELECT action_id, MAX(at) FROM action_revisions`+w.String()+` GROUP BY action_id`, w.args...)
	reviewed := map[comity.ActionID]time.Time{}
	for _, n := range list {
		reviewed[n.id] = fromUnix(n.at)
	}
	return reviewed, s.known(err)
}

// ActionSent reports whether the viewer's change of an item under this key was stored already.
func (s *Store) ActionSent(ctx context.Context, v comity.Viewer, id comity.ActionID, key string) (bool, error) {
	s.note(ctx, v, "ActionSent")
	if _, err := visibleAction(ctx, s.engine.Read, v, id); err != nil {
		return false, s.known(err)
	}
	var n int
	const query = `SELECT COUNT(*) FROM action_revisions WHERE action_id = $1 AND change_key = $2 AND person_id = $3`
	err := s.engine.Read.QueryRowContext(ctx, query, string(id), key, string(v.Person())).Scan(&n)
	return n > 0 && key != "", s.known(err)
}

// SessionRevisions returns what happened to items in a session of the group, at most 200 of those that the viewer may see,
// each oldest first. As in ActionRevisions nobody sees what was before an item was shared with them.
func (s *Store) SessionRevisions(ctx context.Context, v comity.Viewer, session comity.GroupSessionID, ids []comity.ActionID) (map[comity.ActionID][]comity.ActionRevision, error) {
	s.note(ctx, v, "SessionRevisions")
	found := map[comity.ActionID][]comity.ActionRevision{}
	if !v.ReviewsPlan() || session == "" {
		return nil, errNotFound
	}
	if len(ids) == 0 {
		return found, nil
	}
	var w where
	w.in("id", texts(ids[:min(len(ids), 200)]))
	visibleActions(&w, v)
	items, err := bodies[comity.ActionItem](ctx, s.engine.Read, `SELECT body FROM actions`+w.String(), w.args...)
	if err != nil {
		return nil, s.known(err)
	}
	var rw where
	rw.in("action_id", texts(ids[:min(len(ids), 200)]))
	rw.and("group_session_id = ? OR field = 'audience'", string(session))
	list, err := rows(ctx, s.engine.Read, scanRevision, `
		SELECT action_id, at, person_id, org_id, field, old, new, why, group_session_id, decision_id
		FROM action_revisions`+rw.String()+`
		ORDER BY seq`, rw.args...)
	if err != nil {
		return nil, s.known(err)
	}
	byItem := map[comity.ActionID][]comity.ActionRevision{}
	for _, r := range list {
		byItem[r.Action] = append(byItem[r.Action], r)
	}
	for _, a := range items {
		seen := byItem[a.ID]
		if !seesPrivately(v, a) {
			seen = sinceShared(seen)
		}
		if seen, err = s.shownRevisions(ctx, v, a, seen); err != nil {
			return nil, err
		}
		found[a.ID] = slices.DeleteFunc(seen, func(r comity.ActionRevision) bool { return r.Session != session })
	}
	return found, nil
}

// PutPlanBaseline names a moment of the work-plan, for everybody who sees the plan. A name that is taken is a Conflict.
func (s *Store) PutPlanBaseline(ctx context.Context, v comity.Viewer, b comity.PlanBaseline) error {
	if !v.KeepsPlan() {
		return comity.Errorf(comity.Forbidden, "this role names no baselines of the work-plan")
	}
	return s.write(ctx, v, "put plan baseline", b.Name, func(tx *sql.Tx) error {
		var n int
		if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM plan_baselines`).Scan(&n); err != nil {
			return err
		}
		if n >= comity.MaxPlanBaselines {
			return comity.Errorf(comity.Invalid, "at most %d baselines", comity.MaxPlanBaselines)
		}
		const query = `
			INSERT INTO plan_baselines (name, at, group_session_id, person_id)
			VALUES ($1, $2, $3, $4)`
		_, err := tx.ExecContext(ctx, query, b.Name, unix(b.At), string(b.Session), string(v.Person()))
		return err
	})
}

// PlanBaselines lists the named moments of the work-plan, newest first. Everybody who signed in sees them; they say nothing
// of any item.
func (s *Store) PlanBaselines(ctx context.Context, v comity.Viewer) ([]comity.PlanBaseline, error) {
	s.note(ctx, v, "PlanBaselines")
	if !v.SignedIn() {
		return nil, errNotFound
	}
	const query = `
		SELECT name, at, group_session_id, person_id
		FROM plan_baselines
		ORDER BY at DESC, name`
	list, err := rows(ctx, s.engine.Read, func(r *sql.Rows) (comity.PlanBaseline, error) {
		var b comity.PlanBaseline
		var at int64
		err := r.Scan(&b.Name, &at, &b.Session, &b.By)
		b.At = fromUnix(at)
		return b, err
	}, query)
	return list, s.known(err)
}

// PutPlanFilter keeps a selection of the work-plan for the viewer under a name; one of the same name is replaced.
func (s *Store) PutPlanFilter(ctx context.Context, v comity.Viewer, f comity.PlanFilter) error {
	if v.Person() == "" {
		return errNotFound
	}
	return s.write(ctx, v, "put plan filter", "", func(tx *sql.Tx) error {
		var n int
		const count = `SELECT COUNT(*) FROM plan_filters WHERE person_id = $1 AND name <> $2`
		if err := tx.QueryRowContext(ctx, count, string(v.Person()), f.Name).Scan(&n); err != nil {
			return err
		}
		if n >= comity.MaxPlanFilters {
			return comity.Errorf(comity.Invalid, "at most %d saved filters", comity.MaxPlanFilters)
		}
		const query = `
			INSERT INTO plan_filters (person_id, name, query)
			VALUES ($1, $2, $3)
			ON CONFLICT (person_id, name) DO UPDATE
			SET query = excluded.query`
		_, err := tx.ExecContext(ctx, query, string(v.Person()), f.Name, f.Query)
		return err
	})
}

// DeletePlanFilter forgets one of the viewer's own filters; NotFound if there is none of that name.
func (s *Store) DeletePlanFilter(ctx context.Context, v comity.Viewer, name string) error {
	return s.write(ctx, v, "delete plan filter", "", func(tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, `DELETE FROM plan_filters WHERE person_id = $1 AND name = $2`, string(v.Person()), name)
		if err != nil {
			return err
		}
		n, err := done.RowsAffected()
		return cmp.Or(err, map[bool]error{true: errNotFound}[n == 0])
	})
}

// PlanFilters lists the viewer's own filters by name.
func (s *Store) PlanFilters(ctx context.Context, v comity.Viewer) ([]comity.PlanFilter, error) {
	s.note(ctx, v, "PlanFilters")
	if v.Person() == "" {
		return nil, nil
	}
	const query = `
		SELECT name, query
		FROM plan_filters
		WHERE person_id = $1
		ORDER BY name`
	list, err := rows(ctx, s.engine.Read, func(r *sql.Rows) (f comity.PlanFilter, err error) {
		err = r.Scan(&f.Name, &f.Query)
		return f, err
	}, query, string(v.Person()))
	return list, s.known(err)
}
