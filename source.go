package comity

import "time"

// SourceID names where an item came from.
type SourceID string

// The sources with a name of their own.
const (
	SourceKEV          SourceID = "cisa-kev"          // CISA Known Exploited Vulnerabilities catalogue
	SourceEPSS         SourceID = "first-epss"        // FIRST Exploit Prediction Scoring System
	SourceATTACK       SourceID = "mitre-attack"      // MITRE ATT&CK Enterprise
	SourceNVD          SourceID = "nvd"               // NIST National Vulnerability Database, CVE API 2.0
	SourceCVE          SourceID = "cve"               // CVE records of the CVE Program, format 5, with CISA's container
	SourceOSV          SourceID = "osv"               // Open Source Vulnerabilities, advisories of package ecosystems
	SourceSTIX         SourceID = "stix"              // STIX bundles whose feed was not named
	SourceWarningLists SourceID = "misp-warninglists" // MISP warning lists
	SourceGroup        SourceID = "group"             // shared by a member of the group
)

// Format says how a source's documents are written. Sources of one format differ in their address and identity only.
type Format string

// The formats that are read.
const (
	FormatKEV          Format = "kev"          // the catalogue's JSON
	FormatEPSS         Format = "epss"         // CSV, usually packed with gzip
	FormatATTACK       Format = "attack"       // a STIX 2.1 bundle of MITRE ATT&CK
	FormatCVE          Format = "cve"          // NVD API 2.0, CVE records of format 5 or OSV: told apart by their content
	FormatSTIX         Format = "stix"         // a STIX 2.0 or 2.1 bundle, or JSON Lines of objects
	FormatWarningLists Format = "warninglists" // a ZIP file of MISP warning lists
)

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
