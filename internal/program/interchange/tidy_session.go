package interchange

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// maxDepth is how deep parts of sessions may lie within each other. IP Meeting needs three.
const maxDepth = 12

// session checks everything about session i that does not concern other sessions.
func (t *tidying) session(i int) {
	s := &t.d.Sessions[i]
	where := t.at(i)
	if s.Ref != "" && !validRef(s.Ref) {
		t.n.add(where, "ref "+quote(s.Ref)+" is not six of 0-9 A-Z", "given one of its own")
		s.Ref = ""
	}
	if s.Number < 0 {
		t.n.add(where, fmt.Sprintf("number %d is below zero", s.Number), "left out")
		s.Number = 0
	}
	t.kind(s, where)
	t.topics(s, where)
	t.room(s, where)
	t.words(s, where)
	t.times(s, where)
	t.origin(s, where)
	s.Policy = t.policy(s.Policy, where)
	s.Speakers = t.appearances(s.Speakers, where)
	s.Parts = t.parts(s.Parts, where, 1)
}

func (t *tidying) kind(s *Session, where string) {
	if s.Kind == "" || t.kindKeys[s.Kind] {
		return
	}
	k, ok := standardKind(s.Kind)
	if !ok {
		known := suggestions(t.d.Kinds, func(k Kind) string { return k.Key })
		t.n.add(where, "unknown kind "+quote(s.Kind)+didYouMean(s.Kind, known), "added as a kind of its own")
		k = Kind{Key: s.Kind, Label: i18n.Only(t.lang(), s.Kind)}
	}
	if s.Kind = k.Key; !t.kindKeys[k.Key] {
		t.kindKeys[k.Key] = true
		t.d.Kinds = append(t.d.Kinds, k)
	}
}

func (t *tidying) topics(s *Session, where string) {
	var out []string
	for _, key := range s.Topics {
		if key == "" || slices.Contains(out, key) {
			continue
		}
		out = append(out, key)
		if !t.topicKeys[key] {
			t.n.add(where, "unknown topic "+quote(key), "added as a topic")
			t.topicKeys[key] = true
			t.d.Topics = append(t.d.Topics, Topic{Key: key, Label: i18n.Only(t.lang(), key)})
		}
	}
	s.Topics = out
}

func (t *tidying) room(s *Session, where string) {
	m := t.d.Meeting
	if s.Room == "" || m == nil {
		return
	}
	if key, ok := t.rooms[s.Room]; ok {
		s.Room = key
		return
	}
	if t.roomsListed {
		known := suggestions(m.Rooms, func(r event.Room) string { return r.Key })
		t.n.add(where, "unknown room "+quote(s.Room)+didYouMean(s.Room, known), "kept without a room")
		s.Room = ""
		return
	}
	name := s.Room
	s.Room = keyOf("room", name)
	t.n.add(where, "unknown room "+quote(name), "added as room "+s.Room)
	if _, ok := t.rooms[s.Room]; !ok {
		m.Rooms = append(m.Rooms, event.Room{Key: s.Room, Name: i18n.Only(t.lang(), name)})
		t.rooms[s.Room] = s.Room
	}
	t.rooms[name] = s.Room
}

// words reads the language, level and status of a session.
func (t *tidying) words(s *Session, where string) {
	lang, unknown := languageOf(s.Language)
	if unknown != "" {
		t.n.once(where, "language "+quote(unknown)+" is not one of ja, en", "left out, here and wherever it comes again")
	}
	s.Language = lang
	switch strings.ToLower(s.Level) {
	case "", "beginner", "intermediate", "advanced":
		s.Level = strings.ToLower(s.Level)
	default:
		t.n.add(where, "unknown level "+quote(s.Level)+didYouMean(s.Level, []string{"beginner", "intermediate", "advanced"}), "left out")
		s.Level = ""
	}
	switch strings.ToLower(string(s.Status)) {
	case "", "confirmed":
		s.Status = Confirmed
	case "cancelled", "canceled":
		s.Status = Cancelled
	default:
		t.n.add(where, "unknown status "+quote(string(s.Status))+didYouMean(string(s.Status), []string{"confirmed", "cancelled"}), "read as confirmed")
		s.Status = Confirmed
	}
}

// languageOf reads the language of a session: ja, en or both as "ja en", and the first word that is neither.
func languageOf(s string) (lang, unknown string) {
	has := map[i18n.Lang]bool{}
	for w := range strings.FieldsFuncSeq(s, func(r rune) bool { return strings.ContainsRune(" ,;/&+、・", r) }) {
		l, ok := i18n.ParseLang(strings.ReplaceAll(w, "_", "-"))
		switch strings.ToLower(w) {
		case "日本語", "japanese", "jp", "jpn":
			l, ok = i18n.JA, true
		case "英語", "english", "eng":
			l, ok = i18n.EN, true
		}
		if ok {
			has[l] = true
		} else if unknown == "" {
			unknown = w
		}
	}
	var out []string
	for _, l := range i18n.Langs {
		if has[l] {
			out = append(out, string(l))
		}
	}
	return strings.Join(out, " "), unknown
}

func (t *tidying) times(s *Session, where string) {
	t.date(&s.Date, where, "date")
	loc := t.d.Location()
	if !s.Timed() {
		if !s.End.IsZero() {
			t.n.add(where, "it has an end but no start", "the end is left out")
			s.End = time.Time{}
		}
		return
	}
	s.Start = s.Start.In(loc)
	switch {
	case s.End.IsZero():
		s.End = s.Start
	case s.End.Before(s.Start):
		t.n.add(where, fmt.Sprintf("it ends (%s) before it starts (%s)", s.End.In(loc).Format("2006-01-02 15:04"), s.Start.Format("2006-01-02 15:04")),
			"kept with no length")
		s.End = s.Start
	}
	s.End = s.End.In(loc)
	if s.Date == "" {
		s.Date = dayOf(t.d.Meeting, s.Start)
	}
	if m := t.d.Meeting; m != nil && t.strict && m.Start != "" && (s.Date < m.Start || m.End != "" && s.Date > m.End) {
		t.n.add(where, fmt.Sprintf("%s is not a day of the meeting (%s to %s)", s.Date, m.Start, m.End), "kept")
	}
}

func (t *tidying) origin(s *Session, where string) {
	if s.Origin == "" || safeURL(s.Origin) {
		return
	}
	if g := validGUID(s.Origin); g != "" {
		s.Origin = g
		return
	}
	t.n.add(where, "origin "+quote(s.Origin)+" is neither an address nor a guid", "left out")
	s.Origin = ""
}

// policy reads permissions. A word that is neither yes nor no is read as no: what a typing error must not do is publish.
func (t *tidying) policy(p Policy, where string) Policy {
	for i, v := range []*Permission{&p.Stream, &p.Record, &p.Publish, &p.Slides, &p.Photo, &p.SNS} {
		switch strings.ToLower(string(*v)) {
		case "", "inherit":
			*v = Inherit
		case "yes", "true", "on", "allowed":
			*v = Allowed
		case "no", "false", "off", "refused":
			*v = Refused
		default:
			name := []string{"stream", "record", "publish", "slides", "photo", "sns"}[i]
			t.n.add(where, "policy "+name+": "+quote(string(*v))+" is neither yes nor no", "read as no, to be safe")
			*v = Refused
		}
	}
	t.date(&p.PublishUntil, where, "publish_until")
	return p
}

func (t *tidying) appearances(in []Appearance, where string) []Appearance {
	var out []Appearance
	for _, a := range in {
		if !t.speakers[a.Speaker] {
			t.n.add(where, "unknown speaker "+quote(a.Speaker)+didYouMean(a.Speaker, t.speakerKeys), "left out, write the speaker under speakers and name the key here")
			continue
		}
		switch a.Role = strings.ToLower(a.Role); a.Role {
		case RoleSpeaker:
			a.Role = ""
		case "", RoleModerator, RolePanelist, "host":
		default:
			t.n.add(where, "unknown role "+quote(a.Role)+didYouMean(a.Role, []string{RoleSpeaker, RoleModerator, RolePanelist, "host"}), "read as speaker")
			a.Role = ""
		}
		a.Policy = t.policy(a.Policy, where)
		out = append(out, a)
	}
	return out
}

func (t *tidying) parts(in []Part, where string, depth int) []Part {
	if len(in) > 0 && depth > maxDepth {
		t.n.add(where, fmt.Sprintf("its parts lie more than %d deep", maxDepth), "the deeper ones are left out")
		return nil
	}
	for i := range in {
		p := &in[i]
		within := where + ", part " + strings.TrimSpace(p.Code+" "+p.Title.In(t.lang()))
		p.Policy = t.policy(p.Policy, within)
		p.Speakers = t.appearances(p.Speakers, within)
		loc := t.d.Location()
		if p.Start.IsZero() && !p.End.IsZero() {
			t.n.add(within, "it has an end but no start", "the end is left out")
			p.End = time.Time{}
		}
		if !p.Start.IsZero() {
			p.Start = p.Start.In(loc)
			if p.End.IsZero() {
				p.End = p.Start
			} else if p.End = p.End.In(loc); p.End.Before(p.Start) {
				t.n.add(within, "it ends before it starts", "kept with no length")
				p.End = p.Start
			}
		}
		p.Parts = t.parts(p.Parts, within, depth+1)
	}
	return in
}

// codes makes codes, refs and numbers differ: what people say aloud, and what other programs know a session by.
func (t *tidying) codes() {
	codes, refs, numbers := map[string]int{}, map[string]int{}, map[int64]int{}
	for i := range t.d.Sessions {
		s := &t.d.Sessions[i]
		if first, again := codes[strings.ToUpper(s.Code)]; again && s.Code != "" {
			t.n.add(t.at(i), "code "+s.Code+" is also that of "+quote(t.d.Sessions[first].Title.In(t.lang())), "kept without a code")
			s.Code = ""
		}
		if first, again := numbers[s.Number]; again && s.Number != 0 {
			t.n.add(t.at(i), fmt.Sprintf("number %d is also that of %s", s.Number, t.at(first)), "given another")
			s.Number = 0
		}
		if first, again := refs[s.Ref]; again && s.Ref != "" {
			t.n.add(t.at(i), "ref "+s.Ref+" is also that of "+t.at(first), "given another")
			s.Ref = ""
		}
		if s.Code != "" {
			codes[strings.ToUpper(s.Code)] = i
		}
		numbers[s.Number], refs[s.Ref] = i, i
	}
}

// slots turns what sessions say about the slot they are held in (a guid, code or source) into its guid.
func (t *tidying) slots() {
	d := t.d
	guids, codes, sources := map[string]bool{}, map[string]string{}, map[string]string{}
	for _, s := range d.Sessions {
		guids[s.GUID], codes[s.Code], sources[s.Source] = true, s.GUID, s.GUID
	}
	slotOf := map[string]string{}
	for i := range d.Sessions {
		s := &d.Sessions[i]
		if s.Slot == "" {
			continue
		}
		to := strings.ToLower(s.Slot)
		if !guids[to] {
			if to = codes[s.Slot]; to == "" {
				to = sources[s.Slot]
			}
		}
		switch to {
		case "":
			t.n.add(t.at(i), "unknown slot "+quote(s.Slot), "kept on its own")
		case s.GUID:
			t.n.add(t.at(i), "it is said to be held in itself", "kept on its own")
			to = ""
		}
		s.Slot = to
		slotOf[s.GUID] = to
	}
	for i := range d.Sessions { // a slot is not itself held in a slot
		if s := &d.Sessions[i]; s.Slot != "" && slotOf[s.Slot] != "" {
			t.n.add(t.at(i), "the session it is held in is itself held in another", "kept on its own")
			s.Slot, slotOf[s.GUID] = "", ""
		}
	}
}

// overlaps reports sessions of one room that run at the same time. They are kept: which one is wrong, only people know. The talks within
// a session of lightning talks are compared among themselves: most formats cannot say that they are held in it.
func (t *tidying) overlaps() {
	rooms := map[string][]int{}
	for i := range t.d.Sessions {
		if s := &t.d.Sessions[i]; s.Timed() && s.Room != "" && !s.AllRooms && s.Slot == "" && s.Status != Cancelled && s.End.After(s.Start) {
			rooms[s.Room] = append(rooms[s.Room], i)
		}
	}
	lightning := map[string]bool{}
	for _, k := range t.d.Kinds {
		lightning[k.Key] = isLightning(k.Key) || isLightning(k.Label.JA) || isLightning(k.Label.EN)
	}
	for _, k := range slices.Sorted(maps.Keys(rooms)) {
		list := rooms[k]
		slices.SortStableFunc(list, func(a, b int) int {
			x, y := &t.d.Sessions[a], &t.d.Sessions[b]
			return cmp.Or(x.Start.Compare(y.Start), y.End.Compare(x.End))
		})
		sessions, talks := t.apart(list, lightning)
		t.clashes(sessions, k)
		t.clashes(talks, k)
	}
}

// apart takes the talks that lie wholly within a longer session of lightning talks out of the sessions of a room, which are in order of
// their starts, the longer first.
func (t *tidying) apart(list []int, lightning map[string]bool) (sessions, talks []int) {
	var slot *Session // the session of lightning talks that ends last, of those that have begun
	for _, i := range list {
		s := &t.d.Sessions[i]
		if slot != nil && !s.End.After(slot.End) && s.End.Sub(s.Start) < slot.End.Sub(slot.Start) {
			talks = append(talks, i)
			continue
		}
		sessions = append(sessions, i)
		if lightning[s.Kind] && (slot == nil || s.End.After(slot.End)) {
			slot = s
		}
	}
	return sessions, talks
}

// clashes reports each session of a list, in order of their starts, that begins before an earlier one ends.
func (t *tidying) clashes(list []int, room string) {
	last := -1 // the session that ends last so far
	for _, i := range list {
		s := &t.d.Sessions[i]
		if last >= 0 {
			if before := &t.d.Sessions[last]; s.Start.Before(before.End) {
				t.n.add(t.at(i), fmt.Sprintf("it starts at %s in room %s, before %s ends", s.Start.Format("2006-01-02 15:04"), room,
					quote(before.Title.In(t.lang()))), "kept; both are shown")
			}
		}
		if last < 0 || s.End.After(t.d.Sessions[last].End) {
			last = i
		}
	}
}
