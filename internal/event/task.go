package event

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Anchor is the day of a meeting that a task is counted from.
type Anchor string

// The anchors.
const (
	FirstDay Anchor = "first"
	LastDay  Anchor = "last"
)

// Task is something to do for a meeting. When it is due is said in days from the first or last day, so that the next meeting can take it over.
type Task struct {
	ID     int64
	Ref    string // its name in addresses
	Title  string
	Role   RoleKey // who sees to it; empty: anybody
	Anchor Anchor
	Days   int    // after that day; before it where negative
	Notes  string // Markdown
	Origin string // slug of the meeting it was carried over from
	Made   time.Time
	Done   time.Time // zero: not yet
	DoneBy string    // public id
}

// Due is the day by which it is to be done; empty where the meeting has no days yet.
func (t Task) Due(m *Meeting) Date {
	from := m.Start
	if t.Anchor == LastDay {
		from = m.LastDay()
	}
	if from == "" {
		return ""
	}
	return DateOf(from.Time(time.UTC).AddDate(0, 0, t.Days))
}

// IsDone reports whether the task is done.
func (t Task) IsDone() bool { return !t.Done.IsZero() }

// byDue puts tasks in the order of the days they are due, those without a day last.
func byDue(m *Meeting, list []Task) {
	slices.SortStableFunc(list, func(a, b Task) int {
		x, y := a.Due(m), b.Due(m)
		if (x == "") != (y == "") {
			return cmp.Compare(y, x)
		}
		return cmp.Or(cmp.Compare(x, y), cmp.Compare(a.ID, b.ID))
	})
}

// maxOffset bounds how far from its day a task may be, in days.
const maxOffset = 1_000

// tidy checks a task.
func (t *Task) tidy() error {
	t.Title = strings.TrimSpace(t.Title)
	switch {
	case t.Title == "":
		return invalid("wanted", "title")
	case len([]rune(t.Title)) > 300:
		return invalid("too_large", "title").With("most", 300)
	case len([]rune(t.Notes)) > 20_000:
		return invalid("too_large", "notes").With("most", 20_000)
	case t.Anchor != FirstDay && t.Anchor != LastDay:
		return invalid("anchor", "anchor")
	case t.Days < -maxOffset || t.Days > maxOffset:
		return invalid("days", "days").With("most", maxOffset)
	}
	if role := RoleOf(t.Role); t.Role != "" && (role == nil || role.Scope == OnObject) {
		return invalid("role_unknown", "role").With("value", clip(string(t.Role)))
	}
	return nil
}
