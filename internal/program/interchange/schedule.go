package interchange

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
)

// schedule is a programme as schedule.xml and schedule.json see it: days, in them rooms, in them events with a time.
type schedule struct {
	*view
	acronym string
	days    []scheduleDay
	numbers map[string]int64 // of sessions, by guid
	persons map[string]int64 // of speakers, by guid
	order   map[string]int   // of rooms, by name
	left    leftOut
}

// leftOut counts what these formats cannot hold. Cancelled sessions are among it: the formats have no word for them, and their
// readers would send people to a room where nothing happens.
type leftOut struct {
	Untimed   int // no time yet, or only a date
	Cancelled int
	Talks     int // without a time of their own: named in the description of their slot
}

func (l leftOut) String() string {
	return fmt.Sprintf("left out: %d sessions without a time, %d cancelled; %d talks are described with their slot", l.Untimed, l.Cancelled, l.Talks)
}

type scheduleDay struct {
	index      int
	date       event.Date
	start, end time.Time
	rooms      []scheduleRoom
}

type scheduleRoom struct {
	name, guid string
	events     []*Session
}

// newSchedule sorts the sessions into days and rooms. Sessions that overlap in a room stand as they are, one after the other.
func newSchedule(d *Document, e Export) *schedule {
	s := &schedule{view: newView(d, e), acronym: acronymOf(d.slug())}
	s.order = s.roomOrder()
	byDay := map[event.Date][]*Session{}
	var ids, guids []string
	wanted := map[string]int64{}
	for i := range d.Sessions {
		x := &d.Sessions[i]
		ids = append(ids, x.GUID)
		wanted[x.GUID] = x.Number
		switch {
		case !e.keeps(x):
		case x.Status == Cancelled:
			s.left.Cancelled++
		case x.Timed():
			byDay[x.Date] = append(byDay[x.Date], x)
		case x.Slot != "":
			s.left.Talks++
		default:
			s.left.Untimed++
		}
	}
	for _, p := range d.Speakers {
		guids = append(guids, p.GUID)
	}
	s.numbers, s.persons = stableNumbers(ids, wanted), stableNumbers(guids, nil)
	for _, date := range sortedDates(byDay) {
		s.day(date, byDay[date])
	}
	if len(s.days) == 0 { // both schemas ask for a day
		date := event.DateOf(e.Updated.In(s.loc))
		if m := d.Meeting; m != nil && m.Start.Valid() {
			date = m.Start
		}
		s.day(date, nil)
	}
	return s
}

func sortedDates(by map[event.Date][]*Session) []event.Date {
	var out []event.Date
	for d := range by {
		out = append(out, d)
	}
	slices.Sort(out)
	return out
}

// day adds a day from one boundary to the next, or wider where a session stands outside of it.
func (s *schedule) day(date event.Date, sessions []*Session) {
	boundary := boundaryMinutes(s.d.Meeting)
	day := scheduleDay{index: len(s.days) + 1, date: date, start: at(date, boundary, s.loc), end: at(shiftDate(date, 1), boundary, s.loc)}
	slices.SortStableFunc(sessions, func(a, b *Session) int { return a.Start.Compare(b.Start) })
	byRoom := map[string][]*Session{}
	for _, x := range sessions {
		name := s.roomName(s.placed(x))
		byRoom[name] = append(byRoom[name], x)
		if x.Start.Before(day.start) {
			day.start = x.Start
		}
		if x.End.After(day.end) {
			day.end = x.End
		}
	}
	for name, events := range byRoom {
		day.rooms = append(day.rooms, scheduleRoom{name: name, guid: Derive(s.d.slug(), "room", name), events: events})
	}
	slices.SortFunc(day.rooms, func(a, b scheduleRoom) int { return cmp.Compare(s.order[a.name], s.order[b.name]) })
	s.days = append(s.days, day)
}

// placed is where a talk takes place: where its slot does, unless it says so itself.
func (s *schedule) placed(x *Session) *Session {
	if x.Slot == "" || x.Room != "" || x.AllRooms {
		return x
	}
	if slot := s.byGUID[x.Slot]; slot != nil {
		return slot
	}
	return x
}

// roomOrder is the place of each room among the others: as the meeting lists them, then those that are none.
func (v *view) roomOrder() map[string]int {
	out := map[string]int{}
	if v.d.Meeting != nil {
		for i, r := range v.d.Meeting.Rooms {
			out[v.rooms[r.Key]] = i
		}
	}
	out[roomUnknown], out[roomAll] = len(out), len(out)+1
	return out
}

// acronymOf makes the acronym that both schemas accept: four or more of [a-z0-9_].
func acronymOf(slug string) string {
	a := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, strings.ToLower(slug))
	for len(a) < 4 {
		a += "_"
	}
	return a
}

// slugFor is the slug of an event: {acronym}-session-{ref}.
func (s *schedule) slugFor(x *Session) string {
	return s.acronym + "-session-" + strings.ToLower(s.refs[x.GUID])
}

// dates are the first and last day of the meeting, or of what there is of it.
func (s *schedule) dates() (start, end event.Date) {
	start, end = s.days[0].date, s.days[len(s.days)-1].date
	if m := s.d.Meeting; m != nil && m.Start.Valid() && m.Start < start {
		start = m.Start
	}
	if m := s.d.Meeting; m != nil && m.End.Valid() && m.End > end {
		end = m.End
	}
	return start, end
}

func (s *schedule) title() string {
	if s.d.Meeting == nil {
		return ""
	}
	return s.d.Meeting.Title.In(s.lang)
}

// lengthOf writes a duration as HH:MM; the schema ends at 99:59.
func lengthOf(x *Session) string {
	m := min(int(x.End.Sub(x.Start).Minutes()), 99*60+59)
	return fmt.Sprintf("%02d:%02d", m/60, m%60)
}

// language of a session as one tag: these formats have one.
func languageTag(x *Session) string {
	first, _, _ := strings.Cut(x.Language, " ")
	return first
}

// recordingRefused says whether no recording of the session may be published.
func recordingRefused(x *Session) bool {
	return x.Policy.Record == Refused || x.Policy.Publish == Refused
}
