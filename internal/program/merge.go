package program

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// merged is what a draft becomes when a document is read into it.
type merged struct {
	doc    *interchange.Document
	absent []*interchange.Session // in the draft, confirmed, and not in the document
}

// merge reads a document into a draft. What the document's format cannot express stays as it is. Sessions are recognised by guid, then by
// code, then by the id of their source; those that the document lacks stay, and are cancelled with prune.
func merge(draft, in *interchange.Document, prune bool) merged {
	m := merger{has: in.Has, in: in, draft: draft, guid: map[string]string{}}
	out := &interchange.Document{Meeting: draft.Meeting, Policy: draft.Policy, Has: in.Has}
	if in.Has.Policy {
		out.Policy = in.Policy
	}
	out.Speakers = m.speakers()
	out.Sessions = m.sessions()
	absent := m.absent(out, prune)
	out.Kinds = m.kinds(out.Sessions)
	out.Topics = m.topics(out.Sessions)
	out.Speakers = m.wanted(out)
	identify(out)
	return merged{out, absent}
}

type merger struct {
	has     interchange.Fields
	in      *interchange.Document
	draft   *interchange.Document
	key     map[string]string // speaker key of the document -> of the draft
	guid    map[string]string // session guid of the document -> of the draft
	matched map[string]bool   // guids of the draft that the document has
}

// text takes a text from the document, or, where its format knows one language only, that language of it.
func (m *merger) text(old, in i18n.Text) i18n.Text {
	if m.has.Bilingual {
		return in
	}
	l := cmp.Or(m.has.Lang, i18n.JA)
	if in.In(l) == old.In(l) {
		return old // as it was exported, perhaps in the other language for want of this one
	}
	if in.Exact(l) == "" && !in.IsZero() {
		return old.With(l, in.In(l))
	}
	return old.With(l, in.Exact(l))
}

func (m *merger) speakers() []interchange.Speaker {
	m.key = map[string]string{}
	list := slices.Clone(m.draft.Speakers)
	known := len(list)
	for _, in := range m.in.Speakers {
		i := m.findSpeaker(list[:known], in)
		if i < 0 {
			in.Key, m.key[in.Key] = freeKey(list, in.Key), ""
			m.key[in.Key] = in.Key
			list = append(list, in)
			continue
		}
		m.key[in.Key] = list[i].Key
		if m.has.Meeting {
			list[i].Name = in.Name
		} else {
			list[i].Name = nameOver(list[i].Name, in.Name)
		}
		if m.has.Profiles {
			m.profile(&list[i], in)
		}
	}
	return list
}

// profile takes what is said of a speaker from the document. Only a file that holds everything empties what it leaves out.
func (m *merger) profile(s *interchange.Speaker, in interchange.Speaker) {
	s.GUID = cmp.Or(in.GUID, s.GUID)
	if m.has.Meeting {
		s.Reading, s.Photo, s.Links, s.Affiliation, s.Bio = in.Reading, in.Photo, in.Links, in.Affiliation, in.Bio
		return
	}
	s.Reading = cmp.Or(in.Reading, s.Reading)
	if !in.Affiliation.IsZero() {
		s.Affiliation = m.text(s.Affiliation, in.Affiliation)
	}
	if !in.Bio.IsZero() {
		s.Bio = m.text(s.Bio, in.Bio)
	}
	if len(in.Links) > 0 {
		s.Links = in.Links
	}
}

// findSpeaker recognises a speaker by key, guid, or, in formats that know only names, by name.
func (m *merger) findSpeaker(list []interchange.Speaker, in interchange.Speaker) int {
	for _, same := range []func(interchange.Speaker) bool{
		func(s interchange.Speaker) bool { return s.Key == in.Key },
		func(s interchange.Speaker) bool { return in.GUID != "" && s.GUID == in.GUID },
		func(s interchange.Speaker) bool {
			return !m.has.Meeting && (in.Name.JA != "" && s.Name.JA == in.Name.JA || in.Name.EN != "" && s.Name.EN == in.Name.EN)
		},
	} {
		if i := slices.IndexFunc(list, same); i >= 0 {
			return i
		}
	}
	return -1
}

func freeKey(list []interchange.Speaker, key string) string {
	taken := func(k string) bool {
		return slices.ContainsFunc(list, func(s interchange.Speaker) bool { return s.Key == k })
	}
	free := key
	for n := 2; taken(free); n++ {
		free = key + "-" + strconv.Itoa(n)
	}
	return free
}

func (m *merger) sessions() []interchange.Session {
	m.matched = map[string]bool{}
	found := m.recognise()
	out := make([]interchange.Session, 0, len(m.in.Sessions))
	for i := range m.in.Sessions {
		in := &m.in.Sessions[i]
		old := found[i]
		m.guid[in.GUID] = in.GUID
		if old == nil {
			s := *in
			s.Speakers = m.appearances(in.Speakers)
			s.Parts = m.parts(in.Parts)
			out = append(out, s)
			continue
		}
		m.guid[in.GUID] = old.GUID
		out = append(out, m.session(old, in))
	}
	for i := range out {
		if g, ok := m.guid[out[i].Slot]; ok {
			out[i].Slot = g
		}
	}
	return out
}

// recognise finds for each session of the document the one of the draft that it is: all guids first, then codes, then the ids of sources, so
// that a code which wandered to another session does not take the place of a session known by its guid.
func (m *merger) recognise() []*interchange.Session {
	found := make([]*interchange.Session, len(m.in.Sessions))
	for _, key := range []func(*interchange.Session) string{
		func(s *interchange.Session) string { return strings.ToLower(s.GUID) },
		func(s *interchange.Session) string { return s.Code },
		func(s *interchange.Session) string { return s.Source },
	} {
		free := map[string]*interchange.Session{}
		for i := range m.draft.Sessions {
			if s := &m.draft.Sessions[i]; !m.matched[s.GUID] && key(s) != "" {
				free[key(s)] = s
			}
		}
		for i := range m.in.Sessions {
			if s := free[key(&m.in.Sessions[i])]; found[i] == nil && s != nil && !m.matched[s.GUID] {
				found[i], m.matched[s.GUID] = s, true
			}
		}
	}
	return found
}

// session takes from the document what its format knows, and from the draft everything else.
func (m *merger) session(old, in *interchange.Session) interchange.Session {
	s := *old
	s.Title = m.text(old.Title, in.Title)
	set(&s.Source, in.Source, in.Source != "")
	set(&s.Number, in.Number, old.Number == 0) // what phones know it by stays
	set(&s.Code, in.Code, m.has.Codes)
	set(&s.Kind, in.Kind, m.has.Kinds)
	set(&s.Status, in.Status, m.has.Status)
	set(&s.Subtitle, m.text(old.Subtitle, in.Subtitle), m.has.Subtitle)
	set(&s.Abstract, m.text(old.Abstract, in.Abstract), m.has.Abstract)
	set(&s.Topics, in.Topics, m.has.Topics)
	set(&s.Language, in.Language, m.has.Language && (m.has.Meeting || !slices.Contains(strings.Fields(old.Language), in.Language))) // others know one
	set(&s.Level, in.Level, m.has.Level)
	if in.Timed() || m.has.Untimed {
		s.Date, s.Start, s.End = in.Date, in.Start, in.End
	}
	if in.Room != "" || in.AllRooms || m.has.Meeting {
		s.Room, s.AllRooms = in.Room, in.AllRooms
	}
	set(&s.Slot, in.Slot, m.has.Slots)
	set(&s.Origin, in.Origin, m.has.Meeting)
	if m.has.Speakers {
		s.Speakers = m.cast(old, in.Speakers)
	}
	if m.has.Parts {
		s.Parts = m.parts(in.Parts)
	}
	set(&s.Links, in.Links, m.has.Links)
	if m.has.Policy {
		s.Policy = in.Policy
	} else {
		s.Policy = old.Policy.Restrict(m.news(old, in.Policy))
	}
	return s
}

// news is what a format that knows only refusals adds to those that hold for a session already, from its meeting, its speakers or itself.
func (m *merger) news(old *interchange.Session, in interchange.Policy) interchange.Policy {
	holds := old.Effective(m.draft.Policy)
	if holds.Record == interchange.Refused || holds.Publish == interchange.Refused {
		in.Record, in.Publish = interchange.Inherit, interchange.Inherit
	}
	if holds.Stream == interchange.Refused {
		in.Stream = interchange.Inherit
	}
	return in
}

func set[T any](to *T, v T, known bool) {
	if known {
		*to = v
	}
}

func (m *merger) appearances(as []interchange.Appearance) []interchange.Appearance {
	out := slices.Clone(as)
	for i := range out {
		if k := m.key[out[i].Speaker]; k != "" {
			out[i].Speaker = k
		}
	}
	return out
}

// cast takes who speaks at a session from the document. A format without parts lists those of the parts with the session's own: where these
// are the same people as before, nothing is new.
func (m *merger) cast(old *interchange.Session, in []interchange.Appearance) []interchange.Appearance {
	if m.has.Parts || len(old.Parts) == 0 {
		return m.mergeAppearances(old.Speakers, in)
	}
	before, now := map[string]bool{}, map[string]bool{}
	markUsed(before, old.Speakers, old.Parts)
	markUsed(now, m.appearances(in), nil)
	if maps.Equal(before, now) {
		return old.Speakers
	}
	return m.mergeAppearances(old.Speakers, in)
}

// mergeAppearances keeps the role and affiliation of those who stay where the format knows only who they are.
func (m *merger) mergeAppearances(old, in []interchange.Appearance) []interchange.Appearance {
	out := m.appearances(in)
	for i := range out {
		j := slices.IndexFunc(old, func(a interchange.Appearance) bool { return a.Speaker == out[i].Speaker })
		if j < 0 {
			continue
		}
		if !m.has.Profiles {
			out[i].Role, out[i].Affiliation = old[j].Role, old[j].Affiliation
		}
		if !m.has.Policy {
			out[i].Policy = old[j].Policy
		}
	}
	return out
}

func (m *merger) parts(parts []interchange.Part) []interchange.Part {
	out := slices.Clone(parts)
	for i := range out {
		out[i].Speakers = m.appearances(out[i].Speakers)
		out[i].Parts = m.parts(out[i].Parts)
	}
	return out
}

// absent appends the sessions that only the draft has.
func (m *merger) absent(out *interchange.Document, prune bool) []*interchange.Session {
	var list []*interchange.Session
	for i := range m.draft.Sessions {
		s := m.draft.Sessions[i]
		if m.matched[s.GUID] {
			continue
		}
		if s.Status != interchange.Cancelled && m.couldHold(&s) {
			list = append(list, &m.draft.Sessions[i])
			if prune {
				s.Status = interchange.Cancelled
			}
		}
		out.Sessions = append(out.Sessions, s)
	}
	return list
}

// couldHold reports whether the format could have held a session, so that its absence says something.
func (m *merger) couldHold(s *interchange.Session) bool {
	switch {
	case m.has.Meeting || !m.has.Heading: // everything, and tables, which have a row for each
		return true
	case m.has.Untimed:
		return s.Date != ""
	}
	return s.Timed()
}

func (m *merger) kinds(sessions []interchange.Session) []interchange.Kind {
	used := map[string]bool{}
	for i := range sessions {
		used[sessions[i].Kind] = true
	}
	key := func(k interchange.Kind) string { return k.Key }
	return mergeList(m.draft.Kinds, m.in.Kinds, m.has.Meeting, key, func(k interchange.Kind) bool { return used[k.Key] })
}

func (m *merger) topics(sessions []interchange.Session) []interchange.Topic {
	used := map[string]bool{}
	for i := range sessions {
		for _, t := range sessions[i].Topics {
			used[t] = true
		}
	}
	key := func(t interchange.Topic) string { return t.Key }
	return mergeList(m.draft.Topics, m.in.Topics, m.has.Meeting, key, func(t interchange.Topic) bool { return used[t.Key] })
}

// mergeList merges lists of named things. A file that holds everything decides what there is, in its order, and only what is used of the
// rest stays; any other format adds what is missing and changes nothing.
func mergeList[T any](old, in []T, whole bool, key func(T) string, used func(T) bool) []T {
	has := func(list []T, k string) bool {
		return slices.ContainsFunc(list, func(v T) bool { return key(v) == k })
	}
	first, second := old, in
	if whole {
		first, second = in, old
	}
	out := slices.Clone(first)
	for _, v := range second {
		if !has(out, key(v)) && (!whole || used(v)) {
			out = append(out, v)
		}
	}
	return out
}

// wanted drops the speakers that a file which holds everything no longer names, unless a session still does, and puts the others in the
// order of the file.
func (m *merger) wanted(out *interchange.Document) []interchange.Speaker {
	if !m.has.Meeting {
		return out.Speakers
	}
	place := map[string]int{}
	for i, s := range m.in.Speakers {
		place[m.key[s.Key]] = i + 1
	}
	used := map[string]bool{}
	for i := range out.Sessions {
		markUsed(used, out.Sessions[i].Speakers, out.Sessions[i].Parts)
	}
	list := slices.DeleteFunc(slices.Clone(out.Speakers), func(s interchange.Speaker) bool { return place[s.Key] == 0 && !used[s.Key] })
	slices.SortStableFunc(list, func(a, b interchange.Speaker) int {
		return cmp.Compare(cmp.Or(place[a.Key], len(place)+1), cmp.Or(place[b.Key], len(place)+1))
	})
	return list
}

func markUsed(used map[string]bool, as []interchange.Appearance, parts []interchange.Part) {
	for _, a := range as {
		used[a.Speaker] = true
	}
	for i := range parts {
		markUsed(used, parts[i].Speakers, parts[i].Parts)
	}
}

// identify gives each session that has none a reference and a number, the same ones for the same input.
func identify(d *interchange.Document) {
	refs, numbers, highest := map[string]bool{}, map[int64]bool{}, int64(0)
	claim := func(s *interchange.Session) {
		if s.Number > 0 && numbers[s.Number] {
			s.Number = 0
		}
		numbers[s.Number] = true
	}
	for i := range d.Sessions { // those that were there before keep their number
		if s := &d.Sessions[i]; s.Ref != "" {
			refs[s.Ref] = true
			claim(s)
		}
	}
	for i := range d.Sessions {
		if s := &d.Sessions[i]; s.Ref == "" {
			claim(s)
		}
	}
	for i := range d.Sessions {
		s := &d.Sessions[i]
		for try := 0; s.Ref == ""; try++ {
			if r := newRef(s.GUID, try); !refs[r] {
				s.Ref, refs[r] = r, true
			}
		}
		if n, err := strconv.ParseInt(s.Source, 10, 32); s.Number == 0 && err == nil && n > 0 && !numbers[n] {
			s.Number, numbers[n] = n, true
		}
		highest = max(highest, s.Number)
	}
	for i := range d.Sessions {
		if s := &d.Sessions[i]; s.Number == 0 {
			highest++
			s.Number = highest
		}
	}
}

// nameOver lays a name over a stored one: where it says nothing new nothing changes, and where it is in one language the other stays.
func nameOver(have, now i18n.Text) i18n.Text {
	switch {
	case saysNothingNew(have, now):
		return have
	case now.EN == "":
		return have.With(i18n.JA, now.JA)
	case now.JA == "":
		return have.With(i18n.EN, now.EN)
	}
	return now
}

// saysNothingNew reports whether all that a name says is known in one of the languages: a format of one language guesses which it is.
func saysNothingNew(have, now i18n.Text) bool {
	known := func(s string) bool { return s == "" || s == have.JA || s == have.EN }
	return !now.IsZero() && known(now.JA) && known(now.EN)
}
