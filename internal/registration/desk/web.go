// Package desk serves the organiser's pages of registration: what can be registered for, who registered, codes, options, letters to many,
// taking part online, and the figures.
//
// What may be done, and what follows from it, is the business of package registration; here are its forms and lists. Everything works without
// a script.
package desk

import (
	"embed"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/registration"
)

// Files are the words, templates, style sheets and scripts of this package.
//
//go:embed lang/*.json pages/*
var Files embed.FS

// Web serves the organiser's pages.
type Web struct {
	s      *registration.Service
	events *event.Service
	site   *web.Site
	follow func(w http.ResponseWriter, r *http.Request, topics ...string) error // nil: nobody is told that figures changed
}

// NewWeb makes the handlers. follow keeps open pages told of topics; it may be nil.
func NewWeb(s *registration.Service, events *event.Service, site *web.Site, follow func(w http.ResponseWriter, r *http.Request, topics ...string) error) *Web {
	return &Web{s: s, events: events, site: site, follow: follow}
}

// Assets adds the style sheets and the scripts of these pages.
func Assets(a *web.Assets) error {
	return errors.Join(
		a.Bundle("registration-desk.css", web.From(Files, "pages/desk.css")),
		a.Bundle("registration-desk.js", web.From(Files, "pages/desk.js")),
		a.Bundle("figures.css", web.From(Files, "pages/figures.css")),
		a.Bundle("figures.js", web.From(Files, "pages/figures.js")),
	)
}

// Routes lists every address of these pages.
func (h *Web) Routes() []web.Route {
	return slices.Concat(h.hubRoutes(), h.setupRoutes(), h.peopleRoutes(), h.segmentRoutes(), h.codeRoutes(), h.optionRoutes(), h.onlineRoutes(), h.figureRoutes())
}

// Pages are the typed pages of this package, for the test that checks their templates.
func Pages() []web.Checked {
	return []web.Checked{
		hubPage, setupPage, listPage, editPage, effectPage, peoplePage, personPage, manualPage, pairsPage, pairPage, bulkPage, resultPage, postsPage, postPage,
		codesPage, codePage, optionListPage, optionDeskPage, optionDoorPage, onlinePage, streamPage, watchPage, figuresPage,
	}
}

// page starts a page of the organiser in the dress of the participants' pages.
func (h *Web) page(r *http.Request, title string) (*web.Frame, *registration.Meeting, error) {
	f, m, err := h.s.Frame(r, h.site, "registration")
	if err != nil {
		return nil, nil, err
	}
	registration.Dress(f, title)
	return f, m, nil
}

// deskPage starts a page of the organiser with lists and long forms.
func (h *Web) deskPage(r *http.Request, title string) (*web.Frame, *registration.Meeting, error) {
	f, m, err := h.page(r, title)
	if err != nil {
		return nil, nil, err
	}
	f.Styles = append(f.Styles, f.Asset("registration-desk.css"))
	f.Scripts = []string{f.Asset("registration-desk.js")}
	return f, m, nil
}

// sent starts a page as deskPage does, with the form that was sent to it.
func (h *Web) sent(r *http.Request, title string) (*web.Frame, *registration.Meeting, url.Values, error) {
	f, m, err := h.deskPage(r, title)
	if err != nil {
		return nil, nil, nil, err
	}
	form, err := web.Form(r)
	return f, m, form, err
}

// csvKind is the media type of tables.
const csvKind = "text/csv; charset=utf-8"

// download writes a file to be kept, which no cache keeps.
func download(w http.ResponseWriter, name, kind string, b []byte) error {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	w.Header().Set("Cache-Control", "no-store")
	_, err := w.Write(b) //nolint:gosec // a file that is downloaded, not a page
	return err
}

// hidden is what a form carries and nobody sees.
type hidden struct{ Name, Value string }

// invalid is a fault of what was typed.
func invalid(key string) *fault.Error { return fault.New(fault.Invalid, key) }
