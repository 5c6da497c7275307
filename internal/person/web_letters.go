package person

import (
	"net/http"

	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// lettersForm lists the kinds of letters.
type lettersForm struct {
	Choices []Choice
	Saved   bool
}

// unsubscribeForm is what a link in a letter opens.
type unsubscribeForm struct {
	Choice
	Token string
	Done  bool
}

var (
	lettersPage     = web.NewPage[lettersForm](web.From(Files, "pages/letters.html"))
	unsubscribePage = web.NewPage[unsubscribeForm](web.From(Files, "pages/unsubscribe.html"))
)

func (p *Web) letters(w http.ResponseWriter, r *http.Request) error {
	f, err := p.open(r, "person.letters")
	if err != nil {
		return err
	}
	d := lettersForm{Saved: r.URL.Query().Has("saved")}
	if d.Choices, err = p.Letters(r.Context(), ID(f.Who.ID)); err != nil {
		return err
	}
	return web.Show(w, lettersPage, f, d)
}

func (p *Web) saveLetters(_ http.ResponseWriter, r *http.Request) error {
	f, err := p.open(r, "person.letters")
	if err != nil {
		return err
	}
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	if err := p.ChooseLetters(r.Context(), form["kind"]); err != nil {
		return err
	}
	return web.Done(f.URL("/me/letters") + "?saved")
}

// unsubscribe asks whether to decline: opening the link does nothing, since mail scanners open links.
func (p *Web) unsubscribe(w http.ResponseWriter, r *http.Request) error {
	return p.showUnsubscribe(w, r, false)
}

func (p *Web) showUnsubscribe(w http.ResponseWriter, r *http.Request, done bool) error {
	f, err := p.open(r, "person.unsubscribe.title")
	if err != nil {
		return err
	}
	d := unsubscribeForm{Token: r.PathValue("token"), Done: done}
	if d.Choice, err = p.Unsubscription(r.Context(), d.Token); err != nil {
		return err
	}
	w.Header().Set("Referrer-Policy", "no-referrer") // the address is a secret
	return web.Show(w, unsubscribePage, f, d)
}

// decline takes the button of the page, and what mail programs send by themselves (List-Unsubscribe=One-Click, RFC 8058). It answers
// without sending anywhere else, since those programs follow nowhere.
func (p *Web) decline(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	if err := p.Decline(r.Context(), r.PathValue("token"), form.Get("wanted") == "yes"); err != nil {
		return err
	}
	return p.showUnsubscribe(w, r, true)
}
