package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"comity"
	"comity/auth"
	"comity/pipeline"
	"comity/storage"
	"comity/storage/storagetest"
)

var now = time.Date(2026, 8, 7, 12, 0, 0, 0, time.UTC)

// id makes the identity that stands for a name in a test.
func id[T ~string](make func(comity.Entropy) T, name string) T {
	var e comity.Entropy
	sum := sha256.Sum256([]byte(name))
	copy(e[:], sum[:])
	return make(e)
}

// Two organisations that must not see each other, the secretariat, an observer and the parent network.
var (
	orgA   = comity.Organization{ID: id(comity.MakeOrgID, "A"), Acronym: "A-ORG", Name: "Organisation A", Kind: comity.KindMember, CoChair: true}
	orgB   = comity.Organization{ID: id(comity.MakeOrgID, "B"), Acronym: "B-ORG", Name: "Organisation B", Kind: comity.KindMember}
	orgSEC = comity.Organization{ID: id(comity.MakeOrgID, "SEC"), Acronym: "SEC", Name: "Secretariat", Kind: comity.KindProvider}
	orgOBS = comity.Organization{ID: id(comity.MakeOrgID, "OBS"), Acronym: "OBS", Name: "Observer", Kind: comity.KindObserver}
	orgNET = comity.Organization{ID: id(comity.MakeOrgID, "NET"), Acronym: "NET", Name: "Parent network", Kind: comity.KindParent}
)

// who is a role of the matrix: who asks, and from where.
type who string

const (
	nobody      who = "nobody"
	expired     who = "expired token"
	stranger    who = "other organisation"
	noRole      who = "person without a role"
	focal       who = "focal point"
	alternate   who = "alternate"
	analyst     who = "analyst"
	coChair     who = "co-chair"
	secretariat who = "secretariat"
	observer    who = "observer"
	reader      who = "parent-network reader"
	auditor     who = "auditor"
)

// everybody lists who asks, in the order of the matrix's columns.
var everybody = []who{nobody, expired, stranger, noRole, focal, alternate, analyst, coChair, secretariat, observer, reader, auditor}

var people = map[who]comity.Person{
	stranger:    {Org: orgB.ID, Roles: comity.RolesOf(comity.RoleFocalPoint)},
	noRole:      {Org: orgA.ID},
	focal:       {Org: orgA.ID, Roles: comity.RolesOf(comity.RoleFocalPoint)},
	alternate:   {Org: orgA.ID, Roles: comity.RolesOf(comity.RoleAlternate)},
	analyst:     {Org: orgA.ID, Roles: comity.RolesOf(comity.RoleAnalyst)},
	coChair:     {Org: orgA.ID, Roles: comity.RolesOf(comity.RoleCoChair)},
	secretariat: {Org: orgSEC.ID, Roles: comity.RolesOf(comity.RoleSecretariat)},
	observer:    {Org: orgOBS.ID, Roles: comity.RolesOf(comity.RoleObserver)},
	reader:      {Org: orgNET.ID, Roles: comity.RolesOf(comity.RoleParentReader)},
	auditor:     {Org: orgSEC.ID, Roles: comity.RolesOf(comity.RoleAuditor)},
}

// What there is of organisation A, and of the group.
var (
	clearThreat  = comity.MakeThreatID("CVE-2026-0001")
	amberThreat  = comity.MakeThreatID("GROUP-AMBER")
	redThreat    = comity.MakeThreatID("GROUP-RED")
	bareThreat   = comity.MakeThreatID("GROUP-UNMARKED")
	matchA       = id(comity.MakeMatchID, "match A")
	evidenceA    = id(comity.MakeEvidenceID, "evidence A")
	privateA     = id(comity.MakeActionID, "private A")
	groupGreenA  = id(comity.MakeActionID, "group green A")
	groupClearA  = id(comity.MakeActionID, "group clear A")
	tokenA       = id(comity.MakeTokenID, "expired")
	baselineOne  = id(comity.MakeBaselineID, "one")
	absentAction = id(comity.MakeActionID, "no such action")
)

// world is a running API over a real store.
type world struct {
	t      testing.TB
	api    *api
	store  *storage.Store
	auth   *auth.Auth
	tokens map[who]string
	clock  time.Time
}

// smallCatalogue is the small catalogue of these tests.
var smallCatalogue = comity.Catalogue{Version: "test", Tolerance: 1e6, Scenarios: []comity.Scenario{
	{ID: "phishing", Rate: comity.Interval{Low: 1, High: 2}}, {ID: "ransomware", Rate: comity.Interval{Low: 1, High: 2}},
}}

func newWorld(t testing.TB) *world {
	t.Helper()
	s := storagetest.Fresh(t)
	w := &world{t: t, store: s, tokens: map[who]string{}, clock: now}
	w.auth = auth.New(s, auth.Options{Now: w.now, Entropy: &counter{}})
	p := pipeline.New(s, pipeline.Options{Catalogue: smallCatalogue, Now: w.now, Entropy: &counter{}})
	w.api = newAPI(Options{Store: s, Pipeline: p, Auth: w.auth, Now: w.now, Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Version: "test"})
	w.fill()
	return w
}

// in returns the world for a subtest.
func (w *world) in(t testing.TB) *world {
	sub := *w
	sub.t = t
	return &sub
}

func (w *world) now() time.Time { return w.clock }

// counter is entropy that never repeats and never changes between runs.
type counter struct{ n uint64 }

// Read implements io.Reader.
func (c *counter) Read(b []byte) (int, error) {
	for i := range b {
		c.n++
		sum := sha256.Sum256(fmt.Append(nil, c.n))
		b[i] = sum[0]
	}
	return len(b), nil
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) fill() {
	w.t.Helper()
	ctx, v := w.t.Context(), comity.System("test: fill")
	w.must(w.store.PutGroup(ctx, v, comity.Group{Acronym: "SIG", Name: "Group", ParentNetwork: "NET", Currency: "USD"}))
	for _, o := range []comity.Organization{orgA, orgB, orgSEC, orgOBS, orgNET} {
		w.must(w.store.PutOrganization(ctx, v, o))
	}
	for who, p := range people {
		p.ID = id(comity.MakePersonID, string(who))
		p.Name, p.Email = string(who), strings.ReplaceAll(string(who), " ", ".")+"@example.org"
		w.must(w.store.PutPerson(ctx, v, p))
		token, err := w.auth.NewToken(ctx, p.ID, "test")
		w.must(err)
		w.tokens[who] = token
	}
	w.must(w.store.PutToken(ctx, v, comity.Token{
		ID: tokenA, Person: id(comity.MakePersonID, string(focal)), Hash: hash("cty_expired"),
		Created: now.AddDate(0, -2, 0), Expires: now.Add(-time.Second),
	}))
	w.tokens[expired] = "cty_expired"
	for _, o := range []comity.Organization{orgA, orgB} {
		_, err := w.store.PutContact(ctx, v, comity.Contact{
			Org: o.ID, Function: comity.ContactOperational, Name: "Desk of " + o.Acronym, Phone: "+999 555 0100", Verified: w.clock,
		}, w.clock)
		w.must(err)
	}
	w.fillThreats(ctx, v)
	w.fillOwn(ctx, v)
	w.fillActions(ctx, v)
	w.fillBaselines(ctx, v)
	w.fillCatalogue(ctx, v)
	w.must(w.store.PutRelease(ctx, v, comity.Release{ID: id(comity.MakeReleaseID, "1"), Number: 1, Period: "2026-Q2", AsOf: now, Cohort: []comity.OrgID{orgA.ID, orgB.ID}}))
	w.reports(ctx, v)
	w.projects(ctx, v)
	w.governance(ctx, v)
}

func hash(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

func (w *world) fillThreats(ctx context.Context, v comity.Viewer) {
	w.t.Helper()
	mark := func(tlp comity.TLP, by comity.OrgID) comity.Marking { return comity.Marking{TLP: tlp, Originator: by} }
	var threats []comity.Threat
	add := func(id comity.ThreatID, m comity.Marking) {
		threats = append(threats, comity.Threat{
			ID: id, Kind: comity.ThreatVulnerability, Name: "Secret " + id.Key(), Source: comity.SourceGroup, Marking: m, Published: now, Hash: id.Key(),
			Vulnerability: &comity.Vulnerability{CVE: id.Key(), Vendor: "Vendor", Product: "Product", Exploited: true},
		})
	}
	add(clearThreat, mark(comity.TLPClear, ""))
	add(amberThreat, mark(comity.TLPAmber, orgA.ID))
	add(redThreat, mark(comity.TLPRed, orgA.ID))
	add(bareThreat, mark(comity.TLPUnmarked, orgA.ID))
	_, err := w.store.PutThreats(ctx, v, comity.Source{ID: comity.SourceGroup, Version: "1", Date: now, TakenIn: now}, threats, comity.PutThreatsOptions{})
	w.must(err)
	k := comity.Knowledge{Version: "18.1", Mitigations: []comity.Mitigation{{Number: "M1032", Name: "Multi-factor Authentication"}}}
	_, err = w.store.PutKnowledge(ctx, v, comity.Source{ID: comity.SourceATTACK, Version: "18.1", Date: now, TakenIn: now}, k, nil, false)
	w.must(err)
}

// fillOwn gives organisation A a profile, evidence, a match and an exposure. B has none.
func (w *world) fillOwn(ctx context.Context, v comity.Viewer) {
	w.t.Helper()
	_, err := w.store.PutProfile(ctx, v, comity.Profile{
		Org: orgA.ID, Services: []comity.Service{{ID: id(comity.MakeServiceID, "A"), Name: "Secret service", Level: comity.LevelStrategic}},
	}, now)
	w.must(err)
	_, err = w.store.PutTreatment(ctx, v, comity.Treatment{
		ID: id(comity.MakeTreatmentID, "A"), Org: orgA.ID, Scenario: "phishing", Option: comity.TreatAccept, Owner: "Director", Reason: "Hush",
		Until: comity.Date{Year: 2027, Month: 1, Day: 1},
	}, now)
	w.must(err)
	w.must(w.store.PutEvidence(ctx, v, comity.Evidence{
		ID: evidenceA, Org: orgA.ID, Scenario: "phishing", Kind: comity.EvidenceIncident, Count: 1,
		From: comity.DateOf(now).AddDays(-365), To: comity.DateOf(now), Weight: 1, Note: "Secret evidence", Recorded: now,
	}))
	_, _, err = w.store.PutMatches(ctx, v, orgA.ID, nil, []comity.Match{{
		ID: matchA, Org: orgA.ID, Threat: clearThreat, Kind: comity.MatchSoftware, Subject: "Secret software",
		Confidence: comity.ConfidenceHigh, Reasons: []comity.Reason{{Key: "vendor-product"}}, Exposed: 1, Found: now,
	}})
	w.must(err)
	w.must(w.store.PutExposure(ctx, v, comity.Exposure{Org: orgA.ID, At: now, Catalogue: "test", Significant: comity.Estimate{Value: 0.4321}},
		[]comity.ExposureChange{{Org: orgA.ID, At: now, Before: 0.1, After: 0.4321, Why: comity.Reason{Key: "profile"}}}))
}

// fillCatalogue adopts the small catalogue.
func (w *world) fillCatalogue(ctx context.Context, v comity.Viewer) {
	w.t.Helper()
	w.must(w.store.PutCatalogue(ctx, v, comity.CatalogueVersion{Number: 1, Adopted: now, Note: "the first", Catalogue: smallCatalogue}, 0))
}

// fillBaselines puts a baseline in force that organisation A has answered.
func (w *world) fillBaselines(ctx context.Context, v comity.Viewer) {
	w.t.Helper()
	_, err := w.store.PutBaseline(ctx, v, comity.Baseline{
		ID: baselineOne, Key: "one", Title: "Baseline", Framework: comity.FrameworkSP80053,
		Groups: []comity.BaselineGroup{{ID: "cp", Title: "Contingency", Controls: []comity.BaselineControl{{ID: "cp-9", Label: "CP-9", Title: "Backup"}, {ID: "cp-10", Label: "CP-10", Title: "Recovery"}}}},
	}, true, now)
	w.must(err)
	_, err = w.store.PutBaselineAnswers(ctx, v, orgA.ID, baselineOne, 0, []comity.BaselineAnswer{{Control: "cp-10", Maturity: comity.MaturityInitial, Evidence: "Secret answer"}}, now)
	w.must(err)
}

func (w *world) fillActions(ctx context.Context, v comity.Viewer) {
	w.t.Helper()
	for _, a := range []comity.ActionItem{
		{ID: privateA, Title: "Secret action", TLP: comity.TLPAmberStrict},
		{ID: groupGreenA, Title: "Green action", TLP: comity.TLPGreen, Audience: comity.AudienceGroup},
		{ID: groupClearA, Title: "Clear action", TLP: comity.TLPClear, Audience: comity.AudienceGroup},
	} {
		a.Owner, a.Priority, a.Status = orgA.ID, comity.PriorityHigh, comity.ActionOpen
		_, err := w.store.PutAction(ctx, v, a, "", now)
		w.must(err)
	}
}

// answer is what came back.
type answer struct {
	t      testing.TB
	status int
	header http.Header
	body   string
}

// call sends one request with somebody's token. body is nil, a string as it is, or a value as JSON. headers come in pairs
// and replace what would be sent.
func (w *world) call(as who, method, path string, body any, headers ...string) answer {
	w.t.Helper()
	var reader io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		reader = strings.NewReader(b)
	default:
		data, err := json.Marshal(b)
		w.must(err)
		reader = bytes.NewReader(data)
	}
	r := httptest.NewRequestWithContext(w.t.Context(), method, prefix+path, reader)
	if token := w.tokens[as]; token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	recorder := httptest.NewRecorder()
	w.api.ServeHTTP(recorder, r)
	return answer{t: w.t, status: recorder.Code, header: recorder.Result().Header, body: recorder.Body.String()}
}

// want asks for a status; an error must be a problem that says nothing of our inside.
func (a answer) want(status int) answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("status %d, want %d: %s", a.status, status, a.body)
	}
	if status >= 400 {
		a.problem()
	}
	return a
}

func (a answer) problem() problem {
	a.t.Helper()
	var p problem
	if err := json.Unmarshal([]byte(a.body), &p); err != nil || p.Status != a.status || p.Kind == "" || p.Title == "" || a.header.Get("Content-Type") != problemType {
		a.t.Errorf("status %d with %s is no problem: %s (%v)", a.status, a.header.Get("Content-Type"), a.body, err)
	}
	return p
}

func decode[T any](a answer) T {
	a.t.Helper()
	var v T
	if err := json.Unmarshal([]byte(a.body), &v); err != nil {
		a.t.Fatalf("decode %q: %v", a.body, err)
	}
	return v
}

// Reports of every state and some labels.
var (
	reportClear = id(comity.MakeReportID, "clear")
	reportGreen = id(comity.MakeReportID, "green")
	reportDraft = id(comity.MakeReportID, "draft")
)

func (w *world) reports(ctx context.Context, v comity.Viewer) {
	text := `{"title":"Brief","language":"en","marking":"TLP:CLEAR","made":"2026-08-07T12:00:00Z","words":{"page":"{page}","figure":"","table":"","notes":""},"blocks":[]}`
	for _, one := range []struct {
		id    comity.ReportID
		label comity.TLP
	}{{reportClear, comity.TLPClear}, {reportGreen, comity.TLPGreen}, {reportDraft, comity.TLPClear}} {
		r, err := w.store.PutReport(ctx, v, comity.GroupReport{
			ID: one.id, Kind: comity.ReportBrief, TLP: one.label, From: comity.DateOf(now), Until: comity.DateOf(now), Languages: []string{"en"},
			Sections: comity.DefaultTemplate(comity.ReportBrief).Sections,
		}, now)
		w.must(err)
		if one.id != reportDraft {
			_, err = w.store.FreezeReport(ctx, v, r, []comity.ReportDocument{{Language: "en", Document: text}}, now)
			w.must(err)
		}
	}
}
