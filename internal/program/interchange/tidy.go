package interchange

import (
	"fmt"
	"maps"
	"math"
	"reflect"
	"regexp"
	"slices"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// tidying brings one document into the form that everything else relies on, and notes each thing that it changed or found odd:
// texts are clean and bounded, every key exists and is there once, times are in order, every session and speaker has a guid.
type tidying struct {
	d           *Document
	o           Options
	n           *notes
	places      []string          // where each session stands in the file; nil: sessions are named by their code or title
	strict      bool              // the file lists its rooms and speakers itself, so that a name it does not list is a mistake
	roomsListed bool              // it lists rooms
	movedRooms  map[string]string // keys of rooms that were mended, by what they were in the file
	rooms       map[string]string // keys by key and by name; these are filled by lists
	kindKeys    map[string]bool
	topicKeys   map[string]bool
	speakers    map[string]bool
	speakerKeys []string // in the order of the file
}

// Validate reports what is wrong with a document and what an import would do about it, without changing it. Every decoder has
// already applied exactly this to what it returns, so that a decoded document has nothing left but what was kept as it is, such
// as two sessions at the same time in one room.
func Validate(d *Document) []Problem {
	var n notes
	c := d.clone()
	tidy(c, Options{}, &n, nil)
	return n.problems()
}

// tidy applies every check to d.
func tidy(d *Document, o Options, n *notes, places []string) {
	t := &tidying{d: d, o: o, n: n, places: places, strict: d.Has.Meeting}
	t.guids()
	t.clean()
	t.keys()
	t.group()
	t.meeting()
	t.lists()
	t.untitled()
	for i := range d.Sessions {
		t.session(i)
	}
	t.codes()
	identify(d, n, t.places)
	t.slots()
	t.overlaps()
}

// place names session i for a person: where it stands, and its code, source or title.
func place(d *Document, places []string, i int) string {
	s := &d.Sessions[i]
	name := "session "
	switch {
	case s.Code != "":
		name += oneLine(s.Code)
	case s.Source != "":
		name += oneLine(s.Source)
	case !s.Title.IsZero():
		name += quote(s.Title.In(i18n.JA))
	default:
		name += fmt.Sprint(i + 1)
	}
	if i < len(places) && places[i] != "" {
		return places[i] + ", " + name
	}
	return name
}

func (t *tidying) at(i int) string { return place(t.d, t.places, i) }

// guids brings guids into their canonical form and drops what is none.
func (t *tidying) guids() {
	for i := range t.d.Sessions {
		if s := &t.d.Sessions[i]; s.GUID != "" {
			if g := validGUID(s.GUID); g == "" {
				t.n.add(t.at(i), quote(s.GUID)+" is not a UUID", "given a guid of its own")
				s.GUID = ""
			} else {
				s.GUID = g
			}
		}
	}
	for i := range t.d.Speakers {
		if p := &t.d.Speakers[i]; p.GUID != "" {
			if g := validGUID(p.GUID); g == "" {
				t.n.add("speaker "+p.Key, quote(p.GUID)+" is not a UUID", "given a guid of its own")
				p.GUID = ""
			} else {
				p.GUID = g
			}
		}
	}
}

func (t *tidying) clean() {
	c, d := cleaner{t.n}, t.d
	if d.Group != nil {
		c.value(reflect.ValueOf(d.Group).Elem(), "group", "")
	}
	if d.Meeting != nil {
		c.value(reflect.ValueOf(d.Meeting).Elem(), "meeting", "")
	}
	for i := range d.Series {
		c.value(reflect.ValueOf(&d.Series[i]).Elem(), "series "+oneLine(d.Series[i].Key), "")
	}
	for i := range d.Kinds {
		c.value(reflect.ValueOf(&d.Kinds[i]).Elem(), "kind "+oneLine(d.Kinds[i].Key), "")
	}
	for i := range d.Topics {
		c.value(reflect.ValueOf(&d.Topics[i]).Elem(), "topic "+oneLine(d.Topics[i].Key), "")
	}
	for i := range d.Speakers {
		c.value(reflect.ValueOf(&d.Speakers[i]).Elem(), "speaker "+oneLine(d.Speakers[i].Key), "")
	}
	for i := range d.Sessions {
		c.value(reflect.ValueOf(&d.Sessions[i]).Elem(), t.at(i), "")
	}
}

func (t *tidying) group() {
	if g := t.d.Group; g != nil {
		g.Languages = t.langs(g.Languages, "group")
		t.accent(&g.Accent, "group")
		if g.Timezone != "" {
			g.Timezone, _ = chooseZone(g.Timezone, t.o, t.n)
		}
	}
}

func (t *tidying) langs(in []i18n.Lang, place string) []i18n.Lang {
	var out []i18n.Lang
	for _, l := range in {
		k, ok := i18n.ParseLang(string(l))
		if !ok {
			t.n.add(place, "language "+quote(string(l))+" is not one of ja, en", "left out")
		} else if !slices.Contains(out, k) {
			out = append(out, k)
		}
	}
	return out
}

func (t *tidying) accent(a *string, place string) {
	if *a != "" && !regexp.MustCompile(`^#[0-9a-fA-F]{6}$`).MatchString(*a) {
		t.n.add(place, "the colour "+quote(*a)+" is not of the form #rrggbb", "left out")
		*a = ""
	}
}

func (t *tidying) meeting() {
	m := t.d.Meeting
	if m == nil {
		return
	}
	t.slug(m)
	if m.Title.IsZero() {
		t.n.add("meeting", "it has no title", "its slug is taken")
		m.Title = i18n.Only(t.lang(), m.Slug)
	}
	m.Timezone, _ = chooseZone(m.Timezone, t.o, t.n)
	m.Languages = t.langs(m.Languages, "meeting")
	t.accent(&m.Accent, "meeting")
	t.date(&m.Start, "meeting", "start")
	t.date(&m.End, "meeting", "end")
	if m.Start != "" && m.End != "" && m.End < m.Start {
		t.n.add("meeting", fmt.Sprintf("it ends (%s) before it starts (%s)", m.End, m.Start), "it ends on the day it starts")
		m.End = m.Start
	}
	if m.Month != "" && !event.Date(m.Month+"-01").Valid() {
		t.n.add("meeting", "month "+quote(m.Month)+" is not of the form YYYY-MM", "left out")
		m.Month = ""
	}
	if min, ok := parseClock(m.DayBoundary); m.DayBoundary != "" && (!ok || min >= 24*60) {
		t.n.add("meeting", "day_boundary "+quote(m.DayBoundary)+" is not a time of day", "04:00 is taken")
		m.DayBoundary = ""
	}
	if m.Phase != "" && !slices.Contains(event.Phases, m.Phase) {
		t.n.add("meeting", "unknown phase "+quote(string(m.Phase))+didYouMean(string(m.Phase), names(event.Phases)), "left out")
		m.Phase = ""
	}
	if m.DerivedFrom != "" && !validSlug(m.DerivedFrom) {
		t.n.add("meeting", "derived_from "+quote(m.DerivedFrom)+" is not a slug", "left out")
		m.DerivedFrom = ""
	}
	t.meetingLists(m)
}

func (t *tidying) slug(m *event.Meeting) {
	switch {
	case t.o.Meeting != "":
		m.Slug = t.o.Meeting
	case !validSlug(m.Slug):
		s := slugOf(m.Slug)
		if s == "" {
			s = slugOf(m.Short)
		}
		if s == "" {
			s = "meeting"
		}
		t.n.add("meeting", "slug "+quote(m.Slug)+" is not made of a-z, 0-9, . and -", "read as "+s)
		m.Slug = s
	}
}

func (t *tidying) meetingLists(m *event.Meeting) {
	m.Parts = uniq(t.n, "part", m.Parts, func(p *event.Part) (*string, string) { return &p.Key, p.Title.String() })
	m.Venues = uniq(t.n, "venue", m.Venues, func(v *event.Venue) (*string, string) { return &v.Key, v.Name.String() })
	m.Rooms = uniq(t.n, "room", m.Rooms, func(r *event.Room) (*string, string) { return &r.Key, r.Name.String() })
	m.Pages = uniq(t.n, "page", m.Pages, func(p *event.Page) (*string, string) { return &p.Slug, p.Title.String() })
	m.Figures = uniq(t.n, "figure", m.Figures, func(f *event.Figure) (*string, string) { return &f.Key, f.Label.String() })
	for i := range m.Parts {
		m.Parts[i].Days = t.days(m.Parts[i].Days, "part "+m.Parts[i].Key)
	}
	t.called(m)
	for i := range m.Rooms {
		r := &m.Rooms[i]
		if r.Name.IsZero() {
			r.Name = i18n.Only(t.lang(), r.Key)
		}
		if r.Capacity < 0 {
			t.n.add("room "+r.Key, fmt.Sprintf("capacity %d is below zero", r.Capacity), "left out")
			r.Capacity = 0
		}
		if r.Venue != "" && !slices.ContainsFunc(m.Venues, func(v event.Venue) bool { return v.Key == r.Venue }) {
			t.n.add("room "+r.Key, "unknown venue "+quote(r.Venue), "left out")
			r.Venue = ""
		}
	}
	for i := range m.Orgs {
		if r := &m.Orgs[i].Role; !slices.Contains(event.OrgRoles, *r) {
			t.n.add("organisation "+m.Orgs[i].Name.String(), "unknown role "+quote(string(*r))+didYouMean(string(*r), names(event.OrgRoles)), "read as supporter")
			*r = event.Supporter
		}
	}
	m.Figures = slices.DeleteFunc(m.Figures, func(f event.Figure) bool {
		bad := math.IsNaN(f.Value) || math.IsInf(f.Value, 0)
		if bad {
			t.n.add("figure "+f.Key, "its value is not a number", "left out")
		}
		return bad
	})
}

func (t *tidying) days(in []event.Date, place string) []event.Date {
	var out []event.Date
	for _, d := range in {
		if t.date(&d, place, "day"); d != "" && !slices.Contains(out, d) {
			out = append(out, d)
		}
	}
	slices.Sort(out)
	return out
}

func (t *tidying) date(d *event.Date, place, what string) {
	if *d == "" || d.Valid() {
		return
	}
	if r, ok := parseDate(string(*d)); ok {
		*d = r
		return
	}
	t.n.add(place, what+" "+quote(string(*d))+" is not a date (YYYY-MM-DD)", "left out")
	*d = ""
}

// lang is the language in which the program fills in what the file does not say.
func (t *tidying) lang() i18n.Lang {
	if t.d.Has.Lang != "" {
		return t.d.Has.Lang
	}
	return t.d.Lang()
}

// Lang is the document's default language: the first of the meeting's, else of the group's, else Japanese.
func (d *Document) Lang() i18n.Lang {
	var all []i18n.Lang
	if d.Meeting != nil {
		all = append(all, d.Meeting.Languages...)
	}
	if d.Group != nil {
		all = append(all, d.Group.Languages...)
	}
	for _, l := range all {
		if k, ok := i18n.ParseLang(string(l)); ok {
			return k
		}
	}
	return i18n.JA
}

func (t *tidying) lists() {
	d := t.d
	d.Series = uniq(t.n, "series", d.Series, func(s *event.Series) (*string, string) { return &s.Key, s.Title.String() })
	d.Kinds = uniq(t.n, "kind", d.Kinds, func(k *Kind) (*string, string) { return &k.Key, k.Label.String() })
	d.Topics = uniq(t.n, "topic", d.Topics, func(k *Topic) (*string, string) { return &k.Key, k.Label.String() })
	d.Speakers = uniq(t.n, "speaker", d.Speakers, func(p *Speaker) (*string, string) { return &p.Key, p.Name.String() })
	for i := range d.Kinds {
		if k := &d.Kinds[i]; k.Tint < 0 || k.Tint > 7 {
			t.n.add("kind "+k.Key, fmt.Sprintf("tint %d is not 0 to 7", k.Tint), "left plain")
			k.Tint = 0
		}
		if k := &d.Kinds[i]; k.Label.IsZero() {
			k.Label = i18n.Only(t.lang(), k.Key)
		}
	}
	for i := range d.Topics {
		if k := &d.Topics[i]; k.Label.IsZero() {
			k.Label = i18n.Only(t.lang(), k.Key)
		}
	}
	t.kindKeys, t.topicKeys, t.rooms = map[string]bool{}, map[string]bool{}, map[string]string{}
	for _, k := range d.Kinds {
		t.kindKeys[k.Key] = true
	}
	for _, k := range d.Topics {
		t.topicKeys[k.Key] = true
	}
	t.roomNames()
	t.speakers = make(map[string]bool, len(d.Speakers))
	for i := range d.Speakers {
		p := &d.Speakers[i]
		t.speakers[p.Key] = true
		t.speakerKeys = append(t.speakerKeys, p.Key)
		if p.Name.IsZero() {
			t.n.add("speaker "+p.Key, "has no name", "the key is taken")
			p.Name = i18n.Only(t.lang(), p.Key)
		}
	}
	d.Policy = t.policy(d.Policy, "policy")
}

// roomNames lets sessions name a room by its key or, where no key is the same, by its name in either language.
func (t *tidying) roomNames() {
	if t.d.Meeting == nil {
		return
	}
	t.roomsListed = t.strict && len(t.d.Meeting.Rooms) > 0
	for _, r := range slices.Backward(t.d.Meeting.Rooms) {
		t.rooms[r.Name.JA], t.rooms[r.Name.EN] = r.Key, r.Key
	}
	maps.Copy(t.rooms, t.movedRooms)
	for _, r := range t.d.Meeting.Rooms {
		t.rooms[r.Key] = r.Key
	}
}

// uniq makes the keys of a list exist and differ: a key that is missing is made from the name, an entry with neither is left out,
// and so is one whose key an earlier one has.
func uniq[T any](n *notes, what string, list []T, fields func(*T) (key *string, name string)) []T {
	seen := map[string]bool{}
	out := list[:0]
	for i := range list {
		key, name := fields(&list[i])
		if *key == "" && name != "" {
			*key = keyOf(what, name)
		}
		switch {
		case *key == "":
			n.add(what, "has neither a key nor a name", "left out")
		case seen[*key]:
			n.add(what+" "+*key, "the key comes twice", "the second is left out")
		default:
			seen[*key] = true
			out = append(out, list[i])
		}
	}
	return out
}

func names[T ~string](in []T) []string {
	out := make([]string, len(in))
	for i, v := range in {
		out[i] = string(v)
	}
	return out
}

// untitled leaves out sessions that say nothing at all.
func (t *tidying) untitled() {
	var sessions []Session
	var places []string
	for i, s := range t.d.Sessions {
		if s.Title.IsZero() && s.Code != "" {
			s.Title = i18n.Only(t.lang(), s.Code)
			t.n.add(t.at(i), "it has no title", "its code is taken")
		}
		if s.Title.IsZero() {
			t.n.add(t.at(i), "it has no title", "left out")
			t.d.Refused++
			continue
		}
		sessions = append(sessions, s)
		if i < len(t.places) {
			places = append(places, t.places[i])
		}
	}
	t.d.Sessions, t.places = sessions, places
}

// clone copies a document so deeply that tidying the copy leaves the original alone.
func (d *Document) clone() *Document {
	return deepCopy(reflect.ValueOf(d)).Interface().(*Document)
}

func deepCopy(v reflect.Value) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			out.Set(reflect.New(v.Type().Elem()))
			out.Elem().Set(deepCopy(v.Elem()))
		}
	case reflect.Slice:
		if !v.IsNil() {
			out.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
			for i := range v.Len() {
				out.Index(i).Set(deepCopy(v.Index(i)))
			}
		}
	case reflect.Struct:
		out.Set(v)
		for i := range v.NumField() {
			if f := out.Field(i); f.CanSet() { // time.Time has no field that can be set: it was copied whole
				f.Set(deepCopy(v.Field(i)))
			}
		}
	default:
		out.Set(v)
	}
	return out
}
