package db_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/db/dbtest"
	"github.com/tsudoi/tsudoi/internal/kit/testkit"
)

var folders = []fs.FS{db.Migrations}

// put stores a version for a scope, or fails where there is one.
func put(ctx context.Context, scope string, v int) func(*db.Tx) error {
	return func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO db_stamp (version, scope) VALUES ($2, $1)`, scope, v)
		return err
	}
}

func TestPlaceholdersKeepTheirOrder(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		if err := d.Write(t.Context(), put(t.Context(), "a '$3' -- $4", 7)); err != nil {
			t.Fatal(err)
		}
		var n int
		if err := d.Row(t.Context(), "SELECT version FROM db_stamp WHERE version = $2 AND scope = $1 AND '$9' = '$9' -- $8", "a '$3' -- $4", 7).Scan(&n); err != nil || n != 7 {
			t.Fatal(n, err)
		}
	})
}

func TestFailedWriteLeavesNothingAndOthersStand(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		var wg sync.WaitGroup
		var good, bad, told atomic.Int64
		mistake := errors.New("mistake")
		for i := range 200 {
			wg.Go(func() {
				err := d.Write(ctx, func(tx *db.Tx) error {
					tx.OnCommit(func() { told.Add(1) })
					if err := db.Bump(ctx, tx, "n"); err != nil {
						return err
					}
					if i%4 == 0 {
						return mistake
					}
					return nil
				})
				switch {
				case err == nil:
					good.Add(1)
				case errors.Is(err, mistake):
					bad.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		v, err := db.Version(ctx, d, "n")
		if err != nil || v != 150 || good.Load() != 150 || bad.Load() != 50 || told.Load() != 150 {
			t.Fatal(v, err, good.Load(), bad.Load(), told.Load())
		}
	})
}

func TestUniqueIsRecognisedInAWrite(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		if err := d.Write(t.Context(), put(t.Context(), "x", 1)); err != nil {
			t.Fatal(err)
		}
		err := d.Write(t.Context(), put(t.Context(), "x", 2))
		if !db.IsUnique(err) || db.IsForeignKey(err) {
			t.Fatal(err)
		}
	})
}

func TestPanicReachesItsCallerOnly(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic was swallowed")
				}
			}()
			_ = d.Write(t.Context(), func(*db.Tx) error { panic("boom") })
		}()
		if err := d.Write(t.Context(), put(t.Context(), "after", 1)); err != nil {
			t.Fatal(err)
		}
	})
}

func TestCancelledWriteDoesNotDisturbOthers(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := d.Write(ctx, put(ctx, "never", 1)); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		if v, err := db.Version(t.Context(), d, "never"); v != 0 || err != nil {
			t.Fatal(v, err)
		}
	})
}

func TestReadSeesOneState(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		err := d.Read(ctx, func(r db.Reader) error {
			before, err := db.Version(ctx, r, "s")
			if err != nil {
				return err
			}
			if err := d.Write(ctx, func(tx *db.Tx) error { return db.Bump(ctx, tx, "s") }); err != nil {
				return err
			}
			after, err := db.Version(ctx, r, "s")
			if before != after {
				t.Errorf("%d became %d within one read", before, after)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestReadersCannotWrite(t *testing.T) {
	d := dbtest.SQLite(t, folders...)
	rows, err := d.Query(t.Context(), "INSERT INTO db_stamp (scope, version) VALUES ('x', 1) RETURNING scope")
	if err == nil {
		for rows.Next() {
			continue
		}
		err = errors.Join(rows.Err(), rows.Close())
	}
	if err == nil || !strings.Contains(err.Error(), "readonly") {
		t.Fatal("a reader wrote:", err)
	}
}

func TestWriteAfterCloseIsRefused(t *testing.T) {
	d, err := db.Open(t.Context(), filepath.Join(t.TempDir(), "a b%?#.db"))
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Migrate(t.Context(), folders...); err != nil {
		t.Fatal(err)
	}
	if err := d.Write(t.Context(), put(t.Context(), "x", 1)); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if err := d.Write(t.Context(), func(*db.Tx) error { return nil }); !errors.Is(err, db.ErrClosed) {
		t.Fatal(err)
	}
	if info, err := os.Stat(d.URL()); err != nil || info.Mode().Perm() != 0o600 {
		t.Error("others may read the database:", info.Mode(), err)
	}
	if left, err := os.ReadDir(filepath.Dir(d.URL())); err != nil || len(left) != 1 {
		t.Fatal("beside the database file there is more:", left, err)
	}
}

func TestMigrateIsRepeatableAndRefusesALaterDatabase(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		if err := d.Migrate(ctx, folders...); err != nil {
			t.Fatal(err)
		}
		if empty, err := d.Empty(ctx); empty || err != nil {
			t.Fatal(empty, err)
		}
		waiting, fresh, err := d.Pending(ctx, folders...)
		if len(waiting) != 0 || fresh || err != nil {
			t.Fatal(waiting, fresh, err)
		}
		if err := d.Write(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, "INSERT INTO db_migration (version_id, is_applied) VALUES ($1, $2)", int64(29991231000000), true)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if _, _, err := d.Pending(ctx, folders...); err == nil || !strings.Contains(err.Error(), "later") {
			t.Fatal(err)
		}
	})
}

func TestCountedCountsEveryStatement(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		ctx, n := db.Counted(t.Context())
		if _, err := db.Version(ctx, d, "x"); err != nil {
			t.Fatal(err)
		}
		if err := d.Write(ctx, func(tx *db.Tx) error { return db.Bump(ctx, tx, "a", "b") }); err != nil {
			t.Fatal(err)
		}
		if n.Load() != 3 {
			t.Fatal(n.Load())
		}
	})
}

func TestEmptyDatabaseIsSeenAndLeftAlone(t *testing.T) {
	for _, at := range []string{filepath.Join(t.TempDir(), "new.db"), testkit.PostgresURL(t)} {
		d, err := db.Open(t.Context(), at)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if empty, err := d.Empty(t.Context()); !empty || err != nil {
				t.Error(empty, err)
			}
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestVersionIsNeverOlderThanTheQuestion: however many ask at once, whoever asks after a change sees it.
func TestVersionIsNeverOlderThanTheQuestion(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		var written atomic.Int64
		var wg sync.WaitGroup
		stop := make(chan struct{})
		for range 16 {
			wg.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
					}
					least := written.Load()
					if v, err := db.Version(t.Context(), d, "s"); err != nil || v < least {
						t.Errorf("read %d after %d was written: %v", v, least, err)
						return
					}
				}
			})
		}
		for range 100 {
			if err := d.Write(t.Context(), func(tx *db.Tx) error { return db.Bump(t.Context(), tx, "s") }); err != nil {
				t.Fatal(err)
			}
			written.Add(1)
		}
		close(stop)
		wg.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := db.Version(ctx, d, "s"); err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}

func TestMicrosKeepTheMoment(t *testing.T) {
	loc := time.FixedZone("x", 9*3600)
	at := time.Date(2026, 2, 12, 10, 40, 0, 123000, loc)
	if got := db.Time(db.Micros(at), loc); !got.Equal(at) || db.Micros(time.Time{}) != 0 || !db.Time(0, loc).IsZero() {
		t.Fatal(got)
	}
}

// TestTornTransactionIsTriedOneByOne makes the shared transaction vanish in the middle: ROLLBACK inside one fn ends it for all.
func TestTornTransactionIsTriedOneByOne(t *testing.T) {
	d := dbtest.SQLite(t, folders...)
	ctx := t.Context()
	hold := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() { _ = d.Write(ctx, func(*db.Tx) error { <-hold; return nil }) })
	time.Sleep(20 * time.Millisecond)
	var good atomic.Int64
	for i := range 20 {
		wg.Go(func() {
			err := d.Write(ctx, func(tx *db.Tx) error {
				if i == 10 {
					_, err := tx.Exec(ctx, "ROLLBACK")
					return err
				}
				return db.Bump(ctx, tx, "torn")
			})
			if err == nil {
				good.Add(1)
			}
		})
	}
	time.Sleep(20 * time.Millisecond)
	close(hold)
	wg.Wait()
	v, err := db.Version(ctx, d, "torn")
	if err != nil || v != 19 || good.Load() != 19 {
		t.Fatal(v, err, good.Load())
	}
}

func BenchmarkPointRead(b *testing.B) {
	d := dbtest.SQLite(b, folders...)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := db.Version(b.Context(), d, "x"); err != nil && !errors.Is(err, sql.ErrNoRows) {
				b.Error(err)
			}
		}
	})
}

func BenchmarkGroupCommit(b *testing.B) {
	d := dbtest.SQLite(b, folders...)
	b.SetParallelism(250)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := d.Write(b.Context(), func(tx *db.Tx) error { return db.Bump(b.Context(), tx, "x") }); err != nil {
				b.Error(err)
			}
		}
	})
}

// TestTogether: those who share a transaction fail each for themselves, whatever they do wrong and whenever it is noticed.
func TestTogether(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		if err := d.Write(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `CREATE TABLE seat (id INTEGER PRIMARY KEY, who TEXT NOT NULL UNIQUE)`)
			if err == nil {
				_, err = tx.Exec(ctx, `CREATE TABLE quota (taken INTEGER NOT NULL)`)
			}
			if err == nil {
				_, err = tx.Exec(ctx, `INSERT INTO quota (taken) VALUES (0)`)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		const n = 300
		own := errors.New("own mistake")
		var wg sync.WaitGroup
		var good atomic.Int64
		for i := range n {
			wg.Go(func() {
				err := d.Together(ctx, func(tx *db.Tx) error {
					who := fmt.Sprint("p", i)
					switch i % 6 {
					case 1:
						return own // before anything was sent
					case 2:
						who = "twice" // noticed with the next statement
					}
					if err := tx.Soon(ctx, `INSERT INTO seat (id, who) VALUES ($1, $2)`, i, who); err != nil {
						return err
					}
					if _, err := tx.Exec(ctx, `UPDATE quota SET taken = taken + 1`); err != nil {
						return err
					}
					switch i % 6 {
					case 3:
						return own // after
					case 4:
						return tx.Soon(ctx, `INSERT INTO seat (id, who) VALUES ($1, $2)`, i, "again") // noticed at the end
					case 5:
						var n int
						return tx.Row(ctx, `SELECT COUNT(*) FROM seat WHERE id = $1`, i).Scan(&n)
					}
					return nil
				})
				switch {
				case err == nil:
					good.Add(1)
				case i%6 == 0 || i%6 == 5:
					t.Error(i, err)
				case i%6 == 2 || i%6 == 4:
					if !db.IsUnique(err) {
						t.Error(i, err)
					}
				case !errors.Is(err, own):
					t.Error(i, err)
				}
			})
		}
		wg.Wait()
		var seats, taken int
		if err := d.Row(ctx, `SELECT (SELECT COUNT(*) FROM seat), taken FROM quota`).Scan(&seats, &taken); err != nil || taken != seats || int64(taken) != good.Load() || good.Load() != n/3+1 {
			t.Error(seats, taken, good.Load(), err)
		}
	})
}

// TestTogetherExpects: places that are taken by statements for whose answer nobody waits are given once each, to those who are told so, however
// many want them, and whatever is wrong with the writes that share their message.
func TestTogetherExpects(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		if err := d.Write(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `CREATE TABLE seat (who INTEGER PRIMARY KEY)`)
			if err == nil {
				_, err = tx.Exec(ctx, `CREATE TABLE quota (taken INTEGER NOT NULL)`)
			}
			if err == nil {
				_, err = tx.Exec(ctx, `INSERT INTO quota (taken) VALUES (0)`)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		const n, places = 400, 150
		full := errors.New("full")
		var wg sync.WaitGroup
		var had, refused, twice, told atomic.Int64
		for i := range n {
			wg.Go(func() {
				switch err := d.Together(ctx, func(tx *db.Tx) error {
					tx.OnCommit(func() { told.Add(1) })
					if err := tx.Soon(ctx, `INSERT INTO seat (who) VALUES ($1)`, i/2*2+i%2*(i/2%2)); err != nil { // every second pair is one person twice
						return err
					}
					changed, err := tx.Expect(ctx, 1, `UPDATE quota SET taken = taken + 1 WHERE taken < $1`, places)
					if err == nil && changed != 1 {
						err = full
					}
					return err
				}); {
				case err == nil:
					had.Add(1)
				case errors.Is(err, full):
					refused.Add(1)
				case db.IsUnique(err):
					twice.Add(1)
				default:
					t.Error(i, err)
				}
			})
		}
		wg.Wait()
		var seats, taken int64
		if err := d.Row(ctx, `SELECT (SELECT COUNT(*) FROM seat), taken FROM quota`).Scan(&seats, &taken); err != nil {
			t.Fatal(err)
		}
		if seats != places || taken != places || had.Load() != places || told.Load() != places || refused.Load() == 0 || twice.Load() == 0 || twice.Load() > n/4 {
			t.Errorf("%d seats, %d taken; %d have one, %d were told, %d refused, %d twice", seats, taken, had.Load(), told.Load(), refused.Load(), twice.Load())
		}
	})
}

// TestTogetherUnsent: a write whose statements never reach the database takes nothing away from the one before it.
func TestTogetherUnsent(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		own := errors.New("own mistake")
		const rounds = 6
		for round := range rounds { // the first ones, so that the connection knows how to undo
			hold := make(chan struct{})
			var wg sync.WaitGroup
			wg.Go(func() { // so that the others are together
				_ = d.Together(ctx, func(tx *db.Tx) error {
					var one int
					err := tx.Row(ctx, `SELECT 1`).Scan(&one)
					if err == nil {
						<-hold
					}
					return err
				})
			})
			time.Sleep(20 * time.Millisecond)
			for i := range 40 {
				wg.Go(func() {
					err := d.Together(ctx, func(tx *db.Tx) error {
						if i%2 == 0 {
							return db.Bump(ctx, tx, "unsent")
						}
						if round < rounds/2 {
							return errors.Join(db.Bump(ctx, tx, "unsent"), own)
						}
						_, err := tx.Exec(ctx, `UPDATE nowhere SET taken = $1`, i)
						return err
					})
					if (err == nil) != (i%2 == 0) {
						t.Error(i, err)
					}
				})
				time.Sleep(time.Millisecond)
			}
			close(hold)
			wg.Wait()
		}
		if v, err := db.Version(ctx, d, "unsent"); err != nil || v != 20*rounds {
			t.Error(v, err)
		}
	})
}

// TestPanicAfterTheCommit: it is the caller's, what was written stays, what else waited for the commit is called, and others go on.
func TestPanicAfterTheCommit(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		for name, write := range map[string]func(context.Context, func(*db.Tx) error) error{"write": d.Write, "together": d.Together} {
			told := false
			func() {
				defer func() {
					if v := recover(); v == nil || !strings.Contains(fmt.Sprint(v), "boom") {
						t.Error(name, "the panic was swallowed:", v)
					}
				}()
				_ = write(t.Context(), func(tx *db.Tx) error {
					tx.OnCommit(func() { panic("boom") })
					tx.OnCommit(func() { told = true })
					return db.Bump(t.Context(), tx, name)
				})
			}()
			if err := write(t.Context(), func(tx *db.Tx) error { return db.Bump(t.Context(), tx, name) }); err != nil || !told {
				t.Error(name, err, told)
			}
			if v, err := db.Version(t.Context(), d, name); err != nil || v != 2 {
				t.Error(name, v, err)
			}
		}
	})
}
