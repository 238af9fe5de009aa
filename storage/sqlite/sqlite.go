// Package sqlite opens a store in one file. It is the default engine: a folder, no server.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"comity"
	"comity/storage"
	"comity/storage/migrations"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// FileName is the database's file in its folder; SQLite keeps "-wal" and "-shm" beside it while it is open.
const FileName = "comity.db"

const (
	readers  = 4
	pollEach = 250 * time.Millisecond
)

// Open opens the store in a folder, which is created if it is not there, readable by its owner only. Its schema is
// brought up, all steps in one transaction, after a copy of the database was put beside it: see bringUp.
//
// Commits are durable when they return: WAL with synchronous=FULL. There is one writing connection, whose transactions
// take the write lock at their begin, and a few readers. A commit of another process is noticed within pollEach.
func Open(ctx context.Context, dir string) (*storage.Store, error) {
	s, err := open(ctx, dir, migrations.SQLite, (*migrations.Schema).Newest)
	if err != nil {
		return nil, err
	}
	if err := s.Reindex(ctx, comity.System("open: index")); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", dir, err), s.Close())
	}
	return s, nil
}

// OpenAt opens the store in a folder with its schema at a version, and writes nothing into it: for restoring a backup.
// A schema that is past the version is refused. Nothing but storage.Store.Load works on a schema that is not this
// program's.
func OpenAt(ctx context.Context, dir string, version int64) (*storage.Store, error) {
	return open(ctx, dir, migrations.SQLite, func(*migrations.Schema) int64 { return version })
}

// open opens the store with its schema at the version that to returns.
func open(ctx context.Context, dir string, steps steps, to func(*migrations.Schema) int64) (*storage.Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, comity.Errorf(comity.Invalid, "folder %s: %w", dir, err)
	}
	path, err := create(dir)
	if err != nil {
		return nil, err
	}
	write, err := connect(path, "immediate", 1)
	if err != nil {
		return nil, err
	}
	schema, err := steps(write)
	if err == nil {
		err = bringUp(ctx, path, write, steps, to(schema))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), write.Close())
	}
	read, err := connect(path, "deferred", readers)
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	return storage.New(storage.Engine{
		Name: "sqlite", Read: read, Write: write, Kind: kind, Check: schema.Check, Search: match, Catalog: catalog{},
		Lock:  func(context.Context, *sql.Tx) error { return nil }, // BEGIN IMMEDIATE took it
		Watch: func(ctx context.Context, changed func()) error { return watch(ctx, path, changed) },
		Close: func() error { return errors.Join(read.Close(), write.Close()) },
	}), nil
}

// create returns the absolute path of the database's file, which is made readable by its owner only: the folder may have
// been there before with wider rights. SQLite gives "-wal" and "-shm" the rights of the file.
func create(dir string) (string, error) {
	path, err := filepath.Abs(filepath.Join(dir, FileName))
	if err != nil {
		return "", comity.Errorf(comity.Invalid, "folder %s: %w", dir, err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return "", comity.Errorf(comity.Invalid, "database %s: %w", path, err)
	}
	return path, f.Close()
}

func connect(path, lock string, connections int) (*sql.DB, error) {
	q := url.Values{"_txlock": {lock}, "_pragma": {
		"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(ON)", "wal_autocheckpoint(4000)",
		"cache_size(-16000)", "temp_store(MEMORY)",
	}}
	address := url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()} // escapes '?', '#' and '%' in the path
	db, err := sql.Open("sqlite", address.String())
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

// watch polls the version of the database file on a connection of its own, which sees commits by every other one and
// takes none of the readers away.
func watch(ctx context.Context, path string, changed func()) error {
	db, err := connect(path, "deferred", 1)
	if err != nil {
		return err
	}
	defer db.Close()
	connection, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer connection.Close()
	tick := time.NewTicker(pollEach)
	defer tick.Stop()
	last := int64(-1)
	for {
		var version int64
		if err := connection.QueryRowContext(ctx, `PRAGMA data_version`).Scan(&version); err != nil {
			return err
		}
		if last >= 0 && version != last {
			changed()
		}
		last = version
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// kind says what a program can do about one of SQLite's errors.
func kind(err error) comity.Kind {
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return comity.Internal
	}
	switch e.Code() {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
		return comity.Conflict
	case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
		return comity.NotFound
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY:
		return comity.Unavailable
	}
	return comity.Internal
}
