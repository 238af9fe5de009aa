package governance

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"comity"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var start = time.Date(2026, 10, 5, 9, 0, 0, 0, time.UTC)

func at(minutes int) time.Time { return start.Add(time.Duration(minutes) * time.Minute) }

// Every state is reached from the draft, approved is the end, and nothing goes back from it.
func TestStatesFollow(t *testing.T) {
	seen, queue := map[comity.SessionState]bool{}, []comity.SessionState{comity.SessionDraft}
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		if !seen[s] {
			seen[s] = true
			queue = append(queue, Next(s)...)
		}
	}
	for _, s := range comity.SessionStates {
		if !seen[s] {
			t.Errorf("%s is never reached", s)
		}
		if EditsAgenda(s) && s == comity.SessionApproved || EditsRecord(s) && s == comity.SessionApproved {
			t.Errorf("approved minutes can be changed")
		}
	}
	if len(Next(comity.SessionApproved)) > 0 || len(Next("")) > 0 {
		t.Error("something follows the end")
	}
}

func TestMove(t *testing.T) {
	day := comity.DateOf(start)
	by := func(orgs ...comity.OrgID) (list []comity.Approval) {
		for _, o := range orgs {
			list = append(list, comity.Approval{Org: o})
		}
		return list
	}
	for _, test := range []struct {
		name      string
		from, to  comity.SessionState
		until     comity.Date
		approvals []comity.Approval
		open      int
		chairs    int
		want      comity.Kind
	}{
		{name: "publish", from: comity.SessionDraft, to: comity.SessionPublished},
		{name: "skip", from: comity.SessionDraft, to: comity.SessionOpen, want: comity.Conflict},
		{name: "amendments without a day", from: comity.SessionMinutes, to: comity.SessionAmendment, want: comity.Invalid},
		{name: "amendments until today", from: comity.SessionMinutes, to: comity.SessionAmendment, until: day, want: comity.Invalid},
		{name: "amendments until tomorrow", from: comity.SessionMinutes, to: comity.SessionAmendment, until: day.AddDays(1)},
		{name: "approved too early", from: comity.SessionAmendment, to: comity.SessionApproved, until: day, approvals: by("a", "b"), chairs: 2, want: comity.Conflict},
		{name: "approved by one", from: comity.SessionAmendment, to: comity.SessionApproved, until: day.AddDays(-1), approvals: by("a", "a"), chairs: 2, want: comity.Conflict},
		{name: "with an open request", from: comity.SessionAmendment, to: comity.SessionApproved, until: day.AddDays(-1), approvals: by("a", "b"), chairs: 2, open: 1, want: comity.Conflict},
		{name: "approved", from: comity.SessionAmendment, to: comity.SessionApproved, until: day.AddDays(-1), approvals: by("a", "b"), chairs: 2},
		{name: "one co-chair leads", from: comity.SessionAmendment, to: comity.SessionApproved, until: day.AddDays(-1), approvals: by("a"), chairs: 1},
		{name: "nobody approved", from: comity.SessionAmendment, to: comity.SessionApproved, until: day.AddDays(-1), want: comity.Conflict},
		{name: "frozen", from: comity.SessionApproved, to: comity.SessionMinutes, want: comity.Conflict},
	} {
		s := comity.GroupSession{State: test.from, AmendUntil: test.until, Approvals: test.approvals}
		err := Move(s, test.to, day, test.open, test.chairs)
		if err == nil && test.want != comity.Internal || err != nil && comity.KindOf(err) != test.want {
			t.Errorf("%s: got %v, want kind %s", test.name, err, test.want)
		}
	}
}

// slowPresent counts, minute by minute, the voting organisations with a stay around the moment.
func slowPresent(stays []comity.Attendance, votes func(comity.OrgID) bool, at time.Time) int {
	there := map[comity.OrgID]bool{}
	for _, a := range stays {
		if votes(a.Org) && !at.Before(a.In) && (a.Out.IsZero() || at.Before(a.Out)) {
			there[a.Org] = true
		}
	}
	return len(there)
}

func TestQuorumAgainstSlowTwin(t *testing.T) {
	votes := func(o comity.OrgID) bool { return o != "observer" }
	rapid.Check(t, func(t *rapid.T) {
		var stays []comity.Attendance
		for range rapid.IntRange(0, 12).Draw(t, "stays") {
			a := comity.Attendance{Org: comity.OrgID(rapid.SampledFrom([]string{"a", "b", "c", "observer"}).Draw(t, "org"))}
			a.In = at(rapid.IntRange(0, 30).Draw(t, "in"))
			if rapid.Bool().Draw(t, "left") {
				a.Out = at(rapid.IntRange(0, 30).Draw(t, "out"))
			}
			stays = append(stays, a)
		}
		spans := Quorum(stays, votes, 2)
		for m := -1; m < 32; m++ {
			want := slowPresent(stays, votes, at(m))
			got, held := QuorumAt(spans, at(m))
			if got != want || held != (want >= 2) {
				t.Fatalf("minute %d: got %d (%t), want %d\n%+v\n%+v", m, got, held, want, stays, spans)
			}
		}
		for i := 1; i < len(spans); i++ {
			if !spans[i].From.Equal(spans[i-1].To) || spans[i].Present == spans[i-1].Present {
				t.Fatalf("spans do not touch, or say the same: %+v", spans)
			}
		}
	})
}

func TestCarryOn(t *testing.T) {
	items := []comity.AgendaItem{
		{ID: "1", Title: "done", Outcome: comity.OutcomeDecision, TLP: comity.TLPGreen},
		{ID: "2", Title: "deferred", Outcome: comity.OutcomeDeferred, TLP: comity.TLPGreen, Record: "was said", Papers: []comity.Paper{{Symbol: "X/2026/1"}}},
		{ID: "3", Title: "not reached", TLP: comity.TLPAmber},
	}
	next := comity.GroupSession{ID: "next", TLP: comity.TLPGreen}
	want := []comity.AgendaItem{
		{Session: "next", Position: 1, Title: "deferred", TLP: comity.TLPGreen, Papers: []comity.Paper{{Symbol: "X/2026/1"}}, From: "2"},
		{Session: "next", Position: 2, Title: "not reached", TLP: comity.TLPAmber, From: "3"},
	}
	if diff := cmp.Diff(want, CarryOn(items, next)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestRenumber(t *testing.T) {
	var items []comity.AgendaItem
	for i := range 4 {
		items = append(items, comity.AgendaItem{ID: comity.AgendaItemID(fmt.Sprint(i + 1)), Position: i + 1})
	}
	for _, test := range []struct {
		moved string
		steps int
		want  string
	}{
		{"3", -1, "1324"}, {"1", -1, "1234"}, {"4", 1, "1234"}, {"2", 9, "1342"}, {"none", 1, "1234"},
	} {
		var got string
		list := Renumber(items, comity.AgendaItemID(test.moved), test.steps)
		for i, a := range list {
			if a.Position != i+1 {
				t.Errorf("position %d at %d", a.Position, i+1)
			}
			got += string(a.ID)
		}
		if got != test.want {
			t.Errorf("%s by %d: got %s, want %s", test.moved, test.steps, got, test.want)
		}
	}
	if !slices.IsSortedFunc(items, func(a, b comity.AgendaItem) int { return a.Position - b.Position }) {
		t.Error("the list that was given changed")
	}
}
