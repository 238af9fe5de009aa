package comity

import "time"

// AuditEntry is who did what, and when. It names objects and says nothing of what is in them.
type AuditEntry struct {
	Seq     int64     `json:"seq"`
	At      time.Time `json:"at"`
	Person  PersonID  `json:"person,omitempty"`       // empty: the system
	Org     OrgID     `json:"organization,omitempty"` // of that person
	About   OrgID     `json:"about,omitempty"`        // whose the object is, where that is another organisation
	System  string    `json:"system,omitempty"`       // why the system was at work
	Action  string    `json:"action"`
	Subject string    `json:"subject"`
}

// AuditQuery selects entries. The zero query is the last 50.
type AuditQuery struct {
	Person PersonID // empty: anybody
	Org    OrgID    // done by its people, or about it; empty: any
	Action string   // empty: any
	From   Date     // on this day or later, UTC
	To     Date     // on this day or before, UTC
	Limit  int      // 1–1000; 0 counts as 50
	Offset int
}

// AuditPage is one page of entries, newest first.
type AuditPage struct {
	Entries []AuditEntry
	Total   int // of the whole selection
}
