package match

import (
	"cmp"
	"slices"
	"strings"

	"comity"
)

// vulnerable is a vulnerability prepared to be matched with many profiles.
type vulnerable struct {
	threat   *comity.Threat
	product  *named      // as the catalogue calls it
	affected []*affected // those of the configurations first
	named    []*named    // all that products are called, each once
	cpeKeys  []string    // all that the list names, each once
	purlKeys []string    // likewise
	patterns bool        // the list names products with wildcards
	text     string      // the words of description and name, each with a space on both sides; only where they decide
}

// affected is one range with its names as they are compared.
type affected struct {
	*comity.Affected
	cpe      *cpe // never nil
	hasCPE   bool
	cpeKey   string // empty without CPE name, or if that has wildcards
	purl     *purl  // never nil
	span     span
	label    string // how reasons call it
	versions string // how reasons write the span
	product  *named
	plain    bool           // it goes with all editions
	within   *configuration // nil: affected whatever else is there
	node     int            // its place in it
}

// named is what a list calls a product.
type named struct {
	vendors  []string
	names    []wording
	parts    []product // what it is a part of
	umbrella bool      // no product is named: "Multiple Products", "Routers", or the vendor again
}

func newVulnerable(t *comity.Threat, c *catalogue) *vulnerable {
	v := &vulnerable{threat: t, product: c.named(t.Vulnerability.Vendor, t.Vulnerability.Product)}
	for i := range t.Vulnerability.Configurations {
		v.affected = append(v.affected, newConfiguration(&t.Vulnerability.Configurations[i], c).subjects()...)
	}
	for i := range t.Vulnerability.Affected {
		if a := &t.Vulnerability.Affected[i]; !a.Platform {
			v.affected = append(v.affected, newAffected(a, c))
		}
	}
	v.collect()
	if v.product.umbrella {
		v.text = " " + strings.Join(words(t.Description+" . "+t.Name), " ") + " "
	}
	return v
}

// collect gathers the names under which the vulnerability is looked for.
func (v *vulnerable) collect() {
	v.named = []*named{v.product}
	for _, a := range v.affected {
		v.named = with(v.named, a.product)
		if a.cpeKey != "" {
			v.cpeKeys = with(v.cpeKeys, a.cpeKey)
		}
		if a.purl.key != "" {
			v.purlKeys = with(v.purlKeys, a.purl.key)
		}
		v.patterns = v.patterns || a.hasCPE && a.cpeKey == ""
	}
}

// with returns the list with one more, unless that is in it already.
func with[T comparable](list []T, one T) []T {
	if slices.Contains(list, one) {
		return list
	}
	return append(list, one)
}

func newAffected(a *comity.Affected, c *catalogue) *affected {
	out := &affected{Affected: a, purl: c.purl(a.PURL)}
	out.cpe, out.hasCPE = c.cpe(a.CPE)
	if out.hasCPE && !out.cpe.hasPattern() {
		out.cpeKey = out.cpe.key()
	}
	out.span = spanOf(a, out.cpe, out.purl.order)
	out.label, out.versions = cmp.Or(fullName(a.Vendor, a.Product), a.PURL, a.CPE), out.span.String()
	out.plain = out.isPlain()
	out.product = c.named(cmp.Or(a.Vendor, out.cpe.vendor()), cmp.Or(a.Product, out.cpe.product()))
	return out
}

// catalogue keeps what is read of names, since the threats of a catalogue have each many times. Nobody changes what it
// gave out. The zero catalogue is empty.
type catalogue struct {
	products map[[2]string]*named
	cpes     map[string]*cpe // nil: none
	purls    map[string]*purl
}

func newCatalogue() *catalogue {
	return &catalogue{products: map[[2]string]*named{}, cpes: map[string]*cpe{"": nil}, purls: map[string]*purl{}}
}

// named returns what a vendor's product is compared by.
func (c *catalogue) named(vendor, name string) *named {
	at := [2]string{vendor, name}
	n, ok := c.products[at]
	if !ok {
		n = &named{vendors: threatVendors(vendor, name)}
		names := productNames(name, n.vendors)
		n.names, n.parts, n.umbrella = wordings(names), partOf(n.vendors, names), isUmbrella(n.vendors, names)
		c.products[at] = n
	}
	return n
}

// noCPE is the name that says nothing.
var noCPE = new(cpe)

func (c *catalogue) cpe(s string) (name *cpe, ok bool) {
	name, known := c.cpes[s]
	if !known {
		if read, ok := parseCPE(s); ok {
			name = &read
		}
		c.cpes[s] = name
	}
	if name == nil {
		return noCPE, false
	}
	return name, true
}

func (c *catalogue) purl(s string) *purl {
	p, ok := c.purls[s]
	if !ok {
		read := parsePURL(s)
		p = &read
		c.purls[s] = p
	}
	return p
}

// threatVendors returns the keys of the vendor, and of the brand that stands in front of the product.
func threatVendors(vendor, product string) []string {
	keys := vendorKeys(vendor)
	if w := words(product); len(w) > 0 && brands[w[0]] {
		keys = append(keys, vendorKey(w[:1]))
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// isUmbrella reports whether the catalogue names no product: "Multiple Products", "Routers", or the vendor again.
func isUmbrella(vendors []string, names []productName) bool {
	return !slices.ContainsFunc(names, func(n productName) bool {
		sort := !slices.ContainsFunc(n, func(w string) bool { return !sorts[w] })
		return !sort && n[0] != "multiple" && n[0] != "various" && !slices.Contains(vendors, vendorKey(n))
	})
}
