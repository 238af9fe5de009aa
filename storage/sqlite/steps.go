package sqlite

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"comity"
	"comity/storage/migrations"
)

// Steps lists the steps of the schema in a folder, and when each was taken. It changes nothing: a folder without a
// database is NotFound.
func Steps(ctx context.Context, dir string) (steps []migrations.Step, at int64, err error) {
	path, err := filepath.Abs(filepath.Join(dir, FileName))
	if err != nil {
		return nil, 0, comity.Errorf(comity.Invalid, "folder %s: %w", dir, err)
	}
	if _, err := os.Stat(path); err != nil {
		return nil, 0, comity.Errorf(comity.NotFound, "no database: %w", err)
	}
	db, err := connect(path, "deferred", 1)
	if err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	schema, err := migrations.SQLite(db)
	if err != nil {
		return nil, 0, err
	}
	if at, err = schema.At(ctx); err != nil {
		return nil, 0, err
	}
	steps, err = schema.Steps(ctx)
	return steps, at, err
}
