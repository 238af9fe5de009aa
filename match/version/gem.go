package version

import (
	"cmp"
	"regexp"
	"strings"
)

// gem is a version of RubyGems: numbers and words, a word making a pre-release.
//
// Source: the documentation of Gem::Version, https://docs.ruby-lang.org/en/master/Gem/Version.html.
type gem []string

var gemPattern = regexp.MustCompile(`^[0-9]+(?:\.[0-9a-zA-Z]+)*(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$`)

func readGem(s string) (key, bool) {
	s = strings.TrimSpace(s)
	if !gemPattern.MatchString(s) {
		return nil, false
	}
	var v gem
	for rest := strings.ReplaceAll(s, "-", ".pre."); rest != ""; {
		var run string
		switch {
		case isDigit(rest[0]):
			run, rest = cut(rest, isDigit)
			v = append(v, "0"+strings.TrimLeft(run, "0")) // numbers begin with a zero, words never do
		case isLetter(rest[0]):
			run, rest = cut(rest, isLetter)
			v = append(v.withoutZeros(), run)
		default:
			rest = rest[1:]
		}
	}
	return v.withoutZeros(), true
}

func (v gem) withoutZeros() gem {
	for len(v) > 0 && v[len(v)-1] == "0" {
		v = v[:len(v)-1]
	}
	return v
}

func (v gem) compare(other key) int {
	w := other.(gem)
	for i := range max(len(v), len(w)) {
		if c := compareGemSegments(v.at(i), w.at(i)); c != 0 {
			return c
		}
	}
	return 0
}

func (v gem) at(i int) string {
	if i < len(v) {
		return v[i]
	}
	return "0"
}

// compareGemSegments orders words before numbers.
func compareGemSegments(a, b string) int {
	na, nb := a[0] == '0', b[0] == '0'
	switch {
	case na && nb:
		return compareNumbers(a, b)
	case na != nb:
		return cmp.Compare(boolInt(na), boolInt(nb))
	default:
		return cmp.Compare(a, b)
	}
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
