package api

import (
	"context"
	"net/http"

	"comity"
)

// treatmentChange is what is to be done about an exposure.
type treatmentChange struct {
	Revision int         `json:"revision" minimum:"0" doc:"The revision on which the change was made; 0: there is none yet"`
	Option   string      `json:"option" enum:"reduce,share,avoid,accept"`
	Owner    string      `json:"owner" minLength:"1" maxLength:"200" doc:"Who answers for the risk: a role or a person of the organisation"`
	Reason   string      `json:"reason" minLength:"1" maxLength:"2000" doc:"What is done, or why it is accepted"`
	Until    comity.Date `json:"until" doc:"An acceptance ends after this day, the others are looked at again by it; at most 365 days ahead"`
	Actions  []string    `json:"actions,omitempty" maxItems:"50" doc:"The organisation's action items that reduce it"`
}

type putTreatmentInput struct {
	Scenario string `path:"scenario" doc:"Scenario, such as ransomware"`
	Body     treatmentChange
}

type treatmentInput struct {
	Scenario string `path:"scenario" doc:"Scenario, such as ransomware"`
}

type approveTreatmentInput struct {
	Scenario string `path:"scenario" doc:"Scenario, such as ransomware"`
	Body     struct {
		Revision int `json:"revision" minimum:"1" doc:"The revision that is approved"`
	}
}

func (a *api) treatments() {
	handle(a, get("list-treatments", "/treatments", "own organisation", "What the own organisation does about its exposures, by scenario, and from which probability on one is above tolerance"),
		func(ctx context.Context, c caller, _ *nothing) (*content[comity.TreatmentPlan], error) {
			if err := c.member(); err != nil {
				return nil, err
			}
			plan, err := a.store.Treatments(ctx, c.viewer, c.org())
			if plan.Treatments == nil {
				plan.Treatments = []comity.Treatment{}
			}
			return bodyOf(plan), err
		}, http.StatusForbidden)
	handle(a, get("list-treatment-history", "/treatments/{scenario}/history", "own organisation", "Every decision on an exposure, newest first"),
		func(ctx context.Context, c caller, in *treatmentInput) (*content[[]comity.TreatmentRevision], error) {
			if err := c.member(); err != nil {
				return nil, err
			}
			list, err := a.store.TreatmentHistory(ctx, c.viewer, c.org(), comity.ScenarioID(in.Scenario))
			if list == nil {
				list = []comity.TreatmentRevision{}
			}
			return bodyOf(list), err
		}, http.StatusForbidden)
	handle(a, write(http.MethodPut, "put-treatment", "/treatments/{scenario}", "own organisation", "Decide what is done about an exposure; what was approved before is not of the new"),
		a.putTreatment, http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	handle(a, write(http.MethodPost, "approve-treatment", "/treatments/{scenario}/approval", "own organisation", "Approve that an exposure is accepted, as somebody else than who proposed it"),
		func(ctx context.Context, c caller, in *approveTreatmentInput) (*content[comity.Treatment], error) {
			if err := c.member(); err != nil {
				return nil, err
			}
			t, err := a.store.ApproveTreatment(ctx, c.viewer, c.org(), comity.ScenarioID(in.Scenario), in.Body.Revision, a.now())
			return bodyOf(t), err
		}, http.StatusBadRequest, http.StatusForbidden, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
}

func (a *api) putTreatment(ctx context.Context, c caller, in *putTreatmentInput) (*content[comity.Treatment], error) {
	if err := c.editor(); err != nil {
		return nil, err
	}
	scenario, b := comity.ScenarioID(in.Scenario), in.Body
	if _, ok := a.pipeline.Catalogue().Scenario(scenario); !ok {
		return nil, comity.Errorf(comity.NotFound, "no such scenario")
	}
	if hasControl(b.Owner) {
		return nil, invalid("body.owner", "no control characters")
	}
	id, err := newID(a, comity.MakeTreatmentID)
	if err != nil {
		return nil, err
	}
	t := comity.Treatment{
		ID: id, Org: c.org(), Scenario: scenario, Revision: b.Revision, Option: comity.TreatmentOption(b.Option), Owner: b.Owner, Reason: b.Reason, Until: b.Until,
	}
	for _, text := range b.Actions {
		action, err := comity.ParseActionID(text)
		if err != nil {
			return nil, invalid("body.actions", "identities of action items")
		}
		t.Actions = append(t.Actions, action)
	}
	e, err := a.store.Exposure(ctx, c.viewer, c.org())
	if err != nil && comity.KindOf(err) != comity.NotFound {
		return nil, err
	}
	one, _ := e.Scenario(scenario)
	t.Figure = one.Significant
	t, err = a.store.PutTreatment(ctx, c.viewer, t, a.now())
	return bodyOf(t), err
}
