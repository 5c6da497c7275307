package billing

import (
	"context"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/limit"
	"github.com/tsudoi/tsudoi/internal/kit/sign"
)

// perOrder is how often whoever holds the address of an order may change something or have something written.
var perOrder = limit.Rate{Burst: 30, Per: time.Hour}

// Sheet is an order with everything that its page shows.
type Sheet struct {
	*Order
	Seller    *Seller
	Lines     []Owed
	Rates     []Rated
	Docs      []*Document // each number once, the oldest first
	Former    []*Document // that were issued again
	Payments  []*Payment
	Refunds   []*Back
	Siblings  []*Order  // of the same payer, to other sellers
	Subjects  []Subject // who share the order
	Things    []Thing   // for which there is something to write a receipt for
	Receiptal bool      // there is something to write a receipt for
	Meeting   i18n.Text
	Zone      *time.Location
	Token     string
}

// Thing is what lines of an order are about, whoever owes it.
type Thing struct {
	Part string // how a receipt over it is asked for
	Name i18n.Text
}

// Subject is one of those who share an order.
type Subject struct {
	Key, Name string
	Receipt   bool // there is something to write a receipt for
}

// sheet reads what a page of an order shows. The number of statements does not depend on how much that is.
func (s *Service) sheet(ctx context.Context, r db.Reader, o *Order) (*Sheet, error) {
	b, err := meetingBooks(ctx, r, o.Slug)
	if err != nil {
		return nil, err
	}
	if err := b.fill(ctx, r, []*Order{o}); err != nil {
		return nil, err
	}
	a := b.list[0]
	out := &Sheet{Order: o, Seller: a.seller}
	if a.docs, err = documentsOf(ctx, r, []int64{o.ID}); err != nil {
		return nil, err
	}
	a.rates = a.everything()
	out.Lines, out.Rates, out.Docs = a.lines, a.rates, newest(a.docs)
	for _, d := range a.docs {
		if !containsDocument(out.Docs, d) {
			out.Former = append(out.Former, d)
		}
	}
	if out.Payments, err = paymentsOf(ctx, r, o.ID); err != nil {
		return nil, err
	}
	if out.Refunds, err = refundsOf(ctx, r, o.ID); err != nil {
		return nil, err
	}
	if out.Siblings, err = orders(ctx, r, `o.meeting_id = $1 AND o.bundle = $2 AND o.id <> $3`, o.Meeting, o.Bundle, o.ID); err != nil {
		return nil, err
	}
	oc, err := occasionOf(ctx, r, o.Meeting)
	if err != nil {
		return nil, err
	}
	out.Meeting, out.Zone = oc.title, oc.zone
	out.Subjects, out.Receiptal = a.subjects()
	out.Things = a.things()
	secret, err := findKey(ctx, r)
	out.Token = o.token(secret)
	return out, err
}

func containsDocument(list []*Document, d *Document) bool {
	for _, x := range list {
		if x == d {
			return true
		}
	}
	return false
}

// subjects lists who shares an order, and says whether a receipt can be written.
func (a *account) subjects() (list []Subject, any bool) {
	paid := a.Missing() == 0 && a.Held() > 0
	for i := range a.lines {
		l := &a.lines[i]
		if l.Subject == "" || len(list) > 0 && list[len(list)-1].Key == l.Subject {
			continue
		}
		rest, _ := a.unreceipted(l.Subject)
		list = append(list, Subject{l.Subject, l.Payer, paid && len(rest) > 0})
	}
	rest, _ := a.unreceipted("")
	return list, paid && len(rest) > 0
}

// things lists what an order is about, where it is more than one thing and something of it has no receipt yet.
func (a *account) things() (list []Thing) {
	seen := map[string]bool{}
	for i := range a.lines {
		l := &a.lines[i]
		if l.Subject == "" || seen[l.Key] {
			continue
		}
		seen[l.Key] = true
		if rest, _ := a.unreceipted(ofLine + l.Key); len(rest) > 0 {
			list = append(list, Thing{ofLine + l.Key, l.Name})
		}
	}
	if len(seen) < 2 {
		return nil
	}
	return list
}

// TokenOf is the token of an order's address, for whoever may hand it out.
func (s *Service) TokenOf(ctx context.Context, r db.Reader, ref string) (string, error) {
	secret, err := findKey(ctx, r)
	if err != nil || secret == "" {
		return "", err
	}
	o, err := oneOrder(ctx, r, `o.ref = $1`, ref)
	if err != nil || o == nil {
		return "", err
	}
	return o.token(secret), nil
}

// byToken is the order that an address is about.
func byToken(ctx context.Context, r db.Reader, token string) (*Order, error) {
	ref := sign.Ref(token)
	if ref == "" {
		return nil, fault.Missing()
	}
	secret, err := findKey(ctx, r)
	if err != nil {
		return nil, err
	}
	o, err := oneOrder(ctx, r, `o.ref = $1`, ref)
	if err == nil && (o == nil || !sign.Good(token, secret, purpose, ref, o.LinkNo)) {
		err = fault.Missing()
	}
	return o, err
}

// Sheet is the order at an address that was handed on.
func (s *Service) Sheet(ctx context.Context, token string) (out *Sheet, err error) {
	err = s.db.Read(ctx, func(r db.Reader) error {
		o, err := byToken(ctx, r, token)
		if err != nil {
			return err
		}
		out, err = s.sheet(ctx, r, o)
		return err
	})
	return out, err
}

func (s *Service) sheetOf(ctx context.Context, r db.Reader, where string, args ...any) (*Sheet, error) {
	o, err := oneOrder(ctx, r, where, args...)
	if err != nil {
		return nil, err
	}
	if o == nil {
		return nil, fault.Missing()
	}
	return s.sheet(ctx, r, o)
}

// Own are the orders of who is signed in, with their tokens.
func (s *Service) Own(ctx context.Context) (list []*Order, tokens map[string]string, err error) {
	who := authz.Who(ctx)
	if !who.SignedIn() {
		return nil, nil, fault.New(fault.Forbidden, "event.error.may_not")
	}
	if list, err = orders(ctx, s.db, `o.person_id = $1`, who.ID); err != nil {
		return nil, nil, err
	}
	secret, err := findKey(ctx, s.db)
	tokens = map[string]string{}
	for _, o := range list {
		tokens[o.Ref] = o.token(secret)
	}
	return list, tokens, err
}

// act runs what whoever holds the address of an order may do.
func (s *Service) act(ctx context.Context, token string, fn func(tx *db.Tx, b *books, a *account) error) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		o, err := byToken(ctx, tx, token)
		if err != nil {
			return err
		}
		ok, err := perOrder.Allow(ctx, tx, "billing.order", o.Ref, s.o.Now())
		if err != nil {
			return err
		}
		if !ok {
			return fault.New(fault.TooMany, "billing.error.often")
		}
		b, a, err := s.one(ctx, tx, `o.ref = $1`, o.Ref)
		if err != nil {
			return err
		}
		return fn(tx, b, a)
	})
}

// IssueOwn issues a document for whoever holds the address of an order.
func (s *Service) IssueOwn(ctx context.Context, token string, k Kind, l i18n.Lang, subject string) error {
	return s.act(ctx, token, func(tx *db.Tx, b *books, a *account) error { return s.issueFor(ctx, tx, b, a, k, l, subject) })
}

// ReissueOwn issues a document again for whoever holds the address of its order.
func (s *Service) ReissueOwn(ctx context.Context, token, document string, l i18n.Lang) error {
	return s.act(ctx, token, func(tx *db.Tx, _ *books, a *account) error { return s.reissue(ctx, tx, a, document, l) })
}

// Readdress says whom documents from now on are for, and what receipts say they are for.
func (s *Service) Readdress(ctx context.Context, token string, to Addressee, proviso string) error {
	return s.act(ctx, token, func(tx *db.Tx, _ *books, a *account) error { return s.readdress(ctx, tx, a, to, proviso) })
}

func (s *Service) readdress(ctx context.Context, tx *db.Tx, a *account, to Addressee, proviso string) error {
	for _, f := range []*string{&to.Name, &to.Organisation, &to.Department, &to.Postcode, &to.Street, &proviso} {
		*f = tidy(*f)
		if len([]rune(*f)) > 200 {
			return fault.New(fault.Invalid, "billing.error.long")
		}
	}
	if to.Name == "" && to.Organisation == "" {
		return fault.New(fault.Invalid, "billing.error.addressee").On("name")
	}
	to.Postcode = dashes.Replace(straight(to.Postcode))
	a.Payer.Name, a.Payer.Organisation, a.Payer.Department = to.Name, to.Organisation, to.Department
	a.Postcode, a.Street, a.Proviso, a.Addressed = to.Postcode, to.Street, proviso, true
	if err := saveOrder(ctx, tx, a.Order, s.o.Now()); err != nil {
		return err
	}
	return s.record(ctx, tx, a, "billing.readdressed", nil, nil)
}

// tidy is a typed text on one line, as it was written otherwise: a name keeps its letters.
func tidy(s string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == 0x2028 || r == 0x2029 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, ""))), " ")
}

// PayLater asks to pay after the event, on a day, and promises that in writing.
func (s *Service) PayLater(ctx context.Context, token, day string, promised bool, l i18n.Lang) error {
	return s.act(ctx, token, func(tx *db.Tx, b *books, a *account) error {
		switch {
		case a.seller.Later == LaterNo:
			return fault.New(fault.Conflict, "billing.error.later_no")
		case a.Later == asked || a.Later == approved:
			return fault.New(fault.Conflict, "billing.error.later_asked")
		case a.Missing() == 0:
			return fault.New(fault.Conflict, "billing.error.nothing")
		case !promised:
			return fault.New(fault.Invalid, "billing.error.promise").On("promise")
		}
		if err := s.checkLater(ctx, tx, a, straight(day)); err != nil {
			return err
		}
		a.Later, a.LaterOn = asked, straight(day)
		if a.seller.Later == LaterYes {
			a.Later = approved
		}
		d := s.draft(a, Promise, l, nil, nil)
		d.Content.Total, d.Content.LaterOn = a.Missing(), a.LaterOn
		if err := s.issue(ctx, tx, b, a, d); err != nil {
			return err
		}
		if err := saveOrder(ctx, tx, a.Order, s.o.Now()); err != nil {
			return err
		}
		if err := s.record(ctx, tx, a, "billing.later_asked", nil, map[string]string{"day": a.LaterOn, "state": a.Later}); err != nil {
			return err
		}
		return s.tellOrder(ctx, tx, a)
	})
}

// checkLater says whether a day is one on which a debt may be paid.
func (s *Service) checkLater(ctx context.Context, r db.Reader, a *account, day string) error {
	o, err := occasionOf(ctx, r, a.Meeting)
	if err != nil {
		return err
	}
	bad := fault.New(fault.Invalid, "billing.error.later_day").On("day")
	t, err := time.ParseInLocation(dayForm, day, o.zone)
	if err != nil {
		return bad
	}
	last, err := time.ParseInLocation(dayForm, o.last, o.zone)
	if err != nil {
		last = s.o.Now()
	}
	if t.AddDate(0, 0, 1).Before(s.o.Now()) || t.After(last.AddDate(0, 0, max(a.seller.LaterDays, 1))) {
		return fault.New(fault.Invalid, "billing.error.later_range").On("day").With("days", max(a.seller.LaterDays, 1))
	}
	return nil
}

// Paper is a document as a file.
type Paper struct {
	Name string
	Data []byte
}

// PaperOf writes a document of the order at an address that was handed on.
func (s *Service) PaperOf(ctx context.Context, token, document string) (*Paper, error) {
	o, err := byToken(ctx, s.db, token)
	if err != nil {
		return nil, err
	}
	return s.paperOf(ctx, s.db, `d.ref = $1 AND d.order_id = $2`, document, o.ID)
}

// PaperFor writes a document for those who look after the money of a meeting.
func (s *Service) PaperFor(ctx context.Context, slug, order, document string) (*Paper, error) {
	if err := event.Require(ctx, slug, event.MayReadMoney); err != nil {
		return nil, err
	}
	o, err := oneOrder(ctx, s.db, `o.ref = $1 AND m.slug = $2`, order, slug)
	if err != nil || o == nil {
		return nil, orFault(err, fault.Missing())
	}
	return s.paperOf(ctx, s.db, `d.ref = $1 AND d.order_id = $2`, document, o.ID)
}

func (s *Service) paperOf(ctx context.Context, r db.Reader, where string, args ...any) (*Paper, error) {
	list, err := documents(ctx, r, where, args...)
	if err != nil || len(list) == 0 {
		return nil, orFault(err, fault.Missing())
	}
	d := list[0]
	data, err := d.paper()
	if err != nil {
		return nil, err
	}
	name := string(d.Kind) + "-" + d.Number
	if d.Edition > 0 {
		name += "-" + yen(int64(d.Edition))
	}
	return &Paper{name + ".pdf", data}, nil
}
