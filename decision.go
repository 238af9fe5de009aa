package comity

import (
	"slices"
	"time"
)

// DecisionStatus is whether a decision holds.
type DecisionStatus string

// The statuses.
const (
	DecisionInForce    DecisionStatus = "in-force"
	DecisionSuperseded DecisionStatus = "superseded" // by another decision
	DecisionLapsed     DecisionStatus = "lapsed"     // done with, or no longer of use
)

// DecisionStatuses lists the statuses.
var DecisionStatuses = []DecisionStatus{DecisionInForce, DecisionSuperseded, DecisionLapsed}

// Decision is an entry of the decision register. Its number and its text never change.
type Decision struct {
	ID           DecisionID     `json:"id"`
	Number       string         `json:"number"`         // "MISSIG/26/D007": given by the store, without gaps in a year
	Verb         Verb           `json:"verb,omitempty"` // with which the text goes on; empty: the text says it
	Text         string         `json:"text"`
	Language     string         `json:"language,omitempty"` // of the text; empty: not said
	TLP          TLP            `json:"tlp"`
	MembersOnly  bool           `json:"members_only,omitempty"` // of an Executive Session
	Adopted      time.Time      `json:"adopted"`                // UTC
	Session      GroupSessionID `json:"session,omitempty"`      // in which it was taken
	Item         AgendaItemID   `json:"item,omitempty"`
	Conclusion   ConclusionID   `json:"conclusion,omitempty"`
	Procedure    ProcedureID    `json:"procedure,omitempty"`   // the written procedure that adopted it
	Provisional  bool           `json:"provisional,omitempty"` // taken without a quorum: to be confirmed
	Status       DecisionStatus `json:"status"`
	Supersedes   DecisionID     `json:"supersedes,omitempty"`
	SupersededBy DecisionID     `json:"superseded_by,omitempty"`
	Ended        Date           `json:"ended,omitzero"` // since when it is superseded or lapsed
	Why          string         `json:"why,omitempty"`  // it lapsed
	Revision     int            `json:"revision"`       // grows with every change; 0: never stored
}

// Check reports the first thing that is wrong with a decision, as Invalid.
func (d Decision) Check() error {
	switch {
	case d.TLP < TLPClear || d.TLP > TLPAmberStrict:
		return Errorf(Invalid, "tlp: want TLP:CLEAR to TLP:AMBER+STRICT")
	case d.Adopted.IsZero():
		return Errorf(Invalid, "adopted: want a day")
	case !slices.Contains(DecisionStatuses, d.Status):
		return Errorf(Invalid, "status %.40q: unknown", d.Status)
	}
	return firstError(checkText("text", d.Text, 1, MaxConclusionText), checkText("why", d.Why, 0, MaxSessionNote))
}

// DecisionQuery selects decisions. Zero fields select all.
type DecisionQuery struct {
	Text    string // words that a decision has, or its number
	Status  DecisionStatus
	Year    int
	Session GroupSessionID
	From    time.Time // adopted at or after it
	Before  time.Time // adopted before it
	Limit   int       // at most 200; 0: 50
	Offset  int
}

// DecisionPage is one page of decisions, the latest first.
type DecisionPage struct {
	Decisions []Decision `json:"decisions"`
	Total     int        `json:"total"`
	Years     []int      `json:"years"` // that have decisions, the latest first
}

// SeesDecision reports whether the viewer may see a decision: one of an Executive Session only members, and every other
// within its label.
func (v Viewer) SeesDecision(d Decision) bool {
	switch {
	case v.system():
		return true
	case v.roles == 0 || v.person == "":
		return false
	case d.MembersOnly && !v.WorksInMember():
		return false
	default:
		return v.KeepsRecords() || v.Sees(Marking{TLP: d.TLP})
	}
}
