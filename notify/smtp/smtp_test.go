package smtp

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"testing"
	"time"

	"comity"
	"comity/internal/testkit"
	"comity/notify"
)

// post is a mail server with the options that reach it.
type post struct {
	*testkit.Post
	options Options
}

func open(t *testing.T, mode TLS) *post {
	t.Helper()
	modes := map[TLS]testkit.PostTLS{TLSNone: testkit.PostPlain, TLSStart: testkit.PostStart, TLSImplicit: testkit.PostImplicit}
	p := testkit.OpenPost(t, modes[mode])
	return &post{p, Options{
		Host: "127.0.0.1", Port: p.Port, TLS: mode, From: "comity@group.example", Name: "MISSIG", Config: &tls.Config{RootCAs: p.Roots},
	}}
}

var letter = notify.Mail{
	To: "anna@org.example", Subject: "[MISSIG] Изменения: 3", Text: "plain\n.\nпривет\n", HTML: "<p>rich</p>", ID: "notice-1-abc",
	Unsubscribe: "https://comity.example/unsubscribe/" + strings.Repeat("s", 43),
}

// send hands mails over in one connection and returns the error of each.
func send(t *testing.T, o Options, mails ...notify.Mail) []error {
	t.Helper()
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	line, err := s.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var errs []error
	for _, m := range mails {
		errs = append(errs, line.Send(m))
	}
	_ = line.Close() // some tests have cut it
	return errs
}

func TestSend(t *testing.T) {
	for _, mode := range []TLS{TLSStart, TLSImplicit, TLSNone} {
		p := open(t, mode)
		p.options.User, p.options.Password, p.options.ReplyTo = "comity", testkit.PostPassword, "desk@group.example"
		if err := errors.Join(send(t, p.options, letter, letter)...); err != nil {
			t.Fatalf("%s: %v", mode, err)
		}
		if len(p.Mails()) != 2 || len(p.Users()) != 1 || p.Users()[0] != "comity" {
			t.Fatalf("%s: %d mails by %q", mode, len(p.Mails()), p.Users())
		}
		checkHeaders(t, p.Mails()[0])
	}
}

func checkHeaders(t *testing.T, raw string) {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil || subject != letter.Subject {
		t.Errorf("subject: got %q, %v", subject, err)
	}
	for name, want := range map[string]string{
		"To": "<anna@org.example>", "From": `"MISSIG" <comity@group.example>`, "Reply-To": "<desk@group.example>",
		"List-Unsubscribe": "<" + letter.Unsubscribe + ">", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
		"Auto-Submitted": "auto-generated", "Message-Id": "<notice-1-abc@group.example>", "X-Mailer": "", "User-Agent": "",
	} {
		if got := m.Header.Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("content type: got %q, %v", kind, err)
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for _, want := range []string{"plain\r\n.\r\nпривет\r\n", "<p>rich</p>"} {
		part, err := parts.NextRawPart()
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(part))
		if got := strings.TrimRight(string(body), "\r\n"); err != nil || got != strings.TrimRight(want, "\r\n") {
			t.Errorf("part: got %q, %v, want %q", got, err, want)
		}
	}
}

func TestRefusals(t *testing.T) {
	p := open(t, TLSStart)
	p.Refuse("gone@org.example", 550, false)
	p.Refuse("full@org.example", 452, false)
	p.Refuse("spam@org.example", 554, true)
	to := func(address string) notify.Mail {
		m := letter
		m.To = address
		return m
	}
	errs := send(t, p.options, to("gone@org.example"), to("full@org.example"), to("spam@org.example"), letter, to("not an address"))
	for i, want := range []comity.Kind{comity.Invalid, comity.Unavailable, comity.Invalid, 0, comity.Invalid} {
		if got := comity.KindOf(errs[i]); (errs[i] != nil || want != 0) && got != want || (errs[i] == nil) != (i == 3) {
			t.Errorf("mail %d: got %v, want the kind %s", i, errs[i], want)
		}
	}
	if len(p.Mails()) != 1 {
		t.Errorf("%d mails arrived, want 1", len(p.Mails()))
	}
	if !strings.Contains(errs[0].Error(), "refused by the test") {
		t.Errorf("what the server said is lost: %v", errs[0])
	}
}

// TestCut breaks the line off after the mail was handed over: whether it was taken is not known.
func TestCut(t *testing.T) {
	p := open(t, TLSStart)
	p.Cut(true)
	if err := send(t, p.options, letter)[0]; !errors.Is(err, notify.ErrUnknown) {
		t.Errorf("got %v, want that it is not known", err)
	}
}

// TestTLSIsRequired opens connections that must not come about: nothing is said over them.
func TestTLSIsRequired(t *testing.T) {
	plain := open(t, TLSNone)
	plain.options.TLS, plain.options.User, plain.options.Password = TLSStart, "comity", testkit.PostPassword
	strange := open(t, TLSStart)
	strange.options.Config = nil // the system's authorities don't know it
	wrong := open(t, TLSStart)
	wrong.options.User, wrong.options.Password = "comity", "guess"
	gone := open(t, TLSStart)
	gone.options.Port = 1
	for name, p := range map[string]*post{"no TLS": plain, "unknown certificate": strange, "wrong password": wrong, "nobody": gone} {
		s, err := New(p.options)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Open(t.Context()); comity.KindOf(err) != comity.Unavailable {
			t.Errorf("%s: got %v, want unavailable", name, err)
		}
		if len(p.Users()) > 0 {
			t.Errorf("%s: a password was told", name)
		}
	}
}

func TestNewChecks(t *testing.T) {
	fine := Options{Host: "post.example", From: "comity@group.example"}
	for name, change := range map[string]func(*Options){
		"no host":           func(o *Options) { o.Host = "" },
		"unknown mode":      func(o *Options) { o.TLS = "perhaps" },
		"in the clear":      func(o *Options) { o.TLS = TLSNone },
		"no sender":         func(o *Options) { o.From = "" },
		"wrong sender":      func(o *Options) { o.From = "Group <comity@group.example>" },
		"wrong reply":       func(o *Options) { o.ReplyTo = "nobody" },
		"user alone":        func(o *Options) { o.User = "comity" },
		"password alone":    func(o *Options) { o.Password = "x" },
		"port out of range": func(o *Options) { o.Port = 70000 },
	} {
		o := fine
		change(&o)
		if _, err := New(o); comity.KindOf(err) != comity.Invalid {
			t.Errorf("%s: got %v, want invalid", name, err)
		}
	}
	for mode, want := range map[TLS]string{"": "post.example:587", TLSImplicit: "post.example:465"} {
		o := fine
		o.TLS = mode
		s, err := New(o)
		if err != nil || s.Address() != want {
			t.Errorf("%q: got %v, %v, want %s", mode, s, err, want)
		}
	}
}

// TestStop ends the program while the server keeps silent: the line is cut, and nobody waits.
func TestStop(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	ctx, cancel := context.WithCancel(t.Context())
	go func() { // ends with the connection
		conn, err := listener.Accept()
		if err == nil {
			cancel()
			_, _ = io.Copy(io.Discard, conn)
		}
	}()
	s, err := New(Options{Host: "127.0.0.1", Port: listener.Addr().(*net.TCPAddr).Port, TLS: TLSNone, From: "comity@group.example"})
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if _, err := s.Open(ctx); err == nil || time.Since(began) > 2*grace {
		t.Errorf("got %v after %s", err, time.Since(began))
	}
}
