package interchange

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"time"
)

// The elements of schedule.xml, in the order of its schema.
type xmlSchedule struct {
	XMLName    xml.Name      `xml:"schedule"`
	Generator  xmlGenerator  `xml:"generator"`
	Left       string        `xml:",comment"`
	URL        string        `xml:"url,omitempty"`
	Version    string        `xml:"version"`
	Conference xmlConference `xml:"conference"`
	Days       []xmlDay      `xml:"day"`
}

type xmlGenerator struct {
	Name    string `xml:"name,attr"`
	Version string `xml:"version,attr,omitempty"`
}

type xmlConference struct {
	Title   string     `xml:"title"`
	Acronym string     `xml:"acronym"`
	Start   string     `xml:"start"`
	End     string     `xml:"end"`
	Days    int        `xml:"days"`
	Slot    string     `xml:"timeslot_duration"`
	Base    string     `xml:"base_url,omitempty"`
	URL     string     `xml:"url,omitempty"`
	Zone    string     `xml:"time_zone_name"`
	Color   *xmlColor  `xml:"color"`
	Tracks  []xmlTrack `xml:"track"`
}

type xmlColor struct {
	Primary string `xml:"primary,attr"`
}

type xmlTrack struct {
	Name string `xml:"name,attr"`
}

type xmlDay struct {
	Index int       `xml:"index,attr"`
	Date  string    `xml:"date,attr"`
	Start string    `xml:"start,attr"`
	End   string    `xml:"end,attr"`
	Rooms []xmlRoom `xml:"room"`
}

type xmlRoom struct {
	Name   string        `xml:"name,attr"`
	GUID   string        `xml:"guid,attr"`
	Events []xmlOutEvent `xml:"event"`
}

type xmlOutEvent struct {
	GUID        string       `xml:"guid,attr"`
	ID          int64        `xml:"id,attr"`
	Code        string       `xml:"code,attr"`
	Room        string       `xml:"room"`
	Title       string       `xml:"title"`
	Subtitle    string       `xml:"subtitle"`
	Type        string       `xml:"type"`
	Date        string       `xml:"date"`
	Start       string       `xml:"start"`
	Duration    string       `xml:"duration"`
	Abstract    string       `xml:"abstract"`
	Slug        string       `xml:"slug"`
	Track       string       `xml:"track"`
	Persons     xmlPersons   `xml:"persons"`
	Language    string       `xml:"language"`
	Description string       `xml:"description"`
	Recording   xmlRecording `xml:"recording"`
	Links       xmlLinks     `xml:"links"`
	Attachments xmlFiles     `xml:"attachments"`
	URL         string       `xml:"url,omitempty"`
	Origin      string       `xml:"origin_url,omitempty"`
}

type xmlPersons struct {
	List []xmlOutPerson `xml:"person"`
}

type xmlOutPerson struct {
	ID   int64  `xml:"id,attr"`
	GUID string `xml:"guid,attr"`
	Name string `xml:",chardata"`
}

type xmlRecording struct {
	License string `xml:"license"`
	OptOut  bool   `xml:"optout"`
}

type xmlLinks struct {
	List []xmlOutLink `xml:"link"`
}

type xmlFiles struct {
	List []xmlOutLink `xml:"attachment"`
}

type xmlOutLink struct {
	Href string `xml:"href,attr"`
	Type string `xml:"type,attr,omitempty"`
	Text string `xml:",chardata"`
}

// EncodeXML writes a schedule.xml that is valid against voc/schedule's schema. d is what Document.Public returned.
//
// What the format does not hold is lost: see the table at Losses.
func EncodeXML(d *Document, e Export) ([]byte, error) {
	s := newSchedule(d, e)
	start, end := s.dates()
	out := xmlSchedule{Generator: xmlGenerator{Name: e.generator(), Version: e.Version}, Left: " " + s.left.String() + " ", Version: e.release()}
	out.Conference = xmlConference{Title: s.title(), Acronym: s.acronym, Start: string(start), End: string(end), Days: len(s.days), Slot: "00:05",
		Base: httpOnly(e.BaseURL),
		URL:  httpOnly(e.meetingURL(d)), Zone: s.loc.String()}
	if d.Meeting != nil && d.Meeting.Accent != "" {
		out.Conference.Color = &xmlColor{d.Meeting.Accent}
	}
	if u := e.meetingURL(d); u != "" {
		out.URL = httpOnly(u + "/schedule.xml")
	}
	for _, t := range d.Topics {
		out.Conference.Tracks = append(out.Conference.Tracks, xmlTrack{t.Label.In(s.lang)})
	}
	for _, day := range s.days {
		x := xmlDay{Index: day.index, Date: string(day.date), Start: day.start.Format(time.RFC3339), End: day.end.Format(time.RFC3339)}
		for _, room := range day.rooms {
			r := xmlRoom{Name: room.name, GUID: room.guid}
			for _, ev := range room.events {
				r.Events = append(r.Events, s.xmlEvent(ev, room.name))
			}
			x.Rooms = append(x.Rooms, r)
		}
		out.Days = append(out.Days, x)
	}
	var b bytes.Buffer
	b.WriteString(xml.Header)
	enc := xml.NewEncoder(&b)
	enc.Indent("", " ")
	if err := enc.Encode(out); err != nil {
		return nil, fmt.Errorf("write schedule.xml: %w", err)
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}

// httpOnly lets through what the schema's httpURI accepts.
func httpOnly(u string) string {
	if len(u) > 7 && (u[:7] == "http://" || len(u) > 8 && u[:8] == "https://") {
		return u
	}
	return ""
}

func (s *schedule) xmlEvent(x *Session, room string) xmlOutEvent {
	out := xmlOutEvent{GUID: x.GUID, ID: s.numbers[x.GUID], Code: s.refs[x.GUID], Room: room, Title: x.Title.In(s.lang),
		Subtitle: x.Subtitle.In(s.lang), Type: s.kind(x),
		Date: x.Start.In(s.loc).Format(time.RFC3339), Start: x.Start.In(s.loc).Format("15:04"), Duration: lengthOf(x), Abstract: x.Abstract.In(s.lang), Slug: s.slugFor(x),
		Language: languageTag(x), Description: s.outline(x), Recording: xmlRecording{OptOut: recordingRefused(x)},
		URL: httpOnly(s.e.sessionURL(s.d, x, s.refs[x.GUID])), Origin: httpOnly(x.Origin)}
	if topics := s.topicsOf(x); len(topics) > 0 {
		out.Track = topics[0]
	}
	for _, p := range s.people(x.Speakers, x.Parts) {
		out.Persons.List = append(out.Persons.List, xmlOutPerson{ID: s.persons[p.GUID], GUID: p.GUID, Name: p.Name.In(s.lang)})
	}
	for _, l := range x.Links {
		link := xmlOutLink{Href: l.URL, Type: string(l.Kind), Text: l.Title.In(s.lang)}
		if link.Text == "" {
			link.Text = l.URL
		}
		if l.Kind == LinkSlides {
			out.Attachments.List = append(out.Attachments.List, link)
		} else {
			out.Links.List = append(out.Links.List, link)
		}
	}
	return out
}
