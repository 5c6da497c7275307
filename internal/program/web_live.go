package program

import (
	"net/http"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// Streams answers with a stream of what happens to some topics.
type Streams interface {
	Serve(w http.ResponseWriter, r *http.Request, topics ...string) error
}

func (h *Web) liveRoutes() []web.Route {
	return []web.Route{web.Data("/meetings/{slug}/live", h.live)}
}

// live tells browsers when what the pages of a meeting show has changed.
func (h *Web) live(w http.ResponseWriter, r *http.Request) error {
	m, err := h.events.Meeting(r.Context(), r.PathValue("slug"))
	if err != nil {
		return err
	}
	if h.streams == nil {
		return fault.Missing()
	}
	return h.streams.Serve(w, r, event.MeetingScope(m.Slug))
}

// listens makes a page show by itself what is new. A meeting that is over changes no more in a hurry.
func (h *Web) listens(q *request) {
	m := q.Meeting
	if h.streams == nil || m.LastDay() != "" && m.LastDay() < q.today {
		return
	}
	q.Frame.Live = &web.Live{Topics: event.MeetingScope(m.Slug), URL: "/meetings/" + m.Slug + "/live", Version: m.Version, Refresh: true}
}
