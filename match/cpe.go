package match

import (
	"net/url"
	"strings"
)

// cpe is what matching needs of a CPE name: lower case, unescaped.
//
// Source: NISTIR 7695, CPE Naming 2.3, sections 6.1 (URI) and 6.2 (formatted string).
type cpe struct {
	vendor, product string // never empty, "*" or "-"
	version, update string // "" where any, not applicable or not given
	edition         string // software edition, such as "esr"; "" as above
}

// key names the product whatever its version. The part (a, o, h) is left out: the same firewall is an operating system
// to one list and an application to the next.
func (c cpe) key() string { return c.vendor + ":" + c.product }

// full returns the version with its update, such as "8.8.15 p7".
func (c cpe) full() string { return strings.TrimSpace(c.version + " " + c.update) }

// swEdition is the place of the software edition among the fields of a formatted string. A URI packs it elsewhere, and
// there it is not read.
const swEdition = 7

// parseCPE reads a CPE 2.3 formatted string, also one cut short after the product, or a CPE 2.2 URI. It is not ok if
// vendor or product is missing or a wildcard: such a name identifies nothing. Not checked: the part, and the fields
// that cpe lacks.
func parseCPE(s string) (c cpe, ok bool) {
	s = strings.TrimSpace(s)
	var fields []string
	if rest, found := cutPrefixFold(s, "cpe:2.3:"); found {
		fields = splitEscaped(rest)
	} else if rest, found := cutPrefixFold(s, "cpe:/"); found {
		fields = splitURI(rest)
	}
	if len(fields) < 3 {
		return cpe{}, false
	}
	for len(fields) <= swEdition { // a name cut short says nothing of what is missing
		fields = append(fields, "*")
	}
	c = cpe{
		vendor: cpeValue(fields[1]), product: cpeValue(fields[2]), version: cpeValue(fields[3]), update: cpeValue(fields[4]),
		edition: cpeValue(fields[swEdition]),
	}
	return c, c.vendor != "" && c.product != ""
}

func cutPrefixFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}

// splitEscaped splits at colons that no backslash protects, and takes the backslashes away. A bare "*" or "-" keeps
// its meaning; an escaped one is a character.
func splitEscaped(s string) []string {
	var fields []string
	var field strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
			field.WriteByte(s[i])
		case s[i] == ':':
			fields = append(fields, field.String())
			field.Reset()
		default:
			field.WriteByte(s[i])
		}
	}
	return append(fields, field.String())
}

func splitURI(s string) []string {
	fields := strings.Split(s, ":")
	for i, f := range fields {
		if decoded, err := url.PathUnescape(f); err == nil {
			fields[i] = decoded
		}
	}
	return fields
}

func cpeValue(s string) string {
	if s == "*" || s == "-" {
		return ""
	}
	return strings.ToLower(s)
}
