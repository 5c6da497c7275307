package billing

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// likeEscaper keeps the signs of LIKE from meaning anything.
var likeEscaper = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

// payingOf reads how a meeting takes money.
func payingOf(ctx context.Context, r db.Reader, meeting int64) (Paying, error) {
	p := UsualPaying()
	b := &p.Books
	err := r.Row(ctx, `SELECT card_seller, remind_before, remind_after, remind_times, cancel_after, receivable, advance, refund, bank, card, cash, fee, revenue
		FROM billing_paying WHERE meeting_id = $1`, meeting).Scan(&p.CardSeller, &p.RemindBefore, &p.RemindAfter, &p.RemindTimes, &p.CancelAfter,
		&b.Receivable, &b.Advance, &b.Refund, &b.Bank, &b.Card, &b.Cash, &b.Fee, &b.Revenue)
	if err != nil && !db.IsNoRows(err) {
		return p, fmt.Errorf("read how a meeting takes money: %w", err)
	}
	return p, nil
}

// savePaying stores how a meeting takes money.
func savePaying(ctx context.Context, tx *db.Tx, meeting int64, p *Paying, now time.Time) error {
	b := &p.Books
	_, err := tx.Exec(ctx, `INSERT INTO billing_paying (meeting_id, card_seller, remind_before, remind_after, remind_times, cancel_after, receivable, advance, refund,
			bank, card, cash, fee, revenue, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
		ON CONFLICT (meeting_id) DO UPDATE SET card_seller = excluded.card_seller, remind_before = excluded.remind_before, remind_after = excluded.remind_after,
			remind_times = excluded.remind_times, cancel_after = excluded.cancel_after, receivable = excluded.receivable, advance = excluded.advance,
			refund = excluded.refund, bank = excluded.bank, card = excluded.card, cash = excluded.cash, fee = excluded.fee, revenue = excluded.revenue,
			changed_at = excluded.changed_at`,
		meeting, p.CardSeller, p.RemindBefore, p.RemindAfter, p.RemindTimes, p.CancelAfter, b.Receivable, b.Advance, b.Refund, b.Bank, b.Card, b.Cash, b.Fee,
		b.Revenue, db.Micros(now))
	return wrapped("store how a meeting takes money", err)
}

const depositColumns = `d.id, d.ref, d.seller_id, d.print, d.day, d.amount, d.payer, d.reference, d.state, d.note, d.version, d.decided_by, d.decided_at`

// deposits reads those of a condition over d, the newest day first.
func deposits(ctx context.Context, r db.Reader, where string, args ...any) (list []*Incoming, err error) {
	err = db.Each(ctx, r, func(rows *sql.Rows) error {
		d := &Incoming{}
		var on string
		var at int64
		err := rows.Scan(&d.ID, &d.Ref, &d.Seller, &d.Print, &on, &d.Amount, &d.Payer, &d.Reference, &d.State, &d.Note, &d.Version, &d.By, &at)
		if err != nil {
			return err
		}
		d.At = db.Time(at, time.UTC)
		d.Date, err = time.Parse(time.DateOnly, on)
		list = append(list, d)
		return err
	}, `SELECT `+depositColumns+` FROM billing_deposit d WHERE `+where+` ORDER BY d.day DESC, d.id DESC`, args...)
	return list, wrapped("read deposits", err)
}

// countDeposits counts those of a meeting by state.
func countDeposits(ctx context.Context, r db.Reader, meeting int64) (map[string]int, error) {
	out := map[string]int{}
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		var state string
		var n int
		err := rows.Scan(&state, &n)
		out[state] = n
		return err
	}, `SELECT state, COUNT(*) FROM billing_deposit WHERE meeting_id = $1 GROUP BY state`, meeting)
	return out, wrapped("count deposits", err)
}

// addDeposits stores those that are new and says how many were.
func addDeposits(ctx context.Context, tx *db.Tx, meeting, seller int64, list []Deposit, by string, now time.Time) (fresh int64, err error) {
	const width, most = 16, 50
	for len(list) > 0 {
		some := list[:min(len(list), most)]
		list = list[len(some):]
		values := make([]any, 0, width*len(some))
		for i := range some {
			d := &some[i]
			values = append(values, newRef(), meeting, seller, d.Print, d.Date.Format(time.DateOnly), d.Amount, d.Payer, FoldPayer(d.Payer), d.Reference, DepositOpen, "", 0,
				"", 0, by, db.Micros(now))
		}
		n, err := tx.Exec(ctx, `INSERT INTO billing_deposit (ref, meeting_id, seller_id, print, day, amount, payer, folded, reference, state, note, version,
			decided_by, decided_at, loaded_by, loaded_at) VALUES `+holders(1, len(some), width)+` ON CONFLICT (seller_id, print) DO NOTHING`, values...)
		if err != nil {
			return 0, fmt.Errorf("add deposits: %w", err)
		}
		fresh += n
	}
	return fresh, nil
}

// decideDeposit changes the state of a deposit, if it is still what somebody saw. It is false otherwise.
func decideDeposit(ctx context.Context, tx *db.Tx, d *Incoming, to, note, by string, now time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE billing_deposit SET state = $3, note = $4, version = version + 1, decided_by = $5, decided_at = $6 WHERE id = $1 AND version = $2`,
		d.ID, d.Version, to, note, by, db.Micros(now))
	return n == 1, wrapped("decide about a deposit", err)
}

// addPart notes for which order a deposit was used.
func addPart(ctx context.Context, tx *db.Tx, deposit, order int64, payment string, amount int64) error {
	_, err := tx.Exec(ctx, `INSERT INTO billing_deposit_part (deposit_id, order_id, payment, amount) VALUES ($1, $2, $3, $4)`, deposit, order, payment, amount)
	return wrapped("use a deposit", err)
}

// dropParts forgets for which orders a deposit was used.
func dropParts(ctx context.Context, tx *db.Tx, deposit int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM billing_deposit_part WHERE deposit_id = $1`, deposit)
	return wrapped("free a deposit", err)
}

// partsOf reads for which orders deposits were used.
func partsOf(ctx context.Context, r db.Reader, ids []int64) (list []Part, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	err = db.Each(ctx, r, func(rows *sql.Rows) error {
		var p Part
		var o Order
		err := rows.Scan(&p.Deposit, &p.Order, &p.Number, &o.Payer.Name, &o.Payer.Organisation, &p.Payment, &p.Amount)
		p.Label = o.label()
		list = append(list, p)
		return err
	}, `SELECT p.deposit_id, o.ref, o.number, o.name, o.organisation, p.payment, p.amount FROM billing_deposit_part p JOIN billing_order o ON o.id = p.order_id
		WHERE p.deposit_id IN `+in(1, len(ids))+` ORDER BY o.number`, args(ids)...)
	return list, wrapped("read what deposits were used for", err)
}

// usedElsewhere says which prints of deposits into the same account of a bank were used at another meeting.
func usedElsewhere(ctx context.Context, r db.Reader, seller int64, mark string) (bool, error) {
	var n int
	err := r.Row(ctx, `SELECT COUNT(*) FROM billing_deposit d JOIN billing_seller s ON s.id = d.seller_id JOIN billing_seller me ON me.id = $1
		WHERE d.print = $2 AND d.state = 'used' AND d.seller_id <> $1 AND me.account <> '' AND s.account = me.account AND s.bank = me.bank AND s.branch = me.branch`,
		seller, mark).Scan(&n)
	return n > 0, wrapped("look for a deposit at other meetings", err)
}

// payable is an order that misses money, with what its payer may call themselves.
type payable struct {
	*Order
	kana string
}

// payables reads the orders of a meeting that miss money.
func payables(ctx context.Context, r db.Reader, meeting int64) (list []payable, err error) {
	err = db.Each(ctx, r, func(rows *sql.Rows) error {
		var p payable
		var err error
		p.Order, err = scanOrder(rows.Scan, &p.kana)
		list = append(list, p)
		return err
	}, `SELECT `+orderColumns+`, COALESCE(k.kana, a.kana, '')`+orderFrom+`LEFT JOIN person_pub_account a ON a.id = o.person_id
		LEFT JOIN billing_reading k ON k.order_id = o.id WHERE o.meeting_id = $1 AND o.total > o.paid - o.refunded - o.refund_due ORDER BY o.id`, meeting)
	return list, wrapped("read what is to be paid", err)
}

// alias is a name under which a payer paid before.
type alias struct {
	folded, name, organisation string
	person                     int64
}

// aliases reads under which names payers paid, at every meeting, the newest first.
func aliases(ctx context.Context, r db.Reader) (list []alias, err error) {
	err = db.Each(ctx, r, func(rows *sql.Rows) error {
		var a alias
		err := rows.Scan(&a.folded, &a.name, &a.organisation, &a.person)
		list = append(list, a)
		return err
	}, `SELECT d.folded, o.name, o.organisation, o.person_id FROM billing_deposit d JOIN billing_deposit_part p ON p.deposit_id = d.id
		JOIN billing_order o ON o.id = p.order_id WHERE d.state = 'used' AND d.folded <> '' ORDER BY d.id DESC LIMIT 20000`)
	return list, wrapped("read how payers called themselves", err)
}

// refundsDue reads what has to go back at a meeting, with the orders.
func refundsDue(ctx context.Context, r db.Reader, meeting int64) (list []DueBack, err error) {
	err = db.Each(ctx, r, func(rows *sql.Rows) error {
		var d DueBack
		var since int64
		var err error
		var state string
		d.Order, err = scanOrder(rows.Scan, &d.Ref, &d.Amount, &d.Why, &since, &state)
		d.Leaving = state == "leaving"
		d.Since = db.Time(since, time.UTC)
		list = append(list, d)
		return err
	}, `SELECT `+orderColumns+`, b.ref, b.amount, b.why, b.due_since, b.state`+orderFrom+`JOIN billing_refund b ON b.order_id = o.id
		WHERE o.meeting_id = $1 AND b.state IN ('due', 'leaving') ORDER BY b.due_since, b.id`, meeting)
	return list, wrapped("read what has to go back", err)
}

// lastMethods says for orders how money came in last, and with which reference.
func lastMethods(ctx context.Context, r db.Reader, ids []int64) (map[int64]Payment, error) {
	out := map[int64]Payment{}
	if len(ids) == 0 {
		return out, nil
	}
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		var id int64
		var p Payment
		err := rows.Scan(&id, &p.Method, &p.Reference, &p.Amount, &p.Gate)
		out[id] = p
		return err
	}, `SELECT order_id, method, reference, amount, gate FROM billing_payment WHERE state = 'received' AND order_id IN `+in(1, len(ids))+` ORDER BY id`, args(ids)...)
	return out, wrapped("read how money came in", err)
}

// takings are the sums of cash of a meeting, by gate and by who took it, since a moment.
func takings(ctx context.Context, r db.Reader, meeting int64, gate string, since time.Time) (count, sum int64, err error) {
	err = r.Row(ctx, `SELECT COUNT(*), COALESCE(SUM(p.amount), 0) FROM billing_payment p JOIN billing_order o ON o.id = p.order_id
		WHERE o.meeting_id = $1 AND p.method = 'cash' AND p.gate = $2 AND p.state = 'received' AND p.recorded_at >= $3`, meeting, gate, db.Micros(since)).Scan(&count, &sum)
	return count, sum, wrapped("count the cash of a gate", err)
}

// paymentOf finds a payment by method and reference, or nil.
func paymentOf(ctx context.Context, r db.Reader, method, reference string) (*Payment, int64, error) {
	p := &Payment{Method: method, Reference: reference}
	var order, at int64
	err := r.Row(ctx, `SELECT ref, order_id, amount, gate, recorded_by, paid_at FROM billing_payment WHERE method = $1 AND reference = $2 AND state = 'received'`,
		method, reference).Scan(&p.Ref, &order, &p.Amount, &p.Gate, &p.By, &at)
	if db.IsNoRows(err) {
		return nil, 0, nil
	}
	p.At = db.Time(at, time.UTC)
	return p, order, wrapped("find a payment", err)
}

// ordersLike looks for orders of a meeting by what they are found by: every word has to be in it.
func ordersLike(ctx context.Context, r db.Reader, meeting int64, words []string, limit int) (list []*Order, err error) {
	where, values := `o.meeting_id = $1`, []any{meeting}
	for _, w := range words {
		values = append(values, "%"+likeEscaper.Replace(w)+"%")
		where += fmt.Sprintf(` AND (o.folded LIKE $%d ESCAPE '!' OR k.kana LIKE $%d ESCAPE '!')`, len(values), len(values))
	}
	values = append(values, limit)
	err = db.Each(ctx, r, func(rows *sql.Rows) error {
		o, err := scanOrder(rows.Scan)
		list = append(list, o)
		return err
	}, `SELECT `+orderColumns+orderFrom+`LEFT JOIN billing_reading k ON k.order_id = o.id WHERE `+where+fmt.Sprintf(` ORDER BY CASE WHEN o.total > o.paid - o.refunded - o.refund_due THEN 0 ELSE 1 END, o.id LIMIT $%d`, len(values)), values...)
	return list, wrapped("look for orders", err)
}

// saveReading keeps how the payer of a bundle is read.
func saveReading(ctx context.Context, tx *db.Tx, meeting int64, bundle, kana string) error {
	if kana = clip(fold(kana), 200); kana == "" {
		return nil
	}
	_, err := tx.Exec(ctx, `INSERT INTO billing_reading (order_id, kana) SELECT id, CAST($1 AS TEXT) FROM billing_order WHERE meeting_id = $2 AND bundle = $3
		ON CONFLICT (order_id) DO UPDATE SET kana = excluded.kana`, kana, meeting, bundle)
	return wrapped("keep how a payer is read", err)
}
