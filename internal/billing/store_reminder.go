package billing

import (
	"context"
	"database/sql"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// How far from the due date anything is done: as far as the settings reach.
const (
	remindAhead  = 61 * 24 * time.Hour
	remindBehind = 370 * 24 * time.Hour
)

// remindable reads the orders that miss money and have a due date near now, of every meeting.
func remindable(ctx context.Context, r db.Reader, now time.Time) ([]*Order, error) {
	return orders(ctx, r, `o.total > o.paid - o.refunded - o.refund_due AND ((o.due_at BETWEEN $1 AND $2) OR (o.later = 'approved' AND o.later_on <> ''))`,
		db.Micros(now.Add(-remindBehind)), db.Micros(now.Add(remindAhead)))
}

// addReminder notes that a step was taken for a due date. It is false where it was taken before.
func addReminder(ctx context.Context, tx *db.Tx, order int64, due, step string, now time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `INSERT INTO billing_reminder (order_id, due_on, step, at) VALUES ($1, $2, $3, $4) ON CONFLICT (order_id, due_on, step) DO NOTHING`,
		order, due, step, db.Micros(now))
	return n == 1, wrapped("note a reminder", err)
}

// owingSubjects are those who owe something in an order.
func owingSubjects(ctx context.Context, r db.Reader, order int64) (list []string, err error) {
	err = db.Each(ctx, r, func(rows *sql.Rows) error {
		var s string
		err := rows.Scan(&s)
		list = append(list, s)
		return err
	}, `SELECT subject FROM billing_share WHERE order_id = $1 AND owed > 0 ORDER BY subject`, order)
	return list, wrapped("read who owes", err)
}

// partlyPaid is the condition over o that something came of what its payer owes at the meeting, to this seller or to another, and is not to go back.
const partlyPaid = `EXISTS (SELECT 1 FROM billing_order x WHERE x.meeting_id = o.meeting_id AND x.bundle = o.bundle AND x.paid > x.refunded + x.refund_due)`

// paidInPart reports that something came of what the payer of an order owes at its meeting.
func paidInPart(ctx context.Context, r db.Reader, o *Order) (bool, error) {
	var n int
	err := r.Row(ctx, `SELECT COUNT(*) FROM billing_order o WHERE o.id = $1 AND `+partlyPaid, o.ID).Scan(&n)
	return n > 0, wrapped("look for a payment", err)
}
