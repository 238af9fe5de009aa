package main

import (
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"comity"
)

// listenFlags say where a server is reached. On this machine's own addresses it needs nothing else. Everywhere else it
// speaks TLS itself, or answers a proxy that does, so that no password travels in the clear.
type listenFlags struct {
	Addr         string         `help:"Address to listen on. Any but this machine's own needs a certificate or a trusted proxy." default:"127.0.0.1:8080" env:"COMITY_ADDR" placeholder:"HOST:PORT"`
	PublicURL    string         `help:"Where people reach the group, such as https://comity.example. Other host names are refused. With a certificate its names count without it." env:"COMITY_PUBLIC_URL" placeholder:"URL"`
	TLSCert      string         `name:"tls-cert" help:"PEM file with the certificate and its chain; read again on SIGHUP." env:"COMITY_TLS_CERT" placeholder:"FILE"`
	TLSKey       string         `name:"tls-key" help:"PEM file with the certificate's private key." env:"COMITY_TLS_KEY" placeholder:"FILE"`
	TrustedProxy []netip.Prefix `help:"Addresses of proxies that add TLS, such as 10.0.0.5/32. Only they are answered, and only they are believed who the client is." env:"COMITY_TRUSTED_PROXY" placeholder:"CIDR"`
}

// site is how a server is reached, checked.
type site struct {
	base    string         // address to tell people; empty: the listener's
	hosts   []string       // Host headers that are answered, without port
	secure  bool           // people reach it over TLS, its own or a proxy's
	proxies []netip.Prefix // that are answered and believed; none: everybody is answered
	cert    *certificate   // nil: no TLS of its own
}

// site checks the flags. Its error is Invalid and says what to do.
func (f listenFlags) site() (site, error) {
	host, _, err := net.SplitHostPort(f.Addr)
	if err != nil {
		return site{}, comity.Errorf(comity.Invalid, "address %q: want HOST:PORT, such as 127.0.0.1:8080", f.Addr)
	}
	s := site{hosts: slices.Clone(loopbackHosts), proxies: f.TrustedProxy}
	if isLoopback(host) && host != "localhost" {
		s.hosts = append(s.hosts, host)
	}
	if (f.TLSCert == "") != (f.TLSKey == "") {
		return site{}, comity.Errorf(comity.Invalid, "a certificate and its key belong together: give both --tls-cert and --tls-key")
	}
	if f.TLSCert != "" {
		if s.cert, err = loadCertificate(f.TLSCert, f.TLSKey); err != nil {
			return site{}, err
		}
	}
	s.secure = s.cert != nil || len(s.proxies) > 0
	if !isLoopback(host) && !s.secure {
		return site{}, comity.Errorf(comity.Invalid, "address %q is not on this machine: passwords would travel in the clear; "+
			"give --tls-cert and --tls-key, or --trusted-proxy with the address of a proxy that adds TLS, or listen on 127.0.0.1", f.Addr)
	}
	return s, f.public(&s)
}

// public sets the names under which the server is reached.
func (f listenFlags) public(s *site) error {
	if f.PublicURL == "" {
		switch {
		case s.cert != nil:
			s.hosts = append(s.hosts, s.cert.names()...)
		case s.secure:
			return comity.Errorf(comity.Invalid, "behind a proxy, --public-url must say where people reach the group, such as https://comity.example")
		}
		return nil
	}
	u, err := url.Parse(f.PublicURL)
	if err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.User != nil {
		return comity.Errorf(comity.Invalid, "public URL %q: want scheme and host alone, such as https://comity.example", f.PublicURL)
	}
	if u.Scheme == "http" && (s.secure || !isLoopback(u.Hostname())) {
		return comity.Errorf(comity.Invalid, "public URL %q: want https, people sign in there", f.PublicURL)
	}
	if u.Scheme == "https" && !s.secure {
		return comity.Errorf(comity.Invalid, "public URL %q: who adds TLS? Give --tls-cert and --tls-key, or --trusted-proxy", f.PublicURL)
	}
	s.base = strings.TrimSuffix(f.PublicURL, "/")
	s.hosts = append(s.hosts, strings.ToLower(u.Hostname()))
	return nil
}

var loopbackHosts = []string{"127.0.0.1", "localhost", "::1"}

// isLoopback reports whether a host, as it stands in an address, is this machine's own.
func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// loopback returns the site of an address that must stay on this machine.
func loopback(addr string) (site, error) {
	host, _, err := net.SplitHostPort(addr)
	if err == nil && !isLoopback(host) {
		return site{}, comity.Errorf(comity.Invalid, "address %q is not on this machine: the demonstration has sign-in with one click; use 127.0.0.1 or [::1]", addr)
	}
	return listenFlags{Addr: addr}.site()
}

// scheme returns how the listener is spoken to.
func (s site) scheme() string {
	if s.cert != nil {
		return "https"
	}
	return "http"
}
