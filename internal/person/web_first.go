package person

import (
	"net/http"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// firstForm makes the owner of an installation.
type firstForm struct {
	Token   string
	Account *Account
	Problem *web.Problem
}

var firstPage = web.NewPage[firstForm](web.From(Files, "pages/first.html"))

func (p *Web) first(w http.ResponseWriter, r *http.Request) error {
	f, err := p.open(r, "person.first.title")
	if err != nil {
		return err
	}
	d := firstForm{Token: r.PathValue("token"), Account: &Account{}}
	if err := p.FirstOpen(r.Context(), d.Token); err != nil {
		return err
	}
	w.Header().Set("Referrer-Policy", "no-referrer") // the address is a secret
	return web.Show(w, firstPage, f, d)
}

func (p *Web) takeFirst(w http.ResponseWriter, r *http.Request) error {
	f, err := p.open(r, "person.first.title")
	if err != nil {
		return err
	}
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	d := firstForm{Token: r.PathValue("token"), Account: &Account{Name: i18n.T(form.Get("name_ja"), form.Get("name_en")), Kana: form.Get("kana"), Lang: f.Lang}}
	e, err := p.TakeFirst(r.Context(), d.Token, d.Account, r.UserAgent())
	if err != nil {
		if d.Problem, err = f.ProblemOf(err); err != nil {
			return err
		}
		return web.ShowStatus(w, http.StatusUnprocessableEntity, firstPage, f, d)
	}
	e.Next = f.URL("/me")
	return p.entered(w, f, e)
}
