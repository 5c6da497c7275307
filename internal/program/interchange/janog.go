package interchange

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tsudoi/tsudoi/internal/event"
)

// decodeJANOG reads the programme of JANOG57 in either of its shapes: the timetable, with its sessions as they were imported and as
// they were changed at the venue, and the API's own lists of rooms, programs and speakers. Session ids such as 60031 are source
// ids; nobody says them aloud.
func decodeJANOG(data []byte, o Options, n *notes) ([]*Document, error) {
	var f janogFile
	if strings.HasPrefix(strings.TrimLeft(string(data[:min(len(data), 64)]), " \t\r\n"), "[") {
		if err := json.Unmarshal(data, &f.Programs); err != nil {
			return nil, brokenJSON(n.file, data, err)
		}
	} else if err := json.Unmarshal(data, &f); err != nil {
		return nil, brokenJSON(n.file, data, err)
	}
	if len(f.Sessions)+len(f.Programs) == 0 {
		return nil, unusable(n.file, "it holds no sessions and no programs; send the timetable or the API's answers")
	}
	has := Fields{Heading: true, Speakers: true}
	if len(f.Programs) > 0 {
		has.Abstract, has.Profiles, has.Links = true, true, true
	}
	r := &janogReader{builder: newBuilder(data, o, n, has), file: &f}
	r.about(f.Meeting.String(), f.Meeting.String(), "", "", f.Timezone.String())
	r.head()
	for i, s := range f.Sessions {
		r.session(s, fmt.Sprintf("sessions[%d]", i))
	}
	for i, p := range f.Programs {
		r.program(p, fmt.Sprintf("programs[%d]", i))
	}
	return r.finish()
}

type janogFile struct {
	Meeting  loose              `json:"meeting"`
	Theme    loose              `json:"theme"`
	Place    loose              `json:"place"`
	Dates    list[loose]        `json:"dates"`
	Timezone loose              `json:"timezone"`
	Rooms    list[janogRoom]    `json:"rooms"`
	Sessions list[janogSession] `json:"sessions"`
	Programs list[janogProgram] `json:"programs"`
	Speakers list[janogSpeaker] `json:"speakers"`
}

type janogRoom struct {
	ID   loose `json:"id"`
	Name loose `json:"name"`
}

// janogState is what the staff changed at the venue: empty where it stayed.
type janogState struct {
	Date     *loose       `json:"date"`
	Start    *loose       `json:"start"`
	End      *loose       `json:"end"`
	Room     *loose       `json:"room"`
	Title    *loose       `json:"title"`
	Speakers *list[loose] `json:"speakers_optional"`
}

type janogSession struct {
	ID       loose       `json:"id"`
	Date     loose       `json:"date"`
	Start    loose       `json:"start"`
	End      loose       `json:"end"`
	Room     loose       `json:"room"`
	Title    loose       `json:"title"`
	Abstract loose       `json:"abstract"`
	Speakers list[loose] `json:"speakers_optional"`
	Onsite   *janogState `json:"onsite"`
}

type janogProgram struct {
	ID       loose          `json:"id"`
	Title    loose          `json:"title"`
	Date     loose          `json:"date"`
	Start    loose          `json:"start_time"`
	End      loose          `json:"end_time"`
	Room     janogRef       `json:"room"`
	Speakers list[janogRef] `json:"speakers"`
	Abstract loose          `json:"abstract"`
	URL      loose          `json:"url"`
}

type janogSpeaker struct {
	ID       loose          `json:"id"`
	Name     loose          `json:"name"`
	Company  loose          `json:"company"`
	Avatar   loose          `json:"avatar_url"`
	Program  janogRef       `json:"program"`
	Programs list[janogRef] `json:"programs"`
	Ordering loose          `json:"ordering"`
}

// janogRef is a reference: an id, a name, or an object that has them.
type janogRef struct{ ID, Name, Company string }

// UnmarshalJSON reads a reference in any of its forms.
func (r *janogRef) UnmarshalJSON(b []byte) error {
	var o struct {
		ID      loose `json:"id"`
		Name    loose `json:"name"`
		Company loose `json:"company"`
	}
	if json.Unmarshal(b, &o) == nil {
		*r = janogRef{o.ID.String(), o.Name.String(), o.Company.String()}
		return nil
	}
	var l loose
	err := l.UnmarshalJSON(b)
	r.ID = l.String()
	return err
}

type janogReader struct {
	*builder
	file *janogFile
	byID map[string]janogSpeaker
	room map[string]string // names by id
}

func (r *janogReader) head() {
	m := r.d.Meeting
	m.Theme, m.Place = r.text(r.file.Theme.String()), r.text(r.file.Place.String())
	for _, d := range r.file.Dates {
		date, ok := parseDate(d.String())
		if !ok {
			r.n.add("dates", quote(d.String())+" is not a date", "left out")
			continue
		}
		if m.Start == "" || date < m.Start {
			m.Start = date
		}
		m.End = max(m.End, date)
	}
	r.room = map[string]string{}
	for _, room := range r.file.Rooms {
		if room.Name.String() != "" {
			r.room[room.ID.String()] = room.Name.String()
			r.builder.room(room.Name.String())
		}
	}
	slices.SortStableFunc(r.file.Speakers, func(a, b janogSpeaker) int {
		x, _ := strconv.Atoi(a.Ordering.String())
		y, _ := strconv.Atoi(b.Ordering.String())
		return cmp.Compare(x, y)
	})
	r.byID = map[string]janogSpeaker{}
	for _, p := range r.file.Speakers {
		r.byID[p.ID.String()] = p
	}
}

func (r *janogReader) session(x janogSession, place string) {
	if x.Onsite != nil && r.o.Onsite {
		x.overlay(x.Onsite)
	}
	s := Session{Source: x.ID.String(), Title: r.text(x.Title.String()), Abstract: r.text(x.Abstract.String())}
	s.Room = r.roomKey(x.Room.String(), place)
	for _, name := range x.Speakers {
		r.appear(&s, "", Speaker{Name: r.text(name.String())})
	}
	r.janogTimes(&s, x.Date.String(), x.Start.String(), x.End.String(), place)
	r.add(s, place)
}

func (x *janogSession) overlay(o *janogState) {
	for _, f := range []struct{ to, from *loose }{{&x.Date, o.Date}, {&x.Start, o.Start}, {&x.End, o.End}, {&x.Room, o.Room}, {&x.Title, o.Title}} {
		if f.from != nil {
			*f.to = *f.from
		}
	}
	if o.Speakers != nil {
		x.Speakers = *o.Speakers
	}
}

func (r *janogReader) program(x janogProgram, place string) {
	s := Session{Source: x.ID.String(), Title: r.text(x.Title.String()), Abstract: r.text(x.Abstract.String())}
	room := x.Room.Name
	if room == "" {
		room = x.Room.ID
	}
	s.Room = r.roomKey(room, place)
	for _, ref := range x.Speakers {
		r.refer(&s, ref)
	}
	for _, p := range r.file.Speakers {
		if p.Program.ID == s.Source && s.Source != "" || slices.ContainsFunc(p.Programs, func(q janogRef) bool { return q.ID == s.Source }) {
			r.refer(&s, janogRef{ID: p.ID.String()})
		}
	}
	if u := x.URL.String(); u != "" {
		s.Links = []Link{{Kind: LinkWeb, URL: u}}
	}
	r.janogTimes(&s, x.Date.String(), x.Start.String(), x.End.String(), place)
	r.add(s, place)
}

// refer adds the speaker that a program names by id, by name or as an object.
func (r *janogReader) refer(s *Session, ref janogRef) {
	p, known := r.byID[ref.ID]
	switch {
	case known:
		r.avatar(p.Avatar)
		r.appear(s, ref.ID, Speaker{Name: r.text(p.Name.String()), Affiliation: r.text(p.Company.String())})
	case ref.Name != "":
		r.appear(s, ref.ID, Speaker{Name: r.text(ref.Name), Affiliation: r.text(ref.Company)})
	case ref.ID != "" && strings.Trim(ref.ID, "0123456789") != "":
		r.appear(s, "", Speaker{Name: r.text(ref.ID)})
	}
}

// appear adds a speaker, but not the placeholder that the API gives to sessions without a named one: id 0, name JANOG57.
func (r *janogReader) appear(s *Session, id string, p Speaker) {
	if name := p.Name.In(r.lang); id == "0" || strings.EqualFold(name, "JANOG57") {
		return
	}
	if key, ok := r.speaker(id, p); ok {
		appear(s, key)
	}
}

// roomKey finds a room by its id or name; a name that the file's list of rooms does not have is added and reported.
func (r *janogReader) roomKey(name, place string) string {
	if n, ok := r.room[name]; ok {
		name = n
	}
	if _, known := r.rooms[strings.TrimSpace(name)]; !known && name != "" && len(r.file.Rooms) > 0 {
		r.n.add(place, "unknown room "+quote(name), "added as a room")
	}
	key, _ := r.builder.room(name)
	return key
}

func (r *janogReader) janogTimes(s *Session, date, start, end, place string) {
	if d, ok := parseDate(date); ok {
		s.Date = d
	} else if date != "" {
		r.n.add(place, "date "+quote(date)+" is not a date", "left out")
	}
	c := clockReader{loc: r.loc, n: r.n, meeting: &event.Meeting{}}
	s.Start, s.End = c.span(start, end, s.Date, place)
	if s.Date == "" && s.Timed() {
		s.Date = dayOf(r.d.Meeting, s.Start)
	}
}
