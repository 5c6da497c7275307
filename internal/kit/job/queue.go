package job

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// Queue stores jobs, and runs them between Start and Stop. It is safe for concurrent use once every listener is known.
type Queue struct {
	db        *db.DB
	o         Options
	listeners map[string]*listener
	events    map[string][]*listener // by Event.JobName
	pools     map[string]*pool
	tally     *tally

	mu      sync.Mutex
	started bool
	quit    chan struct{} // closed when Stop begins: nothing more is claimed
	cut     context.CancelCauseFunc
	running sync.WaitGroup // workers and fetchers
	keeping sync.WaitGroup // the keeper of leases, which outlives them
	kept    chan struct{}  // closed when the workers are done
}

// listener is a function for the jobs of one name.
type listener struct {
	name        string
	run         func(ctx context.Context, args []byte) error
	pool        string
	workers     int
	attempts    int
	first, most time.Duration // of the backoff
	timeout     time.Duration
	period      time.Duration // 0 for a listener of an event
}

// shared is the name of the pool of all listeners that name no other.
const shared = "shared"

// New makes a queue on a database that has the table of this package. It does nothing before Start but store jobs.
func New(d *db.DB, o Options) *Queue {
	o = o.withDefaults()
	return &Queue{
		db: d, o: o, listeners: map[string]*listener{}, events: map[string][]*listener{}, pools: map[string]*pool{}, tally: newTally(),
	}
}

// On lets a listener run for each event of the type T. The name is the listener's own, such as "program.index"; it is stored in the jobs and
// must not change. What listens is said before Start and before the first Enqueue; a name that is taken is a mistake of the program, and
// On panics.
func On[T Event](q *Queue, name string, fn func(context.Context, T) error, settings ...Setting) {
	var zero T
	l := q.listen(name, 0, settings)
	l.run = func(ctx context.Context, args []byte) error {
		var e T
		if err := json.Unmarshal(args, &e); err != nil {
			return GiveUp(fmt.Errorf("read the event: %w", err))
		}
		return fn(ctx, e)
	}
	q.events[zero.JobName()] = append(q.events[zero.JobName()], l)
}

// Every lets fn run once in each period, in one of the processes, the first time at once. Periods are counted from 1970 in UTC, so that
// every 24 hours is at 09:00 in Japan. What was missed is not made up for. A run that fails is tried again within the period.
func (q *Queue) Every(name string, period time.Duration, fn func(context.Context) error, settings ...Setting) {
	if period < time.Second {
		panic(fmt.Sprintf("job: %s: a period of %s is too short", name, period))
	}
	l := q.listen(name, period, settings)
	l.run = func(ctx context.Context, _ []byte) error { return fn(ctx) }
}

func (q *Queue) listen(name string, period time.Duration, settings []Setting) *listener {
	if q.started || q.listeners[name] != nil {
		panic("job: " + name + " comes too late, or is there already")
	}
	l := &listener{
		name: name, pool: shared, workers: q.o.Workers, attempts: 20, first: 10 * time.Second, most: time.Hour, timeout: 15 * time.Minute, period: period,
	}
	for _, set := range settings {
		set(l)
	}
	p := q.pools[l.pool]
	if p == nil {
		p = newPool(q, l.pool)
		q.pools[l.pool] = p
	}
	p.workers = max(p.workers, l.workers)
	p.listeners = append(p.listeners, l)
	q.listeners[name] = l
	return l
}

// Enqueue stores a job for each listener of the event, in the transaction of what happened. An event nobody listens to leaves nothing.
func (q *Queue) Enqueue(ctx context.Context, tx *db.Tx, e Event, options ...Option) error {
	listeners := q.events[e.JobName()]
	if len(listeners) == 0 {
		return nil
	}
	args, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("write the event %s: %w", e.JobName(), err)
	}
	now := q.o.Now()
	for _, l := range listeners {
		r, at := row{pool: l.pool, listener: l.name, args: string(args)}, now
		for _, set := range options {
			set(&r, &at)
		}
		if err := insert(ctx, tx, r, at, now); err != nil {
			return err
		}
		if p := q.pools[l.pool]; !at.After(now) {
			tx.OnCommit(p.rouse)
		}
	}
	return nil
}

// Start begins to run jobs. ctx is only for the start itself; the end is Stop.
func (q *Queue) Start(ctx context.Context) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.started {
		return fmt.Errorf("the job queue is started already")
	}
	if err := q.prepare(ctx); err != nil {
		return err
	}
	base, cut := context.WithCancelCause(context.WithoutCancel(ctx))
	q.started, q.quit, q.kept, q.cut = true, make(chan struct{}), make(chan struct{}), cut
	for _, p := range q.pools {
		p.start(base)
	}
	q.keeping.Go(func() { q.keep(base) })
	return nil
}

// prepare plans the periodic jobs.
func (q *Queue) prepare(ctx context.Context) error {
	err := q.db.Write(ctx, func(tx *db.Tx) error {
		for _, name := range q.names() {
			if l := q.listeners[name]; l.period > 0 {
				if err := plan(ctx, tx, l, q.o.Now()); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("start the job queue: %w", err)
	}
	return nil
}

// names lists the listeners, sorted.
func (q *Queue) names() []string {
	out := make([]string, 0, len(q.listeners))
	for name := range q.listeners {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// Stop claims no more jobs, gives back those that have not begun, and waits for those that run. When ctx ends it cancels them and waits for
// them to return, for a little while; a run that was cut off this way is no attempt. A queue that was not started is stopped already.
func (q *Queue) Stop(ctx context.Context) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.started {
		return nil
	}
	q.started = false
	close(q.quit)
	done := make(chan struct{})
	go func() { q.running.Wait(); close(done) }()
	var err error
	select {
	case <-done:
	case <-ctx.Done():
		q.cut(errStopped)
		select {
		case <-done:
		case <-time.After(graceAfterCut):
			err = fmt.Errorf("jobs still run after the stop: %v", q.held())
		}
	}
	q.cut(errStopped)
	close(q.kept)
	q.keeping.Wait()
	return err
}

// graceAfterCut is how long a listener may take to return once its context has ended.
const graceAfterCut = 5 * time.Second

// held names the listeners that run.
func (q *Queue) held() []string {
	var out []string
	for _, p := range q.pools {
		for _, h := range p.all() {
			out = append(out, h.listener)
		}
	}
	slices.Sort(out)
	return out
}

// overdue is how late a job without a listener must be before it is given up: a newer program, which knows it, may be running beside this one.
const overdue = 7 * 24 * time.Hour

// keep renews the leases of what this process holds, until the last worker is done, and now and then looks for jobs nobody knows.
func (q *Queue) keep(ctx context.Context) {
	ctx = context.WithoutCancel(ctx)
	tick := time.NewTicker(q.o.Lease / 3)
	defer tick.Stop()
	swept := time.Time{}
	for {
		select {
		case <-q.kept:
			return
		case <-tick.C:
		}
		for _, p := range q.pools {
			if err := p.renew(ctx); err != nil {
				q.o.Log.ErrorContext(ctx, "leases of jobs could not be renewed", "component", "job", "error", err)
			}
		}
		if now := q.o.Now(); now.Sub(swept).Abs() >= time.Hour && len(q.listeners) > 0 {
			swept = now
			q.sweep(ctx, now)
		}
	}
}

func (q *Queue) sweep(ctx context.Context, now time.Time) {
	var n int64
	err := q.db.Write(ctx, func(tx *db.Tx) (err error) {
		n, err = strand(ctx, tx, q.names(), now.Add(-overdue), now)
		return err
	})
	if err != nil {
		q.o.Log.ErrorContext(ctx, "old jobs could not be looked for", "component", "job", "error", err)
	} else if n > 0 {
		q.o.Log.WarnContext(ctx, "jobs without a listener were given up", "component", "job", "jobs", n)
	}
}
