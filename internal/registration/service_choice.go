package registration

import (
	"context"
	"slices"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/person"
)

// choose stores what an entry asks for besides, and says which places that takes; whoever calls it takes them.
func (s *Service) choose(ctx context.Context, tx *db.Tx, m *meeting, e *Entry, wishes []Wish) (slotsWanted, error) {
	wanted := slotsWanted{}
	now := s.o.Now()
	var taken []*Slot
	for _, w := range wishes {
		o := m.Option(w.Option)
		if o == nil || o.Slot(w.Slot) == nil || o.Concerned {
			return nil, invalid("registration.error.no_option").On("option." + w.Option)
		}
		x := o.Slot(w.Slot)
		if err := o.mayAsk(e, x, &w, now); err != nil {
			return nil, err
		}
		if !o.Clashes {
			for _, y := range taken {
				if x.overlaps(y) {
					return nil, fault.New(fault.Conflict, "registration.error.option_clash").On("option." + o.Key)
				}
			}
			taken = append(taken, x)
		}
		c := &Chosen{Ref: person.NewRef(), Option: o.Key, Slot: x.Key, State: Taken, Companions: w.Companions, Place: now.UnixMicro(), AskedAt: now, PricedAt: now, ChangedAt: now}
		if o.Rule == Lottery {
			c.State = Asked
		} else {
			wanted[c.quota()] += c.Heads()
		}
		if err := insertChoice(ctx, tx, e, c); err != nil {
			return nil, err
		}
	}
	return wanted, nil
}

// mayAsk says why somebody cannot ask for a slot now, or nil.
func (o *Option) mayAsk(e *Entry, x *Slot, w *Wish, now time.Time) error {
	at := "option." + o.Key
	switch {
	case now.Before(o.Opens):
		return fault.New(fault.Conflict, "registration.error.option_soon").On(at)
	case passed(o.closes(x), now):
		return fault.New(fault.Conflict, "registration.error.option_over").On(at)
	case w.Companions < 0 || w.Companions > o.Companions:
		return invalid("registration.error.companions_max").With("max", o.Companions).On(at)
	case !o.Declares.IsZero() && !w.Declared:
		return invalid("registration.error.declare").On(at)
	}
	return o.Fits(e)
}

// ownOptions are what an entry chose, with what its person may still do with each.
func (s *Service) ownOptions(_ context.Context, m *meeting, e *Own) ([]ownOption, error) {
	var out []ownOption
	for _, c := range e.Choices {
		o := m.Option(c.Option)
		if o == nil {
			continue
		}
		x := o.Slot(c.Slot)
		one := ownOption{Chosen: c, Name: o.nameOf(c.Slot), Slot: x, Price: o.At(c.PricedAt) * int64(c.Heads()), HeldUntil: c.OfferedUntil, StateWords: choiceWords[c.State]}
		if x != nil {
			one.Starts, one.Until = inZone(x.Starts, m.Location()), inZone(o.cancelUntil(x), m.Location())
			one.CanGive = e.Active() && c.State != Lost && !passed(one.Until, s.o.Now())
		}
		out = append(out, one)
	}
	return out, nil
}

// Registered lists who has a place in a session that is an option: guids by row id of the account.
func (s *Service) Registered(ctx context.Context, r db.Reader, m *event.Stored, guids []string) (map[int64][]string, error) {
	known, err := s.meeting(ctx, m.Slug)
	if err != nil {
		return nil, err
	}
	session := map[string]string{}
	var options []string
	for i := range known.Options {
		if o := &known.Options[i]; slices.Contains(guids, o.Session) {
			session[o.Key], options = o.Session, append(options, o.Key)
		}
	}
	list, err := holders(ctx, r, m.ID, options)
	out := map[int64][]string{}
	for id, keys := range list {
		for _, k := range keys {
			if !slices.Contains(out[id], session[k]) {
				out[id] = append(out[id], session[k])
			}
		}
	}
	return out, err
}
