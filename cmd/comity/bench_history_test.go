package main

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"comity"
	"comity/demo"
	"comity/governance"
	"comity/storage"
	"comity/storage/sqlite"
)

// What twenty years of a group of fifty leave behind, beside the demonstration.
const (
	historyYears   = 20
	historyOrgs    = 50
	historyGroup   = 40 // items of the group's work-plan a year
	historyOwn     = 8  // items of each organisation for itself a year
	historyReviews = 8  // sessions that revise an item of the group before it is done
)

// historian tells the history: time goes by in quarters, with a session in each.
type historian struct {
	*storyteller
	chance  *rand.ChaCha8
	world   demo.World
	orgs    []comity.Organization // that contribute
	viewers map[comity.OrgID]comity.Viewer
	revised []comity.ActionItem // of the group, under way
	busiest comity.ActionItem   // which every session revises
	session comity.GroupSessionID
}

// entropy is that of an identity.
func (h *historian) entropy() (e comity.Entropy) {
	_, _ = h.chance.Read(e[:]) // never fails
	return e
}

// history is the folder of a store with twenty years in it, told once.
var history = sync.OnceValues(func() (string, error) {
	from, err := filled()
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "comity-history-")
	if err != nil {
		return "", err
	}
	data, err := os.ReadFile(filepath.Join(from, sqlite.FileName))
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(dir, sqlite.FileName), data, 0o600); err != nil {
		return "", err
	}
	s, err := sqlite.Open(context.Background(), dir)
	if err != nil {
		return "", err
	}
	defer s.Close()
	return dir, tellHistory(context.Background(), s)
})

func tellHistory(ctx context.Context, s *storage.Store) error {
	h := &historian{
		storyteller: &storyteller{store: s, viewer: comity.System("benchmark: history")}, chance: seeded(2), world: demo.Meridian(1, today),
		viewers: map[comity.OrgID]comity.Viewer{},
	}
	if err := h.found(ctx); err != nil {
		return err
	}
	for quarter := range 4 * historyYears {
		at := today.AddDays(-365*historyYears + 91*quarter).Time()
		for _, tell := range []func(context.Context, int, time.Time) error{h.sit, h.plan, h.review, h.own, h.adopt, h.ask} {
			if err := tell(ctx, quarter, at); err != nil {
				return fmt.Errorf("history of %s: %w", comity.DateOf(at), err)
			}
		}
	}
	return h.release(ctx)
}

// found lets the other organisations join, each with a focal point.
func (h *historian) found(ctx context.Context) error {
	for _, o := range h.world.Organizations {
		if o.Contributes() {
			h.orgs = append(h.orgs, o)
		}
	}
	for i := len(h.orgs); i < historyOrgs; i++ {
		o := comity.Organization{ID: comity.MakeOrgID(h.entropy()), Acronym: fmt.Sprintf("X-H%02d", i), Name: fmt.Sprintf("Organization %d", i), Kind: comity.KindMember}
		if err := h.store.PutOrganization(ctx, h.viewer, o); err != nil {
			return err
		}
		h.orgs = append(h.orgs, o)
	}
	for _, o := range h.orgs {
		p := comity.Person{ID: comity.MakePersonID(h.entropy()), Org: o.ID, Email: fmt.Sprintf("history@%s.example", o.ID), Name: "Focal point", Roles: comity.Roles(comity.RoleFocalPoint)}
		if err := h.store.PutPerson(ctx, h.viewer, p); err != nil {
			return err
		}
		h.viewers[o.ID] = comity.ViewerOf(p)
	}
	return nil
}

// sit holds the session of a quarter with everybody, up to approved minutes. One of four is an Executive Session.
func (h *historian) sit(ctx context.Context, quarter int, at time.Time) error {
	s := h.world.Sessions[0]
	move := at.Sub(s.Session.Starts).Truncate(time.Second)
	s.Session.ID, s.Session.Title = comity.MakeGroupSessionID(h.entropy()), fmt.Sprintf("Session %d of the history", quarter+1)
	if quarter%4 == 1 {
		s.Session.Kind = comity.SessionExecutive
	}
	s.Session.Starts, s.Session.Ends = s.Session.Starts.Add(move), s.Session.Ends.Add(move)
	s.Made, s.Published, s.Minutes, s.Approved = s.Made.Add(move), s.Published.Add(move), s.Minutes.Add(move), s.Approved.Add(move)
	s.AmendUntil, s.Amendments, s.Present = comity.DateOf(s.Minutes).AddDays(10), nil, nil
	for _, o := range h.orgs {
		s.Present = append(s.Present, o.ID)
	}
	s.Items = slices.Clone(s.Items)
	for i := range s.Items {
		h.sittingItem(&s.Items[i], s.Session.ID)
	}
	h.session = s.Session.ID
	return h.sitting(ctx, s)
}

// sittingItem gives a copy of an item, and of what was concluded on it, identities of its own.
func (h *historian) sittingItem(a *demo.SittingItem, session comity.GroupSessionID) {
	a.ID, a.Session, a.From = comity.MakeAgendaItemID(h.entropy()), session, ""
	for i := range a.Papers {
		a.Papers[i].Symbol = ""
	}
	a.Conclusions = slices.Clone(a.Conclusions)
	for i := range a.Conclusions {
		c := &a.Conclusions[i]
		c.ID, c.Conclusion.Session, c.Item, c.Decision, c.Asked = comity.MakeConclusionID(h.entropy()), session, a.ID, comity.MakeDecisionID(h.entropy()), nil
	}
}

// plan puts the items of a quarter on the group's work-plan.
func (h *historian) plan(ctx context.Context, quarter int, at time.Time) error {
	for i := range historyGroup / 4 {
		owner := h.orgs[(quarter*historyGroup/4+i)%len(h.orgs)].ID
		a, err := h.store.PutAction(ctx, h.viewers[owner], comity.ActionItem{
			ID: comity.MakeActionID(h.entropy()), Title: fmt.Sprintf("Item %d of quarter %d", i+1, quarter+1), Note: "What is to be done, by whom and what for.", Owner: owner,
			Audience: comity.AudienceGroup, TLP: comity.TLPGreen, Priority: comity.Priorities[i%4], Kind: comity.ActionKinds[i%len(comity.ActionKinds)],
			Status: comity.ActionOpen, Due: comity.DateOf(at).AddDays(91 * historyReviews),
		}, "", at)
		if err != nil {
			return err
		}
		if h.busiest.ID == "" {
			h.busiest = a
			continue
		}
		h.revised = append(h.revised, a)
	}
	return nil
}

// review revises what is under way in the session of a quarter; what was revised often enough is done.
func (h *historian) review(ctx context.Context, quarter int, at time.Time) error {
	var left []comity.ActionItem
	for i, a := range append(h.revised, h.busiest) {
		a.Note, a.RAG = fmt.Sprintf("As it stands in quarter %d.", quarter+1), comity.RAGs[(i+quarter)%3]
		a.Priority = comity.Priorities[(i+quarter)%4]
		if a.ID != h.busiest.ID {
			a.Status, a.Progress = comity.ActionInProgress, min(100, a.Progress+100/historyReviews+1)
		}
		if a.Progress == 100 {
			a.Status = comity.ActionDone
		}
		a, err := h.store.ReviseAction(ctx, h.viewers[a.Owner], a, comity.ActionReason{Why: "As it was reported", Session: h.session}, at.Add(time.Hour))
		if err != nil {
			return err
		}
		switch {
		case a.ID == h.busiest.ID:
			h.busiest = a
		case a.IsOpen():
			left = append(left, a)
		}
	}
	h.revised = left
	return nil
}

// own lets every organisation work on items of its own: those of a quarter are done in it, but for the last quarter's.
func (h *historian) own(ctx context.Context, quarter int, at time.Time) error {
	for n, o := range h.orgs {
		for i := range historyOwn / 4 {
			a, err := h.store.PutAction(ctx, h.viewers[o.ID], comity.ActionItem{
				ID: comity.MakeActionID(h.entropy()), Title: fmt.Sprintf("Own item %d of quarter %d", i+1, quarter+1), Owner: o.ID, TLP: comity.TLPAmberStrict,
				Priority: comity.Priorities[(n+i)%4], Status: comity.ActionOpen, Due: comity.DateOf(at).AddDays(60),
			}, "", at.Add(2*time.Hour))
			if err != nil {
				return err
			}
			if quarter == 4*historyYears-1 {
				continue
			}
			a.Status, a.Progress = comity.ActionDone, 100
			if _, err := h.store.PutAction(ctx, h.viewers[o.ID], a, "Done", at.AddDate(0, 0, 40)); err != nil {
				return err
			}
		}
	}
	return nil
}

// adopt enters decisions that were taken by written procedure.
func (h *historian) adopt(ctx context.Context, quarter int, at time.Time) error {
	for i := range 3 {
		_, err := h.store.AdoptDecision(ctx, h.viewer, comity.Decision{
			ID: comity.MakeDecisionID(h.entropy()), Text: fmt.Sprintf("To go on as agreed, for the %d. time in quarter %d.", i+1, quarter+1), TLP: comity.TLPGreen, Adopted: at,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// ask holds a written procedure in which everybody says something, from the year on in which there are rules, and puts a
// paper with its revision on record.
func (h *historian) ask(ctx context.Context, quarter int, at time.Time) error {
	if _, err := h.store.RulesInForce(ctx, h.viewer, comity.DateOf(at)); err != nil {
		return nil
	}
	d, err := h.store.PutDocument(ctx, h.viewer, comity.Document{
		ID: comity.MakeDocumentID(h.entropy()), Kind: comity.DocumentPaper, Title: fmt.Sprintf("Paper of quarter %d", quarter+1), TLP: comity.TLPGreen,
	}, at)
	if err != nil {
		return err
	}
	r, err := h.store.PutDocumentDraft(ctx, h.viewer, comity.DocumentRevision{Document: d.ID, Language: "en", TLP: comity.TLPGreen, Text: "As it is proposed."})
	if err != nil {
		return err
	}
	if _, err := h.store.PublishDocument(ctx, h.viewer, d.ID, r.Version, comity.Date{}, at); err != nil {
		return err
	}
	p, err := h.store.OpenProcedure(ctx, h.viewer, comity.Procedure{
		ID: comity.MakeProcedureID(h.entropy()), Kind: comity.ProcedureSilence, Title: fmt.Sprintf("Question of quarter %d", quarter+1), Text: "The group adopts the paper.",
		TLP: comity.TLPGreen, Document: d.ID, Number: 1, Deadline: at.AddDate(0, 0, 20),
	}, at)
	if err != nil {
		return err
	}
	for _, o := range h.orgs {
		if !p.Rules.Votes(o) {
			continue
		}
		said := comity.Position{Procedure: p.ID, Org: o.ID, Position: comity.PositionNoObjection}
		if _, err := h.store.PutPosition(ctx, h.viewers[o.ID], said, at.Add(time.Hour)); err != nil {
			return err
		}
	}
	_, err = h.store.CloseProcedure(ctx, h.viewer, p.ID, governance.Decide, p.Deadline)
	return err
}

// release repeats the last release until there are twelve for every year.
func (h *historian) release(ctx context.Context) error {
	list, err := h.store.Releases(ctx, h.viewer, 1)
	if err != nil {
		return err
	}
	r, first := list[0], list[0].Number
	for r.Number < 12*historyYears {
		r.ID, r.Number, r.AsOf = comity.MakeReleaseID(h.entropy()), r.Number+1, r.AsOf.Add(time.Minute)
		r.Period = fmt.Sprintf("%d-Q%d", today.Year+1+(r.Number-first)/12, 1+(r.Number-first)%12/3)
		if err := h.store.PutRelease(ctx, h.viewer, r); err != nil {
			return err
		}
	}
	return nil
}

// BenchmarkHistory asks for pages of a store with twenty years of a group of fifty in it, 50 times a second for 2 s. The
// bound of each is 100 ms for 95 of 100.
func BenchmarkHistory(b *testing.B) {
	dir, err := history()
	if err != nil {
		b.Fatal(err)
	}
	s, err := sqlite.Open(b.Context(), dir)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	server := newServer(s, slog.New(slog.DiscardHandler), site{})
	handler, err := server.handler()
	if err != nil {
		b.Fatal(err)
	}
	running := httptest.NewServer(handler)
	defer running.Close()
	cookie := signIn(b, s, server)
	for _, path := range historyPages(b, s) {
		b.Run(url.PathEscape(path), func(b *testing.B) {
			for b.Loop() {
				took := ask(b, running.URL+path, cookie, 20, 60)
				slices.Sort(took)
				b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
				b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
			}
		})
	}
}

// historyPages are the pages whose cost could grow with the years.
func historyPages(b *testing.B, s *storage.Store) []string {
	b.Helper()
	v := comity.System("benchmark")
	sessions, err := s.GroupSessions(b.Context(), v, comity.SessionQuery{Before: today.Time(), Limit: 100})
	if err != nil {
		b.Fatal(err)
	}
	decisions, err := s.Decisions(b.Context(), v, comity.DecisionQuery{})
	if err != nil {
		b.Fatal(err)
	}
	plan, err := s.Actions(b.Context(), v, comity.ActionQuery{Group: true, Open: true})
	if err != nil {
		b.Fatal(err)
	}
	busiest := slices.MaxFunc(plan.Actions, func(x, y comity.ActionItem) int { return x.Revision - y.Revision })
	var executive comity.GroupSessionID
	for _, one := range sessions.Sessions {
		if one.Kind == comity.SessionExecutive && executive == "" {
			executive = one.ID
		}
	}
	procedures, err := s.Procedures(b.Context(), v, comity.ProcedureQuery{State: comity.ProcedureAdopted})
	if err != nil {
		b.Fatal(err)
	}
	procedure := procedures.Procedures[slices.IndexFunc(procedures.Procedures, func(p comity.Procedure) bool { return p.Document != "" })]
	session, decision := "/sessions/"+string(sessions.Sessions[0].ID), string(decisions.Decisions[0].ID)
	return []string{
		"/", "/organization", "/actions", "/actions?closed=1", "/actions?closed=1&from=900", "/actions?view=board&closed=1", "/actions?view=timeline&closed=1",
		"/actions?as-of=2016-07-01", "/actions/changes", "/actions/changes?since=2006-12-31", "/actions/review?session=" + string(executive),
		"/actions/effect", "/actions/" + string(busiest.ID), "/actions/new", "/projects", "/organization/treatments", "/sessions", session, session + "/minutes",
		"/decisions", "/decisions?q=agreed", "/decisions/" + decision, "/releases/1", "/releases/240", "/reports", "/members",
		"/group", "/procedures", "/procedures/" + string(procedure.ID), "/documents", "/documents/" + string(procedure.Document) + "/1",
	}
}
