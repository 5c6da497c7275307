package billing

import (
	"context"
	"slices"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// dayForm writes a day.
const dayForm = time.DateOnly

// maxDocuments bounds how many documents an order has.
const maxDocuments = 200

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
	if err := s.follow(ctx, tx, b, a, why); err != nil {
		return err
	}
	return s.write(ctx, tx, a, "changed")
}

// follow issues a credit note over what is taken back and an invoice over what is new.
func (s *Service) follow(ctx context.Context, tx *db.Tx, b *books, a *account, why string) error {
	plus, minus := a.difference()
	if len(minus) > 0 {
		said := a.documented()
		d := s.draft(a, Credit, a.Payer.Lang, minus, a.seller.taken(plain(minus), said))
		d.Content.Proviso = why
		d.Counts = true
		d.Content.Refers = a.references()
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

// references are the documents that stand for what was sold.
func (a *account) references() []Reference {
	var out []Reference
	for _, o := range a.docs {
		if o.Counts && o.Kind != Credit {
			out = append(out, Reference{o.Kind, o.Number, o.Content.Date})
		}
	}
	return out
}

// draft begins a document over lines.
func (s *Service) draft(a *account, k Kind, l i18n.Lang, lines []Owed, rates []Rated) *Document {
	d := &Document{Order: a.ID, Kind: k, Lang: l}
	c := &d.Content
	c.Kind, c.Lang, c.Seller, c.To, c.Order, c.Exclusive = k, l, a.seller.issuer(), a.addressee(), a.Number, a.seller.Exclusive
	for i := range lines {
		x := &lines[i]
		c.Lines = append(c.Lines, ContentLine{x.Subject, x.Key, x.Name, x.Payer, x.Amount, x.Rate, x.Quantity})
	}
	c.Rates = rates
	c.Tax, c.Total = totals(rates)
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
	d.Number = a.seller.number(d.Kind, d.Year, d.Seq)
	c.Number, c.Date, c.Title, c.From, c.Until = d.Number, day.Format(dayForm), o.title, o.first, o.last
	c.Qualified = a.seller.Number != "" && d.Counts
	if d.Kind == Invoice {
		c.Seller = c.Seller.pay(a.seller)
		switch {
		case a.Later == approved:
			c.Due = a.LaterOn
		case !a.Due.IsZero():
			c.Due = a.Due.In(o.zone).Format(dayForm)
		}
	}
	d.Total, d.Tax = c.Total, c.Tax
	return s.put(ctx, tx, a, d, "billing.issued")
}

// put stores a document that has its number.
func (s *Service) put(ctx context.Context, tx *db.Tx, a *account, d *Document, action string) error {
	d.Ref, d.By = newRef(), by(ctx)
	if err := addDocument(ctx, tx, a.seller.ID, d); err != nil {
		return err
	}
	a.docs = append(a.docs, d)
	a.Documented = a.Documented || d.Counts
	return audit.Record(ctx, tx, audit.Entry{Scope: a.Slug, Object: "order:" + a.Ref, Action: action, At: d.Issued,
		After: map[string]string{"document": d.Number, "total": yen(d.Total)}})
}

// issueFor issues a document for an order. part chooses what a receipt is over (see within); empty: all that is left.
func (s *Service) issueFor(ctx context.Context, tx *db.Tx, b *books, a *account, k Kind, l i18n.Lang, part string) (err error) {
	all, err := documentsOf(ctx, tx, []int64{a.ID}) // also where none counts yet
	if err != nil {
		return err
	}
	a.docs = all
	if len(a.docs) >= maxDocuments {
		return fault.New(fault.TooMany, "billing.error.documents")
	}
	switch k {
	case Quotation:
		err = s.issueQuotation(ctx, tx, b, a, l)
	case Invoice:
		err = s.issueInvoice(ctx, tx, b, a, l)
	case Receipt:
		err = s.issueReceipt(ctx, tx, b, a, l, part)
	default:
		err = fault.New(fault.Invalid, "billing.error.kind")
	}
	if err != nil {
		return err
	}
	return saveOrder(ctx, tx, a.Order, s.o.Now())
}

func (s *Service) issueQuotation(ctx context.Context, tx *db.Tx, b *books, a *account, l i18n.Lang) error {
	if a.Total <= 0 {
		return fault.New(fault.Conflict, "billing.error.nothing")
	}
	return s.issue(ctx, tx, b, a, s.draft(a, Quotation, l, a.lines, a.rates))
}

func (s *Service) issueInvoice(ctx context.Context, tx *db.Tx, b *books, a *account, l i18n.Lang) error {
	switch {
	case a.Documented && a.Pending:
		return s.follow(ctx, tx, b, a, "")
	case a.Documented:
		return fault.New(fault.Conflict, "billing.error.documented")
	case a.Total <= 0:
		return fault.New(fault.Conflict, "billing.error.nothing")
	}
	d := s.draft(a, Invoice, l, a.lines, a.rates)
	d.Counts = true
	return s.issue(ctx, tx, b, a, d)
}

// issueReceipt writes a receipt for what was paid. Where no invoice stands, one over everything is the qualified invoice itself; one over a part
// is written beside an invoice, so that the tax is rounded once over the whole.
func (s *Service) issueReceipt(ctx context.Context, tx *db.Tx, b *books, a *account, l i18n.Lang, part string) error {
	if a.Missing() > 0 || a.Held() <= 0 {
		return fault.New(fault.Conflict, "billing.error.unpaid")
	}
	lines, rest := a.unreceipted(part)
	if len(lines) == 0 {
		return fault.New(fault.Conflict, "billing.error.receipted")
	}
	first := len(a.receipted()) == 0
	alone := first && rest && !a.Documented
	if !alone && (a.Pending || !a.Documented) {
		if err := s.issueInvoice(ctx, tx, b, a, l); err != nil {
			return err
		}
	}
	d := s.draft(a, Receipt, l, lines, a.receiptRates(lines, rest))
	if d.Content.Total <= 0 {
		return fault.New(fault.Conflict, "billing.error.nothing")
	}
	d.Counts = !a.Documented
	d.Content.Proviso = a.Proviso
	if !d.Counts {
		d.Content.Refers = a.references()
	}
	if err := s.paidHow(ctx, tx, a, d, b); err != nil {
		return err
	}
	return s.issue(ctx, tx, b, a, d)
}

// receiptRates is what a receipt comes to. The last takes what the others left, so that all together are what was paid.
func (a *account) receiptRates(lines []Owed, rest bool) []Rated {
	if !rest {
		return a.seller.rated(plain(lines))
	}
	out := a.rates
	standing := map[same]int{}
	for i := range a.lines {
		l := &a.lines[i]
		standing[same{l.Subject, l.Key, l.Amount, l.Rate}] = l.Quantity
	}
	for k, n := range a.receipted() {
		if standing[k] < n {
			return a.seller.rated(plain(lines)) // something that has a receipt is not owed any more: there is nothing to add up to
		}
	}
	for _, d := range a.docs {
		if d.Kind == Receipt && d.Edition == 0 {
			out = merged(out, d.Content.Rates, -1)
		}
	}
	return out
}

// paidHow adds how and when an order was paid.
func (s *Service) paidHow(ctx context.Context, tx *db.Tx, a *account, d *Document, b *books) error {
	o, err := occasionOf(ctx, tx, b.meeting)
	if err != nil {
		return err
	}
	list, err := paymentsOf(ctx, tx, a.ID)
	for _, p := range list {
		if p.Reversed {
			continue
		}
		if !slices.Contains(d.Content.PaidBy, p.Method) {
			d.Content.PaidBy = append(d.Content.PaidBy, p.Method)
		}
		d.Content.PaidOn = max(d.Content.PaidOn, p.At.In(o.zone).Format(dayForm))
	}
	return err
}

// reissue issues a document again: the same number and content, marked, in a language, for the addressee of now. Amounts, lines and the seller stay
// as they were.
func (s *Service) reissue(ctx context.Context, tx *db.Tx, a *account, ref string, l i18n.Lang) error {
	list, err := documentsOf(ctx, tx, []int64{a.ID})
	if err != nil {
		return err
	}
	i := slices.IndexFunc(list, func(d *Document) bool { return d.Ref == ref })
	if i < 0 {
		return fault.Missing()
	}
	if len(list) >= maxDocuments {
		return fault.New(fault.TooMany, "billing.error.documents")
	}
	for _, d := range list {
		if d.Number == list[i].Number {
			i = slices.Index(list, d) // of its editions, the last
		}
	}
	o, err := occasionOf(ctx, tx, a.Meeting)
	if err != nil {
		return err
	}
	old := list[i]
	d := *old
	d.Issued, d.Edition, d.Counts, d.Lang = s.o.Now(), old.Edition+1, false, l
	c := &d.Content
	if c.First == "" {
		c.First = c.Date
	}
	c.Lang, c.Edition, c.Date = l, d.Edition, d.Issued.In(o.zone).Format(dayForm)
	if to := a.addressee(); c.To != to {
		c.To, c.Readdressed = to, true
	}
	if c.Kind == Receipt {
		c.Proviso = a.Proviso
	}
	return s.put(ctx, tx, a, &d, "billing.reissued")
}
