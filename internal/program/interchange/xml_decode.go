package interchange

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/encoding/htmlindex"

	"github.com/tsudoi/tsudoi/internal/event"
)

// scheduleFields is what schedule.xml and schedule.json can express; own says that the program wrote the file itself.
func scheduleFields(own bool) Fields {
	return Fields{Heading: true, Topics: !own, Kinds: true, Speakers: true, Subtitle: true, Abstract: true, Language: true, Links: !own}
}

// decodeXML reads a schedule.xml as frab, pretalx, wafer and others write it, element by element, so that a large file takes no more
// memory than its programme. Entities that a file defines are never expanded: such a file is refused.
func decodeXML(data []byte, o Options, n *notes) ([]*Document, error) {
	data, err := xmlText(data, n.file)
	if err != nil {
		return nil, err
	}
	r := &xmlReader{builder: newBuilder(data, o, n, scheduleFields(false)), in: xml.NewDecoder(bytes.NewReader(data))}
	r.in.Strict = false
	r.in.Entity = xml.HTMLEntity
	r.in.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // already UTF-8
	if err := r.read(); err != nil {
		return nil, err
	}
	if r.root == "" {
		return nil, unusable(n.file, "it holds no <schedule>; send a schedule.xml")
	}
	return r.finish()
}

// xmlText brings an XML file into UTF-8, from what its declaration says, or what it looks like where the declaration is wrong.
func xmlText(data []byte, file string) ([]byte, error) {
	head := string(data[:min(len(data), 200)])
	if m := regexp.MustCompile(`^(?:\xef\xbb\xbf)?\s*<\?xml[^>]*encoding=["']([A-Za-z0-9_.:-]+)["']`).FindStringSubmatch(head); m != nil {
		if enc, err := htmlindex.Get(m[1]); err == nil {
			if name, _ := htmlindex.Name(enc); name != "utf-8" && !strings.HasPrefix(name, "utf-16") {
				return recode(file, data, enc)
			}
		}
	}
	return toUTF8(file, data)
}

// xmlReader walks through the elements of a schedule.xml.
type xmlReader struct {
	*builder
	in      *xml.Decoder
	root    string
	base    string
	own     bool
	day     event.Date
	roomKey string
	roomAll bool
	zoned   bool
}

func (r *xmlReader) line() string {
	line, _ := r.in.InputPos()
	return fmt.Sprintf("line %d", line)
}

func (r *xmlReader) read() error {
	for {
		tok, err := r.in.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return r.broken(err)
		}
		switch tok := tok.(type) {
		case xml.Directive:
			if bytes.Contains(bytes.ToUpper(tok), []byte("ENTITY")) {
				return unusable(r.n.file, "it defines entities, which are not read; save it without the DOCTYPE")
			}
		case xml.StartElement:
			if err := r.start(tok); err != nil {
				return err
			}
			if r.err != nil {
				return r.err
			}
		}
	}
}

// broken tells a file that ends in the middle from one that is wrong within.
func (r *xmlReader) broken(err error) error {
	if strings.Contains(err.Error(), "unexpected EOF") {
		return unusable(r.n.file, "it ends in the middle (%s); download it again", r.line())
	}
	return unusable(r.n.file, "it is not XML (%s); save it again", strings.TrimPrefix(err.Error(), "XML syntax error on "))
}

func (r *xmlReader) start(e xml.StartElement) error {
	name := strings.ToLower(e.Name.Local)
	if r.root == "" {
		if name != "schedule" {
			return unusable(r.n.file, "it begins with <%s>, not with <schedule>; send a schedule.xml", e.Name.Local)
		}
		r.root = name
		return nil
	}
	switch name {
	case "generator":
		r.own = attr(e, "name") == ownGenerator
		lang := r.d.Has.Lang
		r.d.Has = scheduleFields(r.own)
		r.d.Has.Lang = lang
	case "conference":
		return r.conference(e)
	case "day":
		r.day, _ = parseDate(attr(e, "date"))
	case "room":
		r.roomKey, r.roomAll = r.room(attr(e, "name"))
	case "event":
		return r.event(e)
	}
	return nil
}

func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return strings.TrimSpace(a.Value)
		}
	}
	return ""
}

func (r *xmlReader) conference(e xml.StartElement) error {
	var c struct {
		Title   string `xml:"title"`
		Acronym string `xml:"acronym"`
		Start   string `xml:"start"`
		End     string `xml:"end"`
		Zone    string `xml:"time_zone_name"`
		Base    string `xml:"base_url"`
		URL     string `xml:"url"`
	}
	if err := r.in.DecodeElement(&c, &e); err != nil {
		return r.broken(err)
	}
	r.about(c.Acronym, c.Title, c.Start, c.End, c.Zone)
	r.base = c.Base
	r.zoned = strings.TrimSpace(c.Zone) != ""
	return nil
}

// about takes what schedule.xml and schedule.json say about the conference.
func (b *builder) about(acronym, title, start, end, zone string) {
	if zone = strings.TrimSpace(zone); zone != "" {
		b.zone(zone)
	}
	b.given = strings.TrimSpace(acronym)
	if title = strings.TrimSpace(title); b.given == "" {
		b.given = title
	}
	m := b.d.Meeting
	m.Title = b.text(title)
	m.Start, _ = parseDate(start[:min(len(start), 10)])
	m.End, _ = parseDate(end[:min(len(end), 10)])
}

// xmlEvent is an <event> with whatever of it can be used.
type xmlEvent struct {
	ID          string      `xml:"id,attr"`
	GUID        string      `xml:"guid,attr"`
	Code        string      `xml:"code,attr"`
	Date        string      `xml:"date"`
	Start       string      `xml:"start"`
	Duration    string      `xml:"duration"`
	Room        string      `xml:"room"`
	Title       string      `xml:"title"`
	Subtitle    string      `xml:"subtitle"`
	Track       string      `xml:"track"`
	Type        string      `xml:"type"`
	Language    string      `xml:"language"`
	Abstract    string      `xml:"abstract"`
	Description string      `xml:"description"`
	OptOut      string      `xml:"recording>optout"`
	URL         string      `xml:"url"`
	Video       string      `xml:"video_download_url"`
	Origin      string      `xml:"origin_url"`
	Persons     []xmlPerson `xml:"persons>person"`
	Links       []xmlLink   `xml:"links>link"`
	Attachments []xmlLink   `xml:"attachments>attachment"`
}

type xmlPerson struct {
	ID   string `xml:"id,attr"`
	GUID string `xml:"guid,attr"`
	Name string `xml:",chardata"`
}

type xmlLink struct {
	Href string `xml:"href,attr"`
	Type string `xml:"type,attr"`
	Text string `xml:",chardata"`
}

func (r *xmlReader) event(e xml.StartElement) error {
	place := r.line()
	var x xmlEvent
	if err := r.in.DecodeElement(&x, &e); err != nil {
		return r.broken(err)
	}
	s := r.session(x.ID, x.GUID, x.Code)
	s.Title, s.Subtitle = r.text(x.Title), r.text(x.Subtitle)
	s.Language, s.Origin = x.Language, strings.TrimSpace(x.Origin)
	s.Room, s.AllRooms = r.roomKey, r.roomAll
	if s.Room == "" && !s.AllRooms {
		s.Room, s.AllRooms = r.room(x.Room)
	}
	if r.own {
		x.Description = ""
	}
	s.Abstract = r.text(abstractOf(x.Abstract, x.Description))
	s.Kind = r.kind(x.Type)
	if strings.TrimSpace(x.Track) != "" {
		s.Topics = []string{r.topic(x.Track)}
	}
	if optOut := strings.TrimSpace(x.OptOut); optOut == "true" || optOut == "1" {
		s.Policy.Record = Refused
	}
	for _, p := range x.Persons {
		if key, ok := r.speaker(p.ID, Speaker{GUID: p.GUID, Name: r.text(strings.TrimSpace(p.Name))}); ok {
			appear(&s, key)
		}
	}
	r.links(&s, &x)
	r.times(&s, x.Date, x.Start, x.Duration, r.day, place, &r.zoned)
	r.add(s, place)
	return nil
}

// session begins a session with the ids that schedule.xml and schedule.json give it.
func (b *builder) session(id, guid, code string) Session {
	s := Session{GUID: validGUID(guid)}
	if n, err := strconv.ParseInt(strings.TrimSpace(id), 10, 64); err == nil && n > 0 && n < 1<<53 {
		s.Number = n
	}
	if code = strings.TrimSpace(code); validRef(code) {
		s.Ref = code
	}
	if s.GUID == "" {
		if s.Source = strings.TrimSpace(id); s.Source == "" {
			s.Source = code
		}
	}
	return s
}

// link reads a link; a title that only repeats the address is none.
func (r *xmlReader) link(kind LinkKind, l xmlLink) Link {
	title := strings.TrimSpace(l.Text)
	if title == strings.TrimSpace(l.Href) {
		title = ""
	}
	return Link{Kind: kind, Title: r.text(title), URL: absolute(r.base, l.Href)}
}

func (r *xmlReader) links(s *Session, x *xmlEvent) {
	for _, l := range x.Links {
		s.Links = append(s.Links, r.link(LinkKind(l.Type), l))
	}
	for _, l := range x.Attachments {
		s.Links = append(s.Links, r.link(LinkSlides, l))
	}
	if v := strings.TrimSpace(x.Video); v != "" {
		s.Links = append(s.Links, Link{Kind: LinkVideo, URL: absolute(r.base, v)})
	}
	if u := strings.TrimSpace(x.URL); u != "" && !r.own {
		s.Links = append(s.Links, Link{Kind: LinkWeb, URL: absolute(r.base, u)})
	}
}

// times reads when an event of schedule.xml or schedule.json takes place: from its date with an offset, else from its time of day on
// the day it stands under. zoned says whether the time zone is settled.
func (b *builder) times(s *Session, date, start, duration string, day event.Date, place string, zoned *bool) {
	s.Date = day
	if t, ok := parseMoment(date, b.loc); ok {
		if raw, err := time.Parse(time.RFC3339, strings.TrimSpace(date)); err == nil && !*zoned {
			b.offset(raw)
			*zoned = true
		}
		s.Start = t.In(b.loc)
	} else if min, ok := parseClock(start); ok && day != "" {
		if min < boundaryMinutes(b.d.Meeting) { // these formats write the night after a day with small hours
			min += 24 * 60
		}
		s.Start = at(day, min, b.loc)
	} else {
		b.n.add(place, "it has no date and time", "kept without a time")
		return
	}
	s.Date = dayOf(b.d.Meeting, s.Start)
	length, ok := minutesOf(duration)
	if !ok && strings.TrimSpace(duration) != "" {
		b.n.add(place, "duration "+quote(duration)+" is not hours:minutes", "kept with no length")
	}
	s.End = s.Start
	if ok {
		s.End = s.Start.Add(length)
	}
}
