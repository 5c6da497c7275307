package interchange

import (
	"cmp"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// ownGenerator is how the program calls itself in what it exports. In a file of its own, what an export leaves out or makes up (links
// that a policy holds back, a second topic, the list of talks in a slot) is not taken for a change.
const ownGenerator = "tsudoi"

// builder puts together a document from a format in which rooms, speakers, kinds and topics are only names.
type builder struct {
	d        *Document
	o        Options
	n        *notes
	lang     i18n.Lang
	loc      *time.Location
	places   []string
	rooms    map[string]string // key by name
	speakers map[string]string // key by id or name
	keys     map[string]bool   // keys that are taken, after what they are keys of
	given    string            // what the file calls itself: acronym or title
	err      error             // once set, nothing more is read
}

// newBuilder begins a document whose texts are in one language: that of the options, else Japanese where the file has kana.
func newBuilder(text []byte, o Options, n *notes, has Fields) *builder {
	b := &builder{d: &Document{Meeting: &event.Meeting{}, Has: has}, o: o, n: n, lang: o.Lang, rooms: map[string]string{}, speakers: map[string]string{}, keys: map[string]bool{}}
	if b.lang == "" {
		b.lang = guessLang(text)
	}
	b.d.Has.Lang = b.lang
	b.zone("")
	return b
}

// guessLang is Japanese where there are kana: kanji alone could be Chinese, and names are often written in them.
func guessLang(text []byte) i18n.Lang {
	if strings.ContainsFunc(string(text), func(r rune) bool { return unicode.In(r, unicode.Hiragana, unicode.Katakana) }) {
		return i18n.JA
	}
	return i18n.EN
}

func (b *builder) text(s string) i18n.Text { return i18n.Only(b.lang, s) }

// zone sets the time zone of the meeting, by which times without an offset are read.
func (b *builder) zone(name string) {
	b.d.Meeting.Timezone, b.loc = chooseZone(name, b.o, b.n)
}

// offset chooses a zone for a file that names none but gives its times with an offset.
func (b *builder) offset(t time.Time) {
	_, seconds := t.Zone()
	name := fmt.Sprintf("Etc/GMT%+d", -seconds/3600) // the signs of these names are the other way round (POSIX)
	switch {
	case b.o.Timezone != "":
		return
	case seconds == 9*3600:
		name = "Asia/Tokyo"
	case seconds == 0:
		name = "UTC"
	case seconds%3600 != 0:
		return
	}
	if loc, ok := zoneOf(name); ok {
		b.d.Meeting.Timezone, b.loc = name, loc
		b.n.add("timezone", "the file names no time zone", "read as "+name+" after the offset of its times")
	}
}

// room is the key of the room with a name; the names that exports give to "all rooms" and "no room yet" are neither.
func (b *builder) room(name string) (key string, all bool) {
	name = strings.TrimSpace(oneLine(name))
	switch name {
	case "", roomUnknown:
		return "", false
	case roomAll, "*", "全室", "全会場", "All rooms":
		return "", true
	}
	if key, ok := b.rooms[name]; ok {
		return key, false
	}
	key = keyOf("room", name)
	for !b.isNew("room", key) {
		key += "-2"
	}
	b.rooms[name] = key
	b.d.Meeting.Rooms = append(b.d.Meeting.Rooms, event.Room{Key: key, Name: b.text(name)})
	return key, false
}

// isNew takes a key and says whether it was free.
func (b *builder) isNew(what, key string) bool {
	what += "/" + key
	taken := b.keys[what]
	b.keys[what] = true
	return !taken
}

// speaker is the key of a speaker, known by an id of the other system where it gives one, else by the name. The first mention of
// somebody says who it is.
func (b *builder) speaker(id string, p Speaker) (key string, ok bool) {
	name := strings.TrimSpace(oneLine(p.Name.In(b.lang)))
	if name == "" {
		return "", false
	}
	by := "name/" + name
	if id != "" {
		by = "id/" + id
	}
	if key, known := b.speakers[by]; known {
		return key, true
	}
	if p.Key = keyOf("p", name); id != "" {
		p.Key = "p" + keyOf("", id)
	}
	for !b.isNew("speaker", p.Key) {
		p.Key += "-2"
	}
	b.speakers[by] = p.Key
	b.d.Speakers = append(b.d.Speakers, p)
	return p.Key, true
}

// avatar passes over the picture of a person on another site, which no page shows, and says so once for all of them.
func (b *builder) avatar(address loose) {
	if address.String() != "" {
		b.n.once("speakers", "their pictures are on another site", "left out")
	}
}

// appear adds a speaker to a session once.
func appear(s *Session, key string) {
	for _, a := range s.Speakers {
		if a.Speaker == key {
			return
		}
	}
	s.Speakers = append(s.Speakers, Appearance{Speaker: key})
}

// add takes a session. Past the limit the file is given up: err is set, and finish returns it.
func (b *builder) add(s Session, place string) {
	if len(b.d.Sessions) >= b.o.sessions() {
		b.err = unusable(b.n.file, "it has more than %d sessions; send the programme of one meeting at a time", b.o.sessions())
		return
	}
	b.d.Sessions = append(b.d.Sessions, s)
	b.places = append(b.places, place)
}

// finish names the meeting, finds its days where the file does not say them, and checks everything.
func (b *builder) finish() ([]*Document, error) {
	if b.err != nil {
		return nil, b.err
	}
	m := b.d.Meeting
	for _, name := range []string{b.given, strings.TrimSuffix(b.n.file, filepath.Ext(b.n.file)), "meeting"} {
		if m.Slug = slugOf(name); m.Slug != "" {
			break
		}
	}
	if m.Title.IsZero() { // a table, for one, says nothing about its meeting
		m.Title = b.text(cmp.Or(strings.TrimSpace(b.given), b.o.Meeting, m.Slug))
	}
	tidy(b.d, b.o, b.n, b.places)
	if m.Start == "" || m.End == "" {
		m.Start, m.End = b.d.span()
	}
	return []*Document{b.d}, nil
}

// span is the first and last programme day of the sessions.
func (d *Document) span() (first, last event.Date) {
	for _, s := range d.Sessions {
		if s.Date == "" {
			continue
		}
		if first == "" || s.Date < first {
			first = s.Date
		}
		if s.Date > last {
			last = s.Date
		}
	}
	return first, last
}

// absolute resolves an address against the base of its file, as far as both can be read.
func absolute(base, ref string) string {
	ref = strings.TrimSpace(ref)
	b, err := url.Parse(base)
	if err != nil || !b.IsAbs() {
		return ref
	}
	r, err := url.Parse(ref)
	if err != nil || r.IsAbs() || ref == "" {
		return ref
	}
	return b.ResolveReference(r).String()
}

// abstractOf joins the short and the long description that other systems keep apart.
func abstractOf(abstract, description string) string {
	a, d := strings.TrimSpace(abstract), strings.TrimSpace(description)
	switch {
	case a == "" || strings.HasPrefix(d, a):
		return d
	case d == "" || strings.Contains(a, d):
		return a
	}
	return a + "\n\n" + d
}

// minutesOf reads a duration as hours and minutes, "00:20" or "1:30:00", with days or seconds in some files.
func minutesOf(s string) (time.Duration, bool) {
	parts := strings.Split(fold(s), ":")
	if len(parts) < 2 || len(parts) > 4 {
		return 0, false
	}
	var days int
	if len(parts) == 4 {
		days, _ = digits(parts[0])
		parts = parts[1:]
	}
	h, ok1 := digits(parts[0])
	m, ok2 := digits(parts[1])
	d := time.Duration(days*24*60+h*60+m) * time.Minute
	return d, ok1 && ok2 && days < 400 && h < 10000 && m < 10000
}
