package comity

import (
	"slices"
	"time"
)

// Verb is what the group did, in the words of the minutes: "The group took note of …".
type Verb string

// The verbs. Requested, agreed and urged ask somebody to act.
const (
	VerbTookNote   Verb = "took-note"
	VerbWelcomed   Verb = "welcomed"
	VerbEndorsed   Verb = "endorsed"
	VerbDecided    Verb = "decided"
	VerbAgreed     Verb = "agreed"
	VerbRequested  Verb = "requested"
	VerbUrged      Verb = "urged"
	VerbReaffirmed Verb = "reaffirmed"
	VerbUnderlined Verb = "underlined"
)

// Verbs lists the verbs in the order in which they are offered.
var Verbs = []Verb{VerbTookNote, VerbWelcomed, VerbEndorsed, VerbDecided, VerbAgreed, VerbRequested, VerbUrged, VerbReaffirmed, VerbUnderlined}

// Asks reports whether a conclusion with this verb asks somebody to act, so that an action item follows from it.
func (v Verb) Asks() bool { return v == VerbRequested || v == VerbAgreed || v == VerbUrged }

// Decides reports whether a conclusion with this verb is a decision and gets a number in the register.
func (v Verb) Decides() bool { return v == VerbDecided || v == VerbEndorsed || v == VerbAgreed }

// Conclusion is a numbered paragraph of a session's conclusions.
type Conclusion struct {
	ID          ConclusionID   `json:"id"`
	Session     GroupSessionID `json:"session"`
	Item        AgendaItemID   `json:"item"`
	Paragraph   int            `json:"paragraph"` // of the session: 1, 2, … in the order in which they were drawn
	Verb        Verb           `json:"verb"`
	Text        string         `json:"text"`
	TLP         TLP            `json:"tlp"`                   // of its item
	Provisional bool           `json:"provisional,omitempty"` // drawn without a quorum
	Action      ActionID       `json:"action,omitempty"`      // that follows from it
	Decision    DecisionID     `json:"decision,omitempty"`    // that it is
	Supersedes  DecisionID     `json:"supersedes,omitempty"`  // the decision that this one replaces
	At          time.Time      `json:"at"`
	By          PersonID       `json:"by,omitempty"`
	Withdrawn   time.Time      `json:"withdrawn,omitzero"` // it keeps its number
}

// MaxConclusionText bounds a conclusion and a decision, in characters.
const MaxConclusionText = 4000

// Check reports the first thing that is wrong with a conclusion, as Invalid.
func (c Conclusion) Check() error {
	if !slices.Contains(Verbs, c.Verb) {
		return Errorf(Invalid, "verb %.40q: unknown", c.Verb)
	}
	return checkText("text", c.Text, 1, MaxConclusionText)
}

// Asked is whom a conclusion asks to act, and until when.
type Asked struct {
	Owner    OrgID          // whose action item follows
	Title    string         // of the action item
	Priority Priority       // empty: medium
	Due      Date           // zero: open
	Session  GroupSessionID // by which it is due, where Due says no day; empty: none
	Action   ActionID       // its new identity
}
