package api

import (
	"context"
	"net/http"
	"time"

	"comity"
)

type evidenceInput struct {
	ID string `path:"id" doc:"Identity, evi_…"`
}

// newEvidence is an item to be added. Reports come from intelligence, not from here.
type newEvidence struct {
	Scenario string      `json:"scenario" maxLength:"64" doc:"Scenario of the catalogue, such as ransomware"`
	Kind     string      `json:"kind" enum:"incident,attempt,peer" doc:"Happened after controls, reached us, or happened at peers"`
	Count    int         `json:"count" minimum:"0" maximum:"100000" doc:"Events seen; 0 is an answer"`
	From     comity.Date `json:"from" doc:"First day of the observed span"`
	To       comity.Date `json:"to" doc:"Last day of the observed span"`
	Weight   float64     `json:"weight,omitempty" minimum:"0" maximum:"1" default:"1" doc:"1 for one's own, at most 0.5 for peers"`
	Note     string      `json:"note,omitempty" maxLength:"500"`
}

type addEvidenceInput struct{ Body newEvidence }

func (a *api) evidence() {
	handle(a, get("list-evidence", "/evidence", "own organisation", "What happened to the own organisation, retracted items included, by identity"),
		func(ctx context.Context, c caller, in *struct{ Paging }) (*content[Page[comity.Evidence]], error) {
			if err := c.member(); err != nil {
				return nil, err
			}
			list, err := a.store.EvidenceOf(ctx, c.viewer, c.org())
			if err != nil {
				return nil, err
			}
			return cut(c, in.Paging, list), nil
		}, http.StatusForbidden)
	handle(a, get("get-evidence", "/evidence/{id}", "own organisation", "One item of evidence"),
		func(ctx context.Context, c caller, in *evidenceInput) (*content[comity.Evidence], error) {
			if err := c.member(); err != nil {
				return nil, err
			}
			e, err := a.ownEvidence(ctx, c, in.ID)
			return bodyOf(e), err
		}, http.StatusForbidden, http.StatusNotFound)
	add := write(http.MethodPost, "add-evidence", "/evidence", "own organisation", "Add an item of evidence; the exposure is re-assessed")
	add.DefaultStatus = http.StatusCreated
	handle(a, add, a.addEvidence, http.StatusBadRequest, http.StatusForbidden, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	handle(a, write(http.MethodDelete, "retract-evidence", "/evidence/{id}", "own organisation", "Retract an item of evidence: it stays on record and counts no more"),
		a.retractEvidence, http.StatusForbidden, http.StatusNotFound)
}

func (a *api) ownEvidence(ctx context.Context, c caller, text string) (comity.Evidence, error) {
	id, err := parsed(comity.ParseEvidenceID, text)
	if err != nil {
		return comity.Evidence{}, err
	}
	return a.store.Evidence(ctx, c.viewer, id)
}

func (a *api) addEvidence(ctx context.Context, c caller, in *addEvidenceInput) (*created[comity.Evidence], error) {
	if err := c.editor(); err != nil {
		return nil, err
	}
	n, now := in.Body, a.now().UTC().Truncate(time.Second)
	if err := a.checkEvidence(n, comity.DateOf(now)); err != nil {
		return nil, err
	}
	id, err := newID(a, comity.MakeEvidenceID)
	if err != nil {
		return nil, err
	}
	e := comity.Evidence{
		ID: id, Org: c.org(), Scenario: comity.ScenarioID(n.Scenario), Kind: comity.EvidenceKind(n.Kind), Count: n.Count,
		From: n.From, To: n.To, Weight: n.Weight, Note: n.Note, Recorded: now,
	}
	if err := a.store.PutEvidence(ctx, c.viewer, e); err != nil {
		return nil, err
	}
	return &created[comity.Evidence]{Location: prefix + "/evidence/" + string(id), Body: e}, nil
}

func (a *api) checkEvidence(n newEvidence, today comity.Date) error {
	_, known := a.pipeline.Catalogue().Scenario(comity.ScenarioID(n.Scenario))
	switch {
	case !known:
		return invalid("body.scenario", "not in the catalogue")
	case n.From.IsZero():
		return invalid("body.from", "the first day of the observed span")
	case n.To.IsZero() || n.To.Before(n.From) || today.Before(n.To):
		return invalid("body.to", "the last day of the observed span: not before the first, not after today")
	case n.Kind == string(comity.EvidencePeer) && n.Weight > 0.5:
		return invalid("body.weight", "at most 0.5 for what happened at peers")
	case hasControl(n.Note):
		return invalid("body.note", "no control characters")
	}
	return nil
}

func (a *api) retractEvidence(ctx context.Context, c caller, in *evidenceInput) (*content[comity.Evidence], error) {
	if err := c.editor(); err != nil {
		return nil, err
	}
	e, err := a.ownEvidence(ctx, c, in.ID)
	if err != nil {
		return nil, err
	}
	if err := a.store.RetractEvidence(ctx, c.viewer, e.ID, a.now()); err != nil {
		return nil, err
	}
	e, err = a.store.Evidence(ctx, c.viewer, e.ID)
	return bodyOf(e), err
}
