package comity

import (
	"regexp"
	"slices"
	"time"
)

// OrganizationKind says how an organisation belongs to the group. The zero kind takes part in nothing.
type OrganizationKind string

// The kinds of organisation.
const (
	KindMember   OrganizationKind = "member"         // full member, contributes to releases
	KindObserver OrganizationKind = "observer"       // attends, contributes nothing, sees what is for the community
	KindProvider OrganizationKind = "provider"       // a shared service that is also a contributor
	KindParent   OrganizationKind = "parent-network" // the body that the group reports to
)

// Contributes reports whether an organisation of this kind has a profile and belongs to the cohort of a release.
func (k OrganizationKind) Contributes() bool { return k == KindMember || k == KindProvider }

// OrganizationKinds lists the kinds in the order in which they are offered.
var OrganizationKinds = []OrganizationKind{KindMember, KindProvider, KindObserver, KindParent}

// Offers reports whether people of an organisation of this kind may have a role: who works in the group belongs to a
// member or a provider.
func (k OrganizationKind) Offers(r Role) bool {
	switch k {
	case KindMember, KindProvider:
		return r != RoleParentReader
	case KindObserver:
		return r == RoleObserver
	case KindParent:
		return slices.Contains([]Role{RoleObserver, RoleParentReader, RoleAuditor}, r)
	default:
		return false
	}
}

// Organization is an autonomous organisation of the group, or the parent network that the group reports to. All who
// sign in may see it: the list of members is known, what they answered is not.
type Organization struct {
	ID      OrgID            `json:"id"`
	Acronym string           `json:"acronym"` // unique, such as "X-OCO"
	Name    string           `json:"name"`
	Kind    OrganizationKind `json:"kind"`
	CoChair bool             `json:"co_chair,omitempty"`

	Deactivated time.Time `json:"deactivated,omitzero"` // since when it takes part no more; zero: it does
}

// Active reports whether the organisation takes part: its people can sign in.
func (o Organization) Active() bool { return o.Deactivated.IsZero() }

// Contributes reports whether the organisation has a profile and belongs to the cohort of a release.
func (o Organization) Contributes() bool { return o.Active() && o.Kind.Contributes() }

// CoChairs is how many organisations lead the group at most.
const CoChairs = 2

var acronymPattern = regexp.MustCompile(`^[A-Z][A-Z0-9-]{1,15}$`)

// ParseAcronym checks an acronym: 2 to 16 of A–Z, 0–9 and '-', a letter first.
func ParseAcronym(s string) (string, error) {
	if !acronymPattern.MatchString(s) {
		return "", Errorf(Invalid, "acronym %q: 2 to 16 of A–Z, 0–9 and '-', a letter first", s)
	}
	return s, nil
}

// Group is the group of organisations that one Comity serves.
type Group struct {
	Acronym       string `json:"acronym"`        // "MISSIG"
	Name          string `json:"name"`           // "Meridian Information Security Special Interest Group"
	ParentNetwork string `json:"parent_network"` // acronym of the body it reports to: "MDTN"
	Established   int    `json:"established"`    // year
	Currency      string `json:"currency"`       // unit of loss, such as "USD"
	Demonstration bool   `json:"demonstration"`  // a fictional system: every page carries the banner
	ReleaseMonths int    `json:"release_months"` // months between releases; 0 counts as 3 (quarterly)

	VerifyDays int `json:"verify_days,omitempty"` // after so many days a contact is to be verified again; 0 counts as 180
}

// ContactDays returns after how many days a contact is to be verified again.
func (g Group) ContactDays() int {
	if g.VerifyDays <= 0 {
		return 180
	}
	return g.VerifyDays
}
