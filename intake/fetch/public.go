package fetch

import "net/netip"

// global6 is all that is given out of IPv6 for use in public.
var global6 = netip.MustParsePrefix("2000::/3")

// reserved are the ranges that are not the public Internet, and one public address behind which a cloud serves secrets of
// its machines. Ranges of IPv6 that carry an IPv4 address inside are among them as a whole.
//
// Source: IANA special-purpose address registries for IPv4 and IPv6 (RFC 6890).
var reserved = prefixes(
	"0.0.0.0/8",        // this network
	"10.0.0.0/8",       // private
	"100.64.0.0/10",    // shared by carriers
	"127.0.0.0/8",      // this machine
	"168.63.129.16/32", // Azure's own services
	"169.254.0.0/16",   // link, with the metadata of most clouds
	"172.16.0.0/12",    // private
	"192.0.0.0/24",     // protocols
	"192.0.2.0/24",     // documentation
	"192.31.196.0/24",  // AS112
	"192.52.193.0/24",  // AMT
	"192.88.99.0/24",   // 6to4 relays
	"192.168.0.0/16",   // private
	"192.175.48.0/24",  // AS112
	"198.18.0.0/15",    // benchmarks
	"198.51.100.0/24",  // documentation
	"203.0.113.0/24",   // documentation
	"224.0.0.0/4",      // multicast
	"240.0.0.0/4",      // future use, broadcast

	"2001::/23",         // protocols, Teredo among them
	"2001:db8::/32",     // documentation
	"2002::/16",         // 6to4
	"2620:4f:8000::/48", // AS112
	"3fff::/20",         // documentation
)

func prefixes(texts ...string) []netip.Prefix {
	list := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		list[i] = netip.MustParsePrefix(text)
	}
	return list
}

// Public reports whether an address is one of the public Internet. An IPv4 address mapped into IPv6 counts as itself; one
// with a zone, and one of IPv6 that leads to an IPv4 address (NAT64, 6to4, Teredo, ISATAP), is none.
func Public(a netip.Addr) bool {
	if !a.IsValid() || a.Zone() != "" {
		return false
	}
	a = a.Unmap()
	if a.Is6() && (!global6.Contains(a) || isISATAP(a)) {
		return false
	}
	for _, p := range reserved {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// isISATAP reports whether the interface identifier is ::0:5efe:a.b.c.d or ::200:5efe:a.b.c.d (RFC 5214, section 6.1).
func isISATAP(a netip.Addr) bool {
	b := a.As16()
	return b[8]&^2 == 0 && b[9] == 0 && b[10] == 0x5e && b[11] == 0xfe
}
