package comity

import "slices"

// Outcome is what came of an agenda item. The zero Outcome: nothing yet.
type Outcome string

// The outcomes.
const (
	OutcomeDecision    Outcome = "decision"
	OutcomeAction      Outcome = "action"
	OutcomeInformation Outcome = "information" // was taken note of
	OutcomeDeferred    Outcome = "deferred"    // to a later session
	OutcomeNone        Outcome = "none"        // dropped
)

// Outcomes lists the outcomes in the order in which they are offered.
var Outcomes = []Outcome{OutcomeDecision, OutcomeAction, OutcomeInformation, OutcomeDeferred, OutcomeNone}

// AgendaItem is an item of a session's agenda.
type AgendaItem struct {
	ID        AgendaItemID   `json:"id"`
	Session   GroupSessionID `json:"session"`
	Position  int            `json:"position"` // 1, 2, … in the order of the agenda
	Title     string         `json:"title"`
	Note      string         `json:"note,omitempty"`         // for participants, before
	Presenter string         `json:"presenter,omitempty"`    // by function
	Org       OrgID          `json:"organization,omitempty"` // of the presenter
	Minutes   int            `json:"minutes"`                // that it is to take; 0: not said
	TLP       TLP            `json:"tlp"`                    // no wider than the session's
	Papers    []Paper        `json:"papers,omitempty"`
	Outcome   Outcome        `json:"outcome,omitempty"`
	Record    string         `json:"record,omitempty"` // what was said, for the minutes: paragraphs of plain text
	From      AgendaItemID   `json:"from,omitempty"`   // the item of an earlier session that it carries on
	Origin    string         `json:"origin,omitempty"` // identity of the contribution that it was imported from, unique in its session
	Revision  int            `json:"revision"`         // grows with every change; 0: never stored
}

// Paper is a paper of an agenda item. Its symbol is given once, and by the store.
type Paper struct {
	Symbol   string     `json:"symbol"` // "MISSIG/2026/3"
	Title    string     `json:"title"`
	Link     string     `json:"link,omitempty"`     // https
	Document DocumentID `json:"document,omitempty"` // a document of the group
	Revision int        `json:"revision,omitempty"` // of the document; 0: the one in force
}

// Unfinished reports whether the item is to be carried on to the next session.
func (a AgendaItem) Unfinished() bool { return a.Outcome == "" || a.Outcome == OutcomeDeferred }

// Check reports the first thing that is wrong with an item of a session, as Invalid.
func (a AgendaItem) Check(s GroupSession) error {
	switch {
	case a.TLP < TLPClear || a.TLP > TLPAmberStrict || Strictest(a.TLP, s.TLP) != a.TLP:
		return Errorf(Invalid, "tlp: want %s to TLP:AMBER+STRICT: an item is no wider than its session", s.TLP)
	case a.Minutes < 0 || a.Minutes > 24*60:
		return Errorf(Invalid, "minutes: want 0 to %d", 24*60)
	case a.Outcome != "" && !slices.Contains(Outcomes, a.Outcome):
		return Errorf(Invalid, "outcome %.40q: unknown", a.Outcome)
	case len(a.Papers) > maxPapers:
		return Errorf(Invalid, "papers: at most %d", maxPapers)
	}
	for _, p := range a.Papers {
		if err := firstError(checkText("paper", p.Title, 1, MaxSessionTitle), checkLink("paper", p.Link)); err != nil {
			return err
		}
	}
	return firstError(
		checkText("title", a.Title, 1, MaxSessionTitle), checkText("note", a.Note, 0, MaxSessionNote),
		checkText("presenter", a.Presenter, 0, MaxSessionTitle), checkText("record", a.Record, 0, MaxRecord), checkText("origin", a.Origin, 0, maxOrigin),
	)
}

// Label returns the marking of the item with all that the session says of it.
func (a AgendaItem) Label(s GroupSession) TLP { return Strictest(a.TLP, s.TLP) }
