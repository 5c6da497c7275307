package registration

import (
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
}

// Heads are how many places a choice takes.
func (c *Chosen) Heads() int { return 1 + c.Companions }

// quota is the key of the quota of what was chosen.
func (c *Chosen) quota() string { return slotQuota(c.Option, c.Slot) }

// cutKey parts the key of a quota into what it is of, and which.
func cutKey(key string) (what, which string, ok bool) { return strings.Cut(key, ":") }

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
