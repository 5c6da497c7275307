package billing

import (
	"context"
	"fmt"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/job"
	"github.com/tsudoi/tsudoi/internal/kit/mail"
)

// Outbox takes letters, which leave once the transaction is durable.
type Outbox interface {
	Send(ctx context.Context, tx *db.Tx, l mail.Letter) error
}

// Jobs takes what is to be done later.
type Jobs interface {
	Enqueue(ctx context.Context, tx *db.Tx, e job.Event, options ...job.Option) error
}

// Options are what the feature is given.
type Options struct {
	Outbox  Outbox
	Jobs    Jobs
	Now     func() time.Time // nil: the clock
	Base    string           // the site's URL
	Default i18n.Lang        // the language of the site whose addresses have no prefix
}

// Service is the front door of the feature. It is safe for concurrent use.
type Service struct {
	db     *db.DB
	events *event.Service
	o      Options
}

// New makes the service; it does nothing yet.
func New(d *db.DB, events *event.Service, o Options) *Service {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Default == "" {
		o.Default = i18n.JA
	}
	return &Service{d, events, o}
}

// by is the public id of who acts.
func by(ctx context.Context) string { return authz.Who(ctx).Ref }

// books are the orders that a change is about, with everything it needs to know of them.
type books struct {
	slug    string
	meeting int64
	sellers []*Seller
	list    []*account
}

// account is an order that is being changed.
type account struct {
	*Order
	seller  *Seller
	lines   []Owed
	rates   []Rated // of everything that is owed
	docs    []*Document
	fresh   bool // it is not stored yet
	changed bool
	was     Order
}

// seller is the seller of a key, or nil.
func (b *books) seller(key string) *Seller {
	for _, s := range b.sellers {
		if s.Key == key {
			return s
		}
	}
	return nil
}

func (b *books) sellerOf(id int64) *Seller {
	for _, s := range b.sellers {
		if s.ID == id {
			return s
		}
	}
	return nil
}

// meetingBooks finds a meeting and its sellers.
func meetingBooks(ctx context.Context, r db.Reader, slug string) (*books, error) {
	b := &books{slug: slug}
	var err error
	if b.meeting, err = meetingID(ctx, r, slug); err != nil {
		return nil, err
	}
	if b.meeting == 0 {
		return nil, fault.Missing()
	}
	b.sellers, err = sellersOf(ctx, r, b.meeting)
	return b, err
}

// take locks and reads the orders of a bundle and a subject.
func (b *books) take(ctx context.Context, tx *db.Tx, bundle, subject string) error {
	n, err := lockBundle(ctx, tx, b.meeting, bundle, subject)
	if err != nil || n == 0 {
		return err
	}
	list, err := orders(ctx, tx, `o.meeting_id = $1 AND (o.bundle = $2 OR o.id IN (SELECT order_id FROM billing_share WHERE subject = $3))`,
		b.meeting, bundle, subject)
	if err != nil {
		return err
	}
	return b.fill(ctx, tx, list)
}

// fill reads what orders are made of.
func (b *books) fill(ctx context.Context, r db.Reader, list []*Order) error {
	var ids, documented []int64
	for _, o := range list {
		ids = append(ids, o.ID)
		if o.Documented {
			documented = append(documented, o.ID)
		}
	}
	lines, err := linesOf(ctx, r, ids)
	if err != nil {
		return err
	}
	docs, err := documentsOf(ctx, r, documented)
	if err != nil {
		return err
	}
	for _, o := range list {
		a := &account{Order: o, seller: b.sellerOf(o.Seller), was: *o}
		for _, l := range lines {
			if l.Order == o.ID {
				a.lines = append(a.lines, l)
			}
		}
		for _, d := range docs {
			if d.Order == o.ID {
				a.docs = append(a.docs, d)
			}
		}
		b.list = append(b.list, a)
	}
	return nil
}

// one locks and reads one order of a meeting, for a change by whoever was let in.
func (s *Service) one(ctx context.Context, tx *db.Tx, where string, args ...any) (*books, *account, error) {
	o, err := oneOrder(ctx, tx, where, args...)
	if err != nil {
		return nil, nil, err
	}
	if o == nil {
		return nil, nil, fault.Missing()
	}
	if err := lockOrder(ctx, tx, o.ID); err != nil {
		return nil, nil, err
	}
	if o, err = oneOrder(ctx, tx, `o.id = $1`, o.ID); err != nil {
		return nil, nil, err
	}
	b, err := meetingBooks(ctx, tx, o.Slug)
	if err != nil {
		return nil, nil, err
	}
	if err := b.fill(ctx, tx, []*Order{o}); err != nil {
		return nil, nil, err
	}
	a := b.list[0]
	if a.seller == nil {
		return nil, nil, fmt.Errorf("order %s has a seller of another meeting", o.Ref)
	}
	a.recount()
	return b, a, nil
}
