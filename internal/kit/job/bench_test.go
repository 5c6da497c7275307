package job_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/db/dbtest"
	"github.com/tsudoi/tsudoi/internal/kit/job"
)

// BenchmarkJobs measures jobs a second from the first being claimed to the last being deleted, with a listener that does nothing.
func BenchmarkJobs(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *db.DB{
		"sqlite":   func(t testing.TB) *db.DB { return dbtest.SQLite(t, folders...) },
		"postgres": func(t testing.TB) *db.DB { return dbtest.Postgres(t, folders...) },
	} {
		b.Run(name, func(b *testing.B) {
			d := open(b)
			q := job.New(d, job.Options{Workers: 64})
			var done atomic.Int64
			job.On(q, "bench.nothing", func(context.Context, happened) error { done.Add(1); return nil })
			begun := time.Now()
			for left := b.N; left > 0; left -= 1000 {
				if err := d.Write(b.Context(), func(tx *db.Tx) error {
					for i := range min(left, 1000) {
						if err := q.Enqueue(b.Context(), tx, happened{i}); err != nil {
							return err
						}
					}
					return nil
				}); err != nil {
					b.Fatal(err)
				}
			}
			stored := time.Since(begun)
			b.ResetTimer()
			if err := q.Start(b.Context()); err != nil {
				b.Fatal(err)
			}
			for done.Load() < int64(b.N) {
				time.Sleep(time.Millisecond)
			}
			if err := q.Stop(context.Background()); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(b.N)/stored.Seconds(), "stored/s")
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "jobs/s")
		})
	}
}
