package backup_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"comity"
	"comity/backup"
	"comity/storage"
	"comity/storage/migrations"

	"filippo.io/age"
)

// unpacked is an archive that can be changed and packed again by somebody who knows its form.
type unpacked struct {
	members  []member
	manifest backup.Manifest
}

type member struct {
	head tar.Header
	body []byte
}

func unpack(t *testing.T, archive []byte) *unpacked {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		t.Fatal(err)
	}
	a, r := &unpacked{}, tar.NewReader(z)
	for {
		head, err := r.Next()
		if err == io.EOF {
			return a
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if head.Name == "manifest.json" {
			if err := json.Unmarshal(body, &a.manifest); err != nil {
				t.Fatal(err)
			}
		}
		a.members = append(a.members, member{*head, body})
	}
}

func (a *unpacked) at(t *testing.T, table string) int {
	t.Helper()
	i := slices.IndexFunc(a.members, func(m member) bool { return m.head.Name == "tables/"+table+".ndjson" })
	if i < 0 {
		t.Fatalf("no table %s", table)
	}
	return i
}

// edit changes the lines of a table, and all sums with them.
func (a *unpacked) edit(t *testing.T, table string, do func([]string) []string) {
	t.Helper()
	m := &a.members[a.at(t, table)]
	lines := do(slices.Collect(strings.Lines(string(m.body))))
	m.body = []byte(strings.Join(lines, ""))
	m.head.Size = int64(len(m.body))
	for i := range a.manifest.Tables {
		if mt := &a.manifest.Tables[i]; mt.Name == table {
			sum := sha256.Sum256(m.body)
			mt.Rows, mt.Bytes, mt.SHA256 = int64(len(lines)), m.head.Size, hex.EncodeToString(sum[:])
		}
	}
	a.sums(t)
}

// sums makes the manifest right again.
func (a *unpacked) sums(t *testing.T) {
	t.Helper()
	h := sha256.New()
	a.manifest.Rows = 0
	for _, m := range a.manifest.Tables {
		fmt.Fprintf(h, "%s %d %s\n", m.Name, m.Rows, m.SHA256)
		a.manifest.Rows += m.Rows
	}
	a.manifest.Content = hex.EncodeToString(h.Sum(nil))
	a.write(t)
}

// write puts the manifest as it is into its member.
func (a *unpacked) write(t *testing.T) {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(a.manifest); err != nil {
		t.Fatal(err)
	}
	a.members[0].body = b.Bytes()
	a.members[0].head.Size = int64(b.Len())
}

// pack makes an archive whose compression and seal are right.
func (a *unpacked) pack(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for _, m := range a.members {
		if err := w.WriteHeader(&m.head); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(m.body); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(b.Bytes())
	return append(b.Bytes(), backup.SealOf(sum[:])...)
}

// change returns the archive changed by somebody who makes gzip and the seal right again.
func change(t *testing.T, archive []byte, do func(*unpacked)) []byte {
	t.Helper()
	a := unpack(t, archive)
	do(a)
	return a.pack(t)
}

// gzipped returns bytes as the first part, with a right seal.
func gzipped(t *testing.T, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(b.Bytes())
	return append(b.Bytes(), backup.SealOf(sum[:])...)
}

func tarOf(t *testing.T, archive []byte) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestCorruptions damages an archive in many ways. Each is found, told, and nothing is opened, let alone written.
func TestCorruptions(t *testing.T) {
	p := onSQLite(t)
	fill(t, p)
	good, m := archiveOf(t, p.store(t))
	if again := unpack(t, good).pack(t); !bytes.Equal(again, good) {
		t.Fatal("packing an archive again does not give the same: this test would find anything wrong")
	}
	manifest := func(do func(*backup.Manifest)) func(*unpacked) {
		return func(a *unpacked) { do(&a.manifest); a.write(t) }
	}
	lines := func(table string, do func([]string) []string) func(*unpacked) {
		return func(a *unpacked) { a.edit(t, table, do) }
	}
	rename := func(name string) func(*unpacked) {
		return func(a *unpacked) { a.members[3].head.Name = name }
	}
	people := slices.IndexFunc(m.Tables, func(t backup.Table) bool { return t.Name == "people" })
	cases := []struct {
		name string
		data []byte
		says string
	}{
		{"empty file", nil, "no backup"},
		{"another file", []byte("-- SQL dump\nCREATE TABLE x;\n"), "no backup"},
		{"gzip of something else", gzipped(t, []byte("hello")), "cut off"},
		{"cut off within the header", good[:7], "cut off"},
		{"cut off within the manifest", good[:200], "cut off"},
		{"cut off in the middle", good[:len(good)/2], "cut off"},
		{"cut off before the seal", good[:len(good)-len(backup.SealOf(make([]byte, 32)))], "cut off"},
		{"cut off by one byte", good[:len(good)-1], "cut off"},
		{"something after the end", append(slices.Clone(good), 0), "follows the end"},
		{"twice", append(slices.Clone(good), good...), "follows the end"},
		{"tar cut off, gzip right", gzipped(t, tarOf(t, good)[:4000]), "cut off"},
		{"something after tar's end", gzipped(t, append(tarOf(t, good), "more"...)), "follows the last table"},
		{"a seal of other bytes", append(slices.Clone(good[:len(good)-59]), backup.SealOf(make([]byte, 32))...), ""},

		{"members swapped", change(t, good, func(a *unpacked) { a.members[2], a.members[3] = a.members[3], a.members[2] }), "belongs"},
		{"bodies swapped", change(t, good, func(a *unpacked) {
			i, j := a.at(t, "people"), a.at(t, "tokens")
			a.members[i].body, a.members[j].body = a.members[j].body, a.members[i].body
			a.members[i].head.Size, a.members[j].head.Size = a.members[j].head.Size, a.members[i].head.Size
		}), "bytes"},
		{"manifest not first", change(t, good, func(a *unpacked) { a.members[0], a.members[1] = a.members[1], a.members[0] }), "not with its manifest"},
		{"manifest missing", change(t, good, func(a *unpacked) { a.members = a.members[1:] }), "not with its manifest"},
		{"table missing", change(t, good, func(a *unpacked) { a.members = slices.Delete(a.members, 4, 5) }), "belongs"},
		{"last table missing", change(t, good, func(a *unpacked) { a.members = a.members[:len(a.members)-1] }), "is missing"},
		{"table missing from the manifest too", change(t, good, func(a *unpacked) {
			i := a.at(t, "people")
			a.members = slices.Delete(a.members, i, i+1)
			a.manifest.Tables = slices.Delete(a.manifest.Tables, people, people+1)
			a.sums(t)
		}), "tables, schema"},
		{"extra member", change(t, good, func(a *unpacked) {
			a.members = append(a.members, member{tar.Header{Name: "extra", Size: 1, Mode: 0o600}, []byte("x")})
		}), "does not name"},
		{"a member twice", change(t, good, func(a *unpacked) { a.members = append(a.members, a.members[len(a.members)-1]) }), "does not name"},
		{"name that climbs out", change(t, good, rename("../../etc/passwd")), "belongs"},
		{"absolute name", change(t, good, rename("/etc/passwd")), "belongs"},
		{"name with a detour", change(t, good, func(a *unpacked) { a.members[3].head.Name = "tables/../" + a.members[3].head.Name }), "belongs"},
		{"a link in a table's place", change(t, good, func(a *unpacked) {
			a.members[3].head.Typeflag, a.members[3].head.Linkname, a.members[3].head.Size, a.members[3].body = tar.TypeSymlink, "/etc/passwd", 0, nil
		}), "belongs"},

		{"row twice", change(t, good, lines("organizations", func(l []string) []string { return append([]string{l[0]}, l...) })), "not after"},
		{"rows out of order", change(t, good, lines("organizations", func(l []string) []string { slices.Reverse(l); return l })), "not after"},
		{"row missing, manifest not told", change(t, good, func(a *unpacked) {
			i := a.at(t, "organizations")
			_, rest, _ := bytes.Cut(a.members[i].body, []byte("\n"))
			a.members[i].body, a.members[i].head.Size = rest, int64(len(rest))
		}), "bytes"},
		{"a row's letter changed, manifest not told", change(t, good, func(a *unpacked) {
			i := a.at(t, "organizations")
			a.members[i].body = bytes.Replace(a.members[i].body, []byte("plain"), []byte("plaim"), 1)
		}), "hash"},
		{"row of another table", change(t, good, lines("people", func(l []string) []string { return append(l, "{\"a\":1}\n") })), "row 12"},
		{"row that is no JSON", change(t, good, lines("people", func(l []string) []string { return append(l, "hello\n") })), "row 12"},
		{"row in another form", change(t, good, lines("people", func(l []string) []string { return append([]string{strings.Replace(l[0], "{", "{ ", 1)}, l[1:]...) })), "form"},
		{"a member twice in a row", change(t, good, lines("people", func(l []string) []string {
			return append([]string{strings.Replace(l[0], "{", `{"email":"",`, 1)}, l[1:]...)
		})), "people"},
		{"a number where text belongs", change(t, good, lines("people", func(l []string) []string {
			return append([]string{strings.Replace(l[0], `"email":"0@x.example"`, `"email":7`, 1)}, l[1:]...)
		})), "email"},
		{"a number out of range", change(t, good, lines("cursors", func(l []string) []string {
			return append([]string{strings.Replace(l[0], `"seq":`, `"seq":99999999999999999999`, 1)}, l[1:]...)
		})), "seq"},
		{"last line without an end", change(t, good, lines("people", func(l []string) []string { l[len(l)-1] = strings.TrimSpace(l[len(l)-1]); return l })), "no end"},

		{"manifest that is no JSON", change(t, good, func(a *unpacked) { a.members[0].body = []byte("{"); a.members[0].head.Size = 1 }), "manifest"},
		{"manifest in another form", change(t, good, func(a *unpacked) { a.members[0].body = append(a.members[0].body, ' '); a.members[0].head.Size++ }), "form"},
		{"unknown member of the manifest", change(t, good, func(a *unpacked) {
			b := bytes.Replace(a.members[0].body, []byte("{"), []byte(`{"more":1,`), 1)
			a.members[0].body, a.members[0].head.Size = b, int64(len(b))
		}), "manifest"},
		{"another format", change(t, good, manifest(func(m *backup.Manifest) { m.Format = 2 })), "format 2"},
		{"no schema", change(t, good, manifest(func(m *backup.Manifest) { m.Schema = 0 })), "schema"},
		{"another schema", change(t, good, manifest(func(m *backup.Manifest) { m.Schema = 1 })), "schema"},
		{"wrong number of rows", change(t, good, manifest(func(m *backup.Manifest) { m.Tables[people].Rows++ })), "sums"},
		{"wrong number of rows, sums right", change(t, good, func(a *unpacked) { a.manifest.Tables[people].Rows++; a.sums(t) }), "rows, the manifest says"},
		{"wrong hash", change(t, good, func(a *unpacked) { a.manifest.Tables[people].SHA256 = strings.Repeat("0", 64); a.sums(t) }), "hash"},
		{"wrong content", change(t, good, manifest(func(m *backup.Manifest) { m.Content = strings.Repeat("0", 64) })), "sums"},
		{"negative size", change(t, good, func(a *unpacked) { a.manifest.Tables[people].Bytes = -1; a.sums(t) }), "figures"},
		{"size of another", change(t, good, func(a *unpacked) { a.manifest.Tables[people].Bytes = 1 << 60; a.sums(t) }), "bytes"},
		{"tables out of order", change(t, good, manifest(func(m *backup.Manifest) { m.Tables[1], m.Tables[2] = m.Tables[2], m.Tables[1] })), "out of order"},
		{"table named to climb out", change(t, good, func(a *unpacked) { a.manifest.Tables[people].Name = "people/../x"; a.sums(t) }), "no name"},
		{"table with a quote", change(t, good, func(a *unpacked) { a.manifest.Tables[people].Name = `people"`; a.sums(t) }), "no name"},
		{"column missing", change(t, good, func(a *unpacked) {
			a.manifest.Tables[people].Columns = a.manifest.Tables[people].Columns[1:]
			a.sums(t)
		}), "people"},
		{"oversize manifest", change(t, good, func(a *unpacked) {
			a.manifest.Program = strings.Repeat("x", 5<<20)
			a.write(t)
		}), "larger than"},
	}
	found := 0
	for _, c := range cases {
		opened := false
		to := onSQLite(t)
		_, err := backup.Restore(t.Context(), bytes.NewReader(c.data), backup.RestoreOptions{
			ReadOptions: plain, Newest: migrations.Newest(),
			Open: func(ctx context.Context, v int64) (*storage.Store, error) {
				opened = true
				return to.openAt(ctx, v)
			},
		})
		switch {
		case err == nil || !strings.Contains(err.Error(), c.says):
			t.Errorf("%s: got %v, want an error that says %q", c.name, err, c.says)
			continue
		case opened:
			empty(t, c.name, to)
		case comity.KindOf(err) != comity.Invalid && comity.KindOf(err) != comity.TooLarge:
			t.Errorf("%s: kind %s: %v", c.name, comity.KindOf(err), err)
		}
		found++
	}
	t.Logf("%d of %d kinds of damage found", found, len(cases))
}

// empty checks that a store which had to be opened, because only it can tell what is wrong, has no row.
func empty(t *testing.T, name string, p place) {
	t.Helper()
	for _, table := range []string{"organizations", "people", "scores", "audit_entries"} {
		if n := p.number(t, `SELECT COUNT(*) FROM `+table); n != 0 {
			t.Errorf("%s: %d rows of %s were written", name, n, table)
		}
	}
}

// TestEveryBit flips one bit of every byte of a plain archive, and of an encrypted one: all are found.
func TestEveryBit(t *testing.T) {
	p := onSQLite(t)
	fill(t, p)
	s := p.store(t)
	key := identity(t)
	for name, c := range map[string]struct {
		write backup.WriteOptions
		read  backup.ReadOptions
		step  int // 1: every byte
	}{
		"plain":     {backup.WriteOptions{Now: now, Plain: true}, plain, 1},
		"encrypted": {backup.WriteOptions{Now: now, Recipients: []age.Recipient{key.Recipient()}}, backup.ReadOptions{Identities: []age.Identity{key}}, 7},
	} {
		var b bytes.Buffer
		if _, err := backup.Write(t.Context(), &b, s, c.write); err != nil {
			t.Fatal(err)
		}
		data := b.Bytes()
		flips := 0
		for i := 0; i < len(data); i += c.step {
			data[i] ^= 1 << (i % 8)
			if _, err := backup.Verify(t.Context(), bytes.NewReader(data), c.read); err == nil {
				t.Errorf("%s: bit %d of byte %d of %d can be flipped", name, i%8, i, len(data))
			}
			data[i] ^= 1 << (i % 8)
			flips++
		}
		t.Logf("%s: %d flipped bits in %d bytes, all found", name, flips, len(data))
	}
}
