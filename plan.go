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
