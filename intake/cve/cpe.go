package cve

import (
	"strings"

	"comity"
)

// attributes of a CPE 2.3 name, "cpe:2.3:part:vendor:product:version:update:…", without the first two.
const (
	cpeParts   = 11
	cpeVendor  = 1
	cpeProduct = 2
	cpeVersion = 3
	cpeUpdate  = 4
)

// splitCPE splits a CPE 2.3 name into its attributes, which stay quoted.
//
// Source: NIST IR 7695, section 6.2 (formatted string binding).
func splitCPE(name string) ([]string, bool) {
	rest, ok := strings.CutPrefix(name, "cpe:2.3:")
	if !ok || len(name) > 1000 {
		return nil, false
	}
	var parts []string
	from := 0
	for i := 0; i < len(rest); i++ {
		switch rest[i] {
		case '\\':
			i++
		case ':':
			parts = append(parts, rest[from:i])
			from = i + 1
		}
	}
	parts = append(parts, rest[from:])
	return parts, len(parts) == cpeParts
}

// anyVersion returns the name for all versions and updates.
func anyVersion(parts []string) string {
	all := append([]string{}, parts...)
	all[cpeVersion], all[cpeUpdate] = "*", "*"
	return "cpe:2.3:" + strings.Join(all, ":")
}

// readable writes an attribute as people say it: without quotes and underscores; "" for any and for none.
func readable(attribute string) string {
	if attribute == "*" || attribute == "-" || attribute == "null" {
		return ""
	}
	var b strings.Builder
	for i := 0; i < len(attribute); i++ {
		switch c := attribute[i]; {
		case c == '\\' && i+1 < len(attribute):
			i++
			b.WriteByte(attribute[i])
		case c == '_':
			b.WriteByte(' ')
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// cpeMatch is a product with a range of versions, as the NVD and the CVE Program write it.
type cpeMatch struct {
	Vulnerable    *bool  `json:"vulnerable"`
	Criteria      string `json:"criteria"`
	FromIncluding string `json:"versionStartIncluding"`
	FromExcluding string `json:"versionStartExcluding"`
	ToIncluding   string `json:"versionEndIncluding"`
	ToExcluding   string `json:"versionEndExcluding"`
}

type cpeNode struct {
	Operator string     `json:"operator"`
	Negate   bool       `json:"negate"`
	Matches  []cpeMatch `json:"cpeMatch"`
}

type cpeConfiguration struct {
	Operator string    `json:"operator"`
	Negate   bool      `json:"negate"`
	Nodes    []cpeNode `json:"nodes"`
}

// addConfigurations adds configurations. One whose products are all "null", as where there is no CPE name, is left out.
func addConfigurations(v *comity.Vulnerability, list []cpeConfiguration) error {
	for _, c := range list {
		join, err := joinOf(c.Operator)
		if err != nil {
			return err
		}
		one, named := comity.Configuration{Join: join, Negate: c.Negate}, false
		for _, n := range c.Nodes {
			node, err := n.node()
			if err != nil {
				return err
			}
			for _, p := range node.Products {
				named = named || p.Product != ""
			}
			one.Nodes = append(one.Nodes, node)
		}
		if named {
			v.Configurations = append(v.Configurations, one)
		}
	}
	return nil
}

func joinOf(operator string) (comity.Join, error) {
	switch operator {
	case "":
		return "", nil
	case "AND":
		return comity.JoinAnd, nil
	case "OR":
		return comity.JoinOr, nil
	}
	return "", invalid("operator %.20q is neither AND nor OR", operator)
}

func (n cpeNode) node() (comity.ConfigurationNode, error) {
	join, err := joinOf(n.Operator)
	node := comity.ConfigurationNode{Join: join, Negate: n.Negate}
	if err != nil {
		return node, err
	}
	for _, m := range n.Matches {
		parts, ok := splitCPE(m.Criteria)
		switch {
		case !ok:
			return node, invalid("criteria %.80q is not a CPE 2.3 name", m.Criteria)
		case m.Vulnerable == nil:
			return node, invalid("%.80q: vulnerable is missing", m.Criteria)
		case m.FromIncluding != "" && m.FromExcluding != "" || m.ToIncluding != "" && m.ToExcluding != "":
			return node, invalid("%.80q: a range begins or ends twice", m.Criteria)
		}
		node.Products = append(node.Products, comity.Affected{
			Vendor: readable(parts[cpeVendor]), Product: readable(parts[cpeProduct]), CPE: m.Criteria,
			FromIncluding: m.FromIncluding, FromExcluding: m.FromExcluding, ToIncluding: m.ToIncluding, ToExcluding: m.ToExcluding,
			Platform: !*m.Vulnerable,
		})
	}
	return node, nil
}

// nameByConfigurations calls the vulnerability after the first vulnerable product of its configurations.
func nameByConfigurations(v *comity.Vulnerability) {
	for _, c := range v.Configurations {
		for _, n := range c.Nodes {
			for _, p := range n.Products {
				if v.Product == "" && !p.Platform && p.Product != "" {
					v.Vendor, v.Product = p.Vendor, p.Product
				}
			}
		}
	}
}
