package program

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/tsudoi/tsudoi/internal/event"
	"github.com/tsudoi/tsudoi/internal/kit/db"
	"github.com/tsudoi/tsudoi/internal/kit/fault"
	"github.com/tsudoi/tsudoi/internal/kit/i18n"
	"github.com/tsudoi/tsudoi/internal/program/interchange"
)

// The service answers what the pages of a meeting ask about its programme.
var _ event.Programme = (*Service)(nil)

// ownWords are the words of this package, for sentences that are not on a page of their own.
var ownWords = sync.OnceValues(func() (*i18n.Words, error) { return i18n.NewWords(Files) })

// say writes a sentence in every language.
func say(key string, args ...any) (i18n.Text, error) {
	words, err := ownWords()
	if err != nil {
		return i18n.Text{}, err
	}
	return i18n.T(words.Say(i18n.JA, key, args...), words.Say(i18n.EN, key, args...)), nil
}

// byID is the programme of a meeting that is known by its row: one statement where nothing changed since the last call.
func (s *Service) byID(ctx context.Context, id event.MeetingID) (*Programme, error) {
	s.mu.Lock()
	c, ok := s.known[id]
	s.mu.Unlock()
	if ok {
		return s.Programme(ctx, c.programme.Meeting.Slug) // a slug is permanent
	}
	all, err := s.events.Meetings(ctx)
	if err != nil {
		return nil, err
	}
	for _, m := range all {
		if m.ID == id {
			return s.Programme(ctx, m.Slug)
		}
	}
	return &Programme{Meeting: &event.Stored{ID: id}, Doc: &interchange.Document{}}, nil
}

// Menu says which pages of the programme a meeting has.
func (s *Service) Menu(ctx context.Context, id event.MeetingID) (event.ProgrammeMenu, error) {
	p, err := s.byID(ctx, id)
	if err != nil {
		return event.ProgrammeMenu{}, err
	}
	return event.ProgrammeMenu{
		HasTimetable: slices.ContainsFunc(p.Days, func(d *Day) bool { return len(d.Items) > 0 }),
		HasSessions:  len(p.Items) > 0,
		HasSpeakers:  len(p.Speakers) > 0,
		Changes:      max(0, p.Releases-1),
	}, nil
}

// maxUpcoming is how many sessions an overview names as the next.
const maxUpcoming = 4

// Overview counts the sessions of a meeting: those that take place, each slot and its talks as one.
func (s *Service) Overview(ctx context.Context, id event.MeetingID) (event.Overview, error) {
	p, err := s.byID(ctx, id)
	if err != nil {
		return event.Overview{}, err
	}
	o := event.Overview{Total: p.Count()}
	n := map[string]int{}
	for _, it := range p.Items {
		if it.Status != interchange.Cancelled && it.Within == nil {
			n[it.Kind]++
		}
	}
	for _, k := range p.Kinds {
		if n[k.Key] > 0 {
			o.Kinds = append(o.Kinds, event.KindCount{Key: k.Key, Label: k.Label, Counts: k.Counts, Tint: k.Tint, N: n[k.Key]})
		}
	}
	for _, d := range p.Days {
		if len(d.Items) > 0 {
			o.Days = append(o.Days, event.DayCount{Day: d.Date, N: d.sessions()})
		}
	}
	o.Next = p.next(s.now())
	return o, nil
}

// sessions counts what takes place on the day, without the breaks.
func (d *Day) sessions() int {
	n := 0
	for _, it := range slices.Concat(d.Items, d.Dated) {
		if it.Status != interchange.Cancelled && !it.Type.Pause {
			n++
		}
	}
	return n
}

// next lists the sessions that start soonest from a moment on.
func (p *Programme) next(now time.Time) []event.Upcoming {
	var list []event.Upcoming
	for _, d := range p.Days {
		for _, it := range d.Items {
			if len(list) == maxUpcoming {
				return list
			}
			if it.Start.Before(now) || it.Status == interchange.Cancelled || it.Type.Pause {
				continue
			}
			u := event.Upcoming{Path: sessionURL(p.Meeting, it), Title: it.Title, Start: it.Start, End: it.End}
			if it.Where != nil {
				u.Room = it.Where.Name
			}
			list = append(list, u)
		}
	}
	return list
}

// WhatIsNew is what was released last over all meetings, each in one sentence: one statement.
func (s *Service) WhatIsNew(ctx context.Context, limit int) ([]event.News, error) {
	list, err := latestNews(ctx, s.db, limit)
	if err != nil {
		return nil, err
	}
	out := make([]event.News, len(list))
	for i, n := range list {
		what, err := sentence(n.number, n.changes)
		if err != nil {
			return nil, err
		}
		name := n.title
		if n.short != "" {
			name = i18n.T(n.short, n.short)
		}
		out[i] = event.News{When: n.at, Slug: n.slug, Meeting: name, What: what, Path: releaseURL(n.slug, n.number)}
	}
	return out, nil
}

// releaseURL is where a release is read about: what changed in it, or, for the first, the programme itself.
func releaseURL(slug string, number int) string {
	if number <= 1 {
		return "/meetings/" + slug + "/programme"
	}
	return "/meetings/" + slug + "/changes#r" + strconv.Itoa(number)
}

// sentence says what a release did: how many sessions it added, moved, cancelled and edited.
func sentence(number int, changes []Change) (i18n.Text, error) {
	if number <= 1 {
		return say("program.news.first")
	}
	counts := map[string]int{}
	for _, c := range changes {
		switch {
		case c.Op == Removed || c.Op == Cancelled:
			counts["cancelled"]++
		case c.Op == Edited && c.Moves():
			counts["moved"]++
		case c.Op == Edited:
			counts["edited"]++
		default:
			counts[string(c.Op)]++
		}
	}
	var ja, en []string
	for _, what := range []string{"added", "moved", "cancelled", "restored", "edited"} {
		if counts[what] == 0 {
			continue
		}
		t, err := say("program.news."+what, "n", counts[what])
		if err != nil {
			return t, err
		}
		ja, en = append(ja, t.JA), append(en, t.EN)
	}
	if len(ja) == 0 {
		return say("program.news.details")
	}
	return i18n.T(i18n.Join(i18n.JA, ja), i18n.Join(i18n.EN, en)), nil
}

// Addresses are the pages of every programme, for the sitemap: one statement beside that for the list of meetings.
func (s *Service) Addresses(ctx context.Context) ([]event.Address, error) {
	all, err := s.events.Meetings(ctx)
	if err != nil {
		return nil, err
	}
	meetings := make(map[event.MeetingID]*event.Stored, len(all))
	for _, m := range all {
		meetings[m.ID] = &event.Stored{ID: m.ID, Meeting: *m.Meeting}
	}
	var out []event.Address
	err = newestOfAll(ctx, s.db, meetings, func(m *event.Stored, rel Release, f *Frozen) {
		out = append(out, addresses(Build(m, rel, f, nil, s.Today(m)))...)
	})
	return out, err
}

// Reveal makes the public programme of a meeting findable, or, where the meeting is in draft, nothing of it.
func (s *Service) Reveal(ctx context.Context, tx *db.Tx, slug string) error {
	m, err := s.events.Load(ctx, tx, slug)
	if err != nil {
		return err
	}
	p, err := load(ctx, tx, m, s.Today(m))
	if err != nil {
		return err
	}
	return index(ctx, tx, p)
}

// CopyFrame gives a new meeting the kinds, topics and policy of another, and no session.
func (s *Service) CopyFrame(ctx context.Context, tx *db.Tx, from, to *event.Stored) error {
	frame, err := loadDraft(ctx, tx, from)
	if err != nil {
		return err
	}
	empty, err := loadDraft(ctx, tx, to)
	if err != nil {
		return err
	}
	made := *empty
	made.Kinds, made.Topics, made.Policy = frame.Kinds, frame.Topics, frame.Policy
	if err := saveDraft(ctx, tx, to.ID, empty, &made); err != nil {
		return err
	}
	return s.takeDraft(ctx, tx, to.Slug)
}

// NamedSession finds a session, as it is published or planned, by its code or its reference.
func (s *Service) NamedSession(ctx context.Context, slug, name string) (ref string, title i18n.Text, err error) {
	for _, read := range []func(context.Context, string) (*Programme, error){s.Programme, s.Planned} {
		p, err := read(ctx, slug)
		if err != nil {
			return "", i18n.Text{}, err
		}
		if it := p.Session(name); it != nil {
			return it.Ref, it.Title, nil
		}
	}
	return "", i18n.Text{}, fault.Missing()
}

func addresses(p *Programme) []event.Address {
	at := "/meetings/" + p.Meeting.Slug
	var out []event.Address
	add := func(path string, modified time.Time) {
		out = append(out, event.Address{Slug: p.Meeting.Slug, Path: path, Modified: modified})
	}
	timed := false
	for _, d := range p.Days {
		timed = timed || len(d.Items) > 0
	}
	if timed {
		add(at+"/timetable", p.Release.At)
	}
	if len(p.Items) > 0 {
		add(at+"/programme", p.Release.At)
	}
	if len(p.Speakers) > 0 {
		add(at+"/speakers", p.Release.At)
	}
	if p.Release.Number > 1 {
		add(at+"/changes", p.Release.At)
	}
	changed := map[string]time.Time{}
	for _, it := range p.Items {
		if it.Type.Pause {
			continue
		}
		modified := cmp.Or(it.Changed, p.Release.At)
		add(sessionURL(p.Meeting, it), modified)
		for _, c := range it.Cast {
			if modified.After(changed[c.Person.Key]) {
				changed[c.Person.Key] = modified
			}
		}
	}
	for _, sp := range p.Speakers {
		add(speakerURL(p.Meeting, sp), cmp.Or(changed[sp.Key], p.Release.At))
	}
	return out
}

// siteVersion is the version of everything that is shown of no single meeting.
func (s *Service) siteVersion(ctx context.Context) (int64, error) {
	return db.Version(ctx, s.db, event.SiteScope)
}

// releasesBetween lists what changed in a range of releases, newest first.
func (s *Service) releasesBetween(ctx context.Context, m *event.Stored, from, to int) ([]Release, error) {
	return releaseRange(ctx, s.db, m, from, to)
}
