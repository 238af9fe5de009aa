package comity

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// WorkingGroup is a part of the group that works on one thing until its mandate ends. Its terms of reference and its
// outputs are documents that name it.
type WorkingGroup struct {
	ID          WorkingGroupID `json:"id"`
	Name        string         `json:"name"`
	Purpose     string         `json:"purpose"` // one paragraph
	TLP         TLP            `json:"tlp"`     // of all of this
	Chair       OrgID          `json:"chair"`
	Members     []OrgID        `json:"members"` // sorted, without the chair
	Established Date           `json:"established"`
	Mandate     Date           `json:"mandate"`         // its last day
	Closed      Date           `json:"closed,omitzero"` // since when it works no more; zero: it does
	Version     int            `json:"version"`         // grows with every change; 0: never stored
}

// Bounds on working groups.
const (
	MaxWorkingGroupName    = 120  // characters
	MaxWorkingGroupPurpose = 2000 // characters
	MaxWorkingGroups       = 200
)

// Check reports the first thing that is wrong with a working group, as Invalid.
func (w WorkingGroup) Check() error {
	name := strings.TrimSpace(w.Name)
	switch {
	case name == "" || utf8.RuneCountInString(name) > MaxWorkingGroupName || !utf8.ValidString(name):
		return Errorf(Invalid, "name: want 1 to %d characters", MaxWorkingGroupName)
	case utf8.RuneCountInString(w.Purpose) > MaxWorkingGroupPurpose || !utf8.ValidString(w.Purpose):
		return Errorf(Invalid, "purpose: at most %d characters", MaxWorkingGroupPurpose)
	case w.TLP < TLPClear || w.TLP > TLPAmberStrict:
		return Errorf(Invalid, "tlp: want TLP:CLEAR to TLP:AMBER+STRICT")
	case w.Chair == "":
		return Errorf(Invalid, "chair: a working group has one")
	case w.Established.IsZero() || w.Mandate.IsZero() || w.Mandate.Before(w.Established):
		return Errorf(Invalid, "mandate: want its first day, and a last one that is not before")
	case !w.Closed.IsZero() && w.Closed.Before(w.Established):
		return Errorf(Invalid, "closed: not before it was established")
	}
	return nil
}

// Belongs reports whether an organisation chairs the working group or is a member of it.
func (w WorkingGroup) Belongs(org OrgID) bool {
	return org != "" && (w.Chair == org || slices.Contains(w.Members, org))
}

// Ends reports whether the end of the mandate is pointed out on a day: the group works, and its last day is at most so
// many days away, or past.
func (w WorkingGroup) Ends(today Date, days int) bool {
	return w.Closed.IsZero() && WithinDays(w.Mandate, today, days)
}

// SeesWorkingGroup reports whether the viewer may see a working group: within its label.
func (v Viewer) SeesWorkingGroup(w WorkingGroup) bool {
	return v.KeepsRecords() || v.roles != 0 && v.Sees(Marking{TLP: w.TLP})
}
