package program

import (
	"cmp"
	"html/template"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/markdown"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

func (h *Web) sessionRoutes() []web.Route {
	return []web.Route{
		web.Get("/meetings/{slug}/sessions/{name}", h.session),
		web.Get("/meetings/{slug}/sessions/{name}/card.png", h.sessionCard),
		web.Get("/meetings/{slug}/speakers", h.speakers),
		web.Get("/meetings/{slug}/speakers/{key}", h.speaker),
		web.Get("/meetings/{slug}/programme", h.list),
		web.Get("/meetings/{slug}/changes", h.changes),
		web.Get("/meetings/{slug}/changes/{pair}", h.compare),
	}
}

var (
	sessionPage  = web.NewPage[sessionView](event.Mast, web.From(Files, "pages/session.html", "pages/session_row.html"))
	speakersPage = web.NewPage[speakersView](event.Mast, web.From(Files, "pages/speakers.html", "pages/session_row.html"))
	speakerPage  = web.NewPage[speakerView](event.Mast, web.From(Files, "pages/speaker.html", "pages/session_row.html"))
	listPage     = web.NewPage[listView](event.Mast, web.From(Files, "pages/programme.html", "pages/session_row.html"))
	changesPage  = web.NewPage[changesView](event.Mast, web.From(Files, "pages/changes.html", "pages/changelist.html", "pages/session_row.html"))
)

var sessionPages = []web.Checked{sessionPage, speakersPage, speakerPage, listPage, changesPage}

// sessionView is the page of one session.
type sessionView struct {
	*row
	Slug      string    // of the meeting, for the stars
	Part      i18n.Text // of the meeting
	Location  i18n.Text // floor and number
	Venue     *event.Venue
	Online    bool
	Cast      []castView
	Abstract  template.HTML
	InLang    i18n.Lang // of the abstract
	Parts     []*partView
	Held      []*row // talks held in its slot
	Within    *row
	Matters   []matter
	Sharing   bool // something is stated about what may be shared
	OffRecord bool
	Join      []linkView // streams
	Links     []linkView // everything else
	Files     []fileView // handed in
	ICS       string
	Spoken    string // language, in words
	Level     string
	Subjects  []subjectView
	Origin    *originView
	Previous  *row
	Next      *row
	Parallel  []*row
	Permanent string // the whole URL
}

// castView is a speaker on a stage.
type castView struct {
	Frame       *web.Frame
	Name        i18n.Text
	Affiliation i18n.Text
	Role        string // in words, empty for a plain speaker
	Href        string
}

// partView is a part of a session.
type partView struct {
	*web.Frame
	Part     *PartItem
	Deep     int // 1 for the parts of a session, 2 for parts of those
	Clock    string
	Cast     []castView
	Abstract template.HTML
	InLang   i18n.Lang
	Marks    []mark
	Links    []linkView
	Parts    []*partView
}

// linkView is a link of a session.
type linkView struct {
	Kind  interchange.LinkKind
	Label i18n.Text
	URL   string
	Host  string
	Until time.Time // the last day it works, or zero
}

type subjectView struct {
	Label i18n.Text
	Href  string
}

// originView is the session of another meeting that this one reuses.
type originView struct {
	Title   i18n.Text
	Meeting i18n.Text
	URL     string
}

// openSession finds the session that the address names, for its page or for what lies under it (rest, such as /card.png). Any other name of
// the session leads to its one address.
func (h *Web) openSession(r *http.Request, rest string) (*request, *Item, error) {
	q, err := h.open(r, "programme")
	if err != nil {
		return nil, nil, err
	}
	it := q.Session(r.PathValue("name"))
	if it == nil {
		return nil, nil, fault.Missing()
	}
	if it.Name != r.PathValue("name") {
		return nil, nil, web.Moved(q.Frame.URL(sessionURL(q.Meeting, it) + rest))
	}
	return q, it, nil
}

// session shows one session.
func (h *Web) session(w http.ResponseWriter, r *http.Request) error {
	q, it, err := h.openSession(r, "")
	if err != nil {
		return err
	}
	origin, version := h.origin(r, q, it)
	files, kept, err := h.files(r.Context(), q, it)
	if err != nil {
		return err
	}
	return h.serve(w, r, q, version+kept, func(out io.Writer, f *web.Frame) error {
		v := q.session(it)
		v.Origin, v.Files = origin, files
		f.Title = f.In(it.Title)
		f.Description = q.describe(it)
		f.Image = f.URL(sessionURL(q.Meeting, it) + "/card.png")
		f.JSONLD = q.jsonLD(it)
		return sessionPage.Render(out, f, v)
	})
}

// session makes the view of a session.
func (q *request) session(it *Item) sessionView {
	f := q.Frame
	v := sessionView{
		row: q.dated(it), Slug: q.Meeting.Slug, Cast: q.cast(it.Cast), Abstract: markdown.Render(f.In(it.Abstract)), InLang: it.Abstract.LangFor(f.Lang),
		Parts: q.parts(it.Parts, it.Policy, 1, placed(it).Date), Matters: q.matters(it.Policy), OffRecord: it.Policy.IsOffRecord(),
		Spoken: spoken(f, it.Language), Level: level(f, it.Level), Permanent: f.Abs(f.URL(sessionURL(q.Meeting, it))),
	}
	v.Sharing = len(v.Matters) > 0 && !v.Cancelled
	if part := q.Meeting.PartOf(placed(it).Date); part != nil && len(q.Meeting.Parts) > 1 {
		v.Part = part.Title
	}
	v.place(q, it)
	for _, l := range q.links(it.Links, it.Policy) {
		if l.Kind == interchange.LinkStream {
			v.Join = append(v.Join, l)
		} else {
			v.Links = append(v.Links, l)
		}
	}
	if it.Timed() && !v.Cancelled {
		v.ICS = "/meetings/" + q.Meeting.Slug + "/schedule.ics?" + url.Values{"session": {it.Ref}, "lang": {string(f.Lang)}}.Encode()
	}
	for _, t := range it.Subjects {
		v.Subjects = append(v.Subjects, subjectView{t.Label, listURL(q.Meeting, url.Values{"topic": {t.Key}})})
	}
	for _, t := range it.Talks {
		v.Held = append(v.Held, q.row(t).under(v.row))
	}
	if it.Within != nil {
		v.Within = q.dated(it.Within)
	}
	v.neighbours(q, it)
	return v
}

// place says where a session is.
func (v *sessionView) place(q *request, it *Item) {
	room := it.Where
	if room == nil && it.Room == "" && it.Within != nil {
		room = it.Within.Where
	}
	if room == nil {
		return
	}
	v.Location, v.Online, v.Venue = room.Location, room.Online, q.Meeting.Venue(room.Venue)
}

func (q *request) cast(list []*Cast) []castView {
	var out []castView
	for _, c := range list {
		out = append(out, castView{q.Frame, c.Person.Name, c.Affiliation, role(q.Frame, c.Role), speakerURL(q.Meeting, c.Person)})
	}
	return out
}

// role is a role in words; a plain speaker has none, and a role that the program does not know is shown as it was written.
func role(f *web.Frame, r string) string {
	switch r {
	case interchange.RoleSpeaker, "":
		return ""
	case interchange.RoleModerator, interchange.RolePanelist, "host":
		return f.T("program.session.role." + r)
	}
	return r
}

func spoken(f *web.Frame, langs string) string {
	var list []string
	for l := range strings.FieldsSeq(langs) {
		switch l {
		case "ja", "en":
			list = append(list, f.T("program.session.lang."+l))
		default:
			list = append(list, l)
		}
	}
	return i18n.Join(f.Lang, list)
}

func level(f *web.Frame, l string) string {
	switch l {
	case "beginner", "intermediate", "advanced":
		return f.T("program.session.level." + l)
	}
	return l
}

func (q *request) parts(list []*PartItem, outer interchange.Policy, deep int, day event.Date) []*partView {
	var out []*partView
	for _, p := range list {
		policy := common(p, outer)
		v := &partView{
			Frame: q.Frame, Part: p, Deep: deep, Cast: q.cast(p.Cast), Abstract: markdown.RenderUnder(q.Frame.In(p.Abstract), min(deep+2, 5)),
			InLang: p.Abstract.LangFor(q.Frame.Lang), Marks: q.differing(policy, outer), Links: q.links(p.Links, p.Policy),
		}
		if !p.Start.IsZero() {
			loc := q.Meeting.Location()
			v.Clock = clock(q.Frame, day, p.Start.In(loc), p.End.In(loc))
		}
		v.Parts = q.parts(p.Parts, policy, deep+1, day)
		out = append(out, v)
	}
	return out
}

// links makes the views of links that are public; a recording works until the earlier of its own last day and its policy's.
func (q *request) links(list []interchange.Link, p interchange.Policy) []linkView {
	var out []linkView
	for _, l := range list {
		v := linkView{Kind: cmp.Or(l.Kind, interchange.LinkWeb), Label: l.Title, URL: l.URL}
		if v.Label.IsZero() {
			v.Label = same(q.Frame.T("program.session.link." + string(v.Kind)))
		}
		if u, err := url.Parse(l.URL); err == nil {
			v.Host = strings.TrimPrefix(u.Host, "www.")
		}
		until := l.Until
		if l.Kind == interchange.LinkVideo && p.PublishUntil != "" && (until == "" || p.PublishUntil < until) {
			until = p.PublishUntil
		}
		if until != "" {
			v.Until = until.Time(q.Meeting.Location())
		}
		out = append(out, v)
	}
	return out
}

// describe says in one line when and where a session is, who speaks, and what about.
func (q *request) describe(it *Item) string {
	f, t := q.Frame, q.times(it)
	var parts []string
	if it.Status == interchange.Cancelled {
		parts = append(parts, f.T("program.session.cancelled"))
	}
	if when := q.moment(t); when != "" {
		parts = append(parts, when)
	}
	if room := f.In(placeOf(it)); room != "" {
		parts = append(parts, room)
	}
	if who := q.people(it, 3); who != "" {
		parts = append(parts, who)
	}
	if about := markdown.Plain(f.In(it.Abstract), 140); about != "" {
		parts = append(parts, about)
	}
	return strings.Join(parts, " · ")
}

// moment writes a day and a time, as far as they are known.
func (q *request) moment(t times) string {
	if t.Day.IsZero() {
		return ""
	}
	return strings.TrimSpace(q.Frame.Day(t.Day) + " " + t.Clock)
}

// people names who is on the stage, at most n of them.
func (q *request) people(it *Item, n int) string {
	var list []string
	all := everyone(it)
	for _, p := range all[:min(n, len(all))] {
		list = append(list, q.Frame.In(p.Name))
	}
	s := q.Frame.Join(list)
	if len(all) > n {
		s += " " + q.Frame.T("program.session.more_people", "n", len(all)-n)
	}
	return s
}
