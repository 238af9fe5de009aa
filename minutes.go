package comity

import (
	"slices"
	"time"
)

// Minutes are the record of a session as it is approved: what is hashed and never changes. Their JSON is the canonical
// form: fields in this order, lists in the order of the record.
type Minutes struct {
	Session     GroupSession `json:"session"` // as it was approved, without its hash
	Items       []AgendaItem `json:"items"`
	Conclusions []Conclusion `json:"conclusions"`
	Attendance  []Attendance `json:"attendance"`
	Quorum      []QuorumSpan `json:"quorum"`
	Amendments  []Amendment  `json:"amendments"`
}

// QuorumSpan is a time in which the same number of voting organisations was present.
type QuorumSpan struct {
	From    time.Time `json:"from"`
	To      time.Time `json:"to,omitzero"` // zero: it lasts
	Present int       `json:"present"`     // organisations that vote
	Need    int       `json:"need"`        // of them for a quorum
}

// Held reports whether there was a quorum.
func (q QuorumSpan) Held() bool { return q.Present >= q.Need }

// AmendmentState is what became of a request to amend.
type AmendmentState string

// The states of a request.
const (
	AmendmentOpen     AmendmentState = "open"
	AmendmentAccepted AmendmentState = "accepted"
	AmendmentDeclined AmendmentState = "declined"
)

// Amendment is what an organisation that attended asks to be amended in the draft minutes.
type Amendment struct {
	ID      AmendmentID    `json:"id"`
	Session GroupSessionID `json:"session"`
	Item    AgendaItemID   `json:"item,omitempty"` // that it is about; empty: the minutes as a whole
	Org     OrgID          `json:"organization"`
	Person  PersonID       `json:"person"`
	At      time.Time      `json:"at"`
	Text    string         `json:"text"`
	State   AmendmentState `json:"state"`
	Answer  string         `json:"answer,omitempty"`
}

// Check reports the first thing that is wrong with a request, as Invalid.
func (a Amendment) Check() error {
	return firstError(checkText("text", a.Text, 1, MaxSessionNote), checkText("answer", a.Answer, 0, MaxSessionNote))
}

// ShownMinutes returns minutes of a session that the viewer sees without what is not for them: items and conclusions
// beyond their clearance, what was said before the minutes are out, and for who does not work in a member requests to amend.
func (v Viewer) ShownMinutes(m Minutes) Minutes {
	if v.KeepsRecords() {
		return m
	}
	out := m.Session.State == SessionMinutes || m.Session.State == SessionAmendment || m.Session.State == SessionApproved
	m.Items = slices.DeleteFunc(slices.Clone(m.Items), func(a AgendaItem) bool { return !v.SeesAgendaItem(a.TLP) })
	m.Conclusions = slices.DeleteFunc(slices.Clone(m.Conclusions), func(c Conclusion) bool { return !out || !v.SeesAgendaItem(c.TLP) })
	for i := range m.Items {
		if !out {
			m.Items[i].Record = ""
		}
	}
	if !v.WorksInMember() {
		m.Amendments = nil
	}
	return m
}

// SeesAllOf reports whether the viewer, who sees the session, sees the minutes with nothing left out.
func (v Viewer) SeesAllOf(m Minutes) bool {
	shown := v.ShownMinutes(m)
	return len(shown.Items) == len(m.Items) && len(shown.Conclusions) == len(m.Conclusions) && len(shown.Amendments) == len(m.Amendments)
}
