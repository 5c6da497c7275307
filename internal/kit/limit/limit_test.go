package limit_test

import (
	"io/fs"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/db/dbtest"
	"github.com/tsudoi/tsudoi/internal/kit/limit"
)

func TestRate(t *testing.T) {
	dbtest.Each(t, []fs.FS{limit.Migrations}, func(t *testing.T, d *db.DB) {
		now := time.Date(2026, 2, 11, 22, 22, 0, 0, time.UTC)
		r := limit.Rate{Burst: 3, Per: time.Minute}
		try := func(who string, at time.Time) bool {
			var ok bool
			if err := d.Write(t.Context(), func(tx *db.Tx) (err error) {
				ok, err = r.Allow(t.Context(), tx, "code", who, at)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return ok
		}
		for i, want := range []bool{true, true, true, false, false} {
			if got := try("a", now); got != want {
				t.Errorf("try %d: %v, want %v", i+1, got, want)
			}
		}
		if !try("b", now) {
			t.Error("another is held back for the first one's tries")
		}
		if try("a", now.Add(19*time.Second)) || !try("a", now.Add(20*time.Second)) || try("a", now.Add(20*time.Second)) {
			t.Error("a third of the time gives a third of the burst")
		}
		if try("a", now.Add(-time.Hour)) {
			t.Error("a clock that jumps back opens the bucket")
		}
		for i := range 4 {
			if got, want := try("a", now.Add(time.Hour)), i < 3; got != want {
				t.Errorf("an hour later, try %d: %v", i+1, got)
			}
		}
		if err := d.Write(t.Context(), func(tx *db.Tx) error {
			return limit.Forget(t.Context(), tx, "code", "a")
		}); err != nil || !try("a", now.Add(time.Hour)) {
			t.Error("forgotten, one begins anew", err)
		}
		if err := d.Write(t.Context(), func(tx *db.Tx) error { return limit.Sweep(t.Context(), tx, now.Add(24*time.Hour)) }); err != nil {
			t.Fatal(err)
		}
	})
}

// TestRateTogether: many at once get no more than the burst.
func TestNetwork(t *testing.T) {
	for in, want := range map[string]string{
		"192.0.2.1": "192.0.2.1", "::ffff:192.0.2.1": "192.0.2.1", "2001:db8:1:2:3::4": "2001:db8:1:2::/64", "2001:db8:1:2:ffff::9": "2001:db8:1:2::/64", "": "", "x": "x",
	} {
		if got := limit.Network(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestRateTogether(t *testing.T) {
	dbtest.Each(t, []fs.FS{limit.Migrations}, func(t *testing.T, d *db.DB) {
		r, now := limit.Rate{Burst: 5, Per: time.Hour}, time.Now()
		var allowed atomic.Int64
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				if err := d.Write(t.Context(), func(tx *db.Tx) error {
					ok, err := r.Allow(t.Context(), tx, "x", "same", now)
					if ok {
						tx.OnCommit(func() { allowed.Add(1) })
					}
					return err
				}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if allowed.Load() != 5 {
			t.Errorf("%d went through, want 5", allowed.Load())
		}
	})
}
