package main

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"comity"
	"comity/backup"
	"comity/internal/testkit"
	"comity/storage"
	"comity/storage/migrations"
	"comity/storage/postgres"
	"comity/storage/sqlite"
)

// update makes a fixture instead of using them; scripts/upgrade-fixture.sh says how.
var update = flag.String("update", "", "folder of a store of a released schema, to make the fixture of that schema from")

var upgrades = filepath.Join("testdata", "upgrade")

// TestUpgrade opens, on both engines, what the demonstration of each released schema wrote: every step applies, all data
// reads as before, and the pipeline catches up.
func TestUpgrade(t *testing.T) {
	if *update != "" {
		makeFixture(t, *update)
		return
	}
	for _, version := range released(t) {
		for _, engine := range []string{"sqlite", "postgres"} {
			t.Run(fmt.Sprintf("%d on %s", version, engine), func(t *testing.T) { upgrade(t, version, engine) })
		}
	}
}

// released are the versions of the schema that were released; each must have its fixture.
func released(t *testing.T) []int64 {
	t.Helper()
	versions, err := migrations.Released()
	if err != nil || len(versions) == 0 {
		t.Fatalf("released versions: %v, %v", versions, err)
	}
	return versions
}

func fixture(version int64) string {
	return filepath.Join(upgrades, fmt.Sprintf("schema-%d.tar.gz", version))
}

// engineOf opens a store on an engine in two ways: as an older program left it, and as this one does.
func engineOf(t *testing.T, engine string) (at func(context.Context, int64) (*storage.Store, error), today func(context.Context) (*storage.Store, error)) {
	t.Helper()
	if engine == "postgres" {
		address := testkit.Postgres(t)
		return func(ctx context.Context, v int64) (*storage.Store, error) { return postgres.OpenAt(ctx, address, v) },
			func(ctx context.Context) (*storage.Store, error) { return postgres.Open(ctx, address) }
	}
	dir := t.TempDir()
	return func(ctx context.Context, v int64) (*storage.Store, error) { return sqlite.OpenAt(ctx, dir, v) },
		func(ctx context.Context) (*storage.Store, error) { return sqlite.Open(ctx, dir) }
}

func upgrade(t *testing.T, version int64, engine string) {
	at, today := engineOf(t, engine)
	file, err := os.Open(fixture(version))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	m, err := backup.Restore(t.Context(), file, backup.RestoreOptions{
		ReadOptions: backup.ReadOptions{Plain: true}, Newest: version, Open: at,
	})
	if err != nil {
		t.Fatal(err)
	}
	s, err := today(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	rows := map[string]int64{}
	for _, table := range m.Tables {
		rows[table.Name] = table.Rows
	}
	sameCounts(t, s, rows)
	if err := newPipeline(s, slog.New(slog.DiscardHandler)).CatchUp(t.Context()); err != nil {
		t.Errorf("the pipeline does not catch up: %v", err)
	}
	sameCounts(t, s, rows)
}

// sameCounts reads everything that people see through the store, and counts.
func sameCounts(t *testing.T, s *storage.Store, rows map[string]int64) {
	t.Helper()
	ctx, v := t.Context(), comity.System("test: upgrade")
	got := map[string]int64{}
	group, err := s.Group(ctx, v)
	check(t, err)
	if group.Demonstration {
		got["group_settings"]++
	}
	orgs, err := s.Organizations(ctx, v)
	check(t, err)
	got["organizations"] = int64(len(orgs))
	for _, o := range orgs {
		people, err := s.People(ctx, v, o.ID)
		check(t, err)
		got["people"] += int64(len(people))
		for _, p := range people {
			tokens, err := s.Tokens(ctx, v, p.ID)
			check(t, err)
			got["tokens"] += int64(len(tokens))
		}
		evidence, err := s.EvidenceOf(ctx, v, o.ID)
		check(t, err)
		got["evidence"] += int64(len(evidence))
		if _, err := s.Exposure(ctx, v, o.ID); err == nil {
			got["exposures"]++
		} else if comity.KindOf(err) != comity.NotFound {
			t.Error(err)
		}
		if _, err := s.Profile(ctx, v, o.ID); err != nil && comity.KindOf(err) != comity.NotFound {
			t.Error(err)
		}
	}
	releases, err := s.Releases(ctx, v, 1000)
	check(t, err)
	got["releases"] = int64(len(releases))
	actions, err := s.Actions(ctx, v, comity.ActionQuery{Limit: 100})
	check(t, err)
	got["actions"] = int64(actions.Total)
	threats, err := s.Threats(ctx, v, comity.ThreatQuery{Limit: 10})
	check(t, err)
	got["threats"] = int64(threats.Total)
	for table, n := range got {
		if n != rows[table] || n == 0 {
			t.Errorf("%s: %d are read, %d were there", table, n, rows[table])
		}
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

// makeFixture writes the fixture of the schema that a store is at.
func makeFixture(t *testing.T, dir string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, sqlite.FileName))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var version int64
	if err := db.QueryRowContext(t.Context(), `SELECT MAX(version_id) FROM goose_db_version`).Scan(&version); err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{
		`DELETE FROM threats
		 WHERE kind = 'vulnerability'
		   AND id NOT IN (SELECT threat_id FROM matches UNION SELECT threat_id FROM actions)
		   AND id NOT IN (SELECT id FROM threats WHERE kind = 'vulnerability' ORDER BY published_at DESC LIMIT 100)`,
		`DELETE FROM scores WHERE 'thr_' || cve NOT IN (SELECT id FROM threats)`,
		`DELETE FROM affected WHERE 'thr_' || cve NOT IN (SELECT id FROM threats)`,
		`DELETE FROM opened_techniques WHERE 'thr_' || cve NOT IN (SELECT id FROM threats)`,
	} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	s, err := sqlite.OpenAt(t.Context(), dir, version)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	file, err := os.Create(fixture(version))
	if err != nil {
		t.Fatal(err)
	}
	m, err := backup.Write(t.Context(), file, s, backup.WriteOptions{Now: time.Unix(0, 0), Program: "fixture", Plain: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%s: %d rows", fixture(version), m.Rows)
}
