package person

import (
	"context"
	"fmt"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
)

const identityColumns = `id, account_id, issuer, subject, label, made_at, used_at`

func scanIdentity(scan func(...any) error) (*Identity, error) {
	i := &Identity{}
	var made, used int64
	if err := scan(&i.ID, &i.Account, &i.Issuer, &i.Subject, &i.Label, &made, &used); err != nil {
		return nil, err
	}
	i.MadeAt, i.UsedAt = db.Time(made, time.UTC), db.Time(used, time.UTC)
	return i, nil
}

// identities lists who an account is at other services.
func identities(ctx context.Context, r db.Reader, id ID) ([]*Identity, error) {
	rows, err := r.Query(ctx, `SELECT `+identityColumns+` FROM person_identity WHERE account_id = $1 ORDER BY id`, id)
	if err != nil {
		return nil, fmt.Errorf("read the identities of account %d: %w", id, err)
	}
	defer func() { _ = rows.Close() }()
	var out []*Identity
	for rows.Next() {
		i, err := scanIdentity(rows.Scan)
		if err != nil {
			return nil, err
		}
		out = append(out, i)
	}
	return out, rows.Err()
}

// findIdentity reads an identity; nil where it is not known.
func findIdentity(ctx context.Context, r db.Reader, issuer, subject string) (*Identity, error) {
	i, err := scanIdentity(r.Row(ctx, `SELECT `+identityColumns+` FROM person_identity WHERE issuer = $1 AND subject = $2`, issuer, subject).Scan)
	if db.IsNoRows(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for an identity: %w", err)
	}
	return i, nil
}

func addIdentity(ctx context.Context, tx *db.Tx, i *Identity) error {
	_, err := tx.Exec(ctx, `INSERT INTO person_identity (account_id, issuer, subject, label, made_at, used_at) VALUES ($1, $2, $3, $4, $5, $5)`,
		i.Account, i.Issuer, i.Subject, i.Label, db.Micros(i.MadeAt))
	if err != nil {
		return fmt.Errorf("keep an identity: %w", err)
	}
	return nil
}

func useIdentity(ctx context.Context, tx *db.Tx, id int64, now time.Time) error {
	if _, err := tx.Exec(ctx, `UPDATE person_identity SET used_at = $2 WHERE id = $1`, id, db.Micros(now)); err != nil {
		return fmt.Errorf("note the use of identity %d: %w", id, err)
	}
	return nil
}

func removeIdentity(ctx context.Context, tx *db.Tx, account ID, id int64) error {
	if _, err := tx.Exec(ctx, `DELETE FROM person_identity WHERE account_id = $1 AND id = $2`, account, id); err != nil {
		return fmt.Errorf("remove identity %d: %w", id, err)
	}
	return nil
}
