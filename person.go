package comity

import (
	"encoding/json"
	"slices"
	"time"
)

// Role is what a person does for their organisation or the group. A person may have several.
type Role uint16

// The roles.
const (
	RoleCoChair      Role = 1 << iota // leads the group, from one of two organisations
	RoleFocalPoint                    // speaks for an organisation and answers for its profile
	RoleAlternate                     // stands in for the focal point, with the same rights
	RoleAnalyst                       // works on threats and the own profile
	RoleSecretariat                   // supports the group: intake, releases, administration
	RoleObserver                      // attends: sees what is for the community
	RoleParentReader                  // reads, at the parent network, what was released
	RoleAuditor                       // checks: sees what was released and, once built, who did what
)

var roleNames = []struct {
	role Role
	name string
}{
	{RoleCoChair, "co-chair"},
	{RoleFocalPoint, "focal-point"},
	{RoleAlternate, "alternate"},
	{RoleAnalyst, "analyst"},
	{RoleSecretariat, "secretariat"},
	{RoleObserver, "observer"},
	{RoleParentReader, "parent-network-reader"},
	{RoleAuditor, "auditor"},
}

// AllRoles lists the roles in the order of their declaration.
var AllRoles = []Role{
	RoleCoChair, RoleFocalPoint, RoleAlternate, RoleAnalyst, RoleSecretariat, RoleObserver, RoleParentReader, RoleAuditor,
}

// groupRoles are the roles that reach beyond the own organisation.
var groupRoles = []Role{RoleCoChair, RoleSecretariat, RoleParentReader, RoleAuditor}

// String returns the role's name, such as "focal-point".
func (r Role) String() string {
	for _, n := range roleNames {
		if n.role == r {
			return n.name
		}
	}
	return ""
}

// ParseRole parses a role's name.
func ParseRole(s string) (Role, error) {
	for _, n := range roleNames {
		if n.name == s {
			return n.role, nil
		}
	}
	return 0, Errorf(Invalid, "unknown role %q", s)
}

// Roles is a set of roles. The zero set may do nothing.
type Roles uint16

// RolesOf returns the set of these roles.
func RolesOf(roles ...Role) Roles {
	var set Roles
	for _, r := range roles {
		set |= Roles(r)
	}
	return set
}

// Has reports whether the set has any of these roles.
func (s Roles) Has(any ...Role) bool {
	return slices.ContainsFunc(any, func(r Role) bool { return s&Roles(r) != 0 })
}

// Names returns the names of the roles in the set, in the order of their declaration.
func (s Roles) Names() []string {
	names := []string{}
	for _, n := range roleNames {
		if s.Has(n.role) {
			names = append(names, n.name)
		}
	}
	return names
}

// MarshalJSON writes the set as an array of names.
func (s Roles) MarshalJSON() ([]byte, error) { return json.Marshal(s.Names()) }

// UnmarshalJSON reads an array of names; an unknown one is an error.
func (s *Roles) UnmarshalJSON(data []byte) error {
	var names []string
	if err := json.Unmarshal(data, &names); err != nil {
		return err
	}
	*s = 0
	for _, name := range names {
		r, err := ParseRole(name)
		if err != nil {
			return err
		}
		*s |= Roles(r)
	}
	return nil
}

// Person is somebody who can sign in. People of other organisations see name and role only, through the directory.
type Person struct {
	ID       PersonID `json:"id"`
	Org      OrgID    `json:"organization"`
	Name     string   `json:"name"`
	Email    string   `json:"email"` // lower case, unique
	Roles    Roles    `json:"roles"`
	Language string   `json:"language,omitempty"` // one of ar, en, es, fr, ru, zh; empty follows the browser
	Theme    string   `json:"theme,omitempty"`    // "light" or "dark"; empty follows the system

	Deactivated time.Time `json:"deactivated,omitzero"` // since when they can't sign in; zero: they can
}

// Active reports whether the person can sign in, as far as they themselves are concerned.
func (p Person) Active() bool { return p.Deactivated.IsZero() }
