package billing

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// holders writes n groups of placeholders, each of width, beginning with $first: ($3, $4), ($5, $6).
func holders(first, n, width int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteByte('(')
		for j := range width {
			if j > 0 {
				b.WriteString(", ")
			}
			b.WriteByte('$')
			b.WriteString(strconv.Itoa(first + i*width + j))
		}
		b.WriteByte(')')
	}
	return b.String()
}

// in writes the placeholders of a list, beginning with $first: ($3, $4, $5).
func in(first, n int) string { return holders(first, 1, n) }

func args[T any](list []T) []any {
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = v
	}
	return out
}

// signingKey is the secret that signs addresses; fresh is kept where there is none yet.
func signingKey(ctx context.Context, tx *db.Tx, fresh string, now time.Time) (string, error) {
	if _, err := tx.Exec(ctx, `INSERT INTO billing_key (id, secret, made_at) VALUES (1, $1, $2) ON CONFLICT (id) DO NOTHING`, fresh, db.Micros(now)); err != nil {
		return "", fmt.Errorf("make the key of addresses: %w", err)
	}
	return findKey(ctx, tx)
}

// findKey reads the secret, which is empty where nothing was signed yet.
func findKey(ctx context.Context, r db.Reader) (string, error) {
	var s string
	err := r.Row(ctx, `SELECT secret FROM billing_key WHERE id = 1`).Scan(&s)
	if err != nil && !db.IsNoRows(err) {
		return "", fmt.Errorf("read the key of addresses: %w", err)
	}
	return s, nil
}

const sellerColumns = `s.id, s.ref, s.key, s.name_ja, s.name_en, s.postcode, s.address_ja, s.address_en, s.number, s.contact, s.phone, s.bank, s.branch,
	s.account_kind, s.account, s.holder, s.bank_note, s.exclusive, s.rounding, s.year_month, s.prefix, s.follow, s.later, s.later_days`

func (s *Seller) columns() []any {
	return []any{&s.ID, &s.Ref, &s.Key, &s.Name.JA, &s.Name.EN, &s.Postcode, &s.Street.JA, &s.Street.EN, &s.Number, &s.Contact, &s.Phone, &s.Bank, &s.Branch,
		&s.AccountKind, &s.Account, &s.Holder, &s.BankNote, &s.Exclusive, &s.Rounding, &s.YearMonth, &s.Prefix, &s.Follow, &s.Later, &s.LaterDays}
}

// meetingID finds a meeting; 0 where there is none.
func meetingID(ctx context.Context, r db.Reader, slug string) (id int64, err error) {
	err = r.Row(ctx, `SELECT id FROM event_pub_meeting WHERE slug = $1`, slug).Scan(&id)
	if err != nil && !db.IsNoRows(err) {
		return 0, fmt.Errorf("find the meeting: %w", err)
	}
	return id, nil
}

// sellersOf reads the sellers of a meeting, in their order.
func sellersOf(ctx context.Context, r db.Reader, meeting int64) (list []*Seller, err error) {
	err = db.Each(ctx, r, func(rows *sql.Rows) error {
		s := &Seller{}
		err := rows.Scan(s.columns()...)
		list = append(list, s)
		return err
	}, `SELECT `+sellerColumns+` FROM billing_seller s WHERE s.meeting_id = $1 ORDER BY s.position, s.id`, meeting)
	if err != nil {
		return nil, fmt.Errorf("read the sellers: %w", err)
	}
	return list, nil
}

// saveSeller stores a seller; one without an id is new, and comes last.
func saveSeller(ctx context.Context, tx *db.Tx, meeting int64, s *Seller, now time.Time) error {
	values := []any{s.Name.JA, s.Name.EN, s.Postcode, s.Street.JA, s.Street.EN, s.Number, s.Contact, s.Phone, s.Bank, s.Branch, s.AccountKind, s.Account, s.Holder,
		s.BankNote, bit(s.Exclusive), string(s.Rounding), s.YearMonth, s.Prefix, s.Follow, s.Later, s.LaterDays, db.Micros(now)}
	if s.ID != 0 {
		_, err := tx.Exec(ctx, `UPDATE billing_seller SET name_ja = $1, name_en = $2, postcode = $3, address_ja = $4, address_en = $5, number = $6, contact = $7,
			phone = $8, bank = $9, branch = $10, account_kind = $11, account = $12, holder = $13, bank_note = $14, exclusive = $15, rounding = $16, year_month = $17,
			prefix = $18, follow = $19, later = $20, later_days = $21, changed_at = $22 WHERE id = $23`, append(values, s.ID)...)
		if err != nil {
			return fmt.Errorf("change a seller: %w", err)
		}
		return nil
	}
	s.Ref = newRef()
	id, err := tx.Insert(ctx, `INSERT INTO billing_seller (name_ja, name_en, postcode, address_ja, address_en, number, contact, phone, bank, branch, account_kind, account,
		holder, bank_note, exclusive, rounding, year_month, prefix, follow, later, later_days, changed_at, ref, meeting_id, key, position)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25,
			(SELECT COUNT(*) FROM billing_seller WHERE meeting_id = $24))`, append(values, s.Ref, meeting, s.Key)...)
	if err != nil {
		return fmt.Errorf("add a seller: %w", err)
	}
	s.ID = id
	return nil
}

// langOf reads a language as it is stored.
func langOf(s string) i18n.Lang {
	if l, ok := i18n.ParseLang(s); ok && s != "" {
		return l
	}
	return i18n.JA
}

// hasOrders reports whether a seller has orders.
func hasOrders(ctx context.Context, r db.Reader, seller int64) (bool, error) {
	var n int
	err := r.Row(ctx, `SELECT COUNT(*) FROM billing_order WHERE seller_id = $1`, seller).Scan(&n)
	return n > 0, wrapped("count the orders of a seller", err)
}

// subjectsOf reads the subjects on the order of a number.
func subjectsOf(ctx context.Context, r db.Reader, slug, number string) (out []string, err error) {
	err = db.Each(ctx, r, func(rows *sql.Rows) error {
		var subject string
		err := rows.Scan(&subject)
		out = append(out, subject)
		return err
	}, `SELECT x.subject FROM billing_share x JOIN billing_order o ON o.id = x.order_id JOIN event_pub_meeting m ON m.id = o.meeting_id
		WHERE m.slug = $1 AND o.number = $2 ORDER BY x.subject`, slug, number)
	if err != nil {
		return nil, fmt.Errorf("find who is on an order: %w", err)
	}
	return out, nil
}
