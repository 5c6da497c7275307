package person

import (
	"embed"
	"net/http"
	"net/url"

	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// Files are the pages, styles and words of this feature.
//
//go:embed pages lang mail policy
var Files embed.FS

// Migrations holds the tables of this feature.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// signInForm is what the page to sign in on shows.
type signInForm struct {
	Address string
	Next    string
	Problem *web.Problem
	Mail    bool // letters can be read at /dev/mail
	Key     bool // passkeys are possible at this address
	KeyWas  *web.Problem
	With    []*Issuer // other services that sign people in
}

// codeForm asks for a code.
type codeForm struct {
	Ref     string
	Sent    string // the address, masked
	Confirm bool   // it is not to sign in
	Problem *web.Problem
	Mail    bool
}

// linkForm asks whether to sign in: a link never does so by being opened, since mail scanners open links.
type linkForm struct {
	Token   string
	Address string
	Confirm bool // it is not to sign in
}

var (
	signInPage = web.NewPage[signInForm](web.From(Files, "pages/signin.html"))
	codePage   = web.NewPage[codeForm](web.From(Files, "pages/code.html"))
	linkPage   = web.NewPage[linkForm](web.From(Files, "pages/link.html"))
)

func (p *Web) signIn(w http.ResponseWriter, r *http.Request) error {
	f, err := p.open(r, "person.sign_in")
	if err != nil {
		return err
	}
	next := web.Local(r.URL.Query().Get("next"), "")
	if f.Who.SignedIn() {
		return web.See(web.Local(next, f.URL("/me")))
	}
	return web.Show(w, signInPage, f, p.signInForm(r, f, "", next))
}

// signInForm is the form with the ways to sign in that work here.
func (p *Web) signInForm(r *http.Request, f *web.Frame, address, next string) signInForm {
	d := signInForm{Address: address, Next: web.Local(next, ""), Mail: f.Site.Demo, Key: p.party(r) != Party{}, With: p.Issuers()}
	if d.Key {
		f.Scripts = append(f.Scripts, f.Asset("passkey.js"))
	}
	return d
}

func (p *Web) sendCode(w http.ResponseWriter, r *http.Request) error {
	f, err := p.open(r, "person.sign_in")
	if err != nil {
		return err
	}
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	d := p.signInForm(r, f, form.Get("address"), form.Get("next"))
	ref, err := p.SendCode(r.Context(), Ask{Address: d.Address, Lang: f.Lang, Next: d.Next, Base: p.base})
	if err != nil {
		if d.Problem, err = f.ProblemOf(err); err != nil {
			return err
		}
		return web.ShowStatus(w, http.StatusUnprocessableEntity, signInPage, f, d)
	}
	return web.Done(f.URL("/sign-in/code/" + ref))
}

func (p *Web) askCode(w http.ResponseWriter, r *http.Request) error {
	f, err := p.open(r, "person.code.title")
	if err != nil {
		return err
	}
	d := codeForm{Ref: r.PathValue("ref"), Mail: f.Site.Demo}
	var purpose string
	if d.Sent, purpose, err = p.Pending(r.Context(), d.Ref, ""); err != nil {
		return err
	}
	d.Confirm = purpose != toSignIn
	return web.Show(w, codePage, f, d)
}

func (p *Web) takeCode(w http.ResponseWriter, r *http.Request) error {
	f, err := p.open(r, "person.code.title")
	if err != nil {
		return err
	}
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	d := codeForm{Ref: r.PathValue("ref"), Mail: f.Site.Demo}
	e, err := p.Enter(r.Context(), Proof{Ref: d.Ref, Code: form.Get("code"), Agent: r.UserAgent()})
	if err != nil {
		problem, err2 := f.ProblemOf(err)
		if err2 != nil {
			return err2
		}
		sent, purpose, gone := p.Pending(r.Context(), d.Ref, "")
		if gone != nil {
			if fault.KindOf(gone) != fault.NotFound {
				return gone
			}
			return err
		}
		d.Problem, d.Sent, d.Confirm = problem, sent, purpose != toSignIn
		return web.ShowStatus(w, http.StatusUnprocessableEntity, codePage, f, d)
	}
	return p.entered(w, f, e)
}

// entered gives the browser its cookie and sends it on: somebody new to their profile first.
func (p *Web) entered(w http.ResponseWriter, f *web.Frame, e *Entry) error {
	if e.Token != "" {
		p.setCookie(w, e.Token)
	}
	next := web.Local(e.Next, f.URL("/me"))
	if e.Page != "" {
		return web.Done(f.URL(e.Page))
	}
	if e.New {
		return web.Done(f.URL("/me/profile") + "?next=" + url.QueryEscape(next))
	}
	return web.Done(next)
}

func (p *Web) askLink(w http.ResponseWriter, r *http.Request) error {
	f, err := p.open(r, "person.link.title")
	if err != nil {
		return err
	}
	d := linkForm{Token: r.PathValue("token")}
	var purpose string
	if d.Address, purpose, err = p.Pending(r.Context(), "", d.Token); err != nil {
		return err
	}
	d.Confirm = purpose != toSignIn
	if d.Confirm {
		f.Title = f.T("person.link.confirm.title")
	}
	w.Header().Set("Referrer-Policy", "no-referrer") // the address is a secret
	return web.Show(w, linkPage, f, d)
}

func (p *Web) takeLink(w http.ResponseWriter, r *http.Request) error {
	f, err := p.open(r, "person.link.title")
	if err != nil {
		return err
	}
	e, err := p.Enter(r.Context(), Proof{Link: r.PathValue("token"), Agent: r.UserAgent()})
	if err != nil {
		return err
	}
	return p.entered(w, f, e)
}

func (p *Web) signOut(w http.ResponseWriter, r *http.Request) error {
	f, err := p.open(r, "person.sign_in")
	if err != nil {
		return err
	}
	if err := p.SignOut(r.Context(), 0); err != nil {
		return err
	}
	p.setCookie(w, "")
	w.Header().Set("Clear-Site-Data", `"cache"`)
	return web.Done(f.URL("/"))
}
