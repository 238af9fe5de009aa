package api

import (
	"context"
	"net/http"

	"comity"
)

type documentsInput struct {
	Kind         string `query:"kind" enum:"terms-of-reference,baseline,guidance,paper,output,other" doc:"Only documents of this kind"`
	WorkingGroup string `query:"working_group" doc:"Only those of this working group, wgr_…"`
	Paging
}

type documentInput struct {
	ID string `path:"id" doc:"Identity, doc_…"`
}

type revisionInput struct {
	ID     string `path:"id" doc:"Identity, doc_…"`
	Number int    `path:"number" minimum:"1" doc:"Number of the revision"`
}

// documentWithRevisions is a document as one answer.
type documentWithRevisions struct {
	Document  comity.Document           `json:"document"`
	Revisions []comity.DocumentRevision `json:"revisions" nullable:"false" doc:"Oldest first, without their texts"`
	InForce   int                       `json:"in_force,omitempty" doc:"Number of the revision in force today, where there is one that you may see"`
}

type proceduresInput struct {
	State string `query:"state" enum:"open,adopted,stopped,rejected,withdrawn" doc:"Only those in this state"`
	Paging
}

type procedureInput struct {
	ID string `path:"id" doc:"Identity, pro_…"`
}

// procedureWithPositions is a written procedure as one answer.
type procedureWithPositions struct {
	Procedure comity.Procedure        `json:"procedure"`
	Positions []comity.Position       `json:"positions" nullable:"false" doc:"All that were taken, in their order: of each organisation the last counts"`
	Events    []comity.ProcedureEvent `json:"events" nullable:"false" doc:"What was done to it, oldest first"`
}

type positionInput struct {
	ID   string `path:"id" doc:"Identity, pro_…"`
	Body newPosition
}

// newPosition is a position to be taken for the own organisation.
type newPosition struct {
	Position string `json:"position" enum:"agree,no-objection,discuss,abstain,recuse" doc:"What your organisation says; discuss objects"`
	Reason   string `json:"reason,omitempty" maxLength:"4000" doc:"Required for discuss"`
}

func (a *api) documents() {
	handle(a, get("list-documents", "/documents", "governance", "Documents of the group that you may see, each with its revision in force and its newest"),
		func(ctx context.Context, c caller, in *documentsInput) (*content[Page[comity.DocumentEntry]], error) {
			if err := require(c.viewer.Roles() != 0); err != nil {
				return nil, err
			}
			q := comity.DocumentQuery{Kind: comity.DocumentKind(in.Kind), Limit: in.Limit, Offset: in.Offset}
			var err error
			if q.WorkingGroup, err = optional(comity.ParseWorkingGroupID, "query.working_group", in.WorkingGroup); err != nil {
				return nil, err
			}
			p, err := a.store.Documents(ctx, c.viewer, q, comity.DateOf(a.now()))
			return pageOf(c, in.Paging, p.Documents, p.Total), err
		}, http.StatusForbidden)
	handle(a, get("get-document", "/documents/{id}", "governance", "One document with its revisions"), a.oneDocument, http.StatusForbidden, http.StatusNotFound)
	handle(a, get("get-document-revision", "/documents/{id}/revisions/{number}", "governance", "One revision with its text, rules and hashes"),
		func(ctx context.Context, c caller, in *revisionInput) (*content[comity.DocumentRevision], error) {
			if err := require(c.viewer.Roles() != 0); err != nil {
				return nil, err
			}
			id, err := parsed(comity.ParseDocumentID, in.ID)
			if err != nil {
				return nil, err
			}
			r, err := a.store.DocumentRevision(ctx, c.viewer, id, in.Number)
			return bodyOf(r), err
		}, http.StatusForbidden, http.StatusNotFound)
	handle(a, get("list-working-groups", "/working-groups", "governance", "Working groups that you may see: those that work first"),
		func(ctx context.Context, c caller, in *Paging) (*content[Page[comity.WorkingGroup]], error) {
			if err := require(c.viewer.Roles() != 0); err != nil {
				return nil, err
			}
			list, err := a.store.WorkingGroups(ctx, c.viewer)
			return cut(c, *in, list), err
		}, http.StatusForbidden)
	handle(a, get("list-terms", "/terms", "governance", "Who leads the group, led it and will, the newest term first"),
		func(ctx context.Context, c caller, in *Paging) (*content[Page[comity.Term]], error) {
			list, err := a.store.Terms(ctx, c.viewer)
			return cut(c, *in, list), err
		})
}

func (a *api) oneDocument(ctx context.Context, c caller, in *documentInput) (*revised[documentWithRevisions], error) {
	if err := require(c.viewer.Roles() != 0); err != nil {
		return nil, err
	}
	id, err := parsed(comity.ParseDocumentID, in.ID)
	if err != nil {
		return nil, err
	}
	d, err := a.store.Document(ctx, c.viewer, id)
	if err != nil {
		return nil, err
	}
	list, current, err := a.store.DocumentRevisions(ctx, c.viewer, id, comity.DateOf(a.now()))
	return revisedBody(documentWithRevisions{d, orEmpty(list), current}, d.Version), err
}

// orEmpty returns a list that is written as [] where it has nothing.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func (a *api) procedures() {
	handle(a, get("list-procedures", "/procedures", "governance", "Written procedures that you may see: the open ones by deadline, then the others, newest first"),
		func(ctx context.Context, c caller, in *proceduresInput) (*content[Page[comity.Procedure]], error) {
			if err := require(c.viewer.Roles() != 0); err != nil {
				return nil, err
			}
			p, err := a.store.Procedures(ctx, c.viewer, comity.ProcedureQuery{State: comity.ProcedureState(in.State), Limit: in.Limit, Offset: in.Offset})
			return pageOf(c, in.Paging, p.Procedures, p.Total), err
		}, http.StatusForbidden)
	handle(a, get("get-procedure", "/procedures/{id}", "governance", "One written procedure with every position and what was done to it"),
		func(ctx context.Context, c caller, in *procedureInput) (*revised[procedureWithPositions], error) {
			p, err := a.procedure(ctx, c, in.ID)
			if err != nil {
				return nil, err
			}
			return a.withPositions(ctx, c, p)
		}, http.StatusForbidden, http.StatusNotFound)
	position := write(http.MethodPost, "take-position", "/procedures/{id}/positions", "governance", "Say for your organisation what it says; a later position counts in place of an earlier one")
	position.DefaultStatus = http.StatusCreated
	handle(a, position, a.takePosition, http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound, http.StatusConflict,
		http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusTooManyRequests)
}

func (a *api) procedure(ctx context.Context, c caller, text string) (comity.Procedure, error) {
	if err := require(c.viewer.Roles() != 0); err != nil {
		return comity.Procedure{}, err
	}
	id, err := parsed(comity.ParseProcedureID, text)
	if err != nil {
		return comity.Procedure{}, err
	}
	return a.store.Procedure(ctx, c.viewer, id)
}

func (a *api) withPositions(ctx context.Context, c caller, p comity.Procedure) (*revised[procedureWithPositions], error) {
	said, err := a.store.Positions(ctx, c.viewer, p.ID)
	if err != nil {
		return nil, err
	}
	events, err := a.store.ProcedureEvents(ctx, c.viewer, p.ID)
	return revisedBody(procedureWithPositions{p, orEmpty(said), orEmpty(events)}, p.Version), err
}

func (a *api) takePosition(ctx context.Context, c caller, in *positionInput) (*created[comity.Procedure], error) {
	p, err := a.procedure(ctx, c, in.ID)
	if err != nil {
		return nil, err
	}
	if err := require(c.viewer.SpeaksFor(c.viewer.Org())); err != nil {
		return nil, err
	}
	said := comity.Position{Procedure: p.ID, Org: c.viewer.Org(), Position: comity.PositionKind(in.Body.Position), Reason: in.Body.Reason}
	if err := said.Check(); err != nil {
		return nil, invalid("body.reason", err.Error())
	}
	if p, err = a.store.PutPosition(ctx, c.viewer, said, a.now()); err != nil {
		return nil, err
	}
	return &created[comity.Procedure]{Location: prefix + "/procedures/" + string(p.ID), ETag: etag(p.Version), Body: p}, nil
}
