package match

import (
	"strings"

	"comity"
	"comity/match/version"
)

// span is a range of versions that a vulnerability affects. The zero span is every version.
type span struct {
	bounds    []bound
	anyUpdate bool      // exactly a version, with any update
	pattern   attribute // versions of this form, such as "2.4.*"
	none      bool      // the list says that versions do not apply to the product
}

// sign says on which side of a bound the range lies.
type sign uint8

const (
	exactly sign = iota
	fromIncluding
	fromExcluding
	toIncluding
	toExcluding
)

var signs = [...]string{exactly: "= ", fromIncluding: "≥ ", fromExcluding: "> ", toIncluding: "≤ ", toExcluding: "< "}

// bound is one end of a range, read once by the order of the list.
type bound struct {
	sign  sign
	value version.Version
}

// spanOf returns the range of an affected product. A CPE name with a version of its own and no range is exactly that
// version, with any update if it does not say which. "From 0" is from the first.
//
// Source: OSV schema, affected[].ranges[].events: introduced "0" is before any other version.
func spanOf(a *comity.Affected, name *cpe, by version.Order) span {
	var s span
	s.add(exactly, a.Version, by)
	if a.FromIncluding != "0" {
		s.add(fromIncluding, a.FromIncluding, by)
	}
	s.add(fromExcluding, a.FromExcluding, by)
	s.add(toIncluding, a.ToIncluding, by)
	s.add(toExcluding, a.ToExcluding, by)
	if len(s.bounds) > 0 || name == nil {
		return s
	}
	switch v := name[cpeVersion]; {
	case v == notApplicable:
		s.none = !a.Platform // of a platform it says that any will do
	case v.hasWildcard():
		s.pattern = v
	default:
		s.add(exactly, name.full(), by)
		s.anyUpdate = v.isValue() && name[cpeUpdate] == anyValue
	}
	return s
}

func (s *span) add(which sign, text string, by version.Order) {
	if text != "" {
		s.bounds = append(s.bounds, bound{which, by.Parse(text)})
	}
}

// everything reports whether every version is affected.
func (s *span) everything() bool { return len(s.bounds) == 0 && s.pattern == "" && !s.none }

// contains reports whether the version lies in the range.
func (s *span) contains(v version.Version) bool {
	if s.pattern != "" && !s.pattern.covers(strings.ToLower(v.String())) {
		return false
	}
	for i := range s.bounds {
		if !s.within(&s.bounds[i], v) {
			return false
		}
	}
	return true
}

// within reports whether the version lies on the right side of a bound.
func (s *span) within(b *bound, v version.Version) bool {
	place := b.place(v)
	switch b.sign {
	case fromIncluding:
		return place >= 0
	case fromExcluding:
		return place > 0
	case toIncluding:
		return place <= 0
	case toExcluding:
		return place < 0
	default:
		base, _, hasUpdate := strings.Cut(v.String(), " ")
		return place == 0 || s.anyUpdate && hasUpdate && b.place(v.Order().Parse(base)) == 0
	}
}

// place says where a version lies: negative before the bound, positive after it. A build counts only where the bound
// tells one too: 7.2.4 build 1396 is not after 7.2.4.
func (b *bound) place(v version.Version) int {
	value := b.value
	if value.Order() != v.Order() {
		value = v.Order().Parse(value.String())
	}
	if v.HasBuild() && !value.HasBuild() {
		v = v.WithoutBuild()
	}
	return v.Compare(value)
}

// String returns the range in symbols that need no translation, such as "≥ 7.0.0, < 7.2.5"; "*" is every version.
func (s *span) String() string {
	var parts []string
	if s.pattern != "" {
		parts = append(parts, signs[exactly]+strings.NewReplacer(string(wildOne), "?", string(wildMany), "*").Replace(string(s.pattern)))
	}
	for _, b := range s.bounds {
		parts = append(parts, signs[b.sign]+b.value.String())
	}
	if len(parts) == 0 {
		return "*"
	}
	return strings.Join(parts, ", ")
}
