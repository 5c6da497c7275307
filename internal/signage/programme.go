package signage

import (
	"context"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// Timetable is what screens need of the programme: what the public may see of it, and nothing else. Its state is part of the meeting's
// version (see event.Stored).
type Timetable interface {
	Sessions(ctx context.Context, m *event.Stored) ([]Session, error)
}

// Session is a session as a screen shows it. One that is held in a slot is a step of the slot's.
type Session struct {
	Ref       string
	Title     i18n.Text
	Kind      i18n.Text
	Tint      int  // 0 to 7
	Pause     bool // a break
	Room      string
	AllRooms  bool
	Start     time.Time // sessions without a time are left out
	End       time.Time // equal to Start where it is not known
	Cancelled bool
	WasStart  time.Time // where it was announced to be; zero where the time is the same
	WasRoom   i18n.Text // zero where the room is the same
	Speakers  []Speaker
	NoRecord  bool // photographs and recordings are not allowed
	NoSNS     bool // nothing of it may be shared
	Steps     []Step
}

// Speaker is who is on the stage, as the programme names them.
type Speaker struct {
	Name        i18n.Text
	Affiliation i18n.Text
}

// Step is a piece of a session with a time of its own: a lightning talk, a part.
type Step struct {
	Title    i18n.Text
	Start    time.Time // zero where not known
	End      time.Time
	Speakers []Speaker
}
