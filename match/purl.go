package match

import (
	"strings"

	"comity/match/version"

	packageurl "github.com/package-url/packageurl-go"
)

// purl is what matching needs of a package URL.
//
// Source: ECMA-427, Package-URL; the qualifiers distro, epoch and upstream are those of its type definitions and of the
// tools that write inventories. Other qualifiers and the sub-path are not read.
type purl struct {
	key      string        // "type/namespace/name", normal; empty: none
	upstream string        // likewise of the source package, where that has another name
	kind     string        // "deb"
	order    version.Order // of its versions
	version  string        // with the epoch in front
	distro   string        // release of the distribution, such as "12" or "22.04"; empty: not said
}

// parsePURL reads a package URL; one that cannot be read is none.
func parsePURL(s string) purl {
	if s == "" {
		return purl{}
	}
	p, err := packageurl.FromString(s)
	if err != nil {
		return purl{}
	}
	out := purl{kind: p.Type, order: version.OrderOf(p.Type), version: p.Version, key: purlKey(p.Type, p.Namespace, p.Name)}
	for _, q := range p.Qualifiers {
		switch q.Key {
		case "distro":
			out.distro = distroRelease(q.Value)
		case "epoch":
			if q.Value != "0" && out.version != "" && !strings.Contains(out.version, ":") {
				out.version = q.Value + ":" + out.version
			}
		case "upstream":
			name, _, _ := strings.Cut(q.Value, "@")
			out.upstream = purlKey(p.Type, p.Namespace, name)
		}
	}
	return out
}

// purlKey writes a package's name as its registry compares it.
func purlKey(kind, namespace, name string) string {
	switch kind {
	case "pypi":
		name = strings.NewReplacer("_", "-", ".", "-").Replace(name)
	case "golang":
		if namespace == "" && (name == "std" || name == "go") {
			name = "stdlib" // Go's own library has had all three names
		}
	}
	return strings.ToLower(kind + "/" + namespace + "/" + name)
}

// releases are the names of distributions' releases.
var releases = map[string]string{
	"buster": "10", "bullseye": "11", "bookworm": "12", "trixie": "13", "forky": "14",
	"xenial": "16.04", "bionic": "18.04", "focal": "20.04", "jammy": "22.04", "noble": "24.04",
}

// distroRelease returns the release of a distribution, as "debian-12", "bookworm", "rhel-8.6" and "12" name it.
func distroRelease(s string) string {
	s = strings.ToLower(s)
	s = s[strings.LastIndexByte(s, '-')+1:]
	if number, ok := releases[s]; ok {
		return number
	}
	return s
}

// sameRelease reports whether two releases are one, or one is a point release of the other: "8" and "8.6".
func sameRelease(a, b string) bool {
	return a == b || strings.HasPrefix(a, b+".") || strings.HasPrefix(b, a+".")
}
