package postgres_test

import (
	"context"
	"database/sql"
	"strings"
	"sync"
	"testing"

	"comity/internal/testkit"
	"comity/storage"
	"comity/storage/postgres"
	"comity/storage/storagetest"
)

func open(t testing.TB) *storage.Store {
	s, err := postgres.Open(t.Context(), testkit.Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestStore(t *testing.T) {
	storagetest.Run(t, func(t *testing.T) *storage.Store { return open(t) })
}

func TestNewerSchema(t *testing.T) {
	address := testkit.Postgres(t)
	db, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	storagetest.Newer(t, db, func(ctx context.Context) (*storage.Store, error) { return postgres.Open(ctx, address) })
}

func TestDurable(t *testing.T) {
	address := testkit.Postgres(t)
	join := "?"
	if strings.Contains(address, "?") {
		join = "&"
	}
	for options, want := range map[string]bool{"": true, join + "synchronous_commit=off": false, join + "synchronous_commit=local": true} {
		got, err := postgres.Durable(t.Context(), address+options)
		if err != nil || got != want {
			t.Errorf("%q: got %v, %v, want %v", options, got, err, want)
		}
	}
}

func TestTogether(t *testing.T) {
	address := testkit.Postgres(t)
	storagetest.Together(t, func(ctx context.Context) (*storage.Store, error) { return postgres.Open(ctx, address) })
}

// TestOpenTogether starts several programs on one empty database at once: one migrates, the others wait.
func TestOpenTogether(t *testing.T) {
	address := testkit.Postgres(t)
	var programs sync.WaitGroup
	for range 4 {
		programs.Go(func() {
			s, err := postgres.Open(t.Context(), address)
			if err != nil {
				t.Error(err)
				return
			}
			s.Close()
		})
	}
	programs.Wait()
}

func BenchmarkPutScores(b *testing.B) { storagetest.BenchmarkPutScores(b, open) }

func BenchmarkThreats(b *testing.B) { storagetest.BenchmarkThreats(b, open) }

func BenchmarkPutSTIX(b *testing.B) { storagetest.BenchmarkPutSTIX(b, open) }
