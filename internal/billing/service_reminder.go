package billing

import (
	"context"
	"fmt"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/sign"
)

// When letters go out, in the time of the meeting.
const (
	remindFrom  = 9
	remindUntil = 20
)

// Remind writes to those whose payment is due or overdue, and says of whom nothing came that their entry is given up, as each meeting wants it.
// Where a part came, to this seller or another of the same meeting, nothing is given up: the payer is reminded once more, and the order stays
// among those that wait for a person to decide (PartHeld). It runs every hour; each step is taken once for each due date.
func (p *Payments) Remind(ctx context.Context) error {
	now := p.o.Now()
	list, err := remindable(ctx, p.db, now)
	if err != nil {
		return err
	}
	halls := map[string]*hall{}
	for _, o := range list {
		h := halls[o.Slug]
		if h == nil {
			if h, err = p.hallOf(ctx, o.Slug); err != nil {
				return err
			}
			halls[o.Slug] = h
		}
		if err := p.remind(ctx, h, o, now.In(h.Location())); err != nil {
			return err
		}
	}
	return nil
}

// hallOf is a meeting as the program itself sees it.
func (p *Payments) hallOf(ctx context.Context, slug string) (*hall, error) {
	m, err := p.events.Meeting(ctx, slug)
	if err != nil {
		return nil, err
	}
	h := &hall{Stored: m, id: int64(m.ID)}
	if h.sellers, err = sellersOf(ctx, p.db, h.id); err != nil {
		return nil, err
	}
	h.paying, err = payingOf(ctx, p.db, h.id)
	return h, err
}

// remind does what is to be done about one order.
func (p *Payments) remind(ctx context.Context, h *hall, o *Order, now time.Time) error {
	if now.Hour() < remindFrom || now.Hour() >= remindUntil {
		return nil
	}
	on := o.dueOn(h.Location())
	if on == "" {
		return nil
	}
	due, err := time.Parse(time.DateOnly, on)
	if err != nil {
		return fmt.Errorf("read until when order %s is to be paid: %w", o.Number, err)
	}
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC)
	step := h.paying.step(o, due, today, now.Sub(o.Made))
	if step == "" {
		return nil
	}
	return p.db.Write(ctx, func(tx *db.Tx) error {
		if err := lockOrder(ctx, tx, o.ID); err != nil {
			return err
		}
		as, err := oneOrder(ctx, tx, `o.id = $1`, o.ID)
		if err != nil || as.Missing() == 0 {
			return err // it was paid a moment ago
		}
		partly, err := paidInPart(ctx, tx, as)
		if err != nil {
			return err
		}
		did := step
		if step == stepOverdue && partly {
			did = stepHeld
		}
		fresh, err := addReminder(ctx, tx, o.ID, due.Format(time.DateOnly), did, now)
		if err != nil || !fresh {
			return err
		}
		if did == stepOverdue {
			return p.giveUp(ctx, tx, as)
		}
		return p.remindPayer(ctx, tx, h, as, due, did, partly)
	})
}

// giveUp says of everybody an order is about that they did not pay.
func (p *Payments) giveUp(ctx context.Context, tx *db.Tx, o *Order) error {
	list, err := owingSubjects(ctx, tx, o.ID)
	if err != nil {
		return err
	}
	for _, subject := range list {
		if err := p.o.Jobs.Enqueue(ctx, tx, Overdue{Slug: o.Slug, Subject: subject}); err != nil {
			return err
		}
	}
	return audit.Record(ctx, tx, audit.Entry{Scope: o.Slug, Object: "order:" + o.Ref, Action: "billing.overdue", At: p.o.Now(),
		After: map[string]string{"missing": yen(o.Missing())}})
}

// remindPayer sends a reminder.
func (p *Payments) remindPayer(ctx context.Context, tx *db.Tx, h *hall, o *Order, due time.Time, step string, partly bool) error {
	action := "billing.reminded"
	if step == stepHeld {
		action = "billing.held"
	}
	err := audit.Record(ctx, tx, audit.Entry{Scope: o.Slug, Object: "order:" + o.Ref, Action: action, At: p.o.Now(),
		After: map[string]string{"missing": yen(o.Missing()), "due": due.Format(time.DateOnly)}})
	if err != nil || o.Payer.Address == "" {
		return err
	}
	secret, err := signingKey(ctx, tx, sign.NewSecret(), p.o.Now())
	if err != nil {
		return err
	}
	l, err := p.reminded(h, o, due, o.token(secret), step, partly)
	if err != nil {
		return err
	}
	l.Key = "billing.reminder:" + o.Ref + ":" + due.Format(time.DateOnly) + ":" + step
	return p.o.Outbox.Send(ctx, tx, l)
}
