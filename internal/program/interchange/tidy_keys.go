package interchange

import (
	"regexp"
	"slices"
	"strconv"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// keys mends the keys that could not be stored, and what refers to them.
func (t *tidying) keys() {
	m := t.d.Meeting
	validKey := regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`).MatchString
	validPage := regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`).MatchString // stands in paths
	series := mended(t.n, "series", t.d.Series, validPage, func(s *event.Series) *string { return &s.Key })
	if m == nil {
		return
	}
	if m.Series = renamed(series, m.Series); m.Series != "" && !validPage(m.Series) {
		to := keyOf("series", m.Series)
		t.n.add("meeting", notKey(m.Series), "read as "+to)
		m.Series = to
	}
	mended(t.n, "part", m.Parts, validKey, func(p *event.Part) *string { return &p.Key })
	mended(t.n, "page", m.Pages, validPage, func(p *event.Page) *string { return &p.Slug })
	venues := mended(t.n, "venue", m.Venues, validKey, func(v *event.Venue) *string { return &v.Key })
	t.movedRooms = mended(t.n, "room", m.Rooms, validKey, func(r *event.Room) *string { return &r.Key })
	for i := range m.Rooms {
		m.Rooms[i].Venue = renamed(venues, m.Rooms[i].Venue)
	}
	figures := mended(t.n, "figure", m.Figures, validKey, func(f *event.Figure) *string { return &f.Key })
	for i := range m.Figures {
		m.Figures[i].Of = renamed(figures, m.Figures[i].Of)
	}
}

func notKey(key string) string {
	return "the key " + quote(key) + " is not made of a-z, 0-9 and - (64 at most)"
}

// mended replaces the keys of a list that are not valid by valid ones that no other element has, and returns the new keys by the old.
// An empty key stays: it is made from a name later.
func mended[T any](n *notes, what string, list []T, valid func(string) bool, key func(*T) *string) map[string]string {
	taken, out, times := map[string]bool{}, map[string]string{}, map[string]int{}
	for i := range list {
		taken[*key(&list[i])] = true
	}
	for i := range list {
		k := key(&list[i])
		if *k == "" || valid(*k) {
			continue
		}
		if out[*k] == "" {
			made := keyOf(what, *k)
			to := made
			for times[made]++; taken[to]; times[made]++ {
				to = made + "-" + strconv.Itoa(times[made]+1)
			}
			taken[to], out[*k] = true, to
			n.add(what, notKey(*k), "read as "+to)
		}
		*k = out[*k]
	}
	return out
}

// called gives what has a key and no name its key as a name, and leaves out organisations without one.
func (t *tidying) called(m *event.Meeting) {
	name := func(what, key string, name *i18n.Text) {
		if name.IsZero() {
			t.n.add(what+" "+key, "it has no name", "its key is taken")
			*name = i18n.Only(t.lang(), key)
		}
	}
	for i := range m.Parts {
		name("part", m.Parts[i].Key, &m.Parts[i].Title)
	}
	for i := range m.Venues {
		name("venue", m.Venues[i].Key, &m.Venues[i].Name)
	}
	for i := range m.Pages {
		name("page", m.Pages[i].Slug, &m.Pages[i].Title)
	}
	for i := range m.Figures {
		name("figure", m.Figures[i].Key, &m.Figures[i].Label)
	}
	m.Orgs = slices.DeleteFunc(m.Orgs, func(o event.Organisation) bool {
		if o.Name.IsZero() {
			t.n.add("organisation", "it has no name", "left out")
		}
		return o.Name.IsZero()
	})
}
