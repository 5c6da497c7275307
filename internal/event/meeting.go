package event

import (
	"slices"
	"time"
	_ "time/tzdata" // zones exist also where the system has none

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// defaultZone is the zone of a meeting or group that names none.
const defaultZone = "Asia/Tokyo"

// defaultBoundary is the hour before which a session belongs to the day before, where a meeting names none.
const defaultBoundary = "04:00"

// DefaultLang is the language whose addresses have no prefix: the first the meeting names, else Japanese.
func (m *Meeting) DefaultLang() i18n.Lang { return firstLang(m.Languages) }

func firstLang(list []i18n.Lang) i18n.Lang {
	if len(list) == 0 {
		return i18n.JA
	}
	return list[0]
}

// Location is the meeting's time zone. A zone that is unknown reads as UTC; validation lets none be stored.
func (m *Meeting) Location() *time.Location { return zoneOf(m.Timezone) }

func zoneOf(name string) *time.Location {
	if name == "" {
		name = defaultZone
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return loc
}

// Boundary is the time of day as HH:MM before which a session is listed under the day before.
func (m *Meeting) Boundary() string {
	if m.DayBoundary == "" {
		return defaultBoundary
	}
	return m.DayBoundary
}

// LastDay is the last day; that of a meeting of one day may be left out. It is empty where no day is known.
func (m *Meeting) LastDay() Date { return lastDay(m.Start, m.End) }

func lastDay(start, end Date) Date {
	if end == "" {
		return start
	}
	return end
}

// Days are the days of the meeting in order: those of its parts, or, where it has none with days, every day from its first to its last.
func (m *Meeting) Days() []Date {
	var days []Date
	for _, p := range m.Parts {
		days = append(days, p.Days...)
	}
	if len(days) == 0 {
		return between(m.Start, m.LastDay())
	}
	slices.Sort(days)
	return slices.Compact(days)
}

// maxDays bounds how long a meeting may be, in days.
const maxDays = 400

func between(from, to Date) []Date {
	if !from.Valid() || !to.Valid() {
		return nil
	}
	var days []Date
	for t := from.Time(time.UTC); DateOf(t) <= to && len(days) < maxDays; t = t.AddDate(0, 0, 1) {
		days = append(days, DateOf(t))
	}
	return days
}

// PartOf is the part a day belongs to, or nil.
func (m *Meeting) PartOf(day Date) *Part {
	for i := range m.Parts {
		if slices.Contains(m.Parts[i].Days, day) {
			return &m.Parts[i]
		}
	}
	return nil
}

// Room is the room of a key, or nil.
func (m *Meeting) Room(key string) *Room {
	return find(m.Rooms, func(r *Room) bool { return r.Key == key })
}

// Venue is the venue of a key, or nil.
func (m *Meeting) Venue(key string) *Venue {
	return find(m.Venues, func(v *Venue) bool { return v.Key == key })
}

// Page is the meeting's own page of a slug, or nil.
func (m *Meeting) Page(slug string) *Page {
	return find(m.Pages, func(p *Page) bool { return p.Slug == slug })
}

func find[T any](list []T, is func(*T) bool) *T {
	for i := range list {
		if is(&list[i]) {
			return &list[i]
		}
	}
	return nil
}

// RoomNamed is the room that has a name in either language, or nil.
func (m *Meeting) RoomNamed(name i18n.Text) *Room {
	return find(m.Rooms, func(r *Room) bool {
		return r.Name.JA != "" && (r.Name.JA == name.JA || r.Name.JA == name.EN) ||
			r.Name.EN != "" && (r.Name.EN == name.EN || r.Name.EN == name.JA)
	})
}

// Name is what the meeting is called where there is little room: its short name, else its title.
func (m *Meeting) Name() i18n.Text {
	if m.Short != "" {
		return i18n.T(m.Short, m.Short)
	}
	return m.Title
}
