package mail

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/job"
)

// How long letters are tried and kept.
const (
	patience   = 5 * 24 * time.Hour // from the first attempt (RFC 5321, 4.5.4.1)
	retryFirst = time.Minute
	retryMost  = 2 * time.Hour
	// usual is how long the content of a letter is kept that was sent or given up.
	usual = 30 * 24 * time.Hour
)

// Options says how letters leave.
type Options struct {
	Server Server
	From   Address          // whom letters are from
	Keep   time.Duration    // how long the content of letters is kept that are done; 0: 30 days
	Now    func() time.Time // nil: the machine's clock
	Log    *slog.Logger     // nil: none
}

// Outbox takes letters and sends them. It is safe for concurrent use.
type Outbox struct {
	db   *db.DB
	jobs *job.Queue
	o    Options
	send *sender
}

// queued is the event of a letter in the outbox.
type queued struct {
	Letter int64 `json:"letter"`
}

// JobName is the name in the rows of jobs.
func (queued) JobName() string { return "mail.queued" }

// urgent is the event of a letter that somebody waits for.
type urgent struct {
	Letter int64 `json:"letter"`
}

// JobName is the name in the rows of jobs.
func (urgent) JobName() string { return "mail.urgent" }

// New makes an outbox on a database that has the table of this package. Letters leave while the queue runs.
func New(d *db.DB, jobs *job.Queue, o Options) *Outbox {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Keep <= 0 {
		o.Keep = usual
	}
	b := &Outbox{db: d, jobs: jobs, o: o, send: newSender(o.Server, o.Log)}
	most, quick := max(o.Server.Connections, 2)-1, 1
	if o.Server.Connections == 0 {
		most = 3
	}
	if !b.Sends() {
		most, quick = 0, 0 // the letters wait, without being tried
	}
	forever := job.Attempts(0)
	job.On(jobs, "mail.send", func(ctx context.Context, e queued) error { return b.deliver(ctx, e.Letter) }, job.In("mail", most), forever, job.Timeout(time.Hour))
	job.On(jobs, "mail.send_urgent", func(ctx context.Context, e urgent) error { return b.deliver(ctx, e.Letter) }, job.In("mail.urgent", quick), forever, job.Timeout(time.Hour))
	jobs.Every("mail.erase", 24*time.Hour, b.erase)
	return b
}

// Sends reports whether there is a server that letters can be handed to.
func (b *Outbox) Sends() bool { return b.o.Server.Address != "" }

// Close ends the connections that lie idle. The queue must have stopped.
func (b *Outbox) Close() { b.send.close() }

// Send puts a letter into the outbox. A letter whose key was used before is left out without an error. Whoever writes to thousands does so in
// several transactions of some hundreds, each with keys: others wait for the writer of an SQLite database.
func (b *Outbox) Send(ctx context.Context, tx *db.Tx, l Letter) error {
	if err := l.check(); err != nil {
		return fmt.Errorf("send a letter of kind %q: %w", l.Kind, err)
	}
	id, err := insert(ctx, tx, &l, rand.Text(), b.o.Now())
	if err != nil || id == 0 {
		return err
	}
	return b.enqueue(ctx, tx, id, l.Urgent, l.At)
}

func (b *Outbox) enqueue(ctx context.Context, tx *db.Tx, id int64, hurry bool, at time.Time) error {
	var o []job.Option
	if !at.IsZero() {
		o = append(o, job.At(at))
	}
	if hurry {
		return b.jobs.Enqueue(ctx, tx, urgent{id}, o...)
	}
	return b.jobs.Enqueue(ctx, tx, queued{id}, o...)
}

// SendAgain tries a letter again that was refused or given up: the server's side was mended. ref is Kept.Ref.
func (b *Outbox) SendAgain(ctx context.Context, tx *db.Tx, ref string) error {
	s, err := requeue(ctx, tx, ref)
	if err != nil {
		return fmt.Errorf("send a letter again: %w", err)
	}
	if s == nil {
		return fault.Missing()
	}
	return b.enqueue(ctx, tx, s.id, s.urgent, time.Time{})
}

// deliver is the listener: one letter, one attempt.
func (b *Outbox) deliver(ctx context.Context, id int64) error {
	s, err := read(ctx, b.db, id)
	if err != nil {
		return err
	}
	now := b.o.Now()
	switch {
	case s == nil || s.state != Queued:
		return nil
	case !s.until.IsZero() && !now.Before(s.until):
		return b.settle(ctx, s, Expired, s.reason)
	case !s.first.IsZero() && now.Sub(s.first) > patience:
		return b.settle(ctx, s, Failed, s.reason)
	}
	if job.Rescued(ctx) {
		b.o.Log.WarnContext(ctx, "a letter may arrive twice: the program ended while it was being sent", "component", "mail", "letter", s.ref, "kind", s.kind)
	}
	m, err := compose(s, b.o.From)
	if err == nil {
		err = b.send.deliver(ctx, job.Stopping(ctx), m)
	}
	return b.conclude(ctx, s, err)
}

// conclude says what an attempt means for the letter.
func (b *Outbox) conclude(ctx context.Context, s *stored, err error) error {
	if err == nil {
		return b.settle(ctx, s, Sent, "")
	}
	if _, ok := fault.As(err); ok {
		return b.settle(ctx, s, Refused, err.Error())
	}
	if errors.Is(err, errStopping) {
		return job.NotYet(0, err)
	}
	v, ok := errors.AsType[*verdict](err)
	switch {
	case ok && v.permanent:
		return b.settle(ctx, s, Refused, v.Error())
	case ok && v.uncertain:
		b.o.Log.WarnContext(ctx, "a letter may arrive twice: the SMTP server had it and did not answer", "component", "mail", "letter", s.ref, "kind", s.kind, "error", v.error)
	}
	tried := ok && !v.setup
	if err := b.write(ctx, func(ctx context.Context, tx *db.Tx) error {
		return note(ctx, tx, s, err.Error(), flag(tried), b.o.Now())
	}); err != nil {
		return err
	}
	if !tried { // nothing was handed over: the sender pauses, not the letter
		return job.NotYet(pauseFirst, err)
	}
	wait := retryFirst
	if s.urgent {
		wait = 10 * time.Second
	}
	for range job.Attempt(ctx) - 1 {
		wait = min(2*wait, retryMost)
	}
	return job.Again(wait, err)
}

// settle writes down what became of a letter, together with the end of its job. That the letter has left is not to be lost, so it is
// written also where the program is being stopped or the job was lost to another worker.
func (b *Outbox) settle(ctx context.Context, s *stored, state State, reason string) error {
	err := b.write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := settle(ctx, tx, s, state, reason, b.o.Now()); err != nil {
			return err
		}
		return job.Complete(ctx, tx)
	})
	if errors.Is(err, job.ErrLost) {
		return errors.Join(err, b.write(ctx, func(ctx context.Context, tx *db.Tx) error { return settle(ctx, tx, s, state, reason, b.o.Now()) }))
	}
	if err == nil && state != Sent {
		b.o.Log.WarnContext(ctx, "a letter was not sent", "component", "mail", "letter", s.ref, "kind", s.kind, "state", string(state), "reason", reason)
	}
	return err
}

// write tries for half a minute, or until the program stops, to write what must not be lost: a database that is restarted is back by then.
func (b *Outbox) write(ctx context.Context, fn func(context.Context, *db.Tx) error) error {
	stop := job.Stopping(ctx)
	ctx = context.WithoutCancel(ctx)
	for wait := 50 * time.Millisecond; ; wait *= 2 {
		err := b.db.Write(ctx, func(tx *db.Tx) error { return fn(ctx, tx) })
		if err == nil || errors.Is(err, job.ErrLost) || errors.Is(err, db.ErrClosed) || wait > 15*time.Second {
			return err
		}
		select {
		case <-time.After(wait):
		case <-stop:
			return b.db.Write(ctx, func(tx *db.Tx) error { return fn(ctx, tx) })
		}
	}
}

// erase is the periodic job that removes the content of letters that are done for long.
func (b *Outbox) erase(ctx context.Context) error {
	var n int64
	err := b.db.Write(ctx, func(tx *db.Tx) (err error) {
		n, err = erase(ctx, tx, b.o.Now().Add(-b.o.Keep))
		return err
	})
	if err == nil && n > 0 {
		b.o.Log.InfoContext(ctx, "the content of old letters was erased", "component", "mail", "letters", n)
	}
	return err
}
