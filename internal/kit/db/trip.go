package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// trip is what goes to PostgreSQL in one message, inside a transaction: several statements, answered one after the other.
type trip struct {
	conn   *sql.Conn
	waits  []statement
	went   int   // how often something was sent
	broken error // what a row could not answer with
	fresh  bool  // the savepoint of a write waits to be sent
	unset  bool  // it never was: nothing of the message that had it was done
}

type statement struct {
	q    string
	args []any
	want int64 // how many rows it has to change; -1: any number
}

// errMissed is what a message is answered with in which a statement changed another number of rows than it had to.
var errMissed = errors.New("a statement changed another number of rows than was expected")

func (t *trip) add(q string, args []any) { t.waits = append(t.waits, statement{q, args, -1}) }

// full reports that something waits to be sent.
func (t *trip) full() bool { return t != nil && len(t.waits) > 0 }

// send sends what waits, and answers with the result of the last statement.
func (t *trip) send(ctx context.Context) (sql.Result, error) {
	var batch pgx.Batch
	for _, s := range t.waits {
		batch.Queue(s.q, s.args...)
	}
	sent := t.waits
	t.waits, t.went = nil, t.went+1
	var last pgconn.CommandTag
	done := 0
	err := t.conn.Raw(func(c any) error {
		p, ok := c.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("send several statements: %T is no connection to PostgreSQL", c)
		}
		results := p.Conn().SendBatch(ctx, &batch)
		var err, missed error
		for done < batch.Len() {
			if last, err = results.Exec(); err != nil {
				break
			}
			if want := sent[done].want; want >= 0 && want != last.RowsAffected() {
				missed = errMissed
			}
			done++
		}
		return errors.Join(err, missed, results.Close())
	})
	t.unset = t.unset || t.fresh && err != nil && done == 0
	t.fresh = false
	return driver.RowsAffected(last.RowsAffected()), err
}

// failed is a row that cannot be read.
func failed(ctx context.Context, q querier) *sql.Row {
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	return q.QueryRowContext(ctx, "SELECT 1")
}
