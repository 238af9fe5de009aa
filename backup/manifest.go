package backup

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"time"

	"comity"
	"comity/storage"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Format is the version of the form of archives that this program writes, and the only one that it reads.
const Format = 1

// Manifest says what is in an archive. It is its first member.
type Manifest struct {
	Format  int       `json:"format"`
	Program string    `json:"program"` // version of the program that wrote it
	Made    time.Time `json:"made"`    // UTC, whole seconds
	Engine  string    `json:"engine"`  // "sqlite" or "postgres": where it came from; it goes into either
	Schema  int64     `json:"schema"`  // version of the schema that the tables are of
	Tables  []Table   `json:"tables"`  // by name, and so are their members of the archive
	LeftOut []LeftOut `json:"left_out"`
	Rows    int64     `json:"rows"`    // of all tables
	Content string    `json:"content"` // SHA-256 of the lines "NAME ROWS SHA256" of all tables: equal for equal content on either engine
}

// Table is one table of an archive.
type Table struct {
	Name    string   `json:"name"`
	Columns []Column `json:"columns"` // by name
	Key     []string `json:"key"`     // the rows are in the order of these columns
	Rows    int64    `json:"rows"`
	Bytes   int64    `json:"bytes"`
	SHA256  string   `json:"sha256"` // of the member, in hexadecimal
	Last    int64    `json:"last"`   // last number that the table's counter gave; 0 if it has none
}

// Column is one column of a table.
type Column struct {
	Name string             `json:"name"`
	Type storage.ColumnType `json:"type"`
}

// LeftOut is a table that is not in the archive.
type LeftOut struct {
	Name string `json:"name"`
	Why  string `json:"why"`
}

const (
	manifestName = "manifest.json"
	maxManifest  = 4 << 20
)

// member is the name of a table's member of the archive.
func (t Table) member() string { return "tables/" + t.Name + ".ndjson" }

// table is the same as the store tells it.
func (t Table) table() storage.Table {
	s := storage.Table{Name: t.Name, Key: t.Key}
	for _, c := range t.Columns {
		s.Columns = append(s.Columns, storage.Column(c))
	}
	return s
}

func tableOf(t storage.Table) Table {
	m := Table{Name: t.Name, Key: t.Key, Columns: []Column{}}
	for _, c := range t.Columns {
		m.Columns = append(m.Columns, Column(c))
	}
	return m
}

// content is the hash over all tables, and the sum of their rows.
func content(tables []Table) (hash string, rows int64) {
	h := sha256.New()
	for _, t := range tables {
		fmt.Fprintf(h, "%s %d %s\n", t.Name, t.Rows, t.SHA256)
		rows += t.Rows
	}
	return hex.EncodeToString(h.Sum(nil)), rows
}

// encode returns the manifest as it stands in an archive.
func (m Manifest) encode() ([]byte, error) {
	data, err := json.Marshal(m, jsontext.WithIndent("  "))
	if err != nil {
		return nil, fmt.Errorf("write manifest: %w", err)
	}
	return append(data, '\n'), nil
}

// readManifest reads and checks a manifest that encode wrote.
func readManifest(r io.Reader) (Manifest, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxManifest+1))
	if err != nil {
		return Manifest{}, err
	}
	var m Manifest
	if len(data) > maxManifest {
		return m, comity.Errorf(comity.TooLarge, "the manifest is larger than %d bytes", maxManifest)
	}
	if err := json.Unmarshal(data, &m, json.RejectUnknownMembers(true)); err != nil {
		return m, comity.Errorf(comity.Invalid, "the manifest is not one that Comity writes: %w", err)
	}
	if m.Format != Format {
		return m, comity.Errorf(comity.Invalid, "the archive is of format %d, this program reads %d", m.Format, Format)
	}
	if again, err := m.encode(); err != nil || !bytes.Equal(again, data) {
		return m, comity.Errorf(comity.Invalid, "the manifest is not in the form in which backups are written")
	}
	return m, m.check()
}

// check holds a manifest to its own figures.
func (m Manifest) check() error {
	if len(m.Tables) == 0 || m.Schema < 1 {
		return comity.Errorf(comity.Invalid, "the manifest names no tables or no schema")
	}
	for i, t := range m.Tables {
		if i > 0 && t.Name <= m.Tables[i-1].Name {
			return comity.Errorf(comity.Invalid, "the manifest names table %q out of order or twice", t.Name)
		}
		if err := t.check(); err != nil {
			return err
		}
	}
	hash, rows := content(m.Tables)
	if m.Content != hash || m.Rows != rows {
		return comity.Errorf(comity.Invalid, "the manifest's sums are not those of its tables")
	}
	return nil
}

func (t Table) check() error {
	for _, name := range append([]string{t.Name}, t.Key...) {
		if !plainName(name) {
			return comity.Errorf(comity.Invalid, "%q is no name of a table or column", name)
		}
	}
	for i, c := range t.Columns {
		if !plainName(c.Name) || i > 0 && c.Name <= t.Columns[i-1].Name {
			return comity.Errorf(comity.Invalid, "table %s: column %q is no name, out of order or there twice", t.Name, c.Name)
		}
	}
	if t.Rows < 0 || t.Bytes < t.Rows || t.Last < 0 {
		return comity.Errorf(comity.Invalid, "table %s: the manifest's figures can't be", t.Name)
	}
	return nil
}

// plainName reports whether a name is one that our schemas use: lower-case letters, digits and underscores.
func plainName(s string) bool {
	for _, c := range []byte(s) {
		if (c < 'a' || 'z' < c) && (c < '0' || '9' < c) && c != '_' {
			return false
		}
	}
	return s != ""
}
