package person

import (
	"net/http"
	"strconv"

	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// own is what /me shows.
type own struct {
	Account   *Account
	Addresses []Address
	Menu      []web.Item
}

// profileForm is what a person says about themselves.
type profileForm struct {
	Account *Account
	Next    string
	New     bool
	Problem *web.Problem
	Saved   bool
}

// sessionList are the browsers in which somebody is signed in.
type sessionList struct {
	Sessions []*Session
	Current  int64
}

type stepUpForm struct {
	Addresses []Address
	Next      string
	Problem   *web.Problem
}

var (
	mePage       = web.NewPage[own](web.From(Files, "pages/me.html"))
	profilePage  = web.NewPage[profileForm](web.From(Files, "pages/profile.html"))
	sessionsPage = web.NewPage[sessionList](web.From(Files, "pages/sessions.html"))
	stepUpPage   = web.NewPage[stepUpForm](web.From(Files, "pages/stepup.html"))
)

func (p *Web) me(w http.ResponseWriter, r *http.Request) error {
	f, err := p.open(r, "person.me")
	if err != nil {
		return err
	}
	d := own{}
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

func (p *Web) profile(w http.ResponseWriter, r *http.Request) error {
	f, err := p.open(r, "person.profile")
	if err != nil {
		return err
	}
	d := profileForm{Next: web.Local(r.URL.Query().Get("next"), ""), Saved: r.URL.Query().Has("saved")}
	if d.Account, err = p.Account(r.Context(), ID(f.Who.ID)); err != nil {
		return err
	}
	d.New = d.Account.Name.IsZero()
	return web.Show(w, profilePage, f, d)
}

func (p *Web) saveProfile(w http.ResponseWriter, r *http.Request) error {
	f, err := p.open(r, "person.profile")
	if err != nil {
		return err
	}
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	d := profileForm{Next: web.Local(form.Get("next"), "")}
	if d.Account, err = p.Account(r.Context(), ID(f.Who.ID)); err != nil {
		return err
	}
	d.New = d.Account.Name.IsZero()
	a := d.Account
	a.Name, a.Kana = i18n.T(form.Get("name_ja"), form.Get("name_en")), form.Get("kana")
	a.Affiliation, a.Title = i18n.T(form.Get("affiliation_ja"), form.Get("affiliation_en")), i18n.T(form.Get("title_ja"), form.Get("title_en"))
	if l, ok := i18n.ParseLang(form.Get("lang")); ok {
		a.Lang = l
	}
	if err := p.SaveProfile(r.Context(), a); err != nil {
		if d.Problem, err = f.ProblemOf(err); err != nil {
			return err
		}
		return web.ShowStatus(w, http.StatusUnprocessableEntity, profilePage, f, d)
	}
	return web.Done(web.Local(d.Next, f.URL("/me/profile")+"?saved"))
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
	d.Addresses, err = addresses(r.Context(), p.db, ID(f.Who.ID))
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
