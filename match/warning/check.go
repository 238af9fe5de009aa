package warning

import (
	"net/netip"
	"slices"
	"strings"

	"comity"
)

// part is what is compared of a value: the value itself, or the host of a URL, or the domain of an e-mail address.
type part struct {
	text    string // lower case
	classes class  // lists for any of these are asked
	shown   string // as the source wrote it
	inner   bool   // it is not the value itself
}

// classOf says what a value is, by the STIX object path under which it stands. 0: nothing that lists are for.
func classOf(path string) class {
	object, property, _ := strings.Cut(path, ":")
	switch object {
	case "ipv4-addr", "ipv6-addr":
		return addresses
	case "domain-name":
		return domains
	case "url":
		return urls
	case "email-addr":
		return emails
	case "email-message":
		if strings.HasSuffix(property, "_ref.value") {
			return emails
		}
	case "file", "artifact":
		if strings.HasPrefix(property, "hashes") {
			return hashes
		}
		if property == "name" {
			return fileNames
		}
	case "network-traffic":
		if strings.HasSuffix(property, "_ref.value") {
			return addresses | domains
		}
	}
	return 0
}

// Check returns the warnings about a value, each list once, in the order of the lists. Case and blanks around do not
// count. A URL is compared as a whole, and by its host; a domain with lists of domains and, on label borders, those
// above it; an address with all networks that hold it. The cost does not grow with the number of entries, but for
// regular expressions.
func (l *Lists) Check(o comity.Observable) []comity.Warning {
	c := classOf(o.Type)
	if c == 0 {
		return nil
	}
	var found []hit
	for _, p := range partsOf(o.Value, c) {
		found = l.check(found, p)
	}
	return l.warnings(found)
}

func partsOf(value string, c class) []part {
	shown := strings.TrimSpace(value)
	text := strings.ToLower(shown)
	if c&domains != 0 {
		text = strings.TrimSuffix(text, ".")
	}
	parts := []part{{text, c, shown, false}}
	switch {
	case c == urls:
		if host := hostOf(text); host != "" {
			parts = append(parts, part{host, addresses | domains | urls, host, true})
		}
	case c == emails:
		if i := strings.LastIndexByte(text, '@'); i >= 0 && i+1 < len(text) {
			parts = append(parts, part{text[i+1:], emails | domains, text[i+1:], true})
		}
	}
	return parts
}

// hostOf returns the host of a URL, also one that is not well formed; empty if there is none.
func hostOf(url string) string {
	_, rest, ok := strings.Cut(url, "://")
	if !ok {
		return ""
	}
	if i := strings.IndexAny(rest, `/?#\`); i >= 0 {
		rest = rest[:i]
	}
	rest = rest[strings.LastIndexByte(rest, '@')+1:]
	if inner, ok := strings.CutPrefix(rest, "["); ok {
		inner, _, _ = strings.Cut(inner, "]")
		return inner
	}
	host, _, _ := strings.Cut(rest, ":")
	return strings.TrimSuffix(host, ".")
}

// hit is an entry that matched, and what of the value it was.
type hit struct {
	entry uint32
	of    part
}

func (l *Lists) check(found []hit, p part) []hit {
	found = l.follow(found, l.equal[p.text], p)
	for name := p.text; name != "" && p.classes&(domains|emails) != 0; {
		found = l.follow(found, l.below[name], p)
		_, name, _ = strings.Cut(name, ".")
	}
	if p.classes&addresses != 0 {
		found = l.networks(found, p)
	}
	found = l.inside.find(found, l, p)
	for _, re := range l.regexes {
		if l.isFor(re.entry, p) && re.MatchString(p.shown) {
			found = append(found, hit{re.entry, p})
		}
	}
	return found
}

// isFor reports whether the entry's list is for such values.
func (l *Lists) isFor(entry uint32, p part) bool {
	return l.lists[l.entries[entry].list].classes&p.classes != 0
}

// follow adds the entries of one text.
func (l *Lists) follow(found []hit, at uint32, p part) []hit {
	for at != 0 {
		if l.isFor(at-1, p) {
			found = append(found, hit{at - 1, p})
		}
		at = l.entries[at-1].next
	}
	return found
}

// networks adds the networks that hold an address, the widest first.
func (l *Lists) networks(found []hit, p part) []hit {
	network, err := parseNetwork(p.text) // indicators may be networks: those within a list's are
	if err != nil {
		return found
	}
	bits := l.bits6
	if network.Addr().Is4() {
		bits = l.bits4
	}
	for _, n := range bits {
		if n > network.Bits() {
			break
		}
		wider := netip.PrefixFrom(network.Addr(), n).Masked()
		for _, e := range l.nets[wider] {
			if l.isFor(e, p) {
				found = append(found, hit{e, p})
			}
		}
	}
	return found
}

// warnings makes a warning of the first hit of each list.
func (l *Lists) warnings(found []hit) []comity.Warning {
	if len(found) == 0 {
		return nil
	}
	slices.SortStableFunc(found, func(a, b hit) int { return int(l.entries[a.entry].list) - int(l.entries[b.entry].list) })
	var out []comity.Warning
	for i, h := range found {
		e := l.entries[h.entry]
		if i > 0 && l.entries[found[i-1].entry].list == e.list {
			continue
		}
		from := &l.lists[e.list]
		out = append(out, comity.Warning{
			List: from.ID, Name: from.Name, Version: from.Version, Kind: from.Kind, Part: h.of.shown, Entry: e.text,
			PartOfValue: h.of.inner,
		})
	}
	return out
}
