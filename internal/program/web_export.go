package program

import (
	"io"
	"net/http"
	"strings"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// exportRoutes are the files in which a programme travels, and the feeds of its changes.
func (h *Web) exportRoutes() []web.Route {
	const at = "/meetings/{slug}/"
	files := []web.Route{
		web.Data(at+"schedule.xml", h.file("schedule.xml", "application/xml; charset=utf-8", interchange.EncodeXML)),
		web.Data(at+"schedule.json", h.file("schedule.json", jsonType, interchange.EncodeJSON)),
		web.Data(at+"schedule.csv", h.file("schedule.csv", "text/csv; charset=utf-8; header=present", interchange.EncodeCSV)),
		web.Data(at+"schedule.ics", h.calendar),
		web.Data(at+"meeting.yaml", h.meetingFile),
		web.Data(at+"changes.atom", h.changesFeed),
		web.Data("/changes.atom", h.newsFeed),
	}
	all := files
	for _, f := range files {
		all = append(all, preflight(f.Path()))
	}
	return all
}

// encoder writes a document in a format of others.
type encoder func(*interchange.Document, interchange.Export) ([]byte, error)

// file serves the whole programme in a format.
func (h *Web) file(name, kind string, encode encoder) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		p, err := h.data(r)
		if err != nil {
			return err
		}
		l := askedLang(r, p.Meeting)
		return h.serveFile(w, r, p, name+" "+string(l), exported{kind: kind, name: "-" + name}, func() ([]byte, error) {
			return encode(document(p), h.export(p, l))
		})
	}
}

// exported is what a file is called and what it is.
type exported struct{ kind, name string }

// serveFile serves bytes about a programme: from the cache where key is one of few, else made for this request.
func (h *Web) serveFile(w http.ResponseWriter, r *http.Request, p *Programme, key string, e exported, encode func() ([]byte, error)) error {
	openToAll(w.Header())
	a := web.Answer{Version: h.version(p), Type: e.kind, CORS: true}
	if e.name != "" {
		a.Download = p.Meeting.Slug + e.name
	}
	if key != "" {
		a.Key = "export " + p.Meeting.Slug + " " + key
	}
	return h.cacheFor(a.Key).Serve(w, r, a, func(out io.Writer) error {
		b, err := encode()
		if err != nil {
			return err
		}
		_, err = out.Write(b)
		return err
	})
}

// askedLang is the language that an address asks for with ?lang=, or the meeting's default.
func askedLang(r *http.Request, m *event.Stored) i18n.Lang {
	if l, ok := i18n.ParseLang(r.URL.Query().Get("lang")); ok {
		return l
	}
	return m.DefaultLang()
}

// export is what encoders are told beside the document.
func (h *Web) export(p *Programme, l i18n.Lang) interchange.Export {
	return exportOf(p, h.site.PublicURL, h.site.Version, l)
}

// meetingFile serves the public Tsudoi file: everything but what the policies forbid.
func (h *Web) meetingFile(w http.ResponseWriter, r *http.Request) error {
	p, err := h.data(r)
	if err != nil {
		return err
	}
	e := exported{kind: "application/yaml; charset=utf-8", name: ".yaml"}
	return h.serveFile(w, r, p, "meeting.yaml", e, func() ([]byte, error) { return interchange.EncodePublicYAML(document(p)) })
}

// maxStarred is how many sessions a personal calendar may name; an address of that length still passes every proxy.
const maxStarred = 500

// icsChoice is which sessions a calendar holds.
type icsChoice struct {
	room string
	all  bool            // not limited to sessions that were named
	keep map[string]bool // guids
	one  *Item           // the only session named
}

// readChoice reads room and session of a calendar's address. Sessions that are unknown (any more) are passed over: the calendar of
// somebody who starred one that is gone must not break.
func readChoice(p *Programme, r *http.Request) (icsChoice, error) {
	q := r.URL.Query()
	sel := icsChoice{room: q.Get("room"), all: !q.Has("session"), keep: map[string]bool{}}
	if q.Has("room") && p.Meeting.Room(sel.room) == nil {
		return sel, badParameter("room", "program.api.error.unknown")
	}
	names := strings.FieldsFunc(strings.Join(q["session"], ","), func(c rune) bool { return c == ',' })
	if len(names) > maxStarred {
		return sel, badParameter("session", "program.api.error.many", "max", maxStarred)
	}
	for _, name := range names {
		it := p.Session(strings.TrimSpace(name))
		if it == nil {
			continue
		}
		if sel.keep[it.GUID] = true; it.Within != nil && !it.Timed() {
			sel.keep[it.Within.GUID] = true // the talk is in the description of its slot
		}
		if sel.one = it; len(names) > 1 {
			sel.one = nil
		}
	}
	return sel, nil
}

// takes reports whether the calendar holds a session. One that spans all rooms is in each of them.
func (sel icsChoice) takes(s *interchange.Session) bool {
	return (sel.all || sel.keep[s.GUID]) && (sel.room == "" || s.Room == sel.room || s.AllRooms)
}

// key is the cache key of a calendar that is one of few, and empty for any other.
func (sel icsChoice) key() string {
	switch {
	case sel.all:
		return "room " + sel.room
	case sel.one != nil && sel.room == "":
		return "session " + sel.one.Ref
	}
	return ""
}

// calendar serves the programme, a room of it, one session, or the sessions somebody starred, as a calendar.
func (h *Web) calendar(w http.ResponseWriter, r *http.Request) error {
	p, err := h.data(r)
	if err != nil {
		return err
	}
	sel, err := readChoice(p, r)
	if err != nil {
		return err
	}
	l := askedLang(r, p.Meeting)
	key := sel.key()
	if key != "" {
		key = "schedule.ics " + string(l) + " " + key
	}
	e := exported{kind: "text/calendar; charset=utf-8; method=PUBLISH", name: sel.fileName()}
	return h.serveFile(w, r, p, key, e, func() ([]byte, error) {
		o := h.export(p, l)
		o.Keep, o.Name = sel.takes, sel.title(p, l)
		return interchange.EncodeICS(document(p), o)
	})
}

func (sel icsChoice) fileName() string {
	switch {
	case sel.one != nil:
		return "-" + strings.ToLower(sel.one.Ref) + ".ics"
	case !sel.all:
		return "-mine.ics"
	case sel.room != "":
		return "-" + plainName(sel.room) + ".ics"
	}
	return ".ics"
}

// plainName keeps of a name what every file system takes.
func plainName(s string) string {
	return strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' {
			return c
		}
		return '-'
	}, s)
}

// title is what the calendar calls itself.
func (sel icsChoice) title(p *Programme, l i18n.Lang) string {
	name := p.Meeting.Name().In(l)
	switch {
	case sel.one != nil:
		return name + " " + sel.one.Title.In(l)
	case sel.room != "":
		return name + " " + p.Meeting.Room(sel.room).Name.In(l)
	}
	return p.Meeting.Title.In(l)
}
