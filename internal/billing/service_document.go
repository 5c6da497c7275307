package billing

import (
	"context"
	"strconv"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// dayOf writes a day.
const dayOf = "2006-01-02"

// days says when the transaction takes place, in a language.
func (o *occasion) days(l i18n.Lang) string {
	from, err := time.ParseInLocation(dayOf, o.first, o.zone)
	if err != nil {
		return ""
	}
	to, err := time.ParseInLocation(dayOf, o.last, o.zone)
	if err != nil {
		to = from
	}
	return i18n.Days(l, from, to)
}

// document decides what becomes of a difference between what is owed and what documents say.
func (s *Service) document(ctx context.Context, tx *db.Tx, b *books, a *account, why string) error {
	if !a.Documented {
		a.Pending = false
		return nil
	}
	plus, minus := a.difference()
	a.Pending = len(plus)+len(minus) > 0
	if !a.Pending || a.seller.Follow == FollowDraft {
		return nil
	}
	return s.follow(ctx, tx, b, a, plus, minus, why)
}

// follow issues a credit note over what is taken back and an invoice over what is new.
func (s *Service) follow(ctx context.Context, tx *db.Tx, b *books, a *account, plus, minus []Owed, why string) error {
	if len(minus) > 0 {
		said := a.documented()
		d := s.draft(a, Credit, a.Payer.Lang, minus, a.seller.taken(plain(minus), said))
		d.Content.Proviso = why
		d.Counts = true
		for _, o := range a.docs {
			if o.Counts && o.Kind != Credit && o.Edition == 0 {
				d.Content.Refers = append(d.Content.Refers, Reference{o.Kind, o.Number, o.Content.Date})
			}
		}
		if err := s.issue(ctx, tx, b, a, d); err != nil {
			return err
		}
	}
	if len(plus) > 0 {
		d := s.draft(a, Invoice, a.Payer.Lang, plus, a.seller.rated(plain(plus)))
		d.Counts = true
		if err := s.issue(ctx, tx, b, a, d); err != nil {
			return err
		}
	}
	a.Pending = false
	return nil
}

// draft begins a document over lines.
func (s *Service) draft(a *account, k Kind, l i18n.Lang, lines []Owed, rates []Rated) *Document {
	d := &Document{Order: a.ID, Kind: k, Lang: l}
	c := &d.Content
	c.Kind, c.Lang, c.Seller, c.To, c.Order, c.Exclusive = k, l, a.seller.issuer(l), a.addressee(), a.Number, a.seller.Exclusive
	for i := range lines {
		x := &lines[i]
		c.Lines = append(c.Lines, ContentLine{x.Subject, x.Key, x.Name.In(l), x.Payer, x.Amount, x.Rate, x.Quantity})
	}
	c.Rates = rates
	_, c.Tax, c.Total = totals(rates)
	return d
}

// issue gives a document its number and stores it.
func (s *Service) issue(ctx context.Context, tx *db.Tx, b *books, a *account, d *Document) error {
	o, err := occasionOf(ctx, tx, b.meeting)
	if err != nil {
		return err
	}
	d.Issued = s.o.Now()
	day := d.Issued.In(o.zone)
	c := &d.Content
	d.Year = a.seller.year(day)
	if d.Seq, err = takeNumber(ctx, tx, a.seller.ID, d.Kind, d.Year); err != nil {
		return err
	}
	d.Ref, d.By, d.Number = newRef(), by(ctx), a.seller.number(d.Kind, d.Year, d.Seq)
	c.Number, c.Date, c.Title, c.Days = d.Number, day.Format(dayOf), o.title.In(d.Lang), o.days(d.Lang)
	c.Qualified = a.seller.Number != "" && d.Counts
	if d.Kind == Invoice {
		c.Seller = c.Seller.pay(a.seller)
		if !a.Due.IsZero() {
			c.Due = a.Due.In(o.zone).Format(dayOf)
		}
	}
	d.Total, d.Tax = c.Total, c.Tax
	if err := addDocument(ctx, tx, a.seller.ID, d); err != nil {
		return err
	}
	a.docs = append(a.docs, d)
	a.Documented = a.Documented || d.Counts
	return audit.Record(ctx, tx, audit.Entry{Scope: b.slug, Object: "order:" + a.Ref, Action: "billing.issued", At: d.Issued,
		After: map[string]string{"document": d.Number, "total": strconv.FormatInt(d.Total, 10)}})
}
