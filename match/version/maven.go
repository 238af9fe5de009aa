package version

import (
	"cmp"
	"strings"
)

// maven is a version of Maven: tokens with what separates each from the one before.
//
// Source: https://maven.apache.org/pom.html, "Version Order Specification".
type maven []mavenToken

type mavenToken struct {
	hyphen bool // else a dot; a change between digits and letters counts as a hyphen
	number bool
	text   string // digits without leading zeros, or a qualifier
}

// mavenAliases are qualifiers that say the same as another; a, b and m only before a number.
var mavenAliases = map[string]string{"ga": "", "final": "", "release": "", "cr": "rc"}

var mavenShort = map[string]string{"a": "alpha", "b": "beta", "m": "milestone"}

// mavenQualifiers orders the known qualifiers. Others come after them all, by their letters.
var mavenQualifiers = map[string]int{"alpha": 1, "beta": 2, "milestone": 3, "rc": 4, "snapshot": 5, "": 6, "sp": 7}

const mavenUnknown = 8

func readMaven(s string) (key, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	if s == "" {
		return nil, false
	}
	var v maven
	hyphen := false
	for {
		run, rest := cutMaven(s)
		v = append(v, newMavenToken(run, rest, hyphen))
		if rest == "" {
			return v.trimmed(), true
		}
		hyphen = rest[0] != '.'
		s = strings.TrimLeft(rest[:1], ".-") + rest[1:]
	}
}

// cutMaven returns the first run of digits, or of anything else up to a separator or digit.
func cutMaven(s string) (run, rest string) {
	if run, rest = cut(s, isDigit); run != "" {
		return run, rest
	}
	return cut(s, func(c byte) bool { return !isDigit(c) && c != '.' && c != '-' })
}

func newMavenToken(run, rest string, hyphen bool) mavenToken {
	if run == "" || isDigit(run[0]) { // an empty token is 0
		return mavenToken{hyphen, true, strings.TrimLeft(run, "0")}
	}
	if long, ok := mavenShort[run]; ok && rest != "" && isDigit(rest[0]) {
		run = long
	}
	if alias, ok := mavenAliases[run]; ok {
		run = alias
	}
	return mavenToken{hyphen, false, run}
}

// trimmed drops what says nothing (0, ga, final) from the end, and from before each hyphen.
func (v maven) trimmed() maven {
	for i := len(v) - 1; i > 0; i-- {
		if v[i].text == "" && (i == len(v)-1 || v[i+1].hyphen) {
			v = append(v[:i:i], v[i+1:]...)
		}
	}
	return v
}

func (v maven) compare(other key) int {
	w := other.(maven)
	for i := range max(len(v), len(w)) {
		if c := compareMaven(v.at(i, w), w.at(i, v)); c != 0 {
			return c
		}
	}
	return 0
}

// at returns a token, or beyond the end what says nothing beside the other's: 0 beside a number after a dot.
func (v maven) at(i int, other maven) mavenToken {
	if i < len(v) {
		return v[i]
	}
	if i < len(other) && other[i].number && !other[i].hyphen {
		return mavenToken{number: true}
	}
	return mavenToken{hyphen: true}
}

func compareMaven(a, b mavenToken) int {
	if c := cmp.Compare(a.class(), b.class()); c != 0 {
		return c
	}
	if a.number {
		return compareNumbers(a.text, b.text)
	}
	return cmp.Or(cmp.Compare(qualifierRank(a.text), qualifierRank(b.text)), cmp.Compare(a.text, b.text))
}

// class orders tokens of different sorts: qualifier, number after a hyphen, number after a dot.
func (t mavenToken) class() int {
	switch {
	case !t.number:
		return 0
	case t.hyphen:
		return 1
	default:
		return 2
	}
}

func qualifierRank(q string) int {
	if rank, ok := mavenQualifiers[q]; ok {
		return rank
	}
	return mavenUnknown
}
