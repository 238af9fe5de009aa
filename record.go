package comity

import "time"

// Record is what one source says of vulnerabilities, in its own words. What the records of one vulnerability say together
// is its Threat.
type Record struct {
	Source    SourceID  `json:"source"`
	ID        string    `json:"id"`                // the source's own: "CVE-2024-3094", "GO-2024-2611"
	Keys      []string  `json:"keys"`              // of the threats that it speaks of: CVE numbers, or its own ID where it names none; never empty
	Modified  time.Time `json:"modified,omitzero"` // when the source changed it; UTC; zero: not said
	TakenIn   time.Time `json:"taken_in,omitzero"` // when it last changed here; UTC; set by the store
	Withdrawn bool      `json:"withdrawn"`         // the source took it back
	Hash      string    `json:"hash"`              // SHA-256 of the source's item, hex
	Threat    Threat    `json:"threat"`            // what it says, as if nobody else spoke of it; ID, FirstSeen and Updated are not set
}
