package comity

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// TreatmentOption is what an organisation does about an exposure. Source: ISO/IEC 27005:2022, 8.2.
type TreatmentOption string

// The options.
const (
	TreatReduce TreatmentOption = "reduce" // by measures: action items
	TreatShare  TreatmentOption = "share"  // with an insurer or another party
	TreatAvoid  TreatmentOption = "avoid"  // by ending what exposes
	TreatAccept TreatmentOption = "accept" // knowingly, for a time, approved by another person
)

// TreatmentOptions lists the options in the order in which they are offered.
var TreatmentOptions = []TreatmentOption{TreatReduce, TreatShare, TreatAvoid, TreatAccept}

const (
	// MaxTreatmentDays is how far ahead a treatment is looked at again, or an acceptance ends: the exposure speaks of the
	// next 12 months, and nothing is decided for longer.
	MaxTreatmentDays = 365
	// DefaultThreshold is the probability of at least one significant incident of a scenario in 12 months from which on it
	// is above tolerance, where an organisation set none. Hypothesis.
	DefaultThreshold = 0.05

	maxTreatmentText    = 2000
	maxTreatmentOwner   = 200
	maxTreatmentActions = 50
)

// Treatment is what an organisation does about its exposure to one scenario, and who answers for it. It is as private as
// the profile. There is one for each scenario at most; what it was before stands in its history.
type Treatment struct {
	ID       TreatmentID     `json:"id"`
	Org      OrgID           `json:"organization"`
	Scenario ScenarioID      `json:"scenario"`
	Revision int             `json:"revision"` // from 1
	Owner    string          `json:"owner"`    // who answers for the risk: a role or a person of the organisation
	Option   TreatmentOption `json:"option"`
	Reason   string          `json:"reason"`            // why it is accepted, or what is done
	Until    Date            `json:"until"`             // last day: an acceptance ends after it, the others are looked at again by it
	Actions  []ActionID      `json:"actions,omitempty"` // the organisation's action items that reduce it
	Figure   Estimate        `json:"figure"`            // P(at least one significant incident of the scenario) when it was decided

	Proposed   time.Time `json:"proposed"` // UTC, whole seconds: when it was last changed
	ProposedBy PersonID  `json:"proposed_by,omitempty"`
	Approved   time.Time `json:"approved,omitzero"` // of an acceptance; zero: nobody approved it
	ApprovedBy PersonID  `json:"approved_by,omitempty"`
	Withdrawn  time.Time `json:"withdrawn,omitzero"` // since when nothing is done about it any more; zero: it stands
}

// TreatmentState says how a treatment stands on a day.
type TreatmentState string

// The states.
const (
	TreatmentNone     TreatmentState = "none"     // there is no treatment, or it was withdrawn
	TreatmentProposed TreatmentState = "proposed" // an acceptance that nobody approved yet
	TreatmentInForce  TreatmentState = "in-force"
	TreatmentOverdue  TreatmentState = "overdue" // its last day has passed
)

// State returns how the treatment stands on a day. The zero Treatment is none.
func (t Treatment) State(today Date) TreatmentState {
	switch {
	case t.ID == "" || !t.Withdrawn.IsZero():
		return TreatmentNone
	case t.Until.Before(today):
		return TreatmentOverdue
	case t.Option == TreatAccept && t.Approved.IsZero():
		return TreatmentProposed
	default:
		return TreatmentInForce
	}
}

// Check says what is wrong with a treatment that is put on a day, as an error of kind Invalid that names the field; nil if
// nothing is. Whether its action items are the organisation's is the store's to check.
func (t Treatment) Check(today Date) error {
	switch {
	case t.Scenario == "":
		return Errorf(Invalid, "scenario: there is none")
	case !slices.Contains(TreatmentOptions, t.Option):
		return Errorf(Invalid, "option: %q is none of reduce, share, avoid, accept", t.Option)
	case strings.TrimSpace(t.Owner) == "" || utf8.RuneCountInString(t.Owner) > maxTreatmentOwner:
		return Errorf(Invalid, "owner: a role or a person, at most %d characters", maxTreatmentOwner)
	case strings.TrimSpace(t.Reason) == "" || utf8.RuneCountInString(t.Reason) > maxTreatmentText:
		return Errorf(Invalid, "reason: what is done, or why it is accepted, at most %d characters", maxTreatmentText)
	case t.Until.Before(today) || today.AddDays(MaxTreatmentDays).Before(t.Until):
		return Errorf(Invalid, "until: a day from today on, at most %d days ahead", MaxTreatmentDays)
	case len(t.Actions) > maxTreatmentActions:
		return Errorf(Invalid, "actions: at most %d", maxTreatmentActions)
	}
	return nil
}

// TreatmentEvent says what a row of a treatment's history records.
type TreatmentEvent string

// The events.
const (
	TreatmentPut       TreatmentEvent = "put"
	TreatmentApproved  TreatmentEvent = "approved"
	TreatmentWithdrawn TreatmentEvent = "withdrawn"
)

// TreatmentRevision is one row of a treatment's history: the whole treatment as it was from then on. Rows are never changed.
type TreatmentRevision struct {
	At        time.Time      `json:"at"`
	Person    PersonID       `json:"person,omitempty"`
	Event     TreatmentEvent `json:"event"`
	Treatment Treatment      `json:"treatment"`
}

// TreatmentPlan is what an organisation does about all that it is exposed to.
type TreatmentPlan struct {
	Threshold  float64     `json:"threshold"`  // from which probability on a scenario is above tolerance
	Default    bool        `json:"default"`    // the organisation set no threshold of its own
	Treatments []Treatment `json:"treatments"` // by scenario, withdrawn ones included
}

// Of returns the treatment of a scenario; the zero Treatment if there is none.
func (p TreatmentPlan) Of(id ScenarioID) Treatment {
	for _, t := range p.Treatments {
		if t.Scenario == id {
			return t
		}
	}
	return Treatment{}
}

// Overdue counts the treatments whose last day has passed.
func (p TreatmentPlan) Overdue(today Date) int { return p.count(today, TreatmentOverdue) }

// Waiting counts the acceptances that nobody approved yet.
func (p TreatmentPlan) Waiting(today Date) int { return p.count(today, TreatmentProposed) }

func (p TreatmentPlan) count(today Date, s TreatmentState) int {
	n := 0
	for _, t := range p.Treatments {
		if t.State(today) == s {
			n++
		}
	}
	return n
}

// Above reports whether a scenario's exposure is above tolerance: its probability of at least one significant incident in
// 12 months is more than the threshold.
func (p TreatmentPlan) Above(s ScenarioExposure) bool { return s.Significant.Value > p.Threshold }

// EditsTreatments reports whether the viewer may propose what is done about exposures of org.
func (v Viewer) EditsTreatments(org OrgID) bool { return v.EditsProfile(org) }

// ApprovesTreatments reports whether the viewer may approve that an exposure of org is accepted: its focal point, alternate
// and co-chair. Nobody approves what they proposed themselves; that is asked of the treatment.
func (v Viewer) ApprovesTreatments(org OrgID) bool {
	return org != "" && v.person != "" && v.org == org && v.roles.Has(RoleFocalPoint, RoleAlternate, RoleCoChair)
}

// Approves reports whether the viewer may approve this treatment as it stands on a day.
func (v Viewer) Approves(t Treatment, today Date) bool {
	return v.ApprovesTreatments(t.Org) && t.ProposedBy != v.person && t.State(today) == TreatmentProposed
}
