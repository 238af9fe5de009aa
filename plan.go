package comity

import "time"

// PlanDifference is what became of one item of the work-plan between two moments.
type PlanDifference struct {
	Item    ActionItem   `json:"item"`    // as it was later; earlier, if it is gone
	New     bool         `json:"new"`     // it was not there, or not for the viewer to see
	Gone    bool         `json:"gone"`    // it is no longer for the viewer to see
	Changes []PlanChange `json:"changes"` // fields that differ, in the order of ActionItem.Fields; none for what is new or gone
}

// PlanChange is one field that differs.
type PlanChange struct {
	Field string `json:"field"`
	Old   string `json:"old"`
	New   string `json:"new"`
}

// PlanDifferences is one page of what became of the work-plan between two moments.
type PlanDifferences struct {
	Items []PlanDifference
	Total int // of the whole selection
}

// PlanBaseline is a named moment of the work-plan, to compare with later ones.
type PlanBaseline struct {
	Name    string         `json:"name"` // unique
	At      time.Time      `json:"at"`
	Session GroupSessionID `json:"session,omitempty"`
	By      PersonID       `json:"by,omitempty"`
}

// PlanFilter is a selection of the work-plan that a person kept under a name.
type PlanFilter struct {
	Name  string // unique for the person
	Query string // of the address of the page, encoded
}

// Bounds of what people keep.
const (
	MaxPlanFilters   = 30
	MaxPlanBaselines = 200
)

// Measure is what an action item puts in place at an organisation, as far as exposure follows from it: a mitigation one
// step further, a match remedied, or every match of a threat. The zero Measure changes nothing.
type Measure struct {
	Control string   // M-code
	Match   MatchID  // of the organisation
	Threat  ThreatID // counts where there is no Match
}

// MeasureOf returns what an item puts in place; ok is false if nothing follows from it.
func MeasureOf(a ActionItem) (m Measure, ok bool) {
	m = Measure{Control: a.Control, Match: a.Match, Threat: a.Threat}
	if m.Match != "" {
		m.Threat = ""
	}
	return m, m != Measure{}
}

// ActionEffect is what a closed action item removed of one organisation's exposure, worked out when it was closed. Only who
// sees the organisation's profile sees it.
type ActionEffect struct {
	Action  ActionID    `json:"action"`
	Org     OrgID       `json:"organization"`
	At      time.Time   `json:"at"`
	Removed Improvement `json:"removed"` // of the 12 months from then on
}
