package httpx

import (
	"compress/gzip"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
)

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
		h.ServeHTTP(c, r)
		c.close() // not deferred: after a panic what is held is thrown away
	})
}

// accepted picks brotli before gzip; a quality of 0 is a refusal.
func accepted(header string) string {
	takes := map[string]bool{}
	for part := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(part, ";")
		q, weighed := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q=")
		quality, err := strconv.ParseFloat(q, 64)
		takes[strings.ToLower(strings.TrimSpace(name))] = !weighed || err == nil && quality > 0
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
	begun    bool // the handler said the status, which stays
	held     []byte
	decided  bool
	out      io.WriteCloser // nil: as it is
}

// WriteHeader implements http.ResponseWriter.
func (c *compressor) WriteHeader(status int) {
	if status < http.StatusOK {
		c.ResponseWriter.WriteHeader(status)
		return
	}
	if !c.begun {
		c.status, c.begun = status, true
	}
}

// Write implements io.Writer.
func (c *compressor) Write(b []byte) (int, error) {
	c.begun = true
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
	if len(c.held) >= smallest && header.Get("Content-Encoding") == "" && header.Get("Content-Range") == "" && isText(header.Get("Content-Type")) {
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
