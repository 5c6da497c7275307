package audit

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// Sealer puts entries into the chain after they were committed. Several processes on one database may each run one.
type Sealer struct {
	db  *db.DB
	o   Options
	end context.CancelFunc
	wg  sync.WaitGroup
}

// Options are what a Sealer may be given; each has a default.
type Options struct {
	Log   *slog.Logger
	Now   func() time.Time // default: time.Now; says when the day of a secret entry is over
	Every time.Duration    // how often it looks; default: two seconds
	Batch int              // most entries of one transaction; default: 256, some milliseconds of SQLite's writer
}

// NewSealer makes a Sealer that does nothing yet.
func NewSealer(d *db.DB, o Options) *Sealer {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Every <= 0 {
		o.Every = 2 * time.Second
	}
	if o.Batch <= 0 {
		o.Batch = 256
	}
	return &Sealer{db: d, o: o}
}

// Start seals what is committed, now and from time to time, until Stop.
func (s *Sealer) Start(ctx context.Context) {
	ctx, s.end = context.WithCancel(context.WithoutCancel(ctx))
	s.wg.Go(func() {
		tick := time.NewTicker(s.o.Every)
		defer tick.Stop()
		for {
			if _, err := s.Seal(ctx); err != nil && ctx.Err() == nil {
				s.o.Log.ErrorContext(ctx, "seal the audit log", "component", "audit", "error", err)
			}
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
		}
	})
}

// Stop ends what Start began. What is not sealed then, the next Start seals.
func (s *Sealer) Stop() {
	if s.end != nil {
		s.end()
		s.wg.Wait()
	}
}

// Seal puts every committed entry into the chain, but secret ones of today, and returns how many it sealed. An entry that is committed
// later than one with a higher id comes later in the chain: the order of sealing is the order of the chain, whatever the ids are.
func (s *Sealer) Seal(ctx context.Context) (int, error) {
	total := 0
	for {
		open, err := anyOpen(ctx, s.db, day(s.o.Now()))
		if err != nil || !open {
			return total, err
		}
		n, err := sealBatch(ctx, s.db, day(s.o.Now()), s.o.Batch)
		total += n
		if err != nil || n < s.o.Batch {
			return total, err
		}
	}
}
