package billing

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
)

// DueBacks are what has to go back at a meeting, the oldest first.
func (p *Payments) DueBacks(ctx context.Context, slug string) (list []DueBack, err error) {
	h, err := p.enter(ctx, slug, event.MayReadMoney)
	if err != nil {
		return nil, err
	}
	err = p.db.Read(ctx, func(r db.Reader) error {
		if list, err = refundsDue(ctx, r, h.id); err != nil {
			return err
		}
		ids := make([]int64, len(list))
		for i := range list {
			ids[i] = list[i].ID
		}
		last, err := lastMethods(ctx, r, ids)
		for i := range list {
			list[i].Last = last[list[i].ID]
		}
		return err
	})
	return list, err
}

// dueBack finds one.
func (p *Payments) dueBack(ctx context.Context, r db.Reader, h *hall, order, refund string) (*DueBack, error) {
	list, err := refundsDue(ctx, r, h.id)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(list, func(d DueBack) bool { return d.Order.Ref == order && d.Ref == refund })
	if i < 0 {
		return nil, fault.Missing()
	}
	return &list[i], nil
}

// NoteRefund notes that what had to go back went back, by the bank or in cash, on a day.
func (p *Payments) NoteRefund(ctx context.Context, slug, order string, b Back) error {
	h, err := p.enter(ctx, slug, event.MayEditMoney)
	if err != nil {
		return err
	}
	b.Reference, b.Gate = clip(straight(b.Reference), 100), clip(straight(b.Gate), maxGate)
	switch {
	case b.Method != Bank && b.Method != Cash:
		return fault.New(fault.Invalid, "billing.error.method").On("method")
	case b.Method == Cash && b.Gate == "":
		return fault.New(fault.Invalid, "billing.error.gate").On("gate")
	case b.Method == Bank:
		b.Gate = ""
	}
	if b.On.After(p.o.Now().Add(24 * time.Hour)) {
		return fault.New(fault.Invalid, "billing.error.day").On("on")
	}
	return p.db.Write(ctx, func(tx *db.Tx) error {
		if _, err := p.dueBack(ctx, tx, h, order, b.Ref); err != nil {
			return err
		}
		return p.refundMade(ctx, tx, order, &b)
	})
}

// PayingOf is how a meeting takes money, with its sellers.
func (p *Payments) PayingOf(ctx context.Context, slug string) (Paying, []*Seller, error) {
	h, err := p.enter(ctx, slug, event.MayReadMoney)
	if err != nil {
		return Paying{}, nil, err
	}
	return h.paying, h.sellers, nil
}

// SavePaying says how a meeting takes money.
func (p *Payments) SavePaying(ctx context.Context, slug string, in Paying) error {
	h, err := p.enter(ctx, slug, event.MayEditMoney)
	if err != nil {
		return err
	}
	if in.CardSeller != "" && h.seller(in.CardSeller) == nil {
		return fault.New(fault.Invalid, "billing.error.seller").With("key", in.CardSeller).On("card_seller")
	}
	for _, n := range []struct {
		field      string
		value, max int
	}{{"remind_before", in.RemindBefore, 60}, {"remind_after", in.RemindAfter, 60}, {"remind_times", in.RemindTimes, 5}, {"cancel_after", in.CancelAfter, 180}} {
		if n.value < 0 || n.value > n.max {
			return fault.New(fault.Invalid, "billing.error.days").With("max", n.max).On(n.field)
		}
	}
	usual := UsualPaying()
	for i, name := range in.Books.list() {
		*name = clip(straight(*name), 24)
		if *name == "" {
			*name = *usual.Books.list()[i]
		}
	}
	return p.db.Write(ctx, func(tx *db.Tx) error {
		if err := savePaying(ctx, tx, h.id, &in, p.o.Now()); err != nil {
			return err
		}
		return p.note(ctx, tx, slug, "money:paying", "billing.paying", map[string]string{"card": in.CardSeller, "before": strconv.Itoa(in.RemindBefore),
			"after": strconv.Itoa(in.RemindAfter), "times": strconv.Itoa(in.RemindTimes), "cancel": strconv.Itoa(in.CancelAfter)})
	})
}
