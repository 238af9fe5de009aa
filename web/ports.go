package web

import (
	"context"
	"net/http"

	"comity"
	"comity/auth"
	"comity/pipeline"
)

// Pipeline is what the pages need of the pipeline; *pipeline.Pipeline satisfies it. It is an interface so that tests of
// pages need no assessments.
type Pipeline interface {
	TakeIn(ctx context.Context, v comity.Viewer, src comity.SourceID, o pipeline.IntakeOptions, open pipeline.Opening) (comity.Run, error)
	Publish(ctx context.Context, v comity.Viewer) (comity.Release, error)
	Preview(ctx context.Context, v comity.Viewer) (comity.ReleasePreview, error)
	Audit(releases []comity.Release) int
	Catalogue() comity.Catalogue
	Work(ctx context.Context, v comity.Viewer, org comity.OrgID) (comity.Working, error)
	Adopt(ctx context.Context, v comity.Viewer, c comity.CatalogueVersion, draft int) (comity.CatalogueVersion, error)
	TryCatalogue(ctx context.Context, v comity.Viewer, org comity.OrgID, c comity.Catalogue) (before, after comity.Exposure, err error)
	TryReference(ctx context.Context, v comity.Viewer, c comity.Catalogue) (comity.CatalogueEffect, error)
	Standing(ctx context.Context, v comity.Viewer, org comity.OrgID) (comity.Estimate, error)
	WhatIf(ctx context.Context, v comity.Viewer, org comity.OrgID, w comity.WhatIf) (before, after comity.Exposure, err error)
	Effects(ctx context.Context, v comity.Viewer, org comity.OrgID, measures []comity.Measure) (map[comity.Measure]comity.Improvement, error)
	KeepEffect(ctx context.Context, v comity.Viewer, id comity.ActionID) error
	Improvements(ctx context.Context, v comity.Viewer, org comity.OrgID) ([]comity.Improvement, error)
	Proposals(ctx context.Context, v comity.Viewer, org comity.OrgID) ([]comity.CoverageProposal, error)
	Warnings(ctx context.Context, v comity.Viewer, values []comity.Observable) ([][]comity.Warning, error)
}

// Auth is what the pages need of signing in; *auth.Auth satisfies it. It is an interface so that tests can be anybody
// without a password.
type Auth interface {
	Viewer(ctx context.Context, r *http.Request) (comity.Viewer, comity.Person, error)
	SignIn(ctx context.Context, email, password, remote string) (string, comity.Person, error)
	SignOut(ctx context.Context, cookieValue string) error
	StartSession(ctx context.Context, person comity.PersonID) (string, error)
	Cookie(value string) *http.Cookie
	SetPassword(ctx context.Context, person comity.PersonID, password string) error
	UseSetup(ctx context.Context, secret string) error
	Invite(ctx context.Context, v comity.Viewer, i comity.Invitation) (string, comity.Invitation, error)
	Invitation(ctx context.Context, secret, remote string) (comity.Invitation, error)
	Accept(ctx context.Context, secret, remote, name, language, password string) (string, comity.Person, error)
	MakeToken(ctx context.Context, person comity.PersonID, o auth.TokenOptions) (string, error)
	Session(ctx context.Context, r *http.Request) (comity.Session, error)
	Confirmed(ctx context.Context, r *http.Request) (bool, error)
	Confirm(ctx context.Context, r *http.Request, person comity.Person, password, remote string) error
	CheckOwn(ctx context.Context, person comity.Person, password, remote string) error
}

var (
	_ Pipeline = (*pipeline.Pipeline)(nil)
	_ Auth     = (*auth.Auth)(nil)
)
