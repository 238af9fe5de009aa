package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"comity"
)

// Examine reads the whole database in a folder and returns what SQLite finds wrong with it, empty where that is nothing.
// Cost: it reads every page.
func Examine(ctx context.Context, dir string) (problem string, err error) {
	err = look(dir, func(db *sql.DB) error {
		rows, err := db.QueryContext(ctx, `PRAGMA quick_check`)
		if err != nil {
			return err
		}
		defer rows.Close()
		var found []string
		for rows.Next() {
			var line string
			if err := rows.Scan(&line); err != nil {
				return err
			}
			found = append(found, line)
		}
		if problem = strings.Join(found, "; "); problem == "ok" {
			problem = ""
		}
		return rows.Err()
	})
	return problem, err
}

// look hands the database in a folder to do, NotFound where there is none.
func look(dir string, do func(*sql.DB) error) error {
	path, err := filepath.Abs(filepath.Join(dir, FileName))
	if err != nil {
		return err
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return comity.Errorf(comity.NotFound, "there is no database in %s", dir)
	} else if err != nil {
		return err
	}
	db, err := connect(path, "deferred", 1)
	if err != nil {
		return err
	}
	return errors.Join(do(db), db.Close())
}
