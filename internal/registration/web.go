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

// Web serves the pages of registration: the public ones, those of one's own entry, and the organiser's.
type Web struct {
	s      *Service
	events *event.Service
	site   *web.Site
	acts   map[string]act // of one's own entry, by their name in the address
	follow func(w http.ResponseWriter, r *http.Request, topics ...string) error
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
	return slices.Concat(h.setupRoutes(), h.peopleRoutes(), h.segmentRoutes(), h.codeRoutes(), h.groupRoutes(), h.handoverRoutes(), h.optionRoutes(), h.onlineRoutes(), []web.Route{
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
		web.Private(at+"/figures", web.Needs(event.MayReadFigures), h.showFigures),
		web.Private(at+"/figures/{name}", web.Needs(event.MayReadFigures), h.figureTable),
		{Pattern: "GET /meetings/{slug}/live/registration", Access: web.Needs(event.MayReadFigures), Machine: true, Personal: true, Handler: h.liveFigures},
	})
}

// Assets adds the style sheet and the script of these pages.
func Assets(a *web.Assets) error {
	if err := errors.Join(
		a.Bundle("figures.css", web.From(Files, "pages/figures.css")),
		a.Bundle("figures.js", web.From(Files, "pages/figures.js")),
	); err != nil {
		return err
	}
	if err := a.Bundle("registration.css", web.From(Files, "pages/registration.css")); err != nil {
		return err
	}
	if err := onlineAssets(a); err != nil {
		return err
	}
	if err := a.Bundle("registration-desk.css", web.From(Files, "pages/desk.css")); err != nil {
		return err
	}
	if err := a.Bundle("registration-desk.js", web.From(Files, "pages/desk.js")); err != nil {
		return err
	}
	return a.Bundle("registration.js", web.From(Files, "pages/registration.js"))
}

// Pages are the typed pages of this package, for the test that checks their templates.
func Pages() []web.Checked {
	return slices.Concat(setupPages(), peoplePages(), segmentPages(), codePages(), groupPages(), handoverPages(), optionPages(), onlinePages(), []web.Checked{
		roomPage,
		landingPage, formPage, summaryPage, receivedPage, minePage, daysPage, detailsPage, answersPage, cancelPage, ticketPage, figuresPage,
	})
}

// dress gives a page the style sheet and the script.
func dress(f *web.Frame, title string) {
	f.Title, f.NoIndex = f.T(title), true
	f.Styles = append(f.Styles, f.Asset("registration.css"))
	f.Scripts = append(f.Scripts, f.Asset("registration.js"))
}

// page starts a page of the registration of a meeting.
func (h *Web) page(r *http.Request, title string) (*web.Frame, *meeting, error) {
	m, err := h.s.meeting(r.Context(), r.PathValue("slug"))
	if err != nil {
		return nil, nil, err
	}
	f, err := h.events.Frame(r, h.site, m.Stored, "registration")
	if err != nil {
		return nil, nil, err
	}
	dress(f, title)
	return f, m, nil
}
