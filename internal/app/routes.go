package app

import (
	"net/http"

	"github.com/tsudoi/tsudoi/internal/billing"
	"github.com/tsudoi/tsudoi/internal/briefing"
	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/listen"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/material"
	"github.com/tsudoi/tsudoi/internal/program"
	"github.com/tsudoi/tsudoi/internal/program/desk"
	"github.com/tsudoi/tsudoi/internal/program/speaking"
	"github.com/tsudoi/tsudoi/internal/registration"
	registrationdesk "github.com/tsudoi/tsudoi/internal/registration/desk"
	"github.com/tsudoi/tsudoi/internal/signage"
)

// Routes lists every address of the program: one line per feature. Each route says who may enter it.
func (a *App) Routes() []web.Route {
	var all []web.Route
	for _, feature := range [][]web.Route{
		a.Site.Assets.Routes(),
		a.Metrics.Routes(),
		a.healthRoutes(),
		a.Jobs.Routes(a.Site, web.Needs(event.MayRunSite), a.Settings.Zone()),
		a.Outbox.Routes(a.Site, web.Needs(event.MayRunSite), a.Settings.Zone()),
		a.PeoplePages.Routes(),
		a.Events.Routes(a.Site, a.Cache),
		program.NewWeb(a.Programmes, a.Site, a.Cache, a.Live).Routes(),
		desk.NewWeb(a.Desk, a.Events, a.Site, a.Live).Offering(a.Briefings).Routes(),
		speaking.NewWeb(a.Speaking, a.Events, a.DB, a.Site, a.People, a.Materials, a.Outbox, a.Blobs).Routes(),
		material.NewWeb(a.Materials, a.Site).Routes(),
		signage.NewWeb(a.Screens, a.Site, a.Cache, a.Live.Serve).Routes(),
		briefing.NewWeb(a.Briefings, a.Site, a.Live.Serve).Routes(),
		registration.NewWeb(a.Registration, a.Site).Routes(),
		registrationdesk.NewWeb(a.Registration, a.Events, a.Site, a.Live.Serve).Routes(),
		billing.NewWeb(a.Bills, a.Site).TakingCards(a.Payments).Routes(),
		billing.NewArrivalWeb(a.Payments, a.Site).Routes(),
		a.Archive.Routes(a.Site, a.Events),
		a.Handbook.Routes(a.Site, a.Events, a.Cache),
	} {
		all = append(all, feature...)
	}
	return all
}

// Handler answers every request.
func (a *App) Handler() http.Handler {
	s := &web.Server{
		Site: a.Site, Log: a.Log, Routes: a.Routes(), Metrics: a.Metrics, Allowed: a.allowed, Identify: a.PeoplePages.Identify, Before: a.PeoplePages.AskConsent,
		HTTPS: a.Settings.TLS.Mode != "off" && a.Settings.TLS.Mode != "",
	}
	return s.Handler()
}

// allowed decides on routes that are not public.
func (a *App) allowed(access web.Access, r *http.Request) bool {
	who := authz.Who(r.Context())
	if p, onOne, ok := access.Permission(); ok {
		slug := r.PathValue("slug")
		return who.May(p, slug, "") || onOne && who.May(p, slug, authz.Any)
	}
	switch access {
	case web.SignedIn:
		return who.SignedIn()
	case web.Demo:
		return a.Demo
	case web.Operator:
		return a.operator(r)
	}
	return false
}

// operator reports whether a request comes from where the operator's programs are.
func (a *App) operator(r *http.Request) bool {
	if !listen.Known(r) {
		return false
	}
	from := listen.Client(r)
	for _, p := range a.Settings.MetricsFrom() {
		if from.IsValid() && p.Contains(from.Unmap()) {
			return true
		}
	}
	return false
}

// healthRoutes say whether the process lives, and whether it can answer.
func (a *App) healthRoutes() []web.Route {
	return []web.Route{
		web.Data("/healthz", func(w http.ResponseWriter, _ *http.Request) error { return plain(w, http.StatusOK, "ok") }),
		web.Data("/readyz", func(w http.ResponseWriter, r *http.Request) error {
			if err := a.DB.Ping(r.Context()); err != nil {
				a.Log.ErrorContext(r.Context(), "not ready", "component", "app", "error", err)
				return plain(w, http.StatusServiceUnavailable, "the database does not answer")
			}
			return plain(w, http.StatusOK, "ready")
		}),
	}
}

func plain(w http.ResponseWriter, status int, text string) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, err := w.Write([]byte(text + "\n"))
	return err
}
