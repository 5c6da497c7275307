package event

import (
	"encoding/json"
	"html/template"

	"github.com/tsudoi/tsudoi/internal/kit/web"
)

// jsonLD describes the meeting to search engines, as schema.org's Event. It says only what is known: without a first day there is no Event.
func jsonLD(f *web.Frame, m *Stored) template.JS {
	if m.Start == "" {
		return ""
	}
	e := map[string]any{
		"@context": "https://schema.org", "@type": "Event", "@id": f.Abs("/meetings/"+m.Slug) + "#event",
		"name": f.In(m.Title), "url": f.Canonical(), "startDate": string(m.Start), "endDate": string(m.LastDay()),
		"eventStatus": "https://schema.org/EventScheduled", "image": f.Abs(f.Image), "inLanguage": string(f.Lang),
	}
	if f.Description != "" {
		e["description"] = f.Description
	}
	if where, mode := whereabouts(f, m); len(where) > 0 {
		e["location"] = where
		if mode != "" {
			e["eventAttendanceMode"] = "https://schema.org/" + mode
		}
	}
	var hosts []any
	for _, o := range m.Orgs {
		if o.Role == Host {
			org := map[string]any{"@type": "Organization", "name": f.In(o.Name)}
			if o.URL != "" {
				org["url"] = o.URL
			}
			hosts = append(hosts, org)
		}
	}
	if len(hosts) > 0 {
		e["organizer"] = hosts
	}
	if m.URL != "" {
		e["sameAs"] = m.URL
	}
	b, err := json.Marshal(e) // escapes <, > and &
	if err != nil {
		return ""
	}
	return template.JS(b) //nolint:gosec // JSON made by the encoder
}

// whereabouts are the places of a meeting: its venues, else its place in words, and the network where a part is online. How people
// attend is said only where the parts say it.
func whereabouts(f *web.Frame, m *Stored) (where []any, mode string) {
	online, onsite := false, false
	for _, p := range m.Parts {
		online, onsite = online || p.Online, onsite || p.Onsite
	}
	for _, v := range m.Venues {
		p := map[string]any{"@type": "Place", "name": f.In(v.Name)}
		if a := f.In(v.Address); a != "" {
			p["address"] = a
		}
		where = append(where, p)
	}
	if place := f.In(m.Place); len(where) == 0 && place != "" && (onsite || !online) {
		where = append(where, map[string]any{"@type": "Place", "name": place, "address": place})
	}
	switch {
	case online && onsite:
		mode = "MixedEventAttendanceMode"
	case online:
		mode = "OnlineEventAttendanceMode"
	case onsite:
		mode = "OfflineEventAttendanceMode"
	}
	if online {
		where = append(where, map[string]any{"@type": "VirtualLocation", "url": f.Canonical()})
	}
	return where, mode
}
