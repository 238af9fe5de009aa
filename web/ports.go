package web

import (
	"context"
	"io"
	"net/http"
	"time"

	"comity"
	"comity/pipeline"
)

// Store is what the pages need of the store.
type Store interface {
	Group(ctx context.Context, v comity.Viewer) (comity.Group, error)
	PutGroup(ctx context.Context, v comity.Viewer, g comity.Group) error
	PutOrganization(ctx context.Context, v comity.Viewer, o comity.Organization) error
	Organizations(ctx context.Context, v comity.Viewer) ([]comity.Organization, error)
	Organization(ctx context.Context, v comity.Viewer, id comity.OrgID) (comity.Organization, error)
	PutPerson(ctx context.Context, v comity.Viewer, p comity.Person) error
	People(ctx context.Context, v comity.Viewer, org comity.OrgID) ([]comity.Person, error)
	HasPeople(ctx context.Context, v comity.Viewer) (bool, error)

	Threats(ctx context.Context, v comity.Viewer, q comity.ThreatQuery) (comity.ThreatPage, error)
	Threat(ctx context.Context, v comity.Viewer, id comity.ThreatID) (comity.Threat, error)
	ThreatsByID(ctx context.Context, v comity.Viewer, ids []comity.ThreatID) (map[comity.ThreatID]comity.Threat, error)
	Sources(ctx context.Context, v comity.Viewer) ([]comity.Source, error)
	Knowledge(ctx context.Context, v comity.Viewer) (comity.Knowledge, error)

	Profile(ctx context.Context, v comity.Viewer, org comity.OrgID) (comity.Profile, error)
	PutProfile(ctx context.Context, v comity.Viewer, p comity.Profile, now time.Time) (comity.Profile, error)
	ProfileAt(ctx context.Context, v comity.Viewer, org comity.OrgID, revision int) (comity.Profile, error)
	PutEvidence(ctx context.Context, v comity.Viewer, e comity.Evidence) error
	Evidence(ctx context.Context, v comity.Viewer, id comity.EvidenceID) (comity.Evidence, error)
	EvidenceOf(ctx context.Context, v comity.Viewer, org comity.OrgID) ([]comity.Evidence, error)
	RetractEvidence(ctx context.Context, v comity.Viewer, id comity.EvidenceID, now time.Time) error
	Match(ctx context.Context, v comity.Viewer, id comity.MatchID) (comity.Match, error)
	Matches(ctx context.Context, v comity.Viewer, org comity.OrgID, q comity.MatchQuery) (comity.MatchPage, error)

	Exposure(ctx context.Context, v comity.Viewer, org comity.OrgID) (comity.Exposure, error)
	ExposureHistory(ctx context.Context, v comity.Viewer, org comity.OrgID, limit int) ([]comity.ExposurePoint, error)
	ExposureChanges(ctx context.Context, v comity.Viewer, org comity.OrgID, limit int) ([]comity.ExposureChange, error)

	Releases(ctx context.Context, v comity.Viewer, limit int) ([]comity.Release, error)
	Release(ctx context.Context, v comity.Viewer, number int) (comity.Release, error)

	PutAction(ctx context.Context, v comity.Viewer, a comity.ActionItem, why string, now time.Time) (comity.ActionItem, error)
	Action(ctx context.Context, v comity.Viewer, id comity.ActionID) (comity.ActionItem, error)
	Actions(ctx context.Context, v comity.Viewer, q comity.ActionQuery) (comity.ActionPage, error)
	ActionRevisions(ctx context.Context, v comity.Viewer, id comity.ActionID) ([]comity.ActionRevision, error)
}

// Pipeline is what the pages need of the pipeline.
type Pipeline interface {
	Intake(ctx context.Context, v comity.Viewer, src comity.SourceID, r io.Reader, o pipeline.IntakeOptions) (comity.Delta, error)
	Publish(ctx context.Context, v comity.Viewer) (comity.Release, error)
	Catalogue() comity.Catalogue
}

// Auth is what the pages need of signing in.
type Auth interface {
	Viewer(ctx context.Context, r *http.Request) (comity.Viewer, comity.Person, error)
	SignIn(ctx context.Context, email, password, remote string) (string, comity.Person, error)
	SignOut(ctx context.Context, cookieValue string) error
	StartSession(ctx context.Context, person comity.PersonID) (string, error)
	Cookie(value string) *http.Cookie
	SetPassword(ctx context.Context, person comity.PersonID, password string) error
	UseSetup(ctx context.Context, secret string) error
}
