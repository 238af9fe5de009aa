package cve

import (
	"strings"

	"comity"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	packageurl "github.com/package-url/packageurl-go"
)

// advisory is an advisory of OSV.
//
// Source: Open Source Vulnerability format 1.3–1.7, https://ossf.github.io/osv-schema.
type advisory struct {
	Schema     string        `json:"schema_version"`
	ID         string        `json:"id"`
	Modified   string        `json:"modified"`
	Published  string        `json:"published"`
	Withdrawn  string        `json:"withdrawn"`
	Aliases    []string      `json:"aliases"`
	Upstream   []string      `json:"upstream"`
	Summary    string        `json:"summary"`
	Details    string        `json:"details"`
	Affected   []osvAffected `json:"affected"`
	References []reference   `json:"references"`
}

type osvAffected struct {
	Package struct {
		Ecosystem string `json:"ecosystem"`
		Name      string `json:"name"`
		PURL      string `json:"purl"`
	} `json:"package"`
	Ranges   []osvRange `json:"ranges"`
	Versions []string   `json:"versions"`
}

type osvRange struct {
	Type   string     `json:"type"`
	Events []osvEvent `json:"events"`
}

type osvEvent struct {
	Introduced   string `json:"introduced"`
	Fixed        string `json:"fixed"`
	LastAffected string `json:"last_affected"`
	Limit        string `json:"limit"`
}

func readOSV(value jsontext.Value) (rec comity.Record, version string, err error) {
	var a advisory
	if err := json.Unmarshal(value, &a); err != nil {
		return rec, "", err
	}
	if comity.MakeThreatID(a.ID) == "" {
		return rec, "", invalid("id %.60q is not that of an advisory", a.ID)
	}
	rec = newRecord(comity.SourceOSV, a.ID)
	if err := a.read(&rec); err != nil {
		return rec, "", inRecord(a.ID, err)
	}
	return rec, cut(a.Schema, 10), nil
}

// maxAliases bounds how many CVE numbers one advisory may speak of.
const maxAliases = 500

// keys returns the CVE numbers that the advisory is about: its own, its aliases, and those that a distribution's
// advisory gathers; without any, its own identity.
func (a *advisory) keys() ([]string, error) {
	var keys []string
	seen := map[string]bool{}
	for _, list := range [][]string{{a.ID}, a.Aliases, a.Upstream} {
		for _, id := range list {
			if cvePattern.MatchString(id) && !seen[id] {
				seen[id] = true
				keys = append(keys, id)
			}
		}
	}
	switch {
	case len(keys) > maxAliases:
		return nil, invalid("more than %d CVE numbers", maxAliases)
	case len(keys) == 0:
		return []string{a.ID}, nil
	}
	return keys, nil
}

func (a *advisory) read(rec *comity.Record) (err error) {
	t, v := &rec.Threat, rec.Threat.Vulnerability
	if rec.Keys, err = a.keys(); err != nil {
		return err
	}
	if t.Published, err = timeOf("published", a.Published); err != nil {
		return err
	}
	if rec.Modified, err = timeOf("modified", a.Modified); err != nil {
		return err
	}
	withdrawn, err := timeOf("withdrawn", a.Withdrawn)
	if err != nil {
		return err
	}
	rec.Withdrawn = !withdrawn.IsZero()
	t.Name, t.Description = cut(a.Summary, maxTitle), cut(a.Details, maxDescription)
	addReferences(v, a.References)
	for _, one := range a.Affected {
		if err := one.add(v); err != nil {
			return err
		}
	}
	return nil
}

// add adds the ranges of a package; where it has none, the versions that are listed one by one.
func (a osvAffected) add(v *comity.Vulnerability) error {
	purl := bare(a.Package.PURL)
	if purl == "" {
		purl = ecosystemURL(a.Package.Ecosystem, a.Package.Name)
	}
	if purl == "" {
		return nil // of commits, or of an ecosystem that has no package URLs
	}
	var list []comity.Affected
	for _, r := range a.Ranges {
		ranges, err := r.ranges()
		if err != nil {
			return err
		}
		list = append(list, ranges...)
	}
	if len(list) == 0 {
		for _, one := range a.Versions {
			if one = versionOf(one); one != "" {
				list = append(list, comity.Affected{Version: one})
			}
		}
	}
	if len(v.Affected)+len(list) > maxRanges {
		return invalid("more than %d ranges of versions", maxRanges)
	}
	for _, one := range list {
		one.PURL = purl
		v.Affected = append(v.Affected, one)
	}
	return nil
}

// ranges reads the events, in their order: each introduction begins a range, what follows it ends it.
func (r osvRange) ranges() ([]comity.Affected, error) {
	switch r.Type {
	case "SEMVER", "ECOSYSTEM":
	case "GIT":
		return nil, nil
	default:
		return nil, invalid("type %.20q of a range is none of SEMVER, ECOSYSTEM and GIT", r.Type)
	}
	var list []comity.Affected
	open := false
	for _, e := range r.Events {
		if e.Introduced != "" {
			list, open = append(list, comity.Affected{FromIncluding: start(e.Introduced)}), true
			continue
		}
		if !open {
			continue // a second end: the first one counts
		}
		last := &list[len(list)-1]
		switch {
		case e.Fixed != "":
			last.ToExcluding, open = e.Fixed, false
		case e.LastAffected != "":
			last.ToIncluding, open = e.LastAffected, false
		case e.Limit != "" && e.Limit != "*":
			last.ToExcluding, open = e.Limit, false
		}
	}
	return list, nil
}

// ecosystems are the types of package URLs of the ecosystems; those of distributions have their name as namespace.
var ecosystems = map[string]struct{ kind, namespace string }{
	"Go": {"golang", ""}, "npm": {"npm", ""}, "PyPI": {"pypi", ""}, "Maven": {"maven", ""}, "crates.io": {"cargo", ""},
	"NuGet": {"nuget", ""}, "RubyGems": {"gem", ""}, "Packagist": {"composer", ""}, "Hex": {"hex", ""}, "Pub": {"pub", ""},
	"SwiftURL": {"swift", ""}, "Hackage": {"hackage", ""}, "CRAN": {"cran", ""}, "Bitnami": {"bitnami", ""}, "ConanCenter": {"conan", ""},
	"GitHub Actions": {"github", ""}, "Debian": {"deb", "debian"}, "Ubuntu": {"deb", "ubuntu"}, "Alpine": {"apk", "alpine"},
	"Wolfi": {"apk", "wolfi"}, "Chainguard": {"apk", "chainguard"}, "Red Hat": {"rpm", "redhat"}, "Rocky Linux": {"rpm", "rocky-linux"},
	"AlmaLinux": {"rpm", "almalinux"}, "SUSE": {"rpm", "suse"}, "openSUSE": {"rpm", "opensuse"}, "Mageia": {"rpm", "mageia"},
}

// ecosystemURL writes the URL of a package of an ecosystem such as "Go" or "Debian:12"; "" if it has none.
func ecosystemURL(ecosystem, name string) string {
	ecosystem, release, _ := strings.Cut(ecosystem, ":")
	e, ok := ecosystems[ecosystem]
	if !ok {
		return ""
	}
	if e.namespace == "" {
		return purlOf(e.kind, name, nil)
	}
	var qualifiers packageurl.Qualifiers
	release = strings.TrimPrefix(release, "v")
	release, _, _ = strings.Cut(release, ":")
	if release != "" && strings.Trim(release, "0123456789.") == "" {
		qualifiers = packageurl.Qualifiers{{Key: "distro", Value: e.namespace + "-" + release}}
	}
	return purlOf(e.kind, e.namespace+"/"+name, qualifiers)
}
