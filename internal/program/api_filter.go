package program

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// filterNames are the query parameters by which sessions are chosen.
func filterNames() []string {
	return []string{"day", "room", "kind", "topic", "language", "status", "changed_since"}
}

// sessionFilter chooses sessions; an empty field chooses all of them.
type sessionFilter struct {
	day          event.Date
	room         string
	kind         string
	topic        string
	language     i18n.Lang
	status       string
	changedSince time.Time
}

// readFilter reads a filter. What names no day, room, kind or topic of the meeting is a mistake, not an empty list.
func readFilter(p *Programme, q url.Values) (sessionFilter, error) {
	f := sessionFilter{room: q.Get("room"), kind: q.Get("kind"), topic: q.Get("topic"), status: q.Get("status")}
	for _, c := range []struct {
		name  string
		known func() bool
	}{
		{"room", func() bool { return p.Meeting.Room(f.room) != nil }},
		{"kind", func() bool {
			return slices.ContainsFunc(p.Doc.Kinds, func(k interchange.Kind) bool { return k.Key == f.kind })
		}},
		{"topic", func() bool {
			return slices.ContainsFunc(p.Doc.Topics, func(t interchange.Topic) bool { return t.Key == f.topic })
		}},
	} {
		if q.Has(c.name) && !c.known() {
			return f, badParameter(c.name, "program.api.error.unknown")
		}
	}
	if q.Has("status") && f.status != apiConfirmed && f.status != apiCancelled {
		return f, badParameter("status", "program.api.error.status")
	}
	return f, f.readTimes(p, q)
}

func (f *sessionFilter) readTimes(p *Programme, q url.Values) error {
	if q.Has("language") {
		l, ok := i18n.ParseLang(q.Get("language"))
		if !ok {
			return badParameter("language", "program.api.error.language")
		}
		f.language = l
	}
	if q.Has("day") {
		f.day = event.Date(q.Get("day"))
		if !f.day.Valid() {
			return badParameter("day", "program.api.error.date")
		}
		if p.Day(f.day) == nil && !slices.Contains(p.Meeting.Days(), f.day) {
			return badParameter("day", "program.api.error.unknown")
		}
	}
	if q.Has("changed_since") {
		// A plus sign that nobody escaped arrives as a space.
		t, err := time.Parse(time.RFC3339, strings.Replace(q.Get("changed_since"), " ", "+", 1))
		if err != nil {
			return badParameter("changed_since", "program.api.error.moment")
		}
		f.changedSince = t
	}
	return nil
}

// all reports whether the filter chooses every session.
func (f sessionFilter) all() bool { return f == sessionFilter{} }

// takes reports whether the filter chooses a session. A session that spans all rooms is in each of them.
func (f sessionFilter) takes(it *Item) bool {
	return (f.day == "" || it.Date == f.day) &&
		(f.room == "" || it.Room == f.room || it.AllRooms) &&
		(f.kind == "" || it.Kind == f.kind) &&
		(f.topic == "" || slices.Contains(it.Topics, f.topic)) &&
		(f.language == "" || slices.Contains(strings.Fields(it.Language), string(f.language))) &&
		(f.status == "" || f.status == apiStatus(it.Status)) &&
		!it.Changed.Before(f.changedSince)
}
