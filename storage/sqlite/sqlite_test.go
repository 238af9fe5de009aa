package sqlite_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"comity/storage"
	"comity/storage/sqlite"
	"comity/storage/storagetest"
)

func open(t testing.TB) *storage.Store {
	s, err := sqlite.Open(t.Context(), t.TempDir())
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
	dir := t.TempDir()
	db, err := sql.Open("sqlite", filepath.Join(dir, sqlite.FileName))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	storagetest.Newer(t, db, func(ctx context.Context) (*storage.Store, error) { return sqlite.Open(ctx, dir) })
}

func TestTogether(t *testing.T) {
	dir := t.TempDir()
	storagetest.Together(t, func(ctx context.Context) (*storage.Store, error) { return sqlite.Open(ctx, dir) })
}

// TestFile opens a store in folders whose names mean something in an address, and looks at who can read it.
func TestFile(t *testing.T) {
	for _, name := range []string{"plain", "with space", "100% #1?mode=memory", "é"} {
		dir := filepath.Join(t.TempDir(), name)
		s, err := sqlite.Open(t.Context(), dir)
		if err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		if err := s.Ready(t.Context()); err != nil {
			t.Errorf("%q: %v", name, err)
		}
		for path, want := range map[string]os.FileMode{dir: 0o700, filepath.Join(dir, sqlite.FileName): 0o600, filepath.Join(dir, sqlite.FileName+"-wal"): 0o600} {
			info, err := os.Stat(path)
			if err != nil || info.Mode().Perm() != want {
				t.Errorf("%s: got %v, %v, want %v", path, info, err, want)
			}
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestDurable holds the settings on which durability and waiting rest, read back from the database itself.
func TestDurable(t *testing.T) {
	dir := t.TempDir()
	s, err := sqlite.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "10000"} {
		if got, err := sqlite.Pragma(t.Context(), dir, pragma); err != nil || got != want {
			t.Errorf("%s: got %q, %v, want %q", pragma, got, err, want)
		}
	}
}

func BenchmarkPutScores(b *testing.B) { storagetest.BenchmarkPutScores(b, open) }

func BenchmarkThreats(b *testing.B) { storagetest.BenchmarkThreats(b, open) }

func BenchmarkPutSTIX(b *testing.B) { storagetest.BenchmarkPutSTIX(b, open) }
