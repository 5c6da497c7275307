package registration

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
)

// SlotState is how a slot of an option stands.
type SlotState struct {
	Slot
	Option   *Option
	Capacity int // unlimited: no bound
	Taken    int // places that are held, offered ones too
	Offered  int // places of those
	Asked    int // requests in the lottery
	Waiting  int // requests
	Heads    int // places that those who wait are for
	Lost     int
}

// Bound reports that there is a capacity.
func (x SlotState) Bound() bool { return x.Capacity != unlimited }

// Over reports that more is taken than there is.
func (x SlotState) Over() bool { return x.Bound() && x.Taken > x.Capacity }

// OptionState is how an option stands.
type OptionState struct {
	*Option
	Slots   []SlotState
	Drawing *Drawing
}

// OptionStates are all options of a meeting with their slots, for those who may see who registered.
func (s *Service) OptionStates(ctx context.Context, slug string) ([]OptionState, error) {
	m, err := s.may(ctx, slug, event.MayReadEntries)
	if err != nil {
		return nil, err
	}
	var out []OptionState
	err = s.db.Read(ctx, func(r db.Reader) error {
		quotas, err := quotasOf(ctx, r, m.ID)
		if err != nil {
			return err
		}
		counts, err := slotCounts(ctx, r, m.ID)
		if err != nil {
			return err
		}
		all, err := drawsOf(ctx, r, m.Location(), m.ID)
		if err != nil {
			return err
		}
		for i := range m.Options {
			o := &m.Options[i]
			out = append(out, OptionState{o, m.slotStates(o, quotas, counts), all[o.Key]})
		}
		return nil
	})
	return out, err
}

func (m *Meeting) slotStates(o *Option, quotas map[string]Quota, counts map[string]map[ChoiceState]slotCount) []SlotState {
	var out []SlotState
	for _, x := range o.Slots {
		key := slotQuota(o.Key, x.Key)
		n := counts[key]
		x.Starts, x.Ends = inZone(x.Starts, m.Location()), inZone(x.Ends, m.Location())
		out = append(out, SlotState{x, o, quotas[key].Capacity, quotas[key].Taken, n[Held].heads, n[Asked].choices, n[InLine].choices, n[InLine].heads, n[Lost].choices})
	}
	return out
}

// OptionHolders are those who have, wait for or asked for an option: slot by slot, who has a place first, then those who wait in their order.
func (s *Service) OptionHolders(ctx context.Context, slug, option string) ([]*Holder, error) {
	m, err := s.may(ctx, slug, event.MayReadEntries)
	if err != nil {
		return nil, err
	}
	if m.Option(option) == nil {
		return nil, fault.Missing()
	}
	list, err := holdersOf(ctx, s.db, m.Location(), m.ID, option)
	for _, h := range list {
		h.Ticket = m.ticketOf(h.Chosen)
	}
	rank := map[ChoiceState]int{Taken: 0, Held: 1, InLine: 2, Asked: 3, Lost: 4}
	slices.SortStableFunc(list, func(a, b *Holder) int {
		if c := strings.Compare(a.Slot, b.Slot); c != 0 {
			return c
		}
		if c := rank[a.State] - rank[b.State]; c != 0 {
			return c
		}
		if a.State == InLine {
			return inLine(a.Chosen, b.Chosen)
		}
		return strings.Compare(a.Of.Kana+a.Of.Name.JA, b.Of.Kana+b.Of.Name.JA)
	})
	return list, err
}

// FindEntries finds entries by what somebody typed of them: a name, an address, a reference.
func (s *Service) FindEntries(ctx context.Context, slug, typed string) ([]*Entry, error) {
	m, err := s.may(ctx, slug, event.MayReadEntries)
	if err != nil || folded(typed) == "" {
		return nil, err
	}
	const most = 20
	return someEntries(ctx, s.db, m.Location(), m.ID, typed, most)
}

// GivePlace gives somebody a place by hand: past those who wait, and beyond the capacity only with a reason.
func (s *Service) GivePlace(ctx context.Context, slug, option, slot, entry, why string) error {
	m, err := s.may(ctx, slug, event.MayEditEntries)
	if err != nil {
		return err
	}
	o := m.Option(option)
	if o == nil || o.Slot(slot) == nil {
		return fault.Missing()
	}
	if err := line(&why, MaxLine, "why"); err != nil {
		return err
	}
	e, err := oneEntry(ctx, s.db, m.Location(), `e.meeting_id = $1 AND e.ref = $2`, m.ID, entry)
	if err != nil {
		return err
	}
	if e == nil {
		return fault.Missing()
	}
	return s.choices(ctx, m, e.ID, "registration.choice_given", func(tx *db.Tx, e *Entry, mine []*Chosen) error {
		if e.State != Confirmed && e.State != Invited {
			return fault.New(fault.Conflict, "registration.error.give_waiting")
		}
		c := s.chosen(&Wish{Option: option, Slot: slot})
		i := slices.IndexFunc(mine, func(d *Chosen) bool { return d.quota() == c.quota() })
		switch {
		case i >= 0 && mine[i].State.Holds():
			return fault.New(fault.Conflict, "registration.error.give_has")
		case i >= 0:
			c = mine[i]
		}
		if err := s.takeByHand(ctx, tx, m, c, why); err != nil {
			return err
		}
		was := *c
		c.State, c.PricedAt, c.ChangedAt, c.OfferedUntil = Taken, s.o.Now(), s.o.Now(), time.Time{}
		if i < 0 {
			err = insertChoice(ctx, tx, e, c)
		} else if ok, uerr := updateChoice(ctx, tx, c, was.State); uerr != nil || !ok {
			return orElse(uerr, errChanged())
		}
		if err != nil {
			return err
		}
		if err := s.noted(ctx, tx, m, e, "registration.choice_given", nil, c, why); err != nil {
			return err
		}
		return s.tellChoice(ctx, tx, m, e, c, "given", "")
	})
}

func orElse(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// takeByHand takes the places of a choice, beyond the capacity only with a reason.
func (s *Service) takeByHand(ctx context.Context, tx *db.Tx, m *Meeting, c *Chosen, why string) error {
	ok, err := take(ctx, tx, m.ID, []string{c.quota()}, c.Heads())
	if err != nil || ok {
		return err
	}
	if why == "" {
		return invalid("registration.error.give_why").On("why")
	}
	return takeOver(ctx, tx, m.ID, c.quota(), c.Heads())
}

// TakeAway ends somebody's choice for the organiser, who says why. It costs them nothing.
func (s *Service) TakeAway(ctx context.Context, slug, option, ref, why string) error {
	m, err := s.may(ctx, slug, event.MayEditEntries)
	if err != nil {
		return err
	}
	if err := line(&why, MaxLine, "why"); err != nil {
		return err
	}
	if why == "" {
		return invalid("registration.error.required").On("why")
	}
	list, err := choicesOf(ctx, s.db, m.Location(), `c.meeting_id = $1 AND c.option = $2 AND c.ref = $3`, m.ID, option, ref)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return fault.Missing()
	}
	return s.choices(ctx, m, list[0].Entry, "registration.choice_taken_away", func(tx *db.Tx, e *Entry, mine []*Chosen) error {
		c := byRef(mine, ref)
		if c == nil {
			return fault.New(fault.Conflict, "registration.error.option_gone")
		}
		if err := s.end(ctx, tx, m, e, c, "registration.choice_taken_away", why, false); err != nil {
			return err
		}
		return s.tellChoice(ctx, tx, m, e, c, "taken_away", why)
	})
}
