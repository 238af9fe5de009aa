package storagetest

import (
	"fmt"
	"testing"
	"time"

	"comity"

	"pgregory.net/rapid"
)

// inForce puts the group's Terms of Reference into force.
func (s *stage) inForce(t *testing.T, r comity.Rules) comity.Document {
	t.Helper()
	d := s.document(t, comity.DocumentTerms, "Terms of Reference", comity.TLPGreen)
	s.published(t, comity.DocumentRevision{Document: d.ID, TLP: comity.TLPGreen, Text: "text", Rules: &r}, day(-100))
	return d
}

// unanimous carries what nobody said "discuss" to.
func unanimous(_ comity.Procedure, entitled []comity.OrgID, said []comity.Position) comity.Verdict {
	o := comity.CountPositions(entitled, said)
	o.Carried = o.Discuss == 0
	return o
}

func procedure(name string, kind comity.ProcedureKind, days int) comity.Procedure {
	return comity.Procedure{
		ID: comity.MakeProcedureID(entropy(name)), Kind: kind, Title: name, Text: "The group adopts it.", TLP: comity.TLPGreen, Deadline: now.AddDate(0, 0, days),
	}
}

// govern gives an organisation one of everything that it does in the group's governance.
func (s *stage) govern(t *testing.T, o comity.Organization) {
	t.Helper()
	s.publishAs(t, s.as(t, o, comity.RoleCoChair), "Paper of "+o.Acronym)
	if _, err := s.RulesInForce(s.ctx, system, day(0)); err != nil {
		s.inForce(t, rules)
	}
	must(t, s.PutTerm(s.ctx, system, comity.Term{Org: o.ID, From: day(-10), Until: day(700)}, "", now))
	for chair, name := range map[comity.OrgID]string{o.ID: "led", s.observer.ID: "joined"} {
		_, err := s.PutWorkingGroup(s.ctx, system, comity.WorkingGroup{
			ID: comity.MakeWorkingGroupID(entropy(name + o.Acronym)), Name: name + " by " + o.Acronym, TLP: comity.TLPGreen, Chair: chair,
			Members: []comity.OrgID{o.ID}, Established: day(0), Mandate: day(9),
		})
		must(t, err)
	}
	p, err := s.OpenProcedure(s.ctx, s.as(t, o, comity.RoleCoChair), procedure("of "+o.Acronym, comity.ProcedureBallot, 30), now)
	must(t, err)
	_, err = s.PutPosition(s.ctx, s.as(t, o, comity.RoleFocalPoint), comity.Position{Procedure: p.ID, Org: o.ID, Position: comity.PositionAgree}, now)
	must(t, err)
}

func testTerms(t *testing.T, s *stage) {
	desk := s.as(t, s.a, comity.RoleSecretariat)
	c := s.organization(t, "X-CCC", comity.KindMember)
	put := func(org comity.Organization, from, until int, handsOver comity.OrgID) error {
		return s.PutTerm(s.ctx, desk, comity.Term{Org: org.ID, From: day(from), Until: day(until)}, handsOver, now)
	}
	leads := func() (list []string) {
		all, err := s.Organizations(s.ctx, desk)
		must(t, err)
		for _, o := range all {
			if o.CoChair {
				list = append(list, o.Acronym)
			}
		}
		return list
	}
	wantKind(t, "a co-chair hands over", s.PutTerm(s.ctx, s.as(t, s.a, comity.RoleCoChair), comity.Term{Org: s.b.ID, From: day(0), Until: day(9)}, "", now), comity.NotFound)
	wantKind(t, "an observer leads", put(s.observer, 0, 100, ""), comity.Conflict)
	wantKind(t, "it ends before it begins", put(s.a, 10, 10, ""), comity.Invalid)
	must(t, put(s.a, -700, 30, ""))
	must(t, put(s.b, -300, 430, ""))
	same(t, "who leads", leads(), []string{"X-AAA", "X-BBB"})
	past := comity.Term{Org: c.ID, From: day(-900), Until: day(-300), Ended: day(-300)}
	must(t, s.PutTerm(s.ctx, desk, past, "", now))
	same(t, "who led before", leads(), []string{"X-AAA", "X-BBB"})
	past.From, past.Ended = day(-250), day(5)
	wantKind(t, "ended in the future", s.PutTerm(s.ctx, desk, past, "", now), comity.Invalid)
	wantKind(t, "both of one organisation", put(s.b, 30, 300, s.a.ID), comity.Conflict)
	wantKind(t, "a third", put(c, 0, 300, ""), comity.Conflict)
	wantKind(t, "from one that does not lead", put(s.a, 30, 300, c.ID), comity.Conflict)
	withoutLead := s.a
	withoutLead.CoChair = false
	wantKind(t, "the lead is taken while the term goes on", s.PutOrganization(s.ctx, desk, withoutLead), comity.Conflict)
	s.as(t, s.a, comity.RoleCoChair)

	must(t, put(c, 30, 760, s.a.ID))
	same(t, "before the hand-over", leads(), []string{"X-AAA", "X-BBB"})
	n, err := s.ApplyTerms(s.ctx, system, day(29))
	must(t, err)
	if n != 0 {
		t.Errorf("nothing is due: %d changed", n)
	}
	for i, want := range []int{2, 0} {
		n, err = s.ApplyTerms(s.ctx, system, day(30))
		must(t, err)
		if n != want {
			t.Errorf("run %d on the day: %d changed, want %d", i, n, want)
		}
	}
	same(t, "after the hand-over", leads(), []string{"X-BBB", "X-CCC"})
	was, err := s.Person(s.ctx, system, person(s.a, comity.RoleCoChair).ID)
	must(t, err)
	if was.Roles.Has(comity.RoleCoChair) {
		t.Error("the co-chair of the organisation that handed over still is")
	}
	history, err := s.Terms(s.ctx, s.as(t, s.parent, comity.RoleParentReader))
	must(t, err)
	if len(history) != 4 || history[0].Org != c.ID || history[2].Ended != day(30) {
		t.Errorf("history: got %+v", history)
	}
	must(t, s.DeactivateOrganization(s.ctx, desk, s.b.ID, now.AddDate(0, 0, 40)))
	same(t, "one left the group", leads(), []string{"X-CCC"})
	_, err = s.ApplyTerms(s.ctx, system, day(41))
	must(t, err)
	same(t, "and stays out", leads(), []string{"X-CCC"})
	_, err = s.ApplyTerms(s.ctx, desk, day(41))
	wantKind(t, "a person applies terms", err, comity.NotFound)
}

func testWorkingGroups(t *testing.T, s *stage) {
	chair, focal := s.as(t, s.a, comity.RoleCoChair), s.as(t, s.b, comity.RoleFocalPoint)
	w := comity.WorkingGroup{
		ID: comity.MakeWorkingGroupID(entropy("w")), Name: "Baseline", TLP: comity.TLPAmber, Chair: s.a.ID, Members: []comity.OrgID{s.b.ID, s.a.ID, s.b.ID},
		Established: day(0), Mandate: day(100),
	}
	_, err := s.PutWorkingGroup(s.ctx, focal, w)
	wantKind(t, "a focal point makes one", err, comity.NotFound)
	stranger := w
	stranger.Members = []comity.OrgID{comity.MakeOrgID(entropy("stranger"))}
	_, err = s.PutWorkingGroup(s.ctx, chair, stranger)
	wantKind(t, "a member that is not in the group", err, comity.Invalid)
	done, err := s.PutWorkingGroup(s.ctx, chair, w)
	must(t, err)
	same(t, "members", done.Members, []comity.OrgID{s.b.ID})
	_, err = s.PutWorkingGroup(s.ctx, chair, w)
	wantKind(t, "changed in between", err, comity.Conflict)
	got, err := s.WorkingGroup(s.ctx, focal, w.ID)
	must(t, err)
	same(t, "read back", got, done)
	list, err := s.WorkingGroups(s.ctx, focal)
	must(t, err)
	same(t, "list", list, []comity.WorkingGroup{done})
	for _, v := range []comity.Viewer{{}, s.as(t, s.observer, comity.RoleObserver), s.as(t, s.parent, comity.RoleParentReader)} {
		_, err := s.WorkingGroup(s.ctx, v, w.ID)
		wantKind(t, "for members", err, comity.NotFound)
		if list, err := s.WorkingGroups(s.ctx, v); err != nil || len(list) > 0 {
			t.Errorf("%v lists %d: %v", v.Roles().Names(), len(list), err)
		}
	}
}

func testSilence(t *testing.T, s *stage) {
	desk, focal := s.as(t, s.a, comity.RoleSecretariat), s.as(t, s.b, comity.RoleFocalPoint)
	_, err := s.OpenProcedure(s.ctx, desk, procedure("early", comity.ProcedureSilence, 30), now)
	wantKind(t, "without rules", err, comity.Conflict)
	s.inForce(t, rules)
	d := s.document(t, comity.DocumentBaseline, "Baseline", comity.TLPGreen)
	s.published(t, comity.DocumentRevision{Document: d.ID, TLP: comity.TLPGreen, Text: "one"}, day(-50))
	s.published(t, comity.DocumentRevision{Document: d.ID, TLP: comity.TLPGreen, Text: "two"}, comity.Date{})
	_, err = s.OpenProcedure(s.ctx, focal, procedure("p", comity.ProcedureSilence, 30), now)
	wantKind(t, "a focal point opens one", err, comity.NotFound)
	_, err = s.OpenProcedure(s.ctx, desk, procedure("p", comity.ProcedureSilence, 9), now)
	wantKind(t, "fewer days than the rules say", err, comity.Invalid)
	p := procedure("p", comity.ProcedureSilence, 10)
	p.Document, p.Number = d.ID, 3
	_, err = s.OpenProcedure(s.ctx, desk, p, now)
	wantKind(t, "no such paper", err, comity.Invalid)
	p.Number = 2
	wide := p
	wide.TLP = comity.TLPClear
	_, err = s.OpenProcedure(s.ctx, desk, wide, now)
	wantKind(t, "wider than its paper", err, comity.Invalid)
	p, err = s.OpenProcedure(s.ctx, desk, p, now)
	must(t, err)
	twin := p
	twin.ID = comity.MakeProcedureID(entropy("twin"))
	_, err = s.OpenProcedure(s.ctx, desk, twin, now)
	wantKind(t, "a second one about the same revision", err, comity.Invalid)
	waiting, err := s.AwaitingPosition(s.ctx, focal, now)
	must(t, err)
	if len(waiting) != 1 || waiting[0].ID != p.ID {
		t.Errorf("awaiting: got %+v", waiting)
	}
	p, err = s.ExtendProcedure(s.ctx, desk, p.ID, p.Version, now.AddDate(0, 0, 20), "asked for by two members", now)
	must(t, err)
	early, err := s.CloseProcedure(s.ctx, system, p.ID, unanimous, now.AddDate(0, 0, 10))
	must(t, err)
	if early.State != comity.ProcedureOpen {
		t.Errorf("closed before its deadline: %s", early.State)
	}
	end := now.AddDate(0, 0, 20)
	due, err := s.DueProcedures(s.ctx, system, end)
	must(t, err)
	if len(due) != 1 {
		t.Fatalf("due: got %d", len(due))
	}
	_, err = s.PutPosition(s.ctx, focal, comity.Position{Procedure: p.ID, Org: s.b.ID, Position: comity.PositionDiscuss, Reason: "late"}, end)
	wantKind(t, "an objection when the deadline has passed", err, comity.Conflict)
	var closed comity.Procedure
	for range 2 {
		closed, err = s.CloseProcedure(s.ctx, system, p.ID, unanimous, end)
		must(t, err)
	}
	if closed.State != comity.ProcedureAdopted || len(closed.Entitled) != 2 || closed.Verdict == nil {
		t.Errorf("closed: got %+v", closed)
	}
	r, err := s.DocumentRevision(s.ctx, focal, d.ID, 2)
	must(t, err)
	if r.Effective != comity.DateOf(end) || r.Supersedes != 1 || r.Text != "two" {
		t.Errorf("its paper: got %+v", r)
	}
	events, err := s.ProcedureEvents(s.ctx, focal, p.ID)
	must(t, err)
	var told []string
	for _, e := range events {
		told = append(told, e.Event+" "+e.Why)
	}
	same(t, "events", told, []string{"opened ", "extended asked for by two members", "adopted "})
	waiting, err = s.AwaitingPosition(s.ctx, focal, now)
	must(t, err)
	if len(waiting) != 0 {
		t.Errorf("still awaiting: %+v", waiting)
	}
}

func testObjection(t *testing.T, s *stage) {
	s.inForce(t, rules)
	desk, focal := s.as(t, s.a, comity.RoleSecretariat), s.as(t, s.b, comity.RoleFocalPoint)
	p, err := s.OpenProcedure(s.ctx, desk, procedure("p", comity.ProcedureSilence, 30), now)
	must(t, err)
	say := func(v comity.Viewer, org comity.Organization, k comity.PositionKind, why string) (comity.Procedure, error) {
		return s.PutPosition(s.ctx, v, comity.Position{Procedure: p.ID, Org: org.ID, Position: k, Reason: why}, now)
	}
	for name, try := range map[string]struct {
		v    comity.Viewer
		org  comity.Organization
		kind comity.Kind
	}{
		"an analyst":                    {s.as(t, s.b, comity.RoleAnalyst), s.b, comity.Forbidden},
		"the secretariat":               {desk, s.a, comity.Forbidden},
		"for another organisation":      {focal, s.a, comity.Forbidden},
		"an observer":                   {s.as(t, s.observer, comity.RoleObserver), s.observer, comity.Forbidden},
		"an observer with a high title": {s.as(t, s.observer, comity.RoleFocalPoint), s.observer, comity.Forbidden},
		"the parent network":            {s.as(t, s.parent, comity.RoleParentReader), s.parent, comity.NotFound},
		"nobody":                        {comity.Viewer{}, s.b, comity.NotFound},
		"a token for reading":           {focal.ReadingOnly(), s.b, comity.Forbidden},
	} {
		_, err := say(try.v, try.org, comity.PositionDiscuss, "no")
		wantKind(t, name, err, try.kind)
	}
	_, err = say(focal, s.b, comity.PositionDiscuss, "  ")
	wantKind(t, "an objection without a reason", err, comity.Invalid)
	_, err = say(focal, s.b, "maybe", "")
	wantKind(t, "no such position", err, comity.Invalid)
	got, err := say(focal, s.b, comity.PositionNoObjection, "")
	must(t, err)
	if got.State != comity.ProcedureOpen {
		t.Errorf("no objection closed it: %s", got.State)
	}
	_, err = s.WithdrawProcedure(s.ctx, desk, p.ID, p.Version, "changed our mind", now)
	wantKind(t, "withdrawn on an old version", err, comity.Conflict)
	got, err = say(s.as(t, s.b, comity.RoleAlternate), s.b, comity.PositionDiscuss, "the scope is too wide")
	must(t, err)
	if got.State != comity.ProcedureStopped || got.Verdict.Discuss != 1 || got.Verdict.NoObjection != 0 {
		t.Errorf("an objection: got %+v", got)
	}
	said, err := s.Positions(s.ctx, focal, p.ID)
	must(t, err)
	if len(said) != 2 || said[0].Position != comity.PositionNoObjection || said[1].Reason != "the scope is too wide" {
		t.Errorf("positions: got %+v", said)
	}
	_, err = say(focal, s.b, comity.PositionAgree, "")
	wantKind(t, "after it was stopped", err, comity.Conflict)
	_, err = s.ExtendProcedure(s.ctx, desk, p.ID, got.Version, now.AddDate(0, 0, 60), "why not", now)
	wantKind(t, "extended after it was stopped", err, comity.Conflict)
	closed, err := s.CloseProcedure(s.ctx, system, p.ID, unanimous, now.AddDate(1, 0, 0))
	must(t, err)
	if closed.State != comity.ProcedureStopped {
		t.Errorf("closed over an objection: %s", closed.State)
	}
}

// testEntitledFrozen takes somebody in and lets somebody go while a ballot is open: who may speak is frozen at its close.
func testEntitledFrozen(t *testing.T, s *stage) {
	s.inForce(t, rules)
	desk := s.as(t, s.a, comity.RoleSecretariat)
	p, err := s.OpenProcedure(s.ctx, desk, procedure("p", comity.ProcedureBallot, 30), now)
	must(t, err)
	_, err = s.PutPosition(s.ctx, s.as(t, s.b, comity.RoleFocalPoint), comity.Position{Procedure: p.ID, Org: s.b.ID, Position: comity.PositionDiscuss, Reason: "no"}, now)
	must(t, err)
	c := s.organization(t, "X-CCC", comity.KindMember)
	must(t, s.DeactivateOrganization(s.ctx, desk, s.b.ID, now.Add(time.Hour)))
	p, err = s.CloseProcedure(s.ctx, system, p.ID, unanimous, p.Deadline)
	must(t, err)
	if p.State != comity.ProcedureAdopted || len(p.Entitled) != 2 || p.Verdict.Discuss != 0 {
		t.Errorf("who left does not count: got %+v", p)
	}
	s.organization(t, "X-DDD", comity.KindMember)
	again, err := s.Procedure(s.ctx, desk, p.ID)
	must(t, err)
	same(t, "frozen", again, p)
	if p.Entitled[0] != c.ID && p.Entitled[1] != c.ID {
		t.Error("who came does not count")
	}
	_, err = s.CloseProcedure(s.ctx, desk, p.ID, unanimous, now)
	wantKind(t, "a person closes", err, comity.NotFound)
}

// testGovernanceVisibility holds working groups and procedures of every label to what comity.Viewer says.
func testGovernanceVisibility(t *testing.T, s *stage) {
	s.inForce(t, rules)
	var groups []comity.WorkingGroup
	var procedures []comity.Procedure
	for _, label := range labels[1:5] {
		w, err := s.PutWorkingGroup(s.ctx, system, comity.WorkingGroup{
			ID: comity.MakeWorkingGroupID(entropy(label.String())), Name: label.String(), TLP: label, Chair: s.a.ID, Established: day(0), Mandate: day(9),
		})
		must(t, err)
		p := procedure(label.String(), comity.ProcedureBallot, 30)
		p.TLP = label
		p, err = s.OpenProcedure(s.ctx, system, p, now)
		must(t, err)
		groups, procedures = append(groups, w), append(procedures, p)
	}
	rapid.Check(t, func(t *rapid.T) {
		v := anyViewer([]comity.Organization{s.a, s.b, s.observer, s.parent}).Draw(t, "viewer")
		wantGroups, wantProcedures := 0, 0
		for i := range groups {
			_, err := s.WorkingGroup(s.ctx, v, groups[i].ID)
			hold(t, v, "working group "+groups[i].Name, err == nil, v.SeesWorkingGroup(groups[i]))
			p := procedures[i]
			_, err = s.Procedure(s.ctx, v, p.ID)
			hold(t, v, "procedure "+p.Title, err == nil, v.SeesProcedure(p))
			_, err = s.Positions(s.ctx, v, p.ID)
			hold(t, v, "positions in "+p.Title, err == nil, v.SeesProcedure(p))
			_, err = s.ProcedureEvents(s.ctx, v, p.ID)
			hold(t, v, "events of "+p.Title, err == nil, v.SeesProcedure(p))
			if v.SeesWorkingGroup(groups[i]) {
				wantGroups++
			}
			if v.SeesProcedure(p) {
				wantProcedures++
			}
		}
		list, err := s.WorkingGroups(s.ctx, v)
		hold(t, v, "list of working groups", err == nil && len(list) == wantGroups, true)
		page, err := s.Procedures(s.ctx, v, comity.ProcedureQuery{})
		hold(t, v, fmt.Sprint("list of procedures ", page.Total), err == nil && page.Total == wantProcedures && len(page.Procedures) == wantProcedures, true)
	})
}

// testAdoption brings a proposed revision into force by a decision that a session took.
func testAdoption(t *testing.T, s *stage) {
	s.terms(t)
	desk, focal := s.as(t, s.a, comity.RoleSecretariat), s.as(t, s.b, comity.RoleFocalPoint)
	d := s.document(t, comity.DocumentGuidance, "Guidance", comity.TLPGreen)
	s.published(t, comity.DocumentRevision{Document: d.ID, TLP: comity.TLPGreen, Text: "one"}, day(-10))
	s.published(t, comity.DocumentRevision{Document: d.ID, TLP: comity.TLPGreen, Text: "two"}, comity.Date{})
	decide := func(name string, status comity.DecisionStatus) comity.DecisionID {
		one, err := s.AdoptDecision(s.ctx, system, comity.Decision{
			ID: comity.MakeDecisionID(entropy(name)), Text: name, TLP: comity.TLPGreen, Adopted: now, Status: status,
		})
		must(t, err)
		return one.ID
	}
	decision := decide("adopts revision 2", comity.DecisionInForce)
	adopt := func(v comity.Viewer, number int, by comity.DecisionID, from comity.Date) error {
		return second(s.AdoptRevision(s.ctx, v, d.ID, number, by, from))
	}
	wantKind(t, "a focal point", adopt(focal, 2, decision, day(0)), comity.NotFound)
	wantKind(t, "no day", adopt(desk, 2, decision, comity.Date{}), comity.Invalid)
	wantKind(t, "no decision", adopt(desk, 2, comity.MakeDecisionID(entropy("none")), day(0)), comity.Invalid)
	wantKind(t, "too early", adopt(desk, 2, decision, day(-11)), comity.Invalid)
	wantKind(t, "no revision", adopt(desk, 3, decision, day(0)), comity.NotFound)
	wantKind(t, "in force already", adopt(desk, 1, decision, day(0)), comity.Conflict)
	must(t, adopt(desk, 2, decision, day(0)))
	wantKind(t, "twice", adopt(desk, 2, decision, day(0)), comity.Conflict)
	r, err := s.DocumentRevision(s.ctx, focal, d.ID, 2)
	must(t, err)
	if r.Decision != decision || r.Effective != day(0) || r.Supersedes != 1 || r.Text != "two" {
		t.Errorf("adopted: %+v", r)
	}
}
