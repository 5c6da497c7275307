package person

import (
	"context"
	"fmt"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// putPolicy keeps a policy as it read, from when somebody agreed to it first.
func putPolicy(ctx context.Context, tx *db.Tx, p Policy, now time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO person_policy (version, text_ja, text_en, since_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
		p.Version, p.Text.JA, p.Text.EN, db.Micros(now))
	if err != nil {
		return fmt.Errorf("keep a privacy policy: %w", err)
	}
	return nil
}

func policySince(ctx context.Context, r db.Reader, version string) (time.Time, error) {
	var since int64
	err := r.Row(ctx, `SELECT since_at FROM person_policy WHERE version = $1`, version).Scan(&since)
	if err != nil && !db.IsNoRows(err) {
		return time.Time{}, fmt.Errorf("read since when a privacy policy holds: %w", err)
	}
	return db.Time(since, time.UTC), nil
}

// putConsent keeps that somebody agreed to a version; false where they did before.
func putConsent(ctx context.Context, tx *db.Tx, id ID, version string, now time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `INSERT INTO person_consent (account_id, version, said_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, id, version, db.Micros(now))
	if err != nil {
		return false, fmt.Errorf("keep a consent: %w", err)
	}
	if _, err := tx.Exec(ctx, `UPDATE person_account SET consented = $2 WHERE id = $1`, id, version); err != nil {
		return false, fmt.Errorf("keep a consent: %w", err)
	}
	return n > 0, nil
}

// consents lists what somebody agreed to, and when.
func consents(ctx context.Context, r db.Reader, id ID) ([]exportedConsent, error) {
	rows, err := r.Query(ctx, `SELECT version, said_at FROM person_consent WHERE account_id = $1 ORDER BY said_at, version`, id)
	if err != nil {
		return nil, fmt.Errorf("read what account %d agreed to: %w", id, err)
	}
	defer func() { _ = rows.Close() }()
	var out []exportedConsent
	for rows.Next() {
		var c exportedConsent
		var at int64
		if err := rows.Scan(&c.Version, &at); err != nil {
			return nil, err
		}
		c.At = db.Time(at, time.UTC)
		out = append(out, c)
	}
	return out, rows.Err()
}
