package registration

import (
	"context"
	"database/sql"
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

// setUp says which meetings have a setup.
func setUp(ctx context.Context, r db.Reader) (map[event.MeetingID]bool, error) {
	out := map[event.MeetingID]bool{}
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		var id event.MeetingID
		err := rows.Scan(&id)
		out[id] = true
		return err
	}, `SELECT meeting_id FROM registration_setup`)
	if err != nil {
		return nil, fmt.Errorf("find meetings with a registration: %w", err)
	}
	return out, nil
}

// usage reads how much of a setup is in use: five statements.
func usage(ctx context.Context, r db.Reader, m event.MeetingID) (*use, error) {
	u := &use{kinds: map[string]int{}, waiting: map[string]int{}, answers: map[string]int{}, chosen: map[string]map[string]int{}}
	var err error
	if u.quotas, err = quotasOf(ctx, r, m); err != nil {
		return nil, err
	}
	if err = db.Each(ctx, r, func(rows *sql.Rows) error {
		var kind, state string
		var n int
		err := rows.Scan(&kind, &state, &n)
		u.kinds[kind] += n
		u.entries += n
		if State(state) == Waiting {
			u.waiting[kindQuota(kind)] += n
		}
		return err
	}, `SELECT kind, state, COUNT(*) FROM registration_entry WHERE meeting_id = $1 AND state <> 'cancelled' GROUP BY kind, state`, m); err != nil {
		return nil, fmt.Errorf("count entries: %w", err)
	}
	if err = db.Each(ctx, r, func(rows *sql.Rows) error {
		var option, slot string
		var n int
		err := rows.Scan(&option, &slot, &n)
		u.waiting[slotQuota(option, slot)] += n
		return err
	}, `SELECT option, slot, COUNT(*) FROM registration_choice WHERE meeting_id = $1 AND state = 'waiting' GROUP BY option, slot`, m); err != nil {
		return nil, fmt.Errorf("count who waits for options: %w", err)
	}
	if err = db.Each(ctx, r, func(rows *sql.Rows) error {
		var day string
		var n int
		err := rows.Scan(&day, &n)
		u.waiting["day:"+day] += n
		return err
	}, `SELECT d.day, COUNT(*) FROM registration_day d JOIN registration_entry e ON e.id = d.entry_id
		WHERE e.meeting_id = $1 AND e.state = 'waiting' AND d.mode = 'onsite' GROUP BY d.day`, m); err != nil {
		return nil, fmt.Errorf("count who waits for days: %w", err)
	}
	if err = countAnswers(ctx, r, m, u); err != nil {
		return nil, err
	}
	return u, nil
}

// longAnswer is the longest value that is told apart where answers are counted: keys of choices are shorter, what was typed is counted as one.
const longAnswer = 40

func countAnswers(ctx context.Context, r db.Reader, m event.MeetingID, u *use) error {
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		var q, v string
		var n int
		err := rows.Scan(&q, &v, &n)
		if u.chosen[q] == nil {
			u.chosen[q] = map[string]int{}
		}
		u.chosen[q][v] += n
		return err
	}, `SELECT a.question, CASE WHEN length(a.value) > $2 THEN '' ELSE a.value END AS v, COUNT(*) FROM registration_answer a JOIN registration_entry e ON e.id = a.entry_id
		WHERE e.meeting_id = $1 AND e.state <> 'cancelled' GROUP BY a.question, v`, m, longAnswer)
	if err != nil {
		return fmt.Errorf("count answers: %w", err)
	}
	err = db.Each(ctx, r, func(rows *sql.Rows) error {
		var q string
		var n int
		err := rows.Scan(&q, &n)
		u.answers[q] = n
		return err
	}, `SELECT a.question, COUNT(DISTINCT a.entry_id) FROM registration_answer a JOIN registration_entry e ON e.id = a.entry_id
		WHERE e.meeting_id = $1 AND e.state <> 'cancelled' GROUP BY a.question`, m)
	if err != nil {
		return fmt.Errorf("count who answered: %w", err)
	}
	return nil
}
