package briefing

import (
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/mail"
)

// openPeople finds a meeting, for those who may both write to its people and see how to reach them.
func (s *Service) openPeople(ctx context.Context, slug string) (*meeting, error) {
	if err := event.Require(ctx, slug, event.MayReadPeople); err != nil {
		return nil, err
	}
	return s.open(ctx, slug)
}

// SpeakerContact is a speaker of the programme with how to reach them.
type SpeakerContact struct {
	Named
	Account  bool // they have one
	Contact  Contact
	Sessions []*Session
}

// Contacts are the speakers of a meeting in the order of the programme, with how to reach them.
func (s *Service) Contacts(ctx context.Context, slug string) ([]*SpeakerContact, error) {
	m, err := s.openPeople(ctx, slug)
	if err != nil {
		return nil, err
	}
	list, err := s.o.Programme.Sessions(ctx, m.Stored)
	if err != nil {
		return nil, err
	}
	typed, err := contacts(ctx, s.db, m.ID)
	if err != nil {
		return nil, err
	}
	grants, err := s.events.Held(ctx, s.db, slug)
	if err != nil {
		return nil, err
	}
	at := map[string]*SpeakerContact{}
	var out []*SpeakerContact
	for i := range list {
		for _, n := range list[i].Speakers {
			c := at[n.Key]
			if c == nil {
				c = &SpeakerContact{Named: n, Account: speaks(grants, n.Key)}
				if k := slices.IndexFunc(typed, func(t Contact) bool { return t.Speaker == n.Key }); k >= 0 {
					c.Contact = typed[k]
				}
				at[n.Key] = c
				out = append(out, c)
			}
			c.Sessions = append(c.Sessions, &list[i])
		}
	}
	return out, nil
}

// SaveContact stores how to reach a speaker. Without an address and a number it is forgotten.
func (s *Service) SaveContact(ctx context.Context, slug string, c Contact) error {
	m, err := s.openPeople(ctx, slug)
	if err != nil {
		return err
	}
	list, err := s.o.Programme.Sessions(ctx, m.Stored)
	if err != nil {
		return err
	}
	known := slices.ContainsFunc(list, func(x Session) bool {
		return slices.ContainsFunc(x.Speakers, func(n Named) bool { return n.Key == c.Speaker })
	})
	if !known {
		return fault.Missing()
	}
	if err := c.check(); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		if c.Address == "" && c.Phone == "" {
			if err := dropContact(ctx, tx, m.ID, c.Speaker); err != nil {
				return err
			}
		} else {
			c.Ref = newRef()
			if err := putContact(ctx, tx, m.ID, &c, s.o.Now()); err != nil {
				return err
			}
		}
		if err := s.bump(ctx, tx, slug); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Scope: slug, Object: "speaker:" + c.Speaker, Action: "briefing.contact", At: s.o.Now()})
	})
}

// check cleans a contact and says what is wrong with it.
func (c *Contact) check() error {
	line := func(v string) string { return strings.Join(strings.Fields(strings.Map(visible, v)), " ") }
	c.Name, c.Address, c.Phone = line(c.Name), line(c.Address), line(c.Phone)
	switch {
	case utf8.RuneCountInString(c.Name) > maxSubject:
		return fault.New(fault.Invalid, "briefing.error.long").With("max", maxSubject).On("name")
	case len(c.Phone) > 60:
		return fault.New(fault.Invalid, "briefing.error.long").With("max", 60).On("phone")
	case c.Address != "" && mail.CheckAddress(c.Address) != nil:
		return fault.New(fault.Invalid, "briefing.error.address").On("address")
	}
	return nil
}

// visible drops what turns the direction of a text, or cannot be seen.
func visible(r rune) rune {
	if unicode.Is(unicode.Cf, r) || unicode.IsControl(r) && !unicode.IsSpace(r) {
		return -1
	}
	return r
}

// Posts are who works where in a meeting, with the names of people.
func (s *Service) Posts(ctx context.Context, slug string) ([]Post, map[int64]string, error) {
	m, err := s.open(ctx, slug)
	if err != nil {
		return nil, nil, err
	}
	list, err := posts(ctx, s.db, m.ID)
	if err != nil {
		return nil, nil, err
	}
	var ids []int64
	for _, p := range list {
		if p.Person != 0 {
			ids = append(ids, p.Person)
		}
	}
	a, err := accountsOf(ctx, s.db, ids, nil)
	names := map[int64]string{}
	if err == nil {
		for id, t := range a.names {
			names[id] = t.String()
		}
	}
	return list, names, err
}

// staff are the people who hold a role in a meeting, by public id: whom a post can be given to.
func (s *Service) staff(ctx context.Context, slug string) (*accounts, error) {
	if _, err := s.open(ctx, slug); err != nil {
		return nil, err
	}
	var ids []int64
	err := s.db.Read(ctx, func(r db.Reader) error {
		grants, err := s.events.Held(ctx, r, slug)
		for _, g := range grants {
			if g.Object == "" && !slices.Contains(ids, g.Person) {
				ids = append(ids, g.Person)
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return accountsOf(ctx, s.db, ids, nil)
}

// AddPost says who works somewhere. holder is the public id of somebody who holds a role in the meeting, and empty for a team or role.
func (s *Service) AddPost(ctx context.Context, slug string, p Post, holder string) error {
	m, err := s.open(ctx, slug)
	if err != nil {
		return err
	}
	if holder != "" {
		staff, err := s.staff(ctx, slug)
		if err != nil {
			return err
		}
		if p.Person = staff.ids[holder]; p.Person == 0 {
			return fault.New(fault.Invalid, "briefing.error.holder").On("holder")
		}
	}
	if err := s.checkPost(ctx, m, &p); err != nil {
		return err
	}
	p.Ref = newRef()
	return s.db.Write(ctx, func(tx *db.Tx) error {
		if err := addPost(ctx, tx, m.ID, &p); err != nil {
			return err
		}
		return s.changedPost(ctx, tx, slug, p.Ref, "briefing.post_added")
	})
}

// checkPost says what is wrong with a post.
func (s *Service) checkPost(ctx context.Context, m *meeting, p *Post) error {
	holders := 0
	for _, there := range []bool{p.Person != 0, p.Team != "", p.Role != ""} {
		if there {
			holders++
		}
	}
	switch {
	case !slices.Contains(crew, p.Duty):
		return fault.New(fault.Invalid, "briefing.error.duty").On("duty")
	case holders != 1:
		return fault.New(fault.Invalid, "briefing.error.holder").On("holder")
	case p.Room != "" && m.Room(p.Room) == nil:
		return fault.New(fault.Invalid, "briefing.error.room").On("room")
	case p.Day != "" && !slices.Contains(m.Days(), p.Day):
		return fault.New(fault.Invalid, "briefing.error.day").On("day")
	}
	if p.Role != "" {
		if r := event.RoleOf(p.Role); r == nil || r.Scope != event.InMeeting {
			return fault.New(fault.Invalid, "briefing.error.holder").On("holder")
		}
	}
	if p.Team != "" {
		teams, err := s.events.Teams(ctx, s.db, m.Slug)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(teams, func(t event.Team) bool { return t.Ref == p.Team }) {
			return fault.New(fault.Invalid, "briefing.error.holder").On("holder")
		}
	}
	return nil
}

// DropPost takes a post away.
func (s *Service) DropPost(ctx context.Context, slug, ref string) error {
	m, err := s.open(ctx, slug)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		ok, err := dropPost(ctx, tx, m.ID, ref)
		if err == nil && !ok {
			err = fault.Missing()
		}
		if err != nil {
			return err
		}
		return s.changedPost(ctx, tx, slug, ref, "briefing.post_removed")
	})
}

func (s *Service) changedPost(ctx context.Context, tx *db.Tx, slug, ref, action string) error {
	if err := s.bump(ctx, tx, slug); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{Scope: slug, Object: "post:" + ref, Action: action, At: s.o.Now()})
}
