package sqlite

import (
	"context"
	"database/sql"
	"io/fs"
	"path/filepath"

	"comity/storage/migrations"
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

// OpenSteps opens a store as a program with these steps does, and closes it.
func OpenSteps(ctx context.Context, dir string, files fs.FS) error {
	of := func(db *sql.DB) (*migrations.Schema, error) { return migrations.SQLiteSteps(db, files) }
	s, err := open(ctx, dir, of, (*migrations.Schema).Newest)
	if err != nil {
		return err
	}
	return s.Close()
}
