// Package interchange knows the files in which programmes travel: Tsudoi's own meeting file, which holds everything, and the formats
// of others (schedule.xml, schedule.json, iCalendar, tables, the API of JANOG57), which hold part of it. All of them are read into,
// and written from, one Document. Nothing here touches a database or a network.
package interchange

import (
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// Document is one meeting, or one group, as a file holds it. A file of several YAML documents is several of these.
type Document struct {
	Group    *event.Group   // nil: the file says nothing about the group
	Series   []event.Series // those the file defines
	Meeting  *event.Meeting // nil in a file that only describes a group or series
	Kinds    []Kind         // in the order pages list them
	Topics   []Topic
	Speakers []Speaker
	Policy   Policy // what holds for the whole meeting where a session says nothing
	Sessions []Session

	// Refused counts the sessions of the file that could not be used at all; a problem says why for each.
	Refused int

	// Has names what the format of this document can express, so that an import leaves alone what it cannot.
	Has Fields
}

// Fields says what a format can express. A field that is false is kept as it is by an import.
type Fields struct {
	Meeting    bool // everything about the meeting, not only title, days and rooms
	Heading    bool // title and days of the meeting; false where they are made up from the rows
	Policy     bool
	Parts      bool // parts of sessions
	Slots      bool
	Topics     bool
	Kinds      bool
	Bilingual  bool // false: texts exist in Lang only, and the other language is kept
	Lang       i18n.Lang
	Speakers   bool // who speaks at a session
	Profiles   bool // affiliation, reading and biography of speakers, their roles
	Subtitle   bool
	Abstract   bool
	Level      bool
	Language   bool
	Links      bool
	Status     bool // tells cancelled sessions from others
	Untimed    bool // can hold sessions without a time
	Codes      bool // codes that people say aloud
	RoomDetail bool // capacity, venue, location of rooms
}

// Kind is a kind of session: data, because every meeting has its own.
type Kind struct {
	Key    string    `yaml:"key" json:"key"`
	Label  i18n.Text `yaml:"label" json:"label"`
	Counts bool      `yaml:"counts,omitempty" json:"counts"` // whether its sessions enter the programme count
	Tint   int       `yaml:"tint,omitempty" json:"tint"`     // 0 (plain) to 7, the tint of its cards
	Pause  bool      `yaml:"pause,omitempty" json:"pause"`   // a break: shown as a band, no page of its own in lists
}

// Topic is a subject that sessions share; a track of other formats becomes one.
type Topic struct {
	Key   string    `yaml:"key" json:"key"`
	Label i18n.Text `yaml:"label" json:"label"`
}

// Speaker is a person as the programme of this meeting names them.
type Speaker struct {
	Key         string    `yaml:"key" json:"key"`                           // stable within the meeting
	GUID        string    `yaml:"guid,omitempty" json:"guid"`               // UUID, made where a file has none
	Name        i18n.Text `yaml:"name" json:"name"`                         //
	Reading     string    `yaml:"reading,omitempty" json:"reading"`         // kana, for order
	Affiliation i18n.Text `yaml:"affiliation,omitempty" json:"affiliation"` // at the time of the meeting
	Bio         i18n.Text `yaml:"bio,omitempty" json:"bio"`                 // Markdown
	Photo       string    `yaml:"photo,omitempty" json:"photo,omitzero"`    // a picture
	Links       []Link    `yaml:"links,omitempty" json:"links,omitzero"`
}

// Status says whether a session takes place.
type Status string

// The states of a session in a programme.
const (
	Confirmed Status = "" // takes place
	Cancelled Status = "cancelled"
)

// Session is one item of a programme.
//
// Its time is one of three: Start and End set (End may equal Start where a source gives no length); only Date set, where
// the day is known but not the hour; or nothing.
type Session struct {
	GUID     string     // UUID, never changes; made from the meeting and the source's id where a file has none
	Ref      string     // six characters [0-9A-Z], permanent, in URLs where there is no code; empty in files, made by the import
	Number   int64      // the integer id that schedule.xml asks for, unique in the meeting; 0 in files without one
	Code     string     // what people say aloud (O2, C14); may be empty
	Source   string     // the session's id where it was imported from (60031), or empty
	Kind     string     // key of a Kind
	Status   Status     //
	Title    i18n.Text  //
	Subtitle i18n.Text  //
	Abstract i18n.Text  // Markdown
	Topics   []string   // keys
	Language string     // ja, en, or both as "ja en"; empty where not known
	Level    string     // beginner, intermediate, advanced, or empty
	Date     event.Date // the programme day; of a timed session the day it is listed under
	Start    time.Time  // in the meeting's zone; zero where not known
	End      time.Time
	Room     string // key of a Room, or empty
	AllRooms bool   // spans every room, once: a break
	Slot     string // GUID of the session in whose slot this one is held (a lightning talk within the slot), or empty
	Origin   string // URL or guid of the session it reuses from another meeting, or empty
	Speakers []Appearance
	Parts    []Part
	Links    []Link
	Policy   Policy
}

// Timed reports whether the session has a start.
func (s *Session) Timed() bool { return !s.Start.IsZero() }

// Part is a part of a session, with parts of its own to any depth: IP Meeting 2025, 第2部, パート1.
type Part struct {
	Code     string // 第2部, P1 or empty
	Title    i18n.Text
	Abstract i18n.Text
	Start    time.Time // zero where not known
	End      time.Time
	Speakers []Appearance
	Parts    []Part
	Links    []Link
	Policy   Policy
}

// Appearance is a speaker at a session, with the role and affiliation held there.
type Appearance struct {
	Speaker     string    // key of a Speaker
	Role        string    // speaker, moderator, panelist, host, or empty for speaker
	Affiliation i18n.Text // where it differs from the speaker's own
	Policy      Policy    // what this speaker allows less of than the session does
}

// The roles of an appearance.
const (
	RoleSpeaker   = "speaker"
	RoleModerator = "moderator"
	RolePanelist  = "panelist"
)

// Link leads from a session to something: what it is decides which policy governs it.
type Link struct {
	Kind  LinkKind   `yaml:"kind,omitempty" json:"kind"`
	Title i18n.Text  `yaml:"title,omitempty" json:"title"`
	URL   string     `yaml:"url" json:"url"`
	Until event.Date `yaml:"until,omitempty" json:"until,omitzero"` // the last day it works, where stated
}

// LinkKind is what a link leads to.
type LinkKind string

// The kinds of links.
const (
	LinkWeb    LinkKind = "web"    // a page about it: the default
	LinkSlides LinkKind = "slides" // governed by Policy.Slides
	LinkStream LinkKind = "stream" // governed by Policy.Stream
	LinkVideo  LinkKind = "video"  // a recording, governed by Policy.Publish
	LinkPhoto  LinkKind = "photo"  // governed by Policy.Photo
	LinkSNS    LinkKind = "sns"    // a hashtag or channel for talking about it, governed by Policy.SNS
	LinkOther  LinkKind = "other"  // of a kind that nobody knows: public only where the policy refuses nothing
)
