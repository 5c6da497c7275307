package billing

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

const documentColumns = `d.id, d.ref, d.order_id, d.kind, d.year, d.seq, d.edition, d.number, d.lang, d.counts, d.total, d.tax, d.content, d.issued_at, d.issued_by`

// documents reads the documents of a condition over d, the oldest first.
func documents(ctx context.Context, r db.Reader, where string, args ...any) (list []*Document, err error) {
	err = db.Each(ctx, r, func(rows *sql.Rows) error {
		d := &Document{}
		var lang, content string
		var issued int64
		err := rows.Scan(&d.ID, &d.Ref, &d.Order, &d.Kind, &d.Year, &d.Seq, &d.Edition, &d.Number, &lang, &d.Counts, &d.Total, &d.Tax, &content, &issued, &d.By)
		if err != nil {
			return err
		}
		d.Lang, d.Issued = langOf(lang), db.Time(issued, time.UTC)
		list = append(list, d)
		return json.Unmarshal([]byte(content), &d.Content)
	}, `SELECT `+documentColumns+` FROM billing_document d WHERE `+where+` ORDER BY d.id`, args...)
	if err != nil {
		return nil, fmt.Errorf("read documents: %w", err)
	}
	return list, nil
}

// documentsOf reads the documents of orders, the oldest first.
func documentsOf(ctx context.Context, r db.Reader, ids []int64) ([]*Document, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return documents(ctx, r, `d.order_id IN `+in(1, len(ids)), args(ids)...)
}

// takeNumber takes the next number of a series. Whoever else wants one waits until this transaction ends: none is missing.
func takeNumber(ctx context.Context, tx *db.Tx, seller int64, k Kind, year int) (seq int, err error) {
	_, err = tx.Exec(ctx, `INSERT INTO billing_number (seller_id, kind, year, last) VALUES ($1, $2, $3, 1)
		ON CONFLICT (seller_id, kind, year) DO UPDATE SET last = billing_number.last + 1`, seller, string(k), year)
	if err != nil {
		return 0, fmt.Errorf("take a number: %w", err)
	}
	err = tx.Row(ctx, `SELECT last FROM billing_number WHERE seller_id = $1 AND kind = $2 AND year = $3`, seller, string(k), year).Scan(&seq)
	return seq, wrapped("take a number", err)
}

// addDocument stores a document as it is issued.
func addDocument(ctx context.Context, tx *db.Tx, seller int64, d *Document) error {
	content, err := json.Marshal(d.Content)
	if err != nil {
		return fmt.Errorf("write a document: %w", err)
	}
	d.ID, err = tx.Insert(ctx, `INSERT INTO billing_document (ref, order_id, seller_id, kind, year, seq, edition, number, lang, counts, total, tax, content, issued_at, issued_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
		d.Ref, d.Order, seller, string(d.Kind), d.Year, d.Seq, d.Edition, d.Number, string(d.Lang), bit(d.Counts), d.Total, d.Tax, string(content),
		db.Micros(d.Issued), d.By)
	return wrapped("add a document", err)
}

// occasion is the meeting as documents speak of it.
type occasion struct {
	title       i18n.Text
	first, last string
	zone        *time.Location
}

// occasionOf reads it.
func occasionOf(ctx context.Context, r db.Reader, meeting int64) (*occasion, error) {
	o := &occasion{}
	var zone string
	err := r.Row(ctx, `SELECT title_ja, title_en, first_day, last_day, timezone FROM event_pub_meeting WHERE id = $1`, meeting).
		Scan(&o.title.JA, &o.title.EN, &o.first, &o.last, &zone)
	if err != nil {
		return nil, fmt.Errorf("read the meeting: %w", err)
	}
	if o.zone, err = time.LoadLocation(zone); err != nil || zone == "" {
		o.zone, err = time.LoadLocation("Asia/Tokyo")
	}
	if o.last == "" {
		o.last = o.first
	}
	return o, err
}
