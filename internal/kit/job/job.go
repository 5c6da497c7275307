// Package job knows what is to be done later, and sees to it that it is done: a letter, an index, a nightly check.
//
// "Something happened" is an Event. Whoever changes something enqueues the event in the same transaction, so that both are kept or
// neither; one row is stored for each listener of that event, and from there each listener succeeds or fails on its own.
//
// # What is promised
//
// At least once. A listener runs for each of its jobs until it returns nil. It runs again when it returned an error, and when its
// process died under it: whoever works on a job holds a lease of a minute and renews it, and a job whose lease has ended is anybody's.
// So a listener must bear to run twice, and to run while an older run, whose process was cut off from the database, still goes on.
//
// Exactly once, for what happens in the database: a listener that ends its own job in the transaction of its changes (Complete) does
// them once, however often it runs. If it lost the job meanwhile, Complete fails with ErrLost, and the changes with it.
//
// Not in order. Jobs begin roughly by their time, many at once, in as many processes as there are.
//
// # States
//
// ready (待機): to be run at its time. running (実行中): somebody holds the lease. dead (停止): given up, with the reason, until an
// operator runs it again or discards it. A finished job is deleted; a periodic one waits for its next period and is never given up.
//
// A job waits longer after each failure, up to a cap, and is dead after a number of them (see Backoff and Attempts).
//
// Words: a job (ジョブ) is a row; a listener is a function with a name that is stored in the rows, and therefore is never
// changed; a pool is a number of workers that some listeners have for themselves, so that they hold up nobody.
//
// It owns the table job_job.
package job

import (
	"context"
	"embed"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"
)

// Migrations holds the table of this package.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// Event is what happened, as its listeners will read it: a struct that survives JSON. Keep it small, an id rather than a copy, since
// listeners run later and should see what is true then. Fields may be added, and are then empty in older jobs.
type Event interface {
	// JobName is the name of the event, the same for every value of the type: "program.released".
	JobName() string
}

// Options says how a queue works. The zero value is good.
type Options struct {
	Now     func() time.Time // the clock by which jobs are due; nil: the machine's
	Log     *slog.Logger     // nil: none
	Workers int              // of the pool that listeners share; 0: 8
	Poll    time.Duration    // how often the queue looks for what other processes enqueued, or what has become due; 0: a second
	Lease   time.Duration    // after how long a job of a dead process is anybody's; 0: a minute
}

func (o Options) withDefaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Workers <= 0 {
		o.Workers = 8
	}
	if o.Poll <= 0 {
		o.Poll = time.Second
	}
	if o.Lease <= 0 {
		o.Lease = time.Minute
	}
	return o
}

// ID is the row id of a job.
type ID int64

// The states of a job.
const (
	stateReady   = "ready"
	stateRunning = "running"
	stateDead    = "dead"
)

// row is a job as it is stored.
type row struct {
	id       ID
	pool     string
	listener string
	args     string
	attempts int // begun so far, this one included
	claim    int64
	lost     bool // the worker before this one died, or was cut off
	unique   string
	period   time.Duration
}

// Setting changes how one listener is run; see On and Every.
type Setting func(*listener)

// Attempts is how often a job is tried before it is dead; 0 means for ever. Without it there are 20, which last about twelve hours.
func Attempts(n int) Setting { return func(l *listener) { l.attempts = n } }

// Backoff is how long a job waits after its first failure, twice as long after each further one, and most.
func Backoff(first, most time.Duration) Setting {
	return func(l *listener) { l.first, l.most = first, most }
}

// Timeout is how long one run may take before its context ends. Without it there are 15 minutes.
func Timeout(d time.Duration) Setting { return func(l *listener) { l.timeout = d } }

// In gives the listener to a pool of n workers of its own, which the listeners that name it share. With n = 0 its jobs are stored, and
// not run by this process.
func In(pool string, n int) Setting {
	return func(l *listener) { l.pool, l.workers = pool, n }
}

// Option changes how one event is enqueued.
type Option func(*row, *time.Time)

// At lets the job run at a time, not at once.
func At(t time.Time) Option { return func(_ *row, at *time.Time) { *at = t } }

// Unique stores the job only where the listener has none waiting with the same key. One that has begun to run does not count, since it may
// have read before this change.
func Unique(key string) Option { return func(r *row, _ *time.Time) { r.unique = key } }

// ErrLost is what a worker gets that does not hold its job any more: another has taken it over.
var ErrLost = errors.New("the job was taken over by another worker")

// errStopped ends the context of a listener when the program stops.
var errStopped = errors.New("the program is being stopped")

// final marks an error after which no further attempt makes sense.
type final struct{ error }

// Unwrap returns the reason.
func (f final) Unwrap() error { return f.error }

// GiveUp makes an error with which a listener says that trying again is of no use: the job is dead at once.
func GiveUp(err error) error { return final{err} }

// again marks an error with its own time of waiting.
type again struct {
	error
	wait    time.Duration
	counted bool
}

// Unwrap returns the reason.
func (a again) Unwrap() error { return a.error }

// Again makes an error with which a listener says when to try again.
func Again(wait time.Duration, err error) error { return again{err, wait, true} }

// NotYet is Again for what was no attempt at all, and is not counted as one.
func NotYet(wait time.Duration, err error) error { return again{err, wait, false} }

// backoff is how long to wait after attempt n, which counts from 1, without the chance added to it.
func backoff(n int, first, most time.Duration) time.Duration {
	d := first
	for i := 1; i < n && d < most; i++ {
		d *= 2
	}
	return min(d, most)
}

// spread adds up to a tenth, so that what failed together is not tried together.
func spread(d time.Duration) time.Duration {
	return d + time.Duration(rand.Int64N(int64(d)/10+1)) //nolint:gosec // no secret
}

// slot is when the period that t is in began, counted from 1970 in UTC.
func slot(t time.Time, period time.Duration) time.Time {
	us, p := t.UnixMicro(), period.Microseconds()
	return time.UnixMicro(us - us%p)
}

type heldKey struct{}

// Attempt is which attempt this is, counted from 1, in the context of a listener; 0 elsewhere.
func Attempt(ctx context.Context) int {
	if h, ok := ctx.Value(heldKey{}).(*held); ok {
		return h.attempts
	}
	return 0
}

// Rescued reports that the worker before this one died, or was cut off, in the middle of this job: what it did outside of the database may
// be done already.
func Rescued(ctx context.Context) bool {
	h, ok := ctx.Value(heldKey{}).(*held)
	return ok && h.lost
}

// Stopping is closed when the program begins to stop: a listener that only waits for something returns then, with NotYet. The context itself
// ends later, when the time of grace is over. In a context that is no listener's it is nil, which blocks for ever.
func Stopping(ctx context.Context) <-chan struct{} {
	if h, ok := ctx.Value(heldKey{}).(*held); ok {
		return h.queue.quit
	}
	return nil
}
