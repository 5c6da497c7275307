package db

import (
	"context"
	"sync/atomic"
)

type counterKey struct{}

// Counted returns a context whose statements are counted, for tests that hold a page to a constant number of queries.
func Counted(ctx context.Context) (context.Context, *atomic.Int64) {
	n := new(atomic.Int64)
	return context.WithValue(ctx, counterKey{}, n), n
}

func count(ctx context.Context) {
	if n, ok := ctx.Value(counterKey{}).(*atomic.Int64); ok {
		n.Add(1)
	}
}
