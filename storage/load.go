package storage

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"comity"
)

// Loading is an empty store that whole tables are put into. It is used within [Store.Load] only.
type Loading struct {
	store  *Store
	tx     *sql.Tx
	tables []Table
	schema int64
}

// Load runs write on an empty store, in one transaction: all that it puts in is there afterwards, or nothing. A store
// that anybody has written to is refused with Conflict, and nothing in it is changed. System only.
func (s *Store) Load(ctx context.Context, v comity.Viewer, write func(*Loading) error) error {
	if err := s.system(ctx, v, "Load"); err != nil {
		return err
	}
	return s.transaction(ctx, "load", func(tx *sql.Tx) (err error) {
		l := &Loading{store: s, tx: tx}
		if l.schema, err = schemaVersion(ctx, tx); err != nil {
			return err
		}
		if l.tables, err = kept(ctx, s.engine.Catalog, tx); err != nil {
			return err
		}
		if err := l.clear(ctx); err != nil {
			return err
		}
		if err := s.engine.Catalog.Defer(ctx, tx); err != nil {
			return fmt.Errorf("defer constraints: %w", err)
		}
		if err := write(l); err != nil {
			return err
		}
		if err := s.engine.Catalog.Settle(ctx, tx); err != nil {
			return fmt.Errorf("check constraints: %w", err)
		}
		return nil
	})
}

// clear makes sure that the store is empty, and takes out what its opening wrote.
func (l *Loading) clear(ctx context.Context) error {
	for _, t := range l.tables {
		condition := opened[t.Name]
		if condition == "" {
			condition = "1 = 0"
		}
		var others int64
		query := `SELECT COUNT(*) FROM ` + quoted(t.Name) + ` WHERE NOT (` + condition + `)`
		if err := l.tx.QueryRowContext(ctx, query).Scan(&others); err != nil {
			return err
		}
		if others > 0 {
			return comity.Errorf(comity.Conflict, "the store is not empty: table %s has %d rows; restore into a folder or database that holds nothing", t.Name, others)
		}
	}
	for _, name := range []string{"audit_entries", "cursors"} {
		if _, err := l.tx.ExecContext(ctx, `DELETE FROM `+quoted(name)); err != nil {
			return err
		}
	}
	return nil
}

// Schema is the version of the store's schema.
func (l *Loading) Schema() int64 { return l.schema }

// Tables are the tables that a backup keeps, by name.
func (l *Loading) Tables() []Table { return l.tables }

// Put adds rows to a table: values by the order of its columns. A few hundred at once are fast.
func (l *Loading) Put(ctx context.Context, t Table, rows [][]any) error {
	if len(rows) == 0 {
		return nil
	}
	args := slices.Concat(rows...)
	if _, err := l.tx.ExecContext(ctx, t.insertion(l.store.engine.Catalog.Numbered(), len(rows)), args...); err != nil {
		return l.store.known(fmt.Errorf("put rows into %s: %w", t.Name, err))
	}
	return nil
}

// SetCounter makes a table's counter go on after a number and after every number in the table. A table without a counter
// on this engine is left alone.
func (l *Loading) SetCounter(ctx context.Context, t Table, last int64) error {
	if t.Counter == "" {
		return nil
	}
	var highest int64
	query := `SELECT COALESCE(MAX(` + quoted(t.Counter) + `), 0) FROM ` + quoted(t.Name)
	if err := l.tx.QueryRowContext(ctx, query).Scan(&highest); err != nil {
		return l.store.known(err)
	}
	last = max(last, highest)
	if err := l.store.engine.Catalog.SetCounter(ctx, l.tx, t, last); err != nil {
		return l.store.known(fmt.Errorf("set the counter of %s: %w", t.Name, err))
	}
	return nil
}

// Count returns how many rows a table has, of those that a backup keeps.
func (l *Loading) Count(ctx context.Context, t Table) (n int64, err error) {
	return n, l.store.known(l.tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM `+quoted(t.Name)).Scan(&n))
}

// insertion is the statement that adds n rows.
func (t Table) insertion(numbered string, n int) string {
	var b strings.Builder
	b.WriteString("INSERT INTO " + quoted(t.Name) + " (" + t.columnList() + ")" + numbered + " VALUES ")
	for i := range n * len(t.Columns) {
		switch {
		case i == 0:
			b.WriteString("($")
		case i%len(t.Columns) == 0:
			b.WriteString("), ($")
		default:
			b.WriteString(", $")
		}
		b.WriteString(strconv.Itoa(i + 1))
	}
	b.WriteByte(')')
	return b.String()
}
