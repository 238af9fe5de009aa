package match

import (
	"slices"
	"strings"

	"comity"
	"comity/match/version"
)

// software is a line of the inventory with everything that comparing needs, computed once.
type software struct {
	comity.Software
	*identity
	version     string          // of the line, else of its CPE, else of its package URL; empty if there is nothing to compare
	parsed      version.Version // version, as ranges of CPE names and plain names are compared
	purlVersion version.Version // as ranges of its package URL are compared
	subject     string          // as its owner calls it
	packaged    bool            // version is the maker's part of a distribution's, who may have mended it under the same number
}

// identity is what lines of the same vendor, name, CPE and package URL have in common.
type identity struct {
	vendors []string // canonical keys; empty: not known
	names   []wording
	cpe     cpe
	hasCPE  bool
	cpeKey  string // empty without CPE name
	purl    purl
	edition string // software edition, such as "esr"; empty: not said
	target  string // what it runs on or in, as CPE names call it: "android", "node.js"; empty: not said
}

// addSoftware prepares one line and enters it in the indexes.
func (m *Matcher) addSoftware(s comity.Software) {
	line := software{Software: s, identity: newIdentity(s)}
	line.readVersion()
	line.subject = subject(&line)

	place := len(m.software)
	m.software = append(m.software, line)
	for _, v := range line.vendors {
		m.byVendor[v] = append(m.byVendor[v], place)
	}
	if line.hasCPE {
		m.byCPE[line.cpeKey] = append(m.byCPE[line.cpeKey], place)
		m.withCPE = append(m.withCPE, place)
	}
	for _, key := range line.purl.keys() {
		m.byPURL[key] = append(m.byPURL[key], place)
	}
	if isUnsure(line.vendors) {
		m.enterByName(&line, place)
	}
}

func newIdentity(s comity.Software) *identity {
	p := &identity{purl: parsePURL(s.PURL)}
	p.cpe, p.hasCPE = parseCPE(s.CPE)
	p.hasCPE = p.hasCPE && !p.cpe.hasPattern() // a name with wildcards is not one product's
	if p.hasCPE {
		p.cpeKey = p.cpe.key()
	}
	p.vendors = p.vendorsOf(s)
	p.names = wordings(p.namesOf(s))
	p.edition = p.editionOf(s)
	p.target = p.targetOf()
	return p
}

// keys returns the names under which a package is looked for: its own, and its source package's.
func (p purl) keys() []string {
	var keys []string
	for _, k := range []string{p.key, p.upstream} {
		if k != "" && !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	return keys
}

// readVersion reads the line's version in the two ways in which it is compared.
func (s *software) readVersion() {
	packageVersion := s.purl.version
	if !version.Known(packageVersion) || s.Version != "" && !strings.Contains(packageVersion, s.Version) {
		packageVersion = firstVersion(s.Version) // what its owner wrote counts before what a tool wrote
	}
	if packageVersion != "" {
		s.purlVersion = s.purl.order.Parse(packageVersion)
	}
	s.version = firstVersion(s.Version, s.cpe.full(), s.purl.version)
	order := s.purl.order
	if order.IsDistribution() && s.version != "" {
		s.version, s.packaged = order.Upstream(s.version), true
		order = version.Generic
	}
	s.parsed = order.Parse(s.version)
}

func firstVersion(candidates ...string) string {
	for _, c := range candidates {
		if version.Known(c) {
			return c
		}
	}
	return ""
}

// vendorsOf returns the keys of the vendor, of the CPE's vendor, and of the brand in front of the name.
func (p *identity) vendorsOf(s comity.Software) []string {
	keys := vendorKeys(s.Vendor)
	if p.hasCPE {
		keys = append(keys, vendorKeys(p.cpe.vendor())...)
	}
	if w := words(s.Name); len(w) > 0 && brands[w[0]] {
		keys = append(keys, vendorKey(w[:1]))
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// namesOf returns the ways in which the line names its product.
func (p *identity) namesOf(s comity.Software) []productName {
	names := addName(nil, words(withoutParentheses(s.Name)), p.vendors)
	for _, inside := range parentheses(s.Name) {
		names = addName(names, words(inside), p.vendors)
	}
	if p.hasCPE {
		names = addName(names, words(p.cpe.product()), p.vendors)
	}
	return withSynonyms(names, p.vendors)
}

// softwareEditions are words of a name that say which edition it is, as CPE names call it.
var softwareEditions = map[string]string{
	"esr": "esr", "lts": "lts", "ltsc": "ltsc", "ltsb": "ltsb", "enterprise": "enterprise", "ee": "enterprise",
	"community": "community", "ce": "community", "professional": "professional", "pro": "pro", "premium": "premium",
	"free": "free", "lite": "lite", "express": "express",
}

// editionOf returns the software edition that the CPE says, or a word of the name.
func (p *identity) editionOf(s comity.Software) string {
	if v := p.cpe[cpeSoftwareEdition]; p.hasCPE && v != anyValue {
		return string(v)
	}
	for _, w := range words(s.Name) {
		if e, ok := softwareEditions[w]; ok {
			return e
		}
	}
	return ""
}

// habitats are what package types are called as target software of CPE names.
var habitats = map[string]string{
	"npm": "node.js", "pypi": "python", "maven": "maven", "golang": "go", "cargo": "rust", "gem": "ruby", "composer": "php",
	"nuget": ".net",
}

// targetOf returns the target software that the CPE says, or the type of the package URL.
func (p *identity) targetOf() string {
	if v := p.cpe[cpeTargetSoftware]; p.hasCPE && v.isValue() {
		return habitat(v.text())
	}
	return habitats[p.purl.kind]
}

// habitat writes target software in one way.
func habitat(s string) string {
	switch s {
	case "nodejs", "node_js":
		return "node.js"
	case "golang":
		return "go"
	}
	return s
}
