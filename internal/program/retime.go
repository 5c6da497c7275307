package program

import (
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// Plan says which sessions are retimed, and how. Sessions are named by reference, code, id of their source or guid, rooms by key or by
// their name in either language. A talk goes with its slot unless it is named itself.
type Plan struct {
	Day    event.Date        // the programme day; empty only where Only names the sessions
	Rooms  []string          // none: every room, and what is in no room
	From   string            // only what starts at that time of Day or later, as 13:00; empty: the whole day
	Only   []string          // none: all that Day, Rooms and From say
	Except []string          // these stay
	By     time.Duration     // later, or, below zero, earlier; whole minutes
	To     string            // the room to which they move
	Swap   [2]string         // two rooms that change places; they stand for Rooms
	Ends   map[string]string // new ends, as 18:00, of sessions that are chosen or not
	Gap    time.Duration     // the changeover that is wanted between two sessions of a room; zero: five minutes
}

// Preview is what a plan does.
type Preview struct {
	Moves    []Move    // in the order of the programme, as it will be
	Stays    []Stay    // chosen, and yet they stay, or stay in part
	Warnings []Warning // what gets worse by it, in the order of time
	Speakers int       // how many appear in the sessions that move
}

// Placed is a session with what people call it and its room.
type Placed struct {
	*interchange.Session
	Label string
	Where i18n.Text
}

// Move is one session before and after.
type Move struct{ Before, After Placed }

// Stay is a session that does not move as the others do.
type Stay struct {
	Placed
	Why StayReason
}

// StayReason is why a session stays.
type StayReason string

// The reasons to stay.
const (
	StaysCancelled StayReason = "cancelled"
	StaysUntimed   StayReason = "untimed"   // it has no time that could change
	StaysAllRooms  StayReason = "all_rooms" // it is in all rooms, and stays there
)

const (
	usualGap    = 5 * time.Minute
	longestMove = 31 * 24 * time.Hour
)

// Apply makes the document as it is after the plan, and says what that does. The document itself, which has a meeting, stays as it is.
// What cannot be meant is a fault: an unknown name, nothing chosen, nothing changed.
func (p *Plan) Apply(doc *interchange.Document) (*interchange.Document, *Preview, error) {
	return p.apply(doc, nil)
}

// apply is Apply that also looks for what a Watch knows.
func (p *Plan) apply(doc *interchange.Document, watch *Watch) (*interchange.Document, *Preview, error) {
	r := &retiming{Plan: *p, watch: watch, before: doc, slots: slotsOf(doc.Sessions), chosen: map[int]bool{}, preview: &Preview{}}
	out := *doc
	out.Sessions = slices.Clone(doc.Sessions)
	r.after = &out
	if err := r.check(); err != nil {
		return nil, nil, err
	}
	if err := r.choose(); err != nil {
		return nil, nil, err
	}
	for i := range out.Sessions {
		if r.chosen[i] {
			r.move(i)
		}
	}
	if err := r.end(); err != nil {
		return nil, nil, err
	}
	if err := r.report(); err != nil {
		return nil, nil, err
	}
	return &out, r.preview, nil
}

// retiming is a plan at work.
type retiming struct {
	Plan
	before, after *interchange.Document // the same sessions at the same indices
	slots         []int                 // per session the index of the slot it is held in, or -1
	chosen        map[int]bool
	from          time.Time // the clock of From
	preview       *Preview
	watch         *Watch // nil: only what times and rooms tell
	anew          bool   // nothing was before: every clash is a new one
}

// slotsOf finds for each session the slot it is held in. As on the pages, slots are not held in slots.
func slotsOf(list []interchange.Session) []int {
	byGUID := make(map[string]int, len(list))
	for i := range list {
		byGUID[list[i].GUID] = i
	}
	out := make([]int, len(list))
	for i := range list {
		j, ok := byGUID[list[i].Slot]
		if !ok || list[i].Slot == "" || i == j || list[j].Slot != "" {
			j = -1
		}
		out[i] = j
	}
	return out
}

// check refuses plans that cannot be meant.
func (r *retiming) check() error {
	swaps := r.Swap != [2]string{}
	switch {
	case r.By%time.Minute != 0:
		return fault.New(fault.Invalid, "program.retime.error.minutes")
	case r.By.Abs() > longestMove:
		return fault.New(fault.Invalid, "program.retime.error.too_far")
	case r.By == 0 && r.To == "" && !swaps && len(r.Ends) == 0:
		return fault.New(fault.Invalid, "program.retime.error.no_move")
	case swaps && (r.To != "" || len(r.Rooms) > 0):
		return fault.New(fault.Invalid, "program.retime.error.swap_alone")
	case r.moves() && r.Day == "" && len(r.Only) == 0:
		return fault.New(fault.Invalid, "program.retime.error.no_choice")
	case r.Day != "" && !r.Day.Valid():
		return fault.New(fault.Invalid, "program.retime.error.day").With("day", string(r.Day))
	case r.From != "" && r.Day == "":
		return fault.New(fault.Invalid, "program.retime.error.from_alone")
	}
	if r.From != "" {
		var err error
		if r.from, err = time.Parse("15:04", r.From); err != nil {
			return fault.New(fault.Invalid, "program.retime.error.clock").With("clock", r.From)
		}
	}
	return r.checkRooms()
}

// checkRooms turns the names of rooms into keys.
func (r *retiming) checkRooms() error {
	swaps := r.Swap != [2]string{}
	r.Rooms = slices.Clone(r.Rooms)
	rooms := []*string{&r.To}
	for i := range r.Rooms {
		rooms = append(rooms, &r.Rooms[i])
	}
	if swaps {
		rooms = append(rooms, &r.Swap[0], &r.Swap[1])
	}
	for _, name := range rooms {
		if err := r.room(name); err != nil {
			return err
		}
	}
	if swaps && (r.Swap[0] == r.Swap[1] || r.Swap[0] == "" || r.Swap[1] == "") {
		return fault.New(fault.Invalid, "program.retime.error.swap_two")
	}
	if swaps {
		r.Rooms = r.Swap[:]
	}
	return nil
}

// moves reports whether the plan does anything to the sessions that it chooses.
func (r *retiming) moves() bool { return r.By != 0 || r.To != "" || r.Swap != [2]string{} }

// room turns what people call a room into its key. Full-width figures are the same as others.
func (r *retiming) room(name *string) error {
	if *name == "" {
		return nil
	}
	plain := func(s string) string { return strings.TrimSpace(norm.NFKC.String(s)) }
	want := plain(*name)
	for _, same := range []func(event.Room) bool{
		func(m event.Room) bool { return m.Key == want },
		func(m event.Room) bool {
			return strings.EqualFold(plain(m.Name.JA), want) || strings.EqualFold(plain(m.Name.EN), want)
		},
	} {
		if i := slices.IndexFunc(r.before.Meeting.Rooms, same); i >= 0 {
			*name = r.before.Meeting.Rooms[i].Key
			return nil
		}
	}
	return fault.New(fault.Invalid, "program.retime.error.room").With("room", *name)
}

// find finds the session of a name, in the order in which names lead to pages.
func (r *retiming) find(name string) (int, error) {
	for _, of := range []func(*interchange.Session) string{
		func(s *interchange.Session) string { return s.Ref },
		func(s *interchange.Session) string { return s.Code },
		func(s *interchange.Session) string { return s.Source },
		func(s *interchange.Session) string { return s.GUID },
	} {
		found := -1
		for i := range r.before.Sessions {
			if name == "" || !strings.EqualFold(of(&r.before.Sessions[i]), name) {
				continue
			}
			if found >= 0 {
				return 0, fault.New(fault.Invalid, "program.retime.error.ambiguous").With("name", name)
			}
			found = i
		}
		if found >= 0 {
			return found, nil
		}
	}
	return 0, fault.New(fault.Invalid, "program.retime.error.session").With("name", name)
}

func (r *retiming) findAll(names []string) (map[int]bool, error) {
	found := map[int]bool{}
	for _, name := range names {
		i, err := r.find(name)
		if err != nil {
			return nil, err
		}
		found[i] = true
	}
	return found, nil
}

// choose decides which sessions the plan means.
func (r *retiming) choose() error {
	only, err := r.findAll(r.Only)
	if err != nil {
		return err
	}
	except, err := r.findAll(r.Except)
	if err != nil || !r.moves() {
		return err
	}
	for i := range r.before.Sessions {
		switch {
		case except[i], len(only) > 0 && !only[i], r.slots[i] >= 0 && !only[i]:
		case r.within(i):
			r.chosen[i] = true
		case only[i]:
			return fault.New(fault.Invalid, "program.retime.error.elsewhere").With("name", labelOf(&r.before.Sessions[i]))
		}
	}
	for i, slot := range r.slots {
		if slot >= 0 && r.chosen[slot] && !except[i] {
			r.chosen[i] = true
		}
	}
	if len(r.chosen) == 0 {
		return fault.New(fault.Invalid, "program.retime.error.none_chosen")
	}
	return nil
}

// within reports whether a session is in the day, rooms and hours of the plan. A talk without a room of its own is where its slot is.
func (r *retiming) within(i int) bool {
	s := &r.before.Sessions[i]
	room, all := roomAt(r.before, r.slots, i)
	return (r.Day == "" || s.Date == r.Day) &&
		(len(r.Rooms) == 0 || !all && slices.Contains(r.Rooms, room)) &&
		(r.From == "" || !s.Timed() || !s.Start.Before(r.fromIn(s.Start.Location())))
}

// fromIn is the moment from which sessions are chosen. Before the day boundary it is after midnight.
func (r *retiming) fromIn(loc *time.Location) time.Time {
	t := onClock(r.Day.Time(loc), r.from)
	if programmeDay(t, r.before.Meeting.DayBoundary) != r.Day {
		t = onClock(t.AddDate(0, 0, 1), r.from)
	}
	return t
}

func roomAt(d *interchange.Document, slots []int, i int) (room string, all bool) {
	s := &d.Sessions[i]
	if slots[i] >= 0 && s.Room == "" {
		s = &d.Sessions[slots[i]]
	}
	return s.Room, s.AllRooms
}

// move does to a session what the plan says, as far as that can be done.
func (r *retiming) move(i int) {
	s := &r.after.Sessions[i]
	if s.Status == interchange.Cancelled {
		r.stays(i, StaysCancelled)
		return
	}
	switch {
	case r.By == 0:
	case s.Timed():
		s.Start, s.End = s.Start.Add(r.By), s.End.Add(r.By)
		s.Date = programmeDay(s.Start, r.before.Meeting.DayBoundary)
		s.Parts = shiftParts(s.Parts, r.By)
	case r.slots[i] < 0 || !r.chosen[r.slots[i]]: // a talk without a time has its slot's
		r.stays(i, StaysUntimed)
	}
	to := r.To
	switch s.Room {
	case "":
	case r.Swap[0]:
		to = r.Swap[1]
	case r.Swap[1]:
		to = r.Swap[0]
	}
	switch {
	case to == "" || s.Room == "" && r.slots[i] >= 0:
	case s.AllRooms:
		r.stays(i, StaysAllRooms)
	default:
		s.Room = to
	}
}

func (r *retiming) stays(i int, why StayReason) {
	r.preview.Stays = append(r.preview.Stays, Stay{placedIn(r.before, i), why})
}

func placedIn(d *interchange.Document, i int) Placed {
	s := &d.Sessions[i]
	return Placed{s, labelOf(s), roomName(d, s)}
}

// shiftParts moves the parts of a session that have a time of their own.
func shiftParts(parts []interchange.Part, by time.Duration) []interchange.Part {
	out := slices.Clone(parts)
	for i := range out {
		p := &out[i]
		if !p.Start.IsZero() {
			p.Start, p.End = p.Start.Add(by), p.End.Add(by)
		}
		p.Parts = shiftParts(p.Parts, by)
	}
	return out
}

// end gives sessions the ends that the plan names. An end before the start is one after midnight, unless it would be on another
// programme day.
func (r *retiming) end() error {
	for _, name := range slices.Sorted(maps.Keys(r.Ends)) {
		i, err := r.find(name)
		if err != nil {
			return err
		}
		s := &r.after.Sessions[i]
		clock, err := time.Parse("15:04", r.Ends[name])
		switch {
		case err != nil:
			return fault.New(fault.Invalid, "program.retime.error.clock").With("clock", r.Ends[name])
		case !s.Timed():
			return fault.New(fault.Invalid, "program.retime.error.no_time").With("name", labelOf(s))
		}
		day := s.Start
		end := onClock(day, clock)
		if end.Before(s.Start) {
			end = onClock(day.AddDate(0, 0, 1), clock)
		}
		if end.After(s.Start) && programmeDay(end.Add(-time.Nanosecond), r.before.Meeting.DayBoundary) != s.Date {
			return fault.New(fault.Invalid, "program.retime.error.end_before_start").With("name", labelOf(s)).
				With("end", r.Ends[name]).With("start", s.Start.Format("15:04"))
		}
		s.End = end
	}
	return nil
}

func onClock(day, clock time.Time) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), clock.Hour(), clock.Minute(), 0, 0, day.Location())
}

// report lists what is different, and what is worse.
func (r *retiming) report() error {
	moved, people := make([]bool, len(r.slots)), map[string]bool{}
	for i := range r.slots {
		a, b := &r.before.Sessions[i], &r.after.Sessions[i]
		if a.Start.Equal(b.Start) && a.End.Equal(b.End) && a.Room == b.Room {
			continue
		}
		moved[i] = true
		r.preview.Moves = append(r.preview.Moves, Move{placedIn(r.before, i), placedIn(r.after, i)})
		markUsed(people, b.Speakers, b.Parts)
	}
	switch {
	case len(r.preview.Moves) > 0:
	case len(r.preview.Stays) > 0:
		return fault.New(fault.Invalid, "program.retime.error.all_stay")
	default:
		return fault.New(fault.Invalid, "program.retime.error.no_change")
	}
	slices.SortStableFunc(r.preview.Moves, func(a, b Move) int { return byProgramme(r.before.Meeting)(a.After.Session, b.After.Session) })
	r.preview.Speakers = len(people)
	r.preview.Warnings = warnings(r, moved)
	return nil
}

// byProgramme compares sessions by their place in the programme of a meeting.
func byProgramme(m *event.Meeting) func(a, b *interchange.Session) int {
	p := &Programme{Meeting: &event.Stored{Meeting: *m}}
	return func(a, b *interchange.Session) int { return p.order(&Item{Session: a}, &Item{Session: b}) }
}

// keepOrder puts the sessions of a draft into the order of the programme where they were in it before. A draft in another order, such as
// that of codes, keeps that.
func keepOrder(before, after *interchange.Document) {
	order := byProgramme(before.Meeting)
	compare := func(a, b interchange.Session) int { return order(&a, &b) }
	if slices.IsSortedFunc(before.Sessions, compare) {
		after.Sessions = slices.Clone(after.Sessions) // others point into the list
		slices.SortStableFunc(after.Sessions, compare)
	}
}
