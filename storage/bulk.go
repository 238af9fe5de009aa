package storage

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"
)

// bulkRows is how many rows one INSERT adds at most.
const bulkRows = 200

// bulk adds rows to a table, many with one statement. after follows the values, such as ON CONFLICT; a row may occur once
// only in rows then.
func bulk(ctx context.Context, tx *sql.Tx, table, columns, after string, rows [][]any) error {
	for some := range slices.Chunk(rows, bulkRows) {
		var b strings.Builder
		b.WriteString("INSERT INTO " + table + " (" + columns + ") VALUES ")
		n := 0
		for i, row := range some {
			if i > 0 {
				b.WriteString(", ")
			}
			for j := range row {
				n++
				b.WriteString(map[bool]string{true: "($", false: ", $"}[j == 0])
				b.WriteString(strconv.Itoa(n))
			}
			b.WriteByte(')')
		}
		b.WriteString(" " + after)
		if _, err := tx.ExecContext(ctx, b.String(), slices.Concat(some...)...); err != nil {
			return err
		}
	}
	return nil
}
