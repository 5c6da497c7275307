package event

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
)

// Options are what the feature is given. Every field may be left out.
type Options struct {
	Pictures  Pictures                                           // nil: no pictures
	Programme Programme                                          // nil: meetings without programmes
	People    People                                             // nil: accounts without names
	Copier    ProgrammeCopier                                    // nil: a meeting made from another takes nothing of its programme
	Sessions  Sessions                                           // nil: no roles at sessions
	Outbox    Outbox                                             // nil: invitations are handed over by their links alone
	Entrance  func(ctx context.Context, m *Stored) (bool, error) // whether people see the meeting's registration; nil: there is none
	Base      string                                             // public address of the site, for links in letters
	Now       func() time.Time                                   // nil: the clock
}

// Service is the front door of the feature. It is safe for concurrent use.
type Service struct {
	db   *db.DB
	o    Options
	load singleflight.Group
	site atomic.Pointer[site]

	grants grantCache

	mu       sync.RWMutex
	meetings map[string]*Stored // by slug, as read last
}

// New makes the service; it does nothing yet.
func New(d *db.DB, o Options) *Service {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Service{db: d, o: o, meetings: map[string]*Stored{}, grants: grantCache{kept: map[int64]*kept{}}}
}

// UsePeople gives the service the people, which themselves need the service. It is called once, before the first request.
func (s *Service) UsePeople(p People) { s.o.People = p }

// UseCopier gives the service who copies the frame of a programme. It is called once, before the first request.
func (s *Service) UseCopier(c ProgrammeCopier) { s.o.Copier = c }

// UseSessions gives the service who knows the sessions. It is called once, before the first request.
func (s *Service) UseSessions(c Sessions) { s.o.Sessions = c }

// Use gives the service the programme, which itself needs the service. It is called once, before the first request.
func (s *Service) Use(p Programme) { s.o.Programme = p }

// UseEntrance gives the service who knows whether people see the registration of a meeting. It is called once, before the first request.
func (s *Service) UseEntrance(shown func(ctx context.Context, m *Stored) (bool, error)) {
	s.o.Entrance = shown
}

// registers reports whether a meeting has a page of registration.
func (s *Service) registers(ctx context.Context, m *Stored) (bool, error) {
	if s.o.Entrance == nil {
		return false, nil
	}
	return s.o.Entrance(ctx, m)
}

// Stored is a meeting as it is stored, with its lists. It is shared and must not be changed.
type Stored struct {
	ID      MeetingID
	Version int64 // of the meeting's scope
	Meeting
	ids  map[string][]int64 // row ids by table, in the order of the lists
	zone *time.Location     // looked up once: the system reads a file for it
}

// Location is the meeting's zone.
func (m *Stored) Location() *time.Location {
	if m.zone == nil {
		return m.Meeting.Location()
	}
	return m.zone
}

// RoomID is the row id of a room. It never leaves the program.
type RoomID int64

// RoomID finds the row id of a room by its key.
func (m *Stored) RoomID(key string) (RoomID, bool) {
	for i, r := range m.Rooms {
		if r.Key == key {
			return RoomID(m.ids["event_room"][i]), true
		}
	}
	return 0, false
}

// stored are the lists with the ids of their rows.
func (m *Stored) stored() []list {
	lists := m.lists()
	for _, l := range lists {
		for i := range l.rows {
			l.rows[i].id = m.ids[l.table][i]
		}
	}
	return lists
}

// Summary is a meeting as lists show it: without its lists, but with its hosts, its days and the names of its pages. It is shared and must not be changed.
type Summary struct {
	ID MeetingID
	*Meeting
	Hosts     []i18n.Text
	Dates     []Date // the days of its parts, in order
	PageSlugs []string
}

// defaultGroup is whose installation it is before anyone said so.
func defaultGroup() *Group {
	return &Group{Name: i18n.T("集い", "Tsudoi"), Languages: []i18n.Lang{i18n.JA, i18n.EN}, Timezone: defaultZone}
}

// current is the site at its newest version: one point query where that is the one in memory.
func (s *Service) current(ctx context.Context) (*site, error) {
	v, err := db.Version(ctx, s.db, SiteScope)
	if err != nil {
		return nil, err
	}
	if have := s.site.Load(); have != nil && have.version == v {
		return have, nil
	}
	got, err, _ := s.load.Do(fmt.Sprintf("site %d", v), func() (any, error) {
		var read *site
		err := s.db.Read(context.WithoutCancel(ctx), func(r db.Reader) (err error) {
			read, err = readSite(context.WithoutCancel(ctx), r)
			return err
		})
		if err == nil {
			s.site.Store(read)
		}
		return read, err
	})
	if err != nil {
		return nil, err
	}
	return got.(*site), nil
}

// Version is that of the site: it grows with every change of the group, of a series or of a meeting.
func (s *Service) Version(ctx context.Context) (int64, error) {
	return db.Version(ctx, s.db, SiteScope)
}

// Group is whose installation this is.
func (s *Service) Group(ctx context.Context) (*Group, error) {
	c, err := s.current(ctx)
	if err != nil {
		return nil, err
	}
	return c.group, nil
}

// Series are the series in their order.
func (s *Service) Series(ctx context.Context) ([]Series, error) {
	c, err := s.current(ctx)
	if err != nil {
		return nil, err
	}
	return c.series, nil
}

// Meetings are all meetings that who acts may know of, newest first.
func (s *Service) Meetings(ctx context.Context) ([]*Summary, error) {
	c, err := s.current(ctx)
	if err != nil {
		return nil, err
	}
	all := c.meetings
	for _, m := range c.drafts {
		if visible(ctx, m.Meeting) {
			all = append(slices.Clip(all), m)
		}
	}
	if len(all) > len(c.meetings) {
		slices.SortFunc(all, newest)
	}
	return all, nil
}

// Meeting is the meeting of a slug, or fault.Missing, also where who acts may not know of it: one point query where the newest version of
// it is in memory.
func (s *Service) Meeting(ctx context.Context, slug string) (*Stored, error) {
	m, err := s.any(ctx, slug)
	if err == nil && !visible(ctx, &m.Meeting) {
		return nil, fault.Missing()
	}
	return m, err
}

// visible reports whether who acts may know that a meeting is there: one in draft is for those who have a role in it.
func visible(ctx context.Context, m *Meeting) bool {
	if m.Phase != Draft {
		return true
	}
	a := authz.Who(ctx)
	return a.May(MayReadCommittee, m.Slug, "") || a.May(MaySpeak, m.Slug, authz.Any)
}

// any is the meeting of a slug, whoever asks.
func (s *Service) any(ctx context.Context, slug string) (*Stored, error) {
	if !slugPattern.MatchString(slug) {
		return nil, fault.Missing()
	}
	v, err := db.Version(ctx, s.db, MeetingScope(slug))
	if err != nil {
		return nil, err
	}
	if v == 0 {
		return nil, fault.Missing() // whatever stores a meeting raises its version
	}
	s.mu.RLock()
	m := s.meetings[slug]
	s.mu.RUnlock()
	if m != nil && m.Version == v {
		return m, nil
	}
	got, err, _ := s.load.Do(fmt.Sprintf("meeting %s %d", slug, v), func() (any, error) {
		return s.read(context.WithoutCancel(ctx), slug)
	})
	if err != nil {
		return nil, err
	}
	if m = got.(*Stored); m == nil {
		return nil, fault.Missing()
	}
	return m, nil
}

// read reads a meeting and its version on one state of the database, and keeps it unless a newer one is kept already.
func (s *Service) read(ctx context.Context, slug string) (m *Stored, err error) {
	err = s.db.Read(ctx, func(r db.Reader) error {
		v, err := db.Version(ctx, r, MeetingScope(slug))
		if err != nil {
			return err
		}
		if m, err = readMeeting(ctx, r, slug); m != nil {
			m.Version = v
		}
		return err
	})
	if err != nil || m == nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if have := s.meetings[slug]; have == nil || have.Version <= m.Version {
		s.meetings[slug] = m
	}
	return m, nil
}

// Apply stores what an import knows: exactly the difference to what is stored, and nothing where there is none. It returns the id of
// the meeting, or 0 for an import without one, and what differed. What cannot be stored as it is gives a fault.Invalid.
func (s *Service) Apply(ctx context.Context, tx *db.Tx, in Input) (MeetingID, []Change, error) {
	if err := in.valid(); err != nil {
		return 0, nil, err
	}
	if err := lock(ctx, tx); err != nil {
		return 0, nil, fmt.Errorf("wait for other imports: %w", err)
	}
	var changes []Change
	if in.Group != nil {
		c, err := writeGroup(ctx, tx, in.Group)
		if err != nil {
			return 0, nil, err
		}
		if changes = append(changes, c...); len(c) > 0 {
			if err := touchAll(ctx, tx); err != nil {
				return 0, nil, err
			}
		}
	}
	c, err := writeSeries(ctx, tx, in.Series)
	if err != nil {
		return 0, nil, err
	}
	changes = append(changes, c...)
	dirty := len(changes) > 0
	var id MeetingID
	if in.Meeting != nil {
		var wrote bool
		if id, c, wrote, err = s.applyMeeting(ctx, tx, in); err != nil {
			return 0, nil, fmt.Errorf("store the meeting %s: %w", in.Meeting.Slug, err)
		}
		changes = append(changes, c...)
		dirty = dirty || wrote
		if wrote {
			if err := errors.Join(db.Bump(ctx, tx, MeetingScope(in.Meeting.Slug)), index(ctx, tx, in.Meeting.Slug)); err != nil {
				return 0, nil, err
			}
			if err := s.reveal(ctx, tx, in.Meeting.Slug, c); err != nil {
				return 0, nil, err
			}
		}
	}
	if dirty {
		err = db.Bump(ctx, tx, SiteScope)
	}
	return id, changes, err
}

// reveal tells the programme where a meeting has come out of draft, or has gone back.
func (s *Service) reveal(ctx context.Context, tx *db.Tx, slug string, changes []Change) error {
	if s.o.Programme == nil || !slices.ContainsFunc(changes, func(c Change) bool {
		return c.Field == "phase" && (c.Before == string(Draft) || c.After == string(Draft))
	}) {
		return nil
	}
	return s.o.Programme.Reveal(ctx, tx, slug)
}

// applyMeeting stores the meeting of an import and its lists.
func (s *Service) applyMeeting(ctx context.Context, tx *db.Tx, in Input) (MeetingID, []Change, bool, error) {
	old, err := readMeeting(ctx, tx, in.Meeting.Slug)
	if err != nil {
		return 0, nil, false, err
	}
	var before *Meeting
	var stored []list
	if old != nil {
		before, stored = &old.Meeting, old.stored()
	}
	m := in.merge(before)
	if err := m.valid(); err != nil {
		return 0, nil, false, err
	}
	changes, err := nameSeries(ctx, tx, m.Series)
	if err != nil {
		return 0, nil, false, err
	}
	id, own, err := writeMeeting(ctx, tx, old, &m)
	if err != nil {
		return 0, nil, false, err
	}
	if err := s.followMeeting(ctx, tx, before, &m); err != nil {
		return 0, nil, false, err
	}
	of, wrote, err := writeLists(ctx, tx, id, stored, m.lists())
	return id, append(append(changes, own...), of...), wrote || len(own) > 0, err
}

// inUse turns a refusal by the database into a fault that names what cannot go.
func inUse(noun, label string, err error) error {
	if db.IsForeignKey(err) {
		return fault.New(fault.Conflict, "event.error.in_use").With("what", noun+" "+label).Because(err)
	}
	return errors.Join(fmt.Errorf("remove the %s %s", noun, label), err)
}
