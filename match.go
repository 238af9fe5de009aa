package comity

import "time"

// MatchKind says which join found a match.
type MatchKind string

// The kinds of match.
const (
	MatchSoftware MatchKind = "software" // vulnerability × software
	MatchSupplier MatchKind = "supplier" // compromise × supplier
	MatchActor    MatchKind = "actor"    // actor × sector and region
)

// Confidence says how sure a match is, and why is in its reasons.
type Confidence string

// The confidences.
const (
	ConfidenceHigh   Confidence = "high"   // identifier and version range, or exact name, decide
	ConfidenceMedium Confidence = "medium" // vendor and product are the same, the version could not be compared
	ConfidenceLow    Confidence = "low"    // names are alike
)

// Match is a threat that touches an organisation, with reasons that a person can check.
type Match struct {
	ID         MatchID      `json:"id"`
	Org        OrgID        `json:"organization"`
	Threat     ThreatID     `json:"threat"`
	Kind       MatchKind    `json:"kind"`
	Software   SoftwareID   `json:"software,omitempty"`
	Supplier   SupplierID   `json:"supplier,omitempty"`
	Subject    string       `json:"subject"` // what of ours it touches, as it is named in the profile
	Confidence Confidence   `json:"confidence"`
	Reasons    []Reason     `json:"reasons"`              // never empty
	Exposed    float64      `json:"exposed"`              // x: 1 internet-facing, 0.2 internal, 0 patched; 1 for suppliers and actors
	Techniques []string     `json:"techniques,omitempty"` // what exploitation opens, such as "T1190"
	Scenarios  []ScenarioID `json:"scenarios,omitempty"`  // for suppliers and actors: which scenarios become likelier
	Found      time.Time    `json:"found"`                // when it was first found; kept when it is found again
}

// Open reports whether the match still exposes the organisation.
func (m Match) Open() bool { return m.Exposed > 0 }

// Reason is one checkable reason: the key of a sentence under "reason." in the locale catalogues, and what goes into it.
type Reason struct {
	Key  string            `json:"key"`
	Args map[string]string `json:"args,omitempty"`
}
