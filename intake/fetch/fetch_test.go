package fetch

import (
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"comity"

	"golang.org/x/net/dns/dnsmessage"
)

// names is a resolver of our own, spoken to in memory: no test asks a real one.
type names struct {
	mu      sync.Mutex
	answers map[string][]netip.Addr   // by name with its dot at the end
	turns   map[string][][]netip.Addr // answers that change with every question for an A record; the last one stays
	asked   int
}

func (n *names) resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, StrictErrors: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go n.serve(theirs)
		return ours, nil
	}}
}

// serve answers questions until the other side hangs up. Every name that it doesn't know is this machine.
func (n *names) serve(c net.Conn) {
	defer c.Close()
	for {
		var size [2]byte
		if _, err := io.ReadFull(c, size[:]); err != nil {
			return
		}
		packet := make([]byte, binary.BigEndian.Uint16(size[:]))
		if _, err := io.ReadFull(c, packet); err != nil {
			return
		}
		var question dnsmessage.Message
		if err := question.Unpack(packet); err != nil {
			return
		}
		answer, err := n.answer(question)
		if err != nil {
			return
		}
		if _, err := c.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(answer))), answer...)); err != nil {
			return
		}
	}
}

func (n *names) answer(m dnsmessage.Message) ([]byte, error) {
	q := m.Questions[0]
	m.Response, m.RecursionAvailable, m.Additionals = true, true, nil
	for _, a := range n.lookup(q.Name.String(), q.Type) {
		head := dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class}
		switch {
		case q.Type == dnsmessage.TypeA && a.Is4():
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: head, Body: &dnsmessage.AResource{A: a.As4()}})
		case q.Type == dnsmessage.TypeAAAA && a.Is6():
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: head, Body: &dnsmessage.AAAAResource{AAAA: a.As16()}})
		}
	}
	return m.Pack()
}

func (n *names) lookup(name string, kind dnsmessage.Type) []netip.Addr {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.asked++
	name = strings.ToLower(name)
	if turns := n.turns[name]; len(turns) > 0 {
		if kind == dnsmessage.TypeA && len(turns) > 1 {
			n.turns[name] = turns[1:]
		}
		return turns[0]
	}
	if answer, ok := n.answers[name]; ok {
		return answer
	}
	return []netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.IPv6Loopback()}
}

func addresses(texts ...string) []netip.Addr {
	list := make([]netip.Addr, len(texts))
	for i, text := range texts {
		list[i] = netip.MustParseAddr(text)
	}
	return list
}

var errReached = errors.New("would connect")

// guarded returns a client that resolves with n and connects only to the servers of a test; every other address that it
// would have connected to is noted instead.
func guarded(n *names, servers ...*httptest.Server) (*Client, *reached) {
	pool, of := x509.NewCertPool(), map[string]bool{}
	for _, s := range servers {
		pool.AddCert(s.Certificate())
		of[s.Listener.Addr().String()] = true
	}
	c := New(Options{TLS: &tls.Config{RootCAs: pool, ServerName: "example.com"}, Timeout: 20 * time.Second})
	c.dialer.Resolver = n.resolver()
	r := &reached{}
	c.dialer.Control = func(network, address string, conn syscall.RawConn) error {
		if of[address] {
			return nil
		}
		if err := c.control(network, address, conn); err != nil {
			return err
		}
		r.note(address)
		return errReached
	}
	return c, r
}

// reached are the addresses that a client would have connected to.
type reached struct {
	mu   sync.Mutex
	list []string
}

func (r *reached) note(address string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, address)
}

// counting is a server that must never be reached, and how often it was.
func counting(t *testing.T) (*httptest.Server, *atomic.Int64) {
	t.Helper()
	var hits atomic.Int64
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		hits.Add(1)
		_, _ = io.WriteString(w, "secret")
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s, &hits
}

// Hosts that lead inside, in every spelling. PORT is that of a server on this machine.
var inside = []string{
	// This machine.
	"127.0.0.1", "127.0.0.1:PORT", "127.1", "127.0.1", "127.0.0.2", "127.255.255.254", "127.127.127.127", "0.0.0.0", "0.0.0.0:PORT", "0",
	"0.1.2.3", "localhost", "localhost:PORT", "LOCALHOST", "localhost.", "localhost.localdomain", "ip6-localhost", "a.localhost",
	"2130706433", "2130706433:PORT", "0x7f000001", "0X7F000001", "0x7f.0.0.1", "0x7f.1", "0x7f.0x0.0x0.0x1", "017700000001", "0177.0.0.1",
	"0177.0.0.01", "00000177.0.0.1", "0177.1", "127.0.0.0x1", "127.00.00.01", "127.0.0.1.", "4294967297", "1.0.0.127.in-addr.arpa",
	"127.0.0.1.nip.example", "127-0-0-1.sslip.example", "spoofed.example", "loopback.example:PORT",
	"[::1]", "[::1]:PORT", "[0:0:0:0:0:0:0:1]", "[0000::0001]", "[::]", "[::]:PORT", "[0:0:0:0:0:0:0:0]",
	"[::ffff:127.0.0.1]", "[::ffff:127.0.0.1]:PORT", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]", "[::FFFF:127.0.0.1]", "[::ffff:0:127.0.0.1]",
	"[::127.0.0.1]", "[::7f00:1]", "[::ffff:0.0.0.0]", "[64:ff9b::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b:1::127.0.0.1]", "[64:ff9b:1:ffff::1]",
	"[2002:7f00:1::]", "[2002:7f00:0001::1]", "[2001:0:7f00:1::]", "[2001:0:4136:e378:8000:63bf:80ff:fffe]", "[fe80::5efe:127.0.0.1]",
	"[2600::5efe:127.0.0.1]", "[2600::200:5efe:7f00:1]", "[2600:1234:5678:9abc:0:5efe:a00:1]",
	"１２７.０.０.１", "127。0。0。1", "127．0．0．1", "①②⑦.⓪.⓪.①", "ⓛocalhost", "ｌｏｃａｌｈｏｓｔ", "loc%61lhost", "%6c%6fcalhost", "127.0.0.%31", "l\u00adocalhost",

	// Networks of ours.
	"10.0.0.1", "10.255.255.255", "10.1", "0xa000001", "167772161", "012.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.0.1", "192.168.1.254", "192.168.1",
	"3232235777", "0xc0a80101", "0300.0250.1.1", "100.64.0.1", "100.127.255.254", "[fc00::1]", "[fd00::1]", "[fd12:3456:789a:1::1]", "[fdff:ffff::1]",
	"[::ffff:10.0.0.1]", "[::ffff:a00:1]", "[::ffff:192.168.1.1]", "[::ffff:172.16.0.1]", "[64:ff9b::10.0.0.1]", "[64:ff9b::c0a8:101]", "[2002:a00:1::]", "[2002:c0a8:101::1]",
	"[fec0::1]", "[feff::1]", "private.example", "router", "intranet", "db.internal", "printer.local", "kubernetes.default.svc.cluster.local",

	// The link, and what clouds serve to their machines.
	"169.254.169.254", "169.254.169.254:80", "169.254.169.253", "169.254.170.2", "169.254.0.1", "169.254.255.255", "2852039166", "0xa9fea9fe", "0xA9.0xFE.0xA9.0xFE",
	"0251.0376.0251.0376", "0251.254.169.254", "025177524776", "169.254.43518", "169.16689662", "[::ffff:169.254.169.254]", "[::ffff:a9fe:a9fe]", "[::169.254.169.254]",
	"[64:ff9b::169.254.169.254]", "[2002:a9fe:a9fe::]", "[fe80::1]", "[fe80::1%25lo]", "[fe80::a9fe:a9fe]", "[febf::1]", "[fd00:ec2::254]", "[fd20:ce::254]",
	"metadata", "metadata.google.internal", "instance-data", "metadata.example", "100.100.100.200", "192.0.0.192", "168.63.129.16", "[::ffff:168.63.129.16]",

	// What is nowhere, everywhere or for others.
	"224.0.0.1", "239.255.255.250", "255.255.255.255", "240.0.0.1", "4294967295", "[ff02::1]", "[ff05::2]", "[ff0e::1]", "192.0.2.1", "198.51.100.7", "203.0.113.9",
	"198.18.0.1", "198.19.255.255", "192.88.99.1", "192.0.0.1", "192.0.0.8", "[2001:db8::1]", "[3fff::1]", "[100::1]", "[5f00::1]", "[2001:2::1]", "[2001:10::1]", "[4000::1]", "[1::1]",
}

// Addresses whose form alone is refused, or that hide where they lead.
var crooked = []string{
	"http://127.0.0.1/", "http://example.com/", "HTTP://example.com/", "ftp://127.0.0.1/", "file:///etc/passwd", "file://localhost/etc/passwd", "FILE:/etc/passwd",
	"gopher://127.0.0.1:6379/_INFO", "dict://127.0.0.1:11211/stats", "ldap://127.0.0.1/", "tftp://127.0.0.1/x", "ws://127.0.0.1/", "wss://127.0.0.1/", "ssh://127.0.0.1/",
	"smb://127.0.0.1/c$", "jar:https://127.0.0.1!/", "netdoc:///etc/passwd", "data:text/plain,secret", "javascript:alert(1)", "unix:///var/run/docker.sock", "https+unix://%2Fvar%2Frun%2Fdocker.sock/",
	"//127.0.0.1/", "/etc/passwd", "127.0.0.1", "localhost:443", "", " ", "https:", "https://", "https:///", "https:127.0.0.1", "https:/127.0.0.1/", "https:\\\\127.0.0.1", "https://:443/", "https://?x", "https://#x", " https://127.0.0.1/",
	"https://user@127.0.0.1/", "https://user:pass@127.0.0.1/", "https://example.com@127.0.0.1/", "https://example.com:443@127.0.0.1/", "https://example.com%40127.0.0.1/", "https://127.0.0.1@example.com/",
	"https://example.com\\@127.0.0.1/", "https://127.0.0.1\\.example.com/", "https://127.0.0.1#@example.com/", "https://127.0.0.1?@example.com/", "https://127.0.0.1%00.example.com/",
	"https://127.0.0.1%0d%0aHost:%20x/", "https://127.0.0.1\r\nX: y/", "https://127.0.0.1\t/", "https://127.0.0.1 /", "https://127.0.0.1%20/", "https://127.0.0.1:443:80/", "https://127.0.0.1:/", "https://127.0.0.1:99999/", "https://127.0.0.1:-1/",
	"https://[::1/", "https://::1/", "https://[127.0.0.1]/", "https://[::1]x/", "https://[::1%25]/", "https://[::1%25lo]/", "https://[::ffff:127.0.0.1%25lo]/", "https://[v1.fe80::a]/", "https://[]/",
	"https://127.0.0.1:443/%2e%2e/", "https://127.0.0.1//example.com", "https://127.0.0.1;example.com/", "https://127.0.0.1,example.com/", "https://*/", "https://$/", "https://-/", "https://./", "https://../", "https://%/", "https://%zz/",
}

// No form of an address leads inside, whatever a resolver says.
func TestNothingInsideIsReached(t *testing.T) {
	server, hits := counting(t)
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	n := &names{answers: map[string][]netip.Addr{
		"private.example.":  addresses("10.1.2.3", "fd00::1"),
		"metadata.example.": addresses("169.254.169.254", "fd00:ec2::254"),
	}}
	forms := append([]string{}, crooked...)
	for _, host := range inside {
		forms = append(forms, "https://"+strings.ReplaceAll(host, "PORT", port)+"/latest/meta-data/")
	}
	client, reached := guarded(n)
	for _, address := range forms {
		t.Run(address, func(t *testing.T) {
			body, err := client.Get(t.Context(), address)
			if err == nil {
				body.Close()
			}
			// Unavailable is what Go's resolver refuses to look up, such as a name of digits only.
			if kind := comity.KindOf(err); kind != comity.Invalid && kind != comity.Unavailable {
				t.Errorf("%v of kind %s", err, kind)
			}
		})
	}
	if len(forms) < 150 || hits.Load() != 0 || len(reached.list) != 0 {
		t.Errorf("%d forms, %d hits, reached %v", len(forms), hits.Load(), reached.list)
	}
	t.Logf("%d forms", len(forms))
}

// The same hosts are refused when a server that is allowed sends us there, by every kind of redirect.
func TestNoRedirectLeadsInside(t *testing.T) {
	secret, hits := counting(t)
	_, port, err := net.SplitHostPort(secret.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	var location atomic.Value
	var status atomic.Int64
	public := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Referer") != "" {
			t.Error("tells where it came from")
		}
		w.Header()["Location"] = []string{location.Load().(string)}
		w.WriteHeader(int(status.Load()))
	}))
	t.Cleanup(public.Close)
	client, reached := guarded(&names{}, public)
	codes := []int{301, 302, 303, 307, 308}
	forms := []string{"http://" + secret.Listener.Addr().String() + "/", "http://example.com/", "file:///etc/passwd", "gopher://127.0.0.1/", "//127.0.0.1:" + port + "/", "https://u:p@127.0.0.1:" + port + "/"}
	for _, host := range inside {
		forms = append(forms, "https://"+strings.ReplaceAll(host, "PORT", port)+"/")
	}
	for i, form := range forms {
		location.Store(form)
		status.Store(int64(codes[i%len(codes)]))
		body, err := client.Get(t.Context(), public.URL)
		if err == nil {
			body.Close()
		}
		if kind := comity.KindOf(err); kind != comity.Invalid && kind != comity.Unavailable {
			t.Errorf("%d to %s: %v of kind %s", status.Load(), form, err, kind)
		}
	}
	if hits.Load() != 0 || len(reached.list) != 0 {
		t.Errorf("%d hits, reached %v", hits.Load(), reached.list)
	}
}

// A name that is public when it is looked up first and inside the next time is checked each time that it is used.
func TestRebindingIsChecked(t *testing.T) {
	public, loopback := addresses("93.184.215.14"), addresses("127.0.0.1", "169.254.169.254", "10.0.0.1")
	n := &names{turns: map[string][][]netip.Addr{"rebind.example.": {public, loopback, public, loopback, loopback}}}
	client, reached := guarded(n)
	want := []comity.Kind{comity.Unavailable, comity.Invalid, comity.Unavailable, comity.Invalid, comity.Invalid}
	for i, kind := range want {
		if _, err := client.Get(t.Context(), "https://rebind.example/"); comity.KindOf(err) != kind {
			t.Errorf("turn %d: %v of kind %s, want %s", i, err, comity.KindOf(err), kind)
		}
	}
	if got := fmt.Sprint(reached.list); got != "[93.184.215.14:443 93.184.215.14:443]" {
		t.Errorf("reached %s", got)
	}
}

// A name with addresses of both kinds leads to the public ones only.
func TestMixedAnswers(t *testing.T) {
	n := &names{answers: map[string][]netip.Addr{"mixed.example.": addresses("10.0.0.1", "127.0.0.1", "93.184.215.14", "::1", "fe80::1")}}
	client, reached := guarded(n)
	if _, err := client.Get(t.Context(), "https://mixed.example/"); err == nil {
		t.Error("no error")
	}
	for _, address := range reached.list {
		if address != "93.184.215.14:443" {
			t.Errorf("reached %s", address)
		}
	}
}

func TestPublicAddressesAreReached(t *testing.T) {
	n := &names{answers: map[string][]netip.Addr{"feed.example.": addresses("93.184.215.14")}}
	for address, want := range map[string]string{
		"https://feed.example/kev.json":      "93.184.215.14:443",
		"https://feed.example:8443/kev.json": "93.184.215.14:8443",
		"HTTPS://FEED.example/":              "93.184.215.14:443",
		"https://93.184.215.14/":             "93.184.215.14:443",
		"https://[::ffff:93.184.215.14]/":    "93.184.215.14:443",
		"https://[2606:2800:21f:cb07::1]/":   "[2606:2800:21f:cb07::1]:443",
	} {
		client, reached := guarded(n)
		_, err := client.Get(t.Context(), address)
		if comity.KindOf(err) != comity.Unavailable || !errors.Is(err, errReached) {
			t.Errorf("%s: %v", address, err)
		}
		if len(reached.list) != 1 || reached.list[0] != want {
			t.Errorf("%s reached %v, want %s", address, reached.list, want)
		}
	}
}

func TestProxiesOfTheEnvironmentAreNotUsed(t *testing.T) {
	proxy, hits := counting(t)
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY"} {
		t.Setenv(name, proxy.URL)
	}
	client, reached := guarded(&names{answers: map[string][]netip.Addr{"feed.example.": addresses("93.184.215.14")}}, proxy)
	_, _ = client.Get(t.Context(), "https://feed.example/")
	if hits.Load() != 0 || len(reached.list) != 1 {
		t.Errorf("%d hits on the proxy, reached %v", hits.Load(), reached.list)
	}
}

// serve returns a client that may reach a server of ours with this handler, and the server's address.
func serve(t *testing.T, o Options, handler http.HandlerFunc) (*Client, string) {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	o.AllowPrivate = true
	return New(o), s.URL
}

func TestGet(t *testing.T) {
	client, address := serve(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/moved":
			http.Redirect(w, r, "/moved/again", http.StatusFound)
		case "/moved/again":
			http.Redirect(w, r, "/?x=1", http.StatusMovedPermanently)
		default:
			_, _ = fmt.Fprintf(w, "%s %s %q %q", r.Method, r.URL, r.UserAgent(), r.Header.Get("Referer"))
		}
	})
	for path, want := range map[string]string{"/": `GET / "comity" ""`, "/moved": `GET /?x=1 "comity" ""`} {
		body, err := client.Get(t.Context(), address+path)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(body)
		if err != nil || string(got) != want || body.Close() != nil {
			t.Errorf("%s: %q, %v, want %q", path, got, err, want)
		}
	}
}

// TestGetIf asks a server that knows one version by its tag and another by its date.
func TestGetIf(t *testing.T) {
	const tag, date, long = `"v1"`, "Fri, 07 Aug 2026 12:00:00 GMT", "/long"
	client, address := serve(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == long:
			w.Header().Set("ETag", `"`+strings.Repeat("x", maxValidator)+`"`)
		case r.URL.Path == "/always", r.Header.Get("If-None-Match") == tag, r.Header.Get("If-Modified-Since") == date:
			w.WriteHeader(http.StatusNotModified)
			return
		default:
			w.Header().Set("ETag", tag)
			w.Header().Set("Last-Modified", date)
		}
		_, _ = io.WriteString(w, "document")
	})
	first, err := client.GetIf(t.Context(), address, Validators{})
	if err != nil || first.Body == nil || first.Validators != (Validators{tag, date}) {
		t.Fatalf("first: %+v, %v", first, err)
	}
	if data, err := io.ReadAll(first.Body); err != nil || string(data) != "document" || first.Body.Close() != nil {
		t.Errorf("body %q, %v", data, err)
	}
	for _, have := range []Validators{first.Validators, {ETag: tag}, {Modified: date}} {
		again, err := client.GetIf(t.Context(), address, have)
		if err != nil || again.Body != nil || again.Validators != have {
			t.Errorf("with %+v: %+v, %v, want no body", have, again, err)
		}
	}
	other, err := client.GetIf(t.Context(), address, Validators{ETag: `"v0"`})
	if err != nil || other.Body == nil {
		t.Fatalf("with another tag: %+v, %v, want the document", other, err)
	}
	other.Body.Close()
	if unbounded, err := client.GetIf(t.Context(), address+long, Validators{}); err != nil || unbounded.ETag != "" {
		t.Errorf("a tag without bound is kept: %d bytes, %v", len(unbounded.ETag), err)
	} else {
		unbounded.Body.Close()
	}
	if _, err := client.GetIf(t.Context(), address+"/always", Validators{}); comity.KindOf(err) != comity.Unavailable {
		t.Errorf("304 to a request without conditions: %v, want Unavailable", err)
	}
}

func TestGetTellsWhatWentWrong(t *testing.T) {
	client, address := serve(t, Options{MaxBytes: 1 << 10, Timeout: 500 * time.Millisecond}, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/circle":
			http.Redirect(w, r, "/circle", http.StatusFound)
		case "/missing":
			http.NotFound(w, r)
		case "/nothing":
			w.WriteHeader(http.StatusNoContent)
		case "/part":
			w.WriteHeader(http.StatusPartialContent)
		case "/broken":
			panic(http.ErrAbortHandler)
		case "/large":
			_, _ = io.WriteString(w, strings.Repeat("x", 1<<10+1))
		case "/stream":
			for range 100 {
				_, _ = io.WriteString(w, strings.Repeat("x", 100))
				w.(http.Flusher).Flush()
			}
		case "/packed":
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			_, _ = z.Write(make([]byte, 1<<20))
			_ = z.Close()
		case "/headers":
			for i := range 100 {
				w.Header().Set(fmt.Sprintf("X-%d", i), strings.Repeat("x", 1<<10))
			}
		case "/short":
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "x")
		case "/slow":
			<-r.Context().Done()
		case "/drip":
			for range 50 {
				_, _ = io.WriteString(w, "x")
				w.(http.Flusher).Flush()
				select {
				case <-r.Context().Done():
				case <-time.After(50 * time.Millisecond):
				}
			}
		default:
			_, _ = io.WriteString(w, strings.Repeat("x", 1<<10)) // at the bound, not over it
		}
	})
	closed := httptest.NewServer(nil)
	closed.Close()
	for _, test := range []struct {
		address string
		kind    comity.Kind
		want    string
	}{
		{address + "/circle", comity.Unavailable, "more than 3 redirects"},
		{address + "/missing", comity.Unavailable, "it answers 404 Not Found"},
		{address + "/nothing", comity.Unavailable, "it answers 204"},
		{address + "/part", comity.Unavailable, "it answers 206"},
		{address + "/broken", comity.Unavailable, "it can't be reached"},
		{address + "/large", comity.TooLarge, "larger than 1 kB"},
		{address + "/stream", comity.TooLarge, "larger than 1 kB"},
		{address + "/packed", comity.TooLarge, "larger than 1 kB"},
		{address + "/headers", comity.Unavailable, "it can't be reached"},
		{address + "/short", comity.Unavailable, "it broke off"},
		{address + "/slow", comity.Unavailable, "it can't be reached"},
		{address + "/drip", comity.Unavailable, "it broke off"},
		{closed.URL, comity.Unavailable, "it can't be reached"},
	} {
		body, err := client.Get(t.Context(), test.address)
		if err == nil {
			_, err = io.ReadAll(body)
			body.Close()
		}
		if comity.KindOf(err) != test.kind || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v of kind %s, want %q of kind %s", test.address, err, comity.KindOf(err), test.want, test.kind)
		}
	}
	body, err := client.Get(t.Context(), address+"/whole")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(body); err != nil || len(got) != 1<<10 {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	body.Close()
}

// What is not asked for may not be found at a machine that doesn't prove who it is.
func TestStrangersAreRefused(t *testing.T) {
	server, hits := counting(t)
	client := New(Options{AllowPrivate: true})
	if _, err := client.Get(t.Context(), server.URL); comity.KindOf(err) != comity.Unavailable || hits.Load() != 0 {
		t.Errorf("%v, %d hits", err, hits.Load())
	}
}

func TestGetEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	client, address := serve(t, Options{}, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	if _, err := client.Get(ctx, address); comity.KindOf(err) != comity.Unavailable || !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestPublic(t *testing.T) {
	for text, want := range map[string]bool{
		"1.1.1.1": true, "93.184.215.14": true, "9.255.255.255": true, "11.0.0.0": true, "100.63.255.255": true, "100.128.0.0": true,
		"126.255.255.255": true, "128.0.0.0": true, "172.15.255.255": true, "172.32.0.0": true, "192.167.255.255": true, "192.169.0.0": true,
		"223.255.255.255": true, "168.63.129.15": true, "198.17.255.255": true, "198.20.0.0": true,
		"2606:4700::1111": true, "2001:4860:4860::8888": true, "2a00:1450::1": true, "2001:200::1": true, "::ffff:1.1.1.1": true,
		"10.0.0.0": false, "10.255.255.255": false, "100.64.0.0": false, "100.127.255.255": false, "172.16.0.0": false, "172.31.255.255": false,
		"224.0.0.0": false, "255.255.255.255": false, "::": false, "::1": false, "::ffff:10.0.0.1": false, "fe80::1%eth0": false,
		"1.1.1.1%x": false, "2606:4700::1111%eth0": false, "2001:1ff::1": false, "2002::1": false, "64:ff9b::1.1.1.1": false, "fc00::": false,
		"1fff:ffff::1": false, "4000::": false, "ff0e::1": false,
	} {
		a, err := netip.ParseAddr(text)
		if err != nil && want {
			t.Fatal(err)
		}
		if Public(a) != want {
			t.Errorf("Public(%s) is %t", text, !want)
		}
	}
	if Public(netip.Addr{}) {
		t.Error("no address is a public one")
	}
}

func FuzzGet(f *testing.F) {
	for _, form := range crooked {
		f.Add(form)
	}
	for _, host := range inside {
		f.Add("https://" + strings.ReplaceAll(host, "PORT", "443") + "/")
	}
	client, reached := guarded(&names{})
	f.Fuzz(func(t *testing.T, address string) {
		if _, err := client.Get(t.Context(), address); comity.KindOf(err) != comity.Invalid && comity.KindOf(err) != comity.Unavailable {
			t.Fatalf("%q: %v", address, err)
		}
		reached.mu.Lock()
		defer reached.mu.Unlock()
		for _, at := range reached.list {
			if a, err := netip.ParseAddrPort(at); err != nil || !Public(a.Addr()) {
				t.Fatalf("%q reached %s", address, at)
			}
		}
	})
}
