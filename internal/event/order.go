package event

import (
	"cmp"
	"strings"
)

// begins is what a meeting is ordered by: its first day, or its month where that is all that is known. Unknown is oldest.
func (m *Meeting) begins() string {
	if m.Start != "" {
		return string(m.Start)
	}
	return m.Month
}

// Year is the year of the meeting as four digits, or empty where it is not known.
func (m *Meeting) Year() string {
	y, _, _ := strings.Cut(m.begins(), "-")
	return y
}

// newest orders meetings, newest first.
func newest(a, b *Summary) int {
	return cmp.Or(cmp.Compare(b.begins(), a.begins()), cmp.Compare(b.Slug, a.Slug))
}
