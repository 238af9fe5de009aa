package main

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"comity"
	"comity/internal/testkit"
	"comity/storage/sqlite"
)

// command runs comity in this process and returns what it printed on stdout.
func command(t *testing.T, want int, args ...string) (stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	if code := run(args, strings.NewReader(""), &out, &errs); code != want {
		t.Fatalf("comity %s: exit code %d, want %d\n%s", strings.Join(args, " "), code, want, errs.String())
	}
	return out.String(), errs.String()
}

func done(t *testing.T, want int, args ...string) (d backupDone) {
	t.Helper()
	out, _ := command(t, want, append(args, "--json")...)
	if err := json.Unmarshal([]byte(out), &d); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	return d
}

// TestMoveTheDemonstration takes the whole demonstration by the commands from SQLite to PostgreSQL and back: the content
// stays the same, and each store is as good as the first.
func TestMoveTheDemonstration(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	if err := fillDir(t.Context(), at("first"), 1, comity.DateOf(time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)), slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	address := testkit.Postgres(t)
	one := done(t, 0, "backup", "--plain", "--dir", at("first"), "--to", at("one"))
	if one.Rows < 5000 || one.Tables < 24 || one.Engine != "sqlite" {
		t.Errorf("got %+v", one)
	}
	done(t, 0, "restore", at("one"), "--plain", "--database-url", address)
	two := done(t, 0, "backup", "--plain", "--database-url", address, "--to", at("two"))
	done(t, 0, "restore", at("two"), "--plain", "--dir", at("third"))
	three := done(t, 0, "backup", "--plain", "--dir", at("third"), "--to", at("three"))
	if two.Content != one.Content || three.Content != one.Content || two.Engine != "postgres" {
		t.Errorf("the content changed on the way:\n%+v\n%+v\n%+v", one, two, three)
	}
	first, _ := command(t, 0, "exposure", "--organization", "X-OCO", "--dir", at("first"), "--json")
	third, _ := command(t, 0, "exposure", "--organization", "X-OCO", "--dir", at("third"), "--json")
	if first != third || len(first) < 100 {
		t.Errorf("the exposure differs:\n%s\n%s", first, third)
	}
	command(t, 3, "restore", at("one"), "--plain", "--dir", at("third"))
	command(t, 3, "restore", at("one"), "--plain", "--database-url", address)
}

// TestBackupRecord checks that the store remembers each backup, and what went wrong, without what is in it.
func TestBackupRecord(t *testing.T) {
	dir := t.TempDir()
	store := filepath.Join(dir, "store")
	command(t, 0, "init", "--dir", store, "--group", "MISSIG", "--group-name", "Group", "--organization", "X-AAA", "--name", "Organisation", "--email", "a@x.example")
	made := done(t, 0, "backup", "--plain", "--dir", store, "--to", filepath.Join(dir, "one"))
	command(t, 3, "backup", "--plain", "--dir", store, "--to", filepath.Join(dir, "one"))
	command(t, 2, "backup", "--plain", "--dir", store, "--to", filepath.Join(dir, "nowhere", "two"))
	s, err := sqlite.Open(t.Context(), store)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	got, err := s.Backups(t.Context(), comity.System("test"), 10)
	if err != nil || len(got) != 3 {
		t.Fatalf("got %+v, %v", got, err)
	}
	if b := got[2]; !b.OK || b.Bytes != made.Bytes || b.Rows != made.Rows || b.Content != made.Content || time.Since(b.At) > time.Hour {
		t.Errorf("got %+v of %+v", b, made)
	}
	for _, b := range got[:2] {
		if b.OK || b.Problem == "" || b.Kind != comity.BackupMade {
			t.Errorf("a failure is recorded as %+v", b)
		}
	}
	info, err := os.Stat(filepath.Join(dir, "one"))
	if err != nil || info.Mode().Perm() != 0o600 || info.Size() != made.Bytes {
		t.Errorf("the archive: %v, %v", info, err)
	}
}
