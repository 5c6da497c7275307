package db

import (
	"context"
	"database/sql"
)

// Each calls scan for every row of a query, and closes the rows whatever happens.
func Each(ctx context.Context, r Reader, scan func(*sql.Rows) error, q string, args ...any) (err error) {
	rows, err := r.Query(ctx, q, args...)
	if err != nil {
		return err
	}
	defer func() {
		if e := rows.Close(); err == nil {
			err = e
		}
	}()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
