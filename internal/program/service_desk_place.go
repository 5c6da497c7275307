package program

import (
	"context"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// Place is when and where a session is. The zero value is nowhere: the session waits in the tray.
type Place struct {
	Day        event.Date
	Start, End string // times of day, as 10:40; both or neither. An end before the start is after midnight
	Room       string // key, or empty where it is not known
	AllRooms   bool
}

// PlaceOf is where a session is.
func PlaceOf(s *interchange.Session) Place {
	p := Place{Day: s.Date, Room: s.Room, AllRooms: s.AllRooms}
	if s.Timed() {
		p.Start, p.End = s.Start.Format("15:04"), s.End.Format("15:04")
	}
	return p
}

// PlaceMove is where a session goes from where its mover saw it.
type PlaceMove struct {
	Name     string
	From, To Place
}

// longestSession bounds what a slip of the hand can make.
const longestSession = 24 * time.Hour

// put gives a session a place. Its parts go with it.
func put(d *interchange.Document, s *interchange.Session, p Place) error {
	if p.Room != "" && d.Meeting.Room(p.Room) == nil {
		return fault.New(fault.Invalid, "program.retime.error.room").With("room", p.Room).On("room")
	}
	if p.Day != "" && !p.Day.Valid() {
		return fault.New(fault.Invalid, "program.retime.error.day").With("day", string(p.Day)).On("day")
	}
	start, end, err := p.span(d.Meeting)
	if err != nil {
		return err
	}
	switch {
	case s.Timed() && !start.IsZero():
		s.Parts = shiftParts(s.Parts, start.Sub(s.Start))
	case s.Timed():
		s.Parts = untimedParts(s.Parts)
	}
	s.Date, s.Start, s.End, s.Room, s.AllRooms = p.Day, start, end, p.Room, p.AllRooms && p.Room == ""
	return nil
}

// untimedParts takes the times from parts whose session has none any more.
func untimedParts(parts []interchange.Part) []interchange.Part {
	out := append([]interchange.Part(nil), parts...)
	for i := range out {
		out[i].Start, out[i].End, out[i].Parts = time.Time{}, time.Time{}, untimedParts(out[i].Parts)
	}
	return out
}

// span turns the times of day of a place into moments. What starts before the day boundary is after midnight.
func (p Place) span(m *event.Meeting) (start, end time.Time, err error) {
	if p.Start == "" {
		return start, end, nil
	}
	if p.Day == "" {
		return start, end, fault.New(fault.Invalid, "program.desk.error.day_missing").On("day")
	}
	from, err := time.Parse("15:04", p.Start)
	if err != nil {
		return start, end, fault.New(fault.Invalid, "program.retime.error.clock").With("clock", p.Start).On("start")
	}
	to := from
	if p.End != "" {
		if to, err = time.Parse("15:04", p.End); err != nil {
			return start, end, fault.New(fault.Invalid, "program.retime.error.clock").With("clock", p.End).On("end")
		}
	}
	r := &retiming{Plan: Plan{Day: p.Day}, from: from, before: &interchange.Document{Meeting: m}}
	start = r.fromIn(m.Location())
	end = onClock(start, to)
	if end.Before(start) {
		end = onClock(start.AddDate(0, 0, 1), to)
	}
	if end.Sub(start) >= longestSession || programmeDay(end.Add(-time.Nanosecond), m.DayBoundary) != p.Day && end.After(start) {
		return start, end, fault.New(fault.Invalid, "program.desk.error.end").With("start", p.Start).With("end", p.End).On("end")
	}
	return start, end, nil
}

// Move puts sessions into other places: one that is dragged or resized, or two that change places. What was moved by somebody else since is
// a conflict. It returns what is wrong now that was not before.
func (k *Desk) Move(ctx context.Context, slug string, moves ...PlaceMove) (*Done, error) {
	if err := event.Require(ctx, slug, event.MayEditProgramme); err != nil {
		return nil, err
	}
	kind := ActMove
	if len(moves) > 1 {
		kind = ActSwap
	}
	return k.act(ctx, slug, kind, func(a *acting) error { return a.move(moves) })
}

func (a *acting) move(moves []PlaceMove) error {
	doc := a.change()
	for _, m := range moves {
		i := indexOf(doc, m.Name)
		if i < 0 {
			return fault.Missing()
		}
		s := &doc.Sessions[i]
		if PlaceOf(s) == m.To {
			continue
		}
		if PlaceOf(s) != m.From {
			return fault.New(fault.Conflict, "program.desk.error.moved_meanwhile").With("name", s.Title)
		}
		was := *s
		if err := put(doc, s, m.To); err != nil {
			return err
		}
		takeTalks(doc, &was, s)
	}
	return nil
}

// takeTalks moves the talks that are held in a session with it.
func takeTalks(d *interchange.Document, was, is *interchange.Session) {
	by := is.Start.Sub(was.Start)
	for i := range d.Sessions {
		t := &d.Sessions[i]
		if t.Slot != is.GUID || t.GUID == is.GUID {
			continue
		}
		if t.Room == was.Room {
			t.Room = is.Room
		}
		switch {
		case !t.Timed() || !was.Timed():
		case !is.Timed():
			t.Date, t.Start, t.End, t.Parts = is.Date, time.Time{}, time.Time{}, untimedParts(t.Parts)
		default:
			t.Start, t.End, t.Parts = t.Start.Add(by), t.End.Add(by), shiftParts(t.Parts, by)
			t.Date = programmeDay(t.Start, d.Meeting.DayBoundary)
		}
	}
}

// Swap lets two sessions change places; each keeps its length.
func (k *Desk) Swap(ctx context.Context, slug, one, other string) (*Done, error) {
	if err := event.Require(ctx, slug, event.MayEditProgramme); err != nil {
		return nil, err
	}
	return k.act(ctx, slug, ActSwap, func(a *acting) error {
		i, j := indexOf(a.Doc, one), indexOf(a.Doc, other)
		if i < 0 || j < 0 {
			return fault.Missing()
		}
		doc := a.change()
		x, y := &doc.Sessions[i], &doc.Sessions[j]
		p, q := PlaceOf(x), PlaceOf(y)
		if err := put(doc, x, keepLength(q, p)); err != nil {
			return err
		}
		return put(doc, y, keepLength(p, q))
	})
}

// keepLength is a place for a session that is as long as it was where it came from.
func keepLength(to, from Place) Place {
	start, err := time.Parse("15:04", to.Start)
	a, err1 := time.Parse("15:04", from.Start)
	b, err2 := time.Parse("15:04", from.End)
	if err != nil || err1 != nil || err2 != nil {
		return to
	}
	if b.Before(a) {
		b = b.AddDate(0, 0, 1)
	}
	to.End = start.Add(b.Sub(a)).Format("15:04")
	return to
}

// WouldClash says what would be wrong if a session were put somewhere, and changes nothing: the grid asks while it is dragged.
func (d *Draft) WouldClash(name string, to Place) ([]Warning, error) {
	i := indexOf(d.Doc, name)
	if i < 0 {
		return nil, fault.Missing()
	}
	after := *d.Doc
	after.Sessions = append([]interchange.Session(nil), d.Doc.Sessions...)
	if err := put(d.Doc, &after.Sessions[i], to); err != nil {
		return nil, err
	}
	return NewClashes(d.Doc, &after, d.Watch), nil
}
