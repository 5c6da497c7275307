package registration

import (
	"context"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// debt is everything an entry owes: for its kind and for what it has chosen, each at the price of when it was taken. One that is cancelled
// owes what the rule of refunds keeps.
func (s *Service) debt(ctx context.Context, tx *db.Tx, m *meeting, e *Entry, choices []*Chosen) (Debt, error) {
	d := Debt{Entry: e.Ref, Group: e.Group, Payer: e.Details, Owner: e.Person}
	switch e.State {
	case Cancelled:
		var err error
		d.Lines, err = s.lowered(ctx, tx, m, e, m.kept(e, choices))
		return d, err
	case Waiting, Invited:
		return d, nil
	}
	if k := m.Kind(e.Kind); k != nil && !k.Free() {
		d.Lines = append(d.Lines, k.owed("kind:"+k.Key, k.Name, 1, e.PricedAt))
	}
	for _, c := range choices {
		o := m.Option(c.Option)
		if o == nil || o.Free() || !c.State.Holds() {
			continue
		}
		d.Lines = append(d.Lines, o.owed("option:"+c.Option+"/"+c.Slot, o.nameOf(c.Slot), c.Heads(), c.PricedAt))
	}
	var err error
	d.Lines, err = s.lowered(ctx, tx, m, e, d.Lines)
	return d, err
}

// owed is a line of a debt.
func (p Priced) owed(key string, name i18n.Text, quantity int, at time.Time) Owed {
	return Owed{Key: key, Name: name, Yen: p.At(at), Quantity: quantity, Rate: p.Rate, Seller: p.Seller}
}

// nameOf is the name of an option with that of one of its slots.
func (o *Option) nameOf(slot string) i18n.Text {
	x := o.Slot(slot)
	if x == nil || x.Name.IsZero() {
		return o.Name
	}
	in := func(l i18n.Lang) string { return o.Name.In(l) + " " + x.Name.In(l) }
	return i18n.T(in(i18n.JA), in(i18n.EN))
}

// kept is what the rule of refunds keeps of the price of an entry that was cancelled. Options that were given up before cost nothing.
func (s *Setup) kept(e *Entry, _ []*Chosen) []Owed {
	fee := s.Fee(e.CancelledAt)
	k := s.Kind(e.Kind)
	if fee == 0 || k == nil || k.Free() {
		return nil
	}
	o := k.owed("fee:"+k.Key, i18n.T(k.Name.In(i18n.JA)+"（取消料）", k.Name.In(i18n.EN)+" (cancellation fee)"), 1, e.PricedAt)
	o.Yen = o.Yen * int64(fee) / 100
	return []Owed{o}
}
