package program

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// neighbours finds what is before and after it in the same room on that day, and what is on elsewhere at the same time. The neighbours
// of a talk are those in its slot.
func (v *sessionView) neighbours(q *request, it *Item) {
	if it.Within != nil {
		v.Previous, v.Next = q.around(it.Within.Talks, it)
		return
	}
	if !it.Timed() {
		return
	}
	var room []*Item
	for _, o := range q.Day(it.Date).Items {
		switch {
		case o == it, o.Where != nil && o.Where == it.Where && !o.Type.Pause && o.Status != interchange.Cancelled:
			room = append(room, o)
		case !o.Type.Pause && !o.AllRooms && o.Status != interchange.Cancelled && overlap(it, o):
			v.Parallel = append(v.Parallel, q.row(o))
		}
	}
	if it.Where != nil {
		v.Previous, v.Next = q.around(room, it)
	}
}

// around is what stands beside an item in a list.
func (q *request) around(list []*Item, it *Item) (before, after *row) {
	for i, o := range list {
		if o != it {
			continue
		}
		if i > 0 {
			before = q.row(list[i-1])
		}
		if i+1 < len(list) {
			after = q.row(list[i+1])
		}
	}
	return before, after
}

// overlap reports whether two sessions are on at the same time; one without a length is on at its start.
func overlap(a, b *Item) bool {
	return a.Start.Equal(b.Start) || a.Start.Before(b.End) && b.Start.Before(a.End)
}

// origin finds the session that this one reuses: an address elsewhere, or a session of the meeting that this one derives from. version
// names the state of that meeting, since the page shows a title of it.
func (h *Web) origin(r *http.Request, q *request, it *Item) (o *originView, version string) {
	switch {
	case it.Origin == "":
		return nil, ""
	case strings.HasPrefix(it.Origin, "http://"), strings.HasPrefix(it.Origin, "https://"):
		return &originView{URL: it.Origin}, ""
	case q.Meeting.DerivedFrom == "":
		return &originView{}, ""
	}
	from, err := h.programmes.Programme(r.Context(), q.Meeting.DerivedFrom)
	if err != nil {
		return &originView{}, ""
	}
	o, version = &originView{Meeting: from.Meeting.Name()}, fmt.Sprint("origin=", from.Meeting.Version)
	if s := from.Session(it.Origin); s != nil {
		o.Title, o.URL = s.Title, q.Frame.Abs(web.Address(q.Frame.Lang, from.Meeting.DefaultLang(), sessionURL(from.Meeting, s)))
	}
	return o, version
}
