package registration

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/person"
)

// Timetable is what this feature asks of the one that knows the programme.
type Timetable interface {
	// Sessions are those with a time, in order, as the public sees them. Breaks and what is cancelled are not among them.
	Sessions(ctx context.Context, m *event.Stored) ([]Session, error)
}

// Session is one of the programme, as far as watching it goes.
type Session struct {
	GUID       string
	Title      i18n.Text
	Day        event.Date
	Room       string // key; empty where it is not known, or in all rooms
	Start, End time.Time
}

// StreamID is the row id of a stream.
type StreamID int64

// Stream is where something is watched: one session, or a day or a room of the meeting, or all of it.
type Stream struct {
	ID       StreamID
	Ref      string
	Meeting  event.MeetingID
	Day      event.Date // empty: every day
	Room     string     // key; empty: every room
	Session  string     // guid; then Day and Room are empty
	Name     i18n.Text  // empty: named after what it is of
	URL      string     // where it is watched; on no page but the organiser's
	Passcode string
	Notes    i18n.Text
	From     time.Time // zero: by the timetable
	Until    time.Time
	Audience
	Version int
}

// Audience is who may watch a stream besides those who take part online that day: nothing of it narrows who, Onsite widens it.
type Audience struct {
	Onsite  bool     // those on site as well
	Kinds   []string // only these kinds; none: every
	Options []string // only who has a place in one of these; none: everybody
	Paid    bool     // only who owes nothing
}

// OnlineSetup is what the organiser decided of taking part online.
type OnlineSetup struct {
	Letters  bool      // the letter of the day is sent
	LetterAt string    // HH:MM of the day
	Words    i18n.Text // at the head of the letter
	Minimum  int       // minutes from which somebody was there
}

// What holds where nobody decided anything. defaultMinimum is also in registration_pub_watch.
const (
	defaultLetterAt = "07:00"
	defaultMinimum  = 10
)

func defaultOnline() *OnlineSetup {
	return &OnlineSetup{Letters: true, LetterAt: defaultLetterAt, Minimum: defaultMinimum}
}

// check cleans the decisions and says what is wrong with them.
func (o *OnlineSetup) check() error {
	t, err := time.Parse("15:04", strings.TrimSpace(o.LetterAt))
	if err != nil {
		return invalid("registration.error.clock").On("letter_at")
	}
	o.LetterAt = t.Format("15:04")
	if o.Minimum < 1 || o.Minimum > 24*60 {
		return invalid("registration.error.minimum").On("minimum")
	}
	for _, s := range []*string{&o.Words.JA, &o.Words.EN} {
		if err := lines(s, "words_ja"); err != nil {
			return err
		}
	}
	return nil
}

// lines cleans a text of several lines.
func lines(s *string, field string) error {
	*s = strings.TrimSpace(strings.ReplaceAll(*s, "\r\n", "\n"))
	if utf8.RuneCountInString(*s) > MaxText {
		return invalid("registration.error.long").With("max", MaxText).On(field)
	}
	return nil
}

// Due is when the letter of a day is sent. A time that the clock of the day leaves out is the one after the gap.
func (o *OnlineSetup) Due(d event.Date, loc *time.Location) time.Time {
	at, err := time.Parse("15:04", o.LetterAt)
	midnight := d.Time(loc)
	if err != nil || midnight.IsZero() {
		return time.Time{}
	}
	return time.Date(midnight.Year(), midnight.Month(), midnight.Day(), at.Hour(), at.Minute(), 0, 0, loc)
}

// maxURL is how long an address may be.
const maxURL = 2000

// check cleans a stream and says what is wrong with it.
func (x *Stream) check(m *Meeting, sessions []Session) error {
	switch {
	case x.Session != "" && find(sessions, func(s *Session) bool { return s.GUID == x.Session }) == nil:
		return invalid("registration.error.stream_of").On("of")
	case x.Day != "" && !slices.Contains(m.Days(), x.Day):
		return invalid("registration.error.day").With("key", string(x.Day)).On("day")
	case x.Room != "" && m.Room(x.Room) == nil:
		return invalid("registration.error.stream_room").On("room")
	}
	if x.Session != "" {
		x.Day, x.Room = "", ""
	}
	x.URL = strings.TrimSpace(x.URL)
	u, err := url.Parse(x.URL)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil || len(x.URL) > maxURL {
		return invalid("registration.error.url").On("url")
	}
	for _, f := range []struct {
		s     *string
		field string
	}{{&x.Name.JA, "name_ja"}, {&x.Name.EN, "name_en"}, {&x.Passcode, "passcode"}} {
		if err := line(f.s, maxName, f.field); err != nil {
			return err
		}
	}
	if err := lines(&x.Notes.JA, "notes_ja"); err != nil {
		return err
	}
	if err := lines(&x.Notes.EN, "notes_en"); err != nil {
		return err
	}
	if !x.From.IsZero() && !x.Until.IsZero() && !x.From.Before(x.Until) {
		return invalid("registration.error.stream_times").On("until")
	}
	for _, k := range x.Kinds {
		if m.Kind(k) == nil {
			return invalid("registration.error.no_kind").With("key", k).With("kind", k).On("kinds")
		}
	}
	for _, o := range x.Options {
		if m.Option(o) == nil {
			return invalid("registration.error.no_option").On("options")
		}
	}
	return nil
}

// Before and after what is shown, its link leads there already and still.
const (
	earlier = 30 * time.Minute
	later   = 30 * time.Minute
)

// shown are the sessions that a stream shows.
func (x *Stream) shown(sessions []Session) []Session {
	var out []Session
	for _, s := range sessions {
		if x.Session != "" && s.GUID == x.Session || x.Session == "" && (x.Day == "" || s.Day == x.Day) && (x.Room == "" || s.Room == x.Room || s.Room == "") {
			out = append(out, s)
		}
	}
	return out
}

// date is the day a stream is of; empty: of several.
func (x *Stream) date(sessions []Session) event.Date {
	if x.Session == "" {
		return x.Day
	}
	if s := find(sessions, func(s *Session) bool { return s.GUID == x.Session }); s != nil {
		return s.Day
	}
	return ""
}

// window is from when to when the link of a stream leads to it. Where nobody said, and the timetable says nothing either, it is the whole day,
// or the whole meeting. Of a session that is gone, nobody can tell.
func (x *Stream) window(m *event.Stored, sessions []Session) (from, until time.Time) {
	loc := m.Location()
	for _, s := range x.shown(sessions) {
		if begins := s.Start.Add(-earlier); from.IsZero() || begins.Before(from) {
			from = begins
		}
		if ends := s.End.Add(later); ends.After(until) {
			until = ends
		}
	}
	if days := m.Days(); from.IsZero() && len(days) > 0 && x.Session == "" {
		first, last := days[0], days[len(days)-1]
		if x.Day != "" {
			first, last = x.Day, x.Day
		}
		from, until = first.Time(loc), last.Time(loc).AddDate(0, 0, 1)
	}
	if !x.From.IsZero() {
		from = x.From
	}
	if !x.Until.IsZero() {
		until = x.Until
	}
	return inZone(from, loc), inZone(until, loc)
}

// title is the name of a stream: its own, or that of what it shows.
func (x *Stream) title(m *event.Stored, sessions []Session) i18n.Text {
	if !x.Name.IsZero() {
		return x.Name
	}
	if x.Session != "" {
		if s := find(sessions, func(s *Session) bool { return s.GUID == x.Session }); s != nil {
			return s.Title
		}
		return m.Title
	}
	in := func(l i18n.Lang) string {
		var parts []string
		if x.Day != "" {
			parts = append(parts, i18n.ShortDay(l, x.Day.Time(m.Location())))
		}
		if r := m.Room(x.Room); r != nil {
			parts = append(parts, r.Name.In(l))
		}
		if len(parts) == 0 {
			return m.Title.In(l)
		}
		return strings.Join(parts, map[i18n.Lang]string{i18n.JA: " ", i18n.EN: ", "}[l])
	}
	return i18n.T(in(i18n.JA), in(i18n.EN))
}

// Why says why somebody may not watch a stream; empty: they may.
type Why string

// The reasons.
const (
	MayWatch    Why = ""
	WhyState    Why = "state"    // the entry is cancelled, waits, or is not confirmed
	WhyUnproven Why = "unproven" // its address may be somebody else's
	WhyDay      Why = "day"      // they do not take part that day
	WhyOnsite   Why = "onsite"   // they are on site, and it is not for them
	WhyKind     Why = "kind"
	WhyOption   Why = "option"
	WhyUnpaid   Why = "unpaid"
)

// Watches says whether somebody may watch a stream, and if not, why. day is that of the stream, or today of one for several days; empty: any
// day on which they take part counts.
func (x *Stream) Watches(e *Entry, choices []*Chosen, paid Standing, day event.Date) Why {
	switch {
	case e.State != Confirmed:
		return WhyState
	case e.ProvedAt.IsZero() && e.Person == 0:
		return WhyUnproven
	}
	if why := x.takesPart(e, day); why != MayWatch {
		return why
	}
	switch {
	case len(x.Kinds) > 0 && !slices.Contains(x.Kinds, e.Kind):
		return WhyKind
	case len(x.Options) > 0 && !slices.ContainsFunc(choices, func(c *Chosen) bool { return c.State == Taken && slices.Contains(x.Options, c.Option) }):
		return WhyOption
	case x.Paid && owes(paid):
		return WhyUnpaid
	}
	return MayWatch
}

// takesPart says whether somebody takes part on the day of a stream in a way that lets them watch.
func (x *Stream) takesPart(e *Entry, day event.Date) Why {
	why := WhyDay
	for _, d := range e.Days {
		switch {
		case day != "" && d.Date != day:
		case d.Mode == Online || x.Onsite:
			return MayWatch
		default:
			why = WhyOnsite
		}
	}
	return why
}

// owes reports that something is to be paid still. An entry whose payment was agreed to come later owes nothing yet.
func owes(s Standing) bool { return s.State == "open" && s.Owed > s.Paid }

// span is a stretch of time.
type span struct{ from, to time.Time }

// union joins stretches that touch or overlap, so that two devices, or somebody who joined again, count once.
func union(list []span) []span {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b span) int { return cmp.Or(a.from.Compare(b.from), a.to.Compare(b.to)) })
	var out []span
	for _, s := range list {
		if n := len(out); n > 0 && !s.from.After(out[n-1].to) {
			if s.to.After(out[n-1].to) {
				out[n-1].to = s.to
			}
			continue
		}
		out = append(out, s)
	}
	return out
}

// within is how long stretches that do not overlap were inside another, and from when to when.
func within(list []span, w span) (time.Duration, span) {
	var sum time.Duration
	var all span
	for _, s := range list {
		if s.from.Before(w.from) {
			s.from = w.from
		}
		if s.to.After(w.to) {
			s.to = w.to
		}
		if !s.from.Before(s.to) {
			continue
		}
		if all.from.IsZero() {
			all.from = s.from
		}
		all.to, sum = s.to, sum+s.to.Sub(s.from)
	}
	return sum, all
}

// dayAt is the day of the programme on which a moment is: what is before the boundary belongs to the day before.
func dayAt(m *event.Stored, t time.Time) event.Date {
	t = t.In(m.Location())
	if t.Format("15:04") < m.Boundary() {
		t = t.AddDate(0, 0, -1)
	}
	return event.DateOf(t)
}

// namesOf are the ways in which somebody may have written their name elsewhere, folded.
func (e *Entry) namesOf() []string {
	list := []string{e.Name.JA, e.Name.EN, e.Kana, e.Badge}
	for _, n := range []string{e.Name.JA, e.Name.EN, e.Kana} {
		if parts := strings.Fields(strings.ReplaceAll(n, "　", " ")); len(parts) > 1 { // the other order of family and given name
			list = append(list, strings.Join(append(slices.Clone(parts[1:]), parts[0]), " "), strings.Join(append([]string{parts[len(parts)-1]}, parts[:len(parts)-1]...), " "))
		}
	}
	var out []string
	for _, n := range list {
		if f := folded(n); f != "" && !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	return out
}

// foldedAddress is a mail address as addresses are compared; empty where it is none.
func foldedAddress(s string) string {
	_, f, err := person.ParseAddress(s)
	if err != nil {
		return ""
	}
	return f
}
