package api

import (
	"context"
	"net/http"
	"slices"

	"comity"
	"comity/act"
)

type actionsInput struct {
	Owner    string `query:"owner" doc:"Only those of this organisation, org_…"`
	Open     bool   `query:"open" doc:"Only those with something left to do"`
	Group    bool   `query:"group" doc:"Only the group's"`
	Match    string `query:"match" doc:"Only those about this match, mat_…"`
	Threat   string `query:"threat" doc:"Only those about this threat, thr_…"`
	Scenario string `query:"scenario" maxLength:"64" doc:"Only those about this scenario"`
	Paging
}

func (in *actionsInput) query() (comity.ActionQuery, error) {
	q := comity.ActionQuery{Open: in.Open, Group: in.Group, Scenario: comity.ScenarioID(in.Scenario), Limit: in.Limit, Offset: in.Offset}
	var err error
	if q.Owner, err = optional(comity.ParseOrgID, "query.owner", in.Owner); err != nil {
		return q, err
	}
	if q.Match, err = optional(comity.ParseMatchID, "query.match", in.Match); err != nil {
		return q, err
	}
	q.Threat, err = optional(comity.ParseThreatID, "query.threat", in.Threat)
	return q, err
}

type actionInput struct {
	ID string `path:"id" doc:"Identity, act_…"`
}

type actionRevisionsInput struct {
	ID string `path:"id" doc:"Identity, act_…"`
	Paging
}

// newAction is an action item to be made.
type newAction struct {
	Title    string      `json:"title" minLength:"1" maxLength:"200" doc:"One line"`
	Note     string      `json:"note,omitempty" maxLength:"4000"`
	Owner    string      `json:"owner,omitempty" doc:"Organisation that answers for it, org_…; the own one if absent"`
	Audience string      `json:"audience,omitempty" enum:",owner,group" doc:"The owner's organisation only, as when absent, or the group"`
	TLP      *comity.TLP `json:"tlp,omitempty" doc:"TLP:AMBER+STRICT if absent"`
	Priority string      `json:"priority,omitempty" enum:"urgent,high,medium,low" default:"medium"`
	Status   string      `json:"status,omitempty" enum:"open,in-progress,done,dropped" default:"open"`
	Progress int         `json:"progress,omitempty" minimum:"0" maximum:"100" doc:"Per cent"`
	Due      comity.Date `json:"due,omitzero"`
	Threat   string      `json:"threat,omitempty" doc:"What it is about, thr_…"`
	Match    string      `json:"match,omitempty" doc:"What it is about, mat_… of the own organisation; its threat goes with it"`
	Scenario string      `json:"scenario,omitempty" maxLength:"64" doc:"What it is about"`
	Control  string      `json:"control,omitempty" pattern:"^(M[0-9]{4})?$" doc:"ATT&CK mitigation that it puts in place, M…"`
	Why      string      `json:"why,omitempty" maxLength:"500" doc:"For the history"`
}

// actionChange is what changes of an action item; what is absent stays. Owner and what it is about never change.
type actionChange struct {
	Revision *int         `json:"revision,omitempty" minimum:"1" doc:"The revision on which the change was made; here or in If-Match"`
	Title    *string      `json:"title,omitempty" minLength:"1" maxLength:"200"`
	Note     *string      `json:"note,omitempty" maxLength:"4000"`
	Audience *string      `json:"audience,omitempty" enum:",owner,group"`
	TLP      *comity.TLP  `json:"tlp,omitempty"`
	Priority *string      `json:"priority,omitempty" enum:"urgent,high,medium,low"`
	Status   *string      `json:"status,omitempty" enum:"open,in-progress,done,dropped"`
	Progress *int         `json:"progress,omitempty" minimum:"0" maximum:"100"`
	Due      *comity.Date `json:"due,omitempty" doc:"Empty: none"`
	Why      string       `json:"why,omitempty" maxLength:"500" doc:"For the history"`
}

type createActionInput struct{ Body newAction }

type changeActionInput struct {
	ID      string `path:"id" doc:"Identity, act_…"`
	IfMatch string `header:"If-Match" doc:"The revision on which the change was made, as in ETag"`
	Body    actionChange
}

func (a *api) actions() {
	handle(a, get("list-actions", "/actions", "actions", "Action items that you may see, urgent and due first"),
		func(ctx context.Context, c caller, in *actionsInput) (*content[Page[comity.ActionItem]], error) {
			q, err := in.query()
			if err != nil {
				return nil, err
			}
			p, err := a.store.Actions(ctx, c.viewer, q)
			if err != nil {
				return nil, err
			}
			return pageOf(c, in.Paging, p.Actions, p.Total), nil
		})
	handle(a, get("get-action", "/actions/{id}", "actions", "One action item"),
		func(ctx context.Context, c caller, in *actionInput) (*revised[comity.ActionItem], error) {
			item, err := a.action(ctx, c, in.ID)
			return revisedBody(item, item.Revision), err
		}, http.StatusNotFound)
	create := write(http.MethodPost, "create-action", "/actions", "actions", "Make an action item")
	create.DefaultStatus = http.StatusCreated
	handle(a, create, a.createAction, http.StatusBadRequest, http.StatusForbidden, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	handle(a, write(http.MethodPatch, "change-action", "/actions/{id}", "actions", "Change an action item"), a.changeAction,
		http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed,
		http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	handle(a, get("list-action-revisions", "/actions/{id}/revisions", "actions", "Who changed what of an action item, when and why, oldest first"),
		func(ctx context.Context, c caller, in *actionRevisionsInput) (*content[Page[comity.ActionRevision]], error) {
			id, err := parsed(comity.ParseActionID, in.ID)
			if err != nil {
				return nil, err
			}
			list, err := a.store.ActionRevisions(ctx, c.viewer, id)
			if err != nil {
				return nil, err
			}
			return cut(c, in.Paging, list), nil
		}, http.StatusNotFound)
}

// action returns the item that the caller may see.
func (a *api) action(ctx context.Context, c caller, text string) (comity.ActionItem, error) {
	id, err := parsed(comity.ParseActionID, text)
	if err != nil {
		return comity.ActionItem{}, err
	}
	return a.store.Action(ctx, c.viewer, id)
}

func (a *api) createAction(ctx context.Context, c caller, in *createActionInput) (*created[comity.ActionItem], error) {
	item, err := a.actionOf(c, in.Body)
	if err != nil {
		return nil, err
	}
	if err := require(c.viewer.EditsAction(item)); err != nil {
		return nil, err
	}
	if err := a.checkSubject(ctx, c, &item); err != nil {
		return nil, err
	}
	if err := a.checkAction(ctx, c, item); err != nil {
		return nil, err
	}
	if item.ID, err = newID(a, comity.MakeActionID); err != nil {
		return nil, err
	}
	item, err = a.store.PutAction(ctx, c.viewer, item, in.Body.Why, a.now())
	if err != nil {
		return nil, err
	}
	return &created[comity.ActionItem]{Location: prefix + "/actions/" + string(item.ID), ETag: etag(item.Revision), Body: item}, nil
}

func (a *api) actionOf(c caller, n newAction) (comity.ActionItem, error) {
	item := comity.ActionItem{
		Title: n.Title, Note: n.Note, Owner: c.org(), Audience: audience(n.Audience), TLP: comity.TLPAmberStrict,
		Priority: comity.Priority(n.Priority), Status: comity.ActionStatus(n.Status), Progress: n.Progress, Due: n.Due,
		Scenario: comity.ScenarioID(n.Scenario), Control: n.Control, Created: a.now(),
	}
	if n.TLP != nil {
		item.TLP = *n.TLP
	}
	if n.Owner != "" {
		owner, err := optional(comity.ParseOrgID, "body.owner", n.Owner)
		if err != nil {
			return item, err
		}
		item.Owner = owner
	}
	var err error
	if item.Threat, err = optional(comity.ParseThreatID, "body.threat", n.Threat); err != nil {
		return item, err
	}
	item.Match, err = optional(comity.ParseMatchID, "body.match", n.Match)
	return item, err
}

// checkAction refuses what act does, field by field, and an item for the group that tells of a threat to more people than
// its marking lets know.
func (a *api) checkAction(ctx context.Context, c caller, item comity.ActionItem) error {
	if problems := act.Problems(item); len(problems) > 0 {
		p := newProblem(http.StatusUnprocessableEntity, "the action item is not complete")
		for _, one := range problems {
			p.Errors = append(p.Errors, problemField{"body." + one.Field, one.Msg})
		}
		return p
	}
	if item.Threat == "" || item.Audience != comity.AudienceGroup {
		return nil
	}
	threat, err := a.store.Threat(ctx, c.viewer, item.Threat)
	if err != nil {
		return subject(err, "body.threat")
	}
	if comity.Strictest(item.TLP, threat.Marking.TLP) != item.TLP {
		return invalid("body.tlp", "the threat that it is about is marked more narrowly")
	}
	return nil
}

// checkSubject asks that what a new item is about is there, and for the caller to see. A match brings its threat along.
func (a *api) checkSubject(ctx context.Context, c caller, item *comity.ActionItem) error {
	if item.Owner != c.org() {
		if _, err := a.store.Organization(ctx, c.viewer, item.Owner); err != nil {
			return subject(err, "body.owner")
		}
	}
	if item.Match != "" {
		m, err := a.store.Match(ctx, c.viewer, item.Match)
		if err != nil {
			return subject(err, "body.match")
		}
		if m.Org != item.Owner || item.Threat != "" && m.Threat != item.Threat {
			return invalid("body.match", "a match of the owner, with the same threat")
		}
		item.Threat = m.Threat
	}
	if item.Threat != "" {
		if _, err := a.store.Threat(ctx, c.viewer, item.Threat); err != nil {
			return subject(err, "body.threat")
		}
	}
	if item.Scenario != "" {
		if _, known := a.pipeline.Catalogue().Scenario(item.Scenario); !known {
			return invalid("body.scenario", "not in the catalogue")
		}
	}
	if item.Control == "" {
		return nil
	}
	k, err := a.store.Knowledge(ctx, c.viewer)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(k.Mitigations, func(m comity.Mitigation) bool { return m.Number == item.Control }) {
		return invalid("body.control", "no mitigation of ATT&CK")
	}
	return nil
}

// subject turns NotFound of what a body refers to into what is wrong with that field.
func subject(err error, location string) error {
	if comity.KindOf(err) == comity.NotFound {
		return invalid(location, "not found")
	}
	return err
}

func (a *api) changeAction(ctx context.Context, c caller, in *changeActionInput) (*revised[comity.ActionItem], error) {
	item, err := a.action(ctx, c, in.ID)
	if err != nil {
		return nil, err
	}
	if err := require(c.viewer.EditsAction(item)); err != nil {
		return nil, err
	}
	if item.Revision, err = revisionOf(in.Body.Revision, in.IfMatch); err != nil {
		return nil, err
	}
	in.Body.apply(&item)
	if err := require(c.viewer.EditsAction(item)); err != nil { // nobody changes an item out of their own reach
		return nil, err
	}
	if err := a.checkAction(ctx, c, item); err != nil {
		return nil, err
	}
	item, err = a.store.PutAction(ctx, c.viewer, item, in.Body.Why, a.now())
	if err != nil {
		return nil, conflict(err, in.IfMatch)
	}
	return revisedBody(item, item.Revision), nil
}

func (n actionChange) apply(item *comity.ActionItem) {
	set(&item.Title, n.Title)
	set(&item.Note, n.Note)
	set(&item.Priority, n.Priority)
	set(&item.Status, n.Status)
	if n.Audience != nil {
		item.Audience = audience(*n.Audience)
	}
	if n.TLP != nil {
		item.TLP = *n.TLP
	}
	if n.Progress != nil {
		item.Progress = *n.Progress
	}
	if n.Due != nil {
		item.Due = *n.Due
	}
}

// audience reads the name of an audience; the schema knows no other.
func audience(name string) comity.Audience {
	if name == string(comity.AudienceGroup) {
		return comity.AudienceGroup
	}
	return comity.AudienceOwner
}

// set changes a field to what is given, if anything is.
func set[T ~string](field *T, given *string) {
	if given != nil {
		*field = T(*given)
	}
}
