package registration

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/db/dbtest"
	"github.com/tsudoi/tsudoi/internal/kit/job"
)

// BenchmarkRegister is a whole registration: capacity of the kind and the day, questionnaire, idempotency, audit, the letter enqueued; from 500
// clients that wait for their answers. The budget is 1,000 a second and a p99 under 200 ms. SQLite is durable on disk here, the PostgreSQL of the
// tests is not: `tsudoi bench --postgres` measures one that is.
func BenchmarkRegister(b *testing.B) {
	for name, open := range map[string]func(testing.TB, ...fs.FS) *db.DB{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(name, func(b *testing.B) {
			d := open(b, append(slices.Clone(folders), job.Migrations)...)
			h := open500(b, d)
			rush(b, h)
		})
	}
}

// rush lets 500 clients that always wait for their answers register b.N people.
func rush(b *testing.B, h *hall) {
	var n atomic.Int64
	took := make([]time.Duration, b.N)
	b.ResetTimer()
	var wg sync.WaitGroup
	for range min(500, b.N) {
		wg.Go(func() {
			for i := n.Add(1); i <= int64(b.N); i = n.Add(1) {
				f := form(int(i))
				f.Answers["diet"] = []string{"halal"}
				began := time.Now()
				ctx := authz.With(b.Context(), &authz.Actor{From: fmt.Sprintf("10.%d.%d.%d", i>>16&255, i>>8&255, i&255)})
				if _, _, err := h.Register(ctx, slug, f); err != nil {
					b.Error(err)
					return
				}
				took[i-1] = time.Since(began)
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	slices.Sort(took)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "registrations/s")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}

// open500 is a meeting with more places than are asked for, whose letters go into the real queue.
func open500(b *testing.B, d *db.DB) *hall {
	h := open(b, d, nil)
	q := job.New(d, job.Options{Now: h.o.Now})
	h.o.Jobs = q
	job.On(q, "registration.letter", func(context.Context, EntryChanged) error { return nil })
	job.On(q, "registration.offer", func(context.Context, Freed) error { return nil })
	s := setup()
	s.Kinds[0].Capacity = 1_000_000
	s.Bounds = []DayPlan{{Date: "2026-12-09", Capacity: 1_000_000}}
	h.save(s)
	return h
}
