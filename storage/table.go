package storage

import (
	"context"
	"database/sql"
	"slices"

	"comity"
)

// ColumnType is what a column holds, the same on every engine.
type ColumnType string

// The types of columns that a schema may use.
const (
	Text    ColumnType = "text"
	Integer ColumnType = "integer" // 64 bits
	Real    ColumnType = "real"    // 64 bits
	Blob    ColumnType = "blob"
)

// Column is one column of a table.
type Column struct {
	Name string
	Type ColumnType
}

// Table is a table as the database itself tells it.
type Table struct {
	Name    string
	Columns []Column // by name
	Key     []string // columns of the primary key, in its order
	Counter string   // column whose numbers the database gives and never gives again; empty if there is none
}

// NotKept are the tables that a backup leaves out, and why. It is the only list of them: every other table is kept.
var NotKept = map[string]string{
	"goose_db_version": "the steps of the schema: the manifest has its version, and restoring runs the same steps",
	"sessions":         "who was signed in signs in again: a copied archive must not carry open doors",
	"setups":           "one-time secrets, good for a day in the store that made them",
	"profile_drafts":   "imports that were begun and end after an hour",
	"baseline_drafts":  "imports that were begun and end after an hour",
	"attempts":         "failed sign-ins of the last minutes",
	"running":          "intakes under way: none is when a store is restored, and a left one would keep the next from beginning",
	"backups":          "the record of the backups of this store, not of what is in it",
}

// notKeptRows are conditions on rows that a backup leaves out of tables that it keeps.
var notKeptRows = map[string]string{
	"cursors": "name = 'ready'", // written by every check of readiness
}

// opened are the conditions on rows that the mere opening of a new store writes: a store that has no others is empty.
var opened = map[string]string{
	"audit_entries": "system = 'open: index'",
	"cursors":       "name IN ('ready', 'search')",
}

// Catalog is what differs between the databases where whole tables are read and written.
type Catalog interface {
	// Tables returns all tables by name, except the engine's own and those that an index keeps its words in. A type that
	// no ColumnType stands for is given as the engine names it.
	Tables(ctx context.Context, tx *sql.Tx) ([]Table, error)
	// Counter returns the last number that a table's counter gave.
	Counter(ctx context.Context, tx *sql.Tx, t Table) (int64, error)
	// SetCounter makes a table's counter go on after a number.
	SetCounter(ctx context.Context, tx *sql.Tx, t Table, last int64) error
	// Defer lets rows refer to rows that come later in the transaction.
	Defer(ctx context.Context, tx *sql.Tx) error
	// Settle checks what Defer put off, and takes back what it changed.
	Settle(ctx context.Context, tx *sql.Tx) error
	// Numbered is what stands between the columns and the values of an INSERT that brings its own numbers.
	Numbered() string
	// Bytewise is what stands behind a column of text to order it by its bytes.
	Bytewise() string
	// Snapshot is how a transaction begins that sees one state of all tables to its end.
	Snapshot() *sql.TxOptions
}

// kept returns the tables that a backup keeps, and fails for one that it can't.
func kept(ctx context.Context, c Catalog, tx *sql.Tx) ([]Table, error) {
	all, err := c.Tables(ctx, tx)
	if err != nil {
		return nil, err
	}
	tables := slices.DeleteFunc(all, func(t Table) bool { return NotKept[t.Name] != "" })
	for _, t := range tables {
		if err := t.check(); err != nil {
			return nil, err
		}
	}
	return tables, nil
}

func (t Table) check() error {
	if len(t.Key) == 0 {
		return comity.Errorf(comity.Internal, "table %s has no primary key, so that its rows have no order", t.Name)
	}
	for _, c := range t.Columns {
		if !slices.Contains([]ColumnType{Text, Integer, Real, Blob}, c.Type) {
			return comity.Errorf(comity.Internal, "column %s of table %s is of type %q, which is not on both engines", c.Name, t.Name, c.Type)
		}
	}
	return nil
}

// typeOf returns the type of a column.
func (t Table) typeOf(column string) ColumnType {
	for _, c := range t.Columns {
		if c.Name == column {
			return c.Type
		}
	}
	return ""
}

// TableList collects columns, which come by table and name, into tables.
type TableList struct{ tables []Table }

// Add adds a column. key is its place in the primary key, from 1; 0 if it is in none.
func (l *TableList) Add(table string, c Column, key int, counter bool) {
	if n := len(l.tables); n == 0 || l.tables[n-1].Name != table {
		l.tables = append(l.tables, Table{Name: table})
	}
	t := &l.tables[len(l.tables)-1]
	t.Columns = append(t.Columns, c)
	if counter {
		t.Counter = c.Name
	}
	if key == 0 {
		return
	}
	for len(t.Key) < key {
		t.Key = append(t.Key, "")
	}
	t.Key[key-1] = c.Name
}

// Tables returns the tables in the order in which their columns came.
func (l *TableList) Tables() []Table { return l.tables }
