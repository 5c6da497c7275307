package program

import (
	"cmp"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// listView is the whole programme as a list.
type listView struct {
	Groups  []listGroup
	N       int // sessions shown
	All     int // sessions there are
	By      string
	Ways    []way
	Filters []filter
	Active  []chosen
	Path    string // of the page without parameters, with its language prefix
	Nothing bool   // the meeting has no programme yet
	Slug    string // of the meeting, for the stars
}

// way is a way to group the list.
type way struct {
	Label   string
	URL     string
	Current bool
}

// listGroup are sessions under one heading.
type listGroup struct {
	ID    string
	Part  i18n.Text // named where another part of the meeting begins
	Name  i18n.Text
	Short i18n.Text // for the index
	Day   time.Time // of a group that is a day
	Tint  string    // of a group that is a kind
	Rows  []*row
	N     int    // sessions in it, talks within slots included
	Note  string // what all of its sessions lack, said once
}

// The ways to group the list; the first is the default.
var groupings = []string{"day", "kind", "topic", "language", "room"}

// unknown stands for a value that no session has. It is never one of the choices, so that it finds nothing.
const unknown = "?"

// listing is what the reader asked of the list.
type listing struct {
	selection
	by string
}

// listing reads the parameters. Those the page does not know are left out; values it does not know become one that finds nothing, so that
// the page says so, and the cache holds one such page and not as many as people may ask for.
func (p *Programme) listing(v url.Values) listing {
	l := listing{selection: p.selection(v), by: groupings[0]}
	if by := v.Get("by"); slices.Contains(groupings, by) {
		l.by = by
	}
	for name, to := range map[string]*string{"kind": &l.kind, "topic": &l.topic, "lang": &l.lang, "room": &l.room} {
		if strings.TrimSpace(v.Get(name)) != "" && *to == "" {
			*to = unknown
		}
	}
	return l
}

// values writes the listing as parameters, in a fixed order.
func (l listing) values() url.Values {
	v := l.selection.values()
	if l.by != groupings[0] {
		v.Set("by", l.by)
	}
	return v
}

// listURL is the path of the list with parameters.
func listURL(m *event.Stored, v url.Values) string {
	path := "/meetings/" + m.Slug + "/programme"
	if len(v) > 0 {
		path += "?" + v.Encode()
	}
	return path
}

// list shows the whole programme.
func (h *Web) list(w http.ResponseWriter, r *http.Request) error {
	q, err := h.open(r, "programme")
	if err != nil {
		return err
	}
	l := q.listing(r.URL.Query())
	return h.serve(w, r, q, l.values().Encode(), func(out io.Writer, f *web.Frame) error {
		v := q.list(l)
		f.Title = f.T("program.list.title", "meeting", q.Meeting.Name())
		f.Description = f.T("program.list.description", "meeting", q.Meeting.Name(), "n", v.All)
		f.NoIndex = len(v.Active) > 0
		f.Feeds = h.feeds(q)
		return listPage.Render(out, f, v)
	})
}

// list makes the view of the list.
func (q *request) list(l listing) listView {
	v := listView{Slug: q.Meeting.Slug, By: l.by, Path: q.Frame.URL(listURL(q.Meeting, nil)), Filters: q.filters(l.selection)}
	var items []*Item
	for _, it := range q.Items {
		if it.Type.Pause {
			continue
		}
		v.All++
		if l.matches(it) {
			items = append(items, it)
		}
	}
	v.N, v.Nothing = len(items), v.All == 0
	v.Active = q.chosen(l)
	for _, by := range groupings {
		if by != l.by && !q.groupable(by) {
			continue
		}
		other := l
		other.by = by
		v.Ways = append(v.Ways, other.link(q, by == l.by))
	}
	v.Groups = q.groups(l.by, items)
	return v
}

// link leads to the list as it is grouped.
func (l listing) link(q *request, current bool) way {
	return way{q.Frame.T("program.list.by." + l.by), q.Frame.URL(listURL(q.Meeting, l.values())), current}
}

// groupable reports whether a grouping would say anything.
func (q *request) groupable(by string) bool {
	switch by {
	case "kind":
		return len(q.Kinds) > 1
	case "topic":
		return len(q.Topics) > 0
	case "language":
		return slices.ContainsFunc(q.Items, func(it *Item) bool { return it.Language != "" })
	case "room":
		return slices.ContainsFunc(q.Items, func(it *Item) bool { return it.Where != nil })
	}
	return true
}

// chosen lists what is filtered, each with the address without it. A value that nobody knows is shown as such.
func (q *request) chosen(l listing) []chosen {
	f := q.Frame
	var out []chosen
	for _, c := range []struct{ name, value string }{{"kind", l.kind}, {"topic", l.topic}, {"lang", l.lang}, {"room", l.room}} {
		if c.value == "" {
			continue
		}
		v := l.values()
		v.Del(c.name)
		out = append(out, chosen{f.T("program.list."+c.name) + ": " + q.valueName(c.name, c.value), f.URL(listURL(q.Meeting, v))})
	}
	return out
}

// valueName is what the value of a filter is called.
func (q *request) valueName(name, value string) string {
	f := q.Frame
	switch name {
	case "kind":
		for _, k := range q.Kinds {
			if k.Key == value {
				return f.In(kindName(k))
			}
		}
	case "topic":
		for _, t := range q.Topics {
			if t.Key == value {
				return f.In(t.Label)
			}
		}
	case "lang":
		if value != unknown {
			return spoken(f, value)
		}
	case "room":
		if r := q.Meeting.Room(value); r != nil {
			return f.In(r.Name)
		}
	}
	return f.T("program.list.unknown")
}

// heading is where a session goes in a list: a key that tells groups apart, the order of the group, and the group without its rows.
type heading struct {
	key   string
	order int
	group listGroup
}

// groups puts sessions under headings, each in the order of the programme.
func (q *request) groups(by string, items []*Item) []listGroup {
	byKey := map[string]*heading{}
	var order []*heading
	members := map[string][]*Item{}
	for _, it := range items {
		for _, h := range q.headings(by, it) {
			if byKey[h.key] == nil {
				byKey[h.key] = &h
				order = append(order, &h)
			}
			members[h.key] = append(members[h.key], it)
		}
	}
	slices.SortStableFunc(order, func(a, b *heading) int { return cmp.Compare(a.order, b.order) })
	var out []listGroup
	var part *event.Part
	for i, h := range order {
		g := h.group
		g.ID, g.N, g.Rows = groupID(i), len(members[h.key]), q.nested(members[h.key], by != "day")
		if by == "day" {
			g.untimed()
		}
		if by == "day" && len(q.Meeting.Parts) > 1 {
			if p := q.Meeting.PartOf(event.Date(h.key)); p != nil && p != part {
				g.Part, part = p.Title, p
			}
		}
		out = append(out, g)
	}
	return out
}

// untimed says once, beside the name of a day, that no session of it has a time; that nothing has a day is said by the name.
func (g *listGroup) untimed() {
	if slices.ContainsFunc(g.Rows, func(r *row) bool { return r.At.Clock != "" }) {
		return
	}
	if !g.Day.IsZero() && len(g.Rows) > 0 {
		g.Note = g.Rows[0].At.Open
	}
	for _, r := range g.Rows {
		r.At.Open = ""
		for _, t := range r.Talks {
			t.At.Open = ""
		}
	}
}

// nested makes rows in which talks stand under their slot, where that is in the same group.
func (q *request) nested(items []*Item, days bool) []*row {
	rows := map[*Item]*row{}
	for _, it := range items {
		rows[it] = q.row(it)
		rows[it].ShowDay = days
	}
	var out []*row
	for _, it := range items {
		r := rows[it]
		if slot := rows[it.Within]; it.Within != nil && slot != nil {
			slot.Talks = append(slot.Talks, r.under(slot))
			continue
		}
		if it.Within != nil {
			r.Slot = it.Within.Title
		}
		out = append(out, r)
	}
	return out
}

// last is the order of the group of sessions that no other heading fits.
const last = 1 << 40

// headings says under which headings a session goes. It is more than one for a session of several topics.
func (q *request) headings(by string, it *Item) []heading {
	switch by {
	case "kind":
		i := slices.Index(q.Kinds, it.Type)
		if i < 0 {
			i = last
		}
		return []heading{{it.Kind, i, listGroup{Name: kindName(it.Type), Tint: tintOf(it)}}}
	case "topic":
		return q.topicHeadings(it)
	case "language":
		if it.Language == "" {
			return []heading{q.rest("program.list.no_language")}
		}
		name := same(spoken(q.Frame, it.Language))
		return []heading{{it.Language, languageOrder(it.Language), listGroup{Name: name}}}
	case "room":
		if name := placeOf(it); !name.IsZero() {
			return []heading{{"room " + name.String(), q.roomIndex(inRoom(it)), listGroup{Name: name}}}
		}
		return []heading{q.rest("program.list.no_room")}
	}
	return []heading{q.dayHeading(placed(it).Date)}
}

// inRoom is the session whose room holds for it.
func inRoom(it *Item) *Item {
	if it.Room == "" && !it.AllRooms && it.Within != nil {
		return it.Within
	}
	return it
}

func (q *request) dayHeading(date event.Date) heading {
	if date == "" {
		word := "program.session.no_date"
		if end := q.Meeting.LastDay(); end != "" && end < q.today {
			word = "program.session.no_date_past"
		}
		return q.rest(word)
	}
	at := date.Time(q.Meeting.Location())
	return heading{string(date), int(at.Unix() / 3600), listGroup{
		Name: same(q.Frame.Day(at)), Short: same(q.Frame.ShortDay(at)), Day: at,
	}}
}

func (q *request) topicHeadings(it *Item) []heading {
	if len(it.Subjects) == 0 {
		return []heading{q.rest("program.list.no_topic")}
	}
	var out []heading
	for _, t := range it.Subjects {
		out = append(out, heading{t.Key, slices.IndexFunc(q.Topics, func(o *interchange.Topic) bool { return o.Key == t.Key }), listGroup{Name: t.Label}})
	}
	return out
}

// rest is the heading of what fits under no other.
func (q *request) rest(word string) heading {
	return heading{unknown, last, listGroup{Name: same(q.Frame.T(word))}}
}

// languageOrder puts the languages in the order of the program, and those spoken together after them.
func languageOrder(langs string) int {
	i := slices.Index(i18n.Langs, i18n.Lang(langs))
	if i < 0 {
		i = len(i18n.Langs)
	}
	return i
}
