package person

import (
	"context"
	"fmt"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/mail"
)

// mostAtOnce is how many ids one statement asks for.
const mostAtOnce = 4096

// inChunks calls fn with ids for one statement each. The number of ids is one of few, the last one repeated, since every text of a
// statement is kept prepared.
func inChunks(ids []ID, fn func([]ID) error) error {
	for len(ids) > 0 {
		part := ids[:min(len(ids), mostAtOnce)]
		ids = ids[len(part):]
		size := 1
		for size < len(part) {
			size *= 8
		}
		full := make([]ID, size)
		for i := range full {
			full[i] = part[min(i, len(part)-1)]
		}
		if err := fn(full); err != nil {
			return err
		}
	}
	return nil
}

// recipients reads where letters of a kind go to, by account. An account that was united with another leads to that one.
func recipients(ctx context.Context, r db.Reader, ids []ID, k Kind) (map[ID]mail.Address, error) {
	out := make(map[ID]mail.Address, len(ids))
	err := inChunks(ids, func(part []ID) error {
		marks, args := list(part)
		n := len(args)
		q := fmt.Sprintf(`SELECT x.id, a.name_ja, a.name_en, a.lang, d.address
			FROM person_account x JOIN person_account a ON a.id = CASE WHEN x.merged_into > 0 THEN x.merged_into ELSE x.id END
			JOIN person_address d ON d.account_id = a.id AND d.main = 1 AND d.verified_at > 0
			LEFT JOIN person_preference p ON p.account_id = a.id AND p.kind = $%d
			WHERE a.left_at = 0 AND (COALESCE(p.wanted, 1) = 1 OR $%d = 1) AND x.id IN (%s)`, n+1, n+2, marks)
		rows, err := r.Query(ctx, q, append(args, k.Key, flag(k.Necessary))...)
		if err != nil {
			return fmt.Errorf("read who gets letters: %w", err)
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var id ID
			var name i18n.Text
			var a mail.Address
			if err := rows.Scan(&id, &name.JA, &name.EN, &a.Lang, &a.Address); err != nil {
				return fmt.Errorf("read who gets letters: %w", err)
			}
			a.Name = name.In(a.Lang)
			out[id] = a
		}
		return rows.Err()
	})
	return out, err
}

// refsOf reads the refs of accounts.
func refsOf(ctx context.Context, r db.Reader, ids []ID) (map[ID]string, error) {
	out := make(map[ID]string, len(ids))
	err := inChunks(ids, func(part []ID) error {
		marks, args := list(part)
		rows, err := r.Query(ctx, `SELECT id, ref FROM person_account WHERE id IN (`+marks+`)`, args...)
		if err != nil {
			return fmt.Errorf("read refs: %w", err)
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var id ID
			var ref string
			if err := rows.Scan(&id, &ref); err != nil {
				return fmt.Errorf("read refs: %w", err)
			}
			out[id] = ref
		}
		return rows.Err()
	})
	return out, err
}

// preferences reads what somebody said about letters, by kind.
func preferences(ctx context.Context, r db.Reader, id ID) (map[string]bool, error) {
	rows, err := r.Query(ctx, `SELECT kind, wanted FROM person_preference WHERE account_id = $1`, id)
	if err != nil {
		return nil, fmt.Errorf("read which letters account %d wants: %w", id, err)
	}
	defer func() { _ = rows.Close() }()
	out := map[string]bool{}
	for rows.Next() {
		var kind string
		var wanted bool
		if err := rows.Scan(&kind, &wanted); err != nil {
			return nil, err
		}
		out[kind] = wanted
	}
	return out, rows.Err()
}

// setPreference keeps whether somebody wants letters of a kind, and returns whether they did before.
func setPreference(ctx context.Context, tx *db.Tx, id ID, kind string, wanted bool, now time.Time) (before bool, err error) {
	before = true
	err = tx.Row(ctx, `SELECT wanted FROM person_preference WHERE account_id = $1 AND kind = $2`, id, kind).Scan(&before)
	if err != nil && !db.IsNoRows(err) {
		return false, fmt.Errorf("read which letters account %d wants: %w", id, err)
	}
	if before == wanted {
		return before, nil
	}
	_, err = tx.Exec(ctx, `INSERT INTO person_preference (account_id, kind, wanted, said_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (account_id, kind) DO UPDATE SET wanted = $3, said_at = $4`, id, kind, flag(wanted), db.Micros(now))
	if err != nil {
		return false, fmt.Errorf("keep which letters account %d wants: %w", id, err)
	}
	return before, nil
}

// secretKey reads a secret of the installation, which is made of a fresh one where there is none yet.
func secretKey(ctx context.Context, tx *db.Tx, name, fresh string, now time.Time) (string, error) {
	key, err := findKey(ctx, tx, name)
	if err != nil || key != "" {
		return key, err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO person_key (name, secret, made_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, name, fresh, db.Micros(now)); err != nil {
		return "", fmt.Errorf("make the key %s: %w", name, err)
	}
	return findKey(ctx, tx, name) // another process may have been first
}

// findKey reads a secret of the installation, or nothing where it was never needed.
func findKey(ctx context.Context, r db.Reader, name string) (string, error) {
	var key string
	err := r.Row(ctx, `SELECT secret FROM person_key WHERE name = $1`, name).Scan(&key)
	if err != nil && !db.IsNoRows(err) {
		return "", fmt.Errorf("read the key %s: %w", name, err)
	}
	return key, nil
}
