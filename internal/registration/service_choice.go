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

// wish is what somebody asks for besides, as the setup knows it.
type wish struct {
	*Wish
	o *Option
	x *Slot
}

// wishes checks what somebody asks for in one form. Nothing is stored by it, and no place taken.
func (s *Setup) wishes(e *Entry, list []Wish, now time.Time) ([]wish, error) {
	var out []wish
	var mine []*Chosen
	for i := range list {
		w := wish{Wish: &list[i], o: s.Option(list[i].Option)}
		if w.o == nil || w.o.Concerned || w.o.Slot(w.Slot) == nil {
			return nil, invalid("registration.error.no_option").On("option." + w.Option)
		}
		w.x = w.o.Slot(w.Slot)
		if err := w.o.mayAsk(e, w.x, w.Wish, now); err != nil {
			return nil, err
		}
		if slices.ContainsFunc(mine, func(c *Chosen) bool { return c.Option == w.Option && c.Slot == w.Slot }) {
			continue
		}
		c := &Chosen{Option: w.Option, Slot: w.Slot, State: Taken}
		if w.Wait {
			c.State = InLine
		} else if len(s.rivals(w.o, w.x, mine)) > 0 {
			return nil, fault.New(fault.Conflict, "registration.error.option_clash").On("option." + w.Option)
		}
		mine, out = append(mine, c), append(out, w)
	}
	return out, nil
}

// choose stores what an entry asks for besides, and says which places that takes; whoever calls it takes them. Who waits for a place at the
// meeting waits for everything else too.
func (s *Service) choose(ctx context.Context, tx *db.Tx, m *Meeting, e *Entry, list []Wish) (slotsWanted, error) {
	wanted := slotsWanted{}
	asked, err := m.wishes(e, list, s.o.Now())
	if err != nil {
		return nil, err
	}
	for _, w := range asked {
		c := s.chosen(w.Wish)
		switch lottery, err := s.inLottery(ctx, tx, m, w.o); {
		case err != nil:
			return nil, err
		case lottery:
			c.State = Asked
		case e.State == Waiting:
			c.State = InLine
		case w.Wait && w.o.Waiting:
			c.State = InLine
			if err := s.freed(ctx, tx, m.Slug); err != nil { // where there is a place by now, it is offered at once
				return nil, err
			}
		default:
			wanted[c.quota()] += c.Heads()
		}
		if err := insertChoice(ctx, tx, e, c); err != nil {
			return nil, err
		}
	}
	return wanted, nil
}

// chosen is a new choice of what somebody asks for, as if there were a place.
func (s *Service) chosen(w *Wish) *Chosen {
	now := s.o.Now()
	return &Chosen{Ref: person.NewRef(), Option: w.Option, Slot: w.Slot, State: Taken, Companions: w.Companions, Place: now.UnixMicro(), AskedAt: now, PricedAt: now, ChangedAt: now}
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
