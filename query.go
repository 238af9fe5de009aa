package comity

import "time"

// PutThreatsOptions says how an intake treats what is already here.
type PutThreatsOptions struct {
	Withdraw bool // threats of the same source that are absent from this intake are withdrawn
	Force    bool // take in a document older than the one taken in last
}

// ThreatQuery selects threats. The zero query is the first 50, newest first.
type ThreatQuery struct {
	Text       string     // every word must occur in key, name, vendor, product or description, in any case
	Kind       ThreatKind // empty: all
	Source     SourceID   // empty: all; a vulnerability is of each source that speaks of it; SourceSTIX: every feed of STIX
	Exploited  bool       // only what is in the catalogue of exploited vulnerabilities today
	CVSS       float64    // only with a CVSS base score of at least this; 0: all
	Ransomware bool       // only with known use in ransomware campaigns
	Touching   OrgID      // only with an open match of this organisation, whose profile the viewer must see
	Since      Date       // published on this day or later
	Sort       string     // "published" (default, newest first), "epss" (highest first) or "name"
	Limit      int        // 1–200; 0 counts as 50
	Offset     int
}

// ThreatPage is one page of threats.
type ThreatPage struct {
	Threats []Threat
	Total   int // of the whole selection
}

// MatchQuery selects an organisation's matches. The zero query is the first 50, newest threat first.
type MatchQuery struct {
	Open   bool      // only those that still expose
	Threat ThreatID  // empty: all
	Kind   MatchKind // empty: all
	Limit  int       // 1–200 (the system: any); 0 counts as 50
	Offset int
}

// MatchPage is one page of matches.
type MatchPage struct {
	Matches []Match
	Total   int // of the whole selection
}

// ActionQuery selects action items, urgent and due first. The zero query is the first 50 that the viewer may see.
type ActionQuery struct {
	Owner       OrgID          // empty: any
	Contributor OrgID          // that helps or owns; empty: any
	Responsible PersonID       // of the viewer's organisation; empty: any
	Open        bool           // only those with something left to do
	Group       bool           // only the group's
	AtRisk      bool           // only amber and red
	Statuses    []ActionStatus // empty: any
	Priority    Priority       // empty: any
	Kind        ActionKind     // empty: any
	DueBefore   Date           // only those that are due before this day
	Match       MatchID        // empty: any
	Threat      ThreatID       // empty: any
	Scenario    ScenarioID     // empty: any
	Project     ProjectID      // empty: any
	Decision    DecisionID     // empty: any
	Session     GroupSessionID // in which it is to be reported; empty: any
	IDs         []ActionID     // at most 200; empty: any
	Linked      bool           // only those linked to a match, a threat or a mitigation, of which an exposure can be told
	Attention   Date           // only those due until this day or at risk; zero: any
	Unseen      GroupSessionID // only those that nobody looked at in this session; empty: any
	Needs       Needs          // only what needs somebody; the zero Needs: any
	AsOf        time.Time      // as the work-plan was at this moment; zero: as it is
	Limit       int            // 1–200; 0 counts as 50
	Offset      int
}

// Needs selects the open items that need a person: those of their organisation, theirs or nobody's, that are due until a
// day, at risk, or that nobody is responsible for. The zero Needs selects nothing by itself.
type Needs struct {
	Org    OrgID
	Person PersonID
	Until  Date
}

// ActionPage is one page of action items.
type ActionPage struct {
	Actions []ActionItem
	Total   int // of the whole selection
}
