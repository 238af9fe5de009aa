package httpx

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
)

// serve sends one request through the middleware to a handler, and returns the answer and the log.
func serve(t *testing.T, o Options, r *http.Request, h http.HandlerFunc) (*httptest.ResponseRecorder, string) {
	t.Helper()
	var log bytes.Buffer
	o.Log = slog.New(slog.NewJSONHandler(&log, nil))
	w := httptest.NewRecorder()
	mux := http.NewServeMux()
	mux.HandleFunc("/things/{id}", h)
	Wrap(mux, o).ServeHTTP(w, r)
	return w, log.String()
}

func request(method, target string, headers ...string) *http.Request {
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	return r
}

func say(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }
}

func TestHosts(t *testing.T) {
	tests := []struct {
		host string
		want int
	}{
		{"localhost", 200},
		{"localhost:8080", 200},
		{"LOCALHOST:1", 200},
		{"127.0.0.1:8080", 200},
		{"[::1]:8080", 200},
		{"[::1]", 200},
		{"evil.example", 421},
		{"localhost.evil.example:8080", 421},
		{"localhost.", 421},
		{"", 421},
	}
	for _, tt := range tests {
		t.Run(tt.host, func(t *testing.T) {
			r := request("GET", "/things/1")
			r.Host = tt.host
			w, _ := serve(t, Options{Hosts: []string{"localhost", "127.0.0.1", "::1"}}, r, say("hello"))
			if w.Code != tt.want {
				t.Errorf("status %d, want %d", w.Code, tt.want)
			}
			if tt.want != 200 && strings.Contains(w.Body.String(), "hello") {
				t.Error("the handler was reached")
			}
		})
	}
}

func TestSecurityHeaders(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"an answer": say("x"),
		"a panic":   func(http.ResponseWriter, *http.Request) { panic("secret") },
	} {
		t.Run(name, func(t *testing.T) {
			w, _ := serve(t, Options{}, request("GET", "/things/1"), h)
			for header, want := range map[string]string{
				"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
				"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin", "Permissions-Policy": "camera=()",
			} {
				if got := w.Header().Get(header); !strings.Contains(got, want) {
					t.Errorf("%s: %q, want %q in it", header, got, want)
				}
			}
			if csp := w.Header().Get("Content-Security-Policy"); strings.Contains(csp, "unsafe") || strings.Contains(csp, "data:") || strings.Contains(csp, "*") {
				t.Errorf("policy %q", csp)
			}
		})
	}
	w, _ := serve(t, Options{}, request("GET", "/things/1"), say("x"))
	if got := w.Header().Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control %q", got)
	}
	w, _ = serve(t, Options{}, request("GET", "/things/1"), func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "public, immutable")
	})
	if got := w.Header().Get("Cache-Control"); got != "public, immutable" {
		t.Errorf("a handler's own Cache-Control became %q", got)
	}
}

func TestRecover(t *testing.T) {
	page := func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, "half a page")
		panic("secret of the inside")
	}
	for _, encoding := range []string{"", "gzip", "br"} {
		w, log := serve(t, Options{}, request("GET", "/things/1", "Accept-Encoding", encoding), func(http.ResponseWriter, *http.Request) { panic("secret of the inside") })
		if w.Code != 500 || strings.Contains(w.Body.String(), "secret") || !strings.Contains(w.Body.String(), w.Header().Get("X-Request-Id")) {
			t.Errorf("%q: status %d, %q", encoding, w.Code, w.Body)
		}
		if !strings.Contains(log, "secret of the inside") || !strings.Contains(log, w.Header().Get("X-Request-Id")) {
			t.Errorf("log %s", log)
		}
	}
	// Held back by compression, half a page is thrown away.
	w, _ := serve(t, Options{}, request("GET", "/things/1", "Accept-Encoding", "br"), page)
	if w.Code != 500 || strings.Contains(w.Body.String(), "half a page") {
		t.Errorf("status %d, %q", w.Code, w.Body)
	}
	// Sent already, the connection is cut.
	defer func() {
		if p := recover(); p != http.ErrAbortHandler {
			t.Errorf("panic %v, want http.ErrAbortHandler", p)
		}
	}()
	serve(t, Options{}, request("GET", "/things/1"), page)
	t.Error("half a page passes for a whole one")
}

func TestLog(t *testing.T) {
	r := request("POST", "/things/per_secret?password=secret", "Cookie", "comity=secret", "Authorization", "Bearer secret")
	r.RemoteAddr = "203.0.113.77:1"
	w, log := serve(t, Options{}, r, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	for _, want := range []string{`"method":"POST"`, `"route":"/things/{id}"`, `"status":418`, `"request":"` + w.Header().Get("X-Request-Id") + `"`, `"ms":`} {
		if !strings.Contains(log, want) {
			t.Errorf("log %s without %s", log, want)
		}
	}
	for _, never := range []string{"secret", "203.0.113.77"} {
		if strings.Contains(log, never) {
			t.Errorf("log %s tells %s", log, never)
		}
	}
	if other, _ := serve(t, Options{}, r, say("x")); other.Header().Get("X-Request-Id") == w.Header().Get("X-Request-Id") {
		t.Error("two requests have one reference")
	}
}

func TestLimitBody(t *testing.T) {
	var err error
	h := func(_ http.ResponseWriter, r *http.Request) { _, err = io.ReadAll(r.Body) }
	for size, over := range map[int]bool{10: false, 11: true} {
		r := httptest.NewRequest("POST", "/things/1", strings.NewReader(strings.Repeat("x", size)))
		serve(t, Options{MaxBody: 10}, r, h)
		if _, too := errors.AsType[*http.MaxBytesError](err); too != over {
			t.Errorf("%d bytes of 10: error %v", size, err)
		}
	}
}

func TestOnlyProxies(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	for _, tt := range []struct {
		remote, path string
		want         int
	}{
		{"10.1.2.3:9", "/things/1", 200},
		{"[::ffff:10.1.2.3]:9", "/things/1", 200},
		{"198.51.100.1:9", "/things/1", 403},
		{"127.0.0.1:9", "/things/1", 403},
		{"127.0.0.1:9", "/readyz", 404}, // this test has no such page: it came through
		{"198.51.100.1:9", "/readyz", 403},
		{"@", "/things/1", 403},
	} {
		r := request("GET", tt.path, "X-Forwarded-For", "10.1.2.3")
		r.RemoteAddr = tt.remote
		if w, _ := serve(t, Options{Proxies: proxies}, r, say("x")); w.Code != tt.want {
			t.Errorf("%s from %s: %d, want %d", tt.path, tt.remote, w.Code, tt.want)
		}
	}
}

func TestStrict(t *testing.T) {
	if w, _ := serve(t, Options{}, request("GET", "/things/1"), say("x")); w.Header().Get("Strict-Transport-Security") != "" {
		t.Error("a site without TLS asks for it")
	}
	for proto, want := range map[string]int{"https": 200, "": 200, "http": 308} {
		w, _ := serve(t, Options{Secure: true}, request("GET", "/things/1?a=b", "X-Forwarded-Proto", proto), say("x"))
		if w.Code != want || w.Header().Get("Strict-Transport-Security") == "" {
			t.Errorf("%q: %d, %v", proto, w.Code, w.Header())
		}
		if want == 308 && w.Header().Get("Location") != "https://example.com/things/1?a=b" {
			t.Errorf("sent to %q", w.Header().Get("Location"))
		}
	}
	if w, _ := serve(t, Options{Secure: true}, request("POST", "/things/1", "X-Forwarded-Proto", "http"), say("x")); w.Code != 403 {
		t.Errorf("a form without TLS: %d", w.Code)
	}
	evil := request("GET", "/things/1", "X-Forwarded-Proto", "http")
	evil.Host = "evil.example"
	if w, _ := serve(t, Options{Secure: true, Hosts: []string{"comity.example"}}, evil, say("x")); w.Code != http.StatusMisdirectedRequest {
		t.Errorf("sent to another host: %d %q", w.Code, w.Header().Get("Location"))
	}
}

func TestClientAddr(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	tests := []struct{ name, remote, forwarded, want string }{
		{"a proxy", "127.0.0.1:9", "203.0.113.5", "203.0.113.5:9"},
		{"a proxy over IPv6", "[::1]:9", "2001:db8::7", "[2001:db8::7]:9"},
		{"nobody's proxy", "198.51.100.1:9", "203.0.113.5", "198.51.100.1:9"},
		{"what the client wrote before it", "127.0.0.1:9", "1.2.3.4, 203.0.113.5", "203.0.113.5:9"},
		{"two proxies", "127.0.0.1:9", "1.2.3.4, 203.0.113.5, 10.1.1.1", "203.0.113.5:9"},
		{"all proxies", "127.0.0.1:9", "10.1.1.1", "10.1.1.1:9"},
		{"no header", "127.0.0.1:9", "", "127.0.0.1:9"},
		{"nonsense", "127.0.0.1:9", "203.0.113.5, unknown", "127.0.0.1:9"},
		{"mapped", "[::ffff:127.0.0.1]:9", "203.0.113.5", "203.0.113.5:9"},
		{"no address at all", "@", "203.0.113.5", "@"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := request("GET", "/things/1")
			r.RemoteAddr = tt.remote
			if tt.forwarded != "" {
				r.Header.Set("X-Forwarded-For", tt.forwarded)
			}
			var got string
			h := func(_ http.ResponseWriter, r *http.Request) { got = r.RemoteAddr }
			ClientAddr(http.HandlerFunc(h), proxies).ServeHTTP(httptest.NewRecorder(), r)
			if got != tt.want {
				t.Errorf("client %s, want %s", got, tt.want)
			}
		})
	}
	r := request("GET", "/things/1", "X-Forwarded-For", "203.0.113.5")
	r.RemoteAddr = "127.0.0.1:9"
	serve(t, Options{}, r, func(_ http.ResponseWriter, r *http.Request) {
		if r.RemoteAddr != "127.0.0.1:9" {
			t.Errorf("without a proxy configured the client is %s", r.RemoteAddr)
		}
	})
}

func TestCompress(t *testing.T) {
	long := strings.Repeat("exposure and action ", 100)
	tests := []struct {
		name, accept, text, contentType, encoding, want string
	}{
		{"brotli first", "gzip, deflate, br", long, "text/html", "", "br"},
		{"gzip", "gzip", long, "text/html; charset=utf-8", "", "gzip"},
		{"JSON", "br", long, "application/problem+json", "", "br"},
		{"none asked", "", long, "text/html", "", ""},
		{"refused", "br;q=0, gzip;q=0.000", long, "text/html", "", ""},
		{"brotli refused", "br; q=0, gzip; q=0.5", long, "text/html", "", "gzip"},
		{"nonsense", "br;q=x", long, "text/html", "", ""},
		{"small", "br", "short", "text/html", "", ""},
		{"a picture", "br", long, "image/png", "", ""},
		{"an SVG", "br", long, "image/svg+xml", "", "br"},
		{"compressed already", "br, gzip", long, "text/css", "x", "x"},
		{"type not said", "gzip", long, "", "", "gzip"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w, _ := serve(t, Options{}, request("GET", "/things/1", "Accept-Encoding", tt.accept), func(w http.ResponseWriter, _ *http.Request) {
				if tt.contentType != "" {
					w.Header().Set("Content-Type", tt.contentType)
				}
				if tt.encoding != "" {
					w.Header().Set("Content-Encoding", tt.encoding)
				}
				w.WriteHeader(http.StatusAccepted)
				for i := 0; i < len(tt.text); i += 7 {
					_, _ = io.WriteString(w, tt.text[i:min(i+7, len(tt.text))])
				}
			})
			if w.Code != http.StatusAccepted || w.Header().Get("Content-Encoding") != tt.want || w.Header().Get("Vary") != "Accept-Encoding" {
				t.Errorf("status %d, encoding %q, vary %q", w.Code, w.Header().Get("Content-Encoding"), w.Header().Get("Vary"))
			}
			if got := unpack(t, tt.want, w.Body); got != tt.text {
				t.Errorf("%d characters came out, want %d", len(got), len(tt.text))
			}
		})
	}
}

func unpack(t *testing.T, encoding string, body io.Reader) string {
	t.Helper()
	switch encoding {
	case "br":
		body = brotli.NewReader(body)
	case "gzip":
		g, err := gzip.NewReader(body)
		if err != nil {
			t.Fatal(err)
		}
		body = g
	}
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestNoBody asks that answers without a body stay so.
func TestNoBody(t *testing.T) {
	for _, status := range []int{204, 303, 304} {
		w, _ := serve(t, Options{}, request("GET", "/things/1", "Accept-Encoding", "br"), func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
		if w.Code != status || w.Body.Len() != 0 || w.Header().Get("Content-Encoding") != "" {
			t.Errorf("%d became %d with %d bytes", status, w.Code, w.Body.Len())
		}
	}
}

func TestFlush(t *testing.T) {
	w, _ := serve(t, Options{}, request("GET", "/things/1", "Accept-Encoding", "gzip"), func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, strings.Repeat("x", 600))
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Error(err)
		}
	})
	if !w.Flushed || unpack(t, "gzip", w.Body) != strings.Repeat("x", 600) {
		t.Error("not flushed whole")
	}
}

// FuzzClientAddr asks that nobody but a proxy decides who the client is, whatever the header says.
func FuzzClientAddr(f *testing.F) {
	f.Add("127.0.0.1:9", "203.0.113.5")
	f.Add("198.51.100.1:9", "1.2.3.4, 127.0.0.1")
	f.Add("[::1%eth0]:9", ",,;")
	proxies := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	f.Fuzz(func(t *testing.T, remote, forwarded string) {
		got := clientOf(remote, []string{forwarded}, proxies)
		peer, err := netip.ParseAddrPort(remote)
		if err != nil {
			if got != remote {
				t.Errorf("%q became %q", remote, got)
			}
			return
		}
		client, err := netip.ParseAddrPort(got)
		if err != nil || client.Port() != peer.Port() {
			t.Fatalf("%q, %q: client %q", remote, forwarded, got)
		}
		if !isOf(peer.Addr().Unmap(), proxies) && client.Addr() != peer.Addr().Unmap() {
			t.Errorf("%q is no proxy and said that it is %q", remote, got)
		}
	})
}
