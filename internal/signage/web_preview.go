package signage

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// farAhead is until when a preview holds what it is a preview of.
const farAhead = 1000 * time.Hour

// previewed is the screen that a preview is of: one that is paired, or one that is made up of the address, with the moment that is looked at.
func (h *Web) previewed(r *http.Request, m *event.Stored) (*Screen, time.Time, error) {
	q := r.URL.Query()
	now := h.s.o.Now()
	if at := q.Get("at"); at != "" {
		t, err := time.ParseInLocation("2006-01-02T15:04", at, m.Location())
		if err != nil {
			return nil, now, fault.New(fault.Invalid, "signage.error.moment").On("at")
		}
		now = t
	}
	ref := r.PathValue("screen")
	if ref == "" {
		ref = q.Get("screen")
	}
	if ref != "" {
		sc, err := h.s.One(r.Context(), m.Slug, ref)
		if err != nil {
			return nil, now, err
		}
		own := *sc
		own.Identify = time.Time{}
		return &own, now, nil
	}
	look := lookOf(q)
	look.Name = m.Name().In(m.DefaultLang())
	if err := look.check(&m.Meeting); err != nil {
		return nil, now, err
	}
	sc := &Screen{Meeting: m.ID, Slug: m.Slug, Look: look}
	if ref := q.Get("notice"); ref != "" {
		sc.Hold, sc.HoldUntil = ref, now.Add(farAhead)
	}
	return sc, now, nil
}

// preview is the page of a screen as the desk sees it.
func (h *Web) preview(w http.ResponseWriter, r *http.Request) error {
	m, err := h.events.Meeting(r.Context(), r.PathValue("slug"))
	if err != nil {
		return err
	}
	sc, now, err := h.previewed(r, m)
	if err != nil {
		return err
	}
	f, err := h.events.Start(r, h.site, m)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	if r.PathValue("screen") != "" {
		q.Set("screen", sc.Ref)
	}
	f.Title = f.T("signage.preview_of", "name", sc.Look.Name)
	v := shell{State: h.path(r) + "/state.json?" + q.Encode(), App: h.app, Words: viewWords(h.site.Words)}
	if q.Get("at") != "" {
		v.At = now.UnixMilli()
		v.Note = f.T("signage.preview_at", "moment", f.Moment(now))
	}
	return web.Show(w, screenPage, f, v)
}

// previewState is what a preview shows.
func (h *Web) previewState(w http.ResponseWriter, r *http.Request) error {
	m, c, _, err := h.s.content(r.Context(), r.PathValue("slug"))
	if err != nil {
		return err
	}
	sc, now, err := h.previewed(r, m)
	if err != nil {
		return err
	}
	if r.URL.Query().Get("at") != "" {
		if c, err = h.s.build(r.Context(), m, now); err != nil {
			return err
		}
	}
	h.tellTime(w)
	return answer(w, c.state(sc, h.app))
}

// watched is what the desk follows: every screen with what it shows, and once what they have in common.
type watched struct {
	Now      int64                      `json:"now"`
	Override *overrideState             `json:"override,omitempty"`
	Meeting  json.RawMessage            `json:"meeting"`
	Notices  map[string]json.RawMessage `json:"notices"`
	Screens  []watchedScreen            `json:"screens"`
}

type watchedScreen struct {
	Screen  *screenState `json:"screen"`
	Notices []string     `json:"notices"`
	Quiet   bool         `json:"quiet"`
	Status  string       `json:"status"`
	Said    string       `json:"said"`
}

// watch is what the script of the desk reads every few seconds.
func (h *Web) watch(w http.ResponseWriter, r *http.Request) error {
	m, c, _, err := h.s.content(r.Context(), r.PathValue("slug"))
	if err != nil {
		return err
	}
	f, err := h.events.Start(r, h.site, m)
	if err != nil {
		return err
	}
	screens, err := h.s.Screens(r.Context(), m.Slug)
	if err != nil {
		return err
	}
	out := watched{Now: h.s.o.Now().UnixMilli(), Override: c.override, Meeting: c.meeting, Notices: c.rendered}
	for _, sc := range screens {
		st := c.state(sc, h.app)
		k := h.card(f, m, sc, c.notices)
		ws := watchedScreen{Screen: st.Screen, Quiet: k.Quiet || k.Never, Status: k.status(f), Said: k.Said, Notices: []string{}}
		for _, n := range c.notices {
			if n.Published && n.For(sc.Ref, sc.Look) || sc.Hold == n.Ref {
				ws.Notices = append(ws.Notices, n.Ref)
			}
		}
		out.Screens = append(out.Screens, ws)
	}
	return answer(w, out)
}

// status is the last sign of life, in words.
func (c card) status(f *web.Frame) string {
	switch {
	case c.Never:
		return f.T("signage.status.never")
	case c.Quiet:
		return f.T("signage.status.quiet", "time", c.Seen)
	}
	return f.T("signage.status.ok")
}
