// Package event knows what a meeting is: the group that holds it, the series it belongs to, its parts, days, venues and rooms,
// who hosts and supports it, its own pages, and the figures that were declared of it.
//
// Words: a group (団体) holds series (シリーズ), which hold meetings (ミーティング). A meeting has parts (部) such as an online week and
// a conference week; a day without a programme is in no part and does not exist. An organisation (組織) stands in a role: host,
// sponsor, supporter, technical or media sponsor. A declared figure (申告値) was typed in from a report of the past.
//
// A meeting goes through phases: draft, announced, call, programme, running, ended, archived. One in draft is known to its committee and to
// nobody else.
//
// Tables: event_group, event_series, event_meeting, event_part, event_day, event_venue, event_room, event_organisation,
// event_page, event_link, event_figure. Views for others: event_pub_meeting, event_pub_room.
package event

import (
	"time"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// MeetingID is the row id of a meeting. It never leaves the program; a meeting's name outside is its slug.
type MeetingID int64

// Date is a calendar date in the meeting's own time zone, as YYYY-MM-DD. Dates compare as strings.
type Date string

// Time returns midnight of the date in loc, or the zero time where the date is empty or wrong.
func (d Date) Time(loc *time.Location) time.Time {
	t, err := time.ParseInLocation(time.DateOnly, string(d), loc)
	if err != nil {
		return time.Time{}
	}
	return t
}

// Valid reports whether the date is one of the calendar.
func (d Date) Valid() bool {
	_, err := time.Parse(time.DateOnly, string(d))
	return err == nil
}

// DateOf is the calendar date of t where t is.
func DateOf(t time.Time) Date { return Date(t.Format(time.DateOnly)) }

// Group is whose installation this is: one row.
type Group struct {
	Name      i18n.Text   `yaml:"name" json:"name"`
	About     i18n.Text   `yaml:"about,omitempty" json:"about,omitzero"`         // Markdown, for the home page
	Languages []i18n.Lang `yaml:"languages,omitempty" json:"languages,omitzero"` // the first is the default
	Timezone  string      `yaml:"timezone,omitempty" json:"timezone,omitzero"`   // IANA name
	Accent    string      `yaml:"accent,omitempty" json:"accent,omitzero"`       // #rrggbb
	Logo      string      `yaml:"logo,omitempty" json:"logo,omitzero"`           // a picture: a path beside the file, or a media name
	URL       string      `yaml:"url,omitempty" json:"url,omitzero"`
}

// Series is a line of meetings: Internet Week, JANOG Meeting, interim meetings.
type Series struct {
	Key   string    `yaml:"key" json:"key"` // [a-z0-9-]+, in URLs
	Title i18n.Text `yaml:"title" json:"title"`
	About i18n.Text `yaml:"about,omitempty" json:"about,omitzero"` // Markdown
	Order int       `yaml:"order,omitempty" json:"order,omitzero"`
}

// Phase is where a meeting stands in its life.
type Phase string

// The phases in their order.
const (
	Draft          Phase = "draft" // on no public page, list, feed, search or API
	Announced      Phase = "announced"
	Call           Phase = "call"
	ProgrammePhase Phase = "programme"
	Running        Phase = "running"
	Ended          Phase = "ended"
	Archived       Phase = "archived"
)

// Phases lists every phase in its order.
var Phases = []Phase{Draft, Announced, Call, ProgrammePhase, Running, Ended, Archived}

// Meeting is one meeting with everything that is its own but not its programme.
type Meeting struct {
	Slug        string         `yaml:"slug" json:"slug"` // [a-z0-9][a-z0-9.-]*, permanent, in URLs
	Series      string         `yaml:"series,omitempty" json:"series,omitzero"`
	Title       i18n.Text      `yaml:"title" json:"title"`                                 // Internet Week 2025
	Short       string         `yaml:"short,omitempty" json:"short,omitzero"`              // IW2025
	Theme       i18n.Text      `yaml:"theme,omitempty" json:"theme,omitzero"`              // 挑戦×経験×世代
	Summary     i18n.Text      `yaml:"summary,omitempty" json:"summary,omitzero"`          // Markdown
	Languages   []i18n.Lang    `yaml:"languages,omitempty" json:"languages,omitzero"`      // the first is the default
	Timezone    string         `yaml:"timezone,omitempty" json:"timezone,omitzero"`        // IANA name
	Start       Date           `yaml:"start,omitempty" json:"start,omitzero"`              // first day; empty where only the month is known
	End         Date           `yaml:"end,omitempty" json:"end,omitzero"`                  // last day
	Month       string         `yaml:"month,omitempty" json:"month,omitzero"`              // YYYY-MM, where the days are not known
	DayBoundary string         `yaml:"day_boundary,omitempty" json:"dayBoundary,omitzero"` // HH:MM; what starts before it belongs to the day before. Default 04:00
	Place       i18n.Text      `yaml:"place,omitempty" json:"place,omitzero"`              // 大阪府大阪市
	Hashtag     string         `yaml:"hashtag,omitempty" json:"hashtag,omitzero"`
	Phase       Phase          `yaml:"phase,omitempty" json:"phase,omitzero"`
	Accent      string         `yaml:"accent,omitempty" json:"accent,omitzero"` // #rrggbb
	Logo        string         `yaml:"logo,omitempty" json:"logo,omitzero"`     // a picture
	KeyVisual   string         `yaml:"key_visual,omitempty" json:"keyVisual,omitzero"`
	URL         string         `yaml:"url,omitempty" json:"url,omitzero"`                  // the meeting's site elsewhere
	DerivedFrom string         `yaml:"derived_from,omitempty" json:"derivedFrom,omitzero"` // slug of the meeting whose sessions it reuses
	Parts       []Part         `yaml:"parts,omitempty" json:"parts,omitzero"`
	Venues      []Venue        `yaml:"venues,omitempty" json:"venues,omitzero"`
	Rooms       []Room         `yaml:"rooms,omitempty" json:"rooms,omitzero"`
	Orgs        []Organisation `yaml:"organisations,omitempty" json:"organisations,omitzero"`
	Pages       []Page         `yaml:"pages,omitempty" json:"pages,omitzero"`
	Links       []Link         `yaml:"links,omitempty" json:"links,omitzero"`
	Figures     []Figure       `yaml:"figures,omitempty" json:"figures,omitzero"`
}

// Part is a stretch of a meeting with its own days and place: an online week, a conference week.
type Part struct {
	Key    string    `yaml:"key" json:"key"`
	Title  i18n.Text `yaml:"title" json:"title"`
	Days   []Date    `yaml:"days" json:"days"`
	Place  i18n.Text `yaml:"place,omitempty" json:"place,omitzero"`
	Online bool      `yaml:"online,omitempty" json:"online,omitzero"` // takes part from anywhere
	Onsite bool      `yaml:"onsite,omitempty" json:"onsite,omitzero"` // takes part at the venue
}

// Venue is a building.
type Venue struct {
	Key     string    `yaml:"key" json:"key"`
	Name    i18n.Text `yaml:"name" json:"name"`
	Address i18n.Text `yaml:"address,omitempty" json:"address,omitzero"`
	URL     string    `yaml:"url,omitempty" json:"url,omitzero"`
}

// Room is a place where sessions happen; it may exist only online.
type Room struct {
	Key      string    `yaml:"key" json:"key"`
	Name     i18n.Text `yaml:"name" json:"name"`
	Venue    string    `yaml:"venue,omitempty" json:"venue,omitzero"`
	Location i18n.Text `yaml:"location,omitempty" json:"location,omitzero"` // floor and number: JAM BASE 6F 6-1
	Capacity int       `yaml:"capacity,omitempty" json:"capacity,omitzero"` // people; 0 is not known
	Online   bool      `yaml:"online,omitempty" json:"online,omitzero"`
}

// OrgRole is what an organisation is to a meeting.
type OrgRole string

// The roles of organisations.
const (
	Host      OrgRole = "host"
	Sponsor   OrgRole = "sponsor"   // 協賛
	Supporter OrgRole = "supporter" // 後援
	Technical OrgRole = "technical" // 技術協賛
	Media     OrgRole = "media"     // メディア協賛
)

// OrgRoles lists every role in the order pages show them.
var OrgRoles = []OrgRole{Host, Sponsor, Technical, Media, Supporter}

// Organisation stands in a role at a meeting, perhaps in a class of it (天守閣, ダイヤモンド).
type Organisation struct {
	Role  OrgRole   `yaml:"role" json:"role"`
	Class i18n.Text `yaml:"class,omitempty" json:"class,omitzero"`
	Name  i18n.Text `yaml:"name" json:"name"`
	URL   string    `yaml:"url,omitempty" json:"url,omitzero"`
	Logo  string    `yaml:"logo,omitempty" json:"logo,omitzero"` // a picture
}

// Page is a page of the meeting's own site, in its menu unless hidden.
type Page struct {
	Slug   string    `yaml:"slug" json:"slug"` // [a-z0-9-]+
	Title  i18n.Text `yaml:"title" json:"title"`
	Body   i18n.Text `yaml:"body" json:"body"` // Markdown; pictures are media names or paths beside the file
	Hidden bool      `yaml:"hidden,omitempty" json:"hidden,omitzero"`
}

// Link leads from a meeting to something elsewhere.
type Link struct {
	Title i18n.Text `yaml:"title,omitempty" json:"title,omitzero"`
	URL   string    `yaml:"url" json:"url"`
}

// Figure is a number that a report of the past declared. It is never mixed with a counted one without saying so.
type Figure struct {
	Key     string    `yaml:"key" json:"key"`                            // attendance, unique_registrants, programmes, ...
	Label   i18n.Text `yaml:"label" json:"label"`                        // what it counts, as shown
	Value   float64   `yaml:"value" json:"value"`                        //
	Unit    i18n.Text `yaml:"unit,omitempty" json:"unit,omitzero"`       // 名, %
	Approx  bool      `yaml:"approx,omitempty" json:"approx,omitzero"`   // 約
	Scope   i18n.Text `yaml:"scope,omitempty" json:"scope,omitzero"`     // which part, or what it includes
	Wording string    `yaml:"wording,omitempty" json:"wording,omitzero"` // the source's own words
	Source  i18n.Text `yaml:"source,omitempty" json:"source,omitzero"`   // where it was read
	N       int       `yaml:"n,omitempty" json:"n,omitzero"`             // how many answered, where known
	Of      string    `yaml:"of,omitempty" json:"of,omitzero"`           // key of the figure it is a portion of
}
