package person

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/blob"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/listen"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// Framer starts a page of no meeting, in the group's name and colour.
type Framer interface {
	PageFrame(r *http.Request) (*web.Frame, error)
}

// Menu says which pages of a site are for somebody, beside what everybody sees.
type Menu interface {
	// Mine lists the pages for who acts; at is the path they look at, without language prefix.
	Mine(r *http.Request, f *web.Frame, at string) ([]web.Item, error)
}

// Web serves the pages of this feature.
type Web struct {
	*Service
	frame  Framer
	menu   Menu
	base   string // the site's URL
	secure bool   // the site is reached by https
	demo   []Persona
}

// Persona is somebody one may become in the demo.
type Persona struct {
	Key  string // in the form
	Name i18n.Text
	Lang i18n.Lang
	Made func(r *http.Request, id ID) error // gives the roles, once
}

// NewWeb makes the pages. base is the site's URL; demo is empty in an installation that serves.
func NewWeb(s *Service, f Framer, m Menu, base string, demo []Persona) *Web {
	return &Web{s, f, m, base, strings.HasPrefix(base, "https://"), demo}
}

// Routes lists every address of this feature.
func (p *Web) Routes() []web.Route {
	routes := []web.Route{
		web.Private(web.SignInPath, web.Public, p.signIn),
		web.Action(web.SignInPath, web.Public, p.sendCode),
		web.Private("/sign-in/code/{ref}", web.Public, p.askCode),
		web.Action("/sign-in/code/{ref}", web.Public, p.takeCode),
		web.Private("/sign-in/link/{token}", web.Public, p.askLink),
		web.Action("/sign-in/link/{token}", web.Public, p.takeLink),
		web.Action("/sign-out", web.Public, p.signOut),
		web.Private("/first/{token}", web.Public, p.first),
		web.Action("/first/{token}", web.Public, p.takeFirst),
		web.Private("/me", web.SignedIn, p.me),
		web.Private("/me/profile", web.SignedIn, p.profile),
		web.Action("/me/profile", web.SignedIn, p.saveProfile),
		web.Private("/me/portrait", web.SignedIn, p.portraitForm),
		{Pattern: "POST /me/portrait", Access: web.SignedIn, Personal: true, MaxBody: blob.MaxBytes + 1<<20, Handler: p.savePortrait},
		{Pattern: "GET /portraits/{name}", Access: web.Public, Machine: true, Handler: p.portrait},
		web.Private("/me/addresses", web.SignedIn, p.addresses),
		web.Action("/me/addresses", web.SignedIn, p.changeAddresses),
		web.Private("/me/sessions", web.SignedIn, p.sessions),
		web.Action("/me/sessions", web.SignedIn, p.endSession),
		forScripts(web.Action("/sign-in/passkey/challenge", web.Public, p.challenge(toSignIn))),
		web.Private("/sign-in/passkey", web.Public, p.backTo(web.SignInPath)),
		web.Action("/sign-in/passkey", web.Public, p.enterByPasskey),
		forScripts(web.Action("/step-up/passkey/challenge", web.SignedIn, p.challenge(toStepUp))),
		web.Private("/step-up/passkey", web.SignedIn, p.backTo(web.StepUpPath)),
		web.Action("/step-up/passkey", web.SignedIn, p.stepUpByPasskey),
		web.Private("/me/passkeys", web.SignedIn, p.passkeys),
		web.Action("/me/passkeys", web.SignedIn, p.changePasskeys),
		forScripts(web.Action("/me/passkeys/challenge", web.SignedIn, p.challenge(toAddKey))),
		web.Private("/admin/accounts", web.Needs(p.o.RunSite), p.help),
		web.Action("/admin/accounts", web.Needs(p.o.RunSite), p.helpWith),
		web.Private("/sign-in/with", web.Public, p.with),
		web.Private("/sign-in/with/back", web.Public, p.back),
		web.Private("/sign-in/with/{service}", web.Public, p.with),
		web.Private("/sign-in/with/{service}/back", web.Public, p.back),
		web.Private("/me/identities", web.SignedIn, p.identities),
		web.Action("/me/identities", web.SignedIn, p.changeIdentities),
		web.Private("/me/export", web.SignedIn, p.exportForm),
		web.Action("/me/export", web.SignedIn, p.export),
		web.Private("/me/leave", web.SignedIn, p.leaveForm),
		web.Action("/me/leave", web.SignedIn, p.leave),
		web.Private(MergePath, web.SignedIn, p.mergeForm),
		web.Action(MergePath, web.SignedIn, p.merge),
		web.Get("/privacy", p.privacy),
		web.Private(consentPath, web.SignedIn, p.consentForm),
		web.Action(consentPath, web.SignedIn, p.takeConsent),
		web.Private("/me/letters", web.SignedIn, p.letters),
		web.Action("/me/letters", web.SignedIn, p.saveLetters),
		web.Private("/unsubscribe/{token}", web.Public, p.unsubscribe),
		web.Action("/unsubscribe/{token}", web.Public, p.decline),
		web.Private("/step-up", web.SignedIn, p.stepUpPage),
		web.Action("/step-up", web.SignedIn, p.sendStepUp),
		{Pattern: "GET /me/menu", Access: web.Public, Machine: true, Personal: true, Handler: p.mine},
	}
	if len(p.demo) > 0 {
		routes = append(routes, web.Action("/dev/become", web.Demo, p.become))
	}
	return routes
}

// forScripts makes a route one that a page's script asks.
func forScripts(rt web.Route) web.Route {
	rt.Machine = true
	return rt
}

// Bundles adds the scripts of single pages.
func Bundles(a *web.Assets) error {
	return errors.Join(a.Bundle("passkey.js", web.From(Files, "pages/passkey.js")), a.Bundle("portrait.js", web.From(Files, "pages/portrait.js")))
}

// Pages are the typed pages of this feature, for the test that checks their templates.
func Pages() []web.Checked {
	return []web.Checked{
		signInPage, codePage, linkPage, firstPage, mePage, profilePage, sessionsPage, stepUpPage, lettersPage, unsubscribePage, passkeysPage, addressesPage, portraitPage, identitiesPage,
		exportPage, leavePage, mergePage, privacyPage, consentPage, helpPage,
	}
}

// The cookies. The one that signs in is out of reach of scripts; the other says only that there is one.
const (
	markCookie = "tsudoi-in"
	plainName  = "tsudoi-session"
)

// cookieName is that of the cookie that signs in: bound to this host and https by its prefix, where there is https (RFC 6265bis, section 4.1.3).
func (p *Web) cookieName() string {
	if p.secure {
		return "__Host-" + plainName
	}
	return plainName
}

func (p *Web) setCookie(w http.ResponseWriter, token string) {
	age := int(sessionLife.Seconds())
	mark := "1"
	if token == "" {
		age, mark = -1, ""
	}
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure wherever there is https
		Name: p.cookieName(), Value: token, Path: "/", MaxAge: age, HttpOnly: true, Secure: p.secure, SameSite: http.SameSiteLaxMode,
	})
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // a script reads whether somebody is signed in, and no more
		Name: markCookie, Value: mark, Path: "/", MaxAge: age, Secure: p.secure, SameSite: http.SameSiteLaxMode,
	})
}

// Identify finds out who sent a request.
func (p *Web) Identify(r *http.Request) (*authz.Actor, error) {
	from := ""
	if a := listen.Client(r); a.IsValid() {
		from = a.Unmap().String()
	}
	c, err := r.Cookie(p.cookieName())
	if err != nil {
		return &authz.Actor{From: from}, nil //nolint:nilerr // no cookie: nobody
	}
	return p.actorOf(r.Context(), c.Value, from)
}

// open starts a page in the reader's own language: the one of the address.
func (p *Web) open(r *http.Request, title string) (*web.Frame, error) {
	f, err := p.frame.PageFrame(r)
	if err != nil {
		return nil, err
	}
	f.Title, f.NoIndex = f.T(title), true
	return f, nil
}

// mine answers the script of public pages with the menu of who is signed in.
func (p *Web) mine(w http.ResponseWriter, r *http.Request) error {
	at := web.Local(r.URL.Query().Get("at"), "/")
	lang, path := i18n.Lang(""), at
	if first, rest, _ := strings.Cut(strings.TrimPrefix(at, "/"), "/"); first == string(i18n.EN) || first == string(i18n.JA) {
		lang, path = i18n.Lang(first), "/"+rest
	}
	r2 := r.Clone(web.WithLang(r.Context(), lang))
	r2.URL = &url.URL{Path: path}
	f, err := p.frame.PageFrame(r2)
	if err != nil {
		return err
	}
	out := menuAnswer{Items: []menuItem{}, Label: f.T("person.menu")}
	if f.Who.SignedIn() {
		out.Name = f.Reader()
		if len(p.demo) > 0 {
			out.Persona, _ = strings.CutPrefix(f.Who.Ref, demoRef(""))
		}
		items, err := p.menu.Mine(r2, f, path)
		if err != nil {
			return err
		}
		for _, i := range items {
			out.Items = append(out.Items, menuItem{i.Title, i.URL})
		}
	}
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(out)
}

type menuAnswer struct {
	Name    string     `json:"name"`
	Label   string     `json:"label"`
	Items   []menuItem `json:"items"`
	Persona string     `json:"persona,omitempty"` // in the demo, whom the reader became
}

type menuItem struct {
	Title string `json:"title"`
	URL   string `json:"url"`
}

// become makes the reader of the demo one of its people.
func (p *Web) become(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	next := web.Local(form.Get("next"), "/")
	who := form.Get("who")
	if who == "nobody" {
		if err := p.SignOut(r.Context(), 0); err != nil {
			return err
		}
		p.setCookie(w, "")
		return web.Done(next)
	}
	for _, d := range p.demo {
		if d.Key != who {
			continue
		}
		token, id, err := p.demoSession(r.Context(), d, r.UserAgent())
		if err != nil {
			return err
		}
		if err := d.Made(r, id); err != nil {
			return err
		}
		p.setCookie(w, token)
		return web.Done(next)
	}
	return fault.Missing()
}
