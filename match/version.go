package match

import (
	"cmp"
	"strings"
	"unicode"

	"github.com/Masterminds/semver/v3"
	deb "github.com/knqyf263/go-deb-version"
)

// scheme is how versions of one kind of package are ordered.
type scheme uint8

const (
	schemeGeneric scheme = iota // the rules of compareGeneric
	schemeSemver                // Semantic Versioning 2.0.0
	schemeDeb                   // Debian policy, section 5.6.12
	schemePyPI                  // generic, with the a, b and c of PEP 440 as pre-releases
)

// schemeOf returns the scheme of a package URL type.
func schemeOf(purlType string) scheme {
	switch purlType {
	case "npm", "golang", "cargo":
		return schemeSemver
	case "deb":
		return schemeDeb
	case "pypi":
		return schemePyPI
	default:
		return schemeGeneric
	}
}

// compare orders two versions: negative if a is earlier than b. A version that its scheme cannot read is ordered, with
// its partner, by the generic rules.
func (s scheme) compare(a, b string) int {
	switch s {
	case schemeSemver:
		va, errA := semver.NewVersion(a)
		vb, errB := semver.NewVersion(b)
		if errA == nil && errB == nil {
			return va.Compare(vb)
		}
	case schemeDeb:
		va, errA := deb.NewVersion(a)
		vb, errB := deb.NewVersion(b)
		if errA == nil && errB == nil {
			return cmp.Compare(va.Compare(vb), 0)
		}
	case schemePyPI:
		return compareTokens(versionTokens(a, true), versionTokens(b, true))
	}
	return compareGeneric(a, b)
}

// compareGeneric orders the versions that vendors write. The rules:
//
//  1. Case, space around, and a leading "v" before a digit do not matter. "N:" in front is an epoch and decides first.
//  2. What remains is cut into runs of digits and runs of letters; everything else only separates.
//  3. Runs of digits compare as numbers of any length; zeros at the end of a run of numbers do not matter: 1.0 = 1.0.0.
//  4. dev, alpha, beta, preview and rc (with their usual spellings, and m before a number for milestone) come before
//     the release, in this order; all other letters come after it: 1.1.1-rc1 < 1.1.1 < 1.1.1w < 1.1.1.1.
//  5. "final", "ga" and "release" say nothing; from "build" on nothing counts: 7.2.4 build 1396 = 7.2.4.
//
// It is a total order on what the rules leave: antisymmetric and transitive, for any text.
func compareGeneric(a, b string) int {
	return compareTokens(versionTokens(a, false), versionTokens(b, false))
}

// isVersion reports whether there is anything to compare: "*", "-", "n/a" and "latest" are no versions.
func isVersion(s string) bool { return strings.ContainsAny(s, "0123456789") }

// versionToken is one run of a version.
type versionToken struct {
	rank tokenRank
	text string // digits without leading zeros, letters, or the place among the pre-releases
}

// tokenRank orders what can follow the same beginning. The end of the version lies between pre-releases and the rest.
type tokenRank uint8

const (
	rankPre tokenRank = iota
	rankEnd
	rankWord
	rankNumber
)

var preReleases = map[string]string{
	"dev": "0", "snapshot": "0", "nightly": "0", "latest": "0",
	"alpha": "1",
	"beta":  "2", "milestone": "2",
	"pre": "3", "preview": "3", "ea": "3",
	"rc": "4", "cr": "4",
}

// pypiReleases are the one-letter pre-releases of PEP 440, letters elsewhere.
var pypiReleases = map[string]string{"a": "1", "b": "2", "c": "4"}

var sayNothing = map[string]bool{"final": true, "ga": true, "release": true, "version": true}

// versionTokens returns the epoch, then the runs of the version.
func versionTokens(s string, pypi bool) []versionToken {
	epoch, rest := cutEpoch(strings.ToLower(strings.TrimSpace(s)))
	tokens := []versionToken{epoch}
	for rest != "" {
		run, kind := nextRun(rest)
		rest = rest[len(run):]
		switch {
		case kind == runDigits:
			tokens = append(tokens, versionToken{rankNumber, strings.TrimLeft(run, "0")})
		case kind == runOther, sayNothing[run], run == "v" && len(tokens) == 1:
		case run == "build" && len(tokens) > 1:
			return dropZeros(tokens)
		case run == "m" && rest != "" && kindOfRune(rune(rest[0])) == runDigits:
			tokens = append(dropZeros(tokens), wordToken("milestone", pypi))
		default:
			tokens = append(dropZeros(tokens), wordToken(run, pypi))
		}
	}
	return dropZeros(tokens)
}

// cutEpoch cuts "N:" off the front; without it the epoch is 0.
func cutEpoch(s string) (epoch versionToken, rest string) {
	before, after, ok := strings.Cut(s, ":")
	if !ok || before == "" || strings.Trim(before, "0123456789") != "" {
		return versionToken{rankNumber, ""}, s
	}
	return versionToken{rankNumber, strings.TrimLeft(before, "0")}, after
}

type runKind uint8

const (
	runDigits runKind = iota
	runLetters
	runOther
)

func kindOfRune(r rune) runKind {
	switch {
	case '0' <= r && r <= '9':
		return runDigits
	case unicode.IsLetter(r):
		return runLetters
	default:
		return runOther
	}
}

// nextRun returns the longest run of one kind at the front of s, which is not empty.
func nextRun(s string) (string, runKind) {
	kind := runKind(255)
	for i, r := range s {
		if kind == 255 {
			kind = kindOfRune(r)
		}
		if kindOfRune(r) != kind {
			return s[:i], kind
		}
	}
	return s, kind
}

func wordToken(word string, pypi bool) versionToken {
	if place, ok := preReleases[word]; ok {
		return versionToken{rankPre, place}
	}
	if place, ok := pypiReleases[word]; ok && pypi {
		return versionToken{rankPre, place}
	}
	return versionToken{rankWord, word}
}

// dropZeros drops zeros at the end, but not the epoch.
func dropZeros(tokens []versionToken) []versionToken {
	for len(tokens) > 1 && tokens[len(tokens)-1] == (versionToken{rankNumber, ""}) {
		tokens = tokens[:len(tokens)-1]
	}
	return tokens
}

func compareTokens(a, b []versionToken) int {
	for i := range max(len(a), len(b)) {
		if c := compareToken(tokenAt(a, i), tokenAt(b, i)); c != 0 {
			return c
		}
	}
	return 0
}

func tokenAt(tokens []versionToken, i int) versionToken {
	if i < len(tokens) {
		return tokens[i]
	}
	return versionToken{rank: rankEnd}
}

func compareToken(a, b versionToken) int {
	if a.rank == rankNumber && b.rank == rankNumber {
		return cmp.Or(cmp.Compare(len(a.text), len(b.text)), cmp.Compare(a.text, b.text))
	}
	return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.text, b.text))
}
