package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"comity"
	"comity/storage"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// catalog tells the tables of a PostgreSQL database, those of the current schema.
type catalog struct{}

var _ storage.Catalog = catalog{}

var columnTypes = map[string]storage.ColumnType{
	"text": storage.Text, "bigint": storage.Integer, "double precision": storage.Real, "bytea": storage.Blob,
}

// Tables returns all tables.
//
// Source: PostgreSQL, chapter "System Catalogs": pg_class, pg_attribute, pg_constraint.
func (catalog) Tables(ctx context.Context, tx *sql.Tx) ([]storage.Table, error) {
	const query = `
		SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), COALESCE(array_position(k.conkey, a.attnum), 0),
		       a.attidentity <> ''
		FROM pg_class AS c
		JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
		LEFT JOIN pg_constraint AS k ON k.conrelid = c.oid AND k.contype = 'p'
		WHERE c.relnamespace = CAST(current_schema() AS regnamespace)
		  AND c.relkind IN ('r', 'p')
		ORDER BY c.relname COLLATE "C", a.attname COLLATE "C"`
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
			c.Type = storage.ColumnType(kind)
		}
		list.Add(table, c, key, counted)
	}
	return list.Tables(), rows.Err()
}

// sequence is the name of the sequence behind a counter, as it stands in a query.
func sequence(ctx context.Context, tx *sql.Tx, t storage.Table) (name string, err error) {
	table := pgx.Identifier{t.Name}.Sanitize()
	return name, tx.QueryRowContext(ctx, `SELECT pg_get_serial_sequence($1, $2)`, table, t.Counter).Scan(&name)
}

// Counter reads the sequence. Sequences are outside of transactions: the number may be ahead of the rows, never behind.
func (catalog) Counter(ctx context.Context, tx *sql.Tx, t storage.Table) (last int64, err error) {
	name, err := sequence(ctx, tx, t)
	if err != nil {
		return 0, err
	}
	return last, tx.QueryRowContext(ctx, `SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM `+name).Scan(&last)
}

// SetCounter sets the sequence.
func (catalog) SetCounter(ctx context.Context, tx *sql.Tx, t storage.Table, last int64) error {
	name, err := sequence(ctx, tx, t)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `SELECT setval($1, GREATEST($2, 1), $2 > 0)`, name, last)
	return err
}

// Defer makes the foreign keys wait for the end of the transaction.
func (catalog) Defer(ctx context.Context, tx *sql.Tx) error {
	return eachForeignKey(ctx, tx, `DEFERRABLE INITIALLY DEFERRED`)
}

// Settle checks the foreign keys and makes them as they were.
func (catalog) Settle(ctx context.Context, tx *sql.Tx) error {
	if _, err := tx.ExecContext(ctx, `SET CONSTRAINTS ALL IMMEDIATE`); err != nil {
		if e, ok := errors.AsType[*pgconn.PgError](err); ok && e.Code == "23503" {
			return comity.Errorf(comity.Invalid, "a row of table %s refers to one that is not there: %w", e.TableName, err)
		}
		return err
	}
	return eachForeignKey(ctx, tx, `NOT DEFERRABLE`)
}

// eachForeignKey alters every foreign key of the schema; ours are made as not deferrable.
func eachForeignKey(ctx context.Context, tx *sql.Tx, to string) error {
	const query = `
		SELECT c.relname, k.conname
		FROM pg_constraint AS k
		JOIN pg_class AS c ON c.oid = k.conrelid
		WHERE k.contype = 'f'
		  AND k.connamespace = CAST(current_schema() AS regnamespace)
		ORDER BY c.relname, k.conname`
	rows, err := tx.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	var statements []string
	for rows.Next() {
		var table, name string
		if err := rows.Scan(&table, &name); err != nil {
			return err
		}
		statements = append(statements, fmt.Sprintf(`ALTER TABLE %s ALTER CONSTRAINT %s %s`,
			pgx.Identifier{table}.Sanitize(), pgx.Identifier{name}.Sanitize(), to))
	}
	if err := rows.Err(); err != nil || len(statements) == 0 {
		return err
	}
	_, err = tx.ExecContext(ctx, strings.Join(statements, "; "))
	return err
}

// Numbered lets an INSERT bring the numbers that the database else gives.
func (catalog) Numbered() string { return " OVERRIDING SYSTEM VALUE" }

// Bytewise is the order of bytes.
func (catalog) Bytewise() string { return ` COLLATE "C"` }

// Snapshot begins a reader that sees one state to its end.
func (catalog) Snapshot() *sql.TxOptions {
	return &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
}
