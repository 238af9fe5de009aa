package sqlite_test

import (
	"database/sql"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"comity"
	"comity/internal/testkit"
	"comity/storage/sqlite"
)

// steps returns this program's steps and some more, which lead from its schema on.
func steps(t *testing.T, more map[string]string) fstest.MapFS {
	t.Helper()
	all := fstest.MapFS{}
	dir := os.DirFS(filepath.Join(testkit.Root(), "storage", "migrations", "sqlite"))
	names, err := fs.Glob(dir, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		data, err := fs.ReadFile(dir, name)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = &fstest.MapFile{Data: data}
	}
	for name, text := range more {
		all[name] = &fstest.MapFile{Data: []byte("-- +goose Up\n" + text)}
	}
	return all
}

// database reads the whole of a closed database through SQLite: its schema, the steps that were noted, and a row.
func database(t *testing.T, path string) string {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	const query = `
		SELECT (SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_schema ORDER BY name)) || ' ' ||
		       (SELECT group_concat(version_id, ',') FROM goose_db_version) || ' ' ||
		       (SELECT body FROM group_settings)`
	var text string
	if err := db.QueryRowContext(t.Context(), query).Scan(&text); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	var sound string
	if err := db.QueryRowContext(t.Context(), `PRAGMA integrity_check`).Scan(&sound); err != nil || sound != "ok" {
		t.Errorf("%s: %s, %v", path, sound, err)
	}
	return text
}

// inUse makes a store that has something in it, and closes it.
func inUse(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	s, err := sqlite.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.PutGroup(t.Context(), comity.System("test"), comity.Group{Acronym: "KEPT"}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func copies(t *testing.T, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, sqlite.BackupsName, "*"))
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	return names
}

// TestCopyBeforeMigration migrates a store five times: before each a copy of it as it was is put aside, readable by its
// owner only, and the last three are kept. A new store and one that is up to date are not copied.
func TestCopyBeforeMigration(t *testing.T) {
	dir := inUse(t)
	if c := copies(t, dir); c != nil {
		t.Errorf("a new store was copied: %v", c)
	}
	more, was := map[string]string{}, []string{}
	for _, n := range []string{"90001", "90002", "90003", "90004", "90005"} {
		was = append(was, database(t, filepath.Join(dir, sqlite.FileName)))
		more[n+"_more.sql"] = "CREATE TABLE more_" + n + " (id INTEGER NOT NULL PRIMARY KEY) STRICT;"
		for range 2 { // the second finds nothing to do
			if err := sqlite.OpenSteps(t.Context(), dir, steps(t, more)); err != nil {
				t.Fatal(err)
			}
		}
	}
	kept := copies(t, dir)
	if len(kept) != 3 {
		t.Fatalf("%d copies are kept, want 3: %v", len(kept), kept)
	}
	for i, path := range kept {
		if got, want := database(t, path), was[i+2]; got != want {
			t.Errorf("%s is not what the database was:\n%s\n%s", path, got, want)
		}
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
	if info, err := os.Stat(filepath.Join(dir, sqlite.BackupsName)); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder of copies: %v, %v", info, err)
	}
}

// TestFailingMigration runs two steps that work and one that fails: none of them is left, and the program of before opens
// the database.
func TestFailingMigration(t *testing.T) {
	dir := inUse(t)
	path := filepath.Join(dir, sqlite.FileName)
	was := database(t, path)
	err := sqlite.OpenSteps(t.Context(), dir, steps(t, map[string]string{
		"90001_good.sql":  "CREATE TABLE good (id INTEGER NOT NULL PRIMARY KEY) STRICT;",
		"90002_index.sql": "CREATE VIRTUAL TABLE words USING fts5(word); UPDATE group_settings SET body = 'LOST';",
		"90003_wrong.sql": "CREATE TABLE half (id INTEGER NOT NULL PRIMARY KEY) STRICT;\nINSERT INTO nowhere VALUES (1);",
	}))
	if err == nil || !strings.Contains(err.Error(), "nowhere") {
		t.Fatalf("got %v, want an error that names the table", err)
	}
	if now := database(t, path); now != was {
		t.Errorf("the database is not as it was:\n%s\n%s", now, was)
	}
	if c := copies(t, dir); len(c) != 1 || database(t, c[0]) != was {
		t.Errorf("copies: %v", c)
	}
	s, err := sqlite.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Ready(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestNoCopyNoMigration changes nothing where the copy can't be made.
func TestNoCopyNoMigration(t *testing.T) {
	dir := inUse(t)
	was := database(t, filepath.Join(dir, sqlite.FileName))
	if err := os.WriteFile(filepath.Join(dir, sqlite.BackupsName), []byte("in the way"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := sqlite.OpenSteps(t.Context(), dir, steps(t, map[string]string{"90001_more.sql": "DROP TABLE group_settings;"}))
	if err == nil || !strings.Contains(err.Error(), "copy the database") {
		t.Errorf("got %v", err)
	}
	if now := database(t, filepath.Join(dir, sqlite.FileName)); now != was {
		t.Errorf("the database is not as it was:\n%s\n%s", now, was)
	}
}

// TestStepsInTransaction refuses a step that wants to run outside of a transaction: all of SQLite's run in one.
func TestStepsInTransaction(t *testing.T) {
	for name, file := range steps(t, nil) {
		if strings.Contains(strings.ToUpper(string(file.Data)), "NO TRANSACTION") {
			t.Errorf("%s asks for no transaction", name)
		}
	}
}

// TestMissingStep refuses a database that lacks a step below its version.
func TestMissingStep(t *testing.T) {
	dir := inUse(t)
	later := map[string]string{"90002_more.sql": "CREATE TABLE more (id INTEGER NOT NULL PRIMARY KEY) STRICT;"}
	if err := sqlite.OpenSteps(t.Context(), dir, steps(t, later)); err != nil {
		t.Fatal(err)
	}
	later["90001_before.sql"] = "CREATE TABLE before (id INTEGER NOT NULL PRIMARY KEY) STRICT;"
	if err := sqlite.OpenSteps(t.Context(), dir, steps(t, later)); err == nil || !strings.Contains(err.Error(), "90001") {
		t.Errorf("got %v, want an error that names the step", err)
	}
}
