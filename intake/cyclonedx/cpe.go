package cyclonedx

import (
	"net/url"
	"strings"
)

const (
	cpePrefix  = "cpe:2.3:"
	components = 11 // of a CPE 2.3 formatted string
)

// formatted returns a CPE 2.2 URI, such as "cpe:/a:acme:gate:1.0", as a CPE 2.3 formatted string. Anything else is returned
// as it is. The URI's packed editions, which begin with '~', say nothing that is compared and become '*'.
//
// Source: NIST IR 7695, sections 6.1 and 6.2.
func formatted(cpe string) string {
	body, ok := strings.CutPrefix(strings.ToLower(cpe), "cpe:/")
	if !ok {
		return cpe
	}
	parts := strings.Split(body, ":")
	list := make([]string, components)
	for i := range list {
		list[i] = "*"
		if i >= len(parts) || i > 6 || parts[i] == "" || parts[i][0] == '~' {
			continue
		}
		plain, err := url.PathUnescape(parts[i])
		if err != nil {
			return cpe
		}
		list[i] = escaped(plain)
	}
	return cpePrefix + strings.Join(list, ":")
}

// escaped puts a backslash before what has a meaning of its own in a formatted string.
func escaped(s string) string {
	if s == "-" {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		plain := r == '_' || r == '.' || r == '-' || 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || r > 0x7f
		if !plain {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// cpePart returns a component of a formatted string as people write it, from 0; empty if it says nothing.
func cpePart(cpe string, n int) string {
	body, ok := strings.CutPrefix(cpe, cpePrefix)
	if !ok {
		return ""
	}
	var b strings.Builder
	for i, at := 0, 0; i < len(body); i++ {
		switch c := body[i]; {
		case c == ':':
			at++
		case at > n:
			i = len(body)
		case c == '\\' && i+1 < len(body):
			if i++; at == n {
				b.WriteByte(body[i])
			}
		case at == n:
			b.WriteByte(c)
		}
	}
	if s := b.String(); s != "*" && s != "-" {
		return strings.ReplaceAll(s, "_", " ")
	}
	return ""
}
