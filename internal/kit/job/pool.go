package job

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// pool is a number of workers, what is claimed for them, and the one that claims.
type pool struct {
	q         *Queue
	name      string
	workers   int
	listeners []*listener
	statement string

	wake   chan struct{} // something was enqueued
	room   chan struct{} // a worker is done with a job
	queued chan *held    // claimed and not begun

	mu      sync.Mutex
	holding map[ID]*held
}

// held is a job this process holds the lease of.
type held struct {
	row
	mu    sync.Mutex // guards claim and done once the listener runs
	done  bool       // the listener ended the job itself; see Complete
	cut   context.CancelCauseFunc
	queue *Queue
}

func newPool(q *Queue, name string) *pool {
	return &pool{q: q, name: name, wake: make(chan struct{}, 1), room: make(chan struct{}, 1), holding: map[ID]*held{}}
}

// rouse lets the pool look for jobs. It never waits: the writer of the database calls it.
func (p *pool) rouse() { signal(p.wake) }

// signal leaves a mark in a channel that has room for one.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func (p *pool) start(ctx context.Context) {
	if p.workers == 0 {
		return
	}
	p.statement = claimStatement(p.q.db.Engine(), len(p.listeners))
	p.queued = make(chan *held, 2*p.workers)
	p.q.running.Go(func() { p.fetch(ctx) })
	for range p.workers {
		p.q.running.Go(func() {
			for h := range p.queued {
				p.work(ctx, h)
				p.drop(h)
				signal(p.room)
			}
		})
	}
}

// fetch claims for the workers, when woken or when it is time to look, until the queue stops. Beside the jobs that run it holds one for
// each worker at most: what is claimed here cannot be run by a process that idles.
func (p *pool) fetch(ctx context.Context) {
	defer p.giveBack(ctx)
	poll := time.NewTimer(0)
	defer poll.Stop()
	more := false // the last claim took all there was room for
	for {
		sure := true
		select {
		case <-p.q.quit:
			return
		case <-p.wake:
		case <-p.room:
			if !more || len(p.queued) > p.workers/2 { // a claim is worth it for several jobs
				continue
			}
		case <-poll.C:
			sure = more
		}
		if stopping(p.q.quit) {
			return
		}
		var err error
		if more, err = p.take(ctx, sure); err != nil {
			p.q.o.Log.ErrorContext(ctx, "jobs could not be claimed", "component", "job", "pool", p.name, "error", err)
		}
		poll.Reset(spread(p.q.o.Poll))
	}
}

func stopping(quit chan struct{}) bool {
	select {
	case <-quit:
		return true
	default:
		return false
	}
}

// take claims what there is room for, and reports whether there may be more. Where nobody is sure that there is anything, it looks first.
func (p *pool) take(ctx context.Context, sure bool) (more bool, err error) {
	room := 2*p.workers - p.count()
	if room == 0 {
		return true, nil
	}
	now := p.q.o.Now()
	if !sure {
		if sure, err = p.due(ctx, now); err != nil || !sure {
			return false, err
		}
	}
	rows, err := p.claim(ctx, now, room)
	if err != nil {
		return false, err
	}
	slices.SortFunc(rows, func(a, b row) int { return int(a.id - b.id) })
	for _, r := range rows {
		if h := p.hold(r); h != nil {
			p.queued <- h
		}
	}
	return len(rows) == room, nil
}

// hold notes that this process has a job. A job it holds already, whose lease ended because a clock jumped or the process was stopped for
// long, goes on under the new claim, and hold returns nil.
func (p *pool) hold(r row) *held {
	p.mu.Lock()
	defer p.mu.Unlock()
	if old := p.holding[r.id]; old != nil && old.follow(r.claim) {
		return nil
	}
	h := &held{row: r, queue: p.q}
	p.holding[r.id] = h
	return h
}

// follow takes over the claim after its own.
func (h *held) follow(claim int64) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.done || h.claim != claim-1 {
		return false
	}
	h.claim = claim
	return true
}

// current is the job with the claim it has by now.
func (h *held) current() row {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.row
}

func (p *pool) drop(h *held) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.holding[h.id] == h {
		delete(p.holding, h.id)
	}
}

func (p *pool) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.holding)
}

func (p *pool) all() []*held {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := make([]*held, 0, len(p.holding))
	for _, h := range p.holding {
		out = append(out, h)
	}
	return out
}

// giveBack returns what was claimed and not begun, and lets the workers end.
func (p *pool) giveBack(ctx context.Context) {
	defer close(p.queued)
	for {
		select {
		case h := <-p.queued:
			if err := p.write(ctx, func(ctx context.Context, tx *db.Tx) error {
				return wait(ctx, tx, h.row, h.attempts-1, p.q.o.Now(), "")
			}); err != nil {
				p.q.o.Log.WarnContext(ctx, "a job was not given back; it is run when its lease ends", "component", "job", "listener", h.listener, "error", err)
			}
			p.drop(h)
		default:
			return
		}
	}
}

// renew moves the ends of all leases of the pool, and cuts off those who lost theirs.
func (p *pool) renew(ctx context.Context) error {
	all := p.all()
	if len(all) == 0 {
		return nil
	}
	var lost []*held
	err := p.q.db.Write(ctx, func(tx *db.Tx) error {
		lost = lost[:0]
		until := p.q.o.Now().Add(p.q.o.Lease)
		for _, h := range all {
			r := h.current()
			ok, err := renew(ctx, tx, r.id, r.claim, until)
			if err != nil {
				return err
			}
			if !ok {
				lost = append(lost, h)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, h := range lost {
		h.mu.Lock()
		if h.cut != nil && !h.done {
			h.cut(ErrLost) // or it has just ended, and nobody listens
		}
		h.mu.Unlock()
	}
	return nil
}

// work runs one job and writes down how it ended.
func (p *pool) work(ctx context.Context, h *held) {
	l := p.q.listeners[h.listener]
	if l.period == 0 && l.attempts > 0 && h.attempts > l.attempts {
		p.finish(ctx, h, l, GiveUp(errors.New("the process died, or was cut off, at each attempt")), 0)
		return
	}
	run, cut := context.WithCancelCause(ctx)
	defer cut(nil)
	run, end := context.WithTimeout(run, l.timeout)
	defer end()
	h.mu.Lock()
	h.cut = cut
	h.mu.Unlock()
	began := time.Now()
	err := call(context.WithValue(authz.System(run, l.name), heldKey{}, h), l, h.args)
	if err != nil && run.Err() != nil {
		err = fmt.Errorf("%w (%w)", err, context.Cause(run))
	}
	p.finish(ctx, h, l, err, time.Since(began))
}

// call runs the listener, and turns a panic into an error.
func call(ctx context.Context, l *listener, args string) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	return l.run(ctx, []byte(args))
}

// outcome is how a run ended.
type outcome string

const (
	finished outcome = "done"
	retried  outcome = "failed"
	stopped  outcome = "stopped"
	died     outcome = "dead"
	lost     outcome = "lost"
)

// finish writes down how a run ended.
func (p *pool) finish(ctx context.Context, h *held, l *listener, err error, took time.Duration) {
	h.mu.Lock()
	done := h.done
	h.mu.Unlock()
	if done {
		p.q.tally.add(l.name, finished, took)
		if err != nil {
			p.q.o.Log.ErrorContext(ctx, "a listener failed after it had ended its job", "component", "job", "listener", l.name, "error", err)
		}
		return
	}
	how, set := p.decide(h, l, err)
	if how != lost {
		if err := p.write(ctx, func(ctx context.Context, tx *db.Tx) error { return set(ctx, tx, h.current()) }); errors.Is(err, ErrLost) {
			how = lost
		} else if err != nil {
			p.q.o.Log.ErrorContext(ctx, "the end of a job could not be written; it runs again when its lease ends", "component", "job", "listener", l.name, "job", h.id, "error", err)
			return
		}
	}
	p.q.tally.add(l.name, how, took)
	p.tell(ctx, h, how, err, took)
}

// decide says how a run ended, and what is to be written.
func (p *pool) decide(h *held, l *listener, err error) (outcome, func(context.Context, *db.Tx, row) error) {
	now := p.q.o.Now()
	until := func(at time.Time, attempts int, reason string) func(context.Context, *db.Tx, row) error {
		return func(ctx context.Context, tx *db.Tx, r row) error { return wait(ctx, tx, r, attempts, at, reason) }
	}
	later, own := errors.AsType[again](err)
	_, hopeless := errors.AsType[final](err)
	switch {
	case err == nil && l.period > 0:
		return finished, until(slot(now, l.period).Add(l.period), 0, "")
	case err == nil:
		return finished, func(ctx context.Context, tx *db.Tx, r row) error { return end(ctx, tx, r.id, r.claim) }
	case errors.Is(err, errStopped):
		return stopped, until(now, h.attempts-1, "")
	case errors.Is(err, ErrLost):
		return lost, nil
	case own && !later.counted:
		return retried, until(now.Add(later.wait), h.attempts-1, why(err))
	case l.period > 0:
		next := now.Add(spread(backoff(h.attempts, l.first, min(l.most, l.period))))
		return retried, until(next, h.attempts, why(err))
	case hopeless || l.attempts > 0 && h.attempts >= l.attempts:
		return died, func(ctx context.Context, tx *db.Tx, r row) error { return kill(ctx, tx, r, now, why(err)) }
	case own:
		return retried, until(now.Add(later.wait), h.attempts, why(err))
	}
	return retried, until(now.Add(spread(backoff(h.attempts, l.first, l.most))), h.attempts, why(err))
}

// why is the reason that is kept with a job, as any database takes it.
func why(err error) string {
	const most = 2000 // bytes
	s := err.Error()
	return strings.ReplaceAll(strings.ToValidUTF8(s[:min(len(s), most)], "\ufffd"), "\x00", "\ufffd")
}

func (p *pool) tell(ctx context.Context, h *held, how outcome, err error, took time.Duration) {
	level, text := slog.LevelDebug, "a job is done"
	switch how {
	case retried:
		level, text = slog.LevelWarn, "a job failed and is tried again"
	case died:
		level, text = slog.LevelError, "a job is dead; see /admin/jobs"
	case lost:
		level, text = slog.LevelWarn, "a job was taken over by another worker"
	case stopped:
		level, text = slog.LevelInfo, "a job was cut off by the stop and is run again"
	}
	a := []slog.Attr{
		slog.String("component", "job"), slog.String("listener", h.listener), slog.Int64("job", int64(h.id)), slog.Int("attempt", h.attempts), slog.Duration("took", took),
	}
	if err != nil {
		a = append(a, slog.String("error", why(err)))
	}
	p.q.o.Log.LogAttrs(ctx, level, text, a...)
}

// write changes the database whatever became of the run's context, and tries again for a while where it does not answer.
func (p *pool) write(ctx context.Context, fn func(context.Context, *db.Tx) error) error {
	ctx = context.WithoutCancel(ctx)
	var err error
	for try := range 4 {
		err = p.q.db.Write(ctx, func(tx *db.Tx) error { return fn(ctx, tx) })
		if err == nil || errors.Is(err, ErrLost) || errors.Is(err, db.ErrClosed) {
			return err
		}
		time.Sleep(50 * time.Millisecond << (2 * try))
	}
	return err
}

// Complete ends the job of a listener inside the transaction of its changes, so that both happen once or not at all. ctx is the one the
// listener was given. Nothing that fails afterwards brings the job back.
func Complete(ctx context.Context, tx *db.Tx) error {
	h, ok := ctx.Value(heldKey{}).(*held)
	if !ok {
		return errors.New("job: Complete outside of a listener")
	}
	r := h.current()
	var err error
	if r.period > 0 {
		err = wait(ctx, tx, r, 0, slot(h.queue.o.Now(), r.period).Add(r.period), "")
	} else {
		err = end(ctx, tx, r.id, r.claim)
	}
	if err != nil {
		return err
	}
	tx.OnCommit(func() {
		h.mu.Lock()
		h.done = true
		h.mu.Unlock()
	})
	return nil
}
