package person

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// own is what /me shows.
type own struct {
	Account   *Account
	Addresses []Address
	Menu      []web.Item
	With      bool // another service can sign them in
}

// sessionList are the browsers in which somebody is signed in.
type sessionList struct {
	Sessions []*Session
	Current  int64
}

type stepUpForm struct {
	Addresses []Address
	Key       bool // they have a passkey for this address
	Next      string
	Problem   *web.Problem
}

var (
	mePage       = web.NewPage[own](web.From(Files, "pages/me.html"))
	sessionsPage = web.NewPage[sessionList](web.From(Files, "pages/sessions.html"))
	stepUpPage   = web.NewPage[stepUpForm](web.From(Files, "pages/stepup.html"))
)

func (p *Web) me(w http.ResponseWriter, r *http.Request) error {
	f, err := p.open(r, "person.me")
	if err != nil {
		return err
	}
	d := own{With: len(p.Issuers()) > 0}
	if d.Account, err = p.Account(r.Context(), ID(f.Who.ID)); err != nil {
		return err
	}
	if d.Addresses, err = addresses(r.Context(), p.db, d.Account.ID); err != nil {
		return err
	}
	if d.Menu, err = p.menu.Mine(r, f, "/me"); err != nil {
		return err
	}
	return web.Show(w, mePage, f, d)
}

func (p *Web) sessions(w http.ResponseWriter, r *http.Request) error {
	f, err := p.open(r, "person.sessions")
	if err != nil {
		return err
	}
	d := sessionList{Current: f.Who.Session}
	if d.Sessions, err = p.Sessions(r.Context(), ID(f.Who.ID)); err != nil {
		return err
	}
	for _, s := range d.Sessions {
		s.SeenAt = s.SeenAt.In(p.o.Zone)
	}
	return web.Show(w, sessionsPage, f, d)
}

// endSession ends one session of the reader, or all others.
func (p *Web) endSession(w http.ResponseWriter, r *http.Request) error {
	f, err := p.open(r, "person.sessions")
	if err != nil {
		return err
	}
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	id, err := strconv.ParseInt(form.Get("session"), 10, 64)
	if err != nil || id == 0 {
		return fault.Missing()
	}
	if err := p.SignOut(r.Context(), id); err != nil {
		return err
	}
	if id == f.Who.Session {
		p.setCookie(w, "")
		return web.Done(f.URL("/"))
	}
	return web.Done(f.URL("/me/sessions"))
}

func (p *Web) stepUpPage(w http.ResponseWriter, r *http.Request) error {
	f, d, err := p.stepUpForm(r)
	if err != nil {
		return err
	}
	d.Next = web.Local(r.URL.Query().Get("next"), "")
	return web.Show(w, stepUpPage, f, *d)
}

func (p *Web) stepUpForm(r *http.Request) (*web.Frame, *stepUpForm, error) {
	f, err := p.open(r, "person.step_up")
	if err != nil {
		return nil, nil, err
	}
	d := &stepUpForm{}
	if d.Addresses, err = addresses(r.Context(), p.db, ID(f.Who.ID)); err != nil {
		return nil, nil, err
	}
	keys, err := p.Passkeys(r.Context(), ID(f.Who.ID))
	d.Key = slices.ContainsFunc(keys, func(k *Passkey) bool { return k.Site == p.party(r).ID })
	if d.Key {
		f.Scripts = append(f.Scripts, f.Asset("passkey.js"))
	}
	return f, d, err
}

func (p *Web) sendStepUp(w http.ResponseWriter, r *http.Request) error {
	f, d, err := p.stepUpForm(r)
	if err != nil {
		return err
	}
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	d.Next = web.Local(form.Get("next"), "")
	if len(d.Addresses) == 0 {
		return fault.New(fault.Invalid, "person.error.no_address")
	}
	ref, err := p.SendCode(r.Context(), Ask{
		Address: d.Addresses[0].Address, Lang: f.Lang, Next: d.Next, Base: p.base, Purpose: toStepUp, Account: ID(f.Who.ID),
	})
	if err != nil {
		if d.Problem, err = f.ProblemOf(err); err != nil {
			return err
		}
		return web.ShowStatus(w, http.StatusUnprocessableEntity, stepUpPage, f, *d)
	}
	return web.Done(f.URL("/sign-in/code/" + ref))
}
