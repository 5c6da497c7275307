package briefing

import (
	"net/http"
	"strings"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

var (
	toldPage = web.NewPage[toldView](web.From(Files, "pages/told.html", "pages/parts.html"))
	ownPage  = web.NewPage[ownView](web.From(Files, "pages/own.html", "pages/parts.html"))
)

// toldView is what one recipient was told, with the button.
type toldView struct {
	*Told
	Action  string
	Problem *web.Problem
	Title   string
	Lead    []string // paragraphs
}

// shownTold is toldView with the page it is on, for the part that two pages share.
type shownTold struct {
	F *web.Frame
	V toldView
}

// Own puts the page beside what it shows.
func (v toldView) Own(f *web.Frame) shownTold { return shownTold{f, v} }

// shownLine is one change with the page it is on.
type shownLine struct {
	F *web.Frame
	L line
	D bool // it is decided
}

// Line puts the page beside a change.
func (s shownTold) Line(l line, decided bool) shownLine { return shownLine{s.F, l, decided} }

// Words says where a session is now.
func (s shownTold) Words(x Session) i18n.Text { return x.words() }

// ownView are the briefings of who is signed in.
type ownView struct {
	List []toldView
	Done []Pending
}

// start begins a page of no meeting.
func (h *Web) start(r *http.Request, title string) (*web.Frame, error) {
	f, err := h.events.Frame(r, h.site, nil, "")
	if err != nil {
		return nil, err
	}
	f.Title, f.NoIndex = f.T(title), true
	h.dress(f)
	return f, nil
}

// view is what somebody was told, for a page.
func view(f *web.Frame, t *Told, action string) toldView {
	return toldView{Told: t, Action: action, Title: f.In(t.Item.Subject), Lead: strings.Split(f.In(t.Item.Text), "\n\n")}
}

// told shows what a link in a letter is about. Opening it acknowledges nothing: programs that look for viruses open links, too.
func (h *Web) told(w http.ResponseWriter, r *http.Request) error {
	return h.showTold(w, r, nil)
}

func (h *Web) showTold(w http.ResponseWriter, r *http.Request, problem *web.Problem) error {
	f, err := h.start(r, "briefing.told.title")
	if err != nil {
		return err
	}
	t, err := h.s.Told(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	v := view(f, t, f.URL("/briefings/"+r.PathValue("token")))
	v.Problem = problem
	status := http.StatusOK
	if problem != nil {
		status = http.StatusUnprocessableEntity
	}
	w.Header().Set("Referrer-Policy", "same-origin") // the address is what shows that somebody may; forms need their origin
	return web.ShowStatus(w, status, toldPage, f, v)
}

// acknowledge notes that whoever holds the link has read what it is about, or that they want to be called.
func (h *Web) acknowledge(w http.ResponseWriter, r *http.Request) error {
	f, err := h.start(r, "briefing.told.title")
	if err != nil {
		return err
	}
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	token := r.PathValue("token")
	if form.Get("act") == "call" {
		err = h.s.Call(r.Context(), token, form.Get("note"))
	} else {
		err = h.s.Acknowledge(r.Context(), token)
	}
	if err != nil {
		problem, err := f.ProblemOf(err)
		if err != nil {
			return err
		}
		return h.showTold(w, r, problem)
	}
	return web.Done(f.URL("/briefings/" + token))
}

// own lists what who is signed in has to acknowledge.
func (h *Web) own(w http.ResponseWriter, r *http.Request) error {
	f, err := h.start(r, "briefing.own.title")
	if err != nil {
		return err
	}
	list, err := h.s.Own(r.Context())
	if err != nil {
		return err
	}
	var v ownView
	for _, p := range list {
		if !p.Waits() {
			v.Done = append(v.Done, p)
			continue
		}
		t, err := h.s.OwnTold(r.Context(), p.Ref)
		if err != nil {
			return err
		}
		v.List = append(v.List, view(f, t, f.URL("/me/briefings/"+p.Ref)))
		if len(v.List) == 10 {
			break
		}
	}
	return web.Show(w, ownPage, f, v)
}

// acknowledgeOwn is acknowledge for who is signed in.
func (h *Web) acknowledgeOwn(w http.ResponseWriter, r *http.Request) error {
	_ = w
	f, err := h.start(r, "briefing.own.title")
	if err != nil {
		return err
	}
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	if form.Get("act") == "call" {
		err = h.s.CallOwn(r.Context(), r.PathValue("ref"), form.Get("note"))
	} else {
		err = h.s.AcknowledgeOwn(r.Context(), r.PathValue("ref"))
	}
	if err != nil {
		return err
	}
	return web.Done(f.URL("/me/briefings"))
}
