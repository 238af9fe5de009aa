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
)

// SourceID names where an item came from.
type SourceID string

// The sources that Comity takes in so far.
const (
	SourceKEV    SourceID = "cisa-kev"     // CISA Known Exploited Vulnerabilities catalogue
	SourceEPSS   SourceID = "first-epss"   // FIRST Exploit Prediction Scoring System
	SourceATTACK SourceID = "mitre-attack" // MITRE ATT&CK Enterprise
	SourceGroup  SourceID = "group"        // shared by a member of the group
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
}

// Vulnerability is what CISA's catalogue says of a CVE, with what else is known of it.
type Vulnerability struct {
	CVE            string     `json:"cve"`
	Vendor         string     `json:"vendor"`
	Product        string     `json:"product"`
	RequiredAction string     `json:"required_action,omitempty"`
	Due            Date       `json:"due,omitzero"`
	Ransomware     bool       `json:"ransomware"` // known use in ransomware campaigns
	CWEs           []string   `json:"cwes,omitempty"`
	Notes          string     `json:"notes,omitempty"`
	Exploited      bool       `json:"exploited"`            // in the catalogue today; false once removed from it
	Affected       []Affected `json:"affected,omitempty"`   // version ranges, where known
	Techniques     []string   `json:"techniques,omitempty"` // ATT&CK techniques that exploitation uses, such as "T1190"; empty: unknown
	EPSS           *EPSSScore `json:"epss,omitempty"`       // filled by the store where a score is known
}

// Affected is one range of versions of one product that a vulnerability affects.
type Affected struct {
	Vendor        string `json:"vendor"`
	Product       string `json:"product"`
	CPE           string `json:"cpe,omitempty"`  // CPE 2.3 name whose version part is the range below
	PURL          string `json:"purl,omitempty"` // package URL without version
	FromIncluding string `json:"from_including,omitempty"`
	FromExcluding string `json:"from_excluding,omitempty"`
	ToIncluding   string `json:"to_including,omitempty"`
	ToExcluding   string `json:"to_excluding,omitempty"` // the fixed version
	Version       string `json:"version,omitempty"`      // exactly this one
}

// EPSSScore is the probability that a CVE is exploited in the next 30 days. Scores of different models are never compared.
//
// Source: FIRST EPSS, https://www.first.org/epss.
type EPSSScore struct {
	CVE        string  `json:"cve"`
	Score      float64 `json:"score"`      // 0..1
	Percentile float64 `json:"percentile"` // 0..1
	Model      string  `json:"model"`      // such as "v2025.03.14"
	Date       Date    `json:"date"`       // score date
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

// Source is where documents come from, and what its last intake did.
type Source struct {
	ID      SourceID  `json:"id"`
	Version string    `json:"version"` // the source's own: catalogue version, model version, ATT&CK version
	Date    time.Time `json:"date"`    // the document's own date; UTC
	TakenIn time.Time `json:"taken_in"`
	Hash    string    `json:"hash"` // SHA-256 of the document's bytes, uncompressed, hex
	Delta   Delta     `json:"delta"`
}

// Delta is what an intake did. Changed means that any field differs.
type Delta struct {
	Added   int `json:"added"`
	Removed int `json:"removed"`
	Changed int `json:"changed"`
	Total   int `json:"total"`
}

// Empty reports whether the intake changed nothing.
func (d Delta) Empty() bool { return d.Added == 0 && d.Removed == 0 && d.Changed == 0 }
