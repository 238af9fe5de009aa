package match

import (
	"slices"

	"comity"
)

// configuration is a combination of products in which a vulnerability shows. Its subject, what is vulnerable, must hold
// by itself; of the others it says what must be there too.
//
// An inventory is rarely complete, and does not say what runs where. So a product that a configuration asks for is
//
//   - there, if a line of the inventory is it;
//   - not there, if lines are that product in another version or edition only, or if it is an application and no line is;
//   - unsure, if it is an operating system or hardware and no line is: the match has one step less of confidence.
//
// Parts joined with AND hold together if none is missing, those joined with OR if one is there. What is negated holds if
// it is missing; a configuration that is negated as a whole names no subject, and never matches.
type configuration struct {
	and   bool
	nodes []node
}

// node is a part of a configuration.
type node struct {
	and, negate bool
	products    []*affected
}

func newConfiguration(c *comity.Configuration, known *catalogue) *configuration {
	out := &configuration{and: c.Join == comity.JoinAnd}
	if c.Negate {
		return out
	}
	for _, n := range c.Nodes {
		one := node{and: n.Join == comity.JoinAnd, negate: n.Negate}
		for i := range n.Products {
			one.products = append(one.products, newAffected(&n.Products[i], known))
		}
		out.nodes = append(out.nodes, one)
	}
	return out
}

// subjects returns the products that can be what a match is about.
func (c *configuration) subjects() []*affected {
	var list []*affected
	for i, n := range c.nodes {
		for _, p := range n.products {
			if !n.negate && !p.Platform {
				p.within, p.node = c, i
				list = append(list, p)
			}
		}
	}
	return list
}

// answer is what is known of a condition.
type answer uint8

const (
	no answer = iota
	unsure
	yes
)

func (a answer) not() answer { return yes - a }

// complete asks for what else the configuration needs beside its subject, which holds in the node: with reasons, and
// less confidence where something is unsure.
func (c *configuration) complete(m *Matcher, s *software, at int, f finding) (finding, bool) {
	all, result := conditions{m: m, subject: s}, yes
	if n := &c.nodes[at]; n.and {
		result = all.every(n.products)
	}
	for i := range c.nodes {
		if c.and && i != at {
			result = min(result, all.node(&c.nodes[i]))
		}
	}
	if result == no {
		return finding{}, false
	}
	f.reasons = append(slices.Clip(f.reasons), all.there...)
	if result == unsure {
		f = f.less(reason("platform-unlisted", "platform", all.unlisted))
	}
	return f, true
}

// conditions answers for the products of a configuration, and keeps what it found.
type conditions struct {
	m        *Matcher
	subject  *software
	there    []comity.Reason
	unlisted string // the first that was unsure
}

func (c *conditions) node(n *node) answer {
	if n.negate {
		other := conditions{m: c.m, subject: c.subject} // what must be missing is no reason
		result := other.join(n).not()
		if result == unsure {
			c.unlisted = other.unlisted
		}
		return result
	}
	return c.join(n)
}

func (c *conditions) join(n *node) answer {
	if n.and {
		return c.every(n.products)
	}
	return c.some(n.products)
}

func (c *conditions) every(products []*affected) answer {
	result := yes
	for _, p := range products {
		result = min(result, c.product(p))
	}
	return result
}

func (c *conditions) some(products []*affected) answer {
	result := no
	for _, p := range products {
		if result = max(result, c.product(p)); result == yes {
			return yes
		}
	}
	return result
}

// product answers for one product, and says why.
func (c *conditions) product(p *affected) answer {
	result, line := c.m.has(p, c.subject)
	switch {
	case result == yes && line != nil && line != c.subject && p.Platform:
		c.there = append(c.there, reason("platform", "platform", p.name(), "product", line.subject))
	case result == unsure && c.unlisted == "":
		c.unlisted = p.name()
	}
	return result
}

// has reports whether the inventory has a product, and the line that is it. The subject speaks for itself: where it says
// what it runs on, that decides.
func (m *Matcher) has(p *affected, s *software) (answer, *software) {
	if p.isSystem() && systems[s.target] {
		if sameSystem(s.target, p.cpe.product()) {
			return yes, nil
		}
		return no, nil
	}
	best, listed := no, false
	var line *software
	places := m.likely(p)
	slices.Sort(places)
	for _, place := range slices.Compact(places) {
		one := &m.software[place]
		if result, is := p.of(one); is {
			listed = true
			if result > best {
				best, line = result, one
			}
		}
	}
	if !listed && (p.isSystem() || p.isHardware()) {
		return unsure, nil
	}
	return best, line
}

// likely returns the places of the software that one product of a list could be.
func (m *Matcher) likely(p *affected) []int {
	var places []int
	for _, key := range p.product.vendors {
		places = append(places, m.byVendor[key]...)
	}
	for _, key := range p.purl.keys() {
		places = append(places, m.byPURL[key]...)
	}
	if p.hasCPE && p.cpeKey == "" {
		return append(places, m.withCPE...)
	}
	return append(places, m.byCPE[p.cpeKey]...)
}

// of reports whether a line is the product, and if so whether in the version and edition that are asked for.
func (a *affected) of(s *software) (result answer, is bool) {
	by, like := bySameName, unlike
	switch {
	case a.sameCPE(s):
		by, like = byCPE, sameName
	case a.samePURL(s):
		by, like = byPURL, sameName
	default:
		like = a.product.likenessTo(s)
	}
	if like != sameName {
		return no, a.isSystem() && like == unlike && sharesVendor(a.product.vendors, s.vendors) && otherRelease(a.product.names, s.names)
	}
	if a.agreement(s) == another {
		return no, true
	}
	result = a.holds(s, by)
	if result == yes && a.agreement(s) == unsaid {
		result = unsure
	}
	return result, true
}

// otherRelease reports whether two names are of one product in different releases, as Windows Server 2016 and 2019.
func otherRelease(theirs, ours []wording) bool {
	return slices.ContainsFunc(theirs, func(t wording) bool {
		return slices.ContainsFunc(ours, func(o wording) bool {
			return t.baseLetter == o.baseLetter && t.number != "" && o.number != "" && !t.generic
		})
	})
}

func (a *affected) isSystem() bool { return a.hasCPE && a.cpe[cpePart] == "o" }

func (a *affected) isHardware() bool { return a.hasCPE && a.cpe[cpePart] == "h" }

// sameSystem reports whether target software is an operating system that a CPE name calls so, or longer: "linux" and
// "linux_kernel".
func sameSystem(target, product string) bool {
	return target == product || len(product) > len(target) && product[:len(target)] == target && product[len(target)] == '_' ||
		target == "mac_os_x" && product == "macos" || target == "macos" && product == "mac_os_x"
}

// name is how reasons call the product.
func (a *affected) name() string {
	if a.Product != "" {
		return fullName(a.Vendor, a.Product)
	}
	if a.hasCPE {
		return a.cpe.vendor() + " " + a.cpe.product()
	}
	return a.PURL
}
