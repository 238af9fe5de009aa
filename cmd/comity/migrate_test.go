package main

import (
	"bytes"
	"strings"
	"testing"

	"comity"
	"comity/internal/testkit"
	"comity/storage/migrations"
	"comity/storage/postgres"
	"comity/storage/sqlite"
)

// TestMigrate shows an old schema, what would be done, does it, and shows it again, on both engines.
func TestMigrate(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			where := storeFlags{Dir: t.TempDir()}
			if engine == "postgres" {
				where.DatabaseURL = testkit.Postgres(t)
			}
			old, err := openAt(t, where, 1)
			check(t, err)
			check(t, old)
			var out bytes.Buffer
			a := &app{ctx: t.Context(), stdout: &out, stderr: &out}
			says := func(err error, texts ...string) {
				t.Helper()
				check(t, err)
				for _, text := range texts {
					if !strings.Contains(out.String(), text) {
						t.Errorf("no %q in:\n%s", text, out.String())
					}
				}
				out.Reset()
			}
			says((&migrateStatus{storeFlags: where}).Run(a), "00001_first.sql", "pending", "version 1 of")
			says((&migrateUp{storeFlags: where, DryRun: true}).Run(a), "00010_search.sql", "version 1 of")
			status, err := where.steps(a)
			check(t, err)
			if status.At != 1 || status.Newest != migrations.Newest() || status.Pending != len(status.Steps)-1 {
				t.Errorf("a dry run changed something, or miscounts: %+v", status)
			}
			says((&migrateUp{storeFlags: where}).Run(a), "from version 1 to ")
			says((&migrateStatus{storeFlags: where}).Run(a), " 0 pending")
			says((&migrateUp{storeFlags: where}).Run(a), " 0 pending")
		})
	}
}

// openAt makes a store with an old schema, and closes it.
func openAt(t *testing.T, where storeFlags, version int64) (closed, err error) {
	t.Helper()
	if where.DatabaseURL != "" {
		s, err := postgres.OpenAt(t.Context(), where.DatabaseURL, version)
		if err != nil {
			return nil, err
		}
		return s.Close(), nil
	}
	s, err := sqlite.OpenAt(t.Context(), where.Dir, version)
	if err != nil {
		return nil, err
	}
	return s.Close(), nil
}

func TestMigrateNothing(t *testing.T) {
	a := &app{ctx: t.Context()}
	_, err := storeFlags{Dir: t.TempDir()}.steps(a)
	if comity.KindOf(err) != comity.NotFound {
		t.Errorf("an empty folder: %v", err)
	}
}
