// Package smtp hands mails to a mail server: over TLS unless an operator says otherwise, one connection for several mails.
// It tells apart what may be tried again, what will never be taken, and what may have been taken although nobody heard so.
// Read [Server.Open].
package smtp

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"comity"
	"comity/notify"

	"github.com/wneessen/go-mail"
)

// TLS is how the connection to the mail server is protected.
type TLS string

// The modes. The zero mode is TLSStart.
const (
	TLSStart    TLS = "starttls" // begins in the clear and must change over before anything is said
	TLSImplicit TLS = "tls"      // from the first byte
	TLSNone     TLS = "none"     // in the clear: to a server on this machine only
)

// Options say which server, and who writes. The zero Options have no server.
type Options struct {
	Host     string
	Port     int // 0: 587, with TLSImplicit 465
	TLS      TLS
	User     string // empty: the server asks for nobody
	Password string
	From     string // bare address
	Name     string // that stands with it; may be empty
	ReplyTo  string // bare address; empty: From

	Config *tls.Config // nil: the system's authorities
}

const (
	timeout = 45 * time.Second // of one command
	grace   = 5 * time.Second  // for what is under way when the program is told to stop
)

// Server is a mail server.
type Server struct{ o Options }

// New checks options. Its error is Invalid and names the setting.
func New(o Options) (*Server, error) {
	o.TLS = cmp.Or(o.TLS, TLSStart)
	switch {
	case o.Host == "":
		return nil, comity.Errorf(comity.Invalid, "smtp-host: want the name of the mail server")
	case o.TLS != TLSStart && o.TLS != TLSImplicit && o.TLS != TLSNone:
		return nil, comity.Errorf(comity.Invalid, "smtp-tls %q: want starttls, tls or none", o.TLS)
	case o.TLS == TLSNone && !loopback(o.Host):
		return nil, comity.Errorf(comity.Invalid, "smtp-tls: only a mail server on this machine is spoken to without TLS")
	case o.Port < 0 || o.Port > 65535:
		return nil, comity.Errorf(comity.Invalid, "smtp-port: want 1 to 65535")
	case !comity.IsEmail(o.From):
		return nil, comity.Errorf(comity.Invalid, "smtp-from: want the address from which mail comes, such as comity@example.org")
	case o.ReplyTo != "" && !comity.IsEmail(o.ReplyTo):
		return nil, comity.Errorf(comity.Invalid, "smtp-reply-to: want an address")
	case (o.User == "") != (o.Password == ""):
		return nil, comity.Errorf(comity.Invalid, "smtp-user and smtp-password belong together")
	}
	if o.Port == 0 {
		o.Port = 587
		if o.TLS == TLSImplicit {
			o.Port = 465
		}
	}
	return &Server{o}, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Address returns host and port.
func (s *Server) Address() string { return net.JoinHostPort(s.o.Host, fmt.Sprint(s.o.Port)) }

// Open connects and signs in. Nothing was handed over when it fails: its error is Unavailable.
func (s *Server) Open(ctx context.Context) (*Line, error) {
	line := &Line{o: s.o, kept: func() bool { return true }}
	options := []mail.Option{
		mail.WithPort(s.o.Port), mail.WithTimeout(timeout), mail.WithTLSConfig(s.config()), mail.WithDialContextFunc(s.dial(ctx, line)),
		mail.WithTLSPolicy(mail.TLSMandatory), mail.WithHELO(cmp.Or(domain(s.o.From), "localhost")),
	}
	if s.o.TLS != TLSStart {
		options = append(options, mail.WithTLSPolicy(mail.NoTLS)) // dial did it, or nobody does
	}
	if s.o.User != "" {
		options = append(options, mail.WithUsername(s.o.User), mail.WithPassword(s.o.Password), mail.WithOpportunisticSMTPAuth(
			mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthSCRAMSHA1, mail.SMTPAuthPlain, mail.SMTPAuthLogin,
		))
	}
	var err error
	if line.client, err = mail.NewClient(s.o.Host, options...); err == nil {
		err = line.client.DialWithContext(ctx)
	}
	if err != nil {
		line.kept()
		return nil, &comity.Error{Kind: comity.Unavailable, Msg: "mail server " + s.Address() + ": " + brief(err), Err: err}
	}
	return line, nil
}

// config returns the TLS configuration, which names the server.
func (s *Server) config() *tls.Config {
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if s.o.Config != nil {
		c = s.o.Config.Clone()
	}
	c.ServerName = cmp.Or(c.ServerName, s.o.Host)
	return c
}

// dial returns how the server is reached. Once ctx ends, what is under way has a few seconds, then the line is cut.
func (s *Server) dial(ctx context.Context, line *Line) mail.DialContextFunc {
	return func(dialling context.Context, network, address string) (net.Conn, error) {
		plain := &net.Dialer{Timeout: timeout}
		conn, err := plain.DialContext(dialling, network, address)
		if err != nil {
			return nil, err
		}
		line.kept = context.AfterFunc(ctx, func() {
			time.AfterFunc(grace, func() { _ = conn.Close() }) // closed already: nothing to cut
		})
		if s.o.TLS != TLSImplicit {
			return conn, nil
		}
		secure := tls.Client(conn, s.config())
		if err := secure.HandshakeContext(dialling); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
		return secure, nil
	}
}

// Line is a connection to a mail server. One goroutine uses it at a time.
type Line struct {
	client *mail.Client
	o      Options
	kept   func() bool // forgets that the line is to be cut when the program ends
}

// Close ends the connection. What was taken stays taken.
func (l *Line) Close() error {
	defer l.kept()
	return l.client.Close()
}

// Send hands one mail over. Nil: the server has it. Invalid: it will never take it, and the error is what it said. Any other
// error but notify.ErrUnknown: it has not taken it, and may later.
func (l *Line) Send(m notify.Mail) error {
	message, err := l.message(m)
	if err != nil {
		return &comity.Error{Kind: comity.Invalid, Msg: "the mail can't be written: " + brief(err), Err: err}
	}
	err = l.client.Send(message)
	if err == nil || message.IsDelivered() {
		return nil
	}
	failed, ok := errors.AsType[*mail.SendError](err)
	switch {
	case ok && failed.ErrorCode() >= 500:
		return &comity.Error{Kind: comity.Invalid, Msg: brief(err), Err: err}
	case ok && failed.Reason == mail.ErrSMTPDataClose && failed.ErrorCode() == 0:
		return fmt.Errorf("%w (%w)", notify.ErrUnknown, err)
	default:
		return &comity.Error{Kind: comity.Unavailable, Msg: brief(err), Err: err}
	}
}

// message writes a mail with its headers. It says itself automatic, so that nobody's absence notice answers it.
//
// Source: RFC 8058 (one-click unsubscribe), RFC 3834 §5 (Auto-Submitted), RFC 2369 (List-Unsubscribe).
func (l *Line) message(m notify.Mail) (*mail.Msg, error) {
	message := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := message.FromFormat(l.o.Name, l.o.From); err != nil {
		return nil, err
	}
	if err := message.To(m.To); err != nil {
		return nil, err
	}
	if l.o.ReplyTo != "" {
		if err := message.ReplyTo(l.o.ReplyTo); err != nil {
			return nil, err
		}
	}
	message.Subject(m.Subject)
	message.SetDate()
	message.SetMessageIDWithValue(m.ID + "@" + domain(l.o.From))
	message.SetGenHeader("Auto-Submitted", "auto-generated")
	if m.Unsubscribe != "" {
		message.SetGenHeaderPreformatted(mail.HeaderListUnsubscribe, "<"+m.Unsubscribe+">")
		message.SetGenHeaderPreformatted(mail.HeaderListUnsubscribePost, "List-Unsubscribe=One-Click")
	}
	message.SetBodyString(mail.TypeTextPlain, m.Text)
	message.AddAlternativeString(mail.TypeTextHTML, m.HTML)
	return message, nil
}

func domain(address string) string {
	_, d, _ := strings.Cut(address, "@")
	return d
}

// brief returns an error as one line of at most 200 characters, for a page and a log.
func brief(err error) string {
	s := strings.Join(strings.Fields(strings.ToValidUTF8(err.Error(), "")), " ")
	if r := []rune(s); len(r) > 200 {
		return string(r[:199]) + "…"
	}
	return s
}
