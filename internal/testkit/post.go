package testkit

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"math/big"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// PostTLS is how a post office is spoken to.
type PostTLS int

// The modes.
const (
	PostPlain    PostTLS = iota // in the clear
	PostStart                   // changes over with STARTTLS
	PostImplicit                // TLS from the first byte
)

// PostPassword is what everybody signs in with at a post office.
const PostPassword = "open sesame"

// Post is a real mail server on this machine, which refuses what it is told to refuse and keeps the rest.
type Post struct {
	Port  int
	Roots *x509.CertPool // knows its certificate, which is of 127.0.0.1

	mu     sync.Mutex
	refuse map[string]error // by recipient
	spurn  map[string]error // by recipient, once the mail was handed over
	cut    bool
	mails  []string
	users  []string
}

// Refuse answers a recipient with an SMTP code from now on; after: once the mail was handed over. 0 takes it again.
func (p *Post) Refuse(to string, code int, after bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := p.refuse
	if after {
		list = p.spurn
	}
	delete(list, to)
	if code != 0 {
		list[to] = &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 1, 1}, Message: "refused by the test"}
	}
}

// Cut breaks the line off, or no more, instead of answering once a mail was handed over. The mail is kept.
func (p *Post) Cut(cut bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = cut
}

// Mails returns the mails as they came.
func (p *Post) Mails() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.mails)
}

// Users returns who signed in.
func (p *Post) Users() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.users)
}

// NewSession implements smtp.Backend.
func (p *Post) NewSession(c *smtp.Conn) (smtp.Session, error) {
	return &postDesk{post: p, conn: c}, nil
}

// postDesk is one session with a post office.
type postDesk struct {
	post *Post
	conn *smtp.Conn
	to   string
}

var _ smtp.AuthSession = (*postDesk)(nil)

// AuthMechanisms implements smtp.AuthSession.
func (d *postDesk) AuthMechanisms() []string { return []string{sasl.Plain} }

// Auth implements smtp.AuthSession.
func (d *postDesk) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if password != PostPassword {
			return smtp.ErrAuthFailed
		}
		d.post.mu.Lock()
		defer d.post.mu.Unlock()
		d.post.users = append(d.post.users, user)
		return nil
	}), nil
}

// Reset implements smtp.Session.
func (d *postDesk) Reset() {}

// Logout implements smtp.Session.
func (d *postDesk) Logout() error { return nil }

// Mail implements smtp.Session.
func (d *postDesk) Mail(string, *smtp.MailOptions) error { return nil }

// Rcpt implements smtp.Session.
func (d *postDesk) Rcpt(to string, _ *smtp.RcptOptions) error {
	d.post.mu.Lock()
	defer d.post.mu.Unlock()
	d.to = to
	return d.post.refuse[to]
}

// Data implements smtp.Session.
func (d *postDesk) Data(r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	d.post.mu.Lock()
	defer d.post.mu.Unlock()
	if err := d.post.spurn[d.to]; err != nil {
		return err
	}
	d.post.mails = append(d.post.mails, string(data))
	if d.post.cut {
		return d.conn.Close()
	}
	return nil
}

// OpenPost starts a mail server that closes when the test ends.
func OpenPost(t testing.TB, mode PostTLS) *Post {
	t.Helper()
	p := &Post{refuse: map[string]error{}, spurn: map[string]error{}}
	cert, pool := certificate(t)
	s := smtp.NewServer(p)
	s.Domain, s.ReadTimeout, s.WriteTimeout, s.AllowInsecureAuth = "post.example", 10*time.Second, 10*time.Second, true
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.Port, p.Roots = listener.Addr().(*net.TCPAddr).Port, pool
	config := &tls.Config{Certificates: []tls.Certificate{cert}}
	switch mode {
	case PostStart:
		s.TLSConfig = config
	case PostImplicit:
		listener = tls.NewListener(listener, config)
	}
	served := make(chan struct{})
	go func() { // ends when the test closes the server
		defer close(served)
		_ = s.Serve(listener)
	}()
	t.Cleanup(func() { _ = s.Close(); <-served })
	return p
}

// certificate makes a certificate of this machine, and the authorities that know it.
func certificate(t testing.TB) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, pool
}
