package signage

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// Standing says whether what a notice tells is certain.
type Standing string

// The standings.
const (
	Plain       Standing = ""
	Decided     Standing = "decided"
	Considering Standing = "considering"
)

// Standings lists every standing in the order of the form.
var Standings = []Standing{Plain, Decided, Considering}

// Notice is a page of text or a picture that screens show in turn.
type Notice struct {
	ID        int64
	Ref       string    // 26 characters, in the desk's addresses
	Key       string    // the name it has in the file it was read from, or empty
	Title     i18n.Text // in large letters; also the line in the strip
	Body      i18n.Text // Markdown
	Picture   i18n.Text // media names; instead of the text, in each language
	Link      string    // a URL that is shown as a QR code
	Standing  Standing
	Published bool // else a draft, which no screen shows
	Urgent    bool // comes between all others
	Seconds   int  // how long it stays
	Schedule  Schedule
	Targets   []string // area:LABEL, room:KEY, screen:REF; none is every screen
	Position  int64    // in the order of the desk
	Version   int64    // counts up with each change
}

// Schedule says when a notice is shown: within From and Until, on Days, at Hours. What is empty bounds nothing.
type Schedule struct {
	From  time.Time
	Until time.Time
	Days  []event.Date // programme days
	Hours []Hours      // of each day
}

// Hours are two times of day. What ends before it begins ends on the next day.
type Hours struct{ From, Until string }

// The bounds of how long a notice stays, in seconds. JANOG57 showed each of its slides for ten.
const (
	minSeconds   = 5
	maxSeconds   = 120
	usualSeconds = 10
)

// Span is a time in which something holds: from From on, and before Until.
type Span struct{ From, Until time.Time }

// Spans lists the times between from and until at which the schedule lets a notice be seen, in order, none touching another. They are
// reckoned here, in the meeting's zone with its day boundary, so that a screen only compares moments: it needs no rules of zones.
func (s Schedule) Spans(loc *time.Location, boundary string, from, until time.Time) []Span {
	var out []Span
	add := func(a, b time.Time) {
		a, b = later(later(a, s.From), from), sooner(sooner(b, s.Until), until)
		if a.Before(b) {
			out = append(out, Span{a, b})
		}
	}
	for d := programmeDay(from.In(loc), boundary); ; d = nextDay(d) {
		start, end := dayStart(d, boundary, loc), dayStart(nextDay(d), boundary, loc)
		if !start.Before(until) {
			break
		}
		switch {
		case len(s.Days) > 0 && !slices.Contains(s.Days, d):
		case len(s.Hours) == 0:
			add(start, end)
		default:
			for _, h := range s.Hours {
				a := clockOn(d, h.From, boundary, loc)
				b := clockOn(d, h.Until, boundary, loc)
				if !b.After(a) {
					b = clockOn(nextDay(d), h.Until, boundary, loc)
				}
				add(a, b)
			}
		}
	}
	return joined(out)
}

// joined puts spans in order and makes one of those that touch.
func joined(spans []Span) []Span {
	slices.SortFunc(spans, func(a, b Span) int { return cmp.Or(a.From.Compare(b.From), a.Until.Compare(b.Until)) })
	var out []Span
	for _, s := range spans {
		if n := len(out); n > 0 && !s.From.After(out[n-1].Until) {
			out[n-1].Until = later(out[n-1].Until, s.Until)
			continue
		}
		out = append(out, s)
	}
	return out
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// sooner takes a zero time for none.
func sooner(a, b time.Time) time.Time {
	if b.IsZero() || a.Before(b) {
		return a
	}
	return b
}

// programmeDay is the day under which a moment, in the meeting's zone, is listed: what is before the boundary belongs to the day before.
func programmeDay(t time.Time, boundary string) event.Date {
	if t.Format("15:04") < boundary {
		t = t.AddDate(0, 0, -1)
	}
	return event.DateOf(t)
}

func nextDay(d event.Date) event.Date { return event.DateOf(d.Time(time.UTC).AddDate(0, 0, 1)) }

// dayStart is the moment at which a programme day begins.
func dayStart(d event.Date, boundary string, loc *time.Location) time.Time {
	return at(d, boundary, loc)
}

// clockOn is a time of day on a programme day: what is before the boundary is on the calendar's next day.
func clockOn(d event.Date, clock, boundary string, loc *time.Location) time.Time {
	if clock < boundary {
		d = nextDay(d)
	}
	return at(d, clock, loc)
}

// at is a wall clock's moment. Where the clock was put forward over it, it is the moment that the clock would have shown it.
func at(d event.Date, clock string, loc *time.Location) time.Time {
	t, err := time.Parse("2006-01-02 15:04", string(d)+" "+clock)
	if err != nil {
		return time.Time{}
	}
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), 0, 0, loc)
}

// The beginnings of targets.
const (
	toArea   = "area:"
	toRoom   = "room:"
	toScreen = "screen:"
)

// For reports whether a notice is meant for a screen.
func (n *Notice) For(ref string, l Look) bool {
	if len(n.Targets) == 0 {
		return true
	}
	for _, t := range n.Targets {
		switch {
		case l.Area != "" && t == toArea+l.Area,
			l.Room != "" && (l.Mode == InRoom || l.Mode == Stage) && t == toRoom+l.Room,
			ref != "" && t == toScreen+ref:
			return true
		}
	}
	return false
}

var clockShape = regexp.MustCompile(`^([01]\d|2[0-3]):[0-5]\d$`)

// check refuses a notice that cannot be shown.
func (n *Notice) check() error {
	switch {
	case n.Title.IsZero():
		return invalid("signage.error.title_missing").On("title_ja")
	case tooLong(n.Title, maxTitle):
		return invalid("signage.error.too_long").With("max", maxTitle).On("title_ja")
	case tooLong(n.Body, maxBody):
		return invalid("signage.error.too_long").With("max", maxBody).On("body_ja")
	case n.Seconds < minSeconds || n.Seconds > maxSeconds:
		return invalid("signage.error.seconds").With("min", minSeconds).With("max", maxSeconds).On("seconds")
	case !slices.Contains(Standings, n.Standing):
		return invalid("signage.error.choice").On("standing")
	case !n.Schedule.From.IsZero() && !n.Schedule.Until.IsZero() && !n.Schedule.Until.After(n.Schedule.From):
		return invalid("signage.error.until_before_from").On("until")
	case len(n.Targets) > 50:
		return invalid("signage.error.choice").On("targets")
	}
	for _, h := range n.Schedule.Hours {
		if !clockShape.MatchString(h.From) || !clockShape.MatchString(h.Until) {
			return invalid("signage.error.hours").With("value", h.From+"-"+h.Until).On("hours")
		}
	}
	for _, d := range n.Schedule.Days {
		if !d.Valid() {
			return invalid("signage.error.day").With("value", string(d)).On("days")
		}
	}
	for _, t := range n.Targets {
		if !strings.HasPrefix(t, toArea) && !strings.HasPrefix(t, toRoom) && !strings.HasPrefix(t, toScreen) || len(t) > 300 {
			return invalid("signage.error.choice").On("targets")
		}
	}
	return checkURL(n.Link, "link")
}

func tooLong(t i18n.Text, limit int) bool {
	return len([]rune(t.JA)) > limit || len([]rune(t.EN)) > limit
}

// checkURL refuses what a telephone should not be led to.
func checkURL(s, field string) error {
	if s == "" {
		return nil
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || len(s) > maxURL {
		return invalid("signage.error.url").On(field)
	}
	return nil
}

// parseHours reads "10:00-12:00, 14:00-17:00", also with the wide characters of a Japanese keyboard.
func parseHours(s string) []Hours {
	var out []Hours
	for _, part := range strings.FieldsFunc(narrow(s), func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '、' || r == ';' }) {
		from, until, _ := strings.Cut(part, "-")
		out = append(out, Hours{padded(from), padded(until)})
	}
	return out
}

// padded writes 9:00 as 09:00.
func padded(clock string) string {
	if len(clock) == 4 && clock[1] == ':' {
		return "0" + clock
	}
	return clock
}

// parseDays reads dates with anything between them.
func parseDays(s string) []event.Date {
	var out []event.Date
	for _, d := range strings.FieldsFunc(narrow(s), func(r rune) bool { return r != '-' && (r < '0' || r > '9') }) {
		out = append(out, event.Date(d))
	}
	return out
}

// writeHours is the reverse of parseHours.
func writeHours(hours []Hours) string {
	list := make([]string, len(hours))
	for i, h := range hours {
		list[i] = h.From + "-" + h.Until
	}
	return strings.Join(list, ", ")
}

func writeDays(days []event.Date) string {
	list := make([]string, len(days))
	for i, d := range days {
		list[i] = string(d)
	}
	return strings.Join(list, " ")
}

// DayText is the days of a notice as its form has them.
func (n *Notice) DayText() string { return writeDays(n.Schedule.Days) }

// HourText is the times of day of a notice as its form has them.
func (n *Notice) HourText() string { return writeHours(n.Schedule.Hours) }
