package api

import (
	"context"
	"crypto/sha256"
	"net/http"
	"strings"
	"testing"
	"time"

	"comity"
	"comity/governance"
)

// How the group governs itself: a regular session and one for members only, the Terms of Reference, a paper that is
// narrower, and written procedures.
var (
	sessionGreen     = id(comity.MakeGroupSessionID, "green")
	sessionExecutive = id(comity.MakeGroupSessionID, "executive")
	termsDocument    = id(comity.MakeDocumentID, "terms")
	amberDocument    = id(comity.MakeDocumentID, "amber")
	openProcedure    = id(comity.MakeProcedureID, "open")
	amberProcedure   = id(comity.MakeProcedureID, "amber")
	adoptedProcedure = id(comity.MakeProcedureID, "adopted")
	adoptedDecision  = func() comity.DecisionID { // its identity follows from the procedure's
		sum := sha256.Sum256([]byte("decision of " + string(adoptedProcedure)))
		return comity.MakeDecisionID(comity.Entropy(sum[:len(comity.Entropy{})]))
	}()
)

func (w *world) governance(ctx context.Context, v comity.Viewer) {
	w.t.Helper()
	rules := comity.Rules{
		Quorum: comity.Quorum{Numerator: 1, Denominator: 2, Above: true}, Threshold: comity.ThresholdConsensus, SilenceDays: 10, BallotDays: 14,
		SessionsPerYear: 1, NoticeDays: 14, AmendmentDays: 21, TermMonths: 24, ReminderDays: 60,
	}
	w.document(ctx, v, comity.Document{ID: termsDocument, Kind: comity.DocumentTerms, Title: "Terms of Reference", TLP: comity.TLPGreen}, &rules)
	w.document(ctx, v, comity.Document{ID: amberDocument, Kind: comity.DocumentPaper, Title: "Narrow paper", TLP: comity.TLPAmber}, nil)
	_, err := w.store.PutWorkingGroup(ctx, v, comity.WorkingGroup{
		ID: id(comity.MakeWorkingGroupID, "one"), Name: "Narrow group", TLP: comity.TLPAmber, Chair: orgA.ID,
		Established: comity.DateOf(now), Mandate: comity.DateOf(now).AddDays(100),
	})
	w.must(err)
	for session, kind := range map[comity.GroupSessionID]comity.SessionKind{sessionGreen: comity.SessionRegular, sessionExecutive: comity.SessionExecutive} {
		one, err := w.store.PutGroupSession(ctx, v, comity.GroupSession{
			ID: session, Kind: kind, Title: "Session " + string(kind), State: comity.SessionDraft, TLP: comity.TLPGreen, Starts: now.AddDate(0, 0, 30), Ends: now.AddDate(0, 0, 31), Language: "en",
		}, nil, now)
		w.must(err)
		_, err = w.store.PutAgendaItem(ctx, v, comity.AgendaItem{ID: id(comity.MakeAgendaItemID, string(kind)), Session: session, Title: "Opening", TLP: comity.TLPGreen}, now)
		w.must(err)
		one, err = w.store.GroupSession(ctx, v, session)
		w.must(err)
		_, err = w.store.MoveGroupSession(ctx, v, session, one.Revision, comity.SessionPublished, comity.Date{}, now)
		w.must(err)
	}
	w.procedures(ctx, v)
}

func (w *world) document(ctx context.Context, v comity.Viewer, d comity.Document, rules *comity.Rules) {
	w.t.Helper()
	_, err := w.store.PutDocument(ctx, v, d, now.AddDate(0, -2, 0))
	w.must(err)
	r, err := w.store.PutDocumentDraft(ctx, v, comity.DocumentRevision{Document: d.ID, Language: "en", TLP: d.TLP, Text: "Text of " + d.Title, Rules: rules})
	w.must(err)
	_, err = w.store.PublishDocument(ctx, v, d.ID, r.Version, comity.DateOf(now).AddDays(-60), now.AddDate(0, -2, 0))
	w.must(err)
}

func (w *world) procedures(ctx context.Context, v comity.Viewer) {
	w.t.Helper()
	for procedure, p := range map[comity.ProcedureID]struct {
		label comity.TLP
		since time.Time
	}{openProcedure: {comity.TLPGreen, now}, amberProcedure: {comity.TLPAmber, now}, adoptedProcedure: {comity.TLPGreen, now.AddDate(0, 0, -30)}} {
		_, err := w.store.OpenProcedure(ctx, v, comity.Procedure{
			ID: procedure, Kind: comity.ProcedureSilence, Title: "Question " + p.label.String(), Text: "The group agrees.", TLP: p.label, Deadline: p.since.AddDate(0, 0, 12),
		}, p.since)
		w.must(err)
	}
	_, err := w.store.CloseProcedure(ctx, v, adoptedProcedure, governance.Decide, now)
	w.must(err)
}

func somePosition(kind string) map[string]any {
	return map[string]any{"position": kind, "reason": "It is too early."}
}

func someSession() map[string]any {
	return map[string]any{"title": "Call", "kind": "executive", "tlp": "TLP:AMBER", "starts": now.AddDate(0, 0, 9), "ends": now.AddDate(0, 0, 10), "language": "en"}
}

func someAgendaItem() map[string]any { return map[string]any{"title": "Closing", "minutes": 10} }

func TestDraftSession(t *testing.T) {
	w := newWorld(t)
	wrong := someSession()
	wrong["ends"] = now
	w.call(secretariat, "POST", "/sessions", wrong).want(http.StatusUnprocessableEntity)
	for field, value := range map[string]any{"tlp": "TLP:RED", "link": "http://x.example", "zone": "a b", "kind": "secret", "language": "de"} {
		wrong := someSession()
		wrong[field] = value
		w.call(secretariat, "POST", "/sessions", wrong).want(http.StatusUnprocessableEntity)
	}
	one := decode[comity.GroupSession](w.call(secretariat, "POST", "/sessions", someSession()).want(http.StatusCreated))
	path := "/sessions/" + string(one.ID)
	w.call(focal, "GET", path, nil).want(http.StatusNotFound)
	wider := someAgendaItem()
	wider["tlp"] = "TLP:CLEAR"
	w.call(secretariat, "POST", path+"/items", wider).want(http.StatusUnprocessableEntity)
	w.call(secretariat, "POST", path+"/items", someAgendaItem()).want(http.StatusCreated)
	w.call(secretariat, "POST", "/sessions/gse_0000000000000001/items", someAgendaItem()).want(http.StatusNotFound)
	m := decode[comity.Minutes](w.call(secretariat, "GET", path, nil).want(200))
	if m.Session.State != comity.SessionDraft || m.Session.TLP != comity.TLPAmber || len(m.Items) != 1 || m.Items[0].TLP != comity.TLPAmber || m.Items[0].Minutes != 10 {
		t.Errorf("drafted: %+v", m)
	}
}

func TestTakePosition(t *testing.T) {
	w := newWorld(t)
	path := "/procedures/" + string(openProcedure)
	w.call(focal, "POST", path+"/positions", map[string]any{"position": "discuss"}).want(http.StatusUnprocessableEntity)
	w.call(focal, "POST", path+"/positions", somePosition("maybe")).want(http.StatusUnprocessableEntity)
	w.call(focal, "POST", path+"/positions", somePosition("agree")).want(http.StatusCreated)
	w.call(stranger, "POST", path+"/positions", somePosition("no-objection")).want(http.StatusCreated)
	got := decode[procedureWithPositions](w.call(observer, "GET", path, nil).want(200))
	if len(got.Positions) != 2 || got.Positions[0].Org != orgA.ID || got.Positions[0].Position != comity.PositionAgree || got.Procedure.State != comity.ProcedureOpen {
		t.Errorf("positions: %+v", got)
	}
	stopped := decode[comity.Procedure](w.call(alternate, "POST", path+"/positions", somePosition("discuss")).want(http.StatusCreated))
	if stopped.State != comity.ProcedureStopped {
		t.Errorf("an objection leaves it %s", stopped.State)
	}
	w.call(stranger, "POST", path+"/positions", somePosition("agree")).want(http.StatusConflict)
	decision := decode[comity.Decision](w.call(focal, "GET", "/decisions/"+string(adoptedDecision), nil).want(200))
	if decision.Procedure != adoptedProcedure || !strings.HasSuffix(decision.Number, "/26/D001") {
		t.Errorf("decision: %+v", decision)
	}
}

// TestGovernanceIsMarked asks that lists tell of nothing beyond the clearance of who reads them.
func TestGovernanceIsMarked(t *testing.T) {
	w := newWorld(t)
	for path, totals := range map[string]map[who]int{
		"/sessions":                             {focal: 2, observer: 1, auditor: 1, reader: 0},
		"/sessions?kind=executive":              {focal: 1, observer: 0, reader: 0},
		"/decisions":                            {focal: 1, observer: 1, reader: 0},
		"/decisions?year=2025":                  {focal: 0},
		"/documents":                            {focal: 2, observer: 1, reader: 0},
		"/documents?kind=paper":                 {focal: 1, observer: 0},
		"/working-groups":                       {focal: 1, observer: 0, reader: 0},
		"/procedures":                           {focal: 3, observer: 2, reader: 0},
		"/procedures?state=open":                {stranger: 2, observer: 1},
		"/sessions?before=2026-01-01T00:00:00Z": {focal: 0},
	} {
		for who, want := range totals {
			got := w.call(who, "GET", path, nil).want(200)
			if page := decode[Page[map[string]any]](got); page.Total != want || len(page.Items) != want {
				t.Errorf("%s: %s sees %d, want %d: %s", path, who, page.Total, want, got.body)
			}
		}
	}
	one := decode[documentWithRevisions](w.call(focal, "GET", "/documents/"+string(termsDocument), nil).want(200))
	if len(one.Revisions) != 1 || one.InForce != 1 {
		t.Errorf("document: %+v", one)
	}
	r := decode[comity.DocumentRevision](w.call(focal, "GET", "/documents/"+string(termsDocument)+"/revisions/1", nil).want(200))
	if r.Text != "Text of Terms of Reference" || r.Rules == nil || r.TextHash == "" {
		t.Errorf("revision: %+v", r)
	}
	w.call(focal, "GET", "/documents/"+string(termsDocument)+"/revisions/2", nil).want(http.StatusNotFound)
	w.call(focal, "GET", "/decisions?session=x", nil).want(http.StatusUnprocessableEntity)
}
