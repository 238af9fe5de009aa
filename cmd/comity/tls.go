package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"comity"
)

// certificate is a certificate from files that can be read again while it is in use.
type certificate struct {
	certFile, keyFile string
	current           atomic.Pointer[tls.Certificate]
}

// loadCertificate reads certificate and key. Its error is Invalid and names the files.
func loadCertificate(certFile, keyFile string) (*certificate, error) {
	c := &certificate{certFile: certFile, keyFile: keyFile}
	return c, c.load()
}

// load reads the files again. What was in use stays in use if they are wrong.
func (c *certificate) load() error {
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return comity.Errorf(comity.Invalid, "certificate %s with key %s: %w", c.certFile, c.keyFile, err)
	}
	c.current.Store(&pair)
	return nil
}

// leaf returns the certificate itself.
func (c *certificate) leaf() *x509.Certificate { return c.current.Load().Leaf }

// names returns the host names and addresses that the certificate is for.
func (c *certificate) names() []string {
	var names []string
	for _, name := range c.leaf().DNSNames {
		names = append(names, strings.ToLower(name))
	}
	for _, ip := range c.leaf().IPAddresses {
		names = append(names, ip.String())
	}
	return names
}

// expirySoon is how long before a certificate's end its server warns.
const expirySoon = 14 * 24 * time.Hour

// tell logs until when the certificate holds, as a warning where that is soon.
func (c *certificate) tell(log *slog.Logger, now time.Time) {
	level, end := slog.LevelInfo, c.leaf().NotAfter
	if end.Sub(now) < expirySoon {
		level = slog.LevelWarn
	}
	log.Log(context.Background(), level, "certificate", "names", c.names(), "holds until", end.UTC().Format(time.DateOnly))
}

// config is TLS 1.2 with forward secrecy and authenticated encryption, or 1.3.
func (c *certificate) config() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		CipherSuites: []uint16{ // of TLS 1.2; 1.3 has none to choose
			tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
			tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
			tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
		},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.current.Load(), nil },
	}
}
