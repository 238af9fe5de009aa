package version

import (
	"cmp"
	"regexp"
	"strings"
)

// packaged is a version of an operating system's package: epoch, the maker's version, the packager's revision.
type packaged struct {
	epoch, upstream, revision string
}

func cutPackaged(s string, last bool) packaged {
	epoch, rest := cutEpoch(strings.TrimSpace(s))
	p := packaged{epoch: epoch.text, upstream: rest}
	i := strings.IndexByte(rest, '-')
	if last {
		i = strings.LastIndexByte(rest, '-')
	}
	if i >= 0 {
		p.upstream, p.revision = rest[:i], rest[i+1:]
	}
	return p
}

// Upstream returns the maker's part of a distribution's version, without epoch and the packager's release; the whole
// version for other orders.
func (o Order) Upstream(s string) string {
	switch o {
	case Deb:
		s = cutPackaged(s, true).upstream
		for _, mark := range []string{"+dfsg", "~dfsg", "+ds", "+really", "+git", "+repack"} {
			s, _, _ = strings.Cut(s, mark)
		}
		return s
	case RPM:
		return cutPackaged(s, false).upstream
	case APK:
		if i := strings.LastIndex(s, "-r"); i > 0 && isNumber(s[i+2:]) {
			return s[:i]
		}
	}
	return s
}

// deb is a version of Debian's policy manual, section 5.6.12.
type deb packaged

func readDeb(s string) (key, bool) {
	p := cutPackaged(s, true)
	ok := p.upstream != "" && isDigit(p.upstream[0]) && strings.Trim(s, debCharacters) == ""
	return deb(p), ok
}

const debCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.+-:~"

func (v deb) compare(other key) int {
	w := other.(deb)
	return cmp.Or(compareNumbers(v.epoch, w.epoch), compareDeb(v.upstream, w.upstream), compareDeb(v.revision, w.revision))
}

// compareDeb compares turn by turn what is no digit, by the order of its characters, and what is, as a number.
func compareDeb(a, b string) int {
	for a != "" || b != "" {
		var wordA, wordB, numberA, numberB string
		wordA, a = cut(a, func(c byte) bool { return !isDigit(c) })
		wordB, b = cut(b, func(c byte) bool { return !isDigit(c) })
		if c := compareDebWords(wordA, wordB); c != 0 {
			return c
		}
		numberA, a = cut(a, isDigit)
		numberB, b = cut(b, isDigit)
		if c := compareNumbers(digits(numberA), digits(numberB)); c != 0 {
			return c
		}
	}
	return 0
}

// compareDebWords orders a tilde before the end, the end before letters, and letters before everything else.
func compareDebWords(a, b string) int {
	for i := range max(len(a), len(b)) {
		if c := cmp.Compare(debRank(a, i), debRank(b, i)); c != 0 {
			return c
		}
	}
	return 0
}

func debRank(s string, i int) int {
	switch {
	case i >= len(s):
		return 0
	case s[i] == '~':
		return -1
	case isLetter(s[i]):
		return int(s[i])
	default:
		return int(s[i]) + 256
	}
}

// rpm is a version of an RPM package. Where one side tells no release, releases do not count.
type rpm packaged

func readRPM(s string) (key, bool) {
	p := cutPackaged(s, false)
	return rpm(p), p.upstream != ""
}

func (v rpm) compare(other key) int {
	w := other.(rpm)
	if c := cmp.Or(compareNumbers(v.epoch, w.epoch), compareRPM(v.upstream, w.upstream)); c != 0 {
		return c
	}
	return compareRPM(v.revision, w.revision)
}

// compareRPM orders as rpmvercmp does: runs of digits as numbers, which come after letters; a tilde before the end, a
// caret after it and before everything else.
//
// Source: https://rpm-software-management.github.io/rpm/man/rpm-version.7
func compareRPM(a, b string) int {
	for {
		a, b = afterSeparators(a), afterSeparators(b)
		if c, marked := compareMarks(a, b); c != 0 {
			return c
		} else if marked {
			a, b = a[1:], b[1:]
			continue
		}
		if a == "" || b == "" {
			return cmp.Compare(len(a), len(b))
		}
		var runA, runB string
		switch {
		case isDigit(a[0]) && isDigit(b[0]):
			runA, a = cut(a, isDigit)
			runB, b = cut(b, isDigit)
			if c := compareNumbers(digits(runA), digits(runB)); c != 0 {
				return c
			}
		case isDigit(a[0]) || isDigit(b[0]):
			return cmp.Compare(boolInt(isDigit(a[0])), boolInt(isDigit(b[0])))
		default:
			runA, a = cut(a, isLetter)
			runB, b = cut(b, isLetter)
			if c := cmp.Compare(runA, runB); c != 0 {
				return c
			}
		}
	}
}

func afterSeparators(s string) string {
	_, rest := cut(s, func(c byte) bool { return !isDigit(c) && !isLetter(c) && c != '~' && c != '^' })
	return rest
}

// compareMarks compares tildes and carets at the front; marked: both have the same one.
func compareMarks(a, b string) (c int, marked bool) {
	ra, rb := rpmMark(a), rpmMark(b)
	return cmp.Compare(ra, rb), ra == rb && (ra == -1 || ra == 1)
}

// rpmMark ranks what is next: tilde, end, caret, anything else.
func rpmMark(s string) int {
	switch {
	case s == "":
		return 0
	case s[0] == '~':
		return -1
	case s[0] == '^':
		return 1
	default:
		return 2
	}
}

// apk is a version of an Alpine package.
//
// Source: https://wiki.alpinelinux.org/wiki/APKBUILD_Reference#pkgver and apk-tools.
type apk struct {
	numbers  []string // the first without leading zeros, the others as they stand
	letter   string
	suffixes []suffix
	revision string
}

var (
	apkPattern = regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)*)([a-z]?)((?:_(?:alpha|beta|pre|rc|cvs|svn|git|hg|p)[0-9]*)*)(?:~[0-9a-f]+)?(?:-r([0-9]+))?$`)
	apkRanks   = map[string]int{"alpha": -4, "beta": -3, "pre": -2, "rc": -1, "cvs": 1, "svn": 2, "git": 3, "hg": 4, "p": 5}
)

func readAPK(s string) (key, bool) {
	m := apkPattern.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return nil, false
	}
	v := apk{numbers: strings.Split(m[1], "."), letter: m[2], revision: digits(m[4])}
	for _, s := range strings.Split(m[3], "_")[1:] {
		word, number := cut(s, isLetter)
		v.suffixes = append(v.suffixes, suffix{true, apkRanks[word], digits(number)})
	}
	return v, true
}

func (v apk) compare(other key) int {
	w := other.(apk)
	return cmp.Or(v.compareNumbers(w), cmp.Compare(v.letter, w.letter), v.compareSuffixes(w), compareNumbers(v.revision, w.revision))
}

// compareNumbers compares numbers; after the first, those with a leading zero compare as digits after a decimal point.
func (v apk) compareNumbers(w apk) int {
	for i := range min(len(v.numbers), len(w.numbers)) {
		a, b := v.numbers[i], w.numbers[i]
		c := compareNumbers(digits(a), digits(b))
		if i > 0 && (a[0] == '0' || b[0] == '0') {
			c = cmp.Compare(a, b)
		}
		if c != 0 {
			return c
		}
	}
	return cmp.Compare(len(v.numbers), len(w.numbers))
}

func (v apk) compareSuffixes(w apk) int {
	for i := range max(len(v.suffixes), len(w.suffixes)) {
		var a, b suffix // beyond the end: rank 0
		if i < len(v.suffixes) {
			a = v.suffixes[i]
		}
		if i < len(w.suffixes) {
			b = w.suffixes[i]
		}
		if c := cmp.Or(cmp.Compare(a.rank, b.rank), compareNumbers(a.number, b.number)); c != 0 {
			return c
		}
	}
	return 0
}
