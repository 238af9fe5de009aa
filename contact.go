package comity

import (
	"net/mail"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// ContactFunction is for what an organisation can be reached. The zero function is none.
type ContactFunction string

// The functions, each at most once in an organisation.
const (
	ContactFocalPoint     ContactFunction = "focal-point"     // chief of information security: decides
	ContactAlternate      ContactFunction = "alternate"       // stands in
	ContactOperational    ContactFunction = "operational"     // answers at any hour: a duty desk rather than a person
	ContactDataProtection ContactFunction = "data-protection" // data-protection officer
	ContactCommunications ContactFunction = "communications"  // speaks to the public when it is public
)

// ContactFunctions lists the functions in the order in which a directory shows them.
var ContactFunctions = []ContactFunction{
	ContactFocalPoint, ContactAlternate, ContactOperational, ContactDataProtection, ContactCommunications,
}

// ParseContactFunction parses a function's name.
func ParseContactFunction(s string) (ContactFunction, error) {
	for _, f := range ContactFunctions {
		if string(f) == s {
			return f, nil
		}
	}
	return "", Errorf(Invalid, "unknown function %q", s)
}

// Contact is how an organisation is reached for one function. Name and function are for everybody with a role; how to
// reach them is for members, and never public (see Viewer.SeesContact, Viewer.SeesContactDetails).
type Contact struct {
	Org       OrgID           `json:"organization"`
	Function  ContactFunction `json:"function"`
	Name      string          `json:"name"`                // of a person or a desk
	Email     string          `json:"email,omitempty"`     // may be a shared mailbox
	Phone     string          `json:"phone,omitempty"`     // international: "+999 555 0100"
	Key       string          `json:"key,omitempty"`       // OpenPGP fingerprint: 40 or 64 hexadecimal digits, upper case
	Other     string          `json:"other,omitempty"`     // another way, such as a messenger
	Hours     string          `json:"hours,omitempty"`     // when it is answered, with the time zone: "24×7"
	Languages string          `json:"languages,omitempty"` // in which one can speak: "en, fr"

	Verified   time.Time `json:"verified,omitzero"`     // when the organisation said last that all of it is true; zero: never
	VerifiedBy PersonID  `json:"verified_by,omitempty"` // who said so
	Revision   int       `json:"revision"`              // counts changes from 1; what a change was made on
}

// Overdue reports whether nobody of the organisation has said within the last days that the contact is true.
func (c Contact) Overdue(now time.Time, days int) bool {
	return c.Verified.Before(now.AddDate(0, 0, -days))
}

// Longest texts of a contact, in characters.
const (
	MaxContactName = 120
	MaxContactText = 200
)

// ContactProblem is what is wrong with one field of a contact.
type ContactProblem struct {
	Field string // as in JSON
	Msg   string
}

var (
	phonePattern = regexp.MustCompile(`^\+?[0-9][0-9 ()./-]{4,38}( ?(ext\.?|x) ?[0-9]{1,6})?$`)
	keyPattern   = regexp.MustCompile(`^([0-9A-F]{40}|[0-9A-F]{64})$`)
)

// Problems returns what is wrong with a contact, field by field in the order of its fields; nil if nothing. A contact
// needs a name and at least an e-mail address or a telephone number.
func (c Contact) Problems() []ContactProblem {
	var list []ContactProblem
	add := func(wrong bool, field, msg string) {
		if wrong {
			list = append(list, ContactProblem{field, msg})
		}
	}
	add(!line(c.Name, MaxContactName) || c.Name == "", "name", "a name of a person or a desk, on one line")
	add(c.Email == "" && c.Phone == "", "email", "an e-mail address or a telephone number")
	add(c.Email != "" && !IsEmail(c.Email), "email", "not an e-mail address")
	add(c.Phone != "" && !phonePattern.MatchString(c.Phone), "phone", "digits with spaces, such as +999 555 0100")
	add(c.Key != "" && !keyPattern.MatchString(c.Key), "key", "a fingerprint of 40 or 64 hexadecimal digits")
	add(!line(c.Other, MaxContactText), "other", "one line of at most 200 characters")
	add(!line(c.Hours, MaxContactText), "hours", "one line of at most 200 characters")
	add(!line(c.Languages, MaxContactText), "languages", "one line of at most 200 characters")
	return list
}

// line reports whether s is one line of at most most characters.
func line(s string, most int) bool {
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= most && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}

// IsEmail reports whether s is a bare e-mail address, of at most 254 characters.
func IsEmail(s string) bool {
	parsed, err := mail.ParseAddress(s)
	return err == nil && parsed.Address == s && len(s) <= 254
}

// ParseKeyFingerprint returns an OpenPGP fingerprint as it is kept, from one with spaces or colons in any case. What is
// none comes back as it was, for Contact.Problems to say so.
func ParseKeyFingerprint(s string) string {
	bare := strings.ToUpper(strings.NewReplacer(" ", "", ":", "", "\u00a0", "").Replace(s))
	bare = strings.TrimPrefix(bare, "0X")
	if keyPattern.MatchString(bare) {
		return bare
	}
	return s
}
