package billing

import (
	"context"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/sign"
)

// Till is what somebody at a gate sees.
type Till struct {
	Sellers    []*Seller
	Found      []*Order
	Order      *Order   // the one they chose
	Lines      []Owed   // of it
	Took       *Payment // what was just taken
	Count, Sum int64    // of the cash taken at this gate today
}

// maxFound is how many orders a search at a gate shows.
const maxFound = 20

// maxGate bounds the name of a gate.
const maxGate = 40

// Till finds orders for somebody who stands at a gate: by name, organisation, number, mail address or reference of the entry. order is the public id
// of the chosen one, took the key of the payment that was just taken.
func (p *Payments) Till(ctx context.Context, slug, gate, query, order, took string) (*Till, error) {
	h, err := p.enter(ctx, slug, event.MayTakeMoney)
	if err != nil {
		return nil, err
	}
	t := &Till{Sellers: h.sellers}
	err = p.db.Read(ctx, func(r db.Reader) error {
		now := p.o.Now().In(h.Location())
		midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, h.Location())
		if t.Count, t.Sum, err = takings(ctx, r, h.id, gate, midnight); err != nil {
			return err
		}
		if words := searchWords(query); len(words) > 0 && order == "" {
			if t.Found, err = ordersLike(ctx, r, h.id, words, maxFound); err != nil {
				return err
			}
		}
		if order == "" {
			return nil
		}
		if t.Order, err = oneOrder(ctx, r, `o.ref = $1 AND o.meeting_id = $2`, order, h.id); err != nil {
			return err
		}
		if t.Order == nil {
			return fault.Missing()
		}
		if t.Lines, err = linesOf(ctx, r, []int64{t.Order.ID}); err != nil || took == "" {
			return err
		}
		t.Took, err = p.taken(ctx, r, t.Order.ID, took)
		return err
	})
	return t, err
}

// taken is a payment in cash of an order by its key, or nil.
func (p *Payments) taken(ctx context.Context, r db.Reader, order int64, key string) (*Payment, error) {
	pay, of, err := paymentOf(ctx, r, Cash, cashKey(key))
	if err != nil || of != order {
		return nil, err
	}
	return pay, nil
}

// searchWords are the words of a search, as orders are found by.
func searchWords(query string) []string {
	var out []string
	for _, w := range strings.Fields(straight(clip(query, 200))) {
		out = append(out, fold(w))
	}
	return out[:min(len(out), 8)]
}

// cashKey is the reference of a payment in cash: the key of the form it was sent with, so that pressed twice is one payment.
func cashKey(key string) string { return "form:" + key }

// NewKey makes the key of a form: sent twice, it does its work once.
func NewKey() string { return newRef() }

// TakeCash records that an order was paid in cash at a gate: all of what it misses. expected is the amount the person saw and took, so that a
// change in between is noticed.
func (p *Payments) TakeCash(ctx context.Context, slug, order, gate, key string, expected int64) error {
	h, err := p.enter(ctx, slug, event.MayTakeMoney)
	if err != nil {
		return err
	}
	gate = clip(straight(gate), maxGate)
	switch {
	case gate == "":
		return fault.New(fault.Invalid, "billing.error.gate").On("gate")
	case len(key) != 26:
		return fault.New(fault.Invalid, "error.form")
	}
	return p.db.Write(ctx, func(tx *db.Tx) error {
		o, err := oneOrder(ctx, tx, `o.ref = $1 AND o.meeting_id = $2`, order, h.id)
		if err != nil {
			return err
		}
		if o == nil {
			return fault.Missing()
		}
		if err := lockOrder(ctx, tx, o.ID); err != nil {
			return err
		}
		if o, err = oneOrder(ctx, tx, `o.id = $1`, o.ID); err != nil {
			return err
		}
		if again, err := p.taken(ctx, tx, o.ID, key); err != nil || again != nil {
			return err // pressed twice
		}
		if _, err := signingKey(ctx, tx, sign.NewSecret(), p.o.Now()); err != nil { // for the address of the receipt
			return err
		}
		if o.Missing() == 0 {
			return fault.New(fault.Conflict, "billing.error.gate_paid")
		}
		if o.Missing() != expected {
			return fault.New(fault.Conflict, "billing.error.gate_changed").With("amount", o.Missing())
		}
		return p.receive(ctx, tx, o, &Payment{Method: Cash, Amount: expected, Gate: gate, Reference: cashKey(key)})
	})
}

// UndoCash takes back a payment in cash that was recorded by mistake at a gate a moment ago, by the person who recorded it.
func (p *Payments) UndoCash(ctx context.Context, slug, order, key string) error {
	h, err := p.enter(ctx, slug, event.MayTakeMoney)
	if err != nil {
		return err
	}
	return p.db.Write(ctx, func(tx *db.Tx) error {
		o, err := oneOrder(ctx, tx, `o.ref = $1 AND o.meeting_id = $2`, order, h.id)
		if err != nil {
			return err
		}
		if o == nil {
			return fault.Missing()
		}
		pay, err := p.taken(ctx, tx, o.ID, key)
		switch {
		case err != nil:
			return err
		case pay == nil || pay.By != by(ctx) || p.o.Now().Sub(pay.At) > undoCash:
			return fault.New(fault.Conflict, "billing.error.gate_undo")
		}
		return p.takePaymentBack(ctx, tx, o.Ref, pay.Ref, "undone at the gate")
	})
}

// undoCash is how long whoever took cash may undo it; later a treasurer does.
const undoCash = 10 * time.Minute
