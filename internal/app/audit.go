package app

import (
	"context"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// keepAddresses is how long the audit log says from which address something was done: long enough to look into what somebody noticed late.
const keepAddresses = 180 * 24 * time.Hour

// forgetAddresses takes old addresses out of the audit log.
func (a *App) forgetAddresses(ctx context.Context) error {
	return a.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := audit.ForgetAddresses(ctx, tx, a.now().Add(-keepAddresses))
		return err
	})
}
