package match

import (
	"net/url"
	"strings"
)

// cpe is a CPE name, its attributes in the order of a formatted string.
//
// Source: NISTIR 7695, CPE Naming 2.3, sections 5 (well-formed names), 6.1 (URI) and 6.2 (formatted string).
type cpe [cpeAttributes]attribute

// The places of the attributes.
const (
	cpePart = iota
	cpeVendor
	cpeProduct
	cpeVersion
	cpeUpdate
	cpeEdition
	cpeLanguage
	cpeSoftwareEdition
	cpeTargetSoftware
	cpeTargetHardware
	cpeOther
	cpeAttributes
)

// attribute is one value of a CPE name: lower case, without escapes, with the wildcards as control characters. "" is ANY.
type attribute string

const (
	anyValue      attribute = ""
	notApplicable attribute = "\x00" // the hyphen that stands alone
	wildOne                 = '\x01' // a question mark; a URI writes these two so
	wildMany                = '\x02' // an asterisk
)

// text returns the value, "" where there is none.
func (a attribute) text() string {
	if a == notApplicable {
		return ""
	}
	return string(a)
}

func (a attribute) isValue() bool { return a != anyValue && a != notApplicable }

func (a attribute) hasWildcard() bool { return strings.ContainsAny(string(a), "\x01\x02") }

// relation says what the names of two attributes' values have to do with each other.
type relation uint8

// Source: NISTIR 7696, CPE Name Matching 2.3, section 5.3.
const (
	disjoint  relation = iota
	equal              // the same
	subset             // the target has what the source has, and more
	superset           // the source has what the target has, and more
	undefined          // the target has wildcards
)

// relationTo compares a value of the list (the source) with one of the inventory (the target).
//
// Source: NISTIR 7696, table 6-2.
func (a attribute) relationTo(target attribute) relation {
	switch {
	case target.hasWildcard():
		if a == target && !a.hasWildcard() {
			return equal
		}
		return undefined
	case a == target:
		return equal
	case a == anyValue:
		return superset
	case target == anyValue:
		return subset
	case a == notApplicable || target == notApplicable:
		return disjoint
	case a.covers(string(target)):
		return superset
	default:
		return disjoint
	}
}

// covers reports whether a value with wildcards at its ends stands for the text: an asterisk for anything, n question
// marks for up to n characters. Without wildcards it covers nothing but itself.
//
// Source: NISTIR 7696, section 7.3, function compareStrings.
func (a attribute) covers(s string) bool {
	core, before, after := a.wildcards()
	for start := 0; start+len(core) <= len(s); start++ {
		if before >= 0 && start > before {
			return false
		}
		rest := len(s) - start - len(core)
		if s[start:start+len(core)] == core && (after < 0 || rest <= after) {
			return true
		}
	}
	return false
}

// wildcards returns the value between its wildcards, and how many bytes may stand before and after; -1 is any number.
func (a attribute) wildcards() (core string, before, after int) {
	core = string(a)
	if rest, ok := strings.CutPrefix(core, string(wildMany)); ok {
		core, before = rest, -1
	} else {
		core = strings.TrimLeft(core, string(wildOne))
		before = len(a) - len(core)
	}
	if rest, ok := strings.CutSuffix(core, string(wildMany)); ok {
		return rest, before, -1
	}
	n := len(core)
	core = strings.TrimRight(core, string(wildOne))
	return core, before, n - len(core)
}

func (c cpe) vendor() string  { return c[cpeVendor].text() }
func (c cpe) product() string { return c[cpeProduct].text() }

// key names the product whatever its version. The part (a, o, h) is left out: the same firewall is an operating system
// to one list and an application to the next.
func (c cpe) key() string { return c.vendor() + "\x00" + c.product() }

// hasPattern reports whether vendor or product have wildcards, so that key names no product.
func (c cpe) hasPattern() bool { return c[cpeVendor].hasWildcard() || c[cpeProduct].hasWildcard() }

// names reports whether this name, of a list, is one of the product that the other names.
func (c cpe) names(ours cpe) bool {
	return c[cpeVendor].relationTo(ours[cpeVendor]).includes() && c[cpeProduct].relationTo(ours[cpeProduct]).includes()
}

func (r relation) includes() bool { return r == equal || r == superset }

// full returns the version with its update, such as "8.8.15 p7"; empty if it names none.
func (c cpe) full() string {
	if !c[cpeVersion].isValue() {
		return ""
	}
	return strings.TrimSpace(c[cpeVersion].text() + " " + c[cpeUpdate].text())
}

// parseCPE reads a CPE 2.3 formatted string, also one cut short after the product, or a CPE 2.2 URI. It is not ok if
// vendor or product is missing or stands for everything: such a name identifies nothing. Not checked: the part, and
// whether characters that should be escaped are.
func parseCPE(s string) (c cpe, ok bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' }) {
		return cpe{}, false
	}
	if rest, found := strings.CutPrefix(s, "cpe:2.3:"); found {
		readFormatted(&c, rest)
	} else if rest, found := strings.CutPrefix(s, "cpe:/"); found {
		readURI(&c, rest)
	}
	return c, c.identifies(cpeVendor) && c.identifies(cpeProduct)
}

// identifies reports whether an attribute says something.
func (c cpe) identifies(at int) bool {
	return c[at].isValue() && strings.Trim(string(c[at]), "\x01\x02") != ""
}

// readFormatted reads attributes between colons that no backslash protects.
func readFormatted(c *cpe, s string) {
	at := 0
	var value strings.Builder
	escaped := false
	for i := 0; i < len(s) && at < cpeAttributes; i++ {
		switch {
		case escaped:
			value.WriteByte(s[i])
			escaped = false
		case s[i] == '\\':
			escaped = true
		case s[i] == ':':
			c[at] = bare(value.String())
			at++
			value.Reset()
		case s[i] == '*':
			value.WriteByte(wildMany)
		case s[i] == '?':
			value.WriteByte(wildOne)
		case s[i] == '-' && value.Len() == 0 && (i+1 == len(s) || s[i+1] == ':'):
			value.WriteString(string(notApplicable))
		default:
			value.WriteByte(s[i])
		}
	}
	if at < cpeAttributes {
		c[at] = bare(value.String())
	}
}

func bare(s string) attribute {
	if s == string(wildMany) {
		return anyValue
	}
	return attribute(s)
}

// uriPlaces are the attributes that the components of a URI hold.
var uriPlaces = [...]int{cpePart, cpeVendor, cpeProduct, cpeVersion, cpeUpdate, cpeEdition, cpeLanguage}

// packedPlaces are those that its edition packs, each behind a tilde.
var packedPlaces = [...]int{cpeEdition, cpeSoftwareEdition, cpeTargetSoftware, cpeTargetHardware, cpeOther}

func readURI(c *cpe, s string) {
	for i, component := range strings.SplitN(s, ":", len(uriPlaces)) {
		packed, isPacked := strings.CutPrefix(component, "~")
		if uriPlaces[i] != cpeEdition || !isPacked {
			c[uriPlaces[i]] = uriValue(component)
			continue
		}
		for j, part := range strings.SplitN(packed, "~", len(packedPlaces)) {
			c[packedPlaces[j]] = uriValue(part)
		}
	}
}

func uriValue(s string) attribute {
	switch s {
	case "-":
		return notApplicable
	case "*":
		return anyValue
	}
	if decoded, err := url.PathUnescape(s); err == nil {
		return attribute(strings.ToLower(decoded))
	}
	return attribute(s)
}
