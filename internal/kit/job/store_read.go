package job

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
)

// Dead is a job that was given up.
type Dead struct {
	Ref      string // names it outside of the program
	Listener string
	Args     string // the event, as JSON
	Attempts int
	Reason   string
	Created  time.Time
	Died     time.Time
}

// ref names a dead job by its claim, which is random and changes no more.
func ref(claim int64) string { return strconv.FormatInt(claim, 36) }

// claimOf is the reverse of ref, or -1.
func claimOf(ref string) int64 {
	n, err := strconv.ParseInt(ref, 36, 64)
	if err != nil {
		return -1
	}
	return n
}

// Dead lists up to limit jobs that were given up, the last first. after is the Ref of the last one of the page before, or empty.
func (q *Queue) Dead(ctx context.Context, after string, limit int) ([]Dead, error) {
	before, id := int64(math.MaxInt64), int64(0)
	if after != "" {
		err := q.db.Row(ctx, `SELECT run_at, id FROM job_job WHERE claim = $1 AND state = 'dead'`, claimOf(after)).Scan(&before, &id)
		if err != nil && !db.IsNoRows(err) {
			return nil, fmt.Errorf("list dead jobs: %w", err)
		}
	}
	rows, err := q.db.Query(ctx, `SELECT claim, listener, args, attempts, error, created_at, run_at FROM job_job WHERE state = 'dead'
		AND (run_at < $1 OR run_at = $1 AND id < $2) ORDER BY run_at DESC, id DESC LIMIT $3`, before, id, limit)
	if err != nil {
		return nil, fmt.Errorf("list dead jobs: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var out []Dead
	for rows.Next() {
		var d Dead
		var claim, created, died int64
		if err := rows.Scan(&claim, &d.Listener, &d.Args, &d.Attempts, &d.Reason, &created, &died); err != nil {
			return nil, fmt.Errorf("list dead jobs: %w", err)
		}
		d.Ref, d.Created, d.Died = ref(claim), db.Time(created, time.UTC), db.Time(died, time.UTC)
		out = append(out, d)
	}
	return out, rows.Err()
}

// Count is how many jobs a listener has.
type Count struct {
	Listener string
	Waiting  int       // ready, or to be run later
	Failing  int       // of those, how many failed at least once
	Running  int       // held by some process
	Dead     int       // given up
	Due      time.Time // since when the oldest of those waiting could have run; zero where none could yet
	Next     time.Time // when a periodic job runs next
	Reason   string    // why the periodic job failed last
}

// Counts tells of every listener that has jobs, by name.
func (q *Queue) Counts(ctx context.Context) ([]Count, error) {
	rows, err := q.db.Query(ctx, `SELECT listener, SUM(CASE state WHEN 'ready' THEN 1 ELSE 0 END), SUM(CASE WHEN state = 'ready' AND error <> '' THEN 1 ELSE 0 END),
		SUM(CASE state WHEN 'running' THEN 1 ELSE 0 END), SUM(CASE state WHEN 'dead' THEN 1 ELSE 0 END),
		COALESCE(MIN(CASE state WHEN 'ready' THEN run_at END), 0), MAX(period), MAX(CASE WHEN period > 0 THEN error ELSE '' END)
		FROM job_job GROUP BY listener ORDER BY listener`)
	if err != nil {
		return nil, fmt.Errorf("count jobs: %w", err)
	}
	defer func() { _ = rows.Close() }()
	now, out := q.o.Now(), []Count(nil)
	for rows.Next() {
		var c Count
		var oldest, period int64
		if err := rows.Scan(&c.Listener, &c.Waiting, &c.Failing, &c.Running, &c.Dead, &oldest, &period, &c.Reason); err != nil {
			return nil, fmt.Errorf("count jobs: %w", err)
		}
		at := db.Time(oldest, time.UTC)
		if !at.After(now) {
			c.Due = at
		}
		if period > 0 {
			c.Next = at
		}
		out = append(out, c)
	}
	return out, rows.Err()
}

// Retry lets a dead job be run again, with all its attempts. Where another with its key waits already, that one does for both.
func (q *Queue) Retry(ctx context.Context, tx *db.Tx, ref string) error {
	n, err := q.revive(ctx, tx, `claim = $2`, `o.state = 'ready'`, claimOf(ref))
	if err == nil && n == 0 {
		return fault.Missing()
	}
	return err
}

// RetryAll is Retry for every dead job of a listener. It returns how many there were.
func (q *Queue) RetryAll(ctx context.Context, tx *db.Tx, listener string) (int64, error) {
	return q.revive(ctx, tx, `listener = $2`, `(o.state = 'ready' OR o.state = 'dead' AND o.id > job_job.id)`, listener)
}

// revive makes dead jobs ready, and deletes those that another with their key makes needless.
func (q *Queue) revive(ctx context.Context, tx *db.Tx, which, needless string, arg any) (int64, error) {
	gone, err := tx.Exec(ctx, `DELETE FROM job_job WHERE state = $1 AND `+which+` AND unique_key <> '' AND EXISTS (SELECT 1 FROM job_job o
		WHERE o.listener = job_job.listener AND o.unique_key = job_job.unique_key AND `+needless+`)`, stateDead, arg)
	if err != nil {
		return 0, fmt.Errorf("run dead jobs again: %w", err)
	}
	n, err := tx.Exec(ctx, `UPDATE job_job SET state = 'ready', attempts = 0, error = '', run_at = $3 WHERE state = $1 AND `+which, stateDead, arg, db.Micros(q.o.Now()))
	if err != nil {
		return 0, fmt.Errorf("run dead jobs again: %w", err)
	}
	tx.OnCommit(func() {
		for _, p := range q.pools {
			p.rouse()
		}
	})
	return gone + n, nil
}

// Discard deletes a dead job.
func (q *Queue) Discard(ctx context.Context, tx *db.Tx, ref string) error {
	n, err := tx.Exec(ctx, `DELETE FROM job_job WHERE claim = $1 AND state = $2`, claimOf(ref), stateDead)
	if err != nil {
		return fmt.Errorf("discard a dead job: %w", err)
	}
	if n == 0 {
		return fault.Missing()
	}
	return nil
}

// CountDead is how many jobs were given up, for whoever has no queue.
func CountDead(ctx context.Context, r db.Reader) (int, error) {
	var n int
	err := r.Row(ctx, `SELECT count(*) FROM job_job WHERE state = 'dead'`).Scan(&n)
	return n, err
}
