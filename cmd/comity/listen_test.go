package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"comity"
	"comity/storage/sqlite"
)

// writeCertificate writes a certificate of its own making with these host names, and returns its files and its pool.
func writeCertificate(t *testing.T, dir string, serial int64, names ...string) (cert, key string, pool *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: names[0]}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(90 * 24 * time.Hour), DNSNames: names, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: raw}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pool = x509.NewCertPool()
	pool.AppendCertsFromPEM(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	return cert, key, pool
}

func TestWhereServeListens(t *testing.T) {
	cert, key, _ := writeCertificate(t, t.TempDir(), 1, "comity.example", "Other.example")
	proxy := []netip.Prefix{netip.MustParsePrefix("10.0.0.5/32")}
	for _, test := range []struct {
		name   string
		flags  listenFlags
		err    string // part of the error; empty: taken
		hosts  []string
		secure bool
	}{
		{name: "this machine", flags: listenFlags{Addr: "127.0.0.1:8080"}, hosts: []string{"127.0.0.1", "localhost"}},
		{name: "this machine, IPv6", flags: listenFlags{Addr: "[::1]:8080"}, hosts: []string{"::1"}},
		{name: "this machine by name", flags: listenFlags{Addr: "localhost:8080"}},
		{name: "every address", flags: listenFlags{Addr: "0.0.0.0:8080"}, err: "in the clear"},
		{name: "every address, short", flags: listenFlags{Addr: ":8080"}, err: "in the clear"},
		{name: "every address, IPv6", flags: listenFlags{Addr: "[::]:8080"}, err: "in the clear"},
		{name: "the office's network", flags: listenFlags{Addr: "192.168.1.7:8080"}, err: "in the clear"},
		{name: "a name", flags: listenFlags{Addr: "comity.example:8080"}, err: "in the clear"},
		{name: "no port", flags: listenFlags{Addr: "127.0.0.1"}, err: "HOST:PORT"},
		{name: "public URL alone", flags: listenFlags{Addr: "0.0.0.0:8080", PublicURL: "https://comity.example"}, err: "in the clear"},
		{name: "certificate without key", flags: listenFlags{Addr: "0.0.0.0:8080", TLSCert: cert}, err: "both"},
		{name: "key without certificate", flags: listenFlags{Addr: "127.0.0.1:8080", TLSKey: key}, err: "both"},
		{name: "no certificate there", flags: listenFlags{Addr: "0.0.0.0:8080", TLSCert: "none", TLSKey: key}, err: "none"},
		{name: "key for certificate", flags: listenFlags{Addr: "0.0.0.0:8080", TLSCert: key, TLSKey: key}, err: "certificate"},
		{name: "certificate", flags: listenFlags{Addr: "0.0.0.0:8080", TLSCert: cert, TLSKey: key}, hosts: []string{"comity.example", "other.example", "localhost"}, secure: true},
		{name: "certificate and URL", flags: listenFlags{Addr: "0.0.0.0:8080", TLSCert: cert, TLSKey: key, PublicURL: "https://Third.example:8443/"}, hosts: []string{"third.example"}, secure: true},
		{name: "proxy without URL", flags: listenFlags{Addr: "0.0.0.0:8080", TrustedProxy: proxy}, err: "--public-url"},
		{name: "proxy", flags: listenFlags{Addr: "0.0.0.0:8080", TrustedProxy: proxy, PublicURL: "https://comity.example"}, hosts: []string{"comity.example"}, secure: true},
		{name: "proxy and plain URL", flags: listenFlags{Addr: "0.0.0.0:8080", TrustedProxy: proxy, PublicURL: "http://comity.example"}, err: "want https"},
		{name: "URL with nobody to add TLS", flags: listenFlags{Addr: "127.0.0.1:8080", PublicURL: "https://comity.example"}, err: "who adds TLS"},
		{name: "URL with a path", flags: listenFlags{Addr: "127.0.0.1:8080", PublicURL: "http://localhost/comity"}, err: "scheme and host alone"},
		{name: "URL that is none", flags: listenFlags{Addr: "127.0.0.1:8080", PublicURL: "comity.example"}, err: "scheme and host alone"},
		{name: "another plain URL", flags: listenFlags{Addr: "127.0.0.1:8080", PublicURL: "http://comity.example"}, err: "want https"},
	} {
		t.Run(test.name, func(t *testing.T) {
			at, err := test.flags.site()
			if test.err != "" {
				if comity.KindOf(err) != comity.Invalid || !strings.Contains(err.Error(), test.err) {
					t.Fatalf("got %v, want Invalid with %q", err, test.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if at.secure != test.secure {
				t.Errorf("secure %t, want %t", at.secure, test.secure)
			}
			for _, host := range test.hosts {
				if !strings.Contains(" "+strings.Join(at.hosts, " ")+" ", " "+host+" ") {
					t.Errorf("hosts %q, want %q among them", at.hosts, host)
				}
			}
		})
	}
}

// running is a server over a new store.
type running struct {
	addr string
	log  *locked
}

// locked is a log that a test reads while the server writes.
type locked struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (l *locked) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(b)
}

// says waits until the log has a text.
func (l *locked) says(t *testing.T, text string) {
	t.Helper()
	for range 200 {
		l.mu.Lock()
		found := strings.Contains(l.all.String(), text)
		l.mu.Unlock()
		if found {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("the log does not say %q:\n%s", text, l.all.String())
}

func serving(t *testing.T, flags listenFlags) running {
	t.Helper()
	at, err := flags.site()
	if err != nil {
		t.Fatal(err)
	}
	s, err := sqlite.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := running{addr: listener.Addr().String(), log: &locked{}}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- newServer(s, slog.New(slog.NewJSONHandler(r.log, nil)), at).run(ctx, listener) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		s.Close()
	})
	return r
}

// client trusts a pool and reaches every host at one address.
func client(addr string, c *tls.Config) *http.Client {
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			TLSClientConfig: c, ForceAttemptHTTP2: true, DisableKeepAlives: true,
			DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				return (&net.Dialer{}).DialContext(ctx, "tcp", addr)
			},
		},
	}
}

func TestServeTLS(t *testing.T) {
	dir := t.TempDir()
	cert, key, pool := writeCertificate(t, dir, 1, "comity.example")
	r := serving(t, listenFlags{Addr: "127.0.0.1:0", TLSCert: cert, TLSKey: key})
	resp, err := client(r.addr, &tls.Config{RootCAs: pool}).Get("https://comity.example/sign-in")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != 200 || resp.ProtoMajor != 2 || resp.TLS.Version != tls.VersionTLS13 {
		t.Errorf("status %d, HTTP/%d, TLS %x", resp.StatusCode, resp.ProtoMajor, resp.TLS.Version)
	}
	if got := resp.Header.Get("Strict-Transport-Security"); got != "max-age=31536000" {
		t.Errorf("Strict-Transport-Security: %q", got)
	}
	for _, c := range resp.Cookies() {
		if !c.Secure {
			t.Errorf("cookie %s travels without TLS", c.Name)
		}
	}
	for name, c := range map[string]*tls.Config{
		"TLS 1.1":         {RootCAs: pool, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11},
		"without secrecy": {RootCAs: pool, MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA}},
	} {
		if resp, err := client(r.addr, c).Get("https://comity.example/healthz"); err == nil {
			resp.Body.Close()
			t.Errorf("%s: answered", name)
		}
	}
	if resp, err := client(r.addr, &tls.Config{RootCAs: pool, ServerName: "comity.example"}).Get("https://evil.example/"); err != nil || resp.StatusCode != http.StatusMisdirectedRequest {
		t.Errorf("another host: %v, %v", resp, err)
	}
	testReload(t, r, dir, cert, pool)
}

// testReload replaces the certificate by a wrong one, which is not taken, and by a new one, which is.
func testReload(t *testing.T, r running, dir, cert string, old *x509.CertPool) {
	serial := func(pool *x509.CertPool) int64 {
		resp, err := client(r.addr, &tls.Config{RootCAs: pool}).Get("https://comity.example/healthz")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		return resp.TLS.PeerCertificates[0].SerialNumber.Int64()
	}
	if err := os.WriteFile(cert, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	hangup(t)
	r.log.says(t, "the certificate in use stays")
	if got := serial(old); got != 1 {
		t.Errorf("certificate %d, want the first", got)
	}
	_, _, pool := writeCertificate(t, dir, 2, "comity.example")
	hangup(t)
	r.log.says(t, "holds until")
	if got := serial(pool); got != 2 {
		t.Errorf("certificate %d, want the second", got)
	}
}

// hangup sends SIGHUP to this process, which is the server.
func hangup(t *testing.T) {
	t.Helper()
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
}

func TestServeBehindProxy(t *testing.T) {
	flags := listenFlags{Addr: "0.0.0.0:0", PublicURL: "https://comity.example", TrustedProxy: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	r := serving(t, flags)
	get := func(path string, headers ...string) *http.Response {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://comity.example"+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(headers); i += 2 {
			req.Header.Set(headers[i], headers[i+1])
		}
		resp, err := client(r.addr, nil).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { resp.Body.Close() })
		return resp
	}
	if resp := get("/sign-in", "X-Forwarded-Proto", "https", "X-Forwarded-For", "203.0.113.9"); resp.StatusCode != 200 || resp.Header.Get("Strict-Transport-Security") == "" {
		t.Errorf("through the proxy: %d, %v", resp.StatusCode, resp.Header)
	}
	resp := get("/threats?q=x", "X-Forwarded-Proto", "http")
	if resp.StatusCode != http.StatusPermanentRedirect || resp.Header.Get("Location") != "https://comity.example/threats?q=x" {
		t.Errorf("who came to the proxy without TLS: %d to %q", resp.StatusCode, resp.Header.Get("Location"))
	}
}

func TestServeRefusesWhoComesPastTheProxy(t *testing.T) {
	flags := listenFlags{Addr: "0.0.0.0:0", PublicURL: "https://comity.example", TrustedProxy: []netip.Prefix{netip.MustParsePrefix("192.0.2.1/32")}}
	r := serving(t, flags)
	for path, want := range map[string]int{"/sign-in": 403, "/api/v1/threats": 403, "/healthz": 200, "/readyz": 200} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost"+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Forwarded-For", "192.0.2.1") // says nothing from here
		resp, err := client(r.addr, nil).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("%s past the proxy: %d, want %d", path, resp.StatusCode, want)
		}
	}
}
