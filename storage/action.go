package storage

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"time"

	"comity"
)

// PutAction creates an action item (Revision 0), or changes the one that was read at the revision that it names; if
// another change came in between, it is a Conflict and nothing is stored. Every field that differs becomes a row of its
// own with who changed it, for which organisation, and why. An item for the group that is labelled wider than the threat
// that it is about is Invalid.
func (s *Store) PutAction(ctx context.Context, v comity.Viewer, a comity.ActionItem, why string, now time.Time) (comity.ActionItem, error) {
	at := now.UTC().Truncate(time.Second)
	err := s.write(ctx, v, "put action", string(a.ID), func(tx *sql.Tx) error {
		old, err := s.actionForUpdate(ctx, tx, v, a)
		if err != nil {
			return err
		}
		if a.Revision == 0 {
			a.Created, a.By = at, v.Person()
		} else {
			a.Created, a.By = old.Created, old.By
			if !seesPrivately(v, old) {
				a.Match = old.Match // not theirs to see, nor to change
			}
		}
		if !v.EditsAction(a) {
			return comity.Errorf(comity.Forbidden, "this role does not put action items there")
		}
		if err := withinThreat(ctx, tx, a); err != nil {
			return err
		}
		a.Updated = at
		a.Revision++
		if err := putAction(ctx, tx, a); err != nil {
			return err
		}
		return putActionRevisions(ctx, tx, v, old, a, why)
	})
	return a, err
}

// withinThreat refuses an item of the group that tells of a threat to more people than the threat's own marking lets know.
func withinThreat(ctx context.Context, tx *sql.Tx, a comity.ActionItem) error {
	if a.Audience != comity.AudienceGroup || a.Threat == "" {
		return nil
	}
	var label comity.TLP
	err := tx.QueryRowContext(ctx, `SELECT tlp FROM threats WHERE id = $1`, string(a.Threat)).Scan(&label)
	if err != nil {
		return err
	}
	if comity.Strictest(a.TLP, label) != a.TLP {
		return comity.Errorf(comity.Invalid, "the threat that the action item is about is marked more narrowly: %s", label)
	}
	return nil
}

// actionForUpdate returns the item as it is; the zero item for one that is new.
func (s *Store) actionForUpdate(ctx context.Context, tx *sql.Tx, v comity.Viewer, a comity.ActionItem) (comity.ActionItem, error) {
	if a.Revision == 0 {
		return comity.ActionItem{}, nil
	}
	old, err := visibleAction(ctx, tx, v, a.ID)
	if err != nil {
		return old, err
	}
	if !v.EditsAction(old) {
		return old, comity.Errorf(comity.Forbidden, "this role does not change this action item")
	}
	if old.Revision != a.Revision {
		return old, comity.Errorf(comity.Conflict, "the action item was changed in between: it is at revision %d, the change was made on %d", old.Revision, a.Revision)
	}
	return old, nil
}

func putAction(ctx context.Context, tx *sql.Tx, a comity.ActionItem) error {
	text, err := encode(a)
	if err != nil {
		return err
	}
	due := a.Due.String()
	if due == "" {
		due = "9999-12-31" // without a date: after all that have one
	}
	const insert = `
		INSERT INTO actions (id, owner_org_id, audience, tlp, status, priority, due, created_at, match_id, threat_id, scenario, revision, body)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`
	const update = insert + `
		ON CONFLICT (id) DO UPDATE
		SET owner_org_id = excluded.owner_org_id, audience = excluded.audience, tlp = excluded.tlp, status = excluded.status,
		    priority = excluded.priority, due = excluded.due, match_id = excluded.match_id, threat_id = excluded.threat_id,
		    scenario = excluded.scenario, revision = excluded.revision, body = excluded.body`
	query := update
	if a.Revision == 1 {
		query = insert
	}
	_, err = tx.ExecContext(ctx, query, string(a.ID), string(a.Owner), string(a.Audience), int64(a.TLP), string(a.Status),
		int64(slices.Index(comity.Priorities, a.Priority)), due, unix(a.Created), string(a.Match), string(a.Threat), string(a.Scenario),
		int64(a.Revision), text)
	return err
}

// actionFields are the fields that are followed, as text.
func actionFields(a comity.ActionItem) []struct{ name, value string } {
	return []struct{ name, value string }{
		{"title", a.Title},
		{"note", a.Note},
		{"owner", string(a.Owner)},
		{"audience", string(a.Audience)},
		{"tlp", a.TLP.String()},
		{"priority", string(a.Priority)},
		{"status", string(a.Status)},
		{"progress", strconv.Itoa(a.Progress)},
		{"due", a.Due.String()},
		{"threat", string(a.Threat)},
		{"match", string(a.Match)},
		{"scenario", string(a.Scenario)},
		{"control", a.Control},
	}
}

func putActionRevisions(ctx context.Context, tx *sql.Tx, v comity.Viewer, old, a comity.ActionItem, why string) error {
	before := actionFields(old)
	for i, field := range actionFields(a) {
		if a.Revision > 1 && before[i].value == field.value || a.Revision == 1 && (field.value == "" || field.name == "progress" && a.Progress == 0) {
			continue
		}
		was := before[i].value
		if a.Revision == 1 {
			was = ""
		}
		const query = `
			INSERT INTO action_revisions (action_id, at, person_id, org_id, field, old, new, why)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
		if _, err := tx.ExecContext(ctx, query, string(a.ID), unix(a.Updated), string(v.Person()), string(v.Org()), field.name, was, field.value, why); err != nil {
			return err
		}
	}
	return nil
}

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
	return forViewer(v, a), s.known(err)
}

// Actions returns one page of the action items that the viewer may see, urgent and due first.
func (s *Store) Actions(ctx context.Context, v comity.Viewer, q comity.ActionQuery) (comity.ActionPage, error) {
	s.note(ctx, v, "Actions")
	var w where
	visibleActions(&w, v)
	if q.Open {
		w.and("status IN ('open', 'in-progress')")
	}
	if q.Group {
		w.and("audience = 'group'")
	}
	for _, f := range []struct{ column, value string }{
		{"owner_org_id", string(q.Owner)}, {"match_id", string(q.Match)}, {"threat_id", string(q.Threat)}, {"scenario", string(q.Scenario)},
	} {
		if f.value != "" {
			w.and(f.column+" = ?", f.value)
		}
	}
	p := comity.ActionPage{}
	if err := s.engine.Read.QueryRowContext(ctx, `SELECT COUNT(*) FROM actions`+w.String(), w.args...).Scan(&p.Total); err != nil {
		return p, s.known(err)
	}
	limit, offset := page(q.Limit, q.Offset, 200)
	query := fmt.Sprintf(`SELECT body FROM actions%s ORDER BY priority, due, created_at, id LIMIT %d OFFSET %d`, w.String(), limit, offset)
	var err error
	p.Actions, err = bodies[comity.ActionItem](ctx, s.engine.Read, query, w.args...)
	for i, a := range p.Actions {
		p.Actions[i] = forViewer(v, a)
	}
	return p, s.known(err)
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
		SELECT at, person_id, org_id, field, old, new, why
		FROM action_revisions
		WHERE action_id = $1
		ORDER BY seq`
	list, err := rows(ctx, s.engine.Read, func(r *sql.Rows) (comity.ActionRevision, error) {
		n := comity.ActionRevision{Action: id}
		var at int64
		err := r.Scan(&at, &n.Person, &n.Org, &n.Field, &n.Old, &n.New, &n.Why)
		n.At = fromUnix(at)
		return n, err
	}, query, string(id))
	if !seesPrivately(v, a) {
		list = sinceShared(list)
	}
	return list, s.known(err)
}

// seesPrivately reports whether the viewer would see an item if it were not shared.
func seesPrivately(v comity.Viewer, a comity.ActionItem) bool {
	a.Audience = comity.AudienceOwner
	return v.SeesAction(a)
}

// forViewer leaves out of a shared item what is its owner's alone: which match it came from.
func forViewer(v comity.Viewer, a comity.ActionItem) comity.ActionItem {
	if !seesPrivately(v, a) {
		a.Match = ""
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
