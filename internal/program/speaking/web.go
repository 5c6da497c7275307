// Package speaking serves the pages of speakers: their sessions at all meetings, and for each of them what, when and where, who to turn to,
// their profile, what they refuse, when they cannot be there, and what they would like to read otherwise; and for the committee the page on which
// it invites them and answers what they suggest.
//
// What may be done, and what follows from it, is the business of package program (see program.Speaking).
package speaking

import (
	"cmp"
	"context"
	"embed"
	"net/http"
	"net/url"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/blob"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/person"
	"github.com/tsudoi/tsudoi/internal/program"
)

// Files are the words, templates and style sheets of this package.
//
//go:embed lang/*.json pages/* mail/*
var Files embed.FS

// People names accounts.
type People interface {
	// Accounts are the accounts of row ids and of public ids; who is not there, or has left, is left out.
	Accounts(ctx context.Context, r db.Reader, ids []person.ID, refs []string) ([]*person.Account, error)
}

// Materials knows how many files of a session there are.
type Materials interface {
	// Count counts the materials of a session that are handed in.
	Count(ctx context.Context, m *event.Stored, ref string) (int, error)
}

// Pictures keeps the pictures of the programme.
type Pictures interface {
	// Put keeps a picture and returns its name.
	Put(ctx context.Context, data []byte) (blob.Name, error)
}

// Web serves the pages.
type Web struct {
	speaking  *program.Speaking
	events    *event.Service
	db        *db.DB
	site      *web.Site
	people    People
	materials Materials
	outbox    Outbox
	pictures  Pictures
	drawing   chan struct{} // holds a token while a picture is drawn anew
}

// NewWeb makes the handlers.
func NewWeb(s *program.Speaking, events *event.Service, d *db.DB, site *web.Site, people People, materials Materials, outbox Outbox, pictures Pictures) *Web {
	return &Web{s, events, d, site, people, materials, outbox, pictures, make(chan struct{}, 1)}
}

// Assets adds the style sheet of these pages.
func Assets(a *web.Assets) error {
	return a.Bundle("speaking.css", web.From(Files, "pages/speaking.css"))
}

// Routes lists every address of speakers.
func (h *Web) Routes() []web.Route {
	const talk = "/meetings/{slug}/talks/{name}"
	answer, invite := web.NeedsAny(event.MayEditSession), web.Needs(event.MayEditProgramme)
	photo := web.Action(talk+"/photo/{key}", web.SignedIn, h.photo)
	photo.MaxBody = blob.MaxBytes + 1<<20 // the picture, and what stands around it
	return []web.Route{
		photo,
		web.Private("/me/talks", web.SignedIn, h.talks),
		web.Private(talk, web.SignedIn, h.talk),
		web.Action(talk+"/profile/{key}", web.SignedIn, h.profile),
		web.Action(talk+"/refuse/{key}", web.SignedIn, h.refuse),
		web.Action(talk+"/away/{key}", web.SignedIn, h.away),
		web.Action(talk+"/suggest", web.SignedIn, h.suggest),
		web.Action(talk+"/withdraw/{ref}", web.SignedIn, h.withdraw),
		web.Private("/meetings/{slug}/suggestions", answer, h.suggestions),
		web.Action("/meetings/{slug}/suggestions/{ref}", answer, h.answer),
		web.Private("/meetings/{slug}/speakers-desk", invite, h.speakers),
		web.Action("/meetings/{slug}/speakers-desk", invite, h.invite),
	}
}

// Pages are the typed pages of this package, for the test that checks their templates.
func Pages() []web.Checked {
	return []web.Checked{talksPage, talkPage, suggestionsPage, speakersPage}
}

// frame starts a page; m is nil for one of no meeting.
func (h *Web) frame(r *http.Request, m *event.Stored, title string) (*web.Frame, error) {
	f, err := h.events.Frame(r, h.site, m, "speaking")
	if err != nil {
		return nil, err
	}
	f.Title, f.NoIndex = f.T(title), true
	f.Styles = append(f.Styles, f.Asset("speaking.css"))
	return f, nil
}

// said is what a page says was just done, by the parameter done.
func said(f *web.Frame, r *http.Request) string {
	if key := "program.speaking.done." + r.URL.Query().Get("done"); f.Site.Words.Has(key) {
		return f.T(key)
	}
	return ""
}

// talkURL is the path of a session's page for its speakers.
func talkURL(slug, name string) string {
	return "/meetings/" + slug + "/talks/" + url.PathEscape(name)
}

// back leads to a page of a meeting in the language of the request, saying what was done.
func (h *Web) back(r *http.Request, path, done, anchor string) error {
	m, err := h.events.Meeting(r.Context(), r.PathValue("slug"))
	if err != nil {
		return err
	}
	def := m.DefaultLang()
	return web.Done(web.Address(cmp.Or(web.Explicit(r.Context()), def), def, path) + "?done=" + done + anchor)
}

// mend reports whether an error is one that the form can show.
func mend(err error) bool {
	k := fault.KindOf(err)
	return k == fault.Invalid || k == fault.Conflict || k == fault.TooMany
}

// text reads a field in both languages.
func text(form url.Values, name string) i18n.Text {
	return i18n.T(form.Get(name+"_ja"), form.Get(name+"_en"))
}
