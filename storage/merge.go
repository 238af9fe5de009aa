package storage

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"comity"
)

// precedence is the order in which sources are believed where they contradict each other; others come after them.
var precedence = []comity.SourceID{comity.SourceKEV, comity.SourceCVE, comity.SourceNVD, comity.SourceOSV}

// maxReferences bounds the addresses of a vulnerability.
const maxReferences = 100

// merged returns what the records of one vulnerability say together, and when it was withdrawn: never while one of them
// stands. Records that were withdrawn say nothing while others stand. The order of the records doesn't matter.
//
// Names, texts and dates are those of the first source, by precedence, that has them; lists are joined; the CVSS score is
// the one that comity.CVSS prefers. The marking is the strictest of all.
func merged(key string, list []storedRecord) (comity.Threat, int64) {
	standing := slices.DeleteFunc(slices.Clone(list), func(r storedRecord) bool { return r.Withdrawn })
	withdrawn := int64(0)
	if len(standing) == 0 {
		standing = slices.Clone(list)
		for _, r := range list {
			withdrawn = max(withdrawn, r.withdrawnAt)
		}
	}
	slices.SortFunc(standing, func(a, b storedRecord) int {
		return cmp.Or(cmp.Compare(rankOf(a.Source), rankOf(b.Source)), cmp.Compare(a.Source, b.Source), cmp.Compare(a.ID, b.ID))
	})
	lead := standing[0]
	t := comity.Threat{
		ID: comity.MakeThreatID(key), Kind: comity.ThreatVulnerability, Source: lead.Source, Hash: lead.Hash,
		Marking: lead.Threat.Marking, Published: lead.Threat.Published, Vulnerability: &comity.Vulnerability{CVE: key},
	}
	for _, r := range standing {
		addThreat(&t, r.Threat, lead.Source == comity.SourceKEV)
		addVulnerability(t.Vulnerability, r.Threat.Vulnerability)
	}
	if t.Name == "" {
		t.Name = nameOf(t)
	}
	return t, withdrawn
}

func rankOf(src comity.SourceID) int {
	if i := slices.Index(precedence, src); i >= 0 {
		return i
	}
	return len(precedence)
}

// addThreat adds what a record says of the threat. The day of the catalogue counts as published; without it, the first day.
func addThreat(t *comity.Threat, said comity.Threat, catalogued bool) {
	t.Name = cmp.Or(t.Name, said.Name)
	t.Description = cmp.Or(t.Description, said.Description)
	if comity.Strictest(t.Marking.TLP, said.Marking.TLP) != t.Marking.TLP {
		t.Marking = said.Marking
	}
	if !catalogued {
		t.Published = earlier(t.Published, said.Published)
	}
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func addVulnerability(v, said *comity.Vulnerability) {
	if v.Vendor == "" && v.Product == "" {
		v.Vendor, v.Product = said.Vendor, said.Product
	}
	v.RequiredAction = cmp.Or(v.RequiredAction, said.RequiredAction)
	v.Due = cmp.Or(v.Due, said.Due)
	v.Notes = cmp.Or(v.Notes, said.Notes)
	v.Ransomware = v.Ransomware || said.Ransomware
	v.Exploited = v.Exploited || said.Exploited
	v.CWEs = union(v.CWEs, said.CWEs)
	v.Affected = union(v.Affected, said.Affected)
	v.Configurations = joined(v.Configurations, said.Configurations)
	if v.References = union(v.References, said.References); len(v.References) > maxReferences {
		v.References = v.References[:maxReferences]
	}
	if said.CVSS != nil && (v.CVSS == nil || said.CVSS.Preferred(*v.CVSS)) {
		v.CVSS = said.CVSS
	}
	if said.SSVC != nil && (v.SSVC == nil || v.SSVC.Date.Before(said.SSVC.Date)) {
		v.SSVC = said.SSVC
	}
	if v.Listed.IsZero() || !said.Listed.IsZero() && said.Listed.Before(v.Listed) {
		v.Listed = said.Listed
	}
}

// union appends what the list does not have yet.
func union[T comparable](list, more []T) []T {
	if len(list) == 0 {
		return more
	}
	have := make(map[T]bool, len(list)+len(more))
	for _, one := range list {
		have[one] = true
	}
	list = slices.Clip(list)
	for _, one := range more {
		if !have[one] {
			have[one] = true
			list = append(list, one)
		}
	}
	return list
}

// joined appends the configurations that the list does not have yet.
func joined(list, more []comity.Configuration) []comity.Configuration {
	if len(list) == 0 {
		return more
	}
	var added []comity.Configuration
	for _, one := range more {
		if !slices.ContainsFunc(list, func(c comity.Configuration) bool { return sameConfiguration(c, one) }) {
			added = append(added, one)
		}
	}
	return append(slices.Clip(list), added...)
}

func sameConfiguration(a, b comity.Configuration) bool {
	return a.Join == b.Join && a.Negate == b.Negate && slices.EqualFunc(a.Nodes, b.Nodes, func(a, b comity.ConfigurationNode) bool {
		return a.Join == b.Join && a.Negate == b.Negate && slices.Equal(a.Products, b.Products)
	})
}

// maxName bounds the name that is made of a description, in characters.
const maxName = 100

// nameOf makes a name for a vulnerability to which no source gave one: its product, else the beginning of its description,
// else its key.
func nameOf(t comity.Threat) string {
	if name := strings.TrimSpace(t.Vulnerability.Vendor + " " + t.Vulnerability.Product); name != "" {
		return name
	}
	name, _, _ := strings.Cut(strings.Join(strings.Fields(t.Description), " "), ". ")
	if letters := []rune(name); len(letters) > maxName {
		name = string(letters[:maxName-1]) + "…"
	}
	return cmp.Or(name, t.ID.Key())
}
