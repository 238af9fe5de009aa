package storage

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"comity"
)

// Snapshot is one state of all tables, whatever is written meanwhile. It is read within [Store.Snapshot] only.
type Snapshot struct {
	store  *Store
	tx     *sql.Tx
	tables []Table
	schema int64
}

// Snapshot runs read on one state of the whole store: every commit before it is in it, none after. Writers go on. It
// reads across organisations. System only.
func (s *Store) Snapshot(ctx context.Context, v comity.Viewer, read func(*Snapshot) error) error {
	if err := s.system(ctx, v, "Snapshot"); err != nil {
		return err
	}
	tx, err := s.engine.Read.BeginTx(ctx, s.engine.Catalog.Snapshot())
	if err != nil {
		return s.known(fmt.Errorf("snapshot: begin: %w", err))
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	n := &Snapshot{store: s, tx: tx}
	if n.schema, err = schemaVersion(ctx, tx); err != nil {
		return s.known(err)
	}
	if n.tables, err = kept(ctx, s.engine.Catalog, tx); err != nil {
		return s.known(fmt.Errorf("snapshot: %w", err))
	}
	return read(n)
}

// schemaVersion reads the version of the schema from the table in which the steps are noted.
func schemaVersion(ctx context.Context, q querier) (version int64, err error) {
	const query = `SELECT MAX(version_id) FROM goose_db_version WHERE is_applied`
	if err := q.QueryRowContext(ctx, query).Scan(&version); err != nil {
		return 0, fmt.Errorf("read schema version: %w", err)
	}
	return version, nil
}

// Schema is the version of the schema.
func (n *Snapshot) Schema() int64 { return n.schema }

// Tables are the tables to keep, by name.
func (n *Snapshot) Tables() []Table { return n.tables }

// Counter returns the last number that a table's counter gave.
func (n *Snapshot) Counter(ctx context.Context, t Table) (int64, error) {
	last, err := n.store.engine.Catalog.Counter(ctx, n.tx, t)
	return last, n.store.known(err)
}

// Rows hands over every row of a table in the order of its primary key, as values by the order of the table's columns:
// nil, int64, float64, string or []byte. The row is good until each returns. Rows are streamed.
func (n *Snapshot) Rows(ctx context.Context, t Table, each func(row []any) error) error {
	r, err := n.tx.QueryContext(ctx, t.selection(n.store.engine.Catalog.Bytewise()))
	if err != nil {
		return n.store.known(fmt.Errorf("read %s: %w", t.Name, err))
	}
	defer r.Close()
	row := make([]any, len(t.Columns))
	into := make([]any, len(row))
	for i := range row {
		into[i] = &row[i]
	}
	for r.Next() {
		if err := r.Scan(into...); err != nil {
			return fmt.Errorf("read %s: %w", t.Name, err)
		}
		if err := each(row); err != nil {
			return err
		}
	}
	return n.store.known(r.Err())
}

// selection is the query for all rows to keep. Text is ordered byte by byte on both engines.
func (t Table) selection(bytewise string) string {
	var b strings.Builder
	b.WriteString("SELECT ")
	b.WriteString(t.columnList())
	b.WriteString("\nFROM " + quoted(t.Name))
	if left := notKeptRows[t.Name]; left != "" {
		b.WriteString("\nWHERE NOT (" + left + ")")
	}
	b.WriteString("\nORDER BY ")
	for i, k := range t.Key {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(quoted(k))
		if t.typeOf(k) == Text {
			b.WriteString(bytewise)
		}
	}
	return b.String()
}

func (t Table) columnList() string {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = quoted(c.Name)
	}
	return strings.Join(names, ", ")
}

// quoted returns a name of the schema as it stands in a query.
func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
