package program

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// Programme is the newest release of a meeting as the public sees it on one day: the publication policies are applied, the references
// between its things are resolved, and nothing in it changes any more. Every page and export is made from one.
type Programme struct {
	Meeting  *event.Stored
	Today    event.Date // the day on which it is public like this
	Release  Release
	Releases int                   // how many there are
	Doc      *interchange.Document // public
	Days     []*Day                // those with something in them, in order
	Items    []*Item               // every session, in order of time; those without one last
	Loose    []*Item               // sessions with neither time nor date
	Speakers []*Person             // in order of reading
	Kinds    []*interchange.Kind   // those in use, in the meeting's order
	Topics   []*interchange.Topic  // those in use
	Moved    int                   // how many sessions are not where they were announced

	byName   map[string]*Item
	byPerson map[string]*Person
}

// Item is a session with everything it refers to.
type Item struct {
	*interchange.Session
	Name     string // its place in URLs: the code where there is one, else the reference
	Type     *interchange.Kind
	Where    *event.Room // nil: not known, or all rooms
	Cast     []*Cast
	Talks    []*Item // held in this slot
	Within   *Item   // the slot it is held in
	Parts    []*PartItem
	Subjects []*interchange.Topic
	Was      *Was // where it was announced to be, when it has moved since
	Sequence int
	Changed  time.Time // in the meeting's zone
}

// PartItem is a part of a session with everything it refers to.
type PartItem struct {
	*interchange.Part
	Cast  []*Cast
	Parts []*PartItem
}

// Cast is a speaker on a stage.
type Cast struct {
	Person      *Person
	Role        string    // speaker, moderator, panelist, ...
	Affiliation i18n.Text // at that session
}

// Person is a speaker with the sessions they appear in.
type Person struct {
	*interchange.Speaker
	Items []*Item
}

// Was is where a session was before it moved.
type Was struct {
	Start, End time.Time
	Room       i18n.Text // zero where the room is the same
}

// Day is a day of a programme.
type Day struct {
	Date  event.Date
	At    time.Time // midnight, in the meeting's zone
	Part  *event.Part
	Items []*Item // timed, by start, then by the order of rooms; talks of a slot are under their slot
	Dated []*Item // of this day without a time

	grid func() *Grid  // its timed sessions laid out; nil without any. Made once
	css  func() string // the style sheet that puts them in their places
}

// Build makes the public programme of a frozen release on a day. baseline, which may be nil, is the state that was announced.
func Build(m *event.Stored, rel Release, f *Frozen, baseline *interchange.Document, today event.Date) *Programme {
	p := &Programme{
		Meeting: m, Today: today, Release: rel, Doc: f.Document.Public(today),
		byName: map[string]*Item{}, byPerson: map[string]*Person{},
	}
	p.addSpeakers()
	kinds, topics := map[string]*interchange.Kind{}, map[string]*interchange.Topic{}
	for i := range p.Doc.Kinds {
		kinds[p.Doc.Kinds[i].Key] = &p.Doc.Kinds[i]
	}
	for i := range p.Doc.Topics {
		topics[p.Doc.Topics[i].Key] = &p.Doc.Topics[i]
	}
	loc := m.Location()
	byGUID := map[string]*Item{}
	for i := range p.Doc.Sessions {
		it := p.item(&p.Doc.Sessions[i], kinds, topics)
		it.Sequence, it.Changed = f.Sequence[it.GUID], f.Changed[it.GUID].In(loc)
		byGUID[it.GUID] = it
		p.Items = append(p.Items, it)
	}
	p.addMoves(byGUID, baseline)
	slices.SortStableFunc(p.Items, p.order)
	p.addNames()
	p.addSlots(byGUID)
	p.addDays(loc)
	p.addAppearances()
	p.keepUsed(kinds, topics)
	return p
}

func (p *Programme) addSpeakers() {
	for i := range p.Doc.Speakers {
		s := &Person{Speaker: &p.Doc.Speakers[i]}
		p.byPerson[s.Key] = s
		p.Speakers = append(p.Speakers, s)
	}
}

func (p *Programme) item(s *interchange.Session, kinds map[string]*interchange.Kind, topics map[string]*interchange.Topic) *Item {
	it := &Item{Session: s, Type: kinds[s.Kind], Where: p.Meeting.Room(s.Room), Cast: p.cast(s.Speakers), Parts: p.parts(s.Parts)}
	if it.Type == nil {
		it.Type = &interchange.Kind{Key: s.Kind}
	}
	for _, t := range s.Topics {
		if topics[t] != nil {
			it.Subjects = append(it.Subjects, topics[t])
		}
	}
	return it
}

func (p *Programme) parts(list []interchange.Part) []*PartItem {
	out := make([]*PartItem, len(list))
	for i := range list {
		out[i] = &PartItem{Part: &list[i], Cast: p.cast(list[i].Speakers), Parts: p.parts(list[i].Parts)}
	}
	return out
}

func (p *Programme) cast(as []interchange.Appearance) []*Cast {
	var out []*Cast
	for _, a := range as {
		who := p.byPerson[a.Speaker]
		if who == nil {
			continue
		}
		c := &Cast{Person: who, Role: cmp.Or(a.Role, interchange.RoleSpeaker), Affiliation: a.Affiliation}
		if c.Affiliation.IsZero() {
			c.Affiliation = who.Affiliation
		}
		out = append(out, c)
	}
	return out
}

// addMoves compares with what was announced.
func (p *Programme) addMoves(byGUID map[string]*Item, baseline *interchange.Document) {
	if baseline == nil {
		return
	}
	for i := range baseline.Sessions {
		was := &baseline.Sessions[i]
		is := byGUID[was.GUID]
		if is == nil || !was.Timed() || !is.Timed() || is.Status == interchange.Cancelled {
			continue
		}
		moved := &Was{Start: was.Start.In(p.Meeting.Location()), End: was.End.In(p.Meeting.Location())}
		if was.Room != is.Room || was.AllRooms != is.AllRooms {
			moved.Room = roomName(baseline, was)
		}
		if !was.Start.Equal(is.Start) || !moved.Room.IsZero() {
			is.Was = moved
			p.Moved++
		}
	}
}

// order is that of the programme: by time, then by room; what has only a date comes after the timed ones of its day.
func (p *Programme) order(a, b *Item) int {
	return cmp.Or(
		cmp.Compare(when(a), when(b)),
		a.Start.Compare(b.Start),
		cmp.Compare(p.roomIndex(a), p.roomIndex(b)),
		a.End.Compare(b.End),
		cmp.Compare(natural(a.Code), natural(b.Code)),
	)
}

func when(it *Item) string {
	switch {
	case it.Date == "":
		return "~"
	case it.Timed():
		return string(it.Date)
	}
	return string(it.Date) + "~"
}

func (p *Programme) roomIndex(it *Item) int {
	if it.AllRooms {
		return -1
	}
	i := slices.IndexFunc(p.Meeting.Rooms, func(r event.Room) bool { return r.Key == it.Room })
	if i < 0 {
		return len(p.Meeting.Rooms)
	}
	return i
}

// natural makes C9 sort before C14.
func natural(code string) string {
	i := strings.IndexFunc(code, func(r rune) bool { return r >= '0' && r <= '9' })
	if i < 0 {
		return code
	}
	digits := code[i:]
	return code[:i] + strings.Repeat("0", max(0, 8-len(digits))) + digits
}

// speakable are the codes that can stand in an address as they are.
var speakable = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N}._-]{0,63}$`)

// addNames decides what each session is called in URLs. References win over codes, and codes over the ids of sources, so that no
// later session can take an address away.
func (p *Programme) addNames() {
	for _, it := range p.Items {
		p.byName[strings.ToLower(it.Ref)] = it
	}
	for _, alias := range []func(*Item) string{
		func(it *Item) string { return it.Code },
		func(it *Item) string { return it.Source },
		func(it *Item) string { return it.GUID },
	} {
		for _, it := range p.Items {
			if a := strings.ToLower(alias(it)); a != "" && p.byName[a] == nil {
				p.byName[a] = it
			}
		}
	}
	for _, it := range p.Items {
		it.Name = it.Ref
		if speakable.MatchString(it.Code) && p.byName[strings.ToLower(it.Code)] == it {
			it.Name = it.Code
		}
	}
}

// addSlots puts talks under the slot they are held in. A talk without a time or room of its own has its slot's.
func (p *Programme) addSlots(byGUID map[string]*Item) {
	for _, it := range p.Items {
		slot := byGUID[it.Slot]
		if it.Slot == "" || slot == nil || slot == it || slot.Slot != "" {
			continue
		}
		it.Within = slot
		slot.Talks = append(slot.Talks, it)
	}
}

func (p *Programme) addDays(loc *time.Location) {
	days := map[event.Date]*Day{}
	for _, it := range p.Items {
		if it.Date == "" {
			if it.Within == nil {
				p.Loose = append(p.Loose, it)
			}
			continue
		}
		d := days[it.Date]
		if d == nil {
			d = &Day{Date: it.Date, At: it.Date.Time(loc), Part: p.Meeting.PartOf(it.Date)}
			days[it.Date] = d
			p.Days = append(p.Days, d)
		}
		switch {
		case it.Within != nil:
		case it.Timed():
			d.Items = append(d.Items, it)
		default:
			d.Dated = append(d.Dated, it)
		}
	}
	for _, d := range p.Days {
		d.grid = sync.OnceValue(func() *Grid { return NewGrid(p, d.Items) })
		d.css = sync.OnceValue(func() string {
			if g := d.grid(); g != nil {
				return g.CSS("")
			}
			return ""
		})
	}
	slices.SortFunc(p.Days, func(a, b *Day) int { return cmp.Compare(a.Date, b.Date) })
}

// addAppearances lists for each speaker the sessions they are in, each once, also where they are only in a part of it.
func (p *Programme) addAppearances() {
	var walk func(it *Item, parts []*PartItem)
	add := func(it *Item, cast []*Cast) {
		for _, c := range cast {
			if !slices.Contains(c.Person.Items, it) {
				c.Person.Items = append(c.Person.Items, it)
			}
		}
	}
	walk = func(it *Item, parts []*PartItem) {
		for _, part := range parts {
			add(it, part.Cast)
			walk(it, part.Parts)
		}
	}
	for _, it := range p.Items {
		add(it, it.Cast)
		walk(it, it.Parts)
	}
	p.Speakers = slices.DeleteFunc(p.Speakers, func(s *Person) bool { return len(s.Items) == 0 })
}

func (p *Programme) keepUsed(kinds map[string]*interchange.Kind, topics map[string]*interchange.Topic) {
	usedKinds, usedTopics := map[string]bool{}, map[string]bool{}
	for _, it := range p.Items {
		usedKinds[it.Kind] = true
		for _, t := range it.Topics {
			usedTopics[t] = true
		}
	}
	for i := range p.Doc.Kinds {
		if k := &p.Doc.Kinds[i]; usedKinds[k.Key] {
			p.Kinds = append(p.Kinds, kinds[k.Key])
		}
	}
	for i := range p.Doc.Topics {
		if t := &p.Doc.Topics[i]; usedTopics[t.Key] {
			p.Topics = append(p.Topics, topics[t.Key])
		}
	}
}

// Session finds a session by code, reference, id of its source or guid, in any case of letters.
func (p *Programme) Session(name string) *Item { return p.byName[strings.ToLower(name)] }

// Speaker finds a speaker by key.
func (p *Programme) Speaker(key string) *Person {
	s := p.byPerson[key]
	if s == nil || len(s.Items) == 0 {
		return nil
	}
	return s
}

// Day finds a day by date.
func (p *Programme) Day(d event.Date) *Day {
	for _, day := range p.Days {
		if day.Date == d {
			return day
		}
	}
	return nil
}

// Current is the day to show first: today where it is one, else the next one, else the first. Days without timed sessions are taken only
// where there are no others.
func (p *Programme) Current(today event.Date) *Day {
	days := slices.DeleteFunc(slices.Clone(p.Days), func(d *Day) bool { return len(d.Items) == 0 })
	if len(days) == 0 {
		days = p.Days
	}
	if len(days) == 0 {
		return nil
	}
	for _, d := range days {
		if d.Date == today {
			return d
		}
	}
	if today > days[len(days)-1].Date {
		return days[0]
	}
	for _, d := range days {
		if d.Date > today {
			return d
		}
	}
	return days[0]
}

// Count is the programme count of the shared definitions: published sessions whose kind counts. A session of several parts is one, and
// a talk within a slot is part of its slot.
func (p *Programme) Count() int {
	n := 0
	for _, it := range p.Items {
		if it.Type.Counts && it.Status != interchange.Cancelled && it.Within == nil {
			n++
		}
	}
	return n
}
