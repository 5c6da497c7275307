package briefing

import (
	"embed"
	"net/http"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/live"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// Migrations are the tables of this package.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// Files are the words, letters, templates, style sheets and scripts of this package.
//
//go:embed lang/*.json mail/*.txt pages/*
var Files embed.FS

// Follow answers a request with a stream that says when one of the topics has changed.
type Follow func(w http.ResponseWriter, r *http.Request, topics ...string) error

// Web serves the pages of briefings: the committee's, and those on which people acknowledge.
type Web struct {
	s      *Service
	events *event.Service
	site   *web.Site
	follow Follow
}

// NewWeb makes the handlers. follow may be nil: then pages show what is new when they are loaded again.
func NewWeb(s *Service, site *web.Site, follow Follow) *Web {
	return &Web{s, s.events, site, follow}
}

// Routes lists every address of this feature.
func (h *Web) Routes() []web.Route {
	const at = "/meetings/{slug}/briefings"
	send := web.Needs(event.MaySendLetters)
	return []web.Route{
		web.Private(at, send, h.list),
		web.Action(at, send, h.make),
		web.Private(at+"/contacts", send, h.contacts),
		web.Action(at+"/contacts", send, h.saveContact),
		web.Private(at+"/posts", send, h.posts),
		web.Action(at+"/posts", send, h.savePost),
		{Pattern: "GET /meetings/{slug}/live/briefings", Access: web.Needs(event.MaySendLetters), Machine: true, Personal: true, Handler: h.live},
		web.Private(at+"/{ref}", send, h.show),
		web.Action(at+"/{ref}", send, h.save),
		web.Action(at+"/{ref}/take-back", send, h.takeBack),
		web.Action(at+"/{ref}/remind", send, h.remind),
		web.Action(at+"/{ref}/note", send, h.note),
		web.Private("/me/briefings", web.SignedIn, h.own),
		web.Action("/me/briefings/{ref}", web.SignedIn, h.acknowledgeOwn),
		web.Private("/briefings/{token}", web.Public, h.told),
		web.Action("/briefings/{token}", web.Public, h.acknowledge),
	}
}

// Assets adds the style sheet and the script of these pages.
func Assets(a *web.Assets) error {
	if err := a.Bundle("briefing.css", web.From(Files, "pages/briefing.css")); err != nil {
		return err
	}
	return a.Bundle("briefing.js", web.From(Files, "pages/briefing.js"))
}

// Pages are the typed pages of this package, for the test that checks their templates.
func Pages() []web.Checked {
	return []web.Checked{listPage, openPage, leavingPage, sentPage, droppedPage, contactsPage, postsPage, toldPage, ownPage}
}

// page is a page of a meeting's briefings being made.
type page struct {
	*web.Frame
	m    *event.Stored
	base string // of the briefings, in the page's language
}

// open starts a page of the committee.
func (h *Web) open(r *http.Request, title string) (*page, error) {
	m, err := h.events.Meeting(r.Context(), r.PathValue("slug"))
	if err != nil {
		return nil, err
	}
	f, err := h.events.Frame(r, h.site, m, "briefings")
	if err != nil {
		return nil, err
	}
	f.Title, f.NoIndex = f.T(title), true
	h.dress(f)
	return &page{f, m, f.URL("/meetings/" + m.Slug + "/briefings")}, nil
}

// dress gives a page the style sheet and the script.
func (h *Web) dress(f *web.Frame) {
	f.Styles = append(f.Styles, f.Asset("briefing.css"))
	f.Scripts = append(f.Scripts, f.Asset("briefing.js"))
}

// listens makes a page show by itself what is new.
func (h *Web) listens(r *http.Request, p *page) error {
	if h.follow == nil {
		return nil
	}
	v, err := h.s.Version(r.Context(), p.m.Slug)
	p.Live = &web.Live{Topics: Scope(p.m.Slug), URL: "/meetings/" + p.m.Slug + "/live/briefings", Version: v, Refresh: true}
	return err
}

// live tells open pages when somebody acknowledged.
func (h *Web) live(w http.ResponseWriter, r *http.Request) error {
	m, err := h.events.Meeting(r.Context(), r.PathValue("slug"))
	if err != nil {
		return err
	}
	if err := event.Require(r.Context(), m.Slug, event.MaySendLetters); err != nil {
		return err
	}
	if h.follow == nil {
		return web.See("/meetings/" + m.Slug + "/briefings")
	}
	if err := live.Asked(r); err != nil {
		return err
	}
	return h.follow(w, r, Scope(m.Slug))
}
