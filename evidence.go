package comity

import "time"

// EvidenceKind says what an item of evidence does to an estimate.
type EvidenceKind string

// The kinds of evidence.
const (
	EvidenceIncident EvidenceKind = "incident" // happened after controls: counts as α + w n, β + w v T
	EvidenceAttempt  EvidenceKind = "attempt"  // reached the organisation: counts as α + w n, β + w T
	EvidencePeer     EvidenceKind = "peer"     // incidents at peers, discounted by Weight ≤ 0.5
	EvidenceReport   EvidenceKind = "report"   // intelligence without an exposure denominator: multiplies the rate
)

// Evidence is something that happened or was learnt. The list of evidence is the state: estimates are recomputed from it
// in ascending id, so that retracting an item restores the earlier estimate bit for bit.
type Evidence struct {
	ID             EvidenceID   `json:"id"`
	Org            OrgID        `json:"organization"` // whose it is
	Scenario       ScenarioID   `json:"scenario"`
	Kind           EvidenceKind `json:"kind"`
	Count          int          `json:"count"`                    // events seen, 0 is an answer
	From           Date         `json:"from"`                     // observed span, first day
	To             Date         `json:"to"`                       // observed span, last day
	Weight         float64      `json:"weight"`                   // w, 0..1; 1 for one's own
	Susceptibility float64      `json:"susceptibility,omitempty"` // v as of To; 0: not recorded, today's counts
	Note           string       `json:"note,omitempty"`
	Recorded       time.Time    `json:"recorded"`
	Retracted      *time.Time   `json:"retracted,omitempty"`

	// For reports only.
	Threat     ThreatID `json:"threat,omitempty"`
	Cluster    string   `json:"cluster,omitempty"`    // campaign or vulnerability: within one, the largest counts
	Multiplier float64  `json:"multiplier,omitempty"` // m₀
	HalfLife   float64  `json:"half_life,omitempty"`  // days
	Confidence float64  `json:"confidence,omitempty"` // reliability of the source × relevance for this organisation, 0..1
}
