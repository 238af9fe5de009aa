package storage

import (
	"context"
	"database/sql"
	"math"
	"slices"
	"time"

	"comity"
)

// PutAction is ReviseAction for a change that was decided outside of a session.
func (s *Store) PutAction(ctx context.Context, v comity.Viewer, a comity.ActionItem, why string, now time.Time) (comity.ActionItem, error) {
	return s.ReviseAction(ctx, v, a, comity.ActionReason{Why: why}, now)
}

// ReviseAction creates an action item (Revision 0), or changes the one that was read at the revision that it names; if
// another change came in between, it is a Conflict and nothing is stored. Every field that differs becomes a row of its
// own with who changed it, for which organisation, in which session, by which decision, and why. In a session that nothing
// differs is a row too. A change whose key was stored already is not stored again: it returns the item as it is now.
//
// An item for the group that is labelled wider than the threat that it is about is Invalid, and so are a person who is not
// of the owner, items to wait for that the viewer does not see or that would make a circle, and an item of the group that
// waits for one that fewer people see.
func (s *Store) ReviseAction(ctx context.Context, v comity.Viewer, a comity.ActionItem, r comity.ActionReason, now time.Time) (comity.ActionItem, error) {
	c := actionChange{Store: s, v: v, reason: r, at: now.UTC().Truncate(time.Second)}
	err := s.write(ctx, v, "put action", string(a.ID), func(tx *sql.Tx) error {
		var err error
		a, err = c.put(ctx, tx, a)
		return err
	})
	if err != nil {
		return forViewer(v, a), err
	}
	one := []comity.ActionItem{forViewer(v, a)}
	err = s.seenDependencies(ctx, v, one)
	return one[0], err
}

// actionChange is one change of an action item under way.
type actionChange struct {
	*Store
	v      comity.Viewer
	reason comity.ActionReason
	at     time.Time
}

// put returns the item as it is stored then; with errUnchanged if it is so already.
func (c actionChange) put(ctx context.Context, tx *sql.Tx, a comity.ActionItem) (comity.ActionItem, error) {
	if old, again, err := c.again(ctx, tx, a.ID); again || err != nil {
		return old, err
	}
	old, err := c.actionForUpdate(ctx, tx, c.v, a)
	if err != nil {
		return a, err
	}
	if a, err = c.completed(ctx, tx, old, a); err != nil {
		return a, err
	}
	if !c.v.EditsAction(a) {
		return a, comity.Errorf(comity.Forbidden, "this role does not put action items there")
	}
	if a.Revision > 0 && a.SameFields(old) {
		return old, c.unchanged(ctx, tx, a.ID)
	}
	if err := checkAction(ctx, tx, c.v, old, a); err != nil {
		return a, err
	}
	a.Updated = c.at
	a.Revision++
	if err := putAction(ctx, tx, a); err != nil {
		return a, err
	}
	if _, told := comity.MeasureOf(a); told && a.Status == comity.ActionDone && old.Status != comity.ActionDone {
		if err := change(ctx, tx, comity.ChangeClosed, "", string(a.ID)); err != nil {
			return a, err
		}
	}
	return a, c.putRevisions(ctx, tx, old, a)
}

// again looks for a change with the same key, and returns the item as it is now if there was one.
func (c actionChange) again(ctx context.Context, tx *sql.Tx, id comity.ActionID) (comity.ActionItem, bool, error) {
	if c.reason.Key == "" {
		return comity.ActionItem{}, false, nil
	}
	var n int
	const query = `SELECT COUNT(*) FROM action_revisions WHERE action_id = $1 AND change_key = $2 AND person_id = $3`
	err := tx.QueryRowContext(ctx, query, string(id), c.reason.Key, string(c.v.Person())).Scan(&n)
	if err != nil || n == 0 {
		return comity.ActionItem{}, false, err
	}
	a, err := visibleAction(ctx, tx, c.v, id)
	if err != nil {
		return a, true, err
	}
	return a, true, errUnchanged
}

// completed returns the item as it would be stored: with what the viewer can neither see nor change as it was, lists in
// order, and who made it. The clock never goes back within the history of an item.
func (c *actionChange) completed(ctx context.Context, tx *sql.Tx, old, a comity.ActionItem) (comity.ActionItem, error) {
	a.Contributors = slices.Compact(slices.Sorted(slices.Values(a.Contributors)))
	a.Contributors = slices.DeleteFunc(a.Contributors, func(o comity.OrgID) bool { return o == a.Owner })
	a.After = slices.Compact(slices.Sorted(slices.Values(a.After)))
	if a.Revision == 0 {
		a.Created, a.By = c.at, c.v.Person()
		return a, nil
	}
	a.Created, a.By = old.Created, old.By
	if c.at.Before(old.Updated) {
		c.at = old.Updated
	}
	if !seesPrivately(c.v, old) {
		a.Match = old.Match // not theirs to see, nor to change
	}
	if !c.v.SeesResponsible(old) {
		a.Responsible = old.Responsible
	}
	if a.Owner != old.Owner && a.Responsible == old.Responsible {
		a.Responsible = ""
	}
	seen, err := seenActions(ctx, tx, c.v, old.After)
	if err != nil {
		return a, err
	}
	for _, id := range old.After {
		if !seen[id] {
			a.After = append(a.After, id)
		}
	}
	a.After = slices.Compact(slices.Sorted(slices.Values(a.After)))
	return a, nil
}

// unchanged notes in a session that an item was looked at and stays as it is.
func (c actionChange) unchanged(ctx context.Context, tx *sql.Tx, id comity.ActionID) error {
	if c.reason.Session == "" {
		return errUnchanged
	}
	return c.putRevision(ctx, tx, id, comity.Reviewed, "", "no-change")
}

// checkAction refuses what an item refers to wrongly.
func checkAction(ctx context.Context, tx *sql.Tx, v comity.Viewer, old, a comity.ActionItem) error {
	if err := withinThreat(ctx, tx, a); err != nil {
		return err
	}
	if a.Responsible != "" && a.Responsible != old.Responsible {
		var n int
		const query = `SELECT COUNT(*) FROM people WHERE id = $1 AND org_id = $2 AND deactivated_at = 0`
		if err := tx.QueryRowContext(ctx, query, string(a.Responsible), string(a.Owner)).Scan(&n); err != nil {
			return err
		}
		if n == 0 {
			return comity.Errorf(comity.Invalid, "responsible: a person of the organisation that owns the action item")
		}
	}
	if err := checkContributors(ctx, tx, a); err != nil {
		return err
	}
	return checkDependencies(ctx, tx, v, old, a)
}

func checkContributors(ctx context.Context, tx *sql.Tx, a comity.ActionItem) error {
	if len(a.Contributors) == 0 {
		return nil
	}
	if len(a.Contributors) > comity.MaxContributors {
		return comity.Errorf(comity.Invalid, "contributors: at most %d", comity.MaxContributors)
	}
	var w where
	w.in("id", texts(a.Contributors))
	var n int
	if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM organizations`+w.String(), w.args...).Scan(&n); err != nil {
		return err
	}
	if n != len(a.Contributors) {
		return comity.Errorf(comity.Invalid, "contributors: organisations of the directory")
	}
	return nil
}

// checkDependencies asks of items to wait for, where they are new or more people are to see the item: that the viewer sees
// them, that everybody who sees the item sees them, and that they do not wait for the item themselves.
func checkDependencies(ctx context.Context, tx *sql.Tx, v comity.Viewer, old, a comity.ActionItem) error {
	if len(a.After) > comity.MaxDependencies {
		return comity.Errorf(comity.Invalid, "after: at most %d items", comity.MaxDependencies)
	}
	var added []comity.ActionID
	for _, id := range a.After {
		if !slices.Contains(old.After, id) {
			added = append(added, id)
		}
	}
	if len(added) == 0 {
		return nil
	}
	if slices.Contains(added, a.ID) {
		return errCircle
	}
	w := &where{}
	w.in("id", texts(added))
	visibleActions(w, v)
	list, err := bodies[comity.ActionItem](ctx, tx, `SELECT body FROM actions`+w.String(), w.args...)
	if err != nil {
		return err
	}
	if len(list) != len(added) {
		return comity.Errorf(comity.Invalid, "after: there is no such action item")
	}
	for _, before := range list {
		wider := before.Audience == comity.AudienceGroup && comity.Strictest(a.TLP, before.TLP) == a.TLP
		if a.Audience == comity.AudienceGroup && !wider {
			return comity.Errorf(comity.Invalid, "after: an item of the group waits only for items that everybody sees who sees it")
		}
	}
	return checkCircle(ctx, tx, a.ID, added)
}

var errCircle = comity.Errorf(comity.Invalid, "after: the items would wait for each other in a circle")

// checkCircle refuses items to wait for that wait, directly or not, for the item itself.
func checkCircle(ctx context.Context, tx *sql.Tx, id comity.ActionID, after []comity.ActionID) error {
	var w where
	w.in("action_id", texts(after))
	w.args = append(w.args, string(id))
	query := `
		WITH RECURSIVE before (id) AS (
			SELECT after_id
			FROM action_dependencies` + w.String() + `
			UNION
			SELECT d.after_id
			FROM action_dependencies AS d
			JOIN before ON before.id = d.action_id
		)
		SELECT COUNT(*)
		FROM before
		WHERE id = ` + w.last()
	var n int
	if err := tx.QueryRowContext(ctx, query, w.args...).Scan(&n); err != nil {
		return err
	}
	if n > 0 {
		return errCircle
	}
	return nil
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
	row := stateOf(a)
	const insert = `
		INSERT INTO actions (id, owner_org_id, audience, tlp, status, priority, due, created_at, match_id, threat_id, scenario, control,
		    kind, rag, person_id, contributors, project_id, decision_id, group_session_id, revision, body)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)`
	const update = insert + `
		ON CONFLICT (id) DO UPDATE
		SET owner_org_id = excluded.owner_org_id, audience = excluded.audience, tlp = excluded.tlp, status = excluded.status,
		    priority = excluded.priority, due = excluded.due, match_id = excluded.match_id, threat_id = excluded.threat_id,
		    scenario = excluded.scenario, control = excluded.control, kind = excluded.kind, rag = excluded.rag, person_id = excluded.person_id,
		    contributors = excluded.contributors, project_id = excluded.project_id, decision_id = excluded.decision_id,
		    group_session_id = excluded.group_session_id, revision = excluded.revision, body = excluded.body`
	query := update
	if a.Revision == 1 {
		query = insert
	}
	args := append(append([]any{string(a.ID)}, row...), int64(a.Revision), text)
	if _, err = tx.ExecContext(ctx, query, args...); err != nil {
		return err
	}
	if err := putState(ctx, tx, a, row); err != nil {
		return err
	}
	return putDependencies(ctx, tx, a)
}

// stateOf returns the columns by which items are searched, from owner_org_id to group_session_id.
func stateOf(a comity.ActionItem) []any {
	due := a.Due.String()
	if due == "" {
		due = "9999-12-31" // without a date: after all that have one
	}
	contributors := ""
	for _, o := range a.Contributors {
		contributors += " " + string(o) + " "
	}
	return []any{
		string(a.Owner), string(a.Audience), int64(a.TLP), string(a.Status), int64(slices.Index(comity.Priorities, a.Priority)), due, unix(a.Created),
		string(a.Match), string(a.Threat), string(a.Scenario), a.Control, string(a.Kind), string(a.RAG), string(a.Responsible), contributors,
		string(a.Project), string(a.Decision), string(a.Session),
	}
}

// forever is when a state ends that has not ended.
const forever = math.MaxInt64

// putState ends the state that an item was in and begins the next.
func putState(ctx context.Context, tx *sql.Tx, a comity.ActionItem, row []any) error {
	const end = `UPDATE action_states SET until_at = $1 WHERE action_id = $2 AND until_at = $3`
	if _, err := tx.ExecContext(ctx, end, unix(a.Updated), string(a.ID), int64(forever)); err != nil {
		return err
	}
	const begin = `
		INSERT INTO action_states (action_id, revision, from_at, until_at, owner_org_id, audience, tlp, status, priority, due, created_at, match_id,
		    threat_id, scenario, control, kind, rag, person_id, contributors, project_id, decision_id, group_session_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)`
	_, err := tx.ExecContext(ctx, begin, append([]any{string(a.ID), int64(a.Revision), unix(a.Updated), int64(forever)}, row...)...)
	return err
}

func putDependencies(ctx context.Context, tx *sql.Tx, a comity.ActionItem) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM action_dependencies WHERE action_id = $1`, string(a.ID)); err != nil {
		return err
	}
	for _, id := range a.After {
		if _, err := tx.ExecContext(ctx, `INSERT INTO action_dependencies (action_id, after_id) VALUES ($1, $2)`, string(a.ID), string(id)); err != nil {
			return err
		}
	}
	return nil
}

// putRevisions writes a row for each field that differs; of a new item for each that says something.
func (c actionChange) putRevisions(ctx context.Context, tx *sql.Tx, old, a comity.ActionItem) error {
	before := old.Fields()
	if a.Revision == 1 {
		before = comity.ActionItem{}.Fields()
	}
	for i, field := range a.Fields() {
		was := before[i].Value
		if was == field.Value {
			continue
		}
		if a.Revision == 1 {
			was = ""
		}
		if err := c.putRevision(ctx, tx, a.ID, field.Name, was, field.Value); err != nil {
			return err
		}
	}
	return nil
}

func (c actionChange) putRevision(ctx context.Context, tx *sql.Tx, id comity.ActionID, field, was, is string) error {
	const query = `
		INSERT INTO action_revisions (action_id, at, person_id, org_id, field, old, new, why, group_session_id, decision_id, change_key)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`
	_, err := tx.ExecContext(ctx, query, string(id), unix(c.at), string(c.v.Person()), string(c.v.Org()), field, was, is, c.reason.Why,
		string(c.reason.Session), string(c.reason.Decision), c.reason.Key)
	return err
}
