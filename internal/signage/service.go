package signage

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/audit"
	"github.com/tsudoi/tsudoi/internal/kit/authz"
	"github.com/tsudoi/tsudoi/internal/kit/blob"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/limit"
)

// Pictures keeps the pictures of notices.
type Pictures interface {
	Put(ctx context.Context, data []byte) (blob.Name, error)
}

// Options are what the feature is given.
type Options struct {
	Timetable Timetable
	Pictures  Pictures
	Publish   func(topic string, version int64) // nil: nobody is told; screens ask by themselves
	Now       func() time.Time                  // nil: the clock
}

// Service is the front door of the feature. It is safe for concurrent use.
type Service struct {
	db     *db.DB
	events *event.Service
	o      Options

	load singleflight.Group
	mu   sync.Mutex
	made map[string]cached   // contents by slug
	life map[ScreenID]*heard // what screens said last
}

// cached is a content as it was made for a state of everything in it.
type cached struct {
	version string
	*content
}

// heard is what a screen said last, and when that was last stored.
type heard struct {
	Alive
	stored time.Time
}

// New makes the service; it does nothing yet.
func New(d *db.DB, events *event.Service, o Options) *Service {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Publish == nil {
		o.Publish = func(string, int64) {}
	}
	return &Service{
		db: d, events: events, o: o, made: map[string]cached{}, life: map[ScreenID]*heard{},
	}
}

// record writes into the audit log of a meeting, in the transaction of the change.
func record(ctx context.Context, tx *db.Tx, slug, object, action string, before, after map[string]string) error {
	return audit.Record(ctx, tx, audit.Entry{Action: action, Scope: slug, Object: object, Before: before, After: after})
}

// Topic is what those subscribe to who follow the screens of a meeting.
func Topic(slug string) string { return scope(slug) }

// change writes something that screens of a meeting show, and tells them after it is durable.
func (s *Service) change(ctx context.Context, m *event.Stored, fn func(tx *db.Tx) error) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		if err := db.Bump(ctx, tx, scope(m.Slug)); err != nil {
			return err
		}
		v, err := db.Version(ctx, tx, scope(m.Slug))
		tx.OnCommit(func() { s.o.Publish(Topic(m.Slug), v) })
		return err
	})
}

// Ask gives a waiting screen its code. The token is the one that the screen holds; one that is empty or unknown is replaced. A screen that is
// paired gets no code.
func (s *Service) Ask(ctx context.Context, token, from string) (held, code string, expires time.Time, err error) {
	now := s.o.Now()
	if sc, err := s.Screen(ctx, token); err != nil || sc != nil {
		return token, "", now, err
	}
	if len(token) < 26 || len(token) > 64 {
		token = newToken()
	}
	expires = now.Add(codeLife)
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		allowed, err := asksPerAddress.Allow(ctx, tx, countAsks, limit.Network(from), now)
		if err != nil {
			return err
		}
		waiting, err := countPairings(ctx, tx, now)
		if err != nil {
			return err
		}
		if !allowed || waiting >= maxWaiting {
			return fault.New(fault.TooMany, "signage.error.too_many_screens")
		}
		for range 20 {
			code = newCode()
			if done, err := savePairing(ctx, tx, code, hashToken(token), expires); done || err != nil {
				return err
			}
		}
		return errors.New("no free pairing code was found")
	})
	return token, code, expires, err
}

// Screen is the paired screen that holds a token, or nil.
func (s *Service) Screen(ctx context.Context, token string) (*Screen, error) {
	if token == "" || len(token) > 64 {
		return nil, nil
	}
	return screenOf(ctx, s.db, hashToken(token))
}

// Pair makes the screen that shows a code one of a meeting. A code is good once: of two desks that type it, one gets the screen.
func (s *Service) Pair(ctx context.Context, slug, typed string, look Look) (*Screen, error) {
	m, err := s.runs(ctx, slug)
	if err != nil {
		return nil, err
	}
	if err := look.check(&m.Meeting); err != nil {
		return nil, err
	}
	now := s.o.Now()
	if err := s.guess(ctx, slug, now); err != nil {
		return nil, err
	}
	code := parseCode(typed)
	if code == "" {
		return nil, invalid("signage.error.code_shape").On("code")
	}
	sc := &Screen{Ref: newRef(), Meeting: m.ID, Slug: slug, Look: look, PairedAt: now, Identify: now.Add(identifyFor)}
	err = s.change(ctx, m, func(tx *db.Tx) error {
		token, err := takePairing(ctx, tx, code, now)
		if err != nil {
			return err
		}
		if token == "" {
			return invalid("signage.error.code_unknown").On("code")
		}
		if err := addScreen(ctx, tx, sc, token); err != nil {
			return err
		}
		if err := errors.Join(limit.Forget(ctx, tx, countGuesses, authz.Who(ctx).Ref), limit.Forget(ctx, tx, countWrong, slug)); err != nil {
			return err
		}
		return record(ctx, tx, slug, "screen:"+sc.Ref, "signage.screen.paired", nil, look.fields())
	})
	if err != nil {
		return nil, err
	}
	return sc, nil
}

// guess counts a code that is typed, whatever comes of it: what is undone with a wrong code must not undo the count.
func (s *Service) guess(ctx context.Context, slug string, now time.Time) error {
	var person, meeting bool
	err := s.db.Write(ctx, func(tx *db.Tx) (err error) {
		meeting = false
		if person, err = guessesPerPerson.Allow(ctx, tx, countGuesses, authz.Who(ctx).Ref, now); err != nil || !person {
			return err
		}
		meeting, err = guessesPerMeeting.Allow(ctx, tx, countWrong, slug, now)
		return err
	})
	if err == nil && (!person || !meeting) {
		err = fault.New(fault.TooMany, "signage.error.too_many_codes").On("code")
	}
	return err
}

// runs is the meeting of a slug, for those who run its screens.
func (s *Service) runs(ctx context.Context, slug string) (*event.Stored, error) {
	if err := event.Require(ctx, slug, event.MayRunSignage); err != nil {
		return nil, err
	}
	return s.events.Meeting(ctx, slug)
}

// fields are a look as the audit log has it.
func (l Look) fields() map[string]string {
	return map[string]string{
		"name": l.Name, "area": l.Area, "mode": string(l.Mode), "room": l.Room, "languages": string(l.Languages), "theme": string(l.Theme), "turn": string(l.Turn),
	}
}

// content is what the screens of a meeting show now, and the name of its state.
func (s *Service) content(ctx context.Context, slug string) (*event.Stored, *content, string, error) {
	m, err := s.events.Meeting(ctx, slug)
	if err != nil {
		return nil, nil, "", err
	}
	own, err := db.Version(ctx, s.db, scope(slug))
	if err != nil {
		return nil, nil, "", err
	}
	now := s.o.Now()
	day := programmeDay(now.In(m.Location()), m.Boundary())
	version := fmt.Sprintf("%d/%d/%s", m.Version, own, day)
	s.mu.Lock()
	have := s.made[slug]
	s.mu.Unlock()
	if have.version == version {
		return m, have.content, version, nil
	}
	got, err, _ := s.load.Do(slug+" "+version, func() (any, error) { return s.build(context.WithoutCancel(ctx), m, now) })
	if err != nil {
		return nil, nil, "", err
	}
	c := got.(*content)
	s.mu.Lock()
	s.made[slug] = cached{version, c}
	s.mu.Unlock()
	return m, c, version, nil
}

// build reads everything the screens of a meeting show.
func (s *Service) build(ctx context.Context, m *event.Stored, now time.Time) (*content, error) {
	sessions, err := s.o.Timetable.Sessions(ctx, m)
	if err != nil {
		return nil, err
	}
	g, err := s.events.Group(ctx)
	if err != nil {
		return nil, err
	}
	accent := m.Accent
	if accent == "" {
		accent = g.Accent
	}
	var c *content
	err = s.db.Read(ctx, func(r db.Reader) error {
		notices, err := readNotices(ctx, r, m.ID, m.Location())
		if err != nil {
			return err
		}
		set, err := readSetting(ctx, r, m.ID)
		if err != nil {
			return err
		}
		over, err := readOverride(ctx, r, m.ID)
		if err != nil {
			return err
		}
		c, err = compose(m, accent, sessions, notices, set, over, now)
		return err
	})
	return c, err
}

// Hear takes what a screen says of itself. It is stored once a minute; what was said meanwhile is known to this process.
func (s *Service) Hear(ctx context.Context, sc *Screen, a Alive) error {
	if err := a.check(); err != nil {
		return err
	}
	a.At = s.o.Now()
	s.mu.Lock()
	h := s.life[sc.ID]
	if h == nil {
		h = &heard{stored: sc.Alive.At}
		s.life[sc.ID] = h
	}
	h.Alive = a
	due := a.At.Sub(h.stored) >= time.Minute || a.At.Before(h.stored)
	if due {
		h.stored = a.At
	}
	s.mu.Unlock()
	if !due {
		return nil
	}
	return s.db.Write(ctx, func(tx *db.Tx) error { return saveAlive(ctx, tx, sc.ID, a) })
}

// alive is the newest that is known of a screen.
func (s *Service) alive(sc *Screen) Alive {
	s.mu.Lock()
	defer s.mu.Unlock()
	if h := s.life[sc.ID]; h != nil && h.At.After(sc.Alive.At) {
		return h.Alive
	}
	return sc.Alive
}
