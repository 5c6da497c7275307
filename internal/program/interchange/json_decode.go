package interchange

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// loose is a value of a JSON file that should be a text: numbers are taken as they are written, anything else as nothing.
type loose string

// UnmarshalJSON reads any value without failing.
func (l *loose) UnmarshalJSON(b []byte) error {
	var s string
	switch {
	case len(b) == 0 || b[0] == '{' || b[0] == '[' || string(b) == "null":
		*l = ""
	case json.Unmarshal(b, &s) == nil:
		*l = loose(s)
	default:
		*l = loose(b)
	}
	return nil
}

// translated is a text that some systems write as {"ja": "...", "en": "..."}; it is read in one language.
type translated string

// UnmarshalJSON reads a text, or the first that there is of a mapping of languages.
func (t *translated) UnmarshalJSON(b []byte) error {
	var by map[string]loose
	if json.Unmarshal(b, &by) == nil {
		for _, l := range append([]string{"ja", "ja-JP", "en"}, slices.Sorted(maps.Keys(by))...) {
			if by[l] != "" {
				*t = translated(by[l])
				return nil
			}
		}
		return nil
	}
	return (*loose)(t).UnmarshalJSON(b)
}

func (l loose) String() string { return strings.TrimSpace(string(l)) }

// list is a JSON array of which broken elements are left out; anything else is an empty list.
type list[T any] []T

// UnmarshalJSON reads an array without failing.
func (l *list[T]) UnmarshalJSON(b []byte) error {
	var raw []json.RawMessage
	if json.Unmarshal(b, &raw) != nil {
		return nil //nolint:nilerr // lenient: what is no array is an empty one
	}
	for _, r := range raw {
		var v T
		if json.Unmarshal(r, &v) == nil {
			*l = append(*l, v)
		}
	}
	return nil
}

// sniffJSON tells the JSON formats apart by the keys of the outermost object.
func sniffJSON(name string, data []byte) (Format, []byte, error) {
	if head := bytes.TrimLeft(data, " \t\r\n"); bytes.HasPrefix(head, []byte("[")) {
		return FormatJANOG, data, nil
	}
	if len(data) > MaxWhole { // Decode refuses it; looking into it would take seconds
		return FormatJSON, data, nil
	}
	var top map[string]json.RawMessage
	if err := json.Unmarshal(data, &top); err != nil {
		return "", nil, brokenJSON(name, data, err)
	}
	for _, known := range []struct {
		key    string
		format Format
	}{{"tsudoi", FormatYAML}, {"schedule", FormatJSON}, {"conference", FormatJSON}, {"programs", FormatJANOG}, {"sessions", FormatJANOG}} {
		if _, ok := top[known.key]; ok {
			return known.format, data, nil
		}
	}
	return "", nil, unusable(name, "it has none of the keys schedule, programs, sessions; send a schedule.json")
}

// brokenJSON says where a file stops being JSON.
func brokenJSON(name string, data []byte, err error) error {
	if s, ok := errors.AsType[*json.SyntaxError](err); ok {
		line := 1 + bytes.Count(data[:min(int(s.Offset), len(data))], []byte("\n"))
		if strings.Contains(s.Error(), "unexpected end") {
			return unusable(name, "it ends in the middle (line %d); download it again", line)
		}
		return unusable(name, "it is not JSON (line %d: %s); correct it and import again", line, s.Error())
	}
	return unusable(name, "it is not a JSON object; send a schedule.json")
}

type jsonSchedule struct {
	Base       loose          `json:"base_url"`
	Conference jsonConference `json:"conference"`
}

type jsonConference struct {
	Acronym loose          `json:"acronym"`
	Title   translated     `json:"title"`
	Start   loose          `json:"start"`
	End     loose          `json:"end"`
	Zone    loose          `json:"time_zone_name"`
	Rooms   list[jsonRoom] `json:"rooms"`
	Days    list[jsonDay]  `json:"days"`
}

type jsonRoom struct {
	Name translated `json:"name"`
}

type jsonDay struct {
	Date  loose                            `json:"date"`
	Rooms map[string]list[json.RawMessage] `json:"rooms"`
}

type jsonEvent struct {
	ID          loose            `json:"id"`
	GUID        loose            `json:"guid"`
	Code        loose            `json:"code"`
	Date        loose            `json:"date"`
	Start       loose            `json:"start"`
	Duration    loose            `json:"duration"`
	End         loose            `json:"end"`
	Title       translated       `json:"title"`
	Subtitle    translated       `json:"subtitle"`
	Track       translated       `json:"track"`
	Type        translated       `json:"type"`
	Language    loose            `json:"language"`
	Abstract    translated       `json:"abstract"`
	Description translated       `json:"description"`
	NoRecord    loose            `json:"do_not_record"`
	NoStream    loose            `json:"do_not_stream"`
	URL         loose            `json:"url"`
	Origin      loose            `json:"origin_url"`
	Persons     list[jsonPerson] `json:"persons"`
	Links       list[jsonLink]   `json:"links"`
	Attachments list[jsonLink]   `json:"attachments"`
}

type jsonPerson struct {
	ID         loose      `json:"id"`
	GUID       loose      `json:"guid"`
	Code       loose      `json:"code"`
	Name       loose      `json:"name"`
	PublicName loose      `json:"public_name"`
	FullName   loose      `json:"full_public_name"`
	Biography  translated `json:"biography"`
	Avatar     loose      `json:"avatar"`
}

type jsonLink struct {
	URL   loose `json:"url"`
	Title loose `json:"title"`
	Type  loose `json:"type"`
}

// decodeJSON reads a schedule.json as c3voc's tools, frab and pretalx write it.
func decodeJSON(data []byte, o Options, n *notes) ([]*Document, error) {
	var top struct {
		Schedule   *jsonSchedule   `json:"schedule"`
		Conference json.RawMessage `json:"conference"`
		Generator  struct {
			Name loose `json:"name"`
		} `json:"generator"`
	}
	if err := json.Unmarshal(data, &top); err != nil {
		return nil, brokenJSON(n.file, data, err)
	}
	if top.Schedule == nil {
		top.Schedule = &jsonSchedule{}
		if err := json.Unmarshal(data, top.Schedule); err != nil {
			return nil, brokenJSON(n.file, data, err)
		}
	}
	own := top.Generator.Name.String() == ownGenerator
	r := &jsonReader{builder: newBuilder(data, o, n, scheduleFields(own)), own: own, base: top.Schedule.Base.String()}
	c := top.Schedule.Conference
	r.about(c.Acronym.String(), string(c.Title), c.Start.String(), c.End.String(), c.Zone.String())
	r.zoned = c.Zone.String() != ""
	for _, room := range c.Rooms {
		r.room(string(room.Name))
	}
	for _, day := range c.Days {
		for _, name := range slices.Sorted(maps.Keys(day.Rooms)) {
			for i, raw := range day.Rooms[name] {
				r.event(raw, day, name, fmt.Sprintf("%s, room %s, event %d", day.Date, name, i+1))
			}
		}
	}
	return r.finish()
}

type jsonReader struct {
	*builder
	base       string
	own, zoned bool
}

func (r *jsonReader) event(raw json.RawMessage, day jsonDay, room, place string) {
	if r.err != nil {
		return
	}
	var x jsonEvent
	if err := json.Unmarshal(raw, &x); err != nil {
		r.n.add(place, "it is not an object", "left out")
		r.d.Refused++
		return
	}
	s := r.session(x.ID.String(), x.GUID.String(), x.Code.String())
	s.Title, s.Subtitle = r.text(string(x.Title)), r.text(string(x.Subtitle))
	s.Language, s.Origin = x.Language.String(), x.Origin.String()
	if r.own {
		x.Description = ""
	}
	s.Abstract = r.text(abstractOf(string(x.Abstract), string(x.Description)))
	s.Kind = r.kind(string(x.Type))
	if track := strings.TrimSpace(string(x.Track)); track != "" {
		s.Topics = []string{r.topic(track)}
	}
	s.Room, s.AllRooms = r.room(room)
	if x.NoRecord == "true" || x.NoRecord == "1" {
		s.Policy.Record = Refused
	}
	if x.NoStream != "" && x.NoStream != "false" && x.NoStream != "0" {
		s.Policy.Stream = Refused
	}
	for _, p := range x.Persons {
		r.person(&s, p)
	}
	r.links(&s, &x)
	date, _ := parseDate(day.Date.String())
	r.times(&s, x.Date.String(), x.Start.String(), x.Duration.String(), date, place, &r.zoned)
	if end, err := time.Parse(time.RFC3339, x.End.String()); err == nil && s.Timed() && x.Duration == "" {
		s.End = end
	}
	r.add(s, place)
}

func (r *jsonReader) person(s *Session, p jsonPerson) {
	name, id := p.Name.String(), p.ID.String()
	if name == "" {
		name = p.PublicName.String()
	}
	if name == "" {
		name = p.FullName.String()
	}
	if id == "" {
		id = p.Code.String()
	}
	r.avatar(p.Avatar)
	if key, ok := r.speaker(id, Speaker{GUID: p.GUID.String(), Name: r.text(name), Bio: r.text(string(p.Biography))}); ok {
		appear(s, key)
	}
}

func (r *jsonReader) links(s *Session, x *jsonEvent) {
	for _, l := range x.Links {
		s.Links = append(s.Links, Link{Kind: LinkKind(l.Type), Title: r.text(l.Title.String()), URL: absolute(r.base, l.URL.String())})
	}
	for _, l := range x.Attachments {
		s.Links = append(s.Links, Link{Kind: LinkSlides, Title: r.text(l.Title.String()), URL: absolute(r.base, l.URL.String())})
	}
	if u := x.URL.String(); u != "" && !r.own {
		s.Links = append(s.Links, Link{Kind: LinkWeb, URL: absolute(r.base, u)})
	}
}
