package registration

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// loadSetup reads the setup of a meeting and its version; version 0: nothing was decided yet.
func loadSetup(ctx context.Context, r db.Reader, m event.MeetingID) (*Setup, int64, error) {
	var version int64
	var doc string
	err := r.Row(ctx, `SELECT version, document FROM registration_setup WHERE meeting_id = $1`, m).Scan(&version, &doc)
	if db.IsNoRows(err) {
		return &Setup{}, 0, nil
	}
	if err != nil {
		return nil, 0, fmt.Errorf("read the setup of registration: %w", err)
	}
	var s Setup
	if err := json.Unmarshal([]byte(doc), &s); err != nil {
		return nil, 0, fmt.Errorf("read the setup of registration: %w", err)
	}
	return &s, version, nil
}

// storeSetup replaces the setup of a meeting if it still has the version that was read, and reports whether it had.
func storeSetup(ctx context.Context, tx *db.Tx, m event.MeetingID, s *Setup, version int64, now time.Time) (bool, error) {
	doc, err := json.Marshal(s)
	if err != nil {
		return false, fmt.Errorf("write the setup of registration: %w", err)
	}
	var n int64
	if version == 0 {
		n, err = tx.Exec(ctx, `INSERT INTO registration_setup (meeting_id, version, document, changed_at) VALUES ($1, 1, $2, $3) ON CONFLICT (meeting_id) DO NOTHING`,
			m, string(doc), db.Micros(now))
	} else {
		n, err = tx.Exec(ctx, `UPDATE registration_setup SET version = version + 1, document = $1, changed_at = $2 WHERE meeting_id = $3 AND version = $4`,
			string(doc), db.Micros(now), m, version)
	}
	if err != nil {
		return false, fmt.Errorf("store the setup of registration: %w", err)
	}
	return n == 1, nil
}

// storeQuota makes a quota, or changes its capacity; how many are taken stays.
func storeQuota(ctx context.Context, tx *db.Tx, m event.MeetingID, key string, capacity int) error {
	_, err := tx.Exec(ctx, `INSERT INTO registration_quota (meeting_id, key, capacity, taken) VALUES ($1, $2, $3, 0)
		ON CONFLICT (meeting_id, key) DO UPDATE SET capacity = excluded.capacity`, m, key, capacity)
	if err != nil {
		return fmt.Errorf("store the quota %s: %w", key, err)
	}
	return nil
}

// dropQuota removes a quota in which nobody has a place, and reports whether it did.
func dropQuota(ctx context.Context, tx *db.Tx, m event.MeetingID, key string) (bool, error) {
	n, err := tx.Exec(ctx, `DELETE FROM registration_quota WHERE meeting_id = $1 AND key = $2 AND taken = 0`, m, key)
	if err != nil {
		return false, fmt.Errorf("remove the quota %s: %w", key, err)
	}
	return n == 1, nil
}
