// Package fetch is the one client that reaches out to other machines. It only reads https addresses whose resolved
// address is a public one, follows few redirects under the same rule, uses no proxy, and bounds size and time. Read
// [Client.Get].
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
	"comity/intake"
)

// Options bound a client. The zero Options are safe.
type Options struct {
	MaxBytes     int64         // of a body, without the packing that the transport takes off; 0 counts as 64 MB
	Timeout      time.Duration // of a request with its redirects and body; 0 counts as 5 minutes
	AllowPrivate bool          // also http, and addresses of this machine and its networks: for tests and closed networks
	TLS          *tls.Config   // nil: the system's
}

const maxRedirects = 3

// Client reads documents. It may be used by several goroutines at once.
type Client struct {
	http    *http.Client
	post    *http.Client // follows nobody elsewhere
	dialer  *net.Dialer
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
	c.dialer = &net.Dialer{Timeout: 10 * time.Second, Control: c.control}
	transport := &http.Transport{
		Proxy:       nil, // a proxy from the environment would resolve names where we can't see the address
		DialContext: c.dialer.DialContext, TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: 30 * time.Second,
		TLSClientConfig: o.TLS, MaxResponseHeaderBytes: 64 << 10, ForceAttemptHTTP2: true,
		DisableKeepAlives: true, // documents are few and far between: nothing stays open
	}
	c.http = &http.Client{Transport: transport, Timeout: o.Timeout, CheckRedirect: c.redirect}
	c.post = &http.Client{Transport: transport, Timeout: o.Timeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return c
}

// Get returns the body of an address. Its error is Invalid where the address is not allowed or wrong, Unavailable where it
// can't be reached or answers anything but 200, TooLarge where the answer says that it is over the bound. Reading the body
// breaks off with TooLarge at the bound, and with Unavailable where the connection does.
func (c *Client) Get(ctx context.Context, address string) (io.ReadCloser, error) {
	answer, err := c.GetIf(ctx, address, Validators{})
	return answer.Body, err
}

// Validators tell one version of a document from another, as the server that has it says. They are opaque.
//
// Source: RFC 9110, section 8.8.
type Validators struct {
	ETag     string // of If-None-Match
	Modified string // of If-Modified-Since
}

// maxValidator bounds what is kept of a validator, in bytes; a longer one is as none.
const maxValidator = 500

// Answer is a document, or that there is none that is newer.
type Answer struct {
	Body io.ReadCloser // nil: the document is as the validators of the request say
	Validators
}

// GetIf is Get with the validators of the version that is here already: where the server says that it has no other, the
// answer has no body.
func (c *Client) GetIf(ctx context.Context, address string, have Validators) (Answer, error) {
	response, u, err := c.send(ctx, address, have)
	if err != nil {
		return Answer{}, err
	}
	if response.StatusCode == http.StatusNotModified && have != (Validators{}) {
		return Answer{Validators: have}, response.Body.Close()
	}
	if err := c.answered(u, response); err != nil {
		return Answer{}, errors.Join(err, response.Body.Close())
	}
	return Answer{
		Body: &bounded{body: response.Body, from: u.Redacted(), left: c.options.MaxBytes, most: c.options.MaxBytes},
		Validators: Validators{
			ETag: validator(response.Header.Get("ETag")), Modified: validator(response.Header.Get("Last-Modified")),
		},
	}, nil
}

func validator(s string) string {
	if len(s) > maxValidator {
		return ""
	}
	return s
}

// send asks an address.
func (c *Client) send(ctx context.Context, address string, have Validators) (*http.Response, *url.URL, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, nil, &comity.Error{Kind: comity.Invalid, Msg: fmt.Sprintf("address %.200q is not a URL", address), Err: err}
	}
	if err := c.allowed(u); err != nil {
		return nil, nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, nil, &comity.Error{Kind: comity.Invalid, Msg: fmt.Sprintf("address %.200q is not a URL", address), Err: err}
	}
	request.Header.Set("User-Agent", "comity")
	if have.ETag != "" {
		request.Header.Set("If-None-Match", have.ETag)
	}
	if have.Modified != "" {
		request.Header.Set("If-Modified-Since", have.Modified)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, nil, told("fetch "+u.Redacted(), err)
	}
	return response, u, nil
}

// answered refuses what is not the document, or is known to be too much of it.
func (c *Client) answered(u *url.URL, response *http.Response) error {
	switch {
	case response.StatusCode != http.StatusOK:
		return comity.Errorf(comity.Unavailable, "fetch %s: it answers %d %s", u.Redacted(), response.StatusCode, http.StatusText(response.StatusCode))
	case response.ContentLength > c.options.MaxBytes:
		return tooLarge(u.Redacted(), c.options.MaxBytes)
	}
	return nil
}

// told gives an error of the network its kind; what we refused ourselves has one.
func told(what string, err error) error {
	if e, ok := errors.AsType[*comity.Error](err); ok {
		return e
	}
	return &comity.Error{Kind: comity.Unavailable, Msg: what + ": it can't be reached", Err: err}
}

func tooLarge(from string, most int64) error {
	return comity.Errorf(comity.TooLarge, "fetch %s: the answer is larger than %s", from, intake.Size(most))
}

// allowed checks what can be seen of an address before it is resolved.
func (c *Client) allowed(u *url.URL) error {
	switch {
	case u.Scheme != "https" && !(c.options.AllowPrivate && u.Scheme == "http"):
		return comity.Errorf(comity.Invalid, "address %.200q: only https", u.Redacted())
	case u.User != nil:
		return comity.Errorf(comity.Invalid, "address %.200q: no user or password in it", u.Redacted())
	case u.Hostname() == "":
		return comity.Errorf(comity.Invalid, "address %.200q has no host", u.Redacted())
	}
	return nil
}

func (c *Client) redirect(request *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return comity.Errorf(comity.Unavailable, "fetch %s: more than %d redirects", via[0].URL.Redacted(), maxRedirects)
	}
	request.Header.Del("Referer") // whoever we are sent to need not know from where
	return c.allowed(request.URL)
}

// control runs on every connection after the name is resolved and before a byte is sent, so that no name, redirect or
// rebinding reaches what it must not: what is checked is what is connected to.
func (c *Client) control(_, address string, _ syscall.RawConn) error {
	if c.options.AllowPrivate {
		return nil
	}
	at, err := netip.ParseAddrPort(address)
	if err != nil || !Public(at.Addr()) {
		return &comity.Error{Kind: comity.Invalid, Msg: "the address is not a public one", Err: fmt.Errorf("it resolves to %s", address)}
	}
	return nil
}

// bounded breaks a body off at its bound.
type bounded struct {
	body       io.ReadCloser
	from       string
	left, most int64 // bytes
}

// Read implements io.Reader.
func (b *bounded) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, tooLarge(b.from, b.most)
	}
	n, err := b.body.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, tooLarge(b.from, b.most)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = &comity.Error{Kind: comity.Unavailable, Msg: "fetch " + b.from + ": it broke off", Err: err}
	}
	return n, err
}

// Close closes the body.
func (b *bounded) Close() error { return b.body.Close() }
