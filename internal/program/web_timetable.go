package program

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

func (h *Web) timetableRoutes() []web.Route {
	return []web.Route{
		web.Get("/meetings/{slug}/timetable", h.timetable),
		web.Get("/meetings/{slug}/timetable/mine", h.mine),
		web.Get("/meetings/{slug}/timetable/print", h.sheets),
		web.Get("/meetings/{slug}/timetable/{day}", h.timetable),
		web.Data("/meetings/{slug}/timetable/{day}/grid.css", h.gridCSS),
	}
}

var (
	dayPage  = web.NewPage[dayView](event.Mast, web.From(Files, "pages/timetable.html", "pages/card.html"))
	minePage = web.NewPage[mineView](event.Mast, web.From(Files, "pages/mine.html", "pages/card.html"))
	printed  = web.NewPage[printView](event.Mast, web.From(Files, "pages/print.html", "pages/card.html"))
)

var timetablePages = []web.Checked{dayPage, minePage, printed}

// dayView is a day of the timetable.
type dayView struct {
	*Programme
	Day     *Day // nil: the programme has no days yet
	Grid    *Grid
	Cards   []card // of the grid, in order of time
	Dated   []card
	Loose   []card // sessions without a day, on the first day's page
	Tabs    []tab
	Filters []filter
	Active  []chosen // filters that are set
	Hidden  int      // how many sessions the filters hide
	Path    string
}

// tab leads to a day.
type tab struct {
	*Day
	URL     string
	Current bool
	Part    i18n.Text // named where the part changes
}

// filter is one way to see less: a name, and its choices.
type filter struct {
	Name    string
	Label   string
	Options []option
}

type option struct {
	Value, Label string
	Selected     bool
}

// chosen is a filter that is set, with the address without it.
type chosen struct{ Label, Without string }

// card is a session as lists and grids show it.
type card struct {
	*Item
	F       *web.Frame
	URL     string
	Tint    string
	Names   []string
	More    int
	Where   i18n.Text
	Talks   []card
	Minutes int
}

// newCard makes the card of a session for a page.
func newCard(m *event.Stored, it *Item, f *web.Frame) card {
	c := card{Item: it, F: f, URL: sessionURL(m, it), Tint: it.tintClass(), Where: roomOf(it), Minutes: int(it.End.Sub(it.Start).Minutes())}
	c.Names, c.More = names(f.Lang, it.Cast, 3)
	for _, t := range it.Talks {
		c.Talks = append(c.Talks, newCard(m, t, f))
	}
	return c
}

func roomOf(it *Item) i18n.Text {
	switch {
	case it.AllRooms:
		return i18n.T("全会場", "All rooms")
	case it.Where != nil:
		return it.Where.Name
	}
	return i18n.Text{}
}

// Cancelled reports that the session does not take place.
func (it *Item) Cancelled() bool { return it.Status == interchange.Cancelled }

// NoRecording and NoSNS say what people in the room may not do; only what the programme states is shown.
func (it *Item) NoRecording() bool {
	return it.Policy.Record == interchange.Refused || it.Policy.Photo == interchange.Refused
}

// NoSNS reports that the session must not be talked about in public.
func (it *Item) NoSNS() bool { return it.Policy.SNS == interchange.Refused }

// NoStream reports that the session is not streamed.
func (it *Item) NoStream() bool { return it.Policy.Stream == interchange.Refused }

// selection is what the reader chose to see: only values that exist, so that it can name a page in the cache.
type selection struct{ kind, topic, lang, room string }

func (p *Programme) selection(v url.Values) selection {
	var s selection
	if k := v.Get("kind"); slices.ContainsFunc(p.Kinds, func(x *interchange.Kind) bool { return x.Key == k }) {
		s.kind = k
	}
	if t := v.Get("topic"); slices.ContainsFunc(p.Topics, func(x *interchange.Topic) bool { return x.Key == t }) {
		s.topic = t
	}
	if l, ok := i18n.ParseLang(v.Get("lang")); ok && v.Get("lang") != "" {
		s.lang = string(l)
	}
	if r := p.Meeting.Room(v.Get("room")); r != nil {
		s.room = r.Key
	}
	return s
}

func (s selection) matches(it *Item) bool {
	return (s.kind == "" || it.Kind == s.kind) &&
		(s.topic == "" || slices.Contains(it.Topics, s.topic)) &&
		(s.lang == "" || slices.Contains(strings.Fields(it.Language), s.lang)) &&
		(s.room == "" || it.Room == s.room || it.AllRooms)
}

// values writes the selection as parameters, in a fixed order.
func (s selection) values() url.Values {
	v := url.Values{}
	for name, value := range map[string]string{"kind": s.kind, "topic": s.topic, "lang": s.lang, "room": s.room} {
		if value != "" {
			v.Set(name, value)
		}
	}
	return v
}

// filters lists the ways to see less that make sense for a programme.
func (q *request) filters(s selection) []filter {
	var all []filter
	kinds := filter{Name: "kind", Label: q.Frame.T("program.filter.kind")}
	for _, k := range q.Kinds {
		kinds.Options = append(kinds.Options, option{k.Key, q.Frame.In(k.Label), k.Key == s.kind})
	}
	topics := filter{Name: "topic", Label: q.Frame.T("program.filter.topic")}
	for _, t := range q.Topics {
		topics.Options = append(topics.Options, option{t.Key, q.Frame.In(t.Label), t.Key == s.topic})
	}
	langs := filter{Name: "lang", Label: q.Frame.T("program.filter.lang")}
	for _, l := range i18n.Langs {
		if slices.ContainsFunc(q.Items, func(it *Item) bool { return slices.Contains(strings.Fields(it.Language), string(l)) }) {
			langs.Options = append(langs.Options, option{string(l), q.Frame.T("program.lang." + string(l)), string(l) == s.lang})
		}
	}
	rooms := filter{Name: "room", Label: q.Frame.T("program.filter.room")}
	for _, r := range q.Meeting.Rooms {
		rooms.Options = append(rooms.Options, option{r.Key, q.Frame.In(r.Name), r.Key == s.room})
	}
	for _, f := range []filter{kinds, topics, langs, rooms} {
		if len(f.Options) > 1 {
			all = append(all, f)
		}
	}
	return all
}

// active lists the filters that are set, each with the address without it.
func active(path string, filters []filter, s selection) []chosen {
	var out []chosen
	for _, f := range filters {
		for _, o := range f.Options {
			if !o.Selected {
				continue
			}
			v := s.values()
			v.Del(f.Name)
			to := path
			if len(v) > 0 {
				to += "?" + v.Encode()
			}
			out = append(out, chosen{f.Label + ": " + o.Label, to})
		}
	}
	return out
}

// timetable shows a day: the one in the address, or the one that is of interest now.
func (h *Web) timetable(w http.ResponseWriter, r *http.Request) error {
	q, err := h.open(r, "timetable")
	if err != nil {
		return err
	}
	day := q.Current(q.today)
	if name := r.PathValue("day"); name != "" {
		if day = q.Day(event.Date(name)); day == nil {
			return fault.Missing()
		}
	}
	s := q.selection(r.URL.Query())
	return h.serve(w, r, q, s.values().Encode(), func(out io.Writer, f *web.Frame) error {
		v := q.day(day, s)
		f.Title = f.T("program.timetable.title", "meeting", q.Meeting.Name())
		if day != nil {
			f.Title = f.T("program.timetable.day_title", "day", f.ShortDay(day.At), "meeting", q.Meeting.Name())
		}
		f.Description = f.T("program.timetable.description", "meeting", q.Meeting.Name(), "n", len(q.Items))
		f.Image = f.URL("/meetings/" + q.Meeting.Slug + "/card.png")
		f.Feeds = h.feeds(q)
		if v.Grid != nil {
			f.Styles = append(f.Styles, h.gridURL(q.Meeting, day))
		}
		return dayPage.Render(out, f, v)
	})
}

// feeds are what else a reader of the programme may subscribe to.
func (h *Web) feeds(q *request) []web.Feed {
	base := "/meetings/" + q.Meeting.Slug
	return []web.Feed{
		{Type: "application/atom+xml", Title: q.Frame.T("program.feed.title", "meeting", q.Meeting.Name()), URL: base + "/changes.atom?lang=" + string(q.Frame.Lang)},
		{Type: "text/calendar", Title: q.Frame.In(q.Meeting.Name()), URL: base + "/schedule.ics?lang=" + string(q.Frame.Lang)},
	}
}

// day makes the view of a day.
func (q *request) day(day *Day, s selection) dayView {
	v := dayView{Programme: q.Programme, Day: day, Path: "/meetings/" + q.Meeting.Slug + "/timetable"}
	var part *event.Part
	for _, d := range q.Days {
		t := tab{Day: d, URL: v.Path + "/" + string(d.Date), Current: d == day}
		if d.Part != nil && (part == nil || d.Part.Key != part.Key) && len(q.Meeting.Parts) > 1 {
			t.Part = d.Part.Title
		}
		part = cmp.Or(d.Part, part)
		v.Tabs = append(v.Tabs, t)
	}
	if day != nil {
		items := q.keep(day.Items, s, &v.Hidden)
		v.Grid = day.grid()
		v.Cards, v.Dated = q.cards(items), q.cards(q.keep(day.Dated, s, &v.Hidden))
	}
	if day == nil || day == q.Days[0] {
		v.Loose = q.cards(q.keep(q.Loose, s, &v.Hidden))
	}
	path := v.Path
	if day != nil {
		path += "/" + string(day.Date)
	}
	v.Filters = q.filters(s)
	v.Active = active(q.Frame.URL(path), v.Filters, s)
	return v
}

func (q *request) keep(items []*Item, s selection, hidden *int) []*Item {
	var out []*Item
	for _, it := range items {
		if s.matches(it) {
			out = append(out, it)
		} else {
			*hidden++
		}
	}
	return out
}

func (q *request) cards(items []*Item) []card {
	out := make([]card, len(items))
	for i, it := range items {
		out[i] = newCard(q.Meeting, it, q.Frame)
	}
	return out
}

// gridURL is the address of a day's positions. It names their hash, so that browsers keep them for ever.
func (h *Web) gridURL(m *event.Stored, day *Day) string {
	return "/meetings/" + m.Slug + "/timetable/" + string(day.Date) + "/grid.css?v=" + hashOf(day.css())
}

func hashOf(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:6])
}

// gridCSS serves the positions of a day's sessions, since no page has inline styles. "all" is every day, for the print sheets. Sessions
// that a filter hides keep their places.
func (h *Web) gridCSS(w http.ResponseWriter, r *http.Request) error {
	p, err := h.data(r)
	if err != nil {
		return err
	}
	css := ""
	if name := r.PathValue("day"); name == "all" {
		css = allGrids(p)
	} else if d := p.Day(event.Date(name)); d != nil {
		css = d.css()
	} else {
		return fault.Missing()
	}
	a := web.Answer{Key: "grid " + p.Meeting.Slug + " " + r.PathValue("day"), Version: h.version(p), Type: "text/css; charset=utf-8"}
	if r.URL.Query().Get("v") == hashOf(css) { // else a page of before would keep under its old address what is new
		a.CacheControl = "public, max-age=31536000, immutable"
	}
	return h.cache.Serve(w, r, a, func(out io.Writer) error {
		_, err := io.WriteString(out, css)
		return err
	})
}

// allGrids are the positions of every day, for the print sheets.
func allGrids(p *Programme) string {
	var b strings.Builder
	for _, d := range p.Days {
		if g := d.grid(); g != nil {
			b.WriteString(g.CSS(dayPrefix(d)))
		}
	}
	return b.String()
}

// dayPrefix tells the grids of several days apart.
func dayPrefix(d *Day) string { return "d" + strings.ReplaceAll(string(d.Date), "-", "") + "-" }

// mineView is the reader's own timetable: every session, of which a script leaves the starred ones.
type mineView struct {
	*Programme
	Days []mineDay
	ICS  string
	Path string
}

type mineDay struct {
	*Day
	Cards []card
}

func (h *Web) mine(w http.ResponseWriter, r *http.Request) error {
	q, err := h.open(r, "timetable")
	if err != nil {
		return err
	}
	return h.serve(w, r, q, "", func(out io.Writer, f *web.Frame) error {
		f.Title, f.NoIndex = f.T("program.mine.title", "meeting", q.Meeting.Name()), true
		v := mineView{Programme: q.Programme, Path: "/meetings/" + q.Meeting.Slug + "/timetable"}
		v.ICS = "/meetings/" + q.Meeting.Slug + "/schedule.ics?lang=" + string(f.Lang) + "&session="
		for _, d := range q.Days {
			all := slices.Clone(d.Items)
			for _, it := range d.Items {
				all = append(all, it.Talks...)
			}
			slices.SortStableFunc(all, func(a, b *Item) int { return placed(a).Start.Compare(placed(b).Start) })
			all = append(all, d.Dated...)
			v.Days = append(v.Days, mineDay{d, q.cards(all)})
		}
		if len(q.Loose) > 0 {
			v.Days = append(v.Days, mineDay{&Day{}, q.cards(q.Loose)})
		}
		return minePage.Render(out, f, v)
	})
}

// printView is the whole timetable on paper, a sheet a day.
type printView struct {
	*Programme
	Sheets []sheet
	Paper  string // a4 or a3
	Path   string
}

type sheet struct {
	*Day
	Grid   *Grid
	Cards  []card
	Dated  []card // of this day, at a time not known
	Prefix string
	Dense  string // a class: how small the type must be
}

func (h *Web) sheets(w http.ResponseWriter, r *http.Request) error {
	q, err := h.open(r, "timetable")
	if err != nil {
		return err
	}
	paper := "a4"
	if r.URL.Query().Get("paper") == "a3" {
		paper = "a3"
	}
	return h.serve(w, r, q, paper, func(out io.Writer, f *web.Frame) error {
		f.Title, f.NoIndex, f.Class = f.T("program.print.title", "meeting", q.Meeting.Name()), true, "printing "+paper
		v := printView{Programme: q.Programme, Paper: paper, Path: "/meetings/" + q.Meeting.Slug + "/timetable"}
		for _, d := range q.Days {
			g := d.grid()
			s := sheet{Day: d, Grid: g, Cards: q.cards(d.Items), Prefix: dayPrefix(d)}
			if g != nil {
				s.Dense, s.Dated = dense(g, paper), q.cards(d.Dated)
			} else {
				s.Cards = q.cards(d.Dated)
			}
			v.Sheets = append(v.Sheets, s)
		}
		f.Styles = append(f.Styles, f.Asset(paper+".css"), "/meetings/"+q.Meeting.Slug+"/timetable/all/grid.css?v="+hashOf(allGrids(q.Programme)))
		return printed.Render(out, f, v)
	})
}

// dense chooses the size of type for a sheet by how much stands on it.
func dense(g *Grid, paper string) string {
	room := 6
	if paper == "a3" {
		room = 10
	}
	switch {
	case g.Tracks() <= room/2:
		return "roomy"
	case g.Tracks() <= room:
		return "tight"
	}
	return "tiny"
}
