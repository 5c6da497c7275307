// Package signage knows the screens at a venue and what they show.
//
// Words: a screen (画面) is a browser on a wall that was paired with a meeting. A pairing code (ペアリングコード) is what an unpaired screen
// shows and the desk types. An area (エリア) is a part of the venue by which screens are chosen. A notice (お知らせ) is a page of text or a
// picture that screens show in turn; it is a draft (下書き) or published (公開), and what it says may be decided (決定) or under
// consideration (検討中). An override (緊急表示) covers every screen of a meeting until it is ended.
//
// A screen is unpaired (it shows a code), paired, or gone (the desk unpaired it, and its token is worth nothing).
//
// Tables: signage_setting, signage_screen, signage_pairing, signage_notice, signage_override.
package signage

import (
	"slices"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// Mode is what a screen is for.
type Mode string

// The modes of a screen.
const (
	Foyer   Mode = "foyer"   // every room: now and next
	InRoom  Mode = "room"    // one room: now, next, how long
	Stage   Mode = "stage"   // one room, for those on its stage: the minutes that are left
	Notices Mode = "notices" // notices only, one after the other
)

// Modes lists every mode in the order of the form.
var Modes = []Mode{Foyer, InRoom, Stage, Notices}

// Languages says in which languages a screen speaks.
type Languages string

// The choices of languages.
const (
	Both      Languages = "both"      // Japanese with English beside it
	Alternate Languages = "alternate" // in turn
	Japanese  Languages = "ja"
	English   Languages = "en"
)

// LanguageChoices lists every choice in the order of the form.
var LanguageChoices = []Languages{Both, Alternate, Japanese, English}

// Theme is the ground a screen is drawn on.
type Theme string

// The themes. Dark is kinder to a room in which something is projected, light to a bright foyer.
const (
	Dark  Theme = "dark"
	Light Theme = "light"
)

// Themes lists every theme.
var Themes = []Theme{Dark, Light}

// Turn says when notices, sponsors and the survey take the whole screen.
type Turn string

// The choices. In every case but Never the strip at the bottom carries notices as well.
const (
	Always Turn = "always" // in turn with the programme
	Breaks Turn = "breaks" // only while nothing is on in the room
	Strip  Turn = "strip"  // never; in the strip at the bottom only
	Never  Turn = "never"
)

// Turns lists every choice in the order of the form.
var Turns = []Turn{Always, Breaks, Strip, Never}

// ScreenID is the row id of a screen. It never leaves the program; outside a screen is known by its Ref.
type ScreenID int64

// Screen is a browser on a wall, and what the desk wants it to show.
type Screen struct {
	ID        ScreenID
	Ref       string // 26 characters, in the desk's addresses
	Meeting   event.MeetingID
	Slug      string // of the meeting
	Look      Look
	PairedAt  time.Time
	Blank     bool      // shows nothing
	Identify  time.Time // flashes its name until then
	Reload    int64     // counts up; a screen that sees it rise loads itself anew
	Hold      string    // ref of a notice that is shown until HoldUntil whatever else there is
	HoldUntil time.Time
	Alive     Alive // as it was last stored
}

// Look is what the desk chooses for a screen.
type Look struct {
	Name      string
	Area      string // a label; empty is no area
	Mode      Mode
	Room      string // key, for InRoom and Stage
	Languages Languages
	Theme     Theme
	Turn      Turn
}

// The bounds of what is typed.
const (
	maxName    = 60
	maxArea    = 60
	maxTitle   = 120
	maxBody    = 4000
	maxURL     = 400
	maxOverrun = 400 // text of an override
)

// check refuses a look that no screen can have.
func (l Look) check(m *event.Meeting) error {
	switch {
	case l.Name == "":
		return invalid("signage.error.name_missing").On("name")
	case len([]rune(l.Name)) > maxName:
		return invalid("signage.error.too_long").With("max", maxName).On("name")
	case len([]rune(l.Area)) > maxArea:
		return invalid("signage.error.too_long").With("max", maxArea).On("area")
	case !slices.Contains(Modes, l.Mode):
		return invalid("signage.error.choice").On("mode")
	case (l.Mode == InRoom || l.Mode == Stage) && m.Room(l.Room) == nil:
		return invalid("signage.error.room").On("room")
	case !slices.Contains(LanguageChoices, l.Languages):
		return invalid("signage.error.choice").On("languages")
	case !slices.Contains(Themes, l.Theme):
		return invalid("signage.error.choice").On("theme")
	case !slices.Contains(Turns, l.Turn):
		return invalid("signage.error.choice").On("turn")
	}
	return nil
}

// usual is the look of a screen that nobody has chosen yet.
func usual() Look {
	return Look{Mode: Foyer, Languages: Both, Theme: Dark, Turn: Always}
}

// Alive is what a screen says of itself, about three times a minute.
type Alive struct {
	At      time.Time `json:"-"`       // when it was heard, by our clock
	Shows   string    `json:"shows"`   // the item on it: now, changes, notice:REF, sponsors, survey, override, blank, ...
	App     string    `json:"app"`     // the version of its page
	Width   int       `json:"width"`   // CSS pixels
	Height  int       `json:"height"`  //
	Offset  int64     `json:"offset"`  // how far its clock is behind ours, in milliseconds
	Offline []Outage  `json:"offline"` // the latest times without the network, oldest first
}

// Outage is a time without the network, in milliseconds since 1970 by the corrected clock of the screen.
type Outage struct {
	From  int64 `json:"from"`
	Until int64 `json:"until"`
}

// maxOutages is how many a screen tells.
const maxOutages = 5

// quietAfter is how long a screen may say nothing before the desk is told. It speaks every 20 seconds.
const quietAfter = 70 * time.Second

// check refuses what no screen says.
func (a *Alive) check() error {
	if len(a.Shows) > 80 || len(a.App) > 40 || len(a.Offline) > maxOutages || a.Width < 0 || a.Height < 0 || a.Width > 100_000 || a.Height > 100_000 {
		return invalid("signage.error.choice")
	}
	return nil
}

// Severity is how serious an override is.
type Severity string

// The severities.
const (
	Info    Severity = "info"
	Warning Severity = "warning"
	Danger  Severity = "danger"
)

// Severities lists every severity in the order of the form.
var Severities = []Severity{Danger, Warning, Info}

// Override covers every screen of a meeting.
type Override struct {
	ID       int64
	Ref      string
	Severity Severity
	Text     i18n.Text
	Since    time.Time // who showed it is in the audit log
}

func (o *Override) check() error {
	if !slices.Contains(Severities, o.Severity) {
		return invalid("signage.error.choice").On("severity")
	}
	if o.Text.IsZero() {
		return invalid("signage.error.override_empty").On("text_ja")
	}
	if len([]rune(o.Text.JA)) > maxOverrun || len([]rune(o.Text.EN)) > maxOverrun {
		return invalid("signage.error.too_long").With("max", maxOverrun).On("text_ja")
	}
	return nil
}

// Setting is what holds for every screen of a meeting.
type Setting struct {
	Sponsors    bool      // organisations are shown in turn
	SurveyURL   string    // empty: none
	SurveyTitle i18n.Text // above its code
}

func (s *Setting) check() error {
	if len([]rune(s.SurveyTitle.JA)) > maxTitle || len([]rune(s.SurveyTitle.EN)) > maxTitle {
		return invalid("signage.error.too_long").With("max", maxTitle).On("survey_ja")
	}
	return checkURL(s.SurveyURL, "survey_url")
}

func invalid(key string) *fault.Error { return fault.New(fault.Invalid, key) }
