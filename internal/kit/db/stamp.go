package db

import (
	"context"
	"embed"
	"fmt"
)

// Migrations holds the tables of this package: db_stamp.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// Bump raises the version of a scope inside the transaction that changes it. A scope is a name such as "meeting:12"; whoever
// caches what the scope shows compares versions (see Version), also when another process made the change.
func Bump(ctx context.Context, tx *Tx, scopes ...string) error {
	for _, s := range scopes {
		if _, err := tx.Exec(ctx, `INSERT INTO db_stamp (scope, version) VALUES ($1, 1)
			ON CONFLICT (scope) DO UPDATE SET version = db_stamp.version + 1`, s); err != nil {
			return fmt.Errorf("raise the version of %s: %w", s, err)
		}
	}
	return nil
}

// Version reads the version of a scope; one that never changed has 0.
func Version(ctx context.Context, r Reader, scope string) (int64, error) {
	var v int64
	err := r.Row(ctx, `SELECT version FROM db_stamp WHERE scope = $1`, scope).Scan(&v)
	if err != nil && !IsNoRows(err) {
		return 0, fmt.Errorf("read the version of %s: %w", scope, err)
	}
	return v, nil
}
