package api

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"path"
	"time"

	"comity"
	"comity/archive"
	"comity/pipeline"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// Base is the path under which the API is served.
const Base = "/api/v1"

const (
	prefix       = Base
	documentPath = "/openapi.json"
)

// Store is what the API needs of the store; *storage.Store satisfies it.
type Store interface {
	Group(ctx context.Context, v comity.Viewer) (comity.Group, error)
	Organizations(ctx context.Context, v comity.Viewer) ([]comity.Organization, error)
	Organization(ctx context.Context, v comity.Viewer, id comity.OrgID) (comity.Organization, error)

	Contacts(ctx context.Context, v comity.Viewer, org comity.OrgID) ([]comity.Contact, error)
	PutContact(ctx context.Context, v comity.Viewer, c comity.Contact, now time.Time) (comity.Contact, error)
	VerifyContacts(ctx context.Context, v comity.Viewer, org comity.OrgID, f comity.ContactFunction, now time.Time) error
	DeleteContact(ctx context.Context, v comity.Viewer, org comity.OrgID, f comity.ContactFunction) error
	People(ctx context.Context, v comity.Viewer, org comity.OrgID) ([]comity.Person, error)
	Tokens(ctx context.Context, v comity.Viewer, person comity.PersonID) ([]comity.Token, error)
	DeleteToken(ctx context.Context, v comity.Viewer, id comity.TokenID) error
	AuditEntries(ctx context.Context, v comity.Viewer, q comity.AuditQuery) (comity.AuditPage, error)

	Threats(ctx context.Context, v comity.Viewer, q comity.ThreatQuery) (comity.ThreatPage, error)
	Threat(ctx context.Context, v comity.Viewer, id comity.ThreatID) (comity.Threat, error)
	Sources(ctx context.Context, v comity.Viewer) ([]comity.Source, error)
	Knowledge(ctx context.Context, v comity.Viewer) (comity.Knowledge, error)

	Matches(ctx context.Context, v comity.Viewer, org comity.OrgID, q comity.MatchQuery) (comity.MatchPage, error)
	Match(ctx context.Context, v comity.Viewer, id comity.MatchID) (comity.Match, error)
	Exposure(ctx context.Context, v comity.Viewer, org comity.OrgID) (comity.Exposure, error)
	ExposureHistory(ctx context.Context, v comity.Viewer, org comity.OrgID, limit int) ([]comity.ExposurePoint, error)
	ExposureOn(ctx context.Context, v comity.Viewer, org comity.OrgID, day comity.Date) (comity.Exposure, error)
	Catalogue(ctx context.Context, v comity.Viewer, number int) (comity.CatalogueVersion, error)
	Catalogues(ctx context.Context, v comity.Viewer, limit, offset int) (comity.CataloguePage, error)
	ExposureChanges(ctx context.Context, v comity.Viewer, org comity.OrgID, limit int) ([]comity.ExposureChange, error)

	Profile(ctx context.Context, v comity.Viewer, org comity.OrgID) (comity.Profile, error)
	PutProfile(ctx context.Context, v comity.Viewer, p comity.Profile, now time.Time) (comity.Profile, error)
	archive.Store
	Erasure(ctx context.Context, v comity.Viewer, org comity.OrgID) (comity.Erasure, error)
	Erase(ctx context.Context, v comity.Viewer, org comity.OrgID, acronym string, now time.Time) (comity.Erasure, error)
	EvidenceOf(ctx context.Context, v comity.Viewer, org comity.OrgID) ([]comity.Evidence, error)
	Forecasts(ctx context.Context, v comity.Viewer, org comity.OrgID, quarters int) ([]comity.Forecast, error)
	Treatments(ctx context.Context, v comity.Viewer, org comity.OrgID) (comity.TreatmentPlan, error)
	TreatmentHistory(ctx context.Context, v comity.Viewer, org comity.OrgID, scenario comity.ScenarioID) ([]comity.TreatmentRevision, error)
	PutTreatment(ctx context.Context, v comity.Viewer, t comity.Treatment, now time.Time) (comity.Treatment, error)
	ApproveTreatment(ctx context.Context, v comity.Viewer, org comity.OrgID, scenario comity.ScenarioID, revision int, now time.Time) (comity.Treatment, error)
	Evidence(ctx context.Context, v comity.Viewer, id comity.EvidenceID) (comity.Evidence, error)
	PutEvidence(ctx context.Context, v comity.Viewer, e comity.Evidence) error
	RetractEvidence(ctx context.Context, v comity.Viewer, id comity.EvidenceID, now time.Time) error

	Baselines(ctx context.Context, v comity.Viewer) ([]comity.BaselineHead, error)
	BaselinesInForce(ctx context.Context, v comity.Viewer) ([]comity.BaselineHead, error)
	Baseline(ctx context.Context, v comity.Viewer, id comity.BaselineID, revision int) (comity.Baseline, error)
	BaselineRevisions(ctx context.Context, v comity.Viewer, id comity.BaselineID) ([]comity.BaselineHead, error)
	PutBaseline(ctx context.Context, v comity.Viewer, b comity.Baseline, inForce bool, now time.Time) (comity.Baseline, error)
	SetBaselineInForce(ctx context.Context, v comity.Viewer, id comity.BaselineID, revision int) error
	BaselineAnswers(ctx context.Context, v comity.Viewer, org comity.OrgID, id comity.BaselineID, revision int) (comity.BaselineAssessment, error)
	PutBaselineAnswers(ctx context.Context, v comity.Viewer, org comity.OrgID, id comity.BaselineID, on int, answers []comity.BaselineAnswer, now time.Time) (comity.BaselineAssessment, error)
	BaselineHistory(ctx context.Context, v comity.Viewer, org comity.OrgID, id comity.BaselineID, control string, limit, offset int) (comity.BaselineAnswerPage, error)

	Releases(ctx context.Context, v comity.Viewer, limit int) ([]comity.Release, error)
	Reports(ctx context.Context, v comity.Viewer, q comity.ReportQuery) (comity.ReportPage, error)
	Report(ctx context.Context, v comity.Viewer, id comity.ReportID) (comity.GroupReport, error)
	ReportDocument(ctx context.Context, v comity.Viewer, id comity.ReportID, language string) (string, error)
	Release(ctx context.Context, v comity.Viewer, number int) (comity.Release, error)

	Actions(ctx context.Context, v comity.Viewer, q comity.ActionQuery) (comity.ActionPage, error)
	Action(ctx context.Context, v comity.Viewer, id comity.ActionID) (comity.ActionItem, error)
	PutAction(ctx context.Context, v comity.Viewer, a comity.ActionItem, why string, now time.Time) (comity.ActionItem, error)
	ActionRevisions(ctx context.Context, v comity.Viewer, id comity.ActionID) ([]comity.ActionRevision, error)

	Projects(ctx context.Context, v comity.Viewer, q comity.ProjectQuery) (comity.ProjectPage, error)
	Project(ctx context.Context, v comity.Viewer, id comity.ProjectID) (comity.Project, error)
	ProjectReports(ctx context.Context, v comity.Viewer, id comity.ProjectID, limit int) ([]comity.ProjectReport, error)
	PutProjectReport(ctx context.Context, v comity.Viewer, r comity.ProjectReport, now time.Time) (comity.ProjectReport, error)

	GroupSessions(ctx context.Context, v comity.Viewer, q comity.SessionQuery) (comity.SessionPage, error)
	Minutes(ctx context.Context, v comity.Viewer, id comity.GroupSessionID) (comity.Minutes, error)
	GroupSession(ctx context.Context, v comity.Viewer, id comity.GroupSessionID) (comity.GroupSession, error)
	PutGroupSession(ctx context.Context, v comity.Viewer, one comity.GroupSession, items []comity.AgendaItem, now time.Time) (comity.GroupSession, error)
	PutAgendaItem(ctx context.Context, v comity.Viewer, a comity.AgendaItem, now time.Time) (comity.AgendaItem, error)
	Decisions(ctx context.Context, v comity.Viewer, q comity.DecisionQuery) (comity.DecisionPage, error)
	Decision(ctx context.Context, v comity.Viewer, id comity.DecisionID) (comity.Decision, error)
	Documents(ctx context.Context, v comity.Viewer, q comity.DocumentQuery, day comity.Date) (comity.DocumentPage, error)
	Document(ctx context.Context, v comity.Viewer, id comity.DocumentID) (comity.Document, error)
	DocumentRevisions(ctx context.Context, v comity.Viewer, id comity.DocumentID, day comity.Date) (list []comity.DocumentRevision, current int, err error)
	DocumentRevision(ctx context.Context, v comity.Viewer, id comity.DocumentID, number int) (comity.DocumentRevision, error)
	WorkingGroups(ctx context.Context, v comity.Viewer) ([]comity.WorkingGroup, error)
	Terms(ctx context.Context, v comity.Viewer) ([]comity.Term, error)
	Procedures(ctx context.Context, v comity.Viewer, q comity.ProcedureQuery) (comity.ProcedurePage, error)
	Procedure(ctx context.Context, v comity.Viewer, id comity.ProcedureID) (comity.Procedure, error)
	Positions(ctx context.Context, v comity.Viewer, id comity.ProcedureID) ([]comity.Position, error)
	ProcedureEvents(ctx context.Context, v comity.Viewer, id comity.ProcedureID) ([]comity.ProcedureEvent, error)
	PutPosition(ctx context.Context, v comity.Viewer, p comity.Position, now time.Time) (comity.Procedure, error)
}

// Pipeline is what the API needs of the pipeline; *pipeline.Pipeline satisfies it.
type Pipeline interface {
	Intake(ctx context.Context, v comity.Viewer, src comity.SourceID, r io.Reader, o pipeline.IntakeOptions) (comity.Delta, error)
	WhatIf(ctx context.Context, v comity.Viewer, org comity.OrgID, w comity.WhatIf) (before, after comity.Exposure, err error)
	Improvements(ctx context.Context, v comity.Viewer, org comity.OrgID) ([]comity.Improvement, error)
	Catalogue() comity.Catalogue
	Proposals(ctx context.Context, v comity.Viewer, org comity.OrgID) ([]comity.CoverageProposal, error)
	Warnings(ctx context.Context, v comity.Viewer, values []comity.Observable) ([][]comity.Warning, error)
}

// Auth is what the API needs of signing in; *auth.Auth satisfies it.
type Auth interface {
	Viewer(ctx context.Context, r *http.Request) (comity.Viewer, comity.Person, error)
	CookieName() string
}

// Options configure the API. All but Log and Version are required.
type Options struct {
	Store    Store
	Pipeline Pipeline
	Auth     Auth
	Now      func() time.Time
	Log      *slog.Logger
	Version  string // of the program, as the OpenAPI document tells it
}

// api is the API over one store.
type api struct {
	store    Store
	pipeline Pipeline
	auth     Auth
	now      func() time.Time
	log      *slog.Logger
	entropy  io.Reader
	huma     huma.API
	mux      *http.ServeMux
	routes   []string // patterns, as registered
	origin   *http.CrossOriginProtection
	document []byte // the OpenAPI document
}

// New returns the handler of /api/v1 and everything below it.
func New(o Options) http.Handler { return newAPI(o) }

func newAPI(o Options) *api {
	a := &api{
		store: o.Store, pipeline: o.Pipeline, auth: o.Auth, now: o.Now, log: o.Log, entropy: rand.Reader,
		mux: http.NewServeMux(), origin: http.NewCrossOriginProtection(),
	}
	if a.log == nil {
		a.log = slog.New(slog.DiscardHandler)
	}
	a.huma = humago.NewWithPrefix(a, prefix, config(o))
	for _, add := range []func(){
		a.describe, a.me, a.group, a.organizations, a.threats, a.threatWarnings, a.sources, a.matches, a.exposure, a.profile, a.estate, a.evidence,
		a.releases, a.actions, a.projects, a.intake,
		a.contacts, a.people, a.audit,
		a.baselines,
		a.reports,
		a.catalogues,
		a.treatments, a.forecasts,
		a.sessions, a.decisions, a.documents, a.procedures,
	} {
		add()
	}
	a.finishDocument()
	return a
}

// HandleFunc adds a route: it is how huma reaches the mux, and how tests know all routes.
func (a *api) HandleFunc(pattern string, handler func(http.ResponseWriter, *http.Request)) {
	a.routes = append(a.routes, pattern)
	a.mux.HandleFunc(pattern, handler)
}

// ServeHTTP admits who has credentials, and answers with problems where there is no route.
func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == prefix+documentPath && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		a.mux.ServeHTTP(w, r)
		return
	}
	viewer, person, err := a.auth.Viewer(r.Context(), r)
	if err == nil && !viewer.SignedIn() {
		err = comity.Errorf(comity.Unauthorized, "send a token as \"Authorization: Bearer cty_…\", or sign in")
	}
	if err != nil {
		writeProblem(w, a.problemOf(r.Context(), err))
		return
	}
	if r.Header.Get("Authorization") == "" { // a browser's cookie: it may be another site that makes it write
		if err := a.origin.Check(r); err != nil {
			writeProblem(w, a.problemOf(r.Context(), comity.Errorf(comity.Forbidden, "writes with a session's cookie come from our own pages only")))
			return
		}
	}
	if !viewer.Writes() && r.Method != http.MethodGet && r.Method != http.MethodHead {
		writeProblem(w, a.problemOf(r.Context(), comity.Errorf(comity.Forbidden, "this token is for reading only")))
		return
	}
	if p := a.noRoute(r); p != nil {
		writeProblem(w, p)
		return
	}
	inner := r.WithContext(context.WithValue(r.Context(), callerKey{}, caller{viewer: viewer, person: person, url: r.URL}))
	a.mux.ServeHTTP(w, inner)
	r.Pattern = inner.Pattern // for the log
}

// noRoute returns the problem of a request that no route takes: 404, or 405 with what the path allows.
func (a *api) noRoute(r *http.Request) *problem {
	if r.URL.Path != path.Clean(r.URL.Path) { // the mux would redirect
		return newProblem(http.StatusNotFound, "there is nothing at this path")
	}
	handler, pattern := a.mux.Handler(r)
	if pattern != "" {
		return nil
	}
	probe := &statusOnly{header: http.Header{}}
	handler.ServeHTTP(probe, r)
	if probe.status != http.StatusMethodNotAllowed {
		return newProblem(http.StatusNotFound, "there is nothing at this path")
	}
	p := newProblem(http.StatusMethodNotAllowed, "this path does not take "+r.Method)
	p.headers = http.Header{"Allow": probe.header["Allow"]}
	return p
}

// statusOnly is an http.ResponseWriter that keeps the status and the header.
type statusOnly struct {
	header http.Header
	status int
}

// Header implements http.ResponseWriter.
func (s *statusOnly) Header() http.Header { return s.header }

// Write implements http.ResponseWriter.
func (s *statusOnly) Write(b []byte) (int, error) { return len(b), nil }

// WriteHeader implements http.ResponseWriter.
func (s *statusOnly) WriteHeader(status int) { s.status = status }

type callerKey struct{}

// caller is who asks, and at which address.
type caller struct {
	viewer comity.Viewer
	person comity.Person
	url    *url.URL
}

// org returns the caller's own organisation.
func (c caller) org() comity.OrgID { return c.viewer.Org() }

// require is Forbidden for a role that never may. It is asked before anything is looked up, so that its answer tells
// nothing of what there is.
func require(may bool) error {
	if may {
		return nil
	}
	return comity.Errorf(comity.Forbidden, "your role never may")
}

// member refuses who works in no organisation with a profile of its own.
func (c caller) member() error { return require(c.viewer.SeesProfile(c.org())) }

// editor refuses who may not change their organisation's profile.
func (c caller) editor() error { return require(c.viewer.EditsProfile(c.org())) }
