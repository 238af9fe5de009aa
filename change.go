package comity

import "time"

// ChangeKind says what happened, for the pipeline to follow.
type ChangeKind string

// The kinds of change.
const (
	ChangeThreat    ChangeKind = "threat"    // a threat was added, changed or withdrawn; Subject is its id
	ChangeKnowledge ChangeKind = "knowledge" // ATT&CK was taken in
	ChangeScores    ChangeKind = "scores"    // EPSS was taken in
	ChangeProfile   ChangeKind = "profile"   // Org's profile changed; Subject is the section
	ChangeEvidence  ChangeKind = "evidence"  // Org's evidence changed; Subject is the item's id
	ChangeBaseline  ChangeKind = "baseline"  // a baseline of the group, or Org's answers to it; Subject is its id; no figure rests on it
	ChangeCatalogue ChangeKind = "catalogue" // a version of the scenario catalogue was adopted; Subject is its number
	ChangeTreatment ChangeKind = "treatment" // what Org does about an exposure changed; Subject is its id; no figure rests on it
	ChangeClosed    ChangeKind = "closed"    // an action item was done; Subject is its id
)

// Change is one entry of the log that the pipeline reads from its cursor: written in the transaction of what it tells.
type Change struct {
	Seq     int64      `json:"seq"` // ascending in commit order
	At      time.Time  `json:"at"`
	Kind    ChangeKind `json:"kind"`
	Org     OrgID      `json:"organization,omitempty"`
	Subject string     `json:"subject"`
}
