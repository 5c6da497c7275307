package person

import (
	"encoding/json"
	"net"
	"net/http"
	"strconv"

	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/listen"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// passkeyList are the passkeys of the reader.
type passkeyList struct {
	Passkeys []*Passkey
	Here     bool // this address can have passkeys
	Added    bool
	Problem  *web.Problem
}

var passkeysPage = web.NewPage[passkeyList](web.From(Files, "pages/passkeys.html"))

// party is who passkeys are made for: the site by its public URL, or this machine for somebody who sits at it.
func (p *Web) party(r *http.Request) Party {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	if from := listen.Client(r); host == "localhost" && listen.Known(r) && from.Unmap().IsLoopback() {
		return Party{host, listen.Scheme(r) + "://" + r.Host}
	}
	return partyOf(p.base)
}

// challenge answers the script of a page with what its browser is to sign. Whoever adds a passkey has shown who they are a moment ago.
func (p *Web) challenge(purpose string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if purpose == toAddKey {
			f, err := p.open(r, "person.passkeys")
			if err != nil {
				return err
			}
			if web.RequireFresh(r, p.o.Now(), f, "/me/passkeys") != nil {
				return fault.New(fault.Forbidden, "person.error.step_up")
			}
		}
		c, err := p.PasskeyChallenge(r.Context(), p.party(r), purpose)
		if err != nil {
			return err
		}
		w.Header().Set("Content-Type", "application/json")
		return json.NewEncoder(w).Encode(c)
	}
}

// answer reads what a browser answered to a challenge.
func (p *Web) answer(r *http.Request) (Answer, string, error) {
	form, err := web.Form(r)
	if err != nil {
		return Answer{}, "", err
	}
	return Answer{p.party(r), form.Get("challenge"), form.Get("credential"), r.UserAgent()}, web.Local(form.Get("next"), ""), nil
}

// backTo sends whoever opens the address of a form, by going back or by changing the language, to the page that has the form.
func (p *Web) backTo(path string) web.Handler {
	return func(_ http.ResponseWriter, r *http.Request) error {
		f, err := p.open(r, "person.sign_in")
		if err != nil {
			return err
		}
		return web.See(f.URL(path))
	}
}

func (p *Web) enterByPasskey(w http.ResponseWriter, r *http.Request) error {
	f, err := p.open(r, "person.sign_in")
	if err != nil {
		return err
	}
	a, next, err := p.answer(r)
	if err != nil {
		return err
	}
	e, err := p.EnterByPasskey(r.Context(), a, next)
	if err != nil {
		d := p.signInForm(r, f, "", next)
		if d.KeyWas, err = f.ProblemOf(err); err != nil {
			return err
		}
		return web.ShowStatus(w, http.StatusUnprocessableEntity, signInPage, f, d)
	}
	return p.entered(w, f, e)
}

func (p *Web) stepUpByPasskey(w http.ResponseWriter, r *http.Request) error {
	f, d, err := p.stepUpForm(r)
	if err != nil {
		return err
	}
	a, next, err := p.answer(r)
	if err != nil {
		return err
	}
	d.Next = next
	e, err := p.StepUpByPasskey(r.Context(), a, next)
	if err != nil {
		if d.Problem, err = f.ProblemOf(err); err != nil {
			return err
		}
		return web.ShowStatus(w, http.StatusUnprocessableEntity, stepUpPage, f, *d)
	}
	return p.entered(w, f, e)
}

func (p *Web) passkeys(w http.ResponseWriter, r *http.Request) error {
	return p.showPasskeys(w, r, nil)
}

func (p *Web) showPasskeys(w http.ResponseWriter, r *http.Request, problem error) error {
	f, err := p.open(r, "person.passkeys")
	if err != nil {
		return err
	}
	if err := web.RequireFresh(r, p.o.Now(), f, f.URL("/me/passkeys")); err != nil {
		return err
	}
	d := passkeyList{Here: p.party(r) != Party{}, Added: r.URL.Query().Has("added")}
	status := http.StatusOK
	if problem != nil {
		status = http.StatusUnprocessableEntity
		if d.Problem, err = f.ProblemOf(problem); err != nil {
			return err
		}
	}
	if d.Passkeys, err = p.Passkeys(r.Context(), ID(f.Who.ID)); err != nil {
		return err
	}
	for _, k := range d.Passkeys {
		k.MadeAt = k.MadeAt.In(p.o.Zone)
		if !k.UsedAt.IsZero() {
			k.UsedAt = k.UsedAt.In(p.o.Zone)
		}
	}
	if d.Here {
		f.Scripts = append(f.Scripts, f.Asset("passkey.js"))
	}
	return web.ShowStatus(w, status, passkeysPage, f, d)
}

// changePasskeys adds a passkey, or removes one.
func (p *Web) changePasskeys(w http.ResponseWriter, r *http.Request) error {
	f, err := p.open(r, "person.passkeys")
	if err != nil {
		return err
	}
	if err := web.RequireFresh(r, p.o.Now(), f, f.URL("/me/passkeys")); err != nil {
		return err
	}
	a, _, err := p.answer(r)
	if err != nil {
		return err
	}
	if id, err := strconv.ParseInt(r.PostForm.Get("remove"), 10, 64); err == nil {
		if err := p.RemovePasskey(r.Context(), id); err != nil {
			return p.showPasskeys(w, r, err)
		}
		return web.Done(f.URL("/me/passkeys"))
	}
	if err := p.AddPasskey(r.Context(), a, r.PostForm.Get("name")); err != nil {
		return p.showPasskeys(w, r, err)
	}
	return web.Done(f.URL("/me/passkeys") + "?added")
}
