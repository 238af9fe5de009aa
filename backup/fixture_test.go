package backup_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"math"
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

	_ "github.com/jackc/pgx/v5/stdlib"
)

var system = comity.System("test")

var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// place is where a store can be: opened, opened at a version, and reached behind its back.
type place struct {
	open   func(context.Context) (*storage.Store, error)
	openAt func(context.Context, int64) (*storage.Store, error)
	db     *sql.DB // connects when it is used, so that it makes nothing by itself
	dir    string  // of SQLite
}

func onSQLite(t *testing.T) place {
	t.Helper()
	dir := t.TempDir()
	db, err := sql.Open("sqlite", filepath.Join(dir, sqlite.FileName))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return place{
		open:   func(ctx context.Context) (*storage.Store, error) { return sqlite.Open(ctx, dir) },
		openAt: func(ctx context.Context, v int64) (*storage.Store, error) { return sqlite.OpenAt(ctx, dir, v) },
		db:     db, dir: dir,
	}
}

func onPostgres(t *testing.T) place {
	t.Helper()
	address := testkit.Postgres(t)
	db, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return place{
		open:   func(ctx context.Context) (*storage.Store, error) { return postgres.Open(ctx, address) },
		openAt: func(ctx context.Context, v int64) (*storage.Store, error) { return postgres.OpenAt(ctx, address, v) },
		db:     db,
	}
}

// engines are the places of both engines, for tests that hold on either.
var engines = map[string]func(*testing.T) place{"SQLite": onSQLite, "PostgreSQL": onPostgres}

// store opens the store until the test ends.
func (p place) store(t *testing.T) *storage.Store {
	t.Helper()
	s, err := p.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func (p place) exec(t *testing.T, statement string, args ...any) {
	t.Helper()
	if _, err := p.db.ExecContext(t.Context(), statement, args...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func (p place) number(t *testing.T, query string) (n int64) {
	t.Helper()
	if err := p.db.QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// fill puts in what is hard to carry: the ends of numbers, text of all kinds, bytes, and counters that are ahead.
func fill(t *testing.T, p place) {
	t.Helper()
	s := p.store(t)
	if err := s.PutGroup(t.Context(), system, comity.Group{Acronym: "MISSIG", Name: "Group", Currency: "USD"}); err != nil {
		t.Fatal(err)
	}
	texts := []string{"", "plain", "ÄÖ ß", "中文 العربية русский", "quote \" back \\ slash / <&> \u2028\u2029", "new\nline\ttab\x01\x7f", "😀 \ufffd \ufeff", "a_c", "a-b", "aa", "B"}
	for i, text := range texts {
		o := comity.Organization{ID: orgID(i), Acronym: fmt.Sprintf("X-%c", 'A'+i), Name: text, Kind: comity.KindMember}
		if err := s.PutOrganization(t.Context(), system, o); err != nil {
			t.Fatal(err)
		}
		person := comity.Person{ID: comity.MakePersonID(entropy(i)), Org: o.ID, Name: text, Email: fmt.Sprintf("%d@x.example", i), Roles: comity.RolesOf(comity.RoleAnalyst)}
		if err := s.PutPerson(t.Context(), system, person); err != nil {
			t.Fatal(err)
		}
		token := comity.Token{ID: comity.MakeTokenID(entropy(i)), Person: person.ID, Name: text, Hash: []byte{0, byte(i), 0xff, '"', '\n'}, Created: now}
		if err := s.PutToken(t.Context(), system, token); err != nil {
			t.Fatal(err)
		}
		session := comity.Session{ID: comity.MakeSessionID(entropy(i)), Person: person.ID, Hash: []byte{byte(i)}, Created: now, Seen: now, Expires: now.Add(time.Hour)}
		if err := s.PutSession(t.Context(), system, session); err != nil {
			t.Fatal(err)
		}
	}
	reals := []float64{0, 1, -1, 0.1, 1e300, 5e-324, math.MaxFloat64, -math.MaxFloat64, math.Inf(1), math.Inf(-1), math.Pi, 1e21, 1e-7, 9007199254740993}
	for i, f := range reals {
		p.exec(t, `INSERT INTO scores (cve, score, percentile) VALUES ($1, $2, $3)`, fmt.Sprintf("CVE-2026-%04d", i), f, -f)
	}
	for i, n := range []int64{0, -1, math.MaxInt64, math.MinInt64, 1<<53 + 1} {
		p.exec(t, `INSERT INTO cursors (name, seq) VALUES ($1, $2)`, fmt.Sprint("cursor ", i), n)
	}
	for range 5 {
		p.exec(t, `INSERT INTO changes (at, kind, org_id, subject) VALUES (1, 'x', '', '')`)
	}
	p.exec(t, `DELETE FROM changes WHERE seq > 3`) // the counter is ahead of what is there
	p.exec(t, `INSERT INTO setups (hash, expires_at) VALUES ($1, 1)`, []byte("setup"))
	p.exec(t, `INSERT INTO attempts (name, at) VALUES ('somebody', 1)`)
	if err := s.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func entropy(i int) comity.Entropy { return comity.Entropy{byte(i), byte(i >> 8)} }

func orgID(i int) comity.OrgID { return comity.MakeOrgID(entropy(i)) }

var plain = backup.ReadOptions{Plain: true}

// archiveOf returns a plain archive of a store.
func archiveOf(t *testing.T, s *storage.Store) ([]byte, backup.Manifest) {
	t.Helper()
	var b bytes.Buffer
	m, err := backup.Write(t.Context(), &b, s, backup.WriteOptions{Now: now, Program: "test", Plain: true})
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), m
}

// restore restores a plain archive into a place that is empty.
func restore(t *testing.T, archive []byte, p place) (backup.Manifest, error) {
	t.Helper()
	return backup.Restore(t.Context(), bytes.NewReader(archive), backup.RestoreOptions{ReadOptions: plain, Newest: migrations.Newest(), Open: p.openAt})
}

func mustRestore(t *testing.T, archive []byte, p place) backup.Manifest {
	t.Helper()
	m, err := restore(t, archive, p)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func wantKind(t *testing.T, what string, err error, kind comity.Kind) {
	t.Helper()
	if err == nil || comity.KindOf(err) != kind {
		t.Errorf("%s: got %v (%s), want %s", what, err, comity.KindOf(err), kind)
	}
}
