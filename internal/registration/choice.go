package registration

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
)

// ChoiceState is where a choice stands.
type ChoiceState string

// The states of a choice.
const (
	Asked   ChoiceState = "asked"     // in a lottery that was not drawn yet
	InLine  ChoiceState = "waiting"   // for a place
	Held    ChoiceState = "offered"   // a place is kept until OfferedUntil
	Taken   ChoiceState = "taken"     //
	Lost    ChoiceState = "lost"      // in the lottery, and there is no waiting list
	GivenUp ChoiceState = "cancelled" // counts nowhere
)

// defaultHold is how long an offered place is kept where nobody said.
const defaultHold = 48 * time.Hour

// Holds reports whether a choice in the state has its places.
func (s ChoiceState) Holds() bool { return s == Taken || s == Held }

// Chosen is a slot of an option that somebody chose.
type Chosen struct {
	ID           int64
	Ref          string
	Entry        EntryID
	Option, Slot string
	State        ChoiceState
	Companions   int
	Place        int64 // order in the waiting list; smaller is sooner
	AskedAt      time.Time
	PricedAt     time.Time // when the place was taken or asked for: the price of that time holds
	OfferedUntil time.Time
	ChangedAt    time.Time
	Kept         int // percent of the price that is kept of one that was given up
}

// Binds reports whether a choice in the state keeps somebody from another at the same time: it has a place, or may get one without being
// asked again.
func (s ChoiceState) Binds() bool { return s.Holds() || s == Asked }

// Heads are how many places a choice takes.
func (c *Chosen) Heads() int { return 1 + c.Companions }

// inLine orders choices as they wait: slot by slot, the first to be served first.
func inLine(a, b *Chosen) int {
	return cmp.Or(cmp.Compare(a.quota(), b.quota()), cmp.Compare(a.Place, b.Place), cmp.Compare(a.ID, b.ID))
}

// quota is the key of the quota of what was chosen.
func (c *Chosen) quota() string { return slotQuota(c.Option, c.Slot) }

// cutKey parts the key of a quota into what it is of, and which.
func cutKey(key string) (what, which string, ok bool) { return strings.Cut(key, ":") }

// cutSlot parts what the quota of a slot is of.
func cutSlot(which string) (option, slot string) {
	option, slot, _ = strings.Cut(which, "/")
	return option, slot
}

func dateOf(s string) event.Date { return event.Date(s) }

// closes is when nobody can ask for a slot any more; zero: never.
func (o *Option) closes(x *Slot) time.Time {
	if !o.Closes.IsZero() {
		return o.Closes
	}
	return x.Starts
}

// cancelUntil is until when somebody may give up a slot by themselves; zero: always.
func (o *Option) cancelUntil(x *Slot) time.Time {
	if !o.CancelUntil.IsZero() {
		return o.CancelUntil
	}
	return x.Starts
}

// hold is how long a place that is offered is kept.
func (s *Setup) hold(o *Option) time.Duration {
	switch {
	case o != nil && o.AcceptHours > 0:
		return time.Duration(o.AcceptHours) * time.Hour
	case s.AcceptHours > 0:
		return time.Duration(s.AcceptHours) * time.Hour
	}
	return defaultHold
}

// Fits says why an entry may not choose an option, or nil. What is full is not its business.
func (o *Option) Fits(e *Entry) error {
	at := "option." + o.Key
	switch {
	case len(o.Kinds) > 0 && !slices.Contains(o.Kinds, e.Kind):
		return fault.New(fault.Conflict, "registration.error.option_kind_of").On(at)
	case o.Day != "" && e.On(o.Day) != Onsite:
		return fault.New(fault.Conflict, "registration.error.option_day").With("day", string(o.Day)).On(at)
	case !o.If.Met(e.Answers):
		return fault.New(fault.Conflict, "registration.error.option_if").On(at)
	}
	return nil
}

// overlaps reports whether two slots are at the same time.
func (x *Slot) overlaps(y *Slot) bool {
	return !x.Starts.IsZero() && !y.Starts.IsZero() && x.Starts.Before(y.Ends) && y.Starts.Before(x.Ends)
}

// rivals are those of somebody's choices beside which they cannot have a slot: others of the same option, unless one may have several, and
// what is at the same time. Waiting lists are no rivals: one chooses when a place is offered.
func (s *Setup) rivals(o *Option, x *Slot, mine []*Chosen) []*Chosen {
	var out []*Chosen
	for _, c := range mine {
		p := s.Option(c.Option)
		if p == nil || !c.State.Binds() || c.Option == o.Key && c.Slot == x.Key {
			continue
		}
		y := p.Slot(c.Slot)
		same := p.Key == o.Key && !o.Several
		if same || !o.Clashes && !p.Clashes && y != nil && x.overlaps(y) {
			out = append(out, c)
		}
	}
	return out
}

// fee is how much of the price is kept of a choice that is given up at a time, in percent. What was only asked or waited for costs nothing.
func (s *Setup) fee(o *Option, c *Chosen, now time.Time) int {
	if o == nil || o.Free() || c.State != Taken {
		return 0
	}
	return s.Fee(now)
}

// mayGive reports whether somebody may give up a choice by themselves. Only a place that was taken has a deadline.
func (o *Option) mayGive(c *Chosen, now time.Time) bool {
	switch c.State {
	case Taken:
		x := o.Slot(c.Slot)
		return x == nil || !passed(o.cancelUntil(x), now)
	case Asked, InLine, Held:
		return true
	}
	return false
}

// offerUntil is how long a place that is offered now is kept: never beyond its beginning, nor beyond the time when unclaimed places go to
// others. It is zero where it is too late to offer it.
func (s *Setup) offerUntil(o *Option, x *Slot, now time.Time) time.Time {
	until := now.Add(s.hold(o))
	if !x.Starts.IsZero() {
		if !now.Before(x.Starts) {
			return time.Time{}
		}
		until = sooner(until, x.Starts)
	}
	if now.Before(o.ReleaseAt) {
		until = sooner(until, o.ReleaseAt)
	}
	return until
}

func sooner(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// inOrder puts choices in the order in which the organiser put the options and their slots.
func (s *Setup) inOrder(list []*Chosen) {
	place := s.places()
	slices.SortStableFunc(list, func(a, b *Chosen) int {
		return cmp.Compare(place[slotQuota(a.Option, a.Slot)], place[slotQuota(b.Option, b.Slot)])
	})
}

// wishesInOrder does the same with what a form asks for.
func (s *Setup) wishesInOrder(list []Wish) {
	place := s.places()
	slices.SortStableFunc(list, func(a, b Wish) int {
		return cmp.Compare(place[slotQuota(a.Option, a.Slot)], place[slotQuota(b.Option, b.Slot)])
	})
}

// places are where slots stand among all.
func (s *Setup) places() map[string]int {
	place := map[string]int{}
	for i := range s.Options {
		for j := range s.Options[i].Slots {
			place[slotQuota(s.Options[i].Key, s.Options[i].Slots[j].Key)] = len(place)
		}
	}
	return place
}
