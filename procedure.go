package comity

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// ProcedureKind says how a written procedure decides. The zero kind decides nothing.
type ProcedureKind string

// The kinds of written procedure.
const (
	ProcedureSilence ProcedureKind = "no-objection" // adopted when the deadline passes, unless one organisation objects
	ProcedureBallot  ProcedureKind = "ballot"       // the positions at the deadline decide, by a threshold
)

// ProcedureKinds lists the kinds in the order in which they are offered.
var ProcedureKinds = []ProcedureKind{ProcedureSilence, ProcedureBallot}

// ProcedureState is where a written procedure stands.
type ProcedureState string

// The states of a procedure. Only an open one changes.
const (
	ProcedureOpen      ProcedureState = "open"
	ProcedureAdopted   ProcedureState = "adopted"
	ProcedureStopped   ProcedureState = "stopped"  // an organisation objected: it goes to a session, or is asked anew
	ProcedureRejected  ProcedureState = "rejected" // a ballot was not carried
	ProcedureWithdrawn ProcedureState = "withdrawn"
)

// PositionKind is what an organisation says in a written procedure.
type PositionKind string

// The positions.
const (
	PositionAgree       PositionKind = "agree"
	PositionNoObjection PositionKind = "no-objection"
	PositionDiscuss     PositionKind = "discuss" // objects; its reason is required
	PositionAbstain     PositionKind = "abstain" // spoke, for nothing
	PositionRecuse      PositionKind = "recuse"  // takes no part: is not counted at all
)

// PositionKinds lists the positions in the order in which they are offered.
var PositionKinds = []PositionKind{PositionAgree, PositionNoObjection, PositionDiscuss, PositionAbstain, PositionRecuse}

// ParsePositionKind reads a position's name; its error is Invalid.
func ParsePositionKind(s string) (PositionKind, error) {
	if k := PositionKind(s); slices.Contains(PositionKinds, k) {
		return k, nil
	}
	return "", Errorf(Invalid, "position %.40q: want agree, no-objection, discuss, abstain or recuse", s)
}

// Procedure is a decision asked for between sessions. Those see it whom its label lets. The rules that were in force on
// the day on which it was opened bind it to its end.
type Procedure struct {
	ID       ProcedureID    `json:"id"`
	Kind     ProcedureKind  `json:"kind"`
	State    ProcedureState `json:"state"`
	Title    string         `json:"title"` // what is to be decided, in one line
	Text     string         `json:"text"`  // of the decision, Markdown
	TLP      TLP            `json:"tlp"`
	Document DocumentID     `json:"document,omitempty"` // the paper; adopting brings a proposed revision into force
	Number   int            `json:"number,omitempty"`   // of the paper's revision
	Rules    BindingRules   `json:"rules"`              // as of the day of opening; Threshold as the ballot needs it
	Opened   time.Time      `json:"opened,omitzero"`
	By       PersonID       `json:"by,omitempty"`
	Deadline time.Time      `json:"deadline"` // until then organisations speak
	Closed   time.Time      `json:"closed,omitzero"`
	Entitled []OrgID        `json:"entitled,omitempty"` // who could speak, frozen at closing; sorted
	Verdict  *Verdict       `json:"outcome,omitempty"`  // nil while it is open or if it was withdrawn
	Decision DecisionID     `json:"decision,omitempty"` // the entry in the register; empty unless it was adopted
	Version  int            `json:"version"`            // grows with every change; 0: never stored
}

// Verdict is how the positions counted, frozen at closing.
type Verdict struct {
	Carried     bool   `json:"carried"`
	Entitled    int    `json:"entitled"` // organisations that could speak
	Spoke       int    `json:"spoke"`    // of those, who took any position but to recuse
	Quorum      int    `json:"quorum"`   // how many had to speak; 0: silence is enough
	Agree       int    `json:"agree"`
	NoObjection int    `json:"no_objection"`
	Discuss     int    `json:"discuss"`
	Abstain     int    `json:"abstain"`
	Recuse      int    `json:"recuse"`
	Why         string `json:"why"` // what decided: one of VerdictReasons
}

// What decided a verdict.
const (
	VerdictSilence   = "silence"   // nobody objected
	VerdictObjection = "objection" // somebody objected where one objection is enough
	VerdictQuorum    = "quorum"    // too few spoke
	VerdictSupport   = "support"   // nobody agreed
	VerdictThreshold = "threshold" // the share of those who were for was, or was not, enough
)

// VerdictReasons lists what can decide a verdict.
var VerdictReasons = []string{VerdictSilence, VerdictObjection, VerdictQuorum, VerdictSupport, VerdictThreshold}

// Position is what an organisation said in a procedure. A later one counts in place of an earlier one, which stays on
// record.
type Position struct {
	Seq       int64        `json:"seq"` // ascending in the order in which they were taken
	Procedure ProcedureID  `json:"procedure"`
	Org       OrgID        `json:"organization"`
	Person    PersonID     `json:"person,omitempty"` // who spoke for it
	At        time.Time    `json:"at"`
	Position  PositionKind `json:"position"`
	Reason    string       `json:"reason,omitempty"`
}

// LastPositions returns of each organisation the position that counts: its last.
func LastPositions(all []Position) map[OrgID]Position {
	last := map[OrgID]Position{}
	for _, p := range all {
		if p.Seq >= last[p.Org].Seq {
			last[p.Org] = p
		}
	}
	return last
}

// CountPositions counts the positions of the organisations that are entitled: of each the last. Who recuses itself spoke
// not. Whether it is carried, and why, is not said.
func CountPositions(entitled []OrgID, positions []Position) Verdict {
	last := LastPositions(positions)
	o := Verdict{Entitled: len(entitled)}
	for _, org := range entitled {
		switch last[org].Position {
		case PositionAgree:
			o.Agree++
		case PositionNoObjection:
			o.NoObjection++
		case PositionDiscuss:
			o.Discuss++
		case PositionAbstain:
			o.Abstain++
		case PositionRecuse:
			o.Recuse++
		}
	}
	o.Spoke = o.Agree + o.NoObjection + o.Discuss + o.Abstain
	return o
}

// ProcedureEvent is what was done to a procedure, and why. Old and New are its deadline where that was moved.
type ProcedureEvent struct {
	At     time.Time `json:"at"`
	Person PersonID  `json:"person,omitempty"` // empty: the system
	Org    OrgID     `json:"organization,omitempty"`
	Event  string    `json:"event"` // one of ProcedureEvents
	Old    string    `json:"old,omitempty"`
	New    string    `json:"new,omitempty"`
	Why    string    `json:"why,omitempty"`
}

// What is done to a procedure.
const (
	EventOpened    = "opened"
	EventExtended  = "extended"
	EventWithdrawn = "withdrawn"
	EventStopped   = "stopped"
	EventAdopted   = "adopted"
	EventRejected  = "rejected"
)

// ProcedureEvents lists what can be done to a procedure.
var ProcedureEvents = []string{EventOpened, EventExtended, EventWithdrawn, EventStopped, EventAdopted, EventRejected}

// Bounds on written procedures.
const (
	MaxProcedureTitle = 200    // characters
	MaxProcedureText  = 20_000 // bytes
	MaxReason         = 4000   // characters
	MaxPositions      = 50     // that one organisation takes in one procedure
	MaxProcedureDays  = 400    // from opening to the deadline
)

// Check reports the first thing that is wrong with a procedure that is to be opened now, as Invalid.
func (p Procedure) Check(now time.Time) error {
	title := strings.TrimSpace(p.Title)
	switch {
	case !slices.Contains(ProcedureKinds, p.Kind):
		return Errorf(Invalid, "kind %.40q: want no-objection or ballot", p.Kind)
	case title == "" || utf8.RuneCountInString(title) > MaxProcedureTitle || !utf8.ValidString(title):
		return Errorf(Invalid, "title: want 1 to %d characters", MaxProcedureTitle)
	case strings.TrimSpace(p.Text) == "" || len(p.Text) > MaxProcedureText || !utf8.ValidString(p.Text) || strings.ContainsRune(p.Text, 0):
		return Errorf(Invalid, "text: want what is to be decided, at most %d bytes", MaxProcedureText)
	case p.TLP < TLPClear || p.TLP > TLPAmberStrict:
		return Errorf(Invalid, "tlp: want TLP:CLEAR to TLP:AMBER+STRICT")
	case (p.Document == "") != (p.Number == 0):
		return Errorf(Invalid, "document: a paper is one revision of a document")
	}
	return p.CheckDeadline(now)
}

// markdownMarks are what emphasis and code are written with.
var markdownMarks = strings.NewReplacer("**", "", "__", "", "`", "")

// PlainText returns the text of the decision without the marks of Markdown, as the register has it: lists keep theirs.
func (p Procedure) PlainText() string {
	lines := strings.Split(markdownMarks.Replace(p.Text), "\n")
	for i, line := range lines {
		if heading := strings.TrimLeft(line, "#"); heading != line && strings.HasPrefix(heading, " ") {
			lines[i] = strings.TrimSpace(heading)
		}
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// Days returns how many days the rules give organisations to speak at least.
func (p Procedure) Days() int {
	if p.Kind == ProcedureBallot {
		return p.Rules.BallotDays
	}
	return p.Rules.SilenceDays
}

// CheckDeadline refuses, as Invalid, a deadline that leaves fewer days from now than the rules say, or more than a year
// and a bit.
func (p Procedure) CheckDeadline(now time.Time) error {
	if p.Deadline.Before(now.AddDate(0, 0, p.Days())) || p.Deadline.After(now.AddDate(0, 0, MaxProcedureDays)) {
		return Errorf(Invalid, "deadline: want %d to %d days from now, by the rules in force", p.Days(), MaxProcedureDays)
	}
	return nil
}

// Accepts reports whether organisations may speak.
func (p Procedure) Accepts(now time.Time) bool {
	return p.State == ProcedureOpen && now.Before(p.Deadline)
}

// Check reports the first thing that is wrong with a position, as Invalid.
func (p Position) Check() error {
	if _, err := ParsePositionKind(string(p.Position)); err != nil {
		return err
	}
	switch {
	case utf8.RuneCountInString(p.Reason) > MaxReason || !utf8.ValidString(p.Reason) || strings.ContainsRune(p.Reason, 0):
		return Errorf(Invalid, "reason: at most %d characters", MaxReason)
	case p.Position == PositionDiscuss && strings.TrimSpace(p.Reason) == "":
		return Errorf(Invalid, "reason: who objects says why")
	}
	return nil
}

// ProcedureQuery selects procedures. The zero query is the last 50.
type ProcedureQuery struct {
	State  ProcedureState // empty: any
	Limit  int            // 1–200; 0 counts as 50
	Offset int
}

// ProcedurePage is one page of procedures: the open ones by deadline, then the others, the newest first.
type ProcedurePage struct {
	Procedures []Procedure
	Total      int
}

// SeesProcedure reports whether the viewer may see a procedure and who said what in it: within its label.
func (v Viewer) SeesProcedure(p Procedure) bool {
	return v.KeepsRecords() || v.roles != 0 && v.Sees(Marking{TLP: p.TLP})
}
