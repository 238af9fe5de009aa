// Package fetch is the one client that reaches out to other machines. It only reads https addresses whose resolved
// address is a public one, follows few redirects under the same rule, and bounds size and time. Read [Client.Get].
package fetch

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"

	"comity"
)

// Options bound a client. The zero Options are safe.
type Options struct {
	MaxBytes     int64         // of a body as it travels; 0 counts as 64 MB
	Timeout      time.Duration // of a request with its body; 0 counts as 5 minutes
	AllowPrivate bool          // also http, and addresses of this machine and its networks: for tests and closed networks
	TLS          *tls.Config   // nil: the system's
}

const maxRedirects = 3

// Client reads documents.
type Client struct {
	http    *http.Client
	options Options
}

// New returns a client.
func New(o Options) *Client {
	if o.MaxBytes == 0 {
		o.MaxBytes = 64 << 20
	}
	if o.Timeout == 0 {
		o.Timeout = 5 * time.Minute
	}
	c := &Client{options: o}
	dialer := &net.Dialer{Timeout: 10 * time.Second, Control: c.control}
	transport := &http.Transport{
		DialContext: dialer.DialContext, TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: 30 * time.Second,
		TLSClientConfig: o.TLS, MaxResponseHeaderBytes: 64 << 10, ForceAttemptHTTP2: true,
	}
	c.http = &http.Client{Transport: transport, Timeout: o.Timeout, CheckRedirect: c.redirect}
	return c
}

// Get returns the body of an address. Its error is Invalid where the address is not allowed or wrong, Unavailable where it
// can't be reached or answers anything but 200. A body over the bound breaks off with TooLarge.
func (c *Client) Get(ctx context.Context, address string) (io.ReadCloser, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, comity.Errorf(comity.Invalid, "address %q is not a URL", address)
	}
	if err := c.allowed(u); err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, comity.Errorf(comity.Invalid, "address %q: %w", address, err)
	}
	request.Header.Set("User-Agent", "comity")
	response, err := c.http.Do(request)
	if err != nil {
		if e, ok := errors.AsType[*comity.Error](err); ok {
			return nil, e
		}
		return nil, comity.Errorf(comity.Unavailable, "fetch %s: %w", u.Redacted(), err)
	}
	if response.StatusCode != http.StatusOK {
		return nil, errors.Join(comity.Errorf(comity.Unavailable, "fetch %s: %s", u.Redacted(), response.Status), response.Body.Close())
	}
	return &bounded{body: response.Body, left: c.options.MaxBytes, most: c.options.MaxBytes}, nil
}

// allowed checks what can be seen of an address before it is resolved.
func (c *Client) allowed(u *url.URL) error {
	switch {
	case u.Scheme != "https" && !(c.options.AllowPrivate && u.Scheme == "http"):
		return comity.Errorf(comity.Invalid, "address %q: only https", u.Redacted())
	case u.Hostname() == "":
		return comity.Errorf(comity.Invalid, "address %q has no host", u.Redacted())
	case u.User != nil:
		return comity.Errorf(comity.Invalid, "address %q: no user or password in it", u.Redacted())
	}
	return nil
}

func (c *Client) redirect(request *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return comity.Errorf(comity.Unavailable, "more than %d redirects", maxRedirects)
	}
	return c.allowed(request.URL)
}

// control runs on every connection after the name is resolved and before a byte is sent, so that no name, redirect or
// rebinding reaches what it must not.
func (c *Client) control(_, address string, _ syscall.RawConn) error {
	if c.options.AllowPrivate {
		return nil
	}
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("resolved address %q: %w", address, err)
	}
	if !Public(at.Addr()) {
		return comity.Errorf(comity.Invalid, "address %s is not a public one", at.Addr())
	}
	return nil
}

// reserved are the ranges that are not the public Internet. Source: IANA special-purpose address registries (RFC 6890).
var reserved = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
	"192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
	"198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
	"::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16",
	"3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
)

func prefixes(texts ...string) []netip.Prefix {
	list := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		list[i] = netip.MustParsePrefix(text)
	}
	return list
}

// Public reports whether an address is one of the public Internet. An IPv4 address inside an IPv6 one counts as itself.
func Public(a netip.Addr) bool {
	if !a.IsValid() || a.Zone() != "" {
		return false
	}
	a = a.Unmap()
	for _, p := range reserved {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// bounded breaks a body off at its bound.
type bounded struct {
	body       io.ReadCloser
	left, most int64
}

// Read implements io.Reader.
func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.body.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, comity.Errorf(comity.TooLarge, "the answer is larger than %d MB", b.most>>20)
	}
	return n, err
}

// Close closes the body.
func (b *bounded) Close() error { return b.body.Close() }
