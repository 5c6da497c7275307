package registration

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

var (
	handoverPage = web.NewPage[handoverView](web.From(Files, "pages/handover.html", "pages/parts.html"))
	receivePage  = web.NewPage[receiveView](web.From(Files, "pages/handover_receive.html", "pages/parts.html"))
)

func handoverPages() []web.Checked { return []web.Checked{handoverPage, receivePage} }

func (h *Web) handoverRoutes() []web.Route {
	return []web.Route{
		web.Private("/handovers/{token}", web.Public, h.receive),
		web.Action("/handovers/{token}", web.Public, h.takeOver),
	}
}

// handoverView is the page on which one hands one's place over.
type handoverView struct {
	*Own
	Base   string
	Name   string
	To     string
	Open   *Handover
	Priced bool
	mistakes
}

func (h *Web) handoverView(p *ownPage, r *http.Request) (handoverView, error) {
	p.Title = p.T("registration.handover.title")
	v := handoverView{Own: p.o, Base: p.base, Priced: p.m.priced()}
	var err error
	v.Open, err = h.s.OpenHandover(r.Context(), p.o)
	return v, err
}

func (h *Web) handoverForm(p *ownPage, w http.ResponseWriter, r *http.Request) error {
	v, err := h.handoverView(p, r)
	if err != nil {
		return err
	}
	return web.Show(w, handoverPage, p.Frame, v)
}

func (h *Web) doHandover(p *ownPage, w http.ResponseWriter, r *http.Request, form url.Values) error {
	var err error
	if form.Get("do") == "take_back" {
		err = h.s.TakeBack(r.Context(), p.o)
	} else {
		err = h.s.HandOver(r.Context(), p.o, form.Get("to_name"), form.Get("to_address"))
	}
	if err == nil {
		return web.Done(p.base + "/handover")
	}
	name, to := form.Get("to_name"), form.Get("to_address")
	wrong, err := mistaken(p.Frame, err, receiverFaults(name, to))
	if err != nil {
		return err
	}
	v, err := h.handoverView(p, r)
	if err != nil {
		return err
	}
	v.mistakes, v.Name, v.To = wrong, name, to
	return web.ShowStatus(w, http.StatusUnprocessableEntity, handoverPage, p.Frame, v)
}

// receiveView is the page of who receives a place.
type receiveView struct {
	*HandoverPage
	Ask     formView
	Here    string
	Kind    *Kind
	Days    []ownDay
	Options []receiveOption
}

type receiveOption struct {
	Name     i18n.Text
	Key      string
	Declares i18n.Text
	State    i18n.Text
}

func (h *Web) receiveView(r *http.Request, form *Form) (*web.Frame, receiveView, error) {
	p, err := h.s.HandoverByToken(r.Context(), r.PathValue("token"))
	if err != nil {
		return nil, receiveView{}, err
	}
	f, err := h.events.Frame(r, h.site, nil, "")
	if err != nil {
		return nil, receiveView{}, err
	}
	Dress(f, "registration.receive.title")
	v := receiveView{HandoverPage: p, Here: f.URL("/handovers/" + r.PathValue("token"))}
	if p.State != HandoverOpen {
		return f, v, nil
	}
	v.Kind = p.m.Kind(p.entry.Kind)
	for _, d := range p.entry.Days {
		v.Days = append(v.Days, ownDay{d.Date.Time(p.m.Location()), d.Mode})
	}
	for _, c := range p.Choices {
		if o := p.m.Option(c.Option); o != nil {
			v.Options = append(v.Options, receiveOption{o.NameOf(c.Slot), o.Key, o.Declares, c.State.Words()})
		}
	}
	if form == nil {
		form = &Form{Details: Details{Name: i18n.T(p.ToName, "")}}
	}
	v.Ask.Form = *form
	v.Ask.Kind, v.Ask.Days = p.entry.Kind, nil
	v.Ask.S = p.m.Setup
	for _, q := range questionViews(p.m.Setup, form.Answers) {
		if len(q.Question.Kinds) == 0 || slices.Contains(q.Question.Kinds, p.entry.Kind) {
			q.Kinds = ""
			v.Ask.Questions = append(v.Ask.Questions, q)
		}
	}
	return f, v, nil
}

func (h *Web) receive(w http.ResponseWriter, r *http.Request) error {
	f, v, err := h.receiveView(r, nil)
	if err != nil {
		return err
	}
	return web.Show(w, receivePage, f, v)
}

func (h *Web) takeOver(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	in := readForm(form, i18n.JA)
	f, v, err := h.receiveView(r, &in)
	if err != nil {
		return err
	}
	in.Lang = f.Lang
	if form.Get("do") == "decline" {
		err = h.s.DeclineHandover(r.Context(), v.HandoverPage)
	} else {
		var declared []string
		for name, list := range form {
			if key, ok := strings.CutPrefix(name, "declares."); ok && len(list) > 0 && list[0] != "" {
				declared = append(declared, key)
			}
		}
		err = h.s.AcceptHandover(r.Context(), v.HandoverPage, in, declared)
	}
	if err == nil {
		return web.Done(v.Here)
	}
	in.Kind, in.Address = v.Ask.Kind, v.To
	if v.Ask.mistakes, err = mistaken(f, err, except(in.faults(v.m.Setup, &v.m.Meeting), "kind", "days", "day.", "address")); err != nil {
		return err
	}
	return web.ShowStatus(w, http.StatusUnprocessableEntity, receivePage, f, v)
}
