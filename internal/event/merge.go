package event

import (
	"slices"
	"strings"

	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// Input is what an import knows.
type Input struct {
	Group   *Group
	Series  []Series
	Meeting *Meeting
	// Full says that the meeting is all there is. Else it comes from a format that knows only title, dates, zone and the names of
	// rooms: everything else that is stored is kept, and rooms are added but never removed.
	Full bool
	// RoomDetail says that a format that is not Full knows capacity, venue and location of rooms.
	RoomDetail bool
	// Only names the one language the texts are in, where the format has one: what is stored in the other is kept.
	Only i18n.Lang
}

// merge makes what is to be stored from what is stored (nil where nothing is) and what came in. Neither is changed.
func (in Input) merge(old *Meeting) Meeting {
	m := in.Meeting.normalised()
	if old == nil {
		return m
	}
	if !in.Full {
		return in.mergePart(*old, m)
	}
	if in.Only != "" {
		in.keepOther(old, &m)
	}
	if m.Phase == "" && old.Phase == Draft {
		m.Phase = Draft // a file that names no phase makes nothing public
	}
	return m
}

// mergePart lays what a foreign format knows over what is stored.
func (in Input) mergePart(old, m Meeting) Meeting {
	out := old.normalised()
	if !m.Title.IsZero() {
		out.Title = in.text(old.Title, m.Title)
	}
	if m.Timezone != "" {
		out.Timezone = m.Timezone
	}
	if m.Start != "" {
		out.Start, out.End, out.Month = m.Start, m.End, ""
		out.widen()
	}
	for _, r := range m.Rooms {
		have := out.Room(r.Key)
		if have == nil {
			if out.Venue(r.Venue) == nil {
				r.Venue = ""
			}
			out.Rooms = append(out.Rooms, r)
			continue
		}
		have.Name = in.text(have.Name, r.Name)
		if in.RoomDetail {
			in.roomDetail(have, r, &out)
		}
	}
	return out
}

func (in Input) roomDetail(have *Room, r Room, m *Meeting) {
	have.Location = in.text(have.Location, r.Location)
	have.Capacity, have.Online = r.Capacity, r.Online
	if r.Venue == "" || m.Venue(r.Venue) != nil {
		have.Venue = r.Venue
	}
}

// widen makes the span of the meeting hold the days of its parts: a foreign format names the days that have sessions, not those there are.
func (m *Meeting) widen() {
	for _, p := range m.Parts {
		for _, d := range p.Days {
			if d < m.Start {
				m.Start = d
			}
			if d > m.LastDay() {
				m.End = d
			}
		}
	}
}

// text is the text to store: both languages of the new one, or the old one with one language replaced.
func (in Input) text(old, now i18n.Text) i18n.Text {
	if in.Only == "" {
		return now
	}
	return now.With(in.Only.Other(), old.Exact(in.Only.Other()))
}

// keepOther puts the other language of what is stored beside what came in, wherever the two are about the same thing.
func (in Input) keepOther(old, m *Meeting) {
	keep(in.Only, old.columns(), m.columns())
	keepList(in.Only, old.Parts, m.Parts, func(p *Part) string { return p.Key })
	keepList(in.Only, old.Venues, m.Venues, func(v *Venue) string { return v.Key })
	keepList(in.Only, old.Rooms, m.Rooms, func(r *Room) string { return r.Key })
	keepList(in.Only, old.Orgs, m.Orgs, func(o *Organisation) string { return string(o.Role) + " " + o.Name.Exact(in.Only) })
	keepList(in.Only, old.Pages, m.Pages, func(p *Page) string { return p.Slug })
	keepList(in.Only, old.Links, m.Links, func(l *Link) string { return l.URL })
	keepList(in.Only, old.Figures, m.Figures, func(f *Figure) string { return f.Key })
}

func keepList[T any, P columned[T]](only i18n.Lang, old, now []T, key func(*T) string) {
	byKey, nth, again := map[string]*T{}, numbered{}, numbered{}
	for i := range old {
		byKey[nth.key(key(&old[i]))] = &old[i]
	}
	for i := range now {
		if o := byKey[again.key(key(&now[i]))]; o != nil {
			keep(only, P(o).columns(), P(&now[i]).columns())
		}
	}
}

func keep(only i18n.Lang, old, now []column) {
	for i, c := range now {
		if strings.HasSuffix(c.name, "."+string(only.Other())) {
			if to, ok := c.ptr.(*string); ok {
				*to = *old[i].ptr.(*string)
			}
		}
	}
}

// normalised is a copy that shares no list with m, with its texts clean and the days of each part in order. Empty lists are nil.
func (m *Meeting) normalised() Meeting {
	n := *m
	n.Languages = clone(m.Languages)
	n.Parts, n.Venues, n.Rooms, n.Orgs = clone(m.Parts), clone(m.Venues), clone(m.Rooms), clone(m.Orgs)
	n.Pages, n.Links, n.Figures = clone(m.Pages), clone(m.Links), clone(m.Figures)
	for i := range n.Parts {
		days := clone(n.Parts[i].Days)
		slices.Sort(days)
		n.Parts[i].Days = slices.Compact(days)
	}
	clean(n.columns())
	for _, l := range n.lists() {
		for _, r := range l.rows {
			clean(r.cols)
		}
	}
	return n
}

func clone[T any](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return slices.Clone(list)
}

// clean takes out what PostgreSQL cannot hold: broken UTF-8 and NUL.
func clean(cols []column) {
	for _, c := range cols {
		if s, ok := c.ptr.(*string); ok {
			*s = strings.ReplaceAll(strings.ToValidUTF8(*s, "\uFFFD"), "\x00", "")
		}
	}
}
