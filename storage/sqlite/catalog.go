package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"comity"
	"comity/storage"
)

// catalog tells the tables of a SQLite database.
type catalog struct{}

var _ storage.Catalog = catalog{}

var columnTypes = map[string]storage.ColumnType{
	"TEXT": storage.Text, "INTEGER": storage.Integer, "REAL": storage.Real, "BLOB": storage.Blob,
}

// Tables returns all tables but SQLite's own, virtual ones, and those in which virtual ones keep what they index.
//
// Source: SQLite, PRAGMA table_list and table_xinfo, https://www.sqlite.org/pragma.html.
func (catalog) Tables(ctx context.Context, tx *sql.Tx) ([]storage.Table, error) {
	const query = `
		SELECT t.name, c.name, c.type, c.pk,
		       EXISTS (SELECT 1 FROM sqlite_schema AS s WHERE s.name = t.name AND s.sql LIKE '%AUTOINCREMENT%')
		FROM pragma_table_list AS t
		JOIN pragma_table_xinfo(t.name) AS c
		WHERE t.schema = 'main'
		  AND t.type = 'table'
		  AND t.name NOT LIKE 'sqlite\_%' ESCAPE '\'
		  AND c.hidden = 0
		ORDER BY t.name, c.name`
	rows, err := tx.QueryContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("read tables: %w", err)
	}
	defer rows.Close()
	var list storage.TableList
	for rows.Next() {
		var table, name, kind string
		var key int
		var counted bool
		if err := rows.Scan(&table, &name, &kind, &key, &counted); err != nil {
			return nil, err
		}
		c := storage.Column{Name: name, Type: columnTypes[kind]}
		if c.Type == "" {
			c.Type = storage.ColumnType(strings.ToLower(kind))
		}
		list.Add(table, c, key, counted && key == 1)
	}
	return list.Tables(), rows.Err()
}

// Counter reads the table in which SQLite keeps the numbers of AUTOINCREMENT.
func (catalog) Counter(ctx context.Context, tx *sql.Tx, t storage.Table) (last int64, err error) {
	err = tx.QueryRowContext(ctx, `SELECT seq FROM sqlite_sequence WHERE name = $1`, t.Name).Scan(&last)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return last, err
}

// SetCounter writes that table.
func (catalog) SetCounter(ctx context.Context, tx *sql.Tx, t storage.Table, last int64) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM sqlite_sequence WHERE name = $1`, t.Name); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO sqlite_sequence (name, seq) VALUES ($1, $2)`, t.Name, last)
	return err
}

// Defer puts the checks of foreign keys off to the commit.
func (catalog) Defer(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, `PRAGMA defer_foreign_keys = ON`)
	return err
}

// Settle names the first row that refers to nothing. What Defer set ends with the transaction.
func (catalog) Settle(ctx context.Context, tx *sql.Tx) error {
	var table, parent string
	err := tx.QueryRowContext(ctx, `SELECT "table", parent FROM pragma_foreign_key_check LIMIT 1`).Scan(&table, &parent)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return comity.Errorf(comity.Invalid, "a row of table %s refers to one of %s that is not there", table, parent)
}

// Numbered is empty: SQLite takes a number as it takes any value.
func (catalog) Numbered() string { return "" }

// Bytewise is SQLite's own order.
func (catalog) Bytewise() string { return " COLLATE BINARY" }

// Snapshot begins a reader, which sees one state from its first query on.
func (catalog) Snapshot() *sql.TxOptions { return &sql.TxOptions{ReadOnly: true} }
