// Package governance holds the rules of how the group proceeds: which state of a session follows which and who may move
// it, when there is a quorum, what is left of an agenda for the next session.
//
// It decides and does nothing else: no input or output, no clock, no store. Read [Next] and [Quorum] first.
package governance

import (
	"slices"
	"time"

	"comity"
)

// follows are the states that a session can be moved to from each state.
var follows = map[comity.SessionState][]comity.SessionState{
	comity.SessionDraft:     {comity.SessionPublished},
	comity.SessionPublished: {comity.SessionOpen, comity.SessionDraft},
	comity.SessionOpen:      {comity.SessionClosed},
	comity.SessionClosed:    {comity.SessionMinutes, comity.SessionOpen},
	comity.SessionMinutes:   {comity.SessionAmendment, comity.SessionClosed},
	comity.SessionAmendment: {comity.SessionApproved, comity.SessionMinutes},
	comity.SessionApproved:  nil, // frozen
}

// Next lists the states to which a session can be moved, the usual one first.
func Next(s comity.SessionState) []comity.SessionState { return follows[s] }

// Move reports what is in the way of moving a session to a state on a day: Conflict where the state does not follow,
// Invalid where something is missing. Approved are minutes once the day until which amendments were asked for is over, no
// request is open, and co-chairs of two organisations agree; of one, if no other leads the group.
func Move(s comity.GroupSession, to comity.SessionState, day comity.Date, openAmendments, coChairs int) error {
	if !slices.Contains(follows[s.State], to) {
		return comity.Errorf(comity.Conflict, "a session that is %s does not become %s", s.State, to)
	}
	switch {
	case to == comity.SessionAmendment && !day.Before(s.AmendUntil):
		return comity.Errorf(comity.Invalid, "amend_until: want a day after today")
	case to != comity.SessionApproved:
		return nil
	case !s.AmendUntil.Before(day):
		return comity.Errorf(comity.Conflict, "amendments can be asked for until %s", s.AmendUntil)
	case openAmendments > 0:
		return comity.Errorf(comity.Conflict, "%d requests to amend are open", openAmendments)
	case len(ApprovedBy(s)) < min(max(coChairs, 1), comity.CoChairs):
		return comity.Errorf(comity.Conflict, "the co-chairs of %d organisations have approved, want %d", len(ApprovedBy(s)), min(max(coChairs, 1), comity.CoChairs))
	}
	return nil
}

// ApprovedBy lists the organisations whose co-chairs approved the minutes, each once.
func ApprovedBy(s comity.GroupSession) []comity.OrgID {
	var list []comity.OrgID
	for _, a := range s.Approvals {
		if !slices.Contains(list, a.Org) {
			list = append(list, a.Org)
		}
	}
	return list
}

// What of a session may be changed in a state.

// EditsAgenda reports whether the session's details and its agenda may be changed.
func EditsAgenda(s comity.SessionState) bool {
	return s == comity.SessionDraft || s == comity.SessionPublished || s == comity.SessionOpen
}

// EditsRecord reports whether attendance, conclusions and what was said may be changed.
func EditsRecord(s comity.SessionState) bool {
	return s == comity.SessionOpen || s == comity.SessionClosed || s == comity.SessionMinutes || s == comity.SessionAmendment
}

// Quorum returns how many voting organisations were present over the time of a session, as spans that touch each other,
// from the first arrival on. The stays of one organisation may overlap: it is counted once. Stays of organisations that
// do not vote are left out, and so are those that end before they begin. The cost is n log n in the number of stays.
func Quorum(stays []comity.Attendance, votes func(comity.OrgID) bool, need int) []comity.QuorumSpan {
	type event struct {
		at   time.Time
		org  comity.OrgID
		step int // +1 in, −1 out
	}
	var events []event
	for _, a := range stays {
		if !votes(a.Org) || !a.Out.IsZero() && !a.Out.After(a.In) {
			continue
		}
		events = append(events, event{a.In, a.Org, 1})
		if !a.Out.IsZero() {
			events = append(events, event{a.Out, a.Org, -1})
		}
	}
	slices.SortStableFunc(events, func(a, b event) int { return a.at.Compare(b.at) })
	there, present := map[comity.OrgID]int{}, 0
	var spans []comity.QuorumSpan
	for i, e := range events {
		before := there[e.org]
		there[e.org] += e.step
		switch {
		case before == 0:
			present++
		case there[e.org] == 0:
			present--
		}
		if i+1 < len(events) && events[i+1].at.Equal(e.at) {
			continue // one span a moment
		}
		last := len(spans) - 1
		if last >= 0 && spans[last].Present == present {
			continue
		}
		if last >= 0 {
			spans[last].To = e.at
		}
		spans = append(spans, comity.QuorumSpan{From: e.at, Present: present, Need: need})
	}
	return spans
}

// QuorumAt reports whether there was a quorum at a moment, and how many organisations that vote were present.
func QuorumAt(spans []comity.QuorumSpan, at time.Time) (present int, held bool) {
	for _, s := range spans {
		if !at.Before(s.From) && (s.To.IsZero() || at.Before(s.To)) {
			return s.Present, s.Held()
		}
	}
	return 0, false
}

// CarryOn returns what the next session takes up of an agenda: its unfinished items in their order, without what was said
// and with the item that each comes from. They get their identities from who stores them.
func CarryOn(items []comity.AgendaItem, next comity.GroupSession) []comity.AgendaItem {
	var list []comity.AgendaItem
	for _, a := range items {
		if !a.Unfinished() {
			continue
		}
		list = append(list, comity.AgendaItem{
			Session: next.ID, Position: len(list) + 1, Title: a.Title, Note: a.Note, Presenter: a.Presenter, Org: a.Org,
			Minutes: a.Minutes, TLP: comity.Strictest(a.TLP, next.TLP), Papers: slices.Clone(a.Papers), From: a.ID,
		})
	}
	return list
}

// Renumber gives items their positions from 1 after the item moved by steps: up if negative.
func Renumber(items []comity.AgendaItem, moved comity.AgendaItemID, steps int) []comity.AgendaItem {
	list := slices.Clone(items)
	i := slices.IndexFunc(list, func(a comity.AgendaItem) bool { return a.ID == moved })
	if i >= 0 {
		item := list[i]
		list = slices.Delete(list, i, i+1)
		list = slices.Insert(list, min(max(i+steps, 0), len(list)), item)
	}
	for i := range list {
		list[i].Position = i + 1
	}
	return list
}
