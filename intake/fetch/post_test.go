package fetch

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"comity"
)

func TestPost(t *testing.T) {
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		body, err := io.ReadAll(r.Body)
		if err != nil || string(body) != `{"a":1}` || r.Method != http.MethodPost || r.Header.Get("webhook-id") != "msg_1" || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s %v: %q, %v", r.Method, r.Header, body, err)
		}
		switch r.URL.Path {
		case "/elsewhere":
			http.Redirect(w, r, "/", http.StatusTemporaryRedirect)
		case "/long":
			_, _ = io.Copy(w, io.LimitReader(endless{}, 1<<20))
		case "/gone":
			w.WriteHeader(http.StatusGone)
		}
	}))
	defer server.Close()
	headers := map[string]string{"webhook-id": "msg_1"}
	open := New(Options{AllowPrivate: true, Timeout: 10 * time.Second})
	for path, want := range map[string]int{"/": 200, "/elsewhere": 307, "/long": 200, "/gone": 410} {
		if got, err := open.Post(t.Context(), server.URL+path, headers, []byte(`{"a":1}`)); err != nil || got != want {
			t.Errorf("%s: got %d, %v, want %d", path, got, err, want)
		}
	}
	before := asked.Load()
	for _, address := range []string{
		server.URL, strings.Replace(server.URL, "http://", "https://", 1), "https://127.0.0.1/", "https://[::1]/", "https://169.254.169.254/latest", "https://user:password@example.com/",
		"ftp://example.com/", "https://", "::", "https://[::ffff:10.0.0.1]/",
	} {
		if _, err := New(Options{Timeout: 5 * time.Second}).Post(t.Context(), address, headers, nil); comity.KindOf(err) != comity.Invalid {
			t.Errorf("%s: got %v", address, err)
		}
	}
	if asked.Load() != before {
		t.Error("an inner address was told something")
	}
	server.Close()
	if _, err := open.Post(t.Context(), server.URL, headers, nil); comity.KindOf(err) != comity.Unavailable {
		t.Errorf("nobody is there: got %v", err)
	}
}

// endless is an answer without an end.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }
