package program

import (
	"encoding/json"
	"html/template"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	picture "github.com/tsudoi/tsudoi/internal/kit/card"
	"github.com/tsudoi/tsudoi/internal/kit/markdown"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// jsonLD is the session as schema.org describes an Event, of what is public only. A session of which not even the day is known has none,
// as an Event needs a start.
func (q *request) jsonLD(it *Item) template.JS {
	f, t := q.Frame, q.times(it)
	if t.Day.IsZero() {
		return ""
	}
	ld := map[string]any{
		"@context": "https://schema.org", "@type": "Event", "name": f.In(it.Title), "url": f.Canonical(),
		"eventStatus": "https://schema.org/EventScheduled",
		"superEvent": map[string]any{
			"@type": "Event", "name": f.In(q.Meeting.Title), "url": f.Abs(f.URL("/meetings/" + q.Meeting.Slug)),
			"startDate": string(q.Meeting.Start), "endDate": string(q.Meeting.LastDay()),
		},
	}
	if t.Start.IsZero() {
		ld["startDate"] = string(placed(it).Date)
	} else {
		ld["startDate"] = f.ISO(t.Start)
		if t.End.After(t.Start) {
			ld["endDate"] = f.ISO(t.End)
		}
	}
	switch {
	case it.Status == interchange.Cancelled:
		ld["eventStatus"] = "https://schema.org/EventCancelled"
	case it.Was != nil && !it.Was.Start.Equal(it.Start):
		ld["eventStatus"], ld["previousStartDate"] = "https://schema.org/EventRescheduled", f.ISO(it.Was.Start)
	}
	if about := markdown.Plain(f.In(it.Abstract), 500); about != "" {
		ld["description"] = about
	}
	if langs := strings.Fields(it.Language); len(langs) > 0 {
		ld["inLanguage"] = langs
	}
	ld["image"] = f.Abs(f.Image)
	q.addPlace(ld, it)
	if who := performers(f, everyone(it)); len(who) > 0 {
		ld["performer"] = who
	}
	b, err := json.Marshal(ld) // escapes <, > and &, so that no text ends the script
	if err != nil {
		return ""
	}
	return template.JS(b) //nolint:gosec // JSON
}

// addPlace says where an Event is: in a room, online, or both.
func (q *request) addPlace(ld map[string]any, it *Item) {
	f := q.Frame
	var places []map[string]any
	room := it.Where
	if room == nil && it.Within != nil {
		room = it.Within.Where
	}
	mode := ""
	switch {
	case room != nil && room.Online:
		mode = "OnlineEventAttendanceMode"
	case room != nil:
		mode = "OfflineEventAttendanceMode"
		places = append(places, place(f, q.Meeting, room))
	case it.AllRooms && !q.Meeting.Place.IsZero():
		places = append(places, map[string]any{"@type": "Place", "name": f.In(q.Meeting.Place)})
	}
	for _, l := range it.Links {
		if l.Kind == interchange.LinkStream {
			places = append(places, map[string]any{"@type": "VirtualLocation", "url": l.URL})
			if mode == "OfflineEventAttendanceMode" {
				mode = "MixedEventAttendanceMode"
			}
		}
	}
	if mode != "" {
		ld["eventAttendanceMode"] = "https://schema.org/" + mode
	}
	if len(places) > 0 {
		ld["location"] = places
	}
}

func place(f *web.Frame, m *event.Stored, r *event.Room) map[string]any {
	p := map[string]any{"@type": "Place", "name": f.In(r.Name)}
	if v := m.Venue(r.Venue); v != nil {
		p["containedInPlace"] = map[string]any{"@type": "Place", "name": f.In(v.Name)}
		if !v.Address.IsZero() {
			p["address"] = f.In(v.Address)
		}
	}
	return p
}

func performers(f *web.Frame, people []*Person) []map[string]any {
	var list []map[string]any
	for _, p := range people {
		who := map[string]any{"@type": "Person", "name": f.In(p.Name)}
		if a := f.In(p.Affiliation); a != "" {
			who["affiliation"] = map[string]any{"@type": "Organization", "name": a}
		}
		list = append(list, who)
	}
	return list
}

// cardLife is how long others may keep the picture of a session.
const cardLife = time.Hour

// sessionCard draws the picture that other sites show beside a link to a session.
func (h *Web) sessionCard(w http.ResponseWriter, r *http.Request) error {
	q, it, err := h.openSession(r, "/card.png")
	if err != nil {
		return err
	}
	a := web.Answer{
		Key: "card " + q.Meeting.Slug + " " + string(q.Frame.Lang) + " " + it.Ref, Version: h.version(q.Programme), Type: "image/png",
		CacheControl: "public, max-age=" + seconds(cardLife), CORS: true,
	}
	return h.cache.Serve(w, r, a, func(out io.Writer) error { return picture.Draw(out, q.picture(it)) })
}

// picture says what stands on the picture of a session.
func (q *request) picture(it *Item) picture.Card {
	f := q.Frame
	foot := q.moment(q.times(it))
	if room := f.In(placeOf(it)); room != "" {
		foot = strings.TrimPrefix(foot+" · "+room, " · ")
	}
	c := picture.Card{
		Eyebrow: f.In(q.Meeting.Title), Title: f.In(it.Title), Subtitle: q.people(it, 4), Foot: foot,
		Mark: f.In(f.Site.Name), Accent: q.Meeting.Accent, Lang: it.Title.LangFor(f.Lang),
	}
	if it.Code != "" {
		c.Eyebrow += " · " + it.Code
	}
	if c.Subtitle == "" {
		c.Subtitle = f.In(it.Subtitle)
	}
	if it.Status == interchange.Cancelled {
		c.Foot = f.T("program.session.cancelled") + " · " + c.Foot
	}
	return c
}

func seconds(d time.Duration) string { return strconv.Itoa(int(d.Seconds())) }
