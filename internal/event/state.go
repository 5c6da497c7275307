package event

import (
	"slices"
	"time"
)

// Standing is where a meeting stands on a day.
type Standing string

// The standings.
const (
	Past    Standing = "past"
	Now     Standing = "now"     // one of its days is today
	Between Standing = "between" // between its parts: it has begun and goes on later
	Ahead   Standing = "ahead"
	Unknown Standing = "unknown" // no date is known
)

// StandingAt says where the meeting stands at a moment, by the dates of its own zone, and how many days there are until it begins, or, between
// its parts, until it goes on; 0 where that cannot be told.
func (m *Meeting) StandingAt(now time.Time) (Standing, int) { return m.standing(m.Days(), now) }

// StandingAt is that of the meeting, whose parts a summary does not hold.
func (s *Summary) StandingAt(now time.Time) (Standing, int) {
	days := s.Dates
	if len(days) == 0 {
		days = s.Days()
	}
	return s.standing(days, now)
}

func (m *Meeting) standing(days []Date, now time.Time) (Standing, int) {
	today := DateOf(now.In(m.Location()))
	switch {
	case m.Start == "" && m.Month == "":
		return Unknown, 0
	case m.Start == "":
		return monthStanding(m.Month, string(today)[:7]), 0
	case today < m.Start:
		return Ahead, daysBetween(today, m.Start)
	case today > m.LastDay():
		return Past, 0
	}
	if i, found := slices.BinarySearch(days, today); !found && i < len(days) {
		return Between, daysBetween(today, days[i])
	}
	return Now, 0
}

func monthStanding(month, this string) Standing {
	switch {
	case month > this:
		return Ahead
	case month == this:
		return Unknown
	}
	return Past
}

func daysBetween(from, to Date) int {
	return int(to.Time(time.UTC).Sub(from.Time(time.UTC)).Hours() / 24)
}

// quarter names the quarter of an hour that a moment is in: the dates of every time zone change on one, so a page that shows how many
// days are left is made anew when it begins.
func quarter(t time.Time) string { return t.UTC().Truncate(15 * time.Minute).Format("0102T1504") }

// featured is the meeting that the home page opens with: one that is running, else the next, else the last.
func featured(meetings []*Summary, now time.Time) *Summary {
	var next, last *Summary
	for _, m := range meetings { // newest first
		switch at, _ := m.StandingAt(now); at {
		case Now, Between:
			return m
		case Ahead:
			next = m
		case Past:
			if last == nil {
				last = m
			}
		}
	}
	switch {
	case next != nil:
		return next
	case last != nil:
		return last
	case len(meetings) > 0:
		return meetings[0]
	}
	return nil
}
