package cve

import (
	"strings"

	"comity"

	packageurl "github.com/package-url/packageurl-go"
)

// product is a product with its versions in a record of the CVE Program.
type product struct {
	Vendor        string    `json:"vendor"`
	Product       string    `json:"product"`
	Collection    string    `json:"collectionURL"`
	Package       string    `json:"packageName"`
	PURL          string    `json:"packageURL"`
	CPEs          []string  `json:"cpes"`
	DefaultStatus string    `json:"defaultStatus"`
	Versions      []version `json:"versions"`
}

// version is a version or a range of them, with what is known of it.
type version struct {
	Version string `json:"version"`
	Type    string `json:"versionType"`
	Status  string `json:"status"`
	Before  string `json:"lessThan"`
	UpTo    string `json:"lessThanOrEqual"`
	Changes []struct {
		At     string `json:"at"`
		Status string `json:"status"`
	} `json:"changes"`
}

// States of a version.
const (
	affected   = "affected"
	unaffected = "unaffected"
)

// add adds what is affected of the product: each range under each of its names.
func (p product) add(v *comity.Vulnerability) error {
	names := p.names()
	if len(names) == 0 {
		return nil
	}
	if v.Product == "" && said(p.Product) != "" {
		v.Vendor, v.Product = said(p.Vendor), said(p.Product)
	}
	ranges := p.ranges()
	if len(names) > 1 && len(names)*len(ranges) > maxRanges/10 {
		names = names[:1]
	}
	if len(v.Affected)+len(names)*len(ranges) > maxRanges {
		return invalid("more than %d ranges of versions", maxRanges)
	}
	for _, name := range names {
		for _, one := range ranges {
			one.Vendor, one.Product, one.CPE, one.PURL = name.Vendor, name.Product, name.CPE, name.PURL
			v.Affected = append(v.Affected, one)
		}
	}
	return nil
}

// names returns what the product is called: its package, else its CPE names without versions, else vendor and product.
func (p product) names() []comity.Affected {
	if purl := p.packageURL(); purl != "" {
		return []comity.Affected{{PURL: purl}}
	}
	vendor, name := said(p.Vendor), said(p.Product)
	if p.Package != "" && name != p.Package && len(p.CPEs) > 0 {
		return []comity.Affected{{Vendor: vendor, Product: cut(p.Package, maxTitle)}} // the CPE names are of what it is a part of
	}
	var names []comity.Affected
	seen := map[string]bool{}
	for _, cpe := range p.CPEs {
		parts, ok := splitCPE(cpe)
		if !ok || readable(parts[cpeProduct]) == "" || seen[anyVersion(parts)] {
			continue
		}
		seen[anyVersion(parts)] = true
		one := comity.Affected{Vendor: vendor, Product: name, CPE: anyVersion(parts)}
		if name == "" {
			one.Vendor, one.Product = readable(parts[cpeVendor]), readable(parts[cpeProduct])
		}
		names = append(names, one)
	}
	if len(names) == 0 && name != "" {
		names = append(names, comity.Affected{Vendor: vendor, Product: name})
	}
	return names
}

// collections are the addresses under which records name the registries of packages.
var collections = []struct{ prefix, kind string }{
	{"https://registry.npmjs.org", "npm"},
	{"https://www.npmjs.com", "npm"},
	{"https://pypi.python.org", "pypi"},
	{"https://pypi.org", "pypi"},
	{"https://repo.maven.apache.org", "maven"},
	{"https://repo1.maven.org", "maven"},
	{"https://rubygems.org", "gem"},
	{"https://crates.io", "cargo"},
	{"https://www.nuget.org", "nuget"},
	{"https://pkg.go.dev", "golang"},
	{"https://hex.pm", "hex"},
	{"https://packagist.org", "composer"},
	{"https://repo.packagist.org", "composer"},
}

func (p product) packageURL() string {
	if p.PURL != "" {
		return bare(p.PURL)
	}
	for _, c := range collections {
		if p.Package != "" && strings.HasPrefix(p.Collection, c.prefix) {
			return purlOf(c.kind, p.Package, nil)
		}
	}
	return ""
}

// bare returns a package URL without version; "" if it is none.
func bare(s string) string {
	p, err := packageurl.FromString(s)
	if err != nil || len(s) > 1000 {
		return ""
	}
	p.Version = ""
	return p.String()
}

// purlOf writes the URL of a package as its registry names it.
func purlOf(kind, name string, qualifiers packageurl.Qualifiers) string {
	namespace := ""
	separator := "/"
	if kind == "maven" {
		separator = ":"
	}
	if at := strings.LastIndex(name, separator); at > 0 {
		namespace, name = name[:at], name[at+1:]
	}
	if name == "" || len(name)+len(namespace) > 500 {
		return ""
	}
	return packageurl.NewPackageURL(kind, namespace, name, "", qualifiers, "").String()
}
