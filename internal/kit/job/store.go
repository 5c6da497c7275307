package job

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// insert stores a job, unless one that is waiting has its key.
func insert(ctx context.Context, tx *db.Tx, r row, at, now time.Time) error {
	err := tx.Soon(ctx, `INSERT INTO job_job (pool, listener, args, state, run_at, attempts, claim, lost, unique_key, period, error, created_at)
		VALUES ($1, $2, $3, 'ready', $4, 0, $5, 0, $6, $7, '', $8) ON CONFLICT DO NOTHING`,
		r.pool, r.listener, r.args, db.Micros(at), rand.Int64N(1<<62), r.unique, r.period.Microseconds(), db.Micros(now)) //nolint:gosec // no secret, only not met twice
	if err != nil {
		return fmt.Errorf("store a job for %s: %w", r.listener, err)
	}
	return nil
}

// claimStatement takes up to $4 jobs that are due for some listeners, whose names begin at $5. A running job is due when its lease ends.
// The rows are chosen in a step of their own: within an IN a planner may choose them again for each row.
func claimStatement(e db.Engine, listeners int) string {
	skip := ""
	if e == db.Postgres {
		skip = " FOR UPDATE SKIP LOCKED"
	}
	names := make([]string, listeners)
	for i := range names {
		names[i] = "$" + strconv.Itoa(i+5)
	}
	return `WITH due AS MATERIALIZED (SELECT id FROM job_job WHERE pool = $1 AND state <> 'dead' AND run_at <= $2 AND listener IN (` +
		strings.Join(names, ", ") + `) ORDER BY run_at, id LIMIT $4` + skip + `)
		UPDATE job_job SET lost = CASE state WHEN 'running' THEN 1 ELSE 0 END, state = 'running', run_at = $3, attempts = attempts + 1, claim = claim + 1
		WHERE id IN (SELECT id FROM due)
		RETURNING id, listener, args, attempts, claim, lost, unique_key, period`
}

// claim takes up to n jobs that are due.
func (p *pool) claim(ctx context.Context, now time.Time, n int) ([]row, error) {
	d := p.q.db
	args := []any{p.name, db.Micros(now), db.Micros(now.Add(p.q.o.Lease)), n}
	for _, l := range p.listeners {
		args = append(args, l.name)
	}
	var out []row
	err := d.Write(ctx, func(tx *db.Tx) error {
		out = out[:0]
		rows, err := tx.Query(ctx, p.statement, args...)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var lost, period int64
			r := row{pool: p.name}
			if err := rows.Scan(&r.id, &r.listener, &r.args, &r.attempts, &r.claim, &lost, &r.unique, &period); err != nil {
				return err
			}
			r.lost, r.period = lost != 0, time.Duration(period)*time.Microsecond
			out = append(out, r)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("claim jobs: %w", err)
	}
	return out, nil
}

// due reports whether there is anything to claim, without the lock of a writer.
func (p *pool) due(ctx context.Context, now time.Time) (bool, error) {
	var one int
	err := p.q.db.Row(ctx, `SELECT 1 FROM job_job WHERE pool = $1 AND state <> 'dead' AND run_at <= $2 LIMIT 1`, p.name, db.Micros(now)).Scan(&one)
	if db.IsNoRows(err) {
		return false, nil
	}
	return err == nil, err
}

// renew moves the end of a lease. It reports whether the lease was still there.
func renew(ctx context.Context, tx *db.Tx, id ID, claim int64, until time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE job_job SET run_at = $3 WHERE id = $1 AND claim = $2 AND state = 'running'`, id, claim, db.Micros(until))
	return n > 0, err
}

// end deletes a job that is done.
func end(ctx context.Context, tx *db.Tx, id ID, claim int64) error {
	n, err := tx.Exec(ctx, `DELETE FROM job_job WHERE id = $1 AND claim = $2 AND state = 'running'`, id, claim)
	if err == nil && n == 0 {
		return ErrLost
	}
	return err
}

// wait puts a job back until a time. Where another with its key waits already, that one does for both.
func wait(ctx context.Context, tx *db.Tx, r row, attempts int, until time.Time, reason string) error {
	n, err := tx.Exec(ctx, `UPDATE job_job SET state = 'ready', run_at = $3, attempts = $4, error = $5 WHERE id = $1 AND claim = $2 AND state = 'running'
		AND ($6 = '' OR NOT EXISTS (SELECT 1 FROM job_job o WHERE o.listener = $7 AND o.unique_key = $6 AND o.state = 'ready'))`,
		r.id, r.claim, db.Micros(until), attempts, reason, r.unique, r.listener)
	if err == nil && n == 0 {
		return end(ctx, tx, r.id, r.claim)
	}
	return err
}

// kill gives a job up.
func kill(ctx context.Context, tx *db.Tx, r row, now time.Time, reason string) error {
	n, err := tx.Exec(ctx, `UPDATE job_job SET state = 'dead', run_at = $3, error = $4 WHERE id = $1 AND claim = $2 AND state = 'running'`,
		r.id, r.claim, db.Micros(now), reason)
	if err == nil && n == 0 {
		return ErrLost
	}
	return err
}

// plan stores a periodic job where there is none, and brings one of another period forward. The first run is due at once.
func plan(ctx context.Context, tx *db.Tx, l *listener, now time.Time) error {
	if err := insert(ctx, tx, row{pool: l.pool, listener: l.name, args: "{}", period: l.period}, slot(now, l.period), now); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE job_job SET period = $2, pool = $3, run_at = CASE WHEN state = 'ready' AND run_at > $4 THEN $4 ELSE run_at END
		WHERE listener = $1 AND period > 0`, l.name, l.period.Microseconds(), l.pool, db.Micros(slot(now, l.period).Add(l.period)))
	if err != nil {
		return fmt.Errorf("plan %s: %w", l.name, err)
	}
	return nil
}

// strand gives up jobs that are long overdue and for whose listener this program has no function: a version before this one had. Periodic
// ones are deleted; they are planned again by a program that knows them.
func strand(ctx context.Context, tx *db.Tx, known []string, overdue, now time.Time) (int64, error) {
	names, args := make([]string, len(known)), []any{db.Micros(overdue)}
	for i, name := range known {
		names[i] = "$" + strconv.Itoa(i+2)
		args = append(args, name)
	}
	which := ` WHERE state <> 'dead' AND run_at < $1 AND listener NOT IN (` + strings.Join(names, ", ") + `)`
	if _, err := tx.Exec(ctx, `DELETE FROM job_job`+which+` AND period > 0`, args...); err != nil {
		return 0, fmt.Errorf("delete old periodic jobs: %w", err)
	}
	n, err := tx.Exec(ctx, `UPDATE job_job SET state = 'dead', run_at = $`+strconv.Itoa(len(known)+2)+`,
		error = 'this program has no listener of that name'`+which, append(args, db.Micros(now))...)
	if err != nil {
		return 0, fmt.Errorf("give up jobs without a listener: %w", err)
	}
	return n, nil
}
