package event

import (
	"context"
	"fmt"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// moveGrants makes the roles and invitations of one person those of another.
func moveGrants(ctx context.Context, tx *db.Tx, from, to int64) error {
	if _, err := tx.Exec(ctx, `UPDATE event_grant SET person_id = $2 WHERE person_id = $1`, from, to); err != nil {
		return fmt.Errorf("move roles: %w", err)
	}
	if _, err := tx.Exec(ctx, `UPDATE event_invitation SET maker_id = $2 WHERE maker_id = $1`, from, to); err != nil {
		return fmt.Errorf("move invitations: %w", err)
	}
	return nil
}

// revokeOf takes back the open invitations that somebody made.
func revokeOf(ctx context.Context, tx *db.Tx, maker int64, now time.Time) error {
	if _, err := tx.Exec(ctx, `UPDATE event_invitation SET revoked_at = $2 WHERE maker_id = $1 AND revoked_at = 0`, maker, db.Micros(now)); err != nil {
		return fmt.Errorf("take invitations back: %w", err)
	}
	return nil
}
