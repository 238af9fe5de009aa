package comity

import "time"

// InvitationFor is how long the link of an invitation works.
const InvitationFor = 7 * 24 * time.Hour

// Invitation lets somebody set their password through a link that works once, within seven days: a new person with these
// roles, or one who is there and can't sign in any more. Only the SHA-256 of the link's secret is kept.
type Invitation struct {
	ID      InvitationID `json:"id"`
	Org     OrgID        `json:"organization"`
	Person  PersonID     `json:"person,omitempty"` // who sets a new password; empty: somebody new
	Email   string       `json:"email"`            // with which they will sign in; lower case
	Name    string       `json:"name"`             // as the inviter calls them; they may correct it
	Roles   Roles        `json:"roles"`
	By      PersonID     `json:"by,omitempty"` // who invites; empty: the system
	Hash    []byte       `json:"-"`            // SHA-256 of the secret in the link
	Created time.Time    `json:"created"`
	Expires time.Time    `json:"expires"`
}

// Expired reports whether the link works no more.
func (i Invitation) Expired(now time.Time) bool { return !now.Before(i.Expires) }
