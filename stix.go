package comity

import "time"

// STIXObject is one version of a STIX object as it was received. Who may see it, its bytes too, its label says: objects come
// from public sources, so that one without a label is for nobody but the system.
type STIXObject struct {
	ID          string     `json:"id"`
	Type        string     `json:"type"`
	SpecVersion string     `json:"spec_version"`
	Name        string     `json:"name,omitempty"`
	Modified    time.Time  `json:"modified,omitzero"` // zero: of a type without versions
	Revoked     bool       `json:"revoked,omitempty"`
	TLP         TLP        `json:"tlp"`              // strictest of what the feeds say that carry it
	Use         STIXUse    `json:"use"`              // what is made of it here
	Reason      string     `json:"reason,omitempty"` // why no more is, in plain English
	Threat      ThreatID   `json:"threat,omitempty"` // that it stands for; perhaps not here
	Hash        string     `json:"hash"`             // SHA-256 of its canonical form, hex
	Size        int        `json:"size"`             // bytes received
	TakenIn     time.Time  `json:"taken_in"`
	Sources     []SourceID `json:"sources,omitempty"` // that carry it, of those that the viewer may know of

	Received []byte    `json:"-"` // as received; only where one object is asked for
	Item     *Threat   `json:"-"` // what it is here, on its way in; without marking
	Refs     []STIXRef `json:"-"` // what it says of others, on its way in
}

// STIXUse says what is made of a STIX object.
type STIXUse string

// The uses.
const (
	STIXThreat STIXUse = "threat" // it is an item of intelligence here
	STIXLink   STIXUse = "link"   // it says something of such items, and is used for that
	STIXKept   STIXUse = "kept"   // its bytes are kept, not used yet
)

// STIXRef is one thing that an object says of two others, or of itself and another: a relationship, or an item of a report.
type STIXRef struct {
	From string // id of a STIX object
	Kind string // the relationship's type, or "object" for an item of a report
	To   string
}

// STIXRefusal is an object that could not be used: where it stood, what it said it was, and why.
type STIXRefusal struct {
	Place    string `json:"place"` // in the document, as a JSON pointer; or the id, of an object that contradicts one that is here
	Type     string `json:"type,omitempty"`
	ID       string `json:"id,omitempty"` // as it claims
	Reason   string `json:"reason"`
	Received []byte `json:"-"`
}

// STIXCount says what became of the objects of one type.
type STIXCount struct {
	Threats int `json:"threats"` // items of intelligence
	Kept    int `json:"kept"`    // links too
	Refused int `json:"refused"`
}

// STIXIntake is what one document gave.
type STIXIntake struct {
	Delta
	Types    map[string]STIXCount `json:"types"`
	Unmarked int                  `json:"unmarked"` // taken in without a label: visible to nobody
	Refused  []STIXRefusal        `json:"refused"`
}

// STIXQuery selects the objects of a source. The zero query of a source is the first 50, by type and id.
type STIXQuery struct {
	Source SourceID
	Type   string  // empty: all
	Use    STIXUse // empty: all
	Limit  int     // 1–200; 0 counts as 50
	Offset int
}

// STIXPage is one page of objects.
type STIXPage struct {
	Objects []STIXObject
	Total   int      // of the whole selection
	Types   []string // of all objects of the source that the viewer may see, sorted
}

// STIXRelated is an object that an item of intelligence is tied to.
type STIXRelated struct {
	Kind   string     `json:"kind"`   // the relationship's type, or "object" for an item of a report
	Out    bool       `json:"out"`    // the item says it of the object; else the object of the item
	ID     string     `json:"id"`     // of the object
	Type   string     `json:"type"`   // of the object
	Name   string     `json:"name"`   // of the object; may be empty
	Threat ThreatID   `json:"threat"` // that the object is here, if the viewer may see it
	TLP    TLP        `json:"tlp"`    // of the object and what ties the two
	Detail ThreatKind `json:"detail"` // of Threat
}

// ShownName returns the object's name so that nobody clicks it by mistake, where it may lead somewhere.
func (o STIXObject) ShownName() string { return shownObjectName(o.Name) }

// Bytes returns the size for those who count in 64 bits.
func (o STIXObject) Bytes() int64 { return int64(o.Size) }

// ShownName returns the object's name so that nobody clicks it by mistake, where it may lead somewhere.
func (r STIXRelated) ShownName() string { return shownObjectName(r.Name) }

func shownObjectName(name string) string {
	if _, ok := LooksObservable(name); ok {
		return Defang(name)
	}
	return name
}
