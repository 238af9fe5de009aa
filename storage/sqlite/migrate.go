package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"comity/storage/migrations"

	"modernc.org/sqlite"
)

// BackupsName is the folder beside the database in which copies are kept that were made before the schema changed.
const BackupsName = "backups"

// copiesKept is how many of them are kept.
const copiesKept = 3

// steps returns the schema of a database, with the steps that lead to it.
type steps func(*sql.DB) (*migrations.Schema, error)

// bringUp brings the schema to a version, all steps in one transaction: a step that fails leaves the database as it was,
// with the steps before it undone as well. Nobody else writes meanwhile. Before the first step a database that holds
// something is copied; without a copy nothing is changed.
func bringUp(ctx context.Context, path string, write *sql.DB, of steps, to int64) error {
	schema, err := of(write)
	if err != nil {
		return err
	}
	if done, err := schema.Done(ctx, to); err != nil || done {
		return err
	}
	connection, err := write.Conn(ctx)
	if err != nil {
		return err
	}
	defer connection.Close()
	return connection.Raw(func(raw any) error {
		c, ok := raw.(connected)
		if !ok {
			return fmt.Errorf("a connection of type %T can't be migrated", raw)
		}
		return whole(ctx, c, func(db *sql.DB) error { return copyAndStep(ctx, path, db, of, to) })
	})
}

// copyAndStep runs within the transaction: db is that of the connection that holds it.
func copyAndStep(ctx context.Context, path string, db *sql.DB, of steps, to int64) error {
	schema, err := of(db)
	if err != nil {
		return err
	}
	at, err := schema.At(ctx)
	if err != nil {
		return err
	}
	if at > 0 && at < to {
		if err := copyOf(ctx, path, at, time.Now()); err != nil {
			return fmt.Errorf("copy the database before its schema is brought from %d to %d: %w", at, to, err)
		}
	}
	if to == schema.Newest() {
		return schema.Up(ctx)
	}
	return schema.UpTo(ctx, to)
}

// copyOf writes the database as it is into a file of its own, readable by its owner only, and removes the oldest of these
// copies. It may be called while another connection holds the write lock.
func copyOf(ctx context.Context, path string, at int64, now time.Time) error {
	dir := filepath.Join(filepath.Dir(path), BackupsName)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	name := filepath.Join(dir, fmt.Sprintf("comity-%s-schema-%d.db", now.UTC().Format("20060102T150405.000000000Z"), at))
	file, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) // SQLite writes into an empty file
	if err != nil {
		return err
	}
	if err := errors.Join(file.Close(), vacuumInto(ctx, path, name)); err != nil {
		return errors.Join(err, os.Remove(name))
	}
	return removeOldest(dir)
}

// vacuumInto writes and syncs a copy.
func vacuumInto(ctx context.Context, path, name string) error {
	db, err := connect(path, "deferred", 1)
	if err != nil {
		return err
	}
	if _, err := db.ExecContext(ctx, `VACUUM INTO $1`, name); err != nil {
		return errors.Join(err, db.Close())
	}
	if err := db.Close(); err != nil {
		return err
	}
	file, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}

func removeOldest(dir string) error {
	names, err := filepath.Glob(filepath.Join(dir, "comity-*-schema-*.db"))
	if err != nil {
		return err
	}
	slices.Sort(names) // by time, which their names begin with
	for len(names) > copiesKept {
		if err := os.Remove(names[0]); err != nil {
			return err
		}
		names = names[1:]
	}
	return nil
}

// connected is what a connection of the driver can do.
type connected interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
}

// whole runs do in one transaction on a connection, which holds the write lock from its begin. In the database that do is
// handed, which has this connection only, a transaction is a savepoint.
func whole(ctx context.Context, c connected, do func(*sql.DB) error) (err error) {
	outer, err := c.BeginTx(ctx, driver.TxOptions{})
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, outer.Rollback())
		}
	}()
	db := sql.OpenDB(inner{c})
	db.SetMaxOpenConns(1)
	if err := errors.Join(do(db), db.Close()); err != nil {
		return err
	}
	return outer.Commit()
}

// inner is a connection within a transaction, again and again. Closing it leaves it open.
type inner struct{ connected }

// Connect returns the connection.
func (c inner) Connect(context.Context) (driver.Conn, error) { return c, nil }

// Driver is that of SQLite.
func (c inner) Driver() driver.Driver { return &sqlite.Driver{} }

// Close does nothing: the connection is somebody else's.
func (c inner) Close() error { return nil }

// BeginTx begins a savepoint.
func (c inner) BeginTx(ctx context.Context, _ driver.TxOptions) (driver.Tx, error) {
	if _, err := c.ExecContext(ctx, `SAVEPOINT step`, nil); err != nil {
		return nil, err
	}
	return savepoint(c), nil
}

type savepoint struct{ connected }

// Commit makes the savepoint a part of the transaction around it.
func (s savepoint) Commit() error { return s.run(`RELEASE step`) }

// Rollback undoes what was done since the savepoint.
func (s savepoint) Rollback() error { return s.run(`ROLLBACK TO step; RELEASE step`) }

func (s savepoint) run(statement string) error {
	_, err := s.ExecContext(context.Background(), statement, nil) // also after the caller's context has ended
	return err
}
