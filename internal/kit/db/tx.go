package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime/debug"
	"time"
)

// querier is a connection or a transaction of database/sql.
type querier interface {
	ExecContext(context.Context, string, ...any) (sql.Result, error)
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
	QueryRowContext(context.Context, string, ...any) *sql.Row
}

// Tx is a transaction. It is used by one goroutine and only inside the function it was given to.
type Tx struct {
	db     *DB
	q      querier
	prep   func(ctx context.Context, q string) (*sql.Stmt, error) // SQLite's writer keeps its statements
	after  []func()
	trip   *trip // PostgreSQL's: what is sent with the next statement
	shared bool  // with the writes of others: no cancellation of one may end it
	early  bool  // before the transaction: statements are only written down, and counted once it is known that they are sent as they are
	asked  bool  // early, and wanted an answer
}

// DB is the database the transaction runs on.
func (t *Tx) DB() *DB { return t.db }

// Engine says which engine this is.
func (t *Tx) Engine() Engine { return t.db.engine }

// OnCommit calls f after the transaction is durable. Use it to publish: never tell others of a change that may yet be undone. A panic of f is
// the caller's of Write, as one of its fn is; what was written stays.
func (t *Tx) OnCommit(f func()) { t.after = append(t.after, f) }

// told calls what waits for the commit, all of it, and returns the first panic as an error.
func (t *Tx) told() (first error) {
	for _, f := range t.after {
		if err := guarded(func(*Tx) error { f(); return nil }, t); err != nil && first == nil {
			first = err
		}
	}
	return first
}

// errAsked ends the run of a write before its transaction, since it wants an answer.
var errAsked = errors.New("the transaction has not begun")

// Exec runs a statement and returns the number of rows it changed.
func (t *Tx) Exec(ctx context.Context, q string, args ...any) (int64, error) {
	if t.early {
		t.asked = true
		return 0, errAsked
	}
	count(ctx)
	res, err := t.exec(t.context(ctx), q, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// Soon runs a statement whose result nobody asks for. PostgreSQL gets it together with the next statement, or with the COMMIT, in one trip
// over the network; what is wrong with it is the error of that one. Transactions for which thousands wait become shorter by it.
func (t *Tx) Soon(ctx context.Context, q string, args ...any) error {
	if t.trip == nil {
		_, err := t.Exec(ctx, q, args...)
		return err
	}
	if !t.early {
		count(ctx)
	}
	t.trip.add(rebind(t.db.engine, q), args)
	return nil
}

// Expect is Exec for a statement that nearly always changes n rows. Where it need not wait (see DB.Together), it says so before it is known; if
// the statement then changes another number, what it and others did with it is undone, and fn is run again and gets the true answer.
func (t *Tx) Expect(ctx context.Context, n int64, q string, args ...any) (int64, error) {
	if !t.early {
		return t.Exec(ctx, q, args...)
	}
	t.trip.waits = append(t.trip.waits, statement{rebind(t.db.engine, q), args, n})
	return n, nil
}

func (t *Tx) exec(ctx context.Context, q string, args ...any) (sql.Result, error) {
	if t.trip.full() {
		t.trip.add(rebind(t.db.engine, q), args)
		return t.trip.send(ctx)
	}
	if t.prep != nil {
		s, err := t.prep(ctx, q)
		if err != nil {
			return nil, err
		}
		return s.ExecContext(ctx, args...)
	}
	return t.q.ExecContext(ctx, rebind(t.db.engine, q), args...)
}

// Query reads rows inside the transaction. Read them to the end, or close them, before the next statement.
func (t *Tx) Query(ctx context.Context, q string, args ...any) (*sql.Rows, error) {
	if t.early {
		t.asked = true
		return nil, errAsked
	}
	count(ctx)
	ctx = t.context(ctx)
	if t.prep != nil {
		s, err := t.prep(ctx, q)
		if err != nil {
			return nil, err
		}
		return s.QueryContext(ctx, args...)
	}
	if t.trip.full() {
		if _, err := t.trip.send(ctx); err != nil {
			return nil, err
		}
	}
	return t.q.QueryContext(ctx, rebind(t.db.engine, q), args...)
}

// Row reads one row inside the transaction.
func (t *Tx) Row(ctx context.Context, q string, args ...any) *sql.Row {
	if t.early {
		t.asked = true
		return failed(ctx, t.db.r)
	}
	count(ctx)
	ctx = t.context(ctx)
	if t.prep != nil {
		if s, err := t.prep(ctx, q); err == nil {
			return s.QueryRowContext(ctx, args...)
		}
	}
	if t.trip.full() {
		if _, err := t.trip.send(ctx); err != nil {
			t.trip.broken = err
			return failed(ctx, t.q)
		}
	}
	return t.q.QueryRowContext(ctx, rebind(t.db.engine, q), args...)
}

// Insert runs an INSERT and returns the id of its row. The statement must not have a RETURNING clause of its own.
func (t *Tx) Insert(ctx context.Context, q string, args ...any) (int64, error) {
	var id int64
	err := t.Row(ctx, q+" RETURNING id", args...).Scan(&id)
	return id, err
}

// context drops the caller's cancellation inside a shared transaction: cancelling one statement there rolls back everybody.
func (t *Tx) context(ctx context.Context) context.Context {
	if t.prep != nil || t.shared {
		return context.WithoutCancel(ctx)
	}
	return ctx
}

// Write runs fn in a transaction and returns after COMMIT: when it returns nil, what fn did is on disk.
//
// On SQLite many waiting writes share one transaction, each fn in a savepoint of its own, all on one goroutine; ctx cancels a write
// only while it waits for its turn. On PostgreSQL each write is a transaction of its own, run again after a serialisation failure
// or a deadlock. So fn may run twice: its results count only after Write returned nil, it does no I/O, and calls no Write.
func (d *DB) Write(ctx context.Context, fn func(*Tx) error) error {
	if d.engine == SQLite {
		return d.group.write(ctx, fn)
	}
	for try := 0; ; try++ {
		err := d.writeOnce(ctx, fn)
		if err == nil || try == 9 || !isRetryable(err) {
			return err
		}
		select {
		case <-time.After(time.Duration(1<<try) * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (d *DB) writeOnce(ctx context.Context, fn func(*Tx) error) (err error) {
	conn, err := d.w.Conn(ctx)
	if err != nil {
		return fmt.Errorf("begin to write: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin to write: %w", err)
	}
	defer func() { _ = tx.Rollback() }()
	t := &Tx{db: d, q: tx, trip: &trip{conn: conn}}
	if err := fn(t); err != nil {
		return errors.Join(t.trip.broken, err)
	}
	if t.trip.full() {
		if _, err := t.trip.send(ctx); err != nil {
			return err
		}
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return repanic(t.told())
}

// errPanicked carries a panic of fn from the writer's goroutine to the caller's.
type errPanicked struct {
	value any
	stack []byte
}

func (e *errPanicked) Error() string {
	return fmt.Sprintf("panic in a write: %v\n%s", e.value, e.stack)
}

// guarded runs fn and turns a panic into an error, so that one caller's mistake does not end the writer all share.
func guarded(fn func(*Tx) error, t *Tx) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &errPanicked{v, debug.Stack()}
		}
	}()
	return fn(t)
}

// repanic raises in the caller's goroutine what its fn panicked with.
func repanic(err error) error {
	if p, ok := errors.AsType[*errPanicked](err); ok {
		panic(p.Error())
	}
	return err
}
