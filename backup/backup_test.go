package backup_test

import (
	"bytes"
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"comity"
	"comity/backup"
	"comity/storage"
	"comity/storage/migrations"
	"comity/storage/sqlite"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"
)

// TestThereAndBack takes a store from SQLite to PostgreSQL and back: the first archive and the last are the same, byte
// for byte, and what lies between has the same content.
func TestThereAndBack(t *testing.T) {
	first, second, third := onSQLite(t), onPostgres(t), onSQLite(t)
	fill(t, first)
	one, before := archiveOf(t, first.store(t))
	mustRestore(t, one, second)
	s := second.store(t)
	if err := s.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	two, between := archiveOf(t, s)
	mustRestore(t, two, third)
	three, after := archiveOf(t, third.store(t))
	if !bytes.Equal(one, three) {
		t.Errorf("SQLite → PostgreSQL → SQLite is not byte-equal (-before +after):\n%s", cmp.Diff(before, after))
	}
	if between.Content != before.Content || before.Rows < 60 || before.Engine != "sqlite" || between.Engine != "postgres" {
		t.Errorf("the archive between differs (-SQLite +PostgreSQL):\n%s", cmp.Diff(before, between))
	}
}

// TestCounters checks on both engines that a restored store goes on counting where the old one was, not where its last
// row is.
func TestCounters(t *testing.T) {
	for name, on := range engines {
		t.Run(name, func(t *testing.T) {
			from, to := on(t), on(t)
			fill(t, from)
			archive, _ := archiveOf(t, from.store(t))
			mustRestore(t, archive, to)
			last := to.number(t, `SELECT MAX(seq) FROM changes`)
			for _, p := range []place{from, to} {
				p.exec(t, `INSERT INTO changes (at, kind, org_id, subject) VALUES (2, 'next', '', '')`)
			}
			got, want := to.number(t, `SELECT MAX(seq) FROM changes`), from.number(t, `SELECT MAX(seq) FROM changes`)
			if got != want || got == last+1 {
				t.Errorf("the next number is %d, want %d, after %d", got, want, last)
			}
		})
	}
}

// TestNotKept checks that nothing of what is left out comes back, and that nobody is signed in any more.
func TestNotKept(t *testing.T) {
	from, to := onSQLite(t), onPostgres(t)
	fill(t, from)
	s := from.store(t)
	if err := s.PutBackup(t.Context(), system, comity.Backup{At: now, Kind: comity.BackupMade, OK: true}); err != nil {
		t.Fatal(err)
	}
	archive, m := archiveOf(t, s)
	mustRestore(t, archive, to)
	for _, table := range []string{"sessions", "setups", "attempts", "backups"} {
		query := `SELECT COUNT(*) FROM ` + table
		if from.number(t, query) == 0 || to.number(t, query) != 0 {
			t.Errorf("%s: %d rows before, %d after, want some and none", table, from.number(t, query), to.number(t, query))
		}
	}
	if to.number(t, `SELECT COUNT(*) FROM tokens`) == 0 {
		t.Error("tokens are lost")
	}
	for _, l := range m.LeftOut {
		if l.Why == "" || l.Why != storage.NotKept[l.Name] {
			t.Errorf("%s: the manifest says %q", l.Name, l.Why)
		}
	}
}

// TestEveryTableIsKeptOrListed looks at the schema itself: a new table is in the archive or in the list of those that
// are not.
func TestEveryTableIsKeptOrListed(t *testing.T) {
	queries := map[string]string{
		"SQLite":     `SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite%'`,
		"PostgreSQL": `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'`,
	}
	kept := map[string][]backup.Table{}
	for name, on := range engines {
		p := on(t)
		_, m := archiveOf(t, p.store(t))
		in := map[string]bool{}
		for _, table := range m.Tables {
			in[table.Name] = true
			table.Rows, table.Bytes, table.SHA256, table.Last = 0, 0, "", 0
			kept[name] = append(kept[name], table)
		}
		there := names(t, p.db, queries[name])
		for _, table := range there {
			if in[table] == (storage.NotKept[table] != "") {
				t.Errorf("%s: table %s is neither kept nor listed, or both", name, table)
			}
		}
		for table := range storage.NotKept {
			if !slices.Contains(there, table) {
				t.Errorf("%s: %s is listed and not there", name, table)
			}
		}
	}
	if diff := cmp.Diff(kept["SQLite"], kept["PostgreSQL"]); diff != "" {
		t.Errorf("the engines have other tables (-SQLite +PostgreSQL):\n%s", diff)
	}
}

func names(t *testing.T, db *sql.DB, query string) (list []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		list = append(list, name)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

// TestOnlyIntoAnEmptyStore refuses a store that somebody has written to, and leaves it alone; one that was only opened is
// empty.
func TestOnlyIntoAnEmptyStore(t *testing.T) {
	for name, on := range engines {
		t.Run(name, func(t *testing.T) {
			from, used, opened := on(t), on(t), on(t)
			fill(t, from)
			archive, _ := archiveOf(t, from.store(t))
			s := used.store(t)
			if err := s.PutGroup(t.Context(), system, comity.Group{Acronym: "KEPT"}); err != nil {
				t.Fatal(err)
			}
			before, _ := archiveOf(t, s)
			_, err := restore(t, archive, used)
			wantKind(t, "a store in use", err, comity.Conflict)
			if after, _ := archiveOf(t, s); !bytes.Equal(before, after) {
				t.Error("the store in use was changed")
			}
			opened.store(t)
			mustRestore(t, archive, opened)
			if again, _ := archiveOf(t, opened.store(t)); !bytes.Equal(again, archive) {
				t.Error("a store that was only opened differs after restoring")
			}
		})
	}
}

// TestOlderSchema backs up a store of the first schema, restores it at that schema and opens it with this program, which
// brings it up.
func TestOlderSchema(t *testing.T) {
	for name, on := range engines {
		t.Run(name, func(t *testing.T) {
			from, to, opened := on(t), onSQLite(t), on(t)
			old, err := from.openAt(t.Context(), 1)
			if err != nil {
				t.Fatal(err)
			}
			defer old.Close()
			from.exec(t, `INSERT INTO organizations (id, acronym, name, kind, co_chair) VALUES ('org_a', 'X-A', 'A', 'member', 0)`)
			archive, m := archiveOf(t, old)
			if m.Schema != 1 {
				t.Fatalf("schema: got %d, want 1", m.Schema)
			}
			mustRestore(t, archive, to)
			s := to.store(t)
			if err := s.Ready(t.Context()); err != nil {
				t.Error(err)
			}
			orgs, err := s.Organizations(t.Context(), system)
			if err != nil || len(orgs) != 1 || orgs[0].Acronym != "X-A" {
				t.Errorf("got %v, %v", orgs, err)
			}
			opened.store(t)
			_, err = restore(t, archive, opened)
			wantKind(t, "into a schema that is past it", err, comity.Conflict)
		})
	}
}

// TestNewerSchema refuses an archive of a newer program before anything is opened.
func TestNewerSchema(t *testing.T) {
	p := onSQLite(t)
	archive, m := archiveOf(t, p.store(t))
	_, err := backup.Restore(t.Context(), bytes.NewReader(archive), backup.RestoreOptions{
		ReadOptions: plain, Newest: m.Schema - 1,
		Open: func(context.Context, int64) (*storage.Store, error) { t.Error("opened"); return nil, nil },
	})
	wantKind(t, "newer schema", err, comity.Conflict)
	if m.Schema != migrations.Newest() {
		t.Errorf("the archive is of schema %d, the program's is %d", m.Schema, migrations.Newest())
	}
}

// TestDanglingReference refuses an archive whose hashes are right and whose rows refer to nothing, and leaves no row.
func TestDanglingReference(t *testing.T) {
	for name, on := range engines {
		t.Run(name, func(t *testing.T) {
			from, to := onSQLite(t), on(t)
			fill(t, from)
			a := unpack(t, archiveBytes(t, from))
			a.edit(t, "people", func(lines []string) []string {
				return []string{strings.Replace(lines[0], string(orgID(0)), "org_nowhere", 1)}
			})
			_, err := restore(t, a.pack(t), to)
			wantKind(t, "dangling reference", err, comity.Invalid)
			s := to.store(t)
			if people, err := s.HasPeople(t.Context(), system); err != nil || people {
				t.Errorf("rows were left behind: %v, %v", people, err)
			}
		})
	}
}

func archiveBytes(t *testing.T, p place) []byte {
	t.Helper()
	b, _ := archiveOf(t, p.store(t))
	return b
}

// TestEncryption opens an archive with the right key or passphrase only, and tells nothing of either.
func TestEncryption(t *testing.T) {
	p := onSQLite(t)
	fill(t, p)
	s := p.store(t)
	mine, others := identity(t), identity(t)
	const passphrase = "correct horse battery"
	phrase, err := backup.Passphrase(passphrase)
	if err != nil {
		t.Fatal(err)
	}
	phrase[0].(*age.ScryptRecipient).SetWorkFactor(10)
	opens, err := backup.PassphraseOf(passphrase)
	if err != nil {
		t.Fatal(err)
	}
	wrong, err := backup.PassphraseOf("wrong horse battery")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		for_ []age.Recipient
		with backup.ReadOptions
		kind comity.Kind // Internal: it opens
	}{
		{"own key", []age.Recipient{mine.Recipient()}, backup.ReadOptions{Identities: []age.Identity{mine}}, comity.Internal},
		{"one of two keys", []age.Recipient{others.Recipient(), mine.Recipient()}, backup.ReadOptions{Identities: []age.Identity{mine}}, comity.Internal},
		{"passphrase", phrase, backup.ReadOptions{Identities: opens}, comity.Internal},
		{"somebody else's key", []age.Recipient{others.Recipient()}, backup.ReadOptions{Identities: []age.Identity{mine}}, comity.Forbidden},
		{"another passphrase", phrase, backup.ReadOptions{Identities: wrong}, comity.Forbidden},
		{"a key for a passphrase", phrase, backup.ReadOptions{Identities: []age.Identity{mine}}, comity.Forbidden},
		{"a passphrase for a key", []age.Recipient{mine.Recipient()}, backup.ReadOptions{Identities: opens}, comity.Forbidden},
		{"no key", []age.Recipient{mine.Recipient()}, backup.ReadOptions{}, comity.Invalid},
		{"taken for plain", []age.Recipient{mine.Recipient()}, plain, comity.Invalid},
		{"plain for an encrypted one", nil, backup.ReadOptions{Identities: []age.Identity{mine}}, comity.Invalid},
	} {
		var b bytes.Buffer
		if _, err := backup.Write(t.Context(), &b, s, backup.WriteOptions{Now: now, Recipients: c.for_, Plain: c.for_ == nil}); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if c.for_ != nil && (bytes.Contains(b.Bytes(), []byte("X-A")) || bytes.HasPrefix(b.Bytes(), []byte{0x1f, 0x8b})) {
			t.Errorf("%s: not encrypted", c.name)
		}
		_, err := backup.Verify(t.Context(), &b, c.with)
		if c.kind == comity.Internal {
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		wantKind(t, c.name, err, c.kind)
		for _, secret := range []string{mine.String(), others.String(), passphrase} {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("%s: a secret is in %q", c.name, err)
			}
		}
	}
}

func identity(t *testing.T) *age.X25519Identity {
	t.Helper()
	i, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// TestNoKeyInErrors hands over wrong keys of all kinds: nothing of them comes back.
func TestNoKeyInErrors(t *testing.T) {
	secret := identity(t).String()
	for name, text := range map[string]string{
		"a private key for a public one": secret, "cut off": secret[:40], "one letter wrong": secret[:30] + "b" + secret[31:], "lower case": strings.ToLower(secret), "in quotes": `"` + secret + `"`,
	} {
		_, err := backup.Recipients(strings.NewReader(text))
		_, err2 := backup.Identities(strings.NewReader("x" + text))
		for _, err := range []error{err, err2} {
			wantKind(t, name, err, comity.Invalid)
			if err != nil && strings.Contains(strings.ToLower(err.Error()), strings.ToLower(text[20:28])) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if _, err := backup.Passphrase("short"); err == nil || strings.Contains(err.Error(), "short") {
		t.Errorf("a short passphrase: %v", err)
	}
	if _, err := backup.Identities(strings.NewReader("# created: now\n" + secret + "\n")); err != nil {
		t.Error(err)
	}
}

// TestEitherEncryptedOrPlain refuses to write where nobody said who can read it.
func TestEitherEncryptedOrPlain(t *testing.T) {
	s := onSQLite(t).store(t)
	for name, o := range map[string]backup.WriteOptions{
		"neither": {Now: now}, "both": {Now: now, Plain: true, Recipients: []age.Recipient{identity(t).Recipient()}},
	} {
		var b bytes.Buffer
		_, err := backup.Write(t.Context(), &b, s, o)
		wantKind(t, name, err, comity.Invalid)
		if b.Len() > 0 {
			t.Errorf("%s: %d bytes were written", name, b.Len())
		}
	}
}

// TestTextThatIsNoUTF8 goes to SQLite as it is, and is refused by PostgreSQL, which can't keep it, as a whole.
func TestTextThatIsNoUTF8(t *testing.T) {
	from, same, other := onSQLite(t), onSQLite(t), onPostgres(t)
	from.store(t)
	from.exec(t, `INSERT INTO organizations (id, acronym, name, kind, co_chair) VALUES ('org_a', 'X-A', CAST(x'ff00fe' AS TEXT), 'member', 0)`)
	archive := archiveBytes(t, from)
	mustRestore(t, archive, same)
	if again := archiveBytes(t, same); !bytes.Equal(archive, again) {
		t.Error("it is not the same in SQLite")
	}
	if _, err := restore(t, archive, other); err == nil {
		t.Error("PostgreSQL took it")
	} else if !strings.Contains(err.Error(), "organizations") {
		t.Errorf("the error does not name the table: %v", err)
	}
}

// TestNothingIsMade checks that restoring what can't be restored leaves no folder behind.
func TestNothingIsMade(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	_, err := backup.Restore(t.Context(), strings.NewReader("nonsense"), backup.RestoreOptions{
		ReadOptions: plain, Newest: migrations.Newest(),
		Open: func(ctx context.Context, v int64) (*storage.Store, error) { return sqlite.OpenAt(ctx, dir, v) },
	})
	wantKind(t, "nonsense", err, comity.Invalid)
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("the folder was made: %v", err)
	}
}
