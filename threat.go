package comity

import "time"

// ThreatKind says what sort of threat an item of intelligence is about.
type ThreatKind string

// The kinds of threat.
const (
	ThreatVulnerability ThreatKind = "vulnerability" // a CVE, known to be exploited or scored
	ThreatTechnique     ThreatKind = "technique"     // an ATT&CK technique or sub-technique
	ThreatActor         ThreatKind = "actor"         // an intrusion set that targets sectors and regions
	ThreatCompromise    ThreatKind = "compromise"    // a supplier known to be compromised
	ThreatIndicator     ThreatKind = "indicator"     // a pattern to look for in logs, such as a domain or a file hash
	ThreatReport        ThreatKind = "report"        // a published report that ties other items together
)

// Threat is one item of intelligence. Exactly one of the detail fields is set, the one of its Kind.
type Threat struct {
	ID          ThreatID   `json:"id"`
	Kind        ThreatKind `json:"kind"`
	Name        string     `json:"name"`
	Description string     `json:"description,omitempty"`
	Source      SourceID   `json:"source"`
	Marking     Marking    `json:"marking"`
	Published   time.Time  `json:"published"`             // when the source published it (KEV: date added); UTC
	FirstSeen   time.Time  `json:"first_seen"`            // when it came in here; UTC, whole seconds
	Updated     time.Time  `json:"updated"`               // when it last changed here; UTC, whole seconds
	Withdrawn   *time.Time `json:"withdrawn,omitempty"`   // when the source took it back; nil while it stands
	Hash        string     `json:"hash"`                  // SHA-256 of the source's item, hex
	ReplacedBy  ThreatID   `json:"replaced_by,omitempty"` // for a revoked technique, the one that replaces it

	Vulnerability *Vulnerability `json:"vulnerability,omitempty"`
	Technique     *Technique     `json:"technique,omitempty"`
	Actor         *Actor         `json:"actor,omitempty"`
	Compromise    *Compromise    `json:"compromise,omitempty"`
	Indicator     *Indicator     `json:"indicator,omitempty"`
	Report        *Report        `json:"report,omitempty"`
}

// Technique is an ATT&CK technique. Sub-techniques have a Parent.
type Technique struct {
	Number      string   `json:"number"` // "T1566.001"
	Parent      string   `json:"parent,omitempty"`
	Tactics     []string `json:"tactics"`             // short names, such as "initial-access", in matrix order
	Mitigations []string `json:"mitigations"`         // M-codes, sorted; of the parent where a sub-technique has none of its own
	Inherited   bool     `json:"inherited,omitempty"` // the mitigations are the parent's
	Deprecated  bool     `json:"deprecated,omitempty"`
}

// Actor is an intrusion set, with whom it goes for.
type Actor struct {
	Aliases   []string     `json:"aliases,omitempty"`
	Sectors   []string     `json:"sectors"`   // as in Profile.Sectors
	Regions   []string     `json:"regions"`   // as in Profile.Regions
	Scenarios []ScenarioID `json:"scenarios"` // which scenarios its activity makes likelier
	LastSeen  Date         `json:"last_seen,omitzero"`
}

// Compromise is a supplier known to be compromised, so that its customers may be hit through it.
type Compromise struct {
	Supplier  string       `json:"supplier"` // name, compared as NormalName does
	Since     Date         `json:"since,omitzero"`
	Scenarios []ScenarioID `json:"scenarios"`
}

// Mitigation is an ATT&CK mitigation (course of action). M1055 "Do Not Mitigate" is never one.
type Mitigation struct {
	Number      string `json:"number"` // "M1032"
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
}

// Tactic is an ATT&CK tactic: a column of the matrix.
type Tactic struct {
	Number    string `json:"number"`     // "TA0001"
	ShortName string `json:"short_name"` // "initial-access"
	Name      string `json:"name"`
	Order     int    `json:"order"` // place in the matrix, from 0
}

// Knowledge is ATT&CK as Comity uses it: which mitigation counters which technique.
type Knowledge struct {
	Version     string            // "18.1"; empty before any intake
	Tactics     []Tactic          // in matrix order
	Mitigations []Mitigation      // sorted by number
	Techniques  []Technique       // in force, sorted by number
	Names       map[string]string // technique number → name
	Replaced    map[string]string // revoked number → number in force
}
