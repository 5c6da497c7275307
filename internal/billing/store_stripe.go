package billing

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// Checkout is a payment by card that was begun.
type Checkout struct {
	ID       int64
	Ref      string
	Order    int64
	Amount   int64
	State    string
	Session  string
	URL      string
	Intent   string
	Note     string
	Made     time.Time
	Settled  time.Time
	Number   string // of the order
	OrderRef string
	Label    string
	Slug     string
}

// The states of a checkout.
const (
	CheckoutOpen   = "open"
	CheckoutPaid   = "paid"
	CheckoutEnded  = "ended"  // nobody paid in time
	CheckoutFailed = "failed" // the service says that the payment did not come
	CheckoutOdd    = "odd"    // what the service says does not fit; a person has to look
)

// checkouts reads those of a condition over c, o and m, the newest first.
func checkouts(ctx context.Context, r db.Reader, where string, args ...any) (list []*Checkout, err error) {
	err = db.Each(ctx, r, func(rows *sql.Rows) error {
		c := &Checkout{}
		var o Order
		var made, settled int64
		err := rows.Scan(&c.ID, &c.Ref, &c.Order, &c.Amount, &c.State, &c.Session, &c.URL, &c.Intent, &c.Note, &made, &settled, &c.Number, &c.OrderRef,
			&o.Payer.Name, &o.Payer.Organisation, &c.Slug)
		c.Made, c.Settled, c.Label = db.Time(made, time.UTC), db.Time(settled, time.UTC), o.label()
		list = append(list, c)
		return err
	}, `SELECT c.id, c.ref, c.order_id, c.amount, c.state, c.session, c.url, c.intent, c.note, c.made_at, c.settled_at, o.number, o.ref, o.name, o.organisation, m.slug
		FROM billing_checkout c JOIN billing_order o ON o.id = c.order_id JOIN event_pub_meeting m ON m.id = o.meeting_id WHERE `+where+` ORDER BY c.id DESC LIMIT 500`, args...)
	return list, wrapped("read checkouts", err)
}

// oneCheckout reads the newest of a condition, or nil.
func oneCheckout(ctx context.Context, r db.Reader, where string, args ...any) (*Checkout, error) {
	list, err := checkouts(ctx, r, where, args...)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}

// addCheckout stores a new one. It is false where another one of the order is open.
func addCheckout(ctx context.Context, tx *db.Tx, c *Checkout, now time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `INSERT INTO billing_checkout (ref, order_id, amount, state, session, url, intent, note, made_at, settled_at)
		VALUES ($1, $2, $3, 'open', '', '', '', '', $4, 0) ON CONFLICT DO NOTHING`, c.Ref, c.Order, c.Amount, db.Micros(now))
	return n == 1, wrapped("begin a checkout", err)
}

// answered stores where the payer is to be sent.
func answered(ctx context.Context, tx *db.Tx, ref string, s *cardState) error {
	_, err := tx.Exec(ctx, `UPDATE billing_checkout SET session = $2, url = $3 WHERE ref = $1 AND session = ''`, ref, s.Session, s.URL)
	return wrapped("keep a checkout", err)
}

// settleCheckout changes the state of a checkout, from one of those in which it may. It is false where it is in none of them.
func settleCheckout(ctx context.Context, tx *db.Tx, c *Checkout, to string, s *cardState, note string, now time.Time, from ...string) (bool, error) {
	values := []any{c.ID, to, s.Session, s.Intent, note, db.Micros(now)}
	n, err := tx.Exec(ctx, `UPDATE billing_checkout SET state = $2, session = CASE WHEN session = '' THEN $3 ELSE session END,
		intent = CASE WHEN CAST($4 AS TEXT) = '' THEN intent ELSE $4 END, note = $5, settled_at = $6 WHERE id = $1 AND state IN `+in(7, len(from)),
		append(values, args(from)...)...)
	return n == 1, wrapped("settle a checkout", err)
}

// addCardEvent notes that the service told something. It is false where it told so before.
func addCardEvent(ctx context.Context, tx *db.Tx, e *cardEvent, state, note string, now time.Time) (bool, error) {
	var object, intent string
	var amount int64
	switch {
	case e.Session != nil:
		object, intent, amount = e.Session.Session, e.Session.Intent, e.Session.Amount
	case e.Refund != nil:
		object, intent, amount = e.Refund.ID, e.Refund.Intent, e.Refund.Amount
	}
	n, err := tx.Exec(ctx, `INSERT INTO billing_card_event (id, kind, object, intent, amount, state, note, received_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (id) DO NOTHING`, e.ID, e.Kind, object, intent, amount, state, note, db.Micros(now))
	return n == 1, wrapped("note an event of the card service", err)
}

// markCardEvent says what became of an event.
func markCardEvent(ctx context.Context, tx *db.Tx, id, state, note string) error {
	_, err := tx.Exec(ctx, `UPDATE billing_card_event SET state = $2, note = $3 WHERE id = $1`, id, state, note)
	return wrapped("note what became of an event", err)
}

// waitingRefunds are the refunds that the service told of before it told of the payment.
func waitingRefunds(ctx context.Context, r db.Reader, intent string) (list []*cardEvent, err error) {
	if intent == "" {
		return nil, nil
	}
	err = db.Each(ctx, r, func(rows *sql.Rows) error {
		e := &cardEvent{Refund: &cardRefund{Intent: intent, Made: true}}
		err := rows.Scan(&e.ID, &e.Kind, &e.Refund.ID, &e.Refund.Amount, &e.Refund.Ref)
		list = append(list, e)
		return err
	}, `SELECT id, kind, object, amount, note FROM billing_card_event WHERE intent = $1 AND state = 'waiting' ORDER BY received_at, id`, intent)
	return list, wrapped("read what waits for a payment", err)
}

// OddEvent is something the card service told that a person has to look at.
type OddEvent struct {
	ID, Kind, Object, Note string
	Amount                 int64
	At                     time.Time
}

// oddEvents reads the refunds that somebody made at the card service and that fit nothing here, for one meeting.
func oddEvents(ctx context.Context, r db.Reader, meeting int64) (list []OddEvent, err error) {
	err = db.Each(ctx, r, func(rows *sql.Rows) error {
		var e OddEvent
		var at int64
		err := rows.Scan(&e.ID, &e.Kind, &e.Object, &e.Note, &e.Amount, &at)
		e.At = db.Time(at, time.UTC)
		list = append(list, e)
		return err
	}, `SELECT e.id, e.kind, e.object, e.note, e.amount, e.received_at FROM billing_card_event e
		WHERE e.state = 'odd' AND e.intent IN (SELECT c.intent FROM billing_checkout c JOIN billing_order o ON o.id = c.order_id WHERE o.meeting_id = $1 AND c.intent <> '')
		ORDER BY e.received_at DESC LIMIT 100`, meeting)
	return list, wrapped("read odd events", err)
}

// madeRefund reports whether a refund of a method with this reference is noted.
func madeRefund(ctx context.Context, r db.Reader, method, reference string) (bool, error) {
	var n int
	err := r.Row(ctx, `SELECT COUNT(*) FROM billing_refund WHERE method = $1 AND reference = $2 AND state = 'made'`, method, reference).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("look for a refund: %w", err)
	}
	return n > 0, nil
}

// atCardService is what the card service collected at a meeting and did not pay out.
func atCardService(ctx context.Context, r db.Reader, meeting int64) (sum int64, err error) {
	err = r.Row(ctx, `SELECT COALESCE(SUM(amount), 0) FROM billing_posting WHERE meeting_id = $1 AND account = $2`, meeting, AtCard).Scan(&sum)
	return sum, wrapped("sum what the card service has", err)
}
