package billing

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// held is what the seller has of a payer's money.
const held = `(o.paid - o.refunded - o.refund_due)`

// figuresOf sums the orders of a meeting by seller: one statement.
func figuresOf(ctx context.Context, r db.Reader, b *books, now time.Time) ([]*Figures, error) {
	out := make([]*Figures, 0, len(b.sellers))
	for _, s := range b.sellers {
		out = append(out, &Figures{Seller: s})
	}
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		var seller int64
		var f Figures
		err := rows.Scan(&seller, &f.Orders, &f.Owed, &f.Held, &f.Missing, &f.Overdue, &f.Later, &f.Excess, &f.RefundDue,
			&f.Unpaid, &f.Late, &f.Asked, &f.Approved, &f.Back, &f.Waiting, &f.Undecided)
		for _, o := range out {
			if o.Seller.ID == seller {
				f.Seller = o.Seller
				*o = f
			}
		}
		return err
	}, `SELECT o.seller_id, COUNT(*), SUM(o.total), SUM(o.paid - o.refunded),
			SUM(CASE WHEN `+held+` < o.total THEN o.total - `+held+` ELSE 0 END),
			SUM(CASE WHEN `+held+` < o.total AND o.later <> 'approved' AND o.due_at > 0 AND o.due_at < $2 THEN o.total - `+held+` ELSE 0 END),
			SUM(CASE WHEN `+held+` < o.total AND o.later = 'approved' THEN o.total - `+held+` ELSE 0 END),
			SUM(CASE WHEN `+held+` > o.total THEN `+held+` - o.total ELSE 0 END), SUM(o.refund_due),
			SUM(CASE WHEN `+held+` < o.total THEN 1 ELSE 0 END),
			SUM(CASE WHEN `+held+` < o.total AND o.later <> 'approved' AND o.due_at > 0 AND o.due_at < $2 THEN 1 ELSE 0 END),
			SUM(CASE WHEN o.later = 'asked' AND `+held+` < o.total THEN 1 ELSE 0 END), SUM(CASE WHEN o.later = 'approved' AND `+held+` < o.total THEN 1 ELSE 0 END),
			SUM(CASE WHEN o.refund_due > 0 THEN 1 ELSE 0 END), SUM(o.pending),
			SUM(CASE WHEN `+held+` < o.total AND o.later <> 'approved' AND o.due_at > 0 AND o.due_at < $2 AND `+partlyPaid+` THEN 1 ELSE 0 END)
		FROM billing_order o WHERE o.meeting_id = $1 GROUP BY o.seller_id`, b.meeting, db.Micros(now))
	return out, wrapped("sum the orders", err)
}

// partWhere is the condition of a part of the list.
func partWhere(part string) string {
	switch part {
	case PartOpen:
		return ` AND ` + held + ` < o.total`
	case PartOverdue:
		return ` AND ` + held + ` < o.total AND o.later <> 'approved' AND o.due_at > 0 AND o.due_at < $2`
	case PartHeld:
		return partWhere(PartOverdue) + ` AND ` + partlyPaid
	case PartPaid:
		return ` AND o.total > 0 AND ` + held + ` >= o.total`
	case PartLater:
		return ` AND o.later <> ''`
	case PartRefund:
		return ` AND o.refund_due > 0`
	case PartOver:
		return ` AND ` + held + ` > o.total`
	case PartPending:
		return ` AND o.pending = 1`
	}
	return ""
}

// findOrders reads a page of the orders of a meeting, and counts them all: two statements.
func findOrders(ctx context.Context, r db.Reader, meeting int64, f Filter, now time.Time) (list []*Order, n int, err error) {
	where := `o.meeting_id = $1 AND CAST($2 AS BIGINT) >= 0` + partWhere(f.Part)
	args := []any{meeting, db.Micros(now)}
	add := func(condition string, v any) {
		args = append(args, v)
		where += strings.ReplaceAll(condition, "?", "$"+strconv.Itoa(len(args)))
	}
	if f.Seller != "" {
		add(` AND o.seller_id IN (SELECT s.id FROM billing_seller s WHERE s.meeting_id = $1 AND s.key = ?)`, f.Seller)
	}
	for i, word := range strings.Fields(f.Text) {
		w := fold(word)
		if w == "" || i >= 8 {
			continue
		}
		args = append(args, strings.ToUpper(straight(word)))
		add(` AND (o.folded LIKE ? ESCAPE '!' OR EXISTS (SELECT 1 FROM billing_document d WHERE d.order_id = o.id AND d.number = $`+
			strconv.Itoa(len(args))+`))`, like(w))
	}
	if err := r.Row(ctx, `SELECT COUNT(*) FROM billing_order o WHERE `+where, args...).Scan(&n); err != nil {
		return nil, 0, wrapped("count orders", err)
	}
	at := (max(f.Page, 1) - 1) * perPage
	err = db.Each(ctx, r, func(rows *sql.Rows) error {
		o, err := scanOrder(rows.Scan)
		list = append(list, o)
		return err
	}, `SELECT `+orderColumns+orderFrom+`WHERE `+where+` ORDER BY o.id DESC LIMIT `+strconv.Itoa(perPage)+` OFFSET `+strconv.Itoa(at), args...)
	return list, n, wrapped("find orders", err)
}

// like is a pattern that finds a folded word anywhere.
func like(w string) string {
	return "%" + strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(w) + "%"
}

// balancesOf sums the accounts of a seller.
func balancesOf(ctx context.Context, r db.Reader, seller int64) (list []Balance, err error) {
	err = db.Each(ctx, r, func(rows *sql.Rows) error {
		var b Balance
		err := rows.Scan(&b.Account, &b.Debit, &b.Credit)
		list = append(list, b)
		return err
	}, `SELECT account, SUM(CASE WHEN amount > 0 THEN amount ELSE 0 END), SUM(CASE WHEN amount < 0 THEN -amount ELSE 0 END)
		FROM billing_posting WHERE seller_id = $1 GROUP BY account ORDER BY account`, seller)
	return list, wrapped("sum the accounts", err)
}

// entriesOf reads postings of a seller before a place, the newest first.
func entriesOf(ctx context.Context, r db.Reader, seller int64, account string, before int64, most int) (list []Entry, err error) {
	if before <= 0 {
		before = 1 << 62
	}
	err = db.Each(ctx, r, func(rows *sql.Rows) error {
		var e Entry
		var at int64
		err := rows.Scan(&e.id, &e.Voucher, &at, &e.Account, &e.Amount, &e.What, &e.Why, &e.Reference, &e.By, &e.Order, &e.Number, &e.Payer)
		e.At = db.Time(at, time.UTC)
		list = append(list, e)
		return err
	}, `SELECT p.id, p.voucher, p.posted_at, p.account, p.amount, p.what, p.why, p.reference, p.posted_by, COALESCE(o.ref, ''), COALESCE(o.number, ''),
			CASE WHEN o.organisation <> '' THEN o.organisation ELSE COALESCE(o.name, '') END
		FROM billing_posting p LEFT JOIN billing_order o ON o.id = p.order_id
		WHERE p.seller_id = $1 AND p.id < $2 AND ($3 = '' OR p.account = $3) ORDER BY p.id DESC LIMIT `+strconv.Itoa(most), seller, before, account)
	return list, wrapped("read the ledger", err)
}

// namesOf reads the names of accounts by their public ids.
func namesOf(ctx context.Context, r db.Reader, refs []string) (map[string]i18n.Text, error) {
	out := map[string]i18n.Text{}
	if len(refs) == 0 {
		return out, nil
	}
	err := db.Each(ctx, r, func(rows *sql.Rows) error {
		var ref string
		var name i18n.Text
		err := rows.Scan(&ref, &name.JA, &name.EN)
		out[ref] = name
		return err
	}, `SELECT ref, name_ja, name_en FROM person_pub_account WHERE ref IN `+in(1, len(refs)), args(refs)...)
	return out, wrapped("read names", err)
}
