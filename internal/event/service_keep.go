package event

import (
	"context"

	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// Sweep forgets the addresses and words of invitations that have been over for a month.
func (s *Service) Sweep(ctx context.Context) error {
	return s.db.Write(ctx, func(tx *db.Tx) error { return forgetInvitations(ctx, tx, s.o.Now().AddDate(0, -1, 0)) })
}
