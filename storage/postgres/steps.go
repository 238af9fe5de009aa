package postgres

import (
	"context"
	"errors"

	"comity"
	"comity/storage/migrations"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// Steps lists the steps of the schema at a postgres:// address, and when each was taken. It takes none.
func Steps(ctx context.Context, address string) (steps []migrations.Step, at int64, err error) {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, 0, comity.Errorf(comity.Invalid, "address of the database: %w", err)
	}
	db := stdlib.OpenDB(*config)
	defer func() { err = errors.Join(err, db.Close()) }()
	schema, err := migrations.Postgres(db)
	if err != nil {
		return nil, 0, err
	}
	if at, err = schema.At(ctx); err != nil {
		return nil, 0, err
	}
	steps, err = schema.Steps(ctx)
	return steps, at, err
}
