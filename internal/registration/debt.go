package registration

import (
	"context"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// debt is everything an entry owes: for its kind and for what it has chosen, each at the price of when it was taken. One that is cancelled
// owes what the rule of refunds keeps.
func (s *Service) debt(ctx context.Context, tx *db.Tx, m *Meeting, e *Entry, choices []*Chosen) (Debt, error) {
	d := Debt{Entry: e.Ref, Group: e.Group, Payer: e.Details, Of: e.Name.In(e.Lang), Owner: e.Person}
	var err error
	if d.Payer, d.Owner, err = s.payer(ctx, tx, e); err != nil {
		return d, err
	}
	switch {
	case e.Group != "" && e.ProvedAt.IsZero():
		return d, nil // a colleague who never confirmed
	case e.State == Cancelled:
		into, err := mergedInto(ctx, tx, e.ID)
		if err != nil || into != "" {
			return d, err
		}
		d.Lines, err = s.lowered(ctx, tx, m, e, m.kept(e, choices))
		return d, err
	case e.State == Waiting, e.State == Offered, e.State == Invited && e.ProvedAt.IsZero():
		return d, nil
	}
	last := time.Time{} // when the last of it was taken
	if k := m.Kind(e.Kind); k != nil && !k.Free() {
		last = e.PricedAt
		d.Lines = append(d.Lines, k.owed("kind:"+k.Key, k.Name, 1, e.PricedAt))
	}
	for _, c := range choices {
		o := m.Option(c.Option)
		if o == nil || o.Free() || c.State != Taken { // what is only offered is owed when it is accepted
			continue
		}
		if c.PricedAt.After(last) {
			last = c.PricedAt
		}
		d.Lines = append(d.Lines, o.owed("option:"+c.Option+"/"+c.Slot, o.NameOf(c.Slot), c.Heads(), c.PricedAt))
	}
	if !last.IsZero() {
		d.Due = m.due(last, m.Location())
	}
	d.Lines, err = s.lowered(ctx, tx, m, e, append(append(d.Lines, m.keptOfKind(e)...), m.keptOfChoices(choices)...))
	return d, err
}

// keptOfKind is what is kept of the price of a kind that was changed for a cheaper one. What a code lowers is taken off it already.
func (s *Setup) keptOfKind(e *Entry) []Owed {
	k := s.Kind(e.KeptKind)
	if k == nil || e.KeptYen == 0 {
		return nil
	}
	l := k.fee("changed:"+k.Key, k.Name, 1, e.PricedAt, 100)
	l.Yen = e.KeptYen
	return []Owed{l}
}

// owed is a line of a debt.
func (p Priced) owed(key string, name i18n.Text, quantity int, at time.Time) Owed {
	return Owed{Key: key, Name: name, Yen: p.At(at), Quantity: quantity, Rate: p.Rate, Seller: p.Seller}
}

// NameOf is the name of an option with that of one of its slots.
func (o *Option) NameOf(slot string) i18n.Text {
	x := o.Slot(slot)
	if x == nil || x.Name.IsZero() {
		return o.Name
	}
	in := func(l i18n.Lang) string { return o.Name.In(l) + " " + x.Name.In(l) }
	return i18n.T(in(i18n.JA), in(i18n.EN))
}

// kept is what the rule of refunds keeps of the price of an entry that was cancelled, and of what was chosen. One whose fee is waived
// costs nothing: the program ended it, or it was never confirmed.
func (s *Setup) kept(e *Entry, choices []*Chosen) []Owed {
	out := s.keptOfChoices(choices)
	if !e.Waived {
		out = append(s.keptOfKind(e), out...)
	}
	fee := s.Fee(e.CancelledAt)
	k := s.Kind(e.Kind)
	if fee == 0 || k == nil || k.Free() || e.Waived {
		return out
	}
	return append(out, k.fee("fee:"+k.Key, k.Name, 1, e.PricedAt, fee))
}

// keptOfChoices is what is kept of the prices of what was given up.
func (s *Setup) keptOfChoices(choices []*Chosen) []Owed {
	var out []Owed
	for _, c := range choices {
		if o := s.Option(c.Option); c.State == GivenUp && c.Kept > 0 && o != nil && !o.Free() {
			what := "kept:"
			if c.Place == 0 { // companions alone: no code lowers their price
				what = "brought:"
			}
			out = append(out, o.fee(what+c.Option+"/"+c.Slot+":"+c.Ref, o.NameOf(c.Slot), c.Heads(), c.PricedAt, c.Kept))
		}
	}
	return out
}

// fee is a line of a debt: so many percent of a price.
func (p Priced) fee(key string, name i18n.Text, quantity int, at time.Time, percent int) Owed {
	o := p.owed(key, i18n.T(name.In(i18n.JA)+"（取消料）", name.In(i18n.EN)+" (cancellation fee)"), quantity, at)
	o.full, o.percent = o.Yen, percent
	o.Yen = o.Yen * int64(percent) / 100
	return o
}
