package interchange

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
)

// The objects of schedule.json.
type jsonFile struct {
	Schema    string        `json:"$schema"`
	Generator jsonGenerator `json:"generator"`
	Schedule  jsonBody      `json:"schedule"`
}

type jsonGenerator struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
	URL     string `json:"url,omitempty"`
}

type jsonBody struct {
	Version    string            `json:"version"`
	BaseURL    string            `json:"base_url,omitempty"`
	Conference jsonOutConference `json:"conference"`
}

type jsonOutConference struct {
	Acronym   string            `json:"acronym"`
	Title     string            `json:"title"`
	Start     string            `json:"start"`
	End       string            `json:"end"`
	DaysCount int               `json:"daysCount"`
	Slot      string            `json:"timeslot_duration"`
	Zone      string            `json:"time_zone_name,omitempty"`
	URL       string            `json:"url,omitempty"`
	Colors    map[string]string `json:"colors,omitempty"`
	Tracks    []jsonTrack       `json:"tracks"`
	Rooms     []jsonOutRoom     `json:"rooms"`
	Meta      map[string]any    `json:"meta"`
	Days      []jsonOutDay      `json:"days"`
}

type jsonTrack struct {
	Name string `json:"name"`
}

type jsonOutRoom struct {
	Name     string `json:"name"`
	GUID     string `json:"guid"`
	Type     string `json:"type,omitempty"`
	Capacity int    `json:"capacity,omitempty"`
}

type jsonOutDay struct {
	Index int                       `json:"index"`
	Date  event.Date                `json:"date"`
	Start string                    `json:"day_start"`
	End   string                    `json:"day_end"`
	Rooms map[string][]jsonOutEvent `json:"rooms"`
}

type jsonOutEvent struct {
	GUID        string          `json:"guid"`
	Code        string          `json:"code"`
	ID          int64           `json:"id"`
	Date        string          `json:"date"`
	Start       string          `json:"start"`
	End         string          `json:"end"`
	Duration    string          `json:"duration"`
	Room        string          `json:"room"`
	Slug        string          `json:"slug"`
	URL         string          `json:"url"`
	Title       string          `json:"title"`
	Subtitle    string          `json:"subtitle"`
	Track       *string         `json:"track"`
	Type        string          `json:"type"`
	Language    *string         `json:"language"`
	Abstract    string          `json:"abstract"`
	Description string          `json:"description"`
	NoRecord    bool            `json:"do_not_record"`
	NoStream    bool            `json:"do_not_stream"`
	Persons     []jsonOutPerson `json:"persons"`
	Links       []jsonReference `json:"links"`
	Attachments []jsonReference `json:"attachments"`
	Origin      string          `json:"origin_url,omitempty"`
}

type jsonOutPerson struct {
	ID        int64  `json:"id"`
	GUID      string `json:"guid"`
	Name      string `json:"name"`
	Biography string `json:"biography,omitempty"`
}

type jsonReference struct {
	Type  string `json:"type,omitempty"`
	URL   string `json:"url"`
	Title string `json:"title,omitempty"`
}

// EncodeJSON writes a schedule.json that is valid against voc/schedule's schema. d is what Document.Public returned.
//
// What the format does not hold is lost: see the table at Losses.
func EncodeJSON(d *Document, e Export) ([]byte, error) {
	s := newSchedule(d, e)
	start, end := s.dates()
	c := jsonOutConference{Acronym: s.acronym, Title: s.title(), Start: string(start), End: string(end), DaysCount: len(s.days), Slot: "00:05",
		URL: e.meetingURL(d), Tracks: []jsonTrack{}, Rooms: []jsonOutRoom{},
		Meta: map[string]any{"left_out": map[string]int{"untimed": s.left.Untimed, "cancelled": s.left.Cancelled},
			"talks_described_with_their_slot": s.left.Talks}}
	if zone := s.loc.String(); regexp.MustCompile(`^([A-Z][a-z]+/[A-Z][a-z]+)|UTC$`).MatchString(zone) {
		c.Zone = zone
	}
	for _, t := range d.Topics {
		c.Tracks = append(c.Tracks, jsonTrack{t.Label.In(s.lang)})
	}
	if d.Meeting != nil {
		if d.Meeting.Accent != "" {
			c.Colors = map[string]string{"primary": d.Meeting.Accent}
		}
		for _, r := range d.Meeting.Rooms {
			room := jsonOutRoom{Name: s.rooms[r.Key], GUID: Derive(d.slug(), "room", s.rooms[r.Key]), Capacity: r.Capacity}
			if r.Online {
				room.Type = "online"
			}
			c.Rooms = append(c.Rooms, room)
		}
	}
	for _, day := range s.days {
		c.Days = append(c.Days, s.jsonDay(day))
	}
	out := jsonFile{Schema: "https://c3voc.de/schedule/schema.json", Generator: jsonGenerator{e.generator(), e.Version, e.BaseURL},
		Schedule: jsonBody{Version: e.release(), BaseURL: e.BaseURL, Conference: c}}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(out); err != nil {
		return nil, fmt.Errorf("write schedule.json: %w", err)
	}
	return b.Bytes(), nil
}

func (s *schedule) jsonDay(day scheduleDay) jsonOutDay {
	out := jsonOutDay{Index: day.index, Date: day.date, Start: day.start.Format(time.RFC3339), End: day.end.Format(time.RFC3339),
		Rooms: map[string][]jsonOutEvent{}}
	for _, r := range day.rooms {
		for _, x := range r.events {
			out.Rooms[r.name] = append(out.Rooms[r.name], s.jsonEvent(x, r.name))
		}
	}
	return out
}

func (s *schedule) jsonEvent(x *Session, room string) jsonOutEvent {
	out := jsonOutEvent{GUID: x.GUID, Code: s.refs[x.GUID], ID: s.numbers[x.GUID], Date: x.Start.In(s.loc).Format(time.RFC3339),
		Start: x.Start.In(s.loc).Format("15:04"),
		End:   x.End.In(s.loc).Format(time.RFC3339), Duration: lengthOf(x), Room: room, Slug: s.slugFor(x), URL: s.e.sessionURL(s.d, x,
			s.refs[x.GUID]), Title: x.Title.In(s.lang),
		Subtitle: x.Subtitle.In(s.lang), Type: s.kind(x), Abstract: x.Abstract.In(s.lang), Description: s.outline(x), NoRecord: recordingRefused(x), NoStream: x.Policy.Stream == Refused,
		Persons: []jsonOutPerson{}, Links: []jsonReference{}, Attachments: []jsonReference{}, Origin: httpOnly(x.Origin)}
	if out.URL == "" {
		out.URL = "urn:uuid:" + x.GUID
	}
	if topics := s.topicsOf(x); len(topics) > 0 {
		out.Track = &topics[0]
	}
	if tag := languageTag(x); tag != "" {
		out.Language = &tag
	}
	for _, p := range s.people(x.Speakers, x.Parts) {
		out.Persons = append(out.Persons, jsonOutPerson{ID: s.persons[p.GUID], GUID: p.GUID, Name: p.Name.In(s.lang), Biography: p.Bio.In(s.lang)})
	}
	for _, l := range x.Links {
		ref := jsonReference{Type: referenceType(l.Kind), URL: l.URL, Title: l.Title.In(s.lang)}
		if l.Kind == LinkSlides {
			out.Attachments = append(out.Attachments, ref)
		} else {
			out.Links = append(out.Links, ref)
		}
	}
	return out
}

// referenceType is the schema's word for a kind of link.
func referenceType(k LinkKind) string {
	switch k {
	case LinkSlides:
		return "slides"
	case LinkVideo, LinkStream, LinkPhoto:
		return "media"
	case LinkSNS, LinkOther:
		return "related"
	}
	return "web"
}
