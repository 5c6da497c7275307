package person

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
)

const passkeyColumns = `id, account_id, name, site, handle, record, made_at, used_at` //nolint:gosec // names of columns

func scanPasskey(scan func(...any) error) (*Passkey, error) {
	k := &Passkey{}
	var record string
	var made, used int64
	if err := scan(&k.ID, &k.Account, &k.Name, &k.Site, &k.handle, &record, &made, &used); err != nil {
		return nil, err
	}
	k.MadeAt, k.UsedAt = db.Time(made, time.UTC), db.Time(used, time.UTC)
	if err := json.Unmarshal([]byte(record), &k.record); err != nil {
		return nil, fmt.Errorf("read passkey %d: %w", k.ID, err)
	}
	return k, nil
}

// passkeys lists the passkeys of an account, the first made first.
func passkeys(ctx context.Context, r db.Reader, id ID) ([]*Passkey, error) {
	rows, err := r.Query(ctx, `SELECT `+passkeyColumns+` FROM person_passkey WHERE account_id = $1 ORDER BY id`, id)
	if err != nil {
		return nil, fmt.Errorf("read the passkeys of account %d: %w", id, err)
	}
	defer func() { _ = rows.Close() }()
	var out []*Passkey
	for rows.Next() {
		k, err := scanPasskey(rows.Scan)
		if err != nil {
			return nil, err
		}
		out = append(out, k)
	}
	return out, rows.Err()
}

// findPasskey reads a passkey by its credential id; nil where there is none. On PostgreSQL its row waits for others who use it, so that its
// counter is compared with the last one.
func findPasskey(ctx context.Context, tx *db.Tx, credential string) (*Passkey, error) {
	q := `SELECT ` + passkeyColumns + ` FROM person_passkey WHERE credential = $1`
	if tx.Engine() == db.Postgres {
		q += ` FOR UPDATE`
	}
	k, err := scanPasskey(tx.Row(ctx, q, credential).Scan)
	if db.IsNoRows(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for a passkey: %w", err)
	}
	return k, nil
}

func addPasskey(ctx context.Context, tx *db.Tx, k *Passkey) error {
	record, err := json.Marshal(k.record)
	if err != nil {
		return fmt.Errorf("keep a passkey: %w", err)
	}
	n, err := tx.Exec(ctx, `INSERT INTO person_passkey (account_id, credential, site, handle, name, record, made_at, used_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 0)
		ON CONFLICT DO NOTHING`, k.Account, credentialID(k.record.ID), k.Site, k.handle, k.Name, string(record), db.Micros(k.MadeAt))
	if err != nil {
		return fmt.Errorf("keep a passkey: %w", err)
	}
	if n == 0 {
		return fault.New(fault.Conflict, "person.error.passkey_there")
	}
	return nil
}

// usePasskey writes a passkey's counter and flags as they are after its use.
func usePasskey(ctx context.Context, tx *db.Tx, k *Passkey, now time.Time) error {
	record, err := json.Marshal(k.record)
	if err != nil {
		return fmt.Errorf("note the use of passkey %d: %w", k.ID, err)
	}
	if _, err := tx.Exec(ctx, `UPDATE person_passkey SET record = $2, used_at = $3 WHERE id = $1`, k.ID, string(record), db.Micros(now)); err != nil {
		return fmt.Errorf("note the use of passkey %d: %w", k.ID, err)
	}
	return nil
}

func removePasskey(ctx context.Context, tx *db.Tx, account ID, id int64) error {
	if _, err := tx.Exec(ctx, `DELETE FROM person_passkey WHERE account_id = $1 AND id = $2`, account, id); err != nil {
		return fmt.Errorf("remove passkey %d: %w", id, err)
	}
	return nil
}

// challenge is what a browser was asked.
type challenge struct {
	Purpose string
	Account ID
	Session int64
	Data    string
}

func addChallenge(ctx context.Context, tx *db.Tx, c *challenge, ref string, ends time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO person_challenge (ref, purpose, account_id, session_id, data, ends_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		hashed(ref), c.Purpose, c.Account, c.Session, c.Data, db.Micros(ends))
	if err != nil {
		return fmt.Errorf("keep a challenge: %w", err)
	}
	return nil
}

// takeChallenge reads a challenge and uses it up; nil where there is none that is good. Who deletes the row has it: of two that come at
// once, one finds nothing.
func takeChallenge(ctx context.Context, tx *db.Tx, ref string, now time.Time) (*challenge, error) {
	c := &challenge{}
	var ends int64
	err := tx.Row(ctx, `DELETE FROM person_challenge WHERE ref = $1 RETURNING purpose, account_id, session_id, data, ends_at`, hashed(ref)).
		Scan(&c.Purpose, &c.Account, &c.Session, &c.Data, &ends)
	if db.IsNoRows(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for a challenge: %w", err)
	}
	if ends <= db.Micros(now) {
		return nil, nil
	}
	return c, nil
}

func sweepChallenges(ctx context.Context, tx *db.Tx, now time.Time) error {
	if _, err := tx.Exec(ctx, `DELETE FROM person_challenge WHERE ends_at < $1`, db.Micros(now)); err != nil {
		return fmt.Errorf("remove old challenges: %w", err)
	}
	return nil
}

// findChallenge reads a challenge without using it up; nil where there is none that is good.
func findChallenge(ctx context.Context, r db.Reader, ref string, now time.Time) (*challenge, error) {
	c := &challenge{}
	err := r.Row(ctx, `SELECT purpose, account_id, session_id, data FROM person_challenge WHERE ref = $1 AND ends_at > $2`, hashed(ref), db.Micros(now)).
		Scan(&c.Purpose, &c.Account, &c.Session, &c.Data)
	if db.IsNoRows(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for a challenge: %w", err)
	}
	return c, nil
}
