package program

import (
	"context"
	"embed"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// Migrations are the tables of this package.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// Files are the words, templates, style sheets and scripts of this package.
//
//go:embed lang/*.json pages/*
var Files embed.FS

// Web serves the programme: pages for people, files and an API for programs.
type Web struct {
	programmes *Service
	events     *event.Service
	site       *web.Site
	cache      *web.Cache
	streams    Streams
}

// NewWeb makes the handlers.
func NewWeb(s *Service, site *web.Site, cache *web.Cache, streams Streams) *Web {
	return &Web{programmes: s, events: s.events, site: site, cache: cache, streams: streams}
}

// Routes lists every address of the programme.
func (h *Web) Routes() []web.Route {
	var all []web.Route
	for _, part := range [][]web.Route{h.timetableRoutes(), h.sessionRoutes(), h.exportRoutes(), h.apiRoutes(), h.liveRoutes(), h.starRoutes()} {
		all = append(all, part...)
	}
	return all
}

// Pages are the typed pages of this package, for the test that checks their templates.
func Pages() []web.Checked {
	var all []web.Checked
	for _, part := range [][]web.Checked{timetablePages, sessionPages} {
		all = append(all, part...)
	}
	return all
}

// request is a page of a meeting's programme being asked for.
type request struct {
	*Programme
	Frame   *web.Frame // its language and addresses; serve fills in the rest before it renders
	today   event.Date
	current string             // the entry of the menu that the page belongs to
	link    func(*Item) string // where sessions lead; nil: to their public pages
}

// open finds the meeting that the address names and starts a page of it. current is the entry of the menu that the page belongs to.
func (h *Web) open(r *http.Request, current string) (*request, error) {
	p, err := h.programmes.Programme(r.Context(), r.PathValue("slug"))
	if err != nil {
		return nil, err
	}
	f, err := h.events.Start(r, h.site, p.Meeting)
	if err != nil {
		return nil, err
	}
	return &request{Programme: p, Frame: f, today: p.Today, current: current}, nil
}

// data finds the programme that the address names, for a file.
func (h *Web) data(r *http.Request) (*Programme, error) {
	return h.programmes.Programme(r.Context(), r.PathValue("slug"))
}

// version names the state of everything that a page of the programme shows.
func (h *Web) version(p *Programme) string {
	return fmt.Sprintf("%d/%s", p.Meeting.Version, p.Today)
}

// serve answers with a page from the cache. key tells it from other pages of the same address: its parameters, in a fixed order.
func (h *Web) serve(w http.ResponseWriter, r *http.Request, q *request, key string, render func(io.Writer, *web.Frame) error) error {
	a := web.Answer{
		Key:     "program " + q.Meeting.Slug + " " + string(q.Frame.Lang) + " " + q.Frame.Path + "?" + key,
		Version: h.version(q.Programme) + " " + q.Frame.Site.Name.String(), Type: "text/html; charset=utf-8",
	}
	return h.cache.Serve(w, r, a, func(out io.Writer) error {
		h.listens(q)
		if err := h.events.Fill(context.WithoutCancel(r.Context()), q.Frame, q.Meeting, q.current); err != nil {
			return err
		}
		return render(out, q.Frame)
	})
}

// sessionURL is the path of a session's page.
func sessionURL(m *event.Stored, it *Item) string {
	return "/meetings/" + m.Slug + "/sessions/" + url.PathEscape(it.Name)
}

// speakerURL is the path of a speaker's page.
func speakerURL(m *event.Stored, s *Person) string {
	return "/meetings/" + m.Slug + "/speakers/" + s.Key
}

// tintClass is the class that gives a kind its tint.
func (it *Item) tintClass() string {
	if it.Type.Tint < 1 || it.Type.Tint > 7 {
		return "k0"
	}
	return fmt.Sprintf("k%d", it.Type.Tint)
}

// names lists who is on a stage in a language, at most n of them; more says how many are left out.
func names(l i18n.Lang, cast []*Cast, n int) (list []string, more int) {
	for i, c := range cast {
		if i == n {
			return list, len(cast) - n
		}
		list = append(list, c.Person.Name.In(l))
	}
	return list, 0
}
