package storagetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"comity"

	"pgregory.net/rapid"
)

// kept is what an item was from a moment on, written down beside the store.
type kept struct {
	from time.Time
	item comity.ActionItem
}

// testPlanAsOf changes items at random and asks for the plan as of any moment: it equals what was written down, what follows
// from replaying the rows, and what each viewer could see then.
func testPlanAsOf(t *testing.T, s *stage) {
	owner := s.as(t, s.a, comity.RoleFocalPoint)
	viewers := []comity.Viewer{owner, system, s.as(t, s.b, comity.RoleFocalPoint), s.as(t, s.observer, comity.RoleObserver), s.as(t, s.b, comity.RoleSecretariat)}
	run := 0
	rapid.Check(t, func(t *rapid.T) {
		run++
		log := map[comity.ActionID][]kept{}
		var ids []comity.ActionID
		at := now
		for i := range rapid.IntRange(1, 3).Draw(t, "items") {
			ids = append(ids, comity.MakeActionID(entropy(fmt.Sprint("as of", run, i))))
		}
		for range rapid.IntRange(1, 15).Draw(t, "changes") {
			at = at.Add(time.Duration(rapid.IntRange(0, 40).Draw(t, "hours")) * time.Hour)
			id := rapid.SampledFrom(ids).Draw(t, "item")
			a := comity.ActionItem{ID: id, Owner: s.a.ID, Title: "item", Priority: comity.PriorityLow, Status: comity.ActionOpen}
			if n := len(log[id]); n > 0 {
				a = log[id][n-1].item
			}
			change(t, &a)
			a, err := s.PutAction(s.ctx, owner, a, "", at)
			if err != nil {
				t.Fatal(err)
			}
			log[id] = append(log[id], kept{at, a})
		}
		for range 6 {
			moment := now.Add(time.Duration(rapid.IntRange(-10, 700).Draw(t, "moment")) * time.Hour)
			v := rapid.SampledFrom(viewers).Draw(t, "viewer")
			s.holdPlan(t, v, ids, log, moment)
		}
	})
}

// change draws another value of some field.
func change(t *rapid.T, a *comity.ActionItem) {
	switch rapid.IntRange(0, 7).Draw(t, "field") {
	case 0:
		a.Priority = rapid.SampledFrom(comity.Priorities).Draw(t, "priority")
	case 1:
		a.Progress = rapid.IntRange(0, 100).Draw(t, "progress")
	case 2:
		a.Status = rapid.SampledFrom(comity.ActionStatuses).Draw(t, "status")
	case 3:
		a.Audience = rapid.SampledFrom([]comity.Audience{comity.AudienceOwner, comity.AudienceGroup}).Draw(t, "audience")
	case 4:
		a.TLP = rapid.SampledFrom(labels).Draw(t, "label")
	case 5:
		a.RAG = rapid.SampledFrom(comity.RAGs).Draw(t, "rag")
	case 6:
		a.Note = rapid.SampledFrom([]string{"", "one", "two\nlines"}).Draw(t, "note")
	default:
		a.Due = comity.DateOf(now).AddDays(rapid.IntRange(0, 300).Draw(t, "due"))
	}
}

// holdPlan compares the plan as of a moment with what was written down and with the rows replayed from nothing.
func (s *stage) holdPlan(t *rapid.T, v comity.Viewer, ids []comity.ActionID, log map[comity.ActionID][]kept, at time.Time) {
	page, err := s.Actions(s.ctx, v, comity.ActionQuery{AsOf: at, IDs: ids, Limit: 200})
	if err != nil {
		t.Fatal(err)
	}
	got := map[comity.ActionID]comity.ActionItem{}
	for _, a := range page.Actions {
		got[a.ID] = a
	}
	if len(got) != page.Total {
		t.Fatalf("as of %v: %d items, counted %d", at, len(got), page.Total)
	}
	for _, id := range ids {
		then, is := lastUntil(log[id], at), latest(log[id])
		want := then != nil && v.SeesAction(*then) && v.SeesAction(is)
		a, ok := got[id]
		if ok != want {
			t.Fatalf("as of %v: %s listed %v, want %v", at, id, ok, want)
		}
		if !ok {
			continue
		}
		if !a.SameFields(*then) {
			t.Fatalf("as of %v: got %v, want %v", at, a.Fields(), then.Fields())
		}
		replayed, err := s.replay(id, at)
		if err != nil || !replayed.SameFields(a) {
			t.Fatalf("as of %v: got %v, the rows replayed say %v, %v", at, a.Fields(), replayed.Fields(), err)
		}
	}
}

// replay makes an item from its rows until a moment.
func (s *stage) replay(id comity.ActionID, at time.Time) (comity.ActionItem, error) {
	var a comity.ActionItem
	list, err := s.ActionRevisions(s.ctx, system, id)
	for _, r := range list {
		if err == nil && !r.At.After(at) && r.Field != comity.Reviewed {
			err = a.SetField(r.Field, r.New)
		}
	}
	return a, err
}

func lastUntil(log []kept, at time.Time) *comity.ActionItem {
	var last *comity.ActionItem
	for i := range log {
		if !log[i].from.After(at) {
			last = &log[i].item
		}
	}
	return last
}

func latest(log []kept) comity.ActionItem {
	if len(log) == 0 {
		return comity.ActionItem{}
	}
	return log[len(log)-1].item
}

func testPlanDifferences(t *testing.T, s *stage) {
	v, other := s.as(t, s.a, comity.RoleFocalPoint), s.as(t, s.b, comity.RoleFocalPoint)
	early := s.action(t, v, s.a, comity.AudienceGroup, comity.TLPGreen, "early")
	hidden := s.action(t, v, s.a, comity.AudienceOwner, comity.TLPGreen, "hidden")
	day := func(n int) time.Time { return now.AddDate(0, 0, n) }
	early.Priority, early.Progress = comity.PriorityUrgent, 40
	early, err := s.ReviseAction(s.ctx, v, early, comity.ActionReason{Why: "agreed", Session: "gse_0000000000000001", Decision: "dec_0000000000000001"}, day(2))
	must(t, err)
	hidden.Progress = 10
	_, err = s.PutAction(s.ctx, v, hidden, "", day(2))
	must(t, err)
	late := comity.ActionItem{
		ID: comity.MakeActionID(entropy("late")), Title: "late", Owner: s.a.ID, Audience: comity.AudienceGroup, TLP: comity.TLPGreen,
		Priority: comity.PriorityLow, Status: comity.ActionOpen,
	}
	_, err = s.PutAction(s.ctx, v, late, "", day(3))
	must(t, err)
	got, err := s.PlanDifferences(s.ctx, other, day(1), day(4), 0, 0)
	must(t, err)
	var lines []string
	for _, d := range got.Items {
		line := fmt.Sprint(d.Item.Title, " new ", d.New)
		for _, c := range d.Changes {
			line += fmt.Sprint(" ", c.Field, " ", c.Old, "→", c.New)
		}
		lines = append(lines, line)
	}
	same(t, "what became of the plan", lines, []string{"early new false priority medium→urgent progress 0→40", "late new true"})
	if got.Total != 2 {
		t.Errorf("counted %d", got.Total)
	}
	revisions, err := s.ActionRevisions(s.ctx, other, early.ID)
	must(t, err)
	last := revisions[len(revisions)-1]
	if last.Session != "gse_0000000000000001" || last.Decision != "dec_0000000000000001" || last.Why != "agreed" || last.Org != s.a.ID {
		t.Errorf("the row says %+v", last)
	}
	observer := s.as(t, s.observer, comity.RoleParentReader)
	none, err := s.PlanDifferences(s.ctx, observer, day(1), day(4), 0, 0)
	must(t, err)
	if none.Total != 0 || len(none.Items) != 0 {
		t.Errorf("a reader sees %+v", none)
	}
}

// testActionDependencies asks that items never wait for each other in a circle, and that nobody learns of items that they
// don't see.
func testActionDependencies(t *testing.T, s *stage) {
	v, other := s.as(t, s.a, comity.RoleFocalPoint), s.as(t, s.b, comity.RoleFocalPoint)
	var list []comity.ActionItem
	for i := range 4 {
		list = append(list, s.action(t, v, s.a, comity.AudienceGroup, comity.TLPGreen, fmt.Sprint("step ", i)))
	}
	after := func(i int, ids ...comity.ActionID) error {
		a := list[i]
		a.After = ids
		a, err := s.PutAction(s.ctx, v, a, "", now.Add(time.Hour))
		if err == nil {
			list[i] = a
		}
		return err
	}
	must(t, after(1, list[0].ID))
	must(t, after(2, list[1].ID, list[0].ID))
	must(t, after(3, list[2].ID))
	wantKind(t, "after itself", after(0, list[0].ID), comity.Invalid)
	wantKind(t, "a circle of two", after(0, list[1].ID), comity.Invalid)
	wantKind(t, "a circle of four", after(0, list[3].ID), comity.Invalid)
	wantKind(t, "after nothing", after(0, comity.MakeActionID(entropy("none"))), comity.Invalid)
	waiting, err := s.Waiting(s.ctx, other, list[0].ID)
	must(t, err)
	if len(waiting) != 2 || !slices.Contains(waiting, list[1].ID) {
		t.Errorf("waiting for the first: %v", waiting)
	}

	private := s.action(t, v, s.a, comity.AudienceOwner, comity.TLPGreen, "private")
	amber := s.action(t, v, s.a, comity.AudienceGroup, comity.TLPAmber, "amber")
	wantKind(t, "the group's after a private one", after(0, private.ID), comity.Invalid)
	wantKind(t, "a green one after an amber one", after(0, amber.ID), comity.Invalid)
	theirs := s.action(t, other, s.b, comity.AudienceOwner, comity.TLPGreen, "theirs")
	wantKind(t, "after one of another organisation", after(0, theirs.ID), comity.Invalid)

	// What becomes private later is no longer shown, and stays when somebody who does not see it changes the item.
	first := list[0]
	first.Audience = comity.AudienceOwner
	_, err = s.PutAction(s.ctx, v, first, "", now.Add(2*time.Hour))
	must(t, err)
	chair := s.as(t, s.b, comity.RoleCoChair)
	second, err := s.Action(s.ctx, chair, list[2].ID)
	must(t, err)
	same(t, "what the co-chair sees", second.After, []comity.ActionID{list[1].ID})
	history, err := s.ActionRevisions(s.ctx, chair, second.ID)
	must(t, err)
	if strings.Contains(fmt.Sprint(history), string(first.ID)) {
		t.Errorf("the history names what is hidden: %+v", history)
	}
	second.After, second.Progress = nil, 5
	_, err = s.PutAction(s.ctx, chair, second, "", now.Add(3*time.Hour))
	must(t, err)
	mine, err := s.Action(s.ctx, v, second.ID)
	must(t, err)
	same(t, "what the owner sees", mine.After, []comity.ActionID{first.ID})
}

// testActionPeople asks who may be responsible, and who learns of it.
func testActionPeople(t *testing.T, s *stage) {
	v, other := s.as(t, s.a, comity.RoleFocalPoint), s.as(t, s.b, comity.RoleCoChair)
	a := s.action(t, v, s.a, comity.AudienceGroup, comity.TLPGreen, "ours")
	a.Responsible = other.Person()
	_, err := s.PutAction(s.ctx, v, a, "", now)
	wantKind(t, "somebody of another organisation", err, comity.Invalid)
	a.Responsible, a.Contributors = v.Person(), []comity.OrgID{s.b.ID, s.a.ID, s.b.ID}
	a, err = s.PutAction(s.ctx, v, a, "", now.Add(time.Hour))
	must(t, err)
	same(t, "contributors", a.Contributors, []comity.OrgID{s.b.ID})
	theirs, err := s.Action(s.ctx, other, a.ID)
	must(t, err)
	if theirs.Responsible != "" {
		t.Error("another organisation sees who is responsible")
	}
	history, err := s.ActionRevisions(s.ctx, other, a.ID)
	must(t, err)
	then, err := s.Actions(s.ctx, other, comity.ActionQuery{AsOf: now.Add(2 * time.Hour)})
	must(t, err)
	if strings.Contains(fmt.Sprint(history), string(v.Person())+" }") || slices.ContainsFunc(history, func(r comity.ActionRevision) bool { return r.Field == "responsible" }) {
		t.Errorf("the history tells who is responsible: %+v", history)
	}
	if len(then.Actions) != 1 || then.Actions[0].Responsible != "" {
		t.Errorf("the plan as it was tells who is responsible: %+v", then.Actions)
	}
	theirs.Progress = 20
	_, err = s.PutAction(s.ctx, other, theirs, "", now.Add(2*time.Hour))
	must(t, err)
	mine, err := s.Actions(s.ctx, v, comity.ActionQuery{Responsible: v.Person()})
	must(t, err)
	if mine.Total != 1 || mine.Actions[0].Progress != 20 {
		t.Errorf("what I am responsible for: %+v", mine)
	}
	helped, err := s.Actions(s.ctx, other, comity.ActionQuery{Contributor: s.b.ID})
	must(t, err)
	if helped.Total != 1 {
		t.Errorf("what we help with: %d", helped.Total)
	}
	needs, err := s.Actions(s.ctx, v, comity.ActionQuery{Needs: comity.Needs{Org: s.a.ID, Person: v.Person(), Until: comity.DateOf(now)}})
	must(t, err)
	if needs.Total != 0 {
		t.Errorf("%d items need somebody: one on its way, without a date", needs.Total)
	}
}

// testActionReview reviews an item in a session: what is unchanged is a row too, and a change that is sent twice is stored once.
func testActionReview(t *testing.T, s *stage) {
	v := s.as(t, s.a, comity.RoleFocalPoint)
	a := s.action(t, v, s.a, comity.AudienceGroup, comity.TLPGreen, "reviewed")
	session := comity.GroupSessionID("gse_0000000000000001")
	reason := comity.ActionReason{Session: session, Key: "key-1", Why: "as planned"}
	for range 2 {
		got, err := s.ReviseAction(s.ctx, v, a, reason, now.Add(time.Hour))
		must(t, err)
		if got.Revision != a.Revision {
			t.Errorf("looking at it made revision %d of %d", got.Revision, a.Revision)
		}
	}
	changed := a
	changed.Priority = comity.PriorityHigh
	reason.Key = "key-2"
	for range 2 { // the line was down after the first: it is sent again on the same revision
		got, err := s.ReviseAction(s.ctx, v, changed, reason, now.Add(2*time.Hour))
		must(t, err)
		if got.Revision != a.Revision+1 || got.Priority != comity.PriorityHigh {
			t.Errorf("sent twice: %+v", got)
		}
	}
	stale := a
	stale.Progress = 10
	_, err := s.ReviseAction(s.ctx, v, stale, comity.ActionReason{Session: session, Key: "key-3"}, now.Add(3*time.Hour))
	wantKind(t, "on a revision that is gone", err, comity.Conflict)
	_, err = s.ReviseAction(s.ctx, v, a, comity.ActionReason{Session: session, Key: "key-4"}, now.Add(3*time.Hour))
	wantKind(t, "no change on a revision that is gone", err, comity.Conflict)
	list, err := s.ActionRevisions(s.ctx, v, a.ID)
	must(t, err)
	var fields []string
	for _, r := range list {
		if r.Session == session {
			fields = append(fields, r.Field+" "+r.Old+"→"+r.New)
		}
	}
	same(t, "rows of the session", fields, []string{"review →no-change", "priority medium→high"})
	reviewed, err := s.ReviewedIn(s.ctx, v, session)
	must(t, err)
	same(t, "reviewed", reviewed, map[comity.ActionID]time.Time{a.ID: now.Add(2 * time.Hour)})
	told, err := s.SessionRevisions(s.ctx, s.as(t, s.b, comity.RoleFocalPoint), session, []comity.ActionID{a.ID})
	must(t, err)
	if len(told[a.ID]) != 2 || told[a.ID][1].New != "high" {
		t.Errorf("what a member of another organisation is told of the session: %+v", told)
	}
	sent, err := s.ActionSent(s.ctx, v, a.ID, "key-2")
	must(t, err)
	theirs, err := s.ActionSent(s.ctx, s.as(t, s.b, comity.RoleFocalPoint), a.ID, "key-2")
	must(t, err)
	if !sent || theirs {
		t.Errorf("sent by its author %v, by somebody else %v", sent, theirs)
	}
	for _, role := range []comity.Role{comity.RoleObserver, comity.RoleParentReader, comity.RoleAuditor} {
		_, err := s.SessionRevisions(s.ctx, s.as(t, s.observer, role), session, []comity.ActionID{a.ID})
		wantKind(t, role.String()+" looks at what was said in the session", err, comity.NotFound)
		_, err = s.ReviewedIn(s.ctx, s.as(t, s.observer, role), session)
		wantKind(t, role.String()+" looks into the session", err, comity.NotFound)
	}
}

func testPlanFilters(t *testing.T, s *stage) {
	v, other := s.as(t, s.a, comity.RoleFocalPoint), s.as(t, s.a, comity.RoleAnalyst)
	must(t, s.PutPlanFilter(s.ctx, v, comity.PlanFilter{Name: "Urgent", Query: "priority=urgent"}))
	must(t, s.PutPlanFilter(s.ctx, v, comity.PlanFilter{Name: "Urgent", Query: "priority=urgent&which=mine"}))
	must(t, s.PutPlanFilter(s.ctx, v, comity.PlanFilter{Name: "At risk", Query: "rag=risk"}))
	list, err := s.PlanFilters(s.ctx, v)
	must(t, err)
	same(t, "filters", list, []comity.PlanFilter{{Name: "At risk", Query: "rag=risk"}, {Name: "Urgent", Query: "priority=urgent&which=mine"}})
	theirs, err := s.PlanFilters(s.ctx, other)
	must(t, err)
	if len(theirs) != 0 {
		t.Errorf("a colleague sees %v", theirs)
	}
	wantKind(t, "another's filter", s.DeletePlanFilter(s.ctx, other, "Urgent"), comity.NotFound)
	must(t, s.DeletePlanFilter(s.ctx, v, "Urgent"))

	b := comity.PlanBaseline{Name: "Session 2026", At: now, Session: "gse_0000000000000001"}
	wantKind(t, "a focal point names a baseline", s.PutPlanBaseline(s.ctx, v, b), comity.Forbidden)
	chair := s.as(t, s.a, comity.RoleCoChair)
	must(t, s.PutPlanBaseline(s.ctx, chair, b))
	wantKind(t, "the name is taken", s.PutPlanBaseline(s.ctx, chair, b), comity.Conflict)
	b.By = chair.Person()
	baselines, err := s.PlanBaselines(s.ctx, other)
	must(t, err)
	same(t, "baselines", baselines, []comity.PlanBaseline{b})
}
