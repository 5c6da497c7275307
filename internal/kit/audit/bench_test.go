package audit_test

import (
	"context"
	"fmt"
	"io/fs"
	"sync/atomic"
	"testing"

	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/db/dbtest"
)

// registered is an entry as a registration makes it: ten fields, all new.
func registered(n int64) audit.Entry {
	after := map[string]string{}
	for _, f := range []string{"name", "kana", "affiliation", "mail", "days", "social", "lunch", "student", "language", "consent"} {
		after[f] = f + " 集い"
	}
	return audit.Entry{Scope: "janog57", Object: fmt.Sprintf("entry:%d", n), About: "PERSON", Action: "registration.made", After: after}
}

func onBoth(b *testing.B, fn func(b *testing.B, d *db.DB)) {
	b.Run("sqlite", func(b *testing.B) { fn(b, dbtest.SQLite(b, benchFolders()...)) })
	b.Run("postgres", func(b *testing.B) { fn(b, dbtest.Postgres(b, benchFolders()...)) })
}

func benchFolders() []fs.FS { return []fs.FS{db.Migrations, audit.Migrations} }

// BenchmarkRecord compares a transaction that changes something with the same one that also records it, from 32 writers at once.
func BenchmarkRecord(b *testing.B) {
	for name, records := range map[string]bool{"without": false, "with": true} {
		b.Run(name, func(b *testing.B) {
			onBoth(b, func(b *testing.B, d *db.DB) {
				var n atomic.Int64
				b.SetParallelism(16)
				b.RunParallel(func(pb *testing.PB) {
					ctx := as(context.Background(), "ALICE")
					for pb.Next() {
						i := n.Add(1)
						err := d.Write(ctx, func(tx *db.Tx) error {
							if err := db.Bump(ctx, tx, fmt.Sprint("entry:", i)); err != nil || !records {
								return err
							}
							return audit.Record(ctx, tx, registered(i))
						})
						if err != nil {
							b.Fatal(err)
						}
					}
				})
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "writes/s")
			})
		})
	}
}

// BenchmarkSeal seals what was committed.
func BenchmarkSeal(b *testing.B) {
	onBoth(b, func(b *testing.B, d *db.DB) {
		fill(b, d, b.N)
		b.ResetTimer()
		if n, err := audit.NewSealer(d, audit.Options{}).Seal(b.Context()); n != b.N || err != nil {
			b.Fatal(n, err)
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "entries/s")
	})
}

// BenchmarkVerify walks the chain.
func BenchmarkVerify(b *testing.B) {
	onBoth(b, func(b *testing.B, d *db.DB) {
		fill(b, d, b.N)
		if _, err := audit.NewSealer(d, audit.Options{}).Seal(b.Context()); err != nil {
			b.Fatal(err)
		}
		b.ResetTimer()
		if v, err := audit.Verify(b.Context(), d); err != nil || !v.Whole() {
			b.Fatal(v.Break, err)
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "entries/s")
	})
}

// fill records n entries, many in a transaction.
func fill(b *testing.B, d *db.DB, n int) {
	b.Helper()
	ctx := as(context.Background(), "ALICE")
	for at := 0; at < n; at += 500 {
		err := d.Write(ctx, func(tx *db.Tx) error {
			for i := at; i < min(n, at+500); i++ {
				if err := audit.Record(ctx, tx, registered(int64(i))); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}
