package storage

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"comity"
	"comity/governance"
)

func conclusionsOf(ctx context.Context, q querier, id comity.GroupSessionID) ([]comity.Conclusion, error) {
	return bodies[comity.Conclusion](ctx, q, `SELECT body FROM conclusions WHERE session_id = $1 ORDER BY paragraph`, string(id))
}

// ConclusionOfAction returns the conclusion from which an action item follows, as far as the viewer sees it; NotFound if it
// follows from none.
func (s *Store) ConclusionOfAction(ctx context.Context, v comity.Viewer, id comity.ActionID) (comity.Conclusion, comity.GroupSession, error) {
	s.note(ctx, v, "ConclusionOfAction")
	c, err := body[comity.Conclusion](ctx, s.engine.Read, `SELECT body FROM conclusions WHERE action_id = $1`, string(id))
	if err != nil {
		return comity.Conclusion{}, comity.GroupSession{}, s.known(err)
	}
	m, err := s.Minutes(ctx, v, c.Session)
	if err != nil {
		return comity.Conclusion{}, comity.GroupSession{}, err
	}
	for _, seen := range m.Conclusions {
		if seen.ID == c.ID {
			return seen, m.Session, nil
		}
	}
	return comity.Conclusion{}, comity.GroupSession{}, errNotFound
}

// PutConclusion draws a conclusion on an item as the session's next paragraph, with what follows from it in the same
// transaction: a decision in the register where the verb decides, and the action item that is asked for. It is provisional
// if there was no quorum: now while the session is held, at its end if it is written down afterwards. Whom a verb asks for
// nothing may be asked for nothing: Invalid.
func (s *Store) PutConclusion(ctx context.Context, v comity.Viewer, c comity.Conclusion, decision comity.DecisionID, asked *comity.Asked, now time.Time) (comity.Conclusion, error) {
	now = now.UTC().Truncate(time.Second)
	err := s.write(ctx, v, "put conclusion", string(c.ID), func(tx *sql.Tx) error {
		one, err := recorded(ctx, tx, v, c.Session)
		if err != nil {
			return err
		}
		item, err := storedItem(ctx, tx, c.Item)
		if err != nil || item.Session != one.ID {
			return errors.Join(err, errNotFound)
		}
		if err := c.Check(); err != nil {
			return err
		}
		if asked != nil && !c.Verb.Asks() {
			return comity.Errorf(comity.Invalid, "verb: only what the group requested, agreed or urged asks somebody to act")
		}
		if err := numberParagraph(ctx, tx, &c); err != nil {
			return err
		}
		c.TLP, c.By, c.Withdrawn = item.Label(one), v.Person(), time.Time{}
		if c.At, c.Provisional, err = drawn(ctx, tx, one, now); err != nil {
			return err
		}
		if err := s.followUp(ctx, tx, v, one, &c, decision, asked, now); err != nil {
			return err
		}
		if err := storeConclusion(ctx, tx, c); err != nil {
			return err
		}
		return touched(ctx, tx, one)
	})
	return c, err
}

func numberParagraph(ctx context.Context, tx *sql.Tx, c *comity.Conclusion) error {
	if err := tx.QueryRowContext(ctx, `SELECT COALESCE(MAX(paragraph), 0) + 1 FROM conclusions WHERE session_id = $1`, string(c.Session)).Scan(&c.Paragraph); err != nil {
		return err
	}
	if c.Paragraph > comity.MaxConclusions {
		return comity.Errorf(comity.Invalid, "a session has at most %d conclusions", comity.MaxConclusions)
	}
	return nil
}

// drawn returns when a conclusion counts as drawn, and whether there was no quorum then.
func drawn(ctx context.Context, tx *sql.Tx, one comity.GroupSession, now time.Time) (time.Time, bool, error) {
	stays, err := attendancesOf(ctx, tx, one.ID)
	if err != nil {
		return now, false, err
	}
	spans, err := quorumOf(ctx, tx, one, stays)
	if err != nil {
		return now, false, err
	}
	at := now
	if one.State != comity.SessionOpen {
		at = one.Ends
		for _, s := range spans { // the last moment at which somebody was there
			if s.Present > 0 && !s.To.IsZero() {
				at = s.To.Add(-time.Second)
			}
		}
	}
	_, held := governance.QuorumAt(spans, at)
	return at, !held, nil
}

// followUp makes the decision and the action item that follow from a conclusion.
func (s *Store) followUp(ctx context.Context, tx *sql.Tx, v comity.Viewer, one comity.GroupSession, c *comity.Conclusion, decision comity.DecisionID, asked *comity.Asked, now time.Time) error {
	c.Decision, c.Action = "", ""
	if c.Supersedes != "" && !c.Verb.Decides() {
		return comity.Errorf(comity.Invalid, "supersedes: only a decision supersedes another")
	}
	if c.Verb.Decides() {
		d := comity.Decision{
			ID: decision, Verb: c.Verb, Text: c.Text, Language: one.Language, TLP: c.TLP, MembersOnly: one.MembersOnly(), Adopted: c.At, Session: one.ID, Item: c.Item,
			Conclusion: c.ID, Provisional: c.Provisional, Status: comity.DecisionInForce, Supersedes: c.Supersedes,
		}
		if err := adopt(ctx, tx, &d); err != nil {
			return err
		}
		c.Decision = d.ID
	}
	if asked == nil {
		return nil
	}
	a := comity.ActionItem{
		ID: asked.Action, Kind: comity.KindOther, Title: asked.Title, Note: c.Text, Owner: asked.Owner, Audience: comity.AudienceGroup, TLP: c.TLP,
		Priority: asked.Priority, Status: comity.ActionOpen, Due: asked.Due, Decision: c.Decision, Session: asked.Session,
	}
	if one.MembersOnly() {
		a.TLP = comity.Strictest(a.TLP, comity.TLPAmber)
	}
	if a.Priority == "" {
		a.Priority = comity.PriorityMedium
	}
	change := actionChange{Store: s, v: v, reason: comity.ActionReason{Session: one.ID, Decision: c.Decision}, at: now}
	a, err := change.put(ctx, tx, a)
	c.Action = a.ID
	return err
}

func storeConclusion(ctx context.Context, tx *sql.Tx, c comity.Conclusion) error {
	text, err := encode(c)
	if err != nil {
		return err
	}
	const query = `
		INSERT INTO conclusions (id, session_id, item_id, paragraph, tlp, action_id, decision_id, body)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (id) DO UPDATE
		SET body = excluded.body
		WHERE conclusions.session_id = excluded.session_id AND conclusions.paragraph = excluded.paragraph`
	_, err = tx.ExecContext(ctx, query, string(c.ID), string(c.Session), string(c.Item), int64(c.Paragraph), int64(c.TLP), string(c.Action), string(c.Decision), text)
	return err
}

// WithdrawConclusion takes a conclusion back while the record may be changed. It keeps its number, and so does its decision,
// which lapses, and what that superseded is in force again; the action item that follows from it stays and is revised on its own.
func (s *Store) WithdrawConclusion(ctx context.Context, v comity.Viewer, id comity.ConclusionID, now time.Time) error {
	now = now.UTC().Truncate(time.Second)
	return s.write(ctx, v, "withdraw conclusion", string(id), func(tx *sql.Tx) error {
		c, err := body[comity.Conclusion](ctx, tx, `SELECT body FROM conclusions WHERE id = $1`, string(id))
		if err != nil {
			return err
		}
		one, err := recorded(ctx, tx, v, c.Session)
		if err != nil {
			return err
		}
		if !c.Withdrawn.IsZero() {
			return errUnchanged
		}
		c.Withdrawn = now
		if c.Decision != "" {
			d, err := storedDecision(ctx, tx, c.Decision)
			if err != nil {
				return err
			}
			if err := revoke(ctx, tx, d, now); err != nil {
				return err
			}
		}
		if err := storeConclusion(ctx, tx, c); err != nil {
			return err
		}
		return touched(ctx, tx, one)
	})
}

// revoke lets a decision lapse whose conclusion is withdrawn; what it superseded is in force again.
func revoke(ctx context.Context, tx *sql.Tx, d comity.Decision, now time.Time) error {
	d.Status, d.Ended, d.Why = comity.DecisionLapsed, comity.DateOf(now), "withdrawn"
	if err := storeDecision(ctx, tx, &d); err != nil || d.Supersedes == "" {
		return err
	}
	old, err := storedDecision(ctx, tx, d.Supersedes)
	if err != nil || old.SupersededBy != d.ID {
		return err
	}
	old.Status, old.SupersededBy, old.Ended = comity.DecisionInForce, "", comity.Date{}
	return storeDecision(ctx, tx, &old)
}
