package main

import (
	"context"
	"time"

	"comity"
	"comity/demo"
)

// sitting tells a session as far as it has come: prepared, published, held, minuted and approved.
func (t *storyteller) sitting(ctx context.Context, s demo.Sitting) error {
	v := comity.ViewerOf(s.By)
	if _, err := t.store.PutGroupSession(ctx, v, s.Session, t.carried(s), s.Made); err != nil {
		return err
	}
	for i := range s.Items {
		if err := t.prepare(ctx, v, &s.Items[i], s.Made.AddDate(0, 0, 10)); err != nil {
			return err
		}
	}
	for i, a := range s.Items {
		if a.From == "" {
			continue
		}
		if err := t.store.MoveAgendaItem(ctx, v, a.ID, i); err != nil { // from where it was when it was the only one
			return err
		}
	}
	moves := []struct {
		to comity.SessionState
		at time.Time
	}{
		{comity.SessionPublished, s.Published},
		{comity.SessionOpen, s.Session.Starts},
		{comity.SessionClosed, s.Session.Ends},
		{comity.SessionMinutes, s.Minutes},
		{comity.SessionAmendment, s.Minutes.AddDate(0, 0, 3)},
		{comity.SessionApproved, s.Approved},
	}
	for _, m := range moves {
		if m.to == comity.SessionApproved {
			if err := t.approve(ctx, s); err != nil {
				return err
			}
		}
		one, err := t.store.GroupSession(ctx, v, s.Session.ID)
		if err != nil {
			return err
		}
		if _, err := t.store.MoveGroupSession(ctx, v, one.ID, one.Revision, m.to, s.AmendUntil, m.at); err != nil {
			return err
		}
		switch m.to {
		case comity.SessionOpen:
			err = t.hold(ctx, v, s)
		case comity.SessionAmendment:
			err = t.amend(ctx, v, s, m.at.AddDate(0, 0, 1))
		}
		if err != nil || m.to == s.State {
			return err
		}
	}
	return nil
}

// carried are the items of an agenda that come from an earlier session: they are there from the beginning.
func (t *storyteller) carried(s demo.Sitting) []comity.AgendaItem {
	var list []comity.AgendaItem
	for _, a := range s.Items {
		if a.From != "" {
			item := a.AgendaItem
			item.Papers = nil
			list = append(list, item)
		}
	}
	return list
}

// prepare puts an item on the agenda; what is said on it is kept for the session.
func (t *storyteller) prepare(ctx context.Context, v comity.Viewer, a *demo.SittingItem, at time.Time) error {
	item := a.AgendaItem
	item.Record, item.Outcome = "", ""
	if item.From != "" {
		item.Revision = 1
	}
	item, err := t.store.PutAgendaItem(ctx, v, item, at)
	a.Revision, a.Papers = item.Revision, item.Papers
	return err
}

// hold lets organisations come, takes the items up one after the other and draws the conclusions.
func (t *storyteller) hold(ctx context.Context, v comity.Viewer, s demo.Sitting) error {
	at := s.Session.Starts
	for i, org := range s.Present {
		if err := t.store.Arrive(ctx, v, s.Session.ID, org, at.Add(time.Duration(i%4)*time.Minute)); err != nil {
			return err
		}
	}
	at = at.Add(5 * time.Minute)
	for _, a := range s.Items {
		if err := t.store.PutFloor(ctx, v, s.Session.ID, a.ID); err != nil {
			return err
		}
		if _, err := t.store.PutAgendaItem(ctx, v, a.AgendaItem, at); err != nil {
			return err
		}
		at = at.Add(time.Duration(a.Minutes) * time.Minute)
		for _, c := range a.Conclusions {
			if _, err := t.store.PutConclusion(ctx, v, c.Conclusion, c.Decision, c.Asked, at); err != nil {
				return err
			}
		}
	}
	if s.Early == "" {
		return nil
	}
	return t.store.Leave(ctx, v, s.Session.ID, s.Early, s.Session.Ends.Add(-time.Hour))
}

// amend lets organisations ask for amendments, and answers them.
func (t *storyteller) amend(ctx context.Context, v comity.Viewer, s demo.Sitting, at time.Time) error {
	for _, a := range s.Amendments {
		if _, err := t.store.PutAmendment(ctx, comity.ViewerOf(a.Person), a.Amendment, at); err != nil {
			return err
		}
		if a.State == "" {
			continue
		}
		if err := t.store.AnswerAmendment(ctx, v, a.ID, a.State, a.Answer); err != nil {
			return err
		}
	}
	return nil
}

// approve lets both co-chairs approve the minutes.
func (t *storyteller) approve(ctx context.Context, s demo.Sitting) error {
	for _, p := range s.CoChairs {
		one, err := t.store.GroupSession(ctx, t.viewer, s.Session.ID)
		if err != nil {
			return err
		}
		if _, err := t.store.ApproveMinutes(ctx, comity.ViewerOf(p), one.ID, one.Revision, s.Approved); err != nil {
			return err
		}
	}
	return nil
}
