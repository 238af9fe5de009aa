// Package warning compares observed values with warning lists: is this address a public resolver, this domain one of the
// most visited, this hash that of an empty file? It only warns, with the list and the entry as the reason: it never
// hides or drops a value, since attackers use well-known places too.
//
// It does not fetch, store or resolve anything. Read [Lists] first.
package warning

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"comity"
)

// Lists are warning lists prepared to be compared with many values. They are only read, and may be used concurrently.
type Lists struct {
	lists   []list
	equal   index                     // whole texts
	below   index                     // domains that stand for what is below them too
	inside  substrings                // texts to be found inside others
	regexes []pattern                 // of all lists
	nets    map[netip.Prefix][]uint32 // networks → entries
	bits4   []int                     // lengths of the IPv4 networks, ascending
	bits6   []int
	entries []entry
}

// list is a list without its entries.
type list struct {
	comity.WarningList
	classes class
}

// entry is one entry, and the next of the same text.
type entry struct {
	list uint32 // its place
	next uint32 // entry plus one; 0: the last
	text string // as the list writes it
}

// index finds entries by their text, lower case: entry plus one of the last that was added.
type index map[string]uint32

type pattern struct {
	entry uint32
	*regexp.Regexp
}

// class is what a value is, as far as lists tell it apart. A list is for several.
type class uint8

const (
	addresses class = 1 << iota // IPv4 and IPv6
	domains
	urls
	hashes
	emails
	fileNames
)

// classesOf are the MISP attribute types by what their values are. Types of two values, such as "domain|ip", are left
// out: lists name the types of each too.
var classesOf = map[string]class{
	"ip-src": addresses, "ip-dst": addresses, "hostname": domains, "domain": domains, "url": urls, "uri": urls, "link": urls,
	"md5": hashes, "sha1": hashes, "sha224": hashes, "sha256": hashes, "sha384": hashes, "sha512": hashes, "ssdeep": hashes,
	"imphash": hashes, "tlsh": hashes, "email": emails, "email-src": emails, "email-dst": emails, "email-reply-to": emails,
	"whois-registrant-email": emails, "dns-soa-email": emails, "filename": fileNames,
}

// Prepare prepares lists. Its error is of kind Invalid and names list and entry: a network or a regular expression that
// is none, a kind that is unknown.
func Prepare(lists []comity.WarningList) (*Lists, error) {
	l := &Lists{equal: index{}, below: index{}, nets: map[netip.Prefix][]uint32{}, inside: newSubstrings()}
	for _, one := range lists {
		at := uint32(len(l.lists))
		entries := one.Entries
		one.Entries = nil
		l.lists = append(l.lists, list{one, classesFor(one.Attributes)})
		for i, text := range entries {
			if err := l.add(at, one.Kind, text); err != nil {
				return nil, comity.Errorf(comity.Invalid, "warning list %s, /list/%d: %w", one.ID, i, err)
			}
		}
	}
	slices.Sort(l.bits4)
	slices.Sort(l.bits6)
	return l, nil
}

func classesFor(attributes []string) class {
	var c class
	for _, a := range attributes {
		c |= classesOf[a]
	}
	return c
}

// add enters one entry where its kind looks for it.
func (l *Lists) add(at uint32, kind comity.WarningListKind, text string) error {
	place := uint32(len(l.entries))
	l.entries = append(l.entries, entry{list: at, text: text})
	key := strings.ToLower(strings.TrimSpace(text))
	if key == "" {
		return nil
	}
	switch kind {
	case comity.WarningString:
		if domain, ok := strings.CutPrefix(key, "."); ok {
			l.enter(l.below, domain, place)
			return nil
		}
		l.enter(l.equal, key, place)
	case comity.WarningHostname:
		l.enter(l.below, strings.Trim(key, "."), place)
	case comity.WarningSubstring:
		l.inside.add(key, place)
	case comity.WarningCIDR:
		return l.addNetwork(key, place)
	case comity.WarningRegex:
		return l.addPattern(text, place)
	default:
		return fmt.Errorf("unknown kind %q", kind)
	}
	return nil
}

func (l *Lists) enter(in index, key string, place uint32) {
	l.entries[place].next = in[key]
	in[key] = place + 1
}

func (l *Lists) addNetwork(text string, place uint32) error {
	network, err := parseNetwork(text)
	if err != nil {
		return fmt.Errorf("%.60q is no network", text)
	}
	l.nets[network] = append(l.nets[network], place)
	bits := &l.bits6
	if network.Addr().Is4() {
		bits = &l.bits4
	}
	if !slices.Contains(*bits, network.Bits()) {
		*bits = append(*bits, network.Bits())
	}
	return nil
}

// parseNetwork reads a network or a single address.
func parseNetwork(text string) (netip.Prefix, error) {
	if !strings.Contains(text, "/") {
		a, err := netip.ParseAddr(text)
		if err != nil {
			return netip.Prefix{}, err
		}
		a = a.Unmap().WithZone("")
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(text)
	if err != nil {
		return p, err
	}
	if a := p.Addr(); a.Is4In6() && p.Bits() >= 96 {
		p = netip.PrefixFrom(a.Unmap(), p.Bits()-96)
	}
	return p.Masked(), nil
}

// delimited is a regular expression between slashes, as MISP writes some.
var delimited = regexp.MustCompile(`^/(.*)/([a-z]*)$`)

func (l *Lists) addPattern(text string, place uint32) error {
	if m := delimited.FindStringSubmatch(text); m != nil {
		text = m[1]
	}
	re, err := regexp.Compile("(?i)" + text)
	if err != nil {
		return fmt.Errorf("%.60q is no regular expression", text)
	}
	l.regexes = append(l.regexes, pattern{place, re})
	return nil
}

// Len returns the number of lists and of their entries.
func (l *Lists) Len() (lists, entries int) { return len(l.lists), len(l.entries) }
