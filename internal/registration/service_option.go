package registration

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/person"
)

// slotFull is what somebody gets for whom there is no place in a slot; which is "option/slot".
func (m *Meeting) slotFull(which string) error {
	option, slot := cutSlot(which)
	o := m.Option(option)
	if o == nil {
		return errFull("option." + option)
	}
	return fault.New(fault.Conflict, "registration.error.option_full").With("name", o.NameOf(slot)).With("slot", slot).On("option." + option)
}

// errChanged is what somebody gets whose page was older than what is so now.
func errChanged() error { return fault.New(fault.Conflict, "registration.error.changed") }

// errLater is what a job gets that found something changed: it looks again at its next run.
var errLater = errors.New("it changed meanwhile")

// choices changes what an entry chose: do gets the entry and its choices as they are now, in a transaction in which nobody else changes the
// entry. What is owed is stated anew.
func (s *Service) choices(ctx context.Context, m *Meeting, id EntryID, why string, do func(tx *db.Tx, e *Entry, mine []*Chosen) error) error {
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		e, err := oneEntry(ctx, tx, m.Location(), `e.id = $1`, id)
		switch {
		case err != nil:
			return err
		case e == nil:
			return fault.Missing()
		case !e.Active():
			return fault.New(fault.Conflict, "registration.error.is_cancelled")
		}
		ok, err := touchEntry(ctx, tx, e, s.o.Now())
		if err != nil {
			return err
		}
		if !ok {
			return errChanged()
		}
		e.Version++
		mine, err := choicesOf(ctx, tx, m.Location(), `c.entry_id = $1 AND c.state <> 'cancelled'`, e.ID)
		if err != nil {
			return err
		}
		if err := do(tx, e, mine); err != nil {
			return err
		}
		return s.owe(ctx, tx, m, e, why)
	})
	if full, ok := errors.AsType[noPlace](err); ok {
		_, which, _ := cutKey(full.keys[0])
		return m.slotFull(which)
	}
	return err
}

// move brings a choice into another state and records that, or fails with errChanged where somebody was faster.
func (s *Service) move(ctx context.Context, tx *db.Tx, m *Meeting, e *Entry, c *Chosen, action string, change func(c *Chosen)) error {
	was := *c
	change(c)
	c.ChangedAt = s.o.Now()
	ok, err := updateChoice(ctx, tx, c, was.State)
	if err != nil {
		return err
	}
	if !ok {
		*c = was
		return errChanged()
	}
	return s.noted(ctx, tx, m, e, action, &was, c, "")
}

// noted records a change of a choice with its entry; before is nil of a new one.
func (s *Service) noted(ctx context.Context, tx *db.Tx, m *Meeting, e *Entry, action string, before, after *Chosen, why string) error {
	a := audit.Entry{Action: action, Scope: m.Slug, Object: "entry:" + e.Ref, After: after.words(), At: s.o.Now()}
	if before != nil {
		a.Before = before.words()
		delete(a.Before, "option") // so that the log says of which option it is
	}
	if why != "" {
		a.After["why"] = why
	}
	return audit.Record(ctx, tx, a)
}

// words is a choice as the audit log tells it.
func (c *Chosen) words() map[string]string {
	out := map[string]string{"option": c.Option + "/" + c.Slot, "state": string(c.State)}
	if c.Companions > 0 {
		out["companions"] = strconv.Itoa(c.Companions)
	}
	if c.Kept > 0 {
		out["fee"] = strconv.Itoa(c.Kept) + " %"
	}
	return out
}

// giveUp cancels a choice for its person and gives its places back. What the rule of refunds keeps of its price is noted with it.
func (s *Service) giveUp(ctx context.Context, tx *db.Tx, m *Meeting, e *Entry, c *Chosen) error {
	return s.end(ctx, tx, m, e, c, "registration.choice_cancelled", "", !e.Waived)
}

// end ends a choice, in whatever state it is by now, and gives its places back. Where charged, what the rule of refunds keeps is owed.
func (s *Service) end(ctx context.Context, tx *db.Tx, m *Meeting, e *Entry, c *Chosen, action, why string, charged bool) error {
	for range 3 {
		was := *c
		if charged {
			c.Kept = m.fee(m.Option(c.Option), c, s.o.Now())
		}
		c.State, c.OfferedUntil, c.ChangedAt = GivenUp, time.Time{}, s.o.Now()
		ok, err := updateChoice(ctx, tx, c, was.State)
		if err != nil {
			return err
		}
		if ok {
			if err := s.emptied(ctx, tx, m, &was, was.Heads()); err != nil {
				return err
			}
			return s.noted(ctx, tx, m, e, action, &was, c, why)
		}
		now, err := choicesOf(ctx, tx, m.Location(), `c.id = $1`, c.ID)
		if err != nil || len(now) == 0 || now[0].State == GivenUp {
			return err
		}
		*c = *now[0]
	}
	return errChanged()
}

// emptied gives places back that a choice held, and lets those who wait be looked at.
func (s *Service) emptied(ctx context.Context, tx *db.Tx, m *Meeting, was *Chosen, heads int) error {
	if !was.State.Holds() {
		return nil
	}
	if err := giveBack(ctx, tx, m.ID, []string{was.quota()}, heads); err != nil {
		return err
	}
	return s.freed(ctx, tx, m.Slug)
}

// ChoiceChanged says that something happened to a choice that its person is written about.
type ChoiceChanged struct {
	Slug string `json:"slug"`
	Ref  string `json:"ref"` // of the choice
	What string `json:"what"`
	At   int64  `json:"at"` // so that each change is told once
	Why  string `json:"why,omitempty"`
}

// JobName implements job.Event.
func (ChoiceChanged) JobName() string { return "registration.choice" }

// tellChoice lets the person of a choice be written to.
func (s *Service) tellChoice(ctx context.Context, tx *db.Tx, m *Meeting, e *Entry, c *Chosen, what, why string) error {
	if e.Address == "" {
		return nil
	}
	return s.o.Jobs.Enqueue(ctx, tx, ChoiceChanged{m.Slug, c.Ref, what, db.Micros(c.ChangedAt), why})
}

// changed lets the letter with everything and the calendar be sent.
func (s *Service) changed(ctx context.Context, tx *db.Tx, m *Meeting, e *Entry) error {
	return s.tell(ctx, tx, m.Slug, e, "changed")
}

// byRef finds one of somebody's choices.
func byRef(mine []*Chosen, ref string) *Chosen {
	if i := slices.IndexFunc(mine, func(c *Chosen) bool { return c.Ref == ref }); i >= 0 {
		return mine[i]
	}
	return nil
}

// exchange gives up what somebody cannot have beside a slot. gives are the refs of what their page said would be given up: where it said
// something else, nothing is done.
func (s *Service) exchange(ctx context.Context, tx *db.Tx, m *Meeting, e *Entry, o *Option, x *Slot, mine []*Chosen, gives []string) error {
	rivals := m.rivals(o, x, mine)
	if len(rivals) == 0 {
		return nil
	}
	for _, c := range rivals {
		switch {
		case !slices.Contains(gives, c.Ref):
			return fault.New(fault.Conflict, "registration.error.option_clash").On("option." + o.Key)
		case !m.Option(c.Option).mayGive(c, s.o.Now()):
			return fault.New(fault.Conflict, "registration.error.option_rival").On("option." + o.Key)
		}
	}
	for _, c := range rivals {
		if err := s.giveUp(ctx, tx, m, e, c); err != nil {
			return err
		}
	}
	return nil
}

// Ask asks for a slot with one's own entry: a place, a ticket in a lottery, or the waiting list. gives are the choices that the page said
// this gives up.
func (s *Service) Ask(ctx context.Context, own *Own, w Wish, gives []string) error {
	m := own.m
	o := m.Option(w.Option)
	if o == nil || o.Concerned || o.Slot(w.Slot) == nil {
		return invalid("registration.error.no_option")
	}
	x, at := o.Slot(w.Slot), "option."+w.Option
	return s.choices(ctx, m, own.ID, "registration.choice_made", func(tx *db.Tx, e *Entry, mine []*Chosen) error {
		if err := o.mayAsk(e, x, &w, s.o.Now()); err != nil {
			return err
		}
		c := s.chosen(&w)
		if slices.ContainsFunc(mine, func(d *Chosen) bool { return d.quota() == c.quota() && d.State != Lost }) {
			return fault.New(fault.Conflict, "registration.error.option_have").On(at)
		}
		if err := s.place(ctx, tx, m, e, c, &w, mine, gives); err != nil {
			return err
		}
		if err := insertChoice(ctx, tx, e, c); err != nil {
			return err
		}
		if err := s.noted(ctx, tx, m, e, "registration.choice_made", nil, c, ""); err != nil {
			return err
		}
		if c.State == InLine {
			return s.tellChoice(ctx, tx, m, e, c, "waiting", "")
		}
		return s.changed(ctx, tx, m, e)
	})
}

// place decides what becomes of a new choice: in the lottery, in line, or with its places taken.
func (s *Service) place(ctx context.Context, tx *db.Tx, m *Meeting, e *Entry, c *Chosen, w *Wish, mine []*Chosen, gives []string) error {
	o := m.Option(c.Option)
	x := o.Slot(c.Slot)
	lottery, err := s.inLottery(ctx, tx, m, o)
	if err != nil {
		return err
	}
	if !lottery && (e.State != Confirmed || w.Wait && o.Waiting) {
		c.State = InLine
		return s.freed(ctx, tx, m.Slug) // where there is a place by now, it is offered at once
	}
	if err := s.exchange(ctx, tx, m, e, o, x, mine, gives); err != nil {
		return err
	}
	if lottery {
		c.State = Asked
		return nil
	}
	return s.takeAll(ctx, tx, m, nil, slotsWanted{c.quota(): c.Heads()})
}

// ChangeCompanions changes how many somebody brings. More need places; all have the price of the choice.
func (s *Service) ChangeCompanions(ctx context.Context, own *Own, ref string, n int) error {
	m := own.m
	return s.choices(ctx, m, own.ID, "registration.choice_companions", func(tx *db.Tx, e *Entry, mine []*Chosen) error {
		c := byRef(mine, ref)
		if c == nil || c.State == Lost {
			return fault.Missing()
		}
		o := m.Option(c.Option)
		if o == nil || o.Slot(c.Slot) == nil {
			return fault.Missing()
		}
		if err := s.mayBring(ctx, tx, m, o, c, n); err != nil || n == c.Companions {
			return err
		}
		more := n - c.Companions
		if err := s.move(ctx, tx, m, e, c, "registration.choice_companions", func(c *Chosen) { c.Companions = n }); err != nil {
			return err
		}
		if err := s.changed(ctx, tx, m, e); err != nil || !c.State.Holds() {
			return err
		}
		if more < 0 {
			if err := s.bringsFewer(ctx, tx, m, e, c, -more); err != nil {
				return err
			}
			return s.emptied(ctx, tx, m, c, -more)
		}
		return s.takeAll(ctx, tx, m, nil, slotsWanted{c.quota(): more})
	})
}

// bringsFewer notes what the rule of refunds keeps of the price of n companions who do not come, as a choice that was given up. Such a choice
// had no place in a line.
func (s *Service) bringsFewer(ctx context.Context, tx *db.Tx, m *Meeting, e *Entry, c *Chosen, n int) error {
	fee := m.fee(m.Option(c.Option), c, s.o.Now())
	if fee == 0 {
		return nil
	}
	return insertChoice(ctx, tx, e, &Chosen{
		Ref: person.NewRef(), Option: c.Option, Slot: c.Slot, State: GivenUp, Companions: n - 1, AskedAt: c.AskedAt, PricedAt: c.PricedAt, ChangedAt: s.o.Now(), Kept: fee,
	})
}

// mayBring says why somebody cannot bring so many.
func (s *Service) mayBring(ctx context.Context, tx *db.Tx, m *Meeting, o *Option, c *Chosen, n int) error {
	now, at := s.o.Now(), "option."+o.Key
	switch {
	case n < 0 || n > o.Companions:
		return invalid("registration.error.companions_max").With("max", o.Companions).On(at)
	case n > c.Companions && passed(o.closes(o.Slot(c.Slot)), now):
		return fault.New(fault.Conflict, "registration.error.option_over").On(at)
	case n < c.Companions && !o.mayGive(c, now):
		return fault.New(fault.Conflict, "registration.error.deadline").On(at)
	case c.State != Asked:
		return nil
	}
	open, err := s.inLottery(ctx, tx, m, o)
	if err == nil && !open {
		return fault.New(fault.Conflict, "registration.error.option_over").On(at)
	}
	return err
}

// GiveUp gives up a choice of one's own: a place, one that is offered, or one's place in the line.
func (s *Service) GiveUp(ctx context.Context, own *Own, ref string) error {
	m := own.m
	return s.choices(ctx, m, own.ID, "registration.choice_cancelled", func(tx *db.Tx, e *Entry, mine []*Chosen) error {
		c := byRef(mine, ref)
		if c == nil {
			return fault.New(fault.Conflict, "registration.error.option_gone")
		}
		if o := m.Option(c.Option); o != nil && !o.mayGive(c, s.o.Now()) {
			return fault.New(fault.Conflict, "registration.error.deadline")
		}
		if err := s.giveUp(ctx, tx, m, e, c); err != nil {
			return err
		}
		return s.tellChoice(ctx, tx, m, e, c, "given_up", "")
	})
}

// AcceptOffer takes a place that is kept for somebody. gives are the choices that the page said this gives up.
func (s *Service) AcceptOffer(ctx context.Context, own *Own, ref string, gives []string) error {
	m := own.m
	over := fault.New(fault.Conflict, "registration.error.offer_over")
	return s.choices(ctx, m, own.ID, "registration.choice_accepted", func(tx *db.Tx, e *Entry, mine []*Chosen) error {
		c := byRef(mine, ref)
		if c == nil || c.State != Held || passed(c.OfferedUntil, s.o.Now()) {
			return over
		}
		o := m.Option(c.Option)
		if o == nil || o.Slot(c.Slot) == nil {
			return over
		}
		if err := s.exchange(ctx, tx, m, e, o, o.Slot(c.Slot), mine, gives); err != nil {
			return err
		}
		err := s.move(ctx, tx, m, e, c, "registration.choice_accepted", func(c *Chosen) {
			c.State, c.PricedAt, c.OfferedUntil = Taken, s.o.Now(), time.Time{}
		})
		if err != nil {
			return err
		}
		return s.changed(ctx, tx, m, e)
	})
}
