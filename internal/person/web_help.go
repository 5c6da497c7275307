package person

import (
	"net/http"

	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// helpForm finds an account to help its person.
type helpForm struct {
	Text    string
	Asked   bool
	Found   []*Helped
	Done    string // key of words: what was done
	Problem *web.Problem
}

var helpPage = web.NewPage[helpForm](web.From(Files, "pages/help.html"))

func (p *Web) help(w http.ResponseWriter, r *http.Request) error {
	f, err := p.open(r, "person.help")
	if err != nil {
		return err
	}
	return web.Show(w, helpPage, f, helpForm{})
}

// helpWith finds an account, or does something for the person of one. It is no GET, so that what is looked for is in no address and no log.
func (p *Web) helpWith(w http.ResponseWriter, r *http.Request) error {
	f, err := p.open(r, "person.help")
	if err != nil {
		return err
	}
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	d := helpForm{Text: form.Get("text")}
	switch {
	case form.Has("end"):
		d.Done, err = "person.help.ended", p.SignOutFor(r.Context(), form.Get("end"))
	case form.Has("send"):
		d.Done, err = "person.help.sent", p.SendCodeFor(r.Context(), form.Get("send"))
	default:
		d.Asked = true
		d.Found, err = p.Help(r.Context(), d.Text)
	}
	if err != nil {
		d.Done, d.Asked = "", false
		if d.Problem, err = f.ProblemOf(err); err != nil {
			return err
		}
		return web.ShowStatus(w, http.StatusUnprocessableEntity, helpPage, f, d)
	}
	for _, h := range d.Found {
		if !h.SeenAt.IsZero() {
			h.SeenAt = h.SeenAt.In(p.o.Zone)
		}
	}
	return web.Show(w, helpPage, f, d)
}
