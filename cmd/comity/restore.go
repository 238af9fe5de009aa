package main

import (
	"context"
	"fmt"
	"io"

	"comity"
	"comity/backup"
	"comity/storage"
	"comity/storage/migrations"
	"comity/storage/postgres"
	"comity/storage/sqlite"
)

// restoreCmd puts a backup into an empty store, of either engine.
type restoreCmd struct {
	archiveFlags
	storeFlags
	outputFlags
}

// Run checks the archive, restores it, brings its schema up to this program's and checks that the store is ready.
func (c *restoreCmd) Run(a *app) error {
	read, err := c.options()
	if err != nil {
		return err
	}
	file, size, err := c.archiveFlags.open()
	if err != nil {
		return err
	}
	defer file.Close()
	m, err := backup.Restore(a.ctx, file, backup.RestoreOptions{ReadOptions: read, Newest: migrations.Newest(), Open: c.openAt})
	if err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	done := doneOf(m, c.File, size)
	err = c.with(a.ctx, func(s *storage.Store) error {
		if err := s.Ready(a.ctx); err != nil {
			return err
		}
		return record(a.ctx, s, comity.BackupRestored, done, nil)
	})
	if err != nil {
		return fmt.Errorf("everything of %s is restored, but the store is not ready: %w", c.File, err)
	}
	return a.print(c.outputFlags, done, func(w io.Writer) {
		fmt.Fprintf(w, "restored %d rows of %d tables of %s; everybody signs in again\n", done.Rows, done.Tables, done.Made)
	})
}

// openAt opens the store with its schema at a version.
func (f storeFlags) openAt(ctx context.Context, version int64) (*storage.Store, error) {
	if f.DatabaseURL != "" {
		return postgres.OpenAt(ctx, f.DatabaseURL, version)
	}
	return sqlite.OpenAt(ctx, f.Dir, version)
}
