package registration

import (
	"context"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// OwnOption is one of somebody's choices with everything that is said of it before they do anything with it.
type OwnOption struct {
	*Chosen
	Option     *Option
	Name       i18n.Text
	Slot       *Slot
	Starts     time.Time
	Until      time.Time // to give it up by oneself; zero: always
	Price      int64     // of all places
	CanGive    bool
	Fee        int   // percent of the price that is kept of who gives it up now
	FeeYen     int64 //
	Ahead      int
	HeldUntil  time.Time
	StateWords i18n.Text
	Gives      []*OwnOption // what one gives up by accepting it
	Stuck      bool         // one of those cannot be given up any more
	Ticket     string       // in the lottery
	Draw       *Drawing     // nil: it was not in one
	Most       int          // companions one may bring
}

// ownChoice tells of one choice.
func (s *Service) ownChoice(m *Meeting, e *Own, c *Chosen) *OwnOption {
	o := m.Option(c.Option)
	if o == nil {
		return nil
	}
	now := s.o.Now()
	one := &OwnOption{Chosen: c, Option: o, Name: o.NameOf(c.Slot), Slot: o.Slot(c.Slot), HeldUntil: c.OfferedUntil, StateWords: c.State.Words(), Most: o.Companions}
	at := c.PricedAt
	if c.State == InLine || c.State == Held {
		at = now // who accepts now pays the price of now
	}
	one.Price = o.At(at) * int64(c.Heads())
	one.Fee = m.fee(o, c, now)
	one.FeeYen = o.At(c.PricedAt) * int64(one.Fee) / 100 * int64(c.Heads())
	one.CanGive = e.Active() && o.mayGive(c, now)
	if one.Slot != nil {
		one.Starts = inZone(one.Slot.Starts, m.Location())
		if c.State == Taken {
			one.Until = inZone(o.cancelUntil(one.Slot), m.Location())
		}
		if c.State == InLine && now.Before(o.ReleaseAt) {
			one.HeldUntil = time.Time{}
		}
	}
	if o.Rule == Lottery {
		one.Ticket = m.ticketOf(c)
	}
	return one
}

// ownOptions are what an entry chose, with what its person may still do with each.
func (s *Service) ownOptions(ctx context.Context, m *Meeting, e *Own) ([]*OwnOption, error) {
	var out []*OwnOption
	ahead, err := aheadOf(ctx, s.db, e.ID)
	if err != nil {
		return nil, err
	}
	for _, c := range e.Choices {
		one := s.ownChoice(m, e, c)
		if one == nil {
			continue
		}
		one.Ahead = ahead[c.ID]
		if c.State == Held && one.Slot != nil {
			one.Gives, one.Stuck = s.givesUp(m, e, one.Option, one.Slot)
		}
		out = append(out, one)
	}
	return out, nil
}

// givesUp are the choices that somebody gives up by taking a slot, and whether one of them cannot be.
func (s *Service) givesUp(m *Meeting, e *Own, o *Option, x *Slot) (list []*OwnOption, stuck bool) {
	for _, c := range m.rivals(o, x, e.Choices) {
		if one := s.ownChoice(m, e, c); one != nil {
			list, stuck = append(list, one), stuck || !one.CanGive
		}
	}
	return list, stuck
}

// optionCard is an option on one's own page.
type optionCard struct {
	optionView
	Why     *fault.Error // why one cannot choose it, or nil
	WhyText string
	Slots   []*slotCard
	Lottery *Drawing
	Drawn   bool
	Hold    int // hours that an offered place is kept
	Dear    bool
	Closes  time.Time
	Ends    time.Time // when places that nobody claimed go to others
	Draws   time.Time
}

// slotCard is a slot of an option on one's own page.
type slotCard struct {
	slotView
	Mine    *OwnOption
	Waiting int // who waits now
	Asked   int // who is in the lottery now
	Gives   []*OwnOption
	Stuck   bool
	Until   time.Time // to give it up by oneself, once one has it
}

// optionCards are all options that somebody has or could have, with everything said about each.
func (s *Service) optionCards(ctx context.Context, m *Meeting, e *Own) ([]*optionCard, error) {
	var quotas map[string]Quota
	var counts map[string]map[ChoiceState]slotCount
	var all map[string]*Drawing
	err := s.db.Read(ctx, func(r db.Reader) (err error) {
		if quotas, err = quotasOf(ctx, r, m.ID); err != nil {
			return err
		}
		if counts, err = slotCounts(ctx, r, m.ID); err != nil {
			return err
		}
		all, err = drawsOf(ctx, r, m.Location(), m.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	mine, err := s.ownOptions(ctx, m, e)
	if err != nil {
		return nil, err
	}
	have := map[string]*OwnOption{}
	for _, x := range mine {
		if x.Option.Rule == Lottery {
			x.Draw = all[x.Chosen.Option]
		}
		have[x.quota()] = x
	}
	var out []*optionCard
	for _, v := range optionViews(m, quotas, s.o.Now()) {
		out = append(out, s.optionCard(m, e, v, counts, all[v.Key], have))
	}
	return append(out, s.heldByOrganiser(m, have)...), nil
}

func (s *Service) optionCard(m *Meeting, e *Own, v optionView, counts map[string]map[ChoiceState]slotCount, d *Drawing, have map[string]*OwnOption) *optionCard {
	loc, o := m.Location(), v.Option
	c := &optionCard{optionView: v, Hold: int(m.hold(o) / time.Hour), Closes: inZone(o.Closes, loc), Draws: inZone(o.DrawAt, loc), Ends: inZone(o.ReleaseAt, loc)}
	if o.Rule == Lottery {
		c.Lottery, c.Drawn = d, d.Drawn()
	}
	c.Why, _ = fault.As(o.Fits(e.Entry))
	for i := range v.Slots {
		x := &slotCard{slotView: v.Slots[i], Until: inZone(o.cancelUntil(&v.Slots[i].Slot), loc)}
		key := slotQuota(o.Key, x.Key)
		x.Mine, x.Waiting, x.Asked = have[key], counts[key][InLine].choices, counts[key][Asked].choices
		x.Over = x.Over || c.Lottery.Frozen() && !c.Drawn
		x.Full = x.Full || x.Waiting > 0 && x.Bound // nobody gets past those who wait
		if x.Mine == nil {
			x.Gives, x.Stuck = s.givesUp(m, e, o, &v.Slots[i].Slot)
		}
		c.Slots = append(c.Slots, x)
	}
	return c
}

// heldByOrganiser are options that nobody can ask for, but that somebody was given.
func (s *Service) heldByOrganiser(m *Meeting, have map[string]*OwnOption) []*optionCard {
	var out []*optionCard
	for i := range m.Options {
		o := &m.Options[i]
		if !o.Concerned {
			continue
		}
		c := &optionCard{optionView: optionView{Option: o}}
		for _, x := range o.Slots {
			if mine := have[slotQuota(o.Key, x.Key)]; mine != nil {
				v := slotView{Slot: x, Over: true}
				v.Starts, v.Ends = inZone(x.Starts, m.Location()), inZone(x.Ends, m.Location())
				c.Slots = append(c.Slots, &slotCard{slotView: v, Mine: mine})
			}
		}
		if len(c.Slots) > 0 {
			out = append(out, c)
		}
	}
	return out
}

// UntilAll is until when any slot of the option can be given up, where that is the same for all; else the zero time.
func (c *optionCard) UntilAll() time.Time {
	for _, x := range c.Slots {
		if !x.Until.Equal(c.Slots[0].Until) {
			return time.Time{}
		}
	}
	if len(c.Slots) == 0 {
		return time.Time{}
	}
	return c.Slots[0].Until
}

// UntilStart reports that each of several slots can be given up until it begins.
func (c *optionCard) UntilStart() bool {
	for _, x := range c.Slots {
		if x.Until.IsZero() || !x.Until.Equal(x.Starts) {
			return false
		}
	}
	return len(c.Slots) > 1
}
