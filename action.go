package comity

import "time"

// Audience says who an action item is for. The zero Audience is the owner's organisation only.
type Audience string

// The audiences.
const (
	AudienceOwner Audience = ""      // people of the owner organisation
	AudienceGroup Audience = "group" // the whole group, within the item's label
)

// Priority of an action item.
type Priority string

// The priorities.
const (
	PriorityUrgent Priority = "urgent"
	PriorityHigh   Priority = "high"
	PriorityMedium Priority = "medium"
	PriorityLow    Priority = "low"
)

// Priorities lists the priorities from first to last.
var Priorities = []Priority{PriorityUrgent, PriorityHigh, PriorityMedium, PriorityLow}

// ActionStatus is where an action item stands.
type ActionStatus string

// The statuses.
const (
	ActionOpen       ActionStatus = "open"
	ActionInProgress ActionStatus = "in-progress"
	ActionDone       ActionStatus = "done"
	ActionDropped    ActionStatus = "dropped"
)

// ActionStatuses lists the statuses in the order of work.
var ActionStatuses = []ActionStatus{ActionOpen, ActionInProgress, ActionDone, ActionDropped}

// ActionItem is something to do about an exposure.
type ActionItem struct {
	ID       ActionID     `json:"id"`
	Title    string       `json:"title"`
	Note     string       `json:"note,omitempty"`
	Owner    OrgID        `json:"owner"`
	Audience Audience     `json:"audience,omitempty"`
	TLP      TLP          `json:"tlp"`
	Priority Priority     `json:"priority"`
	Status   ActionStatus `json:"status"`
	Progress int          `json:"progress"` // per cent, 0–100
	Due      Date         `json:"due,omitzero"`
	Threat   ThreatID     `json:"threat,omitempty"`
	Match    MatchID      `json:"match,omitempty"`
	Scenario ScenarioID   `json:"scenario,omitempty"`
	Control  string       `json:"control,omitempty"` // M-code
	Created  time.Time    `json:"created"`
	Updated  time.Time    `json:"updated"`
	By       PersonID     `json:"by,omitempty"`
	Revision int          `json:"revision"` // from 1; a change names the one that it was made on, else Conflict
}

// IsOpen reports whether there is still something to do.
func (a ActionItem) IsOpen() bool { return a.Status == ActionOpen || a.Status == ActionInProgress }

// ActionRevision is one append-only row: who changed which field of an action item, for which organisation, and why.
type ActionRevision struct {
	Action ActionID  `json:"action"`
	At     time.Time `json:"at"`
	Person PersonID  `json:"person,omitempty"`
	Org    OrgID     `json:"organization,omitempty"`
	Field  string    `json:"field"`
	Old    string    `json:"old"`
	New    string    `json:"new"`
	Why    string    `json:"why,omitempty"`
}
