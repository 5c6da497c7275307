package registration

import (
	"net/http"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/spoken"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

var joinPage = web.NewPage[joinView](event.Mast, web.From(Files, "pages/online_join.html"))

// dressOnline gives a page what the pages of taking part online need besides.
func dressOnline(f *web.Frame) {
	f.Styles = append(f.Styles, f.Asset("online.css"))
	f.Scripts = append(f.Scripts, f.Asset("online.js"))
}

// joinView is a link to a stream that leads nowhere now, or is looked at by a machine.
type joinView struct {
	*Joining
	Entry string // one's own page, or empty
	Pay   string
	Page  string
	Opens int64 // seconds until it leads there; 0: not soon
}

// join leads somebody to what they may watch. Whoever only looks ahead (a browser that fetches pages early, a program that checks letters) is
// not led there, and not counted.
func (h *Web) join(w http.ResponseWriter, r *http.Request) error {
	j, err := h.s.Join(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	w.Header().Set("Referrer-Policy", "no-referrer") // the address is a secret
	w.Header().Set("Cache-Control", "no-store")
	if to := j.Goes(); to != "" && !ahead(r) {
		if err := h.s.CountJoin(r.Context(), j); err != nil {
			h.s.o.Log.ErrorContext(r.Context(), "the use of a link was not counted", "component", "registration", "error", err)
		}
		return web.See(to)
	}
	f, err := h.events.Frame(r, h.site, nil, "")
	if err != nil {
		return err
	}
	Dress(f, "registration.join.title")
	dressOnline(f)
	f.Title = f.In(j.Title)
	v := joinView{Joining: j, Page: f.URL("/meetings/" + j.m.Slug)}
	token, err := h.s.Token(r.Context(), j.Entry)
	if err != nil {
		return err
	}
	v.Entry = f.URL("/entries/" + token)
	if j.Paid.Path != "" {
		v.Pay = f.URL(j.Paid.Path)
	}
	status := http.StatusOK
	switch {
	case j.Why != MayWatch:
		status = http.StatusForbidden
	case j.State == JoinOver:
		status = http.StatusGone
	case j.State == JoinSoon && !j.From.IsZero():
		if left := j.From.Sub(h.s.o.Now()); left < 12*time.Hour {
			v.Opens = int64(left/time.Second) + 1
		}
	}
	return web.ShowStatus(w, status, joinPage, f, v)
}

// ownOnline is what a page shows of taking part online, with the page it is on.
type ownOnline struct {
	F      *web.Frame
	Online OwnOnline
}

// WithFrame puts the page beside what it shows of taking part online.
func (v mineView) WithFrame(f *web.Frame) ownOnline { return ownOnline{f, v.Online} }

// online is what one's own page shows of taking part online, and the entry in words that can be read aloud.
func (h *Web) online(r *http.Request, p *ownPage) (OwnOnline, i18n.Text, error) {
	dressOnline(p.Frame)
	out, err := h.s.OwnOnline(r.Context(), p.o)
	return out, i18n.T(spoken.Say(p.o.Ref)), err
}

// ahead reports that a request only looks.
func ahead(r *http.Request) bool {
	purpose := strings.ToLower(r.Header.Get("Sec-Purpose") + r.Header.Get("Purpose") + r.Header.Get("X-Moz"))
	return r.Method != http.MethodGet || strings.Contains(purpose, "prefetch") || strings.Contains(purpose, "prerender") || strings.Contains(purpose, "preview")
}
