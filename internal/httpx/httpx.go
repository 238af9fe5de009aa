// Package httpx is the middleware that every request passes, pages and API alike. Read [Wrap].
package httpx

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

// Options configure the middleware.
type Options struct {
	Log     *slog.Logger
	Hosts   []string                                           // host names that are answered, without port; empty: all
	Proxies []netip.Prefix                                     // proxies that alone are answered, and believed to say who the client is; empty: everybody is answered
	Secure  bool                                               // people reach the site over TLS
	Observe func(route string, status int, took time.Duration) // told of every answer, with the route's pattern; may be nil
	MaxBody int64                                              // bytes of a request's body; 0 counts as 64 MB
}

// Wrap joins the middleware around a handler, from outside to inside: log and request id, headers, recovery, proxies and
// the client's address, hosts, TLS, compression, size.
func Wrap(h http.Handler, o Options) http.Handler {
	if o.MaxBody == 0 {
		o.MaxBody = 64 << 20
	}
	h = LimitBody(h, o.MaxBody)
	h = Compress(h)
	if o.Secure {
		h = Strict(h)
	}
	h = Hosts(h, o.Hosts)
	h = OnlyProxies(ClientAddr(h, o.Proxies), o.Proxies)
	h = Recover(h, o.Log)
	h = SecurityHeaders(h)
	return Log(h, o.Log, o.Observe)
}

// policy is the Content-Security-Policy of every answer: nothing inline, nothing from elsewhere, no framing.
const policy = "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// SecurityHeaders sets what every answer carries. Handlers may set another Cache-Control.
func SecurityHeaders(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", policy)
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "same-origin")
		header.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Cache-Control", "no-store")
		h.ServeHTTP(w, r)
	})
}

// Hosts answers only requests for these hosts, so that a name that somebody else points here opens nothing.
func Hosts(h http.Handler, hosts []string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
		host = strings.Trim(strings.ToLower(host), "[]")
		if len(hosts) > 0 && !slices.Contains(hosts, host) {
			http.Error(w, "unknown host", http.StatusMisdirectedRequest)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// OnlyProxies answers nobody but these proxies: who comes past them would travel without TLS. This machine may ask
// whether the server is healthy.
func OnlyProxies(h http.Handler, proxies []netip.Prefix) http.Handler {
	if len(proxies) == 0 {
		return h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		peer, err := netip.ParseAddrPort(r.RemoteAddr)
		health := r.URL.Path == "/healthz" || r.URL.Path == "/readyz"
		switch {
		case err == nil && isOf(peer.Addr().Unmap(), proxies):
			h.ServeHTTP(w, r)
		case err == nil && health && peer.Addr().Unmap().IsLoopback():
			h.ServeHTTP(w, r)
		default:
			http.Error(w, "only through the proxy", http.StatusForbidden)
		}
	})
}

// Strict tells browsers to come over TLS only (RFC 6797), and sends back who reached a proxy without.
func Strict(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Strict-Transport-Security", "max-age=31536000")
		if r.TLS == nil && strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "http") {
			if r.Method != http.MethodGet && r.Method != http.MethodHead {
				http.Error(w, "over TLS only", http.StatusForbidden)
				return
			}
			http.Redirect(w, r, "https://"+r.Host+r.URL.RequestURI(), http.StatusPermanentRedirect)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// ClientAddr sets the request's RemoteAddr to the client's address where the connection comes from one of these proxies:
// the last address of X-Forwarded-For that is no proxy's. From anybody else the header says nothing: everybody can write
// it.
func ClientAddr(h http.Handler, proxies []netip.Prefix) http.Handler {
	if len(proxies) == 0 {
		return h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.RemoteAddr = clientOf(r.RemoteAddr, r.Header.Values("X-Forwarded-For"), proxies)
		h.ServeHTTP(w, r)
	})
}

func clientOf(remote string, forwarded []string, proxies []netip.Prefix) string {
	peer, err := netip.ParseAddrPort(remote)
	if err != nil {
		return remote
	}
	at := peer.Addr().Unmap()
	hops := strings.Split(strings.Join(forwarded, ","), ",")
	for i := len(hops) - 1; i >= 0 && isOf(at, proxies); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break // a proxy of ours that writes something else: its own address is what is known
		}
		at = hop.Unmap()
	}
	return netip.AddrPortFrom(at, peer.Port()).String()
}

func isOf(a netip.Addr, prefixes []netip.Prefix) bool {
	return slices.ContainsFunc(prefixes, func(p netip.Prefix) bool { return p.Contains(a) })
}

// LimitBody bounds the bodies of requests.
func LimitBody(h http.Handler, most int64) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, most)
		h.ServeHTTP(w, r)
	})
}

// Recover turns a panic into an answer that says nothing of it, and a log entry that says all. Where part of an answer
// went out already the connection is cut, so that nobody takes the part for the whole.
func Recover(h http.Handler, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		out := &recorder{ResponseWriter: w}
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p == http.ErrAbortHandler {
				panic(p)
			}
			log.ErrorContext(r.Context(), "panic", "panic", fmt.Sprint(p), "request", RequestID(r.Context()), "stack", string(debug.Stack()))
			if out.status != 0 {
				panic(http.ErrAbortHandler)
			}
			http.Error(w, "internal error, reference "+RequestID(r.Context()), http.StatusInternalServerError)
		}()
		h.ServeHTTP(out, r)
	})
}

type requestKey struct{}

// RequestID returns the reference of a request, which log entries and error pages share.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}

// Log gives every request a reference and logs it when it is answered: method, route, status, duration. Never its query,
// its body or who sent it.
func Log(h http.Handler, log *slog.Logger, observe func(route string, status int, took time.Duration)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var raw [8]byte
		_, _ = rand.Read(raw[:]) // never fails
		id := hex.EncodeToString(raw[:])
		w.Header().Set("X-Request-Id", id)
		out := &recorder{ResponseWriter: w}
		started := time.Now()
		r = r.WithContext(context.WithValue(r.Context(), requestKey{}, id))
		defer func() { // also where the connection is cut
			log.InfoContext(r.Context(), "request", "method", r.Method, "route", r.Pattern, "status", cmp.Or(out.status, http.StatusOK),
				"ms", time.Since(started).Milliseconds(), "request", id)
			if observe != nil {
				observe(r.Pattern, cmp.Or(out.status, http.StatusOK), time.Since(started))
			}
		}()
		h.ServeHTTP(out, r)
	})
}

// recorder remembers what went out.
type recorder struct {
	http.ResponseWriter
	status int // 0: nothing yet
}

// WriteHeader implements http.ResponseWriter.
func (r *recorder) WriteHeader(status int) {
	if status >= http.StatusOK && r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (r *recorder) Write(b []byte) (int, error) {
	r.status = cmp.Or(r.status, http.StatusOK)
	return r.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
