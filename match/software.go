package match

import (
	"slices"
	"strings"

	"comity"

	packageurl "github.com/package-url/packageurl-go"
)

// software is a line of the inventory with everything that comparing needs, computed once.
type software struct {
	comity.Software
	vendors []string // canonical keys; empty: not known
	names   []productName
	cpe     cpe
	hasCPE  bool
	purl    string // "type/namespace/name", empty if none
	scheme  scheme // of the package URL
	version string // of the line, else of its CPE, else of its package URL; empty if there is nothing to compare
}

// addSoftware prepares one line and enters it in the indexes.
func (m *Matcher) addSoftware(s comity.Software) {
	line := software{Software: s}
	line.cpe, line.hasCPE = parseCPE(s.CPE)
	purlVersion := line.readPURL()
	line.version = firstVersion(s.Version, line.cpe.full(), purlVersion)
	line.vendors = line.vendorsOf()
	line.names = line.namesOf()

	place := len(m.software)
	m.software = append(m.software, line)
	for _, v := range line.vendors {
		m.byVendor[v] = append(m.byVendor[v], place)
	}
	if line.hasCPE {
		m.byCPE[line.cpe.key()] = append(m.byCPE[line.cpe.key()], place)
	}
	if line.purl != "" {
		m.byPURL[line.purl] = append(m.byPURL[line.purl], place)
	}
	if isUnsure(line.vendors) {
		m.unsure = append(m.unsure, place)
	}
}

// isUnsure reports whether the vendor is not given, or only packages what others make.
func isUnsure(vendors []string) bool {
	return !slices.ContainsFunc(vendors, func(v string) bool { return !packagers[v] })
}

// readPURL sets the package that the line's package URL names, and returns the version in it.
func (s *software) readPURL() string {
	key, kind, version := purlKey(s.PURL)
	s.purl, s.scheme = key, schemeOf(kind)
	return version
}

// purlKey returns what a package URL names whatever its version, as "type/namespace/name"; empty if it is none.
func purlKey(s string) (key, kind, version string) {
	if s == "" {
		return "", "", ""
	}
	p, err := packageurl.FromString(s)
	if err != nil {
		return "", "", ""
	}
	return strings.ToLower(p.Type + "/" + p.Namespace + "/" + p.Name), p.Type, p.Version
}

func firstVersion(candidates ...string) string {
	for _, c := range candidates {
		if isVersion(c) {
			return c
		}
	}
	return ""
}

// vendorsOf returns the keys of the vendor, of the CPE's vendor, and of the brand in front of the name.
func (s *software) vendorsOf() []string {
	keys := vendorKeys(s.Vendor)
	if s.hasCPE {
		keys = append(keys, vendorKeys(s.cpe.vendor)...)
	}
	if w := words(s.Name); len(w) > 0 && brands[w[0]] {
		keys = append(keys, vendorKey(w[:1]))
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// namesOf returns the ways in which the line names its product.
func (s *software) namesOf() []productName {
	names := addName(nil, words(parenthesis.ReplaceAllString(s.Name, " ")), s.vendors)
	for _, m := range parenthesis.FindAllStringSubmatch(s.Name, -1) {
		names = addName(names, words(formerly.ReplaceAllString(m[1], "")), s.vendors)
	}
	if s.hasCPE {
		names = addName(names, words(s.cpe.product), s.vendors)
	}
	return withSynonyms(names, s.vendors)
}
