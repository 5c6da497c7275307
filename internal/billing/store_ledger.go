package billing

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// balances reads what the accounts of an order say.
func balances(ctx context.Context, r db.Reader, order int64) (map[string]int64, error) {
	out := map[string]int64{}
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		var account string
		var sum int64
		err := rows.Scan(&account, &sum)
		out[account] = sum
		return err
	}, `SELECT account, SUM(amount) FROM billing_posting WHERE order_id = $1 GROUP BY account`, order)
	if err != nil {
		return nil, fmt.Errorf("read the accounts of an order: %w", err)
	}
	return out, nil
}

// addVoucher stores the postings of a voucher.
func addVoucher(ctx context.Context, tx *db.Tx, v *Voucher) error {
	const width = 11
	values := make([]any, 0, width*len(v.Rows))
	for _, p := range v.Rows {
		values = append(values, v.Ref, v.Meeting, v.Seller, v.Order, p.Account, p.Amount, v.What, v.Reference, v.Why, db.Micros(v.At), v.By)
	}
	_, err := tx.Exec(ctx, `INSERT INTO billing_posting (voucher, meeting_id, seller_id, order_id, account, amount, what, reference, why, posted_at, posted_by) VALUES `+
		holders(1, len(v.Rows), width), values...)
	if err != nil {
		return fmt.Errorf("post: %w", err)
	}
	return nil
}

// addPayment stores a payment and counts it in its order. It is false where one of the same method and reference was stored before.
func addPayment(ctx context.Context, tx *db.Tx, order int64, p *Payment) (bool, error) {
	n, err := tx.Exec(ctx, `INSERT INTO billing_payment (ref, order_id, method, amount, paid_at, reference, gate, recorded_by, recorded_at, state)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'received') ON CONFLICT (method, reference) WHERE reference <> '' DO NOTHING`,
		p.Ref, order, p.Method, p.Amount, db.Micros(p.At), p.Reference, p.Gate, p.By, db.Micros(p.Recorded))
	if err != nil {
		return false, fmt.Errorf("add a payment: %w", err)
	}
	if n == 0 {
		return false, nil
	}
	_, err = tx.Exec(ctx, `UPDATE billing_order SET paid = paid + $2, changed_at = $3 WHERE id = $1`, order, p.Amount, db.Micros(p.Recorded))
	if err != nil {
		return false, fmt.Errorf("count a payment: %w", err)
	}
	return true, nil
}

// reversePayment takes a payment back that was recorded by mistake. It is false where that was done before.
func reversePayment(ctx context.Context, tx *db.Tx, order int64, p *Payment, now time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE billing_payment SET state = 'reversed' WHERE ref = $1 AND order_id = $2 AND state = 'received'`, p.Ref, order)
	if err != nil || n == 0 {
		return false, wrapped("reverse a payment", err)
	}
	_, err = tx.Exec(ctx, `UPDATE billing_order SET paid = paid - $2, changed_at = $3 WHERE id = $1`, order, p.Amount, db.Micros(now))
	return err == nil, wrapped("reverse a payment", err)
}

// wrapped says what was being done; nil stays nil.
func wrapped(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}

// paymentsOf reads the payments of an order, the oldest first.
func paymentsOf(ctx context.Context, r db.Reader, order int64) (list []*Payment, err error) {
	err = db.Each(ctx, r, func(rows *sql.Rows) error {
		p := &Payment{}
		var at, recorded int64
		var state string
		err := rows.Scan(&p.Ref, &p.Method, &p.Amount, &at, &p.Reference, &p.Gate, &p.By, &recorded, &state)
		p.At, p.Recorded, p.Reversed = db.Time(at, time.UTC), db.Time(recorded, time.UTC), state == "reversed"
		list = append(list, p)
		return err
	}, `SELECT ref, method, amount, paid_at, reference, gate, recorded_by, recorded_at, state FROM billing_payment WHERE order_id = $1 ORDER BY id`, order)
	return list, wrapped("read the payments", err)
}

// refundsOf reads what went back of an order, and what has to, the oldest first.
func refundsOf(ctx context.Context, r db.Reader, order int64) (list []*Back, err error) {
	err = db.Each(ctx, r, func(rows *sql.Rows) error {
		b := &Back{}
		var since, on int64
		var state string
		err := rows.Scan(&b.Ref, &b.Amount, &b.Why, &state, &b.Method, &b.Reference, &b.Gate, &since, &on, &b.By)
		b.Made, b.Leaving, b.Since, b.On = state == "made", state == "leaving", db.Time(since, time.UTC), db.Time(on, time.UTC)
		list = append(list, b)
		return err
	}, `SELECT ref, amount, why, state, method, reference, gate, due_since, made_on, noted_by FROM billing_refund WHERE order_id = $1 ORDER BY id`, order)
	return list, wrapped("read the refunds", err)
}

// leaving is how much of an order is on its way back through the card service. Nobody takes that back, or gives it back in another way.
func leaving(ctx context.Context, r db.Reader, order int64) (sum int64, err error) {
	err = r.Row(ctx, `SELECT COALESCE(SUM(amount), 0) FROM billing_refund WHERE order_id = $1 AND state = 'leaving'`, order).Scan(&sum)
	return sum, wrapped("sum what is on its way back", err)
}

// moveRefund brings a refund that was not made from one state to another. It is false where it is in neither.
func moveRefund(ctx context.Context, tx *db.Tx, order int64, ref, from, to string) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE billing_refund SET state = $4 WHERE order_id = $1 AND ref = $2 AND state IN ($3, $4)`, order, ref, from, to)
	return n == 1, wrapped("send a refund", err)
}

// stayRefund makes a refund that the card service refused wait again: with what had to go back besides, where there is such.
func stayRefund(ctx context.Context, tx *db.Tx, order int64, ref string) error {
	n, err := tx.Exec(ctx, `UPDATE billing_refund SET amount = amount + (SELECT r.amount FROM billing_refund r WHERE r.order_id = $1 AND r.ref = $2 AND r.state = 'leaving')
		WHERE order_id = $1 AND state = 'due' AND EXISTS (SELECT 1 FROM billing_refund r WHERE r.order_id = $1 AND r.ref = $2 AND r.state = 'leaving')`, order, ref)
	if err != nil {
		return wrapped("keep a refund", err)
	}
	if n > 0 {
		_, err = tx.Exec(ctx, `DELETE FROM billing_refund WHERE order_id = $1 AND ref = $2 AND state = 'leaving'`, order, ref)
		return wrapped("keep a refund", err)
	}
	_, err = moveRefund(ctx, tx, order, ref, "leaving", "due")
	return err
}

// setRefundDue stores what has to go back of an order besides what is on its way; 0: nothing.
func setRefundDue(ctx context.Context, tx *db.Tx, order, amount int64, why string, now time.Time) error {
	gone, err := leaving(ctx, tx, order)
	if err != nil {
		return err
	}
	if amount -= gone; amount <= 0 {
		_, err := tx.Exec(ctx, `DELETE FROM billing_refund WHERE order_id = $1 AND state = 'due'`, order)
		return wrapped("take a refund back", err)
	}
	n, err := tx.Exec(ctx, `UPDATE billing_refund SET amount = $2, why = $3 WHERE order_id = $1 AND state = 'due'`, order, amount, why)
	if err != nil || n > 0 {
		return wrapped("change a refund", err)
	}
	_, err = tx.Exec(ctx, `INSERT INTO billing_refund (ref, order_id, amount, why, state, method, reference, gate, due_since, made_on, noted_by)
		VALUES ($1, $2, $3, $4, 'due', '', '', '', $5, 0, '')`, newRef(), order, amount, why, db.Micros(now))
	return wrapped("add a refund", err)
}

// makeRefund notes that what had to go back went back.
func makeRefund(ctx context.Context, tx *db.Tx, order int64, b *Back, now time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE billing_refund SET state = 'made', method = $3, reference = $4, gate = $5, made_on = $6, noted_by = $7
		WHERE order_id = $1 AND ref = $2 AND (state = 'due' OR state = 'leaving' AND $3 = 'card')`, order, b.Ref, b.Method, b.Reference, b.Gate, db.Micros(b.On), b.By)
	if err != nil || n == 0 {
		return false, wrapped("note a refund", err)
	}
	_, err = tx.Exec(ctx, `UPDATE billing_order SET refunded = refunded + $2, refund_due = refund_due - $2, changed_at = $3 WHERE id = $1`,
		order, b.Amount, db.Micros(now))
	return err == nil, wrapped("count a refund", err)
}
