package postgres

import (
	"context"
	"errors"
	"fmt"

	"comity"

	"github.com/jackc/pgx/v5"
)

// Durable reports whether the server at a postgres:// address keeps what it has acknowledged when it crashes: whether
// synchronous_commit is anything but off. It changes nothing.
func Durable(ctx context.Context, address string) (durable bool, err error) {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return false, comity.Errorf(comity.Invalid, "address of the database: %w", err)
	}
	connection, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return false, fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	defer func() { err = errors.Join(err, connection.Close(ctx)) }()
	var commit string
	err = connection.QueryRow(ctx, `SELECT current_setting('synchronous_commit')`).Scan(&commit)
	return commit != "off", err
}
