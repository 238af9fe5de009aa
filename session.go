package comity

import "time"

// Session is a signed-in browser. The cookie's value is secret and only its SHA-256 is kept.
type Session struct {
	ID      SessionID `json:"id"`
	Person  PersonID  `json:"person"`
	Hash    []byte    `json:"-"` // SHA-256 of the cookie's value
	Created time.Time `json:"created"`
	Seen    time.Time `json:"seen"`
	Expires time.Time `json:"expires"`

	Confirmed time.Time `json:"confirmed"` // when the password was asked for last
}

// Token is a secret with which a program acts for a person through the API. Only its SHA-256 is kept.
type Token struct {
	ID      TokenID   `json:"id"`
	Person  PersonID  `json:"person"`
	Name    string    `json:"name"` // what it is for
	Hash    []byte    `json:"-"`    // SHA-256 of the token
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires,omitzero"` // zero: until revoked

	ReadOnly bool      `json:"read_only,omitempty"`
	Seen     time.Time `json:"seen,omitzero"` // used last, to within an hour; zero: never
}
