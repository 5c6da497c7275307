// Package desk serves the chair's workplace: the pages on which a programme is edited, arranged, released and retimed.
//
// What may be done, and what follows from it, is the business of package program (see program.Desk); here are forms, pages and the
// scripts that make them quick. Everything works without a script: a form is sent, and the page comes back.
package desk

import (
	"embed"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/program"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// Files are the words, templates, style sheets and scripts of this package.
//
//go:embed lang/*.json pages/* eventcalendar/*
var Files embed.FS

// Web serves the desk.
type Web struct {
	desk   *program.Desk
	events *event.Service
	site   *web.Site
	live   Live   // nil: nobody hears of anybody
	offers Offers // nil: nobody is told of releases
}

// NewWeb makes the handlers. live may be nil.
func NewWeb(d *program.Desk, events *event.Service, site *web.Site, live Live) *Web {
	return &Web{desk: d, events: events, site: site, live: live}
}

// Assets adds the style sheet and the scripts of the desk.
func Assets(a *web.Assets) error {
	return errors.Join(
		a.Bundle("desk.css", web.From(Files, "pages/desk.css")),
		a.Bundle("desk-form.js", web.From(Files, "pages/form.js")),
		a.Bundle("desk-session.js", web.From(Files, "pages/session.js")),
		a.Bundle("desk-grid.css", web.From(Files, "eventcalendar/event-calendar.min.css", "pages/grid.css")),
		a.Bundle("desk-grid.js", web.From(Files, "eventcalendar/event-calendar.min.js", "pages/grid.js")),
	)
}

// Routes lists every address of the desk.
func (h *Web) Routes() []web.Route {
	read, edit, release := web.Needs(event.MayReadDraft), web.Needs(event.MayEditProgramme), web.Needs(event.MayRelease)
	const at = "/meetings/{slug}/desk"
	return []web.Route{
		web.Private(at, read, h.overview),
		web.Private(at+"/sessions", read, h.sessions),
		web.Action(at+"/sessions", edit, h.add),
		web.Private(at+"/sessions/{ref}", read, h.session),
		web.Action(at+"/sessions/{ref}", read, h.edit), // whether they may is asked for each field
		web.Action(at+"/sessions/{ref}/place", edit, h.place),
		web.Action(at+"/sessions/{ref}/remove", edit, h.remove),
		web.Action(at+"/sessions/{ref}/translated", web.Needs(event.MayTranslate), h.translated),
		web.Private(at+"/live", read, h.stream),
		web.Action(at+"/presence", read, h.present),
		web.Private(at+"/speakers", read, h.speakers),
		web.Private(at+"/speakers/{key}", read, h.oneSpeaker),
		web.Action(at+"/speakers/{key}", edit, h.editSpeaker),
		web.Action(at+"/speakers/{key}/merge", edit, h.mergeSpeaker),
		web.Action(at+"/speakers/{key}/remove", edit, h.removeSpeaker),
		web.Private(at+"/categories", read, h.categories),
		web.Action(at+"/categories/{category}", edit, h.editCategory),
		web.Private(at+"/categories/{category}/{key}", read, h.entry),
		web.Action(at+"/categories/{category}/{key}/remove", edit, h.removeEntry),
		web.Private(at+"/policy", read, h.policy),
		web.Action(at+"/policy", edit, h.savePolicy),
		web.Private(at+"/grid", read, h.grid),
		web.Private(at+"/grid/data", read, h.gridJSON),
		web.Action(at+"/grid/move", edit, h.gridMove),
		web.Action(at+"/grid/turn", edit, h.gridTurn),
		web.Private(at+"/retime", release, h.retime),
		web.Action(at+"/retime", release, h.doRetime),
		web.Private(at+"/release", read, h.release),
		web.Action(at+"/release", release, h.doRelease),
		web.Private(at+"/rollback/{number}", release, h.rollback),
		web.Action(at+"/rollback/{number}", release, h.doRollback),
		web.Action(at+"/undo", edit, h.undo),
		web.Action(at+"/redo", edit, h.redo),
	}
}

// Pages are the typed pages of this package, for the test that checks their templates.
func Pages() []web.Checked {
	return []web.Checked{overviewPage, listPage, sessionPage, peoplePage, speakerPage, categoriesPage, entryPage, policyPage, gridPage, retimePage, releasePage, rollbackPage}
}

// view is what every page of the desk shows.
type view struct {
	*program.Draft
	Base    string // the address of the desk in the page's language
	Nav     []web.Item
	Problem *web.Problem
	Done    string // a sentence about what has just been done
	Act     string // its public id, to undo it
	Offer   string // where people are told of the newest release, where they have not been
	May     may
}

// may is what the reader may do here.
type may struct{ Edit, Translate, Release bool }

// page is a page of the desk being made.
type page struct {
	*web.Frame
	view
	slug string
}

// open reads the draft and starts a page of the desk. current is the end of its address.
func (h *Web) open(r *http.Request, current string) (*page, error) {
	ctx, slug := r.Context(), r.PathValue("slug")
	d, err := h.desk.Open(ctx, slug)
	if err != nil {
		return nil, err
	}
	return h.frame(r, d, current)
}

// frame starts a page around a draft.
func (h *Web) frame(r *http.Request, d *program.Draft, current string) (*page, error) {
	ctx, slug := r.Context(), d.Meeting.Slug
	f, err := h.events.Frame(r, h.site, d.Meeting, "desk")
	if err != nil {
		return nil, err
	}
	f.NoIndex = true
	f.Styles = append(f.Styles, f.Asset("desk.css"))
	p := &page{Frame: f, slug: slug, view: view{Draft: d, Base: f.URL("/meetings/" + slug + "/desk")}}
	p.May = may{event.May(ctx, slug, event.MayEditProgramme), event.May(ctx, slug, event.MayTranslate), event.May(ctx, slug, event.MayRelease)}
	for _, e := range []struct {
		path string
		may  authz.Permission
	}{{"overview", event.MayReadDraft}, {"sessions", event.MayReadDraft}, {"grid", event.MayReadDraft}, {"speakers", event.MayReadDraft}, {"categories", event.MayReadDraft}, {"policy", event.MayReadDraft}, {"retime", event.MayRelease}, {"release", event.MayReadDraft}} {
		if event.May(ctx, slug, e.may) {
			item := web.Item{Title: f.T("desk.nav." + e.path), URL: p.Base + "/" + e.path, Current: e.path == current}
			if e.path == "overview" {
				item.URL = p.Base
			}
			if e.path == "release" {
				item.Count = d.Pending()
			}
			p.Nav = append(p.Nav, item)
		}
	}
	p.done(r.URL.Query())
	if current == "release" || current == "retime" {
		if err := h.offer(r, p); err != nil {
			return nil, err
		}
	}
	f.Title = f.T("desk.title", "page", f.T("desk.nav."+current), "meeting", d.Meeting.Name())
	return p, nil
}

// done reads from the address what has just been done.
func (p *page) done(v url.Values) {
	n, _ := strconv.Atoi(v.Get("n"))
	switch what := v.Get("done"); what {
	case "released", "retimed", "undone", "rolledback":
		p.Done = p.T("desk.done."+what, "release", n)
	case "taken_back", "again", "added", "saved", "unchanged", "removed", "moved", "translated", "speaker_added", "speaker_removed", "merged", "entry_removed", "entry_merged":
		p.Done = p.T("desk.done." + what)
	}
	if a := v.Get("act"); p.Done != "" && len(a) <= 32 {
		p.Act = a
	}
}

// days are the days on which the draft has something, and those of the meeting, in order.
func (p *page) days() []event.Date {
	days := slices.Clone(p.Meeting.Days())
	for i := range p.Doc.Sessions {
		if d := p.Doc.Sessions[i].Date; d != "" {
			days = append(days, d)
		}
	}
	slices.Sort(days)
	return slices.Compact(days)
}

// choice is a value that can be chosen.
type choice struct {
	Value, Label string
	Sub          string
	On           bool
}

// dayChoices are the days to choose from.
func (p *page) dayChoices(on event.Date) []choice {
	var list []choice
	for _, d := range p.days() {
		t := d.Time(p.Meeting.Location())
		list = append(list, choice{Value: string(d), Label: strconv.Itoa(t.Day()), Sub: p.Weekday(t), On: d == on})
	}
	return list
}

// roomChoices are the rooms to choose from.
func (p *page) roomChoices(on ...string) []choice {
	var list []choice
	for _, r := range p.Meeting.Rooms {
		list = append(list, choice{Value: r.Key, Label: p.In(r.Name), On: slices.Contains(on, r.Key)})
	}
	return list
}

// when writes the time of a session: 10:40–11:40.
func (p *page) when(s *interchange.Session) string {
	if !s.Timed() {
		return ""
	}
	if s.End.Equal(s.Start) {
		return p.Clock(s.Start)
	}
	return p.Clock(s.Start) + "–" + p.Clock(s.End)
}

// warning is something that is wrong, in words.
type warning struct {
	ID     string
	Words  string
	Weight string
	Kind   string
	Refs   []string // of the sessions concerned
	On     bool     // acknowledged
}

// warnings puts what is wrong into words.
func (p *page) warnings(list []program.Warning) []warning {
	out := make([]warning, len(list))
	for i := range list {
		w := &list[i]
		out[i] = warning{ID: w.ID(), Words: p.warn(w), Weight: string(w.Kind.Weight()), Kind: string(w.Kind), Refs: []string{w.Session.Ref}}
		if w.Other.Session != nil {
			out[i].Refs = append(out[i].Refs, w.Other.Ref)
		}
	}
	return out
}

// warn is a warning as one sentence.
func (p *page) warn(w *program.Warning) string {
	args := []any{
		"a", p.called(&w.Session), "room", w.Session.Where, "who", w.Speaker, "wanted", w.Wanted, "seats", w.Seats,
		"minutes", int(w.By.Minutes()), "end", p.Clock(w.Session.End), "start", p.Clock(w.Session.Start), "day", "",
	}
	if w.Session.Date != "" {
		args[len(args)-1] = p.ShortDay(w.Session.Date.Time(p.Meeting.Location()))
	}
	if w.Other.Session != nil {
		args = append(args, "b", p.called(&w.Other), "next", p.Clock(w.Other.Start))
	}
	key := "desk.warn." + string(w.Kind)
	if w.Kind == program.WarnChangeover && w.By == 0 {
		key += "_none"
	}
	return p.T(key, args...)
}

// called is how a session is named in a sentence: its label, its title, its time.
func (p *page) called(s *program.Placed) string {
	t := s.Label + " " + short(p.In(s.Title), 28)
	if when := p.when(s.Session); when != "" {
		t += " (" + when + ")"
	}
	return t
}

// short cuts a title that is longer than n characters.
func short(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return strings.TrimSpace(string(r[:n-1])) + "…"
}

// problem shows an error of a form on its page, or gives it back where it has a page of its own.
func (p *page) problem(err error) error {
	problem, err := p.ProblemOf(err)
	p.Problem = problem
	return err
}

// back is the address of a page of the desk that says what was done.
func (h *Web) back(r *http.Request, path, what string, more url.Values) error {
	v := url.Values{"done": {what}}
	for k, list := range more {
		v[k] = list
	}
	at, err := h.address(r, path)
	if err != nil {
		return err
	}
	return web.Done(at + "?" + v.Encode())
}

// address is where a page of the desk is, in the language of the request.
func (h *Web) address(r *http.Request, path string) (string, error) {
	m, err := h.events.Meeting(r.Context(), r.PathValue("slug"))
	if err != nil {
		return "", err
	}
	l := web.Explicit(r.Context())
	if l == "" {
		l = m.DefaultLang()
	}
	return web.Address(l, m.DefaultLang(), "/meetings/"+m.Slug+"/desk"+path), nil
}

// undo takes back what was done, and returns to where that was.
func (h *Web) undo(w http.ResponseWriter, r *http.Request) error {
	v, err := web.Form(r)
	if err != nil {
		return err
	}
	done, act, err := h.desk.Undo(r.Context(), r.PathValue("slug"), v.Get("act"))
	return h.turned(w, r, done, act, err, "taken_back")
}

// redo does again what the reader undid last.
func (h *Web) redo(w http.ResponseWriter, r *http.Request) error {
	done, act, err := h.desk.Redo(r.Context(), r.PathValue("slug"))
	return h.turned(w, r, done, act, err, "again")
}

// turned leads to the page of what was undone or done again, or says on the overview why it was not.
func (h *Web) turned(w http.ResponseWriter, r *http.Request, done *program.Done, act *program.Act, err error, what string) error {
	if err != nil {
		p, again := h.open(r, "overview")
		if again != nil {
			return again
		}
		status := fault.KindOf(err).Status()
		if err := p.problem(err); err != nil {
			return err
		}
		return h.showOverview(w, r, p, status)
	}
	to := map[program.ActKind]string{
		program.ActRetime: "/retime", program.ActRollback: "/release", program.ActTopics: "/categories", program.ActKinds: "/categories", program.ActPolicy: "/policy",
	}[act.Kind]
	if done.Release > 0 && what == "taken_back" {
		return h.back(r, to, "undone", url.Values{"n": {strconv.Itoa(done.Release)}})
	}
	return h.back(r, to, what, nil)
}
