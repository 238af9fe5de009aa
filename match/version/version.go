// Package version orders versions as the makers of packages do: by Semantic Versioning, PEP 440, Debian's policy, and so
// on by type of package URL, and by rules of our own for the versions that vendors write.
//
// It says what is earlier and nothing else: a range is the caller's. Read [Order] first.
package version

import "cmp"

// Order is how versions of one kind are ordered. The zero Order is [Generic].
type Order uint8

// The orders. Each is total on the versions that it can read; others it orders as Generic does.
const (
	Generic  Order = iota // what vendors write: see generic.go
	SemVer                // Semantic Versioning 2.0.0: npm, Cargo
	Go                    // likewise, with "go1.21rc2" as the Go project writes it
	NuGet                 // likewise, with a fourth number and without regard to case
	PyPI                  // PEP 440
	Maven                 // the POM reference, "Version Order Specification"
	Gem                   // RubyGems, Gem::Version
	Composer              // generic, with a, b and c as pre-releases
	Deb                   // Debian policy, section 5.6.12
	RPM                   // rpmvercmp with epoch and release
	APK                   // Alpine's apk-tools
)

// orders names the order of each type of package URL that has one.
var orders = map[string]Order{
	"npm": SemVer, "cargo": SemVer, "golang": Go, "nuget": NuGet, "pypi": PyPI, "maven": Maven, "gem": Gem,
	"composer": Composer, "deb": Deb, "rpm": RPM, "apk": APK,
}

// OrderOf returns the order of a package URL type, such as "npm"; Generic for a type that has none.
func OrderOf(purlType string) Order { return orders[purlType] }

// IsDistribution reports whether versions of this order are those of an operating system's packages, which end in the
// packager's own release: fixes come in under an unchanged version of the maker's.
func (o Order) IsDistribution() bool { return o == Deb || o == RPM || o == APK }

// Version is a version, read once to be compared often.
type Version struct {
	order  Order
	text   string
	key    key // nil: its order can't read it
	tokens []token
}

// key is a version as its order reads it.
type key interface{ compare(key) int }

// Parse reads a version. It never fails: what the order cannot read is compared by the generic rules.
func (o Order) Parse(text string) Version {
	v := Version{order: o, text: text}
	if read := o.reader(); read != nil {
		if k, ok := read(text); ok {
			v.key = k
			return v
		}
	}
	v.tokens = tokensOf(text, o.shortPre())
	return v
}

// readers read versions of the orders that are not made of generic tokens.
var readers = [...]func(string) (key, bool){
	SemVer: readSemVer, Go: readGo, NuGet: readNuGet, PyPI: readPyPI, Maven: readMaven, Gem: readGem,
	Deb: readDeb, RPM: readRPM, APK: readAPK,
}

// reader returns how versions of the order are read; nil if they are generic tokens.
func (o Order) reader() func(string) (key, bool) {
	if int(o) < len(readers) {
		return readers[o]
	}
	return nil
}

// String returns the version as it was written.
func (v Version) String() string { return v.text }

// Order returns the order by which it was read.
func (v Version) Order() Order { return v.order }

// Compare orders two versions of one order: negative if v is earlier than w. Where only one of them could be read, both
// are compared by the generic rules.
func (v Version) Compare(w Version) int {
	if v.key != nil && w.key != nil {
		return v.key.compare(w.key)
	}
	return compareTokens(v.generic(), w.generic())
}

func (v Version) generic() []token {
	if v.key == nil {
		return v.tokens
	}
	return tokensOf(v.text, v.order.shortPre())
}

// Compare orders two versions: negative if a is earlier than b.
func (o Order) Compare(a, b string) int { return o.Parse(a).Compare(o.Parse(b)) }

// HasBuild reports whether the version, read by the generic rules, tells a build.
func (v Version) HasBuild() bool {
	for _, t := range v.tokens {
		if t.rank == rankBuild {
			return true
		}
	}
	return false
}

// WithoutBuild returns the version up to its build, to be compared with one that tells none.
func (v Version) WithoutBuild() Version {
	for i, t := range v.tokens {
		if t.rank == rankBuild {
			v.tokens = v.tokens[:i]
			break
		}
	}
	return v
}

// compareNumbers orders digits as numbers of any length; neither has leading zeros.
func compareNumbers(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

// cut returns the longest beginning of s whose bytes are all accepted, and the rest.
func cut(s string, accept func(byte) bool) (head, rest string) {
	i := 0
	for i < len(s) && accept(s[i]) {
		i++
	}
	return s[:i], s[i:]
}
