// Package match joins threats with one organisation's private profile: vulnerability × software, compromise × supplier,
// actor × sector and region. Every match carries the reasons that made it, so that a person can check it; there is no
// match without one.
//
// It decides and does nothing else: no input or output, no clock, no store. It does not say what a match is worth
// (package assess does), and it never looks at a second organisation. Read [Matcher] first.
package match

import (
	"crypto/sha256"
	"slices"
	"time"

	"comity"
)

// Matcher finds the threats that touch one organisation. It is prepared once from a profile and then only read, so that
// several goroutines may use it.
type Matcher struct {
	org       comity.OrgID
	software  []software
	byVendor  map[string][]int // canonical vendor key → places in software, ascending
	byCPE     map[string][]int // "vendor:product" → places in software
	withCPE   []int            // software with a CPE name, for lists that name products by a pattern
	byPURL    map[string][]int // "type/namespace/name" → places in software
	byName    map[string][]int // letters of a name → places in software whose vendor is not given or only packages it
	suppliers []supplier
	sectors   map[string]bool
	regions   map[string]bool
}

// New prepares a matcher for the profile, which it does not keep.
func New(p comity.Profile) *Matcher {
	m := &Matcher{
		org:      p.Org,
		software: make([]software, 0, len(p.Software)),
		byVendor: map[string][]int{},
		byCPE:    map[string][]int{},
		byPURL:   map[string][]int{},
		byName:   map[string][]int{},
		sectors:  setOf(p.Sectors),
		regions:  setOf(p.Regions),
	}
	for _, s := range p.Software {
		m.addSoftware(s)
	}
	for _, s := range p.Suppliers {
		m.suppliers = append(m.suppliers, supplier{Supplier: s, name: comity.NormalName(s.Name)})
	}
	return m
}

// Threats are threats prepared to be matched against many profiles. They are only read, and may be used concurrently.
type Threats []prepared

// prepared is a threat with its names as they are compared.
type prepared struct {
	threat     *comity.Threat
	vulnerable *vulnerable // of a vulnerability in force
}

// Prepare prepares threats, which it keeps. Most of the cost of a match is here, so do it once for all profiles.
func Prepare(threats []comity.Threat) Threats {
	list, known := make(Threats, len(threats)), newCatalogue()
	for i := range threats {
		t := &threats[i]
		list[i].threat = t
		if t.Vulnerability != nil && t.Withdrawn == nil {
			list[i].vulnerable = newVulnerable(t, known)
		}
	}
	return list
}

// Find returns the matches of these threats, in the order of the threats and, within one, of the profile. A threat that
// was withdrawn never matches. The cost is proportional to the number of threats, and for each to the number of lines
// of software of the same product.
//
// Found is set to now; the store keeps the time of the first finding.
func (m *Matcher) Find(threats []comity.Threat, now time.Time) []comity.Match {
	return m.FindIn(Prepare(threats), now)
}

// FindIn is Find for threats that are prepared.
func (m *Matcher) FindIn(threats Threats, now time.Time) []comity.Match {
	now = now.UTC().Truncate(time.Second)
	f := &finder{Matcher: m, lines: map[*named][]int{}}
	var full [][]comity.Match // parts that are not copied as the list grows: thousands of matches are megabytes
	var found []comity.Match
	for _, t := range threats {
		if cap(found)-len(found) < matchesOfOne {
			full, found = append(full, found), make([]comity.Match, 0, min(matchesOfPart, matchesOfOne*len(threats)))
		}
		before := len(found)
		found = f.one(found, t)
		for i := before; i < len(found); i++ {
			one := &found[i]
			one.Org, one.Threat, one.Found = m.org, t.threat.ID, now
			one.ID = matchID(m.org, t.threat.ID, subjectOf(one))
		}
	}
	return slices.Concat(append(full, found)...)
}

// Sizes of the parts in which matches are collected.
const (
	matchesOfOne  = 16 // few threats have more
	matchesOfPart = 512
)

// one adds the matches of one threat, without what all matches have in common.
func (f *finder) one(found []comity.Match, t prepared) []comity.Match {
	switch {
	case t.threat.Withdrawn != nil:
		return found
	case t.vulnerable != nil:
		return f.vulnerability(found, t.vulnerable)
	case t.threat.Compromise != nil:
		return append(found, f.compromise(t.threat.Compromise)...)
	case t.threat.Actor != nil:
		return append(found, f.actor(t.threat.Actor)...)
	default:
		return found
	}
}

// subjectOf names what was matched within the organisation, as the identity of a match needs it.
func subjectOf(m *comity.Match) string {
	switch m.Kind {
	case comity.MatchSoftware:
		return string(m.Software)
	case comity.MatchSupplier:
		return string(m.Supplier)
	default:
		return string(m.Kind) // an organisation has one set of sectors and regions
	}
}

// matchID derives the identity of a match from what matched, so that the same one is found again.
func matchID(org comity.OrgID, threat comity.ThreatID, subject string) comity.MatchID {
	sum := sha256.Sum256([]byte(string(org) + "|" + string(threat) + "|" + subject))
	var e comity.Entropy
	copy(e[:], sum[:])
	return comity.MakeMatchID(e)
}

func setOf(list []string) map[string]bool {
	set := make(map[string]bool, len(list))
	for _, s := range list {
		set[s] = true
	}
	return set
}

// reason returns a reason with arguments given as key, value, key, value; empty values are left out.
func reason(key string, args ...string) comity.Reason {
	r := comity.Reason{Key: key}
	for i := 0; i+1 < len(args); i += 2 {
		if args[i+1] == "" {
			continue
		}
		if r.Args == nil {
			r.Args = map[string]string{}
		}
		r.Args[args[i]] = args[i+1]
	}
	return r
}
