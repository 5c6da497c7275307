package event

import (
	"context"
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// Programme is what this feature asks of the one that knows the sessions. Whenever any answer changes for a meeting, the programme
// raises the versions of MeetingScope and of SiteScope in the same transaction: pages are cached by them.
type Programme interface {
	// Menu says which of the programme's pages a meeting has.
	Menu(ctx context.Context, id MeetingID) (ProgrammeMenu, error)
	// Overview counts the sessions of a meeting.
	Overview(ctx context.Context, id MeetingID) (Overview, error)
	// WhatIsNew is what changed last over all meetings, newest first, at most limit.
	WhatIsNew(ctx context.Context, limit int) ([]News, error)
	// Addresses are the paths of the programme's public pages of every meeting, for the sitemap.
	Addresses(ctx context.Context) ([]Address, error)
	// Reveal makes a meeting's programme findable, or, of one in draft, no longer so: its phase has just changed.
	Reveal(ctx context.Context, tx *db.Tx, slug string) error
}

// Sessions is what this feature asks of the programme where roles are held at one session.
type Sessions interface {
	// NamedSession finds a session, as it is published or planned, by its code or its reference; it returns the latter, and the title.
	NamedSession(ctx context.Context, slug, name string) (ref string, title i18n.Text, err error)
}

// ProgrammeMenu says which pages of the programme there are.
type ProgrammeMenu struct {
	HasTimetable bool // sessions with times
	HasSessions  bool
	HasSpeakers  bool
	Changes      int // how many changes were published since the first version
}

// Overview counts the published sessions of a meeting.
type Overview struct {
	Total int         // sessions whose kind counts as a programme
	Kinds []KindCount // in the order of the meeting's kinds, without those that have no session
	Days  []DayCount  // in order of time, days with a timetable only
	Next  []Upcoming  // the next sessions from now, at most a few; empty where nothing is to come
}

// KindCount is how many sessions there are of a kind.
type KindCount struct {
	Key    string
	Label  i18n.Text
	Counts bool // whether they enter the total
	Tint   int  // 0 to 7
	N      int
}

// DayCount is how many sessions there are on a day.
type DayCount struct {
	Day Date
	N   int
}

// Upcoming is a session to come.
type Upcoming struct {
	Path  string // without language prefix
	Title i18n.Text
	Room  i18n.Text
	Start time.Time
	End   time.Time
}

// News is something that changed in a programme.
type News struct {
	When    time.Time
	Slug    string    // of the meeting
	Meeting i18n.Text // its name
	What    i18n.Text // one sentence
	Path    string    // where to read more, without language prefix
}

// Address is a public page.
type Address struct {
	Slug     string // of the meeting it belongs to
	Path     string // without language prefix
	Modified time.Time
}
