package e2e

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"testing"
)

// Budgets of what travels, compressed: the first page with all that it needs, and a list once the rest is cached.
const (
	firstKB = 50
	listKB  = 15
)

// TestWeight keeps pages small enough for a field office.
func TestWeight(t *testing.T) {
	d := shared(t)
	client := signedIn(t, d, d.role(t, "focal-point"))
	page, bytes := fetch(t, client, d.access.Base+"/")
	for _, m := range regexp.MustCompile(`(?:href|src)="(/static/[^"]+)"`).FindAllSubmatch(page, -1) {
		_, n := fetch(t, client, d.access.Base+string(m[1]))
		bytes += n
	}
	t.Logf("first page with all that it needs: %.1f KB", float64(bytes)/1024)
	if bytes > firstKB*1024 {
		t.Errorf("the first page weighs %d bytes, want at most %d KB", bytes, firstKB)
	}
	for _, path := range []string{"/threats", "/actions", "/organization/changes", "/profile/software"} {
		_, n := fetch(t, client, d.access.Base+path)
		t.Logf("%s: %.1f KB", path, float64(n)/1024)
		if n > listKB*1024 {
			t.Errorf("%s weighs %d bytes, want at most %d KB", path, n, listKB)
		}
	}
}

// signedIn returns a client without a browser that has a session.
func signedIn(t *testing.T, d *demonstration, r role) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar}
	resp, err := client.PostForm(d.access.Base+"/sign-in", url.Values{"email": {r.Email}, "password": {r.Password}, "next": {"/"}})
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("sign-in: %s", resp.Status)
	}
	return client
}

// fetch gets an address and returns its content with the number of bytes that travelled for it, compressed.
func fetch(t *testing.T, client *http.Client, address string) (content []byte, bytes int) {
	t.Helper()
	content = body(t, client, address, "identity")
	return content, len(body(t, client, address, "br, gzip"))
}

func body(t *testing.T, client *http.Client, address, encoding string) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept-Encoding", encoding) // set by hand, so that the client leaves the body as it travelled
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", address, resp.Status)
	}
	return data
}
