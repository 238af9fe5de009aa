package match

import (
	"strings"

	"comity"
)

// span is a range of versions that a vulnerability affects. The zero span is every version.
type span struct {
	fromIncluding, fromExcluding string
	toIncluding, toExcluding     string
	exactly                      string
}

// spanOf returns the range of an affected product. A CPE name with a version of its own and no range is exactly that
// version.
func spanOf(a comity.Affected, name cpe) span {
	s := span{a.FromIncluding, a.FromExcluding, a.ToIncluding, a.ToExcluding, a.Version}
	if s == (span{}) {
		s.exactly = name.full()
	}
	return s
}

// contains reports whether the version lies in the range.
func (s span) contains(version string, by scheme) bool {
	switch {
	case s.exactly != "" && by.compare(version, s.exactly) != 0,
		s.fromIncluding != "" && by.compare(version, s.fromIncluding) < 0,
		s.fromExcluding != "" && by.compare(version, s.fromExcluding) <= 0,
		s.toIncluding != "" && by.compare(version, s.toIncluding) > 0,
		s.toExcluding != "" && by.compare(version, s.toExcluding) >= 0:
		return false
	default:
		return true
	}
}

// String returns the range in symbols that need no translation, such as "≥ 7.0.0, < 7.2.5"; "*" is every version.
func (s span) String() string {
	var parts []string
	for _, p := range []struct{ sign, version string }{
		{"= ", s.exactly}, {"≥ ", s.fromIncluding}, {"> ", s.fromExcluding}, {"≤ ", s.toIncluding}, {"< ", s.toExcluding},
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
