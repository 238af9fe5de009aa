package version

import (
	"cmp"
	"strings"
	"unicode"
)

// The generic rules order the versions that vendors write:
//
//  1. Case, space around, and a leading "v" before a digit do not matter. "N:" in front is an epoch and decides first.
//  2. What remains is cut into runs of digits and runs of letters; everything else only separates.
//  3. Runs of digits compare as numbers of any length; zeros at the end of a run of numbers do not matter: 1.0 = 1.0.0.
//  4. dev, alpha, beta, preview and rc (with their usual spellings, and m before a number for milestone) come before
//     the release, in this order; all other letters come after it: 1.1.1-rc1 < 1.1.1 < 1.1.1w < 1.1.1.1.
//  5. "final", "ga" and "release" say nothing. A build comes after the version that it builds and before everything
//     else: 7.2.4 < 7.2.4 build 1396 < 7.2.4a.
//
// It is a total order on what the rules leave: antisymmetric and transitive, for any text.

// Known reports whether there is anything to compare: "*", "-", "n/a" and "latest" are no versions.
func Known(s string) bool { return strings.ContainsAny(s, "0123456789") }

// token is one run of a version.
type token struct {
	rank tokenRank
	text string // digits without leading zeros, letters, or the place among the pre-releases
}

// tokenRank orders what can follow the same beginning. The end of the version lies between pre-releases and the rest.
type tokenRank uint8

const (
	rankPre tokenRank = iota
	rankEnd
	rankBuild
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

// shortPre are the one-letter pre-releases of PEP 440 and Composer, letters elsewhere.
var shortPre = map[string]string{"a": "1", "b": "2", "c": "4"}

var sayNothing = map[string]bool{"final": true, "ga": true, "release": true, "version": true}

// shortPre reports whether a, b and c stand for alpha, beta and release candidate.
func (o Order) shortPre() bool { return o == PyPI || o == Composer }

// tokensOf returns the epoch, then the runs of the version.
func tokensOf(s string, short bool) []token {
	epoch, rest := cutEpoch(strings.ToLower(strings.TrimSpace(s)))
	tokens := []token{epoch}
	for rest != "" {
		run, kind := nextRun(rest)
		rest = rest[len(run):]
		switch {
		case kind == runDigits:
			tokens = append(tokens, token{rankNumber, strings.TrimLeft(run, "0")})
		case kind == runOther, sayNothing[run], run == "v" && len(tokens) == 1:
		case run == "build" && len(tokens) > 1:
			tokens = append(dropZeros(tokens), token{rank: rankBuild})
		case run == "m" && rest != "" && kindOfRune(rune(rest[0])) == runDigits:
			tokens = append(dropZeros(tokens), wordToken("milestone", short))
		default:
			tokens = append(dropZeros(tokens), wordToken(run, short))
		}
	}
	return dropZeros(tokens)
}

// cutEpoch cuts "N:" off the front; without it the epoch is 0.
func cutEpoch(s string) (epoch token, rest string) {
	before, after, ok := strings.Cut(s, ":")
	if !ok || before == "" || strings.Trim(before, "0123456789") != "" {
		return token{rankNumber, ""}, s
	}
	return token{rankNumber, strings.TrimLeft(before, "0")}, after
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

func wordToken(word string, short bool) token {
	if place, ok := preReleases[word]; ok {
		return token{rankPre, place}
	}
	if place, ok := shortPre[word]; ok && short {
		return token{rankPre, place}
	}
	return token{rankWord, word}
}

// dropZeros drops zeros at the end, but not the epoch.
func dropZeros(tokens []token) []token {
	for len(tokens) > 1 && tokens[len(tokens)-1] == (token{rankNumber, ""}) {
		tokens = tokens[:len(tokens)-1]
	}
	return tokens
}

func compareTokens(a, b []token) int {
	for i := range max(len(a), len(b)) {
		if c := compareToken(tokenAt(a, i), tokenAt(b, i)); c != 0 {
			return c
		}
	}
	return 0
}

func tokenAt(tokens []token, i int) token {
	if i < len(tokens) {
		return tokens[i]
	}
	return token{rank: rankEnd}
}

func compareToken(a, b token) int {
	if a.rank == rankNumber && b.rank == rankNumber {
		return compareNumbers(a.text, b.text)
	}
	return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.text, b.text))
}
