package registration

import (
	"context"
	"fmt"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// nextTurn gives out the next turn of a waiting room: now, where nobody waits, and one step after the one before otherwise.
func nextTurn(ctx context.Context, tx *db.Tx, m event.MeetingID, now time.Time, step time.Duration) (time.Time, error) {
	var next int64
	err := tx.Row(ctx, `INSERT INTO registration_room (meeting_id, next_at) VALUES ($1, $2)
		ON CONFLICT (meeting_id) DO UPDATE SET next_at = CASE WHEN registration_room.next_at > $3 THEN registration_room.next_at ELSE $3 END + $4
		RETURNING next_at`, m, db.Micros(now.Add(step)), db.Micros(now), step.Microseconds()).Scan(&next)
	if err != nil {
		return time.Time{}, fmt.Errorf("give out a turn: %w", err)
	}
	return db.Time(next-step.Microseconds(), now.Location()), nil
}

// useTurn notes for which entry a turn was used. It is false where it was used before.
func useTurn(ctx context.Context, tx *db.Tx, key string, e *Entry) (bool, error) {
	n, err := tx.Expect(ctx, 1, `INSERT INTO registration_request (key, entry, made_at) VALUES ($1, $2, $3) ON CONFLICT (key) DO NOTHING`, key, e.Ref, db.Micros(e.MadeAt))
	if err != nil {
		return false, fmt.Errorf("use a turn: %w", err)
	}
	return n == 1, nil
}

// turnUsed reports whether somebody entered with a turn.
func turnUsed(ctx context.Context, r db.Reader, key string) (bool, error) {
	var n int
	if err := r.Row(ctx, `SELECT COUNT(*) FROM registration_request WHERE key = $1`, key).Scan(&n); err != nil {
		return false, fmt.Errorf("look for a turn: %w", err)
	}
	return n > 0, nil
}
