package web

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"comity"
)

func (s *site) treatment(r *routes) {
	r.handle("GET /organization/treatments/{scenario}", members, s.showTreatment)
	r.handle("POST /organization/treatments/{scenario}", editors, s.putTreatment)
	r.handle("POST /organization/treatments/{scenario}/approve", approvers, s.approveTreatment)
	r.handle("POST /organization/treatments/{scenario}/withdraw", editors, s.withdrawTreatment)
}

// approvers admits those who may approve that an exposure of their organisation is accepted.
func approvers(c *call) error {
	return c.require(c.org.Contributes() && c.viewer.ApprovesTreatments(c.viewer.Org()))
}

const treatmentActions = 50 // action items that are offered

// treatmentView is what is done about one exposure.
type treatmentView struct {
	view
	Row      treatmentRow
	Plan     comity.TreatmentPlan
	Form     *form
	Options  []comity.TreatmentOption
	Actions  []comity.ActionItem // of the organisation, on this scenario or linked already
	Linked   []comity.ActionItem // of them, those that are linked
	People   []comity.Person     // of the organisation, to choose an owner from
	Names    map[comity.PersonID]string
	History  []comity.TreatmentRevision
	Edits    bool
	Approves bool
	Own      bool // the viewer proposed it, so another approves
	Changed  bool // somebody else was faster
	Today    comity.Date
	Latest   comity.Date
	Currency string
	Most     float64 // tolerance
}

// treatmentOf reads the page of the scenario that the path names; NotFound if it is neither assessed nor treated.
func (c *call) treatmentOf(f *form) (treatmentView, error) {
	list, err := c.treatmentPlan(f)
	if err != nil {
		return treatmentView{}, err
	}
	id := comity.ScenarioID(c.r.PathValue("scenario"))
	i := slices.IndexFunc(list.Rows, func(r treatmentRow) bool { return r.Scenario == id })
	if i < 0 {
		return treatmentView{}, comity.Errorf(comity.NotFound, "no such exposure here")
	}
	today := comity.DateOf(c.site.now())
	v := treatmentView{
		view: list.view, Row: list.Rows[i], Plan: list.Plan, Form: f, Options: comity.TreatmentOptions, Edits: list.Edits,
		Approves: c.viewer.Approves(list.Rows[i].Treatment, today), Own: list.Rows[i].ProposedBy == c.viewer.Person(),
		Today: today, Latest: today.AddDays(comity.MaxTreatmentDays), Currency: c.group.Currency,
	}
	if list.Exposure != nil {
		v.Most = list.Exposure.Tolerance
	}
	if v.Form == nil {
		v.Form = treatmentForm(v.Row, today)
	}
	if err := c.treatmentActions(&v); err != nil {
		return v, err
	}
	if v.History, err = c.site.store.TreatmentHistory(c.ctx(), c.viewer, c.viewer.Org(), id); err != nil {
		return v, err
	}
	v.People, err = c.site.store.People(c.ctx(), c.viewer, c.viewer.Org())
	v.Names = map[comity.PersonID]string{}
	for _, p := range v.People {
		v.Names[p.ID] = p.Name
	}
	return v, err
}

// treatmentActions reads the organisation's action items that can be linked.
func (c *call) treatmentActions(v *treatmentView) error {
	org := c.viewer.Org()
	open, err := c.site.store.Actions(c.ctx(), c.viewer, comity.ActionQuery{Owner: org, Scenario: v.Row.Scenario, Open: true, Limit: treatmentActions})
	if err != nil {
		return err
	}
	v.Actions = open.Actions
	if len(v.Row.Actions) == 0 {
		return nil
	}
	linked, err := c.site.store.Actions(c.ctx(), c.viewer, comity.ActionQuery{Owner: org, IDs: v.Row.Actions, Limit: treatmentActions})
	if err != nil {
		return err
	}
	v.Linked = linked.Actions
	for _, a := range v.Linked {
		if !slices.ContainsFunc(v.Actions, func(b comity.ActionItem) bool { return a.ID == b.ID }) {
			v.Actions = append(v.Actions, a)
		}
	}
	return nil
}

// treatmentForm returns the form with what is decided, and a quarter ahead where nothing is.
func treatmentForm(r treatmentRow, today comity.Date) *form {
	if r.ID == "" {
		return formOf(map[string]string{"option": string(comity.TreatReduce), "until": today.AddDays(90).String(), "revision": "0"})
	}
	f := formOf(map[string]string{
		"option": string(r.Option), "owner": r.Owner, "reason": r.Reason, "until": r.Until.String(), "revision": strconv.Itoa(r.Revision),
	})
	for _, id := range r.Actions {
		f.values.Add("action", string(id))
	}
	return f
}

func (s *site) showTreatment(c *call) error {
	v, err := c.treatmentOf(nil)
	if err != nil {
		return err
	}
	return c.render("organization/treatment", v)
}

func (s *site) putTreatment(c *call) error {
	f, err := c.form("revision", "option", "owner", "reason", "until", "action")
	if err != nil {
		return err
	}
	v, err := c.treatmentOf(f)
	if err != nil {
		return err
	}
	t, err := readTreatment(f, v)
	if err != nil {
		return err
	}
	if !f.OK() {
		return c.renderInvalid("organization/treatment", v)
	}
	_, err = s.store.PutTreatment(c.ctx(), c.viewer, t, s.now())
	if err != nil && comity.KindOf(err) == comity.Conflict {
		v.Changed = true
		f.values.Set("revision", strconv.Itoa(v.Row.Revision))
		return c.renderChanged("organization/treatment", v)
	}
	if err != nil {
		return err
	}
	c.flash("treatment.saved")
	return c.redirect(treatmentPath(v.Row.Scenario))
}

// readTreatment reads what the form says, as comity.Treatment.Check wants it.
func readTreatment(f *form, v treatmentView) (comity.Treatment, error) {
	id, err := newID(comity.MakeTreatmentID)
	if err != nil {
		return comity.Treatment{}, err
	}
	var options []string
	for _, o := range comity.TreatmentOptions {
		options = append(options, string(o))
	}
	t := comity.Treatment{
		ID: id, Org: v.Org.ID, Scenario: v.Row.Scenario, Revision: f.Int("revision", 0, 1<<30), Option: comity.TreatmentOption(f.Choice("option", options...)),
		Owner: f.Required("owner", 200), Reason: f.Required("reason", 2000), Until: f.Date("until"), Figure: v.Row.Now,
	}
	if t.Until.Before(v.Today) || v.Latest.Before(t.Until) {
		f.Fail("until", "treatment.error.until", "days", comity.MaxTreatmentDays)
	}
	for _, text := range f.Values("action") {
		if !slices.ContainsFunc(v.Actions, func(a comity.ActionItem) bool { return string(a.ID) == text }) {
			f.Fail("action", "error.field.choice")
			continue
		}
		t.Actions = append(t.Actions, comity.ActionID(text))
	}
	if t.Option != comity.TreatReduce {
		t.Actions = nil
	}
	return t, nil
}

func (s *site) approveTreatment(c *call) error {
	return c.decideTreatment("treatment.approved", s.store.ApproveTreatment)
}

func (s *site) withdrawTreatment(c *call) error {
	return c.decideTreatment("treatment.withdrawn", s.store.WithdrawTreatment)
}

// treatmentDecision is a method of the store that takes a treatment from one revision to the next.
type treatmentDecision func(ctx context.Context, v comity.Viewer, org comity.OrgID, scenario comity.ScenarioID, revision int, now time.Time) (comity.Treatment, error)

// decideTreatment approves or withdraws the revision that the form names.
func (c *call) decideTreatment(flash string, decide treatmentDecision) error {
	f, err := c.form("revision")
	if err != nil {
		return err
	}
	id := comity.ScenarioID(c.r.PathValue("scenario"))
	revision := f.Int("revision", 1, 1<<30)
	if !f.OK() {
		return comity.Errorf(comity.Invalid, "no revision")
	}
	if _, err := decide(c.ctx(), c.viewer, c.viewer.Org(), id, revision, c.site.now()); err != nil {
		return err
	}
	c.flash(flash)
	return c.redirect(treatmentPath(id))
}

func decimalText(x float64) string { return strconv.FormatFloat(x, 'f', 4, 64) }

func joined(ids []comity.ActionID) string {
	list := make([]string, len(ids))
	for i, id := range ids {
		list[i] = string(id)
	}
	return strings.Join(list, " ")
}
