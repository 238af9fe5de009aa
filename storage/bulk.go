package storage

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"
)

// bulkRows is how many rows one INSERT adds: enough that PostgreSQL is asked seldom, and few enough that SQLite, which
// looks for each value's name among all, binds them fast.
const bulkRows = 16

// bulk adds rows to a table, several with one statement. after follows the values, such as ON CONFLICT; a row may occur
// once only in rows then.
func bulk(ctx context.Context, tx *sql.Tx, table, columns, after string, rows [][]any) error {
	head := "INSERT INTO " + table + " (" + columns + ") VALUES "
	whole := len(rows) / bulkRows * bulkRows
	if whole > 0 {
		put, err := tx.PrepareContext(ctx, head+marks(bulkRows, len(rows[0]))+" "+after)
		if err != nil {
			return err
		}
		defer put.Close()
		for some := range slices.Chunk(rows[:whole], bulkRows) {
			if _, err := put.ExecContext(ctx, slices.Concat(some...)...); err != nil {
				return err
			}
		}
	}
	if rest := rows[whole:]; len(rest) > 0 {
		_, err := tx.ExecContext(ctx, head+marks(len(rest), len(rest[0]))+" "+after, slices.Concat(rest...)...)
		return err
	}
	return nil
}

// marks are the placeholders of so many rows.
func marks(rows, columns int) string {
	var b strings.Builder
	for i := range rows * columns {
		switch {
		case i == 0:
			b.WriteByte('(')
		case i%columns == 0:
			b.WriteString("), (")
		default:
			b.WriteString(", ")
		}
		b.WriteString("$" + strconv.Itoa(i+1))
	}
	b.WriteByte(')')
	return b.String()
}
