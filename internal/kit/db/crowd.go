package db

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5/pgconn"
)

// maxCrowd bounds how many writes share one transaction on PostgreSQL, and so how long it keeps others from the rows it changed.
const maxCrowd = 64

// maxTrip bounds how many writes go to PostgreSQL in one message, and so how many are run again where one of them fails.
const maxTrip = 32

// crowd lets writes that all want the same row share a transaction on PostgreSQL. One by one, each keeps the row until it is on disk, and
// the disk is what all wait for: measured, 1,700 registrations a second for one quota, whatever the number of connections.
//
// A write is first run on its caller's goroutine, before there is a transaction, and its statements written down. One that asks nothing of the
// database is then only sent, with others in one message; one that asks is run again inside the transaction, between a savepoint and its release.
type crowd struct {
	db    *DB
	queue chan *waiting
	begin sync.Once
	end   sync.Once
	quit  chan struct{}
	done  chan struct{}
}

func newCrowd(d *DB) *crowd {
	return &crowd{db: d, queue: make(chan *waiting, maxCrowd), quit: make(chan struct{}), done: make(chan struct{})}
}

// Together is Write for what thousands want at once. On PostgreSQL, too, those who wait share a transaction, each with a savepoint of its own:
// nobody fails for what another did. On SQLite it is Write.
//
// It is fast for an fn that waits for no answer of the database: whose statements are Soon and Expect alone.
//
// Where the connection breaks while the COMMIT is on its way, nobody knows whether it was done. Everybody in that transaction then gets an
// error and nothing is run again: it may be on disk. So the caller needs a way to find out, such as the key of a form that it stored.
func (d *DB) Together(ctx context.Context, fn func(*Tx) error) error {
	if d.engine == SQLite {
		return d.group.write(ctx, fn)
	}
	d.crowd.begin.Do(func() { go d.crowd.run() })
	return d.crowd.write(ctx, fn)
}

// early runs fn before its transaction and writes down what it wants to be sent. It returns nil where nothing is: fn failed, or did nothing.
func (c *crowd) early(ctx context.Context, fn func(*Tx) error) (*waiting, error) {
	w := &waiting{ctx: ctx, fn: fn, reply: make(chan error, 1), tx: &Tx{db: c.db, trip: &trip{}, early: true}}
	switch err := guarded(fn, w.tx); {
	case w.tx.asked: // whatever came of that
		return w, nil
	case err != nil:
		return nil, err
	case !w.tx.trip.full():
		return nil, w.tx.told()
	}
	w.ready = true
	for range w.tx.trip.waits {
		count(ctx)
	}
	return w, nil
}

// write queues fn and waits for it to be durable.
func (c *crowd) write(ctx context.Context, fn func(*Tx) error) error {
	w, err := c.early(ctx, fn)
	if w == nil {
		return repanic(err)
	}
	select {
	case c.queue <- w:
	case <-ctx.Done():
		return ctx.Err()
	case <-c.quit:
		return ErrClosed
	}
	select {
	case err := <-w.reply:
		if errors.Is(err, errAlone) {
			return c.db.Write(ctx, fn)
		}
		return repanic(err)
	case <-c.done:
		select {
		case err := <-w.reply:
			return repanic(err)
		default:
			return ErrClosed
		}
	}
}

// errUnsure is the end of writes whose COMMIT got no answer: they may be done, so nobody does them again.
var errUnsure = errors.New("the database did not say whether it was done")

// errAlone sends a write away to be done in a transaction of its own.
var errAlone = errors.New("the shared transaction is lost")

func (c *crowd) stop() {
	c.end.Do(func() { close(c.quit) })
	c.begin.Do(func() { close(c.done) }) // it never ran
	<-c.done
}

// run takes whoever waits, together, until the database is closed.
func (c *crowd) run() {
	defer close(c.done)
	for {
		select {
		case <-c.quit:
			return
		case first := <-c.queue:
			c.together(gather(c.queue, first, maxCrowd))
		}
	}
}

// together runs a batch in one transaction. Where that is lost, everybody does their write alone.
func (c *crowd) together(batch []*waiting) {
	err := c.transaction(context.Background(), batch)
	unsure := errors.Is(err, errUnsure)
	for _, w := range batch {
		switch {
		case unsure && w.err == nil:
			w.reply <- err
			continue
		case err != nil && !unsure || isRetryable(w.err):
			w.reply <- errAlone
			continue
		case w.err == nil:
			w.err = w.tx.told()
		}
		w.reply <- w.err
	}
}

// transaction runs each fn in a savepoint. It returns an error where the transaction as a whole is lost.
func (c *crowd) transaction(ctx context.Context, batch []*waiting) (err error) {
	conn, err := c.db.w.Conn(ctx)
	if err != nil {
		return fmt.Errorf("begin to write: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	t := &trip{conn: conn}
	t.add("BEGIN", nil)
	for len(batch) > 0 {
		n := 0
		for n < min(len(batch), maxTrip) && batch[n].ready {
			n++
		}
		if n > 0 {
			err = c.several(ctx, t, batch[:n])
		} else {
			n = 1
			err = c.one(ctx, t, batch[0])
		}
		if err != nil {
			_, back := conn.ExecContext(ctx, "ROLLBACK")
			return errors.Join(err, back)
		}
		batch = batch[n:]
	}
	t.add("COMMIT", nil)
	if _, err := t.send(ctx); err != nil {
		_, back := conn.ExecContext(ctx, "ROLLBACK")
		err = errors.Join(fmt.Errorf("commit: %w", err), back)
		if _, answered := errors.AsType[*pgconn.PgError](err); !answered {
			err = errors.Join(errUnsure, err)
		}
		return err
	}
	return nil
}

// several sends writes that wait for no answer, in one message. Where something is wrong with one of them, they are run one by one.
func (c *crowd) several(ctx context.Context, t *trip, list []*waiting) error {
	t.broken, t.fresh, t.unset = nil, true, false
	t.add("SAVEPOINT one", nil)
	before := len(t.waits)
	for _, w := range list {
		if w.err = w.ctx.Err(); w.err == nil {
			t.waits = append(t.waits, w.tx.trip.waits...)
		}
	}
	if len(t.waits) == before { // nobody waits any more
		t.waits = t.waits[:before-1]
		return nil
	}
	_, err := t.send(ctx)
	if err == nil {
		t.add("RELEASE one", nil)
		return nil
	}
	if t.unset {
		return fmt.Errorf("set a savepoint: %w", err)
	}
	t.waits = t.waits[:0]
	t.add("ROLLBACK TO one", nil)
	t.add("RELEASE one", nil)
	for _, w := range list {
		if err := c.one(ctx, t, w); err != nil {
			return err
		}
	}
	return nil
}

// one runs a write between a savepoint and its release. What the write did not wait for is sent before the next one begins, so that its
// mistakes are its own.
func (c *crowd) one(ctx context.Context, t *trip, w *waiting) error {
	w.tx = &Tx{db: c.db, q: t.conn, trip: t, shared: true}
	before, went := len(t.waits), t.went
	t.broken, t.fresh, t.unset = nil, true, false
	t.add("SAVEPOINT one", nil)
	if w.err = w.ctx.Err(); w.err == nil {
		w.err = guarded(w.fn, w.tx)
	}
	if w.err == nil && len(t.waits) > 0 && t.went > went || w.err == nil && len(t.waits) > before+1 {
		_, w.err = t.send(ctx)
	}
	switch {
	case w.err == nil && t.went == went: // it did nothing
		t.waits = t.waits[:before]
		return nil
	case w.err == nil:
		t.add("RELEASE one", nil)
		return nil
	case t.went == went: // nothing of it was sent
		t.waits = t.waits[:before]
		return nil
	}
	w.err = errors.Join(t.broken, w.err)
	if t.unset { // the savepoint of that name is that of the write before
		return fmt.Errorf("set a savepoint: %w", w.err)
	}
	t.waits = t.waits[:0]
	t.add("ROLLBACK TO one", nil)
	t.add("RELEASE one", nil)
	_, err := t.send(ctx)
	return err
}
