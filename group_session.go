package comity

import (
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// SessionKind says what a session of the group is for and for whom.
type SessionKind string

// The kinds of session.
const (
	SessionRegular        SessionKind = "regular"         // the group with its observers
	SessionExecutive      SessionKind = "executive"       // members only: reviews priority and progress on the work-plan
	SessionIntersessional SessionKind = "inter-sessional" // between two regular ones, as a rule by video
)

// SessionKinds lists the kinds in the order in which they are offered.
var SessionKinds = []SessionKind{SessionRegular, SessionExecutive, SessionIntersessional}

// SessionState is where a session stands, from its first draft to its approved minutes.
type SessionState string

// The states of a session. Package governance says which follows which.
const (
	SessionDraft     SessionState = "draft"           // for those who keep the records
	SessionPublished SessionState = "published"       // the agenda is out
	SessionOpen      SessionState = "in-session"      // it is held
	SessionClosed    SessionState = "closed"          // it was held; the minutes are to be written
	SessionMinutes   SessionState = "minutes-draft"   // the minutes are out as a draft
	SessionAmendment SessionState = "under-amendment" // those who attended may ask to amend them, until a day
	SessionApproved  SessionState = "approved"        // the minutes are frozen and hashed
)

// SessionStates lists the states in their order.
var SessionStates = []SessionState{
	SessionDraft, SessionPublished, SessionOpen, SessionClosed, SessionMinutes, SessionAmendment, SessionApproved,
}

// GroupSession is one session of the group. (A [Session] is a signed-in browser.) The zero GroupSession is seen by nobody
// but the system.
type GroupSession struct {
	ID       GroupSessionID `json:"id"`
	Kind     SessionKind    `json:"kind"`
	Title    string         `json:"title"`
	State    SessionState   `json:"state"`
	TLP      TLP            `json:"tlp"`                // of the title, the dates and the agenda's titles; items may be narrower
	Starts   time.Time      `json:"starts"`             // UTC
	Ends     time.Time      `json:"ends"`               // UTC
	Zone     string         `json:"zone,omitempty"`     // where it is held, such as "Europe/Zurich"; empty: UTC
	Place    string         `json:"place,omitempty"`    // where people meet
	Link     string         `json:"link,omitempty"`     // https: event management or video
	Hosts    []OrgID        `json:"hosts,omitempty"`    // the first hosts, the others are co-hosts
	Previous GroupSessionID `json:"previous,omitempty"` // whose unfinished items it takes up
	Language string         `json:"language"`           // of its records: one of the six
	Note     string         `json:"note,omitempty"`     // for participants
	Origin   string         `json:"origin,omitempty"`   // identity of the event that it was imported from

	Item       AgendaItemID `json:"item,omitempty"`       // on the floor now
	AmendUntil Date         `json:"amend_until,omitzero"` // last day on which amendments are asked for
	Approvals  []Approval   `json:"approvals,omitempty"`  // of the minutes, by co-chairs
	Hash       string       `json:"hash,omitempty"`       // SHA-256 of the approved minutes, hex

	Created  time.Time `json:"created,omitzero"`
	By       PersonID  `json:"by,omitempty"`
	Revision int       `json:"revision"` // grows with every change; 0: never stored
}

// Approval is one co-chair's approval of minutes.
type Approval struct {
	Org    OrgID     `json:"organization"`
	Person PersonID  `json:"person"`
	At     time.Time `json:"at"`
}

// Bounds on sessions.
const (
	MaxSessionTitle  = 200    // characters
	MaxSessionNote   = 4000   // characters
	MaxSessionHosts  = 10     // organisations
	MaxSessionLength = 31     // days
	MaxAgendaItems   = 200    // of one session
	MaxRecord        = 50_000 // characters of free text on an item
	MaxConclusions   = 500    // of one session
	MaxAttendances   = 5000   // rows of one session
	MaxAmendments    = 500    // of one session
	maxSessionPlace  = 200    // characters
	maxSessionLink   = 2000   // bytes
	maxSessionZone   = 64     // bytes
	maxOrigin        = 255    // characters
	maxPapers        = 20     // of one item
)

// MembersOnly reports whether the session is closed to observers, guests, auditors and the parent network.
func (s GroupSession) MembersOnly() bool { return s.Kind == SessionExecutive }

// Held reports whether the session has begun.
func (s GroupSession) Held() bool { return s.State != SessionDraft && s.State != SessionPublished }

// Check reports the first thing that is wrong with a session, as Invalid.
func (s GroupSession) Check() error {
	switch {
	case !slices.Contains(SessionKinds, s.Kind):
		return Errorf(Invalid, "kind %.40q: want regular, executive or inter-sessional", s.Kind)
	case !slices.Contains(SessionStates, s.State):
		return Errorf(Invalid, "state %.40q: unknown", s.State)
	case s.TLP < TLPClear || s.TLP > TLPAmberStrict:
		return Errorf(Invalid, "tlp: want TLP:CLEAR to TLP:AMBER+STRICT")
	case !slices.Contains(Languages, s.Language):
		return Errorf(Invalid, "language %.20q: want one of ar, en, es, fr, ru, zh", s.Language)
	case s.Starts.IsZero() || !s.Ends.After(s.Starts):
		return Errorf(Invalid, "ends: want a time after the beginning")
	case s.Ends.Sub(s.Starts) > MaxSessionLength*24*time.Hour:
		return Errorf(Invalid, "ends: a session lasts at most %d days", MaxSessionLength)
	case len(s.Hosts) > MaxSessionHosts:
		return Errorf(Invalid, "hosts: at most %d", MaxSessionHosts)
	}
	return firstError(
		checkText("title", s.Title, 1, MaxSessionTitle), checkText("place", s.Place, 0, maxSessionPlace),
		checkText("note", s.Note, 0, MaxSessionNote), checkLink("link", s.Link), checkZone(s.Zone), checkText("origin", s.Origin, 0, maxOrigin),
	)
}

// checkZone reports what cannot be the name of a time zone as Invalid. Whether the zone is known is not checked: who does not
// know it shows UTC.
//
// Source: the theory file of the IANA time zone database, naming conventions.
func checkZone(name string) error {
	odd := func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("/_+-", r)
	}
	if len(name) > maxSessionZone || strings.ContainsFunc(name, odd) || name == "Local" {
		return Errorf(Invalid, "zone: want the name of a time zone, such as Europe/Zurich")
	}
	return nil
}

// checkText reports a text that has fewer or more characters than it may, or is no UTF-8, as Invalid.
func checkText(name, text string, low, high int) error {
	n := utf8.RuneCountInString(strings.TrimSpace(text))
	if n < low || utf8.RuneCountInString(text) > high || !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		return Errorf(Invalid, "%s: want %d to %d characters", name, low, high)
	}
	return nil
}

// checkLink reports an address that is neither empty nor https, as Invalid.
func checkLink(name, address string) error {
	if address == "" {
		return nil
	}
	u, err := url.Parse(address)
	if err != nil || len(address) > maxSessionLink || u.Scheme != "https" || u.Host == "" || u.User != nil {
		return Errorf(Invalid, "%s: want an address that begins with https:// and holds no password", name)
	}
	return nil
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// Attendance is one stay of an organisation in a session: from when to when somebody was there for it.
type Attendance struct {
	Session GroupSessionID `json:"session"`
	Org     OrgID          `json:"organization"`
	In      time.Time      `json:"in"`           // UTC, whole seconds
	Out     time.Time      `json:"out,omitzero"` // zero: it is still there
}

// SessionQuery selects sessions. Zero fields select all.
type SessionQuery struct {
	IDs    []GroupSessionID // at most 200; empty: any
	Kind   SessionKind
	From   time.Time // that end after it, the next first; zero: all, the latest first
	Before time.Time // that ended before it; zero: all
	Limit  int       // at most 200; 0: 50
	Offset int
}

// SessionPage is one page of sessions.
type SessionPage struct {
	Sessions []GroupSession `json:"sessions"`
	Total    int            `json:"total"`
}

// WorksInMember reports whether the viewer works in an organisation that takes part as a member: who may be in an Executive
// Session.
func (v Viewer) WorksInMember() bool {
	return v.system() || v.person != "" && v.roles.Has(memberRoles...)
}

// SeesGroupSession reports whether the viewer may see that there is a session: a draft is for who keeps the records, an
// Executive Session for members, and every other within its label.
func (v Viewer) SeesGroupSession(s GroupSession) bool {
	switch {
	case v.system():
		return true
	case v.roles == 0 || v.person == "":
		return false
	case s.MembersOnly() && !v.WorksInMember():
		return false
	case s.State == SessionDraft || s.State == "":
		return v.KeepsRecords()
	default:
		return v.KeepsRecords() || v.Sees(Marking{TLP: s.TLP})
	}
}

// SeesAgendaItem reports whether the viewer, who sees the session, may see an item of its agenda: within its label.
func (v Viewer) SeesAgendaItem(tlp TLP) bool { return v.KeepsRecords() || v.Sees(Marking{TLP: tlp}) }

// SpeaksFor reports whether the viewer says in the group's proceedings what an organisation wants: its focal points,
// alternates and co-chairs.
func (v Viewer) SpeaksFor(org OrgID) bool {
	return org != "" && v.Writes() && (v.system() || v.org == org && v.roles.Has(RoleFocalPoint, RoleAlternate, RoleCoChair))
}
