package version

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// pypi is a version of PEP 440.
//
// Source: https://packaging.python.org/en/latest/specifications/version-specifiers/, "Summary of permitted suffixes and
// relative ordering" and appendix B, whose pattern this is.
type pypi struct {
	epoch   string
	release []string // without zeros at the end
	// Within a release: dev without the others first, then pre-releases, the release itself, post-releases.
	pre, post, dev suffix
	local          []string
}

// suffix is a part of a version that may be missing.
type suffix struct {
	there  bool
	rank   int    // of a pre-release: a 0, b 1, rc 2
	number string // without leading zeros
}

var pypiPattern = regexp.MustCompile(`^v?(?:([0-9]+)!)?([0-9]+(?:\.[0-9]+)*)` +
	`(?:[-_.]?(alpha|a|beta|b|preview|pre|c|rc)[-_.]?([0-9]*))?` +
	`(?:-([0-9]+)|[-_.]?(post|rev|r)[-_.]?([0-9]*))?` +
	`(?:[-_.]?(dev)[-_.]?([0-9]*))?` +
	`(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?$`)

var pypiPre = map[string]int{"a": 0, "alpha": 0, "b": 1, "beta": 1, "c": 2, "rc": 2, "pre": 2, "preview": 2}

func readPyPI(s string) (key, bool) {
	m := pypiPattern.FindStringSubmatch(strings.ToLower(strings.TrimSpace(s)))
	if m == nil {
		return nil, false
	}
	v := pypi{epoch: digits(m[1])}
	for _, n := range strings.Split(m[2], ".") {
		v.release = append(v.release, digits(n))
	}
	for len(v.release) > 0 && v.release[len(v.release)-1] == "" {
		v.release = v.release[:len(v.release)-1]
	}
	v.pre = suffix{m[3] != "", pypiPre[m[3]], digits(m[4])}
	v.post = suffix{m[5] != "" || m[6] != "", 0, digits(m[5] + m[7])}
	v.dev = suffix{m[8] != "", 0, digits(m[9])}
	if m[10] != "" {
		v.local = strings.FieldsFunc(m[10], func(r rune) bool { return r == '-' || r == '_' || r == '.' })
	}
	return v, true
}

func digits(s string) string { return strings.TrimLeft(s, "0") }

func (v pypi) compare(other key) int {
	w := other.(pypi)
	return cmp.Or(
		compareNumbers(v.epoch, w.epoch),
		slices.CompareFunc(v.release, w.release, compareNumbers),
		cmp.Compare(v.phase(), w.phase()),
		v.pre.compare(w.pre),
		v.post.compare(w.post),
		compareDev(v.dev, w.dev),
		compareLocal(v.local, w.local),
	)
}

// phase tells apart what decides before the numbers do: 0 a bare dev release, 1 a pre-release, 2 all others.
func (v pypi) phase() int {
	switch {
	case v.dev.there && !v.pre.there && !v.post.there:
		return 0
	case v.pre.there:
		return 1
	default:
		return 2
	}
}

// compare orders a missing suffix before every other.
func (a suffix) compare(b suffix) int {
	switch {
	case a.there && b.there:
		return cmp.Or(cmp.Compare(a.rank, b.rank), compareNumbers(a.number, b.number))
	case a.there:
		return 1
	case b.there:
		return -1
	default:
		return 0
	}
}

// compareDev orders a missing dev after every other.
func compareDev(a, b suffix) int {
	if a.there != b.there {
		return -a.compare(b)
	}
	return a.compare(b)
}

// compareLocal orders local versions: numbers after words, the longer after its beginning.
func compareLocal(a, b []string) int {
	return slices.CompareFunc(a, b, func(x, y string) int {
		if isNumber(x) != isNumber(y) {
			return -compareIdentifiers(x, y)
		}
		return compareIdentifiers(x, y)
	})
}
