package audit

import (
	"context"

	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// VerifyIn is Verify inside a transaction, which a test undoes.
func VerifyIn(ctx context.Context, r db.Reader) (Verdict, error) {
	w := walk{}
	err := w.run(ctx, r)
	return w.Verdict, err
}
