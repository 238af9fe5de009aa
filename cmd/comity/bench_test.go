package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"comity"
	"comity/internal/testkit"
	"comity/pipeline"
	"comity/storage"
	"comity/storage/sqlite"
)

// today is the day of the demonstration in benchmarks.
var today = comity.Date{Year: 2026, Month: 11, Day: 23}

// BenchmarkFill tells the whole story of the demonstration into an empty store. Its bound is 10 s.
func BenchmarkFill(b *testing.B) {
	for b.Loop() {
		s := emptyStore(b)
		if err := fill(b.Context(), s, 1, today, slog.New(slog.DiscardHandler)); err != nil {
			b.Fatal(err)
		}
	}
}

func emptyStore(b *testing.B) *storage.Store {
	b.Helper()
	s, err := sqlite.Open(b.Context(), b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	return s
}

// filled is the folder of a demonstration that was told once.
var filled = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "comity-bench-")
	if err != nil {
		return "", err
	}
	s, err := sqlite.Open(context.Background(), dir)
	if err != nil {
		return "", err
	}
	if err := fill(context.Background(), s, 1, today, slog.New(slog.DiscardHandler)); err != nil {
		return "", err
	}
	return dir, s.Close()
})

// meridian returns a store of its own with the demonstration in it, caught up, and its pipeline.
func meridian(b *testing.B) (*storage.Store, *pipeline.Pipeline) {
	b.Helper()
	from, err := filled()
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	data, err := os.ReadFile(filepath.Join(from, sqlite.FileName))
	if err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, sqlite.FileName), data, 0o600); err != nil {
		b.Fatal(err)
	}
	s, err := sqlite.Open(b.Context(), dir)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	p := newPipeline(s, nil)
	if err := p.CatchUp(b.Context()); err != nil {
		b.Fatal(err)
	}
	return s, p
}

// BenchmarkIntake takes a real document into an empty store, durably. "read" beside it is the bound: unpacking and hashing
// the same document and writing it to a file that is synced. The bounds of the product are 3 s for ATT&CK and 5 s for
// EPSS.
func BenchmarkIntake(b *testing.B) {
	for _, doc := range []struct {
		source comity.SourceID
		file   string
	}{
		{comity.SourceATTACK, "attack/enterprise-attack-18.1.json.gz"},
		{comity.SourceEPSS, "epss/epss_scores-2026-01-30.csv.gz"},
		{comity.SourceKEV, "kev/known_exploited_vulnerabilities-2026-08-07.json.gz"},
	} {
		data, err := os.ReadFile(testkit.Shared(b, doc.file))
		if err != nil {
			b.Fatal(err)
		}
		b.Run(string(doc.source)+"/comity", func(b *testing.B) {
			for b.Loop() {
				p := newPipeline(emptyStore(b), nil)
				if _, err := p.Intake(b.Context(), comity.System("benchmark"), doc.source, bytes.NewReader(data), pipeline.IntakeOptions{}); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(string(doc.source)+"/read", func(b *testing.B) {
			for b.Loop() {
				if err := copySynced(data, filepath.Join(b.TempDir(), "copy")); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func copySynced(packed []byte, path string) error {
	in, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return err
	}
	out, err := os.Create(path)
	if err != nil {
		return err
	}
	defer out.Close()
	if _, err := io.Copy(io.MultiWriter(out, sha256.New()), in); err != nil {
		return err
	}
	return out.Sync()
}

// BenchmarkOneEntry is what a new entry in the catalogue of exploited vulnerabilities costs until every organisation that
// it touches is matched and assessed again. Its bound is 200 ms.
func BenchmarkOneEntry(b *testing.B) {
	s, p := meridian(b)
	v := comity.System("benchmark")
	n := 0
	for b.Loop() {
		n++
		at := time.Now().UTC().Truncate(time.Second)
		id := fmt.Sprintf("CVE-2099-%05d", n)
		src := comity.Source{ID: "benchmark", Version: fmt.Sprint(n), Date: at, TakenIn: at}
		entry := comity.Threat{
			ID: comity.MakeThreatID(id), Kind: comity.ThreatVulnerability, Name: id, Source: "benchmark", Published: at, Hash: id,
			Marking:       comity.Marking{TLP: comity.TLPClear},
			Vulnerability: &comity.Vulnerability{CVE: id, Vendor: "Microsoft", Product: "Exchange Server", Exploited: true},
		}
		if _, err := s.PutThreats(b.Context(), v, src, []comity.Threat{entry}, comity.PutThreatsOptions{Withdraw: true}); err != nil {
			b.Fatal(err)
		}
		if err := p.CatchUp(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	matched(b, s, n)
}

// matched checks that the last entry touches somebody: without it the benchmark measured nothing.
func matched(b *testing.B, s *storage.Store, n int) {
	b.Helper()
	v := comity.System("benchmark")
	organizations, err := s.Organizations(b.Context(), v)
	if err != nil {
		b.Fatal(err)
	}
	touched := 0
	for _, o := range organizations {
		page, err := s.Matches(b.Context(), v, o.ID, comity.MatchQuery{Threat: comity.MakeThreatID(fmt.Sprintf("CVE-2099-%05d", n))})
		if err != nil {
			b.Fatal(err)
		}
		touched += page.Total
	}
	if touched == 0 {
		b.Fatal("the entry touches nobody")
	}
	b.ReportMetric(float64(touched), "matches")
}

// BenchmarkReassessAll is what a change of knowledge that concerns everybody costs: all organisations matched and assessed
// again and stored.
func BenchmarkReassessAll(b *testing.B) {
	s, p := meridian(b)
	v := comity.System("benchmark")
	n := 0.0
	for b.Loop() {
		n++
		at := time.Now().UTC().Truncate(time.Second)
		src := comity.Source{ID: comity.SourceEPSS, Version: "benchmark", Date: at, TakenIn: at}
		scores := []comity.EPSSScore{{CVE: "CVE-2021-44228", Score: 1 - 1/(n+2), Percentile: .99}}
		if _, err := s.PutScores(b.Context(), v, src, scores, true); err != nil {
			b.Fatal(err)
		}
		if err := p.CatchUp(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkOverview asks for the overview and an organisation's own page 50 times a second for 5 s, from the same process.
// The bound of the overview is 50 ms for 95 of 100.
func BenchmarkOverview(b *testing.B) {
	s, _ := meridian(b)
	server := newServer(s, slog.New(slog.DiscardHandler), site{})
	handler, err := server.handler()
	if err != nil {
		b.Fatal(err)
	}
	running := httptest.NewServer(handler)
	defer running.Close()
	cookie := signIn(b, s, server)
	for _, path := range []string{"/", "/organization", "/threats"} {
		b.Run(path, func(b *testing.B) {
			for b.Loop() {
				took := ask(b, running.URL+path, cookie, 50, 250)
				slices.Sort(took)
				b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
				b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
			}
		})
	}
}

func signIn(b *testing.B, s *storage.Store, server *server) *http.Cookie {
	b.Helper()
	person, err := s.PersonByEmail(b.Context(), comity.System("benchmark"), "ciso@x-oco.example")
	if err != nil {
		b.Fatal(err)
	}
	session, err := server.auth.StartSession(b.Context(), person.ID)
	if err != nil {
		b.Fatal(err)
	}
	return server.auth.Cookie(session)
}

// ask sends count requests, a number a second whatever the answers take, and returns how long each took.
func ask(b *testing.B, address string, cookie *http.Cookie, perSecond, count int) []time.Duration {
	b.Helper()
	took := make([]time.Duration, count)
	var wait sync.WaitGroup
	tick := time.NewTicker(time.Second / time.Duration(perSecond))
	defer tick.Stop()
	for i := range took {
		<-tick.C
		wait.Go(func() {
			began := time.Now()
			req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, address, nil)
			if err != nil {
				b.Error(err)
				return
			}
			req.AddCookie(cookie)
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				b.Error(err)
				return
			}
			defer resp.Body.Close()
			if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != http.StatusOK {
				b.Errorf("%s: %s, %v", address, resp.Status, err)
			}
			took[i] = time.Since(began)
		})
	}
	wait.Wait()
	return took
}
