package sqlite

import (
	"context"
	"path/filepath"
)

// Pragma reads a setting of a writing connection as Open makes it.
func Pragma(ctx context.Context, dir, name string) (value string, err error) {
	db, err := connect(filepath.Join(dir, FileName), "immediate", 1)
	if err != nil {
		return "", err
	}
	defer db.Close()
	return value, db.QueryRowContext(ctx, `PRAGMA `+name).Scan(&value)
}
