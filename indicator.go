package comity

import "time"

// Indicator is a pattern to look for, with the plain values that it compares.
type Indicator struct {
	Pattern     string       `json:"pattern"`
	PatternType string       `json:"pattern_type"` // "stix", or another language's name as the source says it
	Types       []string     `json:"types,omitempty"`
	ValidFrom   time.Time    `json:"valid_from,omitzero"`
	ValidUntil  time.Time    `json:"valid_until,omitzero"` // zero: open
	Revoked     bool         `json:"revoked,omitempty"`
	Values      []Observable `json:"values,omitempty"` // of the comparisons with "=", in the pattern's order, once each
}

// Observable is one typed value that can be seen on a network or a machine.
type Observable struct {
	Type  string `json:"type"`  // the STIX object path without quotes: "domain-name:value", "file:hashes.SHA-256"
	Value string `json:"value"` // as the source wrote it
}

// Report is a published report, with the items that it ties together.
type Report struct {
	Types      []string   `json:"types,omitempty"`
	References []string   `json:"references,omitempty"` // addresses, for people to read; never fetched
	Threats    []ThreatID `json:"threats,omitempty"`    // items of intelligence that are here
}
