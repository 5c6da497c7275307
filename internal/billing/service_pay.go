package billing

import (
	"context"
	"errors"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
)

// recordPayment records money that came in for an order and posts it. It is false, and nothing changed, where a payment of the same method and
// reference was recorded before: whoever hears of one twice need not know. It asks nobody whether they may.
func (s *Service) recordPayment(ctx context.Context, tx *db.Tx, ref string, p *Payment) (bool, error) {
	if p.Amount <= 0 || p.Amount > maxAmount {
		return false, fault.New(fault.Invalid, "billing.error.amount").On("amount")
	}
	if p.Method != Bank && p.Method != Card && p.Method != Cash {
		return false, fault.New(fault.Invalid, "billing.error.method").On("method")
	}
	_, a, err := s.one(ctx, tx, `o.ref = $1`, ref)
	if err != nil {
		return false, err
	}
	p.Ref, p.Recorded, p.By = newRef(), s.o.Now(), by(ctx)
	if p.At.IsZero() {
		p.At = p.Recorded
	}
	fresh, err := addPayment(ctx, tx, a.ID, p)
	if err != nil || !fresh {
		return false, err
	}
	a.Received += p.Amount
	err = s.postClaims(ctx, tx, a, OnPay, p.Ref, "", map[string]int64{moneyAccount(p.Method, p.Gate): p.Amount})
	if err != nil {
		return false, err
	}
	if err := s.record(ctx, tx, a, "billing.paid", nil, map[string]string{"amount": yen(p.Amount), "method": p.Method}); err != nil {
		return false, err
	}
	return true, s.tellOrder(ctx, tx, a)
}

// takePaymentBack reverses a payment that was recorded by mistake. The ledger keeps both.
func (s *Service) takePaymentBack(ctx context.Context, tx *db.Tx, ref, payment, why string) error {
	_, a, err := s.one(ctx, tx, `o.ref = $1`, ref)
	if err != nil {
		return err
	}
	list, err := paymentsOf(ctx, tx, a.ID)
	if err != nil {
		return err
	}
	for _, p := range list {
		if p.Ref != payment {
			continue
		}
		gone, err := leaving(ctx, tx, a.ID)
		if err != nil {
			return err
		}
		if p.Amount > a.Received-a.Refunded-gone {
			return fault.New(fault.Conflict, "billing.error.already_back")
		}
		done, err := reversePayment(ctx, tx, a.ID, p, s.o.Now())
		if err != nil || !done {
			return err
		}
		a.Received -= p.Amount
		if a.Held() < 0 { // what was to go back was never there
			a.RefundDue += a.Held()
			if err := errors.Join(setRefundDue(ctx, tx, a.ID, a.RefundDue, why, s.o.Now()), saveOrder(ctx, tx, a.Order, s.o.Now())); err != nil {
				return err
			}
		}
		err = s.postClaims(ctx, tx, a, OnUnpay, p.Ref, why, map[string]int64{moneyAccount(p.Method, p.Gate): -p.Amount})
		if err != nil {
			return err
		}
		return s.record(ctx, tx, a, "billing.unpaid", map[string]string{"amount": yen(p.Amount), "method": p.Method}, map[string]string{"why": why})
	}
	return fault.Missing()
}

// refundMade notes that what had to go back went back: b says which refund, how, and when.
func (s *Service) refundMade(ctx context.Context, tx *db.Tx, ref string, b *Back) error {
	_, a, err := s.one(ctx, tx, `o.ref = $1`, ref)
	if err != nil {
		return err
	}
	list, err := refundsOf(ctx, tx, a.ID)
	if err != nil {
		return err
	}
	for _, due := range list {
		if due.Ref != b.Ref || due.Made {
			continue
		}
		b.Amount, b.By = due.Amount, by(ctx)
		if b.On.IsZero() {
			b.On = s.o.Now()
		}
		if due.Leaving && b.Method != Card {
			return fault.New(fault.Conflict, "billing.error.refund_leaving")
		}
		done, err := makeRefund(ctx, tx, a.ID, b, s.o.Now())
		if err != nil || !done {
			return err
		}
		a.Refunded += b.Amount
		a.RefundDue -= b.Amount
		err = s.postClaims(ctx, tx, a, OnRefund, b.Ref, due.Why, map[string]int64{moneyAccount(b.Method, b.Gate): -b.Amount})
		if err != nil {
			return err
		}
		return s.record(ctx, tx, a, "billing.refunded", nil, map[string]string{"amount": yen(b.Amount), "method": b.Method})
	}
	return fault.Missing()
}

// refundExcess decides that what was paid too much has to go back.
func (s *Service) refundExcess(ctx context.Context, tx *db.Tx, ref, why string) error {
	_, a, err := s.one(ctx, tx, `o.ref = $1`, ref)
	if err != nil {
		return err
	}
	excess := a.Held() - a.Total
	if excess <= 0 {
		return fault.New(fault.Conflict, "billing.error.no_excess")
	}
	a.RefundDue += excess
	if err := setRefundDue(ctx, tx, a.ID, a.RefundDue, why, s.o.Now()); err != nil {
		return err
	}
	if err := saveOrder(ctx, tx, a.Order, s.o.Now()); err != nil {
		return err
	}
	if err := s.postClaims(ctx, tx, a, OnRefund, "", why, nil); err != nil {
		return err
	}
	return s.record(ctx, tx, a, "billing.refund_due", nil, map[string]string{"amount": yen(a.RefundDue), "why": why})
}

// tellOrder lets others know where an order became settled.
func (s *Service) tellOrder(ctx context.Context, tx *db.Tx, a *account) error {
	if a.was.settled() || !a.settled() {
		return nil
	}
	who, err := settledSubjects(ctx, tx, a.ID)
	if err != nil {
		return err
	}
	return s.settle(ctx, tx, a.Slug, who)
}
