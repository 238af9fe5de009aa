package match

import (
	"strings"

	"comity"
	"comity/match/version"
)

// span is a range of versions that a vulnerability affects. The zero span is every version.
type span struct {
	fromIncluding, fromExcluding bound
	toIncluding, toExcluding     bound
	exactly                      bound
	anyUpdate                    bool      // exactly this version, with any update
	pattern                      attribute // versions of this form, such as "2.4.*"
	none                         bool      // the list says that versions do not apply to the product
}

// bound is one end of a range, read once by the order of the list; "" is none.
type bound struct {
	text  string
	value version.Version
}

func newBound(text string, by version.Order) bound {
	if text == "" {
		return bound{}
	}
	return bound{text, by.Parse(text)}
}

// spanOf returns the range of an affected product. A CPE name with a version of its own and no range is exactly that
// version, with any update if it does not say which. "From 0" is from the first.
//
// Source: OSV schema, affected[].ranges[].events: introduced "0" is before any other version.
func spanOf(a comity.Affected, name cpe, by version.Order) span {
	if a.FromIncluding == "0" {
		a.FromIncluding = ""
	}
	s := span{
		fromIncluding: newBound(a.FromIncluding, by), fromExcluding: newBound(a.FromExcluding, by),
		toIncluding: newBound(a.ToIncluding, by), toExcluding: newBound(a.ToExcluding, by), exactly: newBound(a.Version, by),
	}
	if !s.everything() {
		return s
	}
	switch v := name[cpeVersion]; {
	case v == notApplicable:
		s.none = !a.Platform // of a platform it says that any will do
	case v.hasWildcard():
		s.pattern = v
	default:
		s.exactly = newBound(name.full(), by)
		s.anyUpdate = v.isValue() && name[cpeUpdate] == anyValue
	}
	return s
}

// everything reports whether every version is affected.
func (s *span) everything() bool {
	return s.fromIncluding.text == "" && s.fromExcluding.text == "" && s.toIncluding.text == "" &&
		s.toExcluding.text == "" && s.exactly.text == "" && s.pattern == "" && !s.none
}

// contains reports whether the version lies in the range.
func (s *span) contains(v version.Version) bool {
	switch {
	case s.fromIncluding.text != "" && s.fromIncluding.place(v) < 0,
		s.fromExcluding.text != "" && s.fromExcluding.place(v) <= 0,
		s.toIncluding.text != "" && s.toIncluding.place(v) > 0,
		s.toExcluding.text != "" && s.toExcluding.place(v) >= 0,
		s.pattern != "" && !s.pattern.covers(strings.ToLower(v.String())):
		return false
	default:
		return s.exactly.text == "" || s.isExactly(v)
	}
}

func (s *span) isExactly(v version.Version) bool {
	if s.exactly.place(v) == 0 {
		return true
	}
	base, _, hasUpdate := strings.Cut(v.String(), " ")
	return s.anyUpdate && hasUpdate && s.exactly.place(v.Order().Parse(base)) == 0
}

// place says where a version lies: negative before the bound, positive after it. A build counts only where the bound
// tells one too: 7.2.4 build 1396 is not after 7.2.4.
func (b *bound) place(v version.Version) int {
	value := b.value
	if value.Order() != v.Order() {
		value = v.Order().Parse(b.text)
	}
	if v.HasBuild() && !value.HasBuild() {
		v = v.WithoutBuild()
	}
	return v.Compare(value)
}

// String returns the range in symbols that need no translation, such as "≥ 7.0.0, < 7.2.5"; "*" is every version.
func (s *span) String() string {
	var parts []string
	for _, p := range []struct{ sign, version string }{
		{"= ", s.exactly.text},
		{"= ", strings.NewReplacer(string(wildOne), "?", string(wildMany), "*").Replace(string(s.pattern))},
		{"≥ ", s.fromIncluding.text},
		{"> ", s.fromExcluding.text},
		{"≤ ", s.toIncluding.text},
		{"< ", s.toExcluding.text},
	} {
		if p.version != "" {
			parts = append(parts, p.sign+p.version)
		}
	}
	if len(parts) == 0 {
		return "*"
	}
	return strings.Join(parts, ", ")
}
