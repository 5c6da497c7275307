package registration

import (
	"embed"
	"errors"
	"net/http"
	"slices"

	"github.com/tsudoi/tsudoi/internal/event"
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

// Web serves the pages of registration: the public ones, and those of one's own entry. The organiser's are in package desk.
type Web struct {
	s      *Service
	events *event.Service
	site   *web.Site
	acts   map[string]act // of one's own entry, by their name in the address
}

// NewWeb makes the handlers.
func NewWeb(s *Service, site *web.Site) *Web {
	h := &Web{s: s, events: s.events, site: site}
	h.acts = h.ownActs()
	return h
}

// Routes lists every address of this feature.
func (h *Web) Routes() []web.Route {
	const at = "/meetings/{slug}/registration"
	return slices.Concat(h.previewRoutes(), h.groupRoutes(), h.handoverRoutes(), h.drawRoutes(), []web.Route{
		web.Private(at, web.Public, h.landing),
		web.Private(at+"/new", web.Public, h.form),
		web.Action(at+"/new", web.Public, h.register),
		web.Private(at+"/received", web.Public, h.received),
		web.Private("/me/{slug}", web.SignedIn, h.mine),
		web.Private("/me/{slug}/{act}", web.SignedIn, h.showAct),
		web.Action("/me/{slug}/{act}", web.SignedIn, h.doAct),
		web.Private("/entries/{token}", web.Public, h.mine),
		web.Private("/entries/{token}/{act}", web.Public, h.showAct),
		web.Action("/entries/{token}/{act}", web.Public, h.doAct),
		web.Private("/q", web.Public, h.ticket),
		web.Private("/join/{token}", web.Public, h.join),
		web.Private("/codes/{token}", web.Public, h.codeUsers),
	})
}

// Assets adds the style sheets and the scripts of these pages.
func Assets(a *web.Assets) error {
	return errors.Join(
		a.Bundle("registration.css", web.From(Files, "pages/registration.css")),
		a.Bundle("registration.js", web.From(Files, "pages/registration.js")),
		a.Bundle("online.css", web.From(Files, "pages/online.css")),
		a.Bundle("online.js", web.From(Files, "pages/online.js")),
	)
}

// Pages are the typed pages of this package, for the test that checks their templates.
func Pages() []web.Checked {
	return slices.Concat(groupPages(), handoverPages(), []web.Checked{
		roomPage, codeUsersPage, newsPage, joinPage, ownOptionsPage, giveUpPage, drawPage,
		landingPage, formPage, summaryPage, receivedPage, minePage, daysPage, detailsPage, answersPage, cancelPage, ticketPage,
	})
}

// Dress gives a page its title, and the style sheet and the script of registration.
func Dress(f *web.Frame, title string) {
	f.Title, f.NoIndex = f.T(title), true
	f.Styles = append(f.Styles, f.Asset("registration.css"))
	f.Scripts = append(f.Scripts, f.Asset("registration.js"))
}

// Frame starts a page of the registration of the meeting that the address names, for whoever may enter there. current is as in event.Frame.
func (s *Service) Frame(r *http.Request, site *web.Site, current string) (*web.Frame, *Meeting, error) {
	m, err := s.meeting(r.Context(), r.PathValue("slug"))
	if err != nil {
		return nil, nil, err
	}
	f, err := s.events.Frame(r, site, m.Stored, current)
	return f, m, err
}

// page starts a page of the registration of a meeting.
func (h *Web) page(r *http.Request, title string) (*web.Frame, *Meeting, error) {
	f, m, err := h.s.Frame(r, h.site, "registration")
	if err != nil {
		return nil, nil, err
	}
	Dress(f, title)
	return f, m, nil
}
