// Package httpx is the middleware that every request passes, pages and API alike. Read [Wrap].
package httpx

import (
	"compress/gzip"
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/andybalholm/brotli"
)

// Options configure the middleware.
type Options struct {
	Log     *slog.Logger
	Hosts   []string // host names that are answered, without port; empty: all
	MaxBody int64    // bytes of a request's body; 0 counts as 64 MB
}

// Wrap joins the middleware around a handler: request id, log, recovery, hosts, headers, size and compression.
func Wrap(h http.Handler, o Options) http.Handler {
	if o.MaxBody == 0 {
		o.MaxBody = 64 << 20
	}
	h = LimitBody(h, o.MaxBody)
	h = Compress(h)
	h = SecurityHeaders(h)
	h = Hosts(h, o.Hosts)
	h = Recover(h, o.Log)
	return Log(h, o.Log)
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

// LimitBody bounds the bodies of requests.
func LimitBody(h http.Handler, most int64) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, most)
		h.ServeHTTP(w, r)
	})
}

// Recover turns a panic into an answer that says nothing of it, and a log entry that says all.
func Recover(h http.Handler, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p == http.ErrAbortHandler {
				panic(p)
			}
			log.ErrorContext(r.Context(), "panic", "panic", fmt.Sprint(p), "request", RequestID(r.Context()), "stack", string(debug.Stack()))
			http.Error(w, "internal error, reference "+RequestID(r.Context()), http.StatusInternalServerError)
		}()
		h.ServeHTTP(w, r)
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
func Log(h http.Handler, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var raw [8]byte
		_, _ = rand.Read(raw[:]) // never fails
		id := hex.EncodeToString(raw[:])
		w.Header().Set("X-Request-Id", id)
		recorder := &recorder{ResponseWriter: w, status: http.StatusOK}
		started := time.Now()
		r = r.WithContext(context.WithValue(r.Context(), requestKey{}, id))
		h.ServeHTTP(recorder, r)
		log.InfoContext(r.Context(), "request", "method", r.Method, "route", r.Pattern, "status", recorder.status,
			"ms", time.Since(started).Milliseconds(), "request", id)
	})
}

type recorder struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// smallest is the size below which compressing costs more than it saves.
const smallest = 512

var (
	gzips   = sync.Pool{New: func() any { return gzip.NewWriter(io.Discard) }}
	brotlis = sync.Pool{New: func() any { return brotli.NewWriterLevel(io.Discard, 5) }}
)

// Compress compresses text answers with brotli or gzip, as the client takes.
func Compress(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Accept-Encoding")
		encoding := accepted(r.Header.Get("Accept-Encoding"))
		if encoding == "" || r.Method == http.MethodHead {
			h.ServeHTTP(w, r)
			return
		}
		c := &compressor{ResponseWriter: w, encoding: encoding, status: http.StatusOK}
		defer c.close()
		h.ServeHTTP(c, r)
	})
}

// accepted picks brotli before gzip; a quality of 0 is a refusal.
func accepted(header string) string {
	takes := map[string]bool{}
	for part := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		q := strings.ReplaceAll(strings.TrimSpace(params), " ", "")
		takes[strings.ToLower(strings.TrimSpace(name))] = q != "q=0" && q != "q=0.0" && q != "q=0.00" && q != "q=0.000"
	}
	for _, name := range []string{"br", "gzip"} {
		if takes[name] {
			return name
		}
	}
	return ""
}

// compressor holds an answer back until it is clear whether to compress it.
type compressor struct {
	http.ResponseWriter
	encoding string
	status   int
	held     []byte
	decided  bool
	out      io.WriteCloser // nil: as it is
}

// WriteHeader implements http.ResponseWriter.
func (c *compressor) WriteHeader(status int) {
	if status >= 100 && status < 200 {
		c.ResponseWriter.WriteHeader(status)
		return
	}
	c.status = status
}

// Write implements io.Writer.
func (c *compressor) Write(b []byte) (int, error) {
	if !c.decided {
		c.held = append(c.held, b...)
		if len(c.held) < smallest {
			return len(b), nil
		}
		return len(b), c.decide()
	}
	if c.out != nil {
		return c.out.Write(b)
	}
	return c.ResponseWriter.Write(b)
}

// FlushError sends what is held.
func (c *compressor) FlushError() error {
	if err := c.decide(); err != nil {
		return err
	}
	if f, ok := c.out.(interface{ Flush() error }); ok {
		if err := f.Flush(); err != nil {
			return err
		}
	}
	return http.NewResponseController(c.ResponseWriter).Flush()
}

func (c *compressor) decide() error {
	if c.decided {
		return nil
	}
	c.decided = true
	header := c.Header()
	if header.Get("Content-Type") == "" && len(c.held) > 0 {
		header.Set("Content-Type", http.DetectContentType(c.held))
	}
	if len(c.held) >= smallest && header.Get("Content-Encoding") == "" && isText(header.Get("Content-Type")) {
		header.Set("Content-Encoding", c.encoding)
		header.Del("Content-Length")
		c.out = c.writer()
	}
	c.ResponseWriter.WriteHeader(c.status)
	held := c.held
	c.held = nil
	if len(held) == 0 {
		return nil
	}
	_, err := c.Write(held)
	return err
}

func (c *compressor) writer() io.WriteCloser {
	if c.encoding == "br" {
		w, _ := brotlis.Get().(*brotli.Writer)
		w.Reset(c.ResponseWriter)
		return w
	}
	w, _ := gzips.Get().(*gzip.Writer)
	w.Reset(c.ResponseWriter)
	return w
}

func isText(contentType string) bool {
	kind, _, _ := strings.Cut(contentType, ";")
	return strings.HasPrefix(kind, "text/") || strings.HasSuffix(kind, "json") || strings.HasSuffix(kind, "javascript") || strings.HasSuffix(kind, "+xml")
}

func (c *compressor) close() {
	_ = c.decide() // the connection is gone: there is nobody to tell
	if c.out == nil {
		return
	}
	_ = c.out.Close()
	switch w := c.out.(type) {
	case *brotli.Writer:
		brotlis.Put(w)
	case *gzip.Writer:
		gzips.Put(w)
	}
}
