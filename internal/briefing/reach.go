package briefing

import (
	"slices"
	"strconv"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/kit/mail"
)

// known is what is known of the people of a meeting when a briefing is made.
type known struct {
	grants     []event.Grant // held now
	teams      []event.Team
	contacts   []Contact
	posts      []Post
	starred    map[int64][]string // the guids that somebody starred
	registered map[int64][]string
}

// Lost is a speaker who is concerned and cannot be reached: nobody knows their account or address.
type Lost struct {
	Speaker  string // key
	Name     i18n.Text
	Sessions []string // guids
}

// reaching collects who is told of what.
type reaching struct {
	known
	people   map[int64]*Recipient
	contacts map[string]*Recipient // by key of the speaker
	lost     map[string]*Lost
	order    []*Recipient
	missed   []*Lost
}

// reach says who is concerned by changes, and why. Each person is in it once, with all that concerns them.
func reach(changes []Change, a *Audience, k known) ([]*Recipient, []*Lost) {
	r := &reaching{known: k, people: map[int64]*Recipient{}, contacts: map[string]*Recipient{}, lost: map[string]*Lost{}}
	for i := range changes {
		r.onDuty(&changes[i])
	}
	for _, g := range k.grants {
		byTeam := slices.ContainsFunc(k.teams, func(t event.Team) bool { return t.ID == g.Team && slices.Contains(a.Teams, t.Ref) })
		if byTeam || g.Object == "" && slices.Contains(a.Roles, g.Role) {
			r.tell(g.Person, Member, "")
		}
	}
	about := map[string]bool{}
	for i := range changes {
		about[changes[i].GUID] = true
	}
	r.audience(Registered, k.registered, about)
	r.audience(Starred, k.starred, about)
	return r.order, r.missed
}

// audience adds those who came by themselves, in the order of their accounts.
func (r *reaching) audience(d Duty, by map[int64][]string, about map[string]bool) {
	ids := make([]int64, 0, len(by))
	for id := range by {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		for _, guid := range by[id] {
			if about[guid] {
				r.tell(id, d, guid)
			}
		}
	}
}

// onDuty adds those who have something to do at a session.
func (r *reaching) onDuty(c *Change) {
	speak := 0
	for _, g := range r.grants {
		if g.Object == "" || g.Object != c.Ref && !c.hasSpeaker(g.Object) {
			continue
		}
		switch g.Role {
		case event.RoleSpeaker:
			r.tell(g.Person, Speaker, c.GUID)
			if g.Object == c.Ref {
				speak++
			}
		case event.RoleSessionOwner:
			r.tell(g.Person, Owner, c.GUID)
		case event.RoleSessionEditor:
			r.tell(g.Person, Editor, c.GUID)
		}
	}
	for _, s := range c.Speakers {
		r.speaker(s, c, speak >= len(c.Speakers))
	}
	for i := range r.posts {
		if p := &r.posts[i]; p.concerns(c) {
			r.post(p, c)
		}
	}
}

// speaker adds a speaker of the programme who has no account there: by the contact, else as somebody who cannot be reached, unless as many
// people hold the role of a speaker at the session as there are speakers.
func (r *reaching) speaker(s Named, c *Change, reached bool) {
	if speaks(r.grants, s.Key) {
		return
	}
	for i := range r.known.contacts {
		if k := &r.known.contacts[i]; k.Speaker == s.Key {
			r.write(k, s, c.GUID)
			return
		}
	}
	if reached {
		return
	}
	l := r.lost[s.Key]
	if l == nil {
		l = &Lost{Speaker: s.Key, Name: s.Name}
		r.lost[s.Key] = l
		r.missed = append(r.missed, l)
	}
	l.Sessions = append(l.Sessions, c.GUID)
}

// speaks reports whether somebody with an account is the speaker of a key: the object of their role is that key.
func speaks(grants []event.Grant, key string) bool {
	return slices.ContainsFunc(grants, func(g event.Grant) bool { return g.Role == event.RoleSpeaker && g.Object == key })
}

// post adds those who hold a post.
func (r *reaching) post(p *Post, c *Change) {
	if p.Person != 0 {
		r.tell(p.Person, p.Duty, c.GUID)
		return
	}
	for _, g := range r.grants {
		byTeam := p.Team != "" && slices.ContainsFunc(r.teams, func(t event.Team) bool { return t.ID == g.Team && t.Ref == p.Team })
		if byTeam || p.Role != "" && g.Object == "" && g.Role == p.Role {
			r.tell(g.Person, p.Duty, c.GUID)
		}
	}
}

// tell adds an account.
func (r *reaching) tell(person int64, d Duty, guid string) {
	one := r.people[person]
	if one == nil {
		one = &Recipient{Person: person, Key: "p" + strconv.FormatInt(person, 10)}
		r.people[person] = one
		r.order = append(r.order, one)
	}
	one.add(d, guid)
}

// write adds a contact.
func (r *reaching) write(k *Contact, s Named, guid string) {
	one := r.contacts[k.Speaker]
	if one == nil {
		one = &Recipient{Contact: k.ID, Key: "c" + k.Ref, Name: s.Name, Address: k.Address, Phone: k.Phone, Lang: k.Lang}
		if k.Name != "" {
			one.Name = i18n.T(k.Name, k.Name)
		}
		r.contacts[k.Speaker] = one
		r.order = append(r.order, one)
	}
	one.add(Speaker, guid)
}

func (r *Recipient) add(d Duty, guid string) {
	if !slices.Contains(r.Duties, d) {
		r.Duties = append(r.Duties, d)
	}
	if guid != "" && !slices.Contains(r.Sessions, guid) {
		r.Sessions = append(r.Sessions, guid)
	}
	r.Asks = r.Asks || d.Asks()
}

// chosen keeps those whose duties were chosen, and only for these.
func chosen(list []*Recipient, want []Duty) []*Recipient {
	var out []*Recipient
	for _, r := range list {
		own := slices.DeleteFunc(slices.Clone(r.Duties), func(d Duty) bool { return !slices.Contains(want, d) })
		if len(own) == 0 {
			continue
		}
		c := *r
		c.Duties, c.Asks = own, slices.ContainsFunc(own, Duty.Asks)
		out = append(out, &c)
	}
	return out
}

// addressed gives the accounts their names and addresses, drops whoever came by themselves and wants no letters, and unites those with one address: nobody gets two
// letters. An account goes before a contact.
func addressed(list []*Recipient, duty, star map[int64]mail.Address) []*Recipient {
	at := map[string]*Recipient{}
	var out []*Recipient
	slices.SortStableFunc(list, func(a, b *Recipient) int {
		return int(min(a.Contact, 1)) - int(min(b.Contact, 1))
	})
	for _, r := range list {
		if r.Person != 0 {
			a, ok := duty[r.Person]
			if !r.Asks {
				a, ok = star[r.Person]
			}
			if !ok && !r.Asks {
				continue
			}
			r.Address, r.Lang = a.Address, a.Lang
			if r.Name.IsZero() {
				r.Name = i18n.T(a.Name, a.Name)
			}
		}
		if r.Address == "" { // they learn of it on their own page, or by telephone
			out = append(out, r)
			continue
		}
		key := mail.Normal(r.Address)
		if first := at[key]; first != nil {
			for _, d := range r.Duties {
				first.add(d, "")
			}
			for _, s := range r.Sessions {
				first.add(r.Duties[0], s)
			}
			if first.Phone == "" {
				first.Phone = r.Phone
			}
			continue
		}
		at[key] = r
		out = append(out, r)
	}
	return out
}

// Counts are how many letters go to whom, each letter counted once.
type Counts map[Duty]int

// countOf counts recipients by the duty under which they are told.
func countOf(list []*Recipient) Counts {
	c := Counts{}
	for _, r := range list {
		c[r.Group()]++
	}
	return c
}

// All is the number of letters.
func (c Counts) All() int {
	n := 0
	for _, v := range c {
		n += v
	}
	return n
}
