// Package migrations holds the schema of each engine, as steps that only go forward and are never edited once released.
package migrations

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"comity"

	"github.com/pressly/goose/v3"
)

//go:embed sqlite/*.sql postgres/*.sql
var files embed.FS

// released lists the steps that were released, with their hashes as sha256sum prints them: they are never edited.
//
//go:embed released.sha256
var released string

// Schema is the schema of one database.
type Schema struct {
	provider *goose.Provider
	newest   int64
}

// SQLite returns the schema of a SQLite database.
func SQLite(db *sql.DB) (*Schema, error) { return open(goose.DialectSQLite3, db, "sqlite") }

// Postgres returns the schema of a PostgreSQL database.
func Postgres(db *sql.DB) (*Schema, error) { return open(goose.DialectPostgres, db, "postgres") }

// SQLiteSteps returns the schema that other steps than this program's make, for tests of what happens when one fails.
func SQLiteSteps(db *sql.DB, steps fs.FS) (*Schema, error) {
	return openSteps(goose.DialectSQLite3, db, steps)
}

func open(dialect goose.Dialect, db *sql.DB, folder string) (*Schema, error) {
	steps, err := fs.Sub(files, folder)
	if err != nil {
		return nil, fmt.Errorf("migrations of %s: %w", folder, err)
	}
	return openSteps(dialect, db, steps)
}

func openSteps(dialect goose.Dialect, db *sql.DB, steps fs.FS) (*Schema, error) {
	provider, err := goose.NewProvider(dialect, db, steps)
	if err != nil {
		return nil, fmt.Errorf("migrations of %s: %w", dialect, err)
	}
	s := &Schema{provider: provider}
	for _, source := range provider.ListSources() {
		s.newest = max(s.newest, source.Version)
	}
	return s, nil
}

// Newest is the version of this program's schema, the same on both engines.
func Newest() (version int64) {
	names, _ := fs.Glob(files, "sqlite/*.sql") // the pattern is good
	for _, name := range names {
		if v, err := goose.NumericComponent(name); err == nil {
			version = max(version, v)
		}
	}
	return version
}

// Released returns the versions of the schema that were released, in their order. Its error says which step was edited
// since, or is gone.
func Released() (versions []int64, err error) {
	for line := range strings.Lines(released) {
		want, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		data, err := files.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("a released step is gone: %w", err)
		}
		if got := sha256.Sum256(data); hex.EncodeToString(got[:]) != want {
			return nil, fmt.Errorf("the released step %s was edited: databases that took it will never see the change", name)
		}
		version, err := goose.NumericComponent(name)
		if err != nil {
			return nil, err
		}
		versions = append(versions, version)
	}
	slices.Sort(versions)
	return slices.Compact(versions), nil
}

// Newest is the version that the schema's steps lead to.
func (s *Schema) Newest() int64 { return s.newest }

// Step is one step of the schema.
type Step struct {
	Version int64     `json:"version"`
	Name    string    `json:"name"`
	Applied time.Time `json:"applied,omitzero"` // zero: it is pending
}

// Steps lists the steps that this program knows, in their order, with when the database took each.
func (s *Schema) Steps(ctx context.Context) ([]Step, error) {
	status, err := s.provider.Status(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the schema's steps: %w", err)
	}
	list := make([]Step, len(status))
	for i, one := range status {
		list[i] = Step{Version: one.Source.Version, Name: path.Base(one.Source.Path)}
		if one.State == goose.StateApplied {
			list[i].Applied = one.AppliedAt.UTC()
		}
	}
	return list, nil
}

// At returns the version of the database's schema, 0 where there is none yet.
func (s *Schema) At(ctx context.Context) (int64, error) {
	at, err := s.provider.GetDBVersion(ctx)
	if err != nil {
		return 0, fmt.Errorf("read schema version: %w", err)
	}
	return at, nil
}

// Done reports whether nothing is left to do to bring the schema to a version. A database that lacks a step below its
// version, which no release makes, is an error.
func (s *Schema) Done(ctx context.Context, version int64) (bool, error) {
	at, err := s.At(ctx)
	if err != nil || at != version || version != s.newest {
		return at == version, err
	}
	pending, err := s.provider.HasPending(ctx)
	if err != nil {
		return false, fmt.Errorf("compare the schema's steps: %w", err)
	}
	return !pending, nil
}

// UpTo brings the schema up to a version that this program knows and no further, for rows that are of that version. A
// schema that is past it is refused and left alone.
func (s *Schema) UpTo(ctx context.Context, version int64) error {
	at, err := s.At(ctx)
	if err != nil {
		return err
	}
	if version < 1 || version > s.newest || at > version {
		return comity.Errorf(comity.Conflict, "the schema is at version %d and can't be brought to %d", at, version)
	}
	if _, err := s.provider.UpTo(ctx, version); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// Up brings the schema up to this program's, each step in a transaction. A schema that is newer than the program is
// refused and left alone.
func (s *Schema) Up(ctx context.Context) error {
	if err := s.refuseNewer(ctx); err != nil {
		return err
	}
	if _, err := s.provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// Check reports whether the schema is this program's.
func (s *Schema) Check(ctx context.Context) error {
	at, err := s.At(ctx)
	if err != nil {
		return err
	}
	if at != s.newest {
		return comity.Errorf(comity.Unavailable, "the schema is at version %d, this program needs %d", at, s.newest)
	}
	return nil
}

func (s *Schema) refuseNewer(ctx context.Context) error {
	at, err := s.At(ctx)
	if err != nil {
		return err
	}
	if at > s.newest {
		return comity.Errorf(comity.Conflict, "the database is of a newer Comity: its schema is at version %d, this program knows %d; run the newer program", at, s.newest)
	}
	return nil
}
