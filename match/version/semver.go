package version

import (
	"cmp"
	"strings"
)

// semver is a version of Semantic Versioning without its build, which does not order.
//
// Source: Semantic Versioning 2.0.0, section 11, https://semver.org. Missing numbers count as 0, as the package tools
// read them, and a leading "v" is passed over.
type semver struct {
	numbers [4]string // digits without leading zeros; the fourth is NuGet's
	pre     []string  // identifiers of the pre-release; empty: a release
}

func readSemVer(s string) (key, bool) { return parseSemVer(s, 3) }

func readNuGet(s string) (key, bool) { return parseSemVer(strings.ToLower(s), 4) }

// readGo reads a module's version, pseudo-versions among them, or one of Go itself: "go1.21rc2" is 1.21.0-rc.2.
func readGo(s string) (key, bool) {
	if rest, ok := strings.CutPrefix(s, "go"); ok {
		s = rest
	}
	numbers, rest := cut(s, func(c byte) bool { return isDigit(c) || c == '.' })
	if word, number := cut(rest, isLetter); numbers != "" && word != "" && !strings.HasPrefix(word, "v") {
		s = numbers + "-" + word + "." + number
	}
	return parseSemVer(s, 3)
}

func parseSemVer(s string, most int) (key, bool) {
	s = strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(s), "v"), "V")
	s, _, _ = strings.Cut(s, "+")
	numbers, pre, hasPre := strings.Cut(s, "-")
	var v semver
	parts := strings.Split(numbers, ".")
	if len(parts) > most {
		return nil, false
	}
	for i, p := range parts {
		if p == "" || strings.Trim(p, "0123456789") != "" {
			return nil, false
		}
		v.numbers[i] = strings.TrimLeft(p, "0")
	}
	if hasPre {
		v.pre = strings.Split(pre, ".")
	}
	return v, true
}

func (v semver) compare(other key) int {
	w := other.(semver)
	for i := range v.numbers {
		if c := compareNumbers(v.numbers[i], w.numbers[i]); c != 0 {
			return c
		}
	}
	if len(v.pre) == 0 || len(w.pre) == 0 {
		return cmp.Compare(len(w.pre), len(v.pre)) // a release comes after its pre-releases
	}
	for i := range min(len(v.pre), len(w.pre)) {
		if c := compareIdentifiers(v.pre[i], w.pre[i]); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(v.pre), len(w.pre))
}

// compareIdentifiers orders identifiers of pre-releases: numbers before words.
func compareIdentifiers(a, b string) int {
	na, nb := isNumber(a), isNumber(b)
	switch {
	case na && nb:
		return compareNumbers(strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0"))
	case na:
		return -1
	case nb:
		return 1
	default:
		return cmp.Compare(a, b)
	}
}

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
