package storagetest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"comity"

	"pgregory.net/rapid"
)

// session is a session of the group of a kind that begins at the tests' clock.
func session(kind comity.SessionKind, title string, tlp comity.TLP) comity.GroupSession {
	return comity.GroupSession{
		ID: comity.MakeGroupSessionID(entropy(title)), Kind: kind, Title: title, TLP: tlp, Starts: now, Ends: now.Add(3 * time.Hour), Language: "en",
	}
}

func item(id comity.GroupSessionID, title string, tlp comity.TLP) comity.AgendaItem {
	return comity.AgendaItem{ID: comity.MakeAgendaItemID(entropy(string(id) + title)), Session: id, Title: title, TLP: tlp}
}

// terms puts Terms of Reference in force for the whole year, by which a quorum is more than half.
func (s *stage) terms(t *testing.T) {
	t.Helper()
	must(t, s.PutGroup(s.ctx, system, comity.Group{Acronym: "XIG", Name: "Group", ParentNetwork: "XN", Established: 2011, Currency: "USD"}))
	d := s.document(t, comity.DocumentTerms, "Terms of Reference", comity.TLPGreen)
	s.published(t, comity.DocumentRevision{Document: d.ID, TLP: comity.TLPGreen, Text: "terms", Rules: &rules}, day(-300))
}

// held stores a session with its items and moves it along.
func (s *stage) held(t *testing.T, one comity.GroupSession, items []comity.AgendaItem, states ...comity.SessionState) comity.GroupSession {
	t.Helper()
	one, err := s.PutGroupSession(s.ctx, system, one, items, now)
	must(t, err)
	return s.moved(t, one, states...)
}

func (s *stage) moved(t *testing.T, one comity.GroupSession, states ...comity.SessionState) comity.GroupSession {
	t.Helper()
	one, err := s.GroupSession(s.ctx, system, one.ID)
	must(t, err)
	for _, to := range states {
		one, err = s.MoveGroupSession(s.ctx, system, one.ID, one.Revision, to, day(10), now.Add(3*time.Hour))
		must(t, err)
	}
	return one
}

// testGroupSession follows a session from its draft to approved minutes.
func testGroupSession(t *testing.T, s *stage) {
	s.terms(t)
	s.a.CoChair = true
	must(t, s.PutOrganization(s.ctx, system, s.a))
	desk, chair, focal := s.as(t, s.a, comity.RoleSecretariat), s.as(t, s.a, comity.RoleCoChair), s.as(t, s.b, comity.RoleFocalPoint)

	one := session(comity.SessionRegular, "Annual session", comity.TLPGreen)
	_, err := s.PutGroupSession(s.ctx, focal, one, nil, now)
	wantKind(t, "a focal point makes a session", err, comity.NotFound)
	one, err = s.PutGroupSession(s.ctx, desk, one, []comity.AgendaItem{item(one.ID, "Opening", comity.TLPGreen), item(one.ID, "Work-plan", comity.TLPAmber)}, now)
	must(t, err)
	_, err = s.GroupSession(s.ctx, focal, one.ID)
	wantKind(t, "a member reads a draft", err, comity.NotFound)
	stale := one
	one.Place = "Room 2"
	one, err = s.PutGroupSession(s.ctx, desk, one, nil, now)
	must(t, err)
	_, err = s.PutGroupSession(s.ctx, desk, stale, nil, now)
	wantKind(t, "details that were changed in between", err, comity.Conflict)
	_, err = s.MoveGroupSession(s.ctx, desk, one.ID, one.Revision, comity.SessionApproved, comity.Date{}, now)
	wantKind(t, "approved without being held", err, comity.Conflict)

	paper := item(one.ID, "Papers", comity.TLPGreen)
	paper.Papers = []comity.Paper{{Title: "First"}, {Title: "Second", Symbol: "FORGED/1"}}
	paper, err = s.PutAgendaItem(s.ctx, desk, paper, now)
	must(t, err)
	if paper.Papers[0].Symbol != "XIG/2026/1" || paper.Papers[1].Symbol != "XIG/2026/2" || paper.Position != 3 {
		t.Errorf("papers: got %+v", paper)
	}
	must(t, s.MoveAgendaItem(s.ctx, desk, paper.ID, -1))
	one = s.moved(t, one, comity.SessionPublished, comity.SessionOpen)
	items, err := s.AgendaItems(s.ctx, focal, one.ID)
	must(t, err)
	if len(items) != 3 || items[1].ID != paper.ID || items[2].Position != 3 {
		t.Errorf("agenda: got %+v", items)
	}
	s.concludes(t, desk, one, items)

	one = s.moved(t, one, comity.SessionClosed, comity.SessionMinutes, comity.SessionAmendment)
	asked, err := s.PutAmendment(s.ctx, focal, comity.Amendment{ID: comity.MakeAmendmentID(entropy("a")), Session: one.ID, Text: "We said more."}, now)
	must(t, err)
	_, err = s.PutAmendment(s.ctx, s.as(t, s.observer, comity.RoleObserver), comity.Amendment{ID: comity.MakeAmendmentID(entropy("o")), Session: one.ID, Text: "x"}, now)
	wantKind(t, "an observer asks for an amendment", err, comity.NotFound)
	one, err = s.ApproveMinutes(s.ctx, chair, one.ID, one.Revision, now)
	must(t, err)
	must(t, s.AnswerAmendment(s.ctx, desk, asked.ID, comity.AmendmentAccepted, "Done."))
	one = s.moved(t, one)
	if len(one.Approvals) != 0 {
		t.Errorf("an amendment left approvals: %+v", one.Approvals)
	}
	after := now.AddDate(0, 0, 11)
	_, err = s.MoveGroupSession(s.ctx, desk, one.ID, one.Revision, comity.SessionApproved, comity.Date{}, after)
	wantKind(t, "approved by nobody", err, comity.Conflict)
	_, err = s.ApproveMinutes(s.ctx, desk, one.ID, one.Revision, now)
	wantKind(t, "the secretariat approves", err, comity.NotFound)
	one, err = s.ApproveMinutes(s.ctx, chair, one.ID, one.Revision, now)
	must(t, err)
	one, err = s.MoveGroupSession(s.ctx, desk, one.ID, one.Revision, comity.SessionApproved, comity.Date{}, after)
	must(t, err)
	if len(one.Hash) != 64 {
		t.Errorf("hash %q", one.Hash)
	}
	s.frozen(t, desk, one, items[0])
}

// concludes draws conclusions with and without a quorum, and follows what comes of them.
func (s *stage) concludes(t *testing.T, desk comity.Viewer, one comity.GroupSession, items []comity.AgendaItem) {
	t.Helper()
	must(t, s.Arrive(s.ctx, desk, one.ID, s.a.ID, now))
	must(t, s.Arrive(s.ctx, desk, one.ID, s.a.ID, now.Add(time.Minute)))
	var supersedes comity.DecisionID
	conclude := func(name string, verb comity.Verb, asked *comity.Asked, at time.Time) comity.Conclusion {
		c := comity.Conclusion{ID: comity.MakeConclusionID(entropy(name)), Session: one.ID, Item: items[2].ID, Verb: verb, Text: name, Supersedes: supersedes}
		c, err := s.PutConclusion(s.ctx, desk, c, comity.MakeDecisionID(entropy(name)), asked, at)
		must(t, err)
		return c
	}
	first := conclude("one of two", comity.VerbDecided, nil, now.Add(time.Minute))
	if !first.Provisional || first.Paragraph != 1 || first.Decision == "" {
		t.Errorf("without a quorum: got %+v", first)
	}
	must(t, s.Arrive(s.ctx, desk, one.ID, s.b.ID, now.Add(2*time.Minute)))
	must(t, s.Arrive(s.ctx, desk, one.ID, s.observer.ID, now.Add(2*time.Minute)))
	asked := &comity.Asked{Action: comity.MakeActionID(entropy("asked")), Owner: s.b.ID, Title: "Do it", Due: day(90)}
	c := conclude("both", comity.VerbRequested, asked, now.Add(3*time.Minute))
	if c.Provisional || c.Decision != "" || c.Action != asked.Action || c.Paragraph != 2 || c.TLP != comity.TLPAmber {
		t.Errorf("with a quorum: got %+v", c)
	}
	a, err := s.Action(s.ctx, s.as(t, s.b, comity.RoleFocalPoint), asked.Action)
	must(t, err)
	if a.Owner != s.b.ID || a.Note != "both" || a.TLP != comity.TLPAmber || a.Due != day(90) {
		t.Errorf("action item: got %+v", a)
	}
	_, err = s.PutConclusion(s.ctx, desk, comity.Conclusion{ID: comity.MakeConclusionID(entropy("x")), Session: one.ID, Item: items[0].ID, Verb: comity.VerbTookNote, Text: "x"}, "", asked, now)
	wantKind(t, "taking note asks somebody to act", err, comity.Invalid)
	must(t, s.Leave(s.ctx, desk, one.ID, s.b.ID, now.Add(4*time.Minute)))
	supersedes = first.Decision
	gone := conclude("left again", comity.VerbDecided, nil, now.Add(5*time.Minute))
	if old, err := s.Decision(s.ctx, desk, first.Decision); err != nil || old.SupersededBy != gone.Decision {
		t.Errorf("superseded: got %+v, %v", old, err)
	}
	if !gone.Provisional {
		t.Errorf("after the quorum was lost: got %+v", gone)
	}
	must(t, s.WithdrawConclusion(s.ctx, desk, gone.ID, now))
	page, err := s.Decisions(s.ctx, desk, comity.DecisionQuery{})
	must(t, err)
	if page.Total != 2 || page.Decisions[0].Number != "XIG/26/D002" || page.Decisions[0].Status != comity.DecisionLapsed ||
		page.Decisions[1].Number != "XIG/26/D001" || page.Decisions[1].Status != comity.DecisionInForce {
		t.Errorf("register: got %+v", page)
	}
	m, err := s.Minutes(s.ctx, desk, one.ID)
	must(t, err)
	if len(m.Conclusions) != 3 || len(m.Quorum) != 3 || m.Quorum[0].Held() || !m.Quorum[1].Held() || m.Quorum[2].Held() {
		t.Errorf("record: got %+v", m)
	}
}

// frozen tries to change approved minutes in every way.
func (s *stage) frozen(t *testing.T, desk comity.Viewer, one comity.GroupSession, a comity.AgendaItem) {
	t.Helper()
	before, err := s.Minutes(s.ctx, desk, one.ID)
	must(t, err)
	a.Record = "something else"
	_, err = s.PutAgendaItem(s.ctx, desk, a, now)
	wantKind(t, "an item of approved minutes", err, comity.Conflict)
	wantKind(t, "attendance of approved minutes", s.PutStay(s.ctx, desk, comity.Attendance{Session: one.ID, Org: s.b.ID, In: now, Out: now.Add(time.Hour)}), comity.Conflict)
	wantKind(t, "a conclusion of approved minutes", s.WithdrawConclusion(s.ctx, desk, before.Conclusions[0].ID, now), comity.Conflict)
	_, err = s.PutConclusion(s.ctx, desk, comity.Conclusion{ID: comity.MakeConclusionID(entropy("late")), Session: one.ID, Item: a.ID, Verb: comity.VerbTookNote, Text: "x"}, "", nil, now)
	wantKind(t, "another conclusion", err, comity.Conflict)
	one.Title = "Another title"
	_, err = s.PutGroupSession(s.ctx, desk, one, nil, now)
	wantKind(t, "the title", err, comity.Conflict)
	wantKind(t, "the session", s.DeleteGroupSession(s.ctx, desk, one.ID, one.Revision), comity.Conflict)
	after, err := s.Minutes(s.ctx, desk, one.ID)
	must(t, err)
	same(t, "approved minutes", after, before)
	text, err := s.ApprovedMinutes(s.ctx, s.as(t, s.b, comity.RoleFocalPoint), one.ID)
	must(t, err)
	if sum := sha256.Sum256(text); hex.EncodeToString(sum[:]) != before.Session.Hash {
		t.Errorf("the text has not the hash %s", before.Session.Hash)
	}
	_, err = s.ApprovedMinutes(s.ctx, s.as(t, s.observer, comity.RoleObserver), one.ID)
	wantKind(t, "minutes of which an observer sees a part", err, comity.NotFound)
}

// testSessionVisibility holds what is listed and read of sessions, their agendas and decisions to what comity.Viewer says.
func testSessionVisibility(t *testing.T, s *stage) {
	s.terms(t)
	organizations := []comity.Organization{s.a, s.b, s.observer, s.parent}
	var all []comity.GroupSession
	for _, kind := range comity.SessionKinds {
		for _, outer := range labels[1:5] {
			one := session(kind, fmt.Sprint(kind, outer), outer)
			items := []comity.AgendaItem{}
			for _, inner := range labels[1:5] {
				if comity.Strictest(outer, inner) == inner {
					items = append(items, item(one.ID, inner.String(), inner))
				}
			}
			draft := one
			draft.Title, draft.ID = "draft "+one.Title, comity.MakeGroupSessionID(entropy("draft "+one.Title))
			all = append(all, s.held(t, draft, nil), s.held(t, one, items, comity.SessionPublished, comity.SessionOpen))
			_, err := s.PutConclusion(s.ctx, system, comity.Conclusion{
				ID: comity.MakeConclusionID(entropy(one.Title)), Session: one.ID, Item: items[0].ID, Verb: comity.VerbDecided, Text: "secret of " + one.Title,
			}, comity.MakeDecisionID(entropy(one.Title)), nil, now)
			must(t, err)
		}
	}
	every, err := s.Decisions(s.ctx, system, comity.DecisionQuery{Limit: 200})
	must(t, err)
	rapid.Check(t, func(t *rapid.T) {
		v := anyViewer(organizations).Draw(t, "viewer")
		page, err := s.GroupSessions(s.ctx, v, comity.SessionQuery{Limit: 200})
		if err != nil {
			t.Fatal(err)
		}
		listed := map[comity.GroupSessionID]bool{}
		for _, one := range page.Sessions {
			listed[one.ID] = true
		}
		hold(t, v, "count of sessions", page.Total == len(listed), true)
		for _, one := range all {
			hold(t, v, "list "+one.Title, listed[one.ID], v.SeesGroupSession(one))
		}
		one := rapid.SampledFrom(all).Draw(t, "session")
		m, err := s.Minutes(s.ctx, v, one.ID)
		hold(t, v, "minutes of "+one.Title, err == nil, v.SeesGroupSession(one))
		for _, a := range m.Items {
			hold(t, v, "item "+a.Title, true, v.SeesAgendaItem(a.TLP))
		}
		hold(t, v, "conclusions before the minutes are out", len(m.Conclusions) > 0, err == nil && v.KeepsRecords() && one.State == comity.SessionOpen)
		found, err := s.Decisions(s.ctx, v, comity.DecisionQuery{Limit: 200, Text: "secret"})
		if err != nil {
			t.Fatal(err)
		}
		seen := map[comity.DecisionID]bool{}
		for _, d := range found.Decisions {
			seen[d.ID] = true
		}
		for _, d := range every.Decisions {
			_, err := s.Decision(s.ctx, v, d.ID)
			hold(t, v, "decision "+d.Number, err == nil, v.SeesDecision(d))
			hold(t, v, "found decision "+d.Number, seen[d.ID], v.SeesDecision(d))
		}
	})
}

// testDecisionNumbers adopts decisions at the same time, some of which fail: numbers have no gaps.
func testDecisionNumbers(t *testing.T, s *stage) {
	s.terms(t)
	var wg sync.WaitGroup
	for i := range 24 {
		wg.Go(func() {
			d := comity.Decision{ID: comity.MakeDecisionID(entropy(fmt.Sprint(i))), Text: fmt.Sprint("Decision ", i), TLP: comity.TLPGreen, Adopted: now}
			if i%3 == 0 {
				d.Supersedes = "dec_none"
			}
			_, err := s.AdoptDecision(s.ctx, system, d)
			if (err == nil) != (i%3 != 0) {
				t.Errorf("decision %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	page, err := s.Decisions(s.ctx, system, comity.DecisionQuery{Limit: 200})
	must(t, err)
	for i, d := range page.Decisions {
		if want := fmt.Sprintf("XIG/26/D%03d", len(page.Decisions)-i); d.Number != want {
			t.Errorf("decision %d of %d is %s, want %s", i, page.Total, d.Number, want)
		}
	}
	first := page.Decisions[len(page.Decisions)-1]
	d, err := s.AdoptDecision(s.ctx, system, comity.Decision{ID: comity.MakeDecisionID(entropy("new")), Text: "Instead", TLP: comity.TLPGreen, Adopted: now, Supersedes: first.ID})
	must(t, err)
	first, err = s.Decision(s.ctx, system, first.ID)
	must(t, err)
	if first.Status != comity.DecisionSuperseded || first.SupersededBy != d.ID {
		t.Errorf("superseded: got %+v", first)
	}
	_, err = s.LapseDecision(s.ctx, system, d.ID, d.Revision, " ", now)
	wantKind(t, "lapsed without a reason", err, comity.Invalid)
	d, err = s.LapseDecision(s.ctx, system, d.ID, d.Revision, "done", now)
	must(t, err)
	for text, want := range map[string]int{"instead": 1, d.Number: 1, "decision 7": 1, "nothing": 0, strings.ToLower(d.Number): 1} {
		found, err := s.Decisions(s.ctx, system, comity.DecisionQuery{Text: text})
		must(t, err)
		if found.Total != want {
			t.Errorf("%q finds %d decisions, want %d", text, found.Total, want)
		}
	}
}

// testCarriedOn follows an unfinished item into the next session.
func testCarriedOn(t *testing.T, s *stage) {
	first := session(comity.SessionExecutive, "First", comity.TLPGreen)
	s.held(t, first, []comity.AgendaItem{item(first.ID, "Unfinished", comity.TLPGreen)}, comity.SessionPublished)
	next := session(comity.SessionExecutive, "Next", comity.TLPGreen)
	next.Previous = first.ID
	carried := item(next.ID, "Unfinished", comity.TLPGreen)
	carried.From = item(first.ID, "Unfinished", comity.TLPGreen).ID
	s.held(t, next, []comity.AgendaItem{carried}, comity.SessionPublished)
	for _, test := range []struct {
		v    comity.Viewer
		want int
	}{
		{s.as(t, s.a, comity.RoleFocalPoint), 1}, {s.as(t, s.observer, comity.RoleObserver), 0}, {s.as(t, s.a, comity.RoleAuditor), 0}, {comity.Viewer{}, 0},
	} {
		by, err := s.CarriedOn(s.ctx, test.v, first.ID)
		must(t, err)
		if len(by) != test.want {
			t.Errorf("%v: got %d items that carry on, want %d", test.v.Roles().Names(), len(by), test.want)
		}
	}
	later := session(comity.SessionRegular, "Later", comity.TLPGreen)
	later.Previous = comity.MakeGroupSessionID(entropy("none"))
	_, err := s.PutGroupSession(s.ctx, system, later, nil, now)
	wantKind(t, "after a session that is not there", err, comity.Invalid)
}

// attends has an organisation attend a session and ask for an amendment of its minutes.
func (s *stage) attends(t *testing.T, o comity.Organization) {
	t.Helper()
	one := s.held(t, session(comity.SessionRegular, "Session with "+o.Acronym, comity.TLPGreen), nil, comity.SessionPublished, comity.SessionOpen)
	must(t, s.Arrive(s.ctx, system, one.ID, o.ID, now))
	s.moved(t, one, comity.SessionClosed, comity.SessionMinutes, comity.SessionAmendment)
	v := s.as(t, o, comity.RoleFocalPoint)
	_, err := s.PutAmendment(s.ctx, v, comity.Amendment{ID: comity.MakeAmendmentID(entropy(o.Acronym)), Session: one.ID, Text: "said by " + o.Acronym}, now)
	must(t, err)
}
