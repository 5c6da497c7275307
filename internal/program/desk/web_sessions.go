package desk

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/program"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

var listPage = web.NewPage[listView](event.Mast, web.From(Files, "pages/sessions.html", "pages/parts.html"))

// listView is the list of sessions.
type listView struct {
	view
	Rows    []row
	Total   int
	Q       string
	Filters []filter
	Clear   string // the address without filters; empty where there are none
	Kinds   []choice
	Title   string // of the session being added, after an error
}

// filter is a way to see less.
type filter struct {
	Name, Label string
	Options     []choice
}

// row is a session in the list.
type row struct {
	Ref, Label, URL string
	Title           i18n.Text
	Kind            i18n.Text
	Tint            string
	Day, Time       string
	Room            i18n.Text
	Names           string
	State           string
	Missing         int
	Outdated        int
	Clashes         int
}

// sessions lists the sessions of the draft.
func (h *Web) sessions(w http.ResponseWriter, r *http.Request) error {
	p, err := h.open(r, "sessions")
	if err != nil {
		return err
	}
	return h.showSessions(w, p, r.URL.Query(), "", http.StatusOK)
}

func (h *Web) showSessions(w http.ResponseWriter, p *page, q url.Values, title string, status int) error {
	v := listView{Total: len(p.Doc.Sessions), Q: strings.TrimSpace(q.Get("q")), Title: title}
	clashes := p.clashCount()
	for i := range p.Doc.Sessions {
		s := &p.Doc.Sessions[i]
		if one := p.row(s, clashes[s.Ref]); p.keeps(q, s, &one) {
			v.Rows = append(v.Rows, one)
		}
	}
	v.Filters = p.filters(q)
	for _, k := range p.Doc.Kinds {
		v.Kinds = append(v.Kinds, choice{Value: k.Key, Label: p.In(k.Label)})
	}
	if len(v.Rows) < v.Total || v.Q != "" {
		v.Clear = p.Base + "/sessions"
	}
	h.listen(p)
	if p.Live != nil {
		p.Live.Refresh = true
	}
	v.view = p.view
	return web.ShowStatus(w, status, listPage, p.Frame, v)
}

// clashCount is how many clashes and things to check there are per session.
func (p *page) clashCount() map[string]int {
	n := map[string]int{}
	for _, w := range p.Clashes() {
		if w.Kind.Weight() == program.WeighsHint {
			continue
		}
		n[w.Session.Ref]++
		if w.Other.Session != nil {
			n[w.Other.Ref]++
		}
	}
	return n
}

func (p *page) row(s *interchange.Session, clashes int) row {
	out := row{Ref: s.Ref, Label: label(s), URL: p.Base + "/sessions/" + s.Ref, Title: s.Title, Time: p.when(s), State: p.StateOf(s), Clashes: clashes}
	for _, k := range p.Doc.Kinds {
		if k.Key == s.Kind {
			out.Kind, out.Tint = k.Label, tint(k.Tint)
		}
	}
	if s.Date != "" {
		out.Day = p.ShortDay(s.Date.Time(p.Meeting.Location()))
	}
	if room := p.Meeting.Room(s.Room); room != nil {
		out.Room = room.Name
	} else if s.AllRooms {
		out.Room = i18n.T("全会場", "All rooms")
	}
	var names []string
	for _, a := range s.Speakers {
		names = append(names, p.In(p.speaker(a.Speaker).Name))
	}
	if len(names) > 3 {
		names = append(names[:3], p.T("desk.sessions.more", "n", len(names)-3))
	}
	out.Names = p.Join(names)
	for _, u := range p.Untranslated(s) {
		if u.Lack == program.LackMissing {
			out.Missing++
		} else {
			out.Outdated++
		}
	}
	return out
}

// tint is the class of a kind's colour.
func tint(n int) string {
	if n < 1 || n > 7 {
		return "k0"
	}
	return "k" + string(rune('0'+n))
}

// speaker finds a speaker by key; one of that key where there is none.
func (p *page) speaker(key string) interchange.Speaker {
	for _, s := range p.Doc.Speakers {
		if s.Key == key {
			return s
		}
	}
	return interchange.Speaker{Key: key, Name: i18n.Only(i18n.JA, key)}
}

// keeps reports whether the filters keep a session.
func (p *page) keeps(q url.Values, s *interchange.Session, r *row) bool {
	if day := q.Get("day"); day != "" && string(s.Date) != day && (day != "none" || s.Timed()) {
		return false
	}
	if room := q.Get("room"); room != "" && s.Room != room {
		return false
	}
	if kind := q.Get("kind"); kind != "" && s.Kind != kind {
		return false
	}
	if state := q.Get("state"); state != "" && r.State != state {
		return false
	}
	switch q.Get("mark") {
	case "missing":
		if r.Missing == 0 {
			return false
		}
	case "outdated":
		if r.Outdated == 0 {
			return false
		}
	case "clash":
		if r.Clashes == 0 {
			return false
		}
	}
	return p.matches(strings.ToLower(plain(q.Get("q"))), s)
}

// matches looks for every word of a search in what a session is called and who speaks there.
func (p *page) matches(q string, s *interchange.Session) bool {
	if q == "" {
		return true
	}
	text := []string{s.Ref, s.Code, s.Source, s.Title.JA, s.Title.EN, s.Subtitle.JA, s.Subtitle.EN}
	for _, a := range s.Speakers {
		who := p.speaker(a.Speaker)
		text = append(text, who.Name.JA, who.Name.EN, who.Reading, who.Affiliation.JA, who.Affiliation.EN)
	}
	all := strings.ToLower(plain(strings.Join(text, "\n")))
	for _, word := range strings.Fields(q) {
		if !strings.Contains(all, word) {
			return false
		}
	}
	return true
}

// filters lists the ways to see less.
func (p *page) filters(q url.Values) []filter {
	options := func(name string, list ...choice) filter {
		for i := range list {
			list[i].On = q.Get(name) == list[i].Value
		}
		return filter{name, p.T("desk.filter." + name), list}
	}
	var days, rooms, kinds, states, marks []choice
	for _, d := range p.days() {
		days = append(days, choice{Value: string(d), Label: p.ShortDay(d.Time(p.Meeting.Location()))})
	}
	days = append(days, choice{Value: "none", Label: p.T("desk.sessions.unscheduled")})
	rooms = p.roomChoices()
	for _, k := range p.Doc.Kinds {
		kinds = append(kinds, choice{Value: k.Key, Label: p.In(k.Label)})
	}
	for _, s := range []string{"new", "changed", "public", "cancelled"} {
		states = append(states, choice{Value: s, Label: p.T("desk.state." + s)})
	}
	for _, m := range []string{"missing", "outdated", "clash"} {
		marks = append(marks, choice{Value: m, Label: p.T("desk.mark." + m)})
	}
	all := []filter{options("day", days...), options("room", rooms...), options("kind", kinds...), options("state", states...), options("mark", marks...)}
	return slices.DeleteFunc(all, func(f filter) bool { return len(f.Options) < 2 })
}

// add makes a new session, or a copy of one.
func (h *Web) add(w http.ResponseWriter, r *http.Request) error {
	v, err := web.Form(r)
	if err != nil {
		return err
	}
	n := program.NewSession{Kind: v.Get("kind"), Of: v.Get("of")}
	if title := strings.TrimSpace(v.Get("title")); title != "" {
		l := i18n.JA
		if v.Get("lang") == string(i18n.EN) {
			l = i18n.EN
		}
		n.Title = i18n.Only(l, title)
	}
	done, err := h.desk.AddSession(r.Context(), r.PathValue("slug"), n)
	if err == nil {
		return h.back(r, "/sessions/"+done.Session.Ref, "added", url.Values{"act": {done.Act}})
	}
	p, again := h.open(r, "sessions")
	if again != nil {
		return again
	}
	status := fault.KindOf(err).Status()
	if err := p.problem(err); err != nil {
		return err
	}
	return h.showSessions(w, p, url.Values{}, v.Get("title"), status)
}
