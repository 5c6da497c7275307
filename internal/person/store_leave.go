package person

import (
	"context"
	"fmt"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// belongings are the tables whose rows belong to an account and go with it.
var belongings = [...]string{"person_address", "person_session", "person_passkey", "person_identity", "person_preference", "person_consent", "person_challenge", "person_code"}

// eraseAccount empties an account and takes away all that belongs to it, and to those that were united with it.
func eraseAccount(ctx context.Context, tx *db.Tx, id ID, now time.Time) error {
	if _, err := tx.Exec(ctx, `DELETE FROM person_code WHERE folded IN (SELECT folded FROM person_address WHERE account_id = $1)`, id); err != nil {
		return fmt.Errorf("erase codes: %w", err)
	}
	for _, table := range belongings {
		if _, err := tx.Exec(ctx, `DELETE FROM `+table+` WHERE account_id = $1`, id); err != nil {
			return fmt.Errorf("erase %s: %w", table, err)
		}
	}
	return emptyAccount(ctx, tx, id, 0, now)
}

// emptyAccount leaves nothing of an account but its ref, and where it was united with another, that.
func emptyAccount(ctx context.Context, tx *db.Tx, id, into ID, now time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE person_account SET name_ja = '', name_en = '', kana = '', affiliation_ja = '', affiliation_en = '', title_ja = '', title_en = '',
		bio_ja = '', bio_en = '', links = '[]', portrait = '', photo = '', recording = '', speaks = '', consented = '', left_at = $2, merged_into = $3 WHERE id = $1`,
		id, db.Micros(now), into)
	if err != nil {
		return fmt.Errorf("empty account %d: %w", id, err)
	}
	return nil
}

// refsWith lists the refs by which somebody was known: of their account, and of those that were united with it.
func refsWith(ctx context.Context, r db.Reader, id ID) ([]string, error) {
	rows, err := r.Query(ctx, `SELECT ref FROM person_account WHERE id = $1 OR merged_into = $1 ORDER BY id`, id)
	if err != nil {
		return nil, fmt.Errorf("read the refs of account %d: %w", id, err)
	}
	defer func() { _ = rows.Close() }()
	var out []string
	for rows.Next() {
		var ref string
		if err := rows.Scan(&ref); err != nil {
			return nil, err
		}
		out = append(out, ref)
	}
	return out, rows.Err()
}

// moveBelongings makes what belongs to one account belong to another. Of two preferences or consents about the same the other's stays, and
// no letter is sent that either of them declined.
func moveBelongings(ctx context.Context, tx *db.Tx, from, to ID) error {
	for _, q := range []string{
		`UPDATE person_address SET account_id = $2, main = 0 WHERE account_id = $1`,
		`UPDATE person_passkey SET account_id = $2 WHERE account_id = $1`,
		`UPDATE person_identity SET account_id = $2 WHERE account_id = $1`,
		`UPDATE person_preference SET wanted = 0 WHERE account_id = $2 AND kind IN (SELECT kind FROM person_preference WHERE account_id = $1 AND wanted = 0)`,
		`UPDATE person_preference SET account_id = $2 WHERE account_id = $1 AND kind NOT IN (SELECT kind FROM person_preference WHERE account_id = $2)`,
		`UPDATE person_consent SET account_id = $2 WHERE account_id = $1 AND version NOT IN (SELECT version FROM person_consent WHERE account_id = $2)`,
		`UPDATE person_account SET merged_into = $2 WHERE merged_into = $1`,
	} {
		if _, err := tx.Exec(ctx, q, from, to); err != nil {
			return fmt.Errorf("unite account %d with %d: %w", from, to, err)
		}
	}
	for _, table := range [...]string{"person_session", "person_preference", "person_consent", "person_challenge", "person_code"} {
		if _, err := tx.Exec(ctx, `DELETE FROM `+table+` WHERE account_id = $1`, from); err != nil {
			return fmt.Errorf("end %s of account %d: %w", table, from, err)
		}
	}
	return nil
}
