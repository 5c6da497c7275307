package registration

import (
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/person"
)

// HandoverState is where a handover stands.
type HandoverState string

// The states of a handover.
const (
	HandoverOpen      HandoverState = "open"      // the receiver has still to accept; the place is still the giver's
	HandoverAccepted  HandoverState = "accepted"  //
	HandoverDeclined  HandoverState = "declined"  // by the receiver
	HandoverWithdrawn HandoverState = "withdrawn" // by the giver
	HandoverLapsed    HandoverState = "lapsed"    // nobody accepted in time
)

// Handover is a place that somebody hands over to a colleague.
type Handover struct {
	ID      int64
	Ref     string
	Meeting event.MeetingID
	Entry   EntryID
	Giver   int64   // row id of the account; 0: none is known
	From    Details // who had the place, and pays for it
	ToName  string
	To      string // the address of who receives it, as typed
	Folded  string
	State   HandoverState
	MadeAt  time.Time
	Until   time.Time
}

// acceptWithin is how long somebody has to accept a place that is handed over to them.
const acceptWithin = 7 * 24 * time.Hour

// handoverEnds is until when a handover that is offered now can be accepted.
func handoverEnds(deadline, now time.Time) time.Time {
	t := now.Add(acceptWithin)
	if !deadline.IsZero() && deadline.Before(t) {
		return deadline
	}
	return t
}

// receiverFaults is everything that is wrong with whom somebody gives their place to, as it was typed.
func receiverFaults(name, address string) []*fault.Error {
	var out []*fault.Error
	if e, ok := fault.As(line(&name, maxName, "to_name")); ok {
		out = append(out, e)
	} else if name == "" {
		out = append(out, invalid("registration.error.no_name").On("to_name"))
	}
	if _, _, err := person.ParseAddress(address); err != nil {
		out = append(out, invalid("registration.error.address").On("to_address"))
	}
	return out
}
