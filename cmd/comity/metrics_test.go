package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"comity"
	"comity/storage/sqlite"
)

// scraped returns what /metrics answers.
func scraped(t *testing.T, h http.Handler, token string) (int, string) {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	body, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.Code, string(body)
}

func TestMetrics(t *testing.T) {
	s, err := sqlite.Open(t.Context(), t.TempDir())
	check(t, err)
	v := comity.System("test")
	now := time.Now().UTC().Truncate(time.Second)
	check(t, s.PutGroup(t.Context(), v, comity.Group{Acronym: "HUSHGROUP", Name: "Hush group"}))
	check(t, s.PutOrganization(t.Context(), v, comity.Organization{ID: comity.MakeOrgID(comity.Entropy{1}), Acronym: "X-HUSH", Name: "Hush organisation", Kind: comity.KindMember}))
	_, err = s.PutScores(t.Context(), v, comity.Source{ID: comity.SourceEPSS, Version: "v1", Date: now, TakenIn: now}, []comity.EPSSScore{{CVE: "CVE-2026-1", Score: .5}}, false)
	check(t, err)
	m := newMetrics(s)
	m.observe("GET /threats/{id}", 200, 20*time.Millisecond)
	m.observe("", 404, time.Millisecond)
	code, body := scraped(t, m.handler(""), "")
	if code != 200 {
		t.Fatalf("status %d: %s", code, body)
	}
	for _, want := range []string{
		`comity_http_request_seconds_count{route="GET /threats/{id}",status="200"} 1`,
		`comity_http_request_seconds_count{route="none",status="404"} 1`,
		`comity_build_info{version=`, `comity_store_up 1`, `comity_pipeline_backlog_changes `,
		`comity_source_taken_in_timestamp_seconds{source="first-epss"} `, "go_goroutines ",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s", want)
		}
	}
	if strings.Contains(strings.ToLower(body), "hush") {
		t.Error("the figures name a group or an organisation")
	}
	check(t, s.Close())
	if _, body := scraped(t, m.handler(""), ""); !strings.Contains(body, "comity_store_up 0") {
		t.Error("a closed store counts as up")
	}
}

func TestMetricsToken(t *testing.T) {
	s, err := sqlite.Open(t.Context(), t.TempDir())
	check(t, err)
	defer s.Close()
	h := newMetrics(s).handler("0123456789abcdef")
	for token, want := range map[string]int{"": 401, "0123456789abcdeX": 401, "0123456789abcdef": 200} {
		if code, _ := scraped(t, h, token); code != want {
			t.Errorf("token %q: %d, want %d", token, code, want)
		}
	}
}

func TestWhereMetricsAre(t *testing.T) {
	for _, test := range []struct {
		flags metricsFlags
		ok    bool
	}{
		{metricsFlags{}, true},
		{metricsFlags{MetricsAddr: "127.0.0.1:9090"}, true},
		{metricsFlags{MetricsAddr: "localhost:9090"}, true},
		{metricsFlags{MetricsAddr: "0.0.0.0:9090"}, false},
		{metricsFlags{MetricsAddr: ":9090"}, false},
		{metricsFlags{MetricsAddr: "9090"}, false},
		{metricsFlags{MetricsAddr: "0.0.0.0:9090", MetricsToken: "short"}, false},
		{metricsFlags{MetricsAddr: "0.0.0.0:9090", MetricsToken: "0123456789abcdef"}, true},
	} {
		if err := test.flags.check(); (err == nil) != test.ok || err != nil && comity.KindOf(err) != comity.Invalid {
			t.Errorf("%+v: %v", test.flags, err)
		}
	}
}
