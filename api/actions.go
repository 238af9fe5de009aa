package api

import (
	"context"
	"net/http"
	"net/url"

	"comity"
	"comity/act"
)

func (s *server) actions() {
	const tag = "Actions"
	register(s, operation(http.MethodGet, "/actions", "listActions", tag, "Action items that the viewer may see, urgent and due first"), s.listActions)
	post := operation(http.MethodPost, "/actions", "createAction", tag, "Make an action item", http.StatusForbidden)
	post.DefaultStatus = http.StatusCreated
	register(s, post, s.createAction)
	type byID struct {
		ID string `path:"id" doc:"Identity, act_…"`
	}
	register(s, operation(http.MethodGet, "/actions/{id}", "getAction", tag, "One action item", http.StatusNotFound),
		func(ctx context.Context, in *byID) (*body[comity.ActionItem], error) {
			id, err := comity.ParseActionID(in.ID)
			if err != nil {
				return nil, comity.Errorf(comity.NotFound, "not found")
			}
			return answer(s.Store.Action(ctx, viewer(ctx), id))
		})
	register(s, operation(http.MethodPatch, "/actions/{id}", "changeAction", tag, "Change an action item at the revision that was read", http.StatusNotFound, http.StatusForbidden, http.StatusConflict), s.changeAction)
	register(s, operation(http.MethodGet, "/actions/{id}/revisions", "listActionRevisions", tag, "Who changed what, when and why, oldest first", http.StatusNotFound),
		func(ctx context.Context, in *byID) (*body[list[comity.ActionRevision]], error) {
			id, err := comity.ParseActionID(in.ID)
			if err != nil {
				return nil, comity.Errorf(comity.NotFound, "not found")
			}
			rows, err := s.Store.ActionRevisions(ctx, viewer(ctx), id)
			return answer(list[comity.ActionRevision]{Items: rows, Total: len(rows)}, err)
		})
}

type actionsQuery struct {
	paging
	Open     bool   `query:"open" doc:"Only those with something left to do"`
	Group    bool   `query:"group" doc:"Only the group's"`
	Owner    string `query:"owner" doc:"Only of this organisation, org_…"`
	Threat   string `query:"threat" doc:"Only about this threat, thr_…"`
	Scenario string `query:"scenario" doc:"Only about this scenario"`
}

func (s *server) listActions(ctx context.Context, in *actionsQuery) (*body[list[comity.ActionItem]], error) {
	page, err := s.Store.Actions(ctx, viewer(ctx), comity.ActionQuery{
		Open: in.Open, Group: in.Group, Owner: comity.OrgID(in.Owner), Threat: comity.ThreatID(in.Threat),
		Scenario: comity.ScenarioID(in.Scenario), Limit: in.Limit, Offset: in.Offset,
	})
	if err != nil {
		return nil, err
	}
	again := url.Values{}
	set(again, "owner", in.Owner)
	set(again, "threat", in.Threat)
	set(again, "scenario", in.Scenario)
	for name, on := range map[string]bool{"open": in.Open, "group": in.Group} {
		if on {
			again.Set(name, "true")
		}
	}
	return answer(pageOf(page.Actions, page.Total, in.paging, "/actions", again), nil)
}

// actionFields are what a client may set; in a change, what is absent stays.
type actionFields struct {
	Title    *string `json:"title,omitempty" minLength:"1" maxLength:"200"`
	Note     *string `json:"note,omitempty" maxLength:"4000"`
	Audience *string `json:"audience,omitempty" enum:"owner,group" doc:"Who it is for: the owner's people, or the group"`
	TLP      *string `json:"tlp,omitempty" enum:"TLP:CLEAR,TLP:GREEN,TLP:AMBER,TLP:AMBER+STRICT,TLP:RED"`
	Priority *string `json:"priority,omitempty" enum:"urgent,high,medium,low"`
	Status   *string `json:"status,omitempty" enum:"open,in-progress,done,dropped"`
	Progress *int    `json:"progress,omitempty" minimum:"0" maximum:"100" doc:"Per cent"`
	Due      *string `json:"due,omitempty" format:"date"`
	Why      string  `json:"why,omitempty" maxLength:"1000" doc:"Why, for the history"`
}

// apply sets what is there on an item.
func (f actionFields) apply(a *comity.ActionItem) error {
	if f.Title != nil {
		a.Title = *f.Title
	}
	if f.Note != nil {
		a.Note = *f.Note
	}
	if f.Audience != nil {
		a.Audience = comity.AudienceOwner
		if *f.Audience == "group" {
			a.Audience = comity.AudienceGroup
		}
	}
	if f.Priority != nil {
		a.Priority = comity.Priority(*f.Priority)
	}
	if f.Status != nil {
		a.Status = comity.ActionStatus(*f.Status)
	}
	if f.Progress != nil {
		a.Progress = *f.Progress
	}
	if f.TLP != nil {
		label, err := comity.ParseTLP(*f.TLP)
		if err != nil {
			return err
		}
		a.TLP = label
	}
	if f.Due != nil {
		due, err := comity.ParseDate(*f.Due)
		if err != nil {
			return err
		}
		a.Due = due
	}
	return act.Validate(*a)
}

type newAction struct {
	Body struct {
		actionFields
		Threat   string `json:"threat,omitempty" doc:"The threat that it is about, thr_…"`
		Match    string `json:"match,omitempty" doc:"The own match that it is about, mat_…"`
		Scenario string `json:"scenario,omitempty" doc:"The scenario that it is about"`
	}
}

func (s *server) createAction(ctx context.Context, in *newAction) (*body[comity.ActionItem], error) {
	v := viewer(ctx)
	entropy, err := freshEntropy()
	if err != nil {
		return nil, err
	}
	a := comity.ActionItem{
		ID: comity.MakeActionID(entropy), Owner: v.Org(), TLP: comity.TLPAmberStrict, Priority: comity.PriorityMedium,
		Status: comity.ActionOpen, Scenario: comity.ScenarioID(in.Body.Scenario),
	}
	if err := s.link(ctx, v, &a, in.Body.Threat, in.Body.Match); err != nil {
		return nil, err
	}
	if err := in.Body.apply(&a); err != nil {
		return nil, err
	}
	return answer(s.Store.PutAction(ctx, v, a, in.Body.Why, s.Now()))
}

// link sets what an item is about, if the viewer sees it.
func (s *server) link(ctx context.Context, v comity.Viewer, a *comity.ActionItem, threat, match string) error {
	if match != "" {
		m, err := s.Store.Match(ctx, v, comity.MatchID(match))
		if err != nil {
			return comity.Errorf(comity.Invalid, "/match: there is no %q", match)
		}
		a.Match, a.Threat = m.ID, m.Threat
	}
	if threat != "" {
		t, err := s.Store.Threat(ctx, v, comity.ThreatID(threat))
		if err != nil {
			return comity.Errorf(comity.Invalid, "/threat: there is no %q", threat)
		}
		a.Threat = t.ID
	}
	return nil
}

type changedAction struct {
	ID   string `path:"id" doc:"Identity, act_…"`
	Body struct {
		actionFields
		Revision int `json:"revision" minimum:"1" doc:"The revision that was read"`
	}
}

func (s *server) changeAction(ctx context.Context, in *changedAction) (*body[comity.ActionItem], error) {
	v := viewer(ctx)
	id, err := comity.ParseActionID(in.ID)
	if err != nil {
		return nil, comity.Errorf(comity.NotFound, "not found")
	}
	a, err := s.Store.Action(ctx, v, id)
	if err != nil {
		return nil, err
	}
	a.Revision = in.Body.Revision
	if err := in.Body.apply(&a); err != nil {
		return nil, err
	}
	return answer(s.Store.PutAction(ctx, v, a, in.Body.Why, s.Now()))
}
