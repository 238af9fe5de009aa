// Package postgres opens a store on a PostgreSQL server, for groups that run several servers or keep one already.
package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"comity"
	"comity/storage"
	"comity/storage/migrations"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

const (
	connections = 16
	channel     = "comity_changed"
	// lockKey is the advisory lock that every writing transaction holds, so that numbers of changes grow in the order of
	// commits: a reader with a cursor never misses one that commits late.
	lockKey = 0x636f6d697479
	// migrateKey is the advisory lock of the program that brings the schema up.
	migrateKey = lockKey + 1
)

// Open opens the store at a postgres:// address, and brings its schema up.
func Open(ctx context.Context, address string) (*storage.Store, error) {
	s, err := open(ctx, address, (*migrations.Schema).Up)
	if err != nil {
		return nil, err
	}
	if err := s.Reindex(ctx, comity.System("open: index")); err != nil {
		return nil, errors.Join(fmt.Errorf("open PostgreSQL: %w", err), s.Close())
	}
	return s, nil
}

// OpenAt opens the store with its schema at a version, and writes nothing into it: for restoring a backup. A schema that
// is past the version is refused. Nothing but storage.Store.Load works on a schema that is not this program's.
func OpenAt(ctx context.Context, address string, version int64) (*storage.Store, error) {
	return open(ctx, address, func(s *migrations.Schema, ctx context.Context) error { return s.UpTo(ctx, version) })
}

func open(ctx context.Context, address string, up func(*migrations.Schema, context.Context) error) (*storage.Store, error) {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, comity.Errorf(comity.Invalid, "address of the database: %w", err)
	}
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	schema, err := migrations.Postgres(db)
	if err == nil {
		err = alone(ctx, db, func(ctx context.Context) error { return up(schema, ctx) })
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open PostgreSQL: %w", err), db.Close())
	}
	return storage.New(storage.Engine{
		Name: "postgres", Read: db, Write: db, Kind: kind, Lock: lock, Check: schema.Check, Search: match, Catalog: catalog{},
		Watch: func(ctx context.Context, changed func()) error { return watch(ctx, config, changed) },
		Close: db.Close,
	}), nil
}

// alone runs do while no other program that starts on the same database does: one migrates, the others wait. If this
// program dies, its connection does, and with it the lock.
func alone(ctx context.Context, db *sql.DB, do func(context.Context) error) error {
	connection, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer connection.Close()
	if _, err := connection.ExecContext(ctx, `SELECT pg_advisory_lock($1)`, int64(migrateKey)); err != nil {
		return err
	}
	err = do(ctx)
	if _, failed := connection.ExecContext(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1)`, int64(migrateKey)); failed != nil {
		return errors.Join(err, failed)
	}
	return err
}

func lock(ctx context.Context, tx *sql.Tx) error {
	if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock($1)`, int64(lockKey)); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `SELECT pg_notify($1, '')`, channel)
	return err
}

// watch listens on a connection of its own.
func watch(ctx context.Context, config *pgx.ConnConfig, changed func()) error {
	connection, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = connection.Close(ctx) // nothing was written
	}()
	if _, err := connection.Exec(ctx, `LISTEN `+channel); err != nil {
		return err
	}
	changed() // what came in before we listened
	for {
		if _, err := connection.WaitForNotification(ctx); err != nil {
			return err
		}
		changed()
	}
}

// kind says what a program can do about one of PostgreSQL's errors.
func kind(err error) comity.Kind {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch e.Code {
		case "23505":
			return comity.Conflict
		case "23503":
			return comity.NotFound
		case "22021": // a NUL, or bytes that are no UTF-8
			return comity.Invalid
		case "40001", "40P01", "57P01", "57P03", "53300", "53100", "25006":
			return comity.Unavailable
		}
		return comity.Internal
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return comity.Unavailable
	}
	return comity.Internal
}
