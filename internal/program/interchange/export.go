package interchange

import (
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// Export says what an encoder must know beside the document. The document must be what Document.Public returned: encoders decide
// nothing about what may be seen.
type Export struct {
	BaseURL    string                      // of the installation, without a slash at its end; empty: no addresses are written
	Generator  string                      // the program's name; default tsudoi
	Version    string                      // the program's version
	Release    string                      // the name of the programme's version; default: when it was updated
	Lang       i18n.Lang                   // the language of formats that have one; default: the document's
	Updated    time.Time                   // when the programme last changed
	Sequence   func(guid string) int       // how often a session was moved or cancelled (RFC 5545, 3.8.7.4); nil: never
	Modified   func(guid string) time.Time // when a session last changed; nil or zero: when the programme did
	SessionURL func(s *Session) string     // the page of a session; nil: BaseURL/meetings/{slug}/sessions/{code or ref}
	Keep       func(s *Session) bool       // which sessions a calendar or table holds; nil: all
	Name       string                      // what a calendar calls itself; default: the meeting's title
}

// The names of rooms that are none, in formats that ask for a room. They are the same in every language so that a reader knows them.
const (
	roomAll     = "全室 / All rooms"
	roomUnknown = "会場未定 / To be announced"
)

func (e Export) lang(d *Document) i18n.Lang {
	if e.Lang != "" {
		return e.Lang
	}
	return d.Lang()
}

func (e Export) generator() string {
	if e.Generator != "" {
		return e.Generator
	}
	return ownGenerator
}

func (e Export) release() string {
	if e.Release != "" {
		return e.Release
	}
	return e.Updated.UTC().Format("2006-01-02T15:04:05Z")
}

func (e Export) keeps(s *Session) bool { return e.Keep == nil || e.Keep(s) }

func (e Export) meetingURL(d *Document) string {
	if e.BaseURL == "" {
		return ""
	}
	return e.BaseURL + "/meetings/" + d.slug()
}

func (e Export) sessionURL(d *Document, s *Session, ref string) string {
	switch {
	case e.SessionURL != nil:
		return e.SessionURL(s)
	case e.BaseURL == "":
		return ""
	case s.Code != "":
		return e.meetingURL(d) + "/sessions/" + s.Code
	}
	return e.meetingURL(d) + "/sessions/" + strings.ToLower(ref)
}

func (d *Document) slug() string {
	if d.Meeting == nil {
		return "meeting"
	}
	return d.Meeting.Slug
}

// view answers the questions that every encoder asks of a document: names for keys, in one language.
type view struct {
	d        *Document
	e        Export
	lang     i18n.Lang
	loc      *time.Location
	rooms    map[string]string
	speakers map[string]*Speaker
	kinds    map[string]Kind
	topics   map[string]string
	refs     map[string]string
	byGUID   map[string]*Session
	talks    map[string][]*Session // by the guid of their slot, those without a time of their own
}

func newView(d *Document, e Export) *view {
	v := &view{d: d, e: e, lang: e.lang(d), loc: d.Location(), speakers: map[string]*Speaker{}, kinds: map[string]Kind{},
		topics: map[string]string{}, refs: stableRefs(d.Sessions), talks: map[string][]*Session{}, byGUID: map[string]*Session{}}
	v.rooms = roomNames(d.Meeting, v.lang)
	for i := range d.Speakers {
		v.speakers[d.Speakers[i].Key] = &d.Speakers[i]
	}
	for _, k := range d.Kinds {
		v.kinds[k.Key] = k
	}
	for _, k := range d.Topics {
		v.topics[k.Key] = k.Label.In(v.lang)
	}
	for i := range d.Sessions {
		v.byGUID[d.Sessions[i].GUID] = &d.Sessions[i]
		if s := &d.Sessions[i]; s.Slot != "" && !s.Timed() && s.Status != Cancelled {
			v.talks[s.Slot] = append(v.talks[s.Slot], s)
		}
	}
	return v
}

// roomNames gives each room a name that no other has: formats that know rooms by name would put two of one name together.
func roomNames(m *event.Meeting, l i18n.Lang) map[string]string {
	out, taken := map[string]string{}, map[string]bool{roomAll: true, roomUnknown: true}
	if m == nil {
		return out
	}
	for _, r := range m.Rooms {
		name := r.Name.In(l)
		for name == "" || taken[name] {
			name += " (" + r.Key + ")"
		}
		out[r.Key], taken[name] = name, true
	}
	return out
}

// roomName is the name of where a session takes place; a talk is where its slot is.
func (v *view) roomName(s *Session) string {
	if name := v.rooms[s.Room]; s.Room != "" && name != "" {
		return name
	}
	if s.AllRooms {
		return roomAll
	}
	return roomUnknown
}

// people are the names of the speakers of a session and of its parts, each once, with the affiliation where wanted.
func (v *view) people(as []Appearance, parts []Part) []*Speaker {
	var out []*Speaker
	seen := map[string]bool{}
	var walk func(as []Appearance, parts []Part)
	walk = func(as []Appearance, parts []Part) {
		for _, a := range as {
			if p := v.speakers[a.Speaker]; p != nil && !seen[a.Speaker] {
				seen[a.Speaker] = true
				out = append(out, p)
			}
		}
		for _, p := range parts {
			walk(p.Speakers, p.Parts)
		}
	}
	walk(as, parts)
	return out
}

func (v *view) names(as []Appearance) string {
	var out []string
	for _, p := range v.people(as, nil) {
		out = append(out, p.Name.In(v.lang))
	}
	return strings.Join(out, ", ")
}

// outline lists the parts of a session and the talks held in it, which most formats have no place for, one to a line.
func (v *view) outline(s *Session) string {
	var b strings.Builder
	var walk func(parts []Part, indent string)
	line := func(indent, code, title, names string) {
		b.WriteString(indent + "- " + strings.TrimSpace(code+" "+title))
		if names != "" {
			b.WriteString(" (" + names + ")")
		}
		b.WriteString("\n")
	}
	walk = func(parts []Part, indent string) {
		for _, p := range parts {
			line(indent, p.Code, p.Title.In(v.lang), v.names(p.Speakers))
			walk(p.Parts, indent+"  ")
		}
	}
	walk(s.Parts, "")
	for _, t := range v.talks[s.GUID] {
		line("", t.Code, t.Title.In(v.lang), v.names(t.Speakers))
	}
	return strings.TrimRight(b.String(), "\n")
}

func (v *view) kind(s *Session) string {
	if k, ok := v.kinds[s.Kind]; ok {
		return k.Label.In(v.lang)
	}
	return s.Kind
}

func (v *view) topicsOf(s *Session) []string {
	var out []string
	for _, k := range s.Topics {
		if name := v.topics[k]; name != "" {
			out = append(out, name)
		}
	}
	return out
}
