package briefing

import (
	"net/http"
	"slices"
	"strings"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/web"
)

var (
	contactsPage = web.NewPage[contactsView](event.Mast, web.From(Files, "pages/contacts.html", "pages/parts.html"))
	postsPage    = web.NewPage[postsView](event.Mast, web.From(Files, "pages/posts.html", "pages/parts.html"))
)

// contactsView are the speakers of a meeting with how to reach them.
type contactsView struct {
	Base    string
	List    []*SpeakerContact
	Missing int
	Open    string // key of the speaker whose form is open
	Typed   *Contact
	Problem *web.Problem
}

// contacts shows how to reach the speakers.
func (h *Web) contacts(w http.ResponseWriter, r *http.Request) error {
	return h.showContacts(w, r, r.URL.Query().Get("speaker"), nil, nil)
}

func (h *Web) showContacts(w http.ResponseWriter, r *http.Request, open string, typed *Contact, problem *web.Problem) error {
	p, err := h.open(r, "briefing.contacts.title")
	if err != nil {
		return err
	}
	v := contactsView{Base: p.base, Open: open, Typed: typed, Problem: problem}
	if v.List, err = h.s.Contacts(r.Context(), p.m.Slug); err != nil {
		return err
	}
	for _, c := range v.List {
		if !c.Account && c.Contact.Ref == "" {
			v.Missing++
		}
		if typed != nil && c.Key == typed.Speaker {
			c.Contact = *typed
		}
	}
	status := http.StatusOK
	if problem != nil {
		status = http.StatusUnprocessableEntity
	}
	return web.ShowStatus(w, status, contactsPage, p.Frame, v)
}

// saveContact stores how to reach a speaker.
func (h *Web) saveContact(w http.ResponseWriter, r *http.Request) error {
	p, err := h.open(r, "briefing.contacts.title")
	if err != nil {
		return err
	}
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	c := Contact{Speaker: form.Get("speaker"), Name: form.Get("name"), Address: form.Get("address"), Phone: form.Get("phone"), Lang: i18n.JA}
	if l, ok := i18n.ParseLang(form.Get("lang")); ok && form.Get("lang") != "" {
		c.Lang = l
	}
	if err := h.s.SaveContact(r.Context(), p.m.Slug, c); err != nil {
		problem, err := p.ProblemOf(err)
		if err != nil {
			return err
		}
		return h.showContacts(w, r, c.Speaker, &c, problem)
	}
	return web.Done(p.base + "/contacts#s-" + c.Speaker)
}

// postsView is who works where.
type postsView struct {
	Base    string
	List    []postRow
	Duties  []Duty
	Rooms   []tick
	Days    []tick
	People  []tick
	Teams   []tick
	Roles   []tick
	Problem *web.Problem
}

// postRow is a post in words.
type postRow struct {
	Post
	Place, When, Holder string
}

// posts shows who works where.
func (h *Web) posts(w http.ResponseWriter, r *http.Request) error { return h.showPosts(w, r, nil) }

func (h *Web) showPosts(w http.ResponseWriter, r *http.Request, problem *web.Problem) error {
	p, err := h.open(r, "briefing.posts.title")
	if err != nil {
		return err
	}
	v := postsView{Base: p.base, Duties: crew, Problem: problem}
	for n := range p.m.Rooms {
		v.Rooms = append(v.Rooms, tick{Value: p.m.Rooms[n].Key, Label: p.In(p.m.Rooms[n].Name)})
	}
	for _, d := range p.m.Days() {
		v.Days = append(v.Days, tick{Value: string(d), Label: p.ShortDay(d.Time(p.m.Location()))})
	}
	if err := h.holders(r, p, &v); err != nil {
		return err
	}
	list, names, err := h.s.Posts(r.Context(), p.m.Slug)
	if err != nil {
		return err
	}
	for _, x := range list {
		v.List = append(v.List, h.postRow(p, x, names, &v))
	}
	status := http.StatusOK
	if problem != nil {
		status = http.StatusUnprocessableEntity
	}
	return web.ShowStatus(w, status, postsPage, p.Frame, v)
}

// holders are those to whom a post can be given.
func (h *Web) holders(r *http.Request, p *page, v *postsView) error {
	staff, err := h.s.staff(r.Context(), p.m.Slug)
	if err != nil {
		return err
	}
	for ref, id := range staff.ids {
		v.People = append(v.People, tick{Value: "person:" + ref, Label: p.In(staff.names[id])})
	}
	slices.SortFunc(v.People, func(a, b tick) int { return strings.Compare(a.Label+a.Value, b.Label+b.Value) })
	teams, err := h.events.Teams(r.Context(), h.s.db, p.m.Slug)
	for _, t := range teams {
		v.Teams = append(v.Teams, tick{Value: "team:" + t.Ref, Label: p.In(t.Name)})
	}
	for n := range event.Roles {
		if role := &event.Roles[n]; role.Scope == event.InMeeting {
			v.Roles = append(v.Roles, tick{Value: "role:" + string(role.Key), Label: p.In(role.Name)})
		}
	}
	return err
}

func (h *Web) postRow(p *page, x Post, names map[int64]string, v *postsView) postRow {
	labelled := func(list []tick, value, other string) string {
		for _, t := range list {
			if t.Value == value {
				return t.Label
			}
		}
		return other
	}
	one := postRow{Post: x, Place: labelled(v.Rooms, x.Room, p.T("briefing.posts.every_room")), When: labelled(v.Days, string(x.Day), p.T("briefing.posts.every_day"))}
	switch {
	case x.Person != 0:
		one.Holder = names[x.Person]
	case x.Team != "":
		one.Holder = labelled(v.Teams, "team:"+x.Team, "—")
	default:
		one.Holder = labelled(v.Roles, "role:"+string(x.Role), string(x.Role))
	}
	return one
}

// savePost adds a post, or takes one away.
func (h *Web) savePost(w http.ResponseWriter, r *http.Request) error {
	p, err := h.open(r, "briefing.posts.title")
	if err != nil {
		return err
	}
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	if ref := form.Get("remove"); ref != "" {
		if err := h.s.DropPost(r.Context(), p.m.Slug, ref); err != nil {
			return err
		}
		return web.Done(p.base + "/posts")
	}
	x := Post{Duty: Duty(form.Get("duty")), Room: form.Get("room"), Day: event.Date(form.Get("day"))}
	kind, name, _ := strings.Cut(form.Get("holder"), ":")
	holder := ""
	switch kind {
	case "person":
		holder = name
	case "team":
		x.Team = name
	case "role":
		x.Role = event.RoleKey(name)
	}
	if err := h.s.AddPost(r.Context(), p.m.Slug, x, holder); err != nil {
		problem, err := p.ProblemOf(err)
		if err != nil {
			return err
		}
		return h.showPosts(w, r, problem)
	}
	return web.Done(p.base + "/posts")
}
