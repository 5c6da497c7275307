package limit

import (
	"context"
	"fmt"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// fill pours one drop into a bucket, unless it would run over.
func fill(ctx context.Context, tx *db.Tx, key string, drop, depth time.Duration, now time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `INSERT INTO limit_bucket (key, drained_at) VALUES ($1, $2)
		ON CONFLICT (key) DO UPDATE SET
			drained_at = CASE WHEN limit_bucket.drained_at > $3 THEN limit_bucket.drained_at ELSE $3 END + $4
		WHERE limit_bucket.drained_at <= $5`,
		key, db.Micros(now.Add(drop)), db.Micros(now), drop.Microseconds(), db.Micros(now.Add(depth-drop)))
	if err != nil {
		return false, fmt.Errorf("count for a limit: %w", err)
	}
	return n > 0, nil
}

// forget removes the bucket of a key.
func forget(ctx context.Context, tx *db.Tx, key string) error {
	_, err := tx.Exec(ctx, `DELETE FROM limit_bucket WHERE key = $1`, key)
	return err
}

// sweep removes buckets that are empty.
func sweep(ctx context.Context, tx *db.Tx, now time.Time) error {
	_, err := tx.Exec(ctx, `DELETE FROM limit_bucket WHERE drained_at < $1`, db.Micros(now))
	return err
}
