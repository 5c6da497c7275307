package app

import (
	"context"
	"net/url"
	"slices"
	"time"

	"github.com/tsudoi/tsudoi/internal/briefing"
	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/job"
	"github.com/tsudoi/tsudoi/internal/program"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// briefed is the programme as briefings know it.
type briefed struct {
	p             *program.Service
	base, version string
}

// Changes are the sessions that people have to be at another time or place for.
func (b briefed) Changes(ctx context.Context, m *event.Stored, from, to int) ([]briefing.Change, error) {
	list, before, after, err := b.p.Moved(ctx, m, from, to)
	if err != nil {
		return nil, err
	}
	var out []briefing.Change
	for _, x := range list {
		if isPause(before, x.Before) || isPause(after, x.After) {
			continue // a break that moves is nobody's duty
		}
		c := briefing.Change{Op: opOf(x.Op)}
		if x.After != nil {
			c.Session = briefedSession(m, after, x.After)
			c.Where = x.To
		} else {
			c.Session, c.Cancelled = briefedSession(m, before, x.Before), true
			c.Where, c.Path = x.From, ""
		}
		if x.Before != nil {
			was := briefedSession(m, before, x.Before)
			was.Where = x.From
			c.Was = &was.Place
			for _, s := range was.Speakers { // who spoke there is concerned as well
				if !slices.ContainsFunc(c.Speakers, func(n briefing.Named) bool { return n.Key == s.Key }) {
					c.Speakers = append(c.Speakers, s)
				}
			}
		}
		out = append(out, c)
	}
	return out, nil
}

// isPause reports whether a session is a break.
func isPause(d *interchange.Document, s *interchange.Session) bool {
	return s != nil && slices.ContainsFunc(d.Kinds, func(k interchange.Kind) bool { return k.Key == s.Kind && k.Pause })
}

func opOf(op program.Op) briefing.Op {
	switch op {
	case program.Added:
		return briefing.Added
	case program.Removed, program.Cancelled:
		return briefing.Cancelled
	case program.Restored:
		return briefing.Restored
	}
	return briefing.Moved
}

// briefedSession is a session of a document.
func briefedSession(m *event.Stored, d *interchange.Document, s *interchange.Session) briefing.Session {
	out := briefing.Session{
		GUID: s.GUID, Ref: s.Ref, Label: s.Code, Title: s.Title, Path: "/meetings/" + m.Slug + "/sessions/" + url.PathEscape(s.Ref),
		Cancelled: s.Status == interchange.Cancelled,
		Place:     briefing.Place{Start: s.Start, End: s.End, Day: s.Date, Room: s.Room, AllRooms: s.AllRooms},
	}
	add := func(as []interchange.Appearance) {
		for _, a := range as {
			i := slices.IndexFunc(d.Speakers, func(x interchange.Speaker) bool { return x.Key == a.Speaker })
			if i >= 0 && !slices.ContainsFunc(out.Speakers, func(n briefing.Named) bool { return n.Key == a.Speaker }) {
				out.Speakers = append(out.Speakers, briefing.Named{Key: a.Speaker, Name: d.Speakers[i].Name})
			}
		}
	}
	var walk func([]interchange.Part)
	walk = func(parts []interchange.Part) {
		for i := range parts {
			add(parts[i].Speakers)
			walk(parts[i].Parts)
		}
	}
	add(s.Speakers)
	walk(s.Parts)
	return out
}

// Sessions are those of the newest release.
func (b briefed) Sessions(ctx context.Context, m *event.Stored) ([]briefing.Session, error) {
	p, err := b.p.Programme(ctx, m.Slug)
	if err != nil {
		return nil, err
	}
	out := make([]briefing.Session, 0, len(p.Items))
	for _, it := range p.Items {
		if it.Type.Pause {
			continue
		}
		s := briefedSession(m, p.Doc, it.Session)
		if it.Where != nil {
			s.Where = it.Where.Name
		}
		out = append(out, s)
	}
	return out, nil
}

// Starrers are the people who starred some sessions while signed in.
func (b briefed) Starrers(ctx context.Context, r db.Reader, m *event.Stored, guids []string) (map[int64][]string, error) {
	return b.p.Starrers(ctx, r, m.ID, guids)
}

// Calendar writes what moves sessions in the calendars of those who have them there.
func (b briefed) Calendar(ctx context.Context, m *event.Stored) (briefing.Calendar, error) {
	c, err := b.p.Calendar(ctx, m, b.base, b.version)
	return briefing.Calendar(c), err
}

// Anonymous counts the stars of those who were not signed in.
func (b briefed) Anonymous(ctx context.Context, r db.Reader, slug string) (map[string]int, error) {
	all, err := b.p.Interest(ctx, r, slug)
	out := make(map[string]int, len(all))
	for guid, n := range all {
		out[guid] = n.Anonymous
	}
	return out, err
}

// newBriefings puts the feature together and lets it listen to releases.
func (a *App) newBriefings() *briefing.Service {
	s := briefing.New(a.DB, a.Events, briefing.Options{
		Programme: briefed{a.Programmes, a.Settings.Base(""), a.Version}, People: a.People, Registrants: registered{a}, Outbox: a.Outbox, Jobs: a.Jobs, Publish: a.Live.Publish, Now: a.now, Base: a.Settings.Base(""),
	})
	job.On(a.Jobs, "briefing.offer", func(ctx context.Context, e program.ProgrammeReleased) error {
		return s.Released(ctx, e.Meeting, e.From, e.To)
	})
	job.On(a.Jobs, "briefing.leave", s.Leave)
	a.Jobs.Every("briefing.sweep", 24*time.Hour, s.Sweep)
	return s
}
