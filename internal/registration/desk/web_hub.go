package desk

import (
	"net/http"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/registration"
)

var hubPage = web.NewPage[hubView](event.Mast, web.From(Files, "pages/hub.html"))

// hubView is where everything an organiser does about registration begins.
type hubView struct {
	Phase  registration.Phase
	Opens  time.Time
	Closes time.Time
	Doors  []hubDoor
	Public string
}

type hubDoor struct {
	URL          string
	Title, About string
}

// hubRoutes are the address at which everything begins.
func (h *Web) hubRoutes() []web.Route {
	return []web.Route{web.Private("/meetings/{slug}/registration/desk", web.Needs(event.MayReadFigures), h.hub)}
}

// hub leads to everything an organiser does about registration.
func (h *Web) hub(w http.ResponseWriter, r *http.Request) error {
	f, m, err := h.deskPage(r, "registration.desk.title")
	if err != nil {
		return err
	}
	base := "/meetings/" + m.Slug + "/registration"
	v := hubView{Phase: h.s.PhaseOf(m), Opens: m.Local(m.Opens), Closes: m.Local(m.Closes), Public: f.URL(base)}
	for _, d := range hubDoors() {
		if event.May(r.Context(), m.Slug, d.needs) {
			v.Doors = append(v.Doors, hubDoor{f.URL(base + d.path), f.T(d.title), f.T(d.title + "_about")})
		}
	}
	return web.Show(w, hubPage, f, v)
}

// hubEntry is a page of the organiser that the hub leads to. The words of its title end in _about for the sentence below it.
type hubEntry struct {
	path, title string
	needs       authz.Permission
}

// hubDoors are the pages that the hub leads to, in their order.
func hubDoors() []hubEntry {
	return []hubEntry{
		{"/setup", "registration.hub.setup", event.MayEditForm},
		{"/people", "registration.hub.people", event.MayReadEntries},
		{"/options", "registration.hub.options", event.MayReadEntries},
		{"/codes", "registration.hub.codes", event.MayEditForm},
		{"/online", "registration.hub.online", event.MayEditForm},
		{"/letters", "registration.hub.letters", event.MayEditEntries},
		{"/figures", "registration.hub.figures", event.MayReadFigures},
	}
}
