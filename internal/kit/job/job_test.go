package job_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/db/dbtest"
	"github.com/tsudoi/tsudoi/internal/kit/job"
)

var folders = []fs.FS{db.Migrations, job.Migrations}

// happened is the event of these tests.
type happened struct {
	N int `json:"n"`
}

func (happened) JobName() string { return "test.happened" }

// other is one more.
type other struct{}

func (other) JobName() string { return "test.other" }

// journal is a log that a test may look into.
type journal struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.Write(b)
}

func (j *journal) text() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.String()
}

func (j *journal) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(j, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// fast is a queue that looks often, so that a test need not wait.
func fast(d *db.DB, j *journal) *job.Queue {
	return job.New(d, job.Options{Log: j.logger(), Poll: 5 * time.Millisecond, Workers: 4})
}

// hasty is one whose leases are short as well: on a machine that stalls, a job may run twice.
func hasty(d *db.DB, j *journal) *job.Queue {
	return job.New(d, job.Options{Log: j.logger(), Poll: 5 * time.Millisecond, Lease: time.Second, Workers: 4})
}

func run(t *testing.T, q *job.Queue) {
	t.Helper()
	if err := q.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := q.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

func enqueue(t *testing.T, d *db.DB, q *job.Queue, e job.Event, o ...job.Option) {
	t.Helper()
	if err := d.Write(t.Context(), func(tx *db.Tx) error { return q.Enqueue(t.Context(), tx, e, o...) }); err != nil {
		t.Fatal(err)
	}
}

// eventually waits until something is so.
func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !so(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("never: " + what)
		}
	}
}

func rows(t *testing.T, d *db.DB, where string) int {
	t.Helper()
	var n int
	if err := d.Row(t.Context(), `SELECT count(*) FROM job_job WHERE `+where).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestEachListenerHasItsOwnJob(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		q := fast(d, &journal{})
		var sum, calls atomic.Int64
		job.On(q, "test.sum", func(_ context.Context, e happened) error { sum.Add(int64(e.N)); return nil })
		job.On(q, "test.fails", func(ctx context.Context, _ happened) error {
			if calls.Add(1); job.Attempt(ctx) < 3 {
				return errors.New("not yet")
			}
			return nil
		}, job.Backoff(time.Millisecond, time.Millisecond))
		run(t, q)
		for i := range 10 {
			enqueue(t, d, q, happened{i})
		}
		enqueue(t, d, q, other{}) // nobody listens
		eventually(t, "all jobs are done", func() bool { return rows(t, d, "1 = 1") == 0 })
		if sum.Load() != 45 || calls.Load() != 30 {
			t.Error(sum.Load(), calls.Load())
		}
	})
}

func TestJobsOfATransactionThatFailedAreNone(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		q := fast(d, &journal{})
		job.On(q, "test.never", func(context.Context, happened) error { t.Error("it ran"); return nil })
		run(t, q)
		mistake := errors.New("mistake")
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			if err := q.Enqueue(t.Context(), tx, happened{}); err != nil {
				t.Error(err)
			}
			return mistake
		})
		if !errors.Is(err, mistake) || rows(t, d, "1 = 1") != 0 {
			t.Fatal(err)
		}
	})
}

func TestWakeUpComesWithTheCommit(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		q := job.New(d, job.Options{Poll: time.Hour})
		done := make(chan int, 100)
		job.On(q, "test.wake", func(_ context.Context, e happened) error { done <- e.N; return nil })
		run(t, q)
		time.Sleep(20 * time.Millisecond) // the first look is over
		for i := range 100 {
			enqueue(t, d, q, happened{i})
		}
		for range 100 {
			select {
			case <-done:
			case <-time.After(20 * time.Second):
				t.Fatal("nobody was woken")
			}
		}
	})
}

// TestOneProcessRunsEachJob has four queues of four workers on one database, as four processes would.
func TestOneProcessRunsEachJob(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		const jobs = 400
		var mu sync.Mutex
		seen := map[int]int{}
		var first *job.Queue
		for range 4 {
			q := job.New(d, job.Options{Poll: 2 * time.Millisecond, Workers: 4}) // the usual lease: nobody takes over
			job.On(q, "test.count", func(_ context.Context, e happened) error {
				mu.Lock()
				defer mu.Unlock()
				seen[e.N]++
				return nil
			})
			if first == nil {
				first = q
			}
			run(t, q)
		}
		for i := range jobs {
			enqueue(t, d, first, happened{i})
		}
		eventually(t, "all jobs are done", func() bool { return rows(t, d, "1 = 1") == 0 })
		mu.Lock()
		defer mu.Unlock()
		for i := range jobs {
			if seen[i] != 1 {
				t.Fatalf("job %d ran %d times", i, seen[i])
			}
		}
	})
}

func TestDeadJobsHaveTheirReason(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		j := &journal{}
		q := fast(d, j)
		quick := job.Backoff(time.Millisecond, time.Millisecond)
		job.On(q, "test.panics", func(context.Context, happened) error { panic("boom") }, job.Attempts(2), quick)
		job.On(q, "test.hopeless", func(context.Context, happened) error { return job.GiveUp(errors.New("no such thing")) }, quick)
		job.On(q, "test.foreign", func(context.Context, happened) error {
			return job.GiveUp(errors.New("caf\xe9 \x00 " + strings.Repeat("あ", 3000)))
		}, quick)
		job.On(q, "test.strange", func(context.Context, strange) error { return nil })
		run(t, q)
		enqueue(t, d, q, happened{1})
		enqueue(t, d, q, misread{})
		eventually(t, "all are dead", func() bool { return rows(t, d, "state = 'dead'") == 4 })
		dead, err := q.Dead(t.Context(), "", 10)
		if err != nil || len(dead) != 4 {
			t.Fatal(dead, err)
		}
		for _, x := range dead {
			want := map[string]string{"test.panics": "panic: boom", "test.hopeless": "no such thing", "test.strange": "read the event", "test.foreign": "caf� � あ"}[x.Listener]
			attempts := map[string]int{"test.panics": 2, "test.hopeless": 1, "test.strange": 1, "test.foreign": 1}[x.Listener]
			if !strings.Contains(x.Reason, want) || x.Attempts != attempts || x.Died.IsZero() {
				t.Errorf("%+v", x)
			}
		}
		if !strings.Contains(j.text(), "a job is dead") {
			t.Error(j.text())
		}
	})
}

// strange cannot be read from what misread leaves.
type strange struct {
	When time.Time `json:"when"`
}

func (strange) JobName() string { return "test.strange" }

// misread is an older shape of strange.
type misread struct{}

func (misread) JobName() string { return "test.strange" }

func (misread) MarshalJSON() ([]byte, error) { return []byte(`{"when":"yesterday"}`), nil }

func TestDeadJobsAreRunAgainOrDiscarded(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		q := fast(d, &journal{})
		var broken atomic.Bool
		broken.Store(true)
		var ran atomic.Int64
		job.On(q, "test.mended", func(context.Context, happened) error {
			if broken.Load() {
				return job.GiveUp(errors.New("broken"))
			}
			ran.Add(1)
			return nil
		})
		run(t, q)
		for i := range 3 {
			enqueue(t, d, q, happened{i})
		}
		eventually(t, "all are dead", func() bool { return rows(t, d, "state = 'dead'") == 3 })
		dead, err := q.Dead(t.Context(), "", 2)
		if err != nil || len(dead) != 2 {
			t.Fatal(dead, err)
		}
		rest, err := q.Dead(t.Context(), dead[1].Ref, 2)
		if err != nil || len(rest) != 1 || rest[0].Ref == dead[0].Ref || rest[0].Ref == dead[1].Ref {
			t.Fatal(rest, err)
		}
		broken.Store(false)
		if err := d.Write(t.Context(), func(tx *db.Tx) error {
			return errors.Join(q.Retry(t.Context(), tx, dead[0].Ref), q.Discard(t.Context(), tx, dead[1].Ref))
		}); err != nil {
			t.Fatal(err)
		}
		eventually(t, "one ran", func() bool { return rows(t, d, "1 = 1") == 1 && ran.Load() == 1 })
		for _, f := range []func(context.Context, *db.Tx, string) error{q.Retry, q.Discard} {
			if err := d.Write(t.Context(), func(tx *db.Tx) error { return f(t.Context(), tx, dead[0].Ref) }); err == nil {
				t.Error("a job that is not dead was changed")
			}
		}
		var n int64
		if err := d.Write(t.Context(), func(tx *db.Tx) (err error) { n, err = q.RetryAll(t.Context(), tx, "test.mended"); return err }); err != nil || n != 1 {
			t.Fatal(n, err)
		}
		eventually(t, "the last ran", func() bool { return ran.Load() == 2 && rows(t, d, "1 = 1") == 0 })
	})
}

func TestUniqueKeepsOneWaiting(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		q := fast(d, &journal{})
		begun, go1 := make(chan struct{}, 10), make(chan struct{})
		var ran, failed atomic.Int64
		job.On(q, "test.unique", func(context.Context, happened) error {
			ran.Add(1)
			begun <- struct{}{}
			<-go1
			if failed.Add(1) == 1 {
				return errors.New("the first run fails while another waits")
			}
			return nil
		}, job.In("single", 1), job.Backoff(time.Millisecond, time.Millisecond))
		later := job.At(time.Now().Add(150 * time.Millisecond))
		for range 3 {
			enqueue(t, d, q, happened{}, job.Unique("k"))
		}
		if n := rows(t, d, "1 = 1"); n != 1 {
			t.Fatal(n)
		}
		run(t, q)
		<-begun
		for range 3 {
			enqueue(t, d, q, happened{}, job.Unique("k"), later) // one has begun: another may wait
		}
		if n := rows(t, d, "1 = 1"); n != 2 {
			t.Fatal(n)
		}
		close(go1)
		eventually(t, "all jobs are done", func() bool { return rows(t, d, "1 = 1") == 0 })
		if ran.Load() != 2 {
			t.Error(ran.Load(), "runs: the one that failed left it to the one that waited")
		}
	})
}

// TestUniqueHoldsAgainstManyAtOnce on an engine whose writers do not wait for each other.
func TestUniqueHoldsAgainstManyAtOnce(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		q := fast(d, &journal{})
		job.On(q, "test.unique", func(context.Context, happened) error { return nil })
		var wg sync.WaitGroup
		for range 30 {
			wg.Go(func() { enqueue(t, d, q, happened{}, job.Unique("k")) })
		}
		wg.Wait()
		if n := rows(t, d, "1 = 1"); n != 1 {
			t.Fatal(n)
		}
	})
}

// TestJobsOfADeadWorkerAreRescued leaves a job as a process that was killed leaves it.
func TestJobsOfADeadWorkerAreRescued(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		q := fast(d, &journal{})
		rescued := make(chan bool, 1)
		job.On(q, "test.rescue", func(ctx context.Context, _ happened) error { rescued <- job.Rescued(ctx); return nil })
		enqueue(t, d, q, happened{})
		mangle(t, d, `UPDATE job_job SET state = 'running', attempts = 1, claim = claim + 1, run_at = $1`, time.Now().Add(200*time.Millisecond).UnixMicro())
		run(t, q)
		select {
		case was := <-rescued:
			t.Fatal("it was taken before its lease had ended", was)
		case <-time.After(50 * time.Millisecond):
		}
		if !<-rescued {
			t.Error("it does not know that it was rescued")
		}
	})
}

// mangle changes rows as no listener does.
func mangle(t *testing.T, d *db.DB, q string, args ...any) {
	t.Helper()
	if err := d.Write(t.Context(), func(tx *db.Tx) error { _, err := tx.Exec(t.Context(), q, args...); return err }); err != nil {
		t.Fatal(err)
	}
}

// TestJobThatKillsItsProcessDies: each attempt is counted when it begins.
func TestJobThatKillsItsProcessDies(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		q := fast(d, &journal{})
		job.On(q, "test.poison", func(context.Context, happened) error { t.Error("it ran"); return nil }, job.Attempts(3))
		enqueue(t, d, q, happened{})
		mangle(t, d, `UPDATE job_job SET state = 'running', attempts = 3, run_at = 1`)
		run(t, q)
		eventually(t, "it is dead", func() bool { return rows(t, d, "state = 'dead' AND error LIKE '%died%'") == 1 })
	})
}

// TestLeaseIsRenewedWhileAListenerRuns with a second queue that would take over.
func TestLeaseIsRenewedWhileAListenerRuns(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		var runs atomic.Int64
		for range 2 {
			q := hasty(d, &journal{})
			job.On(q, "test.slow", func(context.Context, happened) error {
				runs.Add(1)
				time.Sleep(2500 * time.Millisecond) // more than two leases
				return nil
			})
			run(t, q)
			if runs.Load() == 0 {
				enqueue(t, d, q, happened{})
				eventually(t, "it runs", func() bool { return runs.Load() == 1 })
			}
		}
		eventually(t, "the job is done", func() bool { return rows(t, d, "1 = 1") == 0 })
		if runs.Load() != 1 {
			t.Error(runs.Load())
		}
	})
}

// TestClockThatJumps: what this process runs is not begun again in it, although its lease seems to have ended long ago.
func TestClockThatJumps(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		var ahead, runs atomic.Int64
		j := &journal{}
		q := job.New(d, job.Options{Poll: 2 * time.Millisecond, Log: j.logger(), Now: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }})
		free, done := make(chan struct{}), make(chan error, 1)
		job.On(q, "test.jump", func(ctx context.Context, _ happened) error {
			runs.Add(1)
			<-free
			err := d.Write(ctx, func(tx *db.Tx) error { return job.Complete(ctx, tx) })
			done <- err
			return err
		})
		run(t, q)
		enqueue(t, d, q, happened{})
		eventually(t, "it runs", func() bool { return runs.Load() == 1 })
		for range 3 {
			ahead.Add(int64(time.Hour))
			eventually(t, "the lease is the process's again", func() bool { return rows(t, d, "run_at > "+micros(time.Now().Add(time.Duration(ahead.Load())))) == 1 })
		}
		close(free)
		if err := <-done; err != nil || runs.Load() != 1 {
			t.Error(err, runs.Load())
		}
		eventually(t, "the job is done", func() bool { return rows(t, d, "1 = 1") == 0 })
	})
}

// TestTheProgramItselfActs in a listener.
func TestTheProgramItselfActs(t *testing.T) {
	d := dbtest.SQLite(t, folders...)
	q := fast(d, &journal{})
	who := make(chan string, 1)
	job.On(q, "test.who", func(ctx context.Context, _ happened) error { who <- authz.Who(ctx).Ref; return nil })
	run(t, q)
	enqueue(t, d, q, happened{})
	if got := <-who; got != "system:test.who" {
		t.Error(got)
	}
}

// TestCompleteIsExactlyOnce: a worker that lost its job cannot write, and the one who took it over does once.
func TestCompleteIsExactlyOnce(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		q := fast(d, &journal{})
		late := make(chan error, 1)
		job.On(q, "test.once", func(ctx context.Context, _ happened) error {
			if !job.Rescued(ctx) { // as if the machine had slept: another has it before this one writes
				mangle(t, d, `UPDATE job_job SET claim = claim + 5, run_at = 1`)
			}
			err := d.Write(ctx, func(tx *db.Tx) error {
				if err := db.Bump(ctx, tx, "once"); err != nil {
					return err
				}
				return job.Complete(ctx, tx)
			})
			if !job.Rescued(ctx) {
				late <- err
			}
			return err
		})
		run(t, q)
		enqueue(t, d, q, happened{})
		eventually(t, "the job is done", func() bool { return rows(t, d, "1 = 1") == 0 })
		if v, err := db.Version(t.Context(), d, "once"); v != 1 || err != nil {
			t.Fatal(v, err)
		}
		if err := <-late; !errors.Is(err, job.ErrLost) {
			t.Error(err)
		}
		if err := d.Write(t.Context(), func(tx *db.Tx) error { return job.Complete(t.Context(), tx) }); err == nil {
			t.Error("Complete outside of a listener")
		}
	})
}

// TestLostListenerIsCutOff: who loses the lease learns it.
func TestLostListenerIsCutOff(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		j := &journal{}
		q := hasty(d, j)
		job.On(q, "test.lost", func(ctx context.Context, _ happened) error {
			mangle(t, d, `DELETE FROM job_job`)
			<-ctx.Done()
			return ctx.Err()
		})
		run(t, q)
		enqueue(t, d, q, happened{})
		eventually(t, "it is told", func() bool { return strings.Contains(j.text(), "taken over") })
	})
}

func TestStopWaitsForWhatRuns(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		q := job.New(d, job.Options{Poll: 2 * time.Millisecond, Workers: 2})
		begun, free := make(chan struct{}, 10), make(chan struct{})
		var ran atomic.Int64
		job.On(q, "test.drain", func(context.Context, happened) error {
			begun <- struct{}{}
			<-free
			ran.Add(1)
			return nil
		})
		for i := range 8 {
			enqueue(t, d, q, happened{i})
		}
		if err := q.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		<-begun
		<-begun
		stopped := make(chan error)
		go func() { stopped <- q.Stop(context.Background()) }()
		time.Sleep(20 * time.Millisecond)
		close(free)
		if err := <-stopped; err != nil {
			t.Fatal(err)
		}
		if n := rows(t, d, "state = 'ready' AND attempts = 0"); n != 6 || ran.Load() != 2 {
			t.Errorf("%d given back, %d ran", n, ran.Load())
		}
		if err := q.Stop(context.Background()); err != nil {
			t.Error("a second stop:", err)
		}
	})
}

func TestStopCutsOffWhatTakesTooLong(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		q := job.New(d, job.Options{Poll: 2 * time.Millisecond})
		begun := make(chan struct{}, 1)
		job.On(q, "test.long", func(ctx context.Context, _ happened) error { begun <- struct{}{}; <-ctx.Done(); return ctx.Err() })
		if err := q.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		enqueue(t, d, q, happened{})
		<-begun
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		if err := q.Stop(ctx); err != nil {
			t.Fatal(err)
		}
		if n := rows(t, d, "state = 'ready' AND attempts = 0 AND error = ''"); n != 1 {
			t.Error("being cut off was counted as an attempt")
		}
	})
}

func TestPeriodicJobsRunOncePerPeriod(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		var clock atomic.Int64
		clock.Store(time.Date(2026, 2, 12, 3, 10, 0, 0, time.UTC).UnixMicro())
		now := func() time.Time { return time.UnixMicro(clock.Load()) }
		var runs atomic.Int64
		for range 3 {
			q := job.New(d, job.Options{Poll: 2 * time.Millisecond, Now: now})
			q.Every("test.hourly", time.Hour, func(context.Context) error { runs.Add(1); return nil })
			run(t, q)
		}
		waits := func(until time.Time) func() bool {
			return func() bool { return rows(t, d, "state = 'ready' AND run_at = "+micros(until)) == 1 }
		}
		eventually(t, "the first run", waits(time.Date(2026, 2, 12, 4, 0, 0, 0, time.UTC)))
		clock.Store(time.Date(2026, 2, 12, 9, 59, 0, 0, time.UTC).UnixMicro()) // five periods later: they are not made up for
		eventually(t, "the second run", waits(time.Date(2026, 2, 12, 10, 0, 0, 0, time.UTC)))
		time.Sleep(20 * time.Millisecond)
		if runs.Load() != 2 || rows(t, d, "1 = 1") != 1 {
			t.Fatal(runs.Load())
		}
		// A program with a shorter period does not wait for the end of the longer one.
		q := job.New(d, job.Options{Poll: time.Hour, Now: now})
		q.Every("test.hourly", time.Second*30, func(context.Context) error { return nil })
		run(t, q)
		if n := rows(t, d, "run_at = "+micros(time.Date(2026, 2, 12, 9, 59, 30, 0, time.UTC))); n != 1 {
			t.Error("the new period is not planned")
		}
	})
}

func micros(at time.Time) string {
	return strings.TrimLeft(slog.Int64Value(at.UnixMicro()).String(), " ")
}

// TestPeriodicJobsAreNeverGivenUp: they fail, wait, and run again.
func TestPeriodicJobsAreNeverGivenUp(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		q := fast(d, &journal{})
		var runs atomic.Int64
		q.Every("test.fails", time.Hour, func(ctx context.Context) error {
			if runs.Add(1) < 10 {
				return job.GiveUp(errors.New("no"))
			}
			return d.Write(ctx, func(tx *db.Tx) error { return job.Complete(ctx, tx) })
		}, job.Backoff(time.Millisecond, time.Millisecond), job.Attempts(2))
		run(t, q)
		eventually(t, "it waits for the next period", func() bool {
			return rows(t, d, "state = 'ready' AND attempts = 0 AND error = ''") == 1 && runs.Load() == 10
		})
	})
}

// TestRetriesOverTwoDays counts hours with the clock of a bubble.
func TestRetriesOverTwoDays(t *testing.T) {
	at := filepath.Join(t.TempDir(), "x.db")
	synctest.Test(t, func(t *testing.T) {
		d, err := db.Open(t.Context(), at)
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		if err := d.Migrate(t.Context(), folders...); err != nil {
			t.Fatal(err)
		}
		q := job.New(d, job.Options{Poll: 30 * time.Second})
		var tries []time.Duration
		begun := time.Now()
		job.On(q, "test.down", func(context.Context, happened) error {
			tries = append(tries, time.Since(begun))
			return errors.New("the server is down")
		}, job.Attempts(10), job.Backoff(time.Minute, 4*time.Hour))
		enqueue(t, d, q, happened{})
		if err := q.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(48 * time.Hour)
		synctest.Wait()
		if err := q.Stop(t.Context()); err != nil {
			t.Error(err)
		}
		var gaps []time.Duration
		for i := 1; i < len(tries); i++ {
			gaps = append(gaps, tries[i]-tries[i-1])
		}
		want := []int{1, 2, 4, 8, 16, 32, 64, 128, 240} // minutes
		if len(gaps) != len(want) {
			t.Fatal(tries)
		}
		for i, w := range want { // up to a tenth more, and until somebody looks
			if least := time.Duration(w) * time.Minute; gaps[i] < least || gaps[i] > least+least/10+35*time.Second {
				t.Errorf("gap %d is %s, want %s", i+1, gaps[i], least)
			}
		}
		if n := rows(t, d, "state = 'dead' AND attempts = 10"); n != 1 {
			t.Error("it is not dead after ten attempts")
		}
	})
}

// TestOwnWaitingTimes: a listener says when to try again, and whether that was an attempt.
func TestOwnWaitingTimes(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		q := fast(d, &journal{})
		var mu sync.Mutex
		var attempts []int
		job.On(q, "test.again", func(ctx context.Context, _ happened) error {
			mu.Lock()
			defer mu.Unlock()
			attempts = append(attempts, job.Attempt(ctx))
			switch len(attempts) {
			case 1, 2:
				return job.NotYet(time.Millisecond, errors.New("nobody is there"))
			case 3, 4:
				return job.Again(time.Millisecond, errors.New("busy"))
			}
			return nil
		}, job.Backoff(time.Hour, time.Hour))
		run(t, q)
		enqueue(t, d, q, happened{})
		eventually(t, "the job is done", func() bool { return rows(t, d, "1 = 1") == 0 })
		if !slices.Equal(attempts, []int{1, 1, 1, 2, 3}) {
			t.Error(attempts)
		}
	})
}

// TestPoolsDoNotHoldEachOtherUp: what fills one pool leaves the others alone, and a pool without workers only stores.
func TestPoolsDoNotHoldEachOtherUp(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		q := fast(d, &journal{})
		free, done := make(chan struct{}), make(chan struct{}, 1)
		job.On(q, "test.slow", func(context.Context, happened) error { <-free; return nil }, job.In("slow", 1))
		job.On(q, "test.quick", func(context.Context, other) error { done <- struct{}{}; return nil })
		job.On(q, "test.stored", func(context.Context, other) error { t.Error("it ran"); return nil }, job.In("none", 0))
		run(t, q)
		for i := range 50 {
			enqueue(t, d, q, happened{i})
		}
		enqueue(t, d, q, other{})
		<-done
		close(free)
		eventually(t, "only the stored one is left", func() bool { return rows(t, d, "1 = 1") == 1 && rows(t, d, "listener = 'test.stored'") == 1 })
	})
}

// TestJobsOfAFormerVersionAreGivenUp after a week, and jobs of a newer one are left alone until then.
func TestJobsOfAFormerVersionAreGivenUp(t *testing.T) {
	dbtest.Each(t, folders, func(t *testing.T, d *db.DB) {
		former := hasty(d, &journal{})
		job.On(former, "test.gone", func(context.Context, happened) error { return nil })
		former.Every("test.nightly", time.Hour, func(context.Context) error { return nil })
		if err := former.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the nightly job has run", func() bool { return rows(t, d, "state = 'ready'") == 1 })
		if err := former.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		enqueue(t, d, former, happened{1})
		mangle(t, d, `UPDATE job_job SET run_at = $1`, time.Now().Add(-8*24*time.Hour).UnixMicro())
		enqueue(t, d, former, happened{2})
		q := hasty(d, &journal{})
		job.On(q, "test.known", func(context.Context, other) error { return nil })
		run(t, q)
		eventually(t, "the old one is given up", func() bool {
			return rows(t, d, "state = 'dead' AND error LIKE '%no listener%'") == 1 && rows(t, d, "state = 'ready'") == 1 && rows(t, d, "period > 0") == 0
		})
	})
}

func TestMistakesOfTheProgramPanic(t *testing.T) {
	q := job.New(nil, job.Options{})
	job.On(q, "test.a", func(context.Context, happened) error { return nil })
	for what, f := range map[string]func(){
		"a name twice":   func() { job.On(q, "test.a", func(context.Context, other) error { return nil }) },
		"a short period": func() { q.Every("test.b", time.Millisecond, func(context.Context) error { return nil }) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Error(what)
				}
			}()
			f()
		}()
	}
}
