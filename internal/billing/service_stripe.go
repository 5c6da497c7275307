package billing

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/stripe/stripe-go/v83"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// checkoutLives is how long somebody may pay after pressing the button; the service allows 24 hours at most.
const checkoutLives = 23 * time.Hour

// TakesCards reports whether an order can be paid by card now.
func (p *Payments) TakesCards(ctx context.Context, r db.Reader, o *Order) (bool, error) {
	if p.card == nil || o.Missing() < cardLeast || o.Missing() > cardMost {
		return false, nil
	}
	paying, err := payingOf(ctx, r, o.Meeting)
	if err != nil || paying.CardSeller == "" {
		return false, err
	}
	list, err := sellersOf(ctx, r, o.Meeting)
	return sellerByID(list, o.Seller).Key == paying.CardSeller, err
}

// BeginCard lets the holder of an order's address pay what it misses by card: the checkout says where to go. Pressed twice, or after an answer of
// the service was lost, it is the same checkout.
func (p *Payments) BeginCard(ctx context.Context, token string, l i18n.Lang) (*Checkout, error) {
	if p.card == nil {
		return nil, fault.Missing()
	}
	c, stale, o, err := p.prepareCard(ctx, token)
	if err != nil {
		return nil, err
	}
	for _, old := range stale { // of another amount, or too old: whoever still has its page open is not to pay there
		if err := p.card.end(ctx, old); err != nil {
			return nil, fault.New(fault.Conflict, "billing.error.card_down").Because(err)
		}
	}
	if c.Session != "" {
		return c, nil
	}
	m, err := p.events.Meeting(ctx, o.Slug)
	if err != nil {
		return nil, err
	}
	sale := &cardSale{Ref: c.Ref, Order: o.Ref, Number: o.Number, Amount: c.Amount, Name: clip(m.Title.In(o.Payer.Lang)+" "+o.Number, 200), Mail: o.Payer.Address,
		Lang: o.Payer.Lang, Back: p.o.Base + p.cardPath(token, c.Ref, l), Ends: c.Made.Add(checkoutLives)}
	s, err := p.card.begin(ctx, sale)
	if err != nil {
		return nil, p.cardFailed(ctx, c, err)
	}
	c.Session, c.URL = s.Session, s.URL
	return c, p.db.Write(ctx, func(tx *db.Tx) error { return answered(ctx, tx, c.Ref, s) })
}

// cardPath is the page to which the service sends the payer back.
func (p *Payments) cardPath(token, ref string, l i18n.Lang) string {
	path := "/orders/" + token + "/card/" + ref
	if l != "" && l != p.o.Default {
		return "/" + string(l) + path
	}
	return path
}

// cardFailed decides what becomes of a checkout that the service did not open: where it refused, the next try is a new one; where nobody knows, the
// next try asks for the same one again.
func (p *Payments) cardFailed(ctx context.Context, c *Checkout, why error) error {
	down := fault.New(fault.Conflict, "billing.error.card_down").Because(why)
	e, _ := errors.AsType[*stripe.Error](why)
	if e == nil || !saidNo(why) {
		return down
	}
	err := p.db.Write(ctx, func(tx *db.Tx) error {
		_, err := settleCheckout(ctx, tx, c, CheckoutFailed, &cardState{}, string(e.Code), p.o.Now(), CheckoutOpen)
		return err
	})
	return errors.Join(down, err)
}

// prepareCard finds the open checkout of an order, or makes one; stale are the sessions of those that may not be paid any more.
func (p *Payments) prepareCard(ctx context.Context, token string) (c *Checkout, stale []string, o *Order, err error) {
	err = p.db.Write(ctx, func(tx *db.Tx) error {
		c, stale = nil, nil
		if o, err = byToken(ctx, tx, token); err != nil {
			return err
		}
		if err := lockOrder(ctx, tx, o.ID); err != nil {
			return err
		}
		if o, err = oneOrder(ctx, tx, `o.id = $1`, o.ID); err != nil {
			return err
		}
		takes, err := p.TakesCards(ctx, tx, o)
		if err != nil {
			return err
		}
		if !takes {
			return fault.New(fault.Conflict, "billing.error.card_not")
		}
		if c, err = oneCheckout(ctx, tx, `c.order_id = $1 AND c.state = 'open'`, o.ID); err != nil {
			return err
		}
		now := p.o.Now()
		if c != nil && (c.Amount != o.Missing() || now.After(c.Made.Add(checkoutLives-time.Hour))) {
			if _, err := settleCheckout(ctx, tx, c, CheckoutEnded, &cardState{}, "", now, CheckoutOpen); err != nil {
				return err
			}
			if c.Session != "" {
				stale = append(stale, c.Session)
			}
			c = nil
		}
		if c != nil {
			return nil
		}
		c = &Checkout{Ref: newRef(), Order: o.ID, Amount: o.Missing(), State: CheckoutOpen, Made: now.Truncate(time.Microsecond)}
		if _, err := addCheckout(ctx, tx, c, now); err != nil {
			return err
		}
		return p.note(ctx, tx, o.Slug, "order:"+o.Ref, "billing.card_begun", map[string]string{"amount": yen(c.Amount)})
	})
	return c, stale, o, err
}

// CardOf is a checkout as its payer sees it on the page they come back to, with the order.
func (p *Payments) CardOf(ctx context.Context, token, ref string) (c *Checkout, o *Order, err error) {
	err = p.db.Read(ctx, func(r db.Reader) error {
		if o, err = byToken(ctx, r, token); err != nil {
			return err
		}
		c, err = oneCheckout(ctx, r, `c.ref = $1 AND c.order_id = $2`, ref, o.ID)
		if err == nil && c == nil {
			err = fault.Missing()
		}
		return err
	})
	return c, o, err
}

// AskCard asks the service how a checkout stands, for a payer who does not want to wait until it tells us.
func (p *Payments) AskCard(ctx context.Context, token, ref string) error {
	c, _, err := p.CardOf(ctx, token, ref)
	if err != nil || p.card == nil || c.Session == "" || c.State != CheckoutOpen {
		return err
	}
	return p.ask(ctx, c)
}

func (p *Payments) ask(ctx context.Context, c *Checkout) error {
	s, err := p.card.look(ctx, c.Session)
	if err != nil {
		return fault.New(fault.Conflict, "billing.error.card_down").Because(err)
	}
	return p.db.Write(ctx, func(tx *db.Tx) error {
		_, _, err := p.settleCard(ctx, tx, s, false)
		return err
	})
}

// AskCards asks the service for checkouts that nobody told us about for a quarter of an hour: what it tells may get lost. After three days there is
// nothing to be heard any more.
func (p *Payments) AskCards(ctx context.Context) error {
	if p.card == nil {
		return nil
	}
	now := p.o.Now()
	list, err := checkouts(ctx, p.db, `c.state = 'open' AND c.session <> '' AND c.made_at BETWEEN $1 AND $2`, db.Micros(now.AddDate(0, 0, -3)),
		db.Micros(now.Add(-15*time.Minute)))
	if err != nil {
		return err
	}
	var failed []error
	for _, c := range list {
		if err := p.ask(ctx, c); err != nil {
			failed = append(failed, fmt.Errorf("ask for the checkout of order %s: %w", c.Number, err))
		}
	}
	return errors.Join(failed...)
}

// HearCard takes what the card service tells. What it did not sign is forbidden; what it told before, what is about others and what does not
// matter changes nothing.
func (p *Payments) HearCard(ctx context.Context, body []byte, signature string) error {
	if p.card == nil {
		return fault.Missing()
	}
	e, err := p.card.event(body, signature)
	if errors.Is(err, errForged) {
		return fault.New(fault.Forbidden, "billing.error.card_forged").Because(err)
	}
	if err != nil {
		return fault.New(fault.Invalid, "billing.error.card_event").Because(err)
	}
	return p.db.Write(ctx, func(tx *db.Tx) error {
		fresh, err := addCardEvent(ctx, tx, e, "done", "", p.o.Now())
		if err != nil || !fresh {
			return err
		}
		state, note := "ignored", ""
		switch {
		case e.Session != nil:
			state, note, err = p.settleCard(ctx, tx, e.Session, e.Failed)
		case e.Refund != nil && e.Refund.Made:
			state, note, err = p.cardReturned(ctx, tx, e.Refund)
		}
		if err != nil {
			return err
		}
		return markCardEvent(ctx, tx, e.ID, state, note)
	})
}

// settleCard brings a checkout to what the service says of it. Said in any order and any number of times, a payment counts once.
func (p *Payments) settleCard(ctx context.Context, tx *db.Tx, s *cardState, failed bool) (state, note string, err error) {
	c, err := oneCheckout(ctx, tx, `c.ref = $1`, s.Ref)
	if err != nil || c == nil {
		return "ignored", "not of this program", err
	}
	now := p.o.Now()
	switch {
	case c.Session != "" && c.Session != s.Session:
		return "ignored", "another session", nil
	case s.Paid && (s.Amount != c.Amount || s.Currency != string(stripe.CurrencyJPY)):
		note = fmt.Sprintf("%d %s instead of %d jpy", s.Amount, s.Currency, c.Amount)
		done, err := settleCheckout(ctx, tx, c, CheckoutOdd, s, note, now, CheckoutOpen, CheckoutEnded, CheckoutFailed)
		if err != nil || !done {
			return "ignored", note, err
		}
		return "odd", note, p.note(ctx, tx, c.Slug, "order:"+c.OrderRef, "billing.card_odd", map[string]string{"said": note})
	case s.Paid:
		return p.cardPaid(ctx, tx, c, s)
	case failed:
		_, err = settleCheckout(ctx, tx, c, CheckoutFailed, s, "", now, CheckoutOpen)
	case s.Ended:
		_, err = settleCheckout(ctx, tx, c, CheckoutEnded, s, "", now, CheckoutOpen)
	}
	return "done", "", err
}

// cardPaid records a payment by card, and what the service gave back before it told of the payment.
func (p *Payments) cardPaid(ctx context.Context, tx *db.Tx, c *Checkout, s *cardState) (state, note string, err error) {
	done, err := settleCheckout(ctx, tx, c, CheckoutPaid, s, "", p.o.Now(), CheckoutOpen, CheckoutEnded, CheckoutFailed)
	if err != nil || !done {
		return "done", "", err
	}
	reference := s.Intent
	if reference == "" {
		reference = s.Session
	}
	o, err := oneOrder(ctx, tx, `o.id = $1`, c.Order)
	if err != nil {
		return "", "", err
	}
	if err := p.receive(ctx, tx, o, &Payment{Method: Card, Amount: s.Amount, Reference: reference}); err != nil {
		return "", "", err
	}
	list, err := waitingRefunds(ctx, tx, s.Intent)
	if err != nil {
		return "", "", err
	}
	for _, e := range list {
		state, note, err := p.cardReturned(ctx, tx, e.Refund)
		if err != nil {
			return "", "", err
		}
		if err := markCardEvent(ctx, tx, e.ID, state, note); err != nil {
			return "", "", err
		}
	}
	return "done", "", nil
}

// cardReturned notes a refund that the service made. One that fits nothing that has to go back is for a person to look at.
func (p *Payments) cardReturned(ctx context.Context, tx *db.Tx, b *cardRefund) (state, note string, err error) {
	if known, err := madeRefund(ctx, tx, Card, b.ID); err != nil || known {
		return "done", "", err
	}
	c, err := oneCheckout(ctx, tx, `c.intent = $1`, b.Intent)
	if err != nil {
		return "", "", err
	}
	if c == nil || b.Intent == "" {
		return "waiting", b.Ref, nil // told before the payment, or not of this program
	}
	list, err := refundsOf(ctx, tx, c.Order)
	if err != nil {
		return "", "", err
	}
	for _, due := range list {
		if !due.Made && (due.Ref == b.Ref || b.Ref == "" && due.Amount == b.Amount) {
			if due.Amount != b.Amount {
				break
			}
			return "done", "", p.refundMade(ctx, tx, c.OrderRef, &Back{Ref: due.Ref, Method: Card, Reference: b.ID})
		}
	}
	return "odd", "nothing of this amount has to go back", p.note(ctx, tx, c.Slug, "order:"+c.OrderRef, "billing.card_odd", map[string]string{"refund": yen(b.Amount)})
}

// RefundCard pays back by card what has to go back, if it was paid by card.
func (p *Payments) RefundCard(ctx context.Context, slug, order, refund string) error {
	if p.card == nil {
		return fault.Missing()
	}
	h, err := p.enter(ctx, slug, event.MayEditMoney)
	if err != nil {
		return err
	}
	var due *DueBack
	var paid *Checkout
	err = p.db.Write(ctx, func(tx *db.Tx) error { // from here on nobody gives it back in another way
		if due, err = p.dueBack(ctx, tx, h, order, refund); err != nil {
			return err
		}
		paid, err = oneCheckout(ctx, tx, `c.order_id = $1 AND c.state = 'paid' AND c.intent <> '' AND c.amount >= $2`, due.ID, due.Amount)
		if err != nil {
			return err
		}
		if paid == nil {
			return fault.New(fault.Conflict, "billing.error.card_none")
		}
		sent, err := moveRefund(ctx, tx, due.ID, refund, "due", "leaving")
		if err == nil && !sent {
			err = fault.Missing()
		}
		return err
	})
	if err != nil {
		return err
	}
	id, err := p.card.giveBack(ctx, due.Ref, paid.Intent, due.Amount)
	if err != nil {
		return p.refundFailed(ctx, due, err)
	}
	return p.db.Write(ctx, func(tx *db.Tx) error {
		if known, err := madeRefund(ctx, tx, Card, id); err != nil || known {
			return err // it was faster to tell us
		}
		return p.refundMade(ctx, tx, order, &Back{Ref: refund, Method: Card, Reference: id})
	})
}

// refundFailed decides what becomes of a refund that the service did not make: where it refused, it can go back in another way; where nobody
// knows, it stays on its way, and the next try asks for the same one again.
func (p *Payments) refundFailed(ctx context.Context, due *DueBack, why error) error {
	if !saidNo(why) {
		return fault.New(fault.Conflict, "billing.error.refund_unsure").Because(why)
	}
	err := p.db.Write(ctx, func(tx *db.Tx) error { return stayRefund(ctx, tx, due.ID, due.Ref) })
	return errors.Join(fault.New(fault.Conflict, "billing.error.refund_refused").Because(why), err)
}

// saidNo reports that the service said no, for sure.
func saidNo(why error) bool {
	if errors.Is(why, errNotBack) {
		return true
	}
	e, ok := errors.AsType[*stripe.Error](why)
	return ok && e.HTTPStatusCode < http.StatusInternalServerError && e.HTTPStatusCode != http.StatusTooManyRequests && e.HTTPStatusCode != http.StatusConflict
}

// Cards are the checkouts of a meeting, what the service told that a person has to look at, and how much it has to pay out.
func (p *Payments) Cards(ctx context.Context, slug string) (list []*Checkout, odd []OddEvent, there int64, err error) {
	h, err := p.enter(ctx, slug, event.MayReadMoney)
	if err != nil {
		return nil, nil, 0, err
	}
	err = p.db.Read(ctx, func(r db.Reader) error {
		if list, err = checkouts(ctx, r, `o.meeting_id = $1`, h.id); err != nil {
			return err
		}
		if odd, err = oddEvents(ctx, r, h.id); err != nil {
			return err
		}
		there, err = atCardService(ctx, r, h.id)
		return err
	})
	return list, odd, there, err
}

// Payout is money that the card service paid out to the bank account of the seller, after its fee.
type Payout struct {
	On      time.Time // the day
	Arrived int64
	Fee     int64
}

// NotePayout posts that the card service paid out. key is that of the form: pressed twice is one payout.
func (p *Payments) NotePayout(ctx context.Context, slug, key string, in Payout) error {
	h, err := p.enter(ctx, slug, event.MayEditMoney)
	if err != nil {
		return err
	}
	s := h.seller(h.paying.CardSeller)
	switch {
	case h.paying.CardSeller == "" || s == nil:
		return fault.New(fault.Conflict, "billing.error.payout_nobody")
	case in.Arrived < 0 || in.Fee < 0 || in.Arrived+in.Fee == 0 || max(in.Arrived, in.Fee) > maxPayout:
		return fault.New(fault.Invalid, "billing.error.amount").On("arrived")
	case in.On.IsZero() || in.On.After(p.o.Now().Add(24*time.Hour)):
		return fault.New(fault.Invalid, "billing.error.day").On("on")
	case len(key) != 26:
		return fault.New(fault.Invalid, "error.form")
	}
	rows := []Posting{{AtCard, -in.Arrived - in.Fee}}
	for account, amount := range map[string]int64{AtBank: in.Arrived, Fees: in.Fee} {
		if amount > 0 {
			rows = append(rows, Posting{account, amount})
		}
	}
	return p.db.Write(ctx, func(tx *db.Tx) error {
		fresh, err := addCardEvent(ctx, tx, &cardEvent{ID: "payout:" + key, Kind: "payout"}, "done", "", p.o.Now())
		if err != nil || !fresh {
			return err
		}
		v := &Voucher{Meeting: h.id, Seller: s.ID, Rows: rows, What: OnPayout, Reference: "payout:" + key, At: noon(in.On, h.Location())}
		if err := p.Post(ctx, tx, v); err != nil {
			return err
		}
		return p.note(ctx, tx, slug, "money:card", "billing.payout", map[string]string{"arrived": yen(in.Arrived), "fee": yen(in.Fee)})
	})
}

// maxPayout bounds one payout, in yen.
const maxPayout = 1_000_000_000
