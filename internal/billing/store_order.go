package billing

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
)

const orderColumns = `o.id, o.ref, m.slug, o.meeting_id, o.seller_id, o.bundle, o.number, o.person_id, o.name, o.organisation, o.department, o.postcode, o.street,
	o.address, o.lang, o.proviso, o.addressed, o.due_at, o.total, o.paid, o.refunded, o.refund_due, o.later, o.later_on, o.documented, o.pending, o.noted,
	o.made_at, o.changed_at, o.link_no`

const orderFrom = ` FROM billing_order o JOIN event_pub_meeting m ON m.id = o.meeting_id `

func scanOrder(scan func(...any) error, more ...any) (*Order, error) {
	o := &Order{}
	var lang string
	var due, made, changed int64
	to := []any{&o.ID, &o.Ref, &o.Slug, &o.Meeting, &o.Seller, &o.Bundle, &o.Number, &o.Payer.Person, &o.Payer.Name, &o.Payer.Organisation, &o.Payer.Department,
		&o.Postcode, &o.Street, &o.Payer.Address, &lang, &o.Proviso, &o.Addressed, &due, &o.Total, &o.Received, &o.Refunded, &o.RefundDue, &o.Later, &o.LaterOn,
		&o.Documented, &o.Pending, &o.Noted, &made, &changed, &o.LinkNo}
	if err := scan(append(to, more...)...); err != nil {
		return nil, err
	}
	o.Payer.Lang = langOf(lang)
	o.Due, o.Made, o.Changed = db.Time(due, time.UTC), db.Time(made, time.UTC), db.Time(changed, time.UTC)
	return o, nil
}

// orders reads the orders of a condition over o and m, the oldest first.
func orders(ctx context.Context, r db.Reader, where string, args ...any) (list []*Order, err error) {
	err = db.Each(ctx, r, func(rows *sql.Rows) error {
		o, err := scanOrder(rows.Scan)
		list = append(list, o)
		return err
	}, `SELECT `+orderColumns+orderFrom+`WHERE `+where+` ORDER BY o.id`, args...)
	if err != nil {
		return nil, fmt.Errorf("read orders: %w", err)
	}
	return list, nil
}

// oneOrder reads the first order of a condition, or nil.
func oneOrder(ctx context.Context, r db.Reader, where string, args ...any) (*Order, error) {
	list, err := orders(ctx, r, where, args...)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}

// concerned are the orders of a bundle, and those a subject had a part in.
const concerned = `meeting_id = $1 AND (bundle = $2 OR id IN (SELECT order_id FROM billing_share WHERE subject = $3))`

// lockBundle keeps others from changing the orders of a bundle and a subject until the transaction ends, and counts them.
func lockBundle(ctx context.Context, tx *db.Tx, meeting int64, bundle, subject string) (int64, error) {
	n, err := tx.Exec(ctx, `UPDATE billing_order SET version = version + 1 WHERE `+concerned, meeting, bundle, subject)
	if err != nil {
		return 0, fmt.Errorf("lock orders: %w", err)
	}
	return n, nil
}

// lockOrder keeps others from changing an order until the transaction ends.
func lockOrder(ctx context.Context, tx *db.Tx, id int64) error {
	if _, err := tx.Exec(ctx, `UPDATE billing_order SET version = version + 1 WHERE id = $1`, id); err != nil {
		return fmt.Errorf("lock an order: %w", err)
	}
	return nil
}

// addOrder stores a new order. It is false where somebody else just made the order of that bundle.
func addOrder(ctx context.Context, tx *db.Tx, o *Order, now time.Time) (bool, error) {
	id, err := tx.Insert(ctx, `INSERT INTO billing_order (ref, meeting_id, seller_id, bundle, number, person_id, name, organisation, department, postcode, street, address, lang,
		proviso, addressed, folded, due_at, total, paid, refunded, refund_due, later, later_on, documented, pending, noted, version, made_at, changed_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', '', $10, $11, '', 0, $12, $13, $14, 0, 0, 0, '', '', 0, 0, '', 1, $15, $15)
		ON CONFLICT (meeting_id, seller_id, bundle) DO NOTHING`,
		o.Ref, o.Meeting, o.Seller, o.Bundle, o.Number, o.Payer.Person, o.Payer.Name, o.Payer.Organisation, o.Payer.Department, o.Payer.Address, string(o.Payer.Lang),
		o.folded(), db.Micros(o.Due), o.Total, db.Micros(now))
	if db.IsNoRows(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("add an order: %w", err)
	}
	o.ID = id
	return true, nil
}

// saveOrder stores what may change of an order, but not what was paid.
func saveOrder(ctx context.Context, tx *db.Tx, o *Order, now time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE billing_order SET person_id = $2, name = $3, organisation = $4, department = $5, postcode = $6, street = $7, address = $8, lang = $9,
		proviso = $10, addressed = $11, folded = $12, due_at = $13, total = $14, refund_due = $15, later = $16, later_on = $17, documented = $18, pending = $19,
		noted = $20, changed_at = $21, link_no = $22 WHERE id = $1`,
		o.ID, o.Payer.Person, o.Payer.Name, o.Payer.Organisation, o.Payer.Department, o.Postcode, o.Street, o.Payer.Address, string(o.Payer.Lang), o.Proviso,
		bit(o.Addressed), o.folded(), db.Micros(o.Due), o.Total, o.RefundDue, o.Later, o.LaterOn, bit(o.Documented), bit(o.Pending), o.Noted, db.Micros(now), o.LinkNo)
	if err != nil {
		return fmt.Errorf("change an order: %w", err)
	}
	return nil
}

// linesOf reads the lines of orders, in the order they are shown.
func linesOf(ctx context.Context, r db.Reader, ids []int64) (list []Owed, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	err = db.Each(ctx, r, func(rows *sql.Rows) error {
		var l Owed
		err := rows.Scan(&l.ID, &l.Order, &l.Subject, &l.Key, &l.Name.JA, &l.Name.EN, &l.Amount, &l.Rate, &l.Quantity, &l.Payer, &l.Seller)
		list = append(list, l)
		return err
	}, `SELECT l.id, l.order_id, l.subject, l.key, l.name_ja, l.name_en, l.amount, l.rate, l.quantity, l.payer, s.key
		FROM billing_line l JOIN billing_order o ON o.id = l.order_id JOIN billing_seller s ON s.id = o.seller_id
		WHERE l.order_id IN `+in(1, len(ids))+` ORDER BY l.order_id, CASE WHEN l.subject = '' THEN 1 ELSE 0 END, l.subject, l.position, l.id`, args(ids)...)
	if err != nil {
		return nil, fmt.Errorf("read the lines of orders: %w", err)
	}
	return list, nil
}

// replaceLines stores what a subject owes for in an order.
func replaceLines(ctx context.Context, tx *db.Tx, order int64, subject string, had bool, list []Owed) error {
	if had {
		if _, err := tx.Exec(ctx, `DELETE FROM billing_line WHERE order_id = $1 AND subject = $2`, order, subject); err != nil {
			return fmt.Errorf("replace lines: %w", err)
		}
	}
	if len(list) == 0 {
		return nil
	}
	const width = 10
	values := make([]any, 0, width*len(list))
	for i := range list {
		l := &list[i]
		values = append(values, order, subject, l.Key, i, l.Name.JA, l.Name.EN, l.Amount, l.Rate, l.Quantity, l.Payer)
	}
	_, err := tx.Exec(ctx, `INSERT INTO billing_line (order_id, subject, key, position, name_ja, name_en, amount, rate, quantity, payer) VALUES `+
		holders(1, len(list), width), values...)
	if err != nil {
		return fmt.Errorf("add lines: %w", err)
	}
	return nil
}

// saveShare stores what a subject owes in an order.
func saveShare(ctx context.Context, tx *db.Tx, order int64, subject string, owed int64) error {
	_, err := tx.Exec(ctx, `INSERT INTO billing_share (order_id, subject, owed) VALUES ($1, $2, $3)
		ON CONFLICT (order_id, subject) DO UPDATE SET owed = excluded.owed`, order, subject, owed)
	if err != nil {
		return fmt.Errorf("store what a subject owes: %w", err)
	}
	return nil
}

// share is what a subject owes in an order, with the order.
type share struct {
	subject string
	owed    int64
	*Order
}

// sharesOf reads in which orders of a meeting subjects have a part: one statement.
func sharesOf(ctx context.Context, r db.Reader, slug string, subjects []string) (list []share, err error) {
	if len(subjects) == 0 {
		return nil, nil
	}
	err = db.Each(ctx, r, func(rows *sql.Rows) error {
		var s share
		var err error
		s.Order, err = scanOrder(rows.Scan, &s.subject, &s.owed)
		list = append(list, s)
		return err
	}, `SELECT `+orderColumns+`, h.subject, h.owed`+orderFrom+`JOIN billing_share h ON h.order_id = o.id WHERE m.slug = $1 AND h.subject IN `+
		in(2, len(subjects))+` ORDER BY o.id`, append([]any{slug}, args(subjects)...)...)
	if err != nil {
		return nil, fmt.Errorf("read what subjects owe: %w", err)
	}
	return list, nil
}

// settledSubjects are those with a part in an order for whom nobody waits any more, in this order or another.
func settledSubjects(ctx context.Context, r db.Reader, order int64) (list []string, err error) {
	err = db.Each(ctx, r, func(rows *sql.Rows) error {
		var s string
		err := rows.Scan(&s)
		list = append(list, s)
		return err
	}, `SELECT h.subject FROM billing_share h WHERE h.order_id = $1 AND h.owed > 0 AND NOT EXISTS (
			SELECT 1 FROM billing_share x JOIN billing_order o ON o.id = x.order_id WHERE x.subject = h.subject AND x.owed > 0
				AND o.total > o.paid - o.refunded - o.refund_due AND o.later <> 'approved')
		ORDER BY h.subject`, order)
	if err != nil {
		return nil, fmt.Errorf("read who is settled: %w", err)
	}
	return list, nil
}

// erasePerson takes the tie between an account and its orders away, and how to reach them. An order of which nothing is left to be paid, to go back
// or documented forgets the name as well. On a joint order the lines in the payer's own name lose it; those of others are not theirs to take away.
func erasePerson(ctx context.Context, tx *db.Tx, person int64) error {
	for _, q := range []string{
		`UPDATE billing_line SET payer = '' WHERE order_id IN (SELECT o.id FROM billing_order o WHERE o.person_id = $1 AND (o.bundle = billing_line.subject
			OR o.name = billing_line.payer))`,
		`UPDATE billing_order SET name = '', organisation = '', department = '', postcode = '', street = '' WHERE person_id = $1 AND paid = 0 AND total = 0
			AND NOT EXISTS (SELECT 1 FROM billing_document d WHERE d.order_id = billing_order.id)`,
		`UPDATE billing_order SET folded = number WHERE person_id = $1`,
		`DELETE FROM billing_reading WHERE order_id IN (SELECT id FROM billing_order WHERE person_id = $1)`,
		`UPDATE billing_order SET person_id = 0, address = '', link_no = link_no + 1 WHERE person_id = $1`,
	} {
		if _, err := tx.Exec(ctx, q, person); err != nil {
			return wrapped("forget a payer", err)
		}
	}
	return nil
}

// mergePerson gives the orders of one account to another.
func mergePerson(ctx context.Context, tx *db.Tx, from, to int64) error {
	_, err := tx.Exec(ctx, `UPDATE billing_order SET person_id = $2 WHERE person_id = $1`, from, to)
	return wrapped("merge payers", err)
}

// forgetSubjects takes the names of those away whose subjects these are. What was issued stays as it was.
func forgetSubjects(ctx context.Context, tx *db.Tx, subjects []string) error {
	if len(subjects) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, `UPDATE billing_line SET payer = '' WHERE subject IN `+in(1, len(subjects)), args(subjects)...)
	return wrapped("forget whose lines are", err)
}
