package billing

import (
	"context"
	"database/sql"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
)

// entries reads the postings of a meeting, or of one seller of it, that count for days from one to another, in the order they were made. A payment
// counts for the day on which it was made, whenever it was recorded, and a refund likewise; what was reversed counts when it was reversed.
func entries(ctx context.Context, r db.Reader, meeting, seller int64, from, to time.Time) (list []BookEntry, err error) {
	err = db.Each(ctx, r, func(rows *sql.Rows) error {
		var e BookEntry
		var on int64
		var o Order
		err := rows.Scan(&e.Voucher, &on, &e.Account, &e.Amount, &e.What, &e.Ref, &e.Why, &e.Number, &o.Payer.Name, &o.Payer.Organisation, &e.Seller, &e.By)
		e.On, e.Payer = db.Time(on, from.Location()), o.label()
		list = append(list, e)
		return err
	}, `SELECT x.voucher, x.counts_on, x.account, x.amount, x.what, x.reference, x.why, COALESCE(o.number, ''), COALESCE(o.name, ''), COALESCE(o.organisation, ''),
			s.key, x.posted_by
		FROM (SELECT p.*, CASE WHEN p.what = 'pay' THEN COALESCE(m.paid_at, p.posted_at) WHEN p.what = 'refund' THEN COALESCE(b.made_on, p.posted_at)
				ELSE p.posted_at END AS counts_on
			FROM billing_posting p LEFT JOIN billing_payment m ON m.ref = p.reference LEFT JOIN billing_refund b ON b.ref = p.reference AND b.state = 'made'
			WHERE p.meeting_id = $1 AND ($2 = 0 OR p.seller_id = $2)) x
		JOIN billing_seller s ON s.id = x.seller_id LEFT JOIN billing_order o ON o.id = x.order_id
		WHERE x.counts_on >= $3 AND x.counts_on < $4 ORDER BY x.id`, meeting, seller, db.Micros(from), db.Micros(to))
	return list, wrapped("read the ledger", err)
}
