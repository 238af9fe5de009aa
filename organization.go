package comity

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
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

	Secretariat   OrgID  `json:"secretariat,omitempty"`    // organisation that supports the group; empty: not said
	ReportingLine string `json:"reporting_line,omitempty"` // what stands above the parent network: "MDTN → MHLC → Board"
	Links         []Link `json:"links,omitempty"`          // elsewhere, at most MaxLinks
}

// Link is an address elsewhere that the group points to.
type Link struct {
	Title   string `json:"title"`
	Address string `json:"address"` // https
}

// Bounds on the group's settings.
const (
	MaxLinks         = 12
	MaxLinkTitle     = 100 // characters
	MaxReportingLine = 200 // characters
)

// ParseLinks reads links, one a line: the title, "|", the address. Empty lines are passed over. Errors are Invalid and name
// the line.
func ParseLinks(text string) ([]Link, error) {
	var links []Link
	for i, line := range strings.Split(text, "\n") {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		title, address, _ := strings.Cut(line, "|")
		l := Link{Title: strings.TrimSpace(title), Address: strings.TrimSpace(address)}
		u, err := url.Parse(l.Address)
		switch {
		case len(links) == MaxLinks:
			return nil, Errorf(Invalid, "line %d: at most %d links", i+1, MaxLinks)
		case l.Title == "" || utf8.RuneCountInString(l.Title) > MaxLinkTitle || !utf8.ValidString(l.Title):
			return nil, Errorf(Invalid, "line %d: want a title of at most %d characters before the |", i+1, MaxLinkTitle)
		case err != nil || len(l.Address) > 500 || u.Scheme != "https" || u.Hostname() == "" || u.User != nil:
			return nil, Errorf(Invalid, "line %d: want an address that begins with https:// after the |", i+1)
		}
		links = append(links, l)
	}
	return links, nil
}

// FormatLinks writes links as ParseLinks reads them.
func FormatLinks(links []Link) string {
	var b strings.Builder
	for _, l := range links {
		b.WriteString(l.Title + " | " + l.Address + "\n")
	}
	return b.String()
}

// ContactDays returns after how many days a contact is to be verified again.
func (g Group) ContactDays() int {
	if g.VerifyDays <= 0 {
		return 180
	}
	return g.VerifyDays
}
