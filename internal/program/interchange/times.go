package interchange

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // a meeting's zone must be known on a machine that has no zone files

	"golang.org/x/text/width"

	"github.com/tsudoi/tsudoi/internal/event"
)

// defaultZone is used where neither the file nor the options name a zone that exists.
const defaultZone = "Asia/Tokyo"

// zoneOf finds a zone by its IANA name; "Local" is nobody's zone.
func zoneOf(name string) (*time.Location, bool) {
	name = strings.TrimSpace(name)
	if name == "" || name == "Local" || len(name) > 64 {
		return nil, false
	}
	loc, err := time.LoadLocation(name)
	return loc, err == nil
}

// chooseZone is the zone of a document: what the file says, else the options, else Asia/Tokyo. It returns the name too.
func chooseZone(named string, o Options, n *notes) (string, *time.Location) {
	if loc, ok := zoneOf(named); ok {
		return strings.TrimSpace(named), loc
	}
	name := o.Timezone
	loc, ok := zoneOf(name)
	if !ok {
		name = defaultZone
		loc, _ = zoneOf(name)
	}
	if strings.TrimSpace(named) != "" {
		n.add("timezone", "unknown time zone "+quote(named), "read as "+name)
	}
	return name, loc
}

// Location is the meeting's time zone, or that of Tokyo where it names none that exists.
func (d *Document) Location() *time.Location {
	name := defaultZone
	if d.Meeting != nil && d.Meeting.Timezone != "" {
		name = d.Meeting.Timezone
	} else if d.Group != nil && d.Group.Timezone != "" {
		name = d.Group.Timezone
	}
	if loc, ok := zoneOf(name); ok {
		return loc
	}
	return time.UTC
}

// boundaryMinutes is the meeting's day boundary in minutes after midnight: what starts before it belongs to the day before.
func boundaryMinutes(m *event.Meeting) int {
	if m != nil {
		if min, ok := parseClock(m.DayBoundary); ok && min < 24*60 {
			return min
		}
	}
	return 4 * 60
}

// dayOf is the programme day of a time: the calendar day, or, before the meeting's day boundary, the day before.
func dayOf(m *event.Meeting, t time.Time) event.Date {
	if t.Hour()*60+t.Minute() >= boundaryMinutes(m) {
		return event.DateOf(t)
	}
	return shiftDate(event.DateOf(t), -1)
}

// shiftDate moves a date by days; a wrong date stays as it is.
func shiftDate(d event.Date, days int) event.Date {
	if !d.Valid() {
		return d
	}
	return event.DateOf(d.Time(time.UTC).AddDate(0, 0, days))
}

// fold makes ASCII of what Japanese input methods write in full width: digits, colons, hyphens, letters and spaces.
func fold(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch r {
		case '−', '‐', '–', '—', 'ー':
			return '-'
		case '〜', '～':
			return '~'
		}
		return r
	}, width.Fold.String(s)))
}

// parseClock reads a time of day as minutes after midnight: "10:20", "9:05", "25:10" for ten past one of the night after (up to
// 47:59), "10:20:00", "１０：２０", "10時20分", "10時".
func parseClock(s string) (int, bool) {
	s = fold(s)
	if h, rest, ok := strings.Cut(s, "時"); ok {
		m := strings.TrimSuffix(rest, "分")
		if m == "" {
			m = "00"
		}
		if m == "半" {
			m = "30"
		}
		s = h + ":" + m
	}
	parts := strings.Split(s, ":")
	if len(parts) < 2 || len(parts) > 3 || len(parts[0]) == 0 || len(parts[0]) > 2 {
		return 0, false
	}
	h, ok1 := digits(parts[0])
	m, ok2 := digits(parts[1])
	if !ok1 || !ok2 || h > 47 || m > 59 || len(parts[1]) != 2 {
		return 0, false
	}
	if len(parts) == 3 {
		if sec, ok := digits(parts[2]); !ok || sec > 59 {
			return 0, false
		}
	}
	return h*60 + m, true
}

// digits reads an unsigned decimal number of ASCII digits.
func digits(s string) (int, bool) {
	if s == "" || len(s) > 9 || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}

// at is the time so many minutes of the wall clock after midnight of a date.
func at(d event.Date, minutes int, loc *time.Location) time.Time {
	day := d.Time(time.UTC)
	return time.Date(day.Year(), day.Month(), day.Day(), minutes/60, minutes%60, 0, 0, loc)
}

// clock writes t as a time of day on the programme day d, "25:10" for the night after, or in full (RFC 3339) where that would not be
// read back as t: other days, seconds, hours that the clock shows twice.
func clock(t time.Time, d event.Date, loc *time.Location) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(loc)
	for extra := range 2 {
		if d.Valid() && event.DateOf(t) == shiftDate(d, extra) {
			minutes := (t.Hour()+24*extra)*60 + t.Minute()
			if at(d, minutes, loc).Equal(t) {
				return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60)
			}
		}
	}
	return t.Format(time.RFC3339Nano)
}

// parseDate reads a calendar date as people in Japan and elsewhere type it: 2026-02-11, 2026/2/11, 20260211, 2026年2月11日,
// with or without a weekday in brackets behind it.
func parseDate(s string) (event.Date, bool) {
	s = fold(s)
	if i := strings.IndexAny(s, "("); i > 0 {
		s = strings.TrimSpace(s[:i])
	}
	s = strings.NewReplacer("年", "-", "月", "-", "日", "", "/", "-", ".", "-").Replace(s)
	for _, layout := range []string{time.DateOnly, "2006-1-2", "20060102"} {
		if t, err := time.Parse(layout, s); err == nil && t.Year() > 1900 && t.Year() < 2200 {
			return event.DateOf(t), true
		}
	}
	return "", false
}

// parseMoment reads a full date and time with its offset, or without one in loc.
func parseMoment(s string, loc *time.Location) (time.Time, bool) {
	s = strings.TrimSpace(s)
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02 15:04:05Z07:00",
		"2006-01-02 15:04:05-0700"} {
		if t, err := time.Parse(layout, s); err == nil {
			return sane(t.In(loc))
		}
	}
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006/1/2 15:04:05",
		"2006/1/2 15:04"} {
		if t, err := time.ParseInLocation(layout, s, loc); err == nil {
			return sane(t)
		}
	}
	return time.Time{}, false
}

// sane refuses years that every other format and the database would stumble over.
func sane(t time.Time) (time.Time, bool) {
	if t.Year() < 1900 || t.Year() > 2199 {
		return time.Time{}, false
	}
	return t, true
}
