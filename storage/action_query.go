package storage

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"comity"
)

func visibleAction(ctx context.Context, q querier, v comity.Viewer, id comity.ActionID) (comity.ActionItem, error) {
	var w where
	w.and("id = ?", string(id))
	visibleActions(&w, v)
	return body[comity.ActionItem](ctx, q, `SELECT body FROM actions`+w.String(), w.args...)
}

// Action returns one action item that the viewer may see.
func (s *Store) Action(ctx context.Context, v comity.Viewer, id comity.ActionID) (comity.ActionItem, error) {
	s.note(ctx, v, "Action")
	a, err := visibleAction(ctx, s.engine.Read, v, id)
	if err != nil {
		return a, s.known(err)
	}
	one := []comity.ActionItem{forViewer(v, a)}
	err = s.seenDependencies(ctx, v, one)
	return one[0], err
}

// Actions returns one page of the action items that the viewer may see, urgent and due first. As of an earlier moment they
// are what they were then, for those who may see them now and could see them then.
func (s *Store) Actions(ctx context.Context, v comity.Viewer, q comity.ActionQuery) (comity.ActionPage, error) {
	s.note(ctx, v, "Actions")
	if !q.AsOf.IsZero() {
		return s.actionsAsOf(ctx, v, q)
	}
	var w where
	visibleActions(&w, v)
	selectActions(&w, q, "id")
	p := comity.ActionPage{}
	if err := s.engine.Read.QueryRowContext(ctx, `SELECT COUNT(*) FROM actions`+w.String(), w.args...).Scan(&p.Total); err != nil {
		return p, s.known(err)
	}
	limit, offset := page(q.Limit, q.Offset, 200)
	query := fmt.Sprintf(`SELECT body FROM actions%s ORDER BY priority, due, created_at, id LIMIT %d OFFSET %d`, w.String(), limit, offset)
	var err error
	p.Actions, err = bodies[comity.ActionItem](ctx, s.engine.Read, query, w.args...)
	if err != nil {
		return p, s.known(err)
	}
	for i, a := range p.Actions {
		p.Actions[i] = forViewer(v, a)
	}
	return p, s.seenDependencies(ctx, v, p.Actions)
}

// selectActions adds the conditions of a query on the columns that actions and action_states share; id is the column of the
// item's identity.
func selectActions(w *where, q comity.ActionQuery, id string) {
	for _, f := range []struct{ column, value string }{
		{"owner_org_id", string(q.Owner)},
		{"match_id", string(q.Match)},
		{"threat_id", string(q.Threat)},
		{"scenario", string(q.Scenario)},
		{"kind", string(q.Kind)},
		{"project_id", string(q.Project)},
		{"decision_id", string(q.Decision)},
		{"group_session_id", string(q.Session)},
		{"person_id", string(q.Responsible)},
	} {
		if f.value != "" {
			w.and(f.column+" = ?", f.value)
		}
	}
	for _, f := range []struct {
		wanted    bool
		condition string
	}{
		{q.Open, "status IN ('open', 'in-progress')"},
		{q.Group, "audience = 'group'"},
		{q.AtRisk, "rag IN ('amber', 'red')"},
		{q.Linked, "match_id <> '' OR threat_id <> '' OR control <> ''"},
	} {
		if f.wanted {
			w.and(f.condition)
		}
	}
	if q.Contributor != "" {
		w.and("owner_org_id = ? OR contributors LIKE ?", string(q.Contributor), "% "+string(q.Contributor)+" %")
	}
	if len(q.Statuses) > 0 {
		w.in("status", texts(q.Statuses))
	}
	if q.Priority != "" {
		w.and("priority = ?", int64(slices.Index(comity.Priorities, q.Priority)))
	}
	if !q.DueBefore.IsZero() {
		w.and("due < ?", q.DueBefore.String())
	}
	if !q.Attention.IsZero() {
		w.and("due <= ? OR rag IN ('amber', 'red')", q.Attention.String())
	}
	if q.Unseen != "" {
		w.and(id+" NOT IN (SELECT action_id FROM action_revisions WHERE group_session_id = ?)", string(q.Unseen))
	}
	if len(q.IDs) > 0 {
		w.in(id, texts(q.IDs[:min(len(q.IDs), 200)]))
	}
	if n := q.Needs; n.Org != "" {
		w.and("owner_org_id = ? AND status IN ('open', 'in-progress') AND (person_id = ? OR person_id = '')", string(n.Org), string(n.Person))
		w.and("due <= ? OR rag IN ('amber', 'red') OR person_id = ''", n.Until.String())
	}
}

// seenActions returns which of these items the viewer may see.
func seenActions(ctx context.Context, q querier, v comity.Viewer, ids []comity.ActionID) (map[comity.ActionID]bool, error) {
	seen := map[comity.ActionID]bool{}
	for some := range slices.Chunk(ids, lookup) {
		var w where
		w.in("id", texts(some))
		visibleActions(&w, v)
		list, err := rows(ctx, q, func(r *sql.Rows) (id comity.ActionID, err error) {
			err = r.Scan(&id)
			return id, err
		}, `SELECT id FROM actions`+w.String(), w.args...)
		if err != nil {
			return nil, err
		}
		for _, id := range list {
			seen[id] = true
		}
	}
	return seen, nil
}

// seenDependencies leaves of what items wait for what the viewer may see.
func (s *Store) seenDependencies(ctx context.Context, v comity.Viewer, list []comity.ActionItem) error {
	var ids []comity.ActionID
	for _, a := range list {
		ids = append(ids, a.After...)
	}
	slices.Sort(ids)
	seen, err := seenActions(ctx, s.engine.Read, v, slices.Compact(ids))
	if err != nil {
		return s.known(err)
	}
	for i := range list {
		list[i].After = slices.DeleteFunc(slices.Clone(list[i].After), func(id comity.ActionID) bool { return !seen[id] })
		if len(list[i].After) == 0 {
			list[i].After = nil
		}
	}
	return nil
}

// Waiting returns the identities of the items that wait for one, as far as the viewer may see them, in their order.
func (s *Store) Waiting(ctx context.Context, v comity.Viewer, id comity.ActionID) ([]comity.ActionID, error) {
	s.note(ctx, v, "Waiting")
	if _, err := visibleAction(ctx, s.engine.Read, v, id); err != nil {
		return nil, s.known(err)
	}
	var w where
	visibleActions(&w, v)
	w.and("id IN (SELECT action_id FROM action_dependencies WHERE after_id = ?)", string(id))
	list, err := rows(ctx, s.engine.Read, func(r *sql.Rows) (id comity.ActionID, err error) {
		err = r.Scan(&id)
		return id, err
	}, `SELECT id FROM actions`+w.String()+` ORDER BY id LIMIT 200`, w.args...)
	return list, s.known(err)
}

// ActionRevisions returns the history of an action item that the viewer may see, oldest first. Who sees it only since it
// was shared with the group sees nothing of what it was until then.
func (s *Store) ActionRevisions(ctx context.Context, v comity.Viewer, id comity.ActionID) ([]comity.ActionRevision, error) {
	s.note(ctx, v, "ActionRevisions")
	a, err := s.Action(ctx, v, id)
	if err != nil {
		return nil, err
	}
	const query = `
		SELECT action_id, at, person_id, org_id, field, old, new, why, group_session_id, decision_id
		FROM action_revisions
		WHERE action_id = $1
		ORDER BY seq`
	list, err := rows(ctx, s.engine.Read, scanRevision, query, string(id))
	if err != nil {
		return nil, s.known(err)
	}
	if !seesPrivately(v, a) {
		list = sinceShared(list)
	}
	return s.shownRevisions(ctx, v, a, list)
}

func scanRevision(r *sql.Rows) (comity.ActionRevision, error) {
	var n comity.ActionRevision
	var at int64
	err := r.Scan(&n.Action, &at, &n.Person, &n.Org, &n.Field, &n.Old, &n.New, &n.Why, &n.Session, &n.Decision)
	n.At = fromUnix(at)
	return n, err
}

// shownRevisions leaves out of rows who is responsible and what is waited for, where that is not for the viewer to see.
func (s *Store) shownRevisions(ctx context.Context, v comity.Viewer, a comity.ActionItem, list []comity.ActionRevision) ([]comity.ActionRevision, error) {
	var named []comity.ActionID
	for _, r := range list {
		if r.Field == "after" {
			named = append(named, identities(r.Old)...)
			named = append(named, identities(r.New)...)
		}
	}
	slices.Sort(named)
	seen, err := seenActions(ctx, s.engine.Read, v, slices.Compact(named))
	if err != nil {
		return nil, s.known(err)
	}
	var shown []comity.ActionRevision
	for _, r := range list {
		switch r.Field {
		case "responsible":
			if !v.SeesResponsible(a) {
				continue
			}
		case "after":
			r.Old, r.New = seenOf(r.Old, seen), seenOf(r.New, seen)
			if r.Old == r.New {
				continue
			}
		}
		shown = append(shown, r)
	}
	return shown, nil
}

// identities reads the value of the field "after".
func identities(value string) []comity.ActionID {
	var a comity.ActionItem
	_ = a.SetField("after", value) // of words, which can't be wrong
	return a.After
}

func seenOf(value string, seen map[comity.ActionID]bool) string {
	ids := slices.DeleteFunc(identities(value), func(id comity.ActionID) bool { return !seen[id] })
	return strings.Join(texts(ids), " ")
}

// seesPrivately reports whether the viewer would see an item if it were not shared.
func seesPrivately(v comity.Viewer, a comity.ActionItem) bool {
	a.Audience = comity.AudienceOwner
	return v.SeesAction(a)
}

// forViewer leaves out of a shared item what is its owner's alone: which match it came from, and who is responsible.
func forViewer(v comity.Viewer, a comity.ActionItem) comity.ActionItem {
	if !seesPrivately(v, a) {
		a.Match = ""
	}
	if !v.SeesResponsible(a) {
		a.Responsible = ""
	}
	return a
}

// sinceShared leaves of a history what happened after the item was last shared with the group, and that it was. The other
// rows of that change stay out too: their old values are of before. So does what it matched, which is the owner's alone.
func sinceShared(list []comity.ActionRevision) []comity.ActionRevision {
	shared := -1
	for i, r := range list {
		if r.Field == "audience" && r.New == string(comity.AudienceGroup) {
			shared = i
		}
	}
	var seen []comity.ActionRevision
	for i, r := range list {
		if shared >= 0 && r.Field != "match" && (i == shared || r.At.After(list[shared].At)) {
			seen = append(seen, r)
		}
	}
	return seen
}
